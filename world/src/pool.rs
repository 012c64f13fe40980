//! Where work is done that keeps a processor busy: verdicts, documents. In: a piece of work, as a future. Out: its result, or
//! that there is no room.
//!
//! Each pool has threads of its own, as many as there are processors, so that its work is no other request's time: the
//! services' threads go on answering, and the system shares the processors out. Work that finds no room, or whose turn does not
//! come within two seconds, is not begun: whoever wants it is told to come again, which costs next to nothing.
//!
//! Work of a pool waits for no other piece of the same pool: what is taken gets done.

use std::future::Future;
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::problem::Problem;
use crate::server::Received;
use crate::to_the_end::holding_on;

/// How much work waits for each processor: a document takes some ten milliseconds of one.
const WAITING: usize = 32;

/// How long work waits for its turn. A person at a screen waits no longer, and a program comes again.
const PATIENCE: Duration = Duration::from_secs(2);

/// When there is probably room again, in seconds.
const SOON: u32 = 2;

/// The pools of a process, which all its worlds share. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Pools {
    /// Verdicts over files of strangers. Apart from the documents, so that hostile files stop nobody from issuing.
    pub verdicts: Pool,
    /// Certificates that are issued, and files that are sealed.
    pub documents: Pool,
    /// RSA keys, which take some tenths of a second each, and seconds if they are large.
    pub keys: Background,
    /// Registers that are read and tried without issuing anything.
    pub registers: Background,
}

/// How many processors there are for this process.
pub fn processors() -> usize {
    std::thread::available_parallelism().map_or(2, NonZero::get)
}

/// Some threads, and how much work they take. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Pool {
    threads: usize,
    room: Arc<Semaphore>,
    places: usize,
    turned_away: Arc<AtomicU64>,
    runtime: Arc<OnceLock<Threads>>,
}

/// There is no room for more work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too much is being worked on already; try again in {SOON} seconds")]
pub struct Busy;

impl Default for Pool {
    /// A thread for each processor, and at least two: one piece of work that takes long leaves another.
    fn default() -> Pool {
        let threads = processors().max(2);
        Pool::new(threads, threads * WAITING)
    }
}

impl Pool {
    /// A pool of so many threads, which are started when they are first needed, and that many pieces of work that wait.
    pub fn new(threads: usize, waiting: usize) -> Pool {
        let places = threads + waiting;
        let room = Arc::new(Semaphore::new(places));
        Pool { threads, room, places, turned_away: Arc::default(), runtime: Arc::default() }
    }

    /// Takes a place for a piece of work, before anything is done for it.
    ///
    /// # Errors
    /// [`Busy`] if there is no room.
    pub fn enter(&self) -> Result<Place, Busy> {
        let place = self.room.clone().try_acquire_owned().map_err(|_| self.busy())?;
        Ok(Place { pool: self.clone(), place })
    }

    fn busy(&self) -> Busy {
        self.turned_away.fetch_add(1, Ordering::Relaxed);
        Busy
    }

    /// How many pieces of work are done or wait now.
    pub fn taken(&self) -> usize {
        self.places - self.room.available_permits()
    }

    /// How many may be.
    pub fn places(&self) -> usize {
        self.places
    }

    /// How many were sent away, for want of room or since their turn did not come in time.
    pub fn turned_away(&self) -> u64 {
        self.turned_away.load(Ordering::Relaxed)
    }

    /// Does a piece of work, if there is room.
    ///
    /// # Errors
    /// [`Busy`] if there is none, and as for [`Place::run`].
    pub async fn run<T: Send + 'static>(&self, work: impl Future<Output = T> + Send + 'static) -> Result<T, Busy> {
        self.enter()?.run(work).await
    }
}

/// Threads for work that takes long, and that nobody else is to notice: one a processor, which get processor time when no others want it.
/// All work is taken, and waits for its turn as long as it has to. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Background(Arc<OnceLock<Threads>>);

impl Background {
    /// Does a piece of work that keeps its thread busy.
    ///
    /// # Panics
    /// If the work does.
    pub async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> T {
        let threads = self.0.get_or_init(|| Threads::start(processors(), Priority::Low));
        match threads.runtime().spawn(async { work() }).await {
            Ok(done) => done,
            Err(failed) => match failed.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => std::future::pending().await, // the process ends, and this with it
            },
        }
    }
}

/// Room for one piece of work. It is given back with this value, or when the work is done.
#[derive(Debug)]
pub struct Place {
    pool: Pool,
    place: OwnedSemaphorePermit,
}

