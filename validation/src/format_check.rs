//! Format checking, ETSI EN 319 102-1 clause 5.2.2: the structure rules for sealed PDFs (U: finding signatures, G: byte range,
//! X: file structure, C: the message in /Contents, M: changes after the seal). In: a parsed document and a policy. Out: for
//! every signature its facts, one line for each rule, also when it passes, and passed or FORMAT_FAILURE.
//!
//! The digest, the signature value and the reference to the certificate (C2) are judged elsewhere; times play no part here.

mod byte_range;
mod changes;
mod compare;
mod dictionary;
mod file_structure;
mod inventory;
mod level;
mod message;
mod repair;
mod rule;
mod subject;
mod unreadable;

use std::collections::BTreeMap;

use pades::{Document, Signature};
use pki::SignedData;

use crate::check::CheckId;
use crate::conclusion::{Conclusion, Failure};
use crate::policy::{LaterChangesAllowed, Policy, StructureConstraints};
use crate::report::{Check, Kind, LaterChanges, Outcome};
use inventory::Inventory;
use rule::{Finding, Rule};
use subject::{Consistency, Subject};

pub use level::level;
pub(crate) use level::{Readers, level_by};
pub use unreadable::examine_unreadable;

/// The form of one signature and of the file around it.
#[derive(Clone, Debug)]
pub struct SignatureFormat {
    /// Fully qualified name of its field.
    pub field: String,
    /// Seal or document time-stamp; `None` when its dictionary cannot be read.
    pub kind: Option<Kind>,
    /// The revision (from 0) that holds its dictionary.
    pub revision: Option<usize>,
    /// The revision (from 0) that ends where the signed bytes end.
    pub covered_revision: Option<usize>,
    /// The signature as the signed revision shows it; `None` when it cannot be read.
    pub signature: Option<Signature>,
    /// What its /Contents holds, if that is a CMS message that can be read.
    pub message: Option<SignedData>,
    /// What is so.
    pub facts: FormatFacts,
    /// Every rule, in the order U, G, X, C, M.
    pub checks: Vec<Check>,
    /// Passed, or failed with FORMAT_FAILURE.
    pub conclusion: Conclusion,
}

/// Facts about the structure, whatever the policy says of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormatFacts {
    /// The byte range leaves out exactly this signature's /Contents and ends where a revision ends (U3, G1 to G6, G8).
    pub byte_range_valid: bool,
    /// The dictionary in the signed revision is that of the newest one (G9); `None`: it cannot be told.
    pub dictionary_consistent: Option<bool>,
    /// What came after the signed revision.
    pub later_changes: LaterChanges,
}

/// Examines every signature of a document, in the order of their revisions. Also one that an earlier revision shows and the
/// newest one hides, and one whose dictionary is unusable: both are invalid signatures, not absent ones.
///
/// ```
/// # fn main() -> Result<(), pades::Error> {
/// let pdf = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\nxref\n0 2\n0000000000 65535 f \n\
///     0000000009 00000 n \ntrailer\n<< /Size 2 /Root 1 0 R >>\nstartxref\n45\n%%EOF\n";
/// let document = pades::Document::parse(pdf.as_slice())?;
/// let policy = validation::Policy::default();
/// assert!(validation::format_check::examine(&document, &policy).is_empty());
/// # Ok(())
/// # }
/// ```
pub fn examine(document: &Document, policy: &Policy) -> Vec<SignatureFormat> {
    let newest = document.signature_fields();
    let forms = document.forms();
    let subjects = subject::find(document, &newest, &forms[..forms.len() - 1]);
    let Some(first) = subjects.iter().map(|subject| subject.base.unwrap_or(0)).min() else {
        return unreadable::behind_the_end(document);
    };
    let inventory = Inventory::read(document);
    let mut findings = file_structure::findings(document, &inventory, &newest, &forms, first);
    findings.extend(repair::findings(document, &inventory, first));
    findings.extend(changes::findings(document, &inventory, &forms, &newest, first));
    let findings = rule::readable(findings);
    subjects.iter().map(|subject| format_of(document, subject, &subjects, &findings, policy)).collect()
}

