//! The catalogue of situations with their verdicts: each is built with a small PKI and fixed dates, asked about at its validation
//! time, and compared with what EN 319 102-1 says. Numbers are those of the catalogue, which is one list and stands in one file.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

mod laboratory;

use jiff::Timestamp;
use laboratory::message::Message;
use laboratory::{
    Case, Document, Holder, Lab, NewCertificate, ca, days, for_answers, for_seals, for_stamps, hours, revoked, sealed,
    seconds, time,
};
use pki::{CertificateStatus, DigestAlgorithm, Extension, KeyKind, KeyUsageBit, RevocationReason, oid};
use validation::Conclusion;
use validation::report::{Kind, Overall, Report, SignatureReport};

const PASSED: &str = "TOTAL-PASSED";

/// The only seal of a report.
fn seal(report: &Report) -> &SignatureReport {
    let seals: Vec<_> = report.signatures.iter().filter(|one| one.kind == Kind::Seal).collect();
    assert_eq!(seals.len(), 1);
    seals[0]
}

fn failed_checks(report: &SignatureReport) -> String {
    let told = report.checks.iter().filter(|one| one.outcome != validation::report::Outcome::Passed);
    told.map(|one| format!("\n  {:?} {} {}: {}", one.outcome, one.id.clause(), one.id.name(), one.detail)).collect()
}

/// The verdict on the only seal, which is that on the file.
#[track_caller]
fn expect(id: &str, case: &Case, at: Timestamp, wanted: &str) -> SignatureReport {
    let report = case.validate(at);
    let one = seal(&report).clone();
    assert_eq!(one.conclusion.to_string(), wanted, "{id}{}", failed_checks(&one));
    assert_eq!(report.overall, Overall::Worst(one.conclusion), "{id}");
    one
}

/// The same, with the best signature time.
#[track_caller]
fn expect_proven(id: &str, case: &Case, at: Timestamp, best: Timestamp) {
    let report = expect(id, case, at, PASSED);
    assert_eq!(report.best_signature_time, Some(best), "{id}");
}

fn stamp_time() -> Timestamp {
    sealed() + seconds(5)
}

fn indeterminate(reason: &str) -> String {
    format!("INDETERMINATE/{reason}")
}

fn failed(reason: &str) -> String {
    format!("TOTAL-FAILED/{reason}")
}

#[test]
fn normal_seals_pass_at_every_level() {
    let lab = Lab::new();
    let soon = sealed() + hours(1);
    expect_proven("1", &lab.bb().online(soon), soon, soon);
    expect_proven("2", &lab.bt().online(soon), soon, stamp_time());
    expect_proven("3", &lab.blt().offline(), sealed() + hours(2), stamp_time());
    expect_proven("4", &lab.blt().offline(), sealed() + days(30), stamp_time());
}

#[test]
fn archived_seals_pass_after_all_else_has_expired() {
    let lab = Lab::new();
    let archived = lab.blt().stamped(&lab.other_unit, sealed() + seconds(120));
    expect_proven("5", &archived.offline(), time("2036-01-01T00:00:00Z"), stamp_time());
    let short = lab.stamping.issue(NewCertificate::new("TESTBED TSU short", ("2025", "2028"), for_stamps()));
    let first = lab.blt().stamped(&short, sealed() + seconds(120));
    let at = time("2027-12-01T00:00:00Z");
    let renewed = first.stored(&[], &lab.crls(at), &[]).stamped(&lab.other_unit, at + hours(1));
    expect_proven("6", &renewed.offline(), time("2036-01-01T00:00:00Z"), stamp_time());
    let late = first.stored(&[], &lab.crls(at), &[]).stamped(&lab.other_unit, time("2030-01-01T00:00:00Z"));
    expect(
        "6, renewed too late",
        &late.offline(),
        time("2036-01-01T00:00:00Z"),
        &indeterminate("OUT_OF_BOUNDS_NO_POE"),
    );
}

#[test]
fn revocations_are_compared_with_the_best_signature_time() {
    let lab = Lab::new();
    let at = sealed() + days(2);
    let since = |since| vec![revoked(&lab.seal, since, Some(RevocationReason::KeyCompromise))];
    let later = sealed() + days(1);
    expect_proven("7", &lab.bt().online_with(at, since(later)), at, stamp_time());
    expect("8", &lab.bb().online_with(at, since(later)), at, &indeterminate("REVOKED_NO_POE"));
    let earlier = sealed() - days(1);
    expect("9", &lab.bt().online_with(at, since(earlier)), at, &indeterminate("REVOKED_NO_POE"));
    let proven_late = Message::of(&lab.seal).after(&lab.unit, sealed() - hours(1)).stamped(&lab.unit, stamp_time());
    let proven_late = lab.document(proven_late).online_with(at, since(earlier));
    expect("10", &proven_late, at, &failed("REVOKED"));
    expect("11", &lab.bt().online_with(at, since(stamp_time())), at, &indeterminate("REVOKED_NO_POE"));
    let mut suspected = since(later);
    suspected[0].invalidity_date = Some(earlier);
    let report = expect("12", &lab.bt().online_with(at, suspected), at, PASSED);
    assert!(failed_checks(&report).contains("suspected-later"), "{}", failed_checks(&report));
}

