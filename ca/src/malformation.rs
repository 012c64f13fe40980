//! What the CA can be told to make wrong, because only its keys can: an explicit argument of what signs OCSP answers and CRLs.
//! Nobody but the fault rules of the world's network attaches one to a request ([`world::fault`]).

use std::fmt;
use std::str::FromStr;

/// A wrong OCSP answer or CRL. One that makes no sense for what is asked changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformation {
    /// OCSP: *unknown*, also for certificates that were issued.
    StatusUnknown,
    /// OCSP: *good*, also for certificates that are revoked or on hold, so that OCSP and CRL disagree.
    StatusGood,
    /// OCSP and CRL: certificates are forgotten when they expire, and no ArchiveCutoff or expiredCertsOnCRL says otherwise.
    ExpiredForgotten,
    /// CRL: without nextUpdate.
    NoNextUpdate,
}

impl Malformation {
    /// All of them.
    pub const ALL: [Malformation; 4] = [
        Malformation::StatusUnknown,
        Malformation::StatusGood,
        Malformation::ExpiredForgotten,
        Malformation::NoNextUpdate,
    ];

    /// The name as fault rules write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Malformation::StatusUnknown => "status-unknown",
            Malformation::StatusGood => "status-good",
            Malformation::ExpiredForgotten => "expired-forgotten",
            Malformation::NoNextUpdate => "no-next-update",
        }
    }
}

impl fmt::Display for Malformation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A malformation's name that none has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the CA has no malformation {found:?}: wanted status-unknown, status-good, expired-forgotten or no-next-update"
)]
pub struct NoSuchMalformation {
    /// What was given.
    pub found: String,
}

impl FromStr for Malformation {
    type Err = NoSuchMalformation;

    fn from_str(text: &str) -> Result<Self, NoSuchMalformation> {
        let found = Malformation::ALL.into_iter().find(|one| one.name() == text);
        found.ok_or_else(|| NoSuchMalformation { found: text.to_owned() })
    }
}
