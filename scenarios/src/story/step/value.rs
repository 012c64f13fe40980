//! Values in steps: times, names, and what is meant where nothing is said.

use std::fmt::Display;
use std::str::FromStr;

use jiff::Timestamp;
use laboratory::Level;
use pki::KeyKind;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use world::time::Duration;

use crate::story::OWN;

/// The time that `text` names: `now`, `+1d`, `start`, `start+3y`, a date, RFC 3339.
pub(crate) fn at_moment(text: &str, start: Timestamp, now: Timestamp) -> Result<Timestamp, world::time::TimeError> {
    match text.strip_prefix("start") {
        Some("") => Ok(start),
        Some(distance) => world::time::parse(distance, start),
        None => world::time::parse(text, now),
    }
}

/// Whether it can be read as a moment at all.
pub(in crate::story) fn check_moment(text: &str) -> Result<(), String> {
    let any = Timestamp::UNIX_EPOCH;
    let any = any.checked_add(jiff::SignedDuration::from_hours(24 * 365 * 60)).unwrap_or(any);
    at_moment(text, any, any).map(|_| ()).map_err(|error| format!("{error}; or start, start+400d"))
}

pub(super) fn some_moment<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    check_moment(&text).map_err(D::Error::custom)?;
    Ok(text)
}

pub(super) fn moment<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    some_moment(from).map(Some)
}

pub(super) fn parsed<'de, D: Deserializer<'de>, T: FromStr<Err: Display>>(from: D) -> Result<T, D::Error> {
    String::deserialize(from)?.parse().map_err(D::Error::custom)
}

pub(super) fn highest() -> Level {
    Level::BLTA
}

pub(super) fn usual() -> KeyKind {
    KeyKind::P256
}

pub(super) fn own() -> String {
    OWN.into()
}

pub(super) fn right() -> Duration {
    Duration::seconds(0)
}

pub(super) fn yes() -> bool {
    true
}
