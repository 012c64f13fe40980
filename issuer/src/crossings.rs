//! What the key server was sent for a certificate: kept beside it, in the same transaction, or for an attempt that failed.

use sealing::Crossing;
use world::store::{On, Store, query};

use crate::error::Error;
use crate::number::CertificateNumber;

/// Keeps what was sent for a certificate, or for several of a batch at once.
pub(crate) async fn keep<'c>(
    on: impl Into<On<'c>>,
    number: Option<&CertificateNumber>,
    batch: Option<&str>,
    sent: &[Crossing],
) -> Result<(), Error> {
    if sent.is_empty() {
        return Ok(());
    }
    let requests = serde_json::to_string(sent).expect("texts, numbers and times can be written as JSON");
    query("INSERT INTO crossing (number, batch, requests) VALUES ($1, $2, $3)")
        .bind(number.map(ToString::to_string))
        .bind(batch)
        .bind(requests)
        .execute(on)
        .await?;
    Ok(())
}

/// What was sent for that certificate alone, in its order, also by attempts that failed.
pub(crate) async fn of_certificate(store: &Store, number: &CertificateNumber) -> Result<Vec<Crossing>, Error> {
    let text = "SELECT requests FROM crossing WHERE number = $1 ORDER BY id";
    read(query(text).bind(number.to_string()).fetch_values(store).await?)
}

/// What was sent for that batch, in its order.
pub(crate) async fn of_batch(store: &Store, batch: &str) -> Result<Vec<Crossing>, Error> {
    read(query("SELECT requests FROM crossing WHERE batch = $1 ORDER BY id").bind(batch).fetch_values(store).await?)
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
