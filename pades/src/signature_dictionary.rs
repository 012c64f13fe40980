//! Reading a signature dictionary, ISO 32000-1 clause 12.8.1. In: the value of a field. Out: a [`Signature`], or the reason why the
//! value is no usable one.

use crate::{
    document::Document,
    error::Error,
    object::{Dictionary, Object},
    permission,
    resolve::{Located, Location, View},
    scalar::{Reference, StringForm},
    signature::{Signature, SignatureKind, SignatureValue},
};
use std::ops::Range;

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
    const EXPECTED: &str = "a signature dictionary in /V";
    let offset = field_dictionary.token.start;
    let holder = match value.as_reference().or(field_reference) {
        Some(reference) => view.object(reference)?,
        None => None,
    };
    let wrong = |found: &str| Error::damaged_because(offset, EXPECTED, found);
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
        certification: permission::certification(view, dictionary),
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

/// /ByteRange (table 252): exactly four direct integers, none negative, not all zero.
fn byte_range(dictionary: &Dictionary) -> Result<([u64; 4], Range<usize>), Error> {
    const EXPECTED: &str = "/ByteRange with four direct offsets and lengths";
    let missing = || Error::damaged_because(dictionary.token.start, EXPECTED, "none");
    let entry = dictionary.entry("ByteRange").ok_or_else(missing)?;
    let wrong = || Error::damaged_because(entry.value_token.start, EXPECTED, "another value");
    let numbers: Option<Vec<u64>> = entry.value.as_array().and_then(|array| {
        array.iter().map(|number| number.as_integer().and_then(|number| u64::try_from(number).ok())).collect()
    });
    let numbers: [u64; 4] = numbers.and_then(|numbers| numbers.try_into().ok()).ok_or_else(wrong)?;
    if numbers == [0; 4] { Err(wrong()) } else { Ok((numbers, entry.value_token.clone())) }
}

/// /Contents (table 252): a direct, non-empty hexadecimal string.
fn contents(dictionary: &Dictionary) -> Result<(Vec<u8>, Range<usize>), Error> {
    const EXPECTED: &str = "/Contents as a direct, non-empty hexadecimal string";
    let missing = || Error::damaged_because(dictionary.token.start, EXPECTED, "none");
    let entry = dictionary.entry("Contents").ok_or_else(missing)?;
    let wrong = |found: &str| Error::damaged_because(entry.value_token.start, EXPECTED, found);
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