#[test]
fn a_suspension_is_no_revocation() {
    let lab = Lab::new();
    let at = sealed() + days(2);
    let hold = |since| vec![revoked(&lab.seal, since, Some(RevocationReason::CertificateHold))];
    expect("13", &lab.bt().online_with(at, hold(sealed() + days(1))), at, PASSED);
    let report = expect("14", &lab.bt().online_with(at, hold(sealed() - days(1))), at, &indeterminate("TRY_LATER"));
    assert!(failed_checks(&report).contains("try again"));
    expect("15", &lab.bt().online(at), at, PASSED);
}

#[test]
fn the_newest_acceptable_data_decides() {
    let lab = Lab::new();
    let before = sealed() - hours(2);
    let gap = lab.bt().stored(&lab.certificates(), &lab.crls(before), &[lab.good(&lab.seal, before)]);
    let at = sealed() + hours(1);
    expect("16", &gap.offline(), at, PASSED);
    let entries = vec![revoked(&lab.seal, sealed() - hours(1), None)];
    expect("17", &gap.online_with(at, entries.clone()), at, &indeterminate("REVOKED_NO_POE"));
    let answer = |at| lab.good(&lab.seal, at);
    let newer_crl = lab.bb().online_with(at, entries.clone()).with_answer(answer(at - hours(2)));
    expect("18, CRL newer", &newer_crl, at, &indeterminate("REVOKED_NO_POE"));
    let newer_answer = lab.bb().online_with(at, entries).with_answer(answer(at));
    expect("18, OCSP newer", &newer_answer, at, PASSED);
}

/// Only what is known of the CA, nothing about the seal.
fn without_status(document: &Document, at: Timestamp) -> Case {
    let case = document.offline();
    document.lab.crls(at).into_iter().fold(case, Case::with_crl)
}

#[test]
fn data_that_is_missing_or_says_nothing_is_not_enough() {
    let lab = Lab::new();
    let at = sealed() + hours(1);
    let nothing = indeterminate("CERTIFICATE_CHAIN_GENERAL_FAILURE");
    let unknown = lab.responder.ocsp(&lab.seal, &lab.issuing, at, CertificateStatus::Unknown);
    expect("19", &without_status(&lab.bb(), at).with_answer(unknown), at, &nothing);
    expect("20", &without_status(&lab.bb(), at), at, &nothing);
    expect("21", &lab.bb().online(at), at, PASSED);
    expect("22", &without_status(&lab.blt(), at), at, PASSED);
    let stale = lab.issuing.crl(Vec::new(), sealed());
    let later = sealed() + days(3);
    expect("23", &without_status(&lab.bb(), later).with_crl(stale.clone()), later, &indeterminate("TRY_LATER"));
    expect("24", &without_status(&lab.bt(), later).with_crl(stale), later, PASSED);
    let open = lab.issuing.crl_shaped(Vec::new(), at, |crl| crl.next_update = None);
    expect("25", &without_status(&lab.bb(), at).with_crl(open), at, &indeterminate("TRY_LATER"));
    let other_ca = Holder::root("Another Root", KeyKind::P256);
    let rogue = other_ca.issue(NewCertificate::new("Rogue OCSP", ("2026", "2027"), for_answers()));
    let no_purpose = lab.issuing.issue(NewCertificate::new("OCSP without purpose", ("2026", "2027"), vec![]));
    for responder in [&rogue, &no_purpose] {
        let answer = responder.ocsp(&lab.seal, &lab.issuing, at, CertificateStatus::Good);
        expect("26", &without_status(&lab.bb(), at).with_answer(answer), at, &nothing);
    }
}

#[test]
fn an_expired_responder_speaks_only_with_a_proof_of_existence() {
    let lab = Lab::new();
    let at = time("2027-06-01T00:00:00Z");
    expect("27", &lab.blt().offline(), at, &indeterminate("REVOCATION_OUT_OF_BOUNDS_NO_POE"));
    let archived = lab.blt().stamped(&lab.other_unit, sealed() + seconds(120));
    expect_proven("28", &archived.offline(), at, stamp_time());
}

