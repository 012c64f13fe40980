//! Reading OCSP answers, RFC 6960 §4.2 and §3.2. In: an OCSPResponse as it came. Out: statuses, and who signed them.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

use super::{CertificateId, CertificateStatus, OcspRefusal, SingleResponse, read_nonce};
use crate::algorithm::{Digest, DigestAlgorithm, SignatureAlgorithm};
use crate::asn1::{
    self, BIT_STRING, ENUMERATED, Element, GENERALIZED_TIME, OCTET_STRING, OID, Reader, SEQUENCE, context,
    context_constructed,
};
use crate::certificate::{Certificate, KeyHolder};
use crate::extension::Extension;
use crate::name::Name;
use crate::revocation_reason::RevocationReason;
use crate::{Error, ObjectIdentifier, oid};

/// What came back from a responder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OcspResponse {
    /// A signed answer.
    Successful(SuccessfulOcspResponse),
    /// No answer; nothing of this is signed.
    Refused(OcspRefusal),
}

/// Who answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResponderId {
    /// The subject name of the responder's certificate.
    Name(Name),
    /// SHA-1 of the responder's key.
    Key(Vec<u8>),
}

/// A signed answer; it keeps the DER of the whole OCSPResponse, and is equal to another by it. Cheap to clone.
#[derive(Clone)]
pub struct SuccessfulOcspResponse(pub(super) Arc<Inner>);

pub(super) struct Inner {
    der: Vec<u8>,
    response_data: std::ops::Range<usize>,
    signature: Vec<u8>,
    algorithm: Result<SignatureAlgorithm, Error>,
    responder: ResponderId,
    produced_at: Timestamp,
    responses: Vec<SingleResponse>,
    nonce: Option<Vec<u8>>,
    certificates: Vec<Certificate>,
    /// Critical extensions of the response that are not known here.
    pub(super) critical: Vec<ObjectIdentifier>,
    /// The same of each answer.
    pub(super) critical_in_answers: Vec<Vec<ObjectIdentifier>>,
}

impl OcspResponse {
    /// ```text
    /// OCSPResponse ::= SEQUENCE { responseStatus ENUMERATED, responseBytes [0] EXPLICIT ResponseBytes OPTIONAL }
    /// ResponseBytes ::= SEQUENCE { responseType OBJECT IDENTIFIER, response OCTET STRING }
    /// ```
    ///
    /// # Errors
    /// [`Error::Malformed`] if it is no response.
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        let mut reader = asn1::single(der, SEQUENCE, "OCSPResponse")?.reader();
        let status = reader.expect(ENUMERATED, "response status")?;
        let bytes = reader.optional(context_constructed(0))?;
        reader.finish()?;
        if status.value != [0] {
            let refusal = OcspRefusal::ALL.into_iter().find(|refusal| status.value == [*refusal as u8]);
            let refusal = refusal.ok_or_else(|| status.malformed("a response status", asn1::shown(status.value)))?;
            return Ok(Self::Refused(refusal));
        }
        let bytes = bytes.ok_or_else(|| status.malformed("response bytes", "none"))?;
        let mut bytes = bytes.explicit(SEQUENCE, "response bytes")?.reader();
        let kind = bytes.expect(OID, "response type")?.oid()?;
        if kind != oid::OCSP_BASIC {
            return Err(Error::ContentType { expected: oid::OCSP_BASIC, found: kind });
        }
        let basic = bytes.expect(OCTET_STRING, "response")?;
        bytes.finish()?;
        read_basic(der, &basic.explicit(SEQUENCE, "basic response")?).map(Self::Successful)
    }

    /// The signed answer, if it is one.
    pub fn successful(&self) -> Option<&SuccessfulOcspResponse> {
        match self {
            Self::Successful(response) => Some(response),
            Self::Refused(_) => None,
        }
    }

    /// The signed answer, or [`Error::OcspRefused`].
    ///
    /// # Errors
    /// [`Error::OcspRefused`].
    pub fn into_successful(self) -> Result<SuccessfulOcspResponse, Error> {
        match self {
            Self::Successful(response) => Ok(response),
            Self::Refused(refusal) => Err(Error::OcspRefused { refusal }),
        }
    }

    /// The DER of the whole OCSPResponse.
    pub fn der(&self) -> Vec<u8> {
        match self {
            Self::Successful(response) => response.der().to_vec(),
            Self::Refused(refusal) => refusal.to_der(),
        }
    }

    /// The answers; none in a refusal.
    pub fn responses(&self) -> &[SingleResponse] {
        self.successful().map_or(&[], SuccessfulOcspResponse::responses)
    }

    /// See [`SuccessfulOcspResponse::verify`]; a refusal is [`Error::OcspRefused`].
    ///
    /// # Errors
    /// Those of [`verify_with`](SuccessfulOcspResponse::verify_with); a refusal is [`Error::OcspRefused`].
    pub fn verify<'a>(&self, issuer: impl Into<KeyHolder<'a>>, at: Timestamp) -> Result<Certificate, Error> {
        match self {
            Self::Successful(response) => response.verify(issuer, at),
            Self::Refused(refusal) => Err(Error::OcspRefused { refusal: *refusal }),
        }
    }
}

