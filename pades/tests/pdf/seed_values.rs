//! Seed values: each entry obeyed or refused by its name, and what is left to the caller.

use crate::support::{Pdf, last_revision, plain_seal, seal};
use pades::{Document, Error, Force, Permission, Placement, SealKind};

fn seeded(entries: &str) -> Vec<u8> {
    let field = "<< /FT /Sig /T (Second) /Type /Annot /Subtype /Widget /F 132 /Rect [0 0 0 0] /P 3 0 R /SV 10 0 R >>";
    Pdf::with_fields().set(7, field).set(10, &format!("<< /Type /SV {entries} >>")).table()
}

fn with_reason(reason: Option<&str>) -> SealKind<'_> {
    SealKind::Seal { at: "2026-04-01T09:00:00Z".parse().unwrap(), name: None, reason, location: None }
}

fn prepare(entries: &str, kind: SealKind<'_>) -> Result<pades::Prepared, Error> {
    crate::support::prepare(&seeded(entries), Placement::Field("Second"), kind, 64)
}

/// The entry that refuses a plain seal.
fn refusing(entries: &str) -> String {
    match prepare(entries, plain_seal()) {
        Err(Error::SeedValue { field, entry, .. }) => {
            assert_eq!(field, "Second");
            entry
        }
        other => panic!("{entries}: {other:?}"),
    }
}

fn warnings(entries: &str) -> Vec<String> {
    prepare(entries, plain_seal()).unwrap().warnings().iter().map(ToString::to_string).collect()
}

#[test]
fn what_is_required_and_cannot_be_obeyed_is_refused_and_as_a_wish_told() {
    for (bit, entry, value) in [
        (1, "Filter", "/Entrust.PPKEF"),
        (2, "SubFilter", "[/adbe.pkcs7.detached /adbe.pkcs7.sha1]"),
        (2, "SubFilter", "[]"),
        (3, "V", "4"),
        (3, "V", "3.5"),
        (4, "Reasons", "[(approved) (seen)]"),
        (5, "LegalAttestation", "[(attested)]"),
        (8, "LockDocument", "/sometimes"),
        (9, "AppearanceFilter", "(Picture)"),
    ] {
        assert_eq!(refusing(&format!("/Ff {} /{entry} {value}", 1 << (bit - 1))), entry);
        let others = ((1 << 9) - 1) & !(1 << (bit - 1)) & !8; // without Reasons: required and absent is a rule too
        let told = warnings(&format!("/Ff {others} /{entry} {value}"));
        assert!(
            matches!(told.as_slice(), [one] if one.contains(&format!("seed value /{entry})"))),
            "{entry}: {told:?}"
        );
    }
}

#[test]
fn what_is_required_and_obeyed_says_nothing() {
    for entries in [
        "",
        "/Ff 1 /Filter /Adobe.PPKLite",
        "/Ff 2 /SubFilter [/adbe.pkcs7.detached /ETSI.CAdES.detached]",
        "/Ff 2 /SubFilter [(ETSI.CAdES.detached) null]",
        "/Ff 4 /V 1",
        "/Ff 4 /V 3.0",
        "/Ff 128 /LockDocument /false",
        "/Ff 128 /LockDocument /auto",
        "/MDP << /P 0 >>",
        "/MDP << >>",
        "/Ff 0 /SubFilter 99 0 R /Reasons null",
    ] {
        assert_eq!(warnings(entries), Vec::<String>::new(), "{entries}");
    }
}

