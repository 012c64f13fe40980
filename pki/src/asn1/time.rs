//! UTCTime and GeneralizedTime, ITU-T X.690 clause 11.7, 11.8 and RFC 5280 §4.1.2.5. In: content octets. Out: a time.
//!
//! Fractions of a second are read (time-stamps have them), whole seconds are written.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

use super::{GENERALIZED_TIME, UTC_TIME};

/// RFC 5280 §4.1.2.5: "no well-defined expiration date". It lies a day beyond the last `Timestamp`.
const WITHOUT_END: &str = "99991231235959Z";

/// Reads UTCTime or GeneralizedTime by its tag; `None` if the text is something else.
/// Times after the last `Timestamp` (in the last two days of 9999) become that one.
pub(crate) fn parse(tag: u8, text: &[u8]) -> Option<Timestamp> {
    let text = text.strip_suffix(b"Z")?;
    let (year, rest) = match tag {
        UTC_TIME => {
            let year = digits(text.get(..2)?)?;
            (if year < 50 { 2000 + year } else { 1900 + year }, text.get(2..)?)
        }
        GENERALIZED_TIME => (digits(text.get(..4)?)?, text.get(4..)?),
        _ => return None,
    };
    let (fields, fraction) = rest.split_at_checked(10)?;
    let nanosecond = match fraction {
        [] => 0,
        [b'.', decimals @ ..] if tag == GENERALIZED_TIME => nanoseconds(decimals)?,
        _ => return None,
    };
    let two = |index: usize| digits(&fields[index..index + 2]).map(|value| value as i8);
    let (month, day, hour, minute, second) = (two(0)?, two(2)?, two(4)?, two(6)?, two(8)?);
    let at = DateTime::new(year as i16, month, day, hour, minute, second, nanosecond).ok()?;
    Some(Offset::UTC.to_timestamp(at).unwrap_or(Timestamp::MAX))
}

/// `YYYYMMDDHHMMSSZ`.
pub(crate) fn generalized(at: Timestamp) -> String {
    if at == Timestamp::MAX {
        return WITHOUT_END.to_owned();
    }
    let at = Offset::UTC.to_datetime(at);
    let year = at.year().max(0);
    format!("{year:04}{:02}{:02}{:02}{:02}{:02}Z", at.month(), at.day(), at.hour(), at.minute(), at.second())
}

/// `YYYYMMDDHHMMSS[.f…]Z`: the fraction as DER has it, without zeros at its end (X.690 clause 11.7), and none if it is zero.
pub(crate) fn generalized_with_fraction(at: Timestamp) -> String {
    let mut text = generalized(at);
    let nanoseconds = Offset::UTC.to_datetime(at).subsec_nanosecond();
    if nanoseconds != 0 && at != Timestamp::MAX {
        text.truncate(text.len() - 1);
        let fraction = format!(".{nanoseconds:09}");
        text.push_str(fraction.trim_end_matches('0'));
        text.push('Z');
    }
    text
}

/// Tag and text of the Time of X.509.
pub(crate) fn x509(at: Timestamp) -> (u8, String) {
    let text = generalized(at);
    match Offset::UTC.to_datetime(at).year() {
        1950..=2049 => (UTC_TIME, text[2..].to_owned()),
        _ => (GENERALIZED_TIME, text),
    }
}

fn digits(text: &[u8]) -> Option<u16> {
    text.iter().try_fold(0_u16, |number, byte| byte.is_ascii_digit().then(|| number * 10 + u16::from(byte - b'0')))
}

/// Decimals after the point, of any number; what is beyond nanoseconds is cut off.
fn nanoseconds(decimals: &[u8]) -> Option<i32> {
    if decimals.is_empty() || !decimals.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let padded = decimals.iter().copied().chain(std::iter::repeat(b'0')).take(9);
    Some(padded.fold(0, |number, byte| number * 10 + i32::from(byte - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn both_forms_and_fractions_are_read() {
        assert_eq!(parse(UTC_TIME, b"491231235959Z"), Some(at("2049-12-31T23:59:59Z")));
        assert_eq!(parse(UTC_TIME, b"500101000000Z"), Some(at("1950-01-01T00:00:00Z")));
        assert_eq!(parse(GENERALIZED_TIME, b"20261124000000Z"), Some(at("2026-11-24T00:00:00Z")));
        assert_eq!(parse(GENERALIZED_TIME, b"20261124000000.5Z"), Some(at("2026-11-24T00:00:00.5Z")));
        assert_eq!(parse(GENERALIZED_TIME, b"20261124000000.1234567891Z"), Some(at("2026-11-24T00:00:00.123456789Z")));
    }

    #[test]
    fn other_forms_are_refused() {
        for text in [
            "20261124000000",
            "20261124000000+0900",
            "20261324000000Z",
            "202611240000Z",
            "20261124000000.Z",
            "2026112400000xZ",
            "Z",
            "",
        ] {
            assert_eq!(parse(GENERALIZED_TIME, text.as_bytes()), None, "{text}");
        }
        assert_eq!(parse(UTC_TIME, b"261124000000.5Z"), None);
        assert_eq!(parse(UTC_TIME, b"2611240000Z"), None);
    }

    #[test]
    fn x509_times_change_form_in_2050() {
        assert_eq!(x509(at("2049-12-31T23:59:59.9Z")), (UTC_TIME, "491231235959Z".to_owned()));
        assert_eq!(x509(at("2050-01-01T00:00:00Z")), (GENERALIZED_TIME, "20500101000000Z".to_owned()));
    }

    #[test]
    fn no_well_defined_expiration_date_survives_a_round_trip() {
        let never = parse(GENERALIZED_TIME, WITHOUT_END.as_bytes()).unwrap();
        assert_eq!(never, Timestamp::MAX);
        assert_eq!(generalized(never), WITHOUT_END);
    }
}
