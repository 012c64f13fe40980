//! The rules of RFC 5280 §6.1 that do not depend on a time. In: a path whose names and signatures hold, leaf first, anchor
//! last. Out: nothing, or the first rule that a certificate breaks. Certificates are taken from the anchor down.
//!
//! The anchor itself is trusted as it is (§6.1.1 (d)), but what it says about paths below it is obeyed (RFC 5937).

use super::name_constraints::NameConstraints;
use super::policies::PolicyTree;
use crate::certificate::Certificate;
use crate::extension::KeyUsageBit;
use crate::{ObjectIdentifier, oid};

/// The rule that a path breaks, and the subject of the certificate that does.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// §6.1.4 (k): an issuer that is no CA.
    #[error("`{subject}` issued a certificate and is no CA (basicConstraints)")]
    NotACa {
        /// Whose certificate.
        subject: String,
    },
    /// §6.1.4 (l), (m): more certificates than pathLenConstraint allows.
    #[error("the path below `{subject}` is longer than its pathLenConstraint {allowed}")]
    PathLength {
        /// Whose constraint.
        subject: String,
        /// The constraint.
        allowed: u32,
    },
    /// §6.1.4 (n): an issuer whose key is not for certificates.
    #[error("`{subject}` issued a certificate and its keyUsage lacks {wanted}")]
    KeyUsage {
        /// Whose certificate.
        subject: String,
        /// The usage wanted.
        wanted: KeyUsageBit,
    },
    /// §6.1.4 (o), §6.1.5 (e): a critical extension that is not understood here.
    #[error("the certificate of `{subject}` has the critical extension {extension}, which is not known here")]
    CriticalExtension {
        /// Whose certificate.
        subject: String,
        /// The extension.
        extension: ObjectIdentifier,
    },
    /// §6.1.3 (b), (c): a name outside the permitted subtrees or inside an excluded one.
    #[error("the name {name} of `{subject}` is not allowed by a name constraint above it")]
    Name {
        /// Whose certificate.
        subject: String,
        /// The name.
        name: String,
    },
    /// §6.1.3 (f), §6.1.5 (g): no policy is valid for the path, and one is required.
    #[error("a policy is required, and none is valid along the path down to `{subject}`")]
    Policy {
        /// The certificate at which none was left.
        subject: String,
    },
    /// RFC 9608 §2: noRevAvail in the certificate of a CA, or beside addresses of revocation data.
    #[error("noRevAvail stands in the certificate of `{subject}`, {why}")]
    NoRevAvail {
        /// Whose certificate.
        subject: String,
        /// What forbids it.
        why: &'static str,
    },
    /// An extension that cannot be read, so that what it demands is unknown.
    #[error("the certificate of `{subject}` has an extension {extension} that cannot be read")]
    Unreadable {
        /// Whose certificate.
        subject: String,
        /// The extension.
        extension: ObjectIdentifier,
    },
}

/// Extensions that are judged here, or whose meaning does not restrict a path.
const UNDERSTOOD: [ObjectIdentifier; 19] = [
    oid::BASIC_CONSTRAINTS,
    oid::KEY_USAGE,
    oid::EXTENDED_KEY_USAGE,
    oid::SUBJECT_KEY_IDENTIFIER,
    oid::AUTHORITY_KEY_IDENTIFIER,
    oid::CERTIFICATE_POLICIES,
    oid::POLICY_MAPPINGS,
    oid::POLICY_CONSTRAINTS,
    oid::INHIBIT_ANY_POLICY,
    oid::NAME_CONSTRAINTS,
    oid::SUBJECT_ALT_NAME,
    oid::CRL_DISTRIBUTION_POINTS,
    oid::AUTHORITY_INFORMATION_ACCESS,
    oid::PRIVATE_KEY_USAGE_PERIOD,
    oid::QC_STATEMENTS,
    oid::OCSP_NOCHECK,
    oid::NO_REV_AVAIL,
    oid::VALIDITY_ASSURED_SHORT_TERM,
    oid::EXPIRED_CERTS_ON_CRL,
];

/// A critical extension that is not understood here, if the certificate has one (RFC 5280 §4.2).
pub fn unknown_critical_extension(certificate: &Certificate) -> Option<ObjectIdentifier> {
    let unknown =
        certificate.extensions().iter().find(|extension| extension.critical && !UNDERSTOOD.contains(&extension.oid));
    unknown.map(|extension| extension.oid)
}

/// Checks the rules along `path`, leaf first, anchor last. A path of one certificate, the anchor, breaks none.
pub fn check(path: &[Certificate]) -> Result<(), Fault> {
    let Some((anchor, below)) = path.split_last() else { return Ok(()) };
    let mut names = NameConstraints::default();
    let mut policies = PolicyTree::new(below.len());
    let mut room = Room::default();
    if !below.is_empty() {
        check_anchor(anchor)?;
        room.enter(anchor);
        names.add(anchor)?;
    }
    for (position, certificate) in below.iter().enumerate().rev() {
        let last = position == 0;
        let self_issued = certificate.subject().matches(certificate.issuer());
        check_extensions(certificate)?;
        if last || !self_issued {
            names.check(certificate)?;
        }
        policies.descend(certificate, last, self_issued)?;
        if !last {
            check_issuer(certificate)?;
            if !self_issued {
                room.take()?;
            }
            room.enter(certificate);
            names.add(certificate)?;
        }
    }
    Ok(())
}

/// max_path_length, and whose constraint it is.
#[derive(Default)]
struct Room {
    left: Option<(u32, u32, String)>,
}

