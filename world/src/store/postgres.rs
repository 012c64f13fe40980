//! Worlds in a PostgreSQL database: a schema each, and a list of those that are whole, in the schema `eseal`.
//!
//! Several servers may work over one database. A world has a folder at each of them, for what is told to programs there and for its
//! root key; a file in it, [`MARK`], says that the world's tables are in the database. Which database that is, is said once for the
//! process ([`Database::serve`]), since its address may hold a password, which is written nowhere.

use std::path::Path;
use std::str::FromStr;
use std::sync::OnceLock;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};

use crate::Error;

/// The file that says that a world's tables are in a PostgreSQL database: its one line is the name of their schema.
pub const MARK: &str = "postgres";

/// Connections of one world. PostgreSQL has room for a hundred by default, and a process may serve many worlds.
const CONNECTIONS: u32 = 8;

/// How long a connection that nobody uses is kept.
const IDLE: Duration = Duration::from_secs(60);

/// How long a request waits for a database that is away, before it is told to come again.
const PATIENCE: Duration = Duration::from_secs(5);

/// After how long a connection that nobody used is looked at before it is used.
const RESTING: Duration = Duration::from_millis(500);

/// How many prepared statements a connection keeps.
const STATEMENTS: usize = 256;

static SERVED: OnceLock<Database> = OnceLock::new();

/// A PostgreSQL database.
#[derive(Clone, Debug)]
pub struct Database {
    options: PgConnectOptions,
    /// Its address without a password.
    shown: String,
}

impl Database {
    /// The database at an address such as `postgres://user@host/name`.
    ///
    /// # Errors
    /// What was wanted; never with the password.
    pub fn at(address: &str) -> Result<Database, String> {
        let expected = "wanted the address of a PostgreSQL database, such as postgres://user:password@host:5432/name";
        if !(address.starts_with("postgres://") || address.starts_with("postgresql://")) {
            let scheme = address.split_once("://").map_or("none", |(scheme, _)| scheme);
            return Err(format!("{expected}; found one that begins with {scheme}"));
        }
        // The parser's own words may repeat the address.
        let options = PgConnectOptions::from_str(address).map_err(|_| format!("{expected}; it cannot be read"))?;
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
            .options([
                ("idle_in_transaction_session_timeout", "20s"),
                ("jit", "off"),
                ("client_min_messages", "warning"),
            ])
            .disable_statement_logging();
        Ok(Database { options, shown })
    }

    /// From now on the worlds of this process are in that database; those that have a file of their own are refused.
    pub fn serve(self) {
        SERVED.set(self).ok();
    }

    /// The database that this process was told to use.
    pub fn served() -> Option<&'static Database> {
        SERVED.get()
    }

    /// Its address without a password.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// The names of the worlds that are whole, in order.
    ///
    /// # Errors
    /// The database's.
    pub async fn worlds(&self) -> Result<Vec<String>, Error> {
        let mut connection = self.connect().await?;
        let there: bool =
            sqlx::query_scalar("SELECT to_regclass('eseal.world') IS NOT NULL").fetch_one(&mut connection).await?;
        let names = match there {
            true => sqlx::query_scalar("SELECT name FROM eseal.world ORDER BY name").fetch_all(&mut connection).await?,
            false => Vec::new(),
        };
        connection.close().await?;
        Ok(names)
    }

    /// Waits until nobody else makes or deletes the world of that name, then begins to make it: with an empty schema. `None` if it is
    /// there already.
    ///
    /// # Errors
    /// The database's.
    pub async fn birth(&self, name: &str) -> Result<Option<Birth>, Error> {
        let mut connection = self.alone_with(name).await?;
        let there = sqlx::query("SELECT 1 FROM eseal.world WHERE name = $1").bind(name);
        if there.fetch_optional(&mut connection).await?.is_some() {
            connection.close().await?;
            return Ok(None);
        }
        let schema = schema(name);
        // What somebody who was killed left half-made.
        for step in [format!("DROP SCHEMA IF EXISTS \"{schema}\" CASCADE"), format!("CREATE SCHEMA \"{schema}\"")] {
            connection.execute(AssertSqlSafe(step)).await?; // a world's name has letters, digits and - only
        }
        Ok(Some(Birth { connection, name: name.into() }))
    }

    /// Deletes a world with its schema, all or nothing; does nothing if it is not there.
    ///
    /// # Errors
    /// The database's.
    pub async fn delete(&self, name: &str) -> Result<(), Error> {
        let mut connection = self.alone_with(name).await?;
        let mut transaction = connection.begin().await?;
        sqlx::query("DELETE FROM eseal.world WHERE name = $1").bind(name).execute(&mut *transaction).await?;
        let drop = format!("DROP SCHEMA IF EXISTS \"{}\" CASCADE", schema(name));
        transaction.execute(AssertSqlSafe(drop)).await?;
        transaction.commit().await?;
        Ok(connection.close().await?)
    }

    /// Puts a world that is whole on the list, if whoever made it was killed before; gives whether it is there.
    ///
    /// # Errors
    /// The database's.
    pub async fn enlist(&self, name: &str) -> Result<bool, Error> {
        let mut connection = self.alone_with(name).await?;
        let schema = schema(name);
        let insert = "INSERT INTO eseal.world (name, schema) SELECT $1, $2 \
            WHERE EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = $2) ON CONFLICT (name) DO NOTHING";
        sqlx::query(insert).bind(name).bind(schema).execute(&mut connection).await?;
        let there = sqlx::query("SELECT 1 FROM eseal.world WHERE name = $1").bind(name);
        let there = there.fetch_optional(&mut connection).await?.is_some();
        connection.close().await?;
        Ok(there)
    }

    /// How many bytes the tables of a world take.
    ///
    /// # Errors
    /// The database's.
    pub async fn size(&self, name: &str) -> Result<u64, Error> {
        let mut connection = self.connect().await?;
        let size = "SELECT COALESCE(SUM(pg_total_relation_size(c.oid)), 0)::BIGINT FROM pg_class c \
            JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relkind = 'r'";
        let bytes: i64 = sqlx::query_scalar(size).bind(schema(name)).fetch_one(&mut connection).await?;
        connection.close().await?;
        Ok(bytes.unsigned_abs())
    }

    /// A connection that holds the lock of that name until it ends, however it does.
    async fn alone_with(&self, name: &str) -> Result<PgConnection, Error> {
        let mut connection = self.connect().await?;
        let lock = "SELECT pg_advisory_lock(hashtextextended('eseal', 0))";
        connection.execute(lock).await?; // two that make the list at once would collide
        connection.execute(sqlx::raw_sql(LIST)).await?;
        connection.execute("SELECT pg_advisory_unlock(hashtextextended('eseal', 0))").await?;
        let lock = sqlx::query("SELECT pg_advisory_lock(hashtextextended('eseal world ' || $1, 0))").bind(name);
        lock.execute(&mut connection).await?;
        Ok(connection)
    }

    /// A value of a world's own table of facts, asked for without opening the world.
    pub(super) async fn recorded(&self, schema: &str, query: &'static str) -> Result<Option<String>, Error> {
        let mut connection = self.options.clone().options([("search_path", quoted(schema))]).connect().await?;
        let value = sqlx::query_scalar(query).fetch_optional(&mut connection).await?;
        connection.close().await?;
        Ok(value)
    }

    async fn connect(&self) -> Result<PgConnection, Error> {
        let failed = |source| Error::NoConnection { database: self.shown.clone(), source };
        self.options.connect().await.map_err(failed)
    }

    /// Connections that find the tables of a schema.
    pub(super) async fn pool(&self, schema: &str) -> Result<PgPool, Error> {
        let options = self.options.clone().options([("search_path", quoted(schema))]);
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .idle_timeout(IDLE)
            .acquire_timeout(PATIENCE)
            .test_before_acquire(false)
            // A database that was away has ended those that rested; to look at those in use too would cost each statement a message.
            .before_acquire(|connection, about| {
                Box::pin(async move { Ok(about.idle_for < RESTING || connection.ping().await.is_ok()) })
            });
        let failed = |source| Error::NoConnection { database: self.shown.clone(), source };
        pool.connect_with(options).await.map_err(failed)
    }
}

