//! Past signature validation, EN 319 102-1 clause 5.6.2.4. In: a seal or a time-stamp whose validation at the validation time did
//! not pass, and the proofs of existence. Out: PASSED if it was good at a time at which it is proven to have existed; else the
//! status that it had.

use jiff::Timestamp;
use pki::Certificate;

use crate::basic::Basic;
use crate::certificate_path::{PathResult, SignatureRole};
use crate::check::CheckId;
use crate::conclusion::{Conclusion, Failure, Reason};
use crate::existence::{Existence, Object};
use crate::material::Material;
use crate::report::Check;
use crate::revocation_freshness;
use crate::time_sliding;

/// What is asked about.
pub(crate) struct PastQuestion<'q> {
    pub(crate) role: SignatureRole,
    pub(crate) object: &'q Object,
    pub(crate) basic: &'q Basic,
    /// The status so far.
    pub(crate) status: Conclusion,
}

/// The process.
pub(crate) fn validate(
    material: &Material<'_>,
    existence: &Existence,
    question: &PastQuestion<'_>,
    checks: &mut Vec<Check>,
) -> Conclusion {
    let (Some(signer), Some(path), Conclusion::Indeterminate(reason)) =
        (&question.basic.signer, &question.basic.path, question.status)
    else {
        return question.status;
    };
    let remembered = check_data_issuers(material, existence, signer, path, checks);
    let past = match time_sliding::validate(material, existence, signer, question.role, checks) {
        Ok(past) => past,
        Err(reason) => {
            let detail = format!("it was not: {}", reason.name());
            checks.push(Check::failed(CheckId::PathGoodThen, detail));
            return question.status;
        }
    };
    let first = existence.earliest(question.object);
    let check = CheckId::ExistedWhilePathGood;
    let detail = format!("it existed at {first}; the path was good until {}", past.control_time);
    if first > past.control_time {
        checks.push(Check::failed(check, detail));
        return question.status;
    }
    checks.push(Check::passed(check, detail));
    let times = Times { first, from: signer.not_before(), to: end_of_validity(past.path.certificates()) };
    // Everything that stands in the way, not the first of it alone.
    let reasons = path.reasons.iter().copied().filter(|one| *one != reason);
    for reason in std::iter::once(reason).chain(reasons) {
        let conclusion = decide(material, existence, question, reason, path, &times, checks);
        if !conclusion.is_passed() {
            return conclusion;
        }
    }
    remembered
}

/// The first to expire of the path, the anchor apart (shell model).
fn end_of_validity(chain: &[Certificate]) -> Timestamp {
    let below_anchor = &chain[..chain.len().saturating_sub(1)];
    below_anchor.iter().map(Certificate::not_after).min().unwrap_or(Timestamp::MAX)
}

/// Step 1: revocation data of the certificate existed while whoever made it was valid.
fn check_data_issuers(
    material: &Material<'_>,
    existence: &Existence,
    signer: &Certificate,
    path: &PathResult,
    checks: &mut Vec<Check>,
) -> Conclusion {
    let check = CheckId::DataIssuerValidThen;
    let Some(issuer) = path.chain.get(1) else { return Conclusion::Passed };
    let statements = material.statements(signer, issuer);
    let stands = |one: &&crate::material::Accepted| {
        let maker = &one.statement.signer;
        material.anchor(maker).is_some()
            || one
                .all_data()
                .all(|data| existence.within(&Object::Revocation(data), maker.not_before(), maker.not_after()))
    };
    match statements.accepted.iter().find(stands) {
        Some(one) => {
            checks.push(Check::passed(check, material.revocation(one.data).describe()));
            Conclusion::Passed
        }
        None if statements.accepted.is_empty() => Conclusion::Passed, // then none is needed, or sliding fails
        None => {
            let detail = format!("{} answers, each by a certificate that had expired", statements.accepted.len());
            checks.push(Check::failed(check, detail));
            Conclusion::Indeterminate(Reason::RevocationOutOfBoundsNoPoe)
        }
    }
}

/// When the signature first existed, and the validity of its certificate.
struct Times {
    first: Timestamp,
    from: Timestamp,
    to: Timestamp,
}

