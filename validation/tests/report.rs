//! What a report tells apart from the verdict: changed or not, by whom, what came later, the certificate now; and that neither
//! a policy nor an anchor for something else makes a pass.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

mod laboratory;

use std::collections::BTreeSet;

use jiff::Timestamp;
use laboratory::{Case, Document, Lab, days, hours, revoked, sealed, seconds};
use pki::RevocationReason;
use validation::report::{CertificateStatus, Kind, LaterChanges, LaterWhat, SignatureReport};
use validation::{Anchor, CheckId, Conclusion, Policy, Reason, TrustedFor};

fn soon() -> Timestamp {
    sealed() + hours(1)
}

fn judged(case: &Case, at: Timestamp) -> SignatureReport {
    let mut report = case.validate(at);
    report.signatures.retain(|one| one.kind == Kind::Seal);
    report.signatures.remove(0)
}

/// The file with one more revision, in which the objects are added or overridden.
fn updated(pdf: &[u8], objects: &[(u32, &str)]) -> Vec<u8> {
    let document = pades::Document::parse(pdf).unwrap();
    let last = document.last_revision();
    let (mut file, mut table) = (pdf.to_vec(), String::from("xref\n"));
    let mut highest = last.size().unwrap() as u32;
    for (number, body) in objects {
        table.push_str(&format!("{number} 1\n{:010} 00000 n \n", file.len()));
        file.extend(format!("{number} 0 obj\n{body}\nendobj\n").bytes());
        highest = highest.max(number + 1);
    }
    let kept = ["Root", "Info", "ID"].iter().filter_map(|key| {
        let value = String::from_utf8(pades::to_bytes(last.trailer.get(key)?)).unwrap();
        Some(format!("/{key} {value} "))
    });
    let (kept, start): (String, usize) = (kept.collect(), file.len());
    let trailer = format!("trailer\n<< /Size {highest} /Prev {} {kept}>>\nstartxref\n{start}\n%%EOF\n", last.startxref);
    file.extend(table.bytes().chain(trailer.bytes()));
    file
}

/// One page with content, title and metadata.
fn titled() -> Vec<u8> {
    titled_with("<x:xmpmeta><dc:title>Diploma</dc:title><xmp:ModifyDate>2026</xmp:ModifyDate></x:xmpmeta>")
}

fn titled_with(packet: &str) -> Vec<u8> {
    let text = "BT (passed) Tj ET";
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R /Metadata 5 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 842 595] /Contents 4 0 R >>".to_owned(),
        format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()),
        stream(packet),
        "<< /Title (Diploma) /ModDate (D:20261124090000Z) >>".to_owned(),
    ];
    let (mut file, mut table) = (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec(), String::from("0000000000 65535 f \n"));
    for (number, object) in (1..).zip(objects) {
        table.push_str(&format!("{:010} 00000 n \n", file.len()));
        file.extend(format!("{number} 0 obj\n{object}\nendobj\n").bytes());
    }
    let (start, id) = (file.len(), "00112233445566778899aabbccddeeff");
    let trailer = format!("<< /Size 7 /Root 1 0 R /Info 6 0 R /ID [<{id}> <{id}>] >>");
    file.extend(format!("xref\n0 7\n{table}trailer\n{trailer}\nstartxref\n{start}\n%%EOF\n").bytes());
    file
}

fn stream(packet: &str) -> String {
    format!("<< /Type /Metadata /Subtype /XML /Length {} >>\nstream\n{packet}\nendstream", packet.len())
}

fn kinds(report: &SignatureReport) -> Vec<LaterWhat> {
    report.later.iter().map(|later| later.what).collect()
}

#[test]
fn a_page_replaced_later_is_told_also_by_a_policy_that_lets_it_pass() {
    let lab = Lab::new();
    let sealed = lab.sealed_file(&titled());
    let forged = updated(&sealed.bytes, &[(4, "<< /Length 17 >>\nstream\nBT (honour) Tj ET\nendstream")]);
    let case =
        Document { bytes: forged, lab }.online(soon()).with_policy(|policy| *policy = Policy::any_later_changes());
    let report = judged(&case, soon());
    assert_eq!(report.conclusion, Conclusion::Passed);
    assert_eq!(report.policy, "any-later-changes");
    assert!(!report.is_unchanged());
    assert_eq!(kinds(&report), [LaterWhat::Page]);
    assert!(report.confirmed_name().is_some(), "who sealed it is so all the same");
}

