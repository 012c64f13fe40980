//! The laboratory: one world with all its services, made and joined; the worlds of a folder; what happens to them: time, renewal,
//! forgeries.
//!
//! [`Laboratory`] is what the testbed serves to clients, and what a story plays in without a socket. [`worlds::Worlds`] are all
//! those of a server.

pub mod api;
pub mod authority;
pub mod documents;
pub mod faults;
pub mod forgery;
pub mod http;
mod laboratory;
mod openapi;
pub mod paper;
pub mod publications;
pub mod registry;
pub mod worlds;

pub use laboratory::{Error, Holdings, Laboratory, Opening, SEAL_KEYS, TABLES, seal_credential};
pub use openapi::openapi;
pub use sealing::Level;
pub use verifier::evidence::Online;
