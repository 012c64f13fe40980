//! The journal of exchanges: who asked which service for what, and what came back. In-process calls and real HTTP clients
//! pass the same layer, so that both meet the same journal (and the same fault rules).
//!
//! The journal holds no bodies: sizes, media types and times only, so that neither names nor secrets reach it. It is no
//! evidence: what it cannot write, such as on a full disk, is lost, and the services go on answering. Health checks and readers
//! of the journal leave nothing in it.

pub(crate) mod exchange;

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::HttpBody;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use tokio::sync::{Notify, mpsc, oneshot};

use crate::fault::{Faults, Passed};
use crate::metrics::{Counted, Refused, Traffic};
use crate::seldom::Seldom;
use crate::{Error, clock::Clock, problem::Problem, store::Store};
pub use exchange::{Exchange, NewExchange};

/// A service that asks another in-process is named by this request extension.
#[derive(Clone, Debug)]
pub struct Caller(pub String);

/// A shared handle on the journal. One task writes it, many exchanges in one statement: the services answer first.
#[derive(Clone, Debug)]
pub struct Journal {
    shared: Arc<Shared>, // a request is passed through several layers, and each of them copies this
}

#[derive(Debug)]
struct Shared {
    writer: mpsc::Sender<Entry>,
    /// Somebody waits for what is not written yet.
    demand: Arc<Notify>,
    store: Store,
    clock: Clock,
    faults: Faults,
    traffic: Traffic,
}

enum Entry {
    Exchange(Box<NewExchange>),
    Flush(oneshot::Sender<()>),
}

/// How many exchanges may wait for the writer before a request has to wait too.
const WAITING: usize = 4096;

/// How long the writer lets exchanges gather, unless somebody wants to read them: what a crash can leave untold.
const GATHERING: Duration = Duration::from_millis(25);

impl Journal {
    pub(crate) fn open(store: &Store, clock: Clock, faults: Faults) -> Journal {
        let (writer, entries) = mpsc::channel(WAITING);
        let demand = Arc::new(Notify::new());
        tokio::spawn(write(entries, demand.clone(), store.clone()));
        Journal {
            shared: Arc::new(Shared {
                writer,
                demand,
                store: store.clone(),
                clock,
                faults,
                traffic: Traffic::default(),
            }),
        }
    }

    /// Puts the journal and the world's fault rules in front of its services.
    pub fn in_front_of(&self, services: Router) -> Router {
        services.layer(middleware::from_fn_with_state(self.clone(), record))
    }

    /// What was answered, as numbers.
    pub fn traffic(&self) -> &Traffic {
        &self.shared.traffic
    }

    /// How many exchanges are not written down yet.
    pub fn waiting(&self) -> usize {
        WAITING - self.shared.writer.capacity()
    }

    /// The number of the newest exchange that is written down: how many there were, ever.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn newest(&self) -> Result<i64, Error> {
        self.shared.store.newest_exchange().await
    }

    /// Waits until everything that was answered so far is on disk.
    pub async fn flush(&self) {
        let (done, written) = oneshot::channel();
        if self.shared.writer.send(Entry::Flush(done)).await.is_ok() {
            self.shared.demand.notify_one();
            let _ = written.await; // the writer ends only with the runtime
        }
    }

    /// The exchanges numbered above `after`, oldest first, at most `limit`.
    ///
    /// # Errors
    /// If the database cannot be read.
    pub async fn exchanges(&self, after: i64, limit: u32) -> Result<Vec<Exchange>, Error> {
        self.flush().await;
        self.shared.store.exchanges(after, i64::from(limit)).await
    }
}

/// Services that have words of their own for what they cannot do now.
fn is_in_own_words(path: &str) -> bool {
    path.starts_with("/ca/ocsp") || path.starts_with("/tsa") && !path.starts_with("/tsa/api/")
}

/// By which a command recognizes the server of its folder, also to be told why that does nothing now.
const WITHOUT_DATABASE: &str = "/testbed/api/mark";

/// What leaves nothing in the journal: health checks, who watches its numbers, and who reads it, who else would never come to its end.
const LEFT_OUT: [&str; 3] = ["/healthz", "/metrics", "/testbed/api/journal"];

/// Goes along with the answer of a world whose tables are gone: another server deleted it, or made it anew; or somebody took them, or the right
/// to read them, away. With what the database said.
#[derive(Clone, Debug)]
pub struct Gone(pub String);

/// Goes along with a request of a service that has words of its own: what others changed could not be read, so that what it keeps in memory
/// may be of yesterday. It is to say that it cannot answer now.
#[derive(Clone, Copy, Debug)]
pub struct Behind;

