//! Who works in the testbed's folder: one process at a time, a server or a command that finds none.
//!
//! The file `lock` is locked (flock) by whoever does, for as long as the process holds it, however it ends; it says who.
//! A server writes `running.json` beside it when it answers: its address, and a random mark. Both are changed by the holder
//! of the lock only, so that what is stale is known without asking anybody; but for a program that knows no lock, or whose lock
//! file was removed: it serves as long as it answers with the mark that it announced. A server looks after both files.

mod server;

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http::Request;
use laboratory::api::MarkAnswer;
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;
use world::guard::Token;
use world::network::Network;

use crate::output::{about, complain};
pub(crate) use server::{end, server, worker};

/// What a running testbed says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Running {
    /// Address of the default world, without a slash at the end.
    pub(crate) base: String,
    /// The process.
    pub(crate) pid: u32,
    /// A random mark.
    pub(crate) mark: String,
    /// Which folder it serves, so that a copy of it is known for one: device and number of the file. Earlier versions say nothing.
    #[serde(default)]
    pub(crate) folder: Option<String>,
    /// Where it serves the same over TLS, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) https: Option<String>,
    /// What it asks of everybody, if strangers reach it: this file is its owner's only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) token: Option<Token>,
}

impl Running {
    /// How a command shows itself there.
    pub(crate) fn token(&self) -> Option<&str> {
        self.token.as_ref().map(Token::as_str)
    }
}

/// What a process holds the folder for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Work {
    /// It serves until it is stopped.
    Serve,
    /// It does one thing and ends.
    Command,
    /// It works on batches until it is stopped, and answers nobody.
    Batches,
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

/// How long a server that holds the folder and does not answer is waited for.
const START: Duration = Duration::from_secs(10);

/// How often a server looks whether its files are still there.
const KEEP: Duration = Duration::from_secs(2);

/// Whether anybody ever worked in that folder.
pub(crate) fn is_used(data: &Path) -> bool {
    data.join("lock").exists() || data.join("worlds").is_dir()
}

/// The testbed that answers over that folder, if one does; nothing is written.
pub(crate) async fn serving(data: &Path) -> Option<Running> {
    let holder = File::open(data.join("lock")).ok().and_then(|mut lock| match lock.try_lock_shared() {
        Err(TryLockError::WouldBlock) => holder(&mut lock),
        _ => None, // nobody works there who knows the lock
    });
    match holder {
        Some(holder) => announced_by(data, &holder).await,
        None => answering(data).await,
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
            Ok(()) if !is_at(&lock, &data.join("lock")) => {
                lock = open(data)?; // it was removed meanwhile
                continue;
            }
            Ok(()) => {
                return Ok(match answering(data).await {
                    Some(running) => Taken::Serving(running),
                    None => Taken::Held(Hold::new(data, lock, work)?),
                });
            }
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => bail!("cannot lock {}: {error}", data.join("lock").display()),
        }
        let holder = holder(&mut lock);
        if let Some(holder) = &holder
            && let Some(running) = announced_by(data, holder).await
        {
            return Ok(Taken::Serving(running));
        }
        if let Some(Holder { pid, work: Work::Batches }) = &holder {
            bail!(
                "a worker (process {pid}) works in {0}: give the command another --data with the same --database, or the --url of a server; \
                 `eseal stop --data {0}` ends the worker",
                data.display()
            );
        }
        let pid = holder.as_ref().map_or_else(|| "another process".into(), |holder| format!("process {}", holder.pid));
        let serves = holder.is_none_or(|holder| holder.work == Work::Serve); // who cannot be read is not waited for either
        if serves && started.elapsed() > START {
            bail!(
                "a testbed ({pid}) holds {} and does not tell in running.json where it answers, or does not answer there: wait \
                 until it has started, or stop it",
                data.display()
            );
        }
        if silent && started.elapsed() > SILENCE {
            complain(&format!("waiting for {pid}, which works in {}", data.display()));
            silent = false;
        }
        looks.tick().await;
    }
}

fn open(data: &Path) -> Result<File> {
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(data);
    let mut options = OpenOptions::new();
    let options = options.read(true).write(true).create(true).truncate(false).mode(0o600).custom_flags(NO_LINK);
    let file = made.and_then(|()| options.open(data.join("lock")));
    file.with_context(|| format!("cannot use the folder {}", data.display())).map_err(about(data.display()))
}

/// What is written into the lock file is written into nothing that a link leads to.
pub(crate) const NO_LINK: i32 = rustix::fs::OFlags::NOFOLLOW.bits() as i32;

/// Which folder that is, wherever it is moved; a copy is another.
fn identity(data: &Path) -> Option<String> {
    let found = std::fs::metadata(data).ok()?;
    Some(format!("{}:{}", found.dev(), found.ino()))
}

