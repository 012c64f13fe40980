//! The rules of strict PDF structure by their ids, and the lines that they leave in a report. In: how a check came out.
//! Out: a [`Check`] of clause 5.2.2 with rule and byte offset; passing leaves a line too.

use std::collections::HashMap;

use crate::report::{Check, Outcome};

/// One rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) id: &'static str,
    check: &'static str,
}

/// Format checking, EN 319 102-1.
const CLAUSE: &str = "5.2.2";

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
        let (rule, offset) = (Some(self.id), offset.map(|offset| offset as u64));
        Check { clause: CLAUSE, rule, check: self.check, outcome, detail, offset }
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
    let mut counts: HashMap<(&str, Option<usize>, bool), usize> = HashMap::new();
    let mut kept = findings;
    kept.retain(|finding| {
        let count = counts.entry((finding.rule.id, finding.revision, finding.is_failed())).or_default();
        *count += 1;
        *count <= SHOWN
    });
    kept
}

/// The lines of one rule: its findings, at most so many that they can be read, or one line that it holds.
pub(super) fn lines(rule: Rule, findings: &[&Finding], passed: &str) -> Vec<Check> {
    let own: Vec<&&Finding> = findings.iter().filter(|finding| finding.rule == rule).collect();
    if own.is_empty() {
        return vec![rule.passed(None, passed)];
    }
    own.iter().take(SHOWN).map(|finding| finding.line()).collect()
}

macro_rules! rules {
    ($($id:ident $check:literal;)*) => {
        $(pub(super) const $id: Rule = Rule { id: stringify!($id), check: $check };)*
        /// The rule with an id.
        pub(super) fn by_id(id: &str) -> Option<Rule> {
            [$($id),*].into_iter().find(|rule| rule.id == id)
        }
    };
}

rules! {
    U1 "the signature is the value of a field that the form lists";
    U2 "the keys of field and signature dictionary occur once, and none that is needed is missing";
    U3 "/ByteRange is four direct offsets and lengths";
    U4 "/Contents is a direct, non-empty hexadecimal string";
    U5 "the value of the signature field is a usable signature";
    U6 "/SubFilter is one of PAdES, and /Type agrees with it";
    U7 "the signature belongs to one field on one page";
    G1 "the first signed range begins at the start of the file";
    G2 "the signed ranges follow one another and nest with those of other signatures";
    G3 "the signed ranges lie in the file";
    G4 "what the ranges leave out is a hexadecimal string and nothing else";
    G5 "what the ranges leave out is the /Contents of this very dictionary";
    G6 "positions are compared, not lengths";
    G7 "after the signature in /Contents there are zeros only";
    G8 "the signed ranges end where a revision ends, with all its cross-references inside";
    G9 "the signature dictionary is the same in the signed and in the newest revision";
    X1 "the file begins with the header of a PDF version";
    X2 "every revision ends with cross-references, startxref and %%EOF";
    X3 "there is one kind of cross-reference, no hybrid";
    X4 "cross-references lead to the objects that they name, and no number is used again";
    X5 "object streams and cross-reference streams override nothing";
    X6 "every byte after the signed revision belongs to a revision";
    X7 "what the signed revision leaves undefined stays undefined";
    X9 "no key and no object is defined twice";
    X10 "trees end, without cycles and within limits";
    C1 "the signature is one DER SignedData with one signer and without content of its own";
    C3 "the claimed time is /M; attributes that PAdES baseline forbids are absent";
    C4 "signed attributes are in the order of DER";
    C5 "the algorithms named in the signature agree";
    M1 "in the catalog only form, security store, metadata, extensions and version changed";
    M2 "pages are the same";
    M3 "no stream or font was overridden";
    M4 "no object was freed";
    M5 "new objects are reached from permitted changes only";
    M6 "the security store holds validation material and nothing else";
    M7 "new signature fields are invisible and hold new document time-stamps";
    M8 "signed fields did not change";
    M9 "no annotation was added, changed or removed";
    M10 "no other form field changed";
    M12 "document information and metadata changed in text only";
    M15 "encryption, identifier and root are the same in all revisions";
}
