//! What a certificate counts for after it was issued: valid, suspended, revoked, superseded. In: dated facts and a time. Out: how it
//! stands at that time.
//!
//! This is the issuer's own word on a learning certificate, known by its number. The X.509 certificate of its seal is another thing,
//! with an authority of its own: a certificate that is revoked here keeps a seal that holds.

mod change;
mod reissue;
pub(crate) mod store;

use jiff::Timestamp;

use crate::api::{Standing, StandingAct, StandingEvent, StandingFact, StandingState};
use crate::number::CertificateNumber;
use crate::register::Words;
use crate::register::words::both;

pub(crate) use change::check_words;
pub use reissue::Reissued;
pub(crate) use reissue::Superseding;

/// What is known of one certificate.
pub(crate) struct Known {
    pub(crate) number: CertificateNumber,
    pub(crate) issued_at: Timestamp,
    /// In the order in which they were recorded.
    pub(crate) facts: Vec<StandingFact>,
    pub(crate) supersedes: Option<CertificateNumber>,
}

/// The fact that decides at that time; none of a certificate that is valid and always was.
///
/// What is revoked stays so from its time on, whatever else is known of it; what is superseded is no more suspended or released.
pub(crate) fn deciding(facts: &[StandingFact], at: Timestamp) -> Option<&StandingFact> {
    let by_then = || facts.iter().filter(|fact| fact.since <= at);
    let first = |event| by_then().filter(move |fact| fact.event == event).min_by_key(|fact| fact.since);
    first(StandingEvent::Revoked).or_else(|| first(StandingEvent::Superseded)).or_else(|| {
        by_then().max_by_key(|fact| fact.since) // of two at one time the one that was recorded later
    })
}

/// How a certificate with these facts stands at that time.
pub(crate) fn state_at(facts: &[StandingFact], at: Timestamp) -> StandingState {
    match deciding(facts, at).map(|fact| fact.event) {
        None | Some(StandingEvent::Released) => StandingState::Valid,
        Some(StandingEvent::Suspended) => StandingState::Suspended,
        Some(StandingEvent::Revoked) => StandingState::Revoked,
        Some(StandingEvent::Superseded) => StandingState::Superseded,
    }
}

/// What is to be said of a certificate that somebody takes for issued, unless it is valid.
pub(crate) fn told(facts: &[StandingFact], at: Timestamp) -> Option<Words> {
    let StandingFact { since, reason, superseded_by, .. } = deciding(facts, at)?;
    let successor = superseded_by.as_ref().map(ToString::to_string).unwrap_or_default();
    match state_at(facts, at) {
        StandingState::Valid => None,
        StandingState::Suspended => Some(both!(
            "its certificate is suspended since {since} ({reason}); it can be released or revoked",
            "証明書は {since} から停止中です（{reason}）。解除または失効できます"
        )),
        StandingState::Revoked => Some(both!(
            "its certificate is revoked since {since} ({reason}); for another one give the row a key of its own",
            "証明書は {since} に失効しています（{reason}）。改めて発行するには、行に別のキーを付けてください"
        )),
        StandingState::Superseded => Some(both!(
            "{successor} has taken the place of its certificate since {since} ({reason})",
            "証明書は {since} に {successor} に差し替えられています（{reason}）"
        )),
    }
}

/// The certificate that took its place, whenever that is: it has one successor in all its time.
pub(crate) fn successor(facts: &[StandingFact]) -> Option<&CertificateNumber> {
    facts.iter().find_map(|fact| fact.superseded_by.as_ref())
}

impl StandingState {
    /// What can be done with a certificate that stands so.
    pub(crate) fn possible(self) -> &'static [StandingAct] {
        match self {
            StandingState::Valid => &[StandingAct::Revoke, StandingAct::Suspend, StandingAct::Reissue],
            StandingState::Suspended => &[StandingAct::Revoke, StandingAct::Release],
            StandingState::Superseded => &[StandingAct::Revoke],
            StandingState::Revoked => &[],
        }
    }
}

impl Known {
    /// How it stands at that time.
    pub(crate) fn standing(self, at: Timestamp) -> Standing {
        let state = state_at(&self.facts, at);
        let decided = deciding(&self.facts, at);
        let successor = successor(&self.facts).cloned();
        let possible = state.possible().iter().copied();
        Standing {
            number: self.number,
            // Also where the clock was set back to before it had one, it gets no second successor.
            possible: possible.filter(|act| *act != StandingAct::Reissue || successor.is_none()).collect(),
            reason: decided.map(|fact| fact.reason.clone()),
            since: decided.map_or(self.issued_at, |fact| fact.since),
            state,
            superseded_by: successor,
            supersedes: self.supersedes,
            history: self.facts,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: u8) -> Timestamp {
        format!("2026-11-{day:02}T09:00:00Z").parse().unwrap()
    }

    fn fact(event: StandingEvent, since: u8) -> StandingFact {
        let superseded_by =
            (event == StandingEvent::Superseded).then(|| CertificateNumber::new("TBU", 2026, 9).unwrap());
        StandingFact {
            event,
            reason: "a reason".into(),
            recorded_at: day(28),
            recorded_by: "client".into(),
            since: day(since),
            superseded_by,
        }
    }

    #[test]
    fn a_certificate_stands_as_the_facts_of_the_time_say_whatever_came_later() {
        use StandingEvent::{Released, Revoked, Superseded, Suspended};
        let facts = [fact(Suspended, 5), fact(Released, 7), fact(Superseded, 9), fact(Revoked, 12)];
        let states = [4, 5, 7, 9, 11, 12, 20].map(|at| state_at(&facts, day(at)));
        use StandingState as State;
        assert_eq!(
            states,
            [
                State::Valid,
                State::Suspended,
                State::Valid,
                State::Superseded,
                State::Superseded,
                State::Revoked,
                State::Revoked
            ]
        );
    }

    #[test]
    fn what_is_revoked_as_of_an_earlier_day_is_revoked_from_then_on_though_it_was_suspended_later() {
        let facts = [fact(StandingEvent::Suspended, 9), fact(StandingEvent::Revoked, 5)];
        assert_eq!(state_at(&facts, day(4)), StandingState::Valid);
        assert_eq!(state_at(&facts, day(10)), StandingState::Revoked);
    }

    #[test]
    fn of_two_facts_of_one_second_the_later_recorded_one_counts() {
        let facts = [fact(StandingEvent::Suspended, 5), fact(StandingEvent::Released, 5)];
        assert_eq!(state_at(&facts, day(5)), StandingState::Valid);
    }

    #[test]
    fn a_certificate_whose_successor_comes_later_in_the_clocks_time_gets_no_other_one() {
        let number = CertificateNumber::new("TBU", 2026, 1).unwrap();
        let facts = vec![fact(StandingEvent::Superseded, 9)];
        let known = Known { number, issued_at: day(1), facts, supersedes: None };
        let standing = known.standing(day(3));
        assert_eq!(standing.state, StandingState::Valid);
        assert_eq!(standing.possible, [StandingAct::Revoke, StandingAct::Suspend]);
    }
}
