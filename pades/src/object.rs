//! The nine kinds of PDF objects, ISO 32000-1 clause 7.3, with the place of their tokens.
//!
//! In: nothing is read here. Out: values that keep what a verdict needs: token ranges, order and duplicates of keys, the text
//! of real numbers. Ranges count bytes of the file, or of the decoded object stream in which the object lies; objects made by
//! a program have the range `0..0`. Equality ignores ranges, the notation of strings, and the order of dictionary entries.

use crate::dictionary::Dictionary;
use std::{fmt, ops::Range};

/// One PDF object.
#[derive(Debug, Clone, PartialEq)]
pub enum Object {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction.
    Real(Real),
    /// `/Name`
    Name(Name),
    /// `(literal)` or `<hexadecimal>`
    String(PdfString),
    /// `[ … ]`
    Array(Vec<Object>),
    /// `<< … >>`
    Dictionary(Dictionary),
    /// A dictionary followed by data.
    Stream(Stream),
    /// `12 0 R`
    Reference(Reference),
}

impl Object {
    /// A name object.
    pub fn name(name: impl AsRef<[u8]>) -> Object {
        Object::Name(Name::new(name))
    }

    /// The value of an integer.
    pub fn as_integer(&self) -> Option<i64> {
        if let Object::Integer(value) = self { Some(*value) } else { None }
    }

    /// The value of an integer that is a length, a count or an offset.
    pub fn as_size(&self) -> Option<usize> {
        self.as_integer().and_then(|value| usize::try_from(value).ok())
    }

    /// The name.
    pub fn as_name(&self) -> Option<&Name> {
        if let Object::Name(name) = self { Some(name) } else { None }
    }

    /// The string.
    pub fn as_string(&self) -> Option<&PdfString> {
        if let Object::String(string) = self { Some(string) } else { None }
    }

    /// The elements of an array.
    pub fn as_array(&self) -> Option<&[Object]> {
        if let Object::Array(elements) = self { Some(elements) } else { None }
    }

    /// The dictionary; a stream is none, see [`Object::as_stream`].
    pub fn as_dictionary(&self) -> Option<&Dictionary> {
        if let Object::Dictionary(dictionary) = self { Some(dictionary) } else { None }
    }

    /// The stream.
    pub fn as_stream(&self) -> Option<&Stream> {
        if let Object::Stream(stream) = self { Some(stream) } else { None }
    }

    /// The reference.
    pub fn as_reference(&self) -> Option<Reference> {
        if let Object::Reference(reference) = self { Some(*reference) } else { None }
    }

    /// Whether this is `null`, which a missing dictionary entry equals (7.3.7).
    pub fn is_null(&self) -> bool {
        matches!(self, Object::Null)
    }

    /// The kind in words, for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Object::Null => "null",
            Object::Boolean(_) => "a boolean",
            Object::Integer(_) => "an integer",
            Object::Real(_) => "a real number",
            Object::Name(_) => "a name",
            Object::String(_) => "a string",
            Object::Array(_) => "an array",
            Object::Dictionary(_) => "a dictionary",
            Object::Stream(_) => "a stream",
            Object::Reference(_) => "a reference",
        }
    }
}

/// The number of an indirect object and its generation (7.3.10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    /// Object number, from 1.
    pub number: u32,
    /// Generation number; 0 unless the number was used before.
    pub generation: u16,
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} R", self.number, self.generation)
    }
}

/// A real number that keeps its text, so that writing it back changes nothing (7.3.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Real(String);

impl Real {
    /// From text that the lexer has recognised as a real number.
    pub(crate) fn from_text(text: String) -> Real {
        Real(text)
    }

    /// A length, in points, with as few digits as tell it from its neighbours; a number that is none is zero.
    pub fn from_points(points: f32) -> Real {
        let points = if points.is_finite() { points } else { 0.0 };
        let text = points.to_string(); // never with an exponent, which PDF does not know
        Real(if text.contains('.') { text } else { text + ".0" })
    }

    /// As written in the file.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The value; fractions beyond double precision are lost.
    pub fn value(&self) -> f64 {
        self.0.trim_start_matches('+').parse().unwrap_or(0.0)
    }
}

/// A name, its `#xx` escapes resolved (7.3.5).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Vec<u8>);

impl Name {
    /// From the bytes after the solidus.
    pub fn new(bytes: impl AsRef<[u8]>) -> Name {
        Name(bytes.as_ref().to_vec())
    }

    /// The bytes after the solidus.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}", String::from_utf8_lossy(&self.0))
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// How a string is written (7.3.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StringForm {
    /// `(…)`
    Literal,
    /// `<…>`
    Hexadecimal,
}

/// A string: its bytes, how and where it is written.
#[derive(Debug, Clone)]
pub struct PdfString {
    /// The decoded bytes.
    pub bytes: Vec<u8>,
    /// The notation.
    pub form: StringForm,
    /// The token with its delimiters.
    pub token: Range<usize>,
}

impl PartialEq for PdfString {
    fn eq(&self, other: &PdfString) -> bool {
        self.bytes == other.bytes
    }
}

/// A stream: its dictionary and where its encoded data lie (7.3.8).
#[derive(Debug, Clone)]
pub struct Stream {
    /// The stream dictionary.
    pub dictionary: Dictionary,
    /// The encoded data in the file, /Length bytes.
    pub data: Range<usize>,
    /// The object that it is, for its key in an encrypted file.
    pub(crate) owner: Option<Reference>,
}

impl PartialEq for Stream {
    fn eq(&self, other: &Stream) -> bool {
        self.dictionary == other.dictionary && self.data == other.data
    }
}