impl SuccessfulOcspResponse {
    /// The DER of the whole OCSPResponse as it came, as it belongs into a security store.
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// producedAt: when the answer was signed.
    pub fn produced_at(&self) -> Timestamp {
        self.0.produced_at
    }

    /// The answers.
    pub fn responses(&self) -> &[SingleResponse] {
        &self.0.responses
    }

    /// The nonce, to be compared with that of the request.
    pub fn nonce(&self) -> Option<&[u8]> {
        self.0.nonce.as_deref()
    }

    /// Certificates in the answer that can be read, in their order.
    pub fn certificates(&self) -> &[Certificate] {
        &self.0.certificates
    }

    /// responderID.
    pub fn responder(&self) -> &ResponderId {
        &self.0.responder
    }

    /// How it is signed; an error if the algorithm is not offered here.
    ///
    /// # Errors
    /// [`Error::UnsupportedAlgorithm`], [`Error::UnsupportedParameters`].
    pub fn signature_algorithm(&self) -> Result<SignatureAlgorithm, Error> {
        self.0.algorithm.clone()
    }

    /// Verifies that the CA `issuer` answers, itself or through a responder whose certificate it issued for
    /// OCSPSigning (§4.2.2.2), valid at `at`. Gives the responder's certificate (`issuer`, if it signed itself); the
    /// revocation status of a delegated responder is judged elsewhere.
    ///
    /// # Errors
    /// Those of [`verify_with`](SuccessfulOcspResponse::verify_with); a refusal is [`Error::OcspRefused`].
    pub fn verify<'a>(&self, issuer: impl Into<KeyHolder<'a>>, at: Timestamp) -> Result<Certificate, Error> {
        self.verify_with(issuer, &[], at)
    }

    /// Like [`verify`](Self::verify), with responder certificates that are known from elsewhere.
    ///
    /// # Errors
    /// [`Error::ResponderUnknown`] if no certificate is that of the responder; those of [`Certificate::verify_issued_by`],
    /// [`Certificate::check_ocsp_responder`] and [`verify_signature`](Self::verify_signature).
    pub fn verify_with<'a>(
        &self,
        issuer: impl Into<KeyHolder<'a>>,
        known: &[Certificate],
        at: Timestamp,
    ) -> Result<Certificate, Error> {
        let holder = issuer.into();
        let issuer = holder.certificate();
        let offered = self.0.certificates.len() + known.len();
        let mut failure = Error::ResponderUnknown { responder: self.0.responder.to_string(), offered };
        let candidates = std::iter::once(issuer).chain(&self.0.certificates).chain(known);
        for candidate in candidates.filter(|candidate| self.0.responder.names(candidate)) {
            let authorized = if candidate == issuer { Ok(()) } else { check_delegated(candidate, holder, at) };
            match authorized.and_then(|()| self.verify_signature(holder.other(candidate))) {
                Ok(()) => return Ok(candidate.clone()),
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    /// Whether the key of `responder` made the signature. Whether it may is not looked at.
    ///
    /// # Errors
    /// Those of [`PublicKey::verify`](crate::PublicKey::verify).
    pub fn verify_signature<'a>(&self, responder: impl Into<KeyHolder<'a>>) -> Result<(), Error> {
        let data = &self.0.der[self.0.response_data.clone()];
        responder.into().verify_message(self.signature_algorithm()?, data, &self.0.signature, "OCSP response")
    }
}

impl PartialEq for SuccessfulOcspResponse {
    fn eq(&self, other: &Self) -> bool {
        self.der() == other.der()
    }
}

impl Eq for SuccessfulOcspResponse {}

impl fmt::Debug for SuccessfulOcspResponse {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "SuccessfulOcspResponse({} at {}: {:?})",
            self.responder(),
            self.produced_at(),
            self.responses()
        )
    }
}

