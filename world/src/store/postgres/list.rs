//! The list of the worlds of a database, in the schema `eseal`, and how a world gets onto it, is replaced, and taken off: each in one
//! transaction, so that there is the one world, or the other, or none.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, Executor};

use super::{Database, quoted};
use crate::Error;
use crate::store::{Tables, is_gone, transfer};

/// Which worlds there are: a world stands here once it is whole.
const LIST: &str = "CREATE SCHEMA IF NOT EXISTS eseal; \
    CREATE TABLE IF NOT EXISTS eseal.world (name TEXT COLLATE \"C\" PRIMARY KEY, schema TEXT NOT NULL);";

/// How often a change of the list is tried that met others in the tables that go.
const ATTEMPTS: usize = 5;

/// A world that is being made: nobody else makes it meanwhile, and it is on no list until it is whole.
pub struct Birth {
    connection: PgConnection,
    database: Database,
    name: String,
    schema: String,
    /// The one whose place it takes.
    before: Option<String>,
}

impl Database {
    /// The worlds that are whole, each with its schema.
    ///
    /// # Errors
    /// The database's.
    pub async fn worlds(&self) -> Result<BTreeMap<String, String>, Error> {
        let mut connection = self.at_hand().await?;
        let there = sqlx::query_scalar("SELECT to_regclass('eseal.world') IS NOT NULL");
        if !there.fetch_one(&mut *connection).await? {
            return Ok(BTreeMap::new());
        }
        let listed: Vec<(String, String)> =
            sqlx::query_as("SELECT name, schema FROM eseal.world").fetch_all(&mut *connection).await?;
        Ok(listed.into_iter().collect())
    }

    /// The worlds that have a row in that table for which a condition holds, found out with one question for all of them, whether they are
    /// open or not. Those that an earlier program made, without that table, have none.
    ///
    /// # Errors
    /// The database's.
    pub async fn worlds_with_row(
        &self,
        table: &'static str,
        condition: &'static str,
    ) -> Result<BTreeSet<String>, Error> {
        for attempt in 1.. {
            match self.asked_for_row(table, condition).await {
                // One of them went between the two statements.
                Err(Error::Database(error)) if is_gone(&error) && attempt < ATTEMPTS => {}
                found => return found,
            }
        }
        unreachable!("the last attempt returns")
    }

    async fn asked_for_row(&self, table: &'static str, condition: &'static str) -> Result<BTreeSet<String>, Error> {
        let mut connection = self.at_hand().await?;
        let there = sqlx::query_scalar("SELECT to_regclass('eseal.world') IS NOT NULL");
        if !there.fetch_one(&mut *connection).await? {
            return Ok(BTreeSet::new());
        }
        let with_table = "SELECT w.name, w.schema FROM eseal.world w JOIN pg_namespace n ON n.nspname = w.schema \
            JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = $1";
        let worlds: Vec<(String, String)> = sqlx::query_as(with_table).bind(table).fetch_all(&mut *connection).await?;
        let one = |(name, schema): &(String, String)| {
            let schema = quoted(schema); // a name has letters, digits and - only
            format!("SELECT '{name}'::TEXT WHERE EXISTS (SELECT 1 FROM {schema}.{table} WHERE {condition})")
        };
        let all: Vec<String> = worlds.iter().map(one).collect();
        if all.is_empty() {
            return Ok(BTreeSet::new());
        }
        let query = sqlx::query_scalar(AssertSqlSafe(all.join(" UNION ALL "))).persistent(false);
        let names: Vec<String> = query.fetch_all(&mut *connection).await?;
        Ok(names.into_iter().collect())
    }

    /// Waits until nobody else makes or deletes the world of that name, then begins to make it: with an empty schema. `None` if it is
    /// there already.
    ///
    /// # Errors
    /// The database's.
    pub async fn birth(&self, name: &str) -> Result<Option<Birth>, Error> {
        let mut connection = self.alone_with(name).await?;
        match listed(&mut connection, name).await? {
            None => self.begun(connection, name, None).await.map(Some),
            Some(_) => Ok(None),
        }
    }

