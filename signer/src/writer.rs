//! Group commit: one task writes the events of all concurrent requests in one transaction, each caller awaits its own.
//!
//! While a transaction commits, the next events gather; so a busy server makes few, large transactions, and a lone request
//! waits for nobody. Signatures for services of the same process are tallied per key and ride along: not awaited if the last
//! transaction was written a moment ago and left plenty of room on the disk; awaited otherwise; and refused from the first
//! transaction on that could not be written, until one is. What could not be counted is kept and tried again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use pki::Digest;
use tokio::sync::{Notify, mpsc, oneshot};
use world::clock::Clock;
use world::seldom::Seldom;

use crate::audit::head::HeadKey;
use crate::secret::Hash;
use crate::security_event::{Dated, SecurityEvent};
use crate::store::{Place, SignerStore};
use crate::{Error, KeyId, audit};

/// The most events in one transaction: a tenth of a second of the fastest key.
const LARGEST_BATCH: usize = 512;

/// How long a tally may wait for company: what a crash can leave uncounted.
const LONGEST_TALLY: Duration = Duration::from_millis(100);

/// How long after a transaction the next one is taken for granted: what leaves until then is counted a moment later.
const TRUST: Duration = Duration::from_millis(200);

/// After so many events a part of what has expired is forgotten.
const EVENTS_PER_CLEARING: usize = 2_000;

/// A handle on the writing task, which ends with its last handle.
#[derive(Clone)]
pub(crate) struct Writer {
    jobs: mpsc::Sender<Job>,
    tallies: Arc<Tallies>,
}

/// An event to be written, or nothing but the tallies; and who waits for it.
struct Job {
    dated: Option<Dated>,
    done: oneshot::Sender<Result<i64, Error>>,
}

impl Writer {
    /// Starts the task.
    pub(crate) fn start(store: SignerStore, head_key: Arc<HeadKey>, clock: Clock) -> Writer {
        let (jobs, receiver) = mpsc::channel(LARGEST_BATCH);
        let tallies = Arc::new(Tallies::default());
        tokio::spawn(write_batches(Log { store, head_key }, clock, receiver, tallies.clone()));
        Writer { jobs, tallies }
    }

    /// Writes an event; when this returns, it is on disk. Gives the first ledger row of an authorization, else 0.
    pub(crate) async fn write(&self, at: Timestamp, event: SecurityEvent) -> Result<i64, Error> {
        self.send(Some(Dated { at, event })).await
    }

    /// Counts a signature that was made for a service of this process; when this returns it is written, or will be soon.
    ///
    /// # Errors
    /// If it cannot be written now: then the signature must not leave.
    pub(crate) async fn tally(&self, at: Timestamp, key: &KeyId, digest: &Digest) -> Result<(), Error> {
        self.tallies.add(at, key, digest);
        if self.tallies.just_written() { Ok(()) } else { self.flush().await }
    }

    /// Whether signatures can be counted, as far as that is known: if the last attempt failed, another one is made.
    pub(crate) async fn check(&self) -> Result<(), Error> {
        if self.tallies.state().failed { self.flush().await } else { Ok(()) }
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
    async fn record(&self, events: &[&Dated]) -> Result<Vec<i64>, Error> {
        self.store.record(events, &self.head_key).await
    }
}

async fn write_batches(log: Log, clock: Clock, mut receiver: mpsc::Receiver<Job>, tallies: Arc<Tallies>) {
    let mut open = true;
    let mut tallied = Vec::new();
    let (mut place, mut events) = (Place::default(), EVENTS_PER_CLEARING);
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
        events += tallied.len() + jobs.len();
        tallied = write_batch(&log, tallied, jobs, &tallies).await;
        if events >= EVENTS_PER_CLEARING && tallied.is_empty() {
            events = 0;
            place = forget_expired(&log.store, place, &clock).await;
        }
    }
}

// Each signature of a client meets it as long as it lasts.
static UNCOUNTED: Seldom = Seldom::new(|times, error| {
    tracing::error!(times, %error, "signatures of this process could not be counted yet");
});

