//! Which level rows get while what the asked one needs is away, if the batch allows a lower one. In: what came of attempts. Out: whether a
//! row may be lower, and when the asked level is tried again.
//!
//! Attempts are counted for the outage, not for each row: once it is known, a batch of thousands goes on at the lower level, and one
//! lease now and then finds out whether the service is back. This is known in one process; another finds it out for itself.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sealing::Level;
use tokio::time::Instant;

use crate::register::Words;
use crate::register::words::both;

/// From this attempt on a row may have a lower level than was asked for.
const FROM_ATTEMPT: i64 = 3;

/// How long the lower level is taken before the asked one is tried again.
const LOWERED: Duration = Duration::from_secs(5);

/// How long whoever tries it may take, until another does.
const TRYING: Duration = Duration::from_secs(60);

/// Attempts of rows in one moment are one.
const MOMENT: Duration = Duration::from_secs(1);

/// The outages of batches, by their ids.
#[derive(Default)]
pub(super) struct Outages(Mutex<BTreeMap<i64, Outage>>);

struct Outage {
    /// In which some rows failed, beside those that all of a lease did.
    attempts: i64,
    counted: Instant,
    lowered: Option<Lowered>,
    /// When the asked level is tried again.
    next: Instant,
}

/// A level that can be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lowered {
    pub(super) level: Level,
    /// Why not the one that was asked for.
    pub(super) cause: String,
}

impl Lowered {
    /// What is said of a row that was to have another level.
    pub(super) fn told(&self, asked: Level) -> Words {
        let Lowered { level, cause } = self;
        both!("sealed at {level} instead of {asked}: {cause}", "{asked} ではなく {level} で署名しました: {cause}")
    }
}

impl Outages {
    /// The level to be taken at once for rows that are to have `asked`; none if that is to be tried.
    pub(super) fn lowered(&self, batch: i64, asked: Level, now: Instant) -> Option<Lowered> {
        let mut all = self.all();
        let outage = all.get_mut(&batch)?;
        let lowered = outage.lowered.clone().filter(|lowered| lowered.level < asked)?;
        if now >= outage.next {
            outage.next = now + TRYING;
            return None;
        }
        Some(lowered)
    }

    /// The asked level could not be made; gives whether a lower one may be taken by now. `attempts`: those in which nothing could be
    /// made, this one among them if it was such. `begun`: when its rows were taken; what was in hand already when another failed is the
    /// same attempt, however long it took.
    pub(super) fn failed(&self, batch: i64, attempts: i64, (begun, now): (Instant, Instant)) -> bool {
        let mut all = self.all();
        let outage = all.entry(batch).or_insert(Outage { attempts: 1, counted: now, lowered: None, next: now });
        if begun >= outage.counted && now >= outage.counted + MOMENT {
            (outage.attempts, outage.counted) = (outage.attempts + 1, now);
        }
        outage.lowered.is_some() || attempts.max(outage.attempts) >= FROM_ATTEMPT
    }

    /// A lower level was made.
    pub(super) fn lower(&self, batch: i64, lowered: Lowered, now: Instant) {
        if let Some(outage) = self.all().get_mut(&batch) {
            outage.lowered = Some(lowered);
            outage.next = now + LOWERED;
        }
    }

    /// The asked level was made, or the lower one could not be made either.
    pub(super) fn over(&self, batch: i64) {
        self.all().remove(&batch);
    }

    /// Whether rows of that batch get a lower level now.
    pub(super) fn is_lowered(&self, batch: i64) -> bool {
        self.all().get(&batch).is_some_and(|outage| outage.lowered.is_some())
    }

    fn all(&self) -> std::sync::MutexGuard<'_, BTreeMap<i64, Outage>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lower_level_is_taken_from_the_third_attempt_of_an_outage_until_the_asked_one_is_made_again() {
        let (outages, begun) = (Outages::default(), Instant::now());
        let at = |seconds: u64| begun + Duration::from_secs(seconds);
        let lowered = Lowered { level: Level::BB, cause: "the authority is away".to_owned() };
        assert_eq!(outages.lowered(1, Level::BLTA, at(0)), None);
        let failed = |attempts: i64, seconds: u64| outages.failed(1, attempts, (at(seconds), at(seconds)));
        assert!(!failed(1, 0) && !failed(2, 2));
        assert!(failed(3, 4));
        outages.lower(1, lowered.clone(), at(4));
        assert_eq!(outages.lowered(1, Level::BLTA, at(5)), Some(lowered.clone()));
        assert_eq!(outages.lowered(1, Level::BB, at(5)), None, "it is what was asked for");
        assert_eq!(outages.lowered(2, Level::BLTA, at(5)), None, "of another batch");
        assert_eq!(outages.lowered(1, Level::BLTA, at(9)), None, "it is tried whether the service is back");
        assert_eq!(outages.lowered(1, Level::BLTA, at(9)), Some(lowered), "by one lease at a time");
        assert!(failed(1, 10), "the outage goes on: nothing is waited for anew");
        outages.over(1);
        assert!(!outages.is_lowered(1) && !failed(1, 11));
    }

    #[test]
    fn rows_that_fail_in_one_moment_or_were_in_hand_together_are_one_attempt() {
        let (outages, begun) = (Outages::default(), Instant::now());
        for _ in 0..10 {
            assert!(!outages.failed(1, 0, (begun, begun + MOMENT)));
        }
        assert!(!outages.failed(1, 0, (begun, begun + MOMENT * 9)), "it took long");
        assert!(!outages.failed(1, 0, (begun + MOMENT * 9, begun + MOMENT * 10)));
        assert!(outages.failed(1, 0, (begun + MOMENT * 10, begun + MOMENT * 11)));
    }
}
