//! What the key server writes down: security events. Each is stored together with its audit entry.

use std::sync::Arc;

use jiff::Timestamp;
use pki::{Digest, ObjectIdentifier};

use crate::KeyId;
use crate::audit::head::PURPOSE;
use crate::credential::{CredentialStatus, Scal, WhenRevoked};
use crate::secret::Hash;

/// An event and the world's time at which it happened.
pub(crate) struct Dated {
    pub(crate) at: Timestamp,
    pub(crate) event: SecurityEvent,
}

pub(crate) enum SecurityEvent {
    KeyCreated(StoredKey),
    /// A client was registered, or its secret reset.
    SecretSet {
        client: String,
        secret: Hash,
    },
    TokenIssued {
        token: Hash,
        client: String,
        expires_at: Timestamp,
    },
    TokenRevoked {
        token: Hash,
    },
    CredentialRegistered {
        credential: StoredCredential,
        chain: StoredChain,
    },
    ChainReplaced(StoredChain),
    CredentialStatusSet {
        credential: String,
        status: CredentialStatus,
    },
    Authorized(Grant),
    /// Authorized hashes are consumed: written before the signatures leave.
    Signed {
        sad: Hash,
        rows: Vec<i64>,
        key: KeyId,
        algorithm: ObjectIdentifier,
        digests: Vec<Digest>,
    },
    /// The key server is started though its audit chain is broken.
    BreakAccepted {
        remark: String,
    },
    /// Signatures for services of this process, which need no authorization: counted together.
    SignedInside {
        key: KeyId,
        count: u64,
        digests: Hash,
    },
}

impl SecurityEvent {
    /// Whether it is of those that come all the time, and that a batch writes together.
    pub(crate) fn is_frequent(&self) -> bool {
        matches!(self, SecurityEvent::Authorized(_) | SecurityEvent::Signed { .. } | SecurityEvent::SignedInside { .. })
    }

    /// Whether it changes a credential or a token that processes may keep in memory.
    pub(crate) fn changes_what_is_kept(&self) -> bool {
        use SecurityEvent::{ChainReplaced, CredentialStatusSet, TokenRevoked};
        matches!(self, ChainReplaced(_) | CredentialStatusSet { .. } | TokenRevoked { .. })
    }

    /// Whether it is the beginning of signed heads.
    pub(crate) fn makes_audit_key(&self) -> bool {
        matches!(self, SecurityEvent::KeyCreated(key) if key.origin == PURPOSE)
    }
}

/// A row of signer_key.
pub(crate) struct StoredKey {
    pub(crate) id: KeyId,
    pub(crate) kind: String,
    pub(crate) origin: String,
    pub(crate) label: String,
    pub(crate) public_key: Vec<u8>,
    pub(crate) nonce: Vec<u8>,
    pub(crate) private_key: Vec<u8>,
}

/// A row of signer_credential.
pub(crate) struct StoredCredential {
    pub(crate) id: String,
    pub(crate) client: String,
    pub(crate) description: String,
    pub(crate) scal: Scal,
    pub(crate) multisign: u32,
    pub(crate) when_revoked: WhenRevoked,
}

/// A row of signer_credential_chain.
pub(crate) struct StoredChain {
    pub(crate) credential: String,
    pub(crate) key: KeyId,
    pub(crate) pem: String,
}

/// A row of signer_authorization and its ledger rows.
#[derive(Clone)]
pub(crate) struct Grant {
    pub(crate) sad: Hash,
    pub(crate) client: Arc<str>,
    pub(crate) credential: Arc<str>,
    pub(crate) key: KeyId,
    pub(crate) expires_at: Timestamp,
    pub(crate) signatures: Authorized,
}

/// What may be signed.
#[derive(Clone)]
pub(crate) enum Authorized {
    /// These digests, each as often as it is listed; all of one algorithm.
    Digests(Vec<Digest>),
    /// So many signatures over any digest (SCAL 1).
    Any(u32),
}

impl Authorized {
    pub(crate) fn count(&self) -> usize {
        match self {
            Authorized::Digests(digests) => digests.len(),
            Authorized::Any(count) => *count as usize,
        }
    }

    pub(crate) fn digests(&self) -> &[Digest] {
        match self {
            Authorized::Digests(digests) => digests,
            Authorized::Any(_) => &[],
        }
    }
}
