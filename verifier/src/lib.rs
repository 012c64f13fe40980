//! The verifier of a world: the service round [`validation`]. It sees bytes, trust anchors and a time: no service's database, no
//! service's crate.
//!
//! - [`evidence::gather`]: what the authorities say now, for [`validation::validate`]; [`evidence::collect`]: the same for a
//!   long-term seal. The only part that uses the network.
//! - [`judge`]: both of them, for one file: gathered, then judged.
//! - [`router`]: a PDF in, the report out, over HTTP.
//! - [`explanation`]: a report in words for people.

mod api;
mod error;
pub mod evidence;
pub mod explanation;
mod http;
mod judgement;

pub use error::Error;
pub use http::{Verifier, router};
pub use judgement::{Judgement, judge};
