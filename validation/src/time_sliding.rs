//! Past certificate validation with time sliding, EN 319 102-1 clauses 5.6.2.1 and 5.6.2.2. In: a certificate and the proofs of
//! existence. Out: the control time, the last time at which its path is known to have been good.
//!
//! The control time starts at the validation time, or at the sunset date of the anchor, and slides into the past from the
//! certificate that the anchor issued down to the leaf: to a revocation, to the end of an algorithm, and, where the data has
//! gone stale, to the end of its freshness. Up to then its issuer spoke for the certificate. (Sliding to thisUpdate instead
//! would put the control time before every archive time-stamp, since the data was fetched before it was stamped.)

use jiff::{SignedDuration, Timestamp};
use pki::Certificate;
use pki::path::{Candidate, ValidPath};

use crate::certificate_path::{self, SignatureRole, Use};
use crate::check::CheckId;
use crate::conclusion::Reason;
use crate::cryptographic_suite::Reliability;
use crate::existence::{Existence, Object};
use crate::material::{Accepted, Material};
use crate::report::Check;
use crate::revocation_data::Standing;
use crate::revocation_freshness;

/// A path that was good until the control time.
#[derive(Clone, Debug)]
pub(crate) struct PastPath {
    pub(crate) control_time: Timestamp,
    pub(crate) path: ValidPath,
}

/// Past certificate validation (5.6.2.1): of all paths the one with the latest control time.
pub(crate) fn validate(
    material: &Material<'_>,
    existence: &Existence,
    certificate: &Certificate,
    role: SignatureRole,
    checks: &mut Vec<Check>,
) -> Result<PastPath, Reason> {
    let mut outcome = Err(Reason::NoCertificateChainFound);
    let mut path_checks = Vec::new();
    for candidate in &material.paths(certificate, role.into()).paths {
        let mut own = Vec::new();
        let one = past_path(material, existence, candidate, role, &mut own);
        let better = match (&one, &outcome) {
            (Ok(one), Ok(best)) => one.control_time > PastPath::control_time(best),
            (Ok(_), Err(_)) => true,
            (Err(_), Err(Reason::NoCertificateChainFound)) => true,
            (Err(_), _) => false,
        };
        if better {
            (outcome, path_checks) = (one, own);
        }
    }
    checks.extend(path_checks);
    outcome
}

impl PastPath {
    fn control_time(&self) -> Timestamp {
        self.control_time
    }
}

/// Steps 2 to 4 for one path.
fn past_path(
    material: &Material<'_>,
    existence: &Existence,
    candidate: &Candidate,
    role: SignatureRole,
    checks: &mut Vec<Check>,
) -> Result<PastPath, Reason> {
    let path = certificate_path::check_rules(material, candidate, role.into(), &mut Vec::new())?;
    let below_anchor = path.below_anchor();
    let from = below_anchor.iter().map(Certificate::not_before).max().unwrap_or(Timestamp::MIN);
    let to = below_anchor.iter().map(Certificate::not_after).min().unwrap_or(Timestamp::MAX);
    let check = CheckId::PathValidOnce;
    if from > to {
        checks.push(Check::failed(check, format!("the last begins at {from}, the first ends at {to}")));
        return Err(Reason::CertificateChainGeneralFailure);
    }
    checks.push(Check::passed(check, format!("from {from} to {to}")));
    let control_time = slide(material, existence, &path, role, checks)?;
    Ok(PastPath { control_time, path })
}

/// Time sliding (5.6.2.2).
fn slide(
    material: &Material<'_>,
    existence: &Existence,
    path: &ValidPath,
    role: SignatureRole,
    checks: &mut Vec<Check>,
) -> Result<Timestamp, Reason> {
    let sunset = material.anchor_for(path.anchor(), role.into()).and_then(|anchor| anchor.sunset);
    let mut control_time = sunset.map_or(material.at, |sunset| sunset.min(material.at));
    for (certificate, issuer) in path.links().rev() {
        let data = find_data(material, existence, certificate, issuer, control_time).map_err(|detail| {
            let check = CheckId::ExistedAtControlTime;
            checks.push(Check::failed(check, detail));
            Reason::NoPoe
        })?;
        control_time = slide_one(material, (certificate, issuer), data.as_ref(), role, control_time)?;
        control_time = slide_to_revocations(material, certificate, issuer, control_time);
        let detail = format!("{} was good until {control_time}", certificate.subject());
        checks.push(Check::passed(CheckId::GoodUntilControlTime, detail));
    }
    Ok(control_time)
}

/// Step a: the newest data of that time or earlier that is proven to have existed then; nothing, if none is needed.
fn find_data(
    material: &Material<'_>,
    existence: &Existence,
    certificate: &Certificate,
    issuer: &Certificate,
    control_time: Timestamp,
) -> Result<Option<Accepted>, String> {
    let subject = certificate.subject();
    let exists = existence.at_or_before(&Object::Certificate(certificate.clone()), control_time);
    if !exists {
        return Err(format!("the certificate of {subject} is not proven to have existed at {control_time}"));
    }
    let statements = material.statements(certificate, issuer);
    if statements.exhausted {
        return Err(format!("not all revocation data of {subject} was looked at: it would take too much work"));
    }
    let usable = |accepted: &&Accepted| {
        accepted.statement.this_update <= control_time
            && accepted.all_data().all(|place| existence.at_or_before(&Object::Revocation(place), control_time))
    };
    let found = statements.accepted.iter().find(usable).cloned();
    let needed = material.policy.require_revocation_data && certificate_path::exemption(certificate).is_none();
    match found {
        None if needed => {
            let known = statements.accepted.len();
            Err(format!("of {known} answers on {subject} none is proven to have existed at {control_time}"))
        }
        found => Ok(found),
    }
}