impl ResponderId {
    /// Whether this certificate's subject is meant.
    pub fn names(&self, certificate: &Certificate) -> bool {
        match self {
            Self::Name(name) => name.matches(certificate.subject()),
            Self::Key(identifier) => certificate.public_key().key_identifier()[..] == identifier[..],
        }
    }
}

impl fmt::Display for ResponderId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(formatter, "{name}"),
            Self::Key(identifier) => identifier.iter().try_for_each(|byte| write!(formatter, "{byte:02x}")),
        }
    }
}

/// RFC 6960 §4.2.2.2: issued by the CA itself, and [fit to answer](Certificate::check_ocsp_responder).
fn check_delegated(responder: &Certificate, issuer: KeyHolder<'_>, at: Timestamp) -> Result<(), Error> {
    responder.verify_issued_by(issuer)?;
    responder.check_ocsp_responder(at)
}

fn read_basic(der: &[u8], basic: &Element<'_>) -> Result<SuccessfulOcspResponse, Error> {
    let mut reader = basic.reader();
    let data = reader.expect(SEQUENCE, "response data")?;
    let algorithm = SignatureAlgorithm::read(&reader.expect(SEQUENCE, "signature algorithm")?);
    let signature = reader.expect(BIT_STRING, "signature")?.bit_octets()?.to_vec();
    let certificates = match reader.optional(context_constructed(0))? {
        Some(element) => read_certificates(element.explicit(SEQUENCE, "certificates")?.reader())?,
        None => Vec::new(),
    };
    reader.finish()?;
    let mut reader = data.reader();
    reader.optional(context_constructed(0))?;
    let responder = read_responder(&reader.element()?)?;
    let produced_at = reader.expect(GENERALIZED_TIME, "time of production")?.time()?;
    let mut list = reader.sequence("responses")?;
    let (mut responses, mut critical_in_answers) = (Vec::new(), Vec::new());
    while !list.at_end() {
        let (response, critical) = read_single(list.sequence("response")?)?;
        responses.push(response);
        critical_in_answers.push(critical);
    }
    let extensions = read_extensions(&mut reader, 1)?;
    reader.finish()?;
    let nonce = extension(&extensions, oid::OCSP_NONCE).and_then(|value| read_nonce(value).ok());
    Ok(SuccessfulOcspResponse(Arc::new(Inner {
        der: der.to_vec(),
        response_data: data.range(),
        signature,
        algorithm,
        responder,
        produced_at,
        responses,
        nonce,
        certificates,
        critical: unknown_critical(&extensions, &[oid::OCSP_NONCE]),
        critical_in_answers,
    })))
}

fn read_certificates(mut reader: Reader<'_>) -> Result<Vec<Certificate>, Error> {
    let mut certificates = Vec::new();
    while !reader.at_end() {
        certificates.extend(Certificate::from_der(reader.expect(SEQUENCE, "certificate")?.raw));
    }
    Ok(certificates)
}

/// ```text
/// ResponderID ::= CHOICE { byName [1] EXPLICIT Name, byKey [2] EXPLICIT OCTET STRING }
/// ```
fn read_responder(element: &Element<'_>) -> Result<ResponderId, Error> {
    const BY_NAME: u8 = context_constructed(1);
    const BY_KEY: u8 = context_constructed(2);
    match element.tag {
        BY_NAME => Ok(ResponderId::Name(Name::read(&element.explicit(SEQUENCE, "responder name")?)?)),
        BY_KEY => Ok(ResponderId::Key(element.explicit(OCTET_STRING, "responder key")?.value.to_vec())),
        tag => Err(element.malformed("a responder by name or key", format!("tag {tag:02x}"))),
    }
}

