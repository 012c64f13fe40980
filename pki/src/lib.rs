//! Bytes to types and back: certificates, CRLs, OCSP, CMS, time-stamps. Pure: no IO, no clock, no HTTP.
//!
//! Every type that is read keeps the octets that it was read from, and signatures are verified over those. Private keys
//! never appear: what is to be signed comes out as a digest, and the signature value goes back in. Time is an argument.

mod asn1;
mod ber;
mod encode;
mod error;
mod memory;
mod object_identifier;
mod pem;
mod serial;
#[cfg(test)]
mod testing;
mod time;

pub mod algorithm;
pub mod certificate;
pub mod cms;
pub mod crl;
pub mod distribution_point;
pub mod extension;
pub mod general_name;
pub mod key;
pub mod name;
pub mod ocsp;
pub mod oid;
pub mod path;
pub mod request;
pub mod signed;
pub mod tsp;

pub use algorithm::{Digest, DigestAlgorithm, PssParameters, Scheme, SignatureAlgorithm};
pub use certificate::{Certificate, KeyHolder, SerialNumber, Template};
pub use cms::{SignedAttributes, SignedData};
pub use crl::{Crl, CrlTemplate, OutOfScope, RevocationReason, RevokedEntry};
pub use distribution_point::{DistributionPoint, DistributionPointName, IssuingDistributionPoint, Reasons};
pub use error::{Error, Verification};
pub use extension::{Extension, KeyUsage, KeyUsageBit, QcStatement};
pub use general_name::GeneralName;
pub use key::{KeyKind, PublicKey};
pub use memory::SignatureMemory;
pub use name::Name;
pub use object_identifier::ObjectIdentifier;
pub use ocsp::{
    CertificateId, CertificateStatus, OcspRefusal, OcspRequest, OcspResponse, OcspTemplate, SingleResponse,
};
pub use request::CertificationRequest;
pub use signed::ToBeSigned;
pub use tsp::{
    Accuracy, TimeStampFailure, TimeStampRequest, TimeStampResponse, TimeStampToken, TokenAssembler, TokenContent,
    TstInfo,
};
