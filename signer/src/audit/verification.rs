//! Whether an audit chain holds. In: entries one after another, the signed head, the audit key, and the counters of the keys if
//! they are at hand. Out: intact, or the first thing that does not fit.

use std::collections::BTreeMap;
use std::fmt;

use pki::PublicKey;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::head::{AuditHead, SignedHead};
use super::{AuditEntry, AuditEvent, Head, StoredEntry, follow};
use crate::KeyId;

/// What verifying the chain found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuditVerdict {
    /// Every entry follows from the one before, the last one is the signed head, and every key was used as often as its entries
    /// say.
    Intact {
        /// How many entries there are.
        entries: u64,
        /// The hash of the last one, in hexadecimal; 64 zeros for an empty chain.
        head: String,
        /// Entries that say: the chain was broken before, and the key server was started nevertheless.
        accepted_breaks: Vec<i64>,
    },
    /// The first entry that does not fit.
    Broken {
        /// Its number.
        sequence: i64,
        /// What is wrong with it.
        fault: AuditFault,
    },
    /// The chain holds, but a key's counter differs from its entries: one of them was changed.
    CounterDiffers {
        /// The key.
        key: KeyId,
        /// How often the key was used by its counter.
        counted: u64,
        /// How often by the chain.
        audited: u64,
    },
}

/// What is wrong with an entry, or at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AuditFault {
    /// An entry is missing before it.
    Missing,
    /// Its hash does not follow from it and from the entry before.
    HashDiffers,
    /// It is not an entry, or carries another number than its row.
    Unreadable,
    /// It and all after it were cut off: the signed head, or a head that is known from earlier, is further on.
    CutOff,
    /// Its hash is not the one that was signed, or known from earlier: entries up to it were changed and hashed anew.
    Rewritten,
    /// It is newer than the signed head: it was added by something else than the key server.
    Unsigned,
    /// There is no signed head.
    HeadMissing,
    /// The head is not signed by the audit key.
    HeadForged,
    /// The audit key is not the one that was published.
    KeyReplaced,
}

impl AuditVerdict {
    /// Whether everything fits.
    pub fn is_intact(&self) -> bool {
        matches!(self, AuditVerdict::Intact { .. })
    }
}

impl fmt::Display for AuditVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AuditVerdict::Intact { entries, .. } => write!(f, "the audit chain is intact: {entries} entries"),
            AuditVerdict::Broken { sequence, fault } => {
                write!(f, "the audit chain is broken at entry {sequence}: {fault}")
            }
            AuditVerdict::CounterDiffers { key, counted, audited } => {
                write!(f, "the audit chain has {audited} signatures of {key}, the counter of that key shows {counted}")
            }
        }
    }
}

impl fmt::Display for AuditFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            AuditFault::Missing => "an entry is missing before it",
            AuditFault::HashDiffers => "its hash does not follow from it and the entry before: one of them was changed",
            AuditFault::Unreadable => "it cannot be read as an entry with this number",
            AuditFault::CutOff => "it and all after it were cut off, since the head that was signed is further on",
            AuditFault::Rewritten => {
                "its hash is not the one that was signed: it or entries before were changed and hashed anew"
            }
            AuditFault::Unsigned => "it is newer than the signed head, and so was not added by the key server",
            AuditFault::HeadMissing => "there is no signed head",
            AuditFault::HeadForged => "the head is not signed by the audit key",
            AuditFault::KeyReplaced => "the audit key is not the one that was published as audit.pem",
        })
    }
}

/// Reads a chain from its beginning, or from a place that was read before.
pub(crate) struct Verification {
    start: i64,
    head: Head,
    uses: BTreeMap<KeyId, u64>,
    accepted_breaks: Vec<i64>,
    known: Option<(i64, String)>,
}

impl Verification {
    pub(crate) fn new(start: Head, known: Option<(i64, String)>) -> Verification {
        let (uses, accepted_breaks) = (BTreeMap::new(), Vec::new());
        Verification { start: start.sequence, head: start, uses, accepted_breaks, known }
    }

    /// The number of the entry that was taken last.
    pub(crate) fn sequence(&self) -> i64 {
        self.head.sequence
    }

    /// Takes the next entry; says what is wrong with it.
    pub(crate) fn take(&mut self, stored: &StoredEntry) -> Result<(), AuditFault> {
        if stored.sequence != self.head.sequence + 1 {
            return Err(AuditFault::Missing);
        }
        let hash = follow(&self.head.hash, stored.entry.as_bytes());
        if hash[..] != stored.hash {
            return Err(AuditFault::HashDiffers);
        }
        if self.known.as_ref().is_some_and(|(at, known)| *at == stored.sequence && *known != hex::encode(hash)) {
            return Err(AuditFault::Rewritten);
        }
        let entry: AuditEntry = serde_json::from_str(&stored.entry).map_err(|_| AuditFault::Unreadable)?;
        if entry.sequence != stored.sequence {
            return Err(AuditFault::Unreadable);
        }
        if let (AuditEvent::Signed | AuditEvent::SignedInside, Some(key)) = (entry.event, entry.key) {
            let uses = self.uses.entry(key).or_default();
            *uses = uses.saturating_add(entry.signatures.unwrap_or(0));
        }
        if entry.event == AuditEvent::BreakAccepted {
            self.accepted_breaks.push(entry.sequence);
        }
        self.head = Head { sequence: stored.sequence, hash };
        Ok(())
    }

    /// Compares the end with the signed head.
    pub(crate) fn check_head(&self, signed: Option<&SignedHead>, key: &PublicKey) -> Result<(), AuditVerdict> {
        let (last, next) = (self.head.sequence, self.head.sequence + 1);
        let broken = |sequence, fault| Err(AuditVerdict::Broken { sequence, fault });
        if self.known.as_ref().is_some_and(|(known, _)| *known > last) {
            return broken(next, AuditFault::CutOff);
        }
        let Some(signed) = signed else { return broken(next, AuditFault::HeadMissing) };
        let Some(AuditHead { sequence, hash, .. }) = signed.verified(key) else {
            return broken(last, AuditFault::HeadForged);
        };
        match sequence.cmp(&last) {
            std::cmp::Ordering::Greater => broken(next, AuditFault::CutOff),
            std::cmp::Ordering::Less => broken(sequence + 1, AuditFault::Unsigned),
            std::cmp::Ordering::Equal if hash != hex::encode(self.head.hash) => broken(last, AuditFault::Rewritten),
            std::cmp::Ordering::Equal => Ok(()),
        }
    }

    /// Compares with the counters of the keys, unless the chain was read from its middle on.
    pub(crate) fn finish(mut self, counters: Vec<(KeyId, u64)>) -> AuditVerdict {
        let counters = if self.start == 0 { counters } else { Vec::new() };
        for (key, counted) in counters {
            let audited = self.uses.remove(&key).unwrap_or(0);
            if audited != counted {
                return AuditVerdict::CounterDiffers { key, counted, audited };
            }
        }
        match self.uses.pop_first() {
            Some((key, audited)) if self.start == 0 => AuditVerdict::CounterDiffers { key, counted: 0, audited },
            _ => self.intact(),
        }
    }

    /// The verdict on a chain without counters.
    pub(crate) fn intact(self) -> AuditVerdict {
        AuditVerdict::Intact {
            entries: self.head.sequence as u64,
            head: hex::encode(self.head.hash),
            accepted_breaks: self.accepted_breaks,
        }
    }
}
