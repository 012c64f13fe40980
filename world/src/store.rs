//! The world's database: embedded SQLite in WAL mode, one file a world. Each crate keeps its SQL in its own `store.rs`.
//!
//! Whoever writes often waits for a [`Turn`] and writes many rows with one statement ([`steps`]).

mod changes;
mod claims;
mod file;
pub mod postgres;
mod query;
mod remembered;
mod row;
mod script;
pub(crate) mod tables;
pub(crate) mod transfer;
mod turn;
mod value;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use jiff::Timestamp;
pub use sqlx::Error as DatabaseError;
use sqlx::Executor;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};

use crate::Error;
use crate::clock::CLOCK;
use crate::clock::setting::{Mode, Setting};
use crate::journal::exchange::{Exchange, NewExchange};

use changes::Changes;
pub use changes::Reread;
pub use claims::Claims;
pub use file::{came_between, cannot_be_written, first_row, has_row, is_away, is_gone, own_base, recorded_base};
pub(crate) use file::{is_not_taken, lacks, to_read};
use postgres::{Connections, Database};
pub use query::{Answer, On, Query, composed, query};
pub use remembered::Remembered;
pub use row::{Row, Stored};
pub use script::{Dialect, Script};
pub use tables::Tables;
use turn::Writer;
pub use turn::{Transaction, Turn};
pub use value::Value;

/// The world's own tables.
pub const TABLES: Tables = Tables {
    owner: "world",
    scripts: &[
        include_str!("../migrations/0001_world.sql"),
        include_str!("../migrations/0002_fault.sql"),
        include_str!("../migrations/0003_bundle.sql"),
    ],
    postgres: &[(3, include_str!("../migrations/0003_bundle.postgres.sql"))],
};

/// How many exchanges the journal keeps: a busy day of a class, and a file of a few megabytes.
const JOURNAL_LENGTH: i64 = 50_000;

/// A shared handle on the world's database.
#[derive(Clone, Debug)]
pub struct Store {
    backend: Backend,
    /// See [`Turn`].
    unended: Arc<AtomicBool>,
    changes: Changes,
}

/// Where the database is.
#[derive(Clone, Debug)]
enum Backend {
    Sqlite {
        pool: SqlitePool,
        /// The connection of [`Store::turn`]; a database in memory has only the one of its pool.
        writer: Option<Arc<Writer>>,
        /// Where the database lies, if it lies in a file.
        path: Option<Arc<Path>>,
    },
    Postgres(Arc<Connections>),
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
    /// The store of the world in that folder, made if it is not there: in a file, unless the folder says that it is in the database.
    pub(crate) async fn of(folder: &Path, database: Option<&Database>) -> Result<Store, Error> {
        match (postgres::marked(folder)?, database) {
            (None, Some(database)) => {
                Err(Error::InFile { folder: folder.into(), database: database.shown().to_owned() })
            }
            (None, None) => Store::open(&folder.join("world.db")).await,
            (Some(schema), Some(database)) => {
                Store::prepared(Backend::Postgres(Connections::to(database, &schema).await?.into())).await
            }
            (Some(_), None) => Err(Error::NoDatabase { folder: folder.into() }),
        }
    }

    pub(crate) async fn open(path: &Path) -> Result<Store, Error> {
        let options = file::options(path)?;
        let pool = file::pool_options().connect_with(options.clone()).await?;
        tables::check_inert(&mut *pool.acquire().await?).await?;
        let writer = Arc::new(Writer::open(file::writer_options(&options)).await?);
        file::keep_synced(path, Arc::downgrade(&writer));
        Store::prepared(Backend::Sqlite { pool, writer: Some(writer), path: Some(path.into()) }).await
    }

    pub(crate) async fn in_memory() -> Result<Store, Error> {
        if let Some(connections) = postgres::for_a_test().await? {
            return Store::prepared(Backend::Postgres(connections.into())).await;
        }
        let options = SqliteConnectOptions::new().in_memory(true).foreign_keys(true);
        // One connection that is never closed: the database lives as long as it does.
        let pool = SqlitePoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
        Store::prepared(Backend::Sqlite { pool: pool.connect_with(options).await?, writer: None, path: None }).await
    }

