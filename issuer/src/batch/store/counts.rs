//! How far a batch is.

use world::store::{Store, query};

use super::now;
use crate::api::{RowCounts, RowState};
use crate::error::Error;

/// How many rows are where, and how many a second.
pub(crate) struct Progress {
    pub(crate) rows: RowCounts,
    /// Rows a second, of the last ten seconds.
    pub(crate) rate: Option<f64>,
    /// How many have a note.
    pub(crate) noted: u64,
}

/// Over how long a rate is taken, in milliseconds.
const WINDOW: i64 = 10_000;

pub(crate) async fn progress(store: &Store, id: i64) -> Result<Progress, Error> {
    let text = "SELECT state, COUNT(*) AS rows_there FROM batch_row WHERE batch = $1 GROUP BY state";
    let mut rows = RowCounts::default();
    for row in query(text).bind(id).fetch_all(store).await? {
        let count: i64 = row.get("rows_there")?;
        *rows.of_mut(RowState::named(row.get("state")?)) += count.unsigned_abs();
    }
    let now = now(store).await?;
    let text =
        "SELECT COUNT(*) AS done, COALESCE(MIN(done_at), 0) AS since FROM batch_row WHERE batch = $1 AND done_at > $2";
    let row = query(text).bind(id).bind(now - WINDOW).fetch_one(store).await?;
    let (done, since): (i64, i64) = (row.get("done")?, row.get("since")?);
    // What was done in the first moment of the window was begun before it.
    let seconds = (now - since).clamp(1000, WINDOW) as f64 / 1000.0;
    let text = "SELECT COUNT(*) FROM batch_row WHERE batch = $1 AND note IS NOT NULL";
    let noted: i64 = query(text).bind(id).fetch_value(store).await?;
    Ok(Progress { rows, rate: (done > 0).then(|| done as f64 / seconds), noted: noted.unsigned_abs() })
}
