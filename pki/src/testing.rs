//! The small PKI of all tests: keys that sign digests as a key server would, and what is signed with them. Only in the tests of
//! this crate and of those that ask for the feature `testing`, which no product does.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

use std::sync::Arc;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{self, EcdsaKeyPair, KeyPair as _, RsaKeyPair};
use jiff::{SignedDuration, Timestamp};

use crate::{
    Certificate, CertificateTemplate, CrlTemplate, Digest, DigestAlgorithm, Extension, KeyKind, KeyUsageBit, Name,
    OcspTemplate, PublicKey, Scheme, SerialNumber, SignatureAlgorithm,
};

/// The time of every test.
pub fn now() -> Timestamp {
    "2026-11-24T09:00:00Z".parse().unwrap()
}

/// So many days.
pub fn days(count: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * count)
}

/// A key pair.
#[derive(Clone)]
pub struct Key {
    pair: Arc<Pair>,
    /// Its public half.
    pub public: PublicKey,
}

enum Pair {
    Ecdsa(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

impl Key {
    /// A new key: P-256, P-384, P-521, or RSA with 2048 bits.
    pub fn generate(kind: KeyKind) -> Self {
        let ecdsa = |algorithm| Pair::Ecdsa(EcdsaKeyPair::generate(algorithm).unwrap());
        let pair = match kind {
            KeyKind::P256 => ecdsa(&signature::ECDSA_P256_SHA256_ASN1_SIGNING),
            KeyKind::P384 => ecdsa(&signature::ECDSA_P384_SHA384_ASN1_SIGNING),
            KeyKind::P521 => ecdsa(&signature::ECDSA_P521_SHA512_ASN1_SIGNING),
            KeyKind::Rsa { .. } => Pair::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap()),
            KeyKind::Other(identifier) => panic!("no key of kind {identifier}"),
        };
        let spki = match &pair {
            Pair::Ecdsa(pair) => pair.public_key().as_der().unwrap().as_ref().to_vec(),
            Pair::Rsa(pair) => pair.public_key().as_der().unwrap().as_ref().to_vec(),
        };
        Self { pair: Arc::new(pair), public: PublicKey::from_spki_der(&spki).unwrap() }
    }

    /// The algorithm that fits it.
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.public.kind().default_signature_algorithm()
    }

    /// The signature value over a digest.
    pub fn sign(&self, algorithm: SignatureAlgorithm, digest: &Digest) -> Vec<u8> {
        let hash = match digest.algorithm() {
            DigestAlgorithm::Sha256 => &aws_lc_rs::digest::SHA256,
            DigestAlgorithm::Sha384 => &aws_lc_rs::digest::SHA384,
            DigestAlgorithm::Sha512 => &aws_lc_rs::digest::SHA512,
            other => panic!("nothing is signed with {other}"),
        };
        let digest = aws_lc_rs::digest::Digest::import_less_safe(digest.as_bytes(), hash).unwrap();
        match &*self.pair {
            Pair::Ecdsa(pair) => pair.sign_digest(&digest).unwrap().as_ref().to_vec(),
            Pair::Rsa(pair) => {
                let padding: &'static dyn signature::RsaEncoding = match (algorithm.scheme, algorithm.digest) {
                    (Scheme::RsaPss, DigestAlgorithm::Sha512) => &signature::RSA_PSS_SHA512,
                    (Scheme::RsaPss, DigestAlgorithm::Sha384) => &signature::RSA_PSS_SHA384,
                    (Scheme::RsaPss, _) => &signature::RSA_PSS_SHA256,
                    (_, DigestAlgorithm::Sha512) => &signature::RSA_PKCS1_SHA512,
                    (_, DigestAlgorithm::Sha384) => &signature::RSA_PKCS1_SHA384,
                    _ => &signature::RSA_PKCS1_SHA256,
                };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign_digest(padding, &digest, &mut signature).unwrap();
                signature
            }
        }
    }

    /// The certificate that the template describes, by this key.
    pub fn certificate(&self, template: &CertificateTemplate) -> Certificate {
        let to_be_signed = template.to_be_signed(self.algorithm()).unwrap();
        let signature = self.sign(self.algorithm(), &to_be_signed.digest());
        Certificate::from_der(&to_be_signed.signed(&signature)).unwrap()
    }

    /// The DER of the list that the template describes, by this key.
    pub fn crl(&self, template: &CrlTemplate) -> Vec<u8> {
        let to_be_signed = template.to_be_signed(self.algorithm()).unwrap();
        let signature = self.sign(self.algorithm(), &to_be_signed.digest());
        to_be_signed.signed(&signature)
    }

    /// The DER of the OCSP answer that the template describes, by this key, with those certificates inside.
    pub fn ocsp(&self, template: &OcspTemplate, certificates: &[Certificate]) -> Vec<u8> {
        let pending = template.to_be_signed(self.algorithm()).unwrap();
        let signature = self.sign(self.algorithm(), &pending.digest());
        pending.signed(&signature, certificates)
    }
}

