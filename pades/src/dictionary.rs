//! Dictionaries, ISO 32000-1 clause 7.3.7, ordered, with duplicates kept so that rules U2 and X9 can see them.

use crate::{
    error::{Departure, Error, Irregularity},
    object::{Name, Object},
};
use std::ops::Range;

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

/// An ordered dictionary that may, as read, hold a key twice.
#[derive(Debug, Clone, Default)]
pub struct Dictionary {
    entries: Vec<Entry>,
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
        Dictionary { entries, token }
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
        &mut self.entries
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
        match self.entries.iter_mut().find(|entry| entry.key == key) {
            Some(entry) => {
                entry.value = value;
                entry.value_token = 0..0;
            }
            None => self.entries.push(Entry { key: Name::new(key), key_token: 0..0, value, value_token: 0..0 }),
        }
    }

    /// Removes every entry with this key.
    pub fn remove(&mut self, key: &str) {
        self.entries.retain(|entry| entry.key != key);
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

    /// A key that is there twice (rule X9): with equal values there is one reading, else readers differ on which of them counts.
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
        twice.entries.push(one.entries[0].clone());
        assert_ne!(one, twice);
        assert_eq!(twice.duplicate_keys(), [Name::new("A")]);
    }

    #[test]
    fn a_null_value_is_no_value() {
        assert_eq!(Dictionary::new().with("V", Object::Null).get("V"), None);
    }
}
