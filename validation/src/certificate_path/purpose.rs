//! What a certificate is wanted for, EN 319 102-1 clause 5.2.6 step 4 d with the policy; RFC 3161 §2.3. In: a certificate and a
//! purpose. Out: nothing, or CHAIN_CONSTRAINTS_FAILURE; and which anchors count.

use pki::path::AnchorSet;
use pki::{Certificate, KeyUsageBit, ObjectIdentifier, oid};

use super::SignatureRole;
use crate::check::CheckId;
use crate::conclusion::Reason;
use crate::material::Material;
use crate::report::Check;
use crate::validate::{Anchor, TrustedFor};

/// What a certificate is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Seals, as the policy wants them.
    Seal,
    /// Time-stamping alone (RFC 3161 §2.3).
    TimeStamping,
    /// This purpose, if the certificate restricts them (RFC 5280 §4.2.1.12).
    Extended(ObjectIdentifier),
    /// Whatever.
    Any,
}

impl Purpose {
    /// The anchors that count for it.
    pub(crate) fn anchors(self) -> AnchorSet {
        AnchorSet::number(match self {
            Purpose::Seal => 0,
            Purpose::TimeStamping => 1,
            Purpose::Extended(_) | Purpose::Any => 2,
        })
    }

    /// Whether a certificate is for it.
    pub(super) fn check(
        self,
        material: &Material<'_>,
        certificate: &Certificate,
        checks: &mut Vec<Check>,
    ) -> Option<Reason> {
        match self {
            Purpose::Seal => check_seal(material, certificate, checks),
            Purpose::TimeStamping => check_time_stamping(certificate, checks),
            Purpose::Extended(expected) => check_extended(expected, certificate, checks),
            Purpose::Any => None,
        }
    }

    /// Whether an anchor counts for it.
    pub(crate) fn trusts(self, anchor: &Anchor) -> bool {
        match (anchor.purpose, self) {
            (TrustedFor::Any, _) | (_, Purpose::Extended(_) | Purpose::Any) => true,
            (TrustedFor::Seals, purpose) => purpose == Purpose::Seal,
            (TrustedFor::TimeStamps, purpose) => purpose == Purpose::TimeStamping,
        }
    }
}

impl From<SignatureRole> for Purpose {
    fn from(role: SignatureRole) -> Purpose {
        match role {
            SignatureRole::Seal => Purpose::Seal,
            SignatureRole::TimeStamp(_) => Purpose::TimeStamping,
        }
    }
}

/// A purpose that a caller asks for (RFC 5280 4.2.1.12).
fn check_extended(expected: ObjectIdentifier, certificate: &Certificate, checks: &mut Vec<Check>) -> Option<Reason> {
    let purposes = certificate.extended_key_usage();
    let detail = format!("wanted {expected}; extKeyUsage is {}", list(&purposes));
    let fits = !certificate.has_extension(oid::EXTENDED_KEY_USAGE)
        || purposes.iter().any(|one| *one == expected || *one == oid::ANY_EXTENDED_KEY_USAGE);
    let check = CheckId::CertificatePurpose;
    checks.push(if fits { Check::passed(check, detail) } else { Check::failed(check, detail) });
    (!fits).then_some(Reason::ChainConstraintsFailure)
}

/// What the policy asks of a seal's certificate.
fn check_seal(material: &Material<'_>, certificate: &Certificate, checks: &mut Vec<Check>) -> Option<Reason> {
    let policy = material.policy;
    let check = CheckId::CertificateForSealing;
    let usage = certificate.key_usage();
    let purposes = certificate.extended_key_usage();
    let wrong = match (policy.seal_key_usage, usage) {
        (Some(expected), Some(found)) if !found.contains(expected) => {
            Some(format!("keyUsage must have {expected}; it has {found}"))
        }
        _ if !purposes.is_empty() && !purposes.iter().any(|one| policy.seal_purposes.contains(one)) => {
            Some(format!("extKeyUsage has no purpose of a seal; it has {}", list(&purposes)))
        }
        _ => None,
    };
    if let Some(detail) = wrong {
        checks.push(Check::failed(check, detail));
        return Some(Reason::ChainConstraintsFailure);
    }
    checks.push(Check::passed(check, usage.map_or("no keyUsage".into(), |usage| format!("keyUsage {usage}"))));
    if let Some(reason) = check_organization(material, certificate, checks) {
        return Some(reason);
    }
    if certificate.has_extension(oid::OCSP_NOCHECK) {
        let detail = "id-pkix-ocsp-nocheck is for OCSP responders only";
        checks.push(Check::failed(CheckId::NoForbiddenExtension, detail));
        return Some(Reason::CertificateChainGeneralFailure);
    }
    None
}

/// The organisation, if the policy names some.
fn check_organization(material: &Material<'_>, certificate: &Certificate, checks: &mut Vec<Check>) -> Option<Reason> {
    let expected = &material.policy.organization_identifiers;
    if expected.is_empty() {
        return None;
    }
    let check = CheckId::ExpectedOrganization;
    let found = certificate.subject().organization_identifier();
    let detail = format!("wanted {}; found {}", expected.join(" or "), found.as_deref().unwrap_or("none"));
    if found.is_some_and(|found| expected.contains(&found)) {
        checks.push(Check::passed(check, detail));
        return None;
    }
    checks.push(Check::failed(check, detail));
    Some(Reason::ChainConstraintsFailure)
}

/// RFC 3161 §2.3: for time-stamping and nothing else, and critical.
fn check_time_stamping(certificate: &Certificate, checks: &mut Vec<Check>) -> Option<Reason> {
    let check = CheckId::CertificateForTimeStamping;
    let purposes = certificate.extended_key_usage();
    let critical = certificate.extension(oid::EXTENDED_KEY_USAGE).is_some_and(|extension| extension.critical);
    let signs = certificate.key_usage().is_none_or(|usage| {
        usage.contains(KeyUsageBit::DigitalSignature) || usage.contains(KeyUsageBit::NonRepudiation)
    });
    let wrong = if purposes != [oid::TIME_STAMPING] {
        Some(format!("extKeyUsage must be timeStamping alone; it is {}", list(&purposes)))
    } else if !critical {
        Some("extKeyUsage must be critical".into())
    } else if certificate.is_ca() {
        Some("it is the certificate of a CA".into())
    } else if !signs {
        Some("keyUsage has neither digitalSignature nor nonRepudiation".into())
    } else {
        None
    };
    match wrong {
        Some(detail) => {
            checks.push(Check::failed(check, detail));
            Some(Reason::ChainConstraintsFailure)
        }
        None => {
            checks.push(Check::passed(check, "extKeyUsage timeStamping, critical"));
            None
        }
    }
}

fn list(identifiers: &[pki::ObjectIdentifier]) -> String {
    match identifiers {
        [] => "absent".into(),
        some => some.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    }
}
