//! Steps about the circumstances: time, faults, and whom the verifier trusts.

use laboratory::faults::{FaultKind, Place};
use serde::Deserialize;
use world::time::Duration;

use super::value::{moment, own, parsed, right, some_moment};

/// `advance = "10d"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Advance {
    /// How long.
    #[serde(rename = "advance", deserialize_with = "parsed")]
    pub by: Duration,
}

/// `set_clock = "start+3y"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetClock {
    /// The time.
    #[serde(rename = "set_clock", deserialize_with = "some_moment")]
    pub to: String,
}

/// `fault = "down"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultStep {
    /// What goes wrong.
    #[serde(rename = "fault")]
    pub kind: FaultKind,
    /// Where.
    #[serde(deserialize_with = "parsed")]
    pub on: Place,
    /// Only the next so many requests.
    pub next: Option<u64>,
    /// Only the request with that number, from 1.
    pub nth: Option<u64>,
    /// Every request whose number is a multiple of this.
    pub every: Option<u64>,
    /// Only requests by this HTTP method.
    pub method: Option<String>,
    /// Whose service: the world's own or a stranger's.
    #[serde(default = "own")]
    pub of: String,
}

/// `clear = "ocsp"` or `"all"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clear {
    /// The place whose faults end, or `all`.
    #[serde(rename = "clear")]
    pub place: String,
}

/// `found = "NAME"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Found {
    /// The name of the authority.
    #[serde(rename = "found")]
    pub name: String,
    /// When its CA was founded, which ends twenty years later.
    #[serde(default, deserialize_with = "moment")]
    pub since: Option<String>,
    /// How wrong its clock is: `-12h` is slow.
    #[serde(default = "right", deserialize_with = "parsed")]
    pub clock: Duration,
}

/// `trust = "NAME"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trust {
    /// The authority.
    #[serde(rename = "trust")]
    pub authority: String,
}

/// `untrust = "NAME"`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Untrust {
    /// The authority.
    #[serde(rename = "untrust")]
    pub authority: String,
}
