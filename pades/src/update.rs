//! Incremental updates, ISO 32000-1 clause 7.5.6. In: objects to add or replace. Out: the bytes to append to the file, which
//! itself stays as it is, byte by byte.
//!
//! What departs from the standard and leaves one reading is carried along; a file with two readings is not updated, nor is an
//! encrypted one.
//!
//! The cross-references are of the kind that the last revision used, a table after a hybrid one (without /XRefStm, as 7.5.8.4
//! permits), and list exactly the objects written. New and replaced
//! objects are written uncompressed, also in files with object streams: a seal must not lie in one, and objects in
//! the open can be judged by later readers. The trailer carries /Root, /Info, /ID and whatever else the last one had. /ID is
//! carried unchanged; a file without any seal that has none is given one, the start of the SHA-256 of its bytes,
//! since PDF/A asks for it (ISO 19005-2, 6.1.3).

use crate::{
    document::Document,
    error::{Departure, Error, Irregularity, Readings},
    object::{Dictionary, Object},
    revision,
    scalar::{PdfString, Reference},
    unresolved,
    write::{write_dictionary, write_object},
    xref::XrefKind,
};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// Objects to be appended to a document as one revision.
pub(crate) struct Update<'d> {
    document: &'d Document,
    next_number: u32,
    /// Numbers from there on that references without a target name: they stay without one.
    unresolved: BTreeSet<u32>,
    /// Departures from the standard that will be covered.
    anomalies: Vec<Irregularity>,
    /// By number: the generation, and what stands between `obj` and `endobj`.
    objects: BTreeMap<u32, (u16, Body)>,
}

/// What an object will consist of.
enum Body {
    Object(Object),
    Bytes(Vec<u8>),
}

/// A finished revision.
pub(crate) struct Appended {
    /// What is appended to the file.
    pub(crate) bytes: Vec<u8>,
    /// By object number: where its body begins in `bytes`.
    pub(crate) bodies: BTreeMap<u32, usize>,
}

