//! The laboratory: one world with all its services, made and joined; the worlds of a folder; what happens to them: time, renewal,
//! forgeries.
//!
//! [`Laboratory`] is what the testbed serves to clients, and what a story plays in without a socket. [`worlds::Worlds`] are all
//! those of a server.

pub mod api;
pub mod http;
mod laboratory;
pub mod paper;
pub mod registry;
pub mod tamper;
pub mod worlds;

pub use laboratory::{Error, Holdings, Laboratory, Opening, SEAL_KEYS, TABLES, seal_credential};
