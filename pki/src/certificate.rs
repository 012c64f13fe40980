//! Certificates, RFC 5280 §4. In: DER or PEM, as it came. Out: what they say, and whether their issuer signed them.

use std::fmt;
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;

use crate::algorithm::{Digest, DigestAlgorithm, SignatureAlgorithm};
use crate::asn1::write;
use crate::asn1::{Element, INTEGER, SEQUENCE, context, context_constructed};
use crate::distribution_point::DistributionPoint;
use crate::extension::{self, Extension, KeyUsage};
use crate::key::PublicKey;
use crate::name::Name;
use crate::serial::SerialNumber;
use crate::signed::{Signed, ToBeSigned};
use crate::{Error, ObjectIdentifier, oid, pem};

mod key_holder;

pub use key_holder::KeyHolder;

/// A certificate; it keeps the DER that it was read from, and is equal to another by it. Cheap to clone.
///
/// ```
/// # fn example(pem: &str, issuer: &pki::Certificate, at: jiff::Timestamp) -> Result<(), pki::Error> {
/// let certificate = pki::Certificate::from_pem(pem)?;
/// certificate.verify_issued_by(issuer)?;
/// println!("{} {} valid: {}", certificate.serial(), certificate.subject(), certificate.valid_at(at));
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Certificate(Arc<Inner>);

struct Inner {
    der: Vec<u8>,
    /// SHA-256 of `der`, once somebody asks.
    fingerprint: OnceLock<Digest>,
    serial: SerialNumber,
    issuer: Name,
    subject: Name,
    not_before: Timestamp,
    not_after: Timestamp,
    public_key: PublicKey,
    same_algorithm_twice: bool,
    extensions: Vec<Extension>,
    known: Known,
}

/// What the extensions that matter say.
#[derive(Default)]
struct Known {
    ca: bool,
    path_length: Option<u32>,
    key_usage: Option<KeyUsage>,
    extended_key_usage: Vec<ObjectIdentifier>,
    subject_key_identifier: Option<Vec<u8>>,
    authority_key_identifier: Option<Vec<u8>>,
    policies: Vec<ObjectIdentifier>,
}