#[test]
fn what_cannot_be_understood_is_refused() {
    for (entries, entry) in [
        ("/Ff 512", "Ff"),
        ("/Ff (2)", "Ff"),
        ("/Filter 7", "Filter"),
        ("/SubFilter [7]", "SubFilter"),
        ("/MDP << /P 4 >>", "MDP"),
        ("/MDP /P", "MDP"),
        ("/MDP << /P (1) >>", "MDP/P"),
        ("/Cert << /Ff 128 >>", "Cert/Ff"),
        ("/Cert << /SignaturePolicyOID (1.2.3) >>", "Cert/SignaturePolicyOID"),
        ("/TimeStamp << /Ff 2 >>", "TimeStamp/Ff"),
    ] {
        assert_eq!(refusing(entries), entry, "{entries}");
    }
    let twice = prepare("/Filter /Adobe.PPKLite /Filter /Other", plain_seal()).unwrap_err();
    assert!(matches!(twice, Error::TwoReadings { .. }), "{twice}");
    let not_a_dictionary = Pdf::with_fields().set(7, "<< /FT /Sig /T (Second) /SV [] >>").table();
    let refused = crate::support::prepare(&not_a_dictionary, Placement::Field("Second"), plain_seal(), 64).unwrap_err();
    assert!(matches!(refused, Error::Damaged { .. }), "{refused}");
}

#[test]
fn a_reason_is_one_of_those_that_are_required() {
    let reason = |entries: &str, reason: Option<&str>| {
        let sealed = prepare(entries, with_reason(reason))?.embed(b"CMS")?;
        Ok(Document::parse(sealed)?.signatures().remove(0).reason)
    };
    let two = "/Ff 8 /Reasons [(approved) <FEFF5B666821>]";
    assert_eq!(reason(two, Some("学校")), Ok(Some("学校".into())));
    for (entries, given) in [
        (two, None),
        (two, Some("other")),
        ("/Ff 8 /Reasons [(only)]", Some("other")),
        ("/Ff 8 /Reasons [(.)]", Some("other")),
        ("/Ff 8", Some("other")),
    ] {
        let refused: Result<Option<String>, Error> = reason(entries, given);
        assert!(
            matches!(&refused, Err(Error::SeedValue { entry, .. }) if entry == "Reasons"),
            "{entries}: {refused:?}"
        );
    }
    for entries in ["/Ff 8 /Reasons [(only)]", "/Reasons [(only)]"] {
        assert_eq!(reason(entries, None), Ok(Some("only".into())), "{entries}");
    }
    for entries in ["/Ff 8 /Reasons [(.)]", "/Ff 8 /Reasons []", "/Ff 8"] {
        assert_eq!(reason(entries, None), Ok(None), "{entries}");
    }
    assert_eq!(reason("/Reasons [(approved)]", Some("other")), Ok(Some("other".into())));
    assert_eq!(reason("", Some("other")), Ok(Some("other".into())));
}

#[test]
fn a_certification_is_made_where_the_field_demands_one() {
    for p in 1..=3 {
        let entries = format!("/MDP << /P {p} >>");
        let prepared = prepare(&entries, plain_seal()).unwrap();
        assert!(prepared.warnings()[0].to_string().contains("/MDP"), "{:?}", prepared.warnings());
        let certified = prepared.embed(b"CMS").unwrap();
        assert_eq!(Document::parse(certified.as_slice()).unwrap().signatures()[0].certification, Some(p));
        assert!(last_revision(&certified).contains("/Perms << /DocMDP "));
        let again = crate::support::prepare(&certified, Placement::Field("Seal"), plain_seal(), 64);
        assert_eq!(again.is_ok(), p > 1);
    }
    let certification = SealKind::Certification {
        permission: Permission::FormsAndSignatures,
        at: "2026-04-01T09:00:00Z".parse().unwrap(),
        name: None,
        reason: None,
        location: None,
    };
    for entries in ["/MDP << /P 0 >>", "/MDP << /P 1 >>"] {
        let refused = prepare(entries, certification).unwrap_err();
        assert!(matches!(&refused, Error::SeedValue { entry, .. } if entry == "MDP"), "{refused}");
    }
    prepare("/MDP << /P 2 >>", certification).unwrap();
    let sealed = seal(&seeded("/MDP << /P 1 >>"), Placement::Field("Seal"), plain_seal());
    let late = crate::support::prepare(&sealed, Placement::Field("Second"), plain_seal(), 64).unwrap_err();
    assert_eq!(late, Error::CertificationLate { by: "Seal".into() });
}

