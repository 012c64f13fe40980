//! The validation policy: what is asked for beyond the steps of EN 319 102-1, as data. In: nothing, or a file. Out: constraints.

mod file;

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

use pki::{KeyUsageBit, ObjectIdentifier};

use crate::check::CheckId;
use crate::cryptographic_suite::CryptographicSuite;
pub use file::PolicyError;

/// What is asked of seals, certificates, revocation data and time-stamps.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Its name in reports.
    pub name: String,
    /// What may follow a sealed revision.
    pub later_changes: LaterChangesAllowed,
    /// How departures from strict PDF structure count.
    pub structure: StructureConstraints,
    /// Until when algorithms are reliable.
    pub suite: CryptographicSuite,
    /// Greatest age of revocation data (5.2.5); without it the time from thisUpdate to nextUpdate.
    pub revocation_freshness: Option<Duration>,
    /// Whether certificates without revocation data fail, unless they say themselves that there is none.
    pub require_revocation_data: bool,
    /// A bit of keyUsage that a seal's certificate must have, if it has the extension.
    pub seal_key_usage: Option<KeyUsageBit>,
    /// Purposes of which a seal's certificate must have one, if it has extKeyUsage.
    pub seal_purposes: Vec<ObjectIdentifier>,
    /// organizationIdentifier values of which a seal's certificate must have one; empty: any organisation.
    pub organization_identifiers: Vec<String>,
    /// Whether a seal needs a time-stamp that proves when it existed.
    pub require_time_stamp: bool,
    /// How long after the claimed time a seal may be stamped (5.5.4 step 5); `None`: any time.
    pub time_stamp_delay: Option<Duration>,
    /// Whether the claimed time must lie in the validity of the certificate.
    pub claimed_time_in_validity: bool,
}

/// What may follow a sealed revision, apart from security stores and document time-stamps, which always may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaterChangesAllowed {
    /// Nothing.
    LongTermOnly,
    /// Further seals that earlier ones do not forbid (DocMDP, FieldMDP, /Lock), in widgets that hide nothing.
    FurtherSeals,
    /// What the certification permits (DocMDP, FieldMDP); without one forms and further seals, as DocMDP 2 (ISO 32000-2 12.8.2.2).
    Permitted,
    /// Anything: the verdict is about the sealed revision alone.
    Any,
}

/// How a broken rule counts: the levels of constraints in EN 319 102-1 implementations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConstraintLevel {
    /// It is not told.
    Ignore,
    /// It is told.
    Inform,
    /// It is told as a warning.
    Warn,
    /// FORMAT_FAILURE.
    Fail,
}

/// Where a departure from strict structure lies. A rule is there to stop somebody after the sealer from changing what is sealed
/// or shown; what the sealer's own software wrote oddly, and the signature covers, is no forgery as long as it reads one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Anomaly {
    /// In bytes that the signature covers (or in the encoding of its message, without added content), which read one way.
    Covered,
    /// In bytes that the signature covers, of which readers may see one thing or another: an object that can be reached has
    /// two definitions.
    Ambiguous,
    /// In bytes that the signature does not cover: byte range, gap, later revisions.
    Uncovered,
}

/// The level of each rule of PDF structure (U, G, X, C, M).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StructureConstraints {
    /// Of anomalies in covered bytes that read one way.
    pub covered: ConstraintLevel,
    /// Rules with a level of their own, wherever the anomaly lies. Ambiguity and what is not covered can only be lowered by
    /// naming the rule here.
    pub rules: BTreeMap<CheckId, ConstraintLevel>,
}

impl StructureConstraints {
    /// Rules that say what is signed at all: the dictionary, its byte range and its message. Without them nothing was verified, and no
    /// policy makes a pass of that.
    pub const ESSENTIAL_RULES: [CheckId; 12] = [
        CheckId::U2,
        CheckId::U3,
        CheckId::U4,
        CheckId::U5,
        CheckId::G1,
        CheckId::G2,
        CheckId::G3,
        CheckId::G4,
        CheckId::G5,
        CheckId::G6,
        CheckId::G8,
        CheckId::C1,
    ];

