//! Strangers' files sealed over HTTP: what their fields demand, what seals they have already, what is told of it.

use super::support::{Answer, json, laboratory, send};
use http::StatusCode;
use laboratory::Laboratory;
use pades::{Document, SignatureKind};
use serde_json::Value;

/// A page with the field `Approval`, which has more entries, and one more page.
fn form(entries: &str) -> Vec<u8> {
    form_with(entries, "")
}

/// The same, the other page with these entries.
fn form_with(entries: &str, other_page: &str) -> Vec<u8> {
    file(&[
        "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [5 0 R] >> >>",
        "<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Annots 6 0 R >>",
        &format!("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] {other_page} >>"),
        &format!(
            "<< /Type /Annot /Subtype /Widget /FT /Sig /T (Approval) /F 132 /Rect [0 0 0 0] /P 3 0 R {entries} >>"
        ),
        "[5 0 R]",
    ])
}

/// A page without a form.
pub(super) fn letter() -> Vec<u8> {
    file(&[
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] >>",
    ])
}

fn file(objects: &[&str]) -> Vec<u8> {
    let mut pdf = b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (number, object) in (1..).zip(objects) {
        table += &format!("{:010} 00000 n \n", pdf.len());
        pdf.extend(format!("{number} 0 obj\n{object}\nendobj\n").bytes());
    }
    let (start, size) = (pdf.len(), objects.len() + 1);
    pdf.extend(format!("{table}trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n").bytes());
    pdf
}

async fn seal(laboratory: &Laboratory, query: &str, pdf: &[u8]) -> Answer {
    send(laboratory, "POST", &format!("/issuer/api/seals?{query}"), "application/pdf", pdf).await
}

fn told(sealed: &Answer) -> Value {
    assert_eq!(sealed.status(), StatusCode::OK, "{:?}", sealed.body());
    serde_json::from_str(sealed.headers()["eseal-seal"].to_str().unwrap()).unwrap()
}

