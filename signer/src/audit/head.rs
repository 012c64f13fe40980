//! The signed head of the audit chain: number and hash of its newest entry under the world's audit key, ECDSA with P-256 and
//! SHA-256. It is replaced in the same transaction that adds entries, and no earlier one is kept: a chain that was cut has no
//! head that fits.
//!
//! In: the end of the chain. Out: a text and its signature, which `openssl dgst -sha256 -verify audit.pem` can check.

use jiff::Timestamp;
use pki::{Digest, DigestAlgorithm, KeyKind, PublicKey, SignatureAlgorithm};
use serde::{Deserialize, Serialize};

use super::Head;
use crate::keys::key_pair::KeyPair;
use crate::{Error, KeyId};

/// What the key is for, as it stands in its row and in every head: nothing else that it might sign passes for a head.
pub(crate) const PURPOSE: &str = "eseal audit head";

/// Its kind: fast, and read by every tool.
pub(crate) const KIND: KeyKind = KeyKind::P256;

/// The newest entry of a chain, as it is signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditHead {
    /// Always `eseal audit head`.
    purpose: String,
    /// The number of the newest entry.
    pub sequence: i64,
    /// Its hash, lower-case hexadecimal.
    pub hash: String,
    /// The world's time of the newest entry.
    pub at: Timestamp,
}

/// The head of a chain with its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedHead {
    /// An [`AuditHead`] as JSON: the very octets that are signed.
    pub text: String,
    /// ECDSA signature over SHA-256 of the text, DER.
    pub signature: Vec<u8>,
}

impl SignedHead {
    /// The head, if that key signed it.
    pub fn verified(&self, key: &PublicKey) -> Option<AuditHead> {
        key.verify(algorithm(), &digest(&self.text), &self.signature).ok()?;
        let head: AuditHead = serde_json::from_str(&self.text).ok()?;
        (head.purpose == PURPOSE).then_some(head)
    }
}

/// The key that signs heads.
pub(crate) struct HeadKey(pub(crate) KeyPair);

impl HeadKey {
    pub(crate) fn id(&self) -> &KeyId {
        &self.0.id
    }

    pub(crate) fn sign(&self, head: &Head, at: Timestamp) -> Result<SignedHead, Error> {
        let head = AuditHead { purpose: PURPOSE.into(), sequence: head.sequence, hash: hex::encode(head.hash), at };
        let text = serde_json::to_string(&head).expect("a head has only text and numbers");
        let signature = self.0.sign(algorithm(), &digest(&text))?;
        Ok(SignedHead { text, signature })
    }
}

fn algorithm() -> SignatureAlgorithm {
    KIND.default_signature_algorithm()
}

fn digest(text: &str) -> Digest {
    DigestAlgorithm::Sha256.digest(text.as_bytes())
}
