//! Signature dictionaries, ISO 32000-1 clause 12.8.1 and rules U2 to U6, G5. In: the value of a field. Out: a [`Signature`]
//! with physical offsets, or the reason why the value is no usable one. Nothing is said here about validity.

use crate::{
    dictionary::Dictionary,
    document::Document,
    error::Error,
    form::{self, Scope, SignatureFields},
    object::{Object, Reference, StringForm},
    resolve::{Located, Location, View},
};
use std::{fmt, ops::Range};

/// What the /V of a signature field leads to.
#[derive(Debug, Clone, PartialEq)]
pub enum SignatureValue {
    /// No value: the field waits for a seal.
    Empty,
    /// A readable signature dictionary.
    Signed(Box<Signature>),
    /// A value that is no usable signature dictionary: an invalid signature, not an unsigned field (rule U5).
    Unusable {
        /// The rule that it breaks, with the offset.
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

/// What a signature is for, by its /SubFilter (EN 319 142-1; rule U6).
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
    /// The /Contents token in the file, `<` and `>` inside (rule G5).
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
    /// The revision whose last byte is the last signed byte, if there is one (rule G8).
    pub covered_revision: Option<usize>,
}

impl Document {
    /// Every readable signature of the newest revision, those of the form first.
    ///
    /// A verdict also needs the values that are not readable: see [`Document::signature_fields`].
    pub fn signatures(&self) -> Vec<Signature> {
        self.latest().signatures()
    }

    /// Every signature field of the newest revision with its value.
    pub fn signature_fields(&self) -> SignatureFields {
        self.latest().signature_fields()
    }
}

impl View<'_> {
    /// Every readable signature, in the order of the fields.
    pub fn signatures(&self) -> Vec<Signature> {
        self.signature_fields()
            .fields
            .into_iter()
            .filter_map(|field| match field.value {
                SignatureValue::Signed(signature) => Some(*signature),
                SignatureValue::Empty | SignatureValue::Unusable { .. } => None,
            })
            .collect()
    }

    /// The signature fields that the form leads to, without a look at the pages.
    pub fn form_fields(&self) -> SignatureFields {
        form::signature_fields(*self, Scope::Form)
    }

    /// Every signature field with its value, from the form and from all pages.
    pub fn signature_fields(&self) -> SignatureFields {
        let read = || form::signature_fields(*self, Scope::FormAndPages);
        match self.revision + 1 == self.document.revisions().len() {
            true => self.document.newest_fields.get_or_init(read).clone(),
            false => read(),
        }
    }
}

/// Reads the value of a field.
pub(crate) fn value(
    view: View<'_>,
    field: &str,
    field_reference: Option<Reference>,
    field_dictionary: &Dictionary,
    value: &Object,
) -> SignatureValue {
    let (dictionary, place) = match locate(view, field_reference, field_dictionary, value) {
        Ok(None) => return SignatureValue::Empty,
        Ok(Some(found)) => found,
        Err(problem) => return SignatureValue::Unusable { problem, dictionary: None },
    };
    match read(view, field, field_reference, &dictionary, place) {
        Ok(signature) => SignatureValue::Signed(Box::new(signature)),
        Err(problem) => SignatureValue::Unusable { problem, dictionary: Some(dictionary) },
    }
}

/// Where a signature dictionary lies.
struct Place {
    reference: Option<Reference>,
    location: Location,
    revision: usize,
}

/// The dictionary that a /V leads to, through one reference or none; `None` for null (7.3.7), also of a missing object.
fn locate(
    view: View<'_>,
    field_reference: Option<Reference>,
    field_dictionary: &Dictionary,
    value: &Object,
) -> Result<Option<(Dictionary, Place)>, Error> {
    const WANTED: &str = "a signature dictionary in /V";
    let offset = field_dictionary.token.start;
    let holder = match value.as_reference().or(field_reference) {
        Some(reference) => view.object(reference)?,
        None => None,
    };
    let wrong = |found: &str| Error::damaged_because(offset, WANTED, found);
    match (value, holder) {
        (
            Object::Reference(reference),
            Some(Located { object: Object::Dictionary(dictionary), location, revision, .. }),
        ) => Ok(Some((dictionary, Place { reference: Some(*reference), location, revision }))),
        (Object::Reference(_), Some(located)) => Err(wrong(located.object.kind())),
        (Object::Reference(reference), None) => Err(wrong(&format!("{reference}, an object that does not exist"))),
        (Object::Dictionary(dictionary), Some(Located { location, revision, .. })) => {
            Ok(Some((dictionary.clone(), Place { reference: None, location, revision })))
        }
        (Object::Null, _) => Ok(None),
        (other, _) => Err(wrong(other.kind())),
    }
}