impl<'d> Update<'d> {
    /// An empty update of a document that may be updated.
    pub(crate) fn of(document: &'d Document) -> Result<Update<'d>, Error> {
        let anomalies = coverable(document)?;
        let next_number = next_number(document)?;
        let unresolved = unresolved::from(document, next_number)?;
        Ok(Update { document, next_number, unresolved, anomalies, objects: BTreeMap::new() })
    }

    /// Departures from the standard in the file, each with one reading.
    pub(crate) fn anomalies(&self) -> &[Irregularity] {
        &self.anomalies
    }

    /// Whether nothing is to be written.
    pub(crate) fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    /// A number for a new object, above all numbers that the file uses, and none that a reference names already.
    pub(crate) fn allocate(&mut self) -> Reference {
        while self.unresolved.contains(&self.next_number) {
            self.next_number += 1;
        }
        let reference = Reference { number: self.next_number, generation: 0 };
        self.next_number += 1;
        reference
    }

    /// Writes an object under a number, new or in use. A dictionary with a duplicate key is refused rather than normalised.
    pub(crate) fn set(&mut self, reference: Reference, object: impl Into<Object>) -> Result<(), Error> {
        let object = object.into();
        if let Some(key) = object.as_dictionary().and_then(|dictionary| dictionary.duplicate_keys().pop()) {
            let offset = object.as_dictionary().map_or(0, |dictionary| dictionary.token.start);
            return Err(Error::damaged_because(offset, "each key of a dictionary once", format!("{key} twice")));
        }
        self.objects.insert(reference.number, (reference.generation, Body::Object(object)));
        Ok(())
    }

    /// Writes bytes as the body of an object.
    pub(crate) fn set_body(&mut self, reference: Reference, body: Vec<u8>) {
        self.objects.insert(reference.number, (reference.generation, Body::Bytes(body)));
    }

    /// Changes the value under a path of keys from an indirect object on, wherever it is written: the indirect object that
    /// holds the value is written anew, and no other. What is missing reads as null, also what a reference without a target
    /// names (7.3.10), and is made where it would be direct.
    pub(crate) fn edit(
        &mut self,
        holder: Reference,
        path: &[&str],
        change: &dyn Fn(Object) -> Result<Object, Error>,
    ) -> Result<(), Error> {
        let place = self.document.latest().offset_of(&Object::Reference(holder));
        match self.descend(Object::Reference(holder), path, change).map_err(|problem| problem.at(place))? {
            None => Ok(()),
            Some(_) => Err(Error::damaged_because(place, format!("an object {holder}"), "none")),
        }
    }

    /// The changed object; `None` if the change happened in another indirect object.
    fn descend(
        &mut self,
        object: Object,
        path: &[&str],
        change: &dyn Fn(Object) -> Result<Object, Error>,
    ) -> Result<Option<Object>, Error> {
        if let Object::Reference(reference) = object {
            let target = self.current(reference)?;
            if target.is_null() {
                return self.descend(Object::Null, path, change);
            }
            if let Object::Reference(next) = target {
                return Err(Error::damaged_because(
                    0,
                    format!("an object in {reference}"),
                    format!("the reference {next}"),
                ));
            }
            if let Some(changed) = self.descend(target, path, change)? {
                self.set(reference, changed)?;
            }
            return Ok(None);
        }
        let Some((key, rest)) = path.split_first() else { return change(object).map(Some) };
        let mut dictionary = match object {
            Object::Dictionary(dictionary) => dictionary,
            Object::Null => Dictionary::new(),
            other => return Err(Error::damaged_because(0, format!("a dictionary with /{key}"), other.kind())),
        };
        let value = dictionary.get(key).cloned().unwrap_or(Object::Null);
        Ok(self.descend(value, rest, change)?.map(|changed| {
            dictionary.set(key, changed);
            Object::Dictionary(dictionary)
        }))
    }

    /// An object as this update leaves it.
    pub(crate) fn current(&self, reference: Reference) -> Result<Object, Error> {
        match self.objects.get(&reference.number) {
            Some((_, Body::Object(object))) => Ok(object.clone()),
            _ => Ok(self.document.latest().object(reference)?.map_or(Object::Null, |located| located.object)),
        }
    }

    /// Adds an object.
    pub(crate) fn add(&mut self, object: impl Into<Object>) -> Result<Reference, Error> {
        let reference = self.allocate();
        self.set(reference, object)?;
        Ok(reference)
    }

    /// Adds a stream of plain data.
    pub(crate) fn add_stream(&mut self, data: &[u8]) -> Reference {
        let reference = self.allocate();
        let mut body = Vec::with_capacity(data.len() + 64);
        write_dictionary(&mut body, &Dictionary::new().with("Length", integer(data.len())));
        body.extend(b"\nstream\n");
        body.extend(data);
        body.extend(b"\nendstream");
        self.set_body(reference, body);
        reference
    }

    /// The revision as bytes. `sealed` says whether the file has a seal already, and /ID is left alone.
    pub(crate) fn finish(mut self, sealed: bool) -> Appended {
        let base = self.document.bytes.len();
        let mut bytes = Vec::new();
        if !matches!(self.document.bytes.last(), Some(b'\n' | b'\r')) {
            bytes.push(b'\n'); // PDF/A 6.1.9: `obj` begins a line. From here on it belongs to this revision.
        }
        let mut offsets: Vec<(u32, u16, usize)> = Vec::new();
        let mut bodies = BTreeMap::new();
        for (number, (generation, body)) in std::mem::take(&mut self.objects) {
            offsets.push((number, generation, base + bytes.len()));
            bytes.extend(format!("{number} {generation} obj\n").bytes());
            bodies.insert(number, bytes.len());
            match body {
                Body::Object(object) => write_object(&mut bytes, &object),
                Body::Bytes(body) => bytes.extend(body),
            }
            bytes.extend(b"\nendobj\n");
        }
        let startxref = base + bytes.len();
        match self.document.last_revision().kind {
            XrefKind::Table => self.table(&mut bytes, &offsets, sealed),
            XrefKind::Stream => self.stream(&mut bytes, offsets, startxref, sealed),
        }
        bytes.extend(format!("startxref\n{startxref}\n%%EOF\n").bytes());
        Appended { bytes, bodies }
    }

    /// Where the last section begins, in the words of the file: it may name the white space before it, and what
    /// `startxref` says of a section and what /Prev says should agree.
    fn previous(&self) -> usize {
        let (bytes, last) = (&self.document.bytes, self.document.last_revision());
        match revision::startxref(bytes, last.startxref_keyword) {
            Ok((named, _)) if named < last.startxref && revision::is_blank(bytes, named..last.startxref) => named,
            _ => last.startxref,
        }
    }

    /// The trailer entries that both kinds share.
    fn trailer(&self, sealed: bool) -> Dictionary {
        const OF_THE_SECTION: [&str; 9] =
            ["Size", "Prev", "XRefStm", "Type", "Index", "W", "Filter", "DecodeParms", "Length"];
        let last = self.document.last_revision();
        let mut trailer = last.trailer.clone();
        OF_THE_SECTION.iter().for_each(|key| trailer.remove(key));
        trailer.set("Size", Object::Integer(i64::from(self.next_number)));
        trailer.set("Prev", integer(self.previous()));
        if trailer.get("ID").is_none() && !sealed {
            let digest = Sha256::digest(&self.document.bytes);
            let identifier = Object::from(PdfString::hexadecimal(&digest[..16]));
            trailer.set("ID", Object::Array(vec![identifier.clone(), identifier]));
        }
        trailer
    }

    fn table(&self, bytes: &mut Vec<u8>, offsets: &[(u32, u16, usize)], sealed: bool) {
        bytes.extend(b"xref\n");
        for run in runs(offsets) {
            bytes.extend(format!("{} {}\n", run[0].0, run.len()).bytes());
            for (_, generation, offset) in run {
                bytes.extend(format!("{offset:010} {generation:05} n \n").bytes());
            }
        }
        bytes.extend(b"trailer\n");
        write_dictionary(bytes, &self.trailer(sealed));
        bytes.push(b'\n');
    }

    /// A cross-reference stream, which lists itself; a few records need no compression.
    fn stream(mut self, bytes: &mut Vec<u8>, mut offsets: Vec<(u32, u16, usize)>, startxref: usize, sealed: bool) {
        let this = self.allocate();
        offsets.push((this.number, 0, startxref));
        let records: Vec<u8> = offsets
            .iter()
            .flat_map(|(_, generation, offset)| {
                let offset = (*offset as u64).to_be_bytes();
                [&[1], &offset[3..], &generation.to_be_bytes()].concat() // eight bytes: readers differ on longer ones
            })
            .collect();
        let index =
            runs(&offsets).into_iter().flat_map(|run| [Object::Integer(i64::from(run[0].0)), integer(run.len())]);
        let widths = [1, 5, 2].map(Object::Integer);
        let dictionary = self
            .trailer(sealed)
            .with("Type", Object::name("XRef"))
            .with("Index", Object::Array(index.collect()))
            .with("W", Object::Array(widths.to_vec()))
            .with("Length", integer(records.len()));
        bytes.extend(format!("{} 0 obj\n", this.number).bytes());
        write_dictionary(bytes, &dictionary);
        bytes.extend(b"\nstream\n");
        bytes.extend(records);
        bytes.extend(b"\nendstream\nendobj\n");
    }
}

/// The departures of a document that an update may cover: those that leave one reading.
fn coverable(document: &Document) -> Result<Vec<Irregularity>, Error> {
    let irregularities = document.irregularities();
    if let Some(found) = irregularities.iter().find(|found| matches!(found.problem, Error::Encrypted { .. })) {
        return Err(found.problem.clone());
    }
    match irregularities.iter().find(|found| !has_one_reading(document, found)) {
        Some(Irregularity { problem: problem @ Error::Truncated { .. }, .. }) => Err(problem.clone()),
        Some(found) => Err(Error::TwoReadings { problem: Box::new(found.problem.clone()) }),
        None => Ok(irregularities.to_vec()),
    }
}

/// Whether every reader that copes with a departure sees the same objects, and sees them behind the update too. Departures at
/// which some readers rebuild the file are not covered, however clear the standard is: they would show what they find.
fn has_one_reading(document: &Document, found: &Irregularity) -> bool {
    match found.departure {
        Departure::Header => document.bytes.starts_with(b"%PDF-"), // readers count offsets behind other bytes in two ways
        Departure::Trailing | Departure::RevisionEnd => false,     // what belongs to no revision stays outside of all
        Departure::EntryType | Departure::FieldWidths | Departure::Records | Departure::TableSyntax => false,
        _ => found.readings == Readings::One,
    }
}

/// The first number that nothing uses: from /Size on, which may be too small.
fn next_number(document: &Document) -> Result<u32, Error> {
    const HIGHEST: usize = 8_388_607; // ISO 32000-1 annex C
    let sizes = document.revisions().iter().filter_map(|revision| revision.size());
    let listed = document.revisions().iter().filter_map(|revision| revision.entries().last());
    let next = sizes.chain(listed.map(|(number, _)| *number as usize + 1)).max();
    next.filter(|next| (1..=HIGHEST).contains(next)).and_then(|next| u32::try_from(next).ok()).ok_or_else(|| {
        let trailer = document.last_revision().trailer.token.start;
        Error::damaged_because(trailer, format!("object numbers and /Size from 1 to {HIGHEST}"), "another value")
    })
}

/// Consecutive object numbers together.
fn runs(offsets: &[(u32, u16, usize)]) -> Vec<&[(u32, u16, usize)]> {
    offsets.chunk_by(|left, right| left.0 + 1 == right.0).collect()
}

/// A length or offset as an object.
pub(crate) fn integer(value: usize) -> Object {
    Object::Integer(i64::try_from(value).expect("lengths in memory fit 63 bits"))
}