    /// The same for a world that takes the place of the one of that name. `None` if there is none.
    ///
    /// # Errors
    /// The database's.
    pub async fn successor(&self, name: &str) -> Result<Option<Birth>, Error> {
        let mut connection = self.alone_with(name).await?;
        match listed(&mut connection, name).await? {
            None => Ok(None),
            before => self.begun(connection, name, before).await.map(Some),
        }
    }

    /// Deletes a world with its schema, all or nothing; does nothing if it is not there.
    ///
    /// # Errors
    /// The database's.
    pub async fn delete(&self, name: &str) -> Result<(), Error> {
        let mut connection = self.alone_with(name).await?;
        let Some(schema) = listed(&mut connection, name).await? else { return Ok(()) };
        changed(
            &mut connection,
            "DELETE FROM eseal.world WHERE name = $1 AND schema = $2",
            (name, &schema),
            Some(&schema),
        )
        .await?;
        Ok(connection.close().await?)
    }

    /// How many bytes the tables of a schema take.
    ///
    /// # Errors
    /// The database's.
    pub async fn size(&self, schema: &str) -> Result<u64, Error> {
        let size = "SELECT COALESCE(SUM(pg_total_relation_size(c.oid)), 0)::BIGINT FROM pg_class c \
            JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relkind = 'r'";
        let bytes: i64 = sqlx::query_scalar(size).bind(schema).fetch_one(&mut *self.at_hand().await?).await?;
        Ok(bytes.unsigned_abs())
    }

    /// Which right is missing, if that is what PostgreSQL says.
    fn refused(&self, failure: sqlx::Error) -> Error {
        const INSUFFICIENT_PRIVILEGE: &str = "42501";
        match failure.as_database_error() {
            Some(error) if error.code().as_deref() == Some(INSUFFICIENT_PRIVILEGE) => {
                Error::NoRight { database: self.shown.clone(), said: error.message().to_owned() }
            }
            _ => failure.into(),
        }
    }

    /// A connection that holds the lock of that name until it ends, however it does.
    async fn alone_with(&self, name: &str) -> Result<PgConnection, Error> {
        let mut connection = self.connect().await?;
        let lock = "SELECT pg_advisory_lock(hashtextextended('eseal', 0))";
        connection.execute(lock).await?; // two that make the list at once would collide
        connection.execute(sqlx::raw_sql(LIST)).await.map_err(|failure| self.refused(failure))?;
        connection.execute("SELECT pg_advisory_unlock(hashtextextended('eseal', 0))").await?;
        let lock = sqlx::query("SELECT pg_advisory_lock(hashtextextended('eseal world ' || $1, 0))").bind(name);
        lock.execute(&mut connection).await?;
        Ok(connection)
    }

    /// Removes what somebody who was killed left half-made, and makes a schema of a name that none ever had.
    async fn begun(&self, mut connection: PgConnection, name: &str, before: Option<String>) -> Result<Birth, Error> {
        let left = "SELECT nspname::TEXT FROM pg_namespace WHERE (nspname = $1 OR starts_with(nspname, $1 || '.')) \
            AND nspname NOT IN (SELECT schema FROM eseal.world)";
        let beginning = format!("world_{name}");
        let left: Vec<String> = sqlx::query_scalar(left).bind(&beginning).fetch_all(&mut connection).await?;
        for schema in left {
            connection.execute(AssertSqlSafe(dropped(&schema))).await?;
        }
        let schema = format!("{beginning}.{}", hex::encode(crate::random::bytes::<6>()));
        let made = connection.execute(AssertSqlSafe(format!("CREATE SCHEMA {}", quoted(&schema)))).await;
        made.map_err(|failure| self.refused(failure))?;
        Ok(Birth { connection, database: self.clone(), name: name.into(), schema, before })
    }
}

impl Birth {
    /// Where its tables are.
    pub fn schema(&self) -> &str {
        &self.schema
    }

    /// Fills it with the tables of the world in that file. `tables` are those of all crates.
    ///
    /// # Errors
    /// If the file cannot be read, or holds what PostgreSQL does not take.
    pub async fn take_in(&self, file: &std::path::Path, tables: &[Tables]) -> Result<(), Error> {
        transfer::into_schema(&self.database, &self.schema, file, tables).await
    }

