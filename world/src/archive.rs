//! A world in one file: a copy of its database as it was at one moment, with the few files that services keep beside it.
//!
//! ```text
//! an SQLite database, whose header says application_id 0x6573616c ("esal") and, as user_version, the format: 2
//! trailer, 52 bytes: "eseal saved world 2\n", SHA-256 of everything before
//! ```
//! Made while the world is served or not, and the same whether its tables are in a file or in PostgreSQL. Whoever has it has the world's
//! keys: it is for its owner only. In: a world's folder. Out: the file; and back, under any name, with the same keys, numbers and audit
//! chain.

mod branch;

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;

use sha2::{Digest, Sha256};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row, SqliteConnection};

use crate::store::postgres::{Database, marked};
use crate::store::{Tables, tables, transfer};
use crate::{Error, owners_folder};
pub(crate) use branch::ALSO_KNOWN_AS;
pub use branch::branch;

/// The mark of a saved world in the header of its database, SQLite's database file format clause 1.3.
const APPLICATION: u32 = 0x6573_616c;

/// What this version writes; a format before, of a day, had neither mark nor trailer.
const FORMAT: u32 = 2;

/// What the checksum follows.
const TRAILER: &[u8; 20] = b"eseal saved world 2\n";

/// The length of the trailer in bytes.
const TRAILER_LENGTH: u64 = TRAILER.len() as u64 + 32;

/// The length of SQLite's header in bytes.
const HEADER_LENGTH: usize = 100;

/// Bytes that are copied at once.
const PIECE: usize = 1 << 16;

/// A world to be copied.
#[derive(Clone, Copy, Debug)]
pub struct Original<'a> {
    /// Its folder.
    pub folder: &'a Path,
    /// Where its tables are, if its folder says that they are in a database.
    pub database: Option<&'a Database>,
    /// What services keep in its folder beside its tables, and cannot make anew.
    pub beside: &'a [&'a str],
    /// The tables of all crates.
    pub tables: &'a [Tables],
}

/// Saves a world as it is at one moment into a new file. The file is whole and on disk when this returns; other processes may go on
/// writing the world meanwhile.
///
/// # Errors
/// If the file exists, the world cannot be read, or there is no room; what was written so far is removed.
pub async fn save(world: Original<'_>, file: &Path) -> Result<(), Error> {
    if file.to_str().is_none() {
        let source = std::io::Error::new(std::io::ErrorKind::InvalidFilename, "SQLite writes to names in UTF-8 only");
        return Err(Error::Folder { path: file.into(), source });
    }
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    made.map_err(|source| Error::Folder { path: file.into(), source })?;
    let saved = write(world, file).await;
    if saved.is_err() {
        let _ = std::fs::remove_file(file); // the first failure is the one to tell
    }
    saved
}

async fn write(Original { folder, database, beside, tables }: Original<'_>, file: &Path) -> Result<(), Error> {
    match (marked(folder)?, database) {
        (Some(schema), Some(database)) => transfer::into_file(database, &schema, file, tables).await?,
        (Some(_), None) => return Err(Error::NoDatabase { folder: folder.into() }),
        (None, _) => {
            let mut world = crate::store::to_read(folder).await?;
            sqlx::query("VACUUM INTO $1").bind(file.to_string_lossy()).execute(&mut world).await?;
            world.close().await?;
        }
    }
    let mut copy = opened(file).await?;
    sqlx::query("CREATE TABLE saved_file (name TEXT PRIMARY KEY, content BLOB NOT NULL)").execute(&mut copy).await?;
    for name in beside {
        let Some(content) = read(&folder.join(name))? else { continue };
        let query = sqlx::query("INSERT INTO saved_file (name, content) VALUES ($1, $2)").bind(name).bind(content);
        query.execute(&mut copy).await?;
    }
    mark(&mut copy, APPLICATION, FORMAT).await?;
    copy.close().await?;
    let finished = OpenOptions::new().read(true).append(true).open(file).and_then(|mut file| {
        let checksum = passed_on(&mut file, u64::MAX, |_| Ok(()))?;
        file.write_all(TRAILER)?;
        file.write_all(&checksum)?;
        file.sync_all()
    });
    finished.map_err(|source| Error::Folder { path: file.into(), source })
}

