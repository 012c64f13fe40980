//! How a report is written as JSON, where that is not as its types are: a conclusion is two members of its object, and a check
//! brings clause, rule and sentence along.

use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use super::{Check, Outcome, Overall, TimestampConclusion};
use crate::check::CheckId;
use crate::conclusion::Conclusion;
use crate::language::Language;

/// The two members of a conclusion.
#[derive(Serialize, ToSchema)]
pub(super) struct Indication {
    /// Of a whole signature `TOTAL-PASSED`, `TOTAL-FAILED` or `INDETERMINATE`, of a time-stamp `PASSED`, `FAILED` or
    /// `INDETERMINATE`; of a file also `NO_SIGNATURE_FOUND`.
    #[schema(example = "TOTAL-FAILED")]
    indication: &'static str,
    /// A sub-indication of EN 319 102-1 clause 5.1.3.
    #[schema(example = "HASH_FAILURE")]
    sub_indication: Option<&'static str>,
}

/// One line of the report.
#[derive(Serialize, ToSchema)]
#[schema(as = Check)]
pub(super) struct CheckLine<'a> {
    /// What was checked, for programs.
    #[schema(value_type = String)]
    id: CheckId,
    /// Where that is demanded.
    clause: &'static str,
    /// The rule of strict PDF structure.
    #[schema(example = "G4")]
    rule: Option<&'static str>,
    /// What was checked, as a sentence in English that is true if it passed.
    check: &'static str,
    /// How it came out.
    outcome: Outcome,
    /// What was wanted and what was found.
    detail: &'a str,
    /// Where in the file.
    offset: Option<u64>,
}

impl Serialize for Check {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Check { id, outcome, ref detail, offset } = *self;
        let (clause, rule, check) = (id.clause(), id.rule(), id.sentence(Language::English));
        CheckLine { id, clause, rule, check, outcome, detail, offset }.serialize(serializer)
    }
}

impl Serialize for Conclusion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Indication { indication: self.indication(), sub_indication: self.sub_indication() }.serialize(serializer)
    }
}

impl Serialize for Overall {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Overall::Worst(conclusion) => conclusion.serialize(serializer),
            Overall::NoSignatureFound => {
                Indication { indication: "NO_SIGNATURE_FOUND", sub_indication: None }.serialize(serializer)
            }
        }
    }
}

impl Serialize for TimestampConclusion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Indication { indication: self.indication(), sub_indication: self.0.sub_indication() }.serialize(serializer)
    }
}
