//! The key store: keys made inside, wrapped at rest, loaded once, used by name.
//!
//! In: a kind of key; a key's name and a digest. Out: a name; a signature. Signatures for services of the same process
//! need no authorization; they are counted and audited together, a tenth of a second later at most, unless nothing can be
//! written: then nothing is signed.

pub(crate) mod key_id;
pub(crate) mod key_pair;
mod named_secret;
mod pss;
pub(crate) mod root_key;

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use jiff::Timestamp;
use pki::{Digest, DigestAlgorithm, KeyKind, PublicKey, SignatureAlgorithm};
use tokio::sync::Semaphore;

use self::key_pair::KeyPair;
use crate::security_event::SecurityEvent;
use crate::{Error, KeyId, Signer};

/// The origin of every key that services and clients sign with; the audit key has another.
const GENERATED: &str = "generated";

/// How many keys are kept ready, a few kilobytes each.
const KEYS_IN_MEMORY: usize = 10_000;

/// Loaded keys, and the bound on slow signatures under way.
pub(crate) struct KeyStore {
    loaded: RwLock<HashMap<KeyId, Arc<KeyPair>>>,
    slow: Arc<Semaphore>,
    processors: usize,
}

/// A key as it may be shown.
#[derive(Clone, Debug)]
pub struct KeyDescription {
    /// Its name.
    pub id: KeyId,
    /// What its maker called it.
    pub label: String,
    /// When it was made, by the world's clock.
    pub created_at: Timestamp,
    /// Its public half.
    pub public_key: PublicKey,
    /// How many signatures it made.
    pub uses: u64,
}

impl KeyStore {
    pub(crate) fn new() -> KeyStore {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        KeyStore { loaded: RwLock::default(), slow: Arc::new(Semaphore::new(processors)), processors }
    }

    fn loaded(&self, id: &KeyId) -> Option<Arc<KeyPair>> {
        self.loaded.read().expect("no code panics while it holds the keys").get(id).cloned()
    }

    fn keep(&self, pair: KeyPair) -> Arc<KeyPair> {
        let mut loaded = self.loaded.write().expect("no code panics while it holds the keys");
        if loaded.len() >= KEYS_IN_MEMORY {
            loaded.clear(); // those in use come back from the store
        }
        loaded.entry(pair.id.clone()).or_insert_with(|| Arc::new(pair)).clone()
    }
}

impl Signer {
    /// Makes a key: P-256, P-384, P-521, Ed25519, RSA-2048, RSA-3072 or RSA-4096. The private half never leaves this crate; the
    /// label is for people.
    ///
    /// # Errors
    /// [`Error::UnsupportedKind`] for any other kind; if the key cannot be written down.
    pub async fn create_key(&self, kind: KeyKind, label: &str) -> Result<KeyId, Error> {
        let id = KeyId::random()?;
        let pkcs8 = match kind {
            KeyKind::Rsa { .. } => self.shared.world.pools.keys.run(move || KeyPair::generate(kind)).await?,
            _ => blocking(move || KeyPair::generate(kind)).await?,
        };
        let pair = KeyPair::from_pkcs8(&id, kind, &pkcs8)?;
        let stored = self.shared.root.stored(&pair, GENERATED, label, &pkcs8)?;
        self.write(SecurityEvent::KeyCreated(stored)).await?;
        self.shared.keys.keep(pair);
        Ok(id)
    }

    /// The public half of a key.
    ///
    /// # Errors
    /// [`Error::NoSuchKey`], [`Error::KeyDamaged`]; the database's.
    pub async fn public_key(&self, key: &KeyId) -> Result<PublicKey, Error> {
        Ok(self.key_pair(key).await?.public.clone())
    }

