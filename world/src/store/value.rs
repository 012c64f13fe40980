//! What is bound to a statement: the three kinds of values that both databases keep alike, and nothing.

use std::borrow::Cow;

use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgTypeInfo};
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, Encode, Postgres, Type, encode::IsNull, error::BoxDynError};

/// A value of a statement. Columns are made as `INTEGER` (64 bits), `TEXT` or `BLOB`, on PostgreSQL `BIGINT`, `TEXT` and `BYTEA`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value<'q> {
    /// No value.
    Null,
    /// A number; a truth is 0 or 1.
    Integer(i64),
    /// A text.
    Text(Cow<'q, str>),
    /// Octets.
    Blob(Cow<'q, [u8]>),
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Value::Integer(value)
    }
}

impl From<u32> for Value<'_> {
    fn from(value: u32) -> Self {
        Value::Integer(value.into())
    }
}

impl From<i16> for Value<'_> {
    fn from(value: i16) -> Self {
        Value::Integer(value.into())
    }
}

impl From<bool> for Value<'_> {
    fn from(value: bool) -> Self {
        Value::Integer(value.into())
    }
}

impl<'q> From<&'q str> for Value<'q> {
    fn from(value: &'q str) -> Self {
        Value::Text(value.into())
    }
}

impl<'q> From<&'q String> for Value<'q> {
    fn from(value: &'q String) -> Self {
        Value::Text(value.into())
    }
}

impl From<String> for Value<'_> {
    fn from(value: String) -> Self {
        Value::Text(value.into())
    }
}

impl<'q> From<&'q [u8]> for Value<'q> {
    fn from(value: &'q [u8]) -> Self {
        Value::Blob(value.into())
    }
}

impl<'q> From<&'q Vec<u8>> for Value<'q> {
    fn from(value: &'q Vec<u8>) -> Self {
        Value::Blob(value.into())
    }
}

impl From<Vec<u8>> for Value<'_> {
    fn from(value: Vec<u8>) -> Self {
        Value::Blob(value.into())
    }
}

impl<'q, T: Into<Value<'q>>> From<Option<T>> for Value<'q> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

/// Values as SQLite takes them.
pub(super) fn sqlite(values: Vec<Value<'_>>) -> Result<SqliteArguments, sqlx::Error> {
    let mut arguments = SqliteArguments::default();
    arguments.reserve(values.len(), 0);
    for value in values {
        let added = match value {
            Value::Null => arguments.add(None::<i64>),
            Value::Integer(number) => arguments.add(number),
            Value::Text(Cow::Borrowed(text)) => arguments.add(text),
            Value::Text(Cow::Owned(text)) => arguments.add(text),
            Value::Blob(Cow::Borrowed(octets)) => arguments.add(octets),
            Value::Blob(Cow::Owned(octets)) => arguments.add(octets),
        };
        added.map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

/// A text with the character U+0000, which PostgreSQL has no room for (Character Types, 8.3 of its manual).
#[derive(Debug, thiserror::Error)]
#[error("a text has the character U+0000, which cannot be stored in PostgreSQL: leave it out")]
pub(crate) struct NotTaken;

/// Values as PostgreSQL takes them.
pub(super) fn postgres<'q>(values: impl IntoIterator<Item = Value<'q>>) -> Result<PgArguments, sqlx::Error> {
    let mut arguments = PgArguments::default();
    for value in values {
        let added = match value {
            Value::Null => arguments.add(Untyped),
            Value::Integer(number) => arguments.add(number),
            Value::Text(text) if text.contains('\0') => Err(NotTaken.into()),
            Value::Text(text) => arguments.add(&*text),
            Value::Blob(octets) => arguments.add(&*octets),
        };
        added.map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

/// NULL of the type that its place has; a NULL of another type would be refused there.
struct Untyped;

impl Type<Postgres> for Untyped {
    fn type_info() -> PgTypeInfo {
        const UNKNOWN: Oid = Oid(705); // pg_type.dat
        PgTypeInfo::with_oid(UNKNOWN)
    }
}

impl Encode<'_, Postgres> for Untyped {
    fn encode_by_ref(&self, _: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        Ok(IsNull::Yes)
    }
}
