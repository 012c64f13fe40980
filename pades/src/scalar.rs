//! Objects that hold no others, ISO 32000-1 clauses 7.3.3 to 7.3.5 and 7.3.10: numbers, names, strings and references, with the
//! place of their tokens. Nothing is read here.

use std::{fmt, ops::Range};

use smallvec::SmallVec;

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
pub struct Name(SmallVec<[u8; 16]>); // almost every name is that short, and there are thousands

impl Name {
    /// From the bytes after the solidus.
    pub fn new(bytes: impl AsRef<[u8]>) -> Name {
        Name(SmallVec::from_slice(bytes.as_ref()))
    }

    /// The bytes after the solidus.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        self.as_bytes() == other.as_bytes()
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