#[test]
fn a_revoked_ca_takes_its_certificates_along() {
    let lab = Lab::new();
    let at = sealed() + days(2);
    let fell = sealed() + days(1);
    let entries = || vec![revoked(&lab.issuing, fell, Some(RevocationReason::CaCompromise))];
    let online = |document: &Document| {
        let case = document.offline().with_crl(lab.issuing.crl(Vec::new(), fell - hours(2)));
        case.with_crl(lab.root.crl(entries(), at)).with_crl(lab.stamping.crl(Vec::new(), at))
    };
    expect("29", &online(&lab.bt()), at, PASSED);
    expect("30", &online(&lab.bb()), at, &indeterminate("REVOKED_CA_NO_POE"));
    // The seal's own data is stamped after the CA had fallen, or before.
    let archived = |made: Timestamp, stamped: Timestamp| {
        let evidence = lab.bb().stored(&lab.certificates(), &lab.crls(made), &[lab.good(&lab.seal, made)]);
        let case = evidence.stamped(&lab.other_unit, stamped).offline();
        case.with_crl(lab.root.crl(entries(), at)).with_crl(lab.stamping.crl(Vec::new(), at))
    };
    let late = archived(fell + hours(1), at);
    expect("31", &late, at + hours(1), &indeterminate("REVOKED_CA_NO_POE"));
    let in_time = sealed() + seconds(120);
    expect_proven("31, in time", &archived(sealed() + seconds(60), in_time), at + hours(1), in_time);
}

/// CRLs that still list what has expired.
fn kept(document: &Document, at: Timestamp) -> Case {
    let crl = document.lab.issuing.crl_shaped(Vec::new(), at, |crl| {
        crl.expired_certificates_since = Some(time("2024-01-01T00:00:00Z"));
    });
    without_status(document, at).with_crl(crl)
}

#[test]
fn an_expired_certificate_needs_a_proof_and_a_status() {
    let lab = Lab::new();
    let at = time("2030-01-01T00:00:00Z");
    let (unknown, known) = (indeterminate("OUT_OF_BOUNDS_NO_POE"), indeterminate("OUT_OF_BOUNDS_NOT_REVOKED"));
    expect("32", &lab.bb().online(at), at, &unknown);
    expect("32, kept", &kept(&lab.bb(), at), at, &known);
    expect_proven("33", &kept(&lab.bt(), at), at, stamp_time());
    expect("34", &lab.bt().online(at), at, &unknown);
    let mut longer = Lab::new();
    longer.responder = longer.issuing.issue(NewCertificate::new("OCSP to 2035", ("2026", "2035"), for_answers()));
    expect_proven("35", &longer.blt().offline(), at, stamp_time());
    expect("36", &lab.blt().offline(), at, &unknown);
    let late = Message::of(&lab.seal).stamped(&lab.unit, time("2029-06-01T00:00:00Z"));
    expect("37", &kept(&lab.document(late), at), at, &known);
    let late = Message::of(&lab.seal).after(&lab.unit, time("2029-06-01T00:00:00Z"));
    expect("38", &kept(&lab.document(late), at), at, &failed("EXPIRED"));
}

#[test]
fn a_proof_before_the_validity_fails_and_a_slow_clock_is_told() {
    let lab = Lab::new();
    let at = sealed() + hours(1);
    let early = Message::of(&lab.seal).stamped(&lab.unit, time("2025-06-01T00:00:00Z"));
    expect("39", &lab.document(early).online(at), at, &failed("NOT_YET_VALID"));
    let slow = time("2025-06-01T00:00:00Z");
    let report = expect("40", &lab.bt().online(slow), slow, &failed("NOT_YET_VALID"));
    assert!(failed_checks(&report).contains("check the clock of this machine"), "{}", failed_checks(&report));
}

#[test]
fn the_claimed_time_is_a_claim_unless_the_policy_asks() {
    let lab = Lab::new();
    let at = sealed() + hours(1);
    let message = Message::of(&lab.seal).stamped(&lab.unit, stamp_time());
    let backdated = lab.document(message.with(|one| one.claimed = time("2025-06-01T00:00:00Z")));
    let refused = indeterminate("SIG_CONSTRAINTS_FAILURE");
    expect("42", &backdated.online(at), at, PASSED);
    let strict = backdated.online(at).with_policy(|policy| policy.claimed_time_in_validity = true);
    expect("42, constrained", &strict, at, &refused);
    let hour = std::time::Duration::from_secs(3600);
    let delayed = lab.document(Message::of(&lab.seal).stamped(&lab.unit, sealed() + hours(2)));
    let later = sealed() + hours(3);
    let with_delay = delayed.online(later).with_policy(|policy| policy.time_stamp_delay = Some(hour));
    expect("43", &with_delay, later, &refused);
}

#[test]
fn short_lived_certificates_need_no_status_but_a_time_stamp() {
    let mut lab = Lab::new();
    let extensions = [for_seals(), vec![Extension::validity_assured_short_term()]].concat();
    let valid = (laboratory::SEALED, "2026-11-24T09:10:00Z");
    lab.seal = lab.issuing.issue(NewCertificate::new("Ten minutes", valid, extensions));
    let next_day = sealed() + days(1);
    expect_proven("44", &without_status(&lab.bt(), next_day), next_day, stamp_time());
    expect("45", &without_status(&lab.bb(), next_day), next_day, &indeterminate("OUT_OF_BOUNDS_NOT_REVOKED"));
}

