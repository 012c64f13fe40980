//! Times and durations as people write them on the command line and in scenarios.
//!
//! In: `90s`, `15m`, `400d`, `10y`; `now`, `+400d`, `-3y`, `2030-01-01`, RFC 3339. Out: a [`Duration`], a timestamp.

use std::fmt;
use std::str::FromStr;

use jiff::civil::date;
use jiff::fmt::temporal::Pieces;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

/// The earliest and latest year that UTCTime and GeneralizedTime of RFC 5280 clause 4.1.2.5 can carry.
const YEARS: std::ops::RangeInclusive<i16> = 1950..=9999;

/// The last second that a clock shows and a date here can have. RFC 5280 clause 4.1.2.5 lets certificates name 9999-12-31T23:59:59Z,
/// which lies a day beyond what [`Timestamp`] holds: whatever lies in that last day becomes this second.
pub const LAST: Timestamp = Timestamp::constant(253_402_207_200, 0);

/// A calendar duration of one unit: seconds, minutes, hours, days, weeks or years. May be negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duration {
    amount: i64,
    unit: Unit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Seconds,
    Minutes,
    Hours,
    Days,
    Weeks,
    Years,
}

impl Duration {
    /// So many whole seconds.
    pub const fn seconds(amount: i64) -> Duration {
        Duration { amount, unit: Unit::Seconds }
    }

    /// So many days of 24 hours.
    pub const fn days(amount: i64) -> Duration {
        Duration { amount, unit: Unit::Days }
    }

    /// So many calendar years.
    pub const fn years(amount: i64) -> Duration {
        Duration { amount, unit: Unit::Years }
    }

    /// So many seconds; nothing of years, of which some are longer, and of what is too much.
    pub fn as_seconds(self) -> Option<i64> {
        let each = match self.unit {
            Unit::Seconds => 1,
            Unit::Minutes => 60,
            Unit::Hours => 3_600,
            Unit::Days => 86_400,
            Unit::Weeks => 604_800,
            Unit::Years => return None,
        };
        self.amount.checked_mul(each)
    }

    /// The moment that lies this far after `at`, by the UTC calendar (29 February plus a year is 28 February).
    ///
    /// # Errors
    /// [`TimeError::OutOfRange`] if no certificate can carry it.
    pub fn after(self, at: Timestamp) -> Result<Timestamp, TimeError> {
        let out_of_range = || TimeError::OutOfRange { text: format!("{at} {self:+}") };
        let span = match self.unit {
            Unit::Seconds => Span::new().try_seconds(self.amount),
            Unit::Minutes => Span::new().try_minutes(self.amount),
            Unit::Hours => Span::new().try_hours(self.amount),
            Unit::Days => Span::new().try_days(self.amount),
            Unit::Weeks => Span::new().try_weeks(self.amount),
            Unit::Years => Span::new().try_years(self.amount),
        }
        .map_err(|_| out_of_range())?;
        let moment = at.to_zoned_datetime(TimeZone::UTC).checked_add(span).map_err(|_| out_of_range())?;
        in_range(moment.timestamp()).ok_or_else(out_of_range)
    }

    /// The same for the end of something: [`LAST`] if it would lie beyond.
    pub fn until(self, at: Timestamp) -> Timestamp {
        self.after(at).unwrap_or(LAST)
    }
}

impl FromStr for Duration {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let wrong = || TimeError::Duration { text: text.into() };
        let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let unit = match &text[number.len()..] {
            "s" => Unit::Seconds,
            "m" | "min" => Unit::Minutes,
            "h" => Unit::Hours,
            "d" => Unit::Days,
            "w" => Unit::Weeks,
            "y" => Unit::Years,
            _ => return Err(wrong()),
        };
        let amount = number.strip_prefix('+').unwrap_or(number).parse().map_err(|_| wrong())?;
        Ok(Duration { amount, unit })
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            Unit::Seconds => "s",
            Unit::Minutes => "m",
            Unit::Hours => "h",
            Unit::Days => "d",
            Unit::Weeks => "w",
            Unit::Years => "y",
        };
        if f.sign_plus() { write!(f, "{:+}{unit}", self.amount) } else { write!(f, "{}{unit}", self.amount) }
    }
}

/// Reads a time argument: `now`, a duration with its sign (relative to `now`), a date (its first moment in UTC) or
/// RFC 3339 with offset.
///
/// # Errors
/// If it is none of these, or lies outside the years that certificates can carry.
pub fn parse(text: &str, now: Timestamp) -> Result<Timestamp, TimeError> {
    if text == "now" {
        return Ok(now);
    }
    if text.starts_with(['+', '-']) {
        return text.parse::<Duration>()?.after(now);
    }
    let full = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
    match full.parse::<Timestamp>() {
        Ok(moment) => in_range(moment).ok_or_else(|| TimeError::OutOfRange { text: text.into() }),
        Err(_) if is_on_the_last_day(&full) => Ok(LAST),
        Err(_) => Err(TimeError::Time { text: text.into() }),
    }
}

