//! The audit chain of a world for readers: it opens without the root key, and though the chain is broken.

use pki::PublicKey;
use world::World;

use super::export::AuditLine;
use crate::Error;
use crate::store::SignerStore;

/// Reads the audit chain of one world.
#[derive(Clone)]
pub struct AuditLog {
    store: SignerStore,
    world: String,
}

impl AuditLog {
    /// The chain of that world.
    ///
    /// # Errors
    /// If its database fails.
    pub async fn open(world: &World) -> Result<AuditLog, Error> {
        Ok(AuditLog { store: SignerStore::open(world).await?, world: world.name.clone() })
    }

    pub(crate) fn of(store: &SignerStore, world: &World) -> AuditLog {
        AuditLog { store: store.clone(), world: world.name.clone() }
    }

    /// The first line of an export, and the number of the last entry; `None` if no head was ever signed.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn title(&self) -> Result<Option<AuditLine>, Error> {
        let Some((key, _)) = self.store.audit_head().await? else { return Ok(None) };
        let stored = self.store.key(&key).await?.ok_or(Error::NoSuchKey { key })?;
        Ok(Some(AuditLine::title(&self.world, &PublicKey::from_spki_der(&stored.public_key)?)))
    }

    /// At most `limit` entries after that number, as lines of an export.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn entries(&self, after: i64, limit: i64) -> Result<Vec<AuditLine>, Error> {
        let line = |stored: super::StoredEntry| AuditLine::Entry {
            sequence: stored.sequence,
            entry: stored.entry,
            hash: hex::encode(stored.hash),
        };
        Ok(self.store.audit_entries(after, limit).await?.into_iter().map(line).collect())
    }

    /// The last line of an export: the signed head of this moment.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn head(&self) -> Result<Option<AuditLine>, Error> {
        Ok(self.store.audit_head().await?.map(|(_, head)| head.into()))
    }
}
