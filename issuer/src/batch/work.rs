//! Who works on batches, and what happens when a service is away. In: a world's database with batches. Out: rows that are settled.
//!
//! A process works on twice as many leases at a time as it has processors, in the pool in which documents are made: whoever wants one
//! certificate in between waits for some pages, not for a batch. Waits are in real time: the world's clock may stand.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, timeout};
use world::pool::processors;
use world::seldom::Seldom;

use super::chunk::Chunk;
use super::outage::Outages;
use super::store::{self, Lease};
use crate::error::Error;
use crate::issue::Issuer;
use crate::register::Words;

/// How many leases a process has in hand for each processor: while the rows of one are written down, those of another are made.
const LEASES: usize = 2;

/// How many rows a lease is for: their files are in memory together, and their digests in one request. A worker begins with few, and
/// takes more each time that it comes to their end: one that is killed soon has finished some.
const ROWS: std::ops::RangeInclusive<u32> = 8..=64;

/// How often it is said that rows are still worked on.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// How often it is looked for rows while there is a batch.
const LOOK: Duration = Duration::from_millis(250);

/// How often it is tried to begin where nothing can be written.
const TRY_TO_BEGIN: Duration = Duration::from_secs(2);

/// How long rows in hand may take to their next step when the work ends.
const AT_THE_END: Duration = Duration::from_secs(15);

/// On a full disk it is looked for rows as often as else.
static NOT_TAKEN: Seldom =
    Seldom::new(|times, error| tracing::warn!(times, %error, "batches wait: no rows can be taken"));

/// What is done about the batches of a world in this process.
#[derive(Default)]
pub(crate) struct Works {
    task: Mutex<Option<JoinHandle<()>>>,
    wake: Notify,
    /// Told when nothing is in hand and nothing to take: a batch may be done.
    pub(super) settled: Notify,
    ending: AtomicBool,
    /// Whether there was a batch to work on when it was looked last.
    busy: AtomicBool,
    /// What rows do without.
    pub(super) outages: Outages,
    /// Why nothing can be written down now, if it cannot: that cannot be written either.
    unwritten: Mutex<Option<Words>>,
}

impl Works {
    /// There may be something to do.
    pub(super) fn wake(&self) {
        self.wake.notify_one();
    }