fn refusal(refused: &Answer) -> String {
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "{:?}", refused.headers());
    json(refused)["error_description"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn required_seed_values_are_obeyed_or_refused_by_name() {
    let laboratory = laboratory().await;
    for (entries, query, refused_for) in [
        ("/TimeStamp << /Ff 1 /URL (http://tsa.test) >>", "level=B-B", Some("TimeStamp")),
        ("/TimeStamp << /Ff 1 /URL (http://tsa.test) >>", "level=B-T", None),
        ("/TimeStamp << /Ff 0 /URL (http://tsa.test) >>", "level=B-B", None),
        ("/Ff 64 /DigestMethod [/SHA1 /RIPEMD160]", "level=B-B", Some("DigestMethod")),
        ("/DigestMethod [/SHA1]", "level=B-B", None),
        ("/Ff 64 /DigestMethod [/SHA1 /SHA256]", "level=B-B", None),
        ("/Ff 32 /AddRevInfo true", "level=B-LT", Some("AddRevInfo")),
        ("/Ff 32 /AddRevInfo false", "level=B-LT", None),
        ("/Ff 8 /Reasons [(read) (approved)]", "level=B-B", Some("Reasons")),
        ("/Ff 8 /Reasons [(read) (approved)]", "level=B-B&reason=seen", Some("Reasons")),
        ("/Ff 8 /Reasons [(read) (approved)]", "level=B-B&reason=approved", None),
        ("/MDP << /P 0 >>", "level=B-B&certify=2", Some("MDP")),
        ("/MDP << /P 2 >>", "level=B-B&certify=2", None),
        ("/Cert << /Ff 1 /Subject [<3000>] >>", "level=B-B", Some("Cert/Subject")),
        ("/Cert << /Ff 2 /Issuer [<3000>] >>", "level=B-B", Some("Cert/Issuer")),
        ("/Cert << /Ff 4 /OID [(1.2.3.4)] >>", "level=B-B", Some("Cert/OID")),
        ("/Cert << /Ff 8 /SubjectDN [<< /O (Another University) >>] >>", "level=B-B", Some("Cert/SubjectDN")),
        ("/Cert << /Ff 8 /SubjectDN [<< /O (Another) >> << /2.5.4.10 (TESTBED University) >>] >>", "level=B-B", None),
        ("/Cert << /Ff 32 /KeyUsage [(XX1)] >>", "level=B-B", Some("Cert/KeyUsage")),
        ("/Cert << /Ff 32 /KeyUsage [(XX1) (X1XXX00)] >>", "level=B-B", None),
        ("/Cert << /Ff 64 /URL (http://asp.test) /URLType /ASSP >>", "level=B-B", Some("Cert/URL")),
        ("/Cert << /Ff 64 /URL (http://enrol.test) >>", "level=B-B", None),
        ("/Cert << /Subject [<3000>] /OID [(1.2.3.4)] /KeyUsage [(00)] >>", "level=B-B", None),
    ] {
        let pdf = form(&format!("/SV << /Type /SV {entries} >>"));
        let answer = seal(&laboratory, &format!("field=Approval&{query}"), &pdf).await;
        match refused_for {
            None => _ = told(&answer),
            Some(entry) => {
                let reason = refusal(&answer);
                assert!(reason.contains(&format!("seed value /{entry})")), "{entries}, {query}: {reason}");
            }
        }
    }
}

#[tokio::test]
async fn a_digest_that_the_field_demands_is_the_one_that_is_signed() {
    let laboratory = laboratory().await;
    for (entries, hexadecimal_digits) in [
        ("/Ff 64 /DigestMethod [/SHA512]", 128),
        ("/Ff 64 /DigestMethod [/SHA1 /SHA384 /SHA512]", 96),
        ("/DigestMethod [/SHA384]", 96),
        ("/Ff 64 /DigestMethod [/SHA512 /SHA256]", 64),
    ] {
        for credential in ["seal-p256", "seal-rsa2048"] {
            let pdf = form(&format!("/SV << {entries} >>"));
            let sealed = seal(&laboratory, &format!("field=Approval&level=B-T&credential={credential}"), &pdf).await;
            assert_eq!(told(&sealed)["document_digest"].as_str().unwrap().len(), hexadecimal_digits, "{entries}");
            let verdict =
                send(&laboratory, "POST", "/verifier/api/validations", "application/pdf", sealed.body()).await;
            assert_eq!(json(&verdict)["indication"], "TOTAL-PASSED", "{entries}: {}", json(&verdict));
        }
    }
}

#[tokio::test]
async fn a_wish_that_is_not_fulfilled_and_an_anomaly_that_is_covered_are_told() {
    let laboratory = laboratory().await;
    let pdf = form("/SV << /LegalAttestation [<FEFF8A3C660E>] /TimeStamp << /URL (http://tsa.test) >> >>");
    let sealed = seal(&laboratory, "field=Approval&level=B-T", &pdf).await;
    assert!(sealed.headers()["eseal-seal"].to_str().unwrap().is_ascii());
    let told = told(&sealed);
    let warnings: Vec<&str> = told["warnings"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
    assert!(warnings.iter().any(|one| one.contains("/LegalAttestation") && one.contains("証明")), "{warnings:?}");
    assert!(warnings.iter().any(|one| one.contains("/TimeStamp/URL")), "{warnings:?}");
    let plain = seal(&laboratory, "level=B-T", &letter()).await;
    assert_eq!(self::told(&plain)["warnings"], Value::Array(Vec::new()));
}

#[tokio::test]
async fn a_lock_or_certification_is_kept_at_every_level_and_forbids_the_next_seal() {
    let laboratory = laboratory().await;
    for level in ["B-B", "B-T", "B-LT", "B-LTA"] {
        let locked = form("/Lock << /Type /SigFieldLock /Action /All /P 1 >>");
        let cases = [
            (locked, "field=Approval", "lock"),
            (letter(), "certify=1", "certification"),
            (form("/SV << /MDP << /P 1 >> >>"), "field=Approval", "certification"),
        ];
        for (pdf, query, word) in cases {
            let sealed = seal(&laboratory, &format!("{query}&level={level}"), &pdf).await;
            told(&sealed);
            let verdict =
                send(&laboratory, "POST", "/verifier/api/validations", "application/pdf", sealed.body()).await;
            assert_eq!(json(&verdict)["indication"], "TOTAL-PASSED", "{level} {query}: {}", json(&verdict));
            let again = refusal(&seal(&laboratory, "level=B-B&force=true", sealed.body()).await);
            assert!(again.contains("`Seal") && again.contains(word), "{level} {query}: {again}");
        }
    }
    let late = seal(&laboratory, "level=B-B", &letter()).await;
    let late = refusal(&seal(&laboratory, "level=B-B&certify=2", late.body()).await);
    assert!(late.contains("must be the first signature"), "{late}");
    assert_eq!(seal(&laboratory, "certify=4", &letter()).await.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_file_with_archive_time_stamps_is_sealed_again_at_every_level() {
    let laboratory = laboratory().await;
    let once = seal(&laboratory, "level=B-LTA", &letter()).await.into_body();
    for (level, added) in [("B-B", 1), ("B-T", 1), ("B-LT", 1), ("B-LTA", 2)] {
        let twice = seal(&laboratory, &format!("level={level}"), &once).await;
        told(&twice);
        let thrice = seal(&laboratory, "level=B-LTA", twice.body()).await;
        told(&thrice);
        let document = Document::parse(thrice.body().to_vec()).unwrap();
        let signatures = document.signatures();
        assert_eq!(signatures.len(), 2 + added + 2, "{level}");
        let mut names: Vec<&str> = signatures.iter().map(|signature| signature.field.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), signatures.len(), "{level}: {names:?}");
        let store = pades::security_store::read(document.latest()).unwrap().unwrap();
        let known: Vec<&str> = store.vri.iter().map(|(key, _)| key.as_str()).collect();
        for signature in signatures.iter().filter(|signature| signature.kind == SignatureKind::Seal) {
            let key = pades::security_store::vri_key(&signature.contents);
            let stored = known.contains(&key.as_str());
            assert_eq!(
                stored,
                signature.field != "Seal2" || ["B-LT", "B-LTA"].contains(&level),
                "{level}: {}",
                signature.field
            );
        }
    }
}

#[tokio::test]
async fn a_seal_that_harms_an_earlier_one_is_refused_and_with_force_told() {
    let laboratory = laboratory().await;
    // Both pages share one array of annotations: a new widget changes the other page too.
    let first = seal(&laboratory, "field=Approval&level=B-B", &form_with("", "/Annots 6 0 R")).await;
    told(&first);
    let reason = refusal(&seal(&laboratory, "level=B-B", first.body()).await);
    assert!(reason.contains("field Approval") && reason.contains("TOTAL-FAILED"), "{reason}");
    let forced = told(&seal(&laboratory, "level=B-B&force=true", first.body()).await);
    let warnings = forced["warnings"].to_string();
    assert!(warnings.contains("harms an earlier one") && warnings.contains("Approval"), "{warnings}");
}

#[tokio::test]
async fn a_seal_over_one_that_fails_already_says_so() {
    let laboratory = laboratory().await;
    let mut broken = seal(&laboratory, "level=B-B", &letter()).await.into_body().to_vec();
    let place = broken.windows(9).position(|window| window == b"[0 0 300 ").unwrap();
    broken[place + 5] = b'4';
    let warnings = told(&seal(&laboratory, "level=B-B", &broken).await)["warnings"].to_string();
    assert!(warnings.contains("a seal that fails") && warnings.contains("HASH_FAILURE"), "{warnings}");
}
