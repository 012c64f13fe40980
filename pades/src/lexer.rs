//! Tokens, ISO 32000-1 clause 7.2 and 7.3. In: bytes and a position. Out: names, numbers, strings, keywords, each consumed
//! exactly, or [`Error::Damaged`] at the byte that does not fit.

use crate::{
    error::Error,
    object::Object,
    scalar::{Name, PdfString, Real, StringForm},
};

/// A cursor over bytes; positions are offsets into `bytes`.
#[derive(Debug, Clone)]
pub(crate) struct Lexer<'a> {
    bytes: &'a [u8],
    position: usize,
}

/// Table 1, table 2, and all others (7.2.2).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    WhiteSpace,
    Delimiter,
    Regular,
}

/// The classes of all octets.
const CLASSES: [Class; 256] = {
    let mut classes = [Class::Regular; 256];
    let mut octet = 0;
    while octet < 256 {
        classes[octet] = match octet as u8 {
            0 | b'\t' | b'\n' | 0x0C | b'\r' | b' ' => Class::WhiteSpace,
            b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%' => Class::Delimiter,
            _ => Class::Regular,
        };
        octet += 1;
    }
    classes
};

/// White space, table 1: NUL, HT, LF, FF, CR, SP.
pub(crate) fn is_white_space(byte: u8) -> bool {
    CLASSES[usize::from(byte)] == Class::WhiteSpace
}

/// Regular characters: neither white space nor delimiters (7.2.2).
pub(crate) fn is_regular(byte: u8) -> bool {
    CLASSES[usize::from(byte)] == Class::Regular
}

impl<'a> Lexer<'a> {
    pub(crate) fn at(bytes: &'a [u8], position: usize) -> Lexer<'a> {
        Lexer { bytes, position: position.min(bytes.len()) }
    }

    pub(crate) fn position(&self) -> usize {
        self.position
    }

    pub(crate) fn seek(&mut self, position: usize) {
        self.position = position.min(self.bytes.len());
    }

    pub(crate) fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    pub(crate) fn rest(&self) -> &'a [u8] {
        &self.bytes[self.position..]
    }

