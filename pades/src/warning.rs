//! What whoever wanted a seal should be told although it was made.

use crate::error::Irregularity;
use std::fmt;

/// One such thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// The file departs from the standard in a way that leaves one reading, and the seal covers it as it is.
    Irregular(Irregularity),
    /// An entry of the field's seed value dictionary (ISO 32000-1 table 234) was not obeyed, or changed what was made.
    SeedValue {
        /// The field.
        field: String,
        /// The entry, such as `SubFilter` or `Cert/KeyUsage`.
        entry: String,
        /// What was wished, and what was done.
        detail: String,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Warning::Irregular(found) => {
                write!(f, "the seal covers an anomaly: {}", found.problem)
            }
            Warning::SeedValue { field, entry, detail } => {
                write!(f, "the field {field:?} asks for something (seed value /{entry}), {detail}")
            }
        }
    }
}
