//! Validation of seals: evidence collection and integrity.
