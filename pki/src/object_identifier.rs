//! OBJECT IDENTIFIER, ITU-T X.660 and X.690 clause 8.19. In: dotted text or DER content octets. Out: a small `Copy` value.
//!
//! The type is our own because `const-oid` stops at 32-bit arcs and at `2.39`: neither `2.25.<UUID>`, the arc under
//! which the testbed keeps its policies, nor the example arc `2.999` can be written or read with it.

use std::fmt;
use std::str::FromStr;

use crate::Error;

/// Longest content that is kept: as much as `const-oid` keeps. `2.25.<UUID>` takes 20 octets.
const MAX_LENGTH: usize = 39;

/// An object identifier; arcs have up to 128 bits.
///
/// ```
/// let sha256 = pki::ObjectIdentifier::new("2.16.840.1.101.3.4.2.1")?;
/// assert_eq!(sha256, pki::oid::SHA_256);
/// # Ok::<(), pki::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectIdentifier {
    bytes: [u8; MAX_LENGTH],
    length: u8,
}

impl ObjectIdentifier {
    /// Reads the dotted form, `1.2.840.113549`.
    ///
    /// # Errors
    /// [`Error::ObjectIdentifier`].
    pub fn new(dotted: &str) -> Result<Self, Error> {
        Self::parse(dotted.as_bytes()).ok_or_else(|| Error::ObjectIdentifier { found: dotted.to_owned() })
    }

    /// The dotted form, for constants: a mistake is a compile-time error there.
    ///
    /// # Panics
    /// If `dotted` is not an object identifier.
    pub const fn new_unwrap(dotted: &str) -> Self {
        match Self::parse(dotted.as_bytes()) {
            Some(identifier) => identifier,
            None => panic!("not an object identifier"),
        }
    }

    /// Reads DER content octets (without tag and length).
    ///
    /// # Errors
    /// [`Error::ObjectIdentifier`] if they are not the shortest form, or too long.
    pub fn from_bytes(content: &[u8]) -> Result<Self, Error> {
        let refused = || Error::ObjectIdentifier { found: format!("octets {}", crate::asn1::shown(content)) };
        if content.is_empty() || content.len() > MAX_LENGTH {
            return Err(refused());
        }
        let mut arc = Some(0_u128);
        let mut at_start = true;
        for &byte in content {
            if at_start && byte == 0x80 {
                return Err(refused());
            }
            let value = arc.and_then(|value| value.checked_mul(128)).ok_or_else(refused)? + u128::from(byte & 0x7f);
            at_start = byte & 0x80 == 0;
            arc = Some(if at_start { 0 } else { value });
        }
        if !at_start {
            return Err(refused());
        }
        let mut bytes = [0; MAX_LENGTH];
        bytes[..content.len()].copy_from_slice(content);
        Ok(Self { bytes, length: content.len() as u8 })
    }

    /// The DER content octets.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }

    /// The numbers between the dots.
    pub fn arcs(&self) -> Vec<u128> {
        let mut arcs = Vec::with_capacity(12);
        let mut value = 0_u128;
        for &byte in self.as_bytes() {
            value = (value << 7) | u128::from(byte & 0x7f);
            if byte & 0x80 == 0 {
                if arcs.is_empty() {
                    let first = (value / 40).min(2);
                    arcs.push(first);
                    value -= first * 40;
                }
                arcs.push(value);
                value = 0;
            }
        }
        arcs
    }

    const fn parse(dotted: &[u8]) -> Option<Self> {
        let mut result = Self { bytes: [0; MAX_LENGTH], length: 0 };
        let mut position = 0;
        let mut index = 0;
        let mut first = 0;
        loop {
            let Some((arc, end)) = arc(dotted, position) else { return None };
            match index {
                0 if arc > 2 => return None,
                0 => first = arc,
                1 if first < 2 && arc > 39 => return None,
                _ => {
                    // The first two arcs share one number.
                    let Some(value) = arc.checked_add(if index == 1 { first * 40 } else { 0 }) else { return None };
                    let Some(longer) = result.push(value) else { return None };
                    result = longer;
                }
            }
            index += 1;
            if end == dotted.len() {
                return if index < 2 { None } else { Some(result) };
            }
            position = end + 1;
        }
    }

