//! Learning certificates as sealed PDF with an Open Badge.
