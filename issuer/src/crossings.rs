//! What the key server was sent for a certificate: kept beside it, in the same transaction, or for an attempt that failed; for rows of a
//! batch, for which it is sent together, before they are settled, with the numbers that they had.

use sealing::Crossing;
use world::store::{On, Store, composed, query, steps};

use crate::error::Error;
use crate::number::CertificateNumber;

/// What the key server was sent while a certificate was made.
#[derive(Clone, Debug, Default)]
pub struct SentForOne {
    /// For it, alone or together with other rows of its batch, in its order, also by attempts that failed.
    pub requests: Vec<Crossing>,
    /// For its batch, of which nobody wrote down for which rows: earlier versions did not. Those that have its digests are its own.
    pub perhaps: Vec<Crossing>,
    /// The batch, if it was sent for one.
    pub batch: Option<i64>,
}

/// What the key server was sent for the rows of a page of a batch.
#[derive(Clone, Debug, Default)]
pub struct SentForRows {
    /// What is told on this page: each request is on one, that of the first row for which it was sent.
    pub requests: Vec<Crossing>,
    /// What was sent for these rows too, and is told on an earlier page.
    pub earlier: Vec<Crossing>,
    /// The rows for which the requests of this page were sent, also those of later pages.
    pub rows: Vec<i64>,
}

/// Keeps what was sent for a certificate alone.
pub(crate) async fn keep<'c>(
    on: impl Into<On<'c>>,
    number: &CertificateNumber,
    sent: &[Crossing],
) -> Result<(), Error> {
    if sent.is_empty() {
        return Ok(());
    }
    let insert = query("INSERT INTO crossing (number, requests) VALUES ($1, $2)").bind(number.to_string());
    insert.bind(written(sent)).execute(on).await?;
    Ok(())
}

/// Keeps what was sent for rows of a batch together: their places, and the numbers that they have now.
pub(crate) async fn keep_of_rows(
    store: &Store,
    batch: i64,
    rows: &[(i64, CertificateNumber)],
    sent: &[Crossing],
) -> Result<(), Error> {
    let Some(first) = rows.iter().map(|(place, _)| *place).min().filter(|_| !sent.is_empty()) else { return Ok(()) };
    let mut turn = store.turn().await?;
    let mut transaction = turn.begin().await?;
    let text = "INSERT INTO crossing (batch, requests, place) VALUES ($1, $2, $3) RETURNING id";
    let insert = query(text).bind(batch.to_string()).bind(written(sent)).bind(first);
    let id: i64 = insert.fetch_value(&mut transaction).await?;
    let mut script = store.script();
    for step in steps(rows) {
        script.push("INSERT INTO crossing_row (crossing, batch, place, number) VALUES ");
        for (count, (place, number)) in step.iter().enumerate() {
            let values = [id.into(), batch.into(), (*place).into(), number.to_string().into()];
            script.push(if count > 0 { ", (" } else { "(" }).push_values(values).push(")");
        }
        script.end();
    }
    transaction.run(script).await?;
    Ok(transaction.commit().await?)
}

fn written(sent: &[Crossing]) -> String {
    serde_json::to_string(sent).expect("texts, numbers and times can be written as JSON")
}

/// What was sent for that certificate, or for a number that has none.
pub(crate) async fn of_certificate(store: &Store, number: &CertificateNumber) -> Result<SentForOne, Error> {
    let number = number.to_string();
    let text = "SELECT requests FROM crossing WHERE number = $1 \
                OR id IN (SELECT crossing FROM crossing_row WHERE number = $1) ORDER BY id";
    let requests = read(query(text).bind(&number).fetch_values(store).await?)?;
    let text = "SELECT batch FROM crossing_row WHERE number = $1 ORDER BY crossing DESC LIMIT 1";
    let known = query(text).bind(&number).fetch_optional(store).await?;
    if let Some(row) = known {
        return Ok(SentForOne { requests, perhaps: Vec::new(), batch: Some(row.get("batch")?) });
    }
    let text = "SELECT batch FROM batch_row WHERE number = $1 AND state = 'delivered' LIMIT 1";
    let Some(row) = query(text).bind(&number).fetch_optional(store).await? else {
        return Ok(SentForOne { requests, ..SentForOne::default() });
    };
    let batch: i64 = row.get("batch")?;
    let text = "SELECT requests FROM crossing WHERE batch = $1 \
                AND NOT EXISTS (SELECT 1 FROM crossing_row WHERE crossing_row.crossing = crossing.id) ORDER BY id";
    let perhaps = read(query(text).bind(batch.to_string()).fetch_values(store).await?)?;
    Ok(SentForOne { requests, perhaps, batch: Some(batch) })
}

/// What was sent for the rows of a page: those after one place, and not after another.
pub(crate) async fn of_rows(store: &Store, batch: i64, after: i64, to: i64) -> Result<SentForRows, Error> {
    const PAGE: &str = "crossing.batch = $1 AND crossing.place > $2 AND crossing.place <= $3";
    let asked = |text: String| composed(text).bind(batch.to_string()).bind(after).bind(to);
    let text = format!("SELECT requests FROM crossing WHERE {PAGE} ORDER BY place, id");
    let requests = read(asked(text).fetch_values(store).await?)?;
    // Of what earlier versions kept the rows are not known: it may be for any.
    let text = "SELECT requests FROM crossing WHERE batch = $1 AND place <= $2 \
                AND (id IN (SELECT crossing FROM crossing_row WHERE batch = $4 AND place > $2 AND place <= $3) \
                OR NOT EXISTS (SELECT 1 FROM crossing_row WHERE crossing_row.crossing = crossing.id)) ORDER BY id";
    let earlier = read(asked(text.to_owned()).bind(batch).fetch_values(store).await?)?;
    let text = format!(
        "SELECT DISTINCT place FROM crossing_row WHERE crossing IN (SELECT id FROM crossing WHERE {PAGE}) ORDER BY place"
    );
    Ok(SentForRows { requests, earlier, rows: asked(text).fetch_values(store).await? })
}

fn read(kept: Vec<String>) -> Result<Vec<Crossing>, Error> {
    let mut sent = Vec::new();
    for requests in kept {
        let requests: Vec<Crossing> = serde_json::from_str(&requests).map_err(|source| {
            world::store::DatabaseError::ColumnDecode { index: "requests".into(), source: source.into() }
        })?;
        sent.extend(requests);
    }
    Ok(sent)
}
