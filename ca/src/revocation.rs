//! Revocation facts and the status that follows from them, RFC 5280 clauses 5.3.1 and 5.3.2, RFC 6960 clause 2.2.
//!
//! In: the dated facts about one certificate, in the order in which they were recorded, the time asked about and the time
//! at which the question is asked. Out: a status; or whether one more fact may join them.
//!
//! A fact has two dates: it holds *since* one moment and was *recorded at* another, never earlier. What the CA publishes at
//! a moment follows from what was recorded until then, so that a clock that is set back shows again what was known.

use jiff::Timestamp;
use pki::{RevocationReason, RevokedEntry, SerialNumber};

use crate::Error;

/// One dated fact about a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevocationFact {
    /// What happened.
    pub event: RevocationEvent,
    /// When it took effect, in whole seconds.
    pub since: Timestamp,
    /// When the CA learnt of it, in whole seconds of the world's clock.
    pub recorded_at: Timestamp,
}

/// What can happen to a certificate's status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevocationEvent {
    /// Revoked for good.
    Revoked {
        /// Why: any reason but certificateHold and removeFromCRL.
        reason: RevocationReason,
        /// Since when the key must be suspected (RFC 5280 clause 5.3.2), never after `since`.
        invalidity_date: Option<Timestamp>,
    },
    /// Put on hold: certificateHold.
    Held,
    /// Released from hold, which makes it good again.
    Released,
}

/// What is known about a certificate at some time. Whether it is within its validity is told by the certificate itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevocationStatus {
    /// Issued, neither revoked nor on hold.
    Good,
    /// On hold.
    OnHold {
        /// When the hold began.
        since: Timestamp,
    },
    /// Revoked for good.
    Revoked {
        /// When it took effect.
        since: Timestamp,
        /// Why.
        reason: RevocationReason,
    },
    /// Never issued by this CA.
    Unknown,
}

/// The status at `at`, from the facts that had been recorded by `known_at`.
///
/// A revocation outlasts everything; without one, the latest hold or release decides.
#[must_use]
pub(crate) fn status_at(facts: &[RevocationFact], at: Timestamp, known_at: Timestamp) -> RevocationStatus {
    match decisive(facts, at, known_at) {
        Some(RevocationFact { event: RevocationEvent::Revoked { reason, .. }, since, .. }) => {
            RevocationStatus::Revoked { since: *since, reason: *reason }
        }
        Some(RevocationFact { event: RevocationEvent::Held, since, .. }) => RevocationStatus::OnHold { since: *since },
        _ => RevocationStatus::Good,
    }
}

/// The line of a CRL made at `at`, if the certificate belongs on it. `unspecified` is left out, as RFC 5280 clause 5.3.1
/// asks.
#[must_use]
pub(crate) fn entry_at(serial: &SerialNumber, facts: &[RevocationFact], at: Timestamp) -> Option<RevokedEntry> {
    let fact = decisive(facts, at, at)?;
    let (reason, invalidity_date) = match fact.event {
        RevocationEvent::Revoked { reason, invalidity_date } => (reason, invalidity_date),
        RevocationEvent::Held => (RevocationReason::CertificateHold, None),
        RevocationEvent::Released => return None,
    };
    Some(RevokedEntry { serial: serial.clone(), since: fact.since, reason: published(reason), invalidity_date })
}

/// The reason as CRL entries and OCSP answers carry it.
#[must_use]
pub(crate) fn published(reason: RevocationReason) -> Option<RevocationReason> {
    (reason != RevocationReason::Unspecified).then_some(reason)
}

fn decisive(facts: &[RevocationFact], at: Timestamp, known_at: Timestamp) -> Option<&RevocationFact> {
    let mut known = facts.iter().filter(|fact| fact.recorded_at <= known_at && fact.since <= at);
    let revoked = known.clone().find(|fact| matches!(fact.event, RevocationEvent::Revoked { .. }));
    revoked.or_else(|| known.next_back())
}

/// Whether `fact` may be recorded after `facts`, all of them, whenever they were recorded: what is on record never becomes
/// untrue by setting the clock back.
///
/// # Errors
/// What forbids it: an earlier revocation, a hold that is or is not there, or a date that cannot be.
pub(crate) fn check_next(
    serial: &SerialNumber,
    not_before: Timestamp,
    facts: &[RevocationFact],
    fact: &RevocationFact,
) -> Result<(), Error> {
    let serial = serial.clone();
    check_dates(&serial, not_before, fact)?;
    if let Some((since, reason, recorded_at)) = revocation(facts) {
        return Err(Error::AlreadyRevoked { serial, since, reason, recorded_at });
    }
    let last = facts.last();
    match (fact.event, last.map(|last| last.event)) {
        (RevocationEvent::Revoked { .. }, _) => return Ok(()),
        (RevocationEvent::Held, Some(RevocationEvent::Held)) => {
            let since = last.map_or(fact.since, |last| last.since);
            return Err(Error::AlreadyOnHold { serial, since });
        }
        (RevocationEvent::Released, Some(RevocationEvent::Held)) | (RevocationEvent::Held, _) => {}
        (RevocationEvent::Released, _) => return Err(Error::NotOnHold { serial }),
    }
    match last {
        Some(last) if fact.since < last.since => {
            Err(Error::OutOfOrder { serial, since: fact.since, latest: last.since })
        }
        _ => Ok(()),
    }
}

