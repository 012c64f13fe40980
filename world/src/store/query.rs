//! A statement with its values, and where it runs. The text is the same for both databases: `$1`, `$2`, … for its values, what
//! both understand between them.

use std::fmt::Debug;
use std::pin::Pin;

use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnection, SqlitePool};
use sqlx::{AssertSqlSafe, Executor, SqlSafeStr, SqlStr};

use super::postgres::Connections;
use super::row::{OfDatabase, Row, Stored};
use super::value::{self, Value};

/// A statement that was not run yet.
#[derive(Debug)]
#[must_use = "a statement does nothing until it is run"]
pub struct Query<'q> {
    sql: SqlStr,
    values: Vec<Value<'q>>,
}

/// A statement; its text stays prepared.
pub fn query<'q>(sql: &'static str) -> Query<'q> {
    Query { sql: sql.into_sql_str(), values: Vec::new() }
}

/// A statement whose text was put together of constants. What comes from outside is bound.
pub fn composed<'q>(sql: String) -> Query<'q> {
    Query { sql: AssertSqlSafe(sql).into_sql_str(), values: Vec::new() }
}

/// Where a statement runs: on a connection of a store, in a turn, or in a transaction.
pub struct On<'c>(pub(super) Place<'c>);

pub(super) enum Place<'c> {
    SqlitePool(&'c SqlitePool),
    Sqlite(&'c mut SqliteConnection),
    PostgresPool(&'c Connections),
    Postgres(&'c mut PgConnection),
}

/// Runs it with the executor that its place is.
macro_rules! run {
    ($query:ident, $on:ident, $method:ident, $sqlite:expr, $postgres:expr) => {
        match $on {
            Place::SqlitePool(pool) => {
                let arguments = value::sqlite($query.values)?;
                pool.$method(sqlx::query_with($query.sql, arguments)).await.map($sqlite)
            }
            Place::Sqlite(connection) => {
                let arguments = value::sqlite($query.values)?;
                connection.$method(sqlx::query_with($query.sql, arguments)).await.map($sqlite)
            }
            Place::PostgresPool(connections) => {
                let arguments = value::postgres($query.values)?;
                let mut taken = connections.take().await?;
                let done = taken.$method(sqlx::query_with($query.sql, arguments)).await;
                taken.after(done).map($postgres)
            }
            Place::Postgres(connection) => {
                let arguments = value::postgres($query.values)?;
                connection.$method(sqlx::query_with($query.sql, arguments)).await.map($postgres)
            }
        }
    };
}

/// What a statement comes to. In a box, since the code of a future that is in none is made again in each crate that waits for it: with
/// both databases' drivers in it, that was a fifth of the build of a crate that stores.
pub type Answer<'a, T, E = sqlx::Error> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'a>>;

impl<'q> Query<'q> {
    fn executed<'a>(self, on: Place<'a>) -> Answer<'a, u64>
    where
        'q: 'a,
    {
        Box::pin(async move { run!(self, on, execute, |done| done.rows_affected(), |done| done.rows_affected()) })
    }

    fn fetched<'a>(self, on: Place<'a>) -> Answer<'a, Vec<Row>>
    where
        'q: 'a,
    {
        Box::pin(async move {
            run!(
                self,
                on,
                fetch_all,
                |rows| rows.into_iter().map(|row| Row(OfDatabase::Sqlite(row))).collect(),
                |rows| { rows.into_iter().map(|row| Row(OfDatabase::Postgres(row))).collect() }
            )
        })
    }

    fn fetched_first<'a>(self, on: Place<'a>) -> Answer<'a, Option<Row>>
    where
        'q: 'a,
    {
        Box::pin(async move {
            run!(self, on, fetch_optional, |row| row.map(|row| Row(OfDatabase::Sqlite(row))), |row| row
                .map(|row| Row(OfDatabase::Postgres(row))))
        })
    }

    /// Gives the next value.
    pub fn bind(mut self, value: impl Into<Value<'q>>) -> Query<'q> {
        self.values.push(value.into());
        self
    }

    /// Runs it; gives how many rows it changed.
    ///
    /// # Errors
    /// The database's.
    pub async fn execute<'c>(self, on: impl Into<On<'c>>) -> Result<u64, sqlx::Error> {
        self.executed(on.into().0).await
    }

    /// Its rows.
    ///
    /// # Errors
    /// The database's.
    pub async fn fetch_all<'c>(self, on: impl Into<On<'c>>) -> Result<Vec<Row>, sqlx::Error> {
        self.fetched(on.into().0).await
    }

    /// Its first row, if it has one.
    ///
    /// # Errors
    /// The database's.
    pub async fn fetch_optional<'c>(self, on: impl Into<On<'c>>) -> Result<Option<Row>, sqlx::Error> {
        self.fetched_first(on.into().0).await
    }

    /// Its first row.
    ///
    /// # Errors
    /// The database's, also if there is none.
    pub async fn fetch_one<'c>(self, on: impl Into<On<'c>>) -> Result<Row, sqlx::Error> {
        self.fetch_optional(on).await?.ok_or(sqlx::Error::RowNotFound)
    }

    /// The value of its one row with one column.
    ///
    /// # Errors
    /// The database's, also if there is no row.
    pub async fn fetch_value<'c, T: for<'r> Stored<'r>>(self, on: impl Into<On<'c>>) -> Result<T, sqlx::Error> {
        self.fetch_one(on).await?.first()
    }

    /// The values of its one column.
    ///
    /// # Errors
    /// The database's.
    pub async fn fetch_values<'c, T: for<'r> Stored<'r>>(self, on: impl Into<On<'c>>) -> Result<Vec<T>, sqlx::Error> {
        self.fetch_all(on).await?.iter().map(Row::first).collect()
    }
}
