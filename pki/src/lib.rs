//! Bytes to types and back: certificates, CRLs, OCSP, CMS, time-stamps. Pure: no IO, no clock, no HTTP.
//!
//! Every type that is read keeps the octets that it was read from, and signatures are verified over those. Private keys
//! never appear: what is to be signed comes out as a digest, and the signature value goes back in. Time is an argument.
//!
//! ```
//! use pki::{DigestAlgorithm, HashParameters, TimeStampRequest};
//! let request = TimeStampRequest {
//!     imprint: DigestAlgorithm::Sha256.digest(b"a diploma"),
//!     hash_parameters: HashParameters::Absent,
//!     policy: None,
//!     nonce: Some(vec![0x42]),
//!     certificate_requested: true,
//! };
//! assert_eq!(TimeStampRequest::from_der(&request.to_der())?, request);
//! # Ok::<(), pki::Error>(())
//! ```
//!
//! Every item has one path: a name that says all by itself stands here (`pki::Certificate`), and the module that it is written
//! in is private; names that need their module's word stand there alone ([`path::build`], [`oid`]).

mod algorithm;
mod ber;
mod certificate;
mod cms;
mod crl;
mod distribution_point;
mod error;
mod extension;
mod general_name;
mod key;
mod memory;
mod name;
mod object_identifier;
mod ocsp;
mod pem;
mod request;
mod revocation_reason;
mod serial;
mod signed;
mod tsp;

pub mod asn1;
pub mod oid;
pub mod path;
#[cfg(any(test, feature = "testing"))]
pub mod testing;

pub use algorithm::{Digest, DigestAlgorithm, PssParameters, Scheme, SignatureAlgorithm};
pub use certificate::{Certificate, CertificateTemplate, KeyHolder};
pub use cms::{
    Attribute, CertificateReference, EmbeddedRevocationData, SignedAttributes, SignedData, SignedForm,
    SignerIdentifier, SigningCertificates, X509RsaSignature,
};
pub use crl::{Crl, CrlTemplate, OutOfScope, RevokedEntry};
pub use distribution_point::{DistributionPoint, DistributionPointName, IssuingDistributionPoint, Reasons};
pub use error::{Error, Verification};
pub use extension::{Extension, KeyUsage, KeyUsageBit, QcStatement};
pub use general_name::GeneralName;
pub use key::{KeyAlgorithm, KeyKind, PublicKey, RsaPadding};
pub use memory::SignatureMemory;
pub use name::{Name, NameBuilder};
pub use object_identifier::ObjectIdentifier;
pub use ocsp::{
    Answers, CertificateId, CertificateStatus, OcspRefusal, OcspRequest, OcspResponse, OcspTemplate, PendingOcsp,
    ResponderId, SingleResponse, SuccessfulOcspResponse,
};
pub use request::CertificationRequest;
pub use revocation_reason::RevocationReason;
pub use serial::SerialNumber;
pub use signed::ToBeSigned;
pub use tsp::{
    Accuracy, HashParameters, PendingToken, TimeStampFailure, TimeStampRequest, TimeStampResponse, TimeStampToken,
    TokenAssembler, TokenContent, TstInfo,
};
