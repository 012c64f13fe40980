//! A small PKI whose keys, certificates and answers are made in the test.

#![allow(dead_code, clippy::allow_attributes, reason = "each test program uses its own part")]
#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

use jiff::Timestamp;
use pki::testing::Key;
use pki::{
    Certificate, CertificateId, CertificateStatus, CertificateTemplate, CrlTemplate, Digest, DigestAlgorithm,
    Extension, KeyKind, KeyUsageBit, Name, OcspTemplate, PublicKey, RevokedEntry, SerialNumber, SignatureAlgorithm,
    SingleResponse, oid,
};

pub(crate) fn at() -> Timestamp {
    time("2026-11-24T09:00:00Z")
}

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn algorithm() -> SignatureAlgorithm {
    KeyKind::P256.default_signature_algorithm()
}

/// Somebody with a key and a certificate.
#[derive(Clone)]
pub(crate) struct Holder {
    key: Key,
    pub(crate) certificate: Certificate,
}

impl Holder {
    pub(crate) fn sign(&self, digest: &Digest) -> Vec<u8> {
        self.key.sign(self.key.algorithm(), digest)
    }

    /// Issues a certificate; `shape` changes the template before it is signed.
    pub(crate) fn issue(
        &self,
        name: &str,
        extensions: Vec<Extension>,
        shape: impl FnOnce(&mut CertificateTemplate),
    ) -> Holder {
        let key = Key::generate(KeyKind::P256);
        let mut all = vec![
            Extension::authority_key_identifier(&self.certificate.subject_key_identifier().unwrap()),
            Extension::subject_key_identifier(&key.public),
        ];
        all.extend(extensions);
        let mut template = template(self.certificate.subject().clone(), name, key.public.clone(), all);
        shape(&mut template);
        Holder { certificate: self.key.certificate(&template), key }
    }

    /// Issues another certificate with the same serial number, names and key.
    pub(crate) fn issue_again(
        &self,
        original: &Certificate,
        shape: impl FnOnce(&mut CertificateTemplate),
    ) -> Certificate {
        let mut template = CertificateTemplate {
            serial: original.serial().clone(),
            issuer: original.issuer().clone(),
            subject: original.subject().clone(),
            public_key: original.public_key(),
            not_before: original.not_before(),
            not_after: original.not_after(),
            extensions: original.extensions().to_vec(),
        };
        shape(&mut template);
        self.key.certificate(&template)
    }

    pub(crate) fn crl(&self, entries: Vec<RevokedEntry>, shape: impl FnOnce(&mut CrlTemplate)) -> Vec<u8> {
        let mut template = CrlTemplate {
            issuer: self.certificate.subject().clone(),
            authority_key_identifier: self.certificate.subject_key_identifier().unwrap(),
            number: 1,
            this_update: time("2026-11-24T00:00:00Z"),
            next_update: Some(time("2026-11-25T00:00:00Z")),
            entries,
            expired_certificates_since: None,
        };
        shape(&mut template);
        self.key.crl(&template)
    }

    /// An OCSP answer signed by this holder about a certificate of `issuer`.
    pub(crate) fn ocsp(&self, about: &Holder, issuer: &Holder, shape: impl FnOnce(&mut SingleResponse)) -> Vec<u8> {
        let (about, issuer) = (&about.certificate, &issuer.certificate);
        let mut response = SingleResponse {
            id: CertificateId::for_certificate(about.serial(), issuer, DigestAlgorithm::Sha1),
            status: CertificateStatus::Good,
            this_update: at(),
            next_update: Some(time("2026-11-24T10:00:00Z")),
            archive_cutoff: None,
            certificate_hash: None,
        };
        shape(&mut response);
        let template = OcspTemplate {
            responder_key_identifier: self.certificate.public_key().key_identifier(),
            produced_at: at(),
            responses: vec![response],
            nonce: None,
        };
        self.key.ocsp(&template, std::slice::from_ref(&self.certificate))
    }
}

/// A self-signed CA.
pub(crate) fn root(name: &str) -> Holder {
    let key = Key::generate(KeyKind::P256);
    let extensions = [vec![Extension::subject_key_identifier(&key.public)], ca_extensions()].concat();
    let template = template(self::name(name), name, key.public.clone(), extensions);
    Holder { certificate: key.certificate(&template), key }
}

pub(crate) fn ca_extensions() -> Vec<Extension> {
    vec![
        Extension::basic_constraints(true, None),
        Extension::key_usage(&[KeyUsageBit::KeyCertSign, KeyUsageBit::CrlSign]),
    ]
}

pub(crate) fn seal_extensions() -> Vec<Extension> {
    vec![Extension::key_usage(&[KeyUsageBit::NonRepudiation])]
}

pub(crate) fn time_stamping_extensions() -> Vec<Extension> {
    vec![
        Extension::key_usage(&[KeyUsageBit::DigitalSignature]),
        Extension::extended_key_usage(&[oid::TIME_STAMPING], true),
    ]
}

fn name(common_name: &str) -> Name {
    Name::builder().country("JP").organization("TESTBED — NOT QUALIFIED").common_name(common_name).build()
}

fn template(issuer: Name, subject: &str, public_key: PublicKey, extensions: Vec<Extension>) -> CertificateTemplate {
    CertificateTemplate {
        serial: SerialNumber::from_bytes(&public_key.key_identifier()[..16]).unwrap(),
        issuer,
        subject: name(subject),
        public_key,
        not_before: time("2026-01-01T00:00:00Z"),
        not_after: time("2029-01-01T00:00:00Z"),
        extensions,
    }
}
