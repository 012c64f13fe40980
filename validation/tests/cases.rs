//! The handed cases of messages, algorithms, paths and revocation data (00 to 07, 18, 23 to 26, 28), judged as a whole, with the answers of their table.

#![expect(clippy::unwrap_used, reason = "what cannot be read fails the test")]

use std::path::{Path, PathBuf};

use pki::Certificate;
use validation::report::{Outcome, Report, SignatureReport};
use validation::{Anchor, CheckId, Input, Pdf, Policy};

/// A file of the handed cases, or `None` with a note; with REQUIRE_CORPORA=1 a missing one fails the test.
fn file(name: &str) -> Option<Vec<u8>> {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora");
    let corpora = std::env::var_os("CORPORA_DIR").map_or(shared, PathBuf::from);
    let found = std::fs::read(corpora.join("../cases").join(name));
    if found.is_err() {
        assert!(std::env::var_os("REQUIRE_CORPORA").is_none_or(|value| value != "1"), "case {name} not found");
        println!("skipped: case {name} not found");
    }
    found.ok()
}

fn judge(name: &str, trust: &str, at: &str) -> Option<Report> {
    let (pdf, trust) = (file(&format!("{name}.pdf"))?, file(trust)?);
    let anchors = Certificate::from_pem_bundle(std::str::from_utf8(&trust).unwrap()).unwrap();
    let anchors: Vec<Anchor> = anchors.into_iter().map(Anchor::from).collect();
    let policy = Policy::default();
    let (certificates, crls, ocsp_responses) = (&[][..], &[][..], &[][..]);
    let parsed = pades::Document::parse(pdf.as_slice());
    let pdf = Pdf::of(&pdf, &parsed);
    let input = Input {
        pdf,
        anchors: &anchors,
        certificates,
        crls,
        ocsp_responses,
        policy: &policy,
        memory: &pki::SignatureMemory::default(),
    };
    Some(validation::validate(&input, at.parse().unwrap()).unwrap())
}

#[track_caller]
fn expect(name: &str, at: &str, wanted: &str) -> Option<SignatureReport> {
    let seal = judge(name, &format!("{name}.trust.pem"), at)?.signatures.remove(0);
    assert_eq!(seal.conclusion.to_string(), wanted, "{name} at {at}: {:#?}", seal.checks);
    Some(seal)
}

const NOW: &str = "2026-11-28T22:26:29Z";

#[test]
fn messages_and_algorithms_of_common_signers_are_verified() {
    let passed = "TOTAL-PASSED";
    for (name, wanted) in [
        ("00-control/control", passed),
        ("00-control/control-rsa", passed),
        ("01-forged-self-signed/forged-brainpoolP256r1", "TOTAL-FAILED/SIG_CRYPTO_FAILURE"),
        ("04-format-failure-although-verifiable/ber-indefinite", passed),
        ("04-format-failure-although-verifiable/hybrid", passed),
        ("04-format-failure-although-verifiable/missing-endobj", passed),
        ("04-format-failure-although-verifiable/signing-time", passed),
        ("04-format-failure-although-verifiable/startxref-1", passed),
        ("04-format-failure-although-verifiable/xref-19-bytes", passed),
        ("05-hash-failure-although-unchanged/adbe-pkcs7-sha1", "INDETERMINATE/CRYPTO_CONSTRAINTS_FAILURE_NO_POE"),
        ("05-hash-failure-although-unchanged/no-signed-attributes", "INDETERMINATE/SIG_CONSTRAINTS_FAILURE"),
        ("06-rsa-pss-salt/salt-20", passed),
        ("06-rsa-pss-salt/salt-222", passed),
        ("07-other-algorithms/sha3-256-ecdsa", passed),
        ("07-other-algorithms/x509-rsa-sha1", "INDETERMINATE/SIG_CONSTRAINTS_FAILURE"),
    ] {
        let Some(report) = judge(name, &format!("{name}.root.pem"), NOW) else { continue };
        let seal = &report.signatures[0];
        assert_eq!(seal.conclusion.to_string(), wanted, "{name}: {:#?}", seal.checks);
        let forged = wanted.ends_with("SIG_CRYPTO_FAILURE");
        assert_eq!((seal.facts.hash_intact, seal.facts.signature_intact), (Some(true), Some(!forged)), "{name}");
    }
}

#[test]
fn a_name_without_a_path_is_not_confirmed_and_a_permitted_seal_is_told() {
    let Some(report) = judge("18-who-issued/self-made", "18-who-issued/root.pem", NOW) else { return };
    let seal = &report.signatures[0];
    assert_eq!(seal.conclusion.to_string(), "INDETERMINATE/NO_CERTIFICATE_CHAIN_FOUND");
    assert_eq!((seal.facts.path_to_anchor, seal.confirmed_name()), (false, None));
    let root = "02-second-signature/root.pem";
    let Some(report) = judge("02-second-signature/certified-P2-then-sealed", root, NOW) else { return };
    let certification = &report.signatures[0];
    assert_eq!(certification.conclusion.to_string(), "INDETERMINATE/CERTIFICATE_CHAIN_GENERAL_FAILURE");
    assert_eq!(certification.facts.later_changes, validation::report::LaterChanges::Seals);
}

const THEN: &str = "2026-11-20T13:00:00Z";
const LATER: &str = "2026-12-20T00:00:00Z";

#[test]
fn a_list_of_another_partition_says_nothing() {
    expect("24-crl-partition/crl-shard-own", THEN, "TOTAL-PASSED");
    expect("24-crl-partition/crl-shard-own", LATER, "INDETERMINATE/TRY_LATER");
    for at in [THEN, LATER] {
        expect("24-crl-partition/crl-shard-substring-revoked", at, "INDETERMINATE/REVOKED_NO_POE");
    }
}

#[test]
fn data_that_must_not_be_used_is_none() {
    for name in ["crl-remove-in-full", "ocsp-responder-critical"] {
        let name = format!("25-responder/{name}");
        expect(&name, THEN, "INDETERMINATE/CERTIFICATE_CHAIN_GENERAL_FAILURE");
    }
    expect("25-responder/ess-v2-good-v1-other", THEN, "INDETERMINATE/NO_SIGNING_CERTIFICATE_FOUND");
}

#[test]
fn a_forged_token_is_dropped() {
    let control = expect("28-forged-time-stamp/control", THEN, "TOTAL-PASSED");
    let Some(control) = control else { return };
    let forged = judge(
        "28-forged-time-stamp/tst-brainpool-trusted-garbage",
        "28-forged-time-stamp/tst-brainpool-trusted-garbage.trust.pem",
        THEN,
    );
    let forged = forged.unwrap().signatures.remove(0);
    assert!(forged.timestamps.iter().all(|stamp| !stamp.conclusion.0.is_passed()));
    assert!(forged.best_signature_time >= control.best_signature_time, "{:?}", forged.best_signature_time);
}

#[test]
fn a_hundred_tokens_and_two_hundred_namesakes_leave_the_seal_its_path() {
    let Some(report) = judge("26-slow/dos-100-200", "26-slow/dos.trust.pem", THEN) else { return };
    let seal = &report.signatures[0];
    assert_eq!(seal.conclusion.to_string(), "TOTAL-PASSED");
    let told = |check: &&validation::report::Check| {
        check.id == CheckId::WorkSufficed && matches!(check.outcome, Outcome::Failed | Outcome::Warning)
    };
    assert!(seal.checks.iter().any(|check| told(&check)), "that not everything was tried is told");
}
