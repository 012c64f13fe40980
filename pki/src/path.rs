//! Certificate paths, RFC 4158 and RFC 5280 §6.1: **the** builder and validator of seals, time-stamps, CRLs and OCSP answers.
//! In: a leaf, and what is [`Known`]: anchors, other certificates, and how much work may be done. Out: [`Candidate`]s, whose
//! names and signatures hold up to an anchor, and of those a [`ValidPath`], which has passed every rule that does not depend on
//! revocation. Nothing else can make one.
//!
//! ```
//! use pki::path::{self, Dates, Known};
//! # fn example(seal: &pki::Certificate, pool: &[pki::Certificate], anchor: pki::Certificate, at: jiff::Timestamp) {
//! let mut known = Known::new(&[anchor]);
//! pool.iter().for_each(|one| _ = known.add(one));
//! match path::build(seal, &known, Dates::At(at)) {
//!     Ok(path) => println!("{} certificates up to {}", path.certificates().len(), path.anchor().subject()),
//!     Err(failure) => println!("{failure}"),
//! }
//! # }
//! ```

mod budget;
mod known;
mod name_constraints;
mod policies;
mod rules;
mod search;
mod subtree;
mod valid;

pub use budget::Budget;
pub use known::{AnchorSet, Issued, Known};
pub use rules::{BrokenRule, unknown_critical_extension};
pub use search::{Candidate, Search, Unverifiable};
pub use valid::{Dates, Failure, ValidPath, build};

#[cfg(test)]
mod tests;