/// Room that is not made now is made the next time.
async fn forget_expired(store: &SignerStore, place: Place, clock: &Clock) -> Place {
    match store.forget_expired(place.clone(), clock.now()).await {
        Ok(next) => next,
        Err(Error::Database(world::store::DatabaseError::PoolClosed)) => place, // a clean stop does not wait for this
        Err(error) if world::store::is_gone(&error) => place, // another server deleted the world, or made it anew
        Err(error) => {
            tracing::warn!(%error, "what has expired could not be forgotten yet");
            place
        }
    }
}

/// Writes tallies and jobs in one transaction; if that fails, each alone, so that one bad event harms no other. Gives the
/// tallies that could not be written: they are tried again with the next batch.
async fn write_batch(log: &Log, tallied: Vec<Dated>, jobs: Vec<Job>, tallies: &Tallies) -> Vec<Dated> {
    let events = tallied.iter().chain(jobs.iter().filter_map(|job| job.dated.as_ref())).collect::<Vec<_>>();
    let recorded = log.record(&events).await;
    let refused = recorded.as_ref().is_err_and(Error::refuses_all);
    let results: Vec<_> = match recorded {
        Ok(rows) => rows.into_iter().map(Ok).collect(),
        Err(error) if events.len() == 1 => vec![Err(error)],
        Err(error) if refused => {
            let cause = Arc::new(error);
            events.iter().map(|_| Err(Error::Unwritten { cause: cause.clone() })).collect()
        }
        Err(_) => one_by_one(log, &events).await,
    };
    if results[..tallied.len()].iter().any(Result::is_err) || refused {
        tallies.attempted(false, false);
    } else if results.iter().any(Result::is_ok) {
        tallies.attempted(true, log.store.has_plenty_of_room());
    }
    let mut results = results.into_iter();
    let mut unwritten = Vec::new();
    let mut failure = None;
    for (dated, result) in tallied.into_iter().zip(results.by_ref()) {
        if let Err(error) = result {
            UNCOUNTED.happened(&error);
            unwritten.push(dated);
            failure = Some(Arc::new(error));
        }
    }
    for job in jobs {
        let result = match (&job.dated, &failure) {
            (Some(_), _) => results.next().expect("one result for each event"),
            (None, Some(cause)) => Err(Error::Unwritten { cause: cause.clone() }),
            (None, None) => Ok(0),
        };
        let _ = job.done.send(result); // the caller may have gone; the event stays written
    }
    unwritten
}

async fn one_by_one(log: &Log, events: &[&Dated]) -> Vec<Result<i64, Error>> {
    let mut results = Vec::with_capacity(events.len());
    for event in events {
        results.push(log.record(&[event]).await.map(|rows| rows[0]));
    }
    results
}

/// Signatures that were made for services of this process and are not written yet.
#[derive(Default)]
struct Tallies {
    keys: Mutex<HashMap<KeyId, Tally>>,
    grown: Notify,
    state: Mutex<State>,
}

/// How writing went of late.
#[derive(Clone, Copy, Default)]
struct State {
    /// When a transaction was written last, if it left plenty of room.
    written: Option<Instant>,
    /// Whether tallies could not be written since.
    failed: bool,
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

    fn state(&self) -> State {
        *self.state.lock().expect("no code panics while it holds the state")
    }

    fn just_written(&self) -> bool {
        let State { written, failed } = self.state();
        !failed && written.is_some_and(|at| at.elapsed() < TRUST)
    }

    fn attempted(&self, written: bool, plenty_of_room: bool) {
        let state = State { written: (written && plenty_of_room).then(Instant::now), failed: !written };
        *self.state.lock().expect("no code panics while it holds the state") = state;
    }

    fn take(&self) -> Vec<Dated> {
        let keys = std::mem::take(&mut *self.keys.lock().expect("no code panics while it holds the tallies"));
        let dated = |(key, tally): (KeyId, Tally)| Dated {
            at: tally.last,
            event: SecurityEvent::SignedInside { key, count: tally.count, digests: Hash(tally.digests) },
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