    async fn prepared(backend: Backend) -> Result<Store, Error> {
        let store = Store { backend, unended: Arc::default(), changes: Changes::default() };
        store.migrate(TABLES).await?;
        Ok(store)
    }

    /// Passes if this program can bring every one of these tables up to date: asked before the first is.
    ///
    /// # Errors
    /// [`Error::Migration`] names the crate whose tables another version made.
    pub async fn check_scripts(&self, tables: &[Tables]) -> Result<(), Error> {
        match &self.backend {
            Backend::Sqlite { pool, .. } => tables::check_scripts(&mut *pool.acquire().await?, tables).await,
            Backend::Postgres(connections) => {
                let mut taken = connections.take().await?;
                tables::check_postgres_scripts(&mut taken, tables).await?;
                taken.give_back();
                Ok(())
            }
        }
    }

    /// Brings the tables of one crate up to date: each script runs once, in order, remembered per owner.
    ///
    /// # Errors
    /// [`Error::Migration`] if a script fails, or one that was run is another by now.
    pub async fn migrate(&self, tables: Tables) -> Result<(), Error> {
        let migrated = match &self.backend {
            Backend::Sqlite { pool, .. } => tables.migrator().run(pool).await,
            Backend::Postgres(connections) => {
                let mut taken = connections.take().await?;
                let migrated = tables.postgres_migrator().run_direct(None, &mut *taken, false).await;
                if migrated.is_ok() {
                    taken.give_back();
                }
                migrated
            }
        };
        migrated.map_err(|source| Error::Migration { owner: tables.owner, source })
    }

    /// Runs statements without values, of a text of our own.
    ///
    /// # Errors
    /// The first statement's that failed.
    pub async fn run_text(&self, text: &'static str) -> Result<(), DatabaseError> {
        match &self.backend {
            Backend::Sqlite { pool, .. } => pool.execute(sqlx::raw_sql(text)).await.map(drop),
            Backend::Postgres(connections) => {
                let mut taken = connections.take().await?;
                let done = taken.execute(sqlx::raw_sql(text)).await;
                taken.after(done).map(drop)
            }
        }
    }

    /// Writes one row that is always the same one: whether anything could be written down now. Leaves nothing behind.
    ///
    /// # Errors
    /// If nothing can be.
    pub async fn probe(&self) -> Result<(), Error> {
        // Another value each time: what stays the same is not written.
        let text = "INSERT INTO world_fact (name, value) VALUES ('probe', $1) \
                    ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        query(text).bind(hex::encode(crate::random::bytes::<8>())).execute(&mut self.turn().await?).await?;
        Ok(())
    }

    /// Keeps `value` under `name` if nothing is kept there yet; gives what is kept.
    ///
    /// # Errors
    /// The database's.
    pub async fn remember(&self, name: &str, value: &str) -> Result<String, Error> {
        query("INSERT INTO world_fact (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING")
            .bind(name)
            .bind(value)
            .execute(self)
            .await?;
        Ok(query("SELECT value FROM world_fact WHERE name = $1").bind(name).fetch_value(self).await?)
    }

    /// What is kept under that name.
    ///
    /// # Errors
    /// The database's.
    pub async fn recalled(&self, name: &str) -> Result<Option<String>, Error> {
        let row = query("SELECT value FROM world_fact WHERE name = $1").bind(name).fetch_optional(self).await?;
        Ok(row.map(|row| row.get("value")).transpose()?)
    }

