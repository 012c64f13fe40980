//! A finished PDF with changes, written anew as one revision (ISO 32000-1 clause 7.5). In: the page writer's file, which has one
//! revision and a cross-reference table, and objects to change or add. Out: the same file with them; what is not changed stays as
//! it is, byte by byte.

use std::collections::BTreeMap;

use pades::{Dictionary, Document, Object, PhysicalObject, Reference, to_bytes};

use super::broken;
use crate::error::Error;

/// A file under change.
pub(super) struct Draft<'d> {
    document: &'d Document,
    /// What lies in the file, in its order.
    originals: Vec<PhysicalObject>,
    /// By number: what is changed or added.
    dictionaries: BTreeMap<u32, Dictionary>,
    /// By number: the data of an added stream.
    data: BTreeMap<u32, Vec<u8>>,
    /// The next number for a new object.
    next: u32,
}

impl<'d> Draft<'d> {
    /// The file as it is.
    pub(super) fn of(document: &'d Document) -> Result<Draft<'d>, Error> {
        let originals = document.body(0).map(|body| body.objects).unwrap_or_default();
        let numbers = originals.iter().map(|object| object.reference.number);
        let next = numbers.clone().max().unwrap_or(0) + 1;
        let revisions = document.revisions().len();
        if revisions != 1 || numbers.count() + 1 != next as usize {
            return Err(broken("one revision with objects numbered from one", format!("{revisions}, up to {next}")));
        }
        Ok(Draft { document, originals, dictionaries: BTreeMap::new(), data: BTreeMap::new(), next })
    }

    /// A number for a new object.
    pub(super) fn allocate(&mut self) -> Reference {
        let number = self.next;
        self.next += 1;
        Reference { number, generation: 0 }
    }

    /// Sets what an object is.
    pub(super) fn set(&mut self, reference: Reference, dictionary: Dictionary) {
        self.dictionaries.insert(reference.number, dictionary);
    }

    /// Adds an object.
    pub(super) fn add(&mut self, dictionary: Dictionary) -> Reference {
        let reference = self.allocate();
        self.set(reference, dictionary);
        reference
    }

    /// Adds a stream with its encoded data.
    pub(super) fn add_stream(&mut self, mut dictionary: Dictionary, data: Vec<u8>) -> Reference {
        dictionary.set("Length", Object::Integer(i64::try_from(data.len()).expect("lengths in memory fit 63 bits")));
        let reference = self.add(dictionary);
        self.data.insert(reference.number, data);
        reference
    }

    /// A dictionary as it is now.
    pub(super) fn dictionary(&self, reference: Reference) -> Result<Dictionary, Error> {
        if let Some(changed) = self.dictionaries.get(&reference.number) {
            return Ok(changed.clone());
        }
        match self.document.latest().object(reference)?.map(|located| located.object) {
            Some(Object::Dictionary(dictionary)) => Ok(dictionary),
            found => Err(broken("a dictionary", format!("{:?} in {reference}", found.map(|object| object.kind())))),
        }
    }

    /// Changes a dictionary.
    pub(super) fn edit(&mut self, reference: Reference, change: impl FnOnce(&mut Dictionary)) -> Result<(), Error> {
        let mut dictionary = self.dictionary(reference)?;
        change(&mut dictionary);
        self.set(reference, dictionary);
        Ok(())
    }

    /// Adds to an array of a dictionary; what is alone there becomes its first element.
    pub(super) fn push(&mut self, holder: Reference, key: &str, element: Object) -> Result<(), Error> {
        self.edit(holder, |dictionary| {
            let mut elements = match dictionary.get(key).cloned() {
                Some(Object::Array(elements)) => elements,
                one => one.into_iter().collect(),
            };
            elements.push(element);
            dictionary.set(key, Object::Array(elements));
        })
    }

    /// The file with all changes.
    pub(super) fn finish(self) -> Result<Vec<u8>, Error> {
        let original = self.document.bytes();
        let header = self.originals.first().map_or(0, |object| object.range.start);
        let mut bytes = original[..header].to_vec();
        let mut offsets = BTreeMap::new();
        let first_new = self.originals.len() as u32 + 1;
        let old = self.originals.iter().map(|object| (object.reference.number, Some(object.range.clone())));
        for (number, range) in old.chain((first_new..self.next).map(|number| (number, None))) {
            offsets.insert(number, bytes.len());
            match (self.dictionaries.get(&number), range) {
                (Some(dictionary), _) => self.write(&mut bytes, number, dictionary),
                (None, Some(range)) => bytes.extend(&original[range]),
                (None, None) => return Err(broken("an object for every number", number)),
            }
            bytes.extend(b"\n\n");
        }
        let startxref = bytes.len();
        bytes.extend(format!("xref\n0 {}\n0000000000 65535 f \n", self.next).bytes());
        offsets.values().for_each(|offset| bytes.extend(format!("{offset:010} 00000 n \n").bytes()));
        let mut trailer = self.document.last_revision().trailer.clone();
        trailer.set("Size", Object::Integer(i64::from(self.next)));
        bytes.extend(b"trailer\n");
        bytes.extend(to_bytes(&trailer.into()));
        bytes.extend(format!("\nstartxref\n{startxref}\n%%EOF\n").bytes());
        Ok(bytes)
    }

    fn write(&self, bytes: &mut Vec<u8>, number: u32, dictionary: &Dictionary) {
        bytes.extend(format!("{number} 0 obj\n").bytes());
        bytes.extend(to_bytes(&dictionary.clone().into()));
        if let Some(data) = self.data.get(&number) {
            bytes.extend(b"\nstream\n");
            bytes.extend(data);
            bytes.extend(b"\nendstream");
        }
        bytes.extend(b"\nendobj");
    }
}
