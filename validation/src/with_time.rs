//! Validation of signatures with time and with long-term material, EN 319 102-1 clause 5.5. In: the result of the basic process
//! and the time-stamps. Out: a conclusion for the best signature time, the earliest time at which the signature is proven to
//! have existed.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::acceptance;
use crate::basic::Basic;
use crate::building_blocks::first;
use crate::certificate_path::PathResult;
use crate::check::CheckId;
use crate::conclusion::{Conclusion, Failure, Reason};
use crate::material::Material;
use crate::report::{Check, TimestampKind};
use crate::revocation_freshness;

/// What counts of a time-stamp here.
#[derive(Clone, Debug)]
pub(crate) struct Stamp {
    pub(crate) kind: TimestampKind,
    pub(crate) time: Timestamp,
    pub(crate) accuracy: Duration,
    /// What 5.4 came to.
    pub(crate) conclusion: Conclusion,
    /// Its place among the document time-stamps, for their order; 0 for others.
    pub(crate) revision: usize,
    pub(crate) authority: String,
}

/// What it came to.
#[derive(Clone, Debug)]
pub(crate) struct WithTime {
    pub(crate) conclusion: Conclusion,
    pub(crate) best_signature_time: Timestamp,
    pub(crate) checks: Vec<Check>,
}

/// The process. `stamps`: those over the seal's signature value, and the document time-stamps that cover it.
pub(crate) fn validate(
    material: &Material<'_>,
    basic: &Basic,
    stamps: &[Stamp],
    claimed_time: Option<Timestamp>,
) -> WithTime {
    let mut checks = Vec::new();
    let best_signature_time = best_signature_time(material.at, stamps, &mut checks);
    let conclusion = match (&basic.path, continues(basic.conclusion) && basic.blocks.verification.is_ok()) {
        (Some(path), true) => {
            let process = Process { material, basic, path, stamps, best_signature_time, claimed_time };
            process.run(&mut checks)
        }
        _ => basic.conclusion,
    };
    WithTime { conclusion, best_signature_time, checks }
}

/// Steps 4 e and 5 alone, for time-stamps that passed with proofs of existence: what the archival process does not lift.
pub(crate) fn check_constraints(
    material: &Material<'_>,
    stamps: &[Stamp],
    best_signature_time: Timestamp,
    claimed_time: Option<Timestamp>,
    checks: &mut Vec<Check>,
) -> Conclusion {
    let constraints = Constraints { material, stamps, best_signature_time, claimed_time };
    constraints.check(checks)
}

/// Step 2.
fn continues(conclusion: Conclusion) -> bool {
    use Reason::{
        CryptoConstraintsFailureNoPoe, OutOfBoundsNoPoe, OutOfBoundsNotRevoked, RevokedCaNoPoe, RevokedNoPoe, TryLater,
    };
    match conclusion {
        Conclusion::Passed => true,
        Conclusion::Failed(_) => false,
        Conclusion::Indeterminate(reason) => matches!(
            reason,
            CryptoConstraintsFailureNoPoe
                | RevokedNoPoe
                | RevokedCaNoPoe
                | TryLater
                | OutOfBoundsNoPoe
                | OutOfBoundsNotRevoked
        ),
    }
}

/// Steps 1 and 3.
fn best_signature_time(at: Timestamp, stamps: &[Stamp], checks: &mut Vec<Check>) -> Timestamp {
    let check = CheckId::TimeStampCounts;
    let mut best = at;
    for stamp in stamps.iter().filter(|stamp| stamp.kind != TimestampKind::Content) {
        let detail = format!("{:?} time-stamp of {} by {}", stamp.kind, stamp.time, stamp.authority);
        match stamp.conclusion {
            Conclusion::Passed => {
                best = best.min(stamp.time);
                checks.push(Check::passed(check, detail));
            }
            other => {
                let why = other.sub_indication().unwrap_or_default();
                checks.push(Check::warning(check, format!("{detail} does not count: {why}")));
            }
        }
    }
    best
}