async fn record(State(Journal { shared }): State<Journal>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    if request.uri().path() != WITHOUT_DATABASE
        && let Err(error) = shared.store.catch_up().await
    {
        let is_gone = crate::store::is_gone(&error);
        if is_gone || !is_in_own_words(request.uri().path()) {
            let mut response = Problem::failed(&error).into_response();
            if is_gone {
                response.extensions_mut().insert(Gone(error.to_string()));
            }
            return response;
        }
        request.extensions_mut().insert(Behind);
    }
    let left_out = LEFT_OUT.contains(&request.uri().path());
    let mut exchange = NewExchange {
        at: shared.clock.now(),
        caller: request.extensions().get::<Caller>().map_or_else(|| "client".into(), |caller| caller.0.clone()),
        service: request.uri().path().split('/').nth(1).unwrap_or_default().to_owned(),
        method: request.method().to_string(),
        path: path_without_values(request.uri()),
        status: 0,
        request_type: media_type(request.headers()),
        request_bytes: request.body().size_hint().exact(),
        response_type: None,
        response_bytes: None,
        microseconds: 0,
        fault: None,
    };
    let Passed { response, fault, answered } = shared.faults.pass(request, next).await;
    exchange.status = if answered { response.status().as_u16() } else { 0 };
    exchange.fault = fault;
    exchange.response_type = media_type(response.headers());
    exchange.response_bytes = response.body().size_hint().exact();
    exchange.microseconds = started.elapsed().as_micros() as u64;
    shared.traffic.count(&Counted {
        service: &exchange.service,
        status: exchange.status,
        microseconds: exchange.microseconds,
        refused: response.extensions().get::<Refused>().map(|Refused(reason)| *reason),
        faulty: exchange.fault.is_some(),
    });
    if !left_out {
        let _ = shared.writer.send(Entry::Exchange(Box::new(exchange))).await; // fails only while the runtime shuts down
    }
    response
}

/// Members of a query whose values name no person, no document and no secret.
const HARMLESS: [&str; 15] = [
    "after",
    "all",
    "at",
    "certify",
    "certs",
    "force",
    "lang",
    "level",
    "limit",
    "offline",
    "organization",
    "policy",
    "profile",
    "time",
    "unit",
];

/// A path as the journal has it: its query keeps the values of harmless members only.
fn path_without_values(address: &Uri) -> String {
    let mut kept = address.path().to_owned();
    let Some(query) = address.query() else { return shortened(kept) };
    for (number, member) in query.split('&').enumerate() {
        kept.push(if number == 0 { '?' } else { '&' });
        match member.split_once('=') {
            Some((name, _)) if HARMLESS.contains(&name) => kept.push_str(member),
            Some((name, _)) => kept.extend([name, "=…"]),
            None if HARMLESS.contains(&member) || member.is_empty() => kept.push_str(member),
            None => kept.push('…'), // a value without a name
        }
    }
    shortened(kept)
}

fn shortened(path: String) -> String {
    const LONGEST: usize = 512;
    match path.char_indices().nth(LONGEST) {
        Some((end, _)) => path[..end].to_owned(),
        None => path,
    }
}

fn media_type(headers: &HeaderMap) -> Option<String> {
    headers.get(header::CONTENT_TYPE)?.to_str().ok().map(str::to_owned)
}

// Each exchange while a disk is full or a database away.
static LOST: Seldom =
    Seldom::new(|times, error| tracing::error!(times, %error, "an exchange is lost: the journal could not be written"));

async fn write(mut entries: mpsc::Receiver<Entry>, demand: Arc<Notify>, store: Store) {
    let mut waiting = Vec::new();
    while entries.recv_many(&mut waiting, WAITING).await > 0 {
        if !waiting.iter().any(|entry| matches!(entry, Entry::Flush(_))) {
            let _ = tokio::time::timeout(GATHERING, demand.notified()).await;
            while let Ok(entry) = entries.try_recv() {
                waiting.push(entry);
            }
        }
        let (mut exchanges, mut flushes) = (Vec::new(), Vec::new());
        for entry in waiting.drain(..) {
            match entry {
                Entry::Exchange(exchange) => exchanges.push(*exchange),
                Entry::Flush(done) => flushes.push(done),
            }
        }
        if !exchanges.is_empty()
            && let Err(error) = store.save_exchanges(&exchanges).await
        {
            exchanges.iter().for_each(|_| LOST.happened(&error));
        }
        for done in flushes {
            let _ = done.send(()); // whoever waited may have gone
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_query_only_the_values_of_harmless_members_are_kept() {
        for (address, kept) in [
            ("/issuer/api/seals?level=B-T&reason=for%20Hanako&force", "/issuer/api/seals?level=B-T&reason=…&force"),
            ("/x?token=abc&LEVEL=1&at=", "/x?token=…&LEVEL=…&at="),
            ("/x?hunter2", "/x?…"),
            ("/x?=hunter2&&limit=5", "/x?=…&&limit=5"),
            ("/c/TBU-2026-000001-N?lang=ja", "/c/TBU-2026-000001-N?lang=ja"),
            ("/x?", "/x?"),
        ] {
            assert_eq!(path_without_values(&address.parse().unwrap()), kept);
        }
    }
}
