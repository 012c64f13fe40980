//! Time-stamp tokens, RFC 3161 §2.4.2, RFC 5816. In: a ContentInfo as it came. Out: time and imprint, and whether the
//! authority's key signed them. The authority's certificate chain is not judged here.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

use crate::algorithm::{Digest, DigestAlgorithm};
use crate::asn1::write;
use crate::asn1::{
    self, BOOLEAN, Element, GENERALIZED_TIME, INTEGER, OCTET_STRING, OID, Reader, SEQUENCE, context,
    context_constructed,
};
use crate::certificate::{Certificate, KeyHolder};
use crate::cms::SignedData;
use crate::extension::Extension;
use crate::serial::SerialNumber;
use crate::{Error, ObjectIdentifier, oid};

/// A time-stamp; it keeps the DER that it was read from, and is equal to another by it. Cheap to clone.
#[derive(Clone, PartialEq, Eq)]
pub struct TimeStampToken {
    signed_data: SignedData,
    info: Arc<TstInfo>,
}

/// ```text
/// TSTInfo ::= SEQUENCE {
///    version INTEGER { v1(1) }, policy OBJECT IDENTIFIER, messageImprint MessageImprint, serialNumber INTEGER,
///    genTime GeneralizedTime, accuracy Accuracy OPTIONAL, ordering BOOLEAN DEFAULT FALSE, nonce INTEGER OPTIONAL,
///    tsa [0] EXPLICIT GeneralName OPTIONAL, extensions [1] IMPLICIT Extensions OPTIONAL }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TstInfo {
    /// policy.
    pub policy: ObjectIdentifier,
    /// messageImprint: what existed at the time.
    pub imprint: Digest,
    /// serialNumber.
    pub serial: SerialNumber,
    /// genTime, with fractions of a second if they are there.
    pub time: Timestamp,
    /// accuracy.
    pub accuracy: Option<Accuracy>,
    /// ordering: tokens of this authority can be ordered by genTime alone.
    pub ordering: bool,
    /// The content octets of the nonce INTEGER.
    pub nonce: Option<Vec<u8>>,
    /// The DER of tsa, a GeneralName.
    pub tsa: Option<Vec<u8>>,
    /// extensions.
    pub extensions: Vec<Extension>,
}

/// How far genTime may be off.
///
/// ```text
/// Accuracy ::= SEQUENCE {
///    seconds INTEGER OPTIONAL, millis [0] INTEGER (1..999) OPTIONAL, micros [1] INTEGER (1..999) OPTIONAL }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Accuracy {
    /// Whole seconds.
    pub seconds: u32,
    /// Milliseconds, 0 to 999.
    pub milliseconds: u16,
    /// Microseconds, 0 to 999.
    pub microseconds: u16,
}

impl Accuracy {
    /// Whole seconds; accredited authorities in Japan declare one.
    pub const fn seconds(seconds: u32) -> Self {
        Self { seconds, milliseconds: 0, microseconds: 0 }
    }

    /// The same as a duration.
    pub const fn duration(self) -> std::time::Duration {
        let microseconds = self.milliseconds as u64 * 1_000 + self.microseconds as u64;
        std::time::Duration::new(self.seconds as u64, 0).saturating_add(std::time::Duration::from_micros(microseconds))
    }

    pub(super) fn to_der(self) -> Vec<u8> {
        let small = |number: u8, value: u16| {
            let mut element = if value == 0 { Vec::new() } else { write::unsigned(value.into()) };
            element.first_mut().into_iter().for_each(|tag| *tag = context(number));
            element
        };
        let seconds = if self.seconds == 0 { Vec::new() } else { write::unsigned(self.seconds.into()) };
        write::sequence(&[&seconds, &small(0, self.milliseconds), &small(1, self.microseconds)])
    }

    fn read(element: &Element<'_>) -> Result<Self, Error> {
        let mut reader = element.reader();
        let mut number = |tag: u8, most: u64| match reader.optional(tag)? {
            Some(element) => match element.unsigned()? {
                value if value <= most => Ok(value),
                value => Err(element.malformed("an accuracy in its range", value.to_string())),
            },
            None => Ok(0),
        };
        let seconds = number(INTEGER, u32::MAX.into())? as u32;
        let milliseconds = number(context(0), 999)? as u16;
        let microseconds = number(context(1), 999)? as u16;
        reader.finish()?;
        Ok(Self { seconds, milliseconds, microseconds })
    }
}

