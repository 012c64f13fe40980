//! The key server of one world: what is opened, and what its parts share.
//!
//! In: a world with its folder and database. Out: a handle that is cheap to clone.

use std::path::Path;
use std::sync::Arc;

use pki::PublicKey;
use world::World;
use world::store::postgres::Database;
use zeroize::Zeroizing;

use crate::Error;
use crate::audit::head::HeadKey;
use crate::audit::key::BrokenAudit;
use crate::audit::log::AuditLog;
use crate::audit::verification::AuditVerdict;
use crate::client::Tokens;
use crate::credential::registry::Credentials;
use crate::keys::KeyStore;
use crate::keys::root_key::RootKey;
use crate::security_event::SecurityEvent;
use crate::signing::authorizations::Authorizations;
use crate::standing::Standings;
use crate::store::{Extent, SignerStore};
use crate::writer::Writer;

/// The environment's secret: if it is set when a world is made, it protects that world's keys in place of a file.
const PASSPHRASE: &str = "ESEAL_KEY_PASSPHRASE";

/// Whether a world that comes from elsewhere could be opened: the root key fits, and the newest part of the audit chain holds.
/// Gives what is wrong with the chain where that is accepted.
///
/// # Errors
/// Why not, as [`Signer::open_despite`] would tell it.
pub async fn examine(world: &World, broken: BrokenAudit) -> Result<Option<AuditVerdict>, Error> {
    let store = SignerStore::open(world).await?;
    if store.root().await?.is_none() {
        return Ok(None); // no key server was ever opened there
    }
    let root = RootKey::open(&store, world.folder.as_deref(), passphrase()).await?;
    match HeadKey::examined(&store, &root, None).await? {
        (_, AuditVerdict::Intact { .. }) => Ok(None),
        (_, verdict) if broken == BrokenAudit::Accept => Ok(Some(verdict)),
        (_, verdict) => Err(Error::broken(verdict)),
    }
}

/// Passes if the root key in the folder of a world is that of its keys, or they have none there but a passphrase: a copy of the world without
/// its root key could be opened by nobody.
///
/// # Errors
/// [`Error::RootKeyMissing`], [`Error::RootKeyLength`], [`Error::RootKeyFile`] or [`Error::WrongRootKey`], which name the file; if the world
/// cannot be read.
pub async fn check_root_key(folder: &Path, database: Option<&Database>) -> Result<(), Error> {
    RootKey::check_beside(folder, database).await
}

/// The passphrase of the environment.
fn passphrase() -> Option<Zeroizing<String>> {
    std::env::var(PASSPHRASE).ok().filter(|text| !text.is_empty()).map(Zeroizing::new)
}

/// A shared handle on the key server of one world.
#[derive(Clone)]
pub struct Signer {
    pub(crate) shared: Arc<Shared>,
}

/// What all handles share.
pub(crate) struct Shared {
    pub(crate) world: World,
    pub(crate) store: SignerStore,
    pub(crate) root: RootKey,
    pub(crate) head_key: Arc<HeadKey>,
    pub(crate) writer: Writer,
    pub(crate) keys: KeyStore,
    pub(crate) tokens: Tokens,
    pub(crate) credentials: Credentials,
    pub(crate) standings: Standings,
    pub(crate) authorizations: Authorizations,
}

impl Signer {
    /// Opens the key server of a world. A new world gets its root key: in the file `root.key` beside `world.db`, or
    /// derived from the passphrase in `ESEAL_KEY_PASSPHRASE`. Another root key than the world's own is refused.
    ///
    /// Must be called inside a Tokio runtime, which then runs the writing task.
    ///
    /// # Errors
    /// [`Error::AuditBroken`] if the newest part of the audit chain does not hold; [`Error::WrongRootKey`]; the database's.
    pub async fn open(world: &World) -> Result<Signer, Error> {
        Signer::open_despite(world, BrokenAudit::Refuse).await
    }

    /// The same, where a broken audit chain may be accepted.
    ///
    /// # Errors
    /// Those of [`Signer::open`]; [`Error::AuditBroken`] only if that is to be refused.
    pub async fn open_despite(world: &World, broken: BrokenAudit) -> Result<Signer, Error> {
        Signer::open_with(world, passphrase(), broken).await
    }

    async fn open_with(
        world: &World,
        passphrase: Option<Zeroizing<String>>,
        broken: BrokenAudit,
    ) -> Result<Signer, Error> {
        let store = SignerStore::open(world).await?;
        let root = RootKey::open(&store, world.folder.as_deref(), passphrase).await?;
        let head_key = Arc::new(HeadKey::open(&store, &root, world, broken).await?);
        let shared = Shared {
            root,
            writer: Writer::start(store.clone(), head_key.clone(), world.clock.clone()),
            head_key,
            store,
            world: world.clone(),
            keys: KeyStore::new(),
            tokens: Tokens::default(),
            credentials: Credentials::default(),
            standings: Standings::default(),
            authorizations: Authorizations::default(),
        };
        let signer = Signer { shared: Arc::new(shared) };
        signer.follow_changes();
        Ok(signer)
    }

    /// What other processes change is read again when it is next asked for.
    fn follow_changes(&self) {
        let kept = Arc::downgrade(&self.shared);
        let known = Arc::downgrade(&self.shared);
        self.shared.world.store.follow(crate::standing::STANDINGS, move |_| {
            if let Some(shared) = known.upgrade() {
                Signer { shared }.status_changed();
            }
            Box::pin(async { Ok(()) })
        });
        self.shared.world.store.follow(crate::store::KEPT, move |_| {
            if let Some(shared) = kept.upgrade() {
                shared.credentials.forget();
                shared.tokens.forget();
            }
            Box::pin(async { Ok(()) })
        });
    }

