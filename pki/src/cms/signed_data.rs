//! Reading SignedData, RFC 5652 §5. In: a ContentInfo as it came, with the zero padding that a PDF leaves after it.
//! Out: what it says, over the original octets. SETs that are out of order are read, and reported.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, OnceLock};

use super::{Attribute, CertificateReference, SigningCertificates};
use crate::algorithm::{Digest, DigestAlgorithm, SignatureAlgorithm};
use crate::asn1::{self, Element, OCTET_STRING, OID, Reader, SEQUENCE, context_constructed};
use crate::certificate::Certificate;
use crate::name::Name;
use crate::serial::SerialNumber;
use crate::tsp::TimeStampToken;
use crate::{Error, ObjectIdentifier, ber, oid};

mod reading;
mod verifying;

use reading::{attributes_as_sent, protected, read_signed_data};
pub use verifying::SignedForm;

const WHAT: &str = "CMS message";

/// A signed message; it keeps the DER that it was read from, and is equal to another by it. Cheap to clone.
#[derive(Clone)]
pub struct SignedData(Arc<Inner>);

struct Inner {
    der: Vec<u8>,
    source: Source,
    version: u64,
    digest_algorithms: Vec<ObjectIdentifier>,
    content_type: ObjectIdentifier,
    content: Option<std::ops::Range<usize>>,
    certificates: Vec<Certificate>,
    unreadable_certificates: usize,
    has_crls: bool,
    revocation_data: EmbeddedRevocationData,
    signer_count: usize,
    signer: Signer,
    /// Of a message that came in BER: its signed attributes before the conversion, if they were others.
    attributes_as_sent: Option<Vec<u8>>,
    /// The signature time-stamps, read when they are first asked for: each is a message of its own.
    time_stamps: OnceLock<Vec<Result<TimeStampToken, Error>>>,
}

/// Revocation data inside a message, each in DER. What cannot be read at all is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EmbeddedRevocationData {
    /// CRLs.
    pub crls: Vec<Vec<u8>>,
    /// OCSP responses, whole.
    pub ocsp_responses: Vec<Vec<u8>>,
}

/// How the message stood in what it was read from.
#[derive(Debug, Clone, Copy)]
struct Source {
    was_ber: bool,
    /// Zero octets right after the message.
    padding: usize,
    /// Octets after those.
    trailing: usize,
}

/// The first SignerInfo.
struct Signer {
    identifier: SignerIdentifier,
    digest_algorithm_oid: ObjectIdentifier,
    digest_algorithm: Result<DigestAlgorithm, Error>,
    /// Identifiers and parameters of both algorithms, to compare with the cms-algorithm-protection attribute.
    digest_identifier: Protected,
    signature_identifier: Protected,
    signature_algorithm: Result<SignatureAlgorithm, Error>,
    signed_attributes_der: Option<Vec<u8>>,
    signed_attributes_sorted: bool,
    signed_attributes: Vec<Attribute>,
    unsigned_attributes: Vec<Attribute>,
    signature: Vec<u8>,
}

/// An algorithm's identifier and its parameters in DER; NULL counts as none.
type Protected = (ObjectIdentifier, Option<Vec<u8>>);

/// ```text
/// SignerIdentifier ::= CHOICE { issuerAndSerialNumber IssuerAndSerialNumber, subjectKeyIdentifier [0] OCTET STRING }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignerIdentifier {
    /// issuerAndSerialNumber.
    IssuerAndSerial {
        /// The issuer of the signer's certificate.
        issuer: Name,
        /// Its serial number.
        serial: SerialNumber,
    },
    /// subjectKeyIdentifier.
    KeyIdentifier(Vec<u8>),
}

impl SignedData {
    /// Reads DER. Zero octets after the message are counted, anything else there is an error.
    ///
    /// # Errors
    /// [`Error::Malformed`] if it is no such message with one signer at least; [`Error::IndefiniteLength`] if it is BER.
    pub fn from_der(bytes: &[u8]) -> Result<Self, Error> {
        let mut outer = Reader::new(bytes, WHAT);
        let content_info = outer.expect(SEQUENCE, "ContentInfo")?;
        let source = Source::new(outer.rest(), false);
        if source.trailing > 0 {
            return Err(content_info.malformed("zero padding after the message", "other octets"));
        }
        Self::read(content_info, source)
    }

