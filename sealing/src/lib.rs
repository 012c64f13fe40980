//! How a PDF gets its seal: prepared here, signed by a key server, time-stamped by an authority, both over their HTTP APIs like any
//! stranger, and completed with evidence. The PDF never leaves; what is sent are digests.
//!
//! - [`Sealer::seal`]: the whole way, to any PAdES baseline level, with a last look before the file is handed out.
//! - [`Sealer::seal_all`]: the same for many files, with one authorization and one look for evidence.
//! - [`stamp`] and [`prolong`]: a document time-stamp over a file, and evidence as of now under a new one.
//! - [`TimeStamping`] and [`KeyServer`]: the two services as their clients see them.
//!
//! What an authority is asked can be held against its answer without any service:
//!
//! ```
//! use pki::{DigestAlgorithm, TimeStampFailure, TimeStampResponse};
//! use sealing::{AnswerError, TimeStampQuestion};
//!
//! let question = TimeStampQuestion::about(&DigestAlgorithm::Sha256.digest(b"a document"));
//! assert!(question.to_der().starts_with(&[0x30])); // a TimeStampReq, to be sent as TimeStampQuestion::MEDIA_TYPE
//! let answer = TimeStampResponse::refusal(TimeStampFailure::TimeNotAvailable, "no clock");
//! assert!(matches!(question.token(&answer), Err(AnswerError::Refused { .. })));
//! ```

mod archive;
mod crossing;
mod csc;
mod demands;
mod error;
mod evidenced;
mod hand_out;
mod level;
mod options;
mod prepared;
mod seal;
mod services;
mod signed;
mod stamped;
mod standing;
mod store;
mod task;
mod time_stamping;
mod together;

pub use archive::{ARCHIVE_TIME_STAMP_FIELD, Archive, prolong, stamp};
pub use crossing::{Crossing, Crossings};
pub use csc::{Credential, KeyServer, Signature};
pub use error::{Error, Lacking};
pub use evidenced::Sealed;
pub use level::{Level, UnknownLevel};
pub use options::{EarlierSeals, SealOptions, Source, check_reason};
pub use seal::{ATTEMPTS, Sealer};
pub use services::{ClientSecret, Services};
pub use time_stamping::{AnswerError, TimeStampQuestion, TimeStamping};
