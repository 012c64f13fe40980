//! Values of a plan that are written as text: whatever has `Display` and `FromStr`, moments, accuracies.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use pki::Accuracy;
use serde::{Deserialize, Deserializer, Serializer};
use world::time::{Duration, TimeError};

use super::told::InJapanese;

pub(super) fn serialize<T: fmt::Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

pub(super) fn deserialize<'de, T, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error>
where
    T: FromStr<Err: InJapanese>,
{
    parsed(&String::deserialize(deserializer)?)
}

fn parsed<T: FromStr<Err: InJapanese>, E: serde::de::Error>(text: &str) -> Result<T, E> {
    text.parse().map_err(|error: T::Err| E::custom(error.told().carried()))
}

/// The same for what may be absent.
pub(super) mod optional {
    use super::*;

    pub(in crate::plan) fn serialize<T: fmt::Display, S: Serializer>(
        value: &Option<T>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => serializer.collect_str(value),
            None => serializer.serialize_none(),
        }
    }

    pub(in crate::plan) fn deserialize<'de, T, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error>
    where
        T: FromStr<Err: InJapanese>,
    {
        super::deserialize(deserializer).map(Some)
    }
}

/// The same for lists.
pub(super) mod list {
    use super::*;

    pub(in crate::plan) fn serialize<T: fmt::Display, S: Serializer>(
        values: &[T],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(values.iter().map(ToString::to_string))
    }

    pub(in crate::plan) fn deserialize<'de, T, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error>
    where
        T: FromStr<Err: InJapanese>,
    {
        Vec::<String>::deserialize(deserializer)?.iter().map(|text| parsed(text)).collect()
    }
}

/// A moment of a plan: `2026-11-24T09:00:00+09:00`, `2026-11-24`, or relative to the start, `-5y`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// A time.
    At(Timestamp),
    /// So long after the start, or before it.
    After(Duration),
}

impl Moment {
    /// The time that it is when the start is `start`, in whole seconds, as certificates have it.
    ///
    /// # Errors
    /// If it lies outside the years that certificates can carry.
    pub fn at(self, start: Timestamp) -> Result<Timestamp, TimeError> {
        let at = match self {
            Moment::At(at) => at,
            Moment::After(duration) => duration.after(start)?,
        };
        Ok(world::time::whole_seconds(at))
    }
}

/// A moment that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoMoment {
    /// It is no time.
    #[error("{text:?} is not a time: write 2030-01-01, 2030-01-01T09:00:00+09:00 or, relative to the start, -3y")]
    Time {
        /// What was written.
        text: String,
    },
    /// It is no duration, or no certificate can have that time.
    #[error(transparent)]
    Other(TimeError),
}

impl InJapanese for NoMoment {
    fn japanese(&self) -> String {
        match self {
            NoMoment::Time { text } => format!(
                "{text:?} は時刻ではありません。2030-01-01、2030-01-01T09:00:00+09:00、開始時刻からの -3y のように書きます"
            ),
            NoMoment::Other(error) => error.japanese(),
        }
    }
}

impl FromStr for Moment {
    type Err = NoMoment;

    fn from_str(text: &str) -> Result<Moment, NoMoment> {
        if text.starts_with(['+', '-']) {
            return text.parse().map(Moment::After).map_err(NoMoment::Other);
        }
        let no_time = || NoMoment::Time { text: text.into() };
        if text == "now" {
            return Err(no_time()); // which moment that is would depend on when it is read
        }
        world::time::parse(text, Timestamp::UNIX_EPOCH).map(Moment::At).map_err(|error| match error {
            TimeError::Time { .. } => no_time(),
            error => NoMoment::Other(error),
        })
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Moment::At(at) => at.fmt(f),
            Moment::After(duration) => write!(f, "{duration:+}"),
        }
    }
}

/// TSTInfo.accuracy as it is written: `1s`, `500ms`, `20us`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccuracyText(pub Accuracy);

/// An accuracy that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is no accuracy: wanted a whole number above 0 and one of s, ms, us, such as 1s, 500ms or 20us")]
pub struct NoAccuracy {
    text: String,
}

impl InJapanese for NoAccuracy {
    fn japanese(&self) -> String {
        let NoAccuracy { text } = self;
        format!(
            "{text:?} は精度ではありません。0 より大きい整数に s、ms、us のいずれかを付けます（例: 1s、500ms、20us）"
        )
    }
}

impl FromStr for AccuracyText {
    type Err = NoAccuracy;

    fn from_str(text: &str) -> Result<AccuracyText, NoAccuracy> {
        let wrong = || NoAccuracy { text: text.into() };
        let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let unit = match &text[number.len()..] {
            "s" => 1_000_000,
            "ms" => 1_000,
            "us" => 1,
            _ => return Err(wrong()),
        };
        let amount: u64 = number.parse().map_err(|_| wrong())?;
        let microseconds = amount.checked_mul(unit).filter(|all| *all > 0).ok_or_else(wrong)?;
        let seconds = u32::try_from(microseconds / 1_000_000).map_err(|_| wrong())?;
        let [milliseconds, microseconds] =
            [microseconds / 1_000, microseconds].map(|part| u16::try_from(part % 1_000).expect("less than 1000"));
        Ok(AccuracyText(Accuracy { seconds, milliseconds, microseconds }))
    }
}

impl fmt::Display for AccuracyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.0.duration().as_micros();
        match all {
            _ if all.is_multiple_of(1_000_000) => write!(f, "{}s", all / 1_000_000),
            _ if all.is_multiple_of(1_000) => write!(f, "{}ms", all / 1_000),
            _ => write!(f, "{all}us"),
        }
    }
}
