//! One HTTP server for all services of all worlds.
//!
//! In: a listener, the services, limits and a signal to stop. A handler that panics answers 500 and the server goes on. What
//! exceeds a limit is answered too: 503 where there are too many connections or bytes, 408 for a request that does not come to
//! its end. When all places are taken, connections that ask for nothing lose theirs. When told to stop it takes no more
//! connections, finishes the requests under way, and breaks off those that last.

mod body;
mod limits;
mod patience;
mod quiet;
mod stalled;
mod tls;

use std::any::Any;
use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, Method, Request, StatusCode, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tower::ServiceExt;
use tower_http::catch_panic::CatchPanicLayer;

use crate::guard::{ClientOf, Peer};
use crate::journal::Caller;
use crate::metrics::DOOR;
use crate::problem::Problem;
pub(crate) use body::Received;
pub use limits::Limits;
use quiet::{Demand, Quiet};
use stalled::Stalling;
pub use tls::{Client, Clients, Identity, Session, Sessions, TlsError};

/// Gives a router the answers that every address here shares: unknown address, unknown method, and a handler's panic.
pub fn complete(services: Router) -> Router {
    services
        .fallback(Problem::no_such_address)
        .method_not_allowed_fallback(Problem::no_such_method)
        .layer(CatchPanicLayer::custom(answer_panic))
}

/// Where a server listens.
pub struct Listeners {
    /// For plain HTTP.
    pub plain: TcpListener,
    /// For the same over TLS, and how its connections are secured.
    pub secure: Option<(TcpListener, Sessions)>,
}

impl From<TcpListener> for Listeners {
    fn from(plain: TcpListener) -> Listeners {
        Listeners { plain, secure: None }
    }
}

/// Serves within the usual limits until `stop` resolves and the requests under way are answered.
pub async fn serve(listeners: impl Into<Listeners>, services: Router, stop: impl Future<Output = ()>) {
    serve_within(Limits::of_system(), listeners.into(), services, stop).await;
}

/// The same within other limits.
pub async fn serve_within(limits: Limits, listeners: Listeners, services: Router, stop: impl Future<Output = ()>) {
    let Listeners { plain, secure } = listeners;
    let (stopping, stopped) = watch::channel(());
    let mut connections = JoinSet::new();
    let door = Door {
        places: Arc::new(Semaphore::new(limits.connections)),
        porch: Arc::new(Semaphore::new(limits.connections + limits.turned_away)),
        demand: Arc::default(),
        memory: Arc::new(Semaphore::new(limits.bytes_in_memory)),
        limits,
        services,
        stopped,
    };
    let mut stop = pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            (connection, arrival) = door.next(&plain, None) => {
                connections.spawn(door.clone().attend(connection, arrival));
            }
            (connection, arrival) = door.next_secure(secure.as_ref()) => {
                connections.spawn(door.clone().attend(connection, arrival));
            }
        }
        while connections.try_join_next().is_some() {} // forgets those that ended
    }
    drop((plain, secure)); // whoever comes now is refused by the system
    drop(door);
    drop(stopping);
    let finished = async { while connections.join_next().await.is_some() {} };
    if timeout(limits.stopping, finished).await.is_err() {
        tracing::warn!(open = connections.len(), "requests that did not end were broken off");
    }
    // what is still open is broken off with the set
}

/// What all connections share.
#[derive(Clone)]
struct Door {
    limits: Limits,
    services: Router,
    /// One for each connection that is served.
    places: Arc<Semaphore>,
    /// One for each of these, and for each that waits for a place or is told that there is none.
    porch: Arc<Semaphore>,
    /// Whoever waits for a place, so that who does nothing gives up its own.
    demand: Arc<Demand>,
    /// One for each byte of request bodies that may be held at a time.
    memory: Arc<Semaphore>,
    /// Ends when the server is to stop.
    stopped: watch::Receiver<()>,
}