struct Process<'p, 'm> {
    material: &'p Material<'m>,
    basic: &'p Basic,
    path: &'p PathResult,
    stamps: &'p [Stamp],
    best_signature_time: Timestamp,
    claimed_time: Option<Timestamp>,
}

impl Process<'_, '_> {
    /// Steps 4 to 10. Only what was found out about the path and about the algorithms of the signature can be lifted.
    fn run(&self, checks: &mut Vec<Check>) -> Conclusion {
        let steps: [fn(&Self, &mut Vec<Check>) -> Conclusion; 6] = [
            Self::compare_times,
            Self::check_constraints,
            Self::check_freshness,
            Self::check_holds,
            Self::accept,
            Self::check_path_algorithms,
        ];
        steps.iter().map(|step| step(self, checks)).find(|one| !one.is_passed()).unwrap_or(Conclusion::Passed)
    }

    /// Step 4 a to d, for everything that stands in the way of the path.
    fn compare_times(&self, checks: &mut Vec<Check>) -> Conclusion {
        use Reason::{OutOfBoundsNoPoe, RevocationOutOfBoundsNoPoe};
        let of_revocation = self.compare_revocations(checks);
        if !of_revocation.is_passed() {
            return of_revocation;
        }
        let of_algorithms = self.compare_algorithms();
        if !of_algorithms.is_passed() {
            return of_algorithms;
        }
        let of_dates = self.check_validity(checks);
        // Only the conclusion of 5.2.6 itself is OUT_OF_BOUNDS_NO_POE: a later revocation tells that the issuer knew it (4 a).
        let unknown = self.path.reasons.first() == Some(&OutOfBoundsNoPoe);
        let stays =
            |reason: &&Reason| **reason == RevocationOutOfBoundsNoPoe || unknown && **reason == OutOfBoundsNoPoe;
        let staying = self.path.reasons.iter().find(stays).map(|reason| Conclusion::Indeterminate(*reason));
        match of_dates {
            failed @ Conclusion::Failed(_) => failed,
            _ => first(staying.into_iter().chain([of_dates])),
        }
    }

    /// Step 4 a.
    fn compare_revocations(&self, checks: &mut Vec<Check>) -> Conclusion {
        let revoked = |reason: &&Reason| matches!(reason, Reason::RevokedNoPoe | Reason::RevokedCaNoPoe);
        match self.path.reasons.iter().find(revoked) {
            Some(reason) if !self.revoked_later(checks) => Conclusion::Indeterminate(*reason),
            _ => Conclusion::Passed,
        }
    }

    /// Step 4 c: weak certificates and data cannot be saved by a time-stamp over the signature alone.
    fn compare_algorithms(&self) -> Conclusion {
        let weak = Conclusion::Indeterminate(Reason::CryptoConstraintsFailureNoPoe);
        let best = self.best_signature_time;
        let then = self.basic.uses.iter().all(|one| one.reliability.at(best));
        match self.basic.conclusion == weak && !(then && self.path.weak.is_empty()) {
            true => weak,
            false => Conclusion::Passed,
        }
    }

    fn check_constraints(&self, checks: &mut Vec<Check>) -> Conclusion {
        let Process { material, stamps, best_signature_time, claimed_time, .. } = *self;
        Constraints { material, stamps, best_signature_time, claimed_time }.check(checks)
    }

    /// Strictly: a revocation in the same second came first.
    fn revoked_later(&self, checks: &mut Vec<Check>) -> bool {
        let check = CheckId::RevokedLater;
        let best = self.best_signature_time;
        for revocation in &self.path.revocations {
            let detail = format!("revoked at {}; the signature existed at {best}", revocation.since);
            if revocation.since <= best {
                checks.push(Check::failed(check, detail));
                return false;
            }
            checks.push(Check::passed(check, detail));
            if let Some(date) = revocation.invalidity_date.filter(|date| *date <= best) {
                let check = CheckId::SuspectedLater;
                let detail = format!("suspected since {date}; the signature existed at {best}; no step asks for this");
                checks.push(Check::warning(check, detail));
            }
        }
        true
    }