impl Room {
    fn take(&mut self) -> Result<(), Fault> {
        match &mut self.left {
            Some((0, allowed, subject)) => Err(Fault::PathLength { subject: subject.clone(), allowed: *allowed }),
            Some((left, _, _)) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    fn enter(&mut self, certificate: &Certificate) {
        if let Some(allowed) = certificate.path_length()
            && self.left.as_ref().is_none_or(|(left, _, _)| allowed < *left)
        {
            self.left = Some((allowed, allowed, certificate.subject().to_string()));
        }
    }
}

/// An anchor may lack the extension (version 1), but must not deny that it is a CA.
fn check_anchor(anchor: &Certificate) -> Result<(), Fault> {
    match anchor.has_extension(oid::BASIC_CONSTRAINTS) && !anchor.is_ca() {
        true => Err(Fault::NotACa { subject: anchor.subject().to_string() }),
        false => Ok(()),
    }
}

fn check_issuer(certificate: &Certificate) -> Result<(), Fault> {
    let subject = || certificate.subject().to_string();
    if !certificate.is_ca() {
        return Err(Fault::NotACa { subject: subject() });
    }
    let wanted = KeyUsageBit::KeyCertSign;
    match certificate.key_usage() {
        Some(usage) if !usage.contains(wanted) => Err(Fault::KeyUsage { subject: subject(), wanted }),
        _ => Ok(()),
    }
}

fn check_extensions(certificate: &Certificate) -> Result<(), Fault> {
    let subject = || certificate.subject().to_string();
    let unknown = certificate.extensions().iter().find(|one| one.critical && !UNDERSTOOD.contains(&one.oid));
    if let Some(extension) = unknown {
        return Err(Fault::CriticalExtension { subject: subject(), extension: extension.oid });
    }
    if certificate.has_extension(oid::NO_REV_AVAIL) {
        let addresses = certificate.has_extension(oid::CRL_DISTRIBUTION_POINTS) || !certificate.ocsp_urls().is_empty();
        for (wrong, why) in [(certificate.is_ca(), "which is a CA"), (addresses, "beside addresses of revocation data")]
        {
            if wrong {
                return Err(Fault::NoRevAvail { subject: subject(), why });
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Party;
    use crate::{Extension, KeyKind};

    const P256: KeyKind = KeyKind::P256;

    fn ca_extensions(length: Option<u32>) -> Vec<Extension> {
        vec![
            Extension::basic_constraints(true, length),
            Extension::key_usage(&[KeyUsageBit::KeyCertSign, KeyUsageBit::CrlSign]),
        ]
    }

    fn path(parties: &[&Party]) -> Vec<Certificate> {
        parties.iter().map(|party| party.certificate.clone()).collect()
    }

    #[test]
    fn a_usual_path_breaks_no_rule() {
        let root = Party::root(P256);
        let ca = root.authority(P256, "TESTBED CA", "02");
        let seal = ca.seal(P256, "03");
        assert_eq!(check(&path(&[&seal, &ca, &root])), Ok(()));
        assert_eq!(check(&path(&[&root])), Ok(()));
    }

    #[test]
    fn an_issuer_that_is_no_ca_is_told() {
        let root = Party::root(P256);
        let no_ca = root.issue(P256, "Not a CA", "02", vec![]);
        let seal = no_ca.seal(P256, "03");
        assert!(matches!(check(&path(&[&seal, &no_ca, &root])), Err(Fault::NotACa { .. })));
        let usage = vec![Extension::basic_constraints(true, None), Extension::key_usage(&[KeyUsageBit::CrlSign])];
        let no_certificates = root.issue(P256, "Signs CRLs only", "04", usage);
        let seal = no_certificates.seal(P256, "05");
        assert!(matches!(check(&path(&[&seal, &no_certificates, &root])), Err(Fault::KeyUsage { .. })));
    }

    #[test]
    fn a_path_longer_than_a_ca_allows_is_told() {
        let root = Party::root(P256);
        let upper = root.issue(P256, "Upper CA", "02", ca_extensions(Some(0)));
        let lower = upper.issue(P256, "Lower CA", "03", ca_extensions(None));
        let seal = lower.seal(P256, "04");
        let fault = check(&path(&[&seal, &lower, &upper, &root])).unwrap_err();
        assert!(matches!(fault, Fault::PathLength { allowed: 0, subject } if subject.contains("Upper")));
    }

    #[test]
    fn a_critical_extension_that_is_not_known_is_told() {
        let root = Party::root(P256);
        let unknown = Extension::new("1.2.3.4".parse().unwrap(), true, vec![5, 0]);
        let seal = root.issue(P256, "Seal", "02", vec![unknown]);
        assert!(matches!(check(&path(&[&seal, &root])), Err(Fault::CriticalExtension { .. })));
        let tolerated = Extension::new("1.2.3.4".parse().unwrap(), false, vec![5, 0]);
        let seal = root.issue(P256, "Seal", "03", vec![tolerated]);
        assert_eq!(check(&path(&[&seal, &root])), Ok(()));
    }

    #[test]
    fn no_rev_avail_is_only_for_end_certificates_without_addresses() {
        let root = Party::root(P256);
        let ca = root.issue(P256, "CA", "02", [ca_extensions(None), vec![Extension::no_rev_avail()]].concat());
        let seal = ca.seal(P256, "03");
        assert!(matches!(check(&path(&[&seal, &ca, &root])), Err(Fault::NoRevAvail { .. })));
        let short = root.issue(P256, "Seal", "04", vec![Extension::no_rev_avail()]);
        assert_eq!(check(&path(&[&short, &root])), Ok(()));
        let addresses = vec![Extension::no_rev_avail(), Extension::crl_distribution_points(&["http://a/crl"])];
        let contradictory = root.issue(P256, "Seal", "05", addresses);
        assert!(matches!(check(&path(&[&contradictory, &root])), Err(Fault::NoRevAvail { .. })));
    }
}