impl Door {
    /// The next connection, once there is room on the porch.
    async fn next(&self, listener: &TcpListener, sessions: Option<&Sessions>) -> (TcpStream, Arrival) {
        let inside = loop {
            match timeout(self.limits.place, self.porch.clone().acquire_owned()).await {
                Ok(inside) => break inside.expect("the semaphores are never closed"),
                Err(_) => {
                    self.demand.settle(); // asked again, not once more
                    self.demand.ask();
                }
            }
        };
        loop {
            match listener.accept().await {
                Ok((connection, peer)) => {
                    let (peer, sessions) = (Peer(peer.ip()), sessions.cloned());
                    return (connection, Arrival { peer, sessions, _inside: inside });
                }
                Err(error) if is_of_connection(&error) => {}
                Err(error) => {
                    tracing::warn!(%error, "no connection could be taken");
                    #[expect(
                        clippy::disallowed_methods,
                        reason = "too many open files: nothing tells when one is closed"
                    )]
                    tokio::time::sleep(limits::BREATH).await;
                }
            }
        }
    }

    async fn next_secure(&self, secure: Option<&(TcpListener, Sessions)>) -> (TcpStream, Arrival) {
        match secure {
            Some((listener, sessions)) => self.next(listener, Some(sessions)).await,
            None => std::future::pending().await,
        }
    }

    /// A place, if there is one or somebody gives one up.
    async fn place(&self) -> Option<OwnedSemaphorePermit> {
        if let Ok(place) = self.places.clone().try_acquire_owned() {
            return Some(place);
        }
        self.demand.ask();
        let place = timeout(self.limits.place, self.places.clone().acquire_owned()).await;
        if place.is_err() {
            self.demand.settle();
        }
        place.ok()?.ok()
    }

    /// Secures one connection, if it is to be, and answers its requests.
    async fn attend(self, connection: TcpStream, arrival: Arrival) {
        let _ = connection.set_nodelay(true); // only speed is lost
        let _counted = DOOR.enter();
        let place = self.place().await;
        let served = place.is_some();
        if !served {
            DOOR.turn_away();
        }
        let quiet = Quiet::since_now();
        let peer = arrival.peer;
        let connection = Stalling::new(connection, self.limits.silence, quiet.clone());
        let Some(sessions) = arrival.sessions else {
            return self.answer_on(connection, Asker { peer, secure: None }, served, &quiet).await;
        };
        let secured = timeout(self.patience(served), tls::secured(connection, &sessions));
        let secured = tokio::select! {
            secured = secured => secured.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())),
            () = self.demand.claims(&quiet, self.limits.quiet), if served => return,
            _ = wait(self.stopped.clone()) => return,
        };
        match secured {
            Ok((connection, client)) => {
                let secure = Some(Secure { client });
                self.answer_on(connection, Asker { peer, secure }, served, &quiet).await;
            }
            Err(error) => tracing::info!(%error, peer = %peer.0, "a TLS connection was not made"),
        }
    }

    fn patience(&self, served: bool) -> Duration {
        if served { self.limits.head } else { self.limits.head_of_turned_away }
    }

    /// Answers the requests of one connection.
    async fn answer_on<C>(&self, connection: C, asker: Asker, served: bool, quiet: &Quiet)
    where
        C: AsyncRead + AsyncWrite + Unpin,
    {
        let mut stopped = self.stopped.clone();
        let mut server = http1::Builder::new();
        server.timer(TokioTimer::new()).header_read_timeout(self.patience(served)).max_buf_size(self.limits.head_bytes);
        server.half_close(true); // who has sent all it has to say still listens
        let answered = service_fn(|mut request| {
            asker.introduce(&mut request);
            let door = served.then(|| (self.limits, self.services.clone(), self.memory.clone()));
            let asking = quiet.ends();
            async move {
                let _until_then = asking;
                Ok::<_, Infallible>(match door {
                    Some((limits, services, memory)) => answer(limits, services, memory, request).await,
                    None => closing(Problem::unavailable("too many connections are open already", limits::SOON)),
                })
            }
        });
        let mut connection = pin!(server.serve_connection(TokioIo::new(connection), answered));
        let ended = tokio::select! {
            ended = &mut connection => ended,
            _ = stopped.changed() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
            () = self.demand.claims(quiet, self.limits.quiet), if served => Ok(()), // nothing was asked that would be lost
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection ended early");
        }
    }
}