    /// Keeps `value` under `name`, a setting of the clock, in place of what is kept there.
    pub(crate) async fn replace(&self, name: &str, value: &str) -> Result<(), Error> {
        let mut transaction = self.begin().await?;
        transaction.changes(CLOCK).await?;
        query(
            "INSERT INTO world_fact (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        )
        .bind(name)
        .bind(value)
        .execute(&mut transaction)
        .await?;
        Ok(transaction.commit().await?)
    }

    pub(crate) async fn clock_setting(&self) -> Result<Option<Setting>, Error> {
        let newest = "SELECT mode, world_time, system_time FROM clock_setting ORDER BY id DESC LIMIT 1";
        let Some(row) = query(newest).fetch_optional(self).await? else { return Ok(None) };
        let mode = if row.get::<&str>("mode")? == "fixed" { Mode::Fixed } else { Mode::Running };
        Ok(Some(Setting {
            mode,
            world_time: stored_time(row.get("world_time")?)?,
            system_time: stored_time(row.get("system_time")?)?,
        }))
    }

    pub(crate) async fn save_clock_setting(&self, setting: &Setting) -> Result<(), Error> {
        let mut transaction = self.begin().await?;
        transaction.changes(CLOCK).await?;
        query("INSERT INTO clock_setting (mode, world_time, system_time) VALUES ($1, $2, $3)")
            .bind(if setting.mode == Mode::Fixed { "fixed" } else { "running" })
            .bind(setting.world_time.to_string())
            .bind(setting.system_time.to_string())
            .execute(&mut transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// Writes exchanges and forgets the oldest beyond the journal's length. Exchanges come with every request, and are read by
    /// their number alone: so those that are written together are one value.
    pub(crate) async fn save_exchanges(&self, exchanges: &[NewExchange]) -> Result<(), Error> {
        let bundle = serde_json::to_string(exchanges).expect("exchanges have only text and numbers");
        let mut script = self.script().locked("journal");
        script.push("INSERT INTO exchange_bundle (first, length, exchanges) SELECT COALESCE(MAX(first + length), 1), ");
        script.push_bind(exchanges.len() as i64).push(", ").push_bind(bundle);
        script.push(" FROM (SELECT first, length FROM exchange_bundle ORDER BY first DESC LIMIT 1) AS last").end();
        script.push("DELETE FROM exchange_bundle WHERE first + length <= (SELECT MAX(first) FROM exchange_bundle) - ");
        script.push_bind(JOURNAL_LENGTH).push(" AND first <= (SELECT MAX(first) FROM exchange_bundle) - ");
        script.push_bind(JOURNAL_LENGTH).end();
        self.turn().await?.commit(script).await?;
        Ok(())
    }

    /// The number of the newest exchange; 0 if there is none.
    pub(crate) async fn newest_exchange(&self) -> Result<i64, Error> {
        let newest = "SELECT first + length - 1 AS newest FROM exchange_bundle ORDER BY first DESC LIMIT 1";
        let row = query(newest).fetch_optional(self).await?;
        Ok(row.map(|row| row.get("newest")).transpose()?.unwrap_or(0))
    }

    /// The exchanges after `after`, oldest first.
    pub(crate) async fn exchanges(&self, after: i64, limit: i64) -> Result<Vec<Exchange>, Error> {
        const BUNDLES: i64 = 50;
        let text = "SELECT first, exchanges FROM exchange_bundle \
            WHERE first >= COALESCE((SELECT MAX(first) FROM exchange_bundle WHERE first <= $1), $1) ORDER BY first LIMIT $2";
        let (mut found, mut next) = (Vec::new(), after.saturating_add(1));
        while (found.len() as i64) < limit {
            let rows = query(text).bind(next).bind(BUNDLES).fetch_all(self).await?;
            let begun = next;
            for row in rows {
                let first: i64 = row.get("first")?;
                for (place, exchange) in (0..).zip(stored_bundle(row.get("exchanges")?)?) {
                    let id = first.saturating_add(place);
                    if id >= next {
                        found.push(Exchange { id, exchange });
                        next = id.saturating_add(1);
                    }
                }
            }
            if next == begun {
                break;
            }
        }
        found.truncate(limit.max(0) as usize);
        Ok(found)
    }
}

fn stored_bundle(text: &str) -> Result<Vec<NewExchange>, Error> {
    serde_json::from_str(text).map_err(|_| Error::StoredExchanges)
}

/// Reads a time that this program stored.
///
/// # Errors
/// [`Error::StoredTime`] if somebody else wrote there.
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
            store
                .migrate(Tables { owner: "first", scripts: &["CREATE TABLE a (x INTEGER)"], postgres: &[] })
                .await
                .unwrap();
            let scripts = &["CREATE TABLE b (x INTEGER)", "CREATE TABLE c (x INTEGER)"];
            store.migrate(Tables { owner: "second", scripts, postgres: &[] }).await.unwrap();
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
    async fn exchanges_are_numbered_read_from_any_place_and_forgotten_by_age() {
        let store = Store::in_memory().await.unwrap();
        let exchanges = |count: usize| vec![exchange("GET"); count];
        for count in [3, 1, 2] {
            store.save_exchanges(&exchanges(count)).await.unwrap();
        }
        let numbers = async |after, limit| {
            let found = store.exchanges(after, limit).await.unwrap();
            found.iter().map(|exchange| exchange.id).collect::<Vec<_>>()
        };
        assert_eq!(numbers(0, 10).await, [1, 2, 3, 4, 5, 6]);
        assert_eq!(numbers(1, 3).await, [2, 3, 4]);
        assert_eq!((numbers(6, 10).await, numbers(3, 0).await), (vec![], vec![]));
        store.save_exchanges(&exchanges(JOURNAL_LENGTH as usize)).await.unwrap();
        store.save_exchanges(&exchanges(1)).await.unwrap();
        assert_eq!(numbers(0, 2).await, [7, 8], "what is older than the journal is long is gone");
        assert_eq!(numbers(JOURNAL_LENGTH + 6, 10).await, [JOURNAL_LENGTH + 7]);
    }

    #[tokio::test]
    async fn exchanges_that_an_earlier_version_kept_are_kept() {
        let store = Store::in_memory().await.unwrap();
        if store.dialect() == Dialect::Postgres {
            println!("skipped: earlier programs knew worlds in files only");
            return;
        }
        for sql in [
            "DROP TABLE exchange_bundle",
            include_str!("../migrations/0001_world.sql")
                .split_once("-- One row")
                .unwrap()
                .1
                .split_once('\n')
                .unwrap()
                .1,
            include_str!("../migrations/0002_fault.sql"),
        ] {
            store.run_text(sql).await.unwrap();
        }
        for method in ["GET", "POST"].repeat(75) {
            let text = "INSERT INTO exchange (at, caller, service, method, path, status, response_bytes, microseconds) \
                VALUES ('2026-11-24T09:00:00.5Z', 'client', 'ca', $1, '/ca/crl', 200, 5, 7)";
            query(text).bind(method).execute(&store).await.unwrap();
        }
        store.run_text(include_str!("../migrations/0003_bundle.sql")).await.unwrap();
        store.save_exchanges(&[exchange("PUT")]).await.unwrap();
        let found = store.exchanges(97, 1000).await.unwrap();
        assert_eq!(found.iter().map(|exchange| exchange.id).collect::<Vec<_>>(), (98..=151).collect::<Vec<_>>());
        assert_eq!((&found[0].exchange, &found[53].exchange), (&exchange("POST"), &exchange("PUT")));
    }

    fn exchange(method: &str) -> NewExchange {
        NewExchange {
            at: "2026-11-24T09:00:00.5Z".parse().unwrap(),
            caller: "client".into(),
            service: "ca".into(),
            method: method.into(),
            path: "/ca/crl".into(),
            status: 200,
            request_type: None,
            request_bytes: None,
            response_type: None,
            response_bytes: Some(5),
            microseconds: 7,
            fault: None,
        }
    }

    #[tokio::test]
    async fn a_changed_script_is_refused() {
        let store = Store::in_memory().await.unwrap();
        store
            .migrate(Tables { owner: "first", scripts: &["CREATE TABLE a (x INTEGER)"], postgres: &[] })
            .await
            .unwrap();
        let refused = store
            .migrate(Tables { owner: "first", scripts: &["CREATE TABLE a (y INTEGER)"], postgres: &[] })
            .await
            .unwrap_err();
        assert!(refused.to_string().contains("tables of first"), "{refused}");
    }
}
