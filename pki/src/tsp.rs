//! Time-stamps, RFC 3161 and RFC 5816. In: requests, responses and tokens as they came. Out: what they say, and new ones.

use std::fmt;

mod assembler;
mod request;
mod response;
mod token;

pub use assembler::{PendingToken, TokenAssembler, TokenContent};
pub use request::{HashParameters, TimeStampRequest};
pub use response::TimeStampResponse;
pub use token::{Accuracy, TimeStampToken, TstInfo};

/// Why a time-stamp is refused (RFC 3161 §2.4.2, PKIFailureInfo); the number is that of the bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum TimeStampFailure {
    /// badAlg: unknown or unsupported digest algorithm.
    BadAlgorithm = 0,
    /// badRequest: not permitted or not supported.
    BadRequest = 2,
    /// badDataFormat: wrong format.
    BadDataFormat = 5,
    /// timeNotAvailable: the time source is not available.
    TimeNotAvailable = 14,
    /// unacceptedPolicy.
    UnacceptedPolicy = 15,
    /// unacceptedExtension.
    UnacceptedExtension = 16,
    /// addInfoNotAvailable.
    AdditionalInfoNotAvailable = 17,
    /// systemFailure.
    SystemFailure = 25,
}

impl TimeStampFailure {
    /// All of them, by the number of their bit.
    pub const ALL: [Self; 8] = [
        Self::BadAlgorithm,
        Self::BadRequest,
        Self::BadDataFormat,
        Self::TimeNotAvailable,
        Self::UnacceptedPolicy,
        Self::UnacceptedExtension,
        Self::AdditionalInfoNotAvailable,
        Self::SystemFailure,
    ];
}

impl TimeStampFailure {
    /// Its name in RFC 3161 clause 2.4.2.
    pub fn name(self) -> &'static str {
        match self {
            Self::BadAlgorithm => "badAlg",
            Self::BadRequest => "badRequest",
            Self::BadDataFormat => "badDataFormat",
            Self::TimeNotAvailable => "timeNotAvailable",
            Self::UnacceptedPolicy => "unacceptedPolicy",
            Self::UnacceptedExtension => "unacceptedExtension",
            Self::AdditionalInfoNotAvailable => "addInfoNotAvailable",
            Self::SystemFailure => "systemFailure",
        }
    }
}

impl fmt::Display for TimeStampFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

#[cfg(test)]
mod tests;
