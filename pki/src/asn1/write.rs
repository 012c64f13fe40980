//! Writing DER, ITU-T X.690. In: tags and contents. Out: bytes. Lengths are minimal and SETs sorted, always.

use jiff::Timestamp;

use super::time;
use super::{
    BIT_STRING, BOOLEAN, GENERALIZED_TIME, INTEGER, NULL, OCTET_STRING, OID, SEQUENCE, SET, context_constructed,
};
use crate::ObjectIdentifier;

/// Appends tag and length of a value of `length` octets.
pub(crate) fn header(out: &mut Vec<u8>, tag: u8, length: usize) {
    out.push(tag);
    if length < 0x80 {
        out.push(length as u8);
    } else {
        let bytes = length.to_be_bytes();
        let used = bytes.len() - length.leading_zeros() as usize / 8;
        out.push(0x80 | used as u8);
        out.extend_from_slice(&bytes[bytes.len() - used..]);
    }
}

/// How many octets tag and length take in front of a value of `length` octets.
pub(crate) const fn header_length(length: usize) -> usize {
    if length < 0x80 { 2 } else { 2 + (usize::BITS as usize - length.leading_zeros() as usize).div_ceil(8) }
}

/// One element whose value is `parts`, one after the other.
pub fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length = parts.iter().map(|part| part.len()).sum();
    let mut out = Vec::with_capacity(header_length(length) + length);
    header(&mut out, tag, length);
    parts.iter().for_each(|part| out.extend_from_slice(part));
    out
}

/// SEQUENCE.
pub fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    element(SEQUENCE, parts)
}

/// SEQUENCE OF.
pub fn sequence_of(items: &[Vec<u8>]) -> Vec<u8> {
    element(SEQUENCE, &items.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

/// SET OF, its elements in ascending order of their octets (X.690 clause 11.6).
pub fn set_of(mut items: Vec<Vec<u8>>) -> Vec<u8> {
    items.sort();
    element(SET, &items.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

/// `[number] EXPLICIT`.
pub fn explicit(number: u8, inner: &[u8]) -> Vec<u8> {
    element(context_constructed(number), &[inner])
}

/// OBJECT IDENTIFIER.
pub fn oid(identifier: ObjectIdentifier) -> Vec<u8> {
    element(OID, &[identifier.as_bytes()])
}

/// NULL.
pub fn null() -> Vec<u8> {
    element(NULL, &[])
}

/// BOOLEAN.
pub fn boolean(value: bool) -> Vec<u8> {
    element(BOOLEAN, &[&[if value { 0xff } else { 0x00 }]])
}

/// OCTET STRING.
pub fn octet_string(octets: &[u8]) -> Vec<u8> {
    element(OCTET_STRING, &[octets])
}

/// BIT STRING of whole octets.
pub fn bit_string(octets: &[u8]) -> Vec<u8> {
    element(BIT_STRING, &[&[0], octets])
}

/// BIT STRING of named bits, without trailing zero bits (X.690 clause 11.2.2).
pub fn named_bits(bits: u32) -> Vec<u8> {
    let octets = bits.reverse_bits().to_be_bytes();
    let used = (u32::BITS - bits.leading_zeros()).div_ceil(8) as usize;
    let unused = if bits == 0 { 0 } else { (used as u32 * 8 - (u32::BITS - bits.leading_zeros())) as u8 };
    element(BIT_STRING, &[&[unused], &octets[..used]])
}

/// INTEGER.
pub fn unsigned(number: u64) -> Vec<u8> {
    let bytes = number.to_be_bytes();
    positive_integer(&bytes)
}

/// INTEGER from a big-endian magnitude of any length.
pub fn positive_integer(magnitude: &[u8]) -> Vec<u8> {
    let start = magnitude.iter().position(|&byte| byte != 0).unwrap_or(magnitude.len());
    match &magnitude[start..] {
        [] => element(INTEGER, &[&[0]]),
        digits if digits[0] >= 0x80 => element(INTEGER, &[&[0], digits]),
        digits => element(INTEGER, &[digits]),
    }
}

/// AlgorithmIdentifier; `parameters` is a whole element, or empty for none.
pub fn algorithm_identifier(algorithm: ObjectIdentifier, parameters: &[u8]) -> Vec<u8> {
    sequence(&[&oid(algorithm), parameters])
}

/// The Time of X.509: UTCTime until 2049, GeneralizedTime after (RFC 5280 §4.1.2.5).
pub fn x509_time(at: Timestamp) -> Vec<u8> {
    let (tag, text) = time::x509(at);
    element(tag, &[text.as_bytes()])
}

/// GeneralizedTime, in whole seconds.
pub fn generalized_time(at: Timestamp) -> Vec<u8> {
    element(GENERALIZED_TIME, &[time::generalized(at).as_bytes()])
}

/// GeneralizedTime with the fraction of the second, which time-stamp tokens may have and certificates may not.
pub(crate) fn generalized_time_with_fraction(at: Timestamp) -> Vec<u8> {
    element(GENERALIZED_TIME, &[time::generalized_with_fraction(at).as_bytes()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_take_the_shortest_form() {
        for length in [0, 1, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x10000] {
            let written = element(OCTET_STRING, &[&vec![7; length]]);
            assert_eq!(written.len(), header_length(length) + length);
            let read = crate::asn1::single(&written, OCTET_STRING, "test").unwrap();
            assert_eq!(read.value.len(), length);
        }
    }

    #[test]
    fn integers_are_minimal_and_stay_positive() {
        for (number, expected) in
            [(0, "020100"), (127, "02017f"), (128, "02020080"), (256, "02020100"), (u64::MAX, "020900ffffffffffffffff")]
        {
            assert_eq!(hex::encode(unsigned(number)), expected);
        }
        assert_eq!(hex::encode(positive_integer(&[0, 0, 0x80])), "02020080");
    }

    #[test]
    fn named_bits_have_no_trailing_zeros() {
        assert_eq!(hex::encode(named_bits(1)), "03020780");
        assert_eq!(hex::encode(named_bits(1 << 1)), "03020640");
        assert_eq!(hex::encode(named_bits(1 << 5 | 1 << 6)), "03020106");
        assert_eq!(hex::encode(named_bits(1 << 8)), "0303070080");
        assert_eq!(hex::encode(named_bits(0)), "030100");
    }
}
