//! Why a question could not be asked. An unfavourable answer is a value, never one of these.

/// Failures of validation.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The bytes are not a PDF that can be read strictly.
    #[error("the file cannot be read as a PDF: {0}")]
    Pdf(#[from] pades::Error),
    /// The bytes are neither a time-stamp response nor a token.
    #[error("this is not a time-stamp response, and not a token: {0}")]
    Token(pki::Error),
    /// A time-stamp response without a token.
    #[error("the authority refused with status {status}: {text}")]
    TokenRefused {
        /// PKIStatus.
        status: u8,
        /// What it says.
        text: String,
    },
}
