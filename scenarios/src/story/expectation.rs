//! What a verification must come to. In: an expectation, a report. Out: every difference, as expected and found.

use jiff::Timestamp;
use serde::Deserialize;
use validation::report::{Check, Kind, Outcome, Overall, Report, SignatureReport};
use validation::{CheckId, Conclusion, Failure, Language, Reason};

use super::step::{at_moment, check_moment};

/// What a verification must come to. What is not said is not compared.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// `TOTAL-PASSED`, `TOTAL-FAILED`, `INDETERMINATE` or `NO_SIGNATURE_FOUND`: the worst over the seals of the file.
    #[serde(deserialize_with = "verdict")]
    pub verdict: String,
    /// Such as `REVOKED_NO_POE`.
    #[serde(default, deserialize_with = "sub_indication")]
    pub sub_indication: Option<String>,
    /// `stamp` (genTime of the file's time-stamp), `now` (the validation time), or a time.
    #[serde(default)]
    pub best_signature_time: Option<String>,
    /// `B-B`, `B-T`, `B-LT`, `B-LTA` or `not-baseline`.
    #[serde(default)]
    pub level: Option<String>,
    /// What is so, apart from any verdict.
    #[serde(default)]
    pub facts: FactsExpected,
    /// The conclusion on each time-stamp of the seal, such as `PASSED` or `INDETERMINATE/NO_CERTIFICATE_CHAIN_FOUND`; without
    /// the part after the slash, that is not compared.
    #[serde(default)]
    pub timestamps: Option<Vec<String>>,
    /// A check that must not have passed: its id, such as `revocation-data-fresh` or `M7`, or words of its line.
    #[serde(default)]
    pub fails: Option<String>,
    /// A check that must be a warning: its id, or words of its line.
    #[serde(default)]
    pub warns: Option<String>,
    /// The field of the seal that is meant; without it the first seal.
    #[serde(default)]
    pub field: Option<String>,
}

/// Facts that must be so.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FactsExpected {
    /// The signed bytes have the digest that was signed.
    pub hash_intact: Option<bool>,
    /// The signature value verifies.
    pub signature_intact: Option<bool>,
    /// The byte range is right.
    pub byte_range_valid: Option<bool>,
    /// The dictionary is the same in all revisions.
    pub dictionary_consistent: Option<bool>,
    /// `none`, `long-term` or `other`.
    pub later_changes: Option<String>,
}

/// The times that expectations may name.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// When the story began.
    pub start: Timestamp,
    /// The validation time.
    pub now: Timestamp,
    /// genTime of the file's time-stamp, if it has one.
    pub stamp: Option<Timestamp>,
}

impl Expectation {
    /// `INDETERMINATE/REVOKED_NO_POE`.
    pub fn conclusion(&self) -> String {
        match &self.sub_indication {
            Some(sub_indication) => format!("{}/{sub_indication}", self.verdict),
            None => self.verdict.clone(),
        }
    }

    /// Every difference between what was expected and what was found, as a sentence.
    pub fn differences(&self, report: &Report, times: Times) -> Vec<String> {
        let mut differences = Vec::new();
        let found = overall(report);
        let same = found.0 == self.verdict && (self.sub_indication.is_none() || self.sub_indication == found.1);
        if !same {
            let found = found.1.map_or(found.0.clone(), |sub_indication| format!("{}/{sub_indication}", found.0));
            differences.push(differs("verdict", &self.conclusion(), &found));
        }
        let Some(seal) = self.seal(report) else {
            if self.speaks_of_a_seal() {
                differences.push(differs("seal", self.field.as_deref().unwrap_or("one"), "none"));
            }
            return differences;
        };
        differences.extend(self.time_differs(seal, times));
        differences.extend(self.level.as_ref().and_then(|expected| {
            let found = serialized(&seal.level);
            (found != *expected).then(|| differs("level", expected, &found))
        }));
        differences.extend(self.facts_differ(seal));
        differences.extend(self.time_stamps_differ(seal));
        differences.extend(self.checks_differ(seal));
        differences
    }