fn holder(lock: &mut File) -> Option<Holder> {
    let mut text = String::new();
    lock.rewind().ok()?;
    lock.read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

fn announced(data: &Path) -> Option<Running> {
    let running: Running = serde_json::from_str(&std::fs::read_to_string(data.join("running.json")).ok()?).ok()?;
    let is_of_here = running.folder.is_none() || running.folder == identity(data);
    is_of_here.then_some(running)
}

/// Where the holder of the lock answers, if it does by now.
async fn announced_by(data: &Path, holder: &Holder) -> Option<Running> {
    let running = announced(data)?;
    (holder.pid == running.pid && answers(&running).await).then_some(running)
}

/// The testbed that answers as it announced, whoever holds the lock.
async fn answering(data: &Path) -> Option<Running> {
    let running = announced(data)?;
    let processes = Path::new("/proc");
    let gone = processes.join("self").exists() && !processes.join(running.pid.to_string()).exists();
    // Nobody is asked about who went.
    (!gone && answers(&running).await).then_some(running)
}

/// Whether that testbed answers there, with the mark that it announced: the address may be another program's by now.
async fn answers(running: &Running) -> bool {
    let request = Request::get(format!("{}/testbed/api/mark", running.base)).body(Bytes::new());
    let network = Network::to(&running.base).with_token(running.token());
    let Ok(request) = request else { return false };
    let Ok(Ok(answer)) = tokio::time::timeout(ANSWER, network.send("command", request)).await else { return false };
    serde_json::from_slice::<MarkAnswer>(answer.body()).is_ok_and(|answer| answer.mark == running.mark)
}

/// Says who holds the lock, in place of what stood there: a full disk has room for that.
fn write_holder(lock: &mut File, work: Work) -> std::io::Result<()> {
    let text = serde_json::to_string(&Holder { pid: std::process::id(), work })?;
    lock.rewind()?;
    lock.write_all(text.as_bytes())?;
    lock.set_len(text.len() as u64)
}

/// Whether that is the file of that name.
pub(crate) fn is_at(file: &File, path: &Path) -> bool {
    let (Ok(own), Ok(named)) = (file.metadata(), std::fs::metadata(path)) else { return false };
    (own.dev(), own.ino()) == (named.dev(), named.ino())
}

impl Hold {
    fn new(data: &Path, mut lock: File, work: Work) -> Result<Hold> {
        let cannot = || format!("cannot use the folder {}", data.display());
        remove(&data.join("running.json")).with_context(cannot)?; // left by one that was killed
        if let Err(error) = write_holder(&mut lock, work) {
            complain(&format!("warning: nobody is told who works in {}: {error}", data.display()));
        }
        let worlds = data.join("worlds");
        if worlds.is_dir() {
            world::owners_folder(&worlds).with_context(cannot)?; // it may be one of an earlier version
        }
        Ok(Hold { data: data.into(), lock })
    }

    /// Puts both files back when they are gone; never returns. Whoever finds no lock file would take the folder; if somebody
    /// did, it is theirs, and this process announces nothing there any more.
    pub(crate) async fn keep(&self, running: &Running) {
        let (mut looks, mut again, mut troubled) = (tokio::time::interval(KEEP), None, false);
        loop {
            looks.tick().await;
            let kept = self.kept(&mut again, running);
            if let (Err(error), false) = (&kept, troubled) {
                tracing::error!("{error:#}: no command finds this testbed by its folder");
            }
            troubled = kept.is_err(); // it is told once
        }
    }

    /// `again` is the lock of this process that took the first one's place.
    fn kept(&self, again: &mut Option<File>, running: &Running) -> Result<()> {
        if !is_at(again.as_ref().unwrap_or(&self.lock), &self.data.join("lock")) {
            let lock =
                self.lock_again().with_context(|| format!("{} was removed", self.data.join("lock").display()))?;
            tracing::warn!("the lock file was removed while this testbed serves; there is one again");
            *again = Some(lock);
        }
        if announced(&self.data).as_ref() == Some(running) { Ok(()) } else { self.announce(running) }
    }

    fn lock_again(&self) -> std::io::Result<File> {
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false).mode(0o600).custom_flags(NO_LINK);
        let mut lock = options.open(self.data.join("lock"))?;
        lock.try_lock().map_err(|_| std::io::Error::other("another process works in the folder by now"))?;
        write_holder(&mut lock, Work::Serve)?;
        Ok(lock)
    }

    /// Which folder it is.
    pub(crate) fn identity(&self) -> Option<String> {
        identity(&self.data)
    }

    /// Tells other commands that a testbed answers there, whole or not at all.
    pub(crate) fn announce(&self, running: &Running) -> Result<()> {
        let file = self.data.join("running.json");
        let text = serde_json::to_string(running).expect("strings and numbers can be written as JSON");
        let written = || -> std::io::Result<()> {
            let mut draft = NamedTempFile::new_in(&self.data)?; // its owner's only, as all that is here
            draft.write_all(text.as_bytes())?;
            draft.persist(&file)?;
            Ok(())
        };
        written().with_context(|| format!("cannot write {}", file.display()))
    }

    /// Takes the announcement back, unless another testbed's stands there by now.
    pub(crate) fn withdraw(&self, running: &Running) {
        if announced(&self.data).as_ref() == Some(running) {
            let _ = remove(&self.data.join("running.json")); // whoever takes the folder next removes it
        }
    }
}

fn remove(file: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
