//! Text strings, ISO 32000-1 clause 7.9.2.2. In: a string object or a text. Out: the other one.
//!
//! Texts in ASCII are written as they are; all others as UTF-16BE with a byte order mark. Read are UTF-16BE, UTF-8 with its
//! mark (PDF 2.0) and PDFDocEncoding (annex D.3).

use crate::{
    object::Object,
    scalar::{PdfString, StringForm},
};

impl PdfString {
    /// A text string: literal for ASCII, else UTF-16BE in hexadecimal (whose length is even, as PDF/A 6.1.6 demands).
    pub fn text(text: &str) -> PdfString {
        if text.is_ascii() {
            return PdfString { bytes: text.as_bytes().to_vec(), form: StringForm::Literal, token: 0..0 };
        }
        let mut bytes = vec![0xFE, 0xFF];
        bytes.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
        PdfString { bytes, form: StringForm::Hexadecimal, token: 0..0 }
    }

    /// A byte string in hexadecimal.
    pub fn hexadecimal(bytes: impl Into<Vec<u8>>) -> PdfString {
        PdfString { bytes: bytes.into(), form: StringForm::Hexadecimal, token: 0..0 }
    }

    /// The text; bytes without a meaning become U+FFFD.
    pub fn to_text(&self) -> String {
        match self.bytes.as_slice() {
            [0xFE, 0xFF, rest @ ..] => {
                let units: Vec<u16> = rest.chunks(2).map(unit).collect();
                String::from_utf16_lossy(&units)
            }
            [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
            bytes => bytes.iter().map(|byte| document_encoding(*byte)).collect(),
        }
    }
}

impl From<PdfString> for Object {
    fn from(string: PdfString) -> Object {
        Object::String(string)
    }
}

/// One UTF-16 unit, big endian; half a unit at the end is a replacement character.
fn unit(pair: &[u8]) -> u16 {
    match pair {
        [high, low] => u16::from_be_bytes([*high, *low]),
        _ => 0xFFFD,
    }
}

/// PDFDocEncoding, ISO 32000-1 annex D.3, as far as it differs from Latin-1.
fn document_encoding(byte: u8) -> char {
    const ACCENTS: [char; 8] = ['\u{2D8}', '\u{2C7}', '\u{2C6}', '\u{2D9}', '\u{2DD}', '\u{2DB}', '\u{2DA}', '\u{2DC}']; // 18–1F
    const SIGNS: [char; 31] = [
        '\u{2022}', '\u{2020}', '\u{2021}', '\u{2026}', '\u{2014}', '\u{2013}', '\u{192}', '\u{2044}', '\u{2039}',
        '\u{203A}', '\u{2212}', '\u{2030}', '\u{201E}', '\u{201C}', '\u{201D}', '\u{2018}', '\u{2019}', '\u{201A}',
        '\u{2122}', '\u{FB01}', '\u{FB02}', '\u{141}', '\u{152}', '\u{160}', '\u{178}', '\u{17D}', '\u{131}',
        '\u{142}', '\u{153}', '\u{161}', '\u{17E}',
    ]; // 80–9E
    match byte {
        0x18..=0x1F => ACCENTS[usize::from(byte - 0x18)],
        0x80..=0x9E => SIGNS[usize::from(byte - 0x80)],
        0x7F | 0x9F | 0xAD => '\u{FFFD}',
        0xA0 => '\u{20AC}',
        other => char::from(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ascii_stays_and_japanese_becomes_utf_16() {
        assert_eq!(PdfString::text("Seal").bytes, b"Seal");
        let string = PdfString::text("電子印");
        assert_eq!(string.bytes, [0xFE, 0xFF, 0x96, 0xFB, 0x5B, 0x50, 0x53, 0x70]);
        assert_eq!(string.form, StringForm::Hexadecimal);
        assert_eq!(string.to_text(), "電子印");
    }

    #[test]
    fn document_encoding_is_not_latin_1() {
        let string = PdfString { bytes: vec![b'a', 0x80, 0xA0, 0x1F, 0xE9], form: StringForm::Literal, token: 0..0 };
        assert_eq!(string.to_text(), "a•€\u{2DC}é");
    }

    #[test]
    fn half_a_unit_is_replaced() {
        assert_eq!(PdfString::hexadecimal([0xFE, 0xFF, 0x00]).to_text(), "\u{FFFD}");
    }
}
