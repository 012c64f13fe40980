//! The verifier of a world: the service round [`validation`]. It sees bytes, trust anchors and a time: no service's database, no
//! service's crate.
//!
//! - [`evidence::gather`]: what the authorities say now, for [`validation::validate`]; [`evidence::collect`]: the same for a
//!   long-term seal. The only part that uses the network.
//! - [`judge`]: both of them, for one file: gathered, then judged.
//! - [`router`]: a PDF in, the report out, over HTTP.
//! - [`explanation`]: a report in words for people.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! use verifier::evidence::Online;
//!
//! let at = "2026-11-24T09:00:00Z".parse().unwrap();
//! let world = world::World::in_memory("http://127.0.0.1:8700", at).await.unwrap();
//! let verifier = verifier::Verifier::new(&world, Vec::new()); // it trusts nobody
//! let error = verifier.judge("no PDF".into(), None, Online::Never).await.unwrap_err();
//! assert!(matches!(error, verifier::Error::Validation(_))); // the question could not be asked: that is no verdict
//! # });
//! ```

mod api;
mod error;
pub mod evidence;
pub mod explanation;
mod http;
mod judgement;

pub use error::Error;
pub use http::{Verifier, router};
pub use judgement::{Judgement, judge};