#[test]
fn tokens_that_do_not_hold_are_dropped() {
    let lab = Lab::new();
    let at = sealed() + hours(1);
    let unit = lab.unit.clone();
    let other_data = Message::of(&lab.seal)
        .with_token(move |_| unit.stamp([b"something else", b""], stamp_time(), DigestAlgorithm::Sha256));
    let other_data = lab.document(other_data).online(at);
    expect_proven("46", &other_data, at, at);
    let demanded = other_data.with_policy(|policy| policy.require_time_stamp = true);
    expect("46, demanded", &demanded, at, &indeterminate("SIG_CONSTRAINTS_FAILURE"));
    let stranger = Holder::root("Stranger", KeyKind::P256);
    let untrusted = stranger.issue(NewCertificate::new("Untrusted TSU", ("2025", "2040"), for_stamps()));
    let no_purpose = lab.stamping.issue(NewCertificate::new("TSU without purpose", ("2025", "2040"), for_seals()));
    for (id, unit) in [("47", &untrusted), ("48", &no_purpose)] {
        expect_proven(id, &lab.document(Message::of(&lab.seal).stamped(unit, stamp_time())).online(at), at, at);
    }
    let weak = Message::of(&lab.seal).stamped_by(&lab.unit, stamp_time(), DigestAlgorithm::Sha1);
    expect_proven("56", &lab.document(weak).online(at), at, at);
}

#[test]
fn tokens_of_a_faulty_authority_are_dropped() {
    let lab = Lab::new();
    let at = sealed() + hours(1);
    let critical = |purposes: &[_], critical| vec![Extension::extended_key_usage(purposes, critical)];
    let stamping = oid::TIME_STAMPING;
    let faulty = [
        ("not critical", critical(&[stamping], false)),
        ("with another purpose", critical(&[stamping, oid::DOCUMENT_SIGNING], true)),
        ("a CA", [ca(), critical(&[stamping], true)].concat()),
        (
            "for certificates only",
            [vec![Extension::key_usage(&[KeyUsageBit::KeyCertSign])], for_stamps()[1..].to_vec()].concat(),
        ),
    ];
    for (id, extensions) in faulty {
        let unit = lab.stamping.issue(NewCertificate::new("Faulty TSU", ("2025", "2040"), extensions));
        expect_proven(id, &lab.document(Message::of(&lab.seal).stamped(&unit, stamp_time())).online(at), at, at);
    }
    for (id, time) in [("before its certificate", "2024-06-01T00:00:00Z"), ("in the future", "2026-11-25T00:00:00Z")] {
        let early = Message::of(&lab.seal).stamped(&lab.unit, laboratory::time(time));
        expect_proven(id, &lab.document(early).online(at), at, at);
    }
}

#[test]
fn a_document_stamp_saves_tokens_of_an_authority_that_fell_or_expired() {
    let mut lab = Lab::new();
    lab.unit = lab.stamping.issue(NewCertificate::new("TSU to 2028", ("2025", "2028"), for_stamps()));
    let at = time("2030-01-01T00:00:00Z");
    let fallen = |document: &Document| {
        let entry = revoked(&lab.unit, time("2027-06-01T00:00:00Z"), Some(RevocationReason::KeyCompromise));
        let crl = lab.stamping.crl_shaped(vec![entry], at, |crl| {
            crl.expired_certificates_since = Some(time("2024-01-01T00:00:00Z"));
        });
        document.offline().with_crl(crl).with_crl(lab.root.crl(Vec::new(), at))
    };
    let unproven = indeterminate("OUT_OF_BOUNDS_NO_POE");
    expect("49", &fallen(&lab.blt()), at, &unproven);
    let archived = lab.blt().stamped(&lab.other_unit, sealed() + seconds(120));
    expect_proven("50", &fallen(&archived), at, stamp_time());
    let still_valid = time("2028-06-01T00:00:00Z");
    let report = expect("51", &lab.bt().online(still_valid), still_valid, PASSED);
    assert_eq!(report.best_signature_time, Some(still_valid));
    assert!(failed_checks(&report).contains("does not count"));
    expect("52", &lab.blt().offline(), at, &unproven);
    expect_proven("53", &archived.offline(), at, stamp_time());
    let late = lab.blt().stamped(&lab.other_unit, time("2028-06-01T00:00:00Z"));
    expect("54", &late.offline(), at, &unproven);
}

