//! An answer that is read line by line while it is made: of any length, in the memory of its longest line.

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;

use super::NetworkError;

/// The longest line: a page of a register has less.
const LONGEST: usize = 64 << 20;

/// The lines of an answer.
#[derive(Debug)]
pub struct Lines {
    body: Body,
    address: String,
    /// What has come, and up to where it was looked through for the end of a line.
    come: BytesMut,
    looked: usize,
    over: bool,
}

impl Lines {
    pub(super) fn new(body: Body, address: String) -> Lines {
        Lines { body, address, come: BytesMut::new(), looked: 0, over: false }
    }

    /// The next line without its end; none after the last one.
    ///
    /// # Errors
    /// [`NetworkError`] if the answer breaks off, or has a line that is longer than any.
    pub async fn next(&mut self) -> Result<Option<Bytes>, NetworkError> {
        loop {
            if let Some(end) = self.come[self.looked..].iter().position(|octet| *octet == b'\n') {
                let mut line = self.come.split_to(self.looked + end + 1);
                line.truncate(line.len() - 1);
                self.looked = 0;
                return Ok(Some(line.freeze()));
            }
            self.looked = self.come.len();
            if self.over {
                self.looked = 0;
                return Ok(Some(self.come.split().freeze()).filter(|rest| !rest.is_empty()));
            }
            if self.come.len() > LONGEST {
                return Err(NetworkError::TooLarge { address: self.address.clone() });
            }
            match self.body.frame().await {
                None => self.over = true,
                Some(Ok(frame)) => self.come.extend_from_slice(frame.data_ref().unwrap_or(&Bytes::new())),
                Some(Err(error)) => {
                    let reason = error.to_string();
                    return Err(NetworkError::Unreachable { address: self.address.clone(), reason });
                }
            }
        }
    }

    /// All that is left, in one piece.
    ///
    /// # Errors
    /// As [`Lines::next`].
    pub async fn rest(mut self) -> Result<Bytes, NetworkError> {
        let mut rest = BytesMut::new();
        while let Some(line) = self.next().await? {
            rest.extend_from_slice(&line);
            rest.extend_from_slice(b"\n");
        }
        Ok(rest.freeze())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn lines_come_whole_however_they_were_sent() {
        let pieces =
            ["{\"a\"", ":1}\n", "\n{\"b\":2}\n{", "}"].map(|piece| Ok::<_, std::io::Error>(Bytes::from(piece)));
        let mut lines = Lines::new(Body::from_stream(futures_util::stream::iter(pieces)), "x".to_owned());
        for line in ["{\"a\":1}", "", "{\"b\":2}", "{}"] {
            assert_eq!(lines.next().await.unwrap().unwrap(), line);
        }
        assert_eq!(lines.next().await.unwrap(), None);
    }

    #[tokio::test]
    async fn an_answer_that_breaks_off_is_no_end() {
        let pieces = [Ok(Bytes::from("{}\n")), Err(std::io::Error::other("gone"))];
        let mut lines = Lines::new(Body::from_stream(futures_util::stream::iter(pieces)), "x".to_owned());
        assert_eq!(lines.next().await.unwrap().unwrap(), "{}");
        assert!(lines.next().await.unwrap_err().to_string().contains("gone"));
    }
}