impl Certificate {
    /// ```text
    /// TBSCertificate ::= SEQUENCE {
    ///    version [0] EXPLICIT Version DEFAULT v1, serialNumber INTEGER, signature AlgorithmIdentifier,
    ///    issuer Name, validity Validity, subject Name, subjectPublicKeyInfo SubjectPublicKeyInfo,
    ///    issuerUniqueID [1] OPTIONAL, subjectUniqueID [2] OPTIONAL, extensions [3] EXPLICIT Extensions OPTIONAL }
    /// ```
    ///
    /// # Errors
    /// [`Error::Malformed`] with the place if it is no certificate in DER.
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        let signed = Signed::read(der, "Certificate")?;
        let mut reader = signed.tbs.reader();
        let version = match reader.optional(context_constructed(0))? {
            Some(version) => version.explicit(INTEGER, "version")?.unsigned()?,
            None => 0,
        };
        let serial = SerialNumber::read(&reader.expect(INTEGER, "serial number")?)?;
        let algorithm = reader.expect(SEQUENCE, "signature algorithm")?;
        let issuer = Name::read(&reader.expect(SEQUENCE, "issuer")?)?;
        let validity = reader.expect(SEQUENCE, "validity")?;
        let (not_before, not_after) = read_validity(&validity)?;
        let subject = Name::read(&reader.expect(SEQUENCE, "subject")?)?;
        let public_key = PublicKey::read(&reader.expect(SEQUENCE, "public key")?)?;
        for number in [1, 2] {
            reader.optional(context(number))?;
        }
        let extensions = match reader.optional(context_constructed(3))? {
            Some(element) if version == 2 => Extension::read_all(&element.explicit(SEQUENCE, "extensions")?)?,
            Some(element) => return Err(element.malformed("no extensions before version 3", "extensions")),
            None => Vec::new(),
        };
        reader.finish()?;
        Ok(Self(Arc::new(Inner {
            known: Known::read(&extensions)?,
            same_algorithm_twice: algorithm.raw == signed.algorithm.raw,
            der: der.to_vec(),
            fingerprint: OnceLock::new(),
            serial,
            issuer,
            subject,
            not_before,
            not_after,
            public_key,
            extensions,
        })))
    }

    /// Reads the only `CERTIFICATE` block of the text.
    ///
    /// # Errors
    /// [`Error::Pem`] if there is none, or more than one; [`Error::Malformed`].
    pub fn from_pem(text: &str) -> Result<Self, Error> {
        Self::from_der(&pem::single(text, "CERTIFICATE")?)
    }

    /// Reads every `CERTIFICATE` block of the text, in its order; other text is passed over.
    ///
    /// # Errors
    /// [`Error::Pem`] if a block is damaged; [`Error::Malformed`].
    pub fn from_pem_bundle(text: &str) -> Result<Vec<Self>, Error> {
        pem::all(text, "CERTIFICATE")?.iter().map(|der| Self::from_der(der)).collect()
    }

    /// A `CERTIFICATE` block.
    pub fn to_pem(&self) -> String {
        pem::encode("CERTIFICATE", self.der())
    }

    /// The DER as it came.
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// SHA-256 of the DER.
    pub fn fingerprint(&self) -> &Digest {
        self.0.fingerprint.get_or_init(|| DigestAlgorithm::Sha256.digest(self.der()))
    }

    /// serialNumber.
    pub fn serial(&self) -> &SerialNumber {
        &self.0.serial
    }

    /// subject.
    pub fn subject(&self) -> &Name {
        &self.0.subject
    }

    /// issuer.
    pub fn issuer(&self) -> &Name {
        &self.0.issuer
    }

    /// Start of the validity, which belongs to it. Not called `valid_from`: this is the field's name.
    pub fn not_before(&self) -> Timestamp {
        self.0.not_before
    }

    /// End of the validity, which belongs to it.
    pub fn not_after(&self) -> Timestamp {
        self.0.not_after
    }

    /// Whether `at` lies in the validity, both ends included (RFC 5280 §4.1.2.5). Both are whole seconds: the last one counts
    /// to its end.
    pub fn valid_at(&self, at: Timestamp) -> bool {
        let second = |time: Timestamp| time.as_nanosecond().div_euclid(1_000_000_000);
        (second(self.0.not_before)..=second(self.0.not_after)).contains(&second(at))
    }

    /// The subject's key.
    pub fn public_key(&self) -> PublicKey {
        self.0.public_key.clone()
    }

    /// How the issuer signed; an error if the algorithm is not offered here.
    ///
    /// # Errors
    /// [`Error::UnsupportedAlgorithm`], [`Error::UnsupportedParameters`] if it is not offered here.
    pub fn signature_algorithm(&self) -> Result<SignatureAlgorithm, Error> {
        SignatureAlgorithm::read(&self.signed().algorithm)
    }

    /// subjectKeyIdentifier.
    pub fn subject_key_identifier(&self) -> Option<Vec<u8>> {
        self.0.known.subject_key_identifier.clone()
    }

    /// keyIdentifier of authorityKeyIdentifier.
    pub fn authority_key_identifier(&self) -> Option<Vec<u8>> {
        self.0.known.authority_key_identifier.clone()
    }

    /// cA of basicConstraints.
    pub fn is_ca(&self) -> bool {
        self.0.known.ca
    }

    /// pathLenConstraint: how many intermediate certificates may follow.
    pub fn path_length(&self) -> Option<u32> {
        self.0.known.path_length
    }

    /// keyUsage; `None` means that the extension is absent, and every use allowed.
    pub fn key_usage(&self) -> Option<KeyUsage> {
        self.0.known.key_usage
    }

    /// extKeyUsage; empty means that the extension is absent.
    pub fn extended_key_usage(&self) -> Vec<ObjectIdentifier> {
        self.0.known.extended_key_usage.clone()
    }

    /// certificatePolicies.
    pub fn policies(&self) -> Vec<ObjectIdentifier> {
        self.0.known.policies.clone()
    }

    /// privateKeyUsagePeriod (RFC 3280 §4.2.1.4): when the key may sign. `None` means that the extension is absent, or cannot
    /// be read; then the validity alone counts.
    pub fn private_key_usage_period(&self) -> Option<(Option<Timestamp>, Option<Timestamp>)> {
        let extension = self.extension(oid::PRIVATE_KEY_USAGE_PERIOD)?;
        extension::read_private_key_usage_period(&extension.value).ok()
    }

    /// Addresses in cRLDistributionPoints. A value that cannot be read has none.
    pub fn crl_urls(&self) -> Vec<String> {
        self.extension(oid::CRL_DISTRIBUTION_POINTS)
            .and_then(|extension| extension::read_crl_urls(&extension.value).ok())
            .unwrap_or_default()
    }

    /// cRLDistributionPoints, whole; empty if the extension is absent, an error if it cannot be read.
    ///
    /// # Errors
    /// [`Error::Malformed`].
    pub fn distribution_points(&self) -> Result<Vec<DistributionPoint>, Error> {
        let points = self.extension(oid::CRL_DISTRIBUTION_POINTS);
        points.map_or(Ok(Vec::new()), |extension| DistributionPoint::read_all(&extension.value))
    }

    /// Addresses of OCSP responders in authorityInfoAccess. A value that cannot be read has none.
    pub fn ocsp_urls(&self) -> Vec<String> {
        self.access_urls(oid::ACCESS_OCSP)
    }

    /// Addresses of the issuer's certificate in authorityInfoAccess. A value that cannot be read has none.
    pub fn ca_issuer_urls(&self) -> Vec<String> {
        self.access_urls(oid::ACCESS_CA_ISSUERS)
    }

    fn access_urls(&self, method: ObjectIdentifier) -> Vec<String> {
        self.extension(oid::AUTHORITY_INFORMATION_ACCESS)
            .and_then(|extension| extension::read_access_urls(&extension.value, method).ok())
            .unwrap_or_default()
    }

    /// All extensions, in their order.
    pub fn extensions(&self) -> &[Extension] {
        &self.0.extensions
    }

    /// One extension.
    pub fn extension(&self, identifier: ObjectIdentifier) -> Option<&Extension> {
        self.0.extensions.iter().find(|extension| extension.oid == identifier)
    }

    /// Whether there is such an extension.
    pub fn has_extension(&self, identifier: ObjectIdentifier) -> bool {
        self.extension(identifier).is_some()
    }

    /// Whether it names itself as issuer and its own key verifies it. A same name alone is a self-*issued* certificate.
    pub fn is_self_signed(&self) -> bool {
        KeyHolder::from(self).is_self_signed()
    }

    /// Whether `issuer` has the name of this certificate's issuer, and its key made the signature.
    /// Validity, constraints and key usage of the issuer are judged elsewhere.
    ///
    /// # Errors
    /// [`Error::IssuerMismatch`] for another name, [`Error::AlgorithmMismatch`] if the two algorithms of the certificate differ; those of
    /// [`PublicKey::verify`].
    pub fn verify_issued_by<'a>(&self, issuer: impl Into<KeyHolder<'a>>) -> Result<(), Error> {
        let holder = issuer.into();
        let issuer = holder.certificate();
        if !self.issuer().matches(issuer.subject()) {
            let (expected, found) = (self.issuer().to_string(), issuer.subject().to_string());
            return Err(Error::IssuerMismatch { expected, found });
        }
        if !self.0.same_algorithm_twice {
            return Err(Error::AlgorithmMismatch { structure: "Certificate" });
        }
        holder.verify_signed(&self.signed(), "certificate")
    }

    fn signed(&self) -> Signed<'_> {
        Signed::read(&self.0.der, "Certificate").expect("read once when the certificate was made")
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.der() == other.der()
    }
}

