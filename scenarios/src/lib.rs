//! Stories about seals, and the laboratory that they play in.
//!
//! [`Laboratory`] is one world with all its services, made and joined: what the testbed serves to clients, and what a story
//! plays in without a socket.
//!
//! [`Story`] is what a story's file says, [`run`] plays stories, [`tell`] says what became of them, [`cases`] has those that
//! come with the program.

pub mod cases;
pub mod keep;
pub mod laboratory;
mod paper;
pub mod run;
pub mod stage;
pub mod story;
pub mod tamper;
pub mod tell;

pub use laboratory::Laboratory;
pub use run::Outcome;
pub use story::Story;
