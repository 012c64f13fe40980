//! How a PDF gets its seal: prepared here, signed by a key server, time-stamped by an authority, both over their HTTP APIs like any
//! stranger, and completed with evidence. The PDF never leaves; what is sent are digests.

mod demands;
mod error;
mod hand_out;
mod key_server;
mod level;
mod seal;
mod time_stamping;

pub use error::Error;
pub use key_server::{ClientSecret, Credential, KeyServer, Services, Signature};
pub use level::{Level, UnknownLevel};
pub use seal::{ARCHIVE_TIME_STAMP_FIELD, ATTEMPTS, EarlierSeals, SealOptions, Sealed, Sealer, Source, check_reason};
