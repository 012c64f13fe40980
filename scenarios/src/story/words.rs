//! A story told step by step. In: a story and a language. Out: sentences, each language's in a file of its own.

mod english;
mod japanese;

use validation::Language::{self, English, Japanese};

use super::Story;
use super::step::Action;

impl Story {
    /// The whole story, one line a step.
    pub fn explain(&self, language: Language) -> String {
        let mut lines = vec![format!("{}  {}", self.name(), self.title.of(language))];
        lines.push(match language {
            Japanese => format!("  世界の時刻 {} に始まる。", self.start),
            English => format!("  The world's clock stands at {}.", self.start),
        });
        for (number, step) in (1..).zip(&self.steps) {
            lines.push(format!("  {number:>2}. {}", step.action.explain(language)));
        }
        let (why, clause) = match language {
            Japanese => ("理由", "根拠"),
            English => ("why", "clause"),
        };
        lines.push(format!("  {why}: {}", self.why.of(language)));
        lines.push(format!("  {clause}: {}", self.clause));
        lines.join("\n")
    }
}

impl Action {
    /// One sentence.
    pub fn explain(&self, language: Language) -> String {
        match language {
            Japanese => japanese::sentence(self),
            English => english::sentence(self),
        }
    }
}
