//! Whether what a file shows is what was sealed, from facts alone, whatever was concluded. In: a report on a seal. Out: one of
//! seven states.

use validation::report::{Check, LaterChanges, LaterWhat, Outcome, SignatureReport};

use super::Mark;

/// What became of what was sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// Nothing came later but evidence and further seals.
    None,
    /// Title or other metadata were changed later, the pages were not.
    Metadata,
    /// Forms or annotations, as the seal permits.
    Permitted,
    /// Something else came later.
    Added,
    /// The sealed bytes are not those that were sealed.
    Rewritten,
    /// The digest holds, but over a part of the file only.
    Uncovered,
    /// It could not be found out.
    Unknown,
}

impl Change {
    pub(super) fn of(seal: &SignatureReport) -> Change {
        let facts = &seal.facts;
        if facts.hash_intact == Some(false) {
            return Change::Rewritten;
        }
        if facts.later_changes == LaterChanges::Other {
            return if is_permitted(seal) { Change::Permitted } else { Change::Added };
        }
        if facts.hash_intact.is_none() {
            return Change::Unknown;
        }
        if facts.byte_range_valid != Some(true) || facts.dictionary_consistent == Some(false) {
            return Change::Uncovered;
        }
        match seal.is_unchanged() {
            true => Change::None,
            false => Change::Metadata,
        }
    }

    pub(super) fn mark(self) -> Mark {
        match self {
            Change::None => Mark::Confirmed,
            Change::Metadata | Change::Permitted => Mark::Note,
            Change::Added | Change::Rewritten | Change::Uncovered => Mark::Problem,
            Change::Unknown => Mark::Open,
        }
    }
}

/// Only forms and annotations came later, the seal passed, and no rule of structure speaks against them.
fn is_permitted(seal: &SignatureReport) -> bool {
    use LaterWhat::{Annotation, Form, Metadata};
    let harmless = |what: LaterWhat| what.leaves_content() || matches!(what, Form | Annotation | Metadata);
    let against = |outcome| matches!(outcome, Outcome::Failed | Outcome::Warning);
    let intact = seal.facts.hash_intact == Some(true) && seal.facts.byte_range_valid == Some(true);
    seal.conclusion.is_passed()
        && intact
        && seal.facts.dictionary_consistent != Some(false)
        && seal.later.iter().all(|later| harmless(later.what))
        && !seal.checks.iter().any(|check| check.rule().is_some() && against(check.outcome))
        && (seal.policy == "any-permitted-changes" || !seal.checks.iter().any(is_let_pass))
}

/// A change that a policy of somebody's own does not count is not one that the seal permits.
fn is_let_pass(check: &Check) -> bool {
    check.outcome == Outcome::Ignored && check.rule().is_some_and(|rule| rule.starts_with('M'))
}