    /// Reads BER too, by converting it to DER first, and counts whatever stands after the message: for telling what a
    /// message says that breaks the rules of PAdES. What was DER inside keeps its octets.
    ///
    /// # Errors
    /// [`Error::Malformed`] if it is no such message with one signer at least.
    pub fn from_ber(bytes: &[u8]) -> Result<Self, Error> {
        let (der, taken) = ber::to_der(bytes, WHAT)?;
        let source = Source::new(&bytes[taken..], der != bytes[..taken]);
        let mut inner = Self::inner(asn1::single(&der, SEQUENCE, WHAT)?, source)?;
        if source.was_ber {
            let as_sent = attributes_as_sent(&bytes[..taken]);
            inner.attributes_as_sent = as_sent.filter(|sent| inner.signer.signed_attributes_der.as_ref() != Some(sent));
        }
        Ok(Self(Arc::new(inner)))
    }

    fn read(content_info: Element<'_>, source: Source) -> Result<Self, Error> {
        Self::inner(content_info, source).map(|inner| Self(Arc::new(inner)))
    }

    fn inner(content_info: Element<'_>, source: Source) -> Result<Inner, Error> {
        let mut reader = content_info.reader();
        let kind = reader.expect(OID, "content type")?.oid()?;
        if kind != oid::SIGNED_DATA {
            return Err(Error::ContentType { expected: oid::SIGNED_DATA, found: kind });
        }
        let signed_data = reader.expect(context_constructed(0), "content")?.explicit(SEQUENCE, "SignedData")?;
        reader.finish()?;
        read_signed_data(content_info.raw, source, &signed_data)
    }

    /// The message without padding: as it came, or converted if it [was BER](Self::was_ber).
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// Whether the message came in BER that is not DER; only [`from_ber`](Self::from_ber) reads such.
    pub fn was_ber(&self) -> bool {
        self.0.source.was_ber
    }

    /// How many zero octets stood right after the message.
    pub fn padding(&self) -> usize {
        self.0.source.padding
    }

    /// How many octets stood after the padding, the first of them not zero; only [`from_ber`](Self::from_ber) reads such.
    pub fn trailing_octets(&self) -> usize {
        self.0.source.trailing
    }

    /// SignedData.version.
    pub fn version(&self) -> u64 {
        self.0.version
    }

    /// eContentType: id-data in a seal, id-ct-TSTInfo in a time-stamp.
    pub fn content_type(&self) -> ObjectIdentifier {
        self.0.content_type
    }

    /// eContent, if the message carries its content.
    pub fn content(&self) -> Option<&[u8]> {
        self.0.content.clone().map(|range| &self.0.der[range])
    }

    /// Whether the message carries its content; a seal in a PDF must not.
    pub fn has_econtent(&self) -> bool {
        self.0.content.is_some()
    }

    /// digestAlgorithms.
    pub fn digest_algorithms(&self) -> &[ObjectIdentifier] {
        &self.0.digest_algorithms
    }

    /// Certificates that can be read, in the order in which they came.
    pub fn certificates(&self) -> &[Certificate] {
        &self.0.certificates
    }

    /// How many certificates, or what stands in their place, cannot be read.
    pub fn unreadable_certificates(&self) -> usize {
        self.0.unreadable_certificates
    }

    /// Whether there is a crls field.
    pub fn has_crls(&self) -> bool {
        self.0.has_crls
    }

    /// CRLs and OCSP responses that the message carries: in its crls field, and in the attribute of Adobe
    /// (adbe-revocationInfoArchival). PAdES puts them into the security store of the file instead.
    pub fn revocation_data(&self) -> &EmbeddedRevocationData {
        &self.0.revocation_data
    }

    /// How many SignerInfos there are: at least one; what this type says is about the first.
    pub fn signer_count(&self) -> usize {
        self.0.signer_count
    }

    /// sid.
    pub fn signer_identifier(&self) -> &SignerIdentifier {
        &self.0.signer.identifier
    }

