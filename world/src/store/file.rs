//! The database as a file: readable by its owner only, alone in its folder after a clean stop.

use std::fs::{OpenOptions, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Weak;
use std::time::{Duration, SystemTime};

use sqlx::postgres::PgDatabaseError;
use sqlx::sqlite::{SqliteConnectOptions, SqliteError, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row, SqliteConnection};

use super::postgres::{self, Database};
use super::row::{OfDatabase, Row as Found};
use super::turn::{Writer, is_stuck};
use super::value::NotTaken;
use super::{Backend, Store};
use crate::Error;
use crate::archive::RESTORED;

/// After so many pages of 4 KB the write-ahead log is copied into the database file. Pages that are written again and again
/// are copied once, and writers wait for the disk four times less often than by default.
const LOG_PAGES: &str = "4000";

/// How many prepared statements a connection keeps: every length of [`super::steps`] for six tables.
const STATEMENTS: usize = 256;

/// How the database of a world is opened; it is made if it is not there, for its owner only.
pub(super) fn options(path: &Path) -> Result<SqliteConnectOptions, Error> {
    owners_only(path).map_err(|source| Error::Folder { path: path.into(), source })?;
    Ok(SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full) // those who write seldom: what they acknowledge survives a power cut
        .busy_timeout(Duration::from_secs(30))
        .pragma("wal_autocheckpoint", LOG_PAGES)
        .statement_cache_capacity(STATEMENTS)
        .foreign_keys(true))
}

/// How the connection of those who write all the time is opened. A commit survives the end of the process, however it comes.
/// Waiting for the disk each time would make signing five times as slow (docs/folder.md); [`keep_synced`] does it every second.
pub(super) fn writer_options(options: &SqliteConnectOptions) -> SqliteConnectOptions {
    options.clone().synchronous(SqliteSynchronous::Normal)
}

/// How much a power cut may cost of what is written all the time.
const UNSYNCED: Duration = Duration::from_secs(1);

/// Brings the log to the disk every second in which something was written, beside those who write; ends with the store.
pub(super) fn keep_synced(path: &Path, store: Weak<Writer>) {
    let log = beside(path, "-wal");
    tokio::spawn(async move {
        let (mut looks, mut synced) = (tokio::time::interval(UNSYNCED), None);
        while store.strong_count() > 0 {
            looks.tick().await;
            let log = log.clone();
            let written = tokio::task::spawn_blocking(move || sync_if_changed(&log, synced)).await;
            match written {
                Ok(Ok(now)) => synced = now,
                Ok(Err(error)) => {
                    tracing::error!(%error, "the log of a world's database could not be brought to the disk")
                }
                Err(_) => return, // the process is ending
            }
        }
    });
}

