//! What a seal is worth. The verifier sees bytes, trust anchors and a time: no service's database, no service's crate.
//!
//! - [`validate`]: the verdict of ETSI EN 319 102-1 on every seal of a PDF at a time. In: the bytes, anchors, what is known from
//!   elsewhere, a policy. Out: a [`Report`]. Pure: the same question has the same answer.
//! - [`evidence::gather`]: what the authorities say now, for [`validate`]; [`evidence::collect`]: the same for a long-term seal.
//!   The only part that uses the network.
//! - [`integrity::check`]: does the cryptography of a PDF's seals and time-stamps hold? In: the bytes. Out: facts, no verdict.
//!
//! The way of a question: format checking 5.2.2 → signing certificate 5.2.3 → X.509 5.2.6 with freshness 5.2.5 → cryptographic
//! verification 5.2.7 → acceptance 5.2.8 ; basic 5.3 ; time-stamps 5.4 ; with time 5.5 ; archival 5.6, one module each.
//!
//! ```
//! use verifier::{Input, Policy, report::Overall};
//! let pdf = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\nxref\n0 2\n0000000000 65535 f \n\
//!     0000000009 00000 n \ntrailer\n<< /Size 2 /Root 1 0 R >>\nstartxref\n45\n%%EOF\n";
//! let policy = Policy::long_term_updates_only();
//! let input =
//!     Input { pdf, anchors: &[], certificates: &[], crls: &[], ocsp_responses: &[], policy: &policy };
//! let report = verifier::validate(&input, "2026-11-24T09:00:00Z".parse()?)?;
//! assert_eq!(report.overall, Overall::NoSignatureFound);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[cfg(test)]
extern crate self as verifier; // the laboratory of the tests speaks of the crate by its name

mod acceptance;
mod archival;
mod basic;
mod certificate_path;
pub mod conclusion;
pub mod cryptographic_suite;
mod cryptographic_verification;
mod error;
pub mod evidence;
mod existence;
pub mod explanation;
mod file;
pub mod format_check;
mod http;
pub mod integrity;
#[cfg(test)]
#[path = "../tests/laboratory/mod.rs"]
mod laboratory;
mod material;
mod past_signature;
pub mod policy;
pub mod report;
mod revocation_freshness;
mod signing_certificate;
mod time_sliding;
mod time_stamp;
mod validate;
mod with_time;

pub use conclusion::{Conclusion, Failure, Reason};
pub use error::Error;
pub use http::{Verifier, router};
pub use policy::Policy;
pub use report::Report;
pub use validate::{Anchor, Input, validate};
