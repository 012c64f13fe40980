//! The world's database: embedded SQLite in WAL mode, one file a world. Each crate keeps its SQL in its own `store.rs`.
//!
//! Whoever writes often waits for a [`Turn`] and writes many rows with one statement ([`steps`]).

mod file;
pub(crate) mod tables;
mod turn;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use jiff::Timestamp;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};
use sqlx::{QueryBuilder, Row, Sqlite};

use crate::Error;
use crate::clock::{Mode, Setting};
use crate::journal::{Exchange, NewExchange};

pub(crate) use file::to_read;
pub use file::{cannot_be_written, recorded_base};
pub use tables::Tables;
pub use turn::{Turn, transaction};
use turn::Writer;

/// The world's own tables.
pub const TABLES: Tables = Tables {
    owner: "world",
    scripts: &[include_str!("../migrations/0001_world.sql"), include_str!("../migrations/0002_fault.sql")],
};

/// How many exchanges the journal keeps: a busy day of a class, and a file of a few megabytes.
const JOURNAL_LENGTH: i64 = 50_000;

/// A shared handle on the world's database.
#[derive(Clone, Debug)]
pub struct Store {
    pool: SqlitePool,
    /// The connection of [`Store::turn`]; a database in memory has only the one of its pool.
    writer: Option<Arc<Writer>>,
    /// See [`Turn`].
    unended: Arc<AtomicBool>,
    /// Where the database lies, if it lies in a file.
    path: Option<Arc<Path>>,
}

/// Cuts rows into as few lengths as possible, so that the statements that write them are prepared once and kept.
pub fn steps<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let length = match rows.len() {
            0 => return None,
            128.. => 128,
            32.. => 32,
            few => few,
        };
        let (step, rest) = rows.split_at(length);
        rows = rest;
        Some(step)
    })
}

impl Store {
    pub(crate) async fn open(path: &Path) -> Result<Store, Error> {
        let options = file::options(path)?;
        let pool = file::pool_options().connect_with(options.clone()).await?;
        tables::check_inert(&mut *pool.acquire().await?).await?;
        let writer = Arc::new(Writer::open(file::writer_options(&options)).await?);
        file::keep_synced(path, Arc::downgrade(&writer));
        Store::prepared(Store { pool, writer: Some(writer), unended: Arc::default(), path: Some(path.into()) }).await
    }

    pub(crate) async fn in_memory() -> Result<Store, Error> {
        let options = SqliteConnectOptions::new().in_memory(true).foreign_keys(true);
        // One connection that is never closed: the database lives as long as it does.
        let pool = SqlitePoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
        Store::prepared(Store { pool: pool.connect_with(options).await?, writer: None, unended: Arc::default(), path: None }).await
    }

    async fn prepared(store: Store) -> Result<Store, Error> {
        store.migrate(TABLES).await?;
        Ok(store)
    }

    /// The connections, for a crate's own `store.rs`.
    pub fn pool(&self) -> &SqlitePool {
        &self.pool
    }

    /// Brings the tables of one crate up to date: each script runs once, in order, remembered per owner.
    pub async fn migrate(&self, tables: Tables) -> Result<(), Error> {
        let migrated = tables.migrator().run(&self.pool).await;
        migrated.map_err(|source| Error::Migration { owner: tables.owner, source })
    }

    /// Writes one row that is always the same one: whether anything could be written down now. Leaves nothing behind.
    pub async fn probe(&self) -> Result<(), Error> {
        // Another value each time: what stays the same is not written.
        let query = "INSERT INTO world_fact (name, value) VALUES ('probe', hex(randomblob(8))) \
                     ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        sqlx::query(query).execute(&mut *self.turn().await?).await?;
        Ok(())
    }

    /// Keeps `value` under `name` if nothing is kept there yet; gives what is kept.
    pub(crate) async fn remember(&self, name: &str, value: &str) -> Result<String, Error> {
        sqlx::query("INSERT INTO world_fact (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING")
            .bind(name)
            .bind(value)
            .execute(&self.pool)
            .await?;
        let row = sqlx::query("SELECT value FROM world_fact WHERE name = $1").bind(name).fetch_one(&self.pool).await?;
        Ok(row.try_get(0)?)
    }

    /// What is kept under that name.
    pub(crate) async fn recalled(&self, name: &str) -> Result<Option<String>, Error> {
        let query = sqlx::query_scalar("SELECT value FROM world_fact WHERE name = $1");
        Ok(query.bind(name).fetch_optional(&self.pool).await?)
    }

