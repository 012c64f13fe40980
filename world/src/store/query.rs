//! A statement with its values, and where it runs. The text is the same for both databases: `$1`, `$2`, … for its values, what
//! both understand between them.

use std::fmt::Debug;

use sqlx::postgres::{PgConnection, PgPool};
use sqlx::sqlite::{SqliteConnection, SqlitePool};
use sqlx::{AssertSqlSafe, Executor, SqlSafeStr, SqlStr};

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
    PostgresPool(&'c PgPool),
    Postgres(&'c mut PgConnection),
}

/// Runs it with the executor that its place is.
macro_rules! run {
    ($query:ident, $on:ident, $method:ident, $sqlite:expr, $postgres:expr) => {
        match $on.into().0 {
            Place::SqlitePool(pool) => {
                let arguments = value::sqlite($query.values)?;
                pool.$method(sqlx::query_with($query.sql, arguments)).await.map($sqlite)
            }
            Place::Sqlite(connection) => {
                let arguments = value::sqlite($query.values)?;
                connection.$method(sqlx::query_with($query.sql, arguments)).await.map($sqlite)
            }
            Place::PostgresPool(pool) => {
                let arguments = value::postgres($query.values)?;
                pool.$method(sqlx::query_with($query.sql, arguments)).await.map($postgres)
            }
            Place::Postgres(connection) => {
                let arguments = value::postgres($query.values)?;
                connection.$method(sqlx::query_with($query.sql, arguments)).await.map($postgres)
            }
        }
    };
}

impl<'q> Query<'q> {
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
        run!(self, on, execute, |done| done.rows_affected(), |done| done.rows_affected())
    }

    /// Its rows.
    ///
    /// # Errors
    /// The database's.
    pub async fn fetch_all<'c>(self, on: impl Into<On<'c>>) -> Result<Vec<Row>, sqlx::Error> {
        run!(self, on, fetch_all, |rows| rows.into_iter().map(|row| Row(OfDatabase::Sqlite(row))).collect(), |rows| {
            rows.into_iter().map(|row| Row(OfDatabase::Postgres(row))).collect()
        })
    }

    /// Its first row, if it has one.
    ///
    /// # Errors
    /// The database's.
    pub async fn fetch_optional<'c>(self, on: impl Into<On<'c>>) -> Result<Option<Row>, sqlx::Error> {
        run!(self, on, fetch_optional, |row| row.map(|row| Row(OfDatabase::Sqlite(row))), |row| row
            .map(|row| Row(OfDatabase::Postgres(row))))
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