/// A CA, a responder, a time-stamping unit or a seal.
pub struct Party {
    /// Its key.
    pub key: Key,
    /// For that key.
    pub certificate: Certificate,
}

impl Party {
    /// A self-signed CA.
    pub fn root(kind: KeyKind) -> Self {
        let key = Key::generate(kind);
        let name = Name::builder().country("JP").organization("TESTBED").common_name("TESTBED Root").build();
        let extensions = vec![
            Extension::basic_constraints(true, None),
            Extension::key_usage(&[KeyUsageBit::KeyCertSign, KeyUsageBit::CrlSign]),
            Extension::subject_key_identifier(&key.public),
        ];
        let certificate = certify(&key, &key, name.clone(), name, "01", extensions);
        Self { key, certificate }
    }

    /// Somebody with a new key, certified by this one.
    pub fn issue(&self, kind: KeyKind, common_name: &str, serial: &str, mut extensions: Vec<Extension>) -> Self {
        let key = Key::generate(kind);
        let name = Name::builder().country("JP").organization("TESTBED").common_name(common_name).build();
        extensions.push(Extension::subject_key_identifier(&key.public));
        extensions.push(Extension::authority_key_identifier(&self.key.public.key_identifier()));
        let certificate = certify(&self.key, &key, self.certificate.subject().clone(), name, serial, extensions);
        Self { key, certificate }
    }

    /// A CA below this one that issues end certificates.
    pub fn authority(&self, kind: KeyKind, common_name: &str, serial: &str) -> Self {
        let extensions = vec![
            Extension::basic_constraints(true, Some(0)),
            Extension::key_usage(&[KeyUsageBit::KeyCertSign, KeyUsageBit::CrlSign]),
        ];
        self.issue(kind, common_name, serial, extensions)
    }

    /// Another certificate for the name and key of `other`, by this authority.
    pub fn certify_again(&self, other: &Self, serial: &str) -> Certificate {
        let extensions = other
            .certificate
            .extensions()
            .iter()
            .filter(|extension| extension.oid != crate::oid::AUTHORITY_KEY_IDENTIFIER);
        let issuer = self.certificate.subject().clone();
        let subject = other.certificate.subject().clone();
        certify(&self.key, &other.key, issuer, subject, serial, extensions.cloned().collect())
    }

    /// A seal.
    pub fn seal(&self, kind: KeyKind, serial: &str) -> Self {
        self.issue(kind, "TESTBED Seal", serial, vec![Extension::key_usage(&[KeyUsageBit::NonRepudiation])])
    }

    /// An OCSP responder.
    pub fn responder(&self, kind: KeyKind, serial: &str) -> Self {
        let extensions = vec![
            Extension::key_usage(&[KeyUsageBit::DigitalSignature]),
            Extension::extended_key_usage(&[crate::oid::OCSP_SIGNING], true),
            Extension::ocsp_nocheck(),
        ];
        self.issue(kind, "TESTBED OCSP", serial, extensions)
    }

    /// A time-stamping unit.
    pub fn time_stamping_unit(&self, kind: KeyKind, serial: &str) -> Self {
        let extensions = vec![
            Extension::key_usage(&[KeyUsageBit::DigitalSignature]),
            Extension::extended_key_usage(&[crate::oid::TIME_STAMPING], true),
        ];
        self.issue(kind, "TESTBED TSU", serial, extensions)
    }
}

fn certify(
    issuer_key: &Key,
    key: &Key,
    issuer: Name,
    subject: Name,
    serial: &str,
    extensions: Vec<Extension>,
) -> Certificate {
    let template = CertificateTemplate {
        serial: serial.parse::<SerialNumber>().unwrap(),
        issuer,
        subject,
        public_key: key.public.clone(),
        not_before: now() - days(1),
        not_after: now() + days(365),
        extensions,
    };
    issuer_key.certificate(&template)
}