    /// The best signature time lies in the validity of the certificate, and before its CAs expired (shell model).
    fn check_validity(&self, checks: &mut Vec<Check>) -> Conclusion {
        let check = CheckId::BestTimeInValidity;
        let best = self.best_signature_time;
        let (from, to) = validity(self.path);
        let detail = format!("{best}; valid from {from} to {to}");
        let conclusion = if best < from {
            Conclusion::Failed(Failure::NotYetValid)
        } else if best > to {
            Conclusion::Indeterminate(Reason::OutOfBoundsNotRevoked)
        } else {
            Conclusion::Passed
        };
        checks.push(match conclusion {
            Conclusion::Passed => Check::passed(check, detail),
            _ => Check::failed(check, detail),
        });
        conclusion
    }

    /// Step 6.
    fn check_freshness(&self, checks: &mut Vec<Check>) -> Conclusion {
        let check = CheckId::FreshAtBestTime;
        let best = self.best_signature_time;
        for accepted in &self.path.stale {
            let statement = &accepted.statement;
            let data = self.material.revocation(accepted.data).describe();
            let fresh = revocation_freshness::is_fresh(statement, best, self.material.policy);
            if !fresh {
                let next = statement.next_update.map_or("at any time".into(), |next| format!("after {next}"));
                let detail = format!("{data} for {best}: try again with newer data, to be expected {next}");
                checks.push(Check::failed(check, detail));
                return Conclusion::Indeterminate(Reason::TryLater);
            }
            checks.push(Check::passed(check, format!("{data} for {best}")));
        }
        Conclusion::Passed
    }

    /// Step 7.
    fn check_holds(&self, checks: &mut Vec<Check>) -> Conclusion {
        let check = CheckId::SuspendedLater;
        let best = self.best_signature_time;
        for since in &self.path.holds {
            let detail = format!("on hold since {since}; the signature existed at {best}");
            if best >= *since {
                checks.push(Check::failed(check, format!("{detail}; try again when the hold has ended")));
                return Conclusion::Indeterminate(Reason::TryLater);
            }
            checks.push(Check::passed(check, detail));
        }
        Conclusion::Passed
    }

    /// Steps 8 and 9: acceptance in full, with the best signature time for the algorithms.
    fn accept(&self, checks: &mut Vec<Check>) -> Conclusion {
        let then = acceptance::check_algorithms(&self.basic.uses, self.best_signature_time, checks);
        self.basic.blocks.lifted(Conclusion::Passed, then, Some(self.path))
    }

    /// Step 10: the algorithms of certificates and data now.
    fn check_path_algorithms(&self, checks: &mut Vec<Check>) -> Conclusion {
        for weak in &self.path.weak {
            checks.push(Check::failed(CheckId::PathAlgorithmsStand, format!("{}: {}", weak.what, weak.reliability)));
        }
        match self.path.weak.is_empty() {
            true => Conclusion::Passed,
            false => Conclusion::Indeterminate(Reason::CryptoConstraintsFailureNoPoe),
        }
    }
}

/// What is asked of the time-stamps together, whatever became of the certificate path.
struct Constraints<'p, 'm> {
    material: &'p Material<'m>,
    stamps: &'p [Stamp],
    best_signature_time: Timestamp,
    claimed_time: Option<Timestamp>,
}

impl Constraints<'_, '_> {
    fn check(&self, checks: &mut Vec<Check>) -> Conclusion {
        let steps: [fn(&Self, &mut Vec<Check>) -> Conclusion; 3] =
            [Self::check_order, Self::check_presence, Self::check_delay];
        steps.iter().map(|step| step(self, checks)).find(|one| !one.is_passed()).unwrap_or(Conclusion::Passed)
    }

