//! What is reported of a validation: every check with its clause, and what it comes to. The JSON members are a promise to
//! scripts; names change only with a line in the change log.

use jiff::Timestamp;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::check::CheckId;
use crate::conclusion::Conclusion;
use crate::language::Language;

/// The report on one file.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The validation time.
    pub validation_time: Timestamp,
    /// How many revisions the file has.
    pub revisions: usize,
    /// The worst over its seals; none: there is no signature.
    #[serde(flatten)]
    pub overall: Overall,
    /// Its seals and document time-stamps, in the order of their revisions.
    pub signatures: Vec<SignatureReport>,
}

/// What a file comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overall {
    /// It has no signature. That is neither good nor bad, and never a pass.
    NoSignatureFound,
    /// The worst conclusion over its seals.
    Worst(Conclusion),
}

/// The report on one seal or document time-stamp.
#[derive(Clone, Debug, Serialize)]
pub struct SignatureReport {
    /// Fully qualified name of its field.
    pub field: String,
    /// Seal or document time-stamp.
    pub kind: Kind,
    /// The level that its structure claims, whatever its validity.
    pub level: Level,
    /// What it comes to.
    #[serde(flatten)]
    pub conclusion: Conclusion,
    /// Whose it is, from the certificate.
    pub signer: Option<Signer>,
    /// /M of the signature dictionary: a claim.
    pub claimed_time: Option<Timestamp>,
    /// The earliest time at which it is proven to have existed.
    pub best_signature_time: Option<Timestamp>,
    /// What is so, apart from any verdict.
    pub facts: Facts,
    /// The time-stamps that belong to it.
    pub timestamps: Vec<TimestampReport>,
    /// Every check, also those that passed, in the order in which they were made.
    pub checks: Vec<Check>,
}

/// What a signature dictionary is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// An e-seal.
    Seal,
    /// A document time-stamp.
    #[serde(rename = "document-timestamp")]
    DocumentTimestamp,
}

/// PAdES baseline levels by structure (EN 319 142-1 clause 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Level {
    /// None of them.
    #[serde(rename = "not-baseline")]
    NotBaseline,
    /// B-B
    #[serde(rename = "B-B")]
    BB,
    /// B-T
    #[serde(rename = "B-T")]
    BT,
    /// B-LT
    #[serde(rename = "B-LT")]
    BLT,
    /// B-LTA
    #[serde(rename = "B-LTA")]
    BLTA,
}

impl Level {
    /// As it is written: `B-LTA`, or `not-baseline`.
    pub fn name(self) -> &'static str {
        match self {
            Level::NotBaseline => "not-baseline",
            Level::BB => "B-B",
            Level::BT => "B-T",
            Level::BLT => "B-LT",
            Level::BLTA => "B-LTA",
        }
    }
}

/// Whose seal it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Signer {
    /// RFC 4514.
    pub subject: String,
    /// O.
    pub organization: Option<String>,
    /// organizationIdentifier, 2.5.4.97.
    pub organization_identifier: Option<String>,
    /// Lower hex.
    pub serial: String,
}

/// `None`: could not be determined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Facts {
    /// The signed bytes have the digest that was signed.
    pub hash_intact: Option<bool>,
    /// The signature value verifies.
    pub signature_intact: Option<bool>,
    /// The byte range leaves out exactly this signature's /Contents and ends where a revision ends.
    pub byte_range_valid: Option<bool>,
    /// The dictionary in the signed revision is that of the newest one.
    pub dictionary_consistent: Option<bool>,
    /// What came after the signed revision.
    pub later_changes: LaterChanges,
}

/// What revisions after a signature's own did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LaterChanges {
    /// There is none.
    None,
    /// Only security stores and document time-stamps.
    LongTerm,
    /// The same, and further seals that the earlier signatures permit.
    Seals,
    /// Something else.
    Other,
}

/// A time-stamp that belongs to a signature.
#[derive(Clone, Debug, Serialize)]
pub struct TimestampReport {
    /// What it covers.
    pub kind: TimestampKind,
    /// genTime.
    pub time: Option<Timestamp>,
    /// What it comes to.
    #[serde(flatten)]
    pub conclusion: TimestampConclusion,
    /// Subject of its authority's certificate.
    pub tsa: Option<String>,
}

/// What a time-stamp covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TimestampKind {
    /// The signature value.
    Signature,
    /// The whole document so far.
    Document,
    /// The signed content, before signing.
    Content,
}

