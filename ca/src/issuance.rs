//! From a profile to a signed certificate, RFC 5280 clause 4.
//!
//! In: profile, subject, key, the CA that signs, the world's time. Out: the certificate, which is valid from that very
//! second (both ends of the validity are inclusive), and never longer than its issuer.

use jiff::Timestamp;
use pki::{Certificate, CertificateTemplate, Extension, Name, PublicKey, SerialNumber};
use signer::KeyId;
use world::time::Duration;

use crate::hierarchy::Authority;
use crate::profile::{PathLength, Rules, StatusPointers};
use crate::{Ca, Error, Issuer, Profile};

/// What a certificate is to say.
pub(crate) struct Order<'a> {
    pub(crate) profile: Profile,
    pub(crate) subject: Name,
    pub(crate) public_key: &'a PublicKey,
}

impl Ca {
    /// A certificate signed by one of the CAs. It is not written down yet.
    pub(crate) async fn issue(&self, order: &Order<'_>, ca: &Authority, at: Timestamp) -> Result<Certificate, Error> {
        ca.check_valid_at(at)?;
        let rules = order.profile.rules();
        let not_after = last_second(rules.validity, at).min(ca.certificate.not_after());
        let mut extensions = self.pointers(rules.status, ca.issuer);
        extensions.insert(0, Extension::authority_key_identifier(&ca.certificate.public_key().key_identifier()));
        let template = CertificateTemplate {
            serial: random_serial()?,
            issuer: ca.certificate.subject().clone(),
            subject: order.subject.clone(),
            public_key: order.public_key.clone(),
            not_before: at,
            not_after,
            extensions: [own_extensions(rules, order.public_key, at)?, extensions].concat(),
        };
        let to_be_signed = template.to_be_signed(ca.algorithm)?;
        let signature = self.signer.sign_digest(&ca.key, ca.algorithm, &to_be_signed.digest()).await?;
        Ok(Certificate::from_der(&to_be_signed.signed(&signature))?)
    }

    /// The root's certificate.
    pub(crate) async fn issue_self_signed(
        &self,
        order: &Order<'_>,
        key: &KeyId,
        at: Timestamp,
    ) -> Result<Certificate, Error> {
        let rules = order.profile.rules();
        let template = CertificateTemplate {
            serial: random_serial()?,
            issuer: order.subject.clone(),
            subject: order.subject.clone(),
            public_key: order.public_key.clone(),
            not_before: at,
            not_after: last_second(rules.validity, at),
            extensions: own_extensions(rules, order.public_key, at)?,
        };
        let algorithm = order.public_key.kind().default_signature_algorithm();
        let to_be_signed = template.to_be_signed(algorithm)?;
        let signature = self.signer.sign_digest(key, algorithm, &to_be_signed.digest()).await?;
        Ok(Certificate::from_der(&to_be_signed.signed(&signature))?)
    }

    /// Where the issuer's certificate is, and where the status is told.
    fn pointers(&self, status: StatusPointers, issuer: Issuer) -> Vec<Extension> {
        let base = &self.world.base;
        let certificate = format!("{base}/ca/certs/{issuer}.cer");
        match status {
            StatusPointers::None => vec![],
            StatusPointers::NoCheck => {
                vec![Extension::authority_information_access(&[], &[&certificate]), Extension::ocsp_nocheck()]
            }
            StatusPointers::CrlAndOcsp => vec![
                Extension::authority_information_access(&[&format!("{base}/ca/ocsp")], &[&certificate]),
                Extension::crl_distribution_points(&[&format!("{base}/ca/crl/{issuer}.crl")]),
            ],
        }
    }
}

/// The extensions that follow from profile and key alone.
fn own_extensions(rules: &Rules, public_key: &PublicKey, at: Timestamp) -> Result<Vec<Extension>, Error> {
    let mut extensions = vec![Extension::subject_key_identifier(public_key), Extension::key_usage(rules.key_usage)];
    if let Some(path_length) = rules.certification_authority {
        let limit = match path_length {
            PathLength::Unlimited => None,
            PathLength::Zero => Some(0),
        };
        extensions.push(Extension::basic_constraints(true, limit));
    }
    if let Some(purpose) = rules.extended_key_usage {
        extensions.push(Extension::extended_key_usage(&[purpose], true));
    }
    if let Some(policy) = rules.policy {
        extensions.push(Extension::certificate_policies(&[policy]));
    }
    if let Some(key_use) = rules.key_use {
        extensions.push(Extension::private_key_usage_period(Some(at), Some(last_second(key_use, at))));
    }
    Ok(extensions)
}

fn last_second(validity: Duration, at: Timestamp) -> Timestamp {
    validity.after(at).and_then(|end| Duration::seconds(-1).after(end)).unwrap_or(world::time::LAST)
}

/// 126 random bits in 16 octets, the first of which is 0x40 to 0x7f: positive, and of the same length always.
fn random_serial() -> Result<SerialNumber, Error> {
    let mut octets = [0; 16];
    aws_lc_rs::rand::fill(&mut octets).expect("the system's random generator does not fail once it has started");
    octets[0] = octets[0] & 0x3f | 0x40;
    Ok(SerialNumber::from_bytes(&octets)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serial_numbers_are_positive_and_of_one_length() {
        for _ in 0..100 {
            let serial = random_serial().unwrap();
            assert_eq!(serial.as_bytes().len(), 16);
            assert!((0x40..=0x7f).contains(&serial.as_bytes()[0]));
        }
    }

    #[test]
    fn three_years_end_one_second_before_the_anniversary() {
        let at = "2026-11-24T09:00:00Z".parse().unwrap();
        assert_eq!(last_second(Duration::years(3), at).to_string(), "2029-11-24T08:59:59Z");
    }
}
