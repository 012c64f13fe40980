//! What a seal is worth. The verifier sees bytes, trust anchors and a time: no service's database, no service's crate.
//!
//! - [`integrity::check`]: does the cryptography of a PDF's seals and time-stamps hold? In: the bytes. Out: facts, no verdict.
//! - [`evidence::collect`]: what do the authorities say about the certificates? The only part that uses the network.
//!
//! ```
//! let pdf = b"%PDF-1.7\nnot really one";
//! let error = verifier::integrity::check(pdf).unwrap_err();
//! assert!(error.to_string().starts_with("the file cannot be read as a PDF"));
//! ```

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
