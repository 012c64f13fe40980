//! The validation policy: what is asked for beyond the steps of EN 319 102-1, as data. In: nothing. Out: constraints.

use std::time::Duration;

use pki::{KeyUsageBit, ObjectIdentifier, oid};

use crate::cryptographic_suite::CryptographicSuite;

/// What is asked of seals, certificates, revocation data and time-stamps.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Its name in reports.
    pub name: String,
    /// What may follow a sealed revision.
    pub later_changes: LaterChangesAllowed,
    /// Until when algorithms are reliable.
    pub suite: CryptographicSuite,
    /// Greatest age of revocation data (5.2.5); without it the time from thisUpdate to nextUpdate.
    pub revocation_freshness: Option<Duration>,
    /// Whether certificates without revocation data fail, unless they say themselves that there is none.
    pub require_revocation_data: bool,
    /// A bit of keyUsage that a seal's certificate must have, if it has the extension.
    pub seal_key_usage: Option<KeyUsageBit>,
    /// Purposes of which a seal's certificate must have one, if it has extKeyUsage.
    pub seal_purposes: Vec<ObjectIdentifier>,
    /// organizationIdentifier values of which a seal's certificate must have one; empty: any organisation.
    pub organization_identifiers: Vec<String>,
    /// Whether a seal needs a time-stamp that proves when it existed.
    pub require_time_stamp: bool,
    /// How long after the claimed time a seal may be stamped (5.5.4 step 5); `None`: any time.
    pub time_stamp_delay: Option<Duration>,
    /// Whether the claimed time must lie in the validity of the certificate.
    pub claimed_time_in_validity: bool,
}

/// What may follow a sealed revision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaterChangesAllowed {
    /// Security stores and document time-stamps.
    LongTermOnly,
    /// Anything: the verdict is about the sealed revision alone.
    Any,
}

/// id-kp-documentSigning's forerunners: Adobe's authentic documents, Microsoft's document signing.
const EARLIER_DOCUMENT_PURPOSES: [&str; 2] = ["1.2.840.113583.1.1.5", "1.3.6.1.4.1.311.10.3.12"];

impl Policy {
    /// The default: revocation data for every certificate, dates of TS 119 312, after the seal nothing but long-term material.
    pub fn long_term_updates_only() -> Policy {
        let earlier = EARLIER_DOCUMENT_PURPOSES.map(|text| text.parse().expect("an object identifier"));
        let purposes = [oid::DOCUMENT_SIGNING, oid::EMAIL_PROTECTION, oid::ANY_EXTENDED_KEY_USAGE];
        Policy {
            name: "long-term-updates-only".into(),
            later_changes: LaterChangesAllowed::LongTermOnly,
            suite: CryptographicSuite::ts_119_312(),
            revocation_freshness: None,
            require_revocation_data: true,
            seal_key_usage: Some(KeyUsageBit::NonRepudiation),
            seal_purposes: purposes.into_iter().chain(earlier).collect(),
            organization_identifiers: Vec::new(),
            require_time_stamp: false,
            time_stamp_delay: None,
            claimed_time_in_validity: false,
        }
    }

    /// The same, whatever was added after the seal: the reading of EN 319 102-1 alone.
    pub fn any_later_changes() -> Policy {
        let base = Policy::long_term_updates_only();
        Policy { name: "any-later-changes".into(), later_changes: LaterChangesAllowed::Any, ..base }
    }
}

impl Default for Policy {
    fn default() -> Policy {
        Policy::long_term_updates_only()
    }
}
