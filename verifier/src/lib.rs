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

pub mod conclusion;
pub mod cryptographic_suite;
mod error;
pub mod evidence;
pub mod explanation;
pub mod integrity;
pub mod policy;
pub mod report;

pub use conclusion::{Conclusion, Failure, Reason};
pub use error::Error;
pub use policy::Policy;
pub use report::Report;
