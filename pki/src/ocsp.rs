//! Online certificate status, RFC 6960. In: requests and responses as they came. Out: what they say, and new ones.

use std::fmt;

use jiff::Timestamp;

use crate::algorithm::{Digest, DigestAlgorithm, algorithm_identifier};
use crate::asn1::write;
use crate::asn1::{self, ENUMERATED, Element, INTEGER, OCTET_STRING, SEQUENCE};
use crate::certificate::Certificate;
use crate::revocation_reason::RevocationReason;
use crate::serial::SerialNumber;
use crate::{Error, ObjectIdentifier};

mod answer;
mod request;
mod response;
mod template;

pub use answer::Answers;
pub use request::OcspRequest;
pub use response::{OcspResponse, ResponderId, SuccessfulOcspResponse};
pub use template::{OcspTemplate, PendingOcsp};

/// Which certificate is meant: hashes of its issuer's name and key, and its serial number. It keeps the DER that it was
/// read from, because a responder must mirror it exactly; comparison is by what it says.
///
/// ```text
/// CertID ::= SEQUENCE {
///    hashAlgorithm AlgorithmIdentifier, issuerNameHash OCTET STRING, issuerKeyHash OCTET STRING, serialNumber INTEGER }
/// ```
#[derive(Clone)]
pub struct CertificateId {
    der: Vec<u8>,
    hash: ObjectIdentifier,
    name_hash: Vec<u8>,
    key_hash: Vec<u8>,
    serial: SerialNumber,
}

impl CertificateId {
    /// The identifier of the certificate with this serial number of this issuer. SHA-1 is what every responder knows.
    pub fn for_certificate(serial: &SerialNumber, issuer: &Certificate, hash: DigestAlgorithm) -> Self {
        let name_hash = hash.digest(issuer.subject().as_der()).as_bytes().to_vec();
        let key_hash = hash.digest(issuer.public_key().key_octets()).as_bytes().to_vec();
        let der = write::sequence(&[
            &hash.algorithm_identifier_der(),
            &write::octet_string(&name_hash),
            &write::octet_string(&key_hash),
            &serial.to_der(),
        ]);
        Self { der, hash: hash.oid(), name_hash, key_hash, serial: serial.clone() }
    }

    pub(crate) fn read(element: &Element<'_>) -> Result<Self, Error> {
        let mut reader = element.reader();
        let (hash, _) = algorithm_identifier(&reader.expect(SEQUENCE, "hash algorithm")?)?;
        let name_hash = reader.expect(OCTET_STRING, "hash of the issuer's name")?.value.to_vec();
        let key_hash = reader.expect(OCTET_STRING, "hash of the issuer's key")?.value.to_vec();
        let serial = SerialNumber::read(&reader.expect(INTEGER, "serial number")?)?;
        reader.finish()?;
        Ok(Self { der: element.raw.to_vec(), hash, name_hash, key_hash, serial })
    }

    /// The DER as it came.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The serial number of the certificate.
    pub fn serial(&self) -> &SerialNumber {
        &self.serial
    }

    /// The hash function; an error if it is not offered here, and then no issuer is named either.
    ///
    /// # Errors
    /// [`Error::UnsupportedAlgorithm`].
    pub fn hash_algorithm(&self) -> Result<DigestAlgorithm, Error> {
        DigestAlgorithm::from_oid(self.hash)
    }

    /// Whether name and key are those of this issuer.
    pub fn names_issuer(&self, issuer: &Certificate) -> bool {
        self.hash_algorithm().is_ok_and(|hash| {
            hash.digest(issuer.subject().as_der()).as_bytes() == self.name_hash
                && hash.digest(issuer.public_key().key_octets()).as_bytes() == self.key_hash
        })
    }

    /// Whether this certificate of this issuer is meant.
    pub fn names(&self, certificate: &Certificate, issuer: &Certificate) -> bool {
        self.serial == *certificate.serial() && self.names_issuer(issuer)
    }
}

impl PartialEq for CertificateId {
    fn eq(&self, other: &Self) -> bool {
        (self.hash, &self.name_hash, &self.key_hash, &self.serial)
            == (other.hash, &other.name_hash, &other.key_hash, &other.serial)
    }
}

impl Eq for CertificateId {}

impl fmt::Debug for CertificateId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "CertificateId({} by hash {})", self.serial, self.hash)
    }
}

/// ```text
/// CertStatus ::= CHOICE { good [0] NULL, revoked [1] RevokedInfo, unknown [2] NULL }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CertificateStatus {
    /// Not revoked.
    Good,
    /// Revoked, or on hold.
    Revoked {
        /// revocationTime.
        since: Timestamp,
        /// revocationReason; absent means unspecified.
        reason: Option<RevocationReason>,
    },
    /// The responder does not know the certificate.
    Unknown,
}

/// The answer on one certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SingleResponse {
    /// Which certificate; in an answer, the identifier of the request.
    pub id: CertificateId,
    /// certStatus.
    pub status: CertificateStatus,
    /// thisUpdate: when the status was known to be right.
    pub this_update: Timestamp,
    /// nextUpdate: when there will be newer information.
    pub next_update: Option<Timestamp>,
    /// archive cutoff (§4.4.4): certificates that expired after this time still have a status.
    pub archive_cutoff: Option<Timestamp>,
    /// certHash (Common PKI 2.0 part 4 §3.1.2): the responder has seen this very certificate.
    pub certificate_hash: Option<Digest>,
}

/// Why a responder gives no answer (§4.2.1, OCSPResponseStatus).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum OcspRefusal {
    /// The request is not an OCSPRequest.
    MalformedRequest = 1,
    /// The responder is in an inconsistent state.
    InternalError = 2,
    /// The responder cannot answer now.
    TryLater = 3,
    /// The request must be signed.
    SigRequired = 5,
    /// The client may not ask, or the responder does not answer for this CA.
    Unauthorized = 6,
}

impl OcspRefusal {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 5] =
        [Self::MalformedRequest, Self::InternalError, Self::TryLater, Self::SigRequired, Self::Unauthorized];

    /// `OCSPResponse ::= SEQUENCE { responseStatus ENUMERATED }`, without responseBytes.
    pub fn to_der(self) -> Vec<u8> {
        write::sequence(&[&write::element(ENUMERATED, &[&[self as u8]])])
    }

    /// Its name in RFC 6960 clause 4.2.1.
    pub fn name(self) -> &'static str {
        match self {
            Self::MalformedRequest => "malformedRequest",
            Self::InternalError => "internalError",
            Self::TryLater => "tryLater",
            Self::SigRequired => "sigRequired",
            Self::Unauthorized => "unauthorized",
        }
    }
}

impl fmt::Display for OcspRefusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// Longest nonce that RFC 9654 §2.1 has a responder accept.
const MAX_NONCE: usize = 128;

/// The nonce inside its extension value: an OCTET STRING, 1 to 128 octets (RFC 9654 §2.1).
fn read_nonce(value: &[u8]) -> Result<Vec<u8>, Error> {
    let nonce = asn1::single(value, OCTET_STRING, "nonce")?;
    if !(1..=MAX_NONCE).contains(&nonce.value.len()) {
        return Err(nonce.malformed("a nonce of 1 to 128 octets", format!("{} octets", nonce.value.len())));
    }
    Ok(nonce.value.to_vec())
}

#[cfg(test)]
mod tests;