#[test]
fn time_stamps_are_in_order_and_cover_what_lies_before_them() {
    let lab = Lab::new();
    let at = sealed() + hours(1);
    let wrong = Message::of(&lab.seal).after(&lab.unit, sealed() + seconds(60)).stamped(&lab.unit, stamp_time());
    expect("55", &lab.document(wrong).online(at), at, &indeterminate("TIMESTAMP_ORDER_FAILURE"));
    let right = Message::of(&lab.seal).after(&lab.unit, sealed() - seconds(60)).stamped(&lab.unit, stamp_time());
    expect("55, in order", &lab.document(right).online(at), at, PASSED);
    let stamped = lab.bt().stamped(&lab.other_unit, sealed() + seconds(30));
    let stored = stamped.stored(&lab.certificates(), &lab.crls(at), &[lab.good(&lab.seal, at)]);
    expect("59", &stored.offline(), at + hours(1), PASSED);
    expect("59, later", &stored.offline(), time("2036-01-01T00:00:00Z"), &indeterminate("OUT_OF_BOUNDS_NO_POE"));
}

#[test]
fn an_archive_does_not_hide_that_time_stamps_are_out_of_order() {
    let lab = Lab::new();
    let early = Message::of(&lab.seal).after(&lab.unit, sealed() + hours(3)).stamped(&lab.unit, stamp_time());
    let at = sealed() + hours(1);
    let stored = lab.document(early).stored(&lab.certificates(), &lab.crls(at), &[lab.good(&lab.seal, at)]);
    let archived = stored.stamped(&lab.other_unit, sealed() + hours(2)).offline();
    for later in [sealed() + days(2), time("2036-01-01T00:00:00Z")] {
        expect("55, archived", &archived, later, &indeterminate("TIMESTAMP_ORDER_FAILURE"));
    }
}

#[test]
fn a_revocation_counts_although_nothing_proves_its_list_to_have_existed_earlier() {
    let lab = Lab::new();
    let since = sealed() - hours(2);
    let good = sealed() - hours(3);
    let stored =
        lab.bt().stored(&lab.certificates(), &[lab.crls(good), vec![lab.issuing.crl(vec![], good)]].concat(), &[]);
    let archived = stored.stamped(&lab.other_unit, sealed() + hours(1));
    let told = vec![revoked(&lab.seal, since, Some(RevocationReason::KeyCompromise))];
    let list = lab.issuing.crl_shaped(told, sealed() + hours(2), |crl| crl.next_update = Some(sealed() + days(900)));
    let document = archived.stored(&[], &[list], &[]);
    // The list of the root goes stale in the meantime; the certificate is valid all along.
    for at in [sealed() + hours(5), sealed() + days(3), sealed() + days(400), sealed() + days(800)] {
        let report = document.offline().validate(at);
        assert!(!seal(&report).conclusion.is_passed(), "{at}: {}", seal(&report).conclusion);
    }
    expect("7, unproven", &document.offline(), sealed() + days(3), &indeterminate("REVOKED_NO_POE"));
}

#[test]
fn a_revocation_that_is_told_after_the_certificate_expired_counts() {
    let lab = Lab::new();
    let (since, after) = (sealed() - hours(1), time("2029-02-01T00:00:00Z"));
    let entry = || vec![revoked(&lab.seal, since, Some(RevocationReason::KeyCompromise))];
    let at = after + hours(1);
    expect("9, after expiry", &lab.bt().online_with(after, entry()), at, &indeterminate("REVOKED_NO_POE"));
    let answer = |status| lab.responder_of(("2028", "2031")).ocsp(&lab.seal, &lab.issuing, after, status);
    let by_ocsp =
        lab.bt().online(sealed() + hours(1)).with_answer(answer(CertificateStatus::Revoked { since, reason: None }));
    let report = by_ocsp.validate(at);
    assert_eq!(seal(&report).current_status.since, Some(since));
    assert!(!seal(&report).conclusion.is_passed());
}

#[test]
fn time_stamps_that_only_proofs_let_pass_count_against_a_seal_too() {
    let lab = Lab::new();
    let short = lab.stamping.issue(NewCertificate::new("TESTBED TSU short", ("2025", "2028"), for_stamps()));
    let evidence = |document: Document, at: Timestamp| {
        let crls = [lab.crls(at), vec![lab.issuing.crl(vec![], at)]].concat();
        document.stored(&lab.certificates(), &crls, &[lab.good(&lab.seal, at)])
    };
    let later = time("2028-06-01T00:00:00Z");
    let online = |document: &Document| document.online(later);
    let late = Message::of(&lab.seal).stamped(&lab.unit, sealed() + hours(2));
    let out_of_order = evidence(lab.document(late).stamped(&short, sealed() + hours(1)), sealed() + hours(3));
    let out_of_order = out_of_order.stamped(&lab.other_unit, sealed() + hours(4));
    expect(
        "55, by an expired unit",
        &online(&out_of_order),
        later + hours(1),
        &indeterminate("TIMESTAMP_ORDER_FAILURE"),
    );
    let mut young =
        Lab { seal: lab.issuing.issue(NewCertificate::new("Seal", ("2027", "2029"), for_seals())), ..lab.clone() };
    young.stamping = lab.stamping.clone();
    let early = young.document(Message::of(&young.seal)).stamped(&short, sealed());
    let crls = [lab.crls(sealed() + hours(3)), vec![lab.issuing.crl(vec![], time("2027-01-02T00:00:00Z"))]].concat();
    let early = early.stored(&lab.certificates(), &crls, &[]).stamped(&lab.other_unit, time("2027-01-03T00:00:00Z"));
    expect("39, by an expired unit", &early.online(later), later + hours(1), &failed("NOT_YET_VALID"));
}

