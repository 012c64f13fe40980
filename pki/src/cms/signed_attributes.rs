//! Making a PAdES baseline message, RFC 5652 §5 and ETSI EN 319 142-1 table 1: content-type id-data, message-digest and
//! signing-certificate-v2, no signing-time, no content. In: the digest of the ByteRange. Out: 32 octets for the key
//! server, then the whole message.

use super::{
    encode_attribute, encode_certificates, encode_content_info, encode_issuer_and_serial, encode_signed_attributes,
};
use crate::algorithm::{Digest, SignatureAlgorithm};
use crate::asn1::write;
use crate::asn1::{SET, context_constructed};
use crate::certificate::Certificate;
use crate::tsp::TimeStampToken;
use crate::{Error, oid};

/// Signed attributes that wait for their signature.
///
/// ```
/// # use pki::{Certificate, DigestAlgorithm};
/// # fn example(signer: &Certificate, key_server: impl Fn(&pki::Digest) -> Vec<u8>) -> Result<(), pki::Error> {
/// let algorithm = signer.public_key().kind().default_signature_algorithm();
/// let content = algorithm.digest.digest_parts([&b"before the hole"[..], b"after it"]);
/// let attributes = pki::SignedAttributes::new(&content, signer, algorithm)?;
/// let signature = key_server(&attributes.digest()); // all that leaves
/// let message: Vec<u8> = attributes.assemble(&signature, &[signer.clone()], None);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone)]
pub struct SignedAttributes {
    der: Vec<u8>,
    signer: Certificate,
    algorithm: SignatureAlgorithm,
}

impl SignedAttributes {
    /// `content` is the digest over the ByteRange, by the digest of `algorithm`.
    ///
    /// # Errors
    /// [`Error::DigestAlgorithmMismatch`], and [`Error::WeakDigest`] for SHA-1.
    pub fn new(content: &Digest, signer: &Certificate, algorithm: SignatureAlgorithm) -> Result<Self, Error> {
        let expected = algorithm.digest.strong()?;
        if content.algorithm() != expected {
            return Err(Error::DigestAlgorithmMismatch { expected, found: content.algorithm() });
        }
        let der = encode_signed_attributes(oid::DATA, content, signer);
        Ok(Self { der, signer: signer.clone(), algorithm })
    }

    /// The SET OF Attribute that is signed.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// What is to be signed.
    pub fn digest(&self) -> Digest {
        self.algorithm.digest.digest(&self.der)
    }

    /// How it is to be signed.
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// The message, a ContentInfo. The signer's certificate is there even if `chain` lacks it. `time_stamp` is over the
    /// digest of `signature` (RFC 3161 appendix A).
    ///
    /// ```text
    /// SignedData ::= SEQUENCE {
    ///    version INTEGER, digestAlgorithms SET OF AlgorithmIdentifier, encapContentInfo EncapsulatedContentInfo,
    ///    certificates [0] IMPLICIT SET OF Certificate OPTIONAL, crls [1] OPTIONAL, signerInfos SET OF SignerInfo }
    /// SignerInfo ::= SEQUENCE {
    ///    version INTEGER, sid SignerIdentifier, digestAlgorithm AlgorithmIdentifier,
    ///    signedAttrs [0] IMPLICIT SET OF Attribute OPTIONAL, signatureAlgorithm AlgorithmIdentifier,
    ///    signature OCTET STRING, unsignedAttrs [1] IMPLICIT SET OF Attribute OPTIONAL }
    /// ```
    pub fn assemble(self, signature: &[u8], chain: &[Certificate], time_stamp: Option<&TimeStampToken>) -> Vec<u8> {
        let digest_algorithm = self.algorithm.digest.algorithm_identifier_der();
        let mut signed_attributes = self.der;
        signed_attributes[0] = context_constructed(0);
        let unsigned_attributes = time_stamp
            .map(|token| encode_attribute(oid::SIGNATURE_TIME_STAMP, token.der()))
            .map(|attribute| write::element(context_constructed(1), &[&attribute]))
            .unwrap_or_default();
        // Version 1: the signer is named by issuer and serial number, and the content is id-data.
        let signer_info = write::sequence(&[
            &write::unsigned(1),
            &encode_issuer_and_serial(self.signer.issuer(), self.signer.serial()),
            &digest_algorithm,
            &signed_attributes,
            &self.algorithm.cms_algorithm_identifier_der(),
            &write::octet_string(signature),
            &unsigned_attributes,
        ]);
        encode_content_info(&write::sequence(&[
            &write::unsigned(1),
            &write::element(SET, &[&digest_algorithm]),
            &write::sequence(&[&write::oid(oid::DATA)]),
            &encode_certificates(&self.signer, chain),
            &write::element(SET, &[&signer_info]),
        ]))
    }
}
