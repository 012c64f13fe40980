//! Signature dictionaries, ISO 32000-1 clause 12.8.1. A [`Signature`] has physical
//! offsets; `signature_dictionary` reads it. Nothing is said here about validity.

use crate::{error::Error, object::Dictionary, scalar::Reference};
use std::{fmt, ops::Range};

/// What the /V of a signature field leads to.
#[derive(Debug, Clone, PartialEq)]
pub enum SignatureValue {
    /// No value: the field waits for a seal.
    Empty,
    /// A readable signature dictionary.
    Signed(Box<Signature>),
    /// A value that is no usable signature dictionary: an invalid signature, not an unsigned field.
    Unusable {
        /// What is wrong with it, with the offset.
        problem: Error,
        /// The dictionary, if it is one.
        dictionary: Option<Dictionary>,
    },
}

impl SignatureValue {
    /// The signature dictionary, usable or not.
    pub fn dictionary(&self) -> Option<&Dictionary> {
        match self {
            SignatureValue::Signed(signature) => Some(&signature.dictionary),
            SignatureValue::Unusable { dictionary, .. } => dictionary.as_ref(),
            SignatureValue::Empty => None,
        }
    }
}

/// What a signature is for, by its /SubFilter (EN 319 142-1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignatureKind {
    /// `ETSI.CAdES.detached`
    Seal,
    /// `ETSI.RFC3161`
    DocumentTimeStamp,
    /// Another one, which is no PAdES baseline signature.
    Other(String),
}

impl fmt::Display for SignatureKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SignatureKind::Seal => f.write_str("seal"),
            SignatureKind::DocumentTimeStamp => f.write_str("document-timestamp"),
            SignatureKind::Other(sub_filter) => f.write_str(sub_filter),
        }
    }
}

/// A signature dictionary as it lies in the file. All texts in it are claims of the signer.
#[derive(Debug, Clone, PartialEq)]
pub struct Signature {
    /// Fully qualified name of the field.
    pub field: String,
    /// The field's object.
    pub field_reference: Option<Reference>,
    /// Seal, document time-stamp, or another /SubFilter.
    pub kind: SignatureKind,
    /// /ByteRange: offset and length of both signed parts, not checked against the file.
    pub byte_range: [u64; 4],
    /// The /ByteRange array in the file.
    pub byte_range_token: Range<usize>,
    /// /Contents, decoded, with its padding.
    pub contents: Vec<u8>,
    /// The /Contents token in the file, `<` and `>` inside.
    pub contents_offset: Range<usize>,
    /// /M as written, such as `D:20260401090000Z`.
    pub signing_time_claim: Option<String>,
    /// /Type, if present.
    pub type_name: Option<String>,
    /// /Filter.
    pub filter: String,
    /// /Name.
    pub name: Option<String>,
    /// /Reason.
    pub reason: Option<String>,
    /// /Location.
    pub location: Option<String>,
    /// /P of the DocMDP parameters, if this is a certification (12.8.2.2).
    pub certification: Option<i64>,
    /// The dictionary with all tokens.
    pub dictionary: Dictionary,
    /// Its object; `None` if it is written directly into the field.
    pub reference: Option<Reference>,
    /// The extent in the file of the indirect object in which it lies.
    pub object_range: Range<usize>,
    /// The revision (from 0) that wrote the dictionary.
    pub revision: usize,
    /// The revision whose last byte is the last signed byte, if there is one.
    pub covered_revision: Option<usize>,
}
