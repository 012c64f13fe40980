//! What a certificate counts for, in words: the issuer's answer, beside that of the verifier about the seal.

mod texts;

use issuer::api::{Standing, StandingEvent, StandingFact, StandingState};
use validation::Language;
use verifier::explanation::{Mark, japan_time};

pub(crate) use texts::Texts;

/// The part of a page that tells it.
pub(crate) struct StandingPart {
    pub(crate) text: &'static Texts,
    /// What is answered: whether it counts.
    pub(crate) question: String,
    pub(crate) number: String,
    pub(crate) mark: Mark,
    pub(crate) headline: String,
    /// Since when, and what that means.
    pub(crate) sentence: String,
    pub(crate) reason: Option<String>,
    pub(crate) superseded_by: Option<String>,
    pub(crate) supersedes: Option<String>,
    /// The last day on which it counts, if it expires.
    pub(crate) valid_until: Option<String>,
    /// Everything that became of it, oldest first.
    pub(crate) history: Vec<Told>,
}

/// Something that became of it. By whom it was recorded is not told: the page is public.
pub(crate) struct Told {
    pub(crate) event: &'static str,
    pub(crate) since: String,
    pub(crate) reason: String,
    /// The certificate that took its place.
    pub(crate) other: Option<String>,
}

impl Told {
    fn new(fact: &StandingFact, text: &Texts, reason: String) -> Told {
        Told {
            event: match fact.event {
                StandingEvent::Revoked => text.was_revoked,
                StandingEvent::Suspended => text.was_suspended,
                StandingEvent::Released => text.was_released,
                StandingEvent::Superseded => text.was_superseded,
            },
            since: japan_time(fact.since),
            reason,
            other: fact.superseded_by.as_ref().map(ToString::to_string),
        }
    }
}

impl StandingPart {
    /// The same of what a template makes that calls it by another noun than 証明書, in Japanese and in English.
    pub(crate) fn called(self, (ja, en): (&str, &str)) -> StandingPart {
        let called = |text: &str| text.replace("証明書", ja).replace("certificate", en);
        let (question, headline, sentence) = (called(&self.question), called(&self.headline), called(&self.sentence));
        StandingPart { question, headline, sentence, ..self }
    }

    pub(crate) fn new(standing: &Standing, language: Language) -> StandingPart {
        let text = Texts::of(language);
        let since = japan_time(standing.since);
        let (mark, headline, meaning) = match standing.state {
            StandingState::Valid => (Mark::Confirmed, text.valid, text.counts),
            StandingState::Suspended => (Mark::Note, text.suspended, text.does_not_count_now),
            StandingState::Revoked => (Mark::Problem, text.revoked, text.does_not_count),
            StandingState::Superseded => (Mark::Problem, text.superseded, text.other_counts),
            StandingState::Expired => (Mark::Problem, text.expired, text.does_not_count),
        };
        let japanese = language == Language::Japanese;
        let said = |reason: &str| issuer::reasons::in_language(reason, japanese);
        StandingPart {
            text,
            question: text.standing.to_owned(),
            number: standing.number.to_string(),
            mark,
            headline: headline.to_owned(),
            sentence: format!("{}: {since} {meaning}", text.since),
            reason: standing.reason.as_deref().filter(|_| standing.state != StandingState::Valid).map(said),
            superseded_by: standing.superseded_by.as_ref().map(ToString::to_string),
            supersedes: standing.supersedes.as_ref().map(ToString::to_string),
            valid_until: standing.valid_until.map(|day| day.to_string()),
            history: standing.history.iter().map(|fact| Told::new(fact, text, said(&fact.reason))).collect(),
        }
    }
}
