//! Whose turn it is to write. SQLite lets one connection write at a time, and others that find it busy sleep for
//! milliseconds and try again, in no order; here they are woken in the order in which they came.
//!
//! A transaction whose statements are known beforehand is one text ([`transaction`], [`Turn::commit`]): each text is a message to the
//! database's thread and back, which costs more than its statements do.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::pool::PoolConnection;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, QueryBuilder, Sqlite, SqliteConnection};
use tokio::sync::{Mutex, OwnedMappedMutexGuard, OwnedMutexGuard};

use super::Store;

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
}

impl Deref for Turn {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        match &self.held {
            Held::Writer(connection) => connection,
            Held::Pooled(connection) => connection,
        }
    }
}

impl DerefMut for Turn {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        match &mut self.held {
            Held::Writer(connection) => connection,
            Held::Pooled(connection) => connection,
        }
    }
}

impl Store {
    /// Waits for a turn to write. Writing outside of a turn stays possible, for whoever writes seldom.
    ///
    /// # Errors
    /// If the store is closed, or its database cannot be opened again after a failure.
    pub async fn turn(&self) -> Result<Turn, sqlx::Error> {
        let mut held = match &self.writer {
            Some(writer) => Held::Writer(writer.turn().await?),
            None => Held::Pooled(self.pool.acquire().await?),
        };
        if self.unended.load(Ordering::Acquire) {
            match &mut held {
                Held::Writer(connection) => end(connection).await?,
                Held::Pooled(connection) => end(connection).await?,
            }
            self.unended.store(false, Ordering::Release);
        }
        Ok(Turn { held, unended: self.unended.clone() })
    }
}

/// The beginning of a transaction that is one text: statements follow, each with `;` at its end.
pub fn transaction() -> QueryBuilder<Sqlite> {
    QueryBuilder::new("BEGIN IMMEDIATE;")
}

impl Turn {
    /// Runs a [`transaction`], all of it or nothing. What must not be committed has to fail, such as by a constraint.
    ///
    /// # Errors
    /// The first statement's that failed.
    pub async fn commit(&mut self, mut transaction: QueryBuilder<Sqlite>) -> Result<(), sqlx::Error> {
        transaction.push("COMMIT");
        self.unended.store(true, Ordering::Release); // until it is known to be over, also if nobody waits for that
        let done = transaction.build().execute(&mut **self).await;
        if done.is_err() {
            end(self).await?;
        }
        self.unended.store(false, Ordering::Release);
        done.map(drop)
    }
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

    async fn stores(folder: &std::path::Path) -> [Store; 2] {
        let file = folder.join("world.db");
        let stores = [Store::open(&file).await.unwrap(), Store::in_memory().await.unwrap()];
        for store in &stores {
            sqlx::query("CREATE TABLE few (x INTEGER PRIMARY KEY)").execute(store.pool()).await.unwrap();
        }
        stores
    }

    fn adding(numbers: &[i64]) -> QueryBuilder<Sqlite> {
        let mut transaction = transaction();
        for number in numbers {
            transaction.push("INSERT INTO few VALUES (").push_bind(*number).push(");");
        }
        transaction
    }

    async fn kept(store: &Store) -> Vec<i64> {
        sqlx::query_scalar("SELECT x FROM few ORDER BY x").fetch_all(store.pool()).await.unwrap()
    }

    #[tokio::test]
    async fn a_transaction_that_is_one_text_is_written_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        for store in stores(folder.path()).await {
            store.turn().await.unwrap().commit(adding(&[1, 2])).await.unwrap();
            let refused = store.turn().await.unwrap().commit(adding(&[3, 1, 4])).await.unwrap_err();
            assert!(refused.as_database_error().is_some_and(|error| error.is_unique_violation()), "{refused}");
            assert_eq!(kept(&store).await, [1, 2]);
            store.turn().await.unwrap().commit(adding(&[3])).await.unwrap();
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
                    let mut given_up = pin!(turn.commit(adding(&numbers)));
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
                sqlx::query("INSERT INTO few VALUES ($1)").bind(10_000 + round).execute(&mut *turn).await.unwrap();
                drop(turn);
                let kept = kept(&store).await;
                assert_eq!(kept.iter().filter(|number| **number < 10_000).count() % 90, 0, "all or none: {kept:?}");
                assert!(kept.contains(&(10_000 + round)), "seen by other connections");
            }
        }
    }
}