impl Place {
    /// Does the work. What was begun is done to its end, even if nobody waits for it any more.
    ///
    /// # Errors
    /// [`Busy`] if its turn does not come in time, or the process ends.
    pub async fn run<T: Send + 'static>(self, work: impl Future<Output = T> + Send + 'static) -> Result<T, Busy> {
        let Place { pool, place } = self;
        let (received, turn) = (Received::being_answered(), Turn::default());
        let begun = turn.clone();
        let threads = pool.runtime.get_or_init(|| Threads::start(pool.threads, Priority::Same));
        let mut work = threads.runtime().spawn(holding_on(async move {
            let _until_then = (place, received);
            if begun.take() { Some(work.await) } else { None }
        }));
        let demand = Demand(&turn);
        let done = match timeout(PATIENCE, &mut work).await {
            Ok(done) => done,
            Err(_) if turn.take() => return Err(pool.busy()),
            Err(_) => work.await,
        };
        drop(demand);
        match done {
            Ok(result) => result.ok_or(Busy),
            Err(failed) => match failed.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic), // the server answers it like any other
                Err(_) => Err(Busy),
            },
        }
    }
}

/// Whether work is begun or not wanted any more is decided once.
#[derive(Clone, Default)]
struct Turn(Arc<AtomicBool>);

impl Turn {
    /// Decides, if nobody has.
    fn take(&self) -> bool {
        !self.0.swap(true, Ordering::AcqRel)
    }
}

/// Somebody waits for the work. When that ends, work whose turn has not come is not begun.
struct Demand<'a>(&'a Turn);

impl Drop for Demand<'_> {
    fn drop(&mut self) {
        self.0.take();
    }
}

impl From<Busy> for Problem {
    fn from(busy: Busy) -> Problem {
        Problem::unavailable(busy, SOON)
    }
}

/// A runtime of its own. The services' runtime must not wait for it to end.
#[derive(Debug)]
struct Threads(Option<Runtime>);

/// Whether threads get as much time of the processors as others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Priority {
    Same,
    Low,
}

/// What `nice` gives: a tenth of the time that others want, and all that they leave.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

impl Priority {
    fn apply(self) {
        #[cfg(target_os = "linux")] // where it is the thread's own; elsewhere it would be the process's
        if self == Priority::Low
            && let Err(error) = rustix::process::setpriority_process(None, NICE)
        {
            tracing::debug!(%error, "keys are made with the priority of everything else");
        }
    }
}

impl Threads {
    fn start(threads: usize, priority: Priority) -> Threads {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(threads).thread_name("pool").enable_all().on_thread_start(move || priority.apply());
        let runtime = builder.build();
        Threads(Some(runtime.expect("the system gives a few threads")))
    }

    fn runtime(&self) -> &Runtime {
        self.0.as_ref().expect("it is taken only by drop")
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn work_that_finds_no_room_is_refused_at_once_and_room_comes_back() {
        let pool = Pool::new(1, 1);
        let (go, wait) = mpsc::channel::<()>();
        let (begun, begins) = tokio::sync::oneshot::channel();
        let busy = tokio::spawn({
            let pool = pool.clone();
            async move {
                pool.run(async move {
                    let _ = begun.send(());
                    wait.recv().is_ok() // keeps the only thread
                })
                .await
            }
        });
        begins.await.unwrap();
        let mut waits = Box::pin(pool.run(async { "done" }));
        assert!(futures_poll(&mut waits).await.is_none());
        assert_eq!(pool.run(async {}).await, Err(Busy));
        go.send(()).unwrap();
        assert_eq!((busy.await.unwrap(), waits.await), (Ok(true), Ok("done")));
        assert_eq!(pool.run(async { 1 }).await, Ok(1));
    }

    /// The result of a future if it is there already.
    async fn futures_poll<T>(future: &mut (impl Future<Output = T> + Unpin)) -> Option<T> {
        use std::task::Poll;
        let mut future = std::pin::Pin::new(future);
        std::future::poll_fn(move |cx| {
            Poll::Ready(match future.as_mut().poll(cx) {
                Poll::Ready(result) => Some(result),
                Poll::Pending => None,
            })
        })
        .await
    }

    #[tokio::test]
    async fn a_panic_of_the_work_is_the_caller_s_and_leaves_room() {
        let pool = Pool::new(1, 0);
        let panics = {
            let pool = pool.clone();
            tokio::spawn(async move { pool.run(async { assert!(std::hint::black_box(false), "a fault") }).await })
        };
        assert!(panics.await.unwrap_err().is_panic());
        assert_eq!(pool.run(async { 1 }).await, Ok(1));
    }

    #[tokio::test]
    async fn work_in_the_background_is_taken_whatever_there_is_and_its_panic_is_the_caller_s() {
        let background = Background::default();
        let all: Vec<_> = (0..100).map(|number| background.run(move || number)).collect();
        assert_eq!(futures_util::future::join_all(all).await, (0..100).collect::<Vec<_>>());
        let other = background.clone();
        let panics = tokio::spawn(async move { other.run(|| assert!(std::hint::black_box(false), "a fault")).await });
        assert!(panics.await.unwrap_err().is_panic());
        #[cfg(target_os = "linux")]
        assert_eq!(background.run(|| rustix::process::getpriority_process(None)).await.unwrap(), NICE);
    }

    #[test]
    fn who_finds_no_room_is_told_when_to_come_again() {
        let problem = Problem::from(Busy);
        assert_eq!((problem.status.as_u16(), problem.retry_after), (503, Some(SOON)));
    }
}
