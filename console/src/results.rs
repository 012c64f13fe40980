//! Verdicts on uploaded files, and why there was none, kept for a while so that a person can switch the language, reload and go
//! back. In: a page in each language. Out: an address that nobody can guess.
//!
//! In memory only, and bounded: the oldest goes when there are too many, or too large ones. The file itself is not kept.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::StatusCode;
use validation::Language;

/// How many verdicts are kept.
const MOST: usize = 100;

/// How many octets of pages all together: a file with thousands of signatures has a page of megabytes.
const MOST_OCTETS: usize = 32 << 20;

/// One verdict in each language.
pub(crate) struct Verdict {
    /// 200, or that of the failure.
    pub(crate) status: StatusCode,
    pub(crate) japanese: String,
    pub(crate) english: String,
}

impl Verdict {
    pub(crate) fn page(&self, language: Language) -> &str {
        match language {
            Language::Japanese => &self.japanese,
            Language::English => &self.english,
        }
    }

    fn octets(&self) -> usize {
        self.japanese.len() + self.english.len()
    }
}

/// Id and verdict.
type Kept = (String, Arc<Verdict>);

/// The verdicts of one world. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Results(Arc<Mutex<VecDeque<Kept>>>);

impl Results {
    /// Keeps a verdict; gives its id. The newest is always kept, whatever its size.
    pub(crate) fn keep(&self, verdict: Verdict) -> String {
        let id = hex::encode(world::random::bytes::<16>());
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_back((id.clone(), Arc::new(verdict)));
        while kept.len() > MOST
            || kept.len() > 1 && kept.iter().map(|(_, verdict)| verdict.octets()).sum::<usize>() > MOST_OCTETS
        {
            kept.pop_front();
        }
        id
    }

    /// The verdict of that id, if it is still kept.
    pub(crate) fn find(&self, id: &str) -> Option<Arc<Verdict>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|(other, _)| other == id).map(|(_, verdict)| verdict.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(octets: usize) -> Verdict {
        Verdict { status: StatusCode::OK, japanese: "x".repeat(octets), english: String::new() }
    }

    #[test]
    fn the_oldest_goes_and_the_newest_stays() {
        let results = Results::default();
        let first = results.keep(verdict(1));
        let second = results.keep(verdict(1));
        let ids: Vec<String> = (2..=MOST).map(|_| results.keep(verdict(1))).collect();
        assert!(results.find(&first).is_none() && results.find(&second).is_some() && results.find(&ids[0]).is_some());
        let large = results.keep(verdict(MOST_OCTETS + 1));
        assert!(results.find(&large).is_some() && results.find(ids.last().unwrap()).is_none());
        assert!(results.find("").is_none());
    }
}
