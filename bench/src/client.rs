//! A lean HTTP/1.1 client: one connection that is kept, requests as bytes, so that a measure is the server's and not the
//! client's. It knows `Content-Length` only, which is all that the testbed answers with.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A connection.
pub(crate) struct Connection {
    stream: TcpStream,
    request: Vec<u8>,
    answer: Vec<u8>,
}

/// The lines of a request that stay the same, without its length.
pub(crate) struct Head(String);

impl Head {
    /// For POST requests to that path; `more` are further header lines, each with its end.
    pub(crate) fn post(path: &str, media_type: &str, more: &str) -> Head {
        Head(format!("POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: {media_type}\r\n{more}content-length: "))
    }
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Result<Connection> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Connection { stream, request: Vec::new(), answer: Vec::with_capacity(16 << 10) })
    }

    /// Sends a body and gives the body of the answer, which must be 200.
    pub(crate) async fn ask(&mut self, head: &Head, body: &[u8]) -> Result<&[u8]> {
        self.request.clear();
        self.request.extend_from_slice(head.0.as_bytes());
        self.request.extend_from_slice(body.len().to_string().as_bytes());
        self.request.extend_from_slice(b"\r\n\r\n");
        self.request.extend_from_slice(body);
        self.stream.write_all(&self.request).await?;
        self.answer.clear();
        let body = loop {
            if self.stream.read_buf(&mut self.answer).await? == 0 {
                bail!("the server closed the connection");
            }
            if let Some(start) = self.answer.windows(4).position(|four| four == b"\r\n\r\n") {
                break start + 4;
            }
        };
        let length = content_length(&self.answer[..body]).context("an answer without Content-Length")?;
        while self.answer.len() < body + length {
            if self.stream.read_buf(&mut self.answer).await? == 0 {
                bail!("the server closed the connection");
            }
        }
        if !self.answer.starts_with(b"HTTP/1.1 200") {
            bail!("wanted 200, found {}", String::from_utf8_lossy(&self.answer));
        }
        Ok(&self.answer[body..])
    }
}

fn content_length(head: &[u8]) -> Option<usize> {
    const NAME: &[u8] = b"content-length: ";
    let mut lines = head.split(|byte| *byte == b'\n');
    let line = lines.find(|line| line.len() > NAME.len() && line[..NAME.len()].eq_ignore_ascii_case(NAME))?;
    std::str::from_utf8(&line[NAME.len()..]).ok()?.trim().parse().ok()
}
