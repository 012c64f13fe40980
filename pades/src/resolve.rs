//! Objects of one revision, ISO 32000-1 clause 7.3.10. In: references. Out: objects with the place where they lie.
//!
//! A [`View`] shows the file as it was after one revision, so that a verdict can compare a sealed revision with later ones.

use crate::{
    document::Document,
    error::{Departure, Error, Irregularity},
    filter,
    lexer::is_white_space,
    object::{Dictionary, Object, Stream},
    object_stream::ObjectStream,
    parser::{IndirectObject, Parser},
    remembered::Remembered,
    scalar::Reference,
    xref::XrefEntry,
};
use std::{
    collections::HashSet,
    ops::Range,
    sync::{Arc, Mutex, MutexGuard},
};

/// The objects of a document as one revision shows them.
#[derive(Debug, Clone, Copy)]
pub struct View<'d> {
    pub(crate) document: &'d Document,
    pub(crate) revision: usize,
    /// The numbers of all objects that were looked for, if somebody asks.
    pub(crate) trace: Option<&'d Mutex<HashSet<u32>>>,
    /// Whether what is parsed is remembered.
    pub(crate) remembers: bool,
}

/// Where an indirect object lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// In the file, from its number to `endobj`; token ranges inside it are file offsets.
    File(Range<usize>),
    /// In an object stream; token ranges inside it are offsets in the decoded stream.
    ObjectStream {
        /// The object stream.
        container: Reference,
        /// The place in it, from 0.
        index: u32,
    },
}

/// An indirect object that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Located {
    /// Its number and generation.
    pub reference: Reference,
    /// The object.
    pub object: Object,
    /// Where it lies.
    pub location: Location,
    /// The revision (from 0) that wrote it.
    pub revision: usize,
    /// Departures from the standard in how it is written.
    pub irregularities: Vec<Irregularity>,
}

impl Document {
    /// The objects as the newest revision shows them.
    pub fn latest(&self) -> View<'_> {
        View { document: self, revision: self.revisions().len() - 1, trace: None, remembers: true }
    }

    /// The objects as they were after `revision` (from 0).
    pub fn at(&self, revision: usize) -> Option<View<'_>> {
        (revision < self.revisions().len()).then_some(View { document: self, revision, trace: None, remembers: true })
    }

    /// The indirect object at an offset; what was parsed counts against the limit, also if it fails.
    pub(crate) fn indirect_object(
        &self,
        offset: usize,
        length_of: &dyn Fn(&Object) -> Result<usize, Error>,
        remember: bool,
    ) -> Result<IndirectObject, Error> {
        if let Some((known, length)) = self.remembered().objects.get(&offset).cloned() {
            self.count_parsed(length, offset)?; // a copy of it is made
            return Ok(IndirectObject::clone(&known));
        }
        let mut parser = Parser::at(&self.bytes, offset, &self.limits);
        let parsed = parser.indirect_object(length_of);
        let length = parser.lexer.position().saturating_sub(offset);
        let data =
            parsed.as_ref().ok().and_then(|parsed| parsed.object.as_stream()).map_or(0, |stream| stream.data.len());
        let searched = parsed
            .as_ref()
            .is_ok_and(|parsed| parsed.irregularities.iter().any(|found| found.departure == Departure::StreamLength));
        let length = if searched { length } else { length - data };
        self.count_parsed(length, offset)?;
        if let Some(object) = parsed.as_ref().ok().filter(|_| remember) {
            self.remembered().keep(offset, object, length);
        }
        parsed
    }

    /// What was parsed and ends before that offset, so that nothing behind it has a say in it.
    pub(crate) fn remembered_before(&self, end: usize) -> Mutex<Remembered> {
        Mutex::new(self.remembered().before(end))
    }

    fn remembered(&self) -> MutexGuard<'_, Remembered> {
        self.remembered.lock().expect("no code panics while it holds the objects")
    }
}

/// White space at an offset that should be that of an object, as far as it is tolerated.
fn space_at(bytes: &[u8], offset: usize) -> usize {
    const MAX_SPACE: usize = 8; // one or two bytes in files of the field
    bytes.iter().skip(offset).take(MAX_SPACE).take_while(|byte| is_white_space(**byte)).count()
}

/// How many objects one /Length may lead through: the stream, its length, a container and that one's length.
pub(crate) const LENGTH_DEPTH: usize = 4;

