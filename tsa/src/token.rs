//! What is known of a token that was issued.

use jiff::Timestamp;
use pki::{Digest, SerialNumber};

use crate::UnitName;

/// What is kept of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedToken {
    /// The unit that signed it.
    pub unit: UnitName,
    /// TSTInfo.serialNumber.
    pub serial: SerialNumber,
    /// TSTInfo.genTime, as exact as its unit gives it.
    pub time: Timestamp,
    /// TSTInfo.messageImprint.
    pub imprint: Digest,
}
