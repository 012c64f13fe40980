//! What crosses to the key server: each request as it was sent, so that anybody can see what left and what did not.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A request to the key server. Nothing of it is left out; what would let somebody else in is blacked out octet by octet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crossing {
    /// The address; requests are sent by POST.
    pub address: String,
    /// The world's time when it was sent.
    pub at: Timestamp,
    /// Whether an access token was shown (`Authorization: Bearer`). It came from the key server itself.
    pub authorized: bool,
    /// The body. A client secret in it is `*` for each of its octets, so that places and sizes are true.
    pub body: String,
    /// Media type of the body.
    pub media_type: String,
    /// HTTP status of the answer; none if no answer came.
    pub status: Option<u16>,
}

/// Takes down what is sent. Whoever has a clone of it takes down into the same one.
#[derive(Clone, Debug, Default)]
pub struct Crossings(Arc<Mutex<Vec<Crossing>>>);

impl Crossings {
    /// What was taken down so far, in its order.
    pub fn all(&self) -> Vec<Crossing> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn note(&self, crossing: Crossing) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(crossing);
    }
}

/// A body without a secret, as long as before.
pub(crate) fn blacked_out(body: &str, secret: &str) -> String {
    let written: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    match secret.is_empty() {
        true => body.to_owned(),
        false => body.replace(&written, &"*".repeat(written.len())).replace(secret, &"*".repeat(secret.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_blacked_out_as_it_is_written_in_a_form_and_nothing_moves() {
        let body = "grant_type=client_credentials&client_secret=a%2Fb&x=1";
        let told = blacked_out(body, "a/b");
        assert_eq!(told, "grant_type=client_credentials&client_secret=*****&x=1");
        assert_eq!(told.len(), body.len());
    }
}
