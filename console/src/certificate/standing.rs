//! What a certificate counts for, in words: the issuer's answer, beside that of the verifier about the seal.

mod texts;

use issuer::api::{Standing, StandingEvent, StandingFact, StandingState};
use laboratory::Laboratory;
use validation::Language;
use verifier::explanation::{Mark, japan_time};

pub(crate) use texts::Texts;

/// What something is called within a sentence, in Japanese and in English.
pub(crate) type Noun = (String, String);

/// How the template of a certificate calls what it makes.
pub(crate) async fn noun_of(laboratory: &Laboratory, standing: &Standing) -> Noun {
    let template = async || {
        let issued = laboratory.issuer.find(&standing.number.to_string()).await.ok()?;
        laboratory.issuer.template(Some(&issued.summary.template)).await.ok()
    };
    let template = template().await;
    let (ja, en) = template.as_ref().map_or(("証明書", "certificate"), |template| template.noun());
    (ja.to_owned(), en.to_owned())
}

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
    /// The one that counts, if the place of that one was taken too.
    pub(crate) counts_instead: Option<String>,
    pub(crate) supersedes: Option<String>,
    /// What stands before the one that took its place, and before the one whose place it took.
    pub(crate) successor: String,
    pub(crate) predecessor: String,
    /// Under which address the pages of other certificates are.
    pub(crate) folder: &'static str,
    /// The last day on which it counts, if it expires.
    pub(crate) valid_until: Option<String>,
    /// Everything that became of it, oldest first.
    pub(crate) history: Vec<Told>,
}

/// Something that became of it.
pub(crate) struct Told {
    pub(crate) event: String,
    pub(crate) since: String,
    pub(crate) reason: String,
    /// By whom it was recorded, and when; not told on a page that is public.
    pub(crate) recorded: Option<(String, String)>,
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
            }
            .to_owned(),
            since: japan_time(fact.since),
            reason,
            recorded: None,
            other: fact.superseded_by.as_ref().map(ToString::to_string),
        }
    }
}

impl StandingPart {
    /// The same of what a template makes that calls it by another noun than 証明書, in Japanese and in English.
    pub(crate) fn called(mut self, (ja, en): (&str, &str)) -> StandingPart {
        let own =
            [&mut self.question, &mut self.headline, &mut self.sentence, &mut self.successor, &mut self.predecessor];
        for text in own.into_iter().chain(self.history.iter_mut().map(|told| &mut told.event)) {
            *text = text.replace("証明書", ja).replace("certificate", en);
        }
        self
    }

    /// The same for a page that is not public: it tells who recorded what, and leads to pages of its own kind.
    pub(crate) fn inside(mut self, standing: &Standing) -> StandingPart {
        for (told, fact) in self.history.iter_mut().zip(&standing.history) {
            told.recorded = Some((fact.recorded_by.clone(), japan_time(fact.recorded_at)));
        }
        StandingPart { folder: "certificates", ..self }
    }

    pub(crate) fn new(standing: &Standing, language: Language) -> StandingPart {
        let text = Texts::of(language);
        let since = japan_time(standing.since);
        let (mark, headline, meaning) = match standing.state {
            StandingState::Valid => (Mark::Confirmed, text.valid, text.counts),
            StandingState::Suspended => (Mark::Note, text.suspended, text.does_not_count_now),
            StandingState::Revoked => (Mark::Problem, text.revoked, text.does_not_count),
            StandingState::Superseded => {
                let counts = if standing.counts_instead.is_some() { text.other_counts } else { text.none_counts };
                (Mark::Problem, text.superseded, counts)
            }
            StandingState::Expired => (Mark::Problem, text.expired, text.does_not_count),
        };
        let instead = standing.counts_instead.as_ref().filter(|one| Some(*one) != standing.superseded_by.as_ref());
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
            counts_instead: instead.map(ToString::to_string),
            supersedes: standing.supersedes.as_ref().map(ToString::to_string),
            successor: text.successor.to_owned(),
            predecessor: text.predecessor.to_owned(),
            folder: "c",
            valid_until: standing.valid_until.map(|day| day.to_string()),
            history: standing.history.iter().map(|fact| Told::new(fact, text, said(&fact.reason))).collect(),
        }
    }
}