#[test]
fn what_a_later_store_does_not_list_any_more_is_not_forgotten() {
    let lab = Lab::new();
    let at = sealed() + hours(2);
    let entry = vec![revoked(&lab.seal, sealed() - hours(1), None)];
    let told = lab.bb().stored(&lab.certificates(), &[lab.issuing.crl(entry, at)], &[]);
    let document = pades::Document::parse(told.bytes.clone()).unwrap();
    let (catalog, _) = document.latest().catalog().unwrap();
    let text = String::from_utf8_lossy(&told.bytes).into_owned();
    let start = text.rfind(&format!("\n{} 0 obj", catalog.number)).unwrap() + 1;
    let body = &text[start..start + text[start..].find("endobj").unwrap()];
    let place = body.find("/DSS").unwrap();
    let store = body[place..].split("/DSS").nth(1).unwrap().trim_start().split("0 R").next().unwrap();
    let without = body.replace(&format!("/DSS {store}0 R"), "/DSS << /Type /DSS >>");
    assert_ne!(without, body);
    let mut bytes = told.bytes.clone();
    let offset = bytes.len();
    let (size, previous) = (document.last_revision().size().unwrap(), document.last_revision().startxref);
    let root = catalog.number;
    bytes.extend(format!("{without}endobj\n").bytes());
    let table = bytes.len();
    let id = "00112233445566778899aabbccddeeff";
    let trailer = format!("<< /Size {size} /Root {root} 0 R /Prev {previous} /ID [<{id}> <{id}>] >>");
    bytes.extend(
        format!("xref\n{root} 1\n{offset:010} 00000 n \ntrailer\n{trailer}\nstartxref\n{table}\n%%EOF\n").bytes(),
    );
    let dropped = Document { bytes, lab: lab.clone() };
    let mut case = dropped.offline();
    for crl in [lab.crls(at), vec![lab.issuing.crl(vec![], sealed())]].concat() {
        case = case.with_crl(crl);
    }
    expect("9, dropped", &case, at + hours(1), &indeterminate("REVOKED_NO_POE"));
}

#[test]
fn an_answer_that_is_produced_later_or_before_it_was_made_says_nothing() {
    let lab = Lab::new();
    let at = sealed() + hours(1);
    let case = |produced: Timestamp| {
        let mut case = lab.bb().offline().with_answer(lab.produced(&lab.seal, sealed(), produced));
        for crl in lab.crls(at) {
            case = case.with_crl(crl);
        }
        case
    };
    expect("1, produced in time", &case(sealed()), at, PASSED);
    for produced in [at + hours(1), sealed() - hours(1)] {
        expect("produced at another time", &case(produced), at, &indeterminate("CERTIFICATE_CHAIN_GENERAL_FAILURE"));
    }
}

#[test]
fn a_policy_does_not_change_whether_a_path_leads_to_an_anchor() {
    let lab = Lab::new();
    let at = sealed() + hours(1);
    let case = lab.bb().online(at).with_policy(|policy| policy.organization_identifiers = vec!["NTRJP-1".into()]);
    let report = expect("organisation", &case, at, &indeterminate("CHAIN_CONSTRAINTS_FAILURE"));
    assert!(report.facts.path_to_anchor);
}

/// The bytes with one changed, at an offset from the first occurrence of a text.
fn flip(mut pdf: Vec<u8>, text: &[u8], offset: usize, to: impl Fn(u8) -> u8) -> Vec<u8> {
    let place = pdf.windows(text.len()).position(|window| window == text).unwrap() + offset;
    pdf[place] = to(pdf[place]);
    pdf
}

/// The file with the decoded /Contents of its only signature changed.
fn with_contents(pdf: Vec<u8>, change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let signature = pades::Document::parse(pdf.as_slice()).unwrap().signatures().remove(0);
    let (length, start) = (signature.contents.len(), signature.contents_offset.start + 1);
    let mut contents = signature.contents;
    change(&mut contents);
    contents.resize(length, 0);
    let digits: Vec<u8> = contents.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect();
    let mut changed = pdf;
    changed[start..start + digits.len()].copy_from_slice(&digits);
    changed
}

