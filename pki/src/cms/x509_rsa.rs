//! Signatures of subfilter `adbe.x509.rsa_sha1`, ISO 32000-1 §12.8.3.2. In: /Contents, a certificate out of /Cert, the digest
//! of the ByteRange. Out: whether its key made the signature. There is no message around it: no attribute, no time, no name.

use crate::algorithm::{Digest, DigestAlgorithm, Scheme, SignatureAlgorithm};
use crate::asn1::{self, OCTET_STRING};
use crate::certificate::KeyHolder;
use crate::{Error, ber};

const WHAT: &str = "PKCS #1 signature";

/// An OCTET STRING with a PKCS #1 v1.5 signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct X509RsaSignature {
    value: Vec<u8>,
    trailing: usize,
}

impl X509RsaSignature {
    /// Digests that ISO 32000-1 table 257 allows, SHA-1 first in spite of the name of the subfilter.
    pub const DIGESTS: [DigestAlgorithm; 5] = [
        DigestAlgorithm::Sha1,
        DigestAlgorithm::Sha256,
        DigestAlgorithm::Sha384,
        DigestAlgorithm::Sha512,
        DigestAlgorithm::Ripemd160,
    ];

    /// Reads an OCTET STRING, in BER too; zero octets may follow, as a PDF leaves them, and others are counted.
    ///
    /// # Errors
    /// [`Error::Malformed`] if it is no OCTET STRING.
    pub fn from_ber(contents: &[u8]) -> Result<Self, Error> {
        let (der, taken) = ber::to_der(contents, WHAT)?;
        let value = asn1::single(&der, OCTET_STRING, WHAT)?.value.to_vec();
        let padding = contents[taken..].iter().take_while(|octet| **octet == 0).count();
        Ok(Self { value, trailing: contents.len() - taken - padding })
    }

    /// The signature value.
    pub fn value(&self) -> &[u8] {
        &self.value
    }

    /// How many octets stand after the zeros that follow.
    pub fn trailing_octets(&self) -> usize {
        self.trailing
    }

    /// Whether the key of `signer` signed this digest of the ByteRange.
    ///
    /// # Errors
    /// Those of [`PublicKey::verify`](crate::PublicKey::verify).
    pub fn verify<'a>(&self, signer: impl Into<KeyHolder<'a>>, content: &Digest) -> Result<(), Error> {
        let algorithm = SignatureAlgorithm::new(Scheme::RsaPkcs1, content.algorithm());
        signer.into().verify(algorithm, content, &self.value, "content")
    }

    /// Tries [each digest](Self::DIGESTS) of the content, given in parts, and gives the one with which it holds.
    ///
    /// # Errors
    /// Those of [`PublicKey::verify`](crate::PublicKey::verify).
    pub fn verify_over<'a>(
        &self,
        signer: impl Into<KeyHolder<'a>>,
        content: &[&[u8]],
    ) -> Result<DigestAlgorithm, Error> {
        let signer = signer.into();
        let attempt = |digest: DigestAlgorithm| {
            self.verify(signer, &digest.digest_parts(content.iter().copied())).map(|()| digest)
        };
        let [first, others @ ..] = Self::DIGESTS;
        match attempt(first) {
            Err(error @ Error::SignatureInvalid { .. }) => {
                others.into_iter().find_map(|digest| attempt(digest).ok()).ok_or(error)
            }
            result => result,
        }
    }
}
