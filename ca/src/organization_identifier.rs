//! organizationIdentifier, ETSI EN 319 412-1 clause 5.1.4 (legal person semantics), and the check digit of the Japanese
//! corporate number (法人番号). In: the text of the attribute. Out: its parts, or what is wrong with it.

use std::fmt;

use crate::Error;

/// Longest value: `ub-organization-identifier` of X.520 is unbounded, the eIDAS legal semantics stop at 256 characters.
const MAX_LENGTH: usize = 256;

/// Registers whose reference is not tied to one country's trade register (EN 319 412-1 clause 5.1.4).
const LEGAL_ENTITY_IDENTIFIER_COUNTRY: &str = "XG";

/// A parsed organizationIdentifier: `SSS` + `CC` + `-` + reference.
///
/// ```
/// use ca::OrganizationIdentifier;
///
/// let identifier = OrganizationIdentifier::parse("NTRJP-9234567890123")?;
/// assert_eq!(identifier.country(), "JP");
/// assert_eq!(identifier.reference(), "9234567890123");
/// assert!(OrganizationIdentifier::parse("NTRJP-1234567890123").is_err(), "the check digit must be 9");
/// # Ok::<(), ca::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OrganizationIdentifier {
    scheme: String,
    country: String,
    reference: String,
}

impl OrganizationIdentifier {
    /// Reads `NTRJP-9234567890123`, `VATDE-123456789`, `PSDBE-NBB-1234.567.890`, `LEIXG-…` or a national scheme such as
    /// `EI:SE-5567971433`.
    ///
    /// A reference under `NTRJP` must be a corporate number with a right check digit, one under `LEIXG` an LEI with right
    /// check digits (ISO 17442).
    ///
    /// # Errors
    /// [`Error::OrganizationIdentifier`] names the rule that does not hold.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let refused = |expected: &'static str| Error::OrganizationIdentifier { found: text.to_owned(), expected };
        if text.len() > MAX_LENGTH || text.contains(|one: char| one.is_whitespace() || world::text::is_hidden(one)) {
            return Err(refused("at most 256 characters, none of them white space or invisible"));
        }
        let (head, reference) = text.split_once('-').ok_or(refused("scheme, country and '-', such as NTRJP-…"))?;
        if reference.is_empty() || !head.is_ascii() || head.len() != 5 {
            return Err(refused("a scheme of three characters, a country of two letters, '-', and a reference"));
        }
        let (scheme, country) = head.split_at(3);
        let national = scheme.as_bytes()[2] == b':' && scheme[..2].bytes().all(|byte| byte.is_ascii_uppercase());
        if !national && !matches!(scheme, "NTR" | "VAT" | "PSD" | "LEI") {
            return Err(refused("the scheme NTR, VAT, PSD, LEI, or two capital letters and ':'"));
        }
        if !is_country(country) {
            return Err(refused("a country of two capital letters (ISO 3166-1)"));
        }
        if scheme == "LEI" && country != LEGAL_ENTITY_IDENTIFIER_COUNTRY {
            return Err(refused("the country XG after LEI"));
        }
        if scheme == "LEI" && !is_legal_entity_identifier(reference) {
            return Err(refused("20 capital letters and digits with right check digits after LEIXG- (ISO 17442)"));
        }
        if scheme == "NTR" && country == "JP" && !is_corporate_number(reference) {
            return Err(refused(
                "a corporate number (法人番号) after NTRJP-: 13 digits, the first being the check digit",
            ));
        }
        Ok(Self { scheme: scheme.to_owned(), country: country.to_owned(), reference: reference.to_owned() })
    }

    /// `NTR`, `VAT`, `PSD`, `LEI`, or a national scheme such as `EI:`.
    #[must_use]
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// Two capital letters; `XG` with an LEI.
    #[must_use]
    pub fn country(&self) -> &str {
        &self.country
    }

    /// What the register calls the organisation.
    #[must_use]
    pub fn reference(&self) -> &str {
        &self.reference
    }
}

