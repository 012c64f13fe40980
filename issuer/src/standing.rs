//! What a certificate counts for after it was issued: valid, suspended, revoked, superseded, expired. In: dated facts, its last
//! day, and a time. Out: how it stands at that time.
//!
//! This is the issuer's own word on a learning certificate, known by its number. The X.509 certificate of its seal is another thing,
//! with an authority of its own: a certificate that is revoked here keeps a seal that holds.

mod change;
mod reissue;
pub(crate) mod store;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::api::{Standing, StandingAct, StandingEvent, StandingFact, StandingState};
use crate::completion::end_of_day;
use crate::error::Error;
use crate::number::CertificateNumber;
use crate::reasons::in_language;
use crate::register::Words;
use crate::register::words::both;

pub(crate) use change::check_words;
pub use reissue::Reissued;
pub(crate) use reissue::{Superseding, other_achievement};

/// What became of a certificate, and until when it counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Life {
    /// In the order in which they were recorded.
    pub(crate) facts: Vec<StandingFact>,
    /// The last day on which it counts, if it expires.
    pub(crate) valid_until: Option<Date>,
}

/// What is known of one certificate.
pub(crate) struct Known {
    pub(crate) number: CertificateNumber,
    pub(crate) issued_at: Timestamp,
    /// The last day on which it counts, if it expires.
    pub(crate) valid_until: Option<Date>,
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

/// How a certificate with these facts stands at that time. What was taken back or replaced has not expired: it was over before.
pub(crate) fn state_at(facts: &[StandingFact], valid_until: Option<Date>, at: Timestamp) -> StandingState {
    match deciding(facts, at).map(|fact| fact.event) {
        Some(StandingEvent::Revoked) => StandingState::Revoked,
        Some(StandingEvent::Superseded) => StandingState::Superseded,
        _ if expired_since(valid_until).is_some_and(|since| since <= at) => StandingState::Expired,
        Some(StandingEvent::Suspended) => StandingState::Suspended,
        None | Some(StandingEvent::Released) => StandingState::Valid,
    }
}

/// What is to be said of a certificate that somebody takes for issued, unless it is valid.
pub(crate) fn told(life: &Life, at: Timestamp) -> Option<Words> {
    let state = life.state_at(at);
    if let (StandingState::Expired, Some(day)) = (state, life.valid_until) {
        return Some(both!(
            "its certificate has expired: its last day was {day}; it can be issued again with a later one",
            "証明書は有効期限（{day}）が切れています。新しい有効期限で再発行できます"
        ));
    }
    let StandingFact { since, reason, superseded_by, .. } = deciding(&life.facts, at)?;
    let successor = superseded_by.as_ref().map(ToString::to_string).unwrap_or_default();
    let reason_ja = in_language(reason, true);
    match state {
        StandingState::Valid | StandingState::Expired => None,
        StandingState::Suspended => Some(both!(
            "its certificate is suspended since {since} ({reason}); it can be released or revoked",
            "証明書は {since} から停止中です（{reason_ja}）。解除または失効できます"
        )),
        StandingState::Revoked => Some(both!(
            "its certificate is revoked since {since} ({reason}); to issue it anew all the same, ask for that (--reissue-revoked), or give the row a key of its own",
            "証明書は {since} に失効しています（{reason_ja}）。改めて発行するには、それを指定するか（--reissue-revoked）、行に別のキーを付けてください"
        )),
        StandingState::Superseded => Some(both!(
            "{successor} has taken the place of its certificate since {since} ({reason})",
            "証明書は {since} に {successor} に差し替えられています（{reason_ja}）"
        )),
    }
}

/// When it no longer counts: its last day ends in Japan, where its days are counted.
fn expired_since(valid_until: Option<Date>) -> Option<Timestamp> {
    valid_until.and_then(end_of_day)
}

/// The certificate that took its place, whenever that is: it has one successor in all its time.
pub(crate) fn successor(facts: &[StandingFact]) -> Option<&CertificateNumber> {
    facts.iter().find_map(|fact| fact.superseded_by.as_ref())
}

/// The certificate that has taken its place by that time.
pub(crate) fn successor_at(facts: &[StandingFact], at: Timestamp) -> Option<&CertificateNumber> {
    facts.iter().filter(|fact| fact.since <= at).find_map(|fact| fact.superseded_by.as_ref())
}

impl Life {
    /// What it counts for at that time.
    pub(crate) fn state_at(&self, at: Timestamp) -> StandingState {
        state_at(&self.facts, self.valid_until, at)
    }
}

impl StandingState {
    /// What can be done with a certificate that stands so.
    pub(crate) fn possible(self) -> &'static [StandingAct] {
        match self {
            StandingState::Valid => &[StandingAct::Revoke, StandingAct::Suspend, StandingAct::Reissue],
            StandingState::Suspended => &[StandingAct::Revoke, StandingAct::Release],
            // Issued again it gets a last day that is still to come.
            StandingState::Expired => &[StandingAct::Revoke, StandingAct::Reissue],
            StandingState::Superseded => &[StandingAct::Revoke],
            StandingState::Revoked => &[],
        }
    }
}

