//! What can go wrong with a PDF, each with the byte offset, what was wanted and what was found.
//!
//! The clauses are those of ISO 32000-1 (PDF 1.7).

use crate::scalar::Reference;

/// Why a PDF could not be read, or could not be prepared, sealed or extended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The file does not begin like a PDF (ISO 32000-1, 7.5.2).
    #[error("not a PDF: wanted the header `%PDF-` at the start of the file, found {found}")]
    NotPdf {
        /// The first bytes, made printable.
        found: String,
    },
    /// The file ends before its last revision is complete, or bytes follow it (ISO 32000-1, 7.5.5).
    #[error("truncated PDF: wanted {expected} at the end of the file, found {found} at offset {offset}")]
    Truncated {
        /// Where the last complete revision ends, or where the search ended.
        offset: usize,
        /// What was missing.
        expected: &'static str,
        /// What is there instead.
        found: String,
    },
    /// The file has an /Encrypt entry (ISO 32000-1, 7.6); an encrypted file is neither sealed nor extended.
    #[error(
        "encrypted PDF: wanted a trailer without /Encrypt, found one at offset {offset}; save it without encryption first, for example with `qpdf --decrypt IN OUT`"
    )]
    Encrypted {
        /// Where the trailer dictionary with /Encrypt begins.
        offset: usize,
    },
    /// The file has two sets of cross-references for different readers (ISO 32000-1, 7.5.8.4).
    #[error(
        "hybrid-reference PDF: wanted one kind of cross-reference, found /XRefStm in the trailer at offset {offset}"
    )]
    Hybrid {
        /// Where the trailer dictionary with /XRefStm begins.
        offset: usize,
    },
    /// The bytes are not what the standard prescribes at this place; nothing is repaired.
    #[error("damaged PDF at offset {offset}: wanted {expected}, found {found}")]
    Damaged {
        /// The byte offset in the file; of what lies in an object stream, the offset of the stream or in its decoded data.
        offset: usize,
        /// What the standard prescribes there.
        expected: String,
        /// What is there.
        found: String,
    },
    /// Something refers back to itself: /Prev, /Kids, form fields.
    #[error("damaged PDF at offset {offset}: wanted {expected} without a cycle, found {found}")]
    Cycle {
        /// Where the thing that is met again begins.
        offset: usize,
        /// What must not have cycles.
        expected: &'static str,
        /// What is met again.
        found: String,
    },
    /// A limit against resource attacks was reached.
    #[error("too large: wanted at most {allowed} {limit}, found more at offset {offset}")]
    LimitExceeded {
        /// What is limited, in words.
        limit: &'static str,
        /// The greatest value that is accepted.
        allowed: usize,
        /// Where the limit was reached.
        offset: usize,
    },
    /// A stream has a filter that this crate does not decode.
    #[error("wanted a stream with FlateDecode, ASCIIHexDecode or no filter, found {filter} at offset {offset}")]
    UnsupportedFilter {
        /// Where the stream's data begin.
        offset: usize,
        /// The filter's name.
        filter: String,
    },
    /// No field has this fully qualified name.
    #[error("wanted the signature field `{name}`, found no field of that name; the document has: {present}")]
    FieldNotFound {
        /// The name asked for.
        name: String,
        /// The signature fields that exist.
        present: String,
    },
    /// The field has that name, but is not a signature field.
    #[error("wanted a signature field, found `{name}` with field type {found}")]
    FieldNotSignature {
        /// The field's name.
        name: String,
        /// Its /FT.
        found: String,
    },
    /// The signature field has a value already.
    #[error("wanted an empty signature field, found that `{name}` is signed already")]
    FieldAlreadySigned {
        /// The field's name.
        name: String,
    },
    /// A new field was asked for under a name that is taken.
    #[error("wanted a free name for a new field, found a field named `{name}` already")]
    FieldExists {
        /// The name asked for.
        name: String,
    },
    /// A partial field name must be non-empty and have no period (ISO 32000-1, 12.7.3.2).
    #[error("wanted a field name without a period, found `{name}`")]
    FieldName {
        /// The name asked for.
        name: String,
    },
    /// A certification or lock of an earlier seal forbids a further seal (ISO 32000-1, 12.8.2.2 and 12.8.2.4).
    #[error("a further seal, in the field `{field}`, is forbidden: {reason} (set by the signature in `{by}`)")]
    SealForbidden {
        /// The field whose signature forbids it.
        by: String,
        /// The field that was to be sealed.
        field: String,
        /// What forbids it, in words.
        reason: String,
    },
    /// The seal that is wanted is not the one that the field's seed value dictionary demands (ISO 32000-1, table 234).
    #[error("the field `{field}` demands another seal (seed value /{entry}): wanted {expected}, found {found}")]
    SeedValue {
        /// The field.
        field: String,
        /// The entry, such as `SubFilter` or `Cert/KeyUsage`.
        entry: String,
        /// What it demands.
        expected: String,
        /// What there is.
        found: String,
    },
    /// A certification must be the first signature of a file (ISO 32000-1, 12.8.2.2).
    #[error("a certification must be the first signature of a file, found one in the field `{by}` already")]
    CertificationLate {
        /// The field that is signed already.
        by: String,
    },
    /// A field that is reserved for a kind of seal cannot hold a document time-stamp.
    #[error("wanted a field without conditions for a document time-stamp, found /{entry} in `{field}`")]
    FieldReserved {
        /// The field.
        field: String,
        /// The entry that reserves it: `Lock` or `SV`.
        entry: &'static str,
    },
    /// Readers may see different objects in what the seal would cover.
    #[error(
        "{problem}; readers may take what the seal would cover in two ways, so it is not sealed: save the file anew with a program that rebuilds it, for example with `qpdf IN OUT`, and seal that"
    )]
    TwoReadings {
        /// Where they part.
        problem: Box<Error>,
    },
    /// The signature is larger than the space that was reserved for it.
    #[error("the signature needs {needed} bytes, {reserved} were reserved; prepare again with at least {needed}")]
    CmsTooLarge {
        /// Length of the signature in bytes.
        needed: usize,
        /// The reservation in bytes.
        reserved: usize,
    },
    /// The reservation for the signature is zero or above the limit.
    #[error("wanted a reservation of 1 to {allowed} bytes for the signature, found {found}")]
    Reservation {
        /// The bytes asked for.
        found: usize,
        /// The greatest reservation.
        allowed: usize,
    },
}

