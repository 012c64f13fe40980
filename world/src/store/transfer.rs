//! A world's tables from PostgreSQL into an SQLite database, and back: row by row, by the columns that the scripts of this program make.
//! Each database gets its own by running as many scripts of each crate as were run in the other.
//!
//! What is read is one state of things: a transaction of its own, in which nothing changes.

use std::path::Path;

use futures_util::TryStreamExt;
use futures_util::stream::BoxStream;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};

use super::postgres::Database;
use super::row::{OfDatabase, Row};
use super::tables::{self, Tables};
use super::value::{self, Value};
use crate::Error;

/// How many rows are written with one statement at most, and how many octets are gathered for it.
const ROWS: usize = 100;
const OCTETS: usize = 1 << 20;

/// Generations are of the processes over one database: see [`super::Store::catch_up`].
const FORGET_GENERATIONS: &str = "DELETE FROM world_fact WHERE name >= 'generation ' AND name < 'generation!'";

/// A table, as both databases have it.
struct Table {
    name: String,
    columns: Vec<Column>,
    /// The tables that its rows name.
    references: Vec<String>,
}

struct Column {
    name: String,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Integer,
    Text,
    Blob,
}

/// Copies what is in a schema into a new database in that file, which is empty.
///
/// # Errors
/// If this program does not know the tables, or one of the databases fails.
pub(crate) async fn into_file(database: &Database, schema: &str, file: &Path, tables: &[Tables]) -> Result<(), Error> {
    let (database, schema, file, tables) = (database.clone(), schema.to_owned(), file.to_owned(), tables.to_vec());
    by_itself(move || async move { to_file(&database, &schema, &file, &tables).await }).await
}

/// Copies what is in the database of that file into a schema, which is empty.
///
/// # Errors
/// If one of the databases fails, such as at a text that PostgreSQL does not take.
pub(crate) async fn into_schema(
    database: &Database,
    schema: &str,
    file: &Path,
    tables: &[Tables],
) -> Result<(), Error> {
    let (database, schema, file, tables) = (database.clone(), schema.to_owned(), file.to_owned(), tables.to_vec());
    by_itself(move || async move { to_schema(&database, &schema, &file, &tables).await }).await
}

/// Copies on a thread of its own: worlds may be large, and those who serve requests do something else meanwhile.
async fn by_itself<W: Future<Output = Result<(), Error>>>(
    work: impl FnOnce() -> W + Send + 'static,
) -> Result<(), Error> {
    let runtime = tokio::runtime::Handle::current();
    let done = tokio::task::spawn_blocking(move || runtime.block_on(work()));
    done.await.map_err(|_| sqlx::Error::WorkerCrashed)? // only while the process ends
}

async fn to_file(database: &Database, schema: &str, file: &Path, tables: &[Tables]) -> Result<(), Error> {
    let mut from = database.connect_to(schema).await?;
    let mut to = opened(file).await?;
    let mut snapshot = from.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
    for own in tables {
        if let Some(applied) = tables::applied_in_postgres(&mut snapshot, own).await? {
            own.run_in_sqlite(applied, &mut to).await?;
        }
    }
    let mut writing = to.begin_with("BEGIN IMMEDIATE").await?;
    for table in made(&mut writing).await? {
        let rows = sqlx::query(AssertSqlSafe(table.selected())).fetch(&mut *snapshot);
        let rows: BoxStream<'_, _> = Box::pin(rows.map_ok(|row| Row(OfDatabase::Postgres(row))));
        copy(&table, rows, Into::Sqlite(&mut writing)).await?;
    }
    writing.execute(FORGET_GENERATIONS).await?;
    writing.commit().await?;
    snapshot.rollback().await?;
    to.close().await?;
    Ok(from.close().await?)
}

async fn to_schema(database: &Database, schema: &str, file: &Path, tables: &[Tables]) -> Result<(), Error> {
    let (mut from, mut to) = (opened(file).await?, database.connect_to(schema).await?);
    for own in tables {
        if let Some(applied) = own.applied(&mut from).await? {
            own.run_in_postgres(applied, &mut to).await?;
        }
    }
    let mut reading = from.begin().await?;
    let mut writing = to.begin().await?;
    for table in in_order(made(&mut reading).await?) {
        let rows = sqlx::query(AssertSqlSafe(table.selected())).fetch(&mut *reading);
        let rows: BoxStream<'_, _> = Box::pin(rows.map_ok(|row| Row(OfDatabase::Sqlite(row))));
        copy(&table, rows, Into::Postgres(&mut writing)).await?;
    }
    writing.execute(FORGET_GENERATIONS).await?;
    count_on(&mut writing).await?;
    writing.commit().await?;
    reading.rollback().await?;
    from.close().await?;
    Ok(to.close().await?)
}

/// What refers to rows that are not there yet is looked at when all are.
async fn opened(file: &Path) -> Result<SqliteConnection, sqlx::Error> {
    let options = SqliteConnectOptions::new().filename(file).journal_mode(SqliteJournalMode::Memory);
    options.foreign_keys(false).connect().await
}

