//! CRLReason, RFC 5280 §5.3.1: why a certificate is revoked, in CRLs, OCSP answers and the scopes of lists.

use std::fmt;
use std::str::FromStr;

use crate::Error;
use crate::asn1::{self, Element};

/// Why a certificate is revoked (RFC 5280 §5.3.1, CRLReason).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum RevocationReason {
    /// unspecified.
    Unspecified = 0,
    /// keyCompromise.
    KeyCompromise = 1,
    /// cACompromise.
    CaCompromise = 2,
    /// affiliationChanged.
    AffiliationChanged = 3,
    /// superseded.
    Superseded = 4,
    /// cessationOfOperation.
    CessationOfOperation = 5,
    /// certificateHold: may be taken back.
    CertificateHold = 6,
    /// removeFromCRL: in delta CRLs, and in nothing else.
    RemoveFromCrl = 8,
    /// privilegeWithdrawn.
    PrivilegeWithdrawn = 9,
    /// aACompromise.
    AaCompromise = 10,
}

impl RevocationReason {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 10] = [
        Self::Unspecified,
        Self::KeyCompromise,
        Self::CaCompromise,
        Self::AffiliationChanged,
        Self::Superseded,
        Self::CessationOfOperation,
        Self::CertificateHold,
        Self::RemoveFromCrl,
        Self::PrivilegeWithdrawn,
        Self::AaCompromise,
    ];

    /// Its number in CRLReason.
    pub const fn code(self) -> u8 {
        self as u8
    }

    pub(crate) fn read(element: &Element<'_>) -> Result<Self, Error> {
        Self::ALL
            .into_iter()
            .find(|reason| element.value == [reason.code()])
            .ok_or_else(|| element.malformed("a CRLReason", asn1::shown(element.value)))
    }
}

impl fmt::Display for RevocationReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Unspecified => "unspecified",
            Self::KeyCompromise => "keyCompromise",
            Self::CaCompromise => "cACompromise",
            Self::AffiliationChanged => "affiliationChanged",
            Self::Superseded => "superseded",
            Self::CessationOfOperation => "cessationOfOperation",
            Self::CertificateHold => "certificateHold",
            Self::RemoveFromCrl => "removeFromCRL",
            Self::PrivilegeWithdrawn => "privilegeWithdrawn",
            Self::AaCompromise => "aACompromise",
        })
    }
}

impl FromStr for RevocationReason {
    type Err = Error;

    /// The name in RFC 5280; capitals do not matter.
    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|reason| reason.to_string().eq_ignore_ascii_case(name)).ok_or_else(|| {
            Error::UnknownName {
                expected: "a revocation reason of RFC 5280, as in keyCompromise",
                found: name.to_owned(),
            }
        })
    }
}
