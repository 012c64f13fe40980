//! What a report tells of the signer's certificate apart from the conclusion: whether its path leads to an anchor, and what the
//! newest accepted revocation data says now (EN 319 102-1 clause 5.2.6). In: the path that validation took. Out: facts.

use pki::Certificate;

use crate::certificate_path::PathResult;
use crate::check::CheckId;
use crate::material::Material;
use crate::report::{CertificateStatus, CurrentStatus, Outcome};
use crate::revocation_data::Standing;

/// Whether a path leads to a trust anchor by the rules of RFC 5280. Dates, revocation, algorithms and what a policy wants of the
/// certificate are other questions: whose key it is does not hang on them.
pub(crate) fn leads_to_anchor(path: Option<&PathResult>) -> bool {
    use CheckId::{CertificateForTimeStamping, NoForbiddenExtension, PathFound, PathRules};
    let rules = [PathFound, PathRules, CertificateForTimeStamping, NoForbiddenExtension];
    let Some(path) = path else { return false };
    let broken = |check: &crate::report::Check| check.outcome == Outcome::Failed && rules.contains(&check.id);
    !path.chain.is_empty() && !path.checks.iter().any(broken)
}

/// What is known of the certificate now, and who could be asked.
pub(crate) fn current_status(
    material: &Material<'_>,
    path: Option<&PathResult>,
    signer: Option<&Certificate>,
) -> CurrentStatus {
    let sources_of = |one: &Certificate| one.ocsp_urls().into_iter().chain(one.crl_urls()).take(MAX_SOURCES).collect();
    let (sources, expired) =
        (signer.map(sources_of).unwrap_or_default(), signer.is_some_and(|one| one.not_after() < material.at));
    let unknown = CurrentStatus { sources, expired, ..CurrentStatus::unknown() };
    let Some([certificate, issuer, ..]) = path.map(|path| path.chain.as_slice()) else { return unknown };
    let statements = material.statements(certificate, issuer);
    let Some(newest) = statements.accepted.first() else { return unknown };
    let (status, since, reason) = match &newest.statement.standing {
        Standing::Good => (CertificateStatus::Good, None, None),
        Standing::OnHold { since } => (CertificateStatus::OnHold, Some(*since), None),
        Standing::Revoked { since, reason } => {
            (CertificateStatus::Revoked, Some(*since), reason.as_ref().map(ToString::to_string))
        }
    };
    let (as_of, next_update) = (Some(newest.statement.this_update), newest.statement.next_update);
    CurrentStatus { status, since, reason, as_of, next_update, ..unknown }
}

/// More addresses than that are not for a reader.
const MAX_SOURCES: usize = 4;