impl fmt::Display for OrganizationIdentifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{}-{}", self.scheme, self.country, self.reference)
    }
}

/// The form of an ISO 3166-1 alpha-2 code; whether the code is assigned is not looked at.
pub(crate) fn is_country(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// A Japanese corporate number: a check digit and twelve digits.
#[must_use]
pub fn is_corporate_number(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().map_while(|character| character.to_digit(10)).collect();
    digits.len() == 13 && text.len() == 13 && corporate_number_check_digit(&digits[1..]) == digits[0]
}

/// `9 − (Σ Pn·Qn mod 9)`, n counted from the lowest of the twelve digits (n = 1…12), Qn = 1 for odd n and 2 for even n.
fn corporate_number_check_digit(base: &[u32]) -> u32 {
    let sum: u32 = base.iter().rev().enumerate().map(|(place, digit)| digit * (1 + place as u32 % 2)).sum();
    9 - sum % 9
}

/// ISO 17442: 18 letters and digits and two check digits, so that the number read in base 36 digits is 1 modulo 97.
fn is_legal_entity_identifier(text: &str) -> bool {
    let well_formed = text.len() == 20 && text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
    let remainder = text.chars().filter_map(|character| character.to_digit(36)).fold(0, |remainder, value| {
        let shift = if value < 10 { 10 } else { 100 };
        (remainder * shift + value) % 97
    });
    well_formed && remainder == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corporate_numbers_with_a_right_check_digit_are_accepted() {
        for number in ["7000012050002", "7000012060001", "9234567890123"] {
            assert!(is_corporate_number(number), "{number}");
        }
    }

    #[test]
    fn corporate_numbers_with_a_wrong_digit_or_length_are_refused() {
        for number in
            ["1234567890123", "7000012050003", "700001205000", "70000120500021", "700001205000X", "", "０000012050002"]
        {
            assert!(!is_corporate_number(number), "{number}");
        }
    }

    #[test]
    fn every_check_digit_is_between_one_and_nine() {
        for low in 0..100 {
            let base = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, low / 10, low % 10];
            assert!((1..=9).contains(&corporate_number_check_digit(&base)));
        }
    }

    #[test]
    fn the_registers_of_the_standard_are_read() {
        for (text, scheme, country, reference) in [
            ("NTRJP-7000012050002", "NTR", "JP", "7000012050002"),
            ("VATEL-123456789", "VAT", "EL", "123456789"),
            ("PSDBE-NBB-1234.567.890", "PSD", "BE", "NBB-1234.567.890"),
            ("LEIXG-529900T8BM49AURSDO55", "LEI", "XG", "529900T8BM49AURSDO55"),
            ("EI:SE-5567971433", "EI:", "SE", "5567971433"),
        ] {
            let identifier = OrganizationIdentifier::parse(text).unwrap();
            assert_eq!(
                (identifier.scheme(), identifier.country(), identifier.reference()),
                (scheme, country, reference)
            );
            assert_eq!(identifier.to_string(), text);
        }
    }

    #[test]
    fn what_the_grammar_forbids_is_refused_with_the_rule() {
        for (text, rule) in [
            ("7000012050002", "scheme, country and '-'"),
            ("NTRJP-", "a scheme of three characters"),
            ("NTRJP+13-7000012050002", "a scheme of three characters"),
            ("NTRjp-7000012050002", "a country"),
            ("ABCJP-7000012050002", "the scheme"),
            ("LEIJP-529900T8BM49AURSDO55", "the country XG"),
            ("LEIXG-529900T8BM49AURSDO56", "right check digits"),
            ("NTRJP-7000012050003", "a corporate number"),
            ("NTRJP-7000 012050002", "white space"),
        ] {
            let message = OrganizationIdentifier::parse(text).unwrap_err().to_string();
            assert!(message.contains(rule), "{text}: {message}");
        }
    }
}