/// The conclusion on a time-stamp: written `PASSED`, `FAILED`, `INDETERMINATE` (EN 319 102-1 clause 5.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimestampConclusion(pub Conclusion);

/// One line of the report. In JSON it has the members `id`, `clause`, `rule`, `check` (the sentence in English), `outcome`,
/// `detail` and `offset`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What was checked.
    pub id: CheckId,
    /// How it came out.
    pub outcome: Outcome,
    /// What was wanted and what was found.
    pub detail: String,
    /// Where in the file.
    pub offset: Option<u64>,
}

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// It holds.
    Passed,
    /// It does not hold, and that counts.
    Failed,
    /// It does not hold, and that is told.
    Warning,
    /// It could not be applied, or the policy does not ask for it.
    Ignored,
}

impl Outcome {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Passed => "passed",
            Outcome::Failed => "failed",
            Outcome::Warning => "warning",
            Outcome::Ignored => "ignored",
        }
    }
}

impl Check {
    /// A check that holds.
    pub fn passed(id: CheckId, detail: impl Into<String>) -> Check {
        Check { id, outcome: Outcome::Passed, detail: detail.into(), offset: None }
    }

    /// A check that does not hold.
    pub fn failed(id: CheckId, detail: impl Into<String>) -> Check {
        Check { outcome: Outcome::Failed, ..Check::passed(id, detail) }
    }

    /// A check that does not hold, which is told but does not count.
    pub fn warning(id: CheckId, detail: impl Into<String>) -> Check {
        Check { outcome: Outcome::Warning, ..Check::passed(id, detail) }
    }

    /// A check that is not asked for, or cannot be applied.
    pub fn ignored(id: CheckId, detail: impl Into<String>) -> Check {
        Check { outcome: Outcome::Ignored, ..Check::passed(id, detail) }
    }

    /// Rule of PDF structure, such as `G4`.
    pub fn rule(&self) -> Option<&'static str> {
        self.id.rule()
    }

    /// What was checked, as a sentence that is true if the check passed.
    pub fn sentence(&self, language: Language) -> &'static str {
        self.id.sentence(language)
    }
}

impl Serialize for Check {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_struct("Check", 7)?;
        members.serialize_field("id", &self.id)?;
        members.serialize_field("clause", self.id.clause())?;
        members.serialize_field("rule", &self.id.rule())?;
        members.serialize_field("check", self.sentence(Language::English))?;
        members.serialize_field("outcome", &self.outcome)?;
        members.serialize_field("detail", &self.detail)?;
        members.serialize_field("offset", &self.offset)?;
        members.end()
    }
}

impl Report {
    /// Exit code of `eseal verify` for one file: 0 every seal passed, 1 any failed, 2 else any undecided, 3 no signature.
    pub fn exit_code(&self) -> u8 {
        match self.overall {
            Overall::NoSignatureFound => 3,
            Overall::Worst(Conclusion::Passed) => 0,
            Overall::Worst(Conclusion::Failed(_)) => 1,
            Overall::Worst(Conclusion::Indeterminate(_)) => 2,
        }
    }
}

#[derive(Serialize)]
struct Names {
    indication: &'static str,
    sub_indication: Option<&'static str>,
}

impl Serialize for Conclusion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Names { indication: self.indication(), sub_indication: self.sub_indication() }.serialize(serializer)
    }
}

impl Serialize for Overall {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Overall::Worst(conclusion) => conclusion.serialize(serializer),
            Overall::NoSignatureFound => {
                Names { indication: "NO_SIGNATURE_FOUND", sub_indication: None }.serialize(serializer)
            }
        }
    }
}

impl Serialize for TimestampConclusion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let indication = match self.0 {
            Conclusion::Passed => "PASSED",
            Conclusion::Failed(_) => "FAILED",
            Conclusion::Indeterminate(_) => "INDETERMINATE",
        };
        Names { indication, sub_indication: self.0.sub_indication() }.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conclusion::Failure;

    #[test]
    fn conclusions_are_two_members_of_their_object() {
        let report = Report {
            validation_time: "2026-11-24T09:00:00Z".parse().unwrap(),
            revisions: 1,
            overall: Overall::Worst(Conclusion::Failed(Failure::HashFailure)),
            signatures: Vec::new(),
        };
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(json["indication"], "TOTAL-FAILED");
        assert_eq!(json["sub_indication"], "HASH_FAILURE");
        assert_eq!(report.exit_code(), 1);
    }
}