    /// Reads the audit chain from its beginning, recomputes every hash, and compares the signed head and the counters of the
    /// keys.
    ///
    /// # Errors
    /// If the database fails. A broken chain is a verdict.
    pub async fn verify_audit(&self) -> Result<AuditVerdict, Error> {
        self.verify_audit_since(None).await
    }

    /// The same; the chain must also have the entry that is known from earlier: its number, and its hash in hexadecimal.
    ///
    /// # Errors
    /// If the database fails. A broken chain is a verdict.
    pub async fn verify_audit_since(&self, known: Option<(i64, String)>) -> Result<AuditVerdict, Error> {
        self.flush_to_read().await?;
        self.shared.store.verify_audit(&self.audit_key(), Extent::Whole { known }).await
    }

    /// The public half of the key that signs the heads of the audit chain.
    pub fn audit_key(&self) -> PublicKey {
        self.shared.head_key.0.public.clone()
    }

    /// Writes what was tallied, for readers; what cannot be written now, such as on a full disk, is read without it.
    async fn flush_to_read(&self) -> Result<(), Error> {
        match self.flush().await {
            Err(error) if !error.refuses_all() => Err(error),
            _ => Ok(()),
        }
    }

    /// The audit chain for readers, with everything that was written until now.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn audit_log(&self) -> Result<AuditLog, Error> {
        self.flush_to_read().await?;
        Ok(AuditLog::of(&self.shared.store, &self.shared.world))
    }

    /// Writes an event of this moment; on disk when this returns.
    pub(crate) async fn write(&self, event: SecurityEvent) -> Result<i64, Error> {
        self.shared.writer.write(self.shared.world.clock.now(), event).await
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::path::Path;
    use std::sync::Mutex;

    use pki::{DigestAlgorithm, KeyKind};

    use super::*;
    use crate::keys::root_key::Binding;

    async fn world(folder: &Path) -> World {
        World::open(folder, "default", "http://127.0.0.1:8700").await.unwrap()
    }

    fn passphrase(text: &str) -> Option<Zeroizing<String>> {
        Some(Zeroizing::new(text.to_owned()))
    }

    #[tokio::test]
    async fn a_world_made_with_a_passphrase_opens_with_it_only() {
        let folder = tempfile::tempdir().unwrap();
        let world = world(folder.path()).await;
        let key = {
            let signer = Signer::open_with(&world, passphrase("correct horse"), BrokenAudit::Refuse).await.unwrap();
            signer.create_key(KeyKind::P256, "seal").await.unwrap()
        };
        assert!(!folder.path().join("root.key").exists());
        assert!(matches!(Signer::open_with(&world, None, BrokenAudit::Refuse).await, Err(Error::PassphraseMissing)));
        let wrong = Signer::open_with(&world, passphrase("battery staple"), BrokenAudit::Refuse).await.err().unwrap();
        assert_eq!(wrong.to_string(), "the passphrase is not the one that protects this world's keys");
        let signer = Signer::open_with(&world, passphrase("correct horse"), BrokenAudit::Refuse).await.unwrap();
        assert!(signer.public_key(&key).await.is_ok());
    }

    #[tokio::test]
    async fn a_world_made_with_a_file_keeps_it_though_a_passphrase_is_given_later() {
        let folder = tempfile::tempdir().unwrap();
        let world = world(folder.path()).await;
        let key = Signer::open_with(&world, None, BrokenAudit::Refuse)
            .await
            .unwrap()
            .create_key(KeyKind::P256, "seal")
            .await
            .unwrap();
        let signer = Signer::open_with(&world, passphrase("correct horse"), BrokenAudit::Refuse).await.unwrap();
        assert!(signer.public_key(&key).await.is_ok());
    }

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_private_key_lies_neither_in_the_database_nor_in_the_log() {
        let log = Log::default();
        let writer = log.clone();
        let everything = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE);
        everything.with_writer(move || writer.clone()).init();
        let folder = tempfile::tempdir().unwrap();
        let signer = Signer::open_with(&world(folder.path()).await, None, BrokenAudit::Refuse).await.unwrap();
        for kind in [KeyKind::P256, KeyKind::Rsa { bits: 2048 }] {
            let id = signer.create_key(kind, "seal").await.unwrap();
            let digest = DigestAlgorithm::Sha256.digest(b"document");
            signer.sign_digest(&id, kind.default_signature_algorithm(), &digest).await.unwrap();
            signer.flush().await.unwrap();
            let stored = signer.shared.store.key(&id).await.unwrap().unwrap();
            let binding = Binding { id: &id, kind: &stored.kind, origin: &stored.origin };
            let pkcs8 = signer.shared.root.unwrap(&binding, &stored.nonce, &stored.private_key).unwrap();
            let secret = if kind == KeyKind::P256 { &pkcs8[36..68] } else { &pkcs8[pkcs8.len() - 128..] };
            let mut written = log.0.lock().unwrap().clone();
            for file in ["world.db", "world.db-wal"] {
                written.extend(std::fs::read(folder.path().join(file)).unwrap());
            }
            let contains = |bytes: &[u8]| written.windows(bytes.len()).any(|window| window == bytes);
            assert!(contains(&stored.private_key), "what is written would be found");
            assert!(!contains(secret) && !contains(hex::encode(secret).as_bytes()));
        }
    }
}
