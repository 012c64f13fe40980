//! Whose tables a database holds: what the scripts of this program make, and nothing else.
//!
//! A trigger or a view in a file from elsewhere would act in our name: what we write could be changed or taken back without a
//! word. In: a database, and the scripts of all crates. Out: whether its schema is what those scripts make.

use std::collections::BTreeSet;

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{AssertSqlSafe, Row, SqlSafeStr, SqliteConnection};

use crate::{Error, Tampered};

/// The tables of one crate.
#[derive(Clone, Copy, Debug)]
pub struct Tables {
    /// The crate.
    pub owner: &'static str,
    /// The scripts that make them, each run once, in order.
    pub scripts: &'static [&'static str],
}

impl Tables {
    /// Runs what was not run yet, and refuses what was changed since.
    pub(super) fn migrator(&self) -> Migrator {
        let steps = (1..).zip(self.scripts).map(|(version, script)| {
            let sql = AssertSqlSafe(*script).into_sql_str(); // our own files, no user's text
            Migration::new(version, self.owner.into(), MigrationType::Simple, sql, false)
        });
        let mut migrator = Migrator::with_migrations(steps.collect());
        migrator.dangerous_set_table_name(self.record());
        migrator
    }

    /// The table that tells which scripts were run.
    fn record(&self) -> String {
        format!("migration_{}", self.owner)
    }

    /// How many scripts were run; `None` if not even the table is there that would tell.
    async fn applied(&self, connection: &mut SqliteConnection) -> Result<Option<usize>, Error> {
        let there = sqlx::query_scalar("SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name = $1");
        let there: i64 = there.bind(self.record()).fetch_one(&mut *connection).await?;
        if there == 0 {
            return Ok(None);
        }
        let count = format!("SELECT COUNT(*) FROM {}", self.record()); // a name of our own
        let count: i64 = sqlx::query_scalar(AssertSqlSafe(count)).fetch_one(connection).await?;
        Ok(Some(count as usize))
    }
}

/// Passes if the scripts that were run are those of this program, none changed and none unknown: what has to be brought up to date can
/// be, in every crate, before the first of them is touched.
///
/// # Errors
/// [`Error::Migration`] names the crate and the script; or the database's.
pub(crate) async fn check_scripts(connection: &mut SqliteConnection, tables: &[Tables]) -> Result<(), Error> {
    for own in tables {
        if own.applied(connection).await?.is_none() {
            continue;
        }
        let query = format!("SELECT version, checksum FROM {} ORDER BY version", own.record()); // a name of our own
        for row in sqlx::query(AssertSqlSafe(query)).fetch_all(&mut *connection).await? {
            let (version, checksum): (i64, Vec<u8>) = (row.try_get("version")?, row.try_get("checksum")?);
            let problem = match own.migrator().iter().find(|script| script.version == version) {
                Some(script) if *script.checksum == *checksum => continue,
                Some(_) => MigrateError::VersionMismatch(version),
                None => MigrateError::VersionMissing(version),
            };
            return Err(Error::Migration { owner: own.owner, source: problem });
        }
    }
    Ok(())
}

/// Passes if nothing in the database acts by itself: no program of this testbed ever made a trigger or a view.
pub(crate) async fn check_inert(connection: &mut SqliteConnection) -> Result<(), Error> {
    let query = "SELECT type, name FROM sqlite_schema WHERE type NOT IN ('table', 'index') LIMIT 1";
    match sqlx::query(query).fetch_optional(connection).await? {
        Some(row) => {
            let (kind, name): (&str, &str) = (row.try_get("type")?, row.try_get("name")?);
            Err(foreign(&format!("the {kind} {name:?}")))
        }
        None => Ok(()),
    }
}

/// Passes if the schema is the one that those scripts make, as far as they were run.
///
/// # Errors
/// [`Error::Foreign`], or the database's.
pub(crate) async fn check_own(connection: &mut SqliteConnection, tables: &[Tables]) -> Result<(), Error> {
    check_inert(connection).await?;
    let memory = SqliteConnectOptions::new().in_memory(true);
    let model = SqlitePoolOptions::new().max_connections(1).idle_timeout(None).connect_with(memory).await?;
    for own in tables {
        let Some(applied) = own.applied(connection).await? else { continue };
        let Some(scripts) = own.scripts.get(..applied) else {
            let (owner, known) = (own.owner, own.scripts.len());
            return Err(foreign(&format!("tables of {owner} in version {applied}; this program knows {known}")));
        };
        let made = Tables { scripts, ..*own }.migrator().run(&model).await;
        made.map_err(|source| Error::Migration { owner: own.owner, source })?;
    }
    check_scripts(connection, tables).await?;
    let (found, expected) = (schema(connection).await?, schema(&mut *model.acquire().await?).await?);
    model.close().await;
    if let Some((name, _)) = found.difference(&expected).next() {
        return Err(foreign(&format!("{name:?}, which is not as this program made it")));
    }
    match expected.difference(&found).next() {
        Some((name, _)) => Err(foreign(&format!("no {name:?}"))),
        None => Ok(()),
    }
}

/// Name and text of everything; white space and quotes, which depend on the version of SQLite, are left out.
async fn schema(connection: &mut SqliteConnection) -> Result<BTreeSet<(String, String)>, Error> {
    let query = "SELECT name, type || ' ' || tbl_name || ' ' || COALESCE(sql, '') AS made_by FROM sqlite_schema \
        WHERE name <> 'sqlite_sequence'"; // SQLite's own, there when it is first needed
    let rows = sqlx::query(query).fetch_all(connection).await?;
    let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace() && !"\"'`[]".contains(*c)).collect();
    rows.iter().map(|row| Ok((row.try_get("name")?, bare(row.try_get("made_by")?)))).collect()
}

fn foreign(found: &str) -> Error {
    let expectation = "wanted a database as this program makes it";
    Error::Foreign(Tampered(format!("{expectation}, found {found}: somebody else put that there")))
}
