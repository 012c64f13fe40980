//! A message with its headers, as Standard Webhooks name them: `webhook-id`, `webhook-timestamp`, `webhook-signature`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;

use super::{MessageError, TOLERANCE};
use crate::api::CompletionMessage;
use crate::error::{Error, shortened};

/// The longest id of a message, in characters.
const LONGEST_ID: usize = 255;

/// How a signature begins that is HMAC-SHA256.
const SYMMETRIC: &str = "v1,";

/// A message as it came, of which nothing is known yet.
#[derive(Clone, Copy, Debug)]
pub struct SignedMessage<'a> {
    pub(super) id: &'a str,
    /// As it was sent, which is what the signature covers.
    timestamp: &'a str,
    sent: Timestamp,
    /// Several if the platform has several secrets.
    signatures: &'a str,
    pub(super) body: &'a [u8],
}

impl<'a> SignedMessage<'a> {
    /// A message with the values of its three headers.
    ///
    /// # Errors
    /// [`MessageError::Unsigned`] if it has no signature, [`MessageError::Signature`] if it has none of this kind; [`MessageError::Header`] if
    /// another header is not there, or is none.
    pub fn new(
        id: Option<&'a str>,
        timestamp: Option<&'a str>,
        signatures: Option<&'a str>,
        body: &'a [u8],
    ) -> Result<SignedMessage<'a>, MessageError> {
        let signatures = signatures.filter(|text| !text.trim().is_empty()).ok_or(MessageError::Unsigned)?;
        let id = header("webhook-id", "1 to 255 visible ASCII characters without a dot", id, |id| {
            (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(|octet| octet.is_ascii_graphic() && octet != b'.')
        })?;
        let seconds = |text: &str| text.parse().ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
        let expected = "seconds since 1970-01-01T00:00:00Z";
        let timestamp =
            header("webhook-timestamp", expected, timestamp, |text| !text.starts_with('+') && seconds(text).is_some())?;
        if !signatures.split(' ').any(|one| one.starts_with(SYMMETRIC)) {
            return Err(MessageError::Signature); // of another kind, such as v1a: none that fits
        }
        let sent = seconds(timestamp).unwrap_or_default();
        Ok(SignedMessage { id, timestamp, sent, signatures, body })
    }

    /// Passes if one of the signatures was made with one of these secrets.
    pub(super) fn check_signature(&self, secrets: &[Vec<u8>]) -> Result<(), MessageError> {
        let signatures =
            self.signatures.split(' ').filter_map(|one| STANDARD.decode(one.strip_prefix(SYMMETRIC)?).ok());
        for signature in signatures {
            for secret in secrets {
                if self.signed_with(secret).verify_slice(&signature).is_ok() {
                    return Ok(()); // compared in constant time
                }
            }
        }
        Err(MessageError::Signature)
    }

    fn signed_with(&self, secret: &[u8]) -> Hmac<Sha256> {
        let mut code = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC takes a key of any length");
        for part in [self.id.as_bytes(), b".", self.timestamp.as_bytes(), b".", self.body] {
            code.update(part);
        }
        code
    }

    /// Passes if it was sent about now.
    pub(super) fn check_time(&self, at: Timestamp) -> Result<(), MessageError> {
        match self.sent.duration_since(at).abs() <= TOLERANCE {
            true => Ok(()),
            false => Err(MessageError::OutOfTime { sent: self.sent, at, tolerance: TOLERANCE.as_secs() }),
        }
    }

    /// What it says.
    pub(super) fn read(&self) -> Result<CompletionMessage, Error> {
        Ok(world::json::read_with_place(self.body)?)
    }

    /// Its type, if it says one: what else it has depends on that.
    pub(super) fn kind(&self) -> Option<String> {
        #[derive(serde::Deserialize)]
        struct Typed {
            r#type: String,
        }
        serde_json::from_slice(self.body).ok().map(|typed: Typed| typed.r#type)
    }
}

fn header<'a>(
    name: &'static str,
    expected: &'static str,
    value: Option<&'a str>,
    is_one: impl Fn(&str) -> bool,
) -> Result<&'a str, MessageError> {
    let wrong = |found: String| MessageError::Header { header: name, expected, found };
    match value {
        None => Err(wrong("no such header, or one that is not ASCII".into())),
        Some(value) if !is_one(value) => Err(wrong(format!("{:?}", shortened(value)))),
        Some(value) => Ok(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_what_the_standard_webhooks_libraries_make() {
        // The vector of their tests.
        let secret = STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let (id, time) = (Some("msg_p5jXN8AQM9LWM0D4loKWxJek"), Some("1614265330"));
        let signatures = "v1a,AAAA v1,AAAA v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        let message = SignedMessage::new(id, time, Some(signatures), b"{\"test\": 2432232314}").unwrap();
        assert_eq!(message.check_signature(&[b"another".to_vec(), secret.clone()]), Ok(()));
        assert_eq!(message.check_signature(&[b"another".to_vec()]), Err(MessageError::Signature));
        for other in [
            SignedMessage { body: b"{\"test\": 2432232315}", ..message },
            SignedMessage { id: "msg_2", ..message },
            SignedMessage { timestamp: "1614265331", ..message },
        ] {
            assert_eq!(other.check_signature(std::slice::from_ref(&secret)), Err(MessageError::Signature));
        }
    }

    #[test]
    fn headers_that_are_none_are_named_and_a_dot_in_an_id_could_make_one_message_look_like_another() {
        let named = |id, timestamp, signatures| {
            let message = SignedMessage::new(id, timestamp, signatures, b"");
            message.map_or_else(
                |error| error.to_string().split(':').next().unwrap_or_default().to_owned(),
                |_| String::new(),
            )
        };
        let (id, time, signature) = (Some("a"), Some("1"), Some("v1,AA=="));
        assert_eq!(named(id, time, signature), "");
        for wrong in [None, Some(""), Some("a.1"), Some("a b"), Some("é")] {
            assert_eq!(named(wrong, time, signature), "webhook-id", "{wrong:?}");
        }
        for wrong in [None, Some(""), Some("now"), Some("1.5"), Some("+1"), Some("99999999999999999999")] {
            assert_eq!(named(id, wrong, signature), "webhook-timestamp", "{wrong:?}");
        }
        for wrong in [None, Some(""), Some("AA=="), Some("v2,AA==")] {
            assert_eq!(named(id, time, wrong), "webhook-signature", "{wrong:?}");
        }
    }

    #[test]
    fn five_minutes_either_way_are_near_enough() {
        let message = SignedMessage::new(Some("a"), Some("1000"), Some("v1,AA=="), b"").unwrap();
        for (at, near) in [(1000, true), (700, true), (1300, true), (699, false), (1301, false)] {
            assert_eq!(message.check_time(Timestamp::from_second(at).unwrap()).is_ok(), near, "{at}");
        }
    }
}