    /// Signs a digest for a service of this process: ECDSA as DER, RSASSA-PSS with any legal parameters.
    ///
    /// No authorization is asked. The use is counted and audited together with others of the same key. While the chain is
    /// being written all the time, that is not awaited: a crash may leave the last tenth of a second uncounted, and
    /// [`Signer::flush`] waits for it. Otherwise it is, and if it cannot be written no signature is returned.
    ///
    /// # Errors
    /// [`Error::NoSuchKey`]; [`Error::WrongAlgorithm`] and [`Error::WrongDigest`] if the key cannot do that; [`Error::Unwritten`] if the
    /// use cannot be counted.
    pub async fn sign_digest(
        &self,
        key: &KeyId,
        algorithm: SignatureAlgorithm,
        digest: &Digest,
    ) -> Result<Vec<u8>, Error> {
        let pair = self.key_pair(key).await?;
        self.shared.writer.check().await?;
        let mut signatures = self.sign_all(&pair, algorithm, std::slice::from_ref(digest)).await?;
        self.shared.writer.tally(self.shared.world.clock.now(), key, digest).await?;
        Ok(signatures.pop().expect("one signature for one digest"))
    }

    /// Signs a whole message with an Ed25519 key, for a service of this process: no digest of it would do (RFC 8032 clause 5.1.6).
    /// Credentials have no such keys. It is counted and audited by the SHA-512 of the message, like [`Signer::sign_digest`].
    ///
    /// # Errors
    /// [`Error::NoSuchKey`]; [`Error::WrongAlgorithm`] if the key is of another kind; [`Error::Unwritten`] if the use cannot be counted.
    pub async fn sign_message(&self, key: &KeyId, message: &[u8]) -> Result<Vec<u8>, Error> {
        let pair = self.key_pair(key).await?;
        self.shared.writer.check().await?;
        let signature = pair.sign_message(message)?;
        let digest = DigestAlgorithm::Sha512.digest(message);
        self.shared.writer.tally(self.shared.world.clock.now(), key, &digest).await?;
        Ok(signature)
    }

    /// Every key, in the order in which they were made.
    ///
    /// # Errors
    /// If the database fails, or what was tallied cannot be written.
    pub async fn keys(&self) -> Result<Vec<KeyDescription>, Error> {
        self.flush().await?;
        let describe = |row: crate::store::KeyRow| {
            Ok(KeyDescription {
                id: row.id,
                label: row.label,
                created_at: row.created_at,
                public_key: PublicKey::from_spki_der(&row.public_key)?,
                uses: row.uses,
            })
        };
        self.shared.store.keys().await?.into_iter().map(describe).collect()
    }

    /// Waits until every signature that was made until now is counted and audited.
    ///
    /// # Errors
    /// [`Error::Unwritten`] if it cannot be written; [`Error::Stopped`] when the runtime ends.
    pub async fn flush(&self) -> Result<(), Error> {
        self.shared.writer.flush().await
    }

    /// Signs digests, which were checked against the key, in their order. Elliptic curves at once; RSA on as many threads
    /// as there are processors, so that it never starves the tasks that answer requests.
    pub(crate) async fn sign_all(
        &self,
        pair: &Arc<KeyPair>,
        algorithm: SignatureAlgorithm,
        digests: &[Digest],
    ) -> Result<Vec<Vec<u8>>, Error> {
        if !pair.is_slow() {
            return digests.iter().map(|digest| pair.sign(algorithm, digest)).collect();
        }
        let mut parts = Vec::new();
        for part in digests.chunks(digests.len().div_ceil(self.shared.keys.processors).max(1)) {
            let permit = self.shared.keys.slow.clone().acquire_owned().await.expect("the semaphore is never closed");
            let (pair, part) = (pair.clone(), part.to_vec());
            parts.push(tokio::task::spawn_blocking(move || {
                let _permit = permit;
                part.iter().map(|digest| pair.sign(algorithm, digest)).collect::<Result<Vec<_>, Error>>()
            }));
        }
        let mut signatures = Vec::with_capacity(digests.len());
        for part in parts {
            signatures.extend(part.await.map_err(|_| Error::Module { doing: "signing" })??);
        }
        Ok(signatures)
    }

    /// A key that can sign: from memory, else unwrapped from its row.
    pub(crate) async fn key_pair(&self, id: &KeyId) -> Result<Arc<KeyPair>, Error> {
        if let Some(pair) = self.shared.keys.loaded(id) {
            return Ok(pair);
        }
        let stored = self.shared.store.key(id).await?.filter(|stored| stored.origin == GENERATED);
        let stored = stored.ok_or_else(|| Error::NoSuchKey { key: id.clone() })?;
        Ok(self.shared.keys.keep(self.shared.root.unwrapped(&stored)?))
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Error::Module { doing: "making a key" })?
}
