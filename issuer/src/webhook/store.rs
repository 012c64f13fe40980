//! Which messages were answered, and since when which secret counts, in the database.

use jiff::Timestamp;
use world::store::{Store, Transaction, query, stored_time};

use crate::error::Error;
use crate::number::CertificateNumber;

/// A message that a certificate answers.
pub(crate) struct Answered {
    pub(crate) id: String,
    /// Of its body, lower hex.
    pub(crate) sha256: String,
}

/// A message that was answered before.
pub(super) struct Before {
    pub(super) sha256: String,
    pub(super) number: String,
}

impl Answered {
    /// Keeps that it was answered, with its certificate.
    pub(crate) async fn record(
        &self,
        transaction: &mut Transaction<'_>,
        number: &CertificateNumber,
    ) -> Result<(), Error> {
        let text = "INSERT INTO completion_message (id, sha256, number) VALUES ($1, $2, $3)";
        query(text).bind(&self.id).bind(&self.sha256).bind(number.to_string()).execute(transaction).await?;
        Ok(())
    }
}

/// How the message of that id was answered, if it was.
pub(super) async fn answered(store: &Store, id: &str) -> Result<Option<Before>, Error> {
    let text = "SELECT sha256, number FROM completion_message WHERE id = $1";
    let row = query(text).bind(id).fetch_optional(store).await?;
    row.map(|row| Ok(Before { sha256: row.get("sha256")?, number: row.get("number")? })).transpose()
}

/// The generations of the secret, oldest first; the first begins now if there is none.
pub(super) async fn generations(store: &Store, at: Timestamp) -> Result<Vec<(i64, Timestamp)>, Error> {
    let read = async || -> Result<Vec<(i64, Timestamp)>, Error> {
        let rows =
            query("SELECT generation, since FROM completion_secret ORDER BY generation").fetch_all(store).await?;
        rows.iter().map(|row| Ok((row.get("generation")?, stored_time(row.get("since")?)?))).collect()
    };
    let kept = read().await?;
    if !kept.is_empty() {
        return Ok(kept);
    }
    let text = "INSERT INTO completion_secret (generation, since) VALUES (1, $1) ON CONFLICT (generation) DO NOTHING";
    query(text).bind(at.to_string()).execute(store).await?;
    read().await
}

/// The next generation begins.
pub(super) async fn add_generation(store: &Store, at: Timestamp) -> Result<(), Error> {
    let text = "INSERT INTO completion_secret (generation, since) \
                SELECT MAX(generation) + 1, $1 FROM completion_secret";
    query(text).bind(at.to_string()).execute(store).await?;
    Ok(())
}
