//! Why a question could not be asked. An unfavourable answer is a value, never one of these.

/// Failures of the verifier.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The bytes are not a PDF that can be read strictly.
    #[error("the file cannot be read as a PDF: {0}")]
    Pdf(#[from] pades::Error),
    /// More certificates than any honest seal brings along.
    #[error("evidence is collected for at most {limit} certificates at a time; found {found}")]
    TooManyCertificates {
        /// How many there are.
        found: usize,
        /// How many are taken.
        limit: usize,
    },
}