/// A departure from the standard in the structure of a file that can be read nevertheless.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Irregularity {
    /// What is wrong, in kind.
    pub departure: Departure,
    /// Whether every reader that copes with it sees the same objects.
    pub readings: Readings,
    /// The revision (from 0) whose bytes have the fault, also if it speaks of earlier bytes; the number of revisions for what
    /// follows the last of them.
    pub revision: usize,
    /// The object that has the fault, if it is about one: it matters only if the object can be reached.
    pub object: Option<Reference>,
    /// What was wanted and what was found, with the offset.
    pub problem: Error,
}

/// How many readings a departure from the standard leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readings {
    /// All readers that cope with it see the same.
    One,
    /// Readers may see different objects.
    Two,
}

/// The kinds of departures from the standard, with the clause of ISO 32000-1 that each of them breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Departure {
    /// The header is no known version, or bytes come before it (7.5.2).
    Header,
    /// `startxref` or /Prev leads to white space before its section (7.5.5).
    SectionOffset,
    /// A revision does not end with `startxref`, its offset and `%%EOF` (7.5.5).
    RevisionEnd,
    /// There are two sets of cross-references (7.5.8.4).
    Hybrid,
    /// A table has comments, empty lines, other white space than one end of line, or a subsection without entries (7.5.4).
    TableSyntax,
    /// A linearization dictionary says that the file ends where an update ends, so that readers pass over the updates, or it is
    /// not followed by the cross-references that the file's end leads to (annex F).
    Linearization,
    /// An entry of a table has not 20 bytes (7.5.4).
    EntryWidth,
    /// An entry of a table or stream has an unknown type (7.5.8.3).
    EntryType,
    /// /W has widths that readers differ on (7.5.8.2).
    FieldWidths,
    /// /Index or the subsections of a table are out of order (7.5.4, 7.5.8.2).
    Subsections,
    /// A cross-reference stream has more or fewer records than it says (7.5.8.3).
    Records,
    /// /Size is missing, shrinks, or is far from the highest object number (7.5.5).
    Size,
    /// An entry or a section lies outside its own revision, or an offset leads to something else (7.5.4).
    Offset,
    /// A section lists a number twice (7.5.4), or an object stream holds one twice (7.5.7).
    ListedTwice,
    /// A dictionary has a key twice (7.3.7).
    KeyTwice,
    /// A name is written so that readers spell it in different ways (7.3.5).
    NameSpelling,
    /// A number is a point without digits (7.3.3).
    Number,
    /// The trailer has /Encrypt (7.6); by itself no fault.
    Encrypted,
    /// Bytes follow the last revision (7.5.5).
    Trailing,
    /// An object is not closed by `endobj` (7.3.10).
    MissingEndobj,
    /// /Length of a stream disagrees with its `endstream` (7.3.8).
    StreamLength,
}

impl Error {
    /// Where in the file, if the error is about a place.
    pub fn offset(&self) -> Option<usize> {
        match self {
            Error::NotPdf { .. } => Some(0),
            Error::Truncated { offset, .. }
            | Error::Encrypted { offset }
            | Error::Hybrid { offset }
            | Error::Damaged { offset, .. }
            | Error::Cycle { offset, .. }
            | Error::LimitExceeded { offset, .. }
            | Error::UnsupportedFilter { offset, .. } => Some(*offset),
            _ => None,
        }
    }

    /// The same as a departure that leaves one reading; the revision is filled in when it is known.
    pub(crate) fn departs(self, departure: Departure) -> Irregularity {
        Irregularity { departure, readings: Readings::One, revision: 0, object: None, problem: self }
    }

    /// The same with two readings.
    pub(crate) fn divides(self, departure: Departure) -> Irregularity {
        Irregularity { readings: Readings::Two, ..self.departs(departure) }
    }

    /// A [`Error::Damaged`] that shows the bytes found at `offset`.
    pub(crate) fn damaged(bytes: &[u8], offset: usize, expected: impl Into<String>) -> Error {
        Error::Damaged { offset, expected: expected.into(), found: excerpt(bytes, offset) }
    }

    /// The same with an offset, if it has none yet.
    pub(crate) fn at(self, place: usize) -> Error {
        match self {
            Error::Damaged { offset: 0, expected, found } => Error::Damaged { offset: place, expected, found },
            other => other,
        }
    }

    /// A [`Error::Damaged`] with the finding in words.
    pub(crate) fn damaged_because(offset: usize, expected: impl Into<String>, found: impl Into<String>) -> Error {
        Error::Damaged { offset, expected: expected.into(), found: found.into() }
    }
}

/// The bytes at `offset`, printable and short.
pub(crate) fn excerpt(bytes: &[u8], offset: usize) -> String {
    const SHOWN: usize = 24;
    match bytes.get(offset..) {
        None | Some([]) => "the end of the data".to_owned(),
        Some(rest) => {
            let shown = &rest[..rest.len().min(SHOWN)];
            format!("`{}`", shown.escape_ascii())
        }
    }
}
