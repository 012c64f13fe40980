//! Serial numbers, RFC 5280 §4.1.2.2. In: big-endian octets or hexadecimal. Out: a positive INTEGER.

use std::fmt;
use std::str::FromStr;

use crate::Error;
use crate::asn1::write;
use crate::asn1::{Element, INTEGER};

/// RFC 5280 §4.1.2.2.
const MAX_LENGTH: usize = 20;

/// Longest that is read. The field has some of 21 octets, and of 33 where a digest was taken.
const MAX_READ: usize = 128;

/// A serial number of a certificate or time-stamp.
///
/// ```
/// let serial: pki::SerialNumber = "0x0A:FF".parse()?;
/// assert_eq!(serial.to_string(), "0aff");
/// # Ok::<(), pki::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SerialNumber {
    negative: bool,
    /// Big-endian magnitude without leading zeros; one zero octet for zero; of a negative number, the INTEGER's content.
    octets: Vec<u8>,
}

impl SerialNumber {
    /// From a big-endian magnitude, which must be positive; its INTEGER must fit 20 octets.
    ///
    /// # Errors
    /// [`Error::SerialNumber`].
    pub fn from_bytes(magnitude: &[u8]) -> Result<Self, Error> {
        let start = magnitude.iter().position(|&byte| byte != 0).unwrap_or(magnitude.len());
        let digits = &magnitude[start..];
        let octets = digits.len() + usize::from(digits.first().is_some_and(|byte| *byte >= 0x80));
        if digits.is_empty() || octets > MAX_LENGTH {
            let found = if digits.is_empty() { "zero".to_owned() } else { format!("{octets} octets") };
            return Err(Error::SerialNumber { found });
        }
        Ok(Self { negative: false, octets: digits.to_vec() })
    }

    /// As found in the field: zero, negative and long ones too.
    pub(crate) fn read(element: &Element<'_>) -> Result<Self, Error> {
        let content = element.integer()?;
        if content.len() > MAX_READ {
            return Err(element.malformed("a serial number of at most 128 octets", format!("{} octets", content.len())));
        }
        let negative = content[0] >= 0x80;
        let octets =
            if content.len() > 1 && !negative { content.strip_prefix(&[0]).unwrap_or(content) } else { content };
        Ok(Self { negative, octets: octets.to_vec() })
    }

    /// Whether it is what RFC 5280 §4.1.2.2 asks for: positive, and at most 20 octets of INTEGER.
    pub fn is_conforming(&self) -> bool {
        !self.negative && Self::from_bytes(&self.octets).is_ok()
    }

    /// Big-endian magnitude without leading zeros. Of a negative number, its two's complement.
    pub fn as_bytes(&self) -> &[u8] {
        &self.octets
    }

    pub(crate) fn to_der(&self) -> Vec<u8> {
        let mut der = Vec::with_capacity(self.encoded_length());
        self.encode_to(&mut der);
        der
    }

    /// Appends the INTEGER without another allocation: CRLs have millions of them.
    pub(crate) fn encode_to(&self, out: &mut Vec<u8>) {
        write::header(out, INTEGER, self.content_length());
        if self.needs_sign_octet() {
            out.push(0);
        }
        out.extend_from_slice(&self.octets);
    }

    pub(crate) fn encoded_length(&self) -> usize {
        write::header_length(self.content_length()) + self.content_length()
    }

    fn content_length(&self) -> usize {
        self.octets.len() + usize::from(self.needs_sign_octet())
    }

    fn needs_sign_octet(&self) -> bool {
        !self.negative && self.octets[0] >= 0x80
    }
}

/// By value; negative ones first, in no particular order.
impl Ord for SerialNumber {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let key = |serial: &Self| (!serial.negative, serial.octets.len());
        key(self).cmp(&key(other)).then_with(|| self.octets.cmp(&other.octets))
    }
}

impl PartialOrd for SerialNumber {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Lower-case hexadecimal with an even number of digits; a negative number is its two's complement after a minus sign.
impl fmt::Display for SerialNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.negative {
            formatter.write_str("-")?;
        }
        self.octets.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for SerialNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SerialNumber({self})")
    }
}

impl FromStr for SerialNumber {
    type Err = Error;

    /// Hexadecimal; `0x`, colons and white space are tolerated, leading zeros too.
    fn from_str(text: &str) -> Result<Self, Error> {
        let refused = || Error::SerialNumber { found: text.to_owned() };
        let digits: String = text.chars().filter(|character| !character.is_whitespace() && *character != ':').collect();
        let digits = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")).unwrap_or(&digits);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(refused());
        }
        let padded = if digits.len() % 2 == 1 { format!("0{digits}") } else { digits.to_owned() };
        let magnitude: Vec<u8> = padded
            .as_bytes()
            .chunks_exact(2)
            .map(|pair| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok()))
            .collect::<Option<_>>()
            .ok_or_else(refused)?;
        Self::from_bytes(&magnitude)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn serial_numbers_are_positive_and_fit_twenty_octets() {
        assert!(SerialNumber::from_bytes(&[0, 0]).is_err());
        assert!(SerialNumber::from_bytes(&[0x7f; 20]).is_ok());
        assert!(SerialNumber::from_bytes(&[0x80; 20]).is_err());
        assert!(SerialNumber::from_bytes(&[1; 21]).is_err());
        assert!("".parse::<SerialNumber>().is_err());
        assert!("xyz".parse::<SerialNumber>().is_err());
    }

    #[test]
    fn padded_serials_are_written_without_illegal_padding() {
        let serial = SerialNumber::from_bytes(&[0, 0, 0x80]).unwrap();
        assert_eq!(hex::encode(serial.to_der()), "02020080");
        assert_eq!(serial, "80".parse().unwrap());
    }

    #[test]
    fn zero_and_negative_serials_are_read_and_reported() {
        for (der, text) in [("020100", "00"), ("0202ff7f", "-ff7f"), ("020180", "-80")] {
            let der = hex::decode(der).unwrap();
            let serial = SerialNumber::read(&crate::asn1::single(&der, INTEGER, "serial").unwrap()).unwrap();
            assert_eq!(serial.to_string(), text);
            assert_eq!(serial.to_der(), der);
            assert!(!serial.is_conforming());
            assert!(serial < "01".parse().unwrap());
        }
    }

    #[test]
    fn order_is_by_value() {
        let small: SerialNumber = "ff".parse().unwrap();
        let large: SerialNumber = "0100".parse().unwrap();
        assert!(small < large);
    }

    proptest! {
        #[test]
        fn text_and_der_come_back(magnitude in prop::collection::vec(any::<u8>(), 1..20)) {
            if let Ok(serial) = SerialNumber::from_bytes(&magnitude) {
                prop_assert_eq!(serial.to_string().parse::<SerialNumber>().unwrap(), serial.clone());
                let der = serial.to_der();
                let element = crate::asn1::single(&der, crate::asn1::INTEGER, "serial").unwrap();
                prop_assert_eq!(SerialNumber::read(&element).unwrap(), serial);
            }
        }
    }
}
