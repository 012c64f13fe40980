//! What is kept of batches. A row is leased by whoever works on it: what becomes of it is written only while the lease is still
//! held, in the transaction that keeps the certificate, so that no row is issued twice however many workers there are.
//!
//! Leases, waits and rates are in the database's own time: the world's clock may stand, or leap by years, and the clocks of several
//! machines differ.

mod counts;
mod lease;
mod repeat;
mod rows;
mod sent;
mod settle;
mod shared;

use jiff::Timestamp;
use serde::Deserialize;
use world::store::{Dialect, Row, Store, query, stored_time};

use super::options::Options;
use crate::api::BatchState;
use crate::error::Error;
use crate::register::Words;

pub(super) use counts::{Progress, progress};
pub(super) use lease::{
    Lease, Leased, any_running, fail, free_leases, lease, release, renew, stop, take_from_hand, wait,
};
pub(crate) use rows::rows_of_numbers;
pub(super) use rows::{NewRow, Noted, add, begin, discard, rows, start};
pub use sent::RowContent;
pub(super) use sent::{content_of, contents, contents_at};
pub(super) use settle::{End, Settled, note, number, settle};
pub(super) use shared::{shared_with, tell};

/// A batch, without its rows.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) options: Options,
    pub(crate) state: BatchState,
    pub(crate) problem: Option<String>,
    pub(crate) problem_ja: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) outages: i64,
    /// What was told of its file.
    pub(crate) notes: Vec<Words>,
}

/// What stands beside the options of a batch; nothing in one of earlier days.
#[derive(Deserialize)]
struct Told {
    #[serde(default)]
    notes: Vec<Words>,
}

impl Stored {
    /// Whether it waited for something when it was read.
    pub(super) fn waited(&self) -> bool {
        self.outages > 0 || self.problem.is_some()
    }
}

/// The database's own time, in milliseconds since 1970.
pub(super) async fn now(store: &Store) -> Result<i64, Error> {
    match store.dialect() {
        Dialect::Sqlite => Ok(world::clock::system_time().as_millisecond()),
        Dialect::Postgres => {
            let text = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";
            Ok(query(text).fetch_value(store).await?)
        }
    }
}

const COLUMNS: &str = "SELECT id, name, options, state, problem, problem_ja, created_at, outages FROM batch";

/// The batch of that number, once it is acknowledged.
pub(crate) async fn batch(store: &Store, id: i64) -> Result<Option<Stored>, Error> {
    let text = format!("{COLUMNS} WHERE id = $1 AND state <> 'reading'");
    let row = world::store::composed(text).bind(id).fetch_optional(store).await?;
    row.as_ref().map(stored).transpose()
}

/// The newest batches that are older than that one.
pub(super) async fn batches(store: &Store, before: i64, limit: u32) -> Result<Vec<Stored>, Error> {
    let text = format!("{COLUMNS} WHERE state <> 'reading' AND id < $1 ORDER BY id DESC LIMIT $2");
    world::store::composed(text).bind(before).bind(limit).fetch_all(store).await?.iter().map(stored).collect()
}

fn stored(row: &Row) -> Result<Stored, Error> {
    let (options, name): (&str, &str) = (row.get("options")?, row.get("state")?);
    Ok(Stored {
        id: row.get("id")?,
        name: row.get("name")?,
        options: serde_json::from_str(options).map_err(|_| Error::Stored { what: "the options of a batch" })?,
        state: BatchState::ALL.into_iter().find(|state| state.name() == name).unwrap_or(BatchState::Running),
        problem: row.get("problem")?,
        problem_ja: row.get("problem_ja")?,
        created_at: stored_time(row.get("created_at")?)?,
        outages: row.get("outages")?,
        notes: serde_json::from_str::<Told>(options).map(|told| told.notes).unwrap_or_default(),
    })
}

/// A row, as it is called where a number without a certificate is accounted for.
pub(super) fn called(batch: i64, place: i64) -> String {
    format!("batch {batch}, row {place}")
}

/// Brings a batch from one of those states into another; says whether it was in one of them. When one that was stopped or paused goes on, whoever had
/// rows of it in hand before loses them: what stopped it is over, and stops it no second time.
pub(super) async fn change(store: &Store, id: i64, from: &[BatchState], to: BatchState) -> Result<bool, Error> {
    let list: Vec<String> = from.iter().map(|state| format!("'{}'", state.name())).collect();
    let text = format!(
        "UPDATE batch SET state = $2, problem = NULL, problem_ja = NULL, outages = 0, not_before = 0 WHERE id = $1 AND state IN ({})",
        list.join(", ")
    );
    let mut turn = store.turn().await?;
    let mut transaction = turn.begin().await?;
    if to == BatchState::Running {
        take_from_hand(&mut transaction, id).await?;
    }
    let changed = world::store::composed(text).bind(id).bind(to.name()).execute(&mut transaction).await?;
    transaction.commit().await?;
    Ok(changed > 0)
}

/// What it waited for is back. It still says why single rows wait, if any does.
pub(super) async fn goes_on(store: &Store, id: i64) -> Result<(), Error> {
    let now = now(store).await?;
    const WAITS: &str = "EXISTS (SELECT 1 FROM batch_row WHERE batch = $1 AND open = 1 AND not_before > $2)";
    let text = format!(
        "UPDATE batch SET outages = 0, problem = CASE WHEN {WAITS} THEN problem END, \
         problem_ja = CASE WHEN {WAITS} THEN problem_ja END WHERE id = $1 AND state = 'running'"
    );
    world::store::composed(text).bind(id).bind(now).execute(&mut store.turn().await?).await?;
    Ok(())
}

/// A batch in which nothing is left to do is done.
pub(super) async fn finish(store: &Store, id: i64) -> Result<(), Error> {
    let text = "UPDATE batch SET state = 'done', problem = NULL, problem_ja = NULL WHERE id = $1 AND state IN ('running', 'paused', 'stopped') \
                AND NOT EXISTS (SELECT 1 FROM batch_row WHERE batch = $1 AND open = 1)";
    query(text).bind(id).execute(&mut store.turn().await?).await?;
    Ok(())
}
