//! Revoking, suspending and releasing a certificate: a fact is recorded, or it is said why there can be none.
//!
//! The same asked again is answered as before, and records nothing.

use jiff::Timestamp;
use world::text::{is_hidden, is_printable};

use super::{Known, deciding, store, successor};
use crate::api::{IssuedRevocation, Standing, StandingAct, StandingChange, StandingEvent, StandingFact, StandingState};
use crate::error::Error;
use crate::error::told::japanese_state;
use crate::issue::Issuer;
use crate::number::CertificateNumber;
use crate::reasons::in_language;
use crate::register::Words;
use crate::register::words::both;

/// What somebody wants to be recorded.
struct Wanted {
    act: StandingAct,
    reason: String,
    by: Option<String>,
    /// From when on; now if nothing is said.
    since: Option<Timestamp>,
}

/// Who asks without a name.
pub(super) const NAMELESS: &str = "client";

/// The longest reason, in characters.
pub(crate) const LONGEST_REASON: usize = 200;

/// The longest name of who wants something, in characters.
const LONGEST_NAME: usize = 100;

impl Issuer {
    /// How the certificate of that number stands at the world's time.
    ///
    /// # Errors
    /// [`Error::NumberUnknown`] and the like if there is none; [`Error::Database`].
    pub async fn standing(&self, number: &str) -> Result<Standing, Error> {
        let number: CertificateNumber = number.parse()?;
        let (store, at) = (&self.world.store, self.now());
        let known = store::known(store, &number).await?.ok_or_else(|| unknown(&number))?;
        let mut standing = known.standing(at);
        if standing.state == StandingState::Superseded {
            let last = store::last_successors(store, &[number.to_string()], at).await?.remove(&number.to_string());
            if let Some(last) = last
                && let Some(instead) = store::known(store, &last).await?
                && instead.state_at(at) == StandingState::Valid
            {
                standing.counts_instead = Some(last);
            }
        }
        Ok(standing)
    }

    /// Takes a certificate back, for good.
    ///
    /// # Errors
    /// [`Error::NotPossible`] if it was taken back before for another reason; [`Error::SinceOutOfRange`]; [`Error::NumberUnknown`] and the
    /// like if there is none.
    pub async fn revoke(&self, number: &str, request: &IssuedRevocation) -> Result<Standing, Error> {
        let since = request.since.as_deref().map(|text| world::time::parse(text, self.now()));
        let since = since.transpose().map_err(|problem| Error::SinceUnreadable { problem })?;
        let since = since.map(world::time::whole_seconds);
        let (reason, by) = (request.reason.clone(), request.by.clone());
        self.change(number, Wanted { act: StandingAct::Revoke, reason, by, since }).await
    }

    /// Suspends a certificate until it is released or revoked.
    ///
    /// # Errors
    /// [`Error::NotPossible`] if it is not valid; [`Error::NumberUnknown`] and the like if there is none.
    pub async fn suspend(&self, number: &str, request: &StandingChange) -> Result<Standing, Error> {
        self.change(number, Wanted::now(StandingAct::Suspend, request)).await
    }

    /// Ends the suspension of a certificate.
    ///
    /// # Errors
    /// [`Error::NotPossible`] if it is not suspended; [`Error::NumberUnknown`] and the like if there is none.
    pub async fn release(&self, number: &str, request: &StandingChange) -> Result<Standing, Error> {
        self.change(number, Wanted::now(StandingAct::Release, request)).await
    }

    async fn change(&self, number: &str, wanted: Wanted) -> Result<Standing, Error> {
        check_words(&wanted.reason, wanted.by.as_deref())?;
        let number: CertificateNumber = number.parse()?;
        let mut turn = self.world.store.turn().await?;
        let mut transaction = turn.begin().await?;
        store::lock(&mut transaction).await?;
        let at = self.now(); // after others who recorded something
        let mut known = store::read(&mut transaction, &number).await?.ok_or_else(|| unknown(&number))?;
        if wanted.is_so(&known, at) {
            return Ok(known.standing(at));
        }
        known.check_issued(at)?;
        if !known.possible_at(at).contains(&wanted.act) {
            return Err(not_possible(known, wanted.act, at));
        }
        let since = wanted.since.unwrap_or(at);
        if wanted.since.is_some() && !(known.issued_at..=at).contains(&since) {
            return Err(Error::SinceOutOfRange { since, issued_at: known.issued_at, at });
        }
        let fact = StandingFact {
            event: wanted.act.event(),
            reason: wanted.reason,
            recorded_at: at,
            recorded_by: wanted.by.unwrap_or_else(|| NAMELESS.to_owned()),
            since,
            superseded_by: None,
        };
        store::record(&mut transaction, &number, known.issued_at, &fact).await?;
        transaction.commit().await?;
        known.facts.push(fact);
        Ok(known.standing(at))
    }

