//! From a profile to a signed certificate, RFC 5280 clause 4.
//!
//! In: profile, subject, key, the authority that signs, the world's time. Out: the certificate, which is valid from that very
//! second (both ends of the validity are inclusive), and never longer than its issuer.

use jiff::Timestamp;
use pki::{Certificate, CertificateTemplate, Extension, Name, PublicKey, Scheme, SerialNumber, SignatureAlgorithm};
use signer::KeyId;
use world::time::Duration;

use crate::authority::Authority;
use crate::profile::{Profile, Rules, StatusPointers};
use crate::{Ca, Error};

/// What a certificate is to say.
pub(crate) struct Order<'a> {
    pub(crate) profile: Profile,
    pub(crate) subject: Name,
    pub(crate) public_key: &'a PublicKey,
    /// For the certificate of a CA: how many CAs may stand between it and an end certificate.
    pub(crate) path_length: Option<u32>,
    /// What the profile does not say: the names of a server.
    pub(crate) more: Vec<Extension>,
    pub(crate) not_before: Timestamp,
    /// Unless the issuer ends earlier.
    pub(crate) not_after: Timestamp,
}

impl<'a> Order<'a> {
    /// Valid from `at` on for as long as the profile says, or for `validity`.
    pub(crate) fn new(
        profile: Profile,
        subject: Name,
        public_key: &'a PublicKey,
        validity: Option<Duration>,
        at: Timestamp,
    ) -> Order<'a> {
        let not_after = last_second(validity.unwrap_or(profile.rules().validity), at);
        Order { profile, subject, public_key, path_length: None, more: Vec::new(), not_before: at, not_after }
    }

    fn template(self, issuer: Name, pointers: Vec<Extension>) -> Result<CertificateTemplate, Error> {
        Ok(CertificateTemplate {
            serial: random_serial()?,
            issuer,
            not_before: self.not_before,
            not_after: self.not_after,
            public_key: self.public_key.clone(),
            extensions: [self.own_extensions(), pointers].concat(),
            subject: self.subject,
        })
    }

    /// The extensions that follow from profile and key alone.
    fn own_extensions(&self) -> Vec<Extension> {
        let rules: &Rules = self.profile.rules();
        let mut extensions =
            vec![Extension::subject_key_identifier(self.public_key), Extension::key_usage(rules.key_usage)];
        if rules.is_authority {
            extensions.push(Extension::basic_constraints(true, self.path_length));
        }
        if let Some(purpose) = rules.extended_key_usage {
            extensions.push(Extension::extended_key_usage(&[purpose], true));
        }
        if let Some(policy) = rules.policy {
            extensions.push(Extension::certificate_policies(&[policy]));
        }
        if let Some(key_use) = rules.key_use {
            let (first, last) = (self.not_before, last_second(key_use, self.not_before).min(self.not_after));
            extensions.push(Extension::private_key_usage_period(Some(first), Some(last)));
        }
        extensions.extend_from_slice(&self.more);
        extensions
    }
}

impl Ca {
    /// A certificate signed by an authority at `at`. It is not written down yet.
    pub(crate) async fn issue(
        &self,
        order: Order<'_>,
        authority: &Authority,
        at: Timestamp,
    ) -> Result<Certificate, Error> {
        authority.check_valid_at(at)?;
        let issuer = &authority.certificate;
        let order = Order { not_after: order.not_after.min(issuer.not_after()), ..order };
        let mut pointers = self.pointers(order.profile.rules().status, authority);
        pointers.insert(0, Extension::authority_key_identifier(&issuer.public_key().key_identifier()));
        let to_be_signed = order.template(issuer.subject().clone(), pointers)?.to_be_signed(authority.algorithm)?;
        let signature = self.signature(&authority.key, authority.algorithm, to_be_signed.tbs_der()).await?;
        Ok(Certificate::from_der(&to_be_signed.signed(&signature))?)
    }

    /// The certificate of a root.
    pub(crate) async fn issue_self_signed(
        &self,
        order: Order<'_>,
        key: &KeyId,
        algorithm: SignatureAlgorithm,
    ) -> Result<Certificate, Error> {
        let itself = order.subject.clone();
        let to_be_signed = order.template(itself, Vec::new())?.to_be_signed(algorithm)?;
        let signature = self.signature(key, algorithm, to_be_signed.tbs_der()).await?;
        Ok(Certificate::from_der(&to_be_signed.signed(&signature))?)
    }

    /// Where the issuer's certificate is, and where the status is told. Each key of an authority has addresses of its own, so that
    /// what a certificate points to is always signed by the key that signed the certificate.
    fn pointers(&self, status: StatusPointers, authority: &Authority) -> Vec<Extension> {
        let (base, issuer, addresses) = (&self.world.base, &authority.name, authority.settings.status);
        let certificate = format!("{base}/ca/certs/{issuer}.cer");
        match status {
            StatusPointers::None => vec![],
            StatusPointers::NoCheck => {
                vec![Extension::authority_information_access(&[], &[&certificate]), Extension::ocsp_nocheck()]
            }
            StatusPointers::OfIssuer => {
                let ocsp = addresses.has_ocsp().then(|| format!("{base}/ca/ocsp"));
                let ocsp: Vec<&str> = ocsp.iter().map(String::as_str).collect();
                let mut pointers = vec![Extension::authority_information_access(&ocsp, &[&certificate])];
                if addresses.has_crl() {
                    pointers.push(Extension::crl_distribution_points(&[&format!("{base}/ca/crl/{issuer}.crl")]));
                }
                pointers
            }
        }
    }

    /// A signature over octets: over their digest, which is all that most keys are given, or by Ed25519 over themselves.
    pub(crate) async fn signature(
        &self,
        key: &KeyId,
        algorithm: SignatureAlgorithm,
        octets: &[u8],
    ) -> Result<Vec<u8>, Error> {
        Ok(match algorithm.scheme {
            Scheme::Ed25519 => self.signer.sign_message(key, octets).await?,
            _ => self.signer.sign_digest(key, algorithm, &algorithm.digest.digest(octets)).await?,
        })
    }
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
