//! Objects from tokens, ISO 32000-1 clause 7.3. In: bytes, an offset, limits. Out: one object with its token range, or one
//! indirect object with everything up to `endobj`.

use crate::{
    error::{Departure, Error, Irregularity},
    lexer::Lexer,
    limits::Limits,
    object::{Dictionary, Entry, Object, Stream},
    scalar::{Name, Reference},
    spelling::{self, Use},
};
use memchr::memmem;
use std::ops::Range;

/// `12 0 obj … endobj`, as it lies in the file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct IndirectObject {
    pub(crate) reference: Reference,
    pub(crate) object: Object,
    /// From the object number to the end of `endobj`.
    pub(crate) range: Range<usize>,
    /// Departures from the standard that leave one reading.
    pub(crate) irregularities: Vec<Irregularity>,
}

/// The indirect object that begins exactly at `offset`. `length_of` turns a stream's /Length into a number of bytes.
pub(crate) fn indirect_object(
    bytes: &[u8],
    offset: usize,
    limits: &Limits,
    length_of: &dyn Fn(&Object) -> Result<usize, Error>,
) -> Result<IndirectObject, Error> {
    Parser::at(bytes, offset, limits).indirect_object(length_of)
}

/// Parses objects at a moving position.
pub(crate) struct Parser<'a> {
    pub(crate) lexer: Lexer<'a>,
    limits: &'a Limits,
    depth: usize,
    elements: usize,
    irregularities: Vec<Irregularity>,
    /// What a name is for that comes now.
    purpose: Use,
    /// Of the dictionaries and arrays that are open: each gets its own in one piece when it is closed.
    entries: Vec<Entry>,
    objects: Vec<Object>,
}

