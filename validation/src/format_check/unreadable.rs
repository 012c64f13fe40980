//! Files that cannot be read as a whole, rules X2 and X10. In: the bytes and what was wrong. Out: the signatures of the longest
//! beginning that reads by itself, all of them failed; or one failed signature when only its remains can be seen.

use pades::{Document, Error, remains};

use super::rule::Rule;
use super::{FormatFacts, SignatureFormat, examine};
use crate::check::CheckId::{U5, X1, X2, X6, X10};
use crate::conclusion::{Conclusion, Failure};
use crate::policy::Policy;
use crate::report::LaterChanges;

/// Judges a file that [`Document::parse`] refused with `problem`; empty: no signature can be seen in it.
pub fn examine_unreadable(bytes: &[u8], problem: &Error, policy: &Policy) -> Vec<SignatureFormat> {
    let remains = remains(bytes);
    let beginning = remains.readable.and_then(|end| Document::parse(&bytes[..end]).ok());
    let mut formats = beginning.map(|document| examine(&document, policy)).unwrap_or_default();
    for format in &mut formats {
        let end = remains.readable.unwrap_or(0);
        format.checks.push(rule_of(problem).failed(problem.offset(), problem.to_string()));
        format.checks.push(X6.failed(Some(end), "what follows the readable beginning is no revision"));
        format.facts.later_changes = LaterChanges::Other;
        format.conclusion = Conclusion::Failed(Failure::FormatFailure);
    }
    if formats.is_empty() && !remains.byte_ranges.is_empty() {
        formats.push(seen(remains.byte_ranges[0], problem));
    }
    formats
}

/// A file without signatures that ends with an incomplete revision: it may hold one.
pub(super) fn behind_the_end(document: &Document) -> Vec<SignatureFormat> {
    let mut irregular = document.irregularities().iter().map(|found| &found.problem);
    let Some(problem) = irregular.find(|problem| matches!(problem, Error::Truncated { .. })) else { return Vec::new() };
    let places = remains(document.bytes()).byte_ranges;
    let behind = places.into_iter().find(|place| document.trailing().contains(place));
    behind.map(|place| seen(place, problem)).into_iter().collect()
}

/// The rule that reading enforces by refusing.
fn rule_of(problem: &Error) -> Rule {
    match problem {
        Error::NotPdf { .. } => X1,
        Error::Cycle { .. } | Error::LimitExceeded { .. } => X10,
        Error::Truncated { .. } => X6,
        _ => X2,
    }
}

/// A signature of which nothing but the name /ByteRange can be seen.
fn seen(offset: usize, problem: &Error) -> SignatureFormat {
    let detail = "the name /ByteRange stands in bytes that cannot be read";
    SignatureFormat {
        field: String::new(),
        kind: None,
        revision: None,
        covered_revision: None,
        signature: None,
        message: None,
        facts: FormatFacts { byte_range_valid: false, dictionary_consistent: None, later_changes: LaterChanges::Other },
        checks: vec![U5.failed(Some(offset), detail), rule_of(problem).failed(problem.offset(), problem.to_string())],
        conclusion: Conclusion::Failed(Failure::FormatFailure),
    }
}