    /// The certificate that sid names. Of several, the one that the signing-certificate attribute refers to.
    pub fn signer_certificate(&self) -> Option<&Certificate> {
        let mut named = self.certificates().iter().filter(|certificate| self.signer_identifier().names(certificate));
        let first = named.next();
        let referred = self.signing_certificate_references().ok().and_then(|references| {
            let reference = references.into_iter().next()?;
            first.into_iter().chain(named).find(|certificate| reference.check(certificate).is_ok())
        });
        referred.or(first)
    }

    /// SignerInfo.digestAlgorithm; an error if it is not offered here.
    ///
    /// # Errors
    /// [`Error::UnsupportedAlgorithm`].
    pub fn digest_algorithm(&self) -> Result<DigestAlgorithm, Error> {
        self.0.signer.digest_algorithm.clone()
    }

    /// The identifier of SignerInfo.digestAlgorithm, also if it is not offered here.
    pub fn digest_algorithm_oid(&self) -> ObjectIdentifier {
        self.0.signer.digest_algorithm_oid
    }

    /// The identifier of SignerInfo.signatureAlgorithm, also if it is not offered here.
    pub fn signature_algorithm_oid(&self) -> ObjectIdentifier {
        self.0.signer.signature_identifier.0
    }

    /// SignerInfo.signatureAlgorithm; an error if it is not offered here. Its digest may differ from
    /// [`digest_algorithm`](Self::digest_algorithm) in a wrong message, which then does not verify.
    ///
    /// # Errors
    /// [`Error::UnsupportedAlgorithm`], [`Error::UnsupportedParameters`].
    pub fn signature_algorithm(&self) -> Result<SignatureAlgorithm, Error> {
        self.0.signer.signature_algorithm.clone()
    }

    /// Whether the cms-algorithm-protection attribute, if there is one, names the algorithms of SignerInfo (RFC 6211 §3).
    ///
    /// ```text
    /// CMSAlgorithmProtection ::= SEQUENCE {
    ///     digestAlgorithm     DigestAlgorithmIdentifier,
    ///     signatureAlgorithm  [1] SignatureAlgorithmIdentifier OPTIONAL,
    ///     macAlgorithm        [2] MessageAuthenticationCodeAlgorithm OPTIONAL }
    /// ```
    ///
    /// # Errors
    /// [`Error::Malformed`] if it names others or cannot be read; [`Error::AttributeCount`] if it is there more than once.
    pub fn check_algorithm_protection(&self) -> Result<(), Error> {
        const ATTRIBUTE: &str = "cms-algorithm-protection";
        let value = match self.signed_attribute(oid::CMS_ALGORITHM_PROTECTION, ATTRIBUTE) {
            Ok(value) => asn1::single(value, SEQUENCE, ATTRIBUTE)?,
            Err(Error::AttributeCount { found: 0, .. }) => return Ok(()),
            Err(error) => return Err(error),
        };
        let mut reader = value.reader();
        let digest = protected(&reader.expect(SEQUENCE, "digest algorithm")?)?;
        let signature = reader.expect(context_constructed(1), "signature algorithm")?;
        reader.finish()?;
        let signer = &self.0.signer;
        if digest != signer.digest_identifier || protected(&signature)? != signer.signature_identifier {
            return Err(value.malformed("the algorithms of the signer information", "others"));
        }
        Ok(())
    }

    /// SignerInfo.signature: what a signature time-stamp is over.
    pub fn signature_value(&self) -> &[u8] {
        &self.0.signer.signature
    }

    /// signedAttrs as they came, with the tag of a SET: the octets that are signed if they are sorted.
    pub fn signed_attributes_der(&self) -> Option<&[u8]> {
        self.0.signer.signed_attributes_der.as_deref()
    }

    /// Whether signedAttrs are in the order that DER asks for.
    pub fn signed_attributes_sorted(&self) -> bool {
        self.0.signer.signed_attributes_sorted
    }

    /// Signed attributes, in the order in which they came.
    pub fn signed_attributes(&self) -> &[Attribute] {
        &self.0.signer.signed_attributes
    }

