//! The key server as its clients see it: the router is called without a socket, signatures are verified by other libraries.

mod authorization;
mod oauth;
mod refusals;
mod signing;
mod storage;
mod support;
