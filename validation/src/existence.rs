//! Proofs of existence, EN 319 102-1 clauses 5.6.2.3 and 5.6.3: what is known to have existed when. In: objects and times. Out:
//! the earliest time, or whether there is one in an interval. Everything is known to exist at the validation time.

use std::collections::HashMap;

use jiff::Timestamp;
use pki::Certificate;

/// What can be proven to have existed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Object {
    Certificate(Certificate),
    /// Revocation data by its place in the material.
    Revocation(usize),
    /// A seal or document time-stamp of the file, by its place: its signature value, and what it signs.
    Signature(usize),
    /// A time-stamp token by its place.
    TimeStamp(usize),
}

/// The proofs so far.
#[derive(Debug)]
pub(crate) struct Existence {
    at: Timestamp,
    proofs: HashMap<Object, Vec<Timestamp>>,
}

impl Existence {
    /// Everything exists at the validation time.
    pub(crate) fn at(at: Timestamp) -> Existence {
        Existence { at, proofs: HashMap::new() }
    }

    /// A time-stamp proves that the object existed at its time; one from the future proves nothing more.
    pub(crate) fn add(&mut self, object: &Object, time: Timestamp) {
        if time < self.at {
            let times = self.proofs.entry(object.clone()).or_default();
            if !times.contains(&time) {
                times.push(time);
            }
        }
    }

    /// The earliest time at which it is proven to have existed.
    pub(crate) fn earliest(&self, object: &Object) -> Timestamp {
        self.times(object).min().expect("at least the validation time")
    }

    /// Whether it is proven to have existed at some time from `first` to `last`.
    pub(crate) fn within(&self, object: &Object, first: Timestamp, last: Timestamp) -> bool {
        self.times(object).any(|time| (first..=last).contains(&time))
    }

    /// Whether it is proven to have existed at that time or earlier.
    pub(crate) fn at_or_before(&self, object: &Object, time: Timestamp) -> bool {
        self.earliest(object) <= time
    }

    fn times(&self, object: &Object) -> impl Iterator<Item = Timestamp> {
        self.proofs.get(object).into_iter().flatten().copied().chain([self.at])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn everything_exists_now_and_stamped_objects_existed_earlier() {
        let (stamp, now) = (time("2026-01-01T00:00:00Z"), time("2036-01-01T00:00:00Z"));
        let mut existence = Existence::at(now);
        let object = Object::Signature(0);
        assert_eq!(existence.earliest(&object), now);
        existence.add(&object, stamp);
        assert_eq!(existence.earliest(&object), stamp);
        assert!(existence.at_or_before(&object, stamp));
        assert!(existence.within(&object, now, now), "it still exists");
        assert!(!existence.within(&object, time("2027-01-01T00:00:00Z"), time("2028-01-01T00:00:00Z")));
    }

    #[test]
    fn a_stamp_from_the_future_proves_nothing() {
        let now = time("2026-01-01T00:00:00Z");
        let mut existence = Existence::at(now);
        existence.add(&Object::Signature(0), time("2027-01-01T00:00:00Z"));
        assert_eq!(existence.earliest(&Object::Signature(0)), now);
    }
}