impl Known {
    /// What it counts for at that time.
    pub(crate) fn state_at(&self, at: Timestamp) -> StandingState {
        state_at(&self.facts, self.valid_until, at)
    }

    /// What can be done with it then: nothing before it was issued.
    pub(crate) fn possible_at(&self, at: Timestamp) -> Vec<StandingAct> {
        if at < self.issued_at {
            return Vec::new();
        }
        let is_suspended = deciding(&self.facts, at).is_some_and(|fact| fact.event == StandingEvent::Suspended);
        let possible = match self.state_at(at) {
            // Whoever suspended it has not said yet that it may count.
            StandingState::Expired if is_suspended => StandingState::Suspended.possible(),
            state => state.possible(),
        };
        // Also where the clock was set back to before it had one, it gets no second successor.
        let has_successor = successor(&self.facts).is_some();
        possible.iter().copied().filter(|act| *act != StandingAct::Reissue || !has_successor).collect()
    }

    /// Refuses a time at which there is no such certificate yet: the clock was set back.
    pub(crate) fn check_issued(&self, at: Timestamp) -> Result<(), Error> {
        match self.issued_at <= at {
            true => Ok(()),
            false => Err(Error::NotIssuedYet { number: self.number.to_string(), issued_at: self.issued_at, at }),
        }
    }

