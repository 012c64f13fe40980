//! The handed cases of file structure (04, 10, 11, 21, 22), judged by the rules of PDF structure alone.

use std::path::{Path, PathBuf};

use pades::Document;
use validation::Policy;
use validation::format_check::{self, SignatureFormat};
use validation::report::Outcome;

/// A handed case, or `None` with a note; with REQUIRE_CORPORA=1 a missing one fails the test.
fn case(name: &str) -> Option<Vec<u8>> {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora");
    let corpora = std::env::var_os("CORPORA_DIR").map_or(shared, PathBuf::from);
    let found = std::fs::read(corpora.join("../cases").join(name));
    if found.is_err() {
        assert!(std::env::var_os("REQUIRE_CORPORA").is_none_or(|value| value != "1"), "case {name} not found");
        eprintln!("skipped: case {name} not found");
    }
    found.ok()
}

fn formats(pdf: &[u8], policy: &Policy) -> Vec<SignatureFormat> {
    match Document::parse(pdf) {
        Ok(document) => format_check::examine(&document, policy),
        Err(problem) => format_check::examine_unreadable(pdf, &problem, policy),
    }
}

/// What failed of the oldest signature, with the findings.
fn failed(pdf: &[u8], policy: &Policy) -> Vec<(&'static str, String)> {
    let oldest = formats(pdf, policy).remove(0);
    let failed = oldest.checks.into_iter().filter(|check| check.outcome == Outcome::Failed);
    failed.map(|check| (check.rule().unwrap_or_default(), check.detail)).collect()
}

#[test]
fn what_the_signature_covers_is_told_and_fails_in_the_strict_policy_only() {
    let cases = [
        ("ber-indefinite", "G7"),
        ("hybrid", "X3"),
        ("missing-endobj", "X10"),
        ("signing-time", "C3"),
        ("startxref-1", "X2"),
        ("xref-19-bytes", "X4"),
    ];
    for (name, rule) in cases {
        let Some(pdf) = case(&format!("04-format-failure-although-verifiable/{name}.pdf")) else { continue };
        assert_eq!(failed(&pdf, &Policy::default()), [], "{name}");
        let strict = failed(&pdf, &Policy::strict());
        assert!(strict.iter().any(|(failed, _)| *failed == rule), "{name}: {strict:?}");
    }
    let Some(pdf) = case("04-format-failure-although-verifiable/signpdf-etsi-jspdf.pdf") else { return };
    assert_eq!(failed(&pdf, &Policy::default()), []);
}

#[test]
fn forged_files_fail_whatever_takes_their_numbers_or_makes_readers_rebuild_them() {
    let cases = [
        ("21-overridden-by-xref-stream/one-B-B.pdf", ["X5", "M3"].as_slice()),
        ("21-overridden-by-xref-stream/w182-two-B-LTA.pdf", &["X5", "M3"]),
        ("22-made-to-repair/repair-one-B-B-xs-type3.pdf", &["X4", "X6", "M6"]),
        ("22-made-to-repair/repair-one-B-LTA-size-huge.pdf", &["X4", "X6", "M6"]),
    ];
    for (name, rules) in cases {
        let Some(pdf) = case(name) else { continue };
        for policy in [&Policy::default(), &Policy::strict()] {
            let found = failed(&pdf, policy);
            for rule in rules {
                assert!(found.iter().any(|(failed, _)| failed == rule), "{name}, {rule}: {found:?}");
            }
        }
    }
}

#[test]
fn controls_and_an_encrypted_file_that_opens_pass() {
    for name in ["00-control/control.pdf", "00-control/control-rsa.pdf", "11-encrypted/p17-s22a-rc4-emptyuser.pdf"] {
        let Some(pdf) = case(name) else { continue };
        assert_eq!(failed(&pdf, &Policy::default()), [], "{name}");
    }
}
