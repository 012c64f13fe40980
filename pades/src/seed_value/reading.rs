//! The entries of a seed value dictionary by their types. In: a key. Out: its value, or a refusal that names the entry: what
//! cannot be read might be required.

use crate::{
    error::Error,
    object::{Dictionary, Object},
    resolve::View,
    scalar::PdfString,
    warning::Warning,
};

/// Whether an entry must be obeyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Force {
    /// Its bit in /Ff is set: obeyed or not sealed.
    Required,
    /// Obeyed where it can be.
    Wished,
}

/// Attributes of a name with their values, by abbreviation or OID.
pub type NameAttributes = Vec<(String, String)>;

/// A seed value dictionary, or one inside it.
#[derive(Debug)]
pub(super) struct Entries<'v> {
    view: View<'v>,
    pub(super) field: &'v str,
    dictionary: Dictionary,
    /// What stands before the key in messages, such as `Cert/`.
    path: &'static str,
    flags: i64,
}

impl<'v> Entries<'v> {
    pub(super) fn new(
        view: View<'v>,
        field: &'v str,
        dictionary: Dictionary,
        path: &'static str,
    ) -> Result<Entries<'v>, Error> {
        let mut entries = Entries { view, field, dictionary, path, flags: 0 };
        if let Some(key) = entries.dictionary.duplicate_keys().first() {
            return Err(entries.refused(&key.to_string()[1..], "each entry once", "it twice"));
        }
        entries.flags = entries.integer("Ff")?.unwrap_or(0);
        Ok(entries)
    }

    /// A dictionary inside this one.
    pub(super) fn below(&self, dictionary: Dictionary, path: &'static str) -> Result<Entries<'v>, Error> {
        Entries::new(self.view, self.field, dictionary, path)
    }

    /// Refuses bits of /Ff that stand for something unknown.
    pub(super) fn known_flags(&self, known: i64) -> Result<(), Error> {
        match self.flags & !known {
            0 => Ok(()),
            unknown => Err(self.refused("Ff", format!("what the bits {unknown:#x} stand for"), "no such rule")),
        }
    }

    /// Whether the entry of this bit of /Ff (from 1) is required.
    pub(super) fn force(&self, bit: u32) -> Force {
        if self.flags >> (bit - 1) & 1 == 1 { Force::Required } else { Force::Wished }
    }

    /// All of /Ff.
    pub(super) fn flags(&self) -> i64 {
        self.flags
    }

    /// An entry that is not obeyed: refused if it is required, else told.
    pub(super) fn disobey(
        &self,
        force: Force,
        entry: &str,
        expected: impl ToString,
        found: impl ToString,
        warnings: &mut Vec<Warning>,
    ) -> Result<(), Error> {
        match force {
            Force::Required => Err(self.refused(entry, expected.to_string(), found)),
            Force::Wished => {
                let detail = format!("not obeyed: wished {}, found {}", expected.to_string(), found.to_string());
                warnings.push(self.warning(entry, detail));
                Ok(())
            }
        }
    }

    pub(super) fn warning(&self, entry: &str, detail: String) -> Warning {
        Warning::SeedValue { field: self.field.to_owned(), entry: format!("{}{entry}", self.path), detail }
    }

    pub(super) fn refused(&self, entry: &str, expected: impl Into<String>, found: impl ToString) -> Error {
        Error::SeedValue {
            field: self.field.to_owned(),
            entry: format!("{}{entry}", self.path),
            expected: expected.into(),
            found: found.to_string(),
        }
    }

    /// Whether the key is there with a value.
    pub(super) fn has(&self, key: &str) -> Result<bool, Error> {
        Ok(!self.view.get(&self.dictionary, key)?.is_null())
    }

    pub(super) fn integer(&self, key: &str) -> Result<Option<i64>, Error> {
        self.value(key, "an integer", |value| value.as_integer())
    }

    pub(super) fn number(&self, key: &str) -> Result<Option<f64>, Error> {
        self.value(key, "a number", |value| match value {
            Object::Integer(number) => Some(*number as f64),
            Object::Real(number) => Some(number.value()),
            _ => None,
        })
    }

    pub(super) fn boolean(&self, key: &str) -> Result<Option<bool>, Error> {
        self.value(key, "a boolean", |value| if let Object::Boolean(value) = value { Some(*value) } else { None })
    }

    pub(super) fn name(&self, key: &str) -> Result<Option<String>, Error> {
        self.value(key, "a name", name)
    }

    /// A name; some writers take a boolean for `true` and `false`.
    pub(super) fn name_or_boolean(&self, key: &str) -> Result<Option<String>, Error> {
        self.value(key, "a name", |value| match value {
            Object::Boolean(value) => Some(value.to_string()),
            other => name(other),
        })
    }

    pub(super) fn text(&self, key: &str) -> Result<Option<String>, Error> {
        self.value(key, "a text string", |value| value.as_string().map(PdfString::to_text))
    }

    pub(super) fn dictionary(&self, key: &str) -> Result<Option<Dictionary>, Error> {
        self.value(key, "a dictionary", |value| value.as_dictionary().cloned())
    }

    /// An array of names, or of strings, as some writers have it, or one of them alone.
    pub(super) fn names(&self, key: &str) -> Result<Option<Vec<String>>, Error> {
        self.list(key, "names", |value| name(value).or_else(|| value.as_string().map(PdfString::to_text)))
    }

    pub(super) fn texts(&self, key: &str) -> Result<Option<Vec<String>>, Error> {
        self.list(key, "text strings", |value| value.as_string().map(PdfString::to_text))
    }

    pub(super) fn byte_strings(&self, key: &str) -> Result<Option<Vec<Vec<u8>>>, Error> {
        self.list(key, "byte strings", |value| value.as_string().map(|value| value.bytes.clone()))
    }

    /// An array of dictionaries of text strings.
    pub(super) fn texts_by_key(&self, key: &str) -> Result<Option<Vec<NameAttributes>>, Error> {
        self.list(key, "dictionaries of text strings", |value| {
            let entries = value.as_dictionary()?.entries();
            let text = |value: &Object| Some(self.view.resolve(value).ok()?.as_string()?.to_text());
            let pair = |key: &[u8], value| Some((String::from_utf8_lossy(key).into_owned(), text(value)?));
            entries.iter().map(|entry| pair(entry.key.as_bytes(), &entry.value)).collect()
        })
    }

    fn list<T>(&self, key: &str, expected: &str, read: impl Fn(&Object) -> Option<T>) -> Result<Option<Vec<T>>, Error> {
        let elements = match self.view.get(&self.dictionary, key)? {
            Object::Null => return Ok(None),
            Object::Array(elements) => elements,
            one => vec![one],
        };
        let mut values = Vec::with_capacity(elements.len());
        for element in &elements {
            let element = self.view.resolve(element)?;
            if element.is_null() {
                continue; // 7.3.10
            }
            let wrong = || self.refused(key, format!("an array of {expected}"), element.kind());
            values.push(read(&element).ok_or_else(wrong)?);
        }
        Ok(Some(values))
    }

    fn value<T>(&self, key: &str, expected: &str, read: impl Fn(&Object) -> Option<T>) -> Result<Option<T>, Error> {
        match self.view.get(&self.dictionary, key)? {
            Object::Null => Ok(None),
            value => read(&value).map(Some).ok_or_else(|| self.refused(key, expected, value.kind())),
        }
    }
}

fn name(value: &Object) -> Option<String> {
    value.as_name().map(|name| String::from_utf8_lossy(name.as_bytes()).into_owned())
}
