//! Time-stamp requests, RFC 3161 §2.4.1. In: DER. Out: what is asked for, or the failure to refuse it with.

use super::TimeStampFailure;
use crate::algorithm::{Digest, DigestAlgorithm, algorithm_identifier};
use crate::asn1::write;
use crate::asn1::{self, BOOLEAN, Element, INTEGER, NULL, OCTET_STRING, OID, SEQUENCE, context_constructed};
use crate::{Error, ObjectIdentifier};

/// A question to a time-stamping authority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeStampRequest {
    /// messageImprint.
    pub imprint: Digest,
    /// How messageImprint writes that its hash algorithm has no parameters: the token says the same (§2.4.2).
    pub hash_parameters: HashParameters,
    /// reqPolicy.
    pub policy: Option<ObjectIdentifier>,
    /// The content octets of the nonce INTEGER, in their shortest form.
    pub nonce: Option<Vec<u8>>,
    /// certReq: the token shall contain the authority's certificate.
    pub certificate_requested: bool,
}

/// The parameters of SHA-2 beside its identifier: none, in either of two forms that RFC 5754 §2 lets a reader meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HashParameters {
    /// Left out, as is to be written.
    #[default]
    Absent,
    /// NULL, as older programs write.
    Null,
}

impl TimeStampRequest {
    /// ```text
    /// TimeStampReq ::= SEQUENCE {
    ///    version INTEGER { v1(1) }, messageImprint MessageImprint, reqPolicy OBJECT IDENTIFIER OPTIONAL,
    ///    nonce INTEGER OPTIONAL, certReq BOOLEAN DEFAULT FALSE, extensions [0] IMPLICIT Extensions OPTIONAL }
    /// ```
    /// # Errors
    /// [`Error::TimeStampRequest`] with the PKIFailureInfo that the authority must answer: badDataFormat for what is not
    /// a request or has a digest of the wrong length, badRequest for another version, badAlg for a digest algorithm
    /// other than SHA-2, unacceptedExtension for any extension.
    pub fn from_der(der: &[u8]) -> Result<Self, Error> {
        let bad_format = |error: Error| match error {
            refused @ Error::TimeStampRequest { .. } => refused,
            other => refuse(TimeStampFailure::BadDataFormat, other.to_string()),
        };
        read(der).map_err(bad_format)
    }

    /// The request.
    pub fn to_der(&self) -> Vec<u8> {
        let policy = self.policy.map(write::oid).unwrap_or_default();
        let nonce = self.nonce.as_ref().map(|nonce| encode_nonce(nonce)).unwrap_or_default();
        let certificate_requested = if self.certificate_requested { write::boolean(true) } else { Vec::new() };
        write::sequence(&[
            &write::unsigned(1),
            &encode_imprint(&self.imprint, self.hash_parameters),
            &policy,
            &nonce,
            &certificate_requested,
        ])
    }
}

fn refuse(failure: TimeStampFailure, detail: impl Into<String>) -> Error {
    Error::TimeStampRequest { failure, detail: detail.into() }
}

fn read(der: &[u8]) -> Result<TimeStampRequest, Error> {
    let mut reader = asn1::single(der, SEQUENCE, "TimeStampReq")?.reader();
    let version = reader.expect(INTEGER, "version")?;
    if version.integer()? != [1] {
        let detail = format!("wanted version 1, found {}", asn1::shown(version.value));
        return Err(refuse(TimeStampFailure::BadRequest, detail));
    }
    let (imprint, hash_parameters) = read_imprint(&reader.expect(SEQUENCE, "message imprint")?)?;
    let policy = reader.optional(OID)?.map(|policy| policy.oid()).transpose()?;
    let nonce = reader.optional(INTEGER)?.map(|nonce| nonce.integer().map(<[u8]>::to_vec)).transpose()?;
    let certificate_requested = reader.optional(BOOLEAN)?.map(|flag| flag.boolean()).transpose()?.unwrap_or(false);
    let extensions = reader.optional(context_constructed(0))?;
    reader.finish()?;
    if extensions.is_some() {
        return Err(refuse(TimeStampFailure::UnacceptedExtension, "wanted no extensions, found some"));
    }
    Ok(TimeStampRequest { imprint, hash_parameters, policy, nonce, certificate_requested })
}

/// `MessageImprint ::= SEQUENCE { hashAlgorithm AlgorithmIdentifier, hashedMessage OCTET STRING }`
fn read_imprint(element: &Element<'_>) -> Result<(Digest, HashParameters), Error> {
    let mut reader = element.reader();
    let (identifier, parameters) = algorithm_identifier(&reader.expect(SEQUENCE, "hash algorithm")?)?;
    let hash = reader.expect(OCTET_STRING, "hashed message")?.value;
    reader.finish()?;
    let bad_algorithm = |detail| refuse(TimeStampFailure::BadAlgorithm, detail);
    let known = DigestAlgorithm::from_oid(identifier).and_then(DigestAlgorithm::strong);
    let algorithm = known.map_err(|_| {
        bad_algorithm(format!("wanted SHA-256, SHA-384 or SHA-512, found digest algorithm {}", named(identifier)))
    })?;
    let hash_parameters = match parameters {
        None => HashParameters::Absent,
        Some(parameters) if parameters.raw == [NULL, 0] => HashParameters::Null,
        Some(parameters) => {
            let found = asn1::shown(parameters.raw);
            return Err(bad_algorithm(format!("wanted {algorithm} without parameters or with NULL, found {found}")));
        }
    };
    if hash.len() != algorithm.length() {
        let (expected, found) = (algorithm.length(), hash.len());
        let detail = format!("wanted {expected} octets, the length of a {algorithm} digest; found {found}");
        return Err(refuse(TimeStampFailure::BadDataFormat, detail));
    }
    Ok((Digest::new(algorithm, hash)?, hash_parameters))
}