impl<'a> Parser<'a> {
    pub(crate) fn at(bytes: &'a [u8], offset: usize, limits: &'a Limits) -> Parser<'a> {
        let (irregularities, entries, objects) = (Vec::new(), Vec::new(), Vec::new());
        let (lexer, purpose) = (Lexer::at(bytes, offset), Use::Value);
        Parser { lexer, limits, depth: 0, elements: 0, irregularities, purpose, entries, objects }
    }

    /// Departures from the standard in what was parsed so far.
    pub(crate) fn irregularities(&mut self) -> Vec<Irregularity> {
        std::mem::take(&mut self.irregularities)
    }

    /// An indirect object, which begins at the position.
    pub(crate) fn indirect_object(
        &mut self,
        length_of: &dyn Fn(&Object) -> Result<usize, Error>,
    ) -> Result<IndirectObject, Error> {
        let start = self.lexer.position();
        let reference = self.object_header()?;
        self.lexer.skip_space();
        let (object, token) = self.object()?;
        self.lexer.skip_space();
        let (object, end) = match object {
            Object::Dictionary(dictionary) if self.lexer.accept("stream") => {
                (Object::Stream(self.stream(dictionary, length_of)?), self.lexer.position())
            }
            other => (other, token.end),
        };
        self.lexer.skip_space();
        let end = if self.lexer.accept("endobj") { self.lexer.position() } else { self.without_endobj(end)? };
        self.lexer.seek(end);
        let irregularities = self.irregularities();
        Ok(IndirectObject { reference, object, range: start..end, irregularities })
    }

    /// An object that something else follows than `endobj` (7.3.10): where the next one, or cross-references, begin, it can
    /// only have ended.
    fn without_endobj(&mut self, end: usize) -> Result<usize, Error> {
        let missing = self.lexer.expected("the keyword `endobj`");
        let next = |keyword| self.lexer.clone().accept(keyword);
        if !(next("xref") || next("startxref") || self.object_header().is_ok()) {
            return Err(missing);
        }
        self.irregularities.push(missing.departs(Departure::MissingEndobj));
        Ok(end)
    }

    /// One object and its token range; the position must be at its first byte.
    pub(crate) fn object(&mut self) -> Result<(Object, Range<usize>), Error> {
        let start = self.lexer.position();
        let object = match self.lexer.peek() {
            Some(b'/') => Object::Name(self.name(self.purpose)?),
            Some(b'(') => Object::String(self.lexer.string()?),
            Some(b'<') if self.lexer.rest().starts_with(b"<<") => Object::Dictionary(self.dictionary()?),
            Some(b'<') => Object::String(self.lexer.string()?),
            Some(b'[') => Object::Array(self.array()?),
            Some(b'0'..=b'9' | b'+' | b'-' | b'.') => self.number_or_reference()?,
            _ if self.lexer.accept("null") => Object::Null,
            _ if self.lexer.accept("true") => Object::Boolean(true),
            _ if self.lexer.accept("false") => Object::Boolean(false),
            _ => return Err(self.lexer.expected("an object")),
        };
        Ok((object, start..self.lexer.position()))
    }

    /// A name; one that readers spell in different ways is noted, once for each number of readings.
    fn name(&mut self, purpose: Use) -> Result<Name, Error> {
        const EXPECTED: &str = "a name that every reader spells alike";
        let start = self.lexer.position();
        let name = self.lexer.name()?;
        let token = &self.lexer.bytes()[start + 1..self.lexer.position()];
        if let Some(readings) = spelling::readings(token, purpose) {
            let known = |one: &Irregularity| one.departure == Departure::NameSpelling && one.readings == readings;
            if !self.irregularities.iter().any(known) {
                let problem = Error::damaged(self.lexer.bytes(), start, EXPECTED).departs(Departure::NameSpelling);
                self.irregularities.push(Irregularity { readings, ..problem });
            }
        }
        Ok(name)
    }

    /// A dictionary, which must begin at the position.
    pub(crate) fn dictionary(&mut self) -> Result<Dictionary, Error> {
        let start = self.lexer.position();
        if !self.lexer.rest().starts_with(b"<<") {
            return Err(self.lexer.expected("a dictionary"));
        }
        self.enter(2)?;
        let first = self.entries.len();
        loop {
            self.lexer.skip_space();
            if self.lexer.rest().starts_with(b">>") {
                break;
            }
            self.count()?;
            let key_start = self.lexer.position();
            let key = self.name(Use::Key).map_err(|_| self.lexer.expected("a key or `>>`"))?;
            let key_token = key_start..self.lexer.position();
            self.lexer.skip_space();
            self.purpose = Use::of_value(key.as_bytes());
            let (value, value_token) = self.object()?;
            self.purpose = Use::Value;
            self.entries.push(Entry { key, key_token, value, value_token });
        }
        self.leave(2);
        let entries = closed(&mut self.entries, first);
        Ok(Dictionary::from_entries(entries, start..self.lexer.position()))
    }

    fn array(&mut self) -> Result<Vec<Object>, Error> {
        self.enter(1)?;
        let first = self.objects.len();
        loop {
            self.lexer.skip_space();
            if self.lexer.peek() == Some(b']') {
                break;
            }
            self.count()?;
            let (element, _) = self.object()?;
            self.objects.push(element);
        }
        self.leave(1);
        Ok(closed(&mut self.objects, first))
    }

    fn enter(&mut self, opening: usize) -> Result<(), Error> {
        if self.depth == self.limits.nesting {
            let offset = self.lexer.position();
            return Err(Error::LimitExceeded { limit: "levels of nesting", allowed: self.limits.nesting, offset });
        }
        self.depth += 1;
        self.lexer.seek(self.lexer.position() + opening);
        Ok(())
    }

    fn leave(&mut self, closing: usize) {
        self.depth -= 1;
        self.lexer.seek(self.lexer.position() + closing);
    }

    fn count(&mut self) -> Result<(), Error> {
        self.elements += 1;
        if self.elements > self.limits.elements {
            let offset = self.lexer.position();
            return Err(Error::LimitExceeded { limit: "elements in an object", allowed: self.limits.elements, offset });
        }
        Ok(())
    }

    /// An integer may be the beginning of `12 0 R`.
    fn number_or_reference(&mut self) -> Result<Object, Error> {
        let start = self.lexer.position();
        let number = self.lexer.number()?;
        if matches!(&number, Object::Real(real) if real.text() == ".") {
            let problem = Error::damaged(self.lexer.bytes(), start, "a number with a digit");
            self.irregularities.push(problem.departs(Departure::Number));
        }
        let Some(candidate) = number.as_integer().and_then(|value| u32::try_from(value).ok()) else {
            return Ok(number);
        };
        let mut ahead = self.lexer.clone();
        ahead.skip_space();
        if !ahead.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return Ok(number);
        }
        let Some(generation) = ahead.digits().and_then(|value| u16::try_from(value).ok()) else {
            return Ok(number);
        };
        ahead.skip_space();
        if !ahead.accept("R") {
            return Ok(number);
        }
        self.lexer = ahead;
        Ok(Object::Reference(Reference { number: candidate, generation }))
    }

    /// `12 0 obj`
    fn object_header(&mut self) -> Result<Reference, Error> {
        const EXPECTED: &str = "an object header `number generation obj`";
        let start = self.lexer.position();
        let damaged = |_| Error::damaged(self.lexer.bytes(), start, EXPECTED);
        let mut lexer = self.lexer.clone();
        let number = lexer.whole_number(EXPECTED).map_err(damaged)?;
        lexer.skip_space();
        let generation = lexer.whole_number(EXPECTED).map_err(damaged)?;
        lexer.skip_space();
        lexer.keyword("obj").map_err(damaged)?;
        match (u32::try_from(number), u16::try_from(generation)) {
            (Ok(number), Ok(generation)) if number > 0 => {
                self.lexer = lexer;
                Ok(Reference { number, generation })
            }
            _ => Err(Error::damaged(self.lexer.bytes(), start, EXPECTED)),
        }
    }

    /// The data between `stream` and `endstream`, which must agree with /Length (7.3.8).
    fn stream(
        &mut self,
        dictionary: Dictionary,
        length_of: &dyn Fn(&Object) -> Result<usize, Error>,
    ) -> Result<Stream, Error> {
        match self.lexer.rest() {
            [b'\r', b'\n', ..] => self.lexer.seek(self.lexer.position() + 2),
            [b'\n', ..] => self.lexer.seek(self.lexer.position() + 1),
            _ => return Err(self.lexer.expected("CR LF or LF after the keyword `stream`")),
        }
        let start = self.lexer.position();
        let length = dictionary.get("Length").ok_or_else(|| {
            Error::damaged_because(dictionary.token.start, "a stream with /Length", "a dictionary without it")
        });
        let end = match length.and_then(length_of).and_then(|length| self.end_of_stream(start, length)) {
            Ok(end) => end,
            Err(problem @ Error::LimitExceeded { .. }) => return Err(problem),
            Err(problem) => self.only_end_of_stream(start, problem)?,
        };
        Ok(Stream { dictionary, data: start..end, owner: None })
    }

    /// `endstream` where /Length says.
    fn end_of_stream(&mut self, start: usize, length: usize) -> Result<usize, Error> {
        let end = start.checked_add(length).filter(|end| *end <= self.lexer.bytes().len()).ok_or_else(|| {
            Error::damaged_because(
                start,
                format!("a stream of {length} bytes (/Length)"),
                "the end of the data before it",
            )
        })?;
        self.lexer.seek(end);
        self.lexer.end_of_line();
        if self.lexer.accept("endstream") {
            return Ok(end);
        }
        self.lexer.seek(end);
        Err(self.lexer.expected("`endstream` where /Length says"))
    }

    /// The end of a stream whose /Length is wrong, if there is one place only: a line that is `endstream`, and `endobj` after it
    /// before anything else that ends an object. What was looked through stays consumed.
    fn only_end_of_stream(&mut self, start: usize, problem: Error) -> Result<usize, Error> {
        let bytes = self.lexer.bytes();
        let Some(place) = memmem::find(&bytes[start..], b"endstream").map(|place| start + place) else {
            self.lexer.seek(bytes.len());
            return Err(problem);
        };
        self.lexer.seek(place);
        let data = &bytes[start..place];
        let line_end =
            if data.ends_with(b"\r\n") { 2 } else { usize::from(data.ends_with(b"\n") || data.ends_with(b"\r")) };
        let mut after = self.lexer.clone();
        let whole = after.accept("endstream");
        after.skip_white_space();
        let others = memmem::find(data, b"endobj").is_some();
        if !whole || (line_end == 0 && !data.is_empty()) || others || !after.accept("endobj") {
            return Err(problem);
        }
        self.lexer.accept("endstream");
        self.irregularities.push(problem.departs(Departure::StreamLength));
        Ok(place - line_end)
    }
}