#[test]
fn a_title_or_metadata_changed_later_is_told_and_what_is_written_on_the_way_is_not() {
    let lab = Lab::new();
    let sealed = lab.sealed_file(&titled());
    let told = |objects: &[(u32, &str)]| {
        let bytes = updated(&sealed.bytes, objects);
        let report = judged(&Document { bytes, lab: lab.clone() }.online(soon()), soon());
        assert_eq!(report.conclusion, Conclusion::Passed);
        assert_eq!(report.is_unchanged(), report.later.is_empty());
        kinds(&report)
    };
    let packet = "<x:xmpmeta><dc:title>Diploma</dc:title><xmp:ModifyDate>2026</xmp:ModifyDate></x:xmpmeta>";
    assert_eq!(told(&[(6, "<< /Title (Doctorate) /ModDate (D:20261124090000Z) >>")]), [LaterWhat::Metadata]);
    assert_eq!(told(&[(6, "<< /ModDate (D:20261124090000Z) >>")]), [LaterWhat::Metadata]);
    assert_eq!(told(&[(6, "<< /Title (Diploma) /Author (x) >>")]), [LaterWhat::Metadata]);
    assert_eq!(told(&[(5, &stream(&packet.replace("Diploma", "Doctorate")))]), [LaterWhat::Metadata]);
    assert_eq!(told(&[(6, "<< /Title (Diploma) /ModDate (D:20270101000000Z) /Producer (p) >>")]), []);
    assert_eq!(told(&[(5, &stream(&packet.replace("2026", "2027")))]), []);
    assert_eq!(
        told(&[(6, "<< /Title <4469706C6F6D61> /ModDate (D:20261124090000Z) >>")]),
        [],
        "the same in hexadecimal"
    );
}

#[test]
fn metadata_that_a_later_signer_writes_anew_are_told_only_if_they_say_something_else() {
    let packet = |about: &str| {
        format!(
            "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' \
             xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:pdf='http://ns.adobe.com/pdf/1.3/'><rdf:Description {about}\
             </rdf:RDF></x:xmpmeta>"
        )
    };
    let lab = Lab::new();
    let elements = "rdf:about=''><dc:format>a</dc:format><pdf:Producer>p</pdf:Producer><pdf:Keywords>k</pdf:Keywords></rdf:Description>";
    let sealed = lab.sealed_file(&titled_with(&packet(elements)));
    let told = |about: &str| {
        let bytes = updated(&sealed.bytes, &[(5, &stream(&packet(about)))]);
        kinds(&judged(&Document { bytes, lab: lab.clone() }.online(soon()), soon()))
    };
    assert_eq!(told("pdf:Keywords='k' pdf:Producer='q' dc:format='a' rdf:about=''/>"), []);
    assert_eq!(told("pdf:Keywords='l' pdf:Producer='q' dc:format='a' rdf:about=''/>"), [LaterWhat::Metadata]);
    assert_eq!(told("pdf:Keywords='k' pdf:Producer='q' rdf:about=''/>"), [LaterWhat::Metadata]);
    assert_eq!(told("pdf:Keywords='k' dc:format='a' dc:title='t' rdf:about=''/>"), [LaterWhat::Metadata]);
}

#[test]
fn evidence_and_time_stamps_that_came_later_are_listed_with_who_and_when() {
    let lab = Lab::new();
    let stamp = sealed() + seconds(120);
    let report = judged(&lab.blt().stamped(&lab.other_unit, stamp).offline(), sealed() + hours(2));
    assert_eq!(kinds(&report), [LaterWhat::SecurityStore, LaterWhat::DocumentTimestamp]);
    let stamped = &report.later[1];
    assert_eq!((stamped.revision, stamped.when), (3, Some(stamp)));
    assert_eq!(stamped.who.as_deref(), Some("TESTBED — NOT QUALIFIED"));
    assert!(report.is_unchanged());
    let mut stranger = lab.blt().stamped(&lab.other_unit, stamp).offline();
    stranger.anchors.truncate(1);
    let report = judged(&stranger, sealed() + hours(2));
    assert_eq!((&report.later[1].who, report.later[1].when), (&None, None), "nobody vouches for it");
}

#[test]
fn the_newest_accepted_data_gives_the_current_status() {
    let lab = Lab::new();
    let at = sealed() + days(2);
    let status = |case: &Case| judged(case, at).current_status;
    let good = status(&lab.bt().online(at));
    assert_eq!((good.status, good.since, good.as_of), (CertificateStatus::Good, None, Some(at - hours(1))));
    let since = sealed() + days(1);
    let entries = |reason| vec![revoked(&lab.seal, since, Some(reason))];
    let fallen = lab.bt().online_with(at, entries(RevocationReason::KeyCompromise));
    let told = status(&fallen);
    assert_eq!((told.status, told.since), (CertificateStatus::Revoked, Some(since)));
    assert_eq!(told.reason.as_deref(), Some("keyCompromise"));
    assert!(judged(&fallen, at).conclusion.is_passed(), "the time-stamp is older");
    assert!(judged(&fallen, at).confirmed_name().is_some());
    let unproven = judged(&lab.bb().online_with(at, entries(RevocationReason::KeyCompromise)), at);
    assert!(unproven.confirmed_name().is_none(), "whoever has the key may have made it");
    let held = status(&lab.bt().online_with(at, entries(RevocationReason::CertificateHold)));
    assert_eq!((held.status, held.since), (CertificateStatus::OnHold, Some(since)));
    assert_eq!(status(&lab.bt().offline()).status, CertificateStatus::Unknown);
}

