//! What the journal keeps of a request and its answer.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One request and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NewExchange {
    /// The world's time when the request came in.
    pub at: Timestamp,
    /// `client` for a request from outside, else the service that asked.
    pub caller: String,
    /// The first segment of the path.
    pub service: String,
    /// The HTTP method.
    pub method: String,
    /// The path with its query, at most 512 characters of it. Of the query's values those of a few harmless members are kept
    /// (`at`, `limit`, …); all others are `…`.
    pub path: String,
    /// The HTTP status of the answer; 0 if none was given.
    pub status: u16,
    /// Media type of the request.
    pub request_type: Option<String>,
    /// Length of the request in bytes, if it was announced.
    pub request_bytes: Option<u64>,
    /// Media type of the answer.
    pub response_type: Option<String>,
    /// Length of the answer in bytes, if it was known beforehand.
    pub response_bytes: Option<u64>,
    /// How long the service took.
    pub microseconds: u64,
    /// What a fault rule did to it: `dropped`, `status 503`, `stale`, `malformed: …`.
    pub fault: Option<String>,
}

/// An exchange with its number in the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Exchange {
    /// Its number: later exchanges have higher ones.
    pub id: i64,
    /// What happened.
    #[serde(flatten)]
    pub exchange: NewExchange,
}
