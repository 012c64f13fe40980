//! How long a connection has asked for nothing, and taken all of what it was answered: then its place can be given to another, and
//! nothing is lost.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

/// What one connection is at.
#[derive(Clone)]
pub(super) struct Quiet(Arc<Mutex<State>>);

struct State {
    /// Whether a request is being answered.
    asking: bool,
    /// Whether a part of an answer waits for its peer to read.
    blocked: bool,
    since: Instant,
}

/// A request that is being answered.
pub(super) struct Asking(Quiet);

impl Quiet {
    pub(super) fn since_now() -> Quiet {
        Quiet(Arc::new(Mutex::new(State { asking: false, blocked: false, since: Instant::now() })))
    }

    /// A request begins; it ends with what this gives.
    pub(super) fn ends(&self) -> Asking {
        self.state().asking = true;
        Asking(self.clone())
    }

    /// Says whether a part of an answer could not be sent yet.
    pub(super) fn blocked(&self, blocked: bool) {
        let mut state = self.state();
        (state.blocked, state.since) = (blocked, Instant::now());
    }

    pub(super) fn lasts(&self, length: Duration) -> bool {
        let state = self.state();
        !state.asking && !state.blocked && state.since.elapsed() >= length
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no code panics while it holds it")
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        let mut state = self.0.state();
        (state.asking, state.since) = (false, Instant::now());
    }
}

/// How many places are wanted while all are taken.
#[derive(Default)]
pub(super) struct Demand {
    places: AtomicUsize,
    news: Notify,
}

impl Demand {
    /// Tells every connection that one more place is wanted.
    pub(super) fn ask(&self) {
        self.places.fetch_add(1, Ordering::AcqRel);
        self.news.notify_waiters();
    }

    /// Waits until somebody wants a place.
    pub(super) async fn asked(&self) {
        self.news.notified().await;
    }

    /// Waits until a place is wanted that whoever has been quiet for so long gives up.
    pub(super) async fn claims(&self, quiet: &Quiet, length: Duration) {
        loop {
            self.asked().await;
            if quiet.lasts(length) && self.settle() {
                return;
            }
        }
    }

    /// One place less is wanted: it was given up, or not waited for any longer. False if none was wanted any more.
    pub(super) fn settle(&self) -> bool {
        let less = |places: usize| places.checked_sub(1);
        self.places.fetch_update(Ordering::AcqRel, Ordering::Acquire, less).is_ok()
    }
}
