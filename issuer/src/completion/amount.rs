//! Hours and credits: positive numbers with at most two decimals, kept exactly.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An amount of hours or credits, from 0.01 to 9999.99. In JSON a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount {
    hundredths: u32,
}

impl Amount {
    /// An amount from hundredths: 2250 is 22.5.
    pub fn from_hundredths(hundredths: u32) -> Option<Self> {
        (1..=999_999).contains(&hundredths).then_some(Self { hundredths })
    }

    /// The amount as a floating point number, for JSON.
    pub fn as_f64(self) -> f64 {
        f64::from(self.hundredths) / 100.0
    }

    /// Whether it is exactly one (for "1 hour").
    pub fn is_one(self) -> bool {
        self.hundredths == 100
    }
}

impl fmt::Display for Amount {
    /// As few digits as there are: `15`, `22.5`, `0.75`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.hundredths / 100, self.hundredths % 100);
        match part {
            0 => write!(formatter, "{whole}"),
            part if part % 10 == 0 => write!(formatter, "{whole}.{}", part / 10),
            part => write!(formatter, "{whole}.{part:02}"),
        }
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.hundredths.is_multiple_of(100) {
            serializer.serialize_u32(self.hundredths / 100)
        } else {
            serializer.serialize_f64(self.as_f64())
        }
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = serde_json::Number::deserialize(deserializer)?;
        let value = number.as_f64().unwrap_or(f64::NAN);
        let expected = "wanted a number from 0.01 to 9999.99 with at most two decimals";
        let hundredths = (value * 100.0).round();
        if !(1.0..=999_999.0).contains(&hundredths) || (value * 100.0 - hundredths).abs() > 1e-6 {
            return Err(de::Error::custom(format!("{expected}, found {number}")));
        }
        // The range was checked just above, so nothing is lost.
        Self::from_hundredths(hundredths as u32).ok_or_else(|| de::Error::custom(expected))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_printed_with_as_few_digits_as_they_have() {
        for (json, printed) in [("15", "15"), ("22.5", "22.5"), ("0.75", "0.75"), ("1.05", "1.05"), ("2.0", "2")] {
            let amount: Amount = serde_json::from_str(json).unwrap();
            assert_eq!(amount.to_string(), printed);
            assert_eq!(serde_json::from_str::<Amount>(&serde_json::to_string(&amount).unwrap()).unwrap(), amount);
        }
    }

    #[test]
    fn zero_negative_huge_and_too_fine_amounts_are_refused() {
        for json in ["0", "-1", "10000", "0.001", "1e300", "null", "\"15\""] {
            assert!(serde_json::from_str::<Amount>(json).is_err(), "{json}");
        }
    }
}
