//! Clocks: how much was done in how many seconds, and how much processor time it took.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tokio::task::LocalSet;

/// What happens before the clock starts: caches fill, statements are prepared, connections open.
const WARMING: Duration = Duration::from_millis(500);

/// What was measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measured {
    pub(crate) operations: u64,
    pub(crate) elapsed: Duration,
    /// Processor time of this process.
    pub(crate) own: Duration,
    /// Processor time of the server, if there is one.
    pub(crate) server: Duration,
}

impl Measured {
    pub(crate) fn per_second(&self) -> f64 {
        self.operations as f64 / self.elapsed.as_secs_f64()
    }
}

/// Two clocks, started.
struct Started {
    operations: u64,
    at: Instant,
    own: Duration,
    server: Duration,
    pid: Option<u32>,
}

impl Started {
    fn now(operations: u64, pid: Option<u32>) -> Result<Started> {
        let server = pid.map_or(Ok(Duration::ZERO), processor_time)?;
        Ok(Started { operations, at: Instant::now(), own: processor_time(std::process::id())?, server, pid })
    }

    fn measured(&self, operations: u64) -> Result<Measured> {
        let now = Started::now(operations, self.pid)?;
        Ok(Measured {
            operations: now.operations - self.operations,
            elapsed: now.at - self.at,
            own: now.own - self.own,
            server: now.server - self.server,
        })
    }
}

/// Does something again and again.
pub(crate) async fn one_after_another(seconds: f64, mut work: impl AsyncFnMut() -> Result<()>) -> Result<Measured> {
    let warm = Instant::now();
    while warm.elapsed() < WARMING {
        work().await?;
    }
    let (started, mut operations) = (Started::now(0, None)?, 0);
    while started.at.elapsed().as_secs_f64() < seconds {
        work().await?;
        operations += 1;
    }
    started.measured(operations)
}

/// Does something again and again, without waiting for anybody.
pub(crate) fn alone(seconds: f64, mut work: impl FnMut() -> Result<()>) -> Result<Measured> {
    let warm = Instant::now();
    while warm.elapsed() < WARMING {
        work()?;
    }
    let (started, mut operations) = (Started::now(0, None)?, 0);
    while started.at.elapsed().as_secs_f64() < seconds {
        work()?;
        operations += 1;
    }
    started.measured(operations)
}

/// Several workers at once, all on this thread: `make` gives the worker of a number, a worker tells how much it did.
/// `pid` is the server's.
pub(crate) async fn at_once<W>(
    workers: usize,
    seconds: f64,
    pid: Option<u32>,
    make: impl AsyncFn(usize) -> Result<W>,
) -> Result<Measured>
where
    W: AsyncFnMut() -> Result<u64> + 'static,
{
    let (local, done, stop) = (LocalSet::new(), Rc::new(Cell::new(0)), Rc::new(Cell::new(false)));
    let mut tasks = Vec::new();
    for number in 0..workers {
        let (mut work, done, stop) = (make(number).await?, done.clone(), stop.clone());
        tasks.push(local.spawn_local(async move {
            while !stop.get() {
                let operations = work().await?;
                done.set(done.get() + operations);
            }
            anyhow::Ok(())
        }));
    }
    #[expect(clippy::disallowed_methods, reason = "a measurement lasts a given time")]
    let measured = local.run_until(async {
        tokio::time::sleep(WARMING).await;
        let started = Started::now(done.get(), pid)?;
        tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
        let measured = started.measured(done.get());
        stop.set(true);
        measured
    });
    let measured = measured.await?;
    local.await;
    for task in tasks {
        task.await??;
    }
    Ok(measured)
}

/// User and system time of a process, by Linux's `/proc`, in steps of a hundredth of a second (proc_pid_stat(5): utime and
/// stime are fields 14 and 15, counted after the name in parentheses, which is field 2).
fn processor_time(pid: u32) -> Result<Duration> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).context("no processor times in /proc")?;
    let fields: Vec<&str> = text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<u64>().ok());
    let ticks = ticks(11).zip(ticks(12)).context("no processor times in /proc")?;
    Ok(Duration::from_millis((ticks.0 + ticks.1) * 10))
}
