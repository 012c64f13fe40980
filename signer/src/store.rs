//! The key server's tables: all its SQL. In: batches of events, each batch one transaction. Out: rows, never a private key
//! in the clear.

mod audit;
mod batch;
mod expired;

use std::sync::{Arc, Mutex, MutexGuard};

use jiff::Timestamp;
use pki::{Digest, DigestAlgorithm, ObjectIdentifier, PublicKey};
use sqlx::sqlite::SqliteRow;
use sqlx::{Connection, QueryBuilder, Row, Sqlite, SqliteConnection, SqlitePool};
use world::store::{Tables, Turn, cannot_be_written};
use world::{Store, World};

pub(crate) use self::audit::Extent;
use self::batch::{Batch, Ends};
pub(crate) use self::expired::Place;
use crate::audit::Head;
use crate::audit::head::HeadKey;
use crate::credential::{CredentialStatus, Scal, WhenRevoked};
use crate::secret::Hash;
use crate::security_event::{Dated, SecurityEvent, StoredChain, StoredCredential, StoredKey};
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
};

/// The key server's view of the world's database.
#[derive(Clone)]
pub(crate) struct SignerStore {
    pool: SqlitePool,
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

/// A credential with all its chains, the last recorded first, and its newest status.
pub(crate) struct KnownCredential {
    pub(crate) credential: StoredCredential,
    pub(crate) chains: Vec<DatedChain>,
    pub(crate) status: CredentialStatus,
}

/// A chain and the world's time at which its credential got it.
pub(crate) struct DatedChain {
    pub(crate) chain: StoredChain,
    pub(crate) since: Timestamp,
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
        Ok(SignerStore { pool: world.store.pool().clone(), store: world.store.clone(), chain })
    }

    pub(crate) async fn root(&self) -> Result<Option<StoredRoot>, Error> {
        let row = sqlx::query("SELECT source, salt, check_value FROM signer_root").fetch_optional(&self.pool).await?;
        row.map(|row| Ok(StoredRoot { source: row.try_get(0)?, salt: row.try_get(1)?, check_value: row.try_get(2)? }))
            .transpose()
    }

