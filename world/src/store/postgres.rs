//! Worlds in a PostgreSQL database: a schema each, and a list of those that are whole, in the schema `eseal`.
//!
//! Several servers may work over one database. A world has a folder at each of them, for what is told to programs there and for its
//! root key; a file in it, [`MARK`], says in which schema the world's tables are. In which database that is, is said by whoever opens
//! the world: its address may hold a password, which is written nowhere.
//!
//! Each world that is made gets a schema that no other ever had. So whoever still works in a world that was deleted or made anew meets
//! nothing of the one that came after it.

mod away;
mod connections;
mod list;

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};
use tokio::sync::{MappedMutexGuard, Mutex, MutexGuard};
use tokio::time::timeout;

use super::claims::Held;
use super::is_gone;
use crate::Error;
use away::Away;
use connections::Budget;
pub(super) use connections::{Connections, Taken};
pub use list::Birth;

/// The file that says that a world's tables are in a PostgreSQL database: its one line is the name of their schema.
pub const MARK: &str = "postgres";

/// How long a database that is away is waited for, before whoever asks is told to come again.
const PATIENCE: Duration = Duration::from_secs(2);

/// How many prepared statements a connection keeps.
const STATEMENTS: usize = 256;

/// A PostgreSQL database, as one process works with it.
#[derive(Clone, Debug)]
pub struct Database {
    options: Arc<PgConnectOptions>,
    /// Its address without a password.
    shown: String,
    /// On which it is asked about all worlds.
    at_hand: Arc<Mutex<Option<PgConnection>>>,
    /// On which the process holds its claims.
    claims: Arc<Mutex<Option<Held>>>,
    budget: Budget,
    away: Away,
}

impl Database {
    /// The database at an address such as `postgres://user@host/name`.
    ///
    /// # Errors
    /// What was wanted; never with the password.
    pub fn at(address: &str) -> Result<Database, String> {
        let expected = "wanted the address of a PostgreSQL database, such as postgres://user:password@host:5432/name";
        let scheme = address.split_once("://").map_or("none", |(scheme, _)| scheme);
        if !["postgres", "postgresql"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
            return Err(format!("{expected}; found one that begins with {scheme}"));
        }
        let address = &address.replacen(scheme, &scheme.to_ascii_lowercase(), 1); // RFC 3986 clause 3.1: case does not count
        // The parser's own words may repeat the address, and its log the values of parameters that it does not know.
        let options = PgConnectOptions::from_str(&without_unknown(address))
            .map_err(|_| format!("{expected}; it cannot be read"))?;
        let name = options.get_database().unwrap_or_else(|| options.get_username());
        let shown = match options.get_socket() {
            Some(folder) => format!("postgres:///{name}?host={}", folder.display()),
            None => {
                format!("postgres://{}@{}:{}/{name}", options.get_username(), options.get_host(), options.get_port())
            }
        };
        let options = options
            .application_name("eseal")
            .statement_cache_capacity(STATEMENTS)
            // A process that stands still in the middle of something must not hold the others up for ever.
            .options([("idle_in_transaction_session_timeout", "20s"), ("jit", "off"), ("client_min_messages", "error")])
            .disable_statement_logging();
        let (at_hand, claims, budget, away) = Default::default();
        Ok(Database { options: options.into(), shown, at_hand, claims, budget, away })
    }

    /// Its address without a password.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// Passes if it answers, and takes every text.
    ///
    /// # Errors
    /// Why it does not; [`Error::Encoding`].
    pub async fn check_answers(&self) -> Result<(), Error> {
        let mut connection = self.at_hand().await?;
        let found: String = sqlx::query_scalar("SHOW server_encoding").fetch_one(&mut *connection).await?;
        match found.as_str() {
            "UTF8" => Ok(()),
            _ => Err(Error::Encoding { database: self.shown.clone(), found }),
        }
    }

    /// The first row of a table of a world, asked for without opening the world; `None` if there is none, or no such table.
    pub(super) async fn first_row(&self, schema: &str, table: &str, columns: &str) -> Result<Option<PgRow>, Error> {
        let text = AssertSqlSafe(format!("SELECT {columns} FROM {}.{table} LIMIT 1", quoted(schema)));
        let query = sqlx::query(text).persistent(false);
        match query.fetch_optional(&mut *self.at_hand().await?).await {
            Err(error) if is_gone(&error) => Ok(None),
            row => Ok(row?),
        }
    }