impl TimeStampToken {
    /// Zero octets after the token are tolerated, as a PDF leaves them; see [`signed_data`](Self::signed_data).
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::IndefiniteLength`]; [`Error::ContentType`] if it is a message over something else.
    pub fn from_der(bytes: &[u8]) -> Result<Self, Error> {
        SignedData::from_der(bytes).and_then(Self::read)
    }

    /// Reads BER too, and counts whatever stands after the token; see [`SignedData::from_ber`].
    ///
    /// # Errors
    /// [`Error::Malformed`]; [`Error::ContentType`] if it is a message over something else.
    pub fn from_ber(bytes: &[u8]) -> Result<Self, Error> {
        SignedData::from_ber(bytes).and_then(Self::read)
    }

    fn read(signed_data: SignedData) -> Result<Self, Error> {
        if signed_data.content_type() != oid::TST_INFO {
            return Err(Error::ContentType { expected: oid::TST_INFO, found: signed_data.content_type() });
        }
        let info = TstInfo::from_der(signed_data.content().unwrap_or_default())?;
        Ok(Self { signed_data, info: Arc::new(info) })
    }

    /// The token as it came, without padding.
    pub fn der(&self) -> &[u8] {
        self.signed_data.der()
    }

    /// The message around it.
    pub fn signed_data(&self) -> &SignedData {
        &self.signed_data
    }

    /// What is attested.
    pub fn info(&self) -> &TstInfo {
        &self.info
    }

    /// genTime.
    pub fn time(&self) -> Timestamp {
        self.info.time
    }

    /// Certificates in the token; none if the client did not ask for them.
    pub fn certificates(&self) -> &[Certificate] {
        self.signed_data.certificates()
    }

    /// The authority's certificate, if it is in the token.
    pub fn signer_certificate(&self) -> Option<&Certificate> {
        self.signed_data.signer_certificate()
    }

    /// Whether the token is over this digest.
    ///
    /// # Errors
    /// [`Error::DigestMismatch`]; [`Error::DigestAlgorithmMismatch`] if it is not of the algorithm that the token names.
    pub fn verify_imprint(&self, digest: &Digest) -> Result<(), Error> {
        let stated = &self.info.imprint;
        if stated.algorithm() != digest.algorithm() {
            return Err(Error::DigestAlgorithmMismatch { expected: stated.algorithm(), found: digest.algorithm() });
        }
        if stated != digest {
            let (stated, computed) = (Box::new(stated.clone()), Box::new(digest.clone()));
            return Err(Error::DigestMismatch { what: "message imprint", stated, computed });
        }
        Ok(())
    }

    /// Whether the token is over this message.
    ///
    /// # Errors
    /// [`Error::DigestMismatch`].
    pub fn verify_imprint_of(&self, message: &[u8]) -> Result<(), Error> {
        self.verify_imprint(&self.info.imprint.algorithm().digest(message))
    }

    /// Verifies with the certificate in the token: content type, message digest, ESSCertID or ESSCertIDv2, signature.
    ///
    /// # Errors
    /// [`Error::SignerCertificateMissing`] if there is none; those of [`verify_signature_with`](Self::verify_signature_with).
    pub fn verify_signature(&self) -> Result<(), Error> {
        let signer = self.signer_certificate().ok_or_else(|| Error::SignerCertificateMissing {
            signer: self.signed_data.signer_identifier().to_string(),
        })?;
        self.verify_signature_with(signer)
    }

    /// The same with a certificate of the authority that is known from elsewhere.
    ///
    /// # Errors
    /// [`Error::SignerCount`], [`Error::ContentType`]; those of [`SignedData::check_message_digest`],
    /// [`SignedData::check_signing_certificate`] and [`SignedData::verify_signature`].
    pub fn verify_signature_with<'a>(&self, signer: impl Into<KeyHolder<'a>>) -> Result<(), Error> {
        let signer = signer.into();
        let message = &self.signed_data;
        if message.signer_count() != 1 {
            return Err(Error::SignerCount { found: message.signer_count() });
        }
        let content_type = message.content_type_attribute()?;
        if content_type != oid::TST_INFO {
            return Err(Error::ContentType { expected: oid::TST_INFO, found: content_type });
        }
        message.check_message_digest(&message.digest_algorithm()?.digest(message.content().unwrap_or_default()))?;
        message.check_signing_certificate(signer.certificate())?;
        message.verify_signature(signer)
    }
}

impl fmt::Debug for TimeStampToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "TimeStampToken({} at {} over {:?})", self.info.serial, self.info.time, self.info.imprint)
    }
}

impl TstInfo {
    /// Reads the content of a token.
    ///
    /// # Errors
    /// [`Error::Malformed`] if it is no TSTInfo of version 1.
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        let mut reader = asn1::single(der, SEQUENCE, "TSTInfo")?.reader();
        let version = reader.expect(INTEGER, "version")?;
        if version.unsigned()? != 1 {
            return Err(version.malformed("version 1", asn1::shown(version.value)));
        }
        let policy = reader.expect(OID, "policy")?.oid()?;
        let imprint = read_imprint(reader.sequence("message imprint")?)?;
        let serial = SerialNumber::read(&reader.expect(INTEGER, "serial number")?)?;
        let time = reader.expect(GENERALIZED_TIME, "time")?.time()?;
        let accuracy = reader.optional(SEQUENCE)?.map(|accuracy| Accuracy::read(&accuracy)).transpose()?;
        let ordering = reader.optional(BOOLEAN)?.map(|flag| flag.boolean()).transpose()?.unwrap_or(false);
        let nonce = reader.optional(INTEGER)?.map(|nonce| nonce.integer().map(<[u8]>::to_vec)).transpose()?;
        let tsa = reader.optional(context_constructed(0))?.map(|tsa| tsa.value.to_vec());
        let extensions = reader.optional(context_constructed(1))?;
        let extensions = extensions.map(|extensions| Extension::read_all(&extensions)).transpose()?.unwrap_or_default();
        reader.finish()?;
        Ok(Self { policy, imprint, serial, time, accuracy, ordering, nonce, tsa, extensions })
    }
}

fn read_imprint(mut reader: Reader<'_>) -> Result<Digest, Error> {
    let algorithm = DigestAlgorithm::read(&reader.expect(SEQUENCE, "hash algorithm")?)?;
    let digest = Digest::new(algorithm, reader.expect(OCTET_STRING, "hashed message")?.value)?;
    reader.finish()?;
    Ok(digest)
}
