//! Whose key made a signature, and what is remembered of earlier ones. In: a certificate, perhaps a memory. Out: it holds or not.

use super::Certificate;
use crate::Error;
use crate::algorithm::{Digest, SignatureAlgorithm};
use crate::memory::SignatureMemory;
use crate::signed::Signed;

/// A certificate whose key may have signed something, with the memory that is asked before anything is computed. A reference to
/// a certificate becomes one without a memory.
#[derive(Clone, Copy, Debug)]
pub struct KeyHolder<'a> {
    certificate: &'a Certificate,
    memory: Option<&'a SignatureMemory>,
}

impl<'a> From<&'a Certificate> for KeyHolder<'a> {
    fn from(certificate: &'a Certificate) -> Self {
        Self { certificate, memory: None }
    }
}

impl Certificate {
    /// This certificate as the holder of a key, with a memory of signatures that held.
    pub fn recalling<'a>(&'a self, memory: &'a SignatureMemory) -> KeyHolder<'a> {
        KeyHolder { certificate: self, memory: Some(memory) }
    }
}

impl<'a> KeyHolder<'a> {
    /// Whose key it is.
    pub fn certificate(&self) -> &'a Certificate {
        self.certificate
    }

    /// [`Certificate::is_self_signed`].
    pub fn is_self_signed(&self) -> bool {
        let certificate = self.certificate;
        certificate.issuer() == certificate.subject() && certificate.verify_issued_by(*self).is_ok()
    }

    /// Another certificate, with the same memory.
    pub(crate) fn other<'b>(&self, certificate: &'b Certificate) -> KeyHolder<'b>
    where
        'a: 'b,
    {
        KeyHolder { certificate, memory: self.memory }
    }

    /// Verifies a certificate or CRL over the octets as they came; `what` goes into the error.
    pub(crate) fn verify_signed(&self, signed: &Signed<'_>, what: &'static str) -> Result<(), Error> {
        let algorithm = SignatureAlgorithm::read(&signed.algorithm)?;
        self.verify_message(algorithm, signed.tbs.raw, signed.signature.bit_octets()?, what)
    }

    /// [`PublicKey::verify`](crate::PublicKey::verify); `signed` goes into the error.
    pub(crate) fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        digest: &Digest,
        signature: &[u8],
        signed: &'static str,
    ) -> Result<(), Error> {
        let result = self.certificate.public_key().verify_within(self.memory, algorithm, digest, signature);
        result.map_err(|error| error.named(signed, self.certificate.subject()))
    }

    /// [`PublicKey::verify_message`](crate::PublicKey::verify_message); `signed` goes into the error.
    pub(crate) fn verify_message(
        &self,
        algorithm: SignatureAlgorithm,
        message: &[u8],
        signature: &[u8],
        signed: &'static str,
    ) -> Result<(), Error> {
        let result = self.certificate.public_key().verify_message_within(self.memory, algorithm, message, signature);
        result.map_err(|error| error.named(signed, self.certificate.subject()))
    }
}
