//! A connection that does not wait for ever for its peer to read: an answer of which nothing is taken for some time is broken
//! off. (How long a peer may take to send is limited where heads and bodies are read.)

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::patience::Patience;
use super::quiet::Quiet;

pub(super) struct Stalling {
    connection: TcpStream,
    patience: Patience,
    quiet: Quiet,
    blocked: bool,
}

impl Stalling {
    pub(super) fn new(connection: TcpStream, patience: Duration, quiet: Quiet) -> Stalling {
        Stalling { connection, patience: Patience::new(patience), quiet, blocked: false }
    }

    /// Looks at what comes first, and leaves it where it is.
    pub(super) async fn peek(&self, into: &mut [u8]) -> io::Result<usize> {
        self.connection.peek(into).await
    }

    fn within_patience<T>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if self.blocked != written.is_pending() {
            self.blocked = written.is_pending();
            self.quiet.blocked(self.blocked);
        }
        if written.is_ready() {
            self.patience.renew();
            return written;
        }
        self.patience.poll_end(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Stalling {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_read(cx, into)
    }
}

impl AsyncWrite for Stalling {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.connection).poll_write(cx, bytes);
        self.within_patience(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.connection).poll_write_vectored(cx, parts);
        self.within_patience(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.connection.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.connection).poll_shutdown(cx)
    }
}
