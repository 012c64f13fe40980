//! The rules of strict PDF structure by their ids, and the lines that they leave in a report. In: how a check came out.
//! Out: a [`Check`] of clause 5.2.2 with rule and byte offset; passing leaves a line too.

use std::collections::HashMap;

use crate::report::{Check, Outcome};

pub(super) use crate::check::CheckId as Rule;

impl Rule {
    pub(super) fn passed(self, offset: Option<usize>, detail: impl Into<String>) -> Check {
        self.line(Outcome::Passed, offset, detail.into())
    }

    pub(super) fn failed(self, offset: Option<usize>, detail: impl Into<String>) -> Check {
        self.line(Outcome::Failed, offset, detail.into())
    }

    pub(super) fn warning(self, offset: Option<usize>, detail: impl Into<String>) -> Check {
        self.line(Outcome::Warning, offset, detail.into())
    }

    pub(super) fn ignored(self, detail: impl Into<String>) -> Check {
        self.line(Outcome::Ignored, None, detail.into())
    }

    /// Passed or failed with what was compared.
    pub(super) fn holds(self, holds: bool, offset: usize, detail: impl Into<String>) -> Check {
        let outcome = if holds { Outcome::Passed } else { Outcome::Failed };
        self.line(outcome, Some(offset), detail.into())
    }

    fn line(self, outcome: Outcome, offset: Option<usize>, detail: String) -> Check {
        Check { id: self, outcome, detail, offset: offset.map(|offset| offset as u64) }
    }
}

/// How a rule came out that looks at the whole file or at one later revision.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    pub(super) rule: Rule,
    pub(super) outcome: Outcome,
    /// The revision that it is about; none: it is about the whole file.
    pub(super) revision: Option<usize>,
    pub(super) offset: Option<usize>,
    pub(super) detail: String,
    /// Whether it tells of a change, and not only of an irregular file.
    pub(super) change: bool,
}

impl Finding {
    pub(super) fn failed(rule: Rule, revision: Option<usize>, offset: usize, detail: impl Into<String>) -> Finding {
        let (outcome, change) = (Outcome::Failed, revision.is_some());
        Finding { rule, outcome, revision, offset: Some(offset), detail: detail.into(), change }
    }

    pub(super) fn is_failed(&self) -> bool {
        self.outcome == Outcome::Failed
    }

    /// Whether it concerns a signature that covers everything up to `base`.
    pub(super) fn concerns(&self, base: Option<usize>) -> bool {
        match (self.revision, base) {
            (Some(revision), Some(base)) => revision > base,
            _ => true,
        }
    }

    pub(super) fn line(&self) -> Check {
        let detail = match self.revision {
            Some(revision) => format!("revision {revision}: {}", self.detail),
            None => self.detail.clone(),
        };
        self.rule.line(self.outcome, self.offset, detail)
    }
}

/// Findings of one rule about one revision that are told: as many as somebody reads.
const SHOWN: usize = 8;

/// The first findings of each rule about each revision.
pub(super) fn readable(findings: Vec<Finding>) -> Vec<Finding> {
    let mut counts: HashMap<(Rule, Option<usize>, bool), usize> = HashMap::new();
    let mut kept = findings;
    kept.retain(|finding| {
        let count = counts.entry((finding.rule, finding.revision, finding.is_failed())).or_default();
        *count += 1;
        *count <= SHOWN
    });
    kept
}

/// The lines of one rule: its findings, failed ones first, at most so many that they can be read, or one line that it holds.
pub(super) fn lines(rule: Rule, findings: &[&Finding], passed: &str) -> Vec<Check> {
    let own: Vec<&&Finding> = findings.iter().filter(|finding| finding.rule == rule).collect();
    if own.is_empty() {
        return vec![rule.passed(None, passed)];
    }
    let (failed, others): (Vec<&&Finding>, Vec<&&Finding>) = own.into_iter().partition(|finding| finding.is_failed());
    failed.iter().chain(&others).take(SHOWN).map(|finding| finding.line()).collect()
}