    /// The world is whole: from now on there is this one, and the one before is gone.
    ///
    /// # Errors
    /// The database's: then all is as it was.
    pub async fn complete(mut self) -> Result<(), Error> {
        let on = "INSERT INTO eseal.world (name, schema) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET schema = excluded.schema";
        changed(&mut self.connection, on, (&self.name, &self.schema), self.before.as_deref()).await?;
        Ok(self.connection.close().await?)
    }

    /// It does not come to be. What cannot be removed now is, by the next who makes a world of that name.
    pub async fn give_up(mut self) {
        if let Err(error) = self.connection.execute(AssertSqlSafe(dropped(&self.schema))).await {
            tracing::warn!(world = self.name, %error, "what was half made of it stays in the database for now");
        }
        self.connection.close().await.ok(); // it ends with the value anyway
    }
}

async fn listed(connection: &mut PgConnection, name: &str) -> Result<Option<String>, Error> {
    let schema = sqlx::query_scalar("SELECT schema FROM eseal.world WHERE name = $1").bind(name);
    Ok(schema.fetch_optional(connection).await?)
}

fn dropped(schema: &str) -> String {
    format!("DROP SCHEMA IF EXISTS {} CASCADE", quoted(schema))
}

/// Changes the list and drops a schema, both or neither. Others that are in the tables end what they do; where each waits for the other,
/// PostgreSQL ends one of them, and it is tried again.
async fn changed(
    connection: &mut PgConnection,
    list: &'static str,
    (name, schema): (&str, &str),
    goes: Option<&str>,
) -> Result<(), Error> {
    const DEADLOCK: &str = "40P01";
    for attempt in 1.. {
        let done = async {
            let mut transaction = connection.begin().await?;
            if let Some(goes) = goes {
                transaction.execute(AssertSqlSafe(dropped(goes))).await?;
            }
            sqlx::query(list).bind(name).bind(schema).execute(&mut *transaction).await?;
            transaction.commit().await
        };
        match done.await {
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(DEADLOCK) && attempt < ATTEMPTS => {}
            done => return Ok(done?),
        }
    }
    unreachable!("the last attempt returns")
}

#[cfg(test)]
mod tests {
    use super::super::own_for_a_test;
    use super::*;
    use crate::store::{Store, TABLES, query};

    #[tokio::test]
    async fn worlds_with_a_row_are_found_with_one_question_whether_they_have_the_table_or_not() {
        let Some(database) = own_for_a_test().await.unwrap() else { return };
        assert!(database.worlds_with_row("batch", "state = 'running'").await.unwrap().is_empty());
        let scripts =
            ["", "CREATE TABLE {}.batch (state TEXT)", "CREATE TABLE {}.batch AS SELECT 'running'::TEXT AS state"];
        for (name, script) in ["without", "empty", "busy"].iter().zip(scripts) {
            let mut birth = database.birth(name).await.unwrap().unwrap();
            let text = script.replace("{}", &quoted(birth.schema()));
            birth.connection.execute(sqlx::raw_sql(AssertSqlSafe(text))).await.unwrap();
            birth.complete().await.unwrap();
        }
        let busy = database.worlds_with_row("batch", "state = 'running'").await.unwrap();
        assert_eq!(busy.into_iter().collect::<Vec<_>>(), ["busy"]);
    }

    #[tokio::test]
    async fn a_world_in_a_file_with_a_text_that_postgresql_does_not_take_is_refused_by_name() {
        let Some(database) = own_for_a_test().await.unwrap() else { return };
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("world.db");
        let store = Store::open(&file).await.unwrap();
        store.remember("note", "a\0b").await.unwrap();
        store.close().await.unwrap();
        let birth = database.birth("class").await.unwrap().unwrap();
        let refused = birth.take_in(&file, &[TABLES]).await.unwrap_err().to_string();
        assert!(refused.contains("table world_fact, column value"), "{refused}");
        birth.give_up().await;
        let store = Store::in_memory().await.unwrap(); // in the database, too
        let refused = query("SELECT $1").bind("a\0b").execute(&store).await.unwrap_err();
        assert!(crate::store::is_not_taken(&refused) && !crate::store::cannot_be_written(&refused), "{refused}");
    }
}