fn read_single(mut reader: Reader<'_>) -> Result<(SingleResponse, Vec<ObjectIdentifier>), Error> {
    let id = CertificateId::read(&reader.expect(SEQUENCE, "certificate identifier")?)?;
    let status = read_status(&reader.element()?)?;
    let this_update = reader.expect(GENERALIZED_TIME, "time of this update")?.time()?;
    let next_update = reader.optional(context_constructed(0))?;
    let next_update = next_update.map(|element| element.explicit(GENERALIZED_TIME, "time of next update")?.time());
    let extensions = read_extensions(&mut reader, 1)?;
    reader.finish()?;
    let archive_cutoff = extension(&extensions, oid::OCSP_ARCHIVE_CUTOFF)
        .map(|value| asn1::single(value, GENERALIZED_TIME, "archive cutoff")?.time());
    let critical = unknown_critical(&extensions, &[oid::OCSP_ARCHIVE_CUTOFF, oid::OCSP_CERTIFICATE_HASH]);
    let response = SingleResponse {
        id,
        status,
        this_update,
        next_update: next_update.transpose()?,
        archive_cutoff: archive_cutoff.transpose()?,
        certificate_hash: extension(&extensions, oid::OCSP_CERTIFICATE_HASH).and_then(read_certificate_hash),
    };
    Ok((response, critical))
}

/// Critical extensions other than those known. A critical one that is known and cannot be read counts as unknown: what it
/// restricts is.
fn unknown_critical(extensions: &[Extension], known: &[ObjectIdentifier]) -> Vec<ObjectIdentifier> {
    let readable = |extension: &Extension| match extension.oid {
        oid::OCSP_NONCE => read_nonce(&extension.value).is_ok(),
        oid::OCSP_CERTIFICATE_HASH => read_certificate_hash(&extension.value).is_some(),
        _ => true,
    };
    let unknown =
        |extension: &&Extension| extension.critical && !(known.contains(&extension.oid) && readable(extension));
    extensions.iter().filter(unknown).map(|extension| extension.oid).collect()
}

fn read_status(element: &Element<'_>) -> Result<CertificateStatus, Error> {
    const GOOD: u8 = context(0);
    const REVOKED: u8 = context_constructed(1);
    const UNKNOWN: u8 = context(2);
    match element.tag {
        GOOD => Ok(CertificateStatus::Good),
        UNKNOWN => Ok(CertificateStatus::Unknown),
        REVOKED => {
            let mut reader = element.reader();
            let since = reader.expect(GENERALIZED_TIME, "time of revocation")?.time()?;
            let reason = reader.optional(context_constructed(0))?;
            let reason = reason.map(|reason| RevocationReason::read(&reason.explicit(ENUMERATED, "reason")?));
            reader.finish()?;
            Ok(CertificateStatus::Revoked { since, reason: reason.transpose()? })
        }
        tag => Err(element.malformed("a certificate status", format!("tag {tag:02x}"))),
    }
}

fn read_extensions(reader: &mut Reader<'_>, number: u8) -> Result<Vec<Extension>, Error> {
    match reader.optional(context_constructed(number))? {
        Some(element) => Extension::read_all(&element.explicit(SEQUENCE, "extensions")?),
        None => Ok(Vec::new()),
    }
}

fn extension(extensions: &[Extension], identifier: ObjectIdentifier) -> Option<&[u8]> {
    extensions.iter().find(|extension| extension.oid == identifier).map(|extension| extension.value.as_slice())
}

/// `CertHash ::= SEQUENCE { hashAlgorithm AlgorithmIdentifier, certificateHash OCTET STRING }`; what cannot be read is absent.
fn read_certificate_hash(value: &[u8]) -> Option<Digest> {
    let mut reader = asn1::single(value, SEQUENCE, "CertHash").ok()?.reader();
    let algorithm = DigestAlgorithm::read(&reader.expect(SEQUENCE, "hash algorithm").ok()?).ok()?;
    Digest::new(algorithm, reader.expect(OCTET_STRING, "hash").ok()?.value).ok()
}