fn read(
    view: View<'_>,
    field: &str,
    field_reference: Option<Reference>,
    dictionary: &Dictionary,
    place: Place,
) -> Result<Signature, Error> {
    let offset = dictionary.token.start;
    let Location::File(object_range) = place.location else {
        return Err(Error::damaged_because(offset, "an uncompressed signature dictionary", "one in an object stream"));
    };
    if let Some(key) = dictionary.duplicate_keys().first() {
        return Err(Error::damaged_because(offset, "each key of a signature dictionary once", format!("{key} twice")));
    }
    let (byte_range, byte_range_token) = byte_range(dictionary)?;
    let (contents, contents_offset) = contents(dictionary)?;
    let claims = Claims { view, dictionary };
    let kind = match claims.required_name("SubFilter")?.as_str() {
        "ETSI.CAdES.detached" => SignatureKind::Seal,
        "ETSI.RFC3161" => SignatureKind::DocumentTimeStamp,
        other => SignatureKind::Other(other.to_owned()),
    };
    Ok(Signature {
        field: field.to_owned(),
        field_reference,
        kind,
        byte_range,
        byte_range_token,
        contents,
        contents_offset,
        signing_time_claim: claims.text("M"),
        type_name: claims.name("Type"),
        filter: claims.required_name("Filter")?,
        name: claims.text("Name"),
        reason: claims.text("Reason"),
        location: claims.text("Location"),
        certification: crate::permission::certification(view, dictionary),
        dictionary: dictionary.clone(),
        reference: place.reference,
        object_range,
        revision: place.revision,
        covered_revision: covered_revision(view.document, byte_range),
    })
}

/// The names and texts of a signature dictionary.
struct Claims<'d> {
    view: View<'d>,
    dictionary: &'d Dictionary,
}

impl Claims<'_> {
    fn value(&self, key: &str) -> Object {
        self.view.get(self.dictionary, key).unwrap_or(Object::Null)
    }

    fn name(&self, key: &str) -> Option<String> {
        self.value(key).as_name().map(|name| String::from_utf8_lossy(name.as_bytes()).into_owned())
    }

    fn text(&self, key: &str) -> Option<String> {
        self.value(key).as_string().map(|text| text.to_text())
    }

    fn required_name(&self, key: &str) -> Result<String, Error> {
        let offset = self.dictionary.token.start;
        let missing = || Error::damaged_because(offset, format!("/{key} in a signature dictionary"), "no such name");
        self.name(key).ok_or_else(missing)
    }
}

/// Rule U3: exactly four direct integers, none negative, not all zero.
fn byte_range(dictionary: &Dictionary) -> Result<([u64; 4], Range<usize>), Error> {
    const WANTED: &str = "/ByteRange with four direct offsets and lengths";
    let missing = || Error::damaged_because(dictionary.token.start, WANTED, "none");
    let entry = dictionary.entry("ByteRange").ok_or_else(missing)?;
    let wrong = || Error::damaged_because(entry.value_token.start, WANTED, "another value");
    let numbers: Option<Vec<u64>> = entry.value.as_array().and_then(|array| {
        array.iter().map(|number| number.as_integer().and_then(|number| u64::try_from(number).ok())).collect()
    });
    let numbers: [u64; 4] = numbers.and_then(|numbers| numbers.try_into().ok()).ok_or_else(wrong)?;
    if numbers == [0; 4] { Err(wrong()) } else { Ok((numbers, entry.value_token.clone())) }
}

/// Rule U4: a direct, non-empty hexadecimal string.
fn contents(dictionary: &Dictionary) -> Result<(Vec<u8>, Range<usize>), Error> {
    const WANTED: &str = "/Contents as a direct, non-empty hexadecimal string";
    let missing = || Error::damaged_because(dictionary.token.start, WANTED, "none");
    let entry = dictionary.entry("Contents").ok_or_else(missing)?;
    let wrong = |found: &str| Error::damaged_because(entry.value_token.start, WANTED, found);
    match entry.value.as_string() {
        Some(string) if string.form == StringForm::Literal => Err(wrong("a literal string")),
        Some(string) if string.bytes.is_empty() => Err(wrong("an empty string")),
        Some(string) => Ok((string.bytes.clone(), string.token.clone())),
        None => Err(wrong(entry.value.kind())),
    }
}

/// The revision that ends where the byte range ends: after `%%EOF`, or after the end of line that follows.
fn covered_revision(document: &Document, [_, _, start, length]: [u64; 4]) -> Option<usize> {
    let end = usize::try_from(start.checked_add(length)?).ok()?;
    document.revisions().iter().position(|revision| end == revision.range.end || end == revision.marker_end)
}
