//! One HTTP server for all services of all worlds, on loopback.
//!
//! In: a listener, the services, limits and a signal to stop. A handler that panics answers 500 and the server goes on. What
//! exceeds a limit is answered too: 503 where there are too many connections or bytes, 408 for a request that does not come to
//! its end. When told to stop it takes no more connections, finishes the requests under way, and breaks off those that last.

mod body;
mod limits;
mod patience;
mod stalled;

use std::any::Any;
use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;

use axum::Router;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, Request, StatusCode, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tower::ServiceExt;
use tower_http::catch_panic::CatchPanicLayer;

use crate::Problem;
pub(crate) use body::Received;
pub use limits::Limits;
use stalled::Stalling;

/// Gives a router the answers that every address here shares: unknown address, unknown method, and a handler's panic.
pub fn complete(services: Router) -> Router {
    services
        .fallback(Problem::no_such_address)
        .method_not_allowed_fallback(Problem::no_such_method)
        .layer(CatchPanicLayer::custom(answer_panic))
}

/// Serves within the usual limits until `stop` resolves and the requests under way are answered.
pub async fn serve(listener: TcpListener, services: Router, stop: impl Future<Output = ()>) -> std::io::Result<()> {
    serve_within(Limits::of_system(), listener, services, stop).await
}

/// The same within other limits.
pub async fn serve_within(
    limits: Limits,
    listener: TcpListener,
    services: Router,
    stop: impl Future<Output = ()>,
) -> std::io::Result<()> {
    let (stopping, stopped) = watch::channel(());
    let mut connections = JoinSet::new();
    let door = Door {
        places: Arc::new(Semaphore::new(limits.connections)),
        porch: Arc::new(Semaphore::new(limits.turned_away)),
        memory: Arc::new(Semaphore::new(limits.bytes_in_memory)),
        limits,
        services,
        stopped,
    };
    let mut stop = pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => break,
            (connection, entered) = door.next(&listener) => {
                connections.spawn(door.clone().attend(connection, entered));
            }
        }
        while connections.try_join_next().is_some() {} // forgets those that ended
    }
    drop(listener); // whoever comes now is refused by the system
    drop(door);
    drop(stopping);
    let finished = async { while connections.join_next().await.is_some() {} };
    if timeout(limits.stopping, finished).await.is_err() {
        tracing::warn!(open = connections.len(), "requests that did not end were broken off");
    }
    Ok(()) // what is still open is broken off with the set
}

/// What all connections share.
#[derive(Clone)]
struct Door {
    limits: Limits,
    services: Router,
    /// One for each connection that is served.
    places: Arc<Semaphore>,
    /// One for each that is told that there are too many.
    porch: Arc<Semaphore>,
    /// One for each byte of request bodies that may be held at a time.
    memory: Arc<Semaphore>,
    /// Ends when the server is to stop.
    stopped: watch::Receiver<()>,
}

/// Whether a connection found a place.
enum Entered {
    Served(OwnedSemaphorePermit),
    TurnedAway(OwnedSemaphorePermit),
}

impl Door {
    /// The next connection. Those that find neither a place nor room to be told so wait with the system.
    async fn next(&self, listener: &TcpListener) -> (TcpStream, Entered) {
        let connection = loop {
            match listener.accept().await {
                Ok((connection, _)) => break connection,
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
        };
        let never_closed = "the semaphores are never closed";
        let entered = tokio::select! {
            biased;
            place = self.places.clone().acquire_owned() => Entered::Served(place.expect(never_closed)),
            place = self.porch.clone().acquire_owned() => Entered::TurnedAway(place.expect(never_closed)),
        };
        (connection, entered)
    }

    /// Answers the requests of one connection.
    async fn attend(self, connection: TcpStream, entered: Entered) {
        let _ = connection.set_nodelay(true); // only speed is lost
        let served = matches!(entered, Entered::Served(_));
        let _place = match entered {
            Entered::Served(place) | Entered::TurnedAway(place) => place,
        };
        let mut stopped = self.stopped.clone();
        let mut server = http1::Builder::new();
        let patience = if served { self.limits.head } else { self.limits.head_of_turned_away };
        server.timer(TokioTimer::new()).header_read_timeout(patience).max_buf_size(self.limits.head_bytes);
        let connection = TokioIo::new(Stalling::new(connection, self.limits.silence));
        let answered = service_fn(|request| {
            let door = served.then(|| (self.limits, self.services.clone(), self.memory.clone()));
            async move {
                Ok::<_, Infallible>(match door {
                    Some((limits, services, memory)) => answer(limits, services, memory, request).await,
                    None => closing(Problem::unavailable("too many connections are open already", limits::SOON)),
                })
            }
        });
        let mut connection = pin!(server.serve_connection(connection, answered));
        let ended = tokio::select! {
            ended = &mut connection => ended,
            _ = stopped.changed() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection ended early");
        }
    }
}

/// The answer to one request, within the limits.
async fn answer(limits: Limits, services: Router, memory: Arc<Semaphore>, request: Request<Incoming>) -> Response {
    let (head, body) = request.into_parts();
    let (body, received) = Received::watch(body, limits, memory);
    let answering = received.answered_by(services.oneshot(Request::from_parts(head, body)));
    let answered = timeout(limits.request, answering).await;
    match (received.trouble(), answered) {
        (Some(trouble), _) => closing(trouble),
        (None, Ok(answer)) => without_length_of_nothing(answer.unwrap_or_else(|never| match never {})),
        (None, Err(_)) => closing(Problem::unavailable("the answer took too long; it was broken off", limits::SOON)),
    }
}

/// A router measures what it answers to HEAD, and with 304 there is nothing to measure: a length of 0 would be that of GET's 200
/// (RFC 9110 clause 8.6).
fn without_length_of_nothing(mut answer: Response) -> Response {
    if answer.status() == StatusCode::NOT_MODIFIED {
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
