//! The process that serves from a folder, whether it answers or not: who it is, and asking it to end.

use std::fs::{File, TryLockError};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use super::{LOOK, Work, answering, holder};

/// Why a server could not be asked to end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotAsked {
    /// The process that the lock names is none that has it open.
    #[error(
        "process {pid}, which the lock in {data} names, is not on this machine (or in this container): stop it where it runs"
    )]
    Elsewhere {
        /// The process.
        pid: u32,
        /// The folder.
        data: String,
    },
    /// The system lets nobody else's processes be ended.
    #[error("process {pid} cannot be asked to end: {why}")]
    Refused {
        /// The process.
        pid: u32,
        /// What the system said.
        why: std::io::Error,
    },
}

/// The process that serves from that folder.
pub(crate) async fn server(data: &Path) -> Option<u32> {
    match locked_by(data) {
        Some((pid, Work::Serve | Work::Batches)) => Some(pid),
        Some((_, Work::Command)) => None,
        None => answering(data).await.map(|running| running.pid), // one that knows no lock, or whose lock was removed
    }
}

/// The process that works on batches in that folder, and answers nobody.
pub(crate) fn worker(data: &Path) -> Option<u32> {
    locked_by(data).filter(|(_, work)| *work == Work::Batches).map(|(pid, _)| pid)
}

/// Who has the lock of that folder, and what for.
fn locked_by(data: &Path) -> Option<(u32, Work)> {
    let mut lock = File::open(data.join("lock")).ok()?;
    match lock.try_lock_shared() {
        Err(TryLockError::WouldBlock) => holder(&mut lock).map(|holder| (holder.pid, holder.work)),
        _ => None,
    }
}

/// Asks the server of that folder to end (SIGTERM), and waits until it has. Gives whether it did within that time.
///
/// # Errors
/// [`NotAsked`] if it is not on this machine, or another user's.
pub(crate) async fn end(data: &Path, pid: u32, patience: Duration) -> Result<bool, NotAsked> {
    let process = i32::try_from(pid).ok().and_then(Pid::from_raw);
    let elsewhere = || NotAsked::Elsewhere { pid, data: data.display().to_string() };
    let process = process.filter(|_| has_open(pid, &data.join("lock"))).ok_or_else(elsewhere)?;
    kill_process(process, Signal::TERM).map_err(|error| NotAsked::Refused { pid, why: error.into() })?;
    let (asked, mut looks) = (Instant::now(), tokio::time::interval(LOOK));
    while asked.elapsed() < patience {
        looks.tick().await;
        if test_kill_process(process).is_err() || locked_by(data).is_none_or(|(holder, _)| holder != pid) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether that process has that file open, as far as the system tells: a number in a file may be another process's by now, or
/// one of another machine that shares the folder.
fn has_open(pid: u32, file: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(format!("/proc/{pid}/fd")) else {
        return !Path::new("/proc/self/fd").exists() || Path::new(&format!("/proc/{pid}")).exists();
    };
    let Ok(wanted) = std::fs::metadata(file) else { return true }; // it was removed; whoever answers with its mark is asked
    entries
        .flatten()
        .filter_map(|entry| std::fs::metadata(entry.path()).ok())
        .any(|open| (open.dev(), open.ino()) == (wanted.dev(), wanted.ino()))
}