/// Waits until the server is to stop.
async fn wait(mut stopped: watch::Receiver<()>) {
    let _ = stopped.changed().await;
}

/// How a connection came in.
struct Arrival {
    peer: Peer,
    /// How it is to be secured.
    sessions: Option<Sessions>,
    _inside: OwnedSemaphorePermit,
}

/// Who asks on a connection.
struct Asker {
    peer: Peer,
    secure: Option<Secure>,
}

/// Goes along with a request that came over TLS.
#[derive(Clone, Debug)]
pub struct Secure {
    /// Whose certificate was shown.
    pub client: Option<Client>,
}

impl Asker {
    /// Tells the services, and the journal, who asks.
    fn introduce(&self, request: &mut Request<Incoming>) {
        let extensions = request.extensions_mut();
        extensions.insert(self.peer);
        if let Some(secure) = &self.secure {
            if let Some(Client { name, world }) = &secure.client {
                extensions.insert(ClientOf { world: world.clone() });
                extensions.insert(Caller(format!("client {name}")));
            }
            extensions.insert(secure.clone());
        }
    }
}

/// What is wrong with a request before its body is read.
fn refusal(limits: Limits, head: &http::request::Parts) -> Option<Problem> {
    let length = head.headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > limits.body) {
        return Some(Problem::too_large("the body is larger than any address here takes"));
    }
    let mut codings = head.headers.get_all(header::TRANSFER_ENCODING).iter();
    let is_read = |coding: &HeaderValue| coding.as_bytes().trim_ascii().eq_ignore_ascii_case(b"chunked");
    let are_read = codings.next().is_none_or(is_read) && codings.next().is_none();
    (!are_read).then(|| {
        let description = "of transfer codings only `chunked` is read, once (RFC 9112 clause 6.1)";
        Problem::new(StatusCode::NOT_IMPLEMENTED, "not_implemented", description)
    })
}

/// The answer to one request, within the limits.
async fn answer(limits: Limits, services: Router, memory: Arc<Semaphore>, request: Request<Incoming>) -> Response {
    let (head, body) = request.into_parts();
    let asks_first = head.headers.contains_key(header::EXPECT);
    let of_head = head.method == Method::HEAD;
    if let Some(problem) = refusal(limits, &head) {
        body::throw_away(body, asks_first, limits.silence);
        return closing(problem);
    }
    let (body, received) = Received::watch(body, asks_first, limits, memory);
    let answering = received.answered_by(services.oneshot(Request::from_parts(head, body)));
    let answered = timeout(limits.request, answering).await;
    match (received.trouble(), answered) {
        (Some(trouble), _) => closing(trouble),
        (None, Ok(answer)) => without_length_of_nothing(of_head, answer.unwrap_or_else(|never| match never {})),
        (None, Err(_)) => closing(Problem::unavailable("the answer took too long; it was broken off", limits::SOON)),
    }
}

/// Routers measure what they answer to HEAD, the outer ones after the inner ones took the body away: a length of 0 is that of an answer that
/// is made while it is sent, and with 304 there is nothing to measure. GET's answer has none, or another (RFC 9110 clause 8.6).
fn without_length_of_nothing(of_head: bool, mut answer: Response) -> Response {
    let is_zero = answer.headers().get(header::CONTENT_LENGTH).is_some_and(|length| length == "0");
    if answer.status() == StatusCode::NOT_MODIFIED || (of_head && is_zero) {
        answer.headers_mut().remove(header::CONTENT_LENGTH);
    }
    answer
}

/// An answer after which the connection ends: what was not read of the request would be taken for the next.
fn closing(problem: Problem) -> Response {
    let mut answer = problem.into_response();
    answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    answer
}

/// Whether only that connection failed, and the next may be taken.
fn is_of_connection(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

fn answer_panic(panic: Box<dyn Any + Send>) -> Response {
    let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    Problem::internal(text.unwrap_or("a handler panicked")).into_response()
}

#[cfg(test)]
mod tests;
