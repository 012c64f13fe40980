//! The nine kinds of PDF objects, ISO 32000-1 clause 7.3, with the place of their tokens. Dictionaries are ordered, and keep a key
//! that is there twice (7.3.7): readers differ on which of the two counts.
//!
//! In: nothing is read here. Out: values that keep what a verdict needs: token ranges, order and duplicates of keys, the text
//! of real numbers. Ranges count bytes of the file, or of the decoded object stream in which the object lies; objects made by
//! a program have the range `0..0`. Equality ignores ranges, the notation of strings, and the order of dictionary entries.

use crate::{
    error::{Departure, Error, Irregularity},
    scalar::{Name, PdfString, Real, Reference},
};
use std::ops::Range;
use std::sync::Arc;

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

    /// The dictionary with one entry set.
    pub(crate) fn with_entry(self, key: &str, value: Object) -> Result<Object, Error> {
        match self {
            Object::Dictionary(dictionary) => Ok(dictionary.with(key, value).into()),
            other => Err(Error::damaged_because(0, format!("a dictionary for /{key}"), other.kind())),
        }
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

/// One entry and the place of its tokens.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The key.
    pub key: Name,
    /// Its token, with the solidus.
    pub key_token: Range<usize>,
    /// The value.
    pub value: Object,
    /// Its token or tokens.
    pub value_token: Range<usize>,
}

/// An ordered dictionary that may, as read, hold a key twice. Copies share their entries until one is changed.
#[derive(Debug, Clone, Default)]
pub struct Dictionary {
    entries: Arc<Vec<Entry>>,
    /// From `<<` to `>>`, both inside.
    pub token: Range<usize>,
}

impl Dictionary {
    /// An empty dictionary.
    pub fn new() -> Dictionary {
        Dictionary::default()
    }

    /// As read from a file.
    pub(crate) fn from_entries(entries: Vec<Entry>, token: Range<usize>) -> Dictionary {
        Dictionary { entries: Arc::new(entries), token }
    }

    /// The same dictionary with one entry more, or replaced: for writing dictionaries in one expression.
    pub fn with(mut self, key: &str, value: Object) -> Dictionary {
        self.set(key, value);
        self
    }

    /// The entries in file order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entries, to change values in place.
    pub(crate) fn entries_mut(&mut self) -> &mut [Entry] {
        Arc::make_mut(&mut self.entries).as_mut_slice()
    }

    /// The first entry with this key.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// The first value with this key; a `null` value is the same as none (7.3.7).
    pub fn get(&self, key: &str) -> Option<&Object> {
        self.entry(key).map(|entry| &entry.value).filter(|value| !value.is_null())
    }

    /// Whether the value of `key` is this name.
    pub fn has_name(&self, key: &str, name: &str) -> bool {
        self.get(key).and_then(Object::as_name).is_some_and(|found| *found == name)
    }

    /// Replaces the first value with this key, or adds an entry at the end.
    pub fn set(&mut self, key: &str, value: Object) {
        let entries = Arc::make_mut(&mut self.entries);
        match entries.iter_mut().find(|entry| entry.key == key) {
            Some(entry) => {
                entry.value = value;
                entry.value_token = 0..0;
            }
            None => entries.push(Entry { key: Name::new(key), key_token: 0..0, value, value_token: 0..0 }),
        }
    }

    /// Removes every entry with this key.
    pub fn remove(&mut self, key: &str) {
        Arc::make_mut(&mut self.entries).retain(|entry| entry.key != key);
    }

    /// Keys that occur more than once, each named once.
    pub fn duplicate_keys(&self) -> Vec<Name> {
        let mut keys: Vec<&Name> = self.entries.iter().map(|entry| &entry.key).collect();
        keys.sort();
        let mut duplicates: Vec<Name> =
            keys.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0].clone()).collect();
        duplicates.dedup();
        duplicates
    }

    /// A key that is there twice (7.3.7): with equal values there is one reading, else readers differ on which of them counts.
    /// The revision is to be filled in.
    pub fn duplicate_key(&self) -> Option<Irregularity> {
        let keys = self.duplicate_keys();
        let differing = keys.iter().find(|key| {
            let mut values = self.entries.iter().filter(|entry| entry.key == **key).map(|entry| &entry.value);
            let first = values.next();
            values.any(|value| Some(value) != first)
        });
        let key = differing.or(keys.first())?;
        let problem = Error::damaged_because(self.token.start, "each key of a dictionary once", format!("{key} twice"));
        Some(match differing {
            Some(_) => problem.divides(Departure::KeyTwice),
            None => problem.departs(Departure::KeyTwice),
        })
    }

    /// Whether it has no entries.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl PartialEq for Dictionary {
    fn eq(&self, other: &Dictionary) -> bool {
        if Arc::ptr_eq(&self.entries, &other.entries) {
            return true;
        }
        if self.entries.len() != other.entries.len() {
            return false;
        }
        let sorted = |dictionary: &'_ Dictionary| {
            let mut order: Vec<usize> = (0..dictionary.entries.len()).collect();
            order.sort_by(|a, b| dictionary.entries[*a].key.cmp(&dictionary.entries[*b].key));
            order
        };
        sorted(self).into_iter().zip(sorted(other)).all(|(mine, theirs)| {
            let (mine, theirs) = (&self.entries[mine], &other.entries[theirs]);
            mine.key == theirs.key && mine.value == theirs.value
        })
    }
}

impl From<Dictionary> for Object {
    fn from(dictionary: Dictionary) -> Object {
        Object::Dictionary(dictionary)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_does_not_matter_for_equality_but_duplicates_do() {
        let one = Dictionary::new().with("A", Object::Integer(1)).with("B", Object::Null);
        let two = Dictionary::new().with("B", Object::Null).with("A", Object::Integer(1));
        assert_eq!(one, two);
        let mut twice = one.clone();
        Arc::make_mut(&mut twice.entries).push(one.entries[0].clone());
        assert_ne!(one, twice);
        assert_eq!(twice.duplicate_keys(), [Name::new("A")]);
    }

    #[test]
    fn a_null_value_is_no_value() {
        assert_eq!(Dictionary::new().with("V", Object::Null).get("V"), None);
    }
}
