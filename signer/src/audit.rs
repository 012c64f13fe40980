//! The audit chain: one entry for each security event, each bound to all before it.
//!
//! hash(n) = SHA-256(hash(n−1) ‖ entry(n)), hash(0) = 32 zero bytes; the entry is JSON with its members in a fixed order.
//! Names are never written, only their SHA-256: an entry names no person and no document. The newest hash is signed
//! ([`head`]), so that who lacks the key can neither cut the chain nor hash it anew. In: events. Out: entries.

pub(crate) mod api;
pub(crate) mod export;
pub(crate) mod head;
pub(crate) mod http;
pub(crate) mod key;
pub(crate) mod log;
pub(crate) mod verification;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::Digest as _;
use sha2::Sha256;

use crate::KeyId;
use crate::credential::CredentialStatus;
use crate::secret::Hash;
use crate::security_event::{Dated, SecurityEvent};

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AuditEvent {
    /// A key was made inside.
    KeyCreated,
    /// A client was registered, or its secret reset.
    SecretSet,
    /// An access token was given out.
    TokenIssued,
    /// An access token was revoked.
    TokenRevoked,
    /// A credential was registered.
    CredentialRegistered,
    /// A credential got another key and chain.
    ChainReplaced,
    /// A credential was enabled.
    CredentialEnabled,
    /// A credential was disabled.
    CredentialDisabled,
    /// Signatures were authorized.
    Authorized,
    /// Authorized signatures were made.
    Signed,
    /// A service of the same process had signatures made: several are counted in one entry.
    SignedInside,
    /// The key server was started though the chain was broken; the remark says how.
    BreakAccepted,
}

/// One entry. Hashes are lower-case hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// 1 for the first.
    pub sequence: i64,
    /// The world's time.
    pub at: Timestamp,
    /// What happened.
    pub event: AuditEvent,
    /// The key that was made or used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<KeyId>,
    /// SHA-256 of the client's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// SHA-256 of the credential's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
    /// SHA-256 of the access token or of the signature activation data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorization: Option<String>,
    /// OID of the signature algorithm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<String>,
    /// How many signatures were authorized or made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signatures: Option<u64>,
    /// The digests, in the order of the request. For signatures inside: one running hash,
    /// h ← SHA-256(h ‖ digest) from 32 zero bytes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub digests: Vec<String>,
    /// SHA-256 of what else belongs to the event: the public key, or the certificate chain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// A sentence of this program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
}

/// A stored entry.
pub(crate) struct StoredEntry {
    pub(crate) sequence: i64,
    pub(crate) entry: String,
    pub(crate) hash: Vec<u8>,
}

/// The end of the chain, from which it grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) sequence: i64,
    pub(crate) hash: [u8; 32],
}

impl Head {
    pub(crate) const EMPTY: Head = Head { sequence: 0, hash: [0; 32] };

    /// The head that a verdict tells: a number, and 64 hexadecimal digits.
    fn of_verdict(entries: u64, hash: &str) -> Head {
        let hash = hex::decode(hash).ok().and_then(|hash| hash.try_into().ok());
        Head { sequence: entries as i64, hash: hash.expect("a verdict has its hash in hexadecimal") }
    }

    /// Adds the entry of an event.
    pub(crate) fn append(&mut self, dated: &Dated) -> StoredEntry {
        self.sequence += 1;
        let entry = serde_json::to_string(&entry(self.sequence, dated)).expect("an entry has only text and numbers");
        self.hash = follow(&self.hash, entry.as_bytes());
        StoredEntry { sequence: self.sequence, entry, hash: self.hash.to_vec() }
    }
}

/// One step of a running hash.
pub(crate) fn follow(before: &[u8; 32], bytes: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(before).chain_update(bytes).finalize().into()
}

fn entry(sequence: i64, dated: &Dated) -> AuditEntry {
    let blank = |event| AuditEntry {
        sequence,
        at: dated.at,
        event,
        key: None,
        client: None,
        credential: None,
        authorization: None,
        algorithm: None,
        signatures: None,
        digests: Vec::new(),
        object: None,
        remark: None,
    };
    let name = |text: &str| Some(Hash::of(text).to_hex());
    match &dated.event {
        SecurityEvent::KeyCreated(key) => AuditEntry {
            key: Some(key.id.clone()),
            object: Some(Hash::of(&key.public_key).to_hex()),
            ..blank(AuditEvent::KeyCreated)
        },
        SecurityEvent::SecretSet { client, .. } => AuditEntry { client: name(client), ..blank(AuditEvent::SecretSet) },
        SecurityEvent::TokenIssued { token, client, .. } => {
            AuditEntry { client: name(client), authorization: Some(token.to_hex()), ..blank(AuditEvent::TokenIssued) }
        }
        SecurityEvent::TokenRevoked { token } => {
            AuditEntry { authorization: Some(token.to_hex()), ..blank(AuditEvent::TokenRevoked) }
        }
        SecurityEvent::CredentialRegistered { credential, chain } => AuditEntry {
            key: Some(chain.key.clone()),
            client: name(&credential.client),
            credential: name(&credential.id),
            object: name(&chain.pem),
            ..blank(AuditEvent::CredentialRegistered)
        },
        SecurityEvent::ChainReplaced(chain) => AuditEntry {
            key: Some(chain.key.clone()),
            credential: name(&chain.credential),
            object: name(&chain.pem),
            ..blank(AuditEvent::ChainReplaced)
        },
        SecurityEvent::CredentialStatusSet { credential, status } => {
            let event = match status {
                CredentialStatus::Enabled => AuditEvent::CredentialEnabled,
                CredentialStatus::Disabled => AuditEvent::CredentialDisabled,
            };
            AuditEntry { credential: name(credential), ..blank(event) }
        }
        SecurityEvent::Authorized(grant) => AuditEntry {
            client: name(&grant.client),
            credential: name(&grant.credential),
            authorization: Some(grant.sad.to_hex()),
            signatures: Some(grant.signatures.count() as u64),
            digests: grant.signatures.digests().iter().map(ToString::to_string).collect(),
            ..blank(AuditEvent::Authorized)
        },
        SecurityEvent::Signed { sad, key, algorithm, digests, .. } => AuditEntry {
            key: Some(key.clone()),
            authorization: Some(sad.to_hex()),
            algorithm: Some(algorithm.to_string()),
            signatures: Some(digests.len() as u64),
            digests: digests.iter().map(ToString::to_string).collect(),
            ..blank(AuditEvent::Signed)
        },
        SecurityEvent::BreakAccepted { remark } => {
            AuditEntry { remark: Some(remark.clone()), ..blank(AuditEvent::BreakAccepted) }
        }
        SecurityEvent::SignedInside { key, count, digests } => AuditEntry {
            key: Some(key.clone()),
            signatures: Some(*count),
            digests: vec![digests.to_hex()],
            ..blank(AuditEvent::SignedInside)
        },
    }
}
