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
mod likes;
mod options;
mod outage;
mod results;
mod standings;
mod store;
mod together;
mod work;

pub(crate) use http::routes;
pub use store::RowContent;
pub(crate) use store::rows_of_numbers;
pub(crate) use work::Works;

use std::collections::BTreeSet;
use std::path::Path;

use world::store::postgres::Database;

use crate::api::{self, BatchState};
use crate::error::Error;
use crate::issue::Issuer;
use crate::number::CertificateNumber;
use crate::register::Words;

/// The most batches that are listed at a time.
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
    /// The newest batches that are older than one, or of all; newest first, at most 1000.
    ///
    /// # Errors
    /// [`Error::SearchUnusable`] for a limit that is none; [`Error::Database`] if the world's database cannot be read.
    pub async fn batches(&self, query: &api::BatchesQuery) -> Result<api::Batches, Error> {
        let limit = query.limit.unwrap_or(MOST_LISTED);
        if !(1..=MOST_LISTED).contains(&limit) {
            let (expected, expected_ja) = (format!("1 to {MOST_LISTED}"), format!("1 から {MOST_LISTED} までの数"));
            return Err(Error::SearchUnusable { member: "limit", expected, expected_ja, found: limit.to_string() });
        }
        let mut batches = Vec::new();
        for batch in store::batches(&self.world.store, query.before.unwrap_or(i64::MAX), limit).await? {
            batches.push(self.shown(batch).await?);
        }
        let next = batches.last().filter(|_| batches.len() as u32 == limit).map(|batch| batch.id);
        Ok(api::Batches { batches, next })
    }

    /// The batch of that number, as far as it is.
    ///
    /// # Errors
    /// [`Error::UnknownBatch`] if there is none; [`Error::Database`].
    pub async fn batch(&self, id: i64) -> Result<api::Batch, Error> {
        self.shown(self.stored_batch(id).await?).await
    }

    /// What some rows of a batch say, after that row, in the order of the file.
    ///
    /// # Errors
    /// [`Error::Database`] if the world's database cannot be read.
    pub async fn contents_of_batch(&self, id: i64, after: i64, limit: u32) -> Result<Vec<RowContent>, Error> {
        store::contents(&self.world.store, id, after, limit).await
    }

    /// What these rows of a batch say.
    ///
    /// # Errors
    /// [`Error::Database`] if the world's database cannot be read.
    pub async fn contents_at(&self, id: i64, rows: &[i64]) -> Result<Vec<RowContent>, Error> {
        store::contents_at(&self.world.store, id, rows).await
    }

    /// What the row says that has this number, whatever became of it.
    ///
    /// # Errors
    /// [`Error::Database`] if the world's database cannot be read.
    pub async fn content_of_number(&self, number: &CertificateNumber) -> Result<Option<RowContent>, Error> {
        store::content_of(&self.world.store, number).await
    }

    async fn stored_batch(&self, id: i64) -> Result<store::Stored, Error> {
        store::batch(&self.world.store, id).await?.ok_or(Error::UnknownBatch { id })
    }

    async fn shown(&self, batch: store::Stored) -> Result<api::Batch, Error> {
        let store::Progress { rows, rate, noted } = store::progress(&self.world.store, batch.id).await?;
        let rate = rate.filter(|_| batch.state == BatchState::Running);
        let left = rate.map(|rate| (rows.left() as f64 / rate).ceil() as u64);
        let unwritten = self.works.unwritten().filter(|_| batch.state == BatchState::Running);
        let (problem, problem_ja) = match unwritten {
            Some(Words { en, ja }) => (Some(en), Some(ja)),
            None => (batch.problem, batch.problem_ja),
        };
        let (notes, notes_ja) = batch.notes.into_iter().map(|Words { en, ja }| (en, ja)).unzip();
        Ok(api::Batch {
            address: format!("{}/issuer/api/batches/{}", self.world.base, batch.id),
            created_at: batch.created_at,
            id: batch.id,
            level: batch.options.level,
            level_at_least: batch.options.level_at_least,
            name: batch.name,
            noted,
            notes,
            notes_ja,
            organization: batch.options.organization,
            problem,
            problem_ja,
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
