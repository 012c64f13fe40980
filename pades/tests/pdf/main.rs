//! Whole files in, whole files out: reading, sealing, the security store, hostile files, and what other readers say.
#![expect(clippy::unwrap_used, reason = "a test, also in its helpers")]

mod cases;
mod corpora;
mod encrypted;
mod locks;
mod mutations;
mod reading;
mod sealing;
mod security_store;
mod seed_values;
mod support;
mod tolerance;
mod unusual;
mod witnesses;