impl<'d> View<'d> {
    /// The document.
    pub fn document(&self) -> &'d Document {
        self.document
    }

    /// The revision shown, from 0.
    pub fn revision(&self) -> usize {
        self.revision
    }

    /// For who reads every object once: those that were not looked for before are not remembered.
    pub fn passing_by(self) -> Self {
        View { remembers: false, ..self }
    }

    /// The newest cross-reference entry of an object number, and the revision that wrote it.
    pub fn entry(&self, number: u32) -> Option<(usize, XrefEntry)> {
        let revision = self.document.listed_in(number, self.revision)?;
        Some((revision, self.document.revisions()[revision].entry(number)?))
    }

    /// The indirect object; `None` if it does not exist, which reads as null.
    ///
    /// # Errors
    /// If there is something else at its place, or a limit is reached.
    pub fn object(&self, reference: Reference) -> Result<Option<Located>, Error> {
        self.object_at_depth(reference, LENGTH_DEPTH)
    }

    /// The object that `object` leads to: itself unless it is a reference.
    ///
    /// # Errors
    /// As [`View::object`]; also for a chain of references without an end.
    pub fn resolve(&self, object: &Object) -> Result<Object, Error> {
        let Some(mut reference) = object.as_reference() else { return Ok(object.clone()) };
        for _ in 0..self.document.limits.reference_chain {
            match self.object(reference)? {
                None => return Ok(Object::Null),
                Some(Located { object: Object::Reference(next), .. }) => reference = next,
                Some(located) => return Ok(located.object),
            }
        }
        let allowed = self.document.limits.reference_chain;
        Err(Error::LimitExceeded { limit: "references to references", allowed, offset: self.offset_of(object) })
    }

    /// The resolved value of a key; null if there is none.
    ///
    /// # Errors
    /// As [`View::resolve`].
    pub fn get(&self, dictionary: &Dictionary, key: &str) -> Result<Object, Error> {
        dictionary.get(key).map_or(Ok(Object::Null), |value| self.resolve(value))
    }

    /// Where the indirect object begins that `object` refers to, or the stream in which it lies; for messages. 0 if unknown.
    pub(crate) fn offset_of(&self, object: &Object) -> usize {
        let entry = |number| self.entry(number).map(|(_, entry)| entry);
        match object.as_reference().and_then(|reference| entry(reference.number)) {
            Some(XrefEntry::InUse { offset, .. }) => offset,
            Some(XrefEntry::Compressed { container, .. }) => match entry(container) {
                Some(XrefEntry::InUse { offset, .. }) => offset,
                _ => 0,
            },
            _ => object.as_dictionary().map_or(0, |dictionary| dictionary.token.start),
        }
    }

    /// The trailer of the newest revision shown.
    pub fn trailer(&self) -> &'d Dictionary {
        &self.document.revisions()[self.revision].trailer
    }

    /// The document catalog (7.7.2).
    ///
    /// # Errors
    /// If /Root is no reference to a dictionary.
    pub fn catalog(&self) -> Result<(Reference, Dictionary), Error> {
        const EXPECTED: &str = "/Root in the trailer as a reference to the catalog dictionary";
        let trailer = self.trailer();
        let damaged = |found: &str| Error::damaged_because(trailer.token.start, EXPECTED, found);
        let root = trailer.get("Root").ok_or_else(|| damaged("no /Root"))?;
        let reference = root.as_reference().ok_or_else(|| damaged(root.kind()))?;
        match self.object(reference)? {
            Some(Located { object: Object::Dictionary(catalog), .. }) => Ok((reference, catalog)),
            Some(located) => Err(damaged(located.object.kind())),
            None => Err(damaged("a reference to an object that does not exist")),
        }
    }

    /// The decoded data of a stream.
    ///
    /// # Errors
    /// If a filter is unknown, the data are damaged or too large, or the file is encrypted.
    pub fn decode(&self, stream: &Stream) -> Result<Vec<u8>, Error> {
        self.decode_at_most(stream, usize::MAX)
    }

    /// The same, for at most `allowed` bytes.
    pub(crate) fn decode_at_most(&self, stream: &Stream, allowed: usize) -> Result<Vec<u8>, Error> {
        let mut dictionary = stream.dictionary.clone();
        for key in ["Filter", "DecodeParms"] {
            let value = match self.get(&dictionary, key)? {
                Object::Array(elements) => {
                    Object::Array(elements.iter().map(|element| self.resolve(element)).collect::<Result<_, _>>()?)
                }
                other => other,
            };
            dictionary.set(key, value);
        }
        self.decode_direct(stream, &dictionary, allowed)
    }

    /// Decodes with a dictionary whose /Filter and /DecodeParms are direct.
    fn decode_direct(&self, stream: &Stream, dictionary: &Dictionary, allowed: usize) -> Result<Vec<u8>, Error> {
        let offset = stream.data.start;
        let allowed = allowed.min(self.document.limits.decoded_stream);
        let encoded = &self.document.bytes[stream.data.clone()];
        match &self.document.encryption {
            None => filter::decode(encoded, offset, dictionary, allowed),
            Some(Ok(encryption)) => {
                let plain = encryption.decrypt_stream(stream, dictionary, encoded);
                filter::decode(&plain.ok_or(Error::Encrypted { offset })?, offset, dictionary, allowed)
            }
            Some(Err(problem)) => Err(problem.clone()),
        }
    }

    fn object_at_depth(&self, reference: Reference, depth: usize) -> Result<Option<Located>, Error> {
        self.traced(reference.number);
        let Some((revision, entry)) = self.entry(reference.number) else { return Ok(None) };
        let at = |one: Irregularity| Irregularity { revision, object: Some(reference), ..one };
        let (object, location, irregularities) = match entry {
            XrefEntry::InUse { offset: 0, .. } => return Ok(None), // the header lies there; readers take it for a free entry
            XrefEntry::InUse { offset, generation } if generation == reference.generation => {
                let mut parsed = self.parse_at(offset, reference, depth)?;
                self.decrypt(reference, &mut parsed.object);
                let irregularities = parsed.irregularities.into_iter().map(at).collect();
                (parsed.object, Location::File(parsed.range), irregularities)
            }
            XrefEntry::Compressed { container, index } if reference.generation == 0 => {
                let stream = self.container(container, depth)?;
                let found = stream.object(reference.number, index, &self.document.limits);
                let length = found.as_ref().map_or(stream.length(), |(_, length, _)| *length);
                self.document.count_parsed(length, self.offset_of(&Object::Reference(reference)))?;
                let (object, _, irregularities) = found?;
                let location = Location::ObjectStream { container: stream.container, index };
                (object, location, irregularities.into_iter().map(at).collect())
            }
            _ => return Ok(None),
        };
        Ok(Some(Located { reference, object, location, revision, irregularities }))
    }

    /// Makes the strings of an object readable, and lets its stream know whose it is.
    fn decrypt(&self, reference: Reference, object: &mut Object) {
        if let Object::Stream(stream) = object {
            stream.owner = Some(reference);
        }
        if let Some(Ok(encryption)) = &self.document.encryption {
            encryption.decrypt_strings(reference, object);
        }
    }

    /// The numbers of the objects that an object stream holds, by place (7.5.7), whether or not the cross-references list them.
    ///
    /// # Errors
    /// If it cannot be read as an object stream, or a limit is exceeded.
    pub fn objects_in(&self, container: u32) -> Result<Vec<u32>, Error> {
        Ok(self.container(container, LENGTH_DEPTH)?.numbers().collect())
    }

    /// The object at a file offset, which must be the one that the cross-references promise (7.5.4). Files seen in the field
    /// have offsets that lead to the end of line before it; those are irregular, see [`Document::irregularities`].
    fn parse_at(&self, offset: usize, reference: Reference, depth: usize) -> Result<IndirectObject, Error> {
        let document = self.document;
        let offset = offset.saturating_add(space_at(&document.bytes, offset));
        let length_of = |length: &Object| self.length(length, offset, depth);
        let parsed = document.inside_revision(document.indirect_object(offset, &length_of, self.remembers)?)?;
        if parsed.reference == reference {
            Ok(parsed)
        } else {
            let expected = format!("object {} {} as the cross-references say", reference.number, reference.generation);
            Err(Error::damaged(&document.bytes, offset, expected))
        }
    }

    /// A stream's /Length, which may be an indirect object (7.3.8.2).
    pub(crate) fn length(&self, length: &Object, offset: usize, depth: usize) -> Result<usize, Error> {
        let resolved = match length.as_reference() {
            None => Some(length.clone()),
            Some(_) if depth == 0 => None,
            Some(reference) => self.object_at_depth(reference, depth - 1)?.map(|located| located.object),
        };
        resolved
            .as_ref()
            .and_then(Object::as_size)
            .ok_or_else(|| Error::damaged_because(offset, "a stream whose /Length is a number of bytes", length.kind()))
    }

    fn traced(&self, number: u32) {
        if let Some(trace) = self.trace {
            trace.lock().expect("no code panics while it holds the numbers").insert(number);
        }
    }

    /// A decoded object stream; it must lie in the file itself (7.5.7).
    pub(crate) fn container(&self, number: u32, depth: usize) -> Result<Arc<ObjectStream>, Error> {
        self.traced(number);
        let expected = || format!("object stream {number} in the file");
        let Some((_, XrefEntry::InUse { offset, generation })) = self.entry(number) else {
            let trailer = self.trailer().token.start;
            return Err(Error::damaged_because(trailer, expected(), "no such object"));
        };
        let Some(depth) = depth.checked_sub(1) else {
            return Err(Error::damaged_because(offset, "a /Length outside its own object stream", "one inside it"));
        };
        self.document.object_streams.at(offset, |bytes_left| {
            let reference = Reference { number, generation };
            let Object::Stream(mut stream) = self.parse_at(offset, reference, depth)?.object else {
                return Err(Error::damaged_because(offset, expected(), "an object without data"));
            };
            stream.owner = Some(reference);
            // Its filter must be direct: an indirect one could lie in this very stream.
            let data = self.decode_direct(&stream, &stream.dictionary, bytes_left)?;
            ObjectStream::parse(reference, &stream, data, &self.document.limits)
        })
    }
}