/// Makes a new folder with the world of a saved file, and those files beside it that `beside` names. The file is looked at before
/// anything is made, and no more of it is copied than it says that it has. `tables` are those of all crates.
///
/// # Errors
/// If it is no saved world, was damaged, holds what this program did not make, or the folder is there already. The folder may
/// then be left incomplete.
pub async fn restore(file: &Path, beside: &[&str], folder: &Path, tables: &[Tables]) -> Result<(), Error> {
    let wrong = |found: String| Error::NotSaved { file: file.into(), found };
    let (mut saved, length) = looked_at(file)?.map_err(wrong)?;
    owners_folder(folder).map_err(|source| Error::Folder { path: folder.into(), source })?;
    let path = folder.join("world.db");
    let checksum = copy_anew(&mut saved, length, &path)?;
    let mut trailer = [0; TRAILER_LENGTH as usize];
    let unreadable = |source| Error::Folder { path: file.into(), source };
    saved.read_exact_at(&mut trailer, length).map_err(unreadable)?;
    if trailer[TRAILER.len()..] != checksum {
        return Err(wrong("a damaged one: its checksum is that of other bytes".into()));
    }
    let mut world = opened(&path).await.map_err(|_| wrong("no database".into()))?;
    tables::check_inert(&mut world).await?; // before anything is asked of it
    for row in sqlx::query("SELECT name, content FROM saved_file").fetch_all(&mut world).await? {
        let name: String = row.try_get("name")?;
        if beside.contains(&name.as_str()) {
            write_anew(&folder.join(&name), row.try_get("content")?)?;
        }
    }
    // Overwritten, not only given free: among it are the keys' key.
    for step in ["PRAGMA secure_delete = ON", "DROP TABLE saved_file"] {
        sqlx::query(step).execute(&mut world).await?;
    }
    mark(&mut world, 0, 0).await?;
    tables::check_own(&mut world, tables).await?;
    let restored =
        "INSERT INTO world_fact (name, value) VALUES ($1, 'yes') ON CONFLICT (name) DO UPDATE SET value = 'yes'";
    sqlx::query(restored).bind(RESTORED).execute(&mut world).await?;
    let whole: String = sqlx::query_scalar("PRAGMA integrity_check(1)").fetch_one(&mut world).await?;
    world.close().await?;
    if whole == "ok" { Ok(()) } else { Err(wrong(format!("a damaged one ({whole})"))) }
}

/// Under which name a world keeps that it was restored: whoever saved it has chosen its address.
pub(crate) const RESTORED: &str = "restored";

/// The file, opened, and how many bytes of it are a database; or what it is instead of a saved world. Pipes and devices, which
/// never end, are not read.
fn looked_at(path: &Path) -> Result<Result<(File, u64), String>, Error> {
    let failed = |source| Error::Folder { path: path.into(), source };
    let at_once = rustix::fs::OFlags::NONBLOCK.bits() as i32; // a pipe without a writer would be waited for
    let file = OpenOptions::new().read(true).custom_flags(at_once).open(path).map_err(failed)?;
    let found = file.metadata().map_err(failed)?;
    if !found.is_file() {
        return Ok(Err("no file, but a folder, a pipe or a device".into()));
    }
    let (mut header, mut trailer) = ([0; HEADER_LENGTH], [0; TRAILER.len()]);
    if file.read_exact_at(&mut header, 0).is_err() || !header.starts_with(b"SQLite format 3\0") {
        return Ok(Err("no database".into()));
    }
    let number = |at: usize| u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
    let (application, format) = (number(68), number(60));
    if application != APPLICATION {
        return Ok(Err("a database that is none, such as a copied world.db".into()));
    }
    if format != FORMAT {
        return Ok(Err(format!("format {format}, of another version")));
    }
    let page = match u16::from_be_bytes([header[16], header[17]]) {
        1 => 1 << 16,
        size => u64::from(size),
    };
    let length = page * u64::from(number(28));
    if found.len() != length + TRAILER_LENGTH {
        let expected = length + TRAILER_LENGTH;
        return Ok(Err(format!("a damaged one: its beginning tells of {expected} bytes, it has {}", found.len())));
    }
    file.read_exact_at(&mut trailer, length).map_err(failed)?;
    Ok(if trailer == *TRAILER { Ok((file, length)) } else { Err("a damaged one: its end is missing".into()) })
}

