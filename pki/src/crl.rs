//! Certificate revocation lists, RFC 5280 §5. In: DER or PEM, as it came. Out: what is revoked, since when and why.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

use crate::algorithm::SignatureAlgorithm;
use crate::asn1::{self, Element, GENERALIZED_TIME, INTEGER, Reader, SEQUENCE, UTC_TIME, context_constructed};
use crate::certificate::KeyHolder;
use crate::extension::{self, Extension, KeyUsageBit};
use crate::name::Name;
use crate::revocation_reason::RevocationReason;
use crate::serial::SerialNumber;
use crate::signed::Signed;
use crate::{Error, ObjectIdentifier, oid, pem};

mod entries;
mod scope;
mod template;

use entries::Facts;
pub use scope::OutOfScope;
pub use template::CrlTemplate;

use crate::distribution_point::IssuingDistributionPoint;

/// One certificate on a CRL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevokedEntry {
    /// Which certificate.
    pub serial: SerialNumber,
    /// revocationDate.
    pub since: Timestamp,
    /// reasonCode; absent means unspecified.
    pub reason: Option<RevocationReason>,
    /// invalidityDate: since when the key is suspected, which is before the revocation.
    pub invalidity_date: Option<Timestamp>,
}

/// A certificate revocation list; it keeps the DER that it was read from, and is equal to another by it. Cheap to clone.
#[derive(Clone)]
pub struct Crl(Arc<Inner>);

struct Inner {
    der: Vec<u8>,
    issuer: Name,
    this_update: Timestamp,
    next_update: Option<Timestamp>,
    /// Where the entries lie in `der`; each was read once.
    entries: std::ops::Range<usize>,
    same_algorithm_twice: bool,
    extensions: Vec<Extension>,
    known: Known,
    facts: Facts,
}

/// What the extensions that matter say.
#[derive(Default)]
struct Known {
    number: Option<u64>,
    base_number: Option<u64>,
    authority_key_identifier: Option<Vec<u8>>,
    expired_certificates_since: Option<Timestamp>,
    issuing_distribution_point: Option<IssuingDistributionPoint>,
}