/// The name of a digest algorithm that is known but not taken, with its identifier.
fn named(identifier: ObjectIdentifier) -> String {
    DigestAlgorithm::from_oid(identifier).map_or(identifier.to_string(), |known| format!("{known} ({identifier})"))
}

pub(super) fn encode_imprint(imprint: &Digest, parameters: HashParameters) -> Vec<u8> {
    let algorithm = match parameters {
        HashParameters::Absent => imprint.algorithm().algorithm_identifier_der(),
        HashParameters::Null => write::algorithm_identifier(imprint.algorithm().oid(), &write::null()),
    };
    write::sequence(&[&algorithm, &write::octet_string(imprint.as_bytes())])
}

/// INTEGER content as it is, if it is in its shortest form; else as a magnitude.
pub(super) fn encode_nonce(nonce: &[u8]) -> Vec<u8> {
    let element = write::element(INTEGER, &[nonce]);
    let is_shortest = asn1::single(&element, INTEGER, "nonce").is_ok_and(|element| element.integer().is_ok());
    if is_shortest { element } else { write::positive_integer(nonce) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn request() -> TimeStampRequest {
        TimeStampRequest {
            imprint: DigestAlgorithm::Sha256.digest(b"document"),
            hash_parameters: HashParameters::Absent,
            policy: Some(crate::oid::BASELINE_TIME_STAMP_POLICY),
            nonce: Some(vec![0x7f, 0x01]),
            certificate_requested: true,
        }
    }

    fn failure(der: &[u8]) -> Option<TimeStampFailure> {
        TimeStampRequest::from_der(der).unwrap_err().time_stamp_failure()
    }

    #[test]
    fn a_request_survives_a_round_trip() {
        assert_eq!(TimeStampRequest::from_der(&request().to_der()).unwrap(), request());
        let bare = TimeStampRequest { policy: None, nonce: None, certificate_requested: false, ..request() };
        assert_eq!(TimeStampRequest::from_der(&bare.to_der()).unwrap(), bare);
    }

    #[test]
    fn each_fault_has_its_failure() {
        assert_eq!(failure(b"garbage"), Some(TimeStampFailure::BadDataFormat));
        assert_eq!(failure(&[]), Some(TimeStampFailure::BadDataFormat));

        let imprint = encode_imprint(&request().imprint, HashParameters::Absent);
        let with =
            |version: u64, imprint: &[u8], rest: &[u8]| write::sequence(&[&write::unsigned(version), imprint, rest]);
        assert_eq!(failure(&with(2, &imprint, &[])), Some(TimeStampFailure::BadRequest));

        let md5 = ObjectIdentifier::new("1.2.840.113549.2.5").unwrap();
        for (identifier, length) in [(md5, 16), (crate::oid::SHA_1, 20)] {
            let algorithm = write::algorithm_identifier(identifier, &write::null());
            let imprint = write::sequence(&[&algorithm, &write::octet_string(&vec![0; length])]);
            assert_eq!(failure(&with(1, &imprint, &[])), Some(TimeStampFailure::BadAlgorithm));
        }

        let algorithm = DigestAlgorithm::Sha256.algorithm_identifier_der();
        let short = write::sequence(&[&algorithm, &write::octet_string(&[0; 20])]);
        assert_eq!(failure(&with(1, &short, &[])), Some(TimeStampFailure::BadDataFormat));

        let extensions = write::element(context_constructed(0), &[]);
        assert_eq!(failure(&with(1, &imprint, &extensions)), Some(TimeStampFailure::UnacceptedExtension));
    }

    #[test]
    fn null_parameters_of_the_hash_are_accepted_and_kept() {
        let null = TimeStampRequest { hash_parameters: HashParameters::Null, ..request() };
        let der = null.to_der();
        assert!(der.windows(2).any(|pair| pair == [NULL, 0]));
        assert_eq!(TimeStampRequest::from_der(&der).unwrap(), null);
    }

    #[test]
    fn other_parameters_and_lengths_are_refused_with_what_is_wrong() {
        let with = |parameters: &[u8], length: usize| {
            let algorithm = write::algorithm_identifier(crate::oid::SHA_256, parameters);
            let imprint = write::sequence(&[&algorithm, &write::octet_string(&vec![0; length])]);
            TimeStampRequest::from_der(&write::sequence(&[&write::unsigned(1), &imprint])).unwrap_err().to_string()
        };
        let odd = with(&write::sequence(&[]), 32);
        assert!(odd.contains("wanted SHA-256 without parameters or with NULL"), "{odd}");
        assert!(with(&[NULL, 1, 0], 32).contains("with NULL, found"));
        let short = with(&[], 20);
        assert!(short.contains("wanted 32 octets") && short.contains("found 20"), "{short}");
    }

    proptest! {
        #[test]
        fn whatever_comes_is_read_or_refused_with_a_failure(bytes in prop::collection::vec(any::<u8>(), 0..80), index in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let mut mutated = request().to_der();
            let index = index.index(mutated.len());
            mutated[index] = byte;
            for input in [&bytes, &mutated] {
                if let Err(error) = TimeStampRequest::from_der(input) {
                    prop_assert!(error.time_stamp_failure().is_some());
                }
            }
        }
    }
}