/// Gives when the log was last written; nothing if there is none.
fn sync_if_changed(log: &Path, synced: Option<SystemTime>) -> std::io::Result<Option<SystemTime>> {
    let written = match std::fs::metadata(log) {
        Ok(found) => Some(found.modified()?),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    if written.is_some() && written != synced {
        OpenOptions::new().write(true).open(log)?.sync_data()?;
    }
    Ok(written)
}

pub(super) fn pool_options() -> SqlitePoolOptions {
    // A connection to a file does not break while it rests, only by a failed transaction.
    let pool = SqlitePoolOptions::new().max_connections(8).test_before_acquire(false);
    pool.after_release(|connection, _| Box::pin(async move { Ok(!is_stuck(connection).await) }))
}

/// Makes the file if it is not there. SQLite gives its log and its index of the log the same permissions.
fn owners_only(path: &Path) -> std::io::Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(_) => return Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    for part in ["", "-wal", "-shm"] {
        let part = beside(path, part);
        match std::fs::metadata(&part) {
            Ok(found) if found.permissions().mode() & 0o077 != 0 => {
                std::fs::set_permissions(&part, Permissions::from_mode(0o600))?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// A connection to read the database of that folder, whoever works there. Where nothing can be written, and so nobody writes, it is
/// read as it is; elsewhere the connection may write, since who may not leaves the log behind that it had to make.
pub(crate) async fn to_read(folder: &Path) -> Result<SqliteConnection, sqlx::Error> {
    let path = folder.join("world.db");
    let options = SqliteConnectOptions::new().filename(&path).busy_timeout(Duration::from_secs(30));
    let read = async {
        let mut connection = options.connect().await?;
        sqlx::query("SELECT COUNT(*) FROM sqlite_schema").execute(&mut connection).await?;
        Ok(connection)
    };
    match read.await {
        Err(_) if is_resting(&path) => options.clone().read_only(true).immutable(true).connect().await,
        read => read,
    }
}

/// Whether nothing lies in a log that is not in the database.
fn is_resting(path: &Path) -> bool {
    std::fs::metadata(beside(path, "-wal")).map_or(true, |log| log.len() == 0)
}

/// The address that the world in that folder was made with; `None` if there is no world that can be read.
pub async fn recorded_base(folder: &Path, database: Option<&Database>) -> Option<String> {
    recorded(folder, database, NEVER).await
}

/// The same of a world that was made in this testbed, by whoever runs it; `None` of one that was restored.
pub async fn own_base(folder: &Path, database: Option<&Database>) -> Option<String> {
    recorded(folder, database, RESTORED).await
}

/// What no fact is called.
const NEVER: &str = "";

/// The address, unless there is a fact of that name.
async fn recorded(folder: &Path, database: Option<&Database>, unless: &str) -> Option<String> {
    if let Some(schema) = postgres::marked(folder).ok()? {
        return database?.recorded(&schema, "base", unless).await.ok()?;
    }
    let mut connection = looked_into(folder).await?;
    let query =
        "SELECT value FROM world_fact WHERE name = 'base' AND NOT EXISTS (SELECT 1 FROM world_fact WHERE name = $1)";
    let row = sqlx::query(query).bind(unless).fetch_optional(&mut connection).await;
    let base = row.ok()??.try_get(0).ok();
    let _ = connection.close().await; // nothing was written
    base
}

/// Whether a table of the world that is in a file in that folder has a row for which a condition holds: asked for without opening the world.
/// `None` if there is no such world or table, or it cannot be read.
pub async fn has_row(folder: &Path, table: &'static str, condition: &'static str) -> Option<bool> {
    let mut connection = looked_into(folder).await?;
    let text = AssertSqlSafe(format!("SELECT 1 FROM {table} WHERE {condition} LIMIT 1"));
    let row = sqlx::query(text).fetch_optional(&mut connection).await;
    let _ = connection.close().await; // nothing was written
    Some(row.ok()?.is_some())
}

/// The first row of a table of the world in that folder, asked for without opening the world; `None` if there is none, or no such table.
///
/// # Errors
/// If the world cannot be read.
pub async fn first_row(
    folder: &Path,
    database: Option<&Database>,
    table: &'static str,
    columns: &'static str,
) -> Result<Option<Found>, Error> {
    match (postgres::marked(folder)?, database) {
        (Some(schema), Some(database)) => {
            let row = database.first_row(&schema, table, columns).await?;
            Ok(row.map(|row| Found(OfDatabase::Postgres(row))))
        }
        (Some(_), None) => Err(Error::NoDatabase { folder: folder.into() }),
        (None, _) => {
            let mut connection = to_read(folder).await?;
            let there = sqlx::query("SELECT 1 FROM sqlite_schema WHERE name = $1").bind(table);
            let row = match there.fetch_optional(&mut connection).await? {
                Some(_) => {
                    let text = AssertSqlSafe(format!("SELECT {columns} FROM {table} LIMIT 1"));
                    sqlx::query(text).fetch_optional(&mut connection).await?
                }
                None => None,
            };
            let _ = connection.close().await; // nothing was written
            Ok(row.map(|row| Found(OfDatabase::Sqlite(row))))
        }
    }
}

/// The database of the world in that folder, to be read.
async fn looked_into(folder: &Path) -> Option<SqliteConnection> {
    let path = folder.join("world.db");
    // Without a log nobody has it open: then it is read as it is, also in a folder where nothing can be written.
    let resting = is_resting(&path);
    SqliteConnectOptions::new().filename(&path).read_only(true).immutable(resting).connect().await.ok()
}

/// Whether a failure means that nothing can be written now, such as on a full disk, and that it may be tried again.
pub fn cannot_be_written(failure: &(dyn std::error::Error + 'static)) -> bool {
    const BUSY_READONLY_IO_FULL_OPEN: [i32; 5] = [5, 8, 10, 13, 14]; // SQLite's primary result codes
    if is_away(failure) {
        return true;
    }
    let mut causes = std::iter::successors(Some(failure), |error| error.source());
    causes.any(|error| {
        if let Some(sqlx::Error::Database(error)) = error.downcast_ref() {
            if error.try_downcast_ref::<SqliteError>().is_none() {
                return false; // its codes mean something else
            }
            let code = error.code().and_then(|code| code.parse::<i32>().ok());
            return code.is_some_and(|code| BUSY_READONLY_IO_FULL_OPEN.contains(&(code & 0xff)));
        }
        let kind = error.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
        use ErrorKind::{FileTooLarge, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
        matches!(kind, Some(StorageFull | QuotaExceeded | ReadOnlyFilesystem | FileTooLarge))
    })
}

/// Whether a failure means that a database server does not answer, or cannot do it now: by PostgreSQL's codes for the connection,
/// resources, the operator, a transaction that came between, and a standby that does not write.
pub fn is_away(failure: &(dyn std::error::Error + 'static)) -> bool {
    const CLASSES: [&str; 5] = ["08", "40", "53", "57", "58"];
    const READ_ONLY_OR_LOCKED: [&str; 2] = ["25006", "55P03"];
    let mut causes = std::iter::successors(Some(failure), |error| error.source());
    causes.any(|error| match error.downcast_ref() {
        Some(sqlx::Error::Database(error)) if error.try_downcast_ref::<PgDatabaseError>().is_some() => {
            let is =
                |code: &str| READ_ONLY_OR_LOCKED.contains(&code) || CLASSES.iter().any(|class| code.starts_with(class));
            error.code().is_some_and(|code| is(&code))
        }
        Some(sqlx::Error::PoolTimedOut | sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_)) => true,
        _ => false,
    })
}

/// Whether a failure means that PostgreSQL took a transaction back because another came between: a deadlock, or what cannot be brought into
/// one order. The same at once goes well.
pub fn came_between(failure: &(dyn std::error::Error + 'static)) -> bool {
    const SERIALIZATION_FAILURE_OR_DEADLOCK: [&str; 2] = ["40001", "40P01"];
    let mut causes = std::iter::successors(Some(failure), |error| error.source());
    causes.any(|error| match error.downcast_ref() {
        Some(sqlx::Error::Database(error)) if error.try_downcast_ref::<PgDatabaseError>().is_some() => {
            error.code().is_some_and(|code| SERIALIZATION_FAILURE_OR_DEADLOCK.contains(&&*code))
        }
        _ => false,
    })
}

/// What PostgreSQL says that it has too little of: connections, memory, disk (class 53 of its codes).
pub(crate) fn lacks(failure: &(dyn std::error::Error + 'static)) -> Option<String> {
    let mut causes = std::iter::successors(Some(failure), |error| error.source());
    causes.find_map(|error| match error.downcast_ref() {
        Some(sqlx::Error::Database(error)) if error.try_downcast_ref::<PgDatabaseError>().is_some() => {
            error.code().filter(|code| code.starts_with("53")).map(|_| error.message().to_owned())
        }
        _ => None,
    })
}

/// Whether a failure means that a value is none that the database takes, whenever it is tried: a text with U+0000, or octets that are no
/// text in the database's encoding.
pub(crate) fn is_not_taken(failure: &(dyn std::error::Error + 'static)) -> bool {
    const NOT_IN_ITS_CHARACTERS: [&str; 2] = ["22021", "22P05"];
    let mut causes = std::iter::successors(Some(failure), |error| error.source());
    causes.any(|error| match error.downcast_ref() {
        Some(sqlx::Error::Encode(error)) => error.is::<NotTaken>(),
        Some(sqlx::Error::Database(error)) => error.code().is_some_and(|code| NOT_IN_ITS_CHARACTERS.contains(&&*code)),
        _ => false,
    })
}

/// Whether a failure means that the tables of a world are gone: another server deleted it, or made it anew.
pub fn is_gone(failure: &(dyn std::error::Error + 'static)) -> bool {
    const UNDEFINED_TABLE: &str = "42P01";
    let mut causes = std::iter::successors(Some(failure), |error| error.source());
    causes.any(|error| match error.downcast_ref() {
        Some(sqlx::Error::Database(error)) => {
            error.try_downcast_ref::<PgDatabaseError>().is_some() && error.code().as_deref() == Some(UNDEFINED_TABLE)
        }
        _ => false,
    })
}

/// So much no program fills before the next look: a fifth of a second (the key server's TRUST) at 2.5 GB/s.
const PLENTY: u64 = 512 << 20;

impl Store {
    /// Whether the disk has room for what is written in the next moment, whatever else is written on it.
    pub fn has_plenty_of_room(&self) -> bool {
        let Backend::Sqlite { path: Some(path), .. } = &self.backend else { return true };
        let disk = path.parent().map(rustix::fs::statvfs);
        disk.is_some_and(|disk| disk.is_ok_and(|disk| disk.f_bavail.saturating_mul(disk.f_frsize) >= PLENTY))
    }

    /// A clean stop: every connection ends, and what lay in the log lies in the database file, which is then all there is.
    /// Whoever still holds the store finds it closed.
    ///
    /// # Errors
    /// If the log cannot be written into the database file; nothing is lost, and whoever opens it next does that.
    pub async fn close(&self) -> Result<(), Error> {
        match &self.backend {
            Backend::Sqlite { pool, writer, .. } => {
                pool.close().await;
                match writer {
                    Some(writer) => Ok(writer.close().await?),
                    None => Ok(()),
                }
            }
            Backend::Postgres(connections) => {
                connections.close().await;
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::query;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[tokio::test]
    async fn a_database_is_its_owners_and_alone_after_a_clean_stop() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("world.db");
        let store = Store::open(&path).await.unwrap();
        store.remember("base", "here").await.unwrap();
        for file in [path.clone(), beside(&path, "-wal"), beside(&path, "-shm")] {
            assert_eq!(mode(&file), 0o600, "{}", file.display());
        }
        store.close().await.unwrap();
        let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
        assert_eq!(files, ["world.db"]);
        assert_eq!(recorded_base(folder.path(), None).await.as_deref(), Some("here"));
        assert!(store.probe().await.is_err(), "a closed store takes nothing");
    }

    #[tokio::test]
    async fn the_files_of_an_older_world_become_their_owners() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("world.db");
        std::fs::write(&path, b"").unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        let _store = Store::open(&path).await.unwrap();
        assert_eq!(mode(&path), 0o600);
    }

    #[tokio::test]
    async fn writing_goes_on_after_a_transaction_that_found_no_room() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("world.db")).await.unwrap();
        store
            .migrate(super::super::Tables { owner: "big", scripts: &["CREATE TABLE big (x BLOB)"], postgres: &[] })
            .await
            .unwrap();
        let write = async || {
            let mut turn = store.turn().await?;
            let mut transaction = turn.begin().await?;
            query("INSERT INTO big VALUES (zeroblob(100000))").execute(&mut transaction).await?;
            transaction.commit().await
        };
        // What a full disk says, without a disk; the connection that comes after knows no limit.
        query("PRAGMA max_page_count = 20").execute(&mut store.turn().await.unwrap()).await.unwrap();
        assert!(cannot_be_written(&write().await.unwrap_err()));
        write().await.unwrap();
    }
}
