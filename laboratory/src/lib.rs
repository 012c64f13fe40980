//! The laboratory: one world with all its services, made and joined; the worlds of a folder; what happens to them: time, renewal,
//! forgeries.
//!
//! [`Laboratory`] is what the testbed serves to clients, and what a story plays in without a socket. [`worlds::Worlds`] are all
//! those of a server.
//!
//! A world in a test, with nothing on disk and no socket: a document is sealed, and judged by what the authorities say.
//!
//! ```
//! use laboratory::documents::SealRequest;
//! use laboratory::plan::WorldPlan;
//! use laboratory::{Laboratory, Level, Online, paper};
//! use pki::KeyKind;
//! use validation::{Anchor, Input, Pdf, Policy};
//! use world::World;
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let world = World::in_memory("http://127.0.0.1:8700", "2026-11-24T09:00:00Z".parse()?).await?;
//! let plan = WorldPlan::default().with_credentials(&[KeyKind::P256], false);
//! let laboratory = Laboratory::open_for_story(&world, plan, |_| axum::Router::new()).await?;
//! let authority = laboratory.authority();
//! let request = SealRequest { level: Level::BT, algorithm: KeyKind::P256, stamped_by: authority };
//! let sealed = laboratory.seal(paper::plain("A letter"), &request).await?;
//!
//! let anchors: Vec<Anchor> = authority.anchors().await?.into_iter().map(Anchor::from).collect();
//! let (document, policy) = (pades::Document::parse(sealed.pdf.as_slice())?, Policy::default());
//! let known = Input {
//!     pdf: Pdf::Read(&document),
//!     anchors: &anchors,
//!     certificates: &[],
//!     crls: &[],
//!     ocsp_responses: &[],
//!     policy: &policy,
//!     memory: laboratory.memory(),
//! };
//! let judgement = laboratory.judge(&known, world.clock.now(), Online::Allowed).await?;
//! assert!(judgement.report.signatures[0].conclusion.is_passed());
//! # Ok(())
//! # }
//! ```

pub mod api;
pub mod authority;
pub mod crossings;
pub mod documents;
pub mod faults;
pub mod forgery;
pub mod http;
mod laboratory;
mod metrics;
mod openapi;
pub mod paper;
pub mod plan;
pub mod publications;
mod registered;
pub mod registry;
pub mod worlds;

pub use laboratory::{Error, Laboratory, Opening, TABLES};
pub use openapi::openapi;
pub use sealing::Level;
pub use verifier::evidence::Online;
