//! The key server's tables: all its SQL. In: batches of events, each batch one transaction. Out: rows, never a private key
//! in the clear.

mod audit;
mod batch;
mod credential;
mod expired;
mod seldom;

use std::sync::{Arc, Mutex, MutexGuard};

use jiff::Timestamp;
use pki::{Digest, DigestAlgorithm, ObjectIdentifier, PublicKey};
use world::store::{Dialect, On, Row, Tables, Transaction, Turn, cannot_be_written, query};
use world::{World, store::Store};

pub(crate) use self::audit::Extent;
use self::batch::{Batch, Ends};
pub(crate) use self::expired::Place;
use crate::audit::Head;
use crate::audit::head::HeadKey;
use crate::secret::Hash;
use crate::security_event::{Dated, StoredKey};
use crate::{Error, KeyId};

/// The key server's tables.
pub const TABLES: Tables = Tables {
    owner: "signer",
    scripts: &[
        include_str!("../migrations/0001_signer.sql"),
        include_str!("../migrations/0002_authorization.sql"),
        include_str!("../migrations/0003_authorized_key.sql"),
        include_str!("../migrations/0004_audit_head.sql"),
        include_str!("../migrations/0005_when_revoked.sql"),
        include_str!("../migrations/0006_secret.sql"),
    ],
    postgres: &[],
};

/// Under which name other processes learn that credentials or tokens changed.
pub(crate) const KEPT: &str = "signer";

/// The key server's view of the world's database.
#[derive(Clone)]
pub(crate) struct SignerStore {
    store: Store,
    chain: Arc<Mutex<KnownChain>>,
}

/// What this process knows of the chain that it goes on with.
#[derive(Clone, Copy)]
struct KnownChain {
    /// The newest entry that this process verified or wrote. What is stored must still hold it, and lead from it to the signed head.
    head: Head,
    /// The last row of the ledger that this process knows of: a number is not given again, also when its row is forgotten.
    last_row: i64,
    /// What the last batch left, so that the next need not ask. Another process may have added more: then the numbers are
    /// taken, the batch fails, and the ends are read again.
    ends: Option<Ends>,
}

impl KnownChain {
    fn of(ends: Ends) -> KnownChain {
        KnownChain { head: ends.head, last_row: ends.last_row, ends: Some(ends) }
    }
}

/// The row of signer_root.
pub(crate) struct StoredRoot {
    pub(crate) source: String,
    pub(crate) salt: Vec<u8>,
    pub(crate) check_value: Vec<u8>,
}

/// An access token that was not revoked.
pub(crate) struct StoredToken {
    pub(crate) client: String,
    pub(crate) expires_at: Timestamp,
}

/// An authorization and those of its ledger rows that are not consumed.
pub(crate) struct StoredGrant {
    pub(crate) client: String,
    pub(crate) credential: String,
    /// `None` if it was granted before this was kept.
    pub(crate) key: Option<KeyId>,
    pub(crate) digest_algorithm: Option<DigestAlgorithm>,
    pub(crate) expires_at: Timestamp,
    pub(crate) open_rows: Vec<(i64, Option<Vec<u8>>)>,
}

/// A key as it is shown.
pub(crate) struct KeyRow {
    pub(crate) id: KeyId,
    pub(crate) label: String,
    pub(crate) created_at: Timestamp,
    pub(crate) public_key: Vec<u8>,
    pub(crate) uses: u64,
}

impl SignerStore {
    pub(crate) async fn open(world: &World) -> Result<SignerStore, Error> {
        world.store.migrate(TABLES).await?;
        let chain = Arc::new(Mutex::new(KnownChain { head: Head::EMPTY, last_row: 0, ends: None }));
        Ok(SignerStore { store: world.store.clone(), chain })
    }

    pub(crate) async fn root(&self) -> Result<Option<StoredRoot>, Error> {
        let row = query("SELECT source, salt, check_value FROM signer_root").fetch_optional(&self.store).await?;
        row.map(|row| {
            let (salt, check_value) = (row.get("salt")?, row.get("check_value")?);
            Ok(StoredRoot { source: row.get("source")?, salt, check_value })
        })
        .transpose()
    }

    /// Keeps the root's description unless another process kept one first; gives what is kept.
    pub(crate) async fn keep_root(&self, root: StoredRoot) -> Result<StoredRoot, Error> {
        query(
            "INSERT INTO signer_root (id, source, salt, check_value) VALUES (1, $1, $2, $3) ON CONFLICT (id) DO NOTHING",
        )
        .bind(&root.source)
        .bind(&root.salt)
        .bind(&root.check_value)
        .execute(&self.store)
        .await?;
        Ok(self.root().await?.unwrap_or(root))
    }