    /// Step 4 e: content, signature, document time-stamps, in this order; accuracy is granted (RFC 3161 §2.4.2).
    fn check_order(&self, checks: &mut Vec<Check>) -> Conclusion {
        let check = CheckId::TimeStampOrder;
        let rank = |stamp: &Stamp| match stamp.kind {
            TimestampKind::Content => (0, 0),
            TimestampKind::Signature => (1, 0),
            TimestampKind::Document => (2, stamp.revision),
        };
        let mut valid: Vec<&Stamp> = self.stamps.iter().filter(|stamp| stamp.conclusion.is_passed()).collect();
        valid.sort_by_key(|stamp| rank(stamp));
        // The latest of all lower ranks, and the latest so far.
        let (mut below, mut latest): (Option<&Stamp>, Option<&Stamp>) = (None, None);
        let mut last_rank = None;
        for stamp in valid {
            if last_rank != Some(rank(stamp)) {
                (below, last_rank) = (latest, Some(rank(stamp)));
            }
            if let Some(earlier) = below.filter(|earlier| is_before(stamp, earlier)) {
                let (kind, before) = (stamp.kind, earlier.kind);
                let detail =
                    format!("{kind:?} time-stamp of {}, {before:?} time-stamp of {}", stamp.time, earlier.time);
                checks.push(Check::failed(check, detail));
                return Conclusion::Indeterminate(Reason::TimestampOrderFailure);
            }
            latest = latest.filter(|latest| latest.time > stamp.time).or(Some(stamp));
        }
        checks.push(Check::passed(check, "content, signature, document"));
        Conclusion::Passed
    }

    /// A constraint of the policy.
    fn check_presence(&self, checks: &mut Vec<Check>) -> Conclusion {
        let check = CheckId::TimeStampPresent;
        let proven = self.stamps.iter().any(|one| one.conclusion.is_passed() && one.kind != TimestampKind::Content);
        match (proven, self.material.policy.require_time_stamp) {
            (true, _) => checks.push(Check::passed(check, self.best_signature_time.to_string())),
            (false, false) => checks.push(Check::ignored(check, "none does, and the policy asks for none")),
            (false, true) => {
                checks.push(Check::failed(check, "none does, and the policy asks for one"));
                return Conclusion::Indeterminate(Reason::SigConstraintsFailure);
            }
        }
        Conclusion::Passed
    }

    /// Step 5.
    fn check_delay(&self, checks: &mut Vec<Check>) -> Conclusion {
        let check = CheckId::TimeStampDelay;
        let Some(delay) = self.material.policy.time_stamp_delay else { return Conclusion::Passed };
        let delay = SignedDuration::try_from(delay).unwrap_or(SignedDuration::MAX);
        let best = self.best_signature_time;
        let latest = self.claimed_time.map(|claimed| claimed.checked_add(delay).unwrap_or(Timestamp::MAX));
        let detail = match latest {
            Some(latest) => format!("at {best}; wanted before {latest}"),
            None => "no time is claimed".into(),
        };
        if latest.is_some_and(|latest| latest > best) {
            checks.push(Check::passed(check, detail));
            return Conclusion::Passed;
        }
        checks.push(Check::failed(check, detail));
        Conclusion::Indeterminate(Reason::SigConstraintsFailure)
    }
}

/// From the start of the certificate's validity to the end of the first one of its path to expire, the anchor apart.
pub(crate) fn validity(path: &PathResult) -> (Timestamp, Timestamp) {
    let from = path.chain.first().map_or(Timestamp::MIN, |leaf| leaf.not_before());
    let below_anchor = &path.chain[..path.chain.len().saturating_sub(1)];
    (from, below_anchor.iter().map(|one| one.not_after()).min().unwrap_or(Timestamp::MAX))
}

/// Whether a stamp is surely from an earlier time than another.
fn is_before(stamp: &Stamp, other: &Stamp) -> bool {
    let slack = SignedDuration::try_from(stamp.accuracy.saturating_add(other.accuracy)).unwrap_or(SignedDuration::MAX);
    other.time.duration_since(stamp.time) > slack
}