    /// A value of a world's own table of facts, asked for without opening the world.
    pub(super) async fn recorded(&self, schema: &str, fact: &str, unless: &str) -> Result<Option<String>, Error> {
        let table = format!("{}.world_fact", quoted(schema));
        let text =
            format!("SELECT value FROM {table} WHERE name = $1 AND NOT EXISTS (SELECT 1 FROM {table} WHERE name = $2)");
        let query = sqlx::query_scalar(AssertSqlSafe(text)).persistent(false).bind(fact).bind(unless);
        Ok(query.fetch_optional(&mut *self.at_hand().await?).await?)
    }

    /// The connection that is kept for what is asked about all worlds.
    async fn at_hand(&self) -> Result<MappedMutexGuard<'_, PgConnection>, Error> {
        self.budget.end_long_rested(); // it is asked about the worlds all the time
        let mut kept = timeout(PATIENCE, self.at_hand.lock()).await.map_err(|_| self.no_answer())?;
        let lives = match kept.as_mut() {
            Some(connection) => timeout(PATIENCE, connection.ping()).await.is_ok_and(|pong| pong.is_ok()),
            None => false,
        };
        if !lives {
            *kept = None; // before another is tried, which may fail
            *kept = Some(self.connect().await?);
        }
        MutexGuard::try_map(kept, Option::as_mut).map_err(|_| self.no_answer())
    }

    /// On which the process holds its claims, once it has any.
    pub(super) fn claims(&self) -> &Mutex<Option<Held>> {
        &self.claims
    }

    /// Where it is, with the password: for a program that is started to use it too.
    #[must_use]
    pub fn address(&self) -> String {
        self.options.to_url_lossy().into()
    }

    /// One beside those of the worlds. Where PostgreSQL lets this user have no more, those that rest make room.
    pub(super) async fn connect(&self) -> Result<PgConnection, Error> {
        loop {
            match self.connect_with(&self.options).await {
                Err(Error::NoConnection { source, .. })
                    if connections::is_out_of_connections(&source) && self.budget.end_one().await => {}
                connected => return connected,
            }
        }
    }

    /// A connection that finds the tables of a schema.
    pub(crate) async fn connect_to(&self, schema: &str) -> Result<PgConnection, Error> {
        self.connect_with(&self.options_for(schema)).await
    }

    async fn connect_with(&self, options: &PgConnectOptions) -> Result<PgConnection, Error> {
        if self.away.is_known() {
            return Err(self.no_answer());
        }
        let failed = |source| Error::NoConnection { database: self.shown.clone(), source };
        match timeout(PATIENCE, options.connect()).await {
            Ok(connected) => connected.map_err(|source| failed(self.away.noticed(source))),
            Err(_) => Err(failed(self.away.noticed(sqlx::Error::PoolTimedOut))),
        }
    }

    fn no_answer(&self) -> Error {
        Error::NoConnection { database: self.shown.clone(), source: sqlx::Error::PoolTimedOut }
    }

    fn options_for(&self, schema: &str) -> PgConnectOptions {
        PgConnectOptions::clone(&self.options).options([("search_path", quoted(schema))])
    }
}

/// An address without parameters that the driver does not know: it would write them into the log, and one may be a password
/// (`sslpassword`, libpq's parameter key words, 32.1.2 of PostgreSQL's manual).
fn without_unknown(address: &str) -> String {
    const KNOWN: [&str; 17] = [
        "sslmode",
        "ssl-mode",
        "sslrootcert",
        "ssl-root-cert",
        "ssl-ca",
        "sslcert",
        "ssl-cert",
        "sslkey",
        "ssl-key",
        "statement-cache-capacity",
        "host",
        "hostaddr",
        "port",
        "dbname",
        "user",
        "password",
        "options",
    ];
    let Some((place, query)) = address.split_once('?') else { return address.to_owned() };
    let is_known = |parameter: &&str| {
        let name = parameter.split_once('=').map_or(*parameter, |(name, _)| name);
        KNOWN.contains(&name) || name.starts_with("options")
    };
    let known: Vec<&str> = query.split('&').filter(is_known).collect();
    format!("{place}?{}", known.join("&"))
}

fn quoted(schema: &str) -> String {
    format!("\"{schema}\"") // a world's name has letters, digits and - only
}

