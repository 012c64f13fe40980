//! The kinds of signatures that are written, EN 319 142-1 clause 5 and ISO 32000-1 clause 12.8.2.2.

use crate::field_lock::Permission;
use jiff::Timestamp;

/// What is written into the signature dictionary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealKind<'a> {
    /// A PAdES signature: /SubFilter `ETSI.CAdES.detached`.
    Seal {
        /// /M, the claimed time of sealing.
        at: Timestamp,
        /// /Name: who seals.
        name: Option<&'a str>,
        /// /Reason. Leave it out if the CMS has a commitment-type-indication or a signature policy (EN 319 142-1).
        reason: Option<&'a str>,
        /// /Location.
        location: Option<&'a str>,
    },
    /// The same as the first signature of the file, which says what may change after it (12.8.2.2).
    Certification {
        /// What may.
        permission: Permission,
        /// /M, the claimed time of sealing.
        at: Timestamp,
        /// /Name: who seals.
        name: Option<&'a str>,
        /// /Reason.
        reason: Option<&'a str>,
        /// /Location.
        location: Option<&'a str>,
    },
    /// A document time-stamp: /SubFilter `ETSI.RFC3161`, without a claimed time.
    DocumentTimeStamp,
}

impl<'a> SealKind<'a> {
    /// The same as a certification, or as none.
    pub(crate) fn certifying(self, permission: Option<Permission>) -> SealKind<'a> {
        match (self, permission) {
            (
                SealKind::Seal { at, name, reason, location }
                | SealKind::Certification { at, name, reason, location, .. },
                Some(permission),
            ) => SealKind::Certification { permission, at, name, reason, location },
            (SealKind::Certification { at, name, reason, location, .. }, None) => {
                SealKind::Seal { at, name, reason, location }
            }
            (kind, _) => kind,
        }
    }

    /// What may change after it, if it is a certification.
    pub(crate) fn permission(self) -> Option<Permission> {
        if let SealKind::Certification { permission, .. } = self { Some(permission) } else { None }
    }

    /// /Reason.
    pub(crate) fn reason(self) -> Option<&'a str> {
        match self {
            SealKind::Seal { reason, .. } | SealKind::Certification { reason, .. } => reason,
            SealKind::DocumentTimeStamp => None,
        }
    }

    /// Whether it is no document time-stamp.
    pub(crate) fn is_seal(self) -> bool {
        !matches!(self, SealKind::DocumentTimeStamp)
    }

    /// /SubFilter.
    pub(crate) fn sub_filter(self) -> &'static str {
        if self.is_seal() { "ETSI.CAdES.detached" } else { "ETSI.RFC3161" }
    }
}