#[test]
fn a_document_is_locked_where_the_field_demands_it() {
    for entries in ["/Ff 128 /LockDocument /true", "/LockDocument true"] {
        let prepared = prepare(entries, plain_seal()).unwrap();
        assert_eq!(prepared.warnings().len(), 1);
        let locked = prepared.embed(b"CMS").unwrap();
        let text = last_revision(&locked);
        assert!(text.contains("/Lock << /Type /SigFieldLock /Action /All /P 1 >>"), "{text}");
        assert!(text.contains("/TransformMethod /FieldMDP"), "{text}");
        let refused = crate::support::prepare(&locked, Placement::Field("Seal"), plain_seal(), 64).unwrap_err();
        assert!(matches!(refused, Error::SealForbidden { .. }), "{refused}");
    }
    let contradicting = Pdf::with_fields()
        .set(7, "<< /FT /Sig /T (Second) /Lock << /Action /All /P 1 >> /SV << /Ff 128 /LockDocument /false >> >>")
        .table();
    let refused = crate::support::prepare(&contradicting, Placement::Field("Second"), plain_seal(), 64).unwrap_err();
    assert!(matches!(&refused, Error::SeedValue { entry, .. } if entry == "LockDocument"), "{refused}");
}

#[test]
fn what_only_the_signer_can_satisfy_is_handed_to_the_caller() {
    let entries = "/Ff 96 /DigestMethod [/SHA384 (SHA512)] /AddRevInfo true /TimeStamp << /URL (http://tsa.test) /Ff 1 >> \
        /Cert << /Type /SVCert /Ff 35 /Subject [<3000>] /Issuer <3001> /OID [(1.2.3)] /SubjectDN [<< /CN (A) /O (B) >>] \
        /KeyUsage [(X1)] /URL (http://asp.test) /URLType /ASSP >>";
    let demands = prepare(entries, plain_seal()).unwrap().demands().clone();
    let digest = demands.digest_method.unwrap();
    assert_eq!((digest.value, digest.force), (vec!["SHA384".to_owned(), "SHA512".to_owned()], Force::Required));
    assert_eq!(
        demands.revocation_information.map(|demand| (demand.value, demand.force)),
        Some((true, Force::Required))
    );
    let stamp = demands.time_stamp.unwrap();
    assert_eq!((stamp.force, stamp.address.as_deref()), (Force::Required, Some("http://tsa.test")));
    let certificate = demands.certificate;
    assert_eq!(
        certificate.subject.map(|demand| (demand.value, demand.force)),
        Some((vec![vec![0x30, 0]], Force::Required))
    );
    assert_eq!(certificate.issuer.map(|demand| demand.force), Some(Force::Required));
    assert_eq!(certificate.policy.map(|demand| demand.force), Some(Force::Wished));
    let name = certificate.subject_name.unwrap();
    assert_eq!(name.value, [[("CN".to_owned(), "A".to_owned()), ("O".to_owned(), "B".to_owned())]]);
    assert_eq!(
        certificate.key_usage.map(|demand| (demand.value, demand.force)),
        Some((vec!["X1".to_owned()], Force::Required))
    );
    assert_eq!(certificate.server.map(|demand| demand.force), Some(Force::Wished));
    let browser = prepare("/Cert << /Ff 64 /URL (http://enrol.test) >>", plain_seal()).unwrap();
    assert_eq!(browser.demands().certificate.server, None);
}

#[test]
fn a_document_time_stamp_does_not_go_into_a_field_with_conditions() {
    let stamp = |pdf: &[u8]| crate::support::prepare(pdf, Placement::Field("Second"), SealKind::DocumentTimeStamp, 64);
    let refused = stamp(&seeded("")).unwrap_err();
    assert_eq!(refused, Error::FieldReserved { field: "Second".into(), entry: "SV" });
    let locking = Pdf::with_fields().set(7, "<< /FT /Sig /T (Second) /Lock << /Action /All >> >>").table();
    assert_eq!(stamp(&locking).unwrap_err(), Error::FieldReserved { field: "Second".into(), entry: "Lock" });
}
