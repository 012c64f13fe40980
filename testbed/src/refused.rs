//! That a service said no, as a command tells it.

use http::StatusCode;

/// The answer of a service that said no.
#[derive(Debug, thiserror::Error)]
#[error("{description}")]
pub(crate) struct Refused {
    /// The HTTP status.
    pub(crate) status: StatusCode,
    /// The code of its error body.
    pub(crate) error: String,
    /// The sentence of its error body.
    pub(crate) description: String,
    /// The same in Japanese, where the service says it.
    pub(crate) japanese: Option<String>,
    /// The argument that it is about, if that is not the whole command's.
    pub(crate) input: Option<String>,
}

impl Refused {
    /// 1 if the service understood and said no, 4 if the question could not be asked.
    pub(crate) fn exit_code(&self) -> u8 {
        match self.status {
            StatusCode::NOT_FOUND | StatusCode::CONFLICT | StatusCode::UNPROCESSABLE_ENTITY => 1,
            _ => 4,
        }
    }
}