    /// Unsigned attributes, in the order in which they came.
    pub fn unsigned_attributes(&self) -> &[Attribute] {
        &self.0.signer.unsigned_attributes
    }

    /// The only value of a signed attribute that must be there once.
    ///
    /// # Errors
    /// [`Error::AttributeCount`] if it is not there once with one value.
    pub fn signed_attribute(&self, identifier: ObjectIdentifier, attribute: &'static str) -> Result<&[u8], Error> {
        let mut found = self.signed_attributes().iter().filter(|candidate| candidate.oid == identifier);
        match (found.next(), found.count()) {
            (Some(Attribute { values, .. }), 0) if values.len() == 1 => Ok(&values[0]),
            (Some(Attribute { values, .. }), 0) => Err(Error::AttributeCount { attribute, found: values.len() }),
            (first, more) => Err(Error::AttributeCount { attribute, found: usize::from(first.is_some()) + more }),
        }
    }

    /// The content-type attribute.
    ///
    /// # Errors
    /// [`Error::AttributeCount`], [`Error::Malformed`].
    pub fn content_type_attribute(&self) -> Result<ObjectIdentifier, Error> {
        asn1::single(self.signed_attribute(oid::CONTENT_TYPE, "content-type")?, OID, "content-type")?.oid()
    }

    /// The message-digest attribute.
    ///
    /// # Errors
    /// [`Error::AttributeCount`], [`Error::Malformed`], [`Error::DigestLength`], [`Error::UnsupportedAlgorithm`].
    pub fn message_digest(&self) -> Result<Digest, Error> {
        let value = self.signed_attribute(oid::MESSAGE_DIGEST, "message-digest")?;
        Digest::new(self.digest_algorithm()?, asn1::single(value, OCTET_STRING, "message-digest")?.value)
    }

    /// Whether the message-digest attribute is `content`, the digest of what was signed.
    ///
    /// # Errors
    /// [`Error::DigestMismatch`], [`Error::DigestAlgorithmMismatch`]; those of [`message_digest`](Self::message_digest).
    pub fn check_message_digest(&self, content: &Digest) -> Result<(), Error> {
        let stated = self.message_digest()?;
        if stated.algorithm() != content.algorithm() {
            return Err(Error::DigestAlgorithmMismatch { expected: stated.algorithm(), found: content.algorithm() });
        }
        if stated != *content {
            let (stated, computed) = (Box::new(stated), Box::new(content.clone()));
            return Err(Error::DigestMismatch { what: "message-digest", stated, computed });
        }
        Ok(())
    }

    /// The references of signing-certificate-v2, or of its version 1 if that is there instead. The first is the signer's.
    /// [`signing_certificates`](Self::signing_certificates) has both.
    ///
    /// # Errors
    /// [`Error::AttributeCount`] if neither is there once; [`Error::Malformed`], [`Error::UnsupportedAlgorithm`].
    pub fn signing_certificate_references(&self) -> Result<Vec<CertificateReference>, Error> {
        match self.signed_attribute(oid::SIGNING_CERTIFICATE_V2, "signing-certificate-v2") {
            Ok(value) => CertificateReference::read_v2(value),
            Err(missing @ Error::AttributeCount { found: 0, .. }) => {
                match self.signed_attribute(oid::SIGNING_CERTIFICATE, "signing-certificate") {
                    Ok(value) => CertificateReference::read_v1(value),
                    Err(Error::AttributeCount { found: 0, .. }) => Err(missing),
                    Err(error) => Err(error),
                }
            }
            Err(error) => Err(error),
        }
    }

    /// What both versions of the signing-certificate attribute refer to. An attribute that is there twice, or has several
    /// values, is an error in its place.
    pub fn signing_certificates(&self) -> SigningCertificates {
        let value = |identifier, attribute| match self.signed_attribute(identifier, attribute) {
            Err(Error::AttributeCount { found: 0, .. }) if !self.has_signed_attribute(identifier) => None,
            found => Some(found),
        };
        SigningCertificates {
            version_2: value(oid::SIGNING_CERTIFICATE_V2, "signing-certificate-v2")
                .map(|value| value.and_then(CertificateReference::read_v2)),
            version_1: value(oid::SIGNING_CERTIFICATE, "signing-certificate")
                .map(|value| value.and_then(CertificateReference::read_v1)),
        }
    }