/// Writes a mark into the header of a database.
async fn mark(connection: &mut SqliteConnection, application: u32, format: u32) -> Result<(), Error> {
    for pragma in [format!("PRAGMA application_id = {application}"), format!("PRAGMA user_version = {format}")] {
        sqlx::query(AssertSqlSafe(pragma)).execute(&mut *connection).await?; // numbers of our own
    }
    Ok(())
}

/// Reads so many bytes from the beginning, or all, and passes them on piece by piece; gives their SHA-256.
fn passed_on(
    from: &mut File,
    length: u64,
    mut to: impl FnMut(&[u8]) -> std::io::Result<()>,
) -> std::io::Result<[u8; 32]> {
    let (mut hash, mut piece) = (Sha256::new(), vec![0; PIECE]);
    from.seek(SeekFrom::Start(0))?;
    let mut bounded = from.take(length);
    loop {
        match bounded.read(&mut piece)? {
            0 => return Ok(hash.finalize().into()),
            count => {
                hash.update(&piece[..count]);
                to(&piece[..count])?;
            }
        }
    }
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

/// Gives the SHA-256 of what was copied.
fn copy_anew(from: &mut File, length: u64, to: &Path) -> Result<[u8; 32], Error> {
    let copied = OpenOptions::new().write(true).create_new(true).mode(0o600).open(to).and_then(|mut target| {
        let checksum = passed_on(from, length, |piece| target.write_all(piece))?;
        target.sync_all()?;
        Ok(checksum)
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

    const OWN: &[Tables] = &[crate::store::TABLES];

    fn original<'a>(folder: &'a Path, beside: &'a [&'a str]) -> Original<'a> {
        Original { folder, database: None, beside, tables: OWN }
    }

    /// A saved world that is changed with SQL, or in its bytes, and closed with a checksum that is right again.
    async fn forged(folder: &Path, sql: &'static str, bytes: impl FnOnce(&mut Vec<u8>)) -> std::path::PathBuf {
        let (here, file) = (folder.join("here"), folder.join("forged"));
        let world = World::open(&here, "default", "http://127.0.0.1:8700").await.unwrap();
        save(original(&here, &[]), &file).await.unwrap();
        world.close().await.unwrap();
        let saved = std::fs::read(&file).unwrap();
        std::fs::write(&file, &saved[..saved.len() - TRAILER_LENGTH as usize]).unwrap();
        let mut connection = opened(&file).await.unwrap();
        sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        let mut saved = std::fs::read(&file).unwrap();
        let checksum = Sha256::digest(&saved);
        saved.extend_from_slice(TRAILER);
        saved.extend_from_slice(&checksum);
        bytes(&mut saved);
        std::fs::write(&file, saved).unwrap();
        file
    }

    async fn refusal(sql: &'static str, bytes: impl FnOnce(&mut Vec<u8>)) -> String {
        let folder = tempfile::tempdir().unwrap();
        let file = forged(folder.path(), sql, bytes).await;
        restore(&file, &[], &folder.path().join("there"), OWN).await.unwrap_err().to_string()
    }

    #[tokio::test]
    async fn a_saved_world_that_holds_what_this_program_did_not_make_is_refused_and_says_what() {
        for (sql, named) in [
            (
                "CREATE TRIGGER t AFTER INSERT ON exchange_bundle BEGIN DELETE FROM exchange_bundle; END",
                "trigger \"t\"",
            ),
            ("CREATE VIEW v AS SELECT 1", "view \"v\""),
            ("CREATE TABLE other (x)", "\"other\""),
            ("CREATE INDEX i ON exchange_bundle (length)", "\"i\""),
            ("ALTER TABLE exchange_bundle ADD COLUMN more", "\"exchange_bundle\""),
            ("DROP TABLE exchange_bundle", "no \"exchange_bundle\""),
            (
                "INSERT INTO migration_world SELECT 99, description, installed_on, success, checksum, execution_time FROM migration_world LIMIT 1",
                "version 4",
            ),
        ] {
            let message = refusal(sql, |_| ()).await;
            assert!(message.contains(named), "{sql}: {message}");
        }
    }

    #[tokio::test]
    async fn every_changed_byte_and_every_cut_of_a_saved_world_shows() {
        for place in [20, 5_000, 30_000] {
            let message = refusal("", |bytes| bytes[place] ^= 1).await;
            assert!(message.contains("damaged"), "{place}: {message}");
        }
        for changed in [
            refusal("", |bytes| bytes.truncate(bytes.len() - 1)).await,
            refusal("", |bytes| bytes.push(0)).await,
            refusal("", |bytes| *bytes.last_mut().unwrap() ^= 1).await,
        ] {
            assert!(changed.contains("damaged"), "{changed}");
        }
    }

    #[tokio::test]
    async fn a_pipe_a_device_and_a_file_that_only_seems_large_are_refused_before_anything_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let (pipe, there, large) =
            (folder.path().join("pipe"), folder.path().join("there"), folder.path().join("large"));
        rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0).unwrap();
        File::create(&large).unwrap().set_len(1 << 40).unwrap();
        for file in [pipe.as_path(), Path::new("/dev/zero"), &large, folder.path()] {
            assert!(matches!(restore(file, &[], &there, OWN).await, Err(Error::NotSaved { .. })), "{}", file.display());
            assert!(!there.exists());
        }
    }

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
        save(original(&here, &["root.key", "none"]), &file).await.unwrap();
        assert!(save(original(&here, &[]), &file).await.is_err(), "nothing is overwritten");
        restore(&file, &["root.key"], &there, OWN).await.unwrap();
        assert_eq!(std::fs::read(there.join("root.key")).unwrap(), b"a key of keys, 32 bytes, or more");
        assert!(!there.join("other").exists());
        let database = std::fs::read(there.join("world.db")).unwrap();
        assert!(!database.windows(13).any(|window| window == b"a key of keys"));
        let again = World::open(&there, "copy", "http://127.0.0.1:1").await.unwrap();
        assert_eq!((again.base.as_str(), again.clock.now()), ("http://127.0.0.1:8700", time));
        let own = [crate::store::own_base(&here, None).await, crate::store::own_base(&there, None).await];
        assert_eq!(own, [Some("http://127.0.0.1:8700".into()), None], "who saved it has chosen the address");
        assert!(restore(&file, &["root.key"], &there, OWN).await.is_err(), "nothing is overwritten");
    }

    #[tokio::test]
    async fn what_was_not_saved_here_is_not_restored() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        let message_of =
            async |number: &str| restore(&file, &[], &folder.path().join(number), OWN).await.unwrap_err().to_string();
        std::fs::write(&file, b"%PDF-1.7").unwrap();
        assert!(message_of("1").await.contains("no database"));
        let world = World::open(&folder.path().join("world"), "default", "http://127.0.0.1:8700").await.unwrap();
        world.close().await.unwrap();
        std::fs::copy(folder.path().join("world/world.db"), &file).unwrap();
        assert!(message_of("2").await.contains("a copied world.db"));
    }
}