    /// Writes events with their audit entries in one transaction: all or none. Gives the first ledger row of each
    /// authorization, and 0 for other events.
    pub(crate) async fn record(&self, events: &[&Dated], head_key: &HeadKey) -> Result<Vec<i64>, Error> {
        if events.is_empty() {
            return Ok(Vec::new());
        }
        let mut turn = self.store.turn().await?;
        let known = self.known_chain().ends.take();
        if let Some(known) = known {
            match self.added(&mut turn, events, Some(known), head_key).await {
                Err(error) if !cannot_be_written(&error) => {}
                written => return written,
            }
        }
        self.added(&mut turn, events, None, head_key).await
    }

    /// Adds events, all or none, after the ends that are known, or that are read.
    async fn added(
        &self,
        turn: &mut Turn,
        events: &[&Dated],
        known: Option<Ends>,
        head_key: &HeadKey,
    ) -> Result<Vec<i64>, Error> {
        let batch = match known {
            Some(ends)
                if self.store.dialect() == Dialect::Sqlite && events.iter().all(|dated| dated.event.is_frequent()) =>
            {
                let (batch, mut script) = (Batch::new(events, ends, head_key)?, self.store.script());
                batch.push(&mut script);
                turn.commit(script).await.map_err(batch::refused)?;
                batch
            }
            _ => {
                let mut transaction = turn.begin().await?;
                transaction.lock("audit").await?; // from here on the chain is this transaction's
                if events.iter().any(|dated| dated.event.changes_what_is_kept()) {
                    transaction.changes(KEPT).await?;
                }
                let ends = match known {
                    Some(known) if self.is_still_the_end(&mut transaction, known).await? => known,
                    _ => self.verified_ends(&mut transaction, &head_key.0.public).await?,
                };
                for dated in events {
                    seldom::insert(&mut transaction, dated).await?;
                }
                let (batch, mut script) = (Batch::new(events, ends, head_key)?, self.store.script());
                batch.push(&mut script);
                transaction.run(script).await.map_err(batch::refused)?;
                transaction.commit().await?;
                batch
            }
        };
        *self.known_chain() = KnownChain::of(batch.ends);
        Ok(batch.first_rows)
    }

    /// Whether nobody else added anything since. SQLite is not asked: there the batch fails if somebody did, which one process
    /// alone never meets.
    async fn is_still_the_end(&self, transaction: &mut Transaction<'_>, known: Ends) -> Result<bool, Error> {
        Ok(self.store.dialect() == Dialect::Sqlite || ends(transaction).await?.head == known.head)
    }

    /// Begins where the chain was verified to end; or else at its end as it is stored, since somebody accepted that it is broken.
    pub(crate) async fn continue_from(&self, verified: Option<Head>) -> Result<(), Error> {
        let stored = ends(&self.store).await?;
        let head = verified.unwrap_or(stored.head);
        *self.known_chain() = KnownChain::of(Ends { head, ..stored });
        Ok(())
    }

    /// Whether what is stored still holds what this process knows of the chain, and is signed.
    pub(crate) async fn check_audit_end(&self, key: &PublicKey) -> Result<(), Error> {
        self.verified_ends(&mut self.store.snapshot().await?, key).await.map(drop)
    }

    /// The ends as they are stored, once it is known that they follow from what this process knows.
    async fn verified_ends(&self, connection: &mut Transaction<'_>, key: &PublicKey) -> Result<Ends, Error> {
        let known = *self.known_chain();
        self::audit::check_continuation(connection, known.head, key).await?.map_err(Error::broken)?;
        let stored = ends(connection).await?;
        Ok(Ends { last_row: stored.last_row.max(known.last_row), ..stored })
    }