    fn has_signed_attribute(&self, identifier: ObjectIdentifier) -> bool {
        self.signed_attributes().iter().any(|attribute| attribute.oid == identifier)
    }

    /// Whether the first reference of each signing-certificate attribute is to `signer` (RFC 5035 §4): version 1 must not
    /// contradict version 2.
    ///
    /// # Errors
    /// Those of [`SigningCertificates::check`].
    pub fn check_signing_certificate(&self, signer: &Certificate) -> Result<(), Error> {
        self.signing_certificates().check(signer)
    }

    /// Signed attributes that are there more than once, or have no value or several where RFC 5652 §11, RFC 5035 §3 and
    /// RFC 6211 §2 allow one: readers that take the first and readers that take the last see different messages.
    pub fn ambiguous_signed_attributes(&self) -> Vec<ObjectIdentifier> {
        const SINGLE: [ObjectIdentifier; 6] = [
            oid::CONTENT_TYPE,
            oid::MESSAGE_DIGEST,
            oid::SIGNING_TIME,
            oid::SIGNING_CERTIFICATE,
            oid::SIGNING_CERTIFICATE_V2,
            oid::CMS_ALGORITHM_PROTECTION,
        ];
        let (mut seen, mut reported) = (HashSet::new(), HashSet::new());
        let ambiguous = |attribute: &&Attribute| {
            let repeated = !seen.insert(attribute.oid);
            repeated || SINGLE.contains(&attribute.oid) && attribute.values.len() != 1
        };
        let found: Vec<_> = self.signed_attributes().iter().filter(ambiguous).map(|attribute| attribute.oid).collect();
        found.into_iter().filter(|identifier| reported.insert(*identifier)).collect()
    }

    /// The signature-time-stamp attributes, in their order, each read once: the token, or what is wrong with it.
    pub fn time_stamps(&self) -> &[Result<TimeStampToken, Error>] {
        self.0.time_stamps.get_or_init(|| {
            let attributes =
                self.unsigned_attributes().iter().filter(|candidate| candidate.oid == oid::SIGNATURE_TIME_STAMP);
            attributes.flat_map(|attribute| &attribute.values).map(|value| TimeStampToken::from_ber(value)).collect()
        })
    }

    /// The signature-time-stamp attributes that can be read, in their order.
    pub fn signature_time_stamps(&self) -> Vec<TimeStampToken> {
        self.time_stamps().iter().filter_map(|token| token.as_ref().ok().cloned()).collect()
    }

    /// What is wrong with the signature-time-stamp attributes that cannot be read.
    pub fn unreadable_time_stamps(&self) -> Vec<Error> {
        self.time_stamps().iter().filter_map(|token| token.as_ref().err().cloned()).collect()
    }
}

impl Source {
    fn new(rest: &[u8], was_ber: bool) -> Self {
        let padding = rest.iter().take_while(|&&byte| byte == 0).count();
        Self { was_ber, padding, trailing: rest.len() - padding }
    }
}

impl PartialEq for SignedData {
    fn eq(&self, other: &Self) -> bool {
        self.der() == other.der()
    }
}

impl Eq for SignedData {}

impl fmt::Debug for SignedData {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SignedData({} by {})", self.content_type(), self.signer_identifier())
    }
}

impl SignerIdentifier {
    /// Whether this certificate is meant.
    pub fn names(&self, certificate: &Certificate) -> bool {
        match self {
            Self::IssuerAndSerial { issuer, serial } => {
                serial == certificate.serial() && issuer.matches(certificate.issuer())
            }
            Self::KeyIdentifier(identifier) => certificate.subject_key_identifier().as_ref() == Some(identifier),
        }
    }
}

impl fmt::Display for SignerIdentifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IssuerAndSerial { issuer, serial } => write!(formatter, "{serial} of {issuer}"),
            Self::KeyIdentifier(identifier) => {
                formatter.write_str("key ")?;
                identifier.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
            }
        }
    }
}
