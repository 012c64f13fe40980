//! What a learning platform sends when somebody has completed something, and the secret with which it signs that.

use jiff::Timestamp;
use sealing::Level;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::completion::CompletionData;
use crate::number::CertificateNumber;

/// A message of a learning platform: its type, its time, its data (Standard Webhooks, payload structure).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CompletionMessage {
    /// Who learned what.
    pub data: CompletionData,
    /// PAdES baseline level of the certificate; else that of the data, else `B-LTA`. The two do not contradict each other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// Id of the organization that certifies it; else the world's first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// When it happened, by the platform's clock: a time of RFC 3339. Whether the message is from now the signed header `webhook-timestamp`
    /// says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "2026-11-24T09:00:00Z")]
    pub timestamp: Option<String>,
    /// `completion.recorded`.
    #[serde(rename = "type")]
    #[schema(example = "completion.recorded")]
    pub kind: String,
}

/// The certificate of a completion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CompletionAnswer {
    /// Its public page.
    pub address: String,
    /// The newest other certificate about the same person, achievement and day that counts: a message with another id was about them.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "TBU-2026-000002-L")]
    pub also: Option<CertificateNumber>,
    /// Its number.
    #[schema(value_type = String, example = "TBU-2026-000001-N")]
    pub number: CertificateNumber,
    /// Where the sealed file is.
    pub pdf: String,
}

/// With what messages are signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WebhookSecret {
    /// Where messages are sent.
    pub address: String,
    /// Until when messages that are signed with the secret before this one are taken too, if there was one.
    pub earlier_until: Option<Timestamp>,
    /// The secret: `whsec_`, then the key in base64.
    pub secret: String,
    /// Since when, by the world's clock.
    pub since: Timestamp,
}