/// Whatever acceptable data says that the certificate was revoked or suspended ends the time up to which it was good, also data
/// that is not proven to have existed then: proofs are asked of what speaks for a certificate, not of what speaks against it.
fn slide_to_revocations(
    material: &Material<'_>,
    certificate: &Certificate,
    issuer: &Certificate,
    control_time: Timestamp,
) -> Timestamp {
    let statements = material.statements(certificate, issuer);
    let newest = statements.accepted.first();
    let since = |one: &Accepted| match one.statement.standing {
        Standing::Revoked { since, .. } => Some(since),
        // A hold has ended when newer data does not tell it any more.
        Standing::OnHold { since } if newest.is_some_and(|newest| newest.data == one.data) => Some(since),
        Standing::OnHold { .. } | Standing::Good => None,
    };
    statements.accepted.iter().filter_map(since).fold(control_time, Timestamp::min)
}

/// Steps b to d.
fn slide_one(
    material: &Material<'_>,
    (certificate, issuer): (&Certificate, &Certificate),
    data: Option<&Accepted>,
    role: SignatureRole,
    control_time: Timestamp,
) -> Result<Timestamp, Reason> {
    let mut control_time = control_time;
    let fresh_at = role.fresh_at(control_time);
    if let Some(accepted) = data {
        let statement = &accepted.statement;
        match statement.standing {
            Standing::Revoked { since, .. } | Standing::OnHold { since } => control_time = control_time.min(since),
            Standing::Good if !revocation_freshness::is_fresh(statement, fresh_at, material.policy) => {
                control_time = control_time.min(revocation_freshness::fresh_until(statement, material.policy));
            }
            Standing::Good => {}
        }
    }
    let of_certificate = certificate_path::certificate_use(material, certificate, issuer);
    let of_data = data.map(|accepted| certificate_path::data_uses(material, accepted, issuer)).unwrap_or_default();
    of_certificate.iter().chain(&of_data).try_fold(control_time, |time, one| last_reliable(one, time))
}

/// The control time, or the last moment before it at which the algorithm was reliable.
fn last_reliable(one: &Use, control_time: Timestamp) -> Result<Timestamp, Reason> {
    match one.reliability {
        Reliability::Open => Ok(control_time),
        Reliability::Before(end) => {
            Ok(control_time.min(end.checked_sub(SignedDuration::from_nanos(1)).unwrap_or(Timestamp::MIN)))
        }
        Reliability::Never => Err(Reason::CryptoConstraintsFailureNoPoe),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::laboratory::{Lab, days, hours, revoked, sealed, time};
    use crate::{Anchor, Policy};

    /// The control time of a seal's certificate, with these CRLs stamped at a time, asked for ten years later.
    fn control_time(
        lab: &Lab,
        crls: &[Vec<u8>],
        stamped: Timestamp,
        sunset: Option<Timestamp>,
    ) -> Result<Timestamp, Reason> {
        let policy = Policy::default();
        let anchors = [Anchor { sunset, ..Anchor::from(lab.root.certificate.clone()) }];
        let mut material = Material::new(&policy, &anchors, time("2036-01-01T00:00:00Z"));
        material.add_certificate(&lab.issuing.certificate);
        let mut existence = Existence::at(material.at);
        for crl in crls {
            let place = material.add_crl_der(crl).unwrap();
            existence.add(&Object::Revocation(place), stamped);
        }
        for holder in [&lab.seal, &lab.issuing] {
            existence.add(&Object::Certificate(holder.certificate.clone()), stamped);
        }
        let past = validate(&material, &existence, &lab.seal.certificate, SignatureRole::Seal, &mut Vec::new());
        past.map(|past| past.control_time)
    }

    #[test]
    fn stale_data_slides_the_control_time_to_the_end_of_its_freshness() {
        let (lab, at) = (Lab::new(), sealed());
        let crls = [lab.root.crl(vec![], at), lab.issuing.crl(vec![], at)];
        assert_eq!(control_time(&lab, &crls, at, None), Ok(at + hours(23)));
    }

    #[test]
    fn a_revocation_slides_the_control_time_to_itself() {
        let (lab, at) = (Lab::new(), sealed());
        let fell = at + days(10);
        let later = lab.root.crl(vec![revoked(&lab.issuing, fell, None)], at + days(20));
        let crls = [later, lab.issuing.crl(vec![], at)];
        assert_eq!(control_time(&lab, &crls, at, None), Ok(at + hours(23)));
        let seal = lab.issuing.crl(vec![revoked(&lab.seal, at - days(1), None)], at);
        assert_eq!(control_time(&lab, &[lab.root.crl(vec![], at), seal], at, None), Ok(at - days(1)));
    }

    #[test]
    fn data_that_is_proven_only_later_is_no_data() {
        let (lab, at) = (Lab::new(), sealed());
        let crls = [lab.root.crl(vec![], at), lab.issuing.crl(vec![], at)];
        assert_eq!(control_time(&lab, &crls, at + days(2), None), Err(Reason::NoPoe));
        assert_eq!(control_time(&lab, &crls[..1], at, None), Err(Reason::NoPoe));
    }

    #[test]
    fn the_sunset_date_of_the_anchor_is_where_sliding_starts() {
        let (lab, at) = (Lab::new(), sealed());
        let crls = [lab.root.crl(vec![], at), lab.issuing.crl(vec![], at)];
        assert_eq!(control_time(&lab, &crls, at, Some(at + hours(2))), Ok(at + hours(2)));
        assert_eq!(control_time(&lab, &crls, at, Some(at - hours(2))), Err(Reason::NoPoe));
    }
}
