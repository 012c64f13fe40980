//! References without a target, ISO 32000-1 clause 7.3.10. In: a document and the first object number that nothing
//! uses. Out: the numbers from there on that references name: an update that took one would give an old reference a target.
//!
//! Every `12 0 R` in the bytes counts, also one that only looks like it: a number too many is passed over, which harms nothing.

use crate::{
    document::Document, error::Error, lexer::is_white_space, object::Object, scalar::Reference, xref::XrefEntry,
};
use std::collections::BTreeSet;

/// The numbers from `first` on that are named.
pub(crate) fn from(document: &Document, first: u32) -> Result<BTreeSet<u32>, Error> {
    let mut named = BTreeSet::new();
    collect(&document.bytes, first, &mut named);
    let mut left = document.limits.decoded_total;
    let mut seen = BTreeSet::new();
    for (revision, listed) in document.revisions().iter().enumerate() {
        let Some(view) = document.at(revision) else { continue };
        for (_, entry) in listed.entries() {
            let XrefEntry::Compressed { container, .. } = entry else { continue };
            let Some((_, XrefEntry::InUse { offset, generation })) = view.entry(*container) else { continue };
            if !seen.insert(offset) {
                continue;
            }
            let reference = Reference { number: *container, generation };
            if let Some(Object::Stream(stream)) = view.object(reference)?.map(|located| located.object) {
                let data = view.decode_at_most(&stream, left)?;
                left -= data.len();
                collect(&data, first, &mut named);
            }
        }
    }
    Ok(named)
}

/// Finds `number generation R`.
fn collect(bytes: &[u8], first: u32, named: &mut BTreeSet<u32>) {
    for place in memchr::memchr_iter(b'R', bytes) {
        let before = space(&bytes[..place]);
        let generation = before.and_then(digits).map(|(before, _)| before);
        let number = generation.and_then(space).and_then(digits).and_then(|(_, text)| {
            text.iter().try_fold(0u32, |value, digit| value.checked_mul(10)?.checked_add(u32::from(digit - b'0')))
        });
        named.extend(number.filter(|number| *number >= first));
    }
}

/// What stands before white space, of which there is some.
fn space(bytes: &[u8]) -> Option<&[u8]> {
    let end = bytes.iter().rposition(|byte| !is_white_space(*byte))? + 1;
    (end < bytes.len()).then(|| &bytes[..end])
}

/// What stands before digits, of which there are some, and the digits.
fn digits(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let start = bytes.iter().rposition(|byte| !byte.is_ascii_digit()).map_or(0, |place| place + 1);
    (start < bytes.len()).then(|| bytes.split_at(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_found_whatever_stands_around_them() {
        let mut named = BTreeSet::new();
        collect(b"[6 0 R/A 7\n0\r\nR 5 0 R 12345678901 0 R 8 R (9 0 R)]8 0 Rx 10 0R", 6, &mut named);
        assert_eq!(named.into_iter().collect::<Vec<_>>(), [6, 7, 8, 9]);
    }
}