fn format_of(
    document: &Document,
    subject: &Subject,
    all: &[Subject],
    findings: &[Finding],
    policy: &Policy,
) -> SignatureFormat {
    let seen = findings.iter().filter_map(|finding| finding.seen_from(subject.base, &policy.structure));
    let concerning: Vec<Finding> = seen.collect();
    let mut checks = dictionary::checks(document, subject, all, policy);
    checks.extend(concerning.iter().filter(|finding| finding.rule == Rule::U7).map(Finding::line));
    let ranges = byte_range::checks(document, subject, all);
    let byte_range_valid = subject.signature.is_some() && ranges.iter().all(|check| check.outcome != Outcome::Failed);
    checks.extend(ranges);
    checks.push(subject.consistency_check());
    let message = subject.signature.as_ref().map(|signature| SignedData::from_ber(&signature.contents));
    let message_checks = message::checks(subject, message.as_ref(), policy);
    checks.extend(file_structure::checks(&concerning));
    checks.extend(message_checks);
    checks.extend(changes::checks(&concerning, policy.later_changes));
    checks.extend(changes::certification(document, subject, &policy.structure));
    let facts = FormatFacts {
        byte_range_valid,
        dictionary_consistent: subject.consistency.as_bool(),
        later_changes: later_changes(document, subject, &as_it_is(findings, subject, policy)),
    };
    let checks: Vec<Check> = checks.into_iter().map(|check| rule::under(check, policy)).collect();
    let failed = subject.signature.is_none() || checks.iter().any(|check| check.outcome == Outcome::Failed);
    SignatureFormat {
        field: subject.field.name.clone(),
        kind: subject.kind(),
        revision: subject.signature.as_ref().map(|signature| signature.revision),
        covered_revision: subject.covered,
        signature: subject.signature.clone(),
        message: message.and_then(Result::ok),
        facts,
        checks,
        conclusion: if failed { Conclusion::Failed(Failure::FormatFailure) } else { Conclusion::Passed },
    }
}

/// The findings as they are where no rule has a level of its own: a fact does not hang on the policy.
fn as_it_is(findings: &[Finding], subject: &Subject, policy: &Policy) -> Vec<Finding> {
    let plain = StructureConstraints { rules: BTreeMap::new(), ..policy.structure };
    findings.iter().filter_map(|finding| finding.seen_from(subject.base, &plain)).collect()
}

/// What came after the signed revision: the gravest of what the rules on changes found.
fn later_changes(document: &Document, subject: &Subject, concerning: &[Finding]) -> LaterChanges {
    let changes = || concerning.iter().filter(|finding| finding.change);
    let permitted = |rule: CheckId| rule == CheckId::M7; // forms and annotations change what is shown
    let suspicious = changes().any(|finding| match finding.outcome {
        Outcome::Failed => true,
        Outcome::Passed => !permitted(finding.rule),
        _ => false, // orphans
    });
    let seals = changes().any(|finding| finding.outcome == Outcome::Passed && permitted(finding.rule));
    let last = document.revisions().len() - 1;
    match subject.base {
        _ if subject.signature.is_none()
            || suspicious
            || matches!(subject.consistency, Consistency::Differs { .. }) =>
        {
            LaterChanges::Other
        }
        None => LaterChanges::Other,
        Some(base) if base == last => LaterChanges::None,
        Some(_) if seals => LaterChanges::Seals,
        Some(_) => LaterChanges::LongTerm,
    }
}

/// How a failed rule about later changes counts.
fn under(policy: LaterChangesAllowed, check: Check) -> Check {
    match (policy, check.outcome) {
        (LaterChangesAllowed::Any, Outcome::Failed) => Check { outcome: Outcome::Warning, ..check },
        _ => check,
    }
}
