//! How long nothing may happen.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::Sleep;

/// A deadline that begins when something is waited for, and is forgotten when it comes. What does not wait pays nothing.
pub(super) struct Patience {
    pub(super) length: Duration,
    running: Option<Pin<Box<Sleep>>>,
}

impl Patience {
    pub(super) fn new(length: Duration) -> Patience {
        Patience { length, running: None }
    }

    /// Something came.
    pub(super) fn renew(&mut self) {
        self.running = None;
    }

    /// Nothing came: ready when it has been so for too long.
    pub(super) fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let length = self.length;
        #[expect(clippy::disallowed_methods, reason = "that nothing happens is no event")]
        let running = self.running.get_or_insert_with(|| Box::pin(tokio::time::sleep(length)));
        running.as_mut().poll(cx)
    }
}
