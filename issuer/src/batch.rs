//! Batches: many certificates from one file, issued without stopping. In: rows that were read. Out: each row's certificate, or why it
//! has none.
//!
//! A row is queued → rendered → sealed → delivered, or failed with its reason; all of it stands in the world's database, so that
//! a batch that was acknowledged goes on after a crash, in whichever process. Workers take some rows at a time ([`store::lease`]),
//! have all their digests signed with one authorization, and keep the certificates in the transaction that settles the rows.
//!
//! - [`work`]: who takes rows, what happens when a service is away.
//! - [`chunk`]: from rows in hand to certificates.
//! - [`http`]: the addresses; [`intake`]: a file becomes a batch; [`archive`] and [`results`]: what comes of it.

mod archive;
mod chunk;
mod control;
mod http;
mod intake;
mod keys;
mod options;
mod outage;
mod results;
mod standings;
mod store;
mod together;
mod work;

pub(crate) use http::routes;
pub(crate) use store::rows_of_numbers;
pub(crate) use work::Works;

use std::collections::BTreeSet;
use std::path::Path;

use world::store::postgres::Database;

use crate::api::{self, BatchState, RowState};
use crate::error::Error;
use crate::issue::Issuer;
use crate::number::CertificateNumber;
use crate::register::Words;

/// The most batches that are listed.
const MOST_LISTED: u32 = 1000;

/// What a world has that has a batch to go on with.
const UNFINISHED: (&str, &str) = ("batch", "state = 'running'");

/// Whether the world in that folder, in a file, has a batch to go on with, found out without opening the world.
pub async fn has_unfinished_batch(folder: &Path) -> bool {
    world::store::has_row(folder, UNFINISHED.0, UNFINISHED.1).await == Some(true)
}

/// The worlds of a database that have a batch to go on with, found out without opening them.
///
/// # Errors
/// The database's.
pub async fn with_unfinished_batches(database: &Database) -> Result<BTreeSet<String>, world::Error> {
    database.worlds_with_row(UNFINISHED.0, UNFINISHED.1).await
}

impl Issuer {
    /// The newest batches, newest first.
    ///
    /// # Errors
    /// [`Error::Database`] if the world's database cannot be read.
    pub async fn batches(&self) -> Result<Vec<api::Batch>, Error> {
        let mut shown = Vec::new();
        for batch in store::batches(&self.world.store, MOST_LISTED).await? {
            shown.push(self.shown(batch).await?);
        }
        Ok(shown)
    }

    /// The batch of that number, as far as it is.
    ///
    /// # Errors
    /// [`Error::UnknownBatch`] if there is none; [`Error::Database`].
    pub async fn batch(&self, id: i64) -> Result<api::Batch, Error> {
        self.shown(self.stored_batch(id).await?).await
    }

    /// The rows of a batch that got their certificates by it, after that row, with their numbers.
    ///
    /// # Errors
    /// [`Error::Database`] if the world's database cannot be read.
    pub async fn issued_by_batch(
        &self,
        id: i64,
        after: i64,
        limit: u32,
    ) -> Result<Vec<(i64, CertificateNumber)>, Error> {
        let (store, delivered) = (&self.world.store, Some(RowState::Delivered));
        let rows = store::rows(store, &self.organizations[0], id, delivered, after, limit).await?;
        Ok(rows.into_iter().filter_map(|row| Some((row.row, row.number?))).collect())
    }

    async fn stored_batch(&self, id: i64) -> Result<store::Stored, Error> {
        store::batch(&self.world.store, id).await?.ok_or(Error::UnknownBatch { id })
    }

    async fn shown(&self, batch: store::Stored) -> Result<api::Batch, Error> {
        let store::Progress { rows, rate } = store::progress(&self.world.store, batch.id).await?;
        let rate = rate.filter(|_| batch.state == BatchState::Running);
        let left = rate.map(|rate| (rows.left() as f64 / rate).ceil() as u64);
        let (notes, notes_ja) = batch.notes.into_iter().map(|Words { en, ja }| (en, ja)).unzip();
        Ok(api::Batch {
            address: format!("{}/issuer/api/batches/{}", self.world.base, batch.id),
            created_at: batch.created_at,
            id: batch.id,
            level: batch.options.level,
            level_at_least: batch.options.level_at_least,
            name: batch.name,
            notes,
            notes_ja,
            organization: batch.options.organization,
            problem: self.works.unwritten().filter(|_| batch.state == BatchState::Running).or(batch.problem),
            rate: rate.map(|rate| (rate * 10.0).round() / 10.0),
            reissue: batch.options.reissue,
            rows,
            seconds_left: left,
            state: batch.state,
        })
    }
}

#[cfg(test)]
mod tests;
