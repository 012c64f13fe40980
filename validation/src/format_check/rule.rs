//! The rules of strict PDF structure by their ids, and the lines that they leave in a report. In: how a check came out.
//! Out: a [`Check`] of clause 5.2.2 with rule and byte offset; passing leaves a line too.

use std::collections::HashMap;

use pades::Readings;

use crate::policy::{Anomaly as Place, ConstraintLevel, Policy, StructureConstraints};
use crate::report::{Check, Outcome};

pub(super) use crate::check::CheckId as Rule;

/// An anomaly of the file's structure, seen from one signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AnomalyClass {
    /// The standard permits it, readers differ on it, and the signature covers it.
    CoveredPermitted,
    /// The signature covers it, and its bytes have one reading.
    CoveredOneReading,
    /// The signature covers it, and readers see different objects.
    CoveredTwoReadings,
    /// It lies in bytes that the signature does not cover.
    Uncovered,
}

/// How a broken rule counts. The one place that knows: what somebody could have done after the sealer fails, unless the policy
/// names the rule. That a signature is no baseline (U6) is told, never more.
pub(super) fn level_of(rule: Rule, class: AnomalyClass, structure: &StructureConstraints) -> Outcome {
    let level = match class {
        AnomalyClass::CoveredPermitted => return Outcome::Passed,
        AnomalyClass::CoveredOneReading => structure.level(rule, Place::Covered),
        AnomalyClass::CoveredTwoReadings => structure.level(rule, Place::Ambiguous),
        AnomalyClass::Uncovered => structure.level(rule, Place::Uncovered),
    };
    let by_name = structure.rules.contains_key(&rule);
    match level {
        ConstraintLevel::Fail if rule == Rule::U6 && class == AnomalyClass::CoveredOneReading && !by_name => {
            Outcome::Warning
        }
        ConstraintLevel::Fail => Outcome::Failed,
        ConstraintLevel::Warn => Outcome::Warning,
        ConstraintLevel::Inform | ConstraintLevel::Ignore => Outcome::Ignored,
    }
}

/// A line under the policy: a rule that it names may count less wherever it is broken.
pub(super) fn under(check: Check, policy: &Policy) -> Check {
    match check.outcome {
        Outcome::Failed => Check { outcome: level_of(check.id, AnomalyClass::Uncovered, &policy.structure), ..check },
        _ => check,
    }
}

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

    /// An anomaly that lies in the signature itself, which leaves one reading.
    pub(super) fn anomaly(self, policy: &Policy, offset: usize, detail: impl Into<String>) -> Check {
        let outcome = level_of(self, AnomalyClass::CoveredOneReading, &policy.structure);
        self.line(outcome, Some(offset), detail.into())
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
    /// For an anomaly of the structure of `revision`: how it counts depends on whether a signature covers it.
    pub(super) anomaly: Option<Anomaly>,
}

/// What an anomaly leaves to readers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Anomaly {
    /// The standard permits it; readers may give up on it and rebuild the file.
    Permitted,
    /// All readers that cope with it see the same.
    OneReading,
    /// Readers see different objects.
    TwoReadings,
    /// One end of line too many behind the file: it counts like what is covered, since it can hold nothing.
    LineEnd,
    /// An object too many that nothing leads to and no reader takes up: the same.
    Inert,
}

impl From<Readings> for Anomaly {
    fn from(readings: Readings) -> Anomaly {
        match readings {
            Readings::One => Anomaly::OneReading,
            Readings::Two => Anomaly::TwoReadings,
        }
    }
}

impl Finding {
    pub(super) fn failed(rule: Rule, revision: Option<usize>, offset: usize, detail: impl Into<String>) -> Finding {
        let (outcome, change) = (Outcome::Failed, revision.is_some());
        Finding { rule, outcome, revision, offset: Some(offset), detail: detail.into(), change, anomaly: None }
    }

    pub(super) fn anomaly(
        rule: Rule,
        anomaly: Anomaly,
        revision: usize,
        offset: usize,
        detail: impl Into<String>,
    ) -> Finding {
        Finding { anomaly: Some(anomaly), ..Finding::failed(rule, Some(revision), offset, detail) }
    }

    pub(super) fn is_failed(&self) -> bool {
        self.outcome == Outcome::Failed
    }

    /// How a signature sees it that covers everything up to `base`; `None`: it does not concern that signature.
    pub(super) fn seen_from(&self, base: Option<usize>, structure: &StructureConstraints) -> Option<Finding> {
        let later = match (self.revision, base) {
            (Some(revision), Some(base)) => revision > base,
            _ => true,
        };
        let Some(anomaly) = self.anomaly else { return later.then(|| self.clone()) };
        let class = match anomaly {
            Anomaly::LineEnd | Anomaly::Inert => AnomalyClass::CoveredOneReading,
            _ if later => AnomalyClass::Uncovered,
            Anomaly::Permitted => AnomalyClass::CoveredPermitted,
            Anomaly::OneReading => AnomalyClass::CoveredOneReading,
            Anomaly::TwoReadings => AnomalyClass::CoveredTwoReadings,
        };
        let outcome = level_of(self.rule, class, structure);
        (outcome != Outcome::Passed).then(|| Finding { outcome, change: self.change && later, ..self.clone() })
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

/// Of each rule the findings about the newest and the oldest revisions, as many as somebody reads. A signature that some
/// finding concerns is concerned by the newest one, so that none passes for what is left out.
pub(super) fn readable(findings: Vec<Finding>) -> Vec<Finding> {
    let mut order: Vec<usize> = (0..findings.len()).collect();
    order.sort_by_key(|place| findings[*place].revision.unwrap_or(usize::MAX));
    let mut kept = vec![false; findings.len()];
    for newest_first in [true, false] {
        let mut counts: HashMap<(Rule, bool, Option<Anomaly>), usize> = HashMap::new();
        let mut keep = |place: usize| {
            let finding = &findings[place];
            let count = counts.entry((finding.rule, finding.is_failed(), finding.anomaly)).or_default();
            *count += 1;
            kept[place] |= *count <= SHOWN;
        };
        match newest_first {
            true => order.iter().rev().for_each(|place| keep(*place)),
            false => order.iter().for_each(|place| keep(*place)),
        }
    }
    findings.into_iter().zip(kept).filter_map(|(finding, kept)| kept.then_some(finding)).collect()
}

/// The lines of one rule: its findings, at most so many that they can be read, or one line that it holds.
pub(super) fn lines(rule: Rule, findings: &[Finding], passed: &str) -> Vec<Check> {
    let mut own: Vec<&Finding> = findings.iter().filter(|finding| finding.rule == rule).collect();
    if own.is_empty() {
        return vec![rule.passed(None, passed)];
    }
    own.sort_by_key(|finding| !finding.is_failed()); // what fails is never left out
    own.iter().take(SHOWN).map(|finding| finding.line()).collect()
}