/// The tables that the scripts made, but for those that tell which scripts were run.
async fn made(connection: &mut SqliteConnection) -> Result<Vec<Table>, Error> {
    let names = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
        AND name NOT LIKE 'migration\\_%' ESCAPE '\\' ORDER BY name";
    let names: Vec<String> = sqlx::query_scalar(names).fetch_all(&mut *connection).await?;
    let mut made = Vec::new();
    for name in names {
        let columns = sqlx::query_as("SELECT name, type FROM pragma_table_info($1) ORDER BY cid").bind(&name);
        let columns: Vec<(String, String)> = columns.fetch_all(&mut *connection).await?;
        let references = sqlx::query_scalar("SELECT DISTINCT \"table\" FROM pragma_foreign_key_list($1)").bind(&name);
        let references = references.fetch_all(&mut *connection).await?;
        let columns = columns.into_iter().map(|(name, kind)| Column { name, kind: Kind::of(&kind) }).collect();
        made.push(Table { name, columns, references });
    }
    Ok(made)
}

/// Tables before those that refer to them.
fn in_order(mut tables: Vec<Table>) -> Vec<Table> {
    let mut ordered: Vec<Table> = Vec::new();
    while !tables.is_empty() {
        let waits = |table: &Table| {
            table.references.iter().any(|other| *other != table.name && tables.iter().any(|left| left.name == *other))
        };
        let next = tables.iter().position(|table| !waits(table)).unwrap_or(0);
        ordered.push(tables.remove(next));
    }
    ordered
}

/// Where rows are written.
enum Into<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

async fn copy(table: &Table, mut rows: BoxStream<'_, Result<Row, sqlx::Error>>, mut to: Into<'_>) -> Result<(), Error> {
    let (mut gathered, mut count, mut octets) = (Vec::new(), 0, 0);
    while let Some(row) = rows.try_next().await? {
        for column in &table.columns {
            let value = column.of(&row)?;
            if matches!((&value, &to), (Value::Text(text), Into::Postgres(_)) if text.contains('\0')) {
                return Err(Error::NotTaken { table: table.name.clone(), column: column.name.clone() });
            }
            octets += size(&value);
            gathered.push(value);
        }
        count += 1;
        if count == ROWS || octets >= OCTETS {
            table.insert(std::mem::take(&mut gathered), count, &mut to).await?;
            (count, octets) = (0, 0);
        }
    }
    if count > 0 {
        table.insert(gathered, count, &mut to).await?;
    }
    Ok(())
}

fn size(value: &Value<'_>) -> usize {
    match value {
        Value::Text(text) => text.len(),
        Value::Blob(octets) => octets.len(),
        Value::Null | Value::Integer(_) => 0,
    }
}

impl Table {
    fn names(&self) -> String {
        let names: Vec<String> = self.columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
        names.join(", ")
    }

    fn selected(&self) -> String {
        format!("SELECT {} FROM \"{}\"", self.names(), self.name) // names of our own scripts
    }

    async fn insert(&self, values: Vec<Value<'_>>, rows: usize, to: &mut Into<'_>) -> Result<(), sqlx::Error> {
        let typed = matches!(to, Into::Postgres(_));
        let mut numbers = 1..;
        let mut place = |column: &Column| {
            let number = numbers.next().unwrap_or_default();
            if typed { format!("${number}::{}", column.kind.in_postgres()) } else { format!("${number}") }
        };
        let mut row = || {
            let places: Vec<String> = self.columns.iter().map(&mut place).collect();
            format!("({})", places.join(", "))
        };
        let all: Vec<String> = (0..rows).map(|_| row()).collect();
        let text = format!("INSERT INTO \"{}\" ({}) VALUES {}", self.name, self.names(), all.join(", "));
        let text = AssertSqlSafe(text);
        match to {
            Into::Sqlite(connection) => {
                connection.execute(sqlx::query_with(text, value::sqlite(values)?)).await?;
            }
            Into::Postgres(connection) => {
                connection.execute(sqlx::query_with(text, value::postgres(values)?)).await?;
            }
        }
        Ok(())
    }
}

impl Column {
    fn of(&self, row: &Row) -> Result<Value<'static>, sqlx::Error> {
        Ok(match self.kind {
            Kind::Integer => row.get::<Option<i64>>(&self.name)?.into(),
            Kind::Text => row.get::<Option<String>>(&self.name)?.into(),
            Kind::Blob => row.get::<Option<Vec<u8>>>(&self.name)?.into(),
        })
    }
}

impl Kind {
    fn of(declared: &str) -> Kind {
        match declared {
            "TEXT" => Kind::Text,
            "BLOB" => Kind::Blob,
            _ => Kind::Integer,
        }
    }

    fn in_postgres(self) -> &'static str {
        match self {
            Kind::Integer => "BIGINT",
            Kind::Text => "TEXT",
            Kind::Blob => "BYTEA",
        }
    }
}

/// Has keys that count by themselves go on after those that are there.
async fn count_on(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let counted = "SELECT table_name::TEXT, column_name::TEXT FROM information_schema.columns \
        WHERE table_schema = current_schema() AND is_identity = 'YES'";
    let counted: Vec<(String, String)> = sqlx::query_as(counted).fetch_all(&mut *connection).await?;
    for (table, column) in counted {
        let text = format!(
            "SELECT setval(pg_get_serial_sequence('\"{table}\"', '{column}'), (SELECT COALESCE(MAX(\"{column}\"), 0) + 1 FROM \"{table}\"), false)"
        );
        connection.execute(AssertSqlSafe(text)).await?;
    }
    Ok(())
}
