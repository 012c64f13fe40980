//! Stories about seals, and the laboratory that they play in.
//!
//! [`Laboratory`] is one world with all its services, made and joined: what the testbed serves to clients, and what a story
//! plays in without a socket.

pub mod laboratory;

pub use laboratory::Laboratory;
