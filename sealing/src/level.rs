//! PAdES baseline levels, ETSI EN 319 142-1 clause 6.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;

/// How much of its own proof a sealed file carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ToSchema)]
pub enum Level {
    /// A seal.
    #[schema(rename = "B-B")]
    BB,
    /// A seal and a time-stamp over it.
    #[schema(rename = "B-T")]
    BT,
    /// The same with certificates, CRLs and OCSP answers inside.
    #[schema(rename = "B-LT")]
    BLT,
    /// The same, all of it under a document time-stamp.
    #[schema(rename = "B-LTA")]
    BLTA,
}

impl fmt::Display for Level {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Level::BB => "B-B",
            Level::BT => "B-T",
            Level::BLT => "B-LT",
            Level::BLTA => "B-LTA",
        })
    }
}

impl FromStr for Level {
    type Err = UnknownLevel;

    fn from_str(text: &str) -> Result<Level, UnknownLevel> {
        match text.to_ascii_uppercase().as_str() {
            "B-B" => Ok(Level::BB),
            "B-T" => Ok(Level::BT),
            "B-LT" => Ok(Level::BLT),
            "B-LTA" => Ok(Level::BLTA),
            _ => Err(UnknownLevel { found: text.into() }),
        }
    }
}

impl Serialize for Level {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Level {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Level, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A text that names no level.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{found:?} is not a level: wanted B-B, B-T, B-LT or B-LTA")]
pub struct UnknownLevel {
    /// What was given.
    pub found: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_read_as_they_are_written() {
        for level in [Level::BB, Level::BT, Level::BLT, Level::BLTA] {
            assert_eq!(level.to_string().parse(), Ok(level));
        }
        assert!("B-X".parse::<Level>().unwrap_err().to_string().contains("B-LTA"));
    }
}
