//! Messages of learning platforms: somebody has completed something, and gets a certificate. In: a message that the platform signed.
//! Out: one certificate, however often the message comes.
//!
//! Signed as Standard Webhooks say: HMAC-SHA256 over the message's id, its time and its body, with a secret that platform and issuer
//! share.

mod secret;
mod signature;
mod store;

use jiff::{SignedDuration, Timestamp};
use pki::DigestAlgorithm;
use sealing::Level;

use crate::api::CompletionMessage;
use crate::completion::Completion;
use crate::error::Error;
use crate::issue::Issuer;
use crate::store::{Beside, Issued};
pub use signature::SignedMessage;
pub(crate) use store::Answered;

/// How far the time of a message may be from the world's, either way.
pub(crate) const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// The only type of message that is taken.
const COMPLETION_RECORDED: &str = "completion.recorded";

/// Why a message is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
    /// A header is not there, or cannot be read.
    #[error("{header}: wanted {expected}, found {found}")]
    Header {
        /// Its name.
        header: &'static str,
        /// The rule.
        expected: &'static str,
        /// What was sent.
        found: String,
    },
    /// It has no signature.
    #[error(
        "webhook-signature: no such header: wanted a message signed with the secret that `eseal webhook secret` shows"
    )]
    Unsigned,
    /// No signature is over this id, time and body with the secret of this world.
    #[error(
        "webhook-signature: no signature of it is HMAC-SHA256 over ID.TIME.BODY with the secret that `eseal webhook secret` shows"
    )]
    Signature,
    /// It was signed long ago, or in the future.
    #[error("webhook-timestamp: wanted a time at most {tolerance} s from the world's, {at}; found {sent}")]
    OutOfTime {
        /// When it was sent, as it says.
        sent: Timestamp,
        /// The world's time.
        at: Timestamp,
        /// How far it may be.
        tolerance: i64,
    },
    /// Its id was that of another message.
    #[error("webhook-id: {id:?} was the id of another message, which was answered with the certificate {number}")]
    IdTaken {
        /// The id.
        id: String,
        /// What it was answered with.
        number: String,
    },
    /// It names two levels.
    #[error("level: the message says {message}, and its data, at data.level, {data}; leave one of the two out")]
    TwoLevels {
        /// Beside the data.
        message: Level,
        /// In them.
        data: Level,
    },
    /// When it happened cannot be read.
    #[error("timestamp: wanted a time of RFC 3339, such as 2026-11-24T09:00:00Z, found {found:?}")]
    Timestamp {
        /// What was sent.
        found: String,
    },
    /// It is of a type that nobody here knows.
    #[error("type: wanted {COMPLETION_RECORDED:?}, found {found:?}")]
    UnknownType {
        /// Its type.
        found: String,
    },
}

impl Issuer {
    /// Issues the certificate of a message, or finds the one that was issued when it came before.
    ///
    /// # Errors
    /// [`MessageError`] if it is not taken; [`Error::InHand`] while the same message is worked on; as for [`Issuer::issue`].
    pub async fn receive(&self, message: &SignedMessage<'_>) -> Result<Issued, Error> {
        let at = self.now();
        message.check_signature(&self.accepted_secrets(at).await?)?;
        message.check_time(at)?;
        let sha256 = DigestAlgorithm::Sha256.digest(message.body).to_string();
        let _held = self
            .holds
            .take(format!("message {}", message.id))
            .await?
            .ok_or_else(|| Error::InHand { what: format!("the message {:?} is being worked on", message.id) })?;
        if let Some(before) = store::answered(&self.world.store, message.id).await? {
            return match before.sha256 == sha256 {
                true => self.find(&before.number).await,
                false => Err(MessageError::IdTaken { id: message.id.to_owned(), number: before.number }.into()),
            };
        }
        if let Some(found) = message.kind().filter(|kind| kind != COMPLETION_RECORDED) {
            return Err(MessageError::UnknownType { found: crate::error::shortened(&found) }.into());
        }
        let CompletionMessage { data, level, organization, timestamp, .. } = message.read()?;
        if let Some(found) = timestamp.filter(|text| !is_rfc_3339(text)) {
            return Err(MessageError::Timestamp { found: crate::error::shortened(&found) }.into());
        }
        let completion = Completion::try_from(data)?;
        let level = match (level, completion.level()) {
            (Some(message), Some(data)) if message != data => {
                return Err(MessageError::TwoLevels { message, data }.into());
            }
            (message, data) => message.or(data).unwrap_or(Level::BLTA),
        };
        let issuer = self.in_the_name_of(organization.as_deref())?;
        let answered = Answered { id: message.id.to_owned(), sha256 };
        issuer.issue_beside(&completion, level, None, Some(Beside::Answers(&answered))).await
    }
}

/// Whether it is a `date-time` of RFC 3339 clause 5.6, with its offset: no other form of ISO 8601.
fn is_rfc_3339(text: &str) -> bool {
    let digits = |place: usize, octet: u8| match place {
        4 | 7 => octet == b'-',
        10 => matches!(octet, b'T' | b't'),
        13 | 16 => octet == b':',
        _ => octet.is_ascii_digit(),
    };
    let is_offset = |text: &str| {
        let hours_and_minutes = text.strip_prefix(['+', '-']).and_then(|rest| rest.split_once(':'));
        text.eq_ignore_ascii_case("Z")
            || hours_and_minutes.is_some_and(|(hours, minutes)| hours.len() == 2 && minutes.len() == 2)
    };
    let Some((moment, rest)) = text.split_at_checked(19) else { return false };
    let fraction = rest.strip_prefix('.').map(|rest| rest.trim_start_matches(|one: char| one.is_ascii_digit()));
    moment.bytes().enumerate().all(|(place, octet)| digits(place, octet))
        && fraction.is_none_or(|offset| offset.len() + 1 < rest.len())
        && is_offset(fraction.unwrap_or(rest))
        && text.parse::<Timestamp>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::is_rfc_3339;

    #[test]
    fn a_time_of_rfc_3339_has_its_day_its_seconds_and_its_offset() {
        for time in ["2026-11-24T09:00:00Z", "2026-11-24t18:00:00.25+09:00", "2024-02-29T23:59:60Z"] {
            assert!(is_rfc_3339(time), "{time}");
        }
        for other in [
            "",
            "yesterday",
            "1795510800",
            "2026-11-24",
            "2026-11-24T09:00:00",
            "2026-11-24 09:00:00Z",
            "2026-02-30T09:00:00Z",
            "2026-11-24T09:00Z",
            "2026-11-24T09:00:00.Z",
            "2026-11-24T09:00:00+0900",
            "2026-11-24T09:00:00+09:00[Asia/Tokyo]",
            "+002026-11-24T09:00:00Z",
            "2026-11-24T25:00:00Z",
            "２026-11-24T09:00:00Z",
        ] {
            assert!(!is_rfc_3339(other), "{other}");
        }
    }
}
