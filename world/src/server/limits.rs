//! How much is taken, and how long is waited. Deadlines are in real time: the world's clock has no part in them.

use std::time::Duration;

/// Limits of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many connections are served at a time.
    pub connections: usize,
    /// How many more wait for a place, or are told that there is none. Further ones wait with the system.
    pub turned_away: usize,
    /// How long the head of a request may take, and how long a connection may be idle before the next.
    pub head: Duration,
    /// The same of a connection that is turned away.
    pub head_of_turned_away: Duration,
    /// How long a connection keeps its place for certain though it asks for nothing: what was answered is on its way by then.
    pub quiet: Duration,
    /// How long a connection waits for one that does nothing to give up its place.
    pub place: Duration,
    /// How many bytes the head of a request has at most.
    pub head_bytes: usize,
    /// How long nothing may come of a body, or be taken of an answer.
    pub silence: Duration,
    /// How long a request may take from its head to the head of its answer, body included.
    pub request: Duration,
    /// How many bytes a body may announce: no address takes more.
    pub body: u64,
    /// How many bytes of request bodies are held at a time, beyond the first 64 KiB of each.
    pub bytes_in_memory: usize,
    /// How long the requests under way may take when the server is to stop.
    pub stopping: Duration,
}

/// Of each body so many bytes are not counted: what machine protocols send is always taken.
pub(super) const FREE: usize = 64 << 10;

/// How much is read of a body that nobody wants: as much as any client sends by mistake.
pub(super) const THROWN_AWAY: usize = 1 << 30;

/// When there is probably room again, in seconds.
pub(super) const SOON: u32 = 2;

/// How long no connection is taken when the system has no room for one.
pub(super) const BREATH: Duration = Duration::from_millis(100);

/// How many files a server has open beside its connections: three for each of some hundred worlds.
#[cfg(unix)]
const OTHER_FILES: u64 = 400;

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connections: 2048, // a class of forty, each with a browser, a load test and everything else open
            turned_away: 256,
            head: Duration::from_secs(10), // over loopback a head comes at once; nginx waits 60, Go's examples 5
            head_of_turned_away: Duration::from_secs(1),
            quiet: Duration::from_secs(1),
            place: Duration::from_millis(100),
            head_bytes: 64 << 10, // an OCSP request in a GET has at most 11 KB
            silence: Duration::from_secs(10),
            request: Duration::from_secs(120), // twice as long as this program waits for an answer
            body: 130 << 20,                   // a PDF of 128 MiB in a form
            bytes_in_memory: 512 << 20,        // four of the largest PDFs that are taken
            stopping: Duration::from_secs(4),  // of the five seconds in which the program ends
        }
    }
}

impl Limits {
    /// The usual limits, with no more connections than this process may open files. As many as the system allows are asked for
    /// first: shells commonly give 1024.
    pub fn of_system() -> Limits {
        let limits = Limits::default();
        Limits { connections: limits.connections.min(most_connections(limits.turned_away)), ..limits }
    }
}

#[cfg(unix)]
fn most_connections(turned_away: usize) -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let needed = Limits::default().connections as u64 + turned_away as u64 + OTHER_FILES;
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let Some(current) = current.filter(|current| *current < needed) else { return usize::MAX };
    let raised = maximum.map_or(needed, |maximum| maximum.min(needed));
    let files = match setrlimit(Resource::Nofile, Rlimit { current: Some(raised), maximum }) {
        Ok(()) => raised,
        Err(_) => current,
    };
    let places = files.saturating_sub(OTHER_FILES + turned_away as u64).max(files / 4);
    usize::try_from(places).unwrap_or(usize::MAX)
}

#[cfg(not(unix))]
fn most_connections(_: usize) -> usize {
    usize::MAX
}