    fn known_chain(&self) -> MutexGuard<'_, KnownChain> {
        self.chain.lock().expect("no code panics while it holds what is known of the chain")
    }

    /// Whether the next transaction will find room, as far as can be known.
    pub(crate) fn has_plenty_of_room(&self) -> bool {
        self.store.has_plenty_of_room()
    }

    /// Nonce and ciphertext of a named secret.
    pub(crate) async fn named_secret(&self, name: &str) -> Result<Option<(Vec<u8>, Vec<u8>)>, Error> {
        let row = query("SELECT nonce, secret FROM signer_secret WHERE name = $1").bind(name);
        let row = row.fetch_optional(&self.store).await?;
        row.map(|row| Ok((row.get("nonce")?, row.get("secret")?))).transpose()
    }

    pub(crate) async fn keep_named_secret(&self, name: &str, nonce: &[u8], secret: &[u8]) -> Result<(), Error> {
        let text = "INSERT INTO signer_secret (name, nonce, secret) VALUES ($1, $2, $3) \
            ON CONFLICT (name) DO UPDATE SET nonce = excluded.nonce, secret = excluded.secret";
        query(text).bind(name).bind(nonce).bind(secret).execute(&mut self.store.turn().await?).await?;
        Ok(())
    }

    pub(crate) async fn key(&self, id: &KeyId) -> Result<Option<StoredKey>, Error> {
        let text = "SELECT id, kind, origin, label, public_key, nonce, private_key FROM signer_key WHERE id = $1";
        let row = query(text).bind(id.as_str()).fetch_optional(&self.store).await?;
        row.map(|row| {
            Ok(StoredKey {
                id: id.clone(),
                kind: row.get("kind")?,
                origin: row.get("origin")?,
                label: row.get("label")?,
                public_key: row.get("public_key")?,
                nonce: row.get("nonce")?,
                private_key: row.get("private_key")?,
            })
        })
        .transpose()
    }

    pub(crate) async fn keys(&self) -> Result<Vec<KeyRow>, Error> {
        let text = "SELECT id, label, created_at, public_key, uses FROM signer_key ORDER BY created_at, id";
        let rows = query(text).fetch_all(&self.store).await?;
        let key = |row: &Row| {
            Ok(KeyRow {
                id: row.get::<&str>("id")?.parse()?,
                label: row.get("label")?,
                created_at: time(row.get("created_at")?)?,
                public_key: row.get("public_key")?,
                uses: row.get::<i64>("uses")? as u64,
            })
        };
        rows.iter().map(key).collect()
    }

    pub(crate) async fn secret(&self, client: &str) -> Result<Option<Hash>, Error> {
        let text = "SELECT secret_hash FROM signer_client_secret WHERE client = $1 ORDER BY sequence DESC LIMIT 1";
        let row = query(text).bind(client).fetch_optional(&self.store).await?;
        row.map(|row| hash("signer_client_secret.secret_hash", row.get("secret_hash")?)).transpose()
    }

    pub(crate) async fn token(&self, token: Hash) -> Result<Option<StoredToken>, Error> {
        let text = "SELECT client, expires_at FROM signer_token WHERE hash = $1 AND revoked_at IS NULL";
        let row = query(text).bind(&token.0[..]).fetch_optional(&self.store).await?;
        let stored =
            |row: Row| Ok(StoredToken { client: row.get("client")?, expires_at: time(row.get("expires_at")?)? });
        row.map(stored).transpose()
    }

    /// The grant whose ledger rows begin there, if it is of that secret.
    pub(crate) async fn grant(&self, first: i64, sad: Hash) -> Result<Option<StoredGrant>, Error> {
        let text = "SELECT client, credential, digest_oid, expires_at, signatures, key \
            FROM signer_authorization WHERE first_row = $1 AND sad_hash = $2";
        let row = query(text).bind(first).bind(&sad.0[..]).fetch_optional(&self.store).await?;
        let Some(row) = row else { return Ok(None) };
        let signatures: i64 = row.get("signatures")?;
        let text = "SELECT id, digest FROM signer_ledger WHERE id >= $1 AND id < $2 AND consumed_at IS NULL";
        let open = query(text).bind(first).bind(first + signatures).fetch_all(&self.store).await?;
        Ok(Some(StoredGrant {
            client: row.get("client")?,
            credential: row.get("credential")?,
            key: row.get::<Option<&str>>("key")?.map(str::parse).transpose()?,
            digest_algorithm: row.get::<Option<&str>>("digest_oid")?.map(digest_algorithm).transpose()?,
            expires_at: time(row.get("expires_at")?)?,
            open_rows: open.iter().map(|row| Ok((row.get("id")?, row.get("digest")?))).collect::<Result<_, Error>>()?,
        }))
    }
}

/// The end of the audit chain, and the last row of the ledger.
async fn ends(on: impl Into<On<'_>>) -> Result<Ends, Error> {
    let text = "SELECT (SELECT COALESCE(MAX(id), 0) FROM signer_ledger) AS last_row, \
        (SELECT MAX(sequence) FROM signer_audit) AS sequence, \
        (SELECT hash FROM signer_audit ORDER BY sequence DESC LIMIT 1) AS hash";
    let row = query(text).fetch_one(on).await?;
    let head = match row.get("sequence")? {
        Some(sequence) => Head { sequence, hash: hash("signer_audit.hash", row.get("hash")?)?.0 },
        None => Head::EMPTY,
    };
    Ok(Ends { head, last_row: row.get("last_row")? })
}

fn time(text: &str) -> Result<Timestamp, Error> {
    Ok(world::store::stored_time(text)?)
}

fn hash(column: &'static str, bytes: &[u8]) -> Result<Hash, Error> {
    bytes.try_into().map(Hash).map_err(|_| Error::StoredValue { column, found: hex::encode(bytes) })
}

fn digest_algorithm(oid: &str) -> Result<DigestAlgorithm, Error> {
    let wrong = || Error::StoredValue { column: "signer_authorization.digest_oid", found: oid.into() };
    let oid = ObjectIdentifier::new(oid).map_err(|_| wrong())?;
    DigestAlgorithm::from_oid(oid).map_err(|_| wrong())
}

/// A digest that was stored for a ledger row.
pub(crate) fn stored_digest(algorithm: DigestAlgorithm, bytes: Vec<u8>) -> Result<Digest, Error> {
    Ok(Digest::new(algorithm, bytes)?)
}