    const fn push(mut self, value: u128) -> Option<Self> {
        let mut groups = 1;
        while groups < 19 && value >> (7 * groups) != 0 {
            groups += 1;
        }
        if self.length as usize + groups > MAX_LENGTH {
            return None;
        }
        while groups > 0 {
            groups -= 1;
            let more = if groups > 0 { 0x80 } else { 0 };
            self.bytes[self.length as usize] = ((value >> (7 * groups)) & 0x7f) as u8 | more;
            self.length += 1;
        }
        Some(self)
    }
}

/// The decimal number from `start` to the next dot or the end, without leading zeros, and where it ends.
const fn arc(dotted: &[u8], start: usize) -> Option<(u128, usize)> {
    let mut position = start;
    let mut arc = 0_u128;
    while position < dotted.len() && dotted[position] != b'.' {
        if !dotted[position].is_ascii_digit() {
            return None;
        }
        let Some(tens) = arc.checked_mul(10) else { return None };
        let Some(sum) = tens.checked_add((dotted[position] - b'0') as u128) else { return None };
        arc = sum;
        position += 1;
    }
    let has_leading_zero = position - start > 1 && dotted[start] == b'0';
    if position == start || has_leading_zero { None } else { Some((arc, position)) }
}

impl fmt::Display for ObjectIdentifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, arc) in self.arcs().into_iter().enumerate() {
            if index > 0 {
                formatter.write_str(".")?;
            }
            write!(formatter, "{arc}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for ObjectIdentifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ObjectIdentifier({self})")
    }
}

impl FromStr for ObjectIdentifier {
    type Err = Error;

    fn from_str(dotted: &str) -> Result<Self, Error> {
        Self::new(dotted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_identifiers_have_the_octets_that_const_oid_writes() {
        for dotted in ["1.2.840.113549.1.9.16.2.47", "2.5.4.97", "0.4.0.194121.1.2", "1.3.6.1.5.5.7.48.1.5", "1.0"] {
            let ours = ObjectIdentifier::new(dotted).unwrap();
            let theirs = const_oid::ObjectIdentifier::new(dotted).unwrap();
            assert_eq!(ours.as_bytes(), theirs.as_bytes());
            assert_eq!(ours.to_string(), dotted);
        }
    }

    #[test]
    fn uuid_arcs_and_second_arcs_above_39_survive_a_round_trip() {
        for dotted in ["2.25.340282366920938463463374607431768211455", "2.999.3", "2.25.1", "2.100"] {
            let identifier = ObjectIdentifier::new(dotted).unwrap();
            assert_eq!(identifier.to_string(), dotted);
            assert_eq!(ObjectIdentifier::from_bytes(identifier.as_bytes()).unwrap(), identifier);
        }
        assert_eq!(ObjectIdentifier::new("2.999").unwrap().as_bytes(), [0x88, 0x37]);
    }

    #[test]
    fn malformed_text_is_refused() {
        for dotted in
            ["", "1", "1.", ".1", "1..2", "3.1", "1.40", "1.2.x", "1.02", "1.2.340282366920938463463374607431768211456"]
        {
            assert!(ObjectIdentifier::new(dotted).is_err(), "{dotted}");
        }
    }

    #[test]
    fn malformed_octets_are_refused() {
        for content in [&[][..], &[0x80, 0x01], &[0x2a, 0x86], &[0x2a; 64], &[0xff; 30]] {
            assert!(ObjectIdentifier::from_bytes(content).is_err(), "{content:02x?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_written_again(content in prop::collection::vec(any::<u8>(), 0..70)) {
            if let Ok(identifier) = ObjectIdentifier::from_bytes(&content) {
                prop_assert_eq!(identifier.as_bytes(), &content[..]);
                prop_assert_eq!(ObjectIdentifier::new(&identifier.to_string()).unwrap(), identifier);
            }
        }
    }
}
