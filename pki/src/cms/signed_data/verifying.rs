//! Whether a key signed a message, RFC 5652 §5.4 and §5.6, and the two older shapes of ISO 32000-1 §12.8.3.3.
//! In: a message, a certificate, the content or its digest. Out: it holds, it does not, or that cannot be told.

use super::SignedData;
use super::reading::sorted;
use crate::Error;
use crate::algorithm::{Digest, DigestAlgorithm, Scheme};
use crate::certificate::KeyHolder;

/// The octets over which a signature held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignedForm {
    /// The DER of the signed attributes, as RFC 5652 §5.4 asks.
    Der,
    /// The signed attributes as they were sent, which are not in DER: out of order, or with longer lengths than needed.
    AsSent,
    /// The content: there are no signed attributes.
    Content,
}

impl SignedData {
    /// Whether the key of `signer` signed the attributes: their DER, whatever the order in which they came (RFC 5652 §5.4),
    /// or else what was sent, as some programs sign; [`verify_signed_attributes`](Self::verify_signed_attributes) tells which.
    /// That they fit the content is for [`check_message_digest`](Self::check_message_digest) to say. A message without
    /// signed attributes needs [`verify_content_signature`](Self::verify_content_signature).
    ///
    /// # Errors
    /// Those of [`verify_signed_attributes`](Self::verify_signed_attributes).
    pub fn verify_signature<'a>(&self, signer: impl Into<KeyHolder<'a>>) -> Result<(), Error> {
        self.verify_signed_attributes(signer).map(|_| ())
    }

    /// Like [`verify_signature`](Self::verify_signature); tells over which octets the signature held.
    ///
    /// # Errors
    /// [`Error::AttributeCount`] if there are none, [`Error::DigestAlgorithmMismatch`] if the two algorithms differ; those of
    /// [`PublicKey::verify`](crate::PublicKey::verify).
    pub fn verify_signed_attributes<'a>(&self, signer: impl Into<KeyHolder<'a>>) -> Result<SignedForm, Error> {
        let signer = signer.into();
        let Some(attributes) = self.signed_attributes_der() else {
            return Err(Error::AttributeCount { attribute: "signed", found: 0 });
        };
        let der = match self.signed_attributes_sorted() {
            true => attributes.to_vec(),
            false => sorted(attributes)?,
        };
        let failure = match self.verify_octets(signer, &der) {
            Ok(()) => return Ok(SignedForm::Der),
            Err(error) if error.is_undetermined() => return Err(error),
            Err(error) => error,
        };
        let as_sent = (!self.signed_attributes_sorted()).then_some(attributes);
        match as_sent
            .into_iter()
            .chain(self.0.attributes_as_sent.as_deref())
            .any(|sent| self.verify_octets(signer, sent).is_ok())
        {
            true => Ok(SignedForm::AsSent),
            false => Err(failure),
        }
    }

    /// Whether the key of `signer` signed this digest of the content itself, as messages without signed attributes have it.
    ///
    /// # Errors
    /// [`Error::AttributeCount`] if there are signed attributes; those of [`PublicKey::verify`](crate::PublicKey::verify).
    pub fn verify_content_signature<'a>(
        &self,
        signer: impl Into<KeyHolder<'a>>,
        content: &Digest,
    ) -> Result<(), Error> {
        self.check_without_attributes()?;
        signer.into().verify(self.signature_algorithm()?, content, self.signature_value(), "CMS message")
    }

    /// Whether the message is over this content, given in parts as the two sides of a ByteRange, and the key of `signer`
    /// signed it, with signed attributes or without. The content-type and signing-certificate attributes are not looked at.
    ///
    /// # Errors
    /// Those of [`check_message_digest`](Self::check_message_digest) and [`verify_signed_attributes`](Self::verify_signed_attributes), or of
    /// [`verify_content_signature`](Self::verify_content_signature).
    pub fn verify_over<'a>(&self, signer: impl Into<KeyHolder<'a>>, content: &[&[u8]]) -> Result<SignedForm, Error> {
        let signer = signer.into();
        if self.signed_attributes_der().is_some() {
            self.check_message_digest(&self.digest_algorithm()?.digest_parts(content.iter().copied()))?;
            return self.verify_signed_attributes(signer);
        }
        let algorithm = self.signature_algorithm()?;
        match algorithm.scheme {
            Scheme::Ed25519 => self.verify_octets(signer, &content.concat())?,
            _ => self.verify_content_signature(signer, &algorithm.digest.digest_parts(content.iter().copied()))?,
        }
        Ok(SignedForm::Content)
    }

    /// The same over the content that the message carries: with the SHA-1 digest of a ByteRange in it, that is
    /// `adbe.pkcs7.sha1` (ISO 32000-1 §12.8.3.3.1).
    ///
    /// # Errors
    /// [`Error::EncapsulatedDigest`] if there is no content; those of [`verify_over`](Self::verify_over).
    pub fn verify_over_own_content<'a>(&self, signer: impl Into<KeyHolder<'a>>) -> Result<SignedForm, Error> {
        let content = self.content().ok_or(Error::EncapsulatedDigest { found: 0 })?;
        self.verify_over(signer, &[content])
    }

    /// The SHA-1 digest that the content of `adbe.pkcs7.sha1` is: to be compared with that of the ByteRange.
    ///
    /// # Errors
    /// [`Error::EncapsulatedDigest`] if the content is no such digest.
    pub fn encapsulated_sha1(&self) -> Result<Digest, Error> {
        let content = self.content().unwrap_or_default();
        Digest::new(DigestAlgorithm::Sha1, content).map_err(|_| Error::EncapsulatedDigest { found: content.len() })
    }

    fn check_without_attributes(&self) -> Result<(), Error> {
        match self.signed_attributes_der() {
            None => Ok(()),
            Some(_) => Err(Error::AttributeCount { attribute: "signed", found: self.signed_attributes().len() }),
        }
    }

    /// The digest is that of digestAlgorithm: a signature algorithm that names another does not hold (RFC 5652 §5.4).
    fn verify_octets(&self, signer: KeyHolder<'_>, octets: &[u8]) -> Result<(), Error> {
        let algorithm = self.signature_algorithm()?;
        let digest = self.digest_algorithm()?;
        if digest != algorithm.digest {
            return Err(Error::DigestAlgorithmMismatch { expected: algorithm.digest, found: digest });
        }
        signer.verify_message(algorithm, octets, self.signature_value(), "CMS message")
    }
}
