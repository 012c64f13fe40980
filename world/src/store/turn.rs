//! Whose turn it is to write. SQLite lets one connection write at a time, and others that find it busy sleep for
//! milliseconds and try again, in no order; here they are woken in the order in which they came.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use sqlx::pool::PoolConnection;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, Sqlite, SqliteConnection};
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
pub struct Turn(Held);

#[derive(Debug)]
enum Held {
    Writer(OwnedMappedMutexGuard<Option<SqliteConnection>, SqliteConnection>),
    Pooled(PoolConnection<Sqlite>),
}

impl Deref for Turn {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        match &self.0 {
            Held::Writer(connection) => connection,
            Held::Pooled(connection) => connection,
        }
    }
}

impl DerefMut for Turn {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        match &mut self.0 {
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
        Ok(Turn(match &self.writer {
            Some(writer) => Held::Writer(writer.turn().await?),
            None => Held::Pooled(self.pool.acquire().await?),
        }))
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
