//! What can go wrong between a service and its world.

use std::path::PathBuf;

/// What is stored was changed by somebody else than this program: nothing is done on its ground until a person has looked. Whoever
/// meets it names it among the causes of an error ([`crate::problem::Problem::failed`]).
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct Tampered(pub String);

/// Failures of the store, the clock and the world's folder.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A folder or file of the world cannot be made or read.
    #[error("cannot use {path}: {source}", path = path.display())]
    Folder {
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The database refused.
    #[error("the world's database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// The database server cannot be reached, or does not let us in.
    #[error("cannot connect to PostgreSQL at {database}: {}", said(source))]
    NoConnection {
        /// Its address without a password.
        database: String,
        /// What was said.
        source: sqlx::Error,
    },
    /// A world is in a database, and it was not said in which.
    #[error(
        "the world in {folder} is in a PostgreSQL database: give its address, --database postgres://… or DATABASE_URL",
        folder = folder.display()
    )]
    NoDatabase {
        /// The world's folder.
        folder: PathBuf,
    },
    /// A world is in a file, and a database was given.
    #[error(
        "the world in {folder} is in a file, or there is none; the worlds of {database} want a folder of their own: give another \
         --data, or leave --database and DATABASE_URL away",
        folder = folder.display()
    )]
    InFile {
        /// The world's folder.
        folder: PathBuf,
        /// The database, without a password.
        database: String,
    },
    /// A world in a file holds a text that PostgreSQL does not take.
    #[error(
        "the world cannot be brought into PostgreSQL: in its table {table}, column {column}, a text has the character U+0000, which \
         PostgreSQL does not keep; restore it in a folder without --database"
    )]
    NotTaken {
        /// Where it is.
        table: String,
        /// In which column.
        column: String,
    },
    /// The database user may not make schemas.
    #[error(
        "the user of {database} may not make what worlds need there ({said}): it needs CREATE on the database, such as by GRANT CREATE ON \
         DATABASE … TO …, or a database of its own"
    )]
    NoRight {
        /// The database, without a password.
        database: String,
        /// What PostgreSQL said.
        said: String,
    },
    /// The database has another encoding than texts need.
    #[error(
        "wanted a database in UTF8, found one in {found} at {database}: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0"
    )]
    Encoding {
        /// The database, without a password.
        database: String,
        /// Its encoding.
        found: String,
    },
    /// What another process changed could not be read again.
    #[error("what another server changed cannot be read: {0}")]
    Reread(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The database holds tables that this program does not know, or cannot be brought up to date.
    #[error("cannot bring the tables of {owner} up to date: {source}")]
    Migration {
        /// The crate whose tables they are.
        owner: &'static str,
        /// What the migrator said.
        source: sqlx::migrate::MigrateError,
    },
    /// The clock was asked for a moment that it cannot show.
    #[error("the clock cannot show that time: {0}; years 1950 to 9999 can be written into certificates")]
    OutOfRange(String),
    /// A file is no world that was saved.
    #[error("wanted a world saved by `eseal world save` in {file}, found {found}", file = file.display())]
    NotSaved {
        /// The file.
        file: PathBuf,
        /// What it is.
        found: String,
    },
    /// The database holds something that this program never made, such as a trigger.
    #[error("{0}")] // not transparent: it is to be found among the causes
    Foreign(#[from] Tampered),
    /// The database holds a time that cannot be read.
    #[error("the world's database holds a time that is not RFC 3339: {0:?}")]
    StoredTime(String),
    /// The database holds exchanges that cannot be read.
    #[error("the journal in the world's database cannot be read")]
    StoredExchanges,
}

/// What a database server said when it was to let us in, without the place in its own code at which it did.
fn said(failure: &sqlx::Error) -> String {
    match failure {
        sqlx::Error::Database(refusal) => refusal.message().to_owned(),
        sqlx::Error::PoolTimedOut => "it does not answer".into(),
        failure => failure.to_string(),
    }
}