    pub(crate) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.position).copied()
    }

    /// The error for something else than `wanted` at the position.
    pub(crate) fn expected(&self, expected: &str) -> Error {
        Error::damaged(self.bytes, self.position, expected)
    }

    /// White space and comments.
    pub(crate) fn skip_space(&mut self) {
        while let Some(byte) = self.peek() {
            if is_white_space(byte) {
                self.position += 1;
            } else if byte == b'%' {
                self.skip_comment();
            } else {
                break;
            }
        }
    }

    /// Up to the end of the line.
    pub(crate) fn skip_comment(&mut self) {
        let comment = self.rest().iter().position(|byte| matches!(byte, b'\r' | b'\n'));
        self.position += comment.unwrap_or(self.rest().len());
    }

    /// White space only.
    pub(crate) fn skip_white_space(&mut self) {
        self.position += self.rest().iter().take_while(|byte| is_white_space(**byte)).count();
    }

    /// One end of line: CR LF, LF or CR. Returns whether there was one.
    pub(crate) fn end_of_line(&mut self) -> bool {
        let length = match self.rest() {
            [b'\r', b'\n', ..] => 2,
            [b'\r' | b'\n', ..] => 1,
            _ => 0,
        };
        self.position += length;
        length > 0
    }

    /// Consumes `keyword` if it stands here as a whole token.
    pub(crate) fn accept(&mut self, keyword: &str) -> bool {
        let Some(rest) = self.rest().strip_prefix(keyword.as_bytes()) else { return false };
        if rest.first().copied().is_some_and(is_regular) {
            return false;
        }
        self.position += keyword.len();
        true
    }

    /// Consumes `keyword`, or says what is there instead.
    pub(crate) fn keyword(&mut self, keyword: &str) -> Result<(), Error> {
        if self.accept(keyword) { Ok(()) } else { Err(self.expected(&format!("the keyword `{keyword}`"))) }
    }

    /// A run of regular characters.
    pub(crate) fn word(&mut self) -> &'a [u8] {
        let rest = self.rest();
        let length = rest.iter().take_while(|byte| is_regular(**byte)).count();
        self.position += length;
        &rest[..length]
    }

    /// A non-negative whole number of digits only.
    pub(crate) fn whole_number(&mut self, expected: &str) -> Result<usize, Error> {
        let start = self.position;
        self.digits().ok_or_else(|| Error::damaged(self.bytes, start, expected))
    }

    /// The same; `None` if it is none.
    pub(crate) fn digits(&mut self) -> Option<usize> {
        let word = self.word();
        let digits = word.iter().all(u8::is_ascii_digit);
        std::str::from_utf8(word).ok().filter(|_| digits).and_then(|text| text.parse().ok())
    }

    /// An integer or a real number (7.3.3); an integer that does not fit 64 bits is a real one, and a point alone is zero to every
    /// reader.
    pub(crate) fn number(&mut self) -> Result<Object, Error> {
        const EXPECTED: &str = "a number";
        let start = self.position;
        let text = std::str::from_utf8(self.word()).map_err(|_| Error::damaged(self.bytes, start, EXPECTED))?;
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let points = unsigned.bytes().filter(|byte| *byte == b'.').count();
        let digits = unsigned.bytes().filter(u8::is_ascii_digit).count();
        if text != "." && (points > 1 || digits == 0 || points + digits != unsigned.len()) {
            return Err(Error::damaged(self.bytes, start, EXPECTED));
        }
        if points == 1 {
            return Ok(Object::Real(Real::from_text(text.to_owned())));
        }
        Ok(text.parse().map_or_else(|_| Object::Real(Real::from_text(text.to_owned())), Object::Integer))
    }

    /// A name (7.3.5); `#` that is not followed by two hexadecimal digits stands for itself, as before PDF 1.2.
    pub(crate) fn name(&mut self) -> Result<Name, Error> {
        if self.peek() != Some(b'/') {
            return Err(self.expected("a name"));
        }
        self.position += 1;
        let mut rest = self.word();
        if memchr::memchr(b'#', rest).is_none() {
            return Ok(Name::new(rest));
        }
        let mut name = Vec::with_capacity(rest.len());
        while let [first, tail @ ..] = rest {
            rest = tail;
            match (first, tail) {
                (b'#', [high, low, after @ ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                    name.push(hex_value(*high) << 4 | hex_value(*low));
                    rest = after;
                }
                _ => name.push(*first),
            }
        }
        Ok(Name::new(name))
    }

    /// A string in either notation (7.3.4).
    pub(crate) fn string(&mut self) -> Result<PdfString, Error> {
        let start = self.position;
        let (bytes, form) = match self.peek() {
            Some(b'(') => (self.literal_string()?, StringForm::Literal),
            Some(b'<') => (self.hexadecimal_string()?, StringForm::Hexadecimal),
            _ => return Err(self.expected("a string")),
        };
        Ok(PdfString { bytes, form, token: start..self.position })
    }

    fn literal_string(&mut self) -> Result<Vec<u8>, Error> {
        let start = self.position;
        self.position += 1;
        let mut bytes = Vec::new();
        let mut open = 1usize;
        while let Some(byte) = self.peek() {
            self.position += 1;
            match byte {
                b')' if open == 1 => return Ok(bytes),
                b')' => open -= 1,
                b'(' => open += 1,
                _ => {}
            }
            match byte {
                b'\\' => self.escape(&mut bytes),
                b'\r' => {
                    self.position += usize::from(self.peek() == Some(b'\n')); // an end of line reads as LF
                    bytes.push(b'\n');
                }
                _ => bytes.push(byte),
            }
        }
        Err(Error::damaged(self.bytes, start, "a literal string with balanced parentheses"))
    }

    /// What follows a reverse solidus, table 3.
    fn escape(&mut self, bytes: &mut Vec<u8>) {
        let Some(byte) = self.peek() else { return };
        self.position += 1;
        match byte {
            b'n' => bytes.push(b'\n'),
            b'r' => bytes.push(b'\r'),
            b't' => bytes.push(b'\t'),
            b'b' => bytes.push(8),
            b'f' => bytes.push(12),
            b'0'..=b'7' => {
                let mut value = u32::from(byte - b'0');
                for _ in 0..2 {
                    let Some(digit @ b'0'..=b'7') = self.peek() else { break };
                    value = value * 8 + u32::from(digit - b'0');
                    self.position += 1;
                }
                bytes.push((value & 0xFF) as u8); // high-order overflow is ignored, 7.3.4.2
            }
            b'\r' => self.position += usize::from(self.peek() == Some(b'\n')),
            b'\n' => {}
            other => bytes.push(other),
        }
    }

    fn hexadecimal_string(&mut self) -> Result<Vec<u8>, Error> {
        const EXPECTED: &str = "a hexadecimal string of digits and white space, closed by `>`";
        self.position += 1;
        if let Some(bytes) = self.digits_alone() {
            return Ok(bytes);
        }
        let mut bytes = Vec::new();
        let mut high = None;
        while let Some(byte) = self.peek() {
            match byte {
                b'>' => {
                    self.position += 1;
                    bytes.extend(high.map(|value: u8| value << 4)); // a missing last digit is 0
                    return Ok(bytes);
                }
                digit if digit.is_ascii_hexdigit() => match high.take() {
                    None => high = Some(hex_value(digit)),
                    Some(value) => bytes.push(value << 4 | hex_value(digit)),
                },
                space if is_white_space(space) => {}
                _ => return Err(self.expected(EXPECTED)),
            }
            self.position += 1;
        }
        Err(self.expected(EXPECTED))
    }

    /// A string of nothing but digits in pairs, as a /Contents of many thousand is: read in one go.
    fn digits_alone(&mut self) -> Option<Vec<u8>> {
        const LONGEST: usize = 1 << 20;
        let rest = self.rest();
        let end = rest[..rest.len().min(LONGEST)].iter().position(|byte| *byte == b'>')?;
        let digits = &rest[..end];
        let mut all = digits.len() as u8 % 2 * 0xFF; // an odd digit is left to the slow way
        let value = |pair: &[u8]| {
            let [high, low] = [HEX_VALUES[usize::from(pair[0])], HEX_VALUES[usize::from(pair[1])]];
            all |= high | low;
            high << 4 | low
        };
        let bytes: Vec<u8> = digits.chunks_exact(2).map(value).collect();
        if all > 0xF {
            return None;
        }
        self.position += end + 1;
        Some(bytes)
    }
}

