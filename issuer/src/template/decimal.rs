//! Numbers as people write them, kept exactly: at most fifteen digits, six of them behind the point.

use std::fmt;
use std::str::FromStr;

/// Millionths of one.
const ONE: i128 = 1_000_000;

/// The largest number, in units.
const LARGEST: i128 = 1_000_000_000_000;

/// An exact number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Decimal {
    millionths: i128,
}

/// A text that is no number, or one that is too long.
#[derive(Debug)]
pub(super) struct NoNumber;

impl Decimal {
    pub(super) fn from_whole(whole: i64) -> Decimal {
        Decimal { millionths: i128::from(whole) * ONE }
    }

    /// The number without a part, if it has none.
    pub(super) fn whole(self) -> Option<i64> {
        (self.millionths % ONE == 0).then(|| i64::try_from(self.millionths / ONE).ok()).flatten()
    }

    /// Whether the product of two numbers is this whole number, but for a part of one.
    pub(super) fn times_is_about(self, other: Decimal, product: i64) -> bool {
        let exact = self.millionths.saturating_mul(other.millionths);
        (exact - i128::from(product) * ONE * ONE).abs() < ONE * ONE
    }
}

impl FromStr for Decimal {
    type Err = NoNumber;

    fn from_str(text: &str) -> Result<Decimal, NoNumber> {
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
        let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
        let well_formed = |digits: &str| !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
        let part = if part.len() > 6 { part.trim_end_matches('0') } else { part };
        let no_zero_before = whole == "0" || !whole.starts_with('0');
        if !well_formed(whole) || !well_formed(part) || part.len() > 6 || whole.len() > 13 || !no_zero_before {
            return Err(NoNumber);
        }
        let padded = format!("{whole}{part:0<6}");
        let millionths: i128 = padded.parse().map_err(|_| NoNumber)?;
        if millionths > LARGEST * ONE {
            return Err(NoNumber);
        }
        Ok(Decimal { millionths: sign * millionths })
    }
}

/// A number that JSON writes with an exponent, `1e-6`, without it.
pub(super) fn without_exponent(text: &str) -> Option<String> {
    let (mantissa, exponent) = text.split_once(['e', 'E'])?;
    let exponent: i64 = exponent.parse().ok().filter(|exponent| (-20..=20).contains(exponent))?;
    let (sign, digits) = mantissa.strip_prefix('-').map_or(("", mantissa), |digits| ("-", digits));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let digits = format!("{:0>21}{whole}{part:0<21}", "");
    let point = usize::try_from(21 + whole.len() as i64 + exponent).ok()?;
    let (whole, part) = (digits[..point].trim_start_matches('0'), digits[point..].trim_end_matches('0'));
    Some(format!("{sign}{whole:0>1}.{part:0<1}"))
}

impl fmt::Display for Decimal {
    /// As few digits as there are, thousands apart: `1,234.5`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) =
            (self.millionths.unsigned_abs() / ONE.unsigned_abs(), self.millionths.unsigned_abs() % ONE.unsigned_abs());
        if self.millionths < 0 {
            formatter.write_str("-")?;
        }
        formatter.write_str(&grouped(&whole.to_string()))?;
        match format!("{part:06}").trim_end_matches('0') {
            "" => Ok(()),
            part => write!(formatter, ".{part}"),
        }
    }
}

/// Digits with a comma before every third.
fn grouped(digits: &str) -> String {
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_printed_as_people_write_them_and_kept_exactly() {
        for (written, printed) in [
            ("0", "0"),
            ("1234567.50", "1,234,567.5"),
            ("-12", "-12"),
            ("0.000001", "0.000001"),
            ("999", "999"),
            ("1000", "1,000"),
        ] {
            assert_eq!(written.parse::<Decimal>().unwrap().to_string(), printed);
        }
        for wrong in ["", ".5", "5.", "1e3", "0.0000001", "1,000", "１", "--1", "+1", "007", "99999999999999"] {
            assert!(wrong.parse::<Decimal>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_number_with_an_exponent_is_the_one_that_it_stands_for() {
        for (json, number) in [("1e-6", "0.000001"), ("-1.5E3", "-1,500"), ("2.5e+1", "25"), ("0e5", "0")] {
            let plain = without_exponent(json).unwrap();
            assert_eq!(plain.parse::<Decimal>().unwrap().to_string(), number, "{json}: {plain}");
        }
        assert!(without_exponent("1e-7").unwrap().parse::<Decimal>().is_err());
        assert_eq!(without_exponent("12"), None);
    }

    #[test]
    fn a_product_may_be_off_by_less_than_one() {
        let number = |text: &str| text.parse::<Decimal>().unwrap();
        assert!(number("1.5").times_is_about(number("333"), 499) && number("1.5").times_is_about(number("333"), 500));
        assert!(!number("1.5").times_is_about(number("333"), 501) && !number("2").times_is_about(number("100"), 201));
    }
}