/// Which worlds there are: a world stands here once it is whole.
const LIST: &str = "CREATE SCHEMA IF NOT EXISTS eseal; \
    CREATE TABLE IF NOT EXISTS eseal.world (name TEXT COLLATE \"C\" PRIMARY KEY, schema TEXT NOT NULL);";

/// A world that is being made: nobody else makes it meanwhile, and it is on no list until it is whole.
pub struct Birth {
    connection: PgConnection,
    name: String,
}

impl Birth {
    /// The world is whole.
    ///
    /// # Errors
    /// The database's: then there is no such world.
    pub async fn complete(mut self) -> Result<(), Error> {
        let insert = sqlx::query("INSERT INTO eseal.world (name, schema) VALUES ($1, $2)");
        insert.bind(&self.name).bind(schema(&self.name)).execute(&mut self.connection).await?;
        Ok(self.connection.close().await?)
    }
}

/// The schema of the world of that name.
pub fn schema(name: &str) -> String {
    format!("world_{name}")
}

fn quoted(schema: &str) -> String {
    format!("\"{schema}\"")
}

/// Whether that is the folder of a world whose tables are in a database.
pub fn is_marked(folder: &Path) -> bool {
    folder.join(MARK).exists()
}

/// Writes into a world's folder that its tables are in a database.
///
/// # Errors
/// If it cannot be written.
pub fn mark(folder: &Path, name: &str) -> Result<(), Error> {
    let file = folder.join(MARK);
    let written = crate::owners_folder(folder).and_then(|()| std::fs::write(&file, schema(name) + "\n"));
    written.map_err(|source| Error::Folder { path: file, source })
}

/// The schema that holds the tables of the world in that folder; `None` if they are in a file, or there is no world.
pub(super) fn marked(folder: &Path) -> Result<Option<String>, Error> {
    let file = folder.join(MARK);
    match std::fs::read_to_string(&file) {
        Ok(text) => {
            let schema = text.trim_end();
            let is_one = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
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

/// A new schema of the database that tests are told to use, with connections to it.
#[cfg(debug_assertions)]
pub(super) async fn for_a_test() -> Result<Option<PgPool>, Error> {
    let Some(address) = std::env::var_os("ESEAL_TEST_POSTGRES").filter(|address| !address.is_empty()) else {
        return Ok(None);
    };
    let database = Database::at(&address.to_string_lossy()).expect("ESEAL_TEST_POSTGRES is an address");
    let schema = schema(&format!("test-{}", hex::encode(crate::random::bytes::<8>())));
    let mut connection = database.connect().await?;
    connection.execute(AssertSqlSafe(format!("CREATE SCHEMA \"{schema}\""))).await?;
    connection.close().await?;
    database.pool(&schema).await.map(Some)
}

/// Nothing is made where no test runs.
#[cfg(not(debug_assertions))]
pub(super) async fn for_a_test() -> Result<Option<PgPool>, Error> {
    Ok(None)
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
    }
}
