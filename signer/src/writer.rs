//! Group commit: one task writes the facts of all concurrent requests in one transaction, each caller awaits its own.
//!
//! While a transaction commits, the next facts gather; so a busy server makes few, large transactions, and a lone request
//! waits for nobody. Signatures for services of the same process are tallied per key and ride along.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use pki::Digest;
use tokio::sync::{Notify, mpsc, oneshot};

use crate::audit::head::HeadKey;
use crate::fact::{Dated, Fact};
use crate::secret::Hash;
use crate::store::SignerStore;
use crate::{Error, KeyId, audit};

/// The most facts in one transaction: a tenth of a second of the fastest key.
const LARGEST_BATCH: usize = 512;

/// How long a tally may wait for company: what a crash can leave uncounted.
const LONGEST_TALLY: Duration = Duration::from_millis(100);

/// A handle on the writing task, which ends with its last handle.
#[derive(Clone)]
pub(crate) struct Writer {
    jobs: mpsc::Sender<Job>,
    tallies: Arc<Tallies>,
}

/// A fact to be written, or nothing but the tallies; and who waits for it.
struct Job {
    dated: Option<Dated>,
    done: oneshot::Sender<Result<i64, Error>>,
}

impl Writer {
    /// Starts the task.
    pub(crate) fn start(store: SignerStore, head_key: Arc<HeadKey>) -> Writer {
        let (jobs, receiver) = mpsc::channel(LARGEST_BATCH);
        let tallies = Arc::new(Tallies::default());
        tokio::spawn(write_batches(Log { store, head_key }, receiver, tallies.clone()));
        Writer { jobs, tallies }
    }

    /// Writes a fact; when this returns, it is on disk. Gives the first ledger row of an authorization, else 0.
    pub(crate) async fn write(&self, at: Timestamp, fact: Fact) -> Result<i64, Error> {
        self.send(Some(Dated { at, fact })).await
    }

    /// Counts a signature that was made for a service of this process; written soon, not awaited.
    pub(crate) fn tally(&self, at: Timestamp, key: &KeyId, digest: &Digest) {
        self.tallies.add(at, key, digest);
    }

    /// Writes what was tallied until now.
    pub(crate) async fn flush(&self) -> Result<(), Error> {
        self.send(None).await.map(drop)
    }

    async fn send(&self, dated: Option<Dated>) -> Result<i64, Error> {
        let (done, written) = oneshot::channel();
        self.jobs.send(Job { dated, done }).await.map_err(|_| Error::Stopped)?;
        written.await.map_err(|_| Error::Stopped)?
    }
}

/// Where batches go, and the key that signs what they come to.
struct Log {
    store: SignerStore,
    head_key: Arc<HeadKey>,
}

impl Log {
    async fn record(&self, facts: &[&Dated]) -> Result<Vec<i64>, Error> {
        self.store.record(facts, &self.head_key).await
    }
}

async fn write_batches(log: Log, mut receiver: mpsc::Receiver<Job>, tallies: Arc<Tallies>) {
    let mut open = true;
    let mut tallied = Vec::new();
    while open {
        let mut jobs = Vec::new();
        tokio::select! {
            count = receiver.recv_many(&mut jobs, LARGEST_BATCH) => open = count > 0,
            () = tallies.grown.notified() => {
                let next = tokio::time::timeout(LONGEST_TALLY, receiver.recv_many(&mut jobs, LARGEST_BATCH)).await;
                open = next != Ok(0);
            }
        }
        tallied.extend(tallies.take());
        tallied = write_batch(&log, tallied, jobs).await;
    }
}

/// Writes tallies and jobs in one transaction; if that fails, each alone, so that one bad fact harms no other. Gives the
/// tallies that could not be written: they are tried again with the next batch.
async fn write_batch(log: &Log, tallied: Vec<Dated>, jobs: Vec<Job>) -> Vec<Dated> {
    let facts = tallied.iter().chain(jobs.iter().filter_map(|job| job.dated.as_ref())).collect::<Vec<_>>();
    let mut results = match log.record(&facts).await {
        Ok(rows) => rows.into_iter().map(Ok).collect(),
        Err(error) if facts.len() == 1 => vec![Err(error)],
        Err(_) => one_by_one(log, &facts).await,
    }
    .into_iter();
    let mut unwritten = Vec::new();
    for (dated, result) in tallied.into_iter().zip(results.by_ref()) {
        if let Err(error) = result {
            tracing::error!(%error, "signatures of this process could not be counted yet");
            unwritten.push(dated);
        }
    }
    for job in jobs {
        let result = if job.dated.is_some() { results.next().expect("one result for each fact") } else { Ok(0) };
        let _ = job.done.send(result); // the caller may have gone; the fact stays written
    }
    unwritten
}

async fn one_by_one(log: &Log, facts: &[&Dated]) -> Vec<Result<i64, Error>> {
    let mut results = Vec::with_capacity(facts.len());
    for fact in facts {
        results.push(log.record(&[fact]).await.map(|rows| rows[0]));
    }
    results
}

/// Signatures that were made for services of this process and are not written yet.
#[derive(Default)]
struct Tallies {
    keys: Mutex<HashMap<KeyId, Tally>>,
    grown: Notify,
}

struct Tally {
    last: Timestamp,
    count: u64,
    digests: [u8; 32],
}

impl Tallies {
    fn add(&self, at: Timestamp, key: &KeyId, digest: &Digest) {
        let mut keys = self.keys.lock().expect("no code panics while it holds the tallies");
        match keys.get_mut(key) {
            Some(tally) => tally.add(at, digest),
            None => {
                let mut tally = Tally { last: at, count: 0, digests: [0; 32] };
                tally.add(at, digest);
                keys.insert(key.clone(), tally);
            }
        }
        drop(keys);
        self.grown.notify_one();
    }

    fn take(&self) -> Vec<Dated> {
        let keys = std::mem::take(&mut *self.keys.lock().expect("no code panics while it holds the tallies"));
        let dated = |(key, tally): (KeyId, Tally)| Dated {
            at: tally.last,
            fact: Fact::SignedInside { key, count: tally.count, digests: Hash(tally.digests) },
        };
        keys.into_iter().map(dated).collect()
    }
}

impl Tally {
    fn add(&mut self, at: Timestamp, digest: &Digest) {
        self.last = at;
        self.count += 1;
        self.digests = audit::follow(&self.digests, digest.as_bytes());
    }
}