/// The values of all octets as hexadecimal digits; ff: it is none.
const HEX_VALUES: [u8; 256] = {
    let mut values = [0xFF; 256];
    let mut octet = 0;
    while octet < 256 {
        if (octet as u8).is_ascii_hexdigit() {
            values[octet] = hex_value(octet as u8);
        }
        octet += 1;
    }
    values
};

/// The value of a hexadecimal digit.
pub(crate) const fn hex_value(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => digit.to_ascii_uppercase().wrapping_sub(b'A').wrapping_add(10) & 0xF,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn string(text: &[u8]) -> Vec<u8> {
        Lexer::at(text, 0).string().unwrap().bytes
    }

    #[test]
    fn literal_strings_resolve_escapes_and_line_ends() {
        assert_eq!(string(b"(a(b)c)"), b"a(b)c");
        assert_eq!(string(b"((x))"), b"(x)");
        assert_eq!(string(b"(\\053\\5\\n\\)\\\nz\r\n\\q)"), b"+\x05\n)z\nq");
        assert!(Lexer::at(b"(open", 0).string().is_err());
    }

    #[test]
    fn hexadecimal_strings_ignore_white_space_and_pad_the_last_digit() {
        assert_eq!(string(b"<48 65\n6>"), b"He\x60");
        assert_eq!(string(b"<>"), b"");
        assert!(Lexer::at(b"<4g>", 0).string().is_err());
        assert!(Lexer::at(b"<48", 0).string().is_err());
    }

    #[test]
    fn numbers_keep_their_kind() {
        assert_eq!(Lexer::at(b"-17", 0).number().unwrap(), Object::Integer(-17));
        let real = Lexer::at(b"-.002", 0).number().unwrap();
        assert!(matches!(&real, Object::Real(real) if real.text() == "-.002" && real.value() == -0.002));
        for (odd, value) in [(".", 0.0), ("-99999999999999999999", -1e20)] {
            let number = Lexer::at(odd.as_bytes(), 0).number().unwrap();
            assert!(matches!(&number, Object::Real(real) if real.text() == odd && real.value() == value), "{odd}");
        }
        for bad in ["1.2.3", "--1", "+", "-.", "1e5"] {
            assert!(Lexer::at(bad.as_bytes(), 0).number().is_err(), "{bad}");
        }
    }

    #[test]
    fn names_resolve_number_signs() {
        assert_eq!(Lexer::at(b"/A#42C#zz ", 0).name().unwrap(), Name::new("ABC#zz"));
        assert_eq!(Lexer::at(b"/ x", 0).name().unwrap(), Name::new(""));
    }

    #[test]
    fn keywords_are_whole_tokens() {
        assert!(Lexer::at(b"obj<<", 0).accept("obj"));
        assert!(!Lexer::at(b"object", 0).accept("obj"));
    }
}
