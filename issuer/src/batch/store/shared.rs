//! Rows that several unfinished batches have, such as where a file was sent again before its batch was done. In: a batch. Out: in which
//! others its rows are, and how many.

use serde::Serialize;
use world::store::{Store, query};

use crate::error::Error;

/// The unfinished batches that have open rows with the keys of open rows of that one, and how many each has.
pub(crate) async fn shared_with(store: &Store, id: i64) -> Result<Vec<(i64, i64)>, Error> {
    let text = "SELECT o.batch AS batch, COUNT(*) AS rows_there FROM batch b JOIN batch_row o ON o.batch = b.id AND o.open = 1 \
                WHERE b.state IN ('running', 'paused', 'stopped') AND b.id <> $1 \
                AND o.key IN (SELECT key FROM batch_row WHERE batch = $1 AND open = 1) GROUP BY o.batch ORDER BY o.batch";
    let rows = query(text).bind(id).fetch_all(store).await?;
    rows.iter().map(|row| Ok((row.get("batch")?, row.get("rows_there")?))).collect()
}

/// Keeps other options of a batch that is being read, with what is told of it.
pub(crate) async fn tell(store: &Store, id: i64, options: &impl Serialize) -> Result<(), Error> {
    let options = serde_json::to_string(options).expect("texts and levels can be written as JSON");
    let text = "UPDATE batch SET options = $2 WHERE id = $1 AND state = 'reading'";
    query(text).bind(id).bind(options).execute(&mut store.turn().await?).await?;
    Ok(())
}
