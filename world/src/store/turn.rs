//! Whose turn it is to write. SQLite lets one connection write at a time, and others that find it busy sleep for
//! milliseconds and try again, in no order; here they are woken in the order in which they came. PostgreSQL lets many write:
//! there is no turn to wait for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::pool::PoolConnection;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, Sqlite, SqliteConnection};
use tokio::sync::{Mutex, OwnedMappedMutexGuard, OwnedMutexGuard};

use super::postgres::{Connections, Taken};
use super::query::{Answer, On, Place, query};
use super::script::{Dialect, Script};
use super::{Backend, Store, value};

/// The connection that writers share; `None` once the store is closed.
#[derive(Debug)]
pub(super) struct Writer {
    connection: Arc<Mutex<Option<SqliteConnection>>>,
    options: SqliteConnectOptions,
}

/// The connection on which one caller at a time writes. See [`Store::turn`].
#[derive(Debug)]
pub struct Turn {
    held: Held,
    /// Whether a transaction may be open that nobody will end: one that failed, or that nobody waited for to its end.
    unended: Arc<AtomicBool>,
}

#[derive(Debug)]
enum Held {
    Writer(OwnedMappedMutexGuard<Option<SqliteConnection>, SqliteConnection>),
    Pooled(PoolConnection<Sqlite>),
    Postgres(Arc<Connections>),
}

/// A transaction: taken back unless it is committed.
#[derive(Debug)]
pub struct Transaction<'c>(OfDatabase<'c>);

#[derive(Debug)]
enum OfDatabase<'c> {
    Sqlite(sqlx::Transaction<'c, Sqlite>),
    Postgres(Taken),
}

impl<'c> From<&'c Store> for On<'c> {
    fn from(store: &'c Store) -> On<'c> {
        On(match &store.backend {
            Backend::Sqlite { pool, .. } => Place::SqlitePool(pool),
            Backend::Postgres(connections) => Place::PostgresPool(connections),
        })
    }
}

impl<'c> From<&'c mut Turn> for On<'c> {
    fn from(turn: &'c mut Turn) -> On<'c> {
        On(match &mut turn.held {
            Held::Writer(connection) => Place::Sqlite(connection),
            Held::Pooled(connection) => Place::Sqlite(connection),
            Held::Postgres(connections) => Place::PostgresPool(connections),
        })
    }
}

impl<'c> From<&'c mut Transaction<'_>> for On<'c> {
    fn from(transaction: &'c mut Transaction<'_>) -> On<'c> {
        On(match &mut transaction.0 {
            OfDatabase::Sqlite(transaction) => Place::Sqlite(transaction),
            OfDatabase::Postgres(taken) => Place::Postgres(taken),
        })
    }
}

impl Store {
    /// Waits for a turn to write. Writing outside of a turn stays possible, for whoever writes seldom.
    ///
    /// # Errors
    /// If the store is closed, or its database cannot be opened again after a failure.
    pub fn turn(&self) -> Answer<'_, Turn> {
        Box::pin(async move {
            let mut held = match &self.backend {
                Backend::Sqlite { writer: Some(writer), .. } => Held::Writer(writer.turn().await?),
                Backend::Sqlite { pool, .. } => Held::Pooled(pool.acquire().await?),
                Backend::Postgres(connections) => Held::Postgres(connections.clone()),
            };
            if self.unended.load(Ordering::Acquire) {
                match &mut held {
                    Held::Writer(connection) => end(connection).await?,
                    Held::Pooled(connection) => end(connection).await?,
                    Held::Postgres(_) => {}
                }
                self.unended.store(false, Ordering::Release);
            }
            Ok(Turn { held, unended: self.unended.clone() })
        })
    }

    /// Begins a transaction beside the turns, for whoever writes seldom.
    ///
    /// # Errors
    /// The database's.
    pub fn begin(&self) -> Answer<'_, Transaction<'static>> {
        Box::pin(async move {
            Ok(Transaction(match &self.backend {
                Backend::Sqlite { pool, .. } => OfDatabase::Sqlite(pool.begin().await?),
                Backend::Postgres(connections) => begun(connections, "BEGIN").await?,
            }))
        })
    }

    /// Begins to read: all of it sees the same state of things.
    ///
    /// # Errors
    /// The database's.
    pub fn snapshot(&self) -> Answer<'_, Transaction<'static>> {
        Box::pin(async move {
            Ok(Transaction(match &self.backend {
                Backend::Sqlite { pool, .. } => OfDatabase::Sqlite(pool.begin().await?),
                Backend::Postgres(connections) => {
                    begun(connections, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?
                }
            }))
        })
    }

    /// For statements that are run together; see [`Script`].
    pub fn script<'q>(&self) -> Script<'q> {
        Script::new(self.dialect())
    }

    /// Which database it is.
    pub fn dialect(&self) -> Dialect {
        match &self.backend {
            Backend::Sqlite { .. } => Dialect::Sqlite,
            Backend::Postgres { .. } => Dialect::Postgres,
        }
    }
}

