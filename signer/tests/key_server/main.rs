//! The key server as its clients see it: the router is called without a socket, signatures are verified by other libraries.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod audit;
mod authorization;
mod full_disk;
mod oauth;
mod openapi;
mod refusals;
mod signing;
mod standing;
mod storage;
mod support;