#[test]
fn a_name_without_a_path_is_a_claim() {
    let lab = Lab::new();
    let mut stranger = lab.bb().online(soon());
    stranger.anchors.remove(0);
    let report = judged(&stranger, soon());
    assert!(!report.facts.path_to_anchor && report.confirmed_name().is_none());
    assert_eq!(report.facts.signature_intact, Some(true));
    assert!(judged(&lab.bb().online(soon()), soon()).confirmed_name().is_some());
    let seal = &lab.seal; // no CA, and yet it issues
    let made = seal.issue(laboratory::NewCertificate::new("Example Seal", ("2026", "2029"), laboratory::for_seals()));
    let forged = lab.document(laboratory::message::Message::of(&made));
    let mut case = forged.online(soon());
    case.certificates.push(seal.certificate.clone());
    let report = judged(&case, soon());
    assert!(!report.conclusion.is_passed());
    assert!(report.confirmed_name().is_none(), "{:?}", report.conclusion);
}

#[test]
fn an_anchor_vouches_for_its_purpose_only() {
    let lab = Lab::new();
    let at = soon();
    let with = |root: TrustedFor, stamping: TrustedFor| {
        let mut case = lab.bt().online(at);
        case.anchors[0].purpose = root;
        case.anchors[1].purpose = stamping;
        judged(&case, at)
    };
    let stamped = |report: &SignatureReport| report.timestamps[0].conclusion.0.is_passed();
    let fine = with(TrustedFor::Seals, TrustedFor::TimeStamps);
    assert!(fine.conclusion.is_passed() && stamped(&fine));
    let no_seal = with(TrustedFor::TimeStamps, TrustedFor::TimeStamps);
    assert_eq!(no_seal.conclusion, Conclusion::Indeterminate(Reason::NoCertificateChainFound));
    assert!(no_seal.confirmed_name().is_none() && stamped(&no_seal));
    let no_stamp = with(TrustedFor::Seals, TrustedFor::Seals);
    assert!(no_stamp.conclusion.is_passed() && !stamped(&no_stamp));
}

#[test]
fn an_intermediate_that_is_an_anchor_for_time_stamps_does_not_hide_the_way_to_the_root() {
    let lab = Lab::new();
    let mut case = lab.bt().online(soon());
    case.anchors.push(Anchor::for_time_stamps(lab.issuing.certificate.clone()));
    case.anchors.push(Anchor::for_time_stamps(lab.root.certificate.clone()));
    assert!(judged(&case, soon()).conclusion.is_passed());
}

/// A policy that asks for nothing that a policy can leave out.
fn everything_ignored() -> Policy {
    let rules: BTreeSet<&str> = CheckId::ALL.iter().filter_map(|id| id.rule()).collect();
    let rules = rules.into_iter().map(|rule| format!("{rule} = \"ignore\"\n"));
    let text = format!(
        "later-changes = \"any\"\nrequire-revocation-data = false\nseal-key-usage = \"any\"\n[rules]\ncovered = \"ignore\"\n{}",
        rules.collect::<String>()
    );
    Policy::from_toml(&text, "lenient.toml", &|_| Err("none".into())).unwrap()
}

