//! What is read: a row of either database, whose columns are found by name.

use sqlx::postgres::PgRow;
use sqlx::sqlite::SqliteRow;
use sqlx::{Column as _, Row as _, ValueRef as _};

/// A row.
#[derive(Debug)]
pub struct Row(pub(super) OfDatabase);

pub(super) enum OfDatabase {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl std::fmt::Debug for OfDatabase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a row") // its values may be secret
    }
}

impl Row {
    /// The value in the column of that name.
    ///
    /// # Errors
    /// If there is no such column, or what is stored there is no such value.
    pub fn get<'r, T: Stored<'r>>(&'r self, column: &str) -> Result<T, sqlx::Error> {
        T::read(self, column)
    }

    /// The value in the first column.
    pub(super) fn first<'r, T: Stored<'r>>(&'r self) -> Result<T, sqlx::Error> {
        match &self.0 {
            OfDatabase::Sqlite(row) => T::read(self, row.column(0).name()),
            OfDatabase::Postgres(row) => T::read(self, row.column(0).name()),
        }
    }

    fn is_null(&self, column: &str) -> Result<bool, sqlx::Error> {
        match &self.0 {
            OfDatabase::Sqlite(row) => Ok(row.try_get_raw(column)?.is_null()),
            OfDatabase::Postgres(row) => Ok(row.try_get_raw(column)?.is_null()),
        }
    }
}

/// What can be read from a column.
pub trait Stored<'r>: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// Those of [`Row::get`].
    fn read(row: &'r Row, column: &str) -> Result<Self, sqlx::Error>;
}

macro_rules! as_both_keep_it {
    ($($kind:ty),*) => {$(
        impl<'r> Stored<'r> for $kind {
            fn read(row: &'r Row, column: &str) -> Result<Self, sqlx::Error> {
                match &row.0 {
                    OfDatabase::Sqlite(row) => row.try_get(column),
                    OfDatabase::Postgres(row) => row.try_get(column),
                }
            }
        }
    )*};
}

as_both_keep_it!(i64, String, &'r str, Vec<u8>, &'r [u8]);

macro_rules! numbers {
    ($($kind:ty),*) => {$(
        impl<'r> Stored<'r> for $kind {
            fn read(row: &'r Row, column: &str) -> Result<Self, sqlx::Error> {
                let number: i64 = row.get(column)?;
                let fits = Self::try_from(number);
                fits.map_err(|error| sqlx::Error::ColumnDecode { index: column.into(), source: Box::new(error) })
            }
        }
    )*};
}

numbers!(u32, i16);

impl<'r> Stored<'r> for bool {
    fn read(row: &'r Row, column: &str) -> Result<Self, sqlx::Error> {
        Ok(row.get::<i64>(column)? != 0)
    }
}

impl<'r, T: Stored<'r>> Stored<'r> for Option<T> {
    fn read(row: &'r Row, column: &str) -> Result<Self, sqlx::Error> {
        if row.is_null(column)? { Ok(None) } else { T::read(row, column).map(Some) }
    }
}
