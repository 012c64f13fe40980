//! What travels when the audit chain is asked for: a verdict, and pages of entries ([`super::log::AuditPage`]).

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::verification::{AuditFault, AuditVerdict};

/// A verdict as it is told over HTTP and on the command line. Members stand in the order of their names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditSummary {
    /// If it is intact: entries that say that the chain was broken before, and that this was accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_breaks: Option<Vec<i64>>,
    /// If a counter differs: how often the key was used by the chain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audited: Option<u64>,
    /// If a counter differs: how often the key was used by its counter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted: Option<u64>,
    /// If it is intact: how many entries there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entries: Option<u64>,
    /// If it is not intact: what is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<ChainFault>,
    /// If it is intact: number and hash of the newest entry, to be kept elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<String>,
    /// Whether everything fits.
    pub intact: bool,
    /// If a counter differs: the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The same for people.
    pub sentence: String,
    /// If it is broken: the first entry that does not fit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequence: Option<i64>,
}

/// What is wrong with a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum ChainFault {
    /// An entry, or its place.
    Entry(AuditFault),
    /// The counter of a key.
    Counter(CounterFault),
}

/// What is wrong with the counter of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CounterFault {
    /// It is not what the entries come to.
    CounterDiffers,
}

impl From<&AuditVerdict> for AuditSummary {
    fn from(verdict: &AuditVerdict) -> AuditSummary {
        let summary =
            AuditSummary { intact: verdict.is_intact(), sentence: verdict.to_string(), ..AuditSummary::default() };
        match verdict {
            AuditVerdict::Intact { entries, head, accepted_breaks } => AuditSummary {
                entries: Some(*entries),
                head: Some(format!("{entries}:{head}")),
                accepted_breaks: Some(accepted_breaks.clone()),
                ..summary
            },
            AuditVerdict::Broken { sequence, fault } => {
                AuditSummary { sequence: Some(*sequence), fault: Some(ChainFault::Entry(*fault)), ..summary }
            }
            AuditVerdict::CounterDiffers { key, counted, audited } => AuditSummary {
                fault: Some(ChainFault::Counter(CounterFault::CounterDiffers)),
                key: Some(key.to_string()),
                counted: Some(*counted),
                audited: Some(*audited),
                ..summary
            },
        }
    }
}

/// An entry that is known from earlier: the chain must still have it. Of one member alone nothing follows.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct KnownEntry {
    /// Its number.
    pub(super) sequence: Option<i64>,
    /// Its hash, lower-case hexadecimal.
    pub(super) hash: Option<String>,
}

/// Which entries.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Window {
    /// Those after this number.
    #[serde(default)]
    pub(super) after: i64,
    /// How many, at most 1000.
    pub(super) limit: Option<i64>,
}
