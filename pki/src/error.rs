//! What can go wrong while bytes become types, or a signature is verified. Each variant says what was wanted and what was found.

use jiff::Timestamp;

use crate::ObjectIdentifier;
use crate::algorithm::{Digest, DigestAlgorithm, Scheme};
use crate::extension::KeyUsageBit;
use crate::key::KeyKind;
use crate::ocsp::OcspRefusal;
use crate::tsp::TimeStampFailure;

/// The outcome of a verification: there are three, and only the first may ever become a pass.
///
/// ```
/// use pki::{DigestAlgorithm, PublicKey, Scheme, SignatureAlgorithm, Verification};
/// # fn example(key: &PublicKey, digest: &pki::Digest, signature: &[u8]) {
/// let algorithm = SignatureAlgorithm::new(Scheme::Ecdsa, DigestAlgorithm::Sha256);
/// match Verification::from(key.verify(algorithm, digest, signature)) {
///     Verification::Held => println!("the key made this signature"),
///     Verification::DoesNotHold(why) => println!("it did not: {why}"),
///     Verification::CannotBeVerified(why) => println!("nobody knows: {why}"),
/// }
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub enum Verification {
    /// The signature was computed and holds.
    Held,
    /// The signature was computed and does not hold, or cannot be one of this key, or is of something else.
    DoesNotHold(Error),
    /// Key, curve, digest, parameters or size are not offered here ([`Error::is_undetermined`]).
    CannotBeVerified(Error),
}

impl From<Result<(), Error>> for Verification {
    fn from(result: Result<(), Error>) -> Self {
        match result {
            Ok(()) => Self::Held,
            Err(error) if error.is_undetermined() => Self::CannotBeVerified(error),
            Err(error) => Self::DoesNotHold(error),
        }
    }
}