    /// Why nothing can be written down now, if it cannot.
    pub(super) fn unwritten(&self) -> Option<Words> {
        self.unwritten.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps that a write failed, or that one went well again.
    fn wrote<T>(&self, written: &Result<T, Error>) {
        let why = written.as_ref().err().map(Error::in_both);
        *self.unwritten.lock().unwrap_or_else(PoisonError::into_inner) = why;
    }

    fn is_ending(&self) -> bool {
        self.ending.load(Ordering::Acquire)
    }

    fn task(&self) -> std::sync::MutexGuard<'_, Option<JoinHandle<()>>> {
        self.task.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long it is waited before something is tried again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Backoff {
    first: i64,
    most: i64,
}

impl Default for Backoff {
    /// From a second to a minute.
    fn default() -> Backoff {
        Backoff { first: 1_000, most: 60_000 }
    }
}

impl Backoff {
    /// In milliseconds: twice as long after each attempt, up to half of it left to chance so that not all come back at once; and never
    /// earlier than the service wants, in seconds.
    pub(super) fn after(self, attempts: u32, wanted: Option<u32>) -> i64 {
        let full = self.first.saturating_mul(1 << attempts.saturating_sub(1).min(16)).min(self.most);
        let chance = i64::from(u16::from_be_bytes(world::random::bytes::<2>()));
        let some = full / 2 + full / 2 * chance / i64::from(u16::MAX);
        some.max(wanted.map_or(0, |seconds| i64::from(seconds) * 1000))
    }
}

impl Issuer {
    /// Begins to work on the world's batches in this process: on those that are there, and on those to come.
    pub fn begin_work(&self) {
        let mut task = self.works.task();
        if task.is_none() {
            self.works.ending.store(false, Ordering::Release);
            *task = Some(tokio::spawn(work(self.clone())));
        }
    }

    /// Ends it. Rows in hand come to the next of their steps, and go back; whoever begins next takes them up.
    pub async fn end_work(&self) {
        self.works.ending.store(true, Ordering::Release);
        let task = self.works.task().take();
        self.works.wake();
        if let Some(mut task) = task
            && timeout(AT_THE_END, &mut task).await.is_err()
        {
            task.abort();
            let _ended = task.await;
        }
    }

    /// There is a batch, as somebody found out who looked for those of all worlds.
    pub fn look_for_work(&self) {
        self.works.wake();
    }

    /// Whether there is a batch to work on in this process.
    pub fn is_at_work(&self) -> bool {
        self.works.task().is_some() && self.works.busy.load(Ordering::Acquire)
    }
}

async fn work(issuer: Issuer) {
    let works = issuer.works.clone();
    while let Err(error) = begin(&issuer).await {
        if works.is_ending() {
            return;
        }
        tracing::warn!(%error, "batches wait: the database cannot be written");
        let _woken = timeout(TRY_TO_BEGIN, works.wake.notified()).await;
    }
    let (mut in_hand, mut rows) = (JoinSet::new(), *ROWS.start());
    while !works.is_ending() {
        while in_hand.len() < LEASES * processors() && !works.is_ending() {
            let lease = store::lease(&issuer.world.store, rows).await;
            if !matches!(lease, Ok(None)) {
                works.wrote(&lease);
            }
            match lease {
                Ok(Some(lease)) => {
                    works.busy.store(true, Ordering::Release);
                    in_hand.spawn(work_on(issuer.clone(), lease));
                }
                Ok(None) => {
                    if in_hand.is_empty() {
                        works.settled.notify_waiters();
                    }
                    break;
                }
                Err(error) => {
                    NOT_TAKEN.happened(error);
                    break;
                }
            }
        }
        let running = store::any_running(&issuer.world.store).await.unwrap_or(true);
        works.busy.store(running || !in_hand.is_empty(), Ordering::Release);
        tokio::select! {
            Some(finished) = in_hand.join_next(), if !in_hand.is_empty() => {
                if finished.is_ok_and(|finished| finished) {
                    rows = (rows * 2).min(*ROWS.end());
                }
            }
            () = pause(&issuer, running) => {}
        }
    }
    while in_hand.join_next().await.is_some() {}
}

/// What an earlier process, or an earlier program, left is put in order first.
async fn begin(issuer: &Issuer) -> Result<(), Error> {
    crate::store::complete_keys(&issuer.world.store, &issuer.organizations[0]).await?;
    store::free_leases(&issuer.world.store).await
}

/// Until there may be something to do. Batches that other processes take are told by whoever looks for those of all worlds.
async fn pause(issuer: &Issuer, running: bool) {
    let woken = issuer.works.wake.notified();
    match running {
        true => drop(timeout(LOOK, woken).await),
        false => woken.await,
    }
}

/// Works on rows to the end, whatever that is, and says all the while that it does; gives whether they could be worked on.
async fn work_on(issuer: Issuer, lease: Lease) -> bool {
    let (worker, begun) = ((issuer.clone(), lease.clone()), Instant::now());
    let mut done = Box::pin(issuer.world.pools.documents.run(async move {
        let (issuer, lease) = worker;
        let backoff = Backoff::default();
        Chunk { issuer: &issuer, lease: &lease, backoff, begun, ending: &issuer.works.ending }.work().await
    }));
    let mut heart = tokio::time::interval(HEARTBEAT);
    heart.reset();
    let done = loop {
        tokio::select! {
            done = &mut done => break done,
            _ = heart.tick() => {
                if let Err(error) = store::renew(&issuer.world.store, &lease.token, None).await {
                    tracing::warn!(%error, batch = lease.batch.id, "a lease could not be renewed");
                }
            }
        }
    };
    if issuer.works.is_ending() {
        // What is left goes back. If that cannot be written, the lease ends by itself.
        let _given_back = store::release(&issuer.world.store, &lease.token).await;
        return false;
    }
    let left = match done {
        Ok(Ok(())) if !lease.batch.waited() || issuer.works.outages.is_lowered(lease.batch.id) => return true,
        Ok(Ok(())) => Left::Nothing,
        Ok(Err(error)) => Left::All(error),
        Err(_busy) => Left::Unbegun,
    };
    insist(&issuer, &lease, &left).await;
    matches!(left, Left::Nothing)
}

/// What is left to be written down of a lease.
enum Left {
    /// The service is back that was away.
    Nothing,
    /// Nobody had time for the rows.
    Unbegun,
    /// They could not be issued.
    All(Error),
}

impl Left {
    async fn write(&self, issuer: &Issuer, lease: &Lease) -> Result<(), Error> {
        match self {
            Left::Nothing => store::goes_on(&issuer.world.store, lease.batch.id).await,
            Left::Unbegun => store::release(&issuer.world.store, &lease.token).await,
            Left::All(error) => hold_back(issuer, lease, error).await,
        }
    }
}

/// What could not be done with all these rows is done later, or never by itself.
async fn hold_back(issuer: &Issuer, lease: &Lease, error: &Error) -> Result<(), Error> {
    let (store, id, problem) = (&issuer.world.store, lease.batch.id, error.in_both());
    let of_sealing = if let Error::Sealing(error) = error { Some(error) } else { None };
    if of_sealing.is_some_and(|error| error.is_quota() || error.is_of_certificate()) {
        tracing::warn!(batch = id, %error, "the batch is stopped");
        return store::stop(store, lease, &problem).await;
    }
    if error.may_pass_later() {
        tracing::warn!(batch = id, %error, "the batch waits");
        let outages = u32::try_from(lease.batch.outages).unwrap_or(u32::MAX).saturating_add(1);
        let wanted = of_sealing.and_then(sealing::Error::retry_after);
        let until = store::now(store).await? + Backoff::default().after(outages, wanted);
        return store::wait(store, lease, until, &problem).await;
    }
    tracing::warn!(batch = id, %error, "rows fail");
    store::fail(store, &lease.token, &problem).await
}

/// Writes it down, however long the disk is full: the rows would stay in hand.
async fn insist(issuer: &Issuer, lease: &Lease, left: &Left) {
    let mut attempts = 0;
    loop {
        let written = left.write(issuer, lease).await;
        issuer.works.wrote(&written);
        let Err(error) = written else { return };
        attempts += 1;
        tracing::warn!(%error, "a batch waits: nothing can be written down now");
        let pause = u64::try_from(Backoff::default().after(attempts, None)).unwrap_or(1_000).min(5_000);
        let _over = timeout(Duration::from_millis(pause), std::future::pending::<()>()).await;
        if issuer.works.is_ending() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_attempt_waits_longer_up_to_a_minute_and_never_less_than_the_service_wants() {
        let backoff = Backoff::default();
        for (attempts, from, to) in [(1, 500, 1_000), (2, 1_000, 2_000), (4, 4_000, 8_000), (40, 30_000, 60_000)] {
            let waits = backoff.after(attempts, None);
            assert!((from..=to).contains(&waits), "{attempts}: {waits}");
        }
        assert_eq!(backoff.after(1, Some(90)), 90_000);
    }
}
