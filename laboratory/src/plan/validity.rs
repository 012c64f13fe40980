//! When the keys of a plan's authorities are valid. In: a plan whose authorities hang together, and its start. Out: each key's first
//! and last moment, as the certification authority will make them.

use std::collections::BTreeMap;

use ca::{AuthorityId, Profile};
use jiff::Timestamp;
use world::time::Duration;

use super::AuthorityPlan;

/// One key of an authority, by its own certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct KeyValidity {
    pub(super) begins: Timestamp,
    pub(super) ends: Timestamp,
}

/// The keys of the authorities that are known so far, oldest first.
#[derive(Debug, Default)]
pub(super) struct Validities(BTreeMap<AuthorityId, Vec<KeyValidity>>);

impl Validities {
    /// The key that an authority signs with at `at`: the newest that is valid then.
    pub(super) fn signing_at(&self, id: &AuthorityId, at: Timestamp) -> Option<KeyValidity> {
        let keys = self.0.get(id)?;
        keys.iter().rev().find(|key| (key.begins..=key.ends).contains(&at)).copied()
    }

    /// From the first moment of the first key to the last of the last one.
    pub(super) fn of(&self, id: &AuthorityId) -> Option<KeyValidity> {
        let keys = self.0.get(id)?;
        Some(KeyValidity { begins: keys.first()?.begins, ends: keys.last()?.ends })
    }

    /// Takes up an authority whose parent is known, or which is a root: its first key from `begins` on, then one from each of
    /// `rollovers` on. A key ends no later than the key that certifies it.
    pub(super) fn insert(&mut self, plan: &AuthorityPlan, begins: Timestamp, rollovers: &[Timestamp]) {
        let validity = plan.validity.unwrap_or_else(|| usual(plan));
        let key = |begins: Timestamp| {
            let ends = last_second(validity, begins);
            let of_parent = plan.parent.as_ref().and_then(|parent| self.signing_at(parent, begins));
            KeyValidity { begins, ends: of_parent.map_or(ends, |parent| parent.ends.min(ends)) }
        };
        let keys = std::iter::once(begins).chain(rollovers.iter().copied()).map(key).collect();
        self.0.insert(plan.id.clone(), keys);
    }
}

/// How long an authority's certificate is valid if its plan does not say.
fn usual(plan: &AuthorityPlan) -> Duration {
    if plan.parent.is_none() { Profile::Root.validity() } else { Profile::IntermediateCa.validity() }
}

/// The last moment of what is valid for so long from `begins` on: both ends count.
pub(super) fn last_second(validity: Duration, begins: Timestamp) -> Timestamp {
    let end = validity.until(begins);
    if end == world::time::LAST { end } else { Duration::seconds(-1).after(end).unwrap_or(end) }
}
