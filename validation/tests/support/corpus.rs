//! Where files of other people lie, and a table of what they are known to come to.

#![allow(dead_code, clippy::allow_attributes, reason = "each test program uses its own part")]

use std::path::{Path, PathBuf};

use validation::{CryptographicSuite, Policy};

/// A file or folder beside the repository; `None` where it is not there, which is a failure where corpora are required.
pub(crate) fn corpus(name: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora");
    let place = std::env::var_os("CORPORA_DIR").map_or(beside, PathBuf::from).join(name);
    found(place, name, &["REQUIRE_CORPORA"])
}

/// Something that `witnesses/install` gets.
pub(crate) fn installed(name: &str) -> Option<PathBuf> {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.witnesses").join(name);
    found(place, name, &["REQUIRE_CORPORA", "REQUIRE_WITNESSES"])
}

fn found(place: PathBuf, name: &str, required_by: &[&str]) -> Option<PathBuf> {
    if place.exists() {
        return Some(place);
    }
    let required = required_by.iter().any(|variable| std::env::var(variable).as_deref() == Ok("1"));
    assert!(!required, "{name} not found");
    println!("skipped: {name} not found");
    None
}

/// The default policy with every algorithm reliable for ever, so that old and small test keys do not hide what is tested.
pub(crate) fn lenient() -> Policy {
    let table = include_str!("../../src/cryptographic_suite.json");
    let mut table: serde_json::Value = serde_json::from_str(table).unwrap();
    for digest in table["digests"].as_array_mut().unwrap() {
        digest["until"] = serde_json::Value::Null;
    }
    for signature in table["signatures"].as_array_mut().unwrap() {
        signature["sizes"] = serde_json::json!([{ "bits": 1, "until": null }]);
    }
    let suite = CryptographicSuite::from_json(&table.to_string()).unwrap();
    Policy { name: "lenient".into(), suite, ..Policy::default() }
}

/// Compares what came out with what is wanted. A case that differs must be in the table of those that are not yet right, with its
/// reason; one in the table must differ.
pub(crate) struct Tally {
    listed: Vec<(&'static str, &'static str)>,
    right: usize,
    wrong: Vec<String>,
    used: Vec<String>,
}

impl Tally {
    pub(crate) fn new(listed: &[(&'static str, &'static str)]) -> Tally {
        Tally { listed: listed.to_vec(), right: 0, wrong: Vec::new(), used: Vec::new() }
    }

    pub(crate) fn take(&mut self, case: &str, wanted: bool, passed: bool, detail: &str) {
        let listed = self.listed.iter().any(|(name, _)| *name == case);
        match (wanted == passed, listed) {
            (true, false) => self.right += 1,
            (false, true) => self.used.push(case.to_owned()),
            (true, true) => self.wrong.push(format!("{case} is right now: take it off the list")),
            (false, false) => {
                self.wrong.push(format!("{case}: wanted {wanted}, found {passed}: {detail}"));
            }
        }
    }

    pub(crate) fn finish(self, at_least: usize) {
        println!("{} right, {} listed", self.right, self.used.len());
        let missing = self.listed.iter().filter(|(name, _)| !self.used.iter().any(|used| used == name));
        let missing: Vec<String> = missing.map(|(name, _)| format!("{name} is listed and did not differ")).collect();
        let all = [self.wrong, missing].concat();
        assert!(all.is_empty(), "{}", all.join("\n"));
        assert!(self.right >= at_least, "only {} are right", self.right);
    }
}
