//! The scenario language: one story a file, in TOML. In: the text. Out: a [`Story`], or what is wrong with it, with line and
//! column.
//!
//! A story has a title, the clause that decides it, and steps in order. A step is a table with one key that says what is done
//! (`seal`, `revoke`, `advance`, `verify`, …) and further keys that say how. docs/scenarios.md has them all.
//!
//! ```
//! let story = scenarios::story::Story::parse("40-example", r#"
//!     title = { ja = "封印直後の検証", en = "Verified right after sealing" }
//!     clause = "EN 319 102-1 clause 5.3"
//!     why = { ja = "失効していない証明書です。", en = "The certificate is good." }
//!     steps = [
//!         { seal = "letter", level = "B-T" },
//!         { advance = "1h" },
//!         { verify = "letter", expect = { verdict = "TOTAL-PASSED", best_signature_time = "stamp" } },
//!     ]
//! "#)?;
//! assert_eq!((story.number, story.id.as_str(), story.steps.len()), (Some(40), "example", 3));
//! # Ok::<(), scenarios::story::Wrong>(())
//! ```

mod expectation;
mod parse;
pub mod step;
mod words;

use jiff::Timestamp;
use serde::Deserialize;
use validation::Language;

pub use expectation::{Expectation, FactsExpected, Times};
pub(crate) use expectation::{line, overall, time_stamp};
pub use parse::Wrong;
use step::Action;

/// When a story begins that does not say so.
pub const START: &str = "2026-11-24T09:00:00Z";

/// The name of the world's own authorities, beside the strangers that a story founds.
pub const OWN: &str = "own";

/// A story.
#[derive(Clone, Debug)]
pub struct Story {
    /// The number in its file's name.
    pub number: Option<u32>,
    /// The rest of that name: `revoked-later-bt`.
    pub id: String,
    /// What it is about.
    pub title: Text,
    /// The clause that decides it.
    pub clause: String,
    /// Why it ends as it does.
    pub why: Text,
    /// The world's time at the beginning.
    pub start: Timestamp,
    /// What is done.
    pub steps: Vec<Step>,
}

/// A text in both languages.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Japanese.
    pub ja: String,
    /// English.
    pub en: String,
}

/// A step and where it stands.
#[derive(Clone, Debug)]
pub struct Step {
    /// Line in the file, from 1.
    pub line: usize,
    /// What is done.
    pub action: Action,
}

impl Story {
    /// Reads a story. `name` is its file's name without `.toml`: a number, a hyphen and an id.
    ///
    /// # Errors
    /// What is wrong first, with line, column and what may stand there.
    pub fn parse(name: &str, text: &str) -> Result<Story, Wrong> {
        parse::story(name, text)
    }

    /// The name of its file without `.toml`.
    pub fn name(&self) -> String {
        self.number.map_or_else(|| self.id.clone(), |number| format!("{number:02}-{}", self.id))
    }

    /// The expectations, in order.
    pub fn expectations(&self) -> impl Iterator<Item = &Expectation> {
        self.steps.iter().filter_map(|step| match &step.action {
            Action::Verify(verify) => Some(&verify.expect),
            _ => None,
        })
    }
}

impl Text {
    /// The text in one language.
    pub fn of(&self, language: Language) -> &str {
        language.of(&self.ja, &self.en)
    }
}