/// Whether that is the folder of a world whose tables are in a database.
pub fn is_marked(folder: &Path) -> bool {
    folder.join(MARK).exists()
}

/// Writes into a world's folder in which schema its tables are.
///
/// # Errors
/// If it cannot be written.
pub fn mark(folder: &Path, schema: &str) -> Result<(), Error> {
    let (file, draft) = (folder.join(MARK), folder.join(format!(".{MARK}")));
    let written = crate::owners_folder(folder)
        .and_then(|()| {
            let mut options = OpenOptions::new();
            let mut draft = options.write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
            draft.write_all(format!("{schema}\n").as_bytes())
        })
        .and_then(|()| std::fs::rename(&draft, &file));
    written.map_err(|source| Error::Folder { path: file, source })
}

/// The schema that holds the tables of the world in that folder; `None` if they are in a file, or there is no world.
///
/// # Errors
/// If the mark cannot be read, or is none.
pub fn marked(folder: &Path) -> Result<Option<String>, Error> {
    let file = folder.join(MARK);
    match std::fs::read_to_string(&file) {
        Ok(text) => {
            let schema = text.trim_end();
            let is_one = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte));
            match schema.strip_prefix("world_").is_some_and(is_one) {
                true => Ok(Some(schema.into())),
                false => {
                    Err(Error::Folder { path: file, source: std::io::Error::other("it names no schema of a world") })
                }
            }
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::Folder { path: file, source }),
    }
}

/// The database that tests are told to use.
#[cfg(debug_assertions)]
fn of_tests() -> Option<Database> {
    let address = std::env::var_os("ESEAL_TEST_POSTGRES").filter(|address| !address.is_empty())?;
    Some(Database::at(&address.to_string_lossy()).expect("ESEAL_TEST_POSTGRES is an address"))
}

/// None where no test runs.
#[cfg(not(debug_assertions))]
fn of_tests() -> Option<Database> {
    None
}

/// A new database beside the one that tests are told to use, for the worlds of one test; `None` if they are told none.
///
/// # Errors
/// If it cannot be made.
pub async fn own_for_a_test() -> Result<Option<Database>, Error> {
    let Some(tests) = of_tests() else { return Ok(None) };
    let name = format!("test-{}", hex::encode(crate::random::bytes::<8>()));
    let mut connection = tests.connect().await?;
    connection.execute(AssertSqlSafe(format!("CREATE DATABASE {}", quoted(&name)))).await?;
    connection.close().await?;
    Ok(Some(Database { options: PgConnectOptions::clone(&tests.options).database(&name).into(), ..tests }))
}

/// A new schema of the database that tests are told to use, with connections to it.
pub(super) async fn for_a_test() -> Result<Option<Connections>, Error> {
    let Some(database) = of_tests() else { return Ok(None) };
    let schema = format!("world_test-{}", hex::encode(crate::random::bytes::<8>()));
    let mut connection = database.connect().await?;
    connection.execute(AssertSqlSafe(format!("CREATE SCHEMA {}", quoted(&schema)))).await?;
    connection.close().await?;
    Connections::to(&database, &schema).await.map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_of_an_address_is_never_shown() {
        let database = Database::at("postgres://somebody:geheim@db.example:5433/eseal").unwrap();
        assert_eq!(database.shown(), "postgres://somebody@db.example:5433/eseal");
        for wrong in ["mysql://a:geheim@b/c", "postgres://a:geheim@:port/x", "geheim"] {
            let refused = Database::at(wrong).unwrap_err();
            assert!(refused.starts_with("wanted the address") && !refused.contains("geheim"), "{refused}");
        }
        let kept = without_unknown("postgres://a@b/c?sslpassword=geheim&sslmode=disable&host=/run");
        assert_eq!(kept, "postgres://a@b/c?sslmode=disable&host=/run");
        assert_eq!(without_unknown("postgres://a@b/c"), "postgres://a@b/c");
    }

    #[test]
    fn the_mark_of_a_world_is_its_owners() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        mark(folder.path(), "world_class.00").unwrap();
        let mode = std::fs::metadata(folder.path().join(MARK)).unwrap().permissions().mode();
        assert_eq!((mode & 0o777, marked(folder.path()).unwrap().as_deref()), (0o600, Some("world_class.00")));
    }
}