impl Crl {
    /// ```text
    /// TBSCertList ::= SEQUENCE {
    ///    version Version OPTIONAL, signature AlgorithmIdentifier, issuer Name, thisUpdate Time, nextUpdate Time OPTIONAL,
    ///    revokedCertificates SEQUENCE OF SEQUENCE { … } OPTIONAL, crlExtensions [0] EXPLICIT Extensions OPTIONAL }
    /// ```
    ///
    /// # Errors
    /// [`Error::Malformed`] with the place if it is no list in DER.
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        let signed = Signed::read(der, "CertificateList")?;
        let mut reader = signed.tbs.reader();
        reader.optional(INTEGER)?;
        let algorithm = reader.expect(SEQUENCE, "signature algorithm")?;
        let issuer = Name::read(&reader.expect(SEQUENCE, "issuer")?)?;
        let this_update = reader.element()?.time()?;
        let next_update = match reader.peek() {
            Some(UTC_TIME | GENERALIZED_TIME) => Some(reader.element()?.time()?),
            _ => None,
        };
        let entries = reader.optional(SEQUENCE)?;
        let extensions = match reader.optional(context_constructed(0))? {
            Some(element) => Extension::read_all(&element.explicit(SEQUENCE, "extensions")?)?,
            None => Vec::new(),
        };
        reader.finish()?;
        let known = Known::read(&extensions)?;
        let indirect = known.issuing_distribution_point.as_ref().is_some_and(|point| point.indirect);
        let facts = match &entries {
            Some(entries) => Facts::read(entries.reader(), indirect)?,
            None => Facts::default(),
        };
        Ok(Self(Arc::new(Inner {
            known,
            entries: entries.map(|entries| entries.value_range()).unwrap_or_default(),
            same_algorithm_twice: algorithm.raw == signed.algorithm.raw,
            der: der.to_vec(),
            issuer,
            this_update,
            next_update,
            extensions,
            facts,
        })))
    }

    /// Reads the only `X509 CRL` block of the text.
    ///
    /// # Errors
    /// [`Error::Pem`] if there is none, or more than one; [`Error::Malformed`].
    pub fn from_pem(text: &str) -> Result<Self, Error> {
        Self::from_der(&pem::single(text, "X509 CRL")?)
    }

    /// An `X509 CRL` block.
    pub fn to_pem(&self) -> String {
        pem::encode("X509 CRL", self.der())
    }

    /// The DER as it came.
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// issuer.
    pub fn issuer(&self) -> &Name {
        &self.0.issuer
    }

    /// thisUpdate.
    pub fn this_update(&self) -> Timestamp {
        self.0.this_update
    }

    /// nextUpdate.
    pub fn next_update(&self) -> Option<Timestamp> {
        self.0.next_update
    }

    /// cRLNumber, if it is there and fits 64 bits.
    pub fn number(&self) -> Option<u64> {
        self.0.known.number
    }

    /// keyIdentifier of authorityKeyIdentifier.
    pub fn authority_key_identifier(&self) -> Option<Vec<u8>> {
        self.0.known.authority_key_identifier.clone()
    }

    /// expiredCertsOnCRL: certificates that expired after this time are still on the list.
    pub fn expired_certificates_since(&self) -> Option<Timestamp> {
        self.0.known.expired_certificates_since
    }

    /// issuingDistributionPoint.
    pub fn issuing_distribution_point(&self) -> Option<&IssuingDistributionPoint> {
        self.0.known.issuing_distribution_point.as_ref()
    }

    /// Whether it only lists what changed since another CRL.
    pub fn is_delta(&self) -> bool {
        self.extension(oid::DELTA_CRL_INDICATOR).is_some()
    }

    /// BaseCRLNumber of deltaCRLIndicator (§5.2.4), if it is there and fits 64 bits.
    pub fn base_number(&self) -> Option<u64> {
        self.0.known.base_number
    }

    /// All extensions of the list, in their order.
    pub fn extensions(&self) -> &[Extension] {
        &self.0.extensions
    }

    fn critical_in_entries(&self) -> &[ObjectIdentifier] {
        &self.0.facts.critical
    }

    fn names_issuers(&self) -> bool {
        self.0.facts.name_issuers
    }

    /// The first certificate that the list takes back (removeFromCRL).
    fn removed(&self) -> Option<&SerialNumber> {
        self.0.facts.removed.as_ref()
    }

    /// One extension of the list.
    pub fn extension(&self, identifier: ObjectIdentifier) -> Option<&Extension> {
        self.0.extensions.iter().find(|extension| extension.oid == identifier)
    }

    /// How it is signed; an error if the algorithm is not offered here.
    ///
    /// # Errors
    /// [`Error::UnsupportedAlgorithm`], [`Error::UnsupportedParameters`] if it is not offered here.
    pub fn signature_algorithm(&self) -> Result<SignatureAlgorithm, Error> {
        SignatureAlgorithm::read(&self.signed().algorithm)
    }

    fn raw_entries(&self) -> impl Iterator<Item = Element<'_>> {
        let mut reader = Reader::new(&self.0.der[self.0.entries.clone()], "revokedCertificates");
        std::iter::from_fn(move || if reader.at_end() { None } else { reader.element().ok() })
    }

    /// Whether `issuer` has the name of this list's issuer, may sign lists (cRLSign, RFC 5280 §6.3.3 (f)), and its key
    /// made the signature. Validity and path of the issuer are judged elsewhere.
    ///
    /// # Errors
    /// [`Error::IssuerMismatch`], [`Error::AlgorithmMismatch`], [`Error::KeyUsageMissing`]; those of
    /// [`PublicKey::verify`](crate::PublicKey::verify).
    pub fn verify_issued_by<'a>(&self, issuer: impl Into<KeyHolder<'a>>) -> Result<(), Error> {
        let holder = issuer.into();
        let issuer = holder.certificate();
        let subject = issuer.subject().to_string();
        if !self.issuer().matches(issuer.subject()) {
            return Err(Error::IssuerMismatch { expected: self.issuer().to_string(), found: subject });
        }
        if !self.0.same_algorithm_twice {
            return Err(Error::AlgorithmMismatch { structure: "CertificateList" });
        }
        if issuer.key_usage().is_some_and(|usage| !usage.contains(KeyUsageBit::CrlSign)) {
            return Err(Error::KeyUsageMissing { subject, expected: KeyUsageBit::CrlSign });
        }
        holder.verify_signed(&self.signed(), "CRL")
    }

    fn signed(&self) -> Signed<'_> {
        Signed::read(&self.0.der, "CertificateList").expect("read once when the list was made")
    }
}

impl Known {
    fn read(extensions: &[Extension]) -> Result<Self, Error> {
        let mut known = Self::default();
        for extension in extensions {
            let value = &extension.value;
            match extension.oid {
                oid::CRL_NUMBER => known.number = read_number(value)?,
                oid::DELTA_CRL_INDICATOR => known.base_number = read_number(value)?,
                oid::AUTHORITY_KEY_IDENTIFIER => {
                    known.authority_key_identifier = extension::read_authority_key_identifier(value)?;
                }
                oid::EXPIRED_CERTS_ON_CRL => {
                    let since = asn1::single(value, GENERALIZED_TIME, "expiredCertsOnCRL")?;
                    known.expired_certificates_since = Some(since.time()?);
                }
                oid::ISSUING_DISTRIBUTION_POINT => {
                    known.issuing_distribution_point = Some(IssuingDistributionPoint::read(value)?);
                }
                _ => {}
            }
        }
        Ok(known)
    }
}

impl PartialEq for Crl {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.der() == other.der()
    }
}

impl Eq for Crl {}

impl fmt::Debug for Crl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Crl({} of {})", self.issuer(), self.this_update())
    }
}

/// cRLNumber may have 20 octets; only 64 bits are kept.
fn read_number(value: &[u8]) -> Result<Option<u64>, Error> {
    let number = asn1::single(value, INTEGER, "cRLNumber")?;
    number.integer()?;
    Ok(number.unsigned().ok())
}

#[cfg(test)]
mod tests;
