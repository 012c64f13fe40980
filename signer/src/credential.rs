//! Credentials: a key with its certificate chain, given to one client.
//!
//! In: registrations and replacements, kept as dated events. Out: the credential as it is at the world's time: when the clock
//! is set back behind a renewal, the earlier key and certificate count again.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use jiff::Timestamp;
use pki::{Certificate, KeyKind};
use world::time::whole_seconds;

use crate::security_event::{SecurityEvent, StoredChain, StoredCredential};
use crate::{Error, KeyId, Signer};

/// How many credentials are kept ready, a few kilobytes each.
const CREDENTIALS_IN_MEMORY: usize = 10_000;

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
    since: Timestamp,
    pub(crate) when_revoked: WhenRevoked,
    pub(crate) status: CredentialStatus,
}

/// A credential with each key and chain that it ever had, the latest first; never empty.
type Versions = Arc<[Arc<Credential>]>;

/// Credentials that were used since the start.
#[derive(Default)]
pub(crate) struct Credentials {
    loaded: RwLock<Loaded>,
}

#[derive(Default)]
struct Loaded {
    credentials: HashMap<String, Versions>,
    /// Counts changes, so that nobody keeps a credential that changed while it was being read.
    changes: u64,
}

impl Signer {
    /// Gives a client a credential. The first certificate must be for the key, the client registered, the name unused.
    pub async fn register_credential(&self, new: NewCredential) -> Result<(), Error> {
        let incomplete = |wanted| Err(Error::CredentialIncomplete { credential: new.id.clone(), wanted });
        if new.id.is_empty() {
            return incomplete("a name");
        }
        if new.multisign == 0 {
            return incomplete("at least one signature an authorization");
        }
        if self.shared.store.secret(&new.client).await?.is_none() {
            return Err(Error::NoSuchClient { client: new.client });
        }
        if self.has_credential(&new.id).await? {
            return Err(Error::CredentialExists { credential: new.id });
        }
        let chain = self.stored_chain(&new.id, &new.key, &new.chain).await?;
        let (scal, multisign, when_revoked) = (new.scal, new.multisign, new.when_revoked);
        let (id, client, description) = (new.id, new.client, new.description);
        let credential = StoredCredential { id, client, description, scal, multisign, when_revoked };
        self.write(SecurityEvent::CredentialRegistered { credential, chain }).await.map(drop)
    }

    /// Whether a credential of that name is registered.
    pub async fn has_credential(&self, credential: &str) -> Result<bool, Error> {
        Ok(self.versions(credential).await?.is_some())
    }

    /// The certificate chain of a credential at the world's time, its end certificate first; `None` if there is no such
    /// credential. If no certificate of the credential is valid then, it is the latest that was.
    pub async fn chain(&self, credential: &str) -> Result<Option<Vec<Certificate>>, Error> {
        Ok(self.credential(credential).await?.map(|credential| credential.chain.clone()))
    }

    /// Gives a credential another key and chain; from now on it signs with these. The ones before stay for the time before.
    pub async fn replace_chain(&self, credential: &str, key: &KeyId, chain: &[Certificate]) -> Result<(), Error> {
        self.existing(credential).await?;
        let chain = self.stored_chain(credential, key, chain).await?;
        self.change(credential, SecurityEvent::ChainReplaced(chain)).await
    }

    /// Enables or disables a credential from now on.
    pub async fn set_credential_status(&self, credential: &str, status: CredentialStatus) -> Result<(), Error> {
        self.existing(credential).await?;
        self.change(credential, SecurityEvent::CredentialStatusSet { credential: credential.into(), status }).await
    }

    async fn existing(&self, credential: &str) -> Result<Arc<Credential>, Error> {
        let missing = || Error::NoSuchCredential { credential: credential.into() };
        self.credential(credential).await?.ok_or_else(missing)
    }

    async fn change(&self, credential: &str, event: SecurityEvent) -> Result<(), Error> {
        let (signer, credential) = (self.clone(), credential.to_owned());
        world::to_the_end(async move {
            signer.write(event).await?;
            signer.loaded_credentials_mut(|loaded| {
                loaded.changes += 1;
                loaded.credentials.remove(&credential);
            });
            Ok(())
        })
        .await
    }

