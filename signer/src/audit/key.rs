//! The audit key when a key server is opened: found, or made in a world that has none yet, after the chain was verified.
//!
//! The private half is wrapped like any other, but bound to its purpose: no row of the database can make the key sign anything
//! else, or another key sign heads. The public half is published as `trust/audit.pem`; a chain that is not signed by the key which
//! was published is refused. In: the stored head and the published key. Out: the key that signs from now on.

use std::path::Path;

use pki::PublicKey;
use world::World;

use super::Head;
use super::head::{HeadKey, KIND, PURPOSE};
use super::verification::{AuditFault, AuditVerdict};
use crate::keys::key_pair::KeyPair;
use crate::keys::root_key::RootKey;
use crate::security_event::{Dated, SecurityEvent};
use crate::store::{Extent, SignerStore};
use crate::{Error, KeyId};

/// How many of the newest entries are verified whenever a key server is opened; `eseal audit verify` reads all.
const VERIFIED_AT_START: i64 = 50_000;

/// Where the public half lies in the world's folder.
const PUBLISHED: &str = "trust/audit.pem";

/// What a broken audit chain means for the start of its key server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BrokenAudit {
    /// It does not start.
    #[default]
    Refuse,
    /// It starts, says so in the log, and writes that into the chain.
    Accept,
}

impl HeadKey {
    pub(crate) async fn open(
        store: &SignerStore,
        root: &RootKey,
        world: &World,
        broken: BrokenAudit,
    ) -> Result<HeadKey, Error> {
        let published = world.folder.as_deref().and_then(published);
        let (found, verdict) = HeadKey::examined(store, root, published).await?;
        if let AuditVerdict::Intact { entries, head, .. } = &verdict {
            store.continue_from(Some(Head::of_verdict(*entries, head))).await?;
            return match found {
                Some(key) => Ok(key),
                None => HeadKey::make(store, root, world).await,
            };
        }
        if broken == BrokenAudit::Refuse {
            return Err(Error::broken(verdict));
        }
        tracing::warn!(world = world.name, "started nevertheless: {verdict}");
        store.continue_from(None).await?;
        let key = match found {
            Some(key) => key,
            None => {
                store.forget_audit_head().await?;
                HeadKey::make(store, root, world).await?
            }
        };
        let event = SecurityEvent::BreakAccepted { remark: verdict.to_string() };
        store.record(&[&Dated { at: world.clock.now(), event }], &key).await?;
        Ok(key)
    }

    /// The key, if it is there and good, and what verifying the chain with it found.
    pub(crate) async fn examined(
        store: &SignerStore,
        root: &RootKey,
        published: Option<PublicKey>,
    ) -> Result<(Option<HeadKey>, AuditVerdict), Error> {
        let broken = |fault| AuditVerdict::Broken { sequence: 1, fault };
        let Some((id, _)) = store.audit_head().await? else {
            let is_new = store.keys().await?.is_empty(); // what was published then is of a world that lay here before
            return match published {
                Some(_) if !is_new => Ok((None, broken(AuditFault::HeadMissing))),
                _ => Ok((None, store.verify_unsigned_audit().await?)),
            };
        };
        let Some(stored) = store.key(&id).await?.filter(|stored| stored.origin == PURPOSE) else {
            return Ok((None, broken(AuditFault::HeadForged)));
        };
        let pair = match root.unwrapped(&stored) {
            Ok(pair) => pair,
            Err(Error::KeyDamaged { .. }) => return Ok((None, broken(AuditFault::HeadForged))),
            Err(error) => return Err(error),
        };
        let key = HeadKey(pair);
        let verdict = match published {
            Some(published) if published != key.0.public => broken(AuditFault::KeyReplaced),
            _ => store.verify_audit(&key.0.public, Extent::Newest(VERIFIED_AT_START)).await?,
        };
        Ok((Some(key), verdict))
    }

    /// Makes the key and signs the first head with it.
    async fn make(store: &SignerStore, root: &RootKey, world: &World) -> Result<HeadKey, Error> {
        let id = KeyId::random()?;
        let pkcs8 = KeyPair::generate(KIND)?;
        let pair = KeyPair::from_pkcs8(&id, KIND, &pkcs8)?;
        let stored = root.stored(&pair, PURPOSE, PURPOSE, &pkcs8)?;
        let key = HeadKey(pair);
        store.record(&[&Dated { at: world.clock.now(), event: SecurityEvent::KeyCreated(stored) }], &key).await?;
        Ok(key)
    }
}

/// The key that was published; `None` if there is no file, or no key in it.
fn published(folder: &Path) -> Option<PublicKey> {
    PublicKey::from_pem(&std::fs::read_to_string(folder.join(PUBLISHED)).ok()?).ok()
}
