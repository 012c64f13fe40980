//! Why a question could not be asked. An unfavourable answer is a value, never one of these.

/// Failures of the verifier.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be judged.
    #[error(transparent)]
    Validation(#[from] validation::Error),
    /// More certificates than any honest seal brings along.
    #[error("evidence is collected for at most {limit} certificates at a time; found {found}")]
    TooManyCertificates {
        /// How many there are.
        found: usize,
        /// How many are taken.
        limit: usize,
    },
    /// Too many verdicts are being worked out.
    #[error(transparent)]
    Busy(#[from] world::pool::Busy),
}