    /// How it stands at that time; what came later is not told.
    pub(crate) fn standing(self, at: Timestamp) -> Standing {
        let state = self.state_at(at);
        let possible = self.possible_at(at);
        // That its last day is over decides, whatever was recorded before.
        let decided = deciding(&self.facts, at).filter(|_| state != StandingState::Expired);
        let expired = expired_since(self.valid_until).filter(|_| state == StandingState::Expired);
        let history: Vec<StandingFact> = self.facts.iter().filter(|fact| fact.since <= at).cloned().collect();
        let supersedes = self.supersedes.filter(|_| self.issued_at <= at);
        Standing {
            counts_instead: None, // whoever has the database at hand asks for that
            number: self.number,
            possible,
            reason: decided.map(|fact| fact.reason.clone()),
            since: expired.or(decided.map(|fact| fact.since)).unwrap_or(self.issued_at),
            state,
            superseded_by: successor(&history).cloned(),
            supersedes,
            valid_until: self.valid_until,
            history,
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
        let states = [4, 5, 7, 9, 11, 12, 20].map(|at| state_at(&facts, None, day(at)));
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
        assert_eq!(state_at(&facts, None, day(4)), StandingState::Valid);
        assert_eq!(state_at(&facts, None, day(10)), StandingState::Revoked);
    }

    #[test]
    fn a_reason_that_the_issuer_wrote_is_told_in_the_language_of_the_sentence() {
        let reason = crate::reasons::OTHER_CONTENT;
        let superseded = StandingFact { reason: reason.into(), ..fact(StandingEvent::Superseded, 5) };
        let life = Life { facts: vec![superseded], valid_until: None };
        let Words { en, ja } = told(&life, day(6)).unwrap();
        assert!(en.contains(reason) && ja.contains("別の内容で発行し直しました") && !ja.contains(reason), "{en} {ja}");
        let number = CertificateNumber::new("TBU", 2026, 1).unwrap();
        let known = Known { number, issued_at: day(1), valid_until: None, facts: life.facts, supersedes: None };
        let refused = change::not_possible(known, StandingAct::Reissue, day(6));
        let ja = refused.in_japanese();
        assert!(refused.to_string().contains(reason) && ja.contains("別の内容で") && !ja.contains(reason), "{ja}");
    }

    #[test]
    fn of_two_facts_of_one_second_the_later_recorded_one_counts() {
        let facts = [fact(StandingEvent::Suspended, 5), fact(StandingEvent::Released, 5)];
        assert_eq!(state_at(&facts, None, day(5)), StandingState::Valid);
    }

    #[test]
    fn a_certificate_whose_successor_comes_later_in_the_clocks_time_gets_no_other_one() {
        let number = CertificateNumber::new("TBU", 2026, 1).unwrap();
        let facts = vec![fact(StandingEvent::Superseded, 9)];
        let known = Known { number, issued_at: day(1), valid_until: None, facts, supersedes: None };
        let standing = known.standing(day(3));
        assert_eq!(standing.state, StandingState::Valid);
        assert_eq!(standing.possible, [StandingAct::Revoke, StandingAct::Suspend]);
        assert_eq!((standing.superseded_by, standing.history), (None, Vec::new()), "what comes later is not told");
    }

    #[test]
    fn a_certificate_expires_when_its_last_day_ends_in_japan_unless_it_was_over_before() {
        let last = Some(jiff::civil::date(2026, 11, 10));
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let (before, after) = (at("2026-11-10T14:59:59Z"), at("2026-11-10T15:00:00Z"));
        let suspended = [fact(StandingEvent::Suspended, 5)];
        assert_eq!(state_at(&[], last, before), StandingState::Valid);
        assert_eq!(state_at(&[], last, after), StandingState::Expired);
        assert_eq!(state_at(&suspended, last, before), StandingState::Suspended);
        assert_eq!(state_at(&suspended, last, after), StandingState::Expired);
        assert_eq!(state_at(&[fact(StandingEvent::Revoked, 12)], last, day(13)), StandingState::Revoked);
        assert_eq!(state_at(&[fact(StandingEvent::Superseded, 9)], last, after), StandingState::Superseded);
        assert_eq!(state_at(&[], Some(Date::MAX), after), StandingState::Valid, "time ends before");
    }

    #[test]
    fn since_when_it_has_expired_is_told_and_what_is_suspended_is_not_issued_again() {
        let number = CertificateNumber::new("TBU", 2026, 1).unwrap();
        let (issued_at, valid_until) = (day(1), Some(jiff::civil::date(2026, 11, 10)));
        let known = |facts| Known { number: number.clone(), issued_at, valid_until, facts, supersedes: None };
        let expired = known(Vec::new()).standing(day(20));
        assert_eq!(expired.since.to_string(), "2026-11-10T15:00:00Z");
        assert_eq!((expired.state, expired.reason, expired.valid_until), (StandingState::Expired, None, valid_until));
        assert_eq!(expired.possible, [StandingAct::Revoke, StandingAct::Reissue]);
        let suspended = known(vec![fact(StandingEvent::Suspended, 5)]).standing(day(20));
        assert_eq!((suspended.state, suspended.reason), (StandingState::Expired, None));
        assert_eq!(suspended.possible, [StandingAct::Revoke, StandingAct::Release]);
    }
}
