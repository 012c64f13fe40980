//! The rules of RFC 5280 §6.1 that do not depend on a time. In: a path whose names and signatures hold, leaf first, anchor
//! last. Out: nothing, or the first rule that a certificate breaks. Certificates are taken from the anchor down.
//!
//! The anchor itself is trusted as it is (§6.1.1 (d)), its dates too; but what it says about paths below it is obeyed (RFC 5937):
//! whether it is a CA, what its key is for, path length, name and policy constraints, critical extensions.

use jiff::Timestamp;

use super::name_constraints::NameConstraints;
use super::policies::PolicyTree;
use super::subtree;
use crate::certificate::Certificate;
use crate::extension::KeyUsageBit;
use crate::{ObjectIdentifier, oid};

/// The rule that a path breaks, and the subject of the certificate that does.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BrokenRule {
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
    #[error("`{subject}` issued a certificate and its keyUsage lacks {expected}")]
    KeyUsage {
        /// Whose certificate.
        subject: String,
        /// The usage wanted.
        expected: KeyUsageBit,
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
    /// §4.1.2.4: every issuer has a name.
    #[error("the certificate of `{subject}` has an issuer without a name")]
    NamelessIssuer {
        /// Whose certificate.
        subject: String,
    },
    /// §4.2.1.6: a certificate without a subject has alternative names, and they are critical.
    #[error("a certificate of `{issuer}` has no subject, and no critical subjectAltName instead")]
    NamelessSubject {
        /// Its issuer.
        issuer: String,
    },
    /// §4.2.1.10: an extension that only a CA may have.
    #[error("the certificate of `{subject}` has the extension {extension} and is no CA")]
    OnlyForCas {
        /// Whose certificate.
        subject: String,
        /// The extension.
        extension: ObjectIdentifier,
    },
    /// More names under more constraints than are compared.
    #[error("the names of `{subject}` and the constraints above it need more than {limit} comparisons")]
    TooManyNames {
        /// Whose certificate.
        subject: String,
        /// How many are made for one path.
        limit: usize,
    },
    /// §6.1.3 (a) (2): a certificate that is not valid at the time asked for.
    #[error("the certificate of `{subject}` is valid from {not_before} to {not_after}; asked for {at}")]
    NotValidAt {
        /// Whose certificate.
        subject: String,
        /// Start of its validity.
        not_before: Timestamp,
        /// End of its validity.
        not_after: Timestamp,
        /// The time asked for.
        at: Timestamp,
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

/// Extensions that are judged here, or whose meaning does not restrict a path. Key identifiers and authorityInfoAccess are not among
/// them: they must never be critical (§4.2.1.1, §4.2.1.2, §4.2.2.1), so that whoever makes them so means more by it than is known here.
const UNDERSTOOD: [ObjectIdentifier; 16] = [
    oid::BASIC_CONSTRAINTS,
    oid::KEY_USAGE,
    oid::EXTENDED_KEY_USAGE,
    oid::CERTIFICATE_POLICIES,
    oid::POLICY_MAPPINGS,
    oid::POLICY_CONSTRAINTS,
    oid::INHIBIT_ANY_POLICY,
    oid::NAME_CONSTRAINTS,
    oid::SUBJECT_ALT_NAME,
    oid::CRL_DISTRIBUTION_POINTS,
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
pub(super) fn check(path: &[Certificate]) -> Result<(), BrokenRule> {
    let Some((anchor, below)) = path.split_last() else { return Ok(()) };
    let mut names = NameConstraints::new();
    let mut policies = PolicyTree::new(below.len());
    let mut room = Room::default();
    if !below.is_empty() {
        check_anchor(anchor)?;
        room.enter(anchor);
        names.add(anchor)?;
        policies.enter_anchor(anchor)?;
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
    fn take(&mut self) -> Result<(), BrokenRule> {
        match &mut self.left {
            Some((0, allowed, subject)) => Err(BrokenRule::PathLength { subject: subject.clone(), allowed: *allowed }),
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

/// An anchor may have no extensions at all (version 1, or a certificate made for its key alone). If it has some, it says with
/// them what it is.
fn check_anchor(anchor: &Certificate) -> Result<(), BrokenRule> {
    if anchor.extensions().is_empty() {
        return Ok(());
    }
    check_critical(anchor)?;
    check_issuer(anchor)
}

fn check_issuer(certificate: &Certificate) -> Result<(), BrokenRule> {
    let subject = || certificate.subject().to_string();
    if !certificate.is_ca() {
        return Err(BrokenRule::NotACa { subject: subject() });
    }
    let expected = KeyUsageBit::KeyCertSign;
    match certificate.key_usage() {
        Some(usage) if !usage.contains(expected) => Err(BrokenRule::KeyUsage { subject: subject(), expected }),
        _ => Ok(()),
    }
}

fn check_critical(certificate: &Certificate) -> Result<(), BrokenRule> {
    match unknown_critical_extension(certificate) {
        Some(extension) => Err(BrokenRule::CriticalExtension { subject: certificate.subject().to_string(), extension }),
        None => Ok(()),
    }
}

fn check_extensions(certificate: &Certificate) -> Result<(), BrokenRule> {
    let subject = || certificate.subject().to_string();
    check_critical(certificate)?;
    if certificate.issuer().is_empty() {
        return Err(BrokenRule::NamelessIssuer { subject: subject() });
    }
    check_names(certificate)?;
    if certificate.has_extension(oid::EXTENDED_KEY_USAGE) && certificate.extended_key_usage().is_empty() {
        return Err(BrokenRule::Unreadable { subject: subject(), extension: oid::EXTENDED_KEY_USAGE });
    }
    if certificate.has_extension(oid::NAME_CONSTRAINTS) && !certificate.is_ca() {
        return Err(BrokenRule::OnlyForCas { subject: subject(), extension: oid::NAME_CONSTRAINTS });
    }
    check_no_rev_avail(certificate)
}

/// Alternative names can be read, and stand in for a subject that is missing.
fn check_names(certificate: &Certificate) -> Result<(), BrokenRule> {
    let names = certificate.extension(oid::SUBJECT_ALT_NAME);
    if let Some(names) = names
        && subtree::read_names(&names.value).is_err()
    {
        let (subject, extension) = (certificate.subject().to_string(), oid::SUBJECT_ALT_NAME);
        return Err(BrokenRule::Unreadable { subject, extension });
    }
    match certificate.subject().is_empty() && !names.is_some_and(|names| names.critical) {
        true => Err(BrokenRule::NamelessSubject { issuer: certificate.issuer().to_string() }),
        false => Ok(()),
    }
}

/// RFC 9608 §2.
fn check_no_rev_avail(certificate: &Certificate) -> Result<(), BrokenRule> {
    if !certificate.has_extension(oid::NO_REV_AVAIL) {
        return Ok(());
    }
    let addresses = certificate.has_extension(oid::CRL_DISTRIBUTION_POINTS) || !certificate.ocsp_urls().is_empty();
    let wrongs = [(certificate.is_ca(), "which is a CA"), (addresses, "beside addresses of revocation data")];
    match wrongs.into_iter().find(|(wrong, _)| *wrong) {
        Some((_, why)) => Err(BrokenRule::NoRevAvail { subject: certificate.subject().to_string(), why }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::tests::certify;
    use crate::testing::Party;
    use crate::{Extension, KeyKind, Name};

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
        assert!(matches!(check(&path(&[&seal, &no_ca, &root])), Err(BrokenRule::NotACa { .. })));
        let usage = vec![Extension::basic_constraints(true, None), Extension::key_usage(&[KeyUsageBit::CrlSign])];
        let no_certificates = root.issue(P256, "Signs CRLs only", "04", usage);
        let seal = no_certificates.seal(P256, "05");
        assert!(matches!(check(&path(&[&seal, &no_certificates, &root])), Err(BrokenRule::KeyUsage { .. })));
    }

    #[test]
    fn a_path_longer_than_a_ca_allows_is_told() {
        let root = Party::root(P256);
        let upper = root.issue(P256, "Upper CA", "02", ca_extensions(Some(0)));
        let lower = upper.issue(P256, "Lower CA", "03", ca_extensions(None));
        let seal = lower.seal(P256, "04");
        let fault = check(&path(&[&seal, &lower, &upper, &root])).unwrap_err();
        assert!(matches!(fault, BrokenRule::PathLength { allowed: 0, subject } if subject.contains("Upper")));
    }

    #[test]
    fn a_critical_extension_that_is_not_known_is_told() {
        let root = Party::root(P256);
        let unknown = Extension::new("1.2.3.4".parse().unwrap(), true, vec![5, 0]);
        let seal = root.issue(P256, "Seal", "02", vec![unknown]);
        assert!(matches!(check(&path(&[&seal, &root])), Err(BrokenRule::CriticalExtension { .. })));
        let tolerated = Extension::new("1.2.3.4".parse().unwrap(), false, vec![5, 0]);
        let seal = root.issue(P256, "Seal", "03", vec![tolerated]);
        assert_eq!(check(&path(&[&seal, &root])), Ok(()));
    }

    #[test]
    fn what_must_not_be_critical_is_refused_when_it_is() {
        let root = Party::root(P256);
        let access = Extension::authority_information_access(&["http://o"], &[]);
        let seal = root.issue(P256, "Seal", "02", vec![Extension { critical: true, ..access }]);
        let extension = oid::AUTHORITY_INFORMATION_ACCESS;
        assert!(
            matches!(check(&path(&[&seal, &root])), Err(BrokenRule::CriticalExtension { extension: found, .. }) if found == extension)
        );
    }

    #[test]
    fn names_and_purposes_that_cannot_be_read_are_refused() {
        let root = Party::root(P256);
        for (identifier, value) in [
            (oid::SUBJECT_ALT_NAME, vec![0x30, 2, 0x82, 1]),
            (oid::SUBJECT_ALT_NAME, vec![0x30, 0]),
            (oid::EXTENDED_KEY_USAGE, vec![0x30, 0]),
        ] {
            let seal = root.issue(P256, "Seal", "02", vec![Extension::new(identifier, false, value)]);
            let fault = check(&path(&[&seal, &root])).unwrap_err();
            assert!(matches!(fault, BrokenRule::Unreadable { extension, .. } if extension == identifier), "{fault}");
        }
    }

    #[test]
    fn a_certificate_has_an_issuer_and_a_subject_or_names_that_stand_in_for_it() {
        let root = Party::root(P256);
        let nobody = Name::builder().build();
        let names = |critical| vec![Extension::new(oid::SUBJECT_ALT_NAME, critical, vec![0x30, 3, 0x82, 1, b'a'])];
        let issued = |extensions| certify(&root, &root.key.public, &nobody, "02", extensions);
        let judged = |certificate: Certificate| check(&[certificate, root.certificate.clone()]);
        assert!(matches!(judged(issued(vec![])), Err(BrokenRule::NamelessSubject { .. })));
        assert!(matches!(judged(issued(names(false))), Err(BrokenRule::NamelessSubject { .. })));
        assert_eq!(judged(issued(names(true))), Ok(()));
    }

    #[test]
    fn an_anchor_that_says_that_it_is_no_issuer_is_none() {
        let made = |extensions| {
            let root = Party::root(P256);
            let certificate = certify(&root, &root.key.public, root.certificate.subject(), "02", extensions);
            let seal = root.seal(P256, "03");
            check(&[seal.certificate, certificate])
        };
        assert_eq!(made(vec![]), Ok(()), "an anchor that is nothing but its key");
        assert!(matches!(made(vec![Extension::basic_constraints(false, None)]), Err(BrokenRule::NotACa { .. })));
        assert!(matches!(made(vec![Extension::ocsp_nocheck()]), Err(BrokenRule::NotACa { .. })));
        let only_lists = [Extension::basic_constraints(true, None), Extension::key_usage(&[KeyUsageBit::CrlSign])];
        assert!(matches!(made(only_lists.to_vec()), Err(BrokenRule::KeyUsage { .. })));
        let unknown = [ca_extensions(None), vec![Extension::new("1.2.3.4".parse().unwrap(), true, vec![5, 0])]];
        assert!(matches!(made(unknown.concat()), Err(BrokenRule::CriticalExtension { .. })));
    }

    #[test]
    fn no_rev_avail_is_only_for_end_certificates_without_addresses() {
        let root = Party::root(P256);
        let ca = root.issue(P256, "CA", "02", [ca_extensions(None), vec![Extension::no_rev_avail()]].concat());
        let seal = ca.seal(P256, "03");
        assert!(matches!(check(&path(&[&seal, &ca, &root])), Err(BrokenRule::NoRevAvail { .. })));
        let short = root.issue(P256, "Seal", "04", vec![Extension::no_rev_avail()]);
        assert_eq!(check(&path(&[&short, &root])), Ok(()));
        let addresses = vec![Extension::no_rev_avail(), Extension::crl_distribution_points(&["http://a/crl"])];
        let contradictory = root.issue(P256, "Seal", "05", addresses);
        assert!(matches!(check(&path(&[&contradictory, &root])), Err(BrokenRule::NoRevAvail { .. })));
    }
}