impl Turn {
    /// Begins a transaction that will write.
    ///
    /// # Errors
    /// The database's.
    pub fn begin(&mut self) -> Answer<'_, Transaction<'_>> {
        Box::pin(async move {
            const WRITING: &str = "BEGIN IMMEDIATE";
            Ok(Transaction(match &mut self.held {
                Held::Writer(connection) => OfDatabase::Sqlite(connection.begin_with(WRITING).await?),
                Held::Pooled(connection) => OfDatabase::Sqlite(connection.begin_with(WRITING).await?),
                Held::Postgres(connections) => begun(connections, "BEGIN").await?,
            }))
        })
    }

    /// Runs a script, all of it or nothing. What must not be committed has to fail, such as by a constraint.
    ///
    /// # Errors
    /// The first statement's that failed.
    pub fn commit<'a>(&'a mut self, script: Script<'a>) -> Answer<'a, ()> {
        Box::pin(async move {
            match &mut self.held {
                Held::Writer(connection) => commit(connection, &self.unended, script).await,
                Held::Pooled(connection) => commit(connection, &self.unended, script).await,
                Held::Postgres(connections) => {
                    let mut transaction = Transaction(begun(connections, "BEGIN").await?);
                    if let Some(lock) = script.lock {
                        transaction.lock(lock).await?;
                    }
                    transaction.run(script).await?;
                    transaction.commit().await
                }
            }
        })
    }
}

impl<'c> Transaction<'c> {
    /// Which database it is.
    pub fn dialect(&self) -> Dialect {
        match &self.0 {
            OfDatabase::Sqlite(_) => Dialect::Sqlite,
            OfDatabase::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Waits for those that hold the same lock of this world, in whichever process, and holds it to the end of the transaction. With
    /// SQLite a transaction that writes is alone anyway.
    ///
    /// # Errors
    /// The database's.
    pub fn lock<'a>(&'a mut self, name: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            match self.dialect() {
                Dialect::Sqlite => Ok(()),
                Dialect::Postgres => query(LOCK).bind(name).execute(self).await.map(drop),
            }
        })
    }

    /// Runs a script within the transaction.
    ///
    /// # Errors
    /// The first statement's that failed.
    pub fn run<'a>(&'a mut self, script: Script<'a>) -> Answer<'a, ()> {
        Box::pin(async move {
            match &mut self.0 {
                OfDatabase::Sqlite(transaction) => {
                    let sql = script.sql.trim_start_matches("BEGIN IMMEDIATE;").to_owned();
                    let arguments = value::sqlite(script.values)?;
                    sqlx::query_with(AssertSqlSafe(sql), arguments).execute(&mut **transaction).await.map(drop)
                }
                OfDatabase::Postgres(taken) => {
                    for (sql, values) in script.statements() {
                        let arguments = value::postgres(values.iter().cloned())?;
                        sqlx::query_with(AssertSqlSafe(sql), arguments).execute(&mut **taken).await?;
                    }
                    Ok(())
                }
            }
        })
    }

    /// Makes it last.
    ///
    /// # Errors
    /// The database's.
    pub fn commit(self) -> Answer<'c, ()> {
        Box::pin(async move {
            match self.0 {
                OfDatabase::Sqlite(transaction) => transaction.commit().await,
                OfDatabase::Postgres(mut taken) => {
                    let done = taken.execute("COMMIT").await;
                    taken.after(done).map(drop)
                }
            }
        })
    }
}

