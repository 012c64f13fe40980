//! Names that readers spell in different ways, ISO 32000-1 clause 7.3.5. In: the token of a name and what it is for. Out: how
//! many readings it leaves, if it departs from the standard.
//!
//! Readers of the field end a name at a NUL that `#00` stands for, take `#` before anything else than two hexadecimal digits for
//! half of an escape, or take the octets 80 and FF for white space. Octets above 7E that no reader ends a name at are no
//! departure: names of fonts in the encodings of their time have them.

use crate::error::Readings;

/// What a name is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// The key of a dictionary entry.
    Key,
    /// A value, which may decide what something is.
    Value,
    /// A value that names a font and nothing else.
    FontName,
}

impl Use {
    /// Of the value of a key.
    pub(crate) fn of_value(key: &[u8]) -> Use {
        if matches!(key, b"BaseFont" | b"FontName") { Use::FontName } else { Use::Value }
    }
}

/// Octets that some readers take for white space, though table 1 has none of them.
pub(crate) fn is_white_space_to_some(byte: u8) -> bool {
    matches!(byte, 0x80 | 0xFF)
}

/// How many readings a name leaves, by its bytes after the solidus as they stand in the file; `None`: there is nothing odd.
pub(crate) fn readings(token: &[u8], purpose: Use) -> Option<Readings> {
    memchr::memchr3(b'#', 0x80, 0xFF, token)?;
    if memchr::memchr_iter(b'#', token).any(|place| !is_escape(&token[place..])) {
        return Some(Readings::Two);
    }
    let end = token.iter().position(|byte| is_white_space_to_some(*byte))?;
    // Behind other octets than those of ASCII the beginning is no name that means something.
    let beginning_may_mean = token[..end].is_ascii() || memchr::memmem::find(token, b"endobj").is_some();
    Some(match purpose {
        Use::Key => Readings::Two,
        Use::Value if beginning_may_mean => Readings::Two,
        Use::Value | Use::FontName => Readings::One,
    })
}

/// `#` and two hexadecimal digits that are no NUL.
fn is_escape(rest: &[u8]) -> bool {
    matches!(rest, [_, high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() && (*high, *low) != (b'0', b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_some_reader_ends_earlier_or_spells_otherwise_have_two_readings() {
        for key in ["Kids#00", "Kids#00x", "Kids#0z", "#5zids", "#4Oids", "Kids#", "Kids#4"] {
            assert_eq!(readings(key.as_bytes(), Use::Key), Some(Readings::Two), "{key}");
            assert_eq!(readings(key.as_bytes(), Use::FontName), Some(Readings::Two), "{key}");
        }
        for key in [&b"Kids\x80"[..], b"Kids\xff", b"\x83\x80", b"\x80Kids"] {
            assert_eq!(readings(key, Use::Key), Some(Readings::Two));
        }
    }

    #[test]
    fn names_in_other_scripts_have_one_reading() {
        let shift_jis = b"\x82\x6c\x82\x72\x96\xbe\x92\xa9";
        for name in [&b"Kids"[..], b"#4bids", b"A#20B#23#80", shift_jis, "明朝".as_bytes(), b"Cambria#2cBold"] {
            assert_eq!((readings(name, Use::Key), readings(name, Use::Value)), (None, None));
        }
        assert_eq!(readings(b"\x83\x80\x81", Use::Value), Some(Readings::One));
        assert_eq!(readings(b"Euro\x80", Use::of_value(b"BaseFont")), Some(Readings::One));
        assert_eq!(readings(b"FlateDecode\x80", Use::of_value(b"Filter")), Some(Readings::Two));
        assert_eq!(readings(b"\x83\x80endobj", Use::Value), Some(Readings::Two));
    }
}
