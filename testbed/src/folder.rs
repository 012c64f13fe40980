//! Who works in the testbed's folder: one process at a time, a server or a command that finds none.
//!
//! The file `lock` is locked (flock) by whoever does, for as long as the process holds it, however it ends; it says who.
//! A server writes `running.json` beside it when it answers: its address, and a random mark. Both are changed by the holder
//! of the lock only, so that what is stale is known without asking anybody.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http::Request;
use serde::{Deserialize, Serialize};
use world::Network;

use crate::output::complain;

/// What a running testbed says of itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Running {
    /// Address of the default world, without a slash at the end.
    pub(crate) base: String,
    /// The process.
    pub(crate) pid: u32,
    /// A random mark.
    pub(crate) mark: String,
}

/// What a process holds the folder for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Work {
    /// It serves until it is stopped.
    Serve,
    /// It does one thing and ends.
    Command,
}

#[derive(Serialize, Deserialize)]
struct Holder {
    pid: u32,
    work: Work,
}

/// The folder is this process's until the value is dropped.
#[derive(Debug)]
pub(crate) struct Hold {
    data: PathBuf,
    lock: File,
}

/// Who has the folder.
pub(crate) enum Taken {
    /// This process.
    Held(Hold),
    /// A testbed that answers.
    Serving(Running),
}

/// How often it is looked whether the folder has become free, or its holder answers.
const LOOK: Duration = Duration::from_millis(20);

/// How long an answer is waited for before it is looked again.
const ANSWER: Duration = Duration::from_secs(5);

/// How long nobody is told that one waits.
const SILENCE: Duration = Duration::from_secs(2);

/// How long a server that starts is waited for by one that would start.
const START: Duration = Duration::from_secs(10);

/// Whether anybody ever worked in that folder.
pub(crate) fn is_used(data: &Path) -> bool {
    data.join("lock").exists() || data.join("worlds").is_dir()
}

/// The testbed that answers over that folder, if one does; nothing is written.
pub(crate) async fn serving(data: &Path) -> Option<Running> {
    let mut lock = File::open(data.join("lock")).ok()?;
    match lock.try_lock_shared() {
        Err(TryLockError::WouldBlock) => announced_by(data, &holder(&mut lock)?).await,
        _ => None, // nobody works there
    }
}

/// Takes the folder, which is made if need be. While a command has it, this waits; if a server has it, it is waited for until
/// it answers.
pub(crate) async fn take(data: &Path, work: Work) -> Result<Taken> {
    let mut lock = open(data)?;
    let (started, mut looks) = (Instant::now(), tokio::time::interval(LOOK));
    let mut silent = true;
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(Taken::Held(Hold::new(data, lock, work)?)),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => bail!("cannot lock {}: {error}", data.join("lock").display()),
        }
        let holder = holder(&mut lock);
        if let Some(holder) = &holder
            && let Some(running) = announced_by(data, holder).await
        {
            return Ok(Taken::Serving(running));
        }
        let pid = holder.as_ref().map_or_else(|| "another process".into(), |holder| format!("process {}", holder.pid));
        let serves = holder.is_some_and(|holder| holder.work == Work::Serve);
        if work == Work::Serve && serves && started.elapsed() > START {
            bail!("a testbed ({pid}) starts over {} and does not answer yet", data.display());
        }
        if silent && started.elapsed() > SILENCE {
            complain(&format!("waiting for {pid}, which works in {}", data.display()));
            silent = false;
        }
        looks.tick().await;
    }
}

fn open(data: &Path) -> Result<File> {
    let cannot = || format!("cannot use the folder {}", data.display());
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(data).with_context(cannot)?;
    let mut options = OpenOptions::new();
    let file = options.read(true).write(true).create(true).truncate(false).mode(0o600).open(data.join("lock"));
    file.with_context(cannot)
}

fn holder(lock: &mut File) -> Option<Holder> {
    let mut text = String::new();
    lock.rewind().ok()?;
    lock.read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

/// Where the holder of the lock answers, if it does by now.
async fn announced_by(data: &Path, holder: &Holder) -> Option<Running> {
    let running: Running = serde_json::from_str(&std::fs::read_to_string(data.join("running.json")).ok()?).ok()?;
    (holder.pid == running.pid && answers(&running).await).then_some(running)
}

/// Whether something answers there. Whose it is is known: the holder of the lock wrote the address.
async fn answers(running: &Running) -> bool {
    let Ok(request) = Request::get(format!("{}/testbed/api/mark", running.base)).body(Bytes::new()) else {
        return false;
    };
    let network = Network::to(&running.base);
    matches!(tokio::time::timeout(ANSWER, network.send("command", request)).await, Ok(Ok(_)))
}

impl Hold {
    fn new(data: &Path, mut lock: File, work: Work) -> Result<Hold> {
        let cannot = || format!("cannot use the folder {}", data.display());
        remove(&data.join("running.json")).with_context(cannot)?; // left by one that was killed
        let holder = Holder { pid: std::process::id(), work };
        let text = serde_json::to_string(&holder).expect("numbers and words can be written as JSON");
        lock.set_len(0).with_context(cannot)?;
        lock.rewind().and_then(|()| lock.write_all(text.as_bytes())).with_context(cannot)?;
        Ok(Hold { data: data.into(), lock })
    }

    /// Tells other commands that a testbed answers there, whole or not at all.
    pub(crate) fn announce(&self, running: &Running) -> Result<()> {
        let file = self.data.join("running.json");
        let draft = self.data.join("running.json.draft");
        let text = serde_json::to_string(running).expect("strings and numbers can be written as JSON");
        let written = std::fs::write(&draft, text).and_then(|()| std::fs::rename(&draft, &file));
        written.with_context(|| format!("cannot write {}", file.display()))
    }

    /// Takes the announcement back.
    pub(crate) fn withdraw(&self) {
        let _ = remove(&self.data.join("running.json")); // whoever takes the folder next removes it
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let _ = self.lock.set_len(0); // nobody is asked about who went
    }
}

fn remove(file: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