#[test]
fn changed_documents_fail_whatever_became_of_the_certificate() {
    let lab = Lab::new();
    let at = sealed() + hours(1);
    let tampered = |case: Case| case.with_pdf(|pdf| flip(pdf, b"842 595", 0, |_| b'9'));
    let report = expect("60", &tampered(lab.bt().online(at)), at, &failed("HASH_FAILURE"));
    assert_eq!((report.facts.hash_intact, report.facts.signature_intact), (Some(false), Some(true)));
    let wrong_value = |pdf| {
        with_contents(pdf, |contents| {
            let signature = pki::SignedData::from_der(contents).unwrap().signature_value().to_vec();
            let place = contents.windows(signature.len()).position(|window| window == signature).unwrap();
            contents[place + signature.len() - 1] ^= 1;
        })
    };
    let report = expect("61", &lab.bb().online(at).with_pdf(wrong_value), at, &failed("SIG_CRYPTO_FAILURE"));
    assert_eq!((report.facts.hash_intact, report.facts.signature_intact), (Some(true), Some(false)));
    let broken = lab.bb().online(at).with_pdf(|pdf| with_contents(pdf, |contents| contents[0] = 0x04));
    expect("62", &broken, at, &failed("FORMAT_FAILURE"));
    let entries = vec![revoked(&lab.seal, sealed() - days(1), None)];
    expect("63", &tampered(lab.bb().online_with(at, entries)), at, &failed("HASH_FAILURE"));
    let other = pades::Document::parse(lab.bb().bytes.as_slice()).unwrap().signatures().remove(0).contents;
    let elsewhere = lab.document(Message::of(&lab.seal).with(|one| one.claimed = sealed() + days(3)));
    let transplanted = elsewhere.online(at).with_pdf(|pdf| with_contents(pdf, |contents| *contents = other));
    expect("64", &transplanted, at, &failed("HASH_FAILURE"));
    let hole = lab.bb().online(at).with_pdf(|pdf| flip(pdf, b"/ByteRange", 12, |_| b'1'));
    expect("65", &hole, at, &failed("FORMAT_FAILURE"));
}

#[test]
fn messages_must_have_one_signer_whose_certificate_is_referred_to() {
    let lab = Lab::new();
    let at = sealed() + hours(1);
    let with = |change: &dyn Fn(&mut Message)| {
        let message = Message::of(&lab.seal).with(|message| change(message));
        lab.document(message).online(at)
    };
    expect("69", &with(&|one| one.signer_infos = 2), at, &failed("FORMAT_FAILURE"));
    let unidentified = indeterminate("NO_SIGNING_CERTIFICATE_FOUND");
    expect("70", &with(&|one| one.embedded = None), at, &unidentified);
    let other = lab.unit.certificate.clone();
    expect("71", &with(&|one| one.referred = Some(other.clone())), at, &unidentified);
    expect("72", &with(&|one| one.referred = None), at, &indeterminate("SIG_CONSTRAINTS_FAILURE"));
}

#[test]
fn a_file_without_seals_has_no_verdict() {
    let lab = Lab::new();
    let at = sealed() + hours(1);
    let plain = Document { bytes: laboratory::pdf(), lab: lab.clone() };
    assert_eq!(plain.online(at).validate(at).overall, Overall::NoSignatureFound);
    let stamped = plain.stamped(&lab.unit, sealed()).online(at).validate(at);
    assert_eq!(stamped.overall, Overall::NoSignatureFound, "a time-stamp alone says nothing about who made the file");
    let stamp = &stamped.signatures[0];
    assert_eq!((stamp.kind, stamp.conclusion), (Kind::DocumentTimestamp, Conclusion::Passed));
    assert_eq!(stamp.best_signature_time, Some(sealed()));
}

#[test]
fn certificates_must_lead_to_an_anchor_by_the_rules() {
    let lab = Lab::new();
    let at = sealed() + hours(1);
    let mut lookalike = Lab::new();
    lookalike.root = lab.root.clone();
    expect("74", &lookalike.bb().online(at), at, &indeterminate("NO_CERTIFICATE_CHAIN_FOUND"));
    let pinned = |wanted: &str| {
        let wanted = vec![wanted.to_owned()];
        lab.bb().online(at).with_policy(|policy| policy.organization_identifiers = wanted)
    };
    expect("75", &pinned("NTRJP-9234567890123"), at, PASSED);
    expect("75, other", &pinned("NTRJP-1111111111111"), at, &indeterminate("CHAIN_CONSTRAINTS_FAILURE"));
    let tls = vec![Extension::key_usage(&[KeyUsageBit::DigitalSignature])];
    let mut with_tls = lab.clone();
    with_tls.seal = lab.issuing.issue(NewCertificate::new("www.example.org", ("2026", "2029"), tls));
    expect("76", &with_tls.bb().online(at), at, &indeterminate("CHAIN_CONSTRAINTS_FAILURE"));
    let mut no_ca = lab.clone();
    no_ca.issuing = lab.root.issue(NewCertificate::new("No CA", ("2024", "2040"), vec![]));
    no_ca.seal = no_ca.issuing.issue(NewCertificate::new("Seal", ("2026", "2029"), for_seals()));
    expect("78", &no_ca.bb().online(at), at, &indeterminate("CERTIFICATE_CHAIN_GENERAL_FAILURE"));
}