/// The error of this crate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The bytes are not the DER that the structure asks for.
    #[error("{structure} at octet {offset}: wanted {expected}, found {found}")]
    Malformed {
        /// The outermost structure that was being read.
        structure: &'static str,
        /// Where, counted from the start of that structure.
        offset: usize,
        /// What should have been there.
        expected: &'static str,
        /// What was there.
        found: String,
    },
    /// BER indefinite length (X.690 clause 8.1.3.6), which DER forbids.
    #[error("{structure} at octet {offset}: wanted DER, found a BER indefinite length")]
    IndefiniteLength {
        /// The outermost structure that was being read.
        structure: &'static str,
        /// Where, counted from the start of that structure.
        offset: usize,
    },
    /// Not a PEM block of the wanted kind (RFC 7468).
    #[error("wanted a PEM block `{expected}`, found {found}")]
    Pem {
        /// The label that was wanted.
        expected: &'static str,
        /// What was there.
        found: String,
    },
    /// Not an object identifier, or one with arcs above 128 bits.
    #[error("wanted an object identifier, found {found}")]
    ObjectIdentifier {
        /// What was there.
        found: String,
    },
    /// Not a serial number that a certificate may have (RFC 5280 §4.1.2.2).
    #[error("wanted a positive serial number of at most 20 octets, found {found}")]
    SerialNumber {
        /// What was there.
        found: String,
    },
    /// A name of a key kind, digest, reason … that is not known.
    #[error("wanted {expected}, found `{found}`")]
    UnknownName {
        /// The names that are known.
        expected: &'static str,
        /// What was there.
        found: String,
    },
    /// An algorithm that is not offered here.
    #[error("{role} {oid} is not supported")]
    UnsupportedAlgorithm {
        /// digest, signature or key algorithm.
        role: &'static str,
        /// Its identifier.
        oid: ObjectIdentifier,
    },
    /// A known algorithm with parameters that are not offered here.
    #[error("parameters of algorithm {oid}: wanted {expected}, found {found}")]
    UnsupportedParameters {
        /// The algorithm.
        oid: ObjectIdentifier,
        /// What it goes with.
        expected: &'static str,
        /// What was there.
        found: String,
    },
    /// Bytes in the shape of a public key that no key can have.
    #[error("this is no {kind} key: {why}")]
    NoKey {
        /// What it claims to be.
        kind: KeyKind,
        /// What is wrong.
        why: &'static str,
    },
    /// Digests other than SHA-256, SHA-384 and SHA-512 are read, but nothing new is signed with them.
    #[error("wanted a SHA-2 digest to sign with, found {found}")]
    WeakDigest {
        /// What was asked for.
        found: DigestAlgorithm,
    },
    /// A digest of the wrong length.
    #[error("a {algorithm} digest has {expected} octets, found {found}")]
    DigestLength {
        /// The digest algorithm.
        algorithm: DigestAlgorithm,
        /// Its length.
        expected: usize,
        /// The length found.
        found: usize,
    },
    /// A digest of one algorithm where another was wanted.
    #[error("wanted a digest by {expected}, found one by {found}")]
    DigestAlgorithmMismatch {
        /// The algorithm wanted.
        expected: DigestAlgorithm,
        /// The algorithm found.
        found: DigestAlgorithm,
    },
    /// The key cannot verify signatures of this scheme and digest.
    #[error("a signature by {scheme} with {digest} cannot be verified with a key of kind {kind}")]
    KeyUnfit {
        /// The scheme of the signature.
        scheme: Scheme,
        /// The digest of the signature.
        digest: DigestAlgorithm,
        /// The kind of key.
        kind: KeyKind,
    },
    /// The signature does not verify.
    #[error("the signature of the {signed} does not verify with the key of {signer}")]
    SignatureInvalid {
        /// What was signed.
        signed: &'static str,
        /// Whose key was tried.
        signer: String,
    },
    /// The algorithm inside the signed part differs from the one beside the signature (RFC 5280 §4.1.1.2).
    #[error("{structure}: the signature algorithm inside the signed part differs from the one outside")]
    AlgorithmMismatch {
        /// Certificate or CRL.
        structure: &'static str,
    },
    /// The issuer named is not the one offered.
    #[error("wanted a certificate of issuer `{expected}`, found one of `{found}`")]
    IssuerMismatch {
        /// The issuer named in the object.
        expected: String,
        /// The subject of the certificate offered.
        found: String,
    },
    /// A certificate lacks a key usage (RFC 5280 §4.2.1.3).
    #[error("the certificate of `{subject}` lacks key usage {expected}")]
    KeyUsageMissing {
        /// Whose certificate.
        subject: String,
        /// The usage wanted.
        expected: KeyUsageBit,
    },
    /// A certificate lacks an extended key usage (RFC 5280 §4.2.1.12).
    #[error("the certificate of `{subject}` lacks extended key usage {expected}")]
    ExtendedKeyUsageMissing {
        /// Whose certificate.
        subject: String,
        /// The usage wanted.
        expected: ObjectIdentifier,
    },
    /// A certificate outside its validity.
    #[error("the certificate of `{subject}` is valid from {not_before} to {not_after}, asked for {at}")]
    NotValidAt {
        /// Whose certificate.
        subject: String,
        /// Start of its validity.
        not_before: Timestamp,
        /// End of its validity.
        not_after: Timestamp,
        /// The time asked for.
        at: Timestamp,
    },
    /// A critical extension that is not known here: what it restricts is unknown (RFC 5280 §4.2, §5.2, §5.3; RFC 6960 §4.4).
    #[error("{structure} has the critical extension {extension}, which is not known here")]
    CriticalExtension {
        /// CRL, OCSP response, certificate of an OCSP responder.
        structure: &'static str,
        /// The extension.
        extension: ObjectIdentifier,
    },
    /// removeFromCRL in a list that is complete (RFC 5280 §5.3.1).
    #[error("the CRL takes certificate {serial} back (removeFromCRL), which only a delta CRL may")]
    RemoveFromCrl {
        /// Which certificate.
        serial: crate::SerialNumber,
    },
    /// nextUpdate before thisUpdate.
    #[error("{structure} of {this_update} announces the next one for {next_update}, before it")]
    UpdatesReversed {
        /// CRL or OCSP answer.
        structure: &'static str,
        /// thisUpdate.
        this_update: Timestamp,
        /// nextUpdate.
        next_update: Timestamp,
    },
    /// An OCSP answer that says different things on the same certificate.
    #[error("the OCSP response has {found} answers on one certificate, and they differ")]
    AnswersDiffer {
        /// How many there are.
        found: usize,
    },
    /// An OCSP answer without a certificate of the responder that it names.
    #[error("no certificate of OCSP responder {responder}, neither the issuer's nor among the {offered} in the answer")]
    ResponderUnknown {
        /// The responder named.
        responder: String,
        /// How many certificates the answer has.
        offered: usize,
    },
    /// The OCSP responder refused to answer (RFC 6960 §4.2.1).
    #[error("the OCSP responder refused: {refusal}")]
    OcspRefused {
        /// Its status.
        refusal: OcspRefusal,
    },
    /// A time-stamp request that must be refused with `failure` (RFC 3161 §2.4.2).
    #[error("time-stamp request: {detail} ({failure})")]
    TimeStampRequest {
        /// The PKIFailureInfo of the refusal.
        failure: TimeStampFailure,
        /// What is wrong with it.
        detail: String,
    },
    /// A CMS attribute that is not there, or there more than once.
    #[error("wanted exactly one {attribute} attribute, found {found}")]
    AttributeCount {
        /// The attribute's name in its standard.
        attribute: &'static str,
        /// How many there are.
        found: usize,
    },
    /// A content type other than the one wanted.
    #[error("wanted content type {expected}, found {found}")]
    ContentType {
        /// The type wanted.
        expected: ObjectIdentifier,
        /// The type found.
        found: ObjectIdentifier,
    },
    /// A CMS message where exactly one SignerInfo is wanted.
    #[error("wanted one SignerInfo, found {found}")]
    SignerCount {
        /// How many there are.
        found: usize,
    },
    /// A digest over the content that differs from the one stated: the content was changed, or is another.
    #[error("{what}: stated {stated}, computed {computed}")]
    DigestMismatch {
        /// messageDigest or messageImprint.
        what: &'static str,
        /// What the signed object states.
        stated: Box<Digest>,
        /// What the content has.
        computed: Box<Digest>,
    },
    /// A message that should carry a SHA-1 digest as its content (ISO 32000-1 §12.8.3.3.1).
    #[error("wanted a SHA-1 digest of 20 octets as the content of the message, found {found} octets")]
    EncapsulatedDigest {
        /// Octets of content.
        found: usize,
    },
    /// The certificate that the SignerInfo names is not in the message.
    #[error("the signer's certificate ({signer}) is not in the message")]
    SignerCertificateMissing {
        /// Issuer and serial number, or key identifier.
        signer: String,
    },
    /// The signing-certificate attribute refers to another certificate (RFC 5035 §4).
    #[error("the signing-certificate attribute does not refer to the certificate of `{subject}`: {detail}")]
    SigningCertificateMismatch {
        /// The subject of the certificate offered.
        subject: String,
        /// Which part differs.
        detail: &'static str,
    },
}

impl Error {
    /// Whether it says that something could not be verified here, because a key, curve, digest, parameter or size is not
    /// offered: nothing is then known about the signature, neither that it holds nor that it does not.
    pub fn is_undetermined(&self) -> bool {
        matches!(self, Self::UnsupportedAlgorithm { .. } | Self::UnsupportedParameters { .. })
    }

    /// The same with what was signed and whose key was tried, if it says that a signature does not hold.
    pub(crate) fn named(self, signed: &'static str, signer: impl std::fmt::Display) -> Self {
        match self {
            Self::SignatureInvalid { .. } => Self::SignatureInvalid { signed, signer: signer.to_string() },
            other => other,
        }
    }

    /// The PKIFailureInfo with which a time-stamp request is to be refused, if this is such an error.
    pub fn time_stamp_failure(&self) -> Option<TimeStampFailure> {
        match self {
            Self::TimeStampRequest { failure, .. } => Some(*failure),
            _ => None,
        }
    }
}
