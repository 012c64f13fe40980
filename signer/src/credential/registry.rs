//! Which credentials there are.
//!
//! In: registrations and replacements, kept as dated events. Out: the credential as it is at the world's time: when the clock
//! is set back behind a renewal, the earlier key and certificate count again.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use jiff::Timestamp;
use pki::Certificate;
use world::time::whole_seconds;

use super::{Credential, CredentialStatus, NewCredential};
use crate::security_event::{SecurityEvent, StoredChain, StoredCredential};
use crate::{Error, KeyId, Signer};

/// How many credentials are kept ready, a few kilobytes each.
const CREDENTIALS_IN_MEMORY: usize = 10_000;

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

impl Credentials {
    /// Another process changed one: all are read again.
    pub(crate) fn forget(&self) {
        let mut loaded = self.loaded.write().expect("no code panics while it holds the credentials");
        loaded.changes += 1;
        loaded.credentials.clear();
    }
}

impl Signer {
    /// Gives a client a credential. The first certificate must be for the key, the client registered, the name unused.
    ///
    /// # Errors
    /// [`Error::CredentialIncomplete`], [`Error::NoSuchClient`], [`Error::CredentialExists`], [`Error::CertificateOfAnotherKey`],
    /// [`Error::NoSuchKey`]; the database's.
    pub async fn register_credential(&self, new: NewCredential) -> Result<(), Error> {
        let incomplete = |missing| Err(Error::CredentialIncomplete { credential: new.id.clone(), missing });
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
    ///
    /// # Errors
    /// If the database fails, or a stored certificate cannot be read.
    pub async fn has_credential(&self, credential: &str) -> Result<bool, Error> {
        Ok(self.versions(credential).await?.is_some())
    }

    /// The certificate chain of a credential at the world's time, its end certificate first; `None` if there is no such
    /// credential. If no certificate of the credential is valid then, it is the latest that was.
    ///
    /// # Errors
    /// If the database fails, or a stored certificate cannot be read.
    pub async fn chain(&self, credential: &str) -> Result<Option<Vec<Certificate>>, Error> {
        Ok(self.credential(credential).await?.map(|credential| credential.chain.clone()))
    }

    /// Gives a credential another key and chain; from now on it signs with these. The ones before stay for the time before.
    ///
    /// # Errors
    /// [`Error::NoSuchCredential`], [`Error::CredentialIncomplete`], [`Error::CertificateOfAnotherKey`], [`Error::NoSuchKey`]; the
    /// database's.
    pub async fn replace_chain(&self, credential: &str, key: &KeyId, chain: &[Certificate]) -> Result<(), Error> {
        self.existing(credential).await?;
        let chain = self.stored_chain(credential, key, chain).await?;
        self.change(credential, SecurityEvent::ChainReplaced(chain)).await
    }

    /// Enables or disables a credential from now on.
    ///
    /// # Errors
    /// [`Error::NoSuchCredential`]; the database's.
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
            let missing = "at least one certificate";
            return Err(Error::CredentialIncomplete { credential: credential.into(), missing });
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
