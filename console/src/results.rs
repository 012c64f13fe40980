//! Verdicts on uploaded files, and why there was none, kept for a while. In: a page in each language. Out: an address that nobody can
//! guess. The file itself is not kept.

use std::sync::Arc;

use axum::http::StatusCode;
use validation::Language;

use crate::shelf::Shelf;

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
}

/// The verdicts of one world. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Results(Shelf<Verdict>);

impl Default for Results {
    fn default() -> Results {
        Results(Shelf::new(MOST, MOST_OCTETS))
    }
}

impl Results {
    /// Keeps a verdict; gives its id.
    pub(crate) fn keep(&self, verdict: Verdict) -> String {
        let octets = verdict.japanese.len() + verdict.english.len();
        self.0.keep(verdict, octets)
    }

    /// The verdict of that id, if it is still kept.
    pub(crate) fn find(&self, id: &str) -> Option<Arc<Verdict>> {
        self.0.find(id)
    }
}