    /// How a rule that is broken in such a place counts. The [essential rules](Self::ESSENTIAL_RULES) are never lowered.
    pub fn level(&self, rule: CheckId, place: Anomaly) -> ConstraintLevel {
        let own = self.rules.get(&rule).copied().filter(|_| !Self::ESSENTIAL_RULES.contains(&rule));
        own.unwrap_or(match place {
            Anomaly::Covered => self.covered,
            Anomaly::Ambiguous | Anomaly::Uncovered => ConstraintLevel::Fail,
        })
    }
}

/// The text of each policy that comes along, by its name.
const BUILT_IN: [(&str, &str); 4] = [
    ("default", include_str!("policies/default.toml")),
    ("strict", include_str!("policies/strict.toml")),
    ("any-permitted-changes", include_str!("policies/any-permitted-changes.toml")),
    ("any-later-changes", include_str!("policies/any-later-changes.toml")),
];

/// The policies that come along, `default` first: constants, read once.
static ALONG: LazyLock<Vec<Policy>> = LazyLock::new(|| {
    let default = Policy::built_in(BUILT_IN[0].1, Policy::base());
    let others = BUILT_IN[1..].iter().map(|(_, text)| Policy::built_in(text, default.clone()));
    std::iter::once(default.clone()).chain(others).collect()
});

impl Policy {
    /// What a file starts from that extends nothing: `default` sets every member of it.
    fn base() -> Policy {
        let structure = StructureConstraints { covered: ConstraintLevel::Fail, rules: BTreeMap::new() };
        Policy {
            name: String::new(),
            later_changes: LaterChangesAllowed::LongTermOnly,
            structure,
            suite: CryptographicSuite::ts_119_312(),
            revocation_freshness: None,
            require_revocation_data: true,
            seal_key_usage: None,
            seal_purposes: Vec::new(),
            organization_identifiers: Vec::new(),
            require_time_stamp: true,
            time_stamp_delay: None,
            claimed_time_in_validity: true,
        }
    }

    /// Names of the policies that come along. `long-term-updates-only` is the earlier name of `strict`.
    pub const NAMES: [&'static str; 5] =
        ["default", "strict", "any-permitted-changes", "any-later-changes", "long-term-updates-only"];

    /// The policy of that name.
    pub fn named(name: &str) -> Option<Policy> {
        let current_name = if name == "long-term-updates-only" { "strict" } else { name };
        ALONG.iter().find(|policy| policy.name == current_name).cloned()
    }

    /// The file of the policy of that name, to be edited.
    pub fn text_of(name: &str) -> Option<&'static str> {
        let current_name = if name == "long-term-updates-only" { "strict" } else { name };
        BUILT_IN.into_iter().find(|(name, _)| *name == current_name).map(|(_, text)| text)
    }

    /// `strict`: the same as `default`, but every rule of structure counts, and after the seal there is nothing but long-term
    /// material.
    pub fn strict() -> Policy {
        Policy::named("strict").expect("it comes along")
    }

    /// `any-permitted-changes`: the default, and whatever the certification permits may follow.
    pub fn any_permitted_changes() -> Policy {
        Policy::named("any-permitted-changes").expect("it comes along")
    }

    /// `any-later-changes`: the default, whatever was added after the seal: the reading of EN 319 102-1 alone.
    pub fn any_later_changes() -> Policy {
        Policy::named("any-later-changes").expect("it comes along")
    }
}

/// `default`: revocation data for every certificate, dates of TS 119 312; after the seal nothing but long-term material and
/// permitted further seals; what the sealer wrote oddly, and the signature covers, is a warning.
impl Default for Policy {
    fn default() -> Policy {
        ALONG[0].clone()
    }
}