    fn seal<'r>(&self, report: &'r Report) -> Option<&'r SignatureReport> {
        report.signatures.iter().find(|one| match &self.field {
            Some(field) => one.field == *field,
            None => one.kind == Kind::Seal,
        })
    }

    fn speaks_of_a_seal(&self) -> bool {
        let checks = self.fails.is_some() || self.warns.is_some() || self.timestamps.is_some();
        let seal = self.level.is_some() || self.field.is_some() || self.best_signature_time.is_some();
        checks || seal || self.facts != FactsExpected::default()
    }

    fn time_differs(&self, seal: &SignatureReport, times: Times) -> Option<String> {
        let name = self.best_signature_time.as_deref()?;
        let expected = match name {
            "stamp" => times.stamp,
            moment => at_moment(moment, times.start, times.now).ok(),
        };
        let text = |time: Option<Timestamp>| time.map_or_else(|| "none".into(), |time| time.to_string());
        let expected_text = format!("{} ({name})", text(expected));
        (expected.is_none() || seal.best_signature_time != expected)
            .then(|| differs("best_signature_time", &expected_text, &text(seal.best_signature_time)))
    }

    fn facts_differ(&self, seal: &SignatureReport) -> Vec<String> {
        let (expected, found) = (&self.facts, &seal.facts);
        let mut differences = Vec::new();
        for (name, expected, found) in [
            ("hash_intact", expected.hash_intact, found.hash_intact),
            ("signature_intact", expected.signature_intact, found.signature_intact),
            ("byte_range_valid", expected.byte_range_valid, found.byte_range_valid),
            ("dictionary_consistent", expected.dictionary_consistent, found.dictionary_consistent),
        ] {
            if expected.is_some() && expected != found {
                differences.push(differs(name, &serialized(&expected), &serialized(&found)));
            }
        }
        let later = serialized(&found.later_changes);
        if let Some(expected) = expected.later_changes.as_ref().filter(|expected| **expected != later) {
            differences.push(differs("later_changes", expected, &later));
        }
        differences
    }

    fn time_stamps_differ(&self, seal: &SignatureReport) -> Option<String> {
        let expected = self.timestamps.as_ref()?;
        let found: Vec<String> = seal.timestamps.iter().map(|one| time_stamp(one.conclusion.0)).collect();
        let same = |(expected, found): (&String, &String)| {
            expected == found || (!expected.contains('/') && found.split('/').next() == Some(expected))
        };
        let all = expected.len() == found.len() && expected.iter().zip(&found).all(same);
        (!all).then(|| differs("timestamps", &format!("{expected:?}"), &format!("{found:?}")))
    }

    fn checks_differ(&self, seal: &SignatureReport) -> Vec<String> {
        let says = |words: &str, outcomes: &[Outcome]| {
            let mut checks = seal.checks.iter().filter(|check| outcomes.contains(&check.outcome));
            match CheckId::from_name(words) {
                Some(id) => checks.any(|check| check.id == id),
                None => checks.any(|check| line(check).to_lowercase().contains(&words.to_lowercase())),
            }
        };
        let fails = self.fails.as_ref().filter(|words| !says(words, &[Outcome::Failed, Outcome::Warning]));
        let warns = self.warns.as_ref().filter(|words| !says(words, &[Outcome::Warning]));
        let failed = fails.map(|words| differs("a check that did not pass and says", words, "none"));
        failed.into_iter().chain(warns.map(|words| differs("a warning that says", words, "none"))).collect()
    }
}

/// One check as a line.
pub(crate) fn line(check: &Check) -> String {
    let rule = check.rule().map(|rule| format!(" {rule}")).unwrap_or_default();
    let offset = check.offset.map(|offset| format!(" (byte {offset})")).unwrap_or_default();
    format!("{}{rule} {}: {}{offset}", check.id.clause(), check.sentence(Language::English), check.detail)
}

/// Indication and sub-indication of the whole file.
pub(crate) fn overall(report: &Report) -> (String, Option<String>) {
    match report.overall {
        Overall::NoSignatureFound => (NO_SIGNATURE.into(), None),
        Overall::Worst(worst) => (worst.indication().into(), worst.sub_indication().map(str::to_owned)),
    }
}

/// The conclusion on a time-stamp is not a TOTAL one.
pub(crate) fn time_stamp(conclusion: Conclusion) -> String {
    let whole = conclusion.to_string();
    whole.strip_prefix("TOTAL-").unwrap_or(&whole).to_owned()
}

fn serialized<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        Ok(other) => other.to_string(),
        Err(_) => String::new(), // names and booleans can be written
    }
}

fn differs(what: &str, expected: &str, found: &str) -> String {
    format!("{what}: expected {expected}, found {found}")
}

const NO_SIGNATURE: &str = "NO_SIGNATURE_FOUND";

fn verdict<'de, D: serde::Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    const ALL: [&str; 4] = ["TOTAL-PASSED", "TOTAL-FAILED", "INDETERMINATE", NO_SIGNATURE];
    let text = String::deserialize(from)?;
    if ALL.contains(&text.as_str()) {
        return Ok(text);
    }
    Err(serde::de::Error::custom(format!("there is no verdict {text:?}, expected one of {}", ALL.join(", "))))
}

fn sub_indication<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let names = Failure::ALL.map(|one| one.name()).into_iter();
    let names: Vec<&str> = names.chain(Reason::ALL.map(|one| one.name())).collect();
    let text = String::deserialize(from)?;
    if names.contains(&text.as_str()) {
        return Ok(Some(text));
    }
    Err(serde::de::Error::custom(format!("there is no sub-indication {text:?}, expected one of {}", names.join(", "))))
}

impl Expectation {
    /// What a reading of the file alone cannot refuse: a pair of verdict and sub-indication that the standard does not know.
    pub(super) fn check(&self) -> Result<(), String> {
        if let Some(time) = self.best_signature_time.as_ref().filter(|time| *time != "stamp") {
            check_moment(time).map_err(|error| format!("best_signature_time: {error}; or \"stamp\""))?;
        }
        let pair = (self.verdict.as_str(), self.sub_indication.as_deref());
        if pair.1.is_none() || Conclusion::from_names(pair.0, pair.1).is_some() {
            return Ok(());
        }
        Err(format!(
            "{} does not exist: EN 319 102-1 table 5 pairs no such verdict and sub-indication",
            self.conclusion()
        ))
    }
}