    /// Keeps the root's description unless another process kept one first; gives what is kept.
    pub(crate) async fn keep_root(&self, root: StoredRoot) -> Result<StoredRoot, Error> {
        sqlx::query(
            "INSERT INTO signer_root (id, source, salt, check_value) VALUES (1, $1, $2, $3) ON CONFLICT (id) DO NOTHING",
        )
        .bind(&root.source)
        .bind(&root.salt)
        .bind(&root.check_value)
        .execute(&self.pool)
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
            Some(ends) if events.iter().all(|dated| dated.event.is_frequent()) => {
                let (batch, mut transaction) = (Batch::new(events, ends, head_key)?, world::store::transaction());
                batch.push(&mut transaction);
                turn.commit(transaction).await.map_err(batch::refused)?;
                batch
            }
            _ => {
                let mut transaction = turn.begin_with("BEGIN IMMEDIATE").await?;
                let ends = match known {
                    Some(known) => known,
                    None => self.verified_ends(&mut transaction, &head_key.0.public).await?,
                };
                for dated in events {
                    insert(&mut transaction, dated).await?;
                }
                let (batch, mut statements) = (Batch::new(events, ends, head_key)?, QueryBuilder::new(""));
                batch.push(&mut statements);
                statements.build().execute(&mut *transaction).await.map_err(batch::refused)?;
                transaction.commit().await?;
                batch
            }
        };
        *self.known_chain() = KnownChain::of(batch.ends);
        Ok(batch.first_rows)
    }

    /// Begins where the chain was verified to end; or else at its end as it is stored, since somebody accepted that it is broken.
    pub(crate) async fn continue_from(&self, verified: Option<Head>) -> Result<(), Error> {
        let stored = ends(&mut *self.pool.acquire().await?).await?;
        let head = verified.unwrap_or(stored.head);
        *self.known_chain() = KnownChain::of(Ends { head, ..stored });
        Ok(())
    }

    /// Whether what is stored still holds what this process knows of the chain, and is signed.
    pub(crate) async fn check_audit_end(&self, key: &PublicKey) -> Result<(), Error> {
        self.verified_ends(&mut *self.pool.begin().await?, key).await.map(drop)
    }

    /// The ends as they are stored, once it is known that they follow from what this process knows.
    async fn verified_ends(&self, connection: &mut SqliteConnection, key: &PublicKey) -> Result<Ends, Error> {
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
        let row = sqlx::query("SELECT nonce, secret FROM signer_secret WHERE name = $1").bind(name);
        row.fetch_optional(&self.pool).await?.map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).transpose()
    }

    pub(crate) async fn keep_named_secret(&self, name: &str, nonce: &[u8], secret: &[u8]) -> Result<(), Error> {
        let query = "INSERT INTO signer_secret (name, nonce, secret) VALUES ($1, $2, $3) \
            ON CONFLICT (name) DO UPDATE SET nonce = excluded.nonce, secret = excluded.secret";
        sqlx::query(query).bind(name).bind(nonce).bind(secret).execute(&mut *self.store.turn().await?).await?;
        Ok(())
    }

    pub(crate) async fn key(&self, id: &KeyId) -> Result<Option<StoredKey>, Error> {
        let query = "SELECT id, kind, origin, label, public_key, nonce, private_key FROM signer_key WHERE id = $1";
        let row = sqlx::query(query).bind(id.as_str()).fetch_optional(&self.pool).await?;
        row.map(|row| {
            Ok(StoredKey {
                id: id.clone(),
                kind: row.try_get("kind")?,
                origin: row.try_get("origin")?,
                label: row.try_get("label")?,
                public_key: row.try_get("public_key")?,
                nonce: row.try_get("nonce")?,
                private_key: row.try_get("private_key")?,
            })
        })
        .transpose()
    }

    pub(crate) async fn keys(&self) -> Result<Vec<KeyRow>, Error> {
        let query = "SELECT id, label, created_at, public_key, uses FROM signer_key ORDER BY created_at, id";
        let rows = sqlx::query(query).fetch_all(&self.pool).await?;
        let key = |row: &SqliteRow| {
            Ok(KeyRow {
                id: row.try_get::<&str, _>(0)?.parse()?,
                label: row.try_get(1)?,
                created_at: time(row.try_get(2)?)?,
                public_key: row.try_get(3)?,
                uses: row.try_get::<i64, _>(4)? as u64,
            })
        };
        rows.iter().map(key).collect()
    }

    pub(crate) async fn secret(&self, client: &str) -> Result<Option<Hash>, Error> {
        let query = "SELECT secret_hash FROM signer_client_secret WHERE client = $1 ORDER BY sequence DESC LIMIT 1";
        let row = sqlx::query(query).bind(client).fetch_optional(&self.pool).await?;
        row.map(|row| hash("signer_client_secret.secret_hash", row.try_get(0)?)).transpose()
    }

    pub(crate) async fn token(&self, token: Hash) -> Result<Option<StoredToken>, Error> {
        let query = "SELECT client, expires_at FROM signer_token WHERE hash = $1 AND revoked_at IS NULL";
        let row = sqlx::query(query).bind(&token.0[..]).fetch_optional(&self.pool).await?;
        row.map(|row| Ok(StoredToken { client: row.try_get(0)?, expires_at: time(row.try_get(1)?)? })).transpose()
    }

    pub(crate) async fn credential(&self, id: &str) -> Result<Option<KnownCredential>, Error> {
        let query = "SELECT c.client, c.description, c.scal, c.multisign, \
            (SELECT status FROM signer_credential_status s WHERE s.credential = c.id ORDER BY sequence DESC LIMIT 1), \
            c.signs_when_revoked \
            FROM signer_credential c WHERE c.id = $1";
        let Some(row) = sqlx::query(query).bind(id).fetch_optional(&self.pool).await? else { return Ok(None) };
        let query =
            "SELECT key, chain, since FROM signer_credential_chain WHERE credential = $1 ORDER BY sequence DESC";
        let chains = sqlx::query(query).bind(id).fetch_all(&self.pool).await?;
        let chains = chains.iter().map(|row| dated_chain(id, row)).collect::<Result<_, _>>()?;
        known_credential(id, &row, chains).map(Some)
    }

    /// The names of a client's credentials after `after`, in order.
    pub(crate) async fn credential_ids(&self, client: &str, after: &str, limit: i64) -> Result<Vec<String>, Error> {
        let query = "SELECT id FROM signer_credential WHERE client = $1 AND id > $2 ORDER BY id LIMIT $3";
        let rows = sqlx::query(query).bind(client).bind(after).bind(limit).fetch_all(&self.pool).await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }

    /// The grant whose ledger rows begin there, if it is of that secret.
    pub(crate) async fn grant(&self, first: i64, sad: Hash) -> Result<Option<StoredGrant>, Error> {
        let query = "SELECT client, credential, digest_oid, expires_at, signatures, key \
            FROM signer_authorization WHERE first_row = $1 AND sad_hash = $2";
        let query = sqlx::query(query).bind(first).bind(&sad.0[..]);
        let Some(row) = query.fetch_optional(&self.pool).await? else { return Ok(None) };
        let signatures: i64 = row.try_get(4)?;
        let query = "SELECT id, digest FROM signer_ledger WHERE id >= $1 AND id < $2 AND consumed_at IS NULL";
        let open = sqlx::query(query).bind(first).bind(first + signatures).fetch_all(&self.pool).await?;
        Ok(Some(StoredGrant {
            client: row.try_get(0)?,
            credential: row.try_get(1)?,
            key: row.try_get::<Option<&str>, _>(5)?.map(str::parse).transpose()?,
            digest_algorithm: row.try_get::<Option<&str>, _>(2)?.map(digest_algorithm).transpose()?,
            expires_at: time(row.try_get(3)?)?,
            open_rows: open.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect::<Result<_, Error>>()?,
        }))
    }
}

