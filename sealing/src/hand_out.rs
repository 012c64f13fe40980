//! The last look at a sealed file, ETSI EN 319 102-1. In: the file before and after. Out: warnings, or why it is not handed
//! out: a new seal that fails, or an earlier one that is worse off.
//!
//! What was rendered here must pass the strict rules of PDF structure; what a stranger wrote oddly, and the seal covers, is a
//! warning.

use jiff::Timestamp;
use pades::Document;
use pki::{Certificate, SignatureMemory};
use validation::report::{Outcome, Report, SignatureReport};
use validation::{Anchor, Conclusion, Input, Language, Pdf, Policy, Reason};
use verifier::evidence::Evidence;

use crate::error::Error;
use crate::options::{EarlierSeals, SealOptions, Source};

/// What is about to be handed out.
pub(crate) struct HandOut<'a> {
    /// The file as it came.
    pub(crate) before: &'a Document,
    /// The sealed file.
    pub(crate) after: &'a Document,
    /// The certificates of the new seal.
    pub(crate) chain: &'a [Certificate],
    /// What was put into the security store: it counts for both sides, so that only the file makes a difference.
    pub(crate) evidence: &'a Evidence,
    /// Signatures that held already.
    pub(crate) memory: &'a SignatureMemory,
}

/// The policy for a file of that source.
fn policy(source: Source) -> Policy {
    match source {
        Source::Rendered => Policy::strict(),
        Source::Stranger => Policy::default(),
    }
}

/// No file is handed out whose new seal or document time-stamp fails (EN 319 102-1: TOTAL-FAILED): structure, digest, signature,
/// time. Whether the certificate leads to trust, and is not revoked, is for whoever relies on the seal to find out: a seal with
/// a revoked certificate can be made, and judged.
pub(crate) fn check(files: &HandOut<'_>, options: &SealOptions<'_>, at: Timestamp) -> Result<Vec<String>, Error> {
    let policy = policy(options.source);
    let before = match files.before.signature_fields().any_signed() {
        true => report(files, files.before, &policy, at)?.signatures,
        false => Vec::new(),
    };
    let after = report(files, files.after, &policy, at)?.signatures;
    let (earlier, new) = after.iter().partition::<Vec<_>, _>(|one| before.iter().any(|old| old.field == one.field));
    if let Some(failed) = new.iter().find(|signature| matches!(signature.conclusion, Conclusion::Failed(_))) {
        let fault = format!("{}{}", failed.conclusion, fault(failed));
        return Err(Error::Faulty { field: failed.field.clone(), fault });
    }
    let mut warnings = Vec::new();
    // A certificate that is not for seals, such as the badges', can be tried out on a stranger's file.
    for unfit in new.iter().filter(|one| one.conclusion == Conclusion::Indeterminate(Reason::ChainConstraintsFailure)) {
        let (field, fault) = (unfit.field.clone(), format!("{}{}", unfit.conclusion, fault(unfit)));
        match options.source {
            Source::Rendered => return Err(Error::Faulty { field, fault }),
            Source::Stranger => warnings.push(format!("the new seal, in field {field:?}: {fault}")),
        }
    }
    for old in &before {
        if let Conclusion::Failed(_) = old.conclusion {
            let (field, conclusion) = (&old.field, old.conclusion);
            warnings.push(format!("the file had a seal that fails, in field {field:?}: {conclusion}{}", fault(old)));
        }
        let now = earlier.iter().find(|now| now.field == old.field).copied();
        let Some(after) = worse(old, now) else { continue };
        let (field, before) = (old.field.clone(), old.conclusion.to_string());
        match options.earlier_seals {
            EarlierSeals::MustStand => return Err(Error::EarlierSeal { field, before, after }),
            EarlierSeals::MayBreak => {
                warnings
                    .push(format!("the seal harms an earlier one, in field {field:?}: {before} before, {after} after"));
            }
        }
    }
    Ok(warnings)
}

fn report(files: &HandOut<'_>, document: &Document, policy: &Policy, at: Timestamp) -> Result<Report, Error> {
    let self_signed = files.chain.iter().filter(|one| one.recalling(files.memory).is_self_signed());
    let anchors: Vec<Anchor> = self_signed.cloned().map(Anchor::from).collect();
    let input = Input {
        pdf: Pdf::Read(document),
        anchors: &anchors,
        certificates: &[files.chain, &files.evidence.certificates].concat(),
        crls: &files.evidence.crls,
        ocsp_responses: &files.evidence.ocsp_responses,
        policy,
        memory: files.memory,
    };
    Ok(validation::validate(&input, at).map_err(verifier::Error::from)?)
}

/// What an earlier signature comes to now, if that is worse.
fn worse(before: &SignatureReport, after: Option<&SignatureReport>) -> Option<String> {
    match after {
        Some(after) if after.conclusion.severity() <= before.conclusion.severity() => None,
        Some(after) => Some(format!("{}{}", after.conclusion, fault(after))),
        None => Some("not found".to_owned()),
    }
}

/// The first check that failed, in words.
fn fault(signature: &SignatureReport) -> String {
    let failed = signature.checks.iter().find(|check| check.outcome == Outcome::Failed);
    failed.map(|check| format!(": {}: {}", check.sentence(Language::English), check.detail)).unwrap_or_default()
}