#[test]
fn an_anchor_that_fell_is_trusted_for_what_existed_before() {
    let lab = Lab::new();
    let (fell, at) = (sealed() + days(100), sealed() + days(200));
    let archived = lab.blt().stamped(&lab.other_unit, sealed() + seconds(120));
    expect_proven("79", &archived.offline().with_sunset(fell), at, stamp_time());
    expect("80", &lab.blt().offline().with_sunset(fell), at, &indeterminate("NO_CERTIFICATE_CHAIN_FOUND_NO_POE"));
    expect(
        "79, sealed later",
        &archived.offline().with_sunset(sealed() - days(1)),
        at,
        &indeterminate("NO_CERTIFICATE_CHAIN_FOUND_NO_POE"),
    );
}

#[test]
fn algorithms_end_at_their_dates() {
    let at = sealed() + hours(1);
    let weak = indeterminate("CRYPTO_CONSTRAINTS_FAILURE_NO_POE");
    let mut lab = Lab::new();
    for (id, key) in
        [("81", KeyKind::Rsa { bits: 1024 }), ("85", KeyKind::Other(laboratory::pair::ED25519.parse().unwrap()))]
    {
        let wanted = NewCertificate { key, ..NewCertificate::new("Weak seal", ("2026", "2029"), for_seals()) };
        lab.seal = lab.issuing.issue(wanted);
        expect(id, &lab.bt().online(at), at, &weak);
    }
    let mut lab = Lab::with_keys(KeyKind::Rsa { bits: 2048 });
    let to = |name, extensions| NewCertificate {
        key: KeyKind::Rsa { bits: 2048 },
        ..NewCertificate::new(name, ("2026", "2035"), extensions)
    };
    lab.seal = lab.issuing.issue(to("Seal to 2035", for_seals()));
    lab.responder = lab.issuing.issue(to("OCSP to 2035", for_answers()));
    let wall = time("2030-01-01T00:00:00Z");
    expect("82, B-T", &lab.bt().online(wall), wall, &weak);
    expect("82, B-LT", &lab.blt().offline(), wall, &weak);
    let archived = lab.blt().stamped(&lab.other_unit, sealed() + seconds(120));
    expect_proven("83", &archived.offline(), wall, stamp_time());
    let late = lab.blt().stamped(&lab.other_unit, time("2029-06-01T00:00:00Z"));
    expect("83, stamped late", &late.offline(), wall, &weak);
    let mut lab = Lab::new();
    lab.seal = lab.issuing.issue(to("Seal to 2035", for_seals()));
    let after_end = Message::of(&lab.seal).after(&lab.unit, time("2029-06-01T00:00:00Z"));
    let made_weak = indeterminate("CRYPTO_CONSTRAINTS_FAILURE");
    expect("84", &lab.document(after_end).online(wall), wall, &made_weak);
    expect("84, stamped in time", &lab.bt().online(wall), wall, PASSED);
}

#[test]
fn a_damaged_file_with_a_seal_fails_and_one_without_has_no_answer() {
    let lab = Lab::new();
    let at = sealed() + hours(1);
    let cut = lab.bt().online(at).with_pdf(|pdf| pdf[..pdf.len() - 40].to_vec());
    let report = cut.validate(at);
    assert_eq!(report.overall.to_owned(), Overall::Worst(Conclusion::Failed(validation::Failure::FormatFailure)));
    let case = lab.bt().online(at).with_pdf(|_| b"no PDF".to_vec());
    assert!(matches!(case.ask(at), Err(validation::Error::Pdf(_))));
}

#[test]
fn the_same_question_has_the_same_report() {
    let lab = Lab::new();
    let archived = lab.blt().stamped(&lab.other_unit, sealed() + seconds(120)).offline();
    let at = time("2036-01-01T00:00:00Z");
    let once = serde_json::to_string(&archived.validate(at)).unwrap();
    assert_eq!(once, serde_json::to_string(&archived.validate(at)).unwrap());
    let report = archived.validate(at);
    assert_eq!(report.signatures.len(), 2, "the seal and the document time-stamp");
    assert_eq!(report.signatures[0].timestamps.len(), 2);
    assert!(report.signatures.iter().all(|one| one.conclusion.is_passed()));
}