/// The end of the audit chain, and the last row of the ledger.
async fn ends(connection: &mut SqliteConnection) -> Result<Ends, Error> {
    let query = "SELECT (SELECT COALESCE(MAX(id), 0) FROM signer_ledger), \
        (SELECT MAX(sequence) FROM signer_audit), \
        (SELECT hash FROM signer_audit ORDER BY sequence DESC LIMIT 1)";
    let row = sqlx::query(query).fetch_one(connection).await?;
    let head = match row.try_get(1)? {
        Some(sequence) => Head { sequence, hash: hash("signer_audit.hash", row.try_get(2)?)?.0 },
        None => Head::EMPTY,
    };
    Ok(Ends { head, last_row: row.try_get(0)? })
}

/// Inserts what a seldom event adds; the others are left to [`Batch`].
async fn insert(connection: &mut SqliteConnection, dated: &Dated) -> Result<(), Error> {
    let at = dated.at.to_string();
    let query = match &dated.event {
        SecurityEvent::KeyCreated(key) => sqlx::query(
            "INSERT INTO signer_key (id, kind, origin, label, created_at, public_key, nonce, private_key) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(key.id.as_str())
        .bind(&key.kind)
        .bind(&key.origin)
        .bind(&key.label)
        .bind(at)
        .bind(&key.public_key)
        .bind(&key.nonce)
        .bind(&key.private_key),
        SecurityEvent::SecretSet { client, secret } => {
            sqlx::query("INSERT INTO signer_client_secret (client, secret_hash, since) VALUES ($1, $2, $3)")
                .bind(client)
                .bind(&secret.0[..])
                .bind(at)
        }
        SecurityEvent::TokenIssued { token, client, expires_at } => {
            sqlx::query("INSERT INTO signer_token (hash, client, issued_at, expires_at) VALUES ($1, $2, $3, $4)")
                .bind(&token.0[..])
                .bind(client)
                .bind(at)
                .bind(expires_at.to_string())
        }
        SecurityEvent::TokenRevoked { token } => {
            sqlx::query("UPDATE signer_token SET revoked_at = $1 WHERE hash = $2 AND revoked_at IS NULL")
                .bind(at)
                .bind(&token.0[..])
        }
        SecurityEvent::CredentialRegistered { credential, chain } => {
            insert_credential(connection, credential, &at).await?;
            insert_chain(chain, at)
        }
        SecurityEvent::ChainReplaced(chain) => insert_chain(chain, at),
        SecurityEvent::CredentialStatusSet { credential, status } => {
            sqlx::query("INSERT INTO signer_credential_status (credential, status, since) VALUES ($1, $2, $3)")
                .bind(credential)
                .bind(status.as_str())
                .bind(at)
        }
        SecurityEvent::Authorized(_)
        | SecurityEvent::Signed { .. }
        | SecurityEvent::SignedInside { .. }
        | SecurityEvent::BreakAccepted { .. } => {
            return Ok(());
        }
    };
    query.execute(connection).await?;
    Ok(())
}

type Query<'a> = sqlx::query::Query<'a, Sqlite, sqlx::sqlite::SqliteArguments>;

fn insert_chain(chain: &StoredChain, at: String) -> Query<'_> {
    sqlx::query("INSERT INTO signer_credential_chain (credential, key, chain, since) VALUES ($1, $2, $3, $4)")
        .bind(&chain.credential)
        .bind(chain.key.as_str())
        .bind(&chain.pem)
        .bind(at)
}

async fn insert_credential(
    connection: &mut SqliteConnection,
    credential: &StoredCredential,
    at: &str,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO signer_credential (id, client, description, scal, multisign, registered_at, signs_when_revoked) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(&credential.id)
    .bind(&credential.client)
    .bind(&credential.description)
    .bind(credential.scal.number())
    .bind(i64::from(credential.multisign))
    .bind(at)
    .bind(credential.when_revoked == WhenRevoked::SignWithWarning)
    .execute(connection)
    .await?;
    Ok(())
}

fn known_credential(id: &str, row: &SqliteRow, chains: Vec<DatedChain>) -> Result<KnownCredential, Error> {
    Ok(KnownCredential {
        credential: StoredCredential {
            id: id.to_owned(),
            client: row.try_get(0)?,
            description: row.try_get(1)?,
            scal: if row.try_get::<i64, _>(2)? == 1 { Scal::One } else { Scal::Two },
            multisign: row.try_get::<i64, _>(3)? as u32,
            when_revoked: if row.try_get(5)? { WhenRevoked::SignWithWarning } else { WhenRevoked::Refuse },
        },
        chains,
        status: match row.try_get::<Option<&str>, _>(4)? {
            Some("disabled") => CredentialStatus::Disabled,
            _ => CredentialStatus::Enabled,
        },
    })
}

fn dated_chain(id: &str, row: &SqliteRow) -> Result<DatedChain, Error> {
    let key = row.try_get::<&str, _>(0)?.parse()?;
    let chain = StoredChain { credential: id.to_owned(), key, pem: row.try_get(1)? };
    Ok(DatedChain { chain, since: time(row.try_get(2)?)? })
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
