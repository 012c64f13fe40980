//! Stories about seals, played in a laboratory.
//!
//! [`story::Story`] is what a story's file says, [`run`] plays stories, [`tell`] says what became of them, [`cases`] has those that
//! come with the program.
//!
//! ```
//! use scenarios::{run, story::Story};
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let story = Story::parse("1-revoked-later", r#"
//!     title = { ja = "後日の失効", en = "Revoked later" }
//!     clause = "EN 319 102-1 clause 5.5"
//!     why = { ja = "タイムスタンプは失効より前です。", en = "The time-stamp is older than the revocation." }
//!     steps = [
//!         { seal = "letter", level = "B-T" },
//!         { advance = "10d" },
//!         { revoke = "letter", reason = "superseded" },
//!         { advance = "1h" },
//!         { verify = "letter", expect = { verdict = "TOTAL-PASSED", best_signature_time = "stamp" } },
//!     ]
//! "#)?;
//! let outcome = run::play(story).await;
//! assert!(outcome.is_passed(), "{outcome:?}");
//! # Ok(())
//! # }
//! ```

pub mod cases;
pub mod keep;
pub mod run;
pub mod stage;
pub mod story;
pub mod tell;
