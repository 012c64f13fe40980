//! A transaction whose statements are known beforehand. SQLite gets them as one text, since each text is a message to the database's
//! thread and back, which costs more than its statements do; PostgreSQL one after another.

use std::fmt::Write;

use super::value::Value;

/// Statements that are run in one transaction: all or none. Made by [`super::Store::script`], run by [`super::Turn::commit`] or within a
/// transaction by [`super::Transaction::run`].
#[derive(Debug)]
pub struct Script<'q> {
    pub(super) dialect: Dialect,
    pub(super) sql: String,
    pub(super) values: Vec<Value<'q>>,
    /// Where each statement that is complete ends, in the text and among the values.
    pub(super) ends: Vec<(usize, usize)>,
    /// See [`Script::locked`].
    pub(super) lock: Option<&'static str>,
}

/// For which database it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Embedded.
    Sqlite,
    /// A server.
    Postgres,
}

impl<'q> Script<'q> {
    pub(super) fn new(dialect: Dialect) -> Script<'q> {
        let sql = if dialect == Dialect::Sqlite { "BEGIN IMMEDIATE;".into() } else { String::new() };
        Script { dialect, sql, values: Vec::new(), ends: Vec::new(), lock: None }
    }

    /// The transaction begins by waiting for those of the same name; see [`super::Transaction::lock`].
    pub fn locked(mut self, name: &'static str) -> Self {
        self.lock = Some(name);
        self
    }

    /// For which database it is: where both do not understand the same text.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Adds text.
    pub fn push(&mut self, text: &str) -> &mut Self {
        self.sql.push_str(text);
        self
    }

    /// Adds a value.
    pub fn push_bind(&mut self, value: impl Into<Value<'q>>) -> &mut Self {
        self.values.push(value.into());
        match self.dialect {
            Dialect::Sqlite => self.sql.push('?'),
            Dialect::Postgres => {
                let begun = self.ends.last().map_or(0, |(_, values)| *values);
                write!(self.sql, "${}", self.values.len() - begun).expect("a text takes any text");
            }
        }
        self
    }

    /// Adds values, separated by commas.
    pub fn push_values(&mut self, values: impl IntoIterator<Item = Value<'q>>) -> &mut Self {
        for (number, value) in values.into_iter().enumerate() {
            if number > 0 {
                self.sql.push_str(", ");
            }
            self.push_bind(value);
        }
        self
    }

    /// Ends a statement.
    pub fn end(&mut self) -> &mut Self {
        self.sql.push(';');
        self.ends.push((self.sql.len(), self.values.len()));
        self
    }

    /// Ends a statement that has to change so many rows: if it does not, `refusal` fails, an INSERT without `WHERE` that selects
    /// what its table does not take.
    pub fn end_changing(&mut self, rows: i64, refusal: &str) -> &mut Self {
        match self.dialect {
            Dialect::Sqlite => {
                self.end().push(refusal).push(" WHERE changes() <> ").push_bind(rows);
            }
            Dialect::Postgres => {
                let begun = self.ends.last().map_or(0, |(text, _)| *text);
                self.sql.insert_str(begun, "WITH changed AS (");
                self.push(" RETURNING 1) ").push(refusal);
                self.push(" FROM (SELECT COUNT(*) AS changes FROM changed) AS counted WHERE changes <> ");
                self.push_bind(rows);
            }
        }
        self.end()
    }

    /// Each statement with its values.
    pub(super) fn statements(&self) -> impl Iterator<Item = (&str, &[Value<'q>])> {
        let mut begun = (0, 0);
        self.ends.iter().map(move |&(text, values)| {
            let statement = (&self.sql[begun.0..text - 1], &self.values[begun.1..values]);
            begun = (text, values);
            statement
        })
    }
}
