//! Credentials: a key with its certificate chain, given to one client.

pub(crate) mod registry;

use std::sync::Arc;

use jiff::Timestamp;
use pki::{Certificate, KeyKind};

use crate::KeyId;

/// How an authorization is tied to what it authorizes (CSC API, `SCAL`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scal {
    /// "1": an authorization may name a number of signatures only.
    One,
    /// "2": an authorization names the hashes.
    Two,
}

/// Whether a credential may sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialStatus {
    /// It may.
    Enabled,
    /// It may not.
    Disabled,
}

/// What becomes of a signature when the credential's certificate is revoked or suspended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenRevoked {
    /// It is refused, as by any good key server.
    Refuse,
    /// It is made, and the answer has a warning: verifiers have to be tested with such seals.
    SignWithWarning,
}

/// What a credential is made of.
#[derive(Clone, Debug)]
pub struct NewCredential {
    /// Its name in the API, for instance `seal-2026`.
    pub id: String,
    /// The key that signs.
    pub key: KeyId,
    /// The certificate of the key, then its issuers, each certified by the next; the root may be left out.
    pub chain: Vec<Certificate>,
    /// The client that may use it.
    pub client: String,
    /// A sentence for people.
    pub description: String,
    /// How authorizations are tied to hashes.
    pub scal: Scal,
    /// The most signatures of one authorization, at least 1.
    pub multisign: u32,
    /// Whether it signs with a revoked or suspended certificate.
    pub when_revoked: WhenRevoked,
}

/// A credential with one of its keys and chains.
pub(crate) struct Credential {
    pub(crate) id: Arc<str>,
    pub(crate) client: String,
    pub(crate) description: String,
    pub(crate) scal: Scal,
    pub(crate) multisign: u32,
    pub(crate) key: KeyId,
    pub(crate) kind: KeyKind,
    pub(crate) chain: Vec<Certificate>,
    /// The whole second from which on it has this key and chain.
    pub(crate) since: Timestamp,
    pub(crate) when_revoked: WhenRevoked,
    pub(crate) status: CredentialStatus,
}

impl Credential {
    /// The certificate of the key.
    pub(crate) fn certificate(&self) -> &Certificate {
        self.chain.first().expect("a chain is stored only with its first certificate")
    }
}

impl Scal {
    pub(crate) fn number(self) -> i64 {
        match self {
            Scal::One => 1,
            Scal::Two => 2,
        }
    }
}

impl CredentialStatus {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            CredentialStatus::Enabled => "enabled",
            CredentialStatus::Disabled => "disabled",
        }
    }
}
