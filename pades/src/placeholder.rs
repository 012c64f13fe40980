//! The signature dictionary before it is signed, ISO 32000-1 table 252, EN 319 142-1 clause 6.3. In: kind and reservation.
//! Out: its bytes with room for /Contents and a /ByteRange of fixed width, and later the byte range patched in place.

use crate::{
    object::{Dictionary, Object},
    prepared::Prepared,
    scalar::PdfString,
    seal_kind::SealKind,
    seed_value::FILTER,
    write::{write_dictionary, write_object},
};
use std::ops::Range;

/// Digits for each of the three numbers that are not known at first: offsets in the cross-references have ten too (7.5.4).
const DIGITS: usize = 10;
/// `[0 ` and three numbers, each with a space or the closing bracket after it.
const BYTE_RANGE_WIDTH: usize = 3 + 3 * (DIGITS + 1);

/// The body of a signature dictionary.
pub(crate) struct Placeholder {
    pub(crate) bytes: Vec<u8>,
    /// The value of /ByteRange in `bytes`.
    byte_range: Range<usize>,
    /// The /Contents token in `bytes`, `<` and `>` inside.
    contents: Range<usize>,
}

impl Placeholder {
    /// `reason`: /Reason as the field demands it. `references`: the signature references (table 253) of a seal that locks or certifies.
    pub(crate) fn new(
        kind: SealKind<'_>,
        reason: Option<&str>,
        references: &[Dictionary],
        reserved: usize,
    ) -> Placeholder {
        let type_name = if kind.is_seal() { "Sig" } else { "DocTimeStamp" };
        let sub_filter = kind.sub_filter();
        let mut bytes = format!("<< /Type /{type_name} /Filter /{FILTER} /SubFilter /{sub_filter}").into_bytes();
        for (key, value) in texts(kind, reason) {
            bytes.extend(format!(" /{key} ").bytes());
            write_object(&mut bytes, &Object::String(PdfString::text(&value)));
        }
        if !references.is_empty() {
            bytes.extend(b" /Reference [");
            references.iter().for_each(|reference| write_dictionary(&mut bytes, reference));
            bytes.push(b']');
        }
        bytes.extend(b" /ByteRange ");
        let byte_range = bytes.len()..bytes.len() + BYTE_RANGE_WIDTH;
        bytes.resize(byte_range.end, b' ');
        bytes.extend(b" /Contents ");
        let contents = bytes.len()..bytes.len() + 2 * reserved + 2;
        bytes.push(b'<');
        bytes.resize(contents.end - 1, b'0');
        bytes.extend(b"> >>");
        Placeholder { bytes, byte_range, contents }
    }
}

/// The text entries of a seal; a document time-stamp has none, its time is in the token.
fn texts(kind: SealKind<'_>, reason: Option<&str>) -> Vec<(&'static str, String)> {
    let (SealKind::Seal { at, name, location, .. } | SealKind::Certification { at, name, location, .. }) = kind else {
        return Vec::new();
    };
    let mut texts = vec![("M", at.strftime("D:%Y%m%d%H%M%SZ").to_string())];
    for (key, value) in [("Name", name), ("Reason", reason), ("Location", location)] {
        texts.extend(value.map(|value| (key, value.to_owned())));
    }
    texts
}

/// Writes the byte range into the finished file; `body` is where the signature dictionary begins in it.
pub(crate) fn close(mut bytes: Vec<u8>, body: usize, placeholder: &Placeholder, reserved: usize) -> Prepared {
    let contents = body + placeholder.contents.start..body + placeholder.contents.end;
    let (before, after) = (contents.start, contents.end);
    let byte_range = [0, before as u64, after as u64, (bytes.len() - after) as u64];
    let text = format!("[0 {} {} {}", byte_range[1], byte_range[2], byte_range[3]);
    let place = body + placeholder.byte_range.start..body + placeholder.byte_range.end;
    let padded = format!("{text:width$}]", width = BYTE_RANGE_WIDTH - 1);
    bytes[place].copy_from_slice(padded.as_bytes());
    Prepared::new(bytes, byte_range, contents, reserved)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_has_its_time_in_utc_and_texts_as_text_strings() {
        let at = "2026-04-01T18:00:00.5+09:00".parse().unwrap();
        let kind = SealKind::Seal { at, name: Some("学校"), reason: Some("(r)"), location: None };
        let text = String::from_utf8(Placeholder::new(kind, Some("(r)"), &[], 4).bytes).unwrap();
        assert!(text.contains(" /M (D:20260401090000Z) /Name <feff5b666821> /Reason (\\(r\\)) /ByteRange "), "{text}");
        assert!(text.ends_with(" /Contents <00000000> >>"), "{text}");
    }

    #[test]
    fn a_document_time_stamp_claims_no_time() {
        let text = String::from_utf8(Placeholder::new(SealKind::DocumentTimeStamp, None, &[], 1).bytes).unwrap();
        assert!(text.starts_with("<< /Type /DocTimeStamp /Filter /Adobe.PPKLite /SubFilter /ETSI.RFC3161 /ByteRange "));
        assert!(!text.contains("/M "));
    }
}