/// Whether it is a time in RFC 3339 that a [`Timestamp`] cannot hold any more, though a certificate can.
fn is_on_the_last_day(text: &str) -> bool {
    let Ok(pieces) = Pieces::parse(text) else { return false };
    pieces.offset().is_some() && pieces.time().is_some() && pieces.date() >= date(9999, 12, 30)
}

/// The last whole second that is not after this moment: certificates, CRLs, OCSP and time-stamps carry whole seconds, and what is made now must
/// not begin later, before 1970 either, where [`Timestamp::as_second`] rounds up.
pub fn whole_seconds(at: Timestamp) -> Timestamp {
    let begun = if at.subsec_nanosecond() < 0 { at.as_second() - 1 } else { at.as_second() };
    Timestamp::from_second(begun).expect("the first and the last timestamp are whole seconds, or begun ones")
}

fn in_range(moment: Timestamp) -> Option<Timestamp> {
    YEARS.contains(&moment.to_zoned_datetime(TimeZone::UTC).year()).then_some(moment)
}

/// A time or duration that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// Not a duration.
    #[error(
        "{text:?} is not a duration: write a whole number and one of s, m, h, d, w, y, such as 90s, 15m, 400d or 10y"
    )]
    Duration {
        /// What was given.
        text: String,
    },
    /// Not a time.
    #[error("{text:?} is not a time: write now, +400d, -3y, 2030-01-01 or 2030-01-01T09:00:00+09:00")]
    Time {
        /// What was given.
        text: String,
    },
    /// A time outside 1950–9999.
    #[error("{text:?} lies outside the years 1950 to 9999, which certificates can carry")]
    OutOfRange {
        /// What was given.
        text: String,
    },
}

impl TimeError {
    /// The same in Japanese.
    pub fn in_japanese(&self) -> String {
        match self {
            TimeError::Duration { text } => format!(
                "{text:?} は期間ではありません。整数に s、m、h、d、w、y のいずれかを付けます（例: 90s、15m、400d、10y）"
            ),
            TimeError::Time { text } => format!(
                "{text:?} は時刻ではありません。now、+400d、-3y、2030-01-01、2030-01-01T09:00:00+09:00 のように書きます"
            ),
            TimeError::OutOfRange { text } => {
                format!("{text:?} は、証明書に書ける 1950 年から 9999 年までの外にあります")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-24T09:00:00Z".parse().unwrap()
    }

    #[test]
    fn times_are_read_relative_absolute_and_as_dates() {
        for (text, expected) in [
            ("now", "2026-11-24T09:00:00Z"),
            ("+400d", "2027-12-29T09:00:00Z"),
            ("-3y", "2023-11-24T09:00:00Z"),
            ("+90s", "2026-11-24T09:01:30Z"),
            ("2030-01-01", "2030-01-01T00:00:00Z"),
            ("2030-01-01T09:00:00+09:00", "2030-01-01T00:00:00Z"),
        ] {
            assert_eq!(parse(text, now()).unwrap().to_string(), expected, "{text}");
        }
    }

    #[test]
    fn a_wrong_time_or_duration_says_what_can_be_written() {
        assert!(parse("tomorrow", now()).unwrap_err().to_string().contains("+400d"));
        assert!("10 years".parse::<Duration>().unwrap_err().to_string().contains("10y"));
        assert_eq!(parse("+9999y", now()), Err(TimeError::OutOfRange { text: "2026-11-24T09:00:00Z +9999y".into() }));
        assert!(parse("+99999999999999999d", now()).is_err());
        assert!(parse("日本語の文字列です", now()).is_err());
    }

    #[test]
    fn the_last_day_of_9999_is_a_time() {
        for text in ["9999-12-31", "9999-12-31T23:59:59Z", "9999-12-30T22:00:01Z", "9999-12-31T09:00:00+09:00"] {
            assert_eq!(parse(text, now()), Ok(LAST), "{text}");
        }
        assert_eq!((LAST.to_string().as_str(), whole_seconds(Timestamp::MAX)), ("9999-12-30T22:00:00Z", LAST));
        assert_eq!(parse("9999-12-32", now()), Err(TimeError::Time { text: "9999-12-32".into() }));
        assert_eq!(Duration::years(8000).until(now()), LAST);
        assert_eq!(Duration::days(1).until(now()).to_string(), "2026-11-25T09:00:00Z");
    }

    #[test]
    fn a_whole_second_is_never_later_before_1970_either() {
        for (at, expected) in [
            ("1969-12-31T23:59:59.25Z", "1969-12-31T23:59:59Z"),
            ("1960-06-01T12:00:00.000000001Z", "1960-06-01T12:00:00Z"),
            ("1960-06-01T12:00:00Z", "1960-06-01T12:00:00Z"),
            ("2026-11-24T09:00:00.999999999Z", "2026-11-24T09:00:00Z"),
        ] {
            assert_eq!(whole_seconds(at.parse().unwrap()).to_string(), expected, "{at}");
        }
        assert_eq!(whole_seconds(Timestamp::MIN), Timestamp::MIN);
    }

    #[test]
    fn a_leap_day_plus_a_year_is_the_last_of_february() {
        let leap = "2028-02-29T00:00:00Z".parse().unwrap();
        assert_eq!(Duration::years(1).after(leap).unwrap().to_string(), "2029-02-28T00:00:00Z");
    }
}
