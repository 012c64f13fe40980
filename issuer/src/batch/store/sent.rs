//! Rows of a batch as they are asked about when it is told what was sent to the key server for them.

use world::store::{Row, Store, composed, query, steps};

use crate::api::RowState;
use crate::error::Error;
use crate::number::CertificateNumber;

/// What a row says, whatever became of it.
#[derive(Clone, Debug)]
pub struct RowContent {
    /// Its place in the batch.
    pub row: i64,
    /// The number that it has, or had when it failed.
    pub number: Option<CertificateNumber>,
    /// Its completion data, JSON; none if it could not be read.
    pub completion: Option<String>,
    /// The registrar's own key.
    pub given_key: Option<String>,
    /// Whether the batch issued its certificate.
    pub is_delivered: bool,
}

const COLUMNS: &str = "SELECT place, number, data, given_key, state FROM batch_row";

/// Some rows after a place.
pub(crate) async fn contents(store: &Store, batch: i64, after: i64, limit: u32) -> Result<Vec<RowContent>, Error> {
    let text = format!("{COLUMNS} WHERE batch = $1 AND place > $2 ORDER BY place LIMIT $3");
    let rows = composed(text).bind(batch).bind(after).bind(limit).fetch_all(store).await?;
    rows.iter().map(content).collect()
}

/// Those rows.
pub(crate) async fn contents_at(store: &Store, batch: i64, places: &[i64]) -> Result<Vec<RowContent>, Error> {
    let mut found = Vec::new();
    for step in steps(places) {
        let list: Vec<String> = (2..step.len() + 2).map(|place| format!("${place}")).collect();
        let text = format!("{COLUMNS} WHERE batch = $1 AND place IN ({})", list.join(", "));
        let select = step.iter().fold(composed(text).bind(batch), |select, place| select.bind(*place));
        for row in &select.fetch_all(store).await? {
            found.push(content(row)?);
        }
    }
    Ok(found)
}

/// The row that has that number, the last of several.
pub(crate) async fn content_of(store: &Store, number: &CertificateNumber) -> Result<Option<RowContent>, Error> {
    let text =
        "SELECT place, number, data, given_key, state FROM batch_row WHERE number = $1 ORDER BY batch DESC LIMIT 1";
    let row = query(text).bind(number.to_string()).fetch_optional(store).await?;
    row.as_ref().map(content).transpose()
}

fn content(row: &Row) -> Result<RowContent, Error> {
    let number: Option<String> = row.get("number")?;
    Ok(RowContent {
        row: row.get("place")?,
        number: number.map(|number| number.parse()).transpose()?,
        completion: row.get("data")?,
        given_key: row.get("given_key")?,
        is_delivered: row.get::<&str>("state")? == RowState::Delivered.name(),
    })
}
