//! A small PKI for tests: keys that sign digests as a key server would, and certificates by them.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{self, EcdsaKeyPair, KeyPair as _, RsaKeyPair};
use jiff::{SignedDuration, Timestamp};

use crate::{
    Certificate, CertificateTemplate, Digest, DigestAlgorithm, Extension, KeyKind, KeyUsageBit, Name, PublicKey,
    Scheme, SerialNumber, SignatureAlgorithm,
};

/// The time of every test.
pub(crate) fn now() -> Timestamp {
    "2026-11-24T09:00:00Z".parse().unwrap()
}

pub(crate) fn days(count: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * count)
}

pub(crate) struct Key {
    pair: Pair,
    pub(crate) public: PublicKey,
}

enum Pair {
    Ecdsa(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

impl Key {
    pub(crate) fn generate(kind: KeyKind) -> Self {
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
        Self { pair, public: PublicKey::from_spki_der(&spki).unwrap() }
    }

    pub(crate) fn algorithm(&self) -> SignatureAlgorithm {
        self.public.kind().default_signature_algorithm()
    }

    pub(crate) fn sign(&self, algorithm: SignatureAlgorithm, digest: &Digest) -> Vec<u8> {
        let hash = match digest.algorithm() {
            DigestAlgorithm::Sha256 => &aws_lc_rs::digest::SHA256,
            DigestAlgorithm::Sha384 => &aws_lc_rs::digest::SHA384,
            DigestAlgorithm::Sha512 => &aws_lc_rs::digest::SHA512,
            other => panic!("nothing is signed with {other}"),
        };
        let digest = aws_lc_rs::digest::Digest::import_less_safe(digest.as_bytes(), hash).unwrap();
        match &self.pair {
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
}

/// A CA, a responder, a time-stamping unit or a seal.
pub(crate) struct Party {
    pub(crate) key: Key,
    pub(crate) certificate: Certificate,
}

impl Party {
    pub(crate) fn root(kind: KeyKind) -> Self {
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

    pub(crate) fn issue(&self, kind: KeyKind, common_name: &str, serial: &str, mut extensions: Vec<Extension>) -> Self {
        let key = Key::generate(kind);
        let name = Name::builder().country("JP").organization("TESTBED").common_name(common_name).build();
        extensions.push(Extension::subject_key_identifier(&key.public));
        extensions.push(Extension::authority_key_identifier(&self.key.public.key_identifier()));
        let certificate = certify(&self.key, &key, self.certificate.subject().clone(), name, serial, extensions);
        Self { key, certificate }
    }

    pub(crate) fn authority(&self, kind: KeyKind, common_name: &str, serial: &str) -> Self {
        let extensions = vec![
            Extension::basic_constraints(true, Some(0)),
            Extension::key_usage(&[KeyUsageBit::KeyCertSign, KeyUsageBit::CrlSign]),
        ];
        self.issue(kind, common_name, serial, extensions)
    }

    /// Another certificate for the name and key of `other`, by this authority.
    pub(crate) fn certify_again(&self, other: &Self, serial: &str) -> Certificate {
        let extensions = other
            .certificate
            .extensions()
            .iter()
            .filter(|extension| extension.oid != crate::oid::AUTHORITY_KEY_IDENTIFIER);
        let issuer = self.certificate.subject().clone();
        let subject = other.certificate.subject().clone();
        certify(&self.key, &other.key, issuer, subject, serial, extensions.cloned().collect())
    }

    pub(crate) fn seal(&self, kind: KeyKind, serial: &str) -> Self {
        self.issue(kind, "TESTBED Seal", serial, vec![Extension::key_usage(&[KeyUsageBit::NonRepudiation])])
    }

    pub(crate) fn responder(&self, kind: KeyKind, serial: &str) -> Self {
        let extensions = vec![
            Extension::key_usage(&[KeyUsageBit::DigitalSignature]),
            Extension::extended_key_usage(&[crate::oid::OCSP_SIGNING], true),
            Extension::ocsp_nocheck(),
        ];
        self.issue(kind, "TESTBED OCSP", serial, extensions)
    }

    pub(crate) fn time_stamping_unit(&self, kind: KeyKind, serial: &str) -> Self {
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
    let to_be_signed = template.to_be_signed(issuer_key.algorithm()).unwrap();
    let signature = issuer_key.sign(issuer_key.algorithm(), &to_be_signed.digest());
    Certificate::from_der(&to_be_signed.signed(&signature)).unwrap()
}
