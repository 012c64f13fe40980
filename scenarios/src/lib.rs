//! Stories about seals, played in a laboratory.
//!
//! [`story::Story`] is what a story's file says, [`run`] plays stories, [`tell`] says what became of them, [`cases`] has those that
//! come with the program.

pub mod cases;
pub mod keep;
pub mod run;
pub mod stage;
pub mod story;
pub mod tell;
