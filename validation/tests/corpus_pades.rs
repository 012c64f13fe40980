//! Outside eyes: sealed PDFs of the field that nobody here made, and the facts that their source's own tests assert.
//!
//! Columns and what they are compared with: `crypto_intact`, digest and signature value of seals; `byte_range_valid`;
//! `signature_dictionary_consistent`; `modifications_detected` true and `undefined_changes` nonempty, other later changes;
//! `indication` and `sub_indication` as far as the format decides them. A slash separates signatures, in any order. Digest and
//! signature count as intact only over a valid gap: bytes from elsewhere that fit the digest are not what is shown.

#![expect(clippy::unwrap_used, reason = "what cannot be read fails the test")]

use std::path::PathBuf;

use validation::format_check::{self, SignatureFormat};
use validation::report::{Kind, LaterChanges, Outcome, SignatureReport};
use validation::{Input, Pdf, Policy};

/// File, column, and why we say something else.
const ACCEPTED: [(&str, &str, &str); 4] = [
    ("open_protected.pdf", "crypto_intact", UNSIGNED),
    ("open_protected.pdf", "byte_range_valid", UNSIGNED),
    ("open_protected.pdf", "signature_dictionary_consistent", UNSIGNED),
    ("pdf-signed-corrupted.pdf", "signature_dictionary_consistent", DAMAGED),
];

const UNSIGNED: &str = "the file has no signature: its source seals it before it asks";
const DAMAGED: &str = "ten bytes are missing, and every offset after them is wrong: read strictly it shows a signature that \
    cannot be judged (FORMAT_FAILURE, byte range invalid), and nothing of its digest or dictionary";

#[test]
fn every_asserted_fact_agrees() {
    let Some(folder) = corpus() else { return };
    let table = std::fs::read_to_string(folder.join("expected.tsv")).unwrap();
    let mut lines = table.lines();
    let columns: Vec<&str> = lines.next().unwrap().split('\t').collect();
    let (mut compared, mut differing) = (0, Vec::new());
    for line in lines {
        let values: Vec<&str> = line.split('\t').collect();
        let facts = Facts::of(&std::fs::read(folder.join("pdf").join(values[0])).unwrap());
        if std::env::var_os("SHOW").is_some() {
            facts.show(values[0]);
        }
        for (column, wanted) in columns.iter().zip(&values).skip(2).filter(|(_, value)| !value.is_empty()) {
            let Some(agrees) = facts.agree(column, wanted) else { continue };
            compared += 1;
            let accepted = ACCEPTED.iter().any(|(file, name, _)| *file == values[0] && name == column);
            if agrees == accepted {
                differing
                    .push(format!("{}: {column} is asserted {wanted}, accepted difference: {accepted}", values[0]));
            }
        }
    }
    eprintln!("{compared} facts compared");
    assert!(differing.is_empty(), "{}", differing.join("\n"));
    assert!(compared >= 150, "{compared} facts were compared");
}

struct Facts {
    formats: Vec<SignatureFormat>,
    seals: Vec<SignatureReport>,
}

impl Facts {
    fn of(bytes: &[u8]) -> Facts {
        let policy = Policy::default();
        let parsed = pades::Document::parse(bytes);
        let formats = match &parsed {
            Ok(document) => format_check::examine(document, &policy),
            Err(problem) => format_check::examine_unreadable(bytes, problem, &policy),
        };
        let none = Input {
            pdf: Pdf::of(bytes, &parsed),
            anchors: &[],
            certificates: &[],
            crls: &[],
            ocsp_responses: &[],
            policy: &policy,
            memory: &pki::SignatureMemory::default(),
        };
        let report = validation::validate(&none, "2026-11-24T09:00:00Z".parse().unwrap());
        let signatures = report.map(|report| report.signatures).unwrap_or_default();
        let seals = signatures.into_iter().filter(|one| one.kind == Kind::Seal).collect();
        Facts { formats, seals }
    }

    fn of_seals(&self) -> impl Iterator<Item = &SignatureFormat> {
        self.formats.iter().filter(|format| format.kind != Some(Kind::DocumentTimestamp))
    }

    /// Whether a column holds; `None`: it says nothing that we could compare.
    fn agree(&self, column: &str, wanted: &str) -> Option<bool> {
        let is_false = |values: &[bool]| values.contains(&false);
        let one = |values: Vec<bool>| match wanted {
            "true" => !values.is_empty() && !is_false(&values),
            "false" => is_false(&values),
            _ => sorted(values.iter().map(bool::to_string)) == sorted(wanted.split('/').map(Into::into)),
        };
        match column {
            "crypto_intact" => {
                Some(one(self.seals.iter().map(|seal| intact(seal) && self.gap_is_valid(seal)).collect()))
            }
            "byte_range_valid" => Some(one(self.of_seals().map(|format| format.facts.byte_range_valid).collect())),
            "signature_dictionary_consistent" => {
                Some(one(self.of_seals().map(|format| format.facts.dictionary_consistent == Some(true)).collect()))
            }
            "modifications_detected" if wanted == "true" => Some(self.is_changed()),
            "undefined_changes" if wanted == "nonempty" => Some(self.is_changed()),
            "indication" if wanted == "!FAILED" => Some(self.of_seals().all(|format| format.conclusion.is_passed())),
            "sub_indication" if wanted == "FORMAT_FAILURE" => {
                Some(self.of_seals().any(|format| !format.conclusion.is_passed()))
            }
            _ => None,
        }
    }

    fn gap_is_valid(&self, seal: &SignatureReport) -> bool {
        let broken = |rule| ["G3", "G4", "G5"].contains(&rule);
        !seal.checks.iter().any(|one| one.rule().is_some_and(broken) && one.outcome == Outcome::Failed)
    }

    fn is_changed(&self) -> bool {
        self.formats.iter().any(|format| format.facts.later_changes == LaterChanges::Other)
    }

    fn show(&self, name: &str) {
        eprintln!("=== {name}");
        for seal in &self.seals {
            eprintln!("  {} {:?}", seal.field, seal.facts);
        }
        for format in &self.formats {
            eprintln!("  {} {:?} {:?} {:?}", format.field, format.kind, format.facts, format.conclusion);
            for check in format.checks.iter().filter(|check| check.outcome != Outcome::Passed) {
                eprintln!(
                    "    {:?} {:?} at {:?}: {}",
                    check.outcome,
                    check.rule().unwrap(),
                    check.offset,
                    check.detail
                );
            }
        }
    }
}

fn sorted(values: impl Iterator<Item = String>) -> Vec<String> {
    let mut values: Vec<String> = values.collect();
    values.sort();
    values
}

fn intact(seal: &SignatureReport) -> bool {
    seal.facts.hash_intact == Some(true) && seal.facts.signature_intact == Some(true)
}

fn corpus() -> Option<PathBuf> {
    let beside = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/corpora"));
    let folder = std::env::var_os("CORPORA_DIR").map_or(beside, PathBuf::from).join("pades");
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(std::env::var_os("REQUIRE_CORPORA").is_none_or(|value| value != "1"), "corpus pades not found");
    eprintln!("skipped: corpus pades not found");
    None
}
