//! The audit chain of a world for readers: it opens without the root key, and though the chain is broken.

use pki::PublicKey;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use world::World;

use super::StoredEntry;
use super::export::AuditLine;
use crate::Error;
use crate::store::SignerStore;

/// A part of an export.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct AuditPage {
    /// The first line.
    pub title: AuditLine,
    /// Some of the entries.
    pub entries: Vec<AuditLine>,
    /// The last line, as it is now.
    pub head: AuditLine,
}

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

    /// The title of an export, at most `limit` entries after that number, and the head of the moment before: it is not newer than
    /// the last page. `None` if no head was ever signed.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn page(&self, after: i64, limit: i64) -> Result<Option<AuditPage>, Error> {
        let Some((key, head)) = self.store.audit_head().await? else { return Ok(None) };
        let stored = self.store.key(&key).await?.ok_or(Error::NoSuchKey { key })?;
        let title = AuditLine::title(&self.world, &PublicKey::from_spki_der(&stored.public_key)?);
        let entry = |stored: StoredEntry| AuditLine::Entry {
            sequence: stored.sequence,
            entry: stored.entry,
            hash: hex::encode(stored.hash),
        };
        let entries = self.store.audit_entries(after, limit).await?.into_iter().map(entry).collect();
        Ok(Some(AuditPage { title, entries, head: head.into() }))
    }
}