/// Steps 3 to 6.
fn decide(
    material: &Material<'_>,
    existence: &Existence,
    question: &PastQuestion<'_>,
    reason: Reason,
    path: &PathResult,
    times: &Times,
    checks: &mut Vec<Check>,
) -> Conclusion {
    use Reason::{
        CryptoConstraintsFailureNoPoe, NoCertificateChainFoundNoPoe, OutOfBoundsNoPoe, OutOfBoundsNotRevoked,
        RevocationOutOfBoundsNoPoe, RevokedCaNoPoe, RevokedNoPoe, TryLater,
    };
    let outside = |expired: Reason, checks: &mut Vec<Check>| check_validity(times, expired, checks);
    match reason {
        NoCertificateChainFoundNoPoe => outside(OutOfBoundsNoPoe, checks),
        RevokedNoPoe | RevokedCaNoPoe => match known_before_ca_fell(material, existence, path, checks) {
            true => outside(OutOfBoundsNotRevoked, checks),
            false => Conclusion::Indeterminate(reason),
        },
        RevocationOutOfBoundsNoPoe => outside(OutOfBoundsNotRevoked, checks),
        OutOfBoundsNoPoe | OutOfBoundsNotRevoked => outside(reason, checks),
        CryptoConstraintsFailureNoPoe => match existed_while_reliable(existence, question, path, checks) {
            true => outside(OutOfBoundsNotRevoked, checks),
            false => question.status,
        },
        TryLater => {
            let suspended = path.holds.iter().any(|since| times.first >= *since);
            let fresh = path
                .stale
                .iter()
                .all(|one| revocation_freshness::is_fresh(&one.statement, times.first, material.policy));
            if suspended || !fresh { question.status } else { outside(OutOfBoundsNotRevoked, checks) }
        }
        _ => Conclusion::Indeterminate(reason),
    }
}

fn check_validity(times: &Times, expired: Reason, checks: &mut Vec<Check>) -> Conclusion {
    let check = CheckId::ExistedInValidity;
    let detail = format!("{}; valid from {} to {}", times.first, times.from, times.to);
    if times.first < times.from {
        checks.push(Check::failed(check, detail));
        return Conclusion::Failed(Failure::NotYetValid);
    }
    if times.first > times.to {
        checks.push(Check::failed(check, detail));
        return Conclusion::Indeterminate(expired);
    }
    checks.push(Check::passed(check, detail));
    Conclusion::Passed
}

/// Row REVOKED_CA_NO_POE: data on the certificate itself existed when its CA was revoked.
fn known_before_ca_fell(
    material: &Material<'_>,
    existence: &Existence,
    path: &PathResult,
    checks: &mut Vec<Check>,
) -> bool {
    let fell = path.revocations.iter().filter(|one| !one.of_leaf).map(|one| one.since).min();
    let (Some(fell), [leaf, issuer, ..]) = (fell, path.chain.as_slice()) else { return true };
    let check = CheckId::KnownBeforeCaRevoked;
    let statements = material.statements(leaf, issuer);
    let exempt = crate::certificate_path::exemption(leaf).is_some();
    let known = statements
        .accepted
        .iter()
        .any(|one| one.all_data().all(|data| existence.at_or_before(&Object::Revocation(data), fell)))
        || exempt;
    checks.push(match known {
        true => Check::passed(check, format!("revoked at {fell}")),
        false => Check::failed(check, format!("revoked at {fell}")),
    });
    known
}

/// Step 4: everything with a weak algorithm existed before that algorithm's end.
fn existed_while_reliable(
    existence: &Existence,
    question: &PastQuestion<'_>,
    path: &PathResult,
    checks: &mut Vec<Check>,
) -> bool {
    let check = CheckId::ExistedWhileReliable;
    let mut all = true;
    for one in question.basic.uses.iter().chain(&path.weak) {
        let first = existence.earliest(&one.object);
        let detail = format!("{}: {}; existed at {first}", one.what, one.reliability);
        let reliable = one.reliability.at(first);
        all &= reliable;
        checks.push(match reliable {
            true => Check::passed(check, detail),
            false => Check::failed(check, detail),
        });
    }
    all
}