impl Eq for Certificate {}

impl std::hash::Hash for Certificate {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.fingerprint().hash(state);
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Certificate({} of {} by {})", self.serial(), self.subject(), self.issuer())
    }
}

impl Known {
    fn read(extensions: &[Extension]) -> Result<Self, Error> {
        let mut known = Self::default();
        for extension in extensions {
            let value = &extension.value;
            match extension.oid {
                oid::BASIC_CONSTRAINTS => (known.ca, known.path_length) = extension::read_basic_constraints(value)?,
                oid::KEY_USAGE => known.key_usage = Some(extension::read_key_usage(value)?),
                oid::EXTENDED_KEY_USAGE => known.extended_key_usage = extension::read_extended_key_usage(value)?,
                oid::SUBJECT_KEY_IDENTIFIER => {
                    known.subject_key_identifier = Some(extension::read_subject_key_identifier(value)?);
                }
                oid::AUTHORITY_KEY_IDENTIFIER => {
                    known.authority_key_identifier = extension::read_authority_key_identifier(value)?;
                }
                oid::CERTIFICATE_POLICIES => known.policies = extension::read_policies(value)?,
                _ => {}
            }
        }
        Ok(known)
    }
}

fn read_validity(element: &Element<'_>) -> Result<(Timestamp, Timestamp), Error> {
    let mut reader = element.reader();
    let not_before = reader.element()?.time()?;
    let not_after = reader.element()?.time()?;
    reader.finish()?;
    Ok((not_before, not_after))
}

/// What a new certificate shall say.
#[derive(Debug, Clone)]
pub struct CertificateTemplate {
    /// Unique for the issuer.
    pub serial: SerialNumber,
    /// The subject name of the issuer's certificate.
    pub issuer: Name,
    /// Whose certificate it is.
    pub subject: Name,
    /// The subject's key.
    pub public_key: PublicKey,
    /// Start of the validity; whole seconds are written.
    pub not_before: Timestamp,
    /// End of the validity; whole seconds are written.
    pub not_after: Timestamp,
    /// Written in this order.
    pub extensions: Vec<Extension>,
}

impl CertificateTemplate {
    /// A version 3 TBSCertificate that waits for its signature.
    ///
    /// # Errors
    /// [`Error::WeakDigest`] for SHA-1; [`Error::Malformed`] if an extension is there twice.
    pub fn to_be_signed(&self, algorithm: SignatureAlgorithm) -> Result<ToBeSigned, Error> {
        algorithm.digest.strong()?;
        let extensions: Vec<_> = self.extensions.iter().map(Extension::to_der).collect();
        let extensions = if extensions.is_empty() {
            Vec::new()
        } else {
            let all = write::sequence_of(&extensions);
            Extension::read_all(&crate::asn1::single(&all, SEQUENCE, "Extensions")?)?;
            write::explicit(3, &all)
        };
        let tbs = write::sequence(&[
            &write::explicit(0, &write::unsigned(2)),
            &self.serial.to_der(),
            &algorithm.algorithm_identifier_der(),
            self.issuer.as_der(),
            &write::sequence(&[&write::x509_time(self.not_before), &write::x509_time(self.not_after)]),
            self.subject.as_der(),
            self.public_key.spki_der(),
            &extensions,
        ]);
        Ok(ToBeSigned::new(tbs, algorithm))
    }
}

#[cfg(test)]
mod tests;
