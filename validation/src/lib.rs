//! What a seal is worth: ETSI EN 319 102-1 as a library. In: bytes, who is trusted, what is known from elsewhere, a policy, a
//! time. Out: a [`report::Report`]. Pure: no IO, no clock, no network; the same question has the same answer.
//!
//! The way of a question: format checking 5.2.2 → signing certificate 5.2.3 → X.509 5.2.6 with freshness 5.2.5 → cryptographic
//! verification 5.2.7 → acceptance 5.2.8 ; basic 5.3 ; time-stamps 5.4 ; with time 5.5 ; archival 5.6, one module each.
//!
//! Every item has one path: what questions and verdicts are made of stands here, and the module that it is written in is private;
//! names that need their module's word stand there alone ([`report::Kind`], [`token::validate`]).
//!
//! ```
//! use validation::{Input, Pdf, Policy, report::Overall};
//! let pdf = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\nxref\n0 2\n0000000000 65535 f \n\
//!     0000000009 00000 n \ntrailer\n<< /Size 2 /Root 1 0 R >>\nstartxref\n45\n%%EOF\n";
//! let (document, policy) = (pades::Document::parse(pdf.as_slice())?, Policy::default());
//! let input =
//!     Input { pdf: Pdf::Read(&document), anchors: &[], certificates: &[], crls: &[], ocsp_responses: &[], policy: &policy, memory: &pki::SignatureMemory::default() };
//! let report = validation::validate(&input, "2026-11-24T09:00:00Z".parse()?)?;
//! assert_eq!(report.overall, Overall::NoSignatureFound);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[cfg(test)]
extern crate self as validation; // the laboratory of the tests speaks of the crate by its name

mod acceptance;
mod archival;
mod bare_signature;
mod basic;
mod building_blocks;
pub mod certificate;
mod certificate_path;
mod check;
mod conclusion;
mod cryptographic_suite;
mod cryptographic_verification;
mod error;
mod existence;
mod file;
pub mod format_check;
#[cfg(test)]
#[path = "../tests/laboratory/mod.rs"]
mod laboratory;
mod language;
mod later;
mod material;
mod past_signature;
mod policy;
pub mod report;
pub mod revocation_data;
mod revocation_freshness;
mod signing_certificate;
mod standing;
mod time_sliding;
mod time_stamp;
pub mod token;
mod validate;
mod with_time;

pub use check::CheckId;
pub use conclusion::{Conclusion, Failure, Reason};
pub use cryptographic_suite::{CryptographicSuite, Reliability};
pub use error::Error;
pub use language::Language;
pub use policy::{Anomaly, ConstraintLevel, LaterChangesAllowed, Policy, PolicyError, StructureConstraints};
pub use validate::{Anchor, Input, Pdf, TrustedFor, validate};
