//! Certificate numbers (証明書番号). In: a prefix, a year, a serial. Out: `PREFIX-YYYY-NNNNNN-C`, with a check character.
//!
//! The check character is ISO/IEC 7064 MOD 37,36 over the letters and digits of the other three groups, hyphens left out. It
//! notices every single wrong character and every swap of two neighbours, so that a number typed from paper does not lead to
//! somebody else's certificate.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::register::fold;

/// Longest prefix: with it the printed number is 23 characters, which fits its line and keeps the QR code small.
const MAX_PREFIX_LENGTH: usize = 8;

/// Serials are printed with six digits.
const MAX_SERIAL: u32 = 999_999;

/// A certificate number with a right check character.
///
/// ```
/// use issuer::CertificateNumber;
///
/// let number = CertificateNumber::new("TBU", 2026, 123)?;
/// assert_eq!(number.to_string(), "TBU-2026-000123-3");
/// assert_eq!("TBU-2026-000123-3".parse::<CertificateNumber>()?, number);
/// assert!("TBU-2026-000132-8".parse::<CertificateNumber>().is_err(), "two digits swapped");
/// # Ok::<(), issuer::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CertificateNumber {
    prefix: String,
    year: i16,
    serial: u32,
}

impl CertificateNumber {
    /// The number with this prefix (2 to 8 of `A`–`Z` and `0`–`9`, a letter first), year (2000 to 9999) and serial (1 to 999999).
    ///
    /// # Errors
    /// [`Error::NumberMalformed`] names the part outside these limits.
    pub fn new(prefix: &str, year: i16, serial: u32) -> Result<Self, Error> {
        let malformed = |expected| Error::NumberMalformed { found: format!("{prefix}-{year}-{serial}"), expected };
        check_prefix(prefix).map_err(malformed)?;
        if !(2000..=9999).contains(&year) {
            return Err(malformed("a year from 2000 to 9999"));
        }
        if !(1..=MAX_SERIAL).contains(&serial) {
            return Err(malformed("a serial from 1 to 999999"));
        }
        Ok(Self { prefix: prefix.to_owned(), year, serial })
    }

    /// The issuer's prefix.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The year of issue.
    pub fn year(&self) -> i16 {
        self.year
    }

    /// The serial within prefix and year.
    pub fn serial(&self) -> u32 {
        self.serial
    }

    /// The check character.
    pub fn check_character(&self) -> char {
        check_character(&format!("{}{:04}{:06}", self.prefix, self.year, self.serial))
    }
}

impl fmt::Display for CertificateNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { prefix, year, serial } = self;
        write!(formatter, "{prefix}-{year:04}-{serial:06}-{}", self.check_character())
    }
}

impl FromStr for CertificateNumber {
    type Err = Error;

    /// Reads a number as a person types it: lower case, full width and blanks around it are forgiven, a wrong check character is not.
    fn from_str(text: &str) -> Result<Self, Error> {
        let tidy = fold::width(text).trim().to_ascii_uppercase();
        let malformed = |expected| Error::NumberMalformed { found: crate::error::shortened(text), expected };
        let parts: Vec<&str> = tidy.split('-').collect();
        let [prefix, year, serial, check] = parts[..] else {
            return Err(malformed("the form PREFIX-YYYY-NNNNNN-C"));
        };
        let digits = |part: &str, length| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(year, 4) || !digits(serial, 6) {
            return Err(malformed("four digits of year and six of serial, as in PREFIX-YYYY-NNNNNN-C"));
        }
        let (Ok(year), Ok(serial)) = (year.parse(), serial.parse()) else {
            return Err(malformed("a year and a serial"));
        };
        let mut check_group = check.chars();
        let (Some(found), None) = (check_group.next(), check_group.next()) else {
            return Err(malformed("one check character at the end, as in PREFIX-YYYY-NNNNNN-C"));
        };
        let number = Self::new(prefix, year, serial)?;
        let expected = number.check_character();
        if found != expected {
            return Err(Error::NumberCheck { number: tidy.clone(), expected, found });
        }
        Ok(number)
    }
}

impl TryFrom<String> for CertificateNumber {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<CertificateNumber> for String {
    fn from(number: CertificateNumber) -> Self {
        number.to_string()
    }
}

/// Whether a prefix can stand in a number; if not, the rule.
pub(crate) fn check_prefix(prefix: &str) -> Result<(), &'static str> {
    let letters = prefix.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let begins_with_letter = prefix.bytes().next().is_some_and(|byte| byte.is_ascii_uppercase());
    if letters && begins_with_letter && (2..=MAX_PREFIX_LENGTH).contains(&prefix.len()) {
        Ok(())
    } else {
        Err("a prefix of 2 to 8 letters A-Z and digits, a letter first")
    }
}

/// ISO/IEC 7064 MOD 37,36, the hybrid system for letters and digits, over `text` (only `0`–`9` and `A`–`Z`).
fn check_character(text: &str) -> char {
    const ALPHABET: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut product = 36;
    for character in text.chars() {
        let value = character.to_digit(36).expect("the parts of a number are letters and digits");
        let sum = (product + value) % 36;
        product = if sum == 0 { 36 } else { sum } * 2 % 37;
    }
    char::from(ALPHABET[(37 - product) as usize % 36])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_character_agrees_with_the_identifier_that_the_standard_was_made_popular_by() {
        // A Global Release Identifier (GRid), which uses the same algorithm: A1-2425G-ABC1234002-M.
        assert_eq!(check_character("A12425GABC1234002"), 'M');
    }

    #[test]
    fn a_number_is_read_back_also_in_lower_case_and_with_blanks() {
        let number = CertificateNumber::new("TBU", 2026, 123).unwrap();
        assert_eq!(number.to_string().parse::<CertificateNumber>().unwrap(), number);
        assert_eq!(format!("  {} ", number.to_string().to_lowercase()).parse::<CertificateNumber>().unwrap(), number);
    }

    #[test]
    fn every_single_wrong_character_and_every_swap_is_noticed() {
        let right = CertificateNumber::new("K2", 2027, 904_817).unwrap().to_string();
        let characters: Vec<char> = right.chars().collect();
        for place in (0..characters.len()).filter(|place| characters[*place] != '-') {
            for other in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".chars().filter(|other| *other != characters[place]) {
                let mut wrong = characters.clone();
                wrong[place] = other;
                let wrong: String = wrong.into_iter().collect();
                assert!(wrong.parse::<CertificateNumber>().is_err(), "{wrong}");
            }
            if place + 1 < characters.len()
                && characters[place + 1] != '-'
                && characters[place] != characters[place + 1]
            {
                let mut swapped = characters.clone();
                swapped.swap(place, place + 1);
                let swapped: String = swapped.into_iter().collect();
                assert!(swapped.parse::<CertificateNumber>().is_err(), "{swapped}");
            }
        }
    }

    #[test]
    fn the_message_about_a_mistyped_number_names_the_character_that_was_wanted() {
        let right = CertificateNumber::new("TBU", 2026, 7).unwrap();
        let wrong = format!("TBU-2026-000008-{}", right.check_character());
        let message = wrong.parse::<CertificateNumber>().unwrap_err().to_string();
        assert!(message.contains("mistyped"), "{message}");
    }

    #[test]
    fn other_shapes_are_refused() {
        for text in [
            "",
            "TBU",
            "TBU-2026-123-8",
            "TBU-26-000123-8",
            "T-2026-000123-8",
            "1TB-2026-000123-8",
            "TBU-2026-000000-0",
        ] {
            assert!(text.parse::<CertificateNumber>().is_err(), "{text}");
        }
    }
}