    /// The world's time, as facts have it.
    pub(crate) fn now(&self) -> Timestamp {
        world::time::whole_seconds(self.world.clock.now())
    }
}

impl Wanted {
    fn now(act: StandingAct, request: &StandingChange) -> Wanted {
        Wanted { act, reason: request.reason.clone(), by: request.by.clone(), since: None }
    }

    /// Whether this was recorded already.
    fn is_so(&self, known: &Known, at: Timestamp) -> bool {
        deciding(&known.facts, at).is_some_and(|fact| {
            let same_time = self.since.is_none_or(|since| since == fact.since);
            fact.event == self.act.event() && fact.reason == self.reason && same_time
        })
    }
}

impl StandingAct {
    /// What is recorded when it is done.
    pub(super) fn event(self) -> StandingEvent {
        match self {
            StandingAct::Revoke => StandingEvent::Revoked,
            StandingAct::Suspend => StandingEvent::Suspended,
            StandingAct::Release => StandingEvent::Released,
            StandingAct::Reissue => StandingEvent::Superseded,
        }
    }

    /// In the sentence that it cannot be.
    pub(crate) fn done(self) -> &'static str {
        match self {
            StandingAct::Revoke => "revoked",
            StandingAct::Suspend => "suspended",
            StandingAct::Release => "released",
            StandingAct::Reissue => "re-issued",
        }
    }

    /// Several of them, in a sentence about what is possible.
    pub(crate) fn listed(acts: &[StandingAct]) -> String {
        let names: Vec<&str> = acts.iter().map(|act| act.name()).collect();
        if names.is_empty() { "nothing more".into() } else { names.join(", ") }
    }

    fn name(self) -> &'static str {
        match self {
            StandingAct::Revoke => "revoke",
            StandingAct::Suspend => "suspend",
            StandingAct::Release => "release",
            StandingAct::Reissue => "reissue",
        }
    }
}

/// Refuses a reason that says nothing, and texts that are too long.
pub(crate) fn check_words(reason: &str, by: Option<&str>) -> Result<(), Error> {
    // Whatever is not seen, such as U+202E, could make the rest read as something else.
    let readable = |text: &str| !text.trim().is_empty() && text.chars().all(is_printable) && !text.contains(is_hidden);
    if !readable(reason) || reason.chars().count() > LONGEST_REASON {
        return Err(Error::ReasonMissing { longest: LONGEST_REASON });
    }
    match by {
        Some(by) if !readable(by) || by.chars().count() > LONGEST_NAME => {
            Err(Error::NameUnusable { longest: LONGEST_NAME })
        }
        _ => Ok(()),
    }
}

pub(super) fn unknown(number: &CertificateNumber) -> Error {
    Error::NumberUnknown { number: number.to_string() }
}

/// Why it cannot be done, and what can.
pub(super) fn not_possible(known: Known, act: StandingAct, at: Timestamp) -> Error {
    let successor = successor(&known.facts).cloned();
    let Standing { number, possible, reason, since, state, .. } = known.standing(at);
    let Words { en: found, ja: found_ja } = stands(state, since, reason.as_deref(), successor.as_ref());
    Error::NotPossible { number: number.to_string(), act, found, found_ja, possible }
}

/// How it stands, and what took its place or will at a later time of the clock.
fn stands(
    state: StandingState,
    since: Timestamp,
    reason: Option<&str>,
    successor: Option<&CertificateNumber>,
) -> Words {
    let why = reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
    let why_ja = reason.map(|reason| format!("、理由: {}", in_language(reason, true))).unwrap_or_default();
    let state_ja = japanese_state(state);
    match (state, successor) {
        (StandingState::Valid, Some(successor)) => both!(
            "{successor} takes its place at a later time of the clock",
            "時計の先の時刻で、{successor} に差し替えられています"
        ),
        (StandingState::Expired, Some(successor)) => both!(
            "it has expired since {since}, and {successor} takes its place at a later time of the clock",
            "{since} から{state_ja}。時計の先の時刻で、{successor} に差し替えられています"
        ),
        (StandingState::Superseded, Some(successor)) => both!(
            "{successor} has taken its place since {since}{why}",
            "{since} から（{successor} に）{state_ja}{why_ja}"
        ),
        (StandingState::Expired, None) => both!("it has expired since {since}", "{since} から{state_ja}"),
        (StandingState::Superseded, None) => {
            both!("it is superseded since {since}{why}", "{since} から{state_ja}{why_ja}")
        }
        (StandingState::Valid, None) => both!("it is valid since {since}{why}", "{since} から{state_ja}{why_ja}"),
        (StandingState::Suspended, _) => both!("it is suspended since {since}{why}", "{since} から{state_ja}{why_ja}"),
        (StandingState::Revoked, _) => both!("it is revoked since {since}{why}", "{since} から{state_ja}{why_ja}"),
    }
}