    /// Keeps `value` under `name` in place of what is kept there.
    pub(crate) async fn replace(&self, name: &str, value: &str) -> Result<(), Error> {
        sqlx::query(
            "INSERT INTO world_fact (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        )
        .bind(name)
        .bind(value)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    pub(crate) async fn clock_setting(&self) -> Result<Option<Setting>, Error> {
        let query = "SELECT mode, world_time, system_time FROM clock_setting ORDER BY id DESC LIMIT 1";
        let Some(row) = sqlx::query(query).fetch_optional(&self.pool).await? else { return Ok(None) };
        let mode = if row.try_get::<&str, _>(0)? == "fixed" { Mode::Fixed } else { Mode::Running };
        Ok(Some(Setting {
            mode,
            world_time: stored_time(row.try_get(1)?)?,
            system_time: stored_time(row.try_get(2)?)?,
        }))
    }

    pub(crate) async fn save_clock_setting(&self, setting: &Setting) -> Result<(), Error> {
        sqlx::query("INSERT INTO clock_setting (mode, world_time, system_time) VALUES ($1, $2, $3)")
            .bind(if setting.mode == Mode::Fixed { "fixed" } else { "running" })
            .bind(setting.world_time.to_string())
            .bind(setting.system_time.to_string())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Writes a few exchanges and forgets the oldest beyond the journal's length.
    pub(crate) async fn save_exchanges(&self, exchanges: &[NewExchange]) -> Result<(), Error> {
        let mut turn = self.turn().await?;
        let start = "INSERT INTO exchange (at, caller, service, method, path, status, request_type, request_bytes, \
                     response_type, response_bytes, microseconds, fault) ";
        let mut insert = QueryBuilder::<Sqlite>::new(start);
        insert.push_values(exchanges, |mut row, exchange| {
            row.push_bind(exchange.at.to_string())
                .push_bind(exchange.caller.as_str())
                .push_bind(exchange.service.as_str())
                .push_bind(exchange.method.as_str())
                .push_bind(exchange.path.as_str())
                .push_bind(i64::from(exchange.status))
                .push_bind(exchange.request_type.as_deref())
                .push_bind(exchange.request_bytes.map(|n| n as i64))
                .push_bind(exchange.response_type.as_deref())
                .push_bind(exchange.response_bytes.map(|n| n as i64))
                .push_bind(exchange.microseconds as i64)
                .push_bind(exchange.fault.as_deref());
        });
        let newest = insert.build().execute(&mut *turn).await?.last_insert_rowid();
        sqlx::query("DELETE FROM exchange WHERE id <= $1").bind(newest - JOURNAL_LENGTH).execute(&mut *turn).await?;
        Ok(())
    }

    /// The exchanges after `after`, oldest first.
    pub(crate) async fn exchanges(&self, after: i64, limit: i64) -> Result<Vec<Exchange>, Error> {
        let rows = sqlx::query("SELECT * FROM exchange WHERE id > $1 ORDER BY id LIMIT $2").bind(after).bind(limit);
        rows.fetch_all(&self.pool).await?.iter().map(exchange).collect()
    }
}

fn exchange(row: &sqlx::sqlite::SqliteRow) -> Result<Exchange, Error> {
    let length = |column| row.try_get::<Option<i64>, _>(column).map(|n| n.map(|n| n as u64));
    Ok(Exchange {
        id: row.try_get("id")?,
        exchange: NewExchange {
            at: stored_time(row.try_get("at")?)?,
            caller: row.try_get("caller")?,
            service: row.try_get("service")?,
            method: row.try_get("method")?,
            path: row.try_get("path")?,
            status: row.try_get::<i64, _>("status")? as u16,
            request_type: row.try_get("request_type")?,
            request_bytes: length("request_bytes")?,
            response_type: row.try_get("response_type")?,
            response_bytes: length("response_bytes")?,
            microseconds: row.try_get::<i64, _>("microseconds")? as u64,
            fault: row.try_get("fault")?,
        },
    })
}

/// Reads a time that this program stored.
pub fn stored_time(text: &str) -> Result<Timestamp, Error> {
    text.parse().map_err(|_| Error::StoredTime(text.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn each_crate_migrates_its_own_tables_once() {
        let folder = tempfile::tempdir().unwrap();
        for _ in 0..2 {
            let store = Store::open(&folder.path().join("world.db")).await.unwrap();
            store.migrate(Tables { owner: "first", scripts: &["CREATE TABLE a (x INTEGER)"] }).await.unwrap();
            let scripts = &["CREATE TABLE b (x INTEGER)", "CREATE TABLE c (x INTEGER)"];
            store.migrate(Tables { owner: "second", scripts }).await.unwrap();
        }
    }

    #[test]
    fn rows_are_cut_into_few_lengths_and_none_is_lost() {
        let rows: Vec<usize> = (0..427).collect();
        let lengths: Vec<usize> = steps(&rows).map(<[_]>::len).collect();
        assert_eq!(lengths, [128, 128, 128, 32, 11]);
        assert_eq!(steps(&rows).collect::<Vec<_>>().concat(), rows);
        assert_eq!(steps::<u8>(&[]).count(), 0);
    }

    #[tokio::test]
    async fn a_changed_script_is_refused() {
        let store = Store::in_memory().await.unwrap();
        store.migrate(Tables { owner: "first", scripts: &["CREATE TABLE a (x INTEGER)"] }).await.unwrap();
        let refused =
            store.migrate(Tables { owner: "first", scripts: &["CREATE TABLE a (y INTEGER)"] }).await.unwrap_err();
        assert!(refused.to_string().contains("tables of first"), "{refused}");
    }
}