fn check_dates(serial: &SerialNumber, not_before: Timestamp, fact: &RevocationFact) -> Result<(), Error> {
    let serial = serial.clone();
    if fact.since > fact.recorded_at {
        return Err(Error::SinceInFuture { serial, since: fact.since, now: fact.recorded_at });
    }
    if fact.since < not_before {
        return Err(Error::SinceBeforeValidity { serial, since: fact.since, not_before });
    }
    let RevocationEvent::Revoked { reason, invalidity_date } = fact.event else { return Ok(()) };
    if matches!(reason, RevocationReason::CertificateHold | RevocationReason::RemoveFromCrl) {
        return Err(Error::ReasonNotAccepted { reason });
    }
    match invalidity_date {
        Some(invalidity_date) if invalidity_date > fact.since => {
            Err(Error::InvalidityDateAfterRevocation { serial, invalidity_date, since: fact.since })
        }
        _ => Ok(()),
    }
}

fn revocation(facts: &[RevocationFact]) -> Option<(Timestamp, RevocationReason, Timestamp)> {
    facts.iter().find_map(|fact| match fact.event {
        RevocationEvent::Revoked { reason, .. } => Some((fact.since, reason, fact.recorded_at)),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-24T09:00:00Z and so many hours: the facts below are told in hours.
    fn hour(hours: i64) -> Timestamp {
        Timestamp::from_second(1_795_510_800 + hours * 3600).unwrap()
    }

    fn serial() -> SerialNumber {
        "1f".parse().unwrap()
    }

    fn fact(event: RevocationEvent, since: i64, recorded_at: i64) -> RevocationFact {
        RevocationFact { event, since: hour(since), recorded_at: hour(recorded_at) }
    }

    fn revoked(reason: RevocationReason) -> RevocationEvent {
        RevocationEvent::Revoked { reason, invalidity_date: None }
    }

    const KEY_COMPROMISE: RevocationReason = RevocationReason::KeyCompromise;

    #[test]
    fn a_certificate_without_facts_is_good() {
        assert_eq!(status_at(&[], hour(0), hour(0)), RevocationStatus::Good);
        assert_eq!(entry_at(&serial(), &[], hour(0)), None);
    }

    #[test]
    fn a_hold_that_is_released_leaves_the_certificate_good_again() {
        let facts = [fact(RevocationEvent::Held, 1, 1), fact(RevocationEvent::Released, 3, 3)];
        let status = |at| status_at(&facts, hour(at), hour(9));
        assert_eq!(status(0), RevocationStatus::Good);
        assert_eq!(status(1), RevocationStatus::OnHold { since: hour(1) });
        assert_eq!(status(2), RevocationStatus::OnHold { since: hour(1) });
        assert_eq!(status(3), RevocationStatus::Good);
        assert_eq!(entry_at(&serial(), &facts, hour(3)), None);
    }

    #[test]
    fn a_hold_stands_on_the_crl_with_its_reason() {
        let entry = entry_at(&serial(), &[fact(RevocationEvent::Held, 1, 1)], hour(2)).unwrap();
        assert_eq!((entry.since, entry.reason), (hour(1), Some(RevocationReason::CertificateHold)));
    }

    #[test]
    fn a_revocation_after_a_hold_counts_from_its_own_date() {
        let facts = [fact(RevocationEvent::Held, 1, 1), fact(revoked(KEY_COMPROMISE), 4, 4)];
        assert_eq!(status_at(&facts, hour(2), hour(9)), RevocationStatus::OnHold { since: hour(1) });
        assert_eq!(
            status_at(&facts, hour(4), hour(9)),
            RevocationStatus::Revoked { since: hour(4), reason: KEY_COMPROMISE }
        );
    }

    #[test]
    fn a_revocation_is_in_force_in_its_very_second_and_for_ever() {
        let facts = [fact(revoked(KEY_COMPROMISE), 4, 4)];
        assert_eq!(
            status_at(&facts, hour(4), hour(4)),
            RevocationStatus::Revoked { since: hour(4), reason: KEY_COMPROMISE }
        );
        assert!(matches!(status_at(&facts, hour(400_000), hour(400_000)), RevocationStatus::Revoked { .. }));
    }

    #[test]
    fn a_backdated_revocation_is_unknown_until_it_is_recorded() {
        let facts = [fact(revoked(KEY_COMPROMISE), 2, 8)];
        assert_eq!(status_at(&facts, hour(5), hour(5)), RevocationStatus::Good, "as published at that time");
        assert!(matches!(status_at(&facts, hour(5), hour(8)), RevocationStatus::Revoked { .. }), "as known later");
        assert_eq!(status_at(&facts, hour(1), hour(8)), RevocationStatus::Good, "before it took effect");
    }

    #[test]
    fn an_unspecified_reason_is_left_out_of_what_is_published() {
        let entry = entry_at(&serial(), &[fact(revoked(RevocationReason::Unspecified), 1, 1)], hour(1)).unwrap();
        assert_eq!(entry.reason, None);
    }

    fn next(facts: &[RevocationFact], proposed: RevocationFact) -> Result<(), Error> {
        check_next(&serial(), hour(0), facts, &proposed)
    }

    #[test]
    fn a_second_revocation_is_a_conflict_that_names_the_first() {
        let facts = [fact(revoked(KEY_COMPROMISE), 2, 3)];
        let error = next(&facts, fact(revoked(RevocationReason::Superseded), 5, 5)).unwrap_err();
        assert!(matches!(error, Error::AlreadyRevoked { since, recorded_at, reason: KEY_COMPROMISE, .. }
            if since == hour(2) && recorded_at == hour(3)));
    }

    #[test]
    fn what_is_revoked_can_be_neither_held_nor_released() {
        let facts = [fact(RevocationEvent::Held, 1, 1), fact(revoked(KEY_COMPROMISE), 2, 2)];
        for event in [RevocationEvent::Held, RevocationEvent::Released] {
            assert!(matches!(next(&facts, fact(event, 5, 5)), Err(Error::AlreadyRevoked { .. })));
        }
    }

    #[test]
    fn a_hold_needs_no_hold_and_a_release_needs_one() {
        let held = [fact(RevocationEvent::Held, 1, 1)];
        let released = [fact(RevocationEvent::Held, 1, 1), fact(RevocationEvent::Released, 2, 2)];
        assert!(matches!(next(&held, fact(RevocationEvent::Held, 5, 5)), Err(Error::AlreadyOnHold { .. })));
        assert!(matches!(next(&[], fact(RevocationEvent::Released, 5, 5)), Err(Error::NotOnHold { .. })));
        assert!(matches!(next(&released, fact(RevocationEvent::Released, 5, 5)), Err(Error::NotOnHold { .. })));
        assert!(next(&released, fact(RevocationEvent::Held, 5, 5)).is_ok());
        assert!(next(&held, fact(RevocationEvent::Released, 1, 1)).is_ok(), "in the very second of the hold");
    }

    #[test]
    fn a_release_cannot_precede_its_hold_when_the_clock_was_set_back() {
        assert!(matches!(
            next(&[fact(RevocationEvent::Held, 5, 5)], fact(RevocationEvent::Released, 3, 3)),
            Err(Error::OutOfOrder { .. })
        ));
    }

    #[test]
    fn a_revocation_may_be_dated_before_a_hold() {
        assert!(next(&[fact(RevocationEvent::Held, 5, 5)], fact(revoked(KEY_COMPROMISE), 3, 6)).is_ok());
    }

    #[test]
    fn dates_in_the_future_or_before_the_validity_are_refused() {
        let refused = |since, now| next(&[], fact(revoked(KEY_COMPROMISE), since, now)).unwrap_err();
        assert!(matches!(refused(5, 4), Error::SinceInFuture { .. }));
        assert!(matches!(refused(-1, 4), Error::SinceBeforeValidity { .. }));
    }

    #[test]
    fn reasons_that_only_a_hold_or_a_delta_crl_may_carry_are_refused() {
        for reason in [RevocationReason::CertificateHold, RevocationReason::RemoveFromCrl] {
            assert!(matches!(next(&[], fact(revoked(reason), 1, 1)), Err(Error::ReasonNotAccepted { .. })));
        }
    }

    #[test]
    fn an_invalidity_date_may_precede_the_revocation_but_not_follow_it() {
        let dated = |hours| RevocationEvent::Revoked { reason: KEY_COMPROMISE, invalidity_date: Some(hour(hours)) };
        assert!(next(&[], fact(dated(-5), 1, 1)).is_ok());
        assert!(matches!(next(&[], fact(dated(2), 1, 3)), Err(Error::InvalidityDateAfterRevocation { .. })));
    }
}