    async fn stored_chain(&self, credential: &str, key: &KeyId, chain: &[Certificate]) -> Result<StoredChain, Error> {
        let Some(first) = chain.first() else {
            let wanted = "at least one certificate";
            return Err(Error::CredentialIncomplete { credential: credential.into(), wanted });
        };
        if first.public_key() != self.public_key(key).await? {
            return Err(Error::CertificateOfAnotherKey { credential: credential.into(), key: key.clone() });
        }
        let pem = chain.iter().map(Certificate::to_pem).collect();
        Ok(StoredChain { credential: credential.into(), key: key.clone(), pem })
    }

    /// The credential of that name as it is at the world's time.
    pub(crate) async fn credential(&self, id: &str) -> Result<Option<Arc<Credential>>, Error> {
        let at = self.shared.world.clock.now();
        Ok(self.versions(id).await?.map(|versions| version_at(&versions, at).clone()))
    }

    /// A credential with the key that it has or had.
    pub(crate) async fn credential_with(&self, id: &str, key: &KeyId) -> Result<Option<Arc<Credential>>, Error> {
        let versions = self.versions(id).await?;
        Ok(versions.and_then(|versions| versions.iter().find(|version| version.key == *key).cloned()))
    }

    async fn versions(&self, id: &str) -> Result<Option<Versions>, Error> {
        let (known, changes) = self.loaded_credential(id);
        if known.is_some() {
            return Ok(known);
        }
        let Some(stored) = self.shared.store.credential(id).await? else { return Ok(None) };
        let mut versions = Vec::with_capacity(stored.chains.len());
        for dated in stored.chains {
            let chain = Certificate::from_pem_bundle(&dated.chain.pem)?;
            let Some(certificate) = chain.first() else {
                return Err(Error::StoredValue { column: "signer_credential_chain.chain", found: dated.chain.pem });
            };
            versions.push(Arc::new(Credential {
                id: stored.credential.id.as_str().into(),
                client: stored.credential.client.clone(),
                description: stored.credential.description.clone(),
                scal: stored.credential.scal,
                multisign: stored.credential.multisign,
                key: dated.chain.key,
                kind: certificate.public_key().kind(),
                chain,
                since: whole_seconds(dated.since),
                when_revoked: stored.credential.when_revoked,
                status: stored.status,
            }));
        }
        versions.sort_by_key(|version| std::cmp::Reverse(version.since)); // the later of one second stays first
        let versions: Versions = versions.into();
        self.loaded_credentials_mut(|loaded| {
            if loaded.credentials.len() >= CREDENTIALS_IN_MEMORY {
                loaded.credentials.clear(); // those in use come back from the store
            }
            if loaded.changes == changes {
                loaded.credentials.insert(id.to_owned(), versions.clone());
            }
        });
        Ok(Some(versions))
    }

    fn loaded_credential(&self, id: &str) -> (Option<Versions>, u64) {
        let loaded = self.shared.credentials.loaded.read().expect("no code panics while it holds the credentials");
        (loaded.credentials.get(id).cloned(), loaded.changes)
    }

    fn loaded_credentials_mut(&self, change: impl FnOnce(&mut Loaded)) {
        change(&mut self.shared.credentials.loaded.write().expect("no code panics while it holds the credentials"));
    }
}

/// The version that counts at that time: the latest of those that had begun and are valid; if there is none, one that is
/// valid all the same, then the latest that had begun, then the earliest.
fn version_at(versions: &[Arc<Credential>], at: Timestamp) -> &Arc<Credential> {
    let valid = |version: &&Arc<Credential>| version.certificate().valid_at(at);
    let begun = |version: &&Arc<Credential>| version.since <= at;
    let found = versions.iter().find(|version| begun(version) && valid(version));
    let found = found.or_else(|| versions.iter().find(valid)).or_else(|| versions.iter().find(begun));
    found.or_else(|| versions.last()).expect("a credential is stored with its first chain")
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
