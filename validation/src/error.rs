//! Why a question could not be asked. An unfavourable answer is a value, never one of these.

/// Failures of validation.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The bytes are not a PDF that can be read strictly.
    #[error("the file cannot be read as a PDF: {0}")]
    Pdf(#[from] pades::Error),
}