/// What was collected since a dictionary or an array was opened, in one piece. What is large and the outermost is not copied.
fn closed<T>(collected: &mut Vec<T>, first: usize) -> Vec<T> {
    const LARGE: usize = 1024;
    match first == 0 && collected.len() > LARGE {
        true => std::mem::take(collected),
        false => collected.drain(first..).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &[u8]) -> Result<Object, Error> {
        Parser::at(text, 0, &Limits::default()).object().map(|(object, _)| object)
    }

    fn direct(length: &Object) -> Result<usize, Error> {
        length.as_size().ok_or_else(|| Error::damaged_because(0, "a direct length", length.kind()))
    }

    #[test]
    fn dictionaries_keep_order_duplicates_and_offsets() {
        let object = parse(b"<</B[1 2 0 R]/A(x)%c\n/A null>>").unwrap();
        let dictionary = object.as_dictionary().unwrap();
        assert_eq!(dictionary.entries().len(), 3);
        assert_eq!(dictionary.duplicate_keys().len(), 1);
        assert_eq!(dictionary.token, 0..30);
        assert_eq!(dictionary.entries()[0].value_token, 4..13);
        let reference = Object::Reference(Reference { number: 2, generation: 0 });
        assert_eq!(dictionary.get("B").unwrap().as_array().unwrap(), [Object::Integer(1), reference]);
    }

    #[test]
    fn references_need_three_tokens() {
        assert_eq!(parse(b"1 0 R").unwrap(), Object::Reference(Reference { number: 1, generation: 0 }));
        assert_eq!(parse(b"1 0 Rx").unwrap(), Object::Integer(1));
        assert_eq!(parse(b"1 -0 R").unwrap(), Object::Integer(1));
    }

    #[test]
    fn nesting_and_elements_are_limited() {
        let deep = [b'['; 5000];
        assert!(matches!(parse(&deep), Err(Error::LimitExceeded { .. })));
        let limits = Limits { elements: 3, ..Limits::default() };
        let result = Parser::at(b"[1 2 3 4]", 0, &limits).object();
        assert!(matches!(result, Err(Error::LimitExceeded { allowed: 3, .. })));
    }

    #[test]
    fn a_stream_must_agree_with_its_length() {
        let good = b"4 0 obj\n<</Length 3>>\nstream\nabc\nendstream\nendobj";
        let object = indirect_object(good, 0, &Limits::default(), &direct).unwrap();
        assert_eq!(&good[object.object.as_stream().unwrap().data.clone()], b"abc");
        assert_eq!(object.range, 0..good.len());
        let bad = b"4 0 obj\n<</Length 2>>\nstream\nendobj abc\nendstream\nendobj";
        assert!(matches!(indirect_object(bad, 0, &Limits::default(), &direct), Err(Error::Damaged { offset: 31, .. })));
    }

    #[test]
    fn a_wrong_length_is_noted_where_only_one_end_is_possible() {
        for length in ["2", "400", "(x)", "-1"] {
            let text = format!("4 0 obj\n<</Length {length}>>\nstream\nabc\r\nendstream\nendobj");
            let object = indirect_object(text.as_bytes(), 0, &Limits::default(), &direct).unwrap();
            assert_eq!(&text[object.object.as_stream().unwrap().data.clone()], "abc");
            assert_eq!(object.irregularities[0].departure, Departure::StreamLength);
        }
        for open in ["abc endstream x\nendstream\nendobj", "abc\nendstreams\nendobj", "abc"] {
            let text = format!("4 0 obj\n<</Length 1>>\nstream\n{open}");
            assert!(indirect_object(text.as_bytes(), 0, &Limits::default(), &direct).is_err(), "{open}");
        }
    }

    #[test]
    fn an_object_ends_where_the_next_one_begins() {
        for next in ["5 0 obj", "xref\n0 1", "startxref"] {
            let text = format!("4 0 obj\n<< >>\n{next}");
            let object = indirect_object(text.as_bytes(), 0, &Limits::default(), &direct).unwrap();
            assert_eq!(object.range, 0..13);
            assert_eq!(object.irregularities[0].departure, Departure::MissingEndobj);
        }
        assert!(indirect_object(b"4 0 obj null other", 0, &Limits::default(), &direct).is_err());
    }

    #[test]
    fn an_object_header_starts_exactly_at_the_offset() {
        assert!(indirect_object(b" 4 0 obj null endobj", 0, &Limits::default(), &direct).is_err());
        assert!(indirect_object(b"0 0 obj null endobj", 0, &Limits::default(), &direct).is_err());
        assert!(indirect_object(b"4 0 obj null", 0, &Limits::default(), &direct).is_err());
    }
}