#[test]
fn a_policy_that_counts_nothing_hides_no_change() {
    let lab = Lab::new();
    let sealed = lab.sealed_file(&titled());
    let content = "<< /Length 17 >>\nstream\nBT (honour) Tj ET\nendstream";
    let changes: [&[(u32, &str)]; 5] = [
        &[(90, "<< /A 1 /A 2 >>")], // nothing but rule X9 speaks of it
        &[(4, content)],
        &[(3, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] /Contents 4 0 R >>")],
        &[(1, "<< /Type /Catalog /Pages 2 0 R /Metadata 5 0 R /OpenAction [3 0 R /Fit] >>")],
        &[(6, "<< /Title (Doctorate) >>")],
    ];
    for objects in changes {
        let case = Document { bytes: updated(&sealed.bytes, objects), lab: lab.clone() }.online(soon());
        let report = judged(&case.with_policy(|policy| *policy = everything_ignored()), soon());
        assert!(!report.is_unchanged(), "{objects:?}: {:?}", report.facts);
        assert!(!report.later.is_empty(), "{objects:?}");
    }
}

#[test]
fn nor_those_of_the_cases_with_overriding_streams_and_files_made_to_repair() {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/corpora");
    let corpora = std::env::var_os("CORPORA_DIR").map_or(beside.into(), std::path::PathBuf::from);
    let mut read = 0;
    for case in ["21-overridden-by-xref-stream", "22-made-to-repair"] {
        let Ok(files) = std::fs::read_dir(corpora.join("../cases").join(case)) else {
            assert!(std::env::var_os("REQUIRE_CORPORA").is_none_or(|value| value != "1"), "{case} not found");
            eprintln!("skipped: {case} not found");
            return;
        };
        for file in
            files.map(|file| file.unwrap().path()).filter(|file| file.extension().is_some_and(|one| one == "pdf"))
        {
            let (pdf, policy) = (std::fs::read(&file).unwrap(), everything_ignored());
            let (certificates, crls) = (&[], &[]);
            let parsed = pades::Document::parse(pdf.as_slice());
            let pdf = validation::Pdf::of(&pdf, &parsed);
            let input = validation::Input {
                pdf,
                anchors: &[],
                certificates,
                crls,
                ocsp_responses: &[],
                policy: &policy,
                memory: &pki::SignatureMemory::default(),
            };
            let Ok(report) = validation::validate(&input, sealed() + days(5)) else { continue };
            let seals = report.signatures.iter().filter(|one| one.kind == Kind::Seal);
            seals.for_each(|seal| assert!(!seal.is_unchanged(), "{}: {:?}", file.display(), seal.facts));
            read += 1;
        }
    }
    assert!(read > 0);
}

#[test]
fn no_policy_makes_a_pass_of_what_was_not_verified_or_has_no_path() {
    let lab = Lab::new();
    let lenient = |case: Case| judged(&case.with_policy(|policy| *policy = everything_ignored()), soon());
    assert!(lenient(lab.bb().offline()).conclusion.is_passed(), "what is asked for is there");
    let mut stranger = lab.bb().offline();
    stranger.anchors.remove(0);
    assert_eq!(lenient(stranger).conclusion, Conclusion::Indeterminate(Reason::NoCertificateChainFound));
    let signature = lab.bb().bytes;
    let place = signature.windows(10).position(|part| part == b"/Contents<" || part == b"/Contents ").unwrap();
    let end = place + signature[place..].iter().position(|byte| *byte == b'>').unwrap();
    let last = signature[..end].iter().rposition(|byte| *byte != b'0').unwrap();
    let mut broken = 0;
    for back in 0..200 {
        let at = last - 2 * back - 1;
        let case = lab.bb().offline().with_pdf(|_| {
            let mut forged = signature.clone();
            forged[at] = if forged[at] == b'0' { b'1' } else { b'0' };
            forged
        });
        let report = lenient(case);
        let verified = report.facts.hash_intact == Some(true) && report.facts.signature_intact == Some(true);
        assert!(verified || !report.conclusion.is_passed(), "{at}: {:?}", report.conclusion);
        broken += usize::from(!verified);
    }
    assert!(broken > 100, "{broken}");
    let rewritten = lab.bb().offline().with_pdf(|pdf| {
        let mut forged = pdf;
        let place = forged.windows(3).position(|part| part == b"842").unwrap();
        forged[place] = b'9';
        forged
    });
    assert!(!lenient(rewritten).conclusion.is_passed());
}

#[test]
fn the_json_has_the_members_that_are_promised() {
    let lab = Lab::new();
    let report = lab.blt().stamped(&lab.other_unit, sealed() + seconds(120)).offline().validate(sealed() + hours(2));
    let json = serde_json::to_value(&report).unwrap();
    let seal = &json["signatures"][0];
    assert_eq!(json["policy"], "default");
    assert_eq!(seal["policy"], "default");
    assert_eq!(seal["later"][0]["what"], "security-store");
    assert_eq!(seal["later"][1]["what"], "document-timestamp");
    assert_eq!(seal["later"][1]["when"], (sealed() + seconds(120)).to_string());
    assert_eq!(seal["current_status"]["status"], "good");
    assert_eq!(seal["facts"]["path_to_anchor"], true);
    assert_eq!(serde_json::to_value(LaterChanges::Seals).unwrap(), "seals");
    assert_eq!(serde_json::to_value(CertificateStatus::OnHold).unwrap(), "on-hold");
}