/// Begins a transaction; if nobody waits for that to its end, it is taken back.
async fn begun(connections: &Connections, begin: &'static str) -> Result<OfDatabase<'static>, sqlx::Error> {
    let mut taken = connections.take().await?;
    taken.execute(begin).await?;
    Ok(OfDatabase::Postgres(taken))
}

/// A lock of the world whose schema comes first.
const LOCK: &str = "SELECT pg_advisory_xact_lock(hashtext(current_schema()), hashtext($1))";

/// Runs a script as one text.
async fn commit(
    connection: &mut SqliteConnection,
    unended: &AtomicBool,
    mut script: Script<'_>,
) -> Result<(), sqlx::Error> {
    script.sql.push_str("COMMIT");
    let arguments = value::sqlite(script.values)?;
    unended.store(true, Ordering::Release); // until it is known to be over, also if nobody waits for that
    let done = sqlx::query_with(AssertSqlSafe(script.sql), arguments).execute(&mut *connection).await;
    if done.is_err() {
        end(connection).await?;
    }
    unended.store(false, Ordering::Release);
    done.map(drop)
}

/// Takes back what is not committed, if anything.
async fn end(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    match sqlx::query("ROLLBACK").execute(connection).await {
        Err(sqlx::Error::Database(error)) if error.message().contains("no transaction is active") => Ok(()),
        done => done.map(drop),
    }
}

impl Writer {
    pub(super) async fn open(options: SqliteConnectOptions) -> Result<Writer, sqlx::Error> {
        let connection = Some(options.connect().await?);
        Ok(Writer { connection: Arc::new(Mutex::new(connection)), options })
    }

    async fn turn(&self) -> Result<OwnedMappedMutexGuard<Option<SqliteConnection>, SqliteConnection>, sqlx::Error> {
        let mut held = self.connection.clone().lock_owned().await;
        let connection = held.as_mut().ok_or(sqlx::Error::PoolClosed)?;
        if is_stuck(connection).await {
            *connection = self.options.connect().await?;
        }
        OwnedMutexGuard::try_map(held, Option::as_mut).map_err(|_| sqlx::Error::PoolClosed)
    }

    /// Waits for the last turn, copies the log into the database file, and ends the connection.
    pub(super) async fn close(&self) -> Result<(), sqlx::Error> {
        let Some(mut connection) = self.connection.lock().await.take() else { return Ok(()) };
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut connection).await?;
        connection.close().await
    }
}

/// Whether a connection believes itself in a transaction that is over. On a full disk SQLite takes a transaction back by
/// itself; the rollback that follows then fails, and the connection would never begin another one.
pub(super) async fn is_stuck(connection: &mut SqliteConnection) -> bool {
    if !connection.is_in_transaction() {
        return false;
    }
    // The rollback of a transaction that was just dropped may be on its way.
    connection.ping().await.is_err() || connection.is_in_transaction()
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;
    use crate::store::query;

    async fn stores(folder: &std::path::Path) -> [Store; 2] {
        let file = folder.join("world.db");
        let stores = [Store::open(&file).await.unwrap(), Store::in_memory().await.unwrap()];
        for store in &stores {
            query("CREATE TABLE few (x BIGINT PRIMARY KEY)").execute(store).await.unwrap();
        }
        stores
    }

    fn adding(store: &Store, numbers: &[i64]) -> Script<'static> {
        let mut script = store.script();
        for number in numbers {
            script.push("INSERT INTO few VALUES (").push_bind(*number).push(")").end();
        }
        script
    }

    async fn kept(store: &Store) -> Vec<i64> {
        query("SELECT x FROM few ORDER BY x").fetch_values(store).await.unwrap()
    }

    #[tokio::test]
    async fn a_transaction_that_is_one_text_is_written_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        for store in stores(folder.path()).await {
            store.turn().await.unwrap().commit(adding(&store, &[1, 2])).await.unwrap();
            let refused = store.turn().await.unwrap().commit(adding(&store, &[3, 1, 4])).await.unwrap_err();
            assert!(refused.as_database_error().is_some_and(|error| error.is_unique_violation()), "{refused}");
            assert_eq!(kept(&store).await, [1, 2]);
            store.turn().await.unwrap().commit(adding(&store, &[3])).await.unwrap();
            assert_eq!(kept(&store).await, [1, 2, 3]);
        }
    }

    #[tokio::test]
    async fn a_transaction_that_nobody_waits_for_is_over_before_the_next_turn() {
        let folder = tempfile::tempdir().unwrap();
        for store in stores(folder.path()).await {
            for round in 0..20 {
                {
                    let mut turn = store.turn().await.unwrap();
                    let numbers: Vec<i64> = (round * 100..round * 100 + 90).collect();
                    let mut given_up = pin!(turn.commit(adding(&store, &numbers)));
                    for _ in 0..round % 5 {
                        let polled = given_up.as_mut().poll(&mut Context::from_waker(Waker::noop()));
                        assert!(matches!(polled, Poll::Pending | Poll::Ready(Ok(()))));
                        if polled.is_ready() {
                            break;
                        }
                        tokio::task::yield_now().await;
                    }
                }
                let mut turn = store.turn().await.unwrap();
                query("INSERT INTO few VALUES ($1)").bind(10_000 + round).execute(&mut turn).await.unwrap();
                drop(turn);
                let kept = kept(&store).await;
                assert_eq!(kept.iter().filter(|number| **number < 10_000).count() % 90, 0, "all or none: {kept:?}");
                assert!(kept.contains(&(10_000 + round)), "seen by other connections");
            }
        }
    }
}
