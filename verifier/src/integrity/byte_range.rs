//! The /ByteRange against the file, rules G1–G8 of strict PDF checking: positions are compared, never sums of lengths.

use pades::{Document, Revision, Signature};

use super::{Fact, Fault};

/// The ranges are [0, gap start) and [gap end, end of a revision), the gap is this signature's /Contents token, and every
/// signature that ends earlier lies in the first range.
pub(super) fn check(document: &Document, signature: &Signature, all: &[&Signature]) -> Fact {
    match fault(document, signature, all) {
        Some(fault) => Fact::Fails(fault),
        None => Fact::Holds,
    }
}

fn fault(document: &Document, signature: &Signature, all: &[&Signature]) -> Option<Fault> {
    let [first, _, second, _] = signature.byte_range;
    let length = document.bytes().len();
    if first != 0 {
        return Some(Fault::FirstRange { found: first });
    }
    let [first_end, end] = ends(signature.byte_range);
    if first_end.max(end) > length as u64 {
        return Some(Fault::BeyondFile { end: first_end.max(end), length });
    }
    let token = signature.contents_offset.clone();
    if (first_end, second) != (token.start as u64, token.end as u64) {
        return Some(Fault::Gap { token, found: first_end..second });
    }
    contents_token(document.bytes(), signature)
        .or_else(|| revision_end(document.revisions(), end))
        .or_else(|| overlap(signature, [first_end, end], all))
}

/// G4: `<`, an even number of hexadecimal digits and nothing else, `>`.
fn contents_token(file: &[u8], signature: &Signature) -> Option<Fault> {
    let token = signature.contents_offset.clone();
    let digits = file.get(token.start + 1..token.end.saturating_sub(1)).unwrap_or_default();
    let offset = match digits.iter().position(|digit| !digit.is_ascii_hexdigit()) {
        Some(place) => token.start + 1 + place,
        None if digits.len() % 2 == 1 => token.end - 1,
        None => return None,
    };
    Some(Fault::ContentsToken { offset })
}

/// G8: after `%%EOF`, or after the one end of line that may follow it.
fn revision_end(revisions: &[Revision], end: u64) -> Option<Fault> {
    let ends_here = |one: &Revision| end == one.marker_end as u64 || end == one.range.end as u64;
    let nowhere = !revisions.iter().any(ends_here);
    nowhere.then(|| Fault::NotARevisionEnd { end, revisions: revisions.iter().map(|one| one.range.end).collect() })
}

/// G2: no other signature ends inside the second range or in the gap.
fn overlap(signature: &Signature, [first_end, end]: [u64; 2], all: &[&Signature]) -> Option<Fault> {
    let overlaps = |other: &&&Signature| {
        let [_, other_end] = ends(other.byte_range);
        first_end < other_end && other_end <= end
    };
    let other = all.iter().filter(|other| !std::ptr::eq(**other, signature)).find(overlaps)?;
    Some(Fault::Overlap { field: other.field.clone() })
}

/// The signed bytes, or nothing when the ranges go beyond the file.
pub(super) fn signed_parts(file: &[u8], byte_range: [u64; 4]) -> Option<[&[u8]; 2]> {
    let [first, _, second, _] = byte_range;
    let [first_end, second_end] = ends(byte_range);
    let slice = |start: u64, end: u64| file.get(usize::try_from(start).ok()?..usize::try_from(end).ok()?);
    Some([slice(first, first_end)?, slice(second, second_end)?])
}

/// Where the two ranges end. Numbers that overflow lie beyond any file.
fn ends([first, first_length, second, second_length]: [u64; 4]) -> [u64; 2] {
    [first.saturating_add(first_length), second.saturating_add(second_length)]
}
