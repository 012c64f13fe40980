//! A world in one file: a copy of its database as it was at one moment, with the few files that services keep beside it.
//!
//! The file is an SQLite database, made while the world is served or not. Whoever has it has the world's keys: it is for its
//! owner only. In: a world's folder. Out: the file; and back, under any name, with the same keys, numbers and audit chain.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{ConnectOptions, Connection, Row, SqliteConnection};

use crate::{Error, owners_folder};

/// What this version writes.
const FORMAT: i64 = 1;

/// Saves the world in that folder, with those files of it that `beside` names, into a new file. The file is whole and on
/// disk when this returns; another process may go on writing the world meanwhile.
///
/// # Errors
/// If the file exists, the world cannot be read, or there is no room; what was written so far is removed.
pub async fn save(folder: &Path, beside: &[&str], file: &Path) -> Result<(), Error> {
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    made.map_err(|source| Error::Folder { path: file.into(), source })?;
    let saved = write(folder, beside, file).await;
    if saved.is_err() {
        let _ = std::fs::remove_file(file); // the first failure is the one to tell
    }
    saved
}

async fn write(folder: &Path, beside: &[&str], file: &Path) -> Result<(), Error> {
    let options = SqliteConnectOptions::new().filename(folder.join("world.db"));
    let mut world = match options.connect().await {
        Ok(world) => world,
        // A folder where nothing can be written, and so nobody writes.
        Err(_) => options.read_only(true).immutable(true).connect().await?,
    };
    sqlx::query("VACUUM INTO $1").bind(file.to_string_lossy()).execute(&mut world).await?;
    world.close().await?;
    let mut copy = opened(file).await?;
    sqlx::query("CREATE TABLE saved_world (format INTEGER NOT NULL)").execute(&mut copy).await?;
    sqlx::query("CREATE TABLE saved_file (name TEXT PRIMARY KEY, content BLOB NOT NULL)").execute(&mut copy).await?;
    sqlx::query("INSERT INTO saved_world (format) VALUES ($1)").bind(FORMAT).execute(&mut copy).await?;
    for name in beside {
        let Some(content) = read(&folder.join(name))? else { continue };
        let query = sqlx::query("INSERT INTO saved_file (name, content) VALUES ($1, $2)").bind(name).bind(content);
        query.execute(&mut copy).await?;
    }
    copy.close().await?;
    let failed = |source| Error::Folder { path: file.into(), source };
    OpenOptions::new().write(true).open(file).and_then(|file| file.sync_all()).map_err(failed)
}

/// Makes a new folder with the world of a saved file, and those files beside it that `beside` names.
///
/// # Errors
/// If it is no saved world, was damaged, or the folder is there already. The folder may then be left incomplete.
pub async fn restore(file: &Path, beside: &[&str], folder: &Path) -> Result<(), Error> {
    let wrong = |found: &str| Error::NotSaved { file: file.into(), found: found.into() };
    owners_folder(folder).map_err(|source| Error::Folder { path: folder.into(), source })?;
    let path = folder.join("world.db");
    copy_anew(file, &path)?;
    let mut world = opened(&path).await.map_err(|_| wrong("no database"))?;
    let whole = sqlx::query("PRAGMA integrity_check(1)").fetch_one(&mut world).await;
    let whole = whole.and_then(|row| row.try_get::<String, _>(0)).map_err(|_| wrong("no database"))?;
    if whole != "ok" {
        return Err(wrong(&format!("a damaged one ({whole})")));
    }
    let format = sqlx::query("SELECT format FROM saved_world").fetch_one(&mut world).await;
    match format.and_then(|row| row.try_get::<i64, _>(0)) {
        Ok(FORMAT) => {}
        Ok(newer) => return Err(wrong(&format!("format {newer}, of another version"))),
        Err(_) => return Err(wrong("a database that is none, such as a copied world.db")),
    }
    for row in sqlx::query("SELECT name, content FROM saved_file").fetch_all(&mut world).await? {
        let name: String = row.try_get(0)?;
        if beside.contains(&name.as_str()) {
            write_anew(&folder.join(&name), row.try_get(1)?)?;
        }
    }
    // Overwritten, not only given free: among it are the keys' key.
    for step in ["PRAGMA secure_delete = ON", "DROP TABLE saved_file", "DROP TABLE saved_world"] {
        sqlx::query(step).execute(&mut world).await?;
    }
    Ok(world.close().await?)
}

/// A saved file, opened so that no pages of it lie in a second file.
async fn opened(file: &Path) -> Result<SqliteConnection, sqlx::Error> {
    SqliteConnectOptions::new().filename(file).journal_mode(SqliteJournalMode::Memory).connect().await
}

fn read(file: &Path) -> Result<Option<Vec<u8>>, Error> {
    match std::fs::read(file) {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::Folder { path: file.into(), source }),
    }
}

fn copy_anew(from: &Path, to: &Path) -> Result<(), Error> {
    let mut source = std::fs::File::open(from).map_err(|source| Error::Folder { path: from.into(), source })?;
    let copied = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to).and_then(|mut target| {
        std::io::copy(&mut source, &mut target)?;
        target.sync_all()
    });
    copied.map_err(|source| Error::Folder { path: to.into(), source })
}

fn write_anew(file: &Path, content: &[u8]) -> Result<(), Error> {
    let written = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file).and_then(|mut target| {
        target.write_all(content)?;
        target.sync_all()
    });
    written.map_err(|source| Error::Folder { path: file.into(), source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::World;

    #[tokio::test]
    async fn a_world_saved_while_it_is_open_is_the_same_one_elsewhere() {
        let folder = tempfile::tempdir().unwrap();
        let (here, there, file) =
            (folder.path().join("here"), folder.path().join("there"), folder.path().join("saved"));
        let world = World::open(&here, "default", "http://127.0.0.1:8700").await.unwrap();
        world.clock.freeze().await.unwrap();
        let time = world.clock.set("2031-05-01T00:00:00Z".parse().unwrap()).await.unwrap().time;
        std::fs::write(here.join("root.key"), b"a key of keys, 32 bytes, or more").unwrap();
        std::fs::write(here.join("other"), b"left").unwrap();
        save(&here, &["root.key", "none"], &file).await.unwrap();
        assert!(save(&here, &[], &file).await.is_err(), "nothing is overwritten");
        restore(&file, &["root.key"], &there).await.unwrap();
        assert_eq!(std::fs::read(there.join("root.key")).unwrap(), b"a key of keys, 32 bytes, or more");
        assert!(!there.join("other").exists());
        let database = std::fs::read(there.join("world.db")).unwrap();
        assert!(!database.windows(13).any(|window| window == b"a key of keys"));
        let again = World::open(&there, "copy", "http://127.0.0.1:1").await.unwrap();
        assert_eq!((again.base.as_str(), again.clock.now()), ("http://127.0.0.1:8700", time));
        assert!(restore(&file, &["root.key"], &there).await.is_err(), "nothing is overwritten");
    }

    #[tokio::test]
    async fn what_was_not_saved_here_is_not_restored() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        let told = async |number: &str| restore(&file, &[], &folder.path().join(number)).await.unwrap_err().to_string();
        std::fs::write(&file, b"%PDF-1.7").unwrap();
        assert!(told("1").await.contains("no database"));
        let world = World::open(&folder.path().join("world"), "default", "http://127.0.0.1:8700").await.unwrap();
        world.close().await.unwrap();
        std::fs::copy(folder.path().join("world/world.db"), &file).unwrap();
        assert!(told("2").await.contains("a copied world.db"));
    }
}
