//! What can be done about a batch that is there: pause, resume, cancel, try again what failed.

use world::store::{Dialect, composed, query};

use super::store;
use crate::api::{Batch, BatchState};
use crate::error::Error;
use crate::issue::Issuer;
use crate::reasons::CANCELLED;
use crate::store as certificates;

impl Issuer {
    /// Lets nobody take rows of it any more. Those in hand are finished.
    ///
    /// # Errors
    /// [`Error::UnknownBatch`]; [`Error::BatchState`] if it is not at work.
    pub async fn pause_batch(&self, id: i64) -> Result<Batch, Error> {
        self.turn(id, &[BatchState::Running], BatchState::Paused, "paused").await
    }

    /// Goes on with a batch that was paused or stopped; one that waits for a service tries it at once.
    ///
    /// # Errors
    /// [`Error::UnknownBatch`]; [`Error::BatchState`] if it is over.
    pub async fn resume_batch(&self, id: i64) -> Result<Batch, Error> {
        let from = [BatchState::Paused, BatchState::Stopped, BatchState::Running];
        self.turn(id, &from, BatchState::Running, "resumed").await
    }

    /// Ends a batch: what is not issued now will not be by it. Numbers that were taken are given up, and have that reason.
    ///
    /// # Errors
    /// [`Error::UnknownBatch`]; [`Error::BatchState`] if it is over.
    pub async fn cancel_batch(&self, id: i64) -> Result<Batch, Error> {
        let from = [BatchState::Running, BatchState::Paused, BatchState::Stopped];
        let cancelled = self.turn(id, &from, BatchState::Cancelled, "cancelled").await;
        // Also if it was cancelled before: whoever did may have been killed here.
        if cancelled.is_ok() || self.stored_batch(id).await?.state == BatchState::Cancelled {
            self.end_rows(id).await?;
        }
        cancelled?;
        self.batch(id).await
    }

    /// Tries every row again that failed for a reason that may be gone.
    ///
    /// # Errors
    /// [`Error::UnknownBatch`]; [`Error::BatchState`] if it was cancelled; [`Error::NothingToRetry`].
    pub async fn retry_batch(&self, id: i64) -> Result<Batch, Error> {
        self.stored_batch(id).await?;
        let mut turn = self.world.store.turn().await?;
        let mut transaction = turn.begin().await?;
        store::take_from_hand(&mut transaction, id).await?; // what stopped it stops it no second time
        // Whoever cancels it meanwhile waits here: either finds the rows queued, or they stay as they are.
        let text =
            "UPDATE batch SET outages = outages WHERE id = $1 AND state IN ('running', 'paused', 'stopped', 'done')";
        if query(text).bind(id).execute(&mut transaction).await? == 0 {
            return Err(refused(id, "retried", BatchState::Cancelled));
        }
        let text = "UPDATE batch_row SET state = 'queued', open = 1, attempts = 0, not_before = 0, done_at = NULL, problem = NULL, \
                    problem_ja = NULL WHERE batch = $1 AND state = 'failed' AND retryable = 1";
        let rows = query(text).bind(id).execute(&mut transaction).await?;
        if rows == 0 {
            drop(transaction);
            drop(turn);
            let failed = store::progress(&self.world.store, id).await?.rows.failed;
            return Err(Error::NothingToRetry { id, failed });
        }
        let text = "UPDATE batch SET state = 'running', problem = NULL, problem_ja = NULL, outages = 0, not_before = 0 \
                    WHERE id = $1 AND state IN ('done', 'stopped')";
        query(text).bind(id).execute(&mut transaction).await?;
        transaction.commit().await?;
        drop(turn);
        self.works.wake();
        self.batch(id).await
    }

    async fn turn(&self, id: i64, from: &[BatchState], to: BatchState, wanted: &'static str) -> Result<Batch, Error> {
        let batch = self.stored_batch(id).await?;
        if batch.state != to && !store::change(&self.world.store, id, from, to).await? {
            let found = self.stored_batch(id).await?.state; // which it may have come to meanwhile, by somebody who wants the same
            if found != to {
                return Err(refused(id, wanted, found));
            }
        }
        if to == BatchState::Paused {
            store::finish(&self.world.store, id).await?; // all of it may be done already
        }
        if batch.state == to && to == BatchState::Running {
            store::change(&self.world.store, id, from, to).await?; // it waits no longer
        }
        self.works.wake();
        self.batch(id).await
    }

    /// Whoever has rows in hand loses them: what comes of them is not kept.
    async fn end_rows(&self, id: i64) -> Result<(), Error> {
        let at = world::time::whole_seconds(self.world.clock.now());
        let now = store::now(&self.world.store).await?;
        let mut turn = self.world.store.turn().await?;
        let mut transaction = turn.begin().await?;
        // Locked in the order in which whoever has them in hand settles them.
        let lock = if transaction.dialect() == Dialect::Postgres { " FOR UPDATE" } else { "" };
        let text = format!(
            "WITH left_over AS MATERIALIZED (SELECT place FROM batch_row WHERE batch = $1 AND open = 1 ORDER BY place{lock}) \
             UPDATE batch_row SET state = 'cancelled', open = 0, lease = NULL, retryable = 0, done_at = $2 \
             WHERE batch = $1 AND open = 1 AND place IN (SELECT place FROM left_over)"
        );
        composed(text).bind(id).bind(now).execute(&mut transaction).await?;
        // What another batch has in hand, or comes to, goes on to wait for that.
        let text = "SELECT r.number AS number, r.place AS place FROM batch_row r \
                    WHERE r.batch = $1 AND r.state IN ('cancelled', 'failed') AND r.number IS NOT NULL AND NOT EXISTS \
                    (SELECT 1 FROM batch_row o WHERE o.number = r.number AND o.open = 1 AND o.batch <> r.batch)";
        for row in query(text).bind(id).fetch_all(&mut transaction).await? {
            let reason = format!("{CANCELLED} ({})", store::called(id, row.get("place")?));
            certificates::give_up(&mut transaction, &row.get::<String>("number")?.parse()?, &reason, at).await?;
        }
        Ok(transaction.commit().await?)
    }
}

fn refused(id: i64, wanted: &'static str, state: BatchState) -> Error {
    Error::BatchState { id, wanted, found: state.name().to_owned() }
}
