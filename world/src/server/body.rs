//! The body of a request while it comes in. In: what the connection gives. Out: the same to the handler, or an error that ends
//! its reading, of which the server tells the client afterwards: whichever way the handler reads, the answer is the same.
//!
//! What the handler leaves unread is read to its end and thrown away while the answer is sent: a client that sends before it
//! listens hears why it failed (RFC 9112 clause 9.6), and its connection can be used again.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http::StatusCode;
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::limits::{self, FREE, Limits};
use super::patience::Patience;
use crate::problem::Problem;

tokio::task_local! {
    /// The body of the request that is being answered.
    static ANSWERED: Received;
}

/// What became of a body. Its bytes are counted until every copy of this has ended: as long as its request is worked on, in a
/// pool too, where the work goes on when the client has gone.
#[derive(Clone)]
pub(crate) struct Received(Option<Arc<Mutex<State>>>);

#[derive(Default)]
struct State {
    trouble: Option<Trouble>,
    held: Option<OwnedSemaphorePermit>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum Trouble {
    #[error("nothing came of the body for {} s", .0.as_secs())]
    Silence(Duration),
    #[error("too many large requests are being worked on; try again in {} seconds", limits::SOON)]
    Memory,
}

impl Received {
    /// That of the request that is being answered, for work that outlives it.
    pub(crate) fn being_answered() -> Option<Received> {
        ANSWERED.try_with(Received::clone).ok()
    }

    /// Answers its request.
    pub(super) async fn answered_by<T>(&self, answering: impl Future<Output = T>) -> T {
        ANSWERED.scope(self.clone(), answering).await
    }

    /// Watches a body; `asks_first` if its client asked first whether to send it. A request without one costs nothing.
    pub(super) fn watch(
        incoming: Incoming,
        asks_first: bool,
        limits: Limits,
        memory: Arc<Semaphore>,
    ) -> (Body, Received) {
        if incoming.is_end_stream() {
            return (Body::empty(), Received(None));
        }
        let state = Arc::new(Mutex::default());
        let patience = Patience::new(limits.silence);
        let watched =
            Watched { incoming: Some(incoming), asks_first, state: state.clone(), memory, free: FREE, patience };
        (Body::new(watched), Received(Some(state)))
    }

    /// Why the body was not read to its end, if that is the reason for whatever the handler said.
    pub(super) fn trouble(&self) -> Option<Problem> {
        let state = self.0.as_ref()?.lock().expect("no code panics while it holds the state");
        state.trouble.map(|trouble| match trouble {
            Trouble::Silence(_) => Problem::new(StatusCode::REQUEST_TIMEOUT, "request_timeout", trouble),
            Trouble::Memory => Problem::unavailable(trouble, limits::SOON),
        })
    }
}

struct Watched {
    /// Until its end, or until nothing more is expected of it.
    incoming: Option<Incoming>,
    asks_first: bool,
    state: Arc<Mutex<State>>,
    memory: Arc<Semaphore>,
    /// How many bytes may still come uncounted.
    free: usize,
    patience: Patience,
}

impl Watched {
    fn ended<T>(&mut self, trouble: Trouble) -> Poll<Option<Result<T, axum::Error>>> {
        if matches!(trouble, Trouble::Silence(_)) {
            self.incoming = None;
        }
        self.state.lock().expect("no code panics while it holds the state").trouble = Some(trouble);
        Poll::Ready(Some(Err(axum::Error::new(trouble))))
    }

    /// Whether so many bytes may be held besides.
    fn hold(&mut self, bytes: usize) -> bool {
        let counted = bytes.saturating_sub(self.free);
        self.free = self.free.saturating_sub(bytes);
        if counted == 0 {
            return true;
        }
        let Ok(Ok(more)) = u32::try_from(counted).map(|counted| self.memory.clone().try_acquire_many_owned(counted))
        else {
            return false;
        };
        let mut state = self.state.lock().expect("no code panics while it holds the state");
        match &mut state.held {
            Some(held) => held.merge(more),
            none => *none = Some(more),
        }
        true
    }
}

impl http_body::Body for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.asks_first = false; // by now it was told to go on
        let Some(incoming) = &mut self.incoming else { return Poll::Ready(None) };
        match Pin::new(incoming).poll_frame(cx) {
            Poll::Pending => match self.patience.poll_end(cx) {
                Poll::Ready(()) => {
                    let silence = self.patience.length;
                    self.ended(Trouble::Silence(silence))
                }
                Poll::Pending => Poll::Pending,
            },
            Poll::Ready(Some(Ok(frame))) => {
                self.patience.renew();
                let bytes = frame.data_ref().map_or(0, Bytes::len);
                if self.hold(bytes) { Poll::Ready(Some(Ok(frame))) } else { self.ended(Trouble::Memory) }
            }
            Poll::Ready(last) => {
                self.incoming = None;
                Poll::Ready(last.map(|failed| failed.map_err(axum::Error::new)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.as_ref().is_none_or(Incoming::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.as_ref().map_or(SizeHint::with_exact(0), Incoming::size_hint)
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if let Some(incoming) = self.incoming.take() {
            throw_away(incoming, self.asks_first, self.patience.length);
        }
    }
}

/// Reads a body that nobody wants, unless its client asked first whether to send it (RFC 9110 clause 10.1.1): then none comes.
/// What is too long, or stops coming, is given up, and its connection with it.
pub(super) fn throw_away(mut incoming: Incoming, asks_first: bool, silence: Duration) {
    if asks_first || incoming.is_end_stream() {
        return;
    }
    tokio::spawn(async move {
        let mut left = limits::THROWN_AWAY;
        while let Ok(Some(Ok(frame))) = tokio::time::timeout(silence, incoming.frame()).await {
            left = left.saturating_sub(frame.data_ref().map_or(0, Bytes::len));
            if left == 0 {
                return;
            }
        }
    });
}
