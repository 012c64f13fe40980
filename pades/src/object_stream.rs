//! Object streams, ISO 32000-1 clause 7.5.7. In: a decoded container. Out: the objects in it. Containers are decoded once,
//! and all of them together are limited.

use crate::{
    error::{Departure, Error, Irregularity},
    lexer::Lexer,
    limits::Limits,
    object::{Object, Stream},
    parser::Parser,
    scalar::Reference,
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// One decoded container.
#[derive(Debug)]
pub(crate) struct ObjectStream {
    pub(crate) container: Reference,
    /// Where the container's data begin in the file, for messages.
    offset: usize,
    data: Vec<u8>,
    /// Object number and offset in `data`.
    objects: Vec<(u32, usize)>,
    /// The numbers that it has more than once, in order.
    repeated: Vec<u32>,
}

impl ObjectStream {
    /// Reads the header of a decoded object stream.
    pub(crate) fn parse(
        container: Reference,
        stream: &Stream,
        data: Vec<u8>,
        limits: &Limits,
    ) -> Result<ObjectStream, Error> {
        let offset = stream.data.start;
        let wrong = |expected: &str| Error::damaged_because(offset, expected, "another value in an object stream");
        if !stream.dictionary.has_name("Type", "ObjStm") {
            return Err(wrong("/Type /ObjStm"));
        }
        let number = |key| stream.dictionary.get(key).and_then(Object::as_size);
        let count = number("N").filter(|count| *count <= limits.elements.min(data.len())).ok_or_else(|| wrong("/N"))?;
        let first = number("First").filter(|first| *first <= data.len()).ok_or_else(|| wrong("/First"))?;
        let mut lexer = Lexer::at(&data[..first], 0);
        let mut objects = Vec::with_capacity(count);
        for _ in 0..count {
            let mut next = || {
                lexer.skip_white_space();
                lexer.whole_number("").map_err(|_| wrong("pairs of object numbers and offsets"))
            };
            let (number, place) = (next()?, next()?);
            let number = u32::try_from(number).map_err(|_| wrong("an object number"))?;
            let place = first.checked_add(place).filter(|place| *place < data.len());
            objects.push((number, place.ok_or_else(|| wrong("an offset inside the stream"))?));
        }
        let mut numbers: Vec<u32> = objects.iter().map(|(number, _)| *number).collect();
        numbers.sort_unstable();
        let mut repeated: Vec<u32> = numbers.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
        repeated.dedup();
        Ok(ObjectStream { container, offset, data, objects, repeated })
    }

    /// The numbers of the objects in it, by place.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = u32> {
        self.objects.iter().map(|(number, _)| *number)
    }

    /// The length of the decoded data.
    pub(crate) fn length(&self) -> usize {
        self.data.len()
    }

    /// The object at `index`, which must have `number`, and the length of its text; with departures from the standard.
    pub(crate) fn object(
        &self,
        number: u32,
        index: u32,
        limits: &Limits,
    ) -> Result<(Object, usize, Vec<Irregularity>), Error> {
        let expected = || format!("object {number} at place {index} of object stream {}", self.container.number);
        let place = match self.objects.get(index as usize) {
            Some((found, place)) if *found == number => *place,
            Some((found, _)) => return Err(Error::damaged_because(self.offset, expected(), format!("object {found}"))),
            None => {
                return Err(Error::damaged_because(self.offset, expected(), format!("{} objects", self.objects.len())));
            }
        };
        let mut parser = Parser::at(&self.data, place, limits);
        parser.lexer.skip_space();
        match parser.object() {
            Ok((object, token)) => {
                let inside =
                    |one: Irregularity| Irregularity { problem: self.problem(&expected(), one.problem), ..one };
                let irregularities = parser.irregularities().into_iter().map(inside).chain(self.repeated(number));
                Ok((object, token.len(), irregularities.collect()))
            }
            Err(problem) => Err(self.problem(&expected(), problem)),
        }
    }

    /// What is wrong in an object, by the place of its stream in the file.
    fn problem(&self, object: &str, problem: Error) -> Error {
        match problem {
            Error::Damaged { expected: part, found, .. } => {
                Error::damaged_because(self.offset, format!("{object}: {part}"), found)
            }
            other => other,
        }
    }

    /// A number that is there more than once: readers go by the first, the last, or the place that the cross-references name.
    fn repeated(&self, number: u32) -> Option<Irregularity> {
        let known = self.repeated.binary_search(&number).is_ok();
        let expected = || format!("object {number} once in object stream {}", self.container.number);
        known.then(|| Error::damaged_because(self.offset, expected(), "more than one").divides(Departure::ListedTwice))
    }
}

/// The containers decoded so far, by the offset of their data.
#[derive(Debug)]
pub(crate) struct ObjectStreams {
    decoded: Mutex<Decoded>,
}

#[derive(Debug)]
struct Decoded {
    /// Failures are kept too: a hostile file would ask again and again.
    streams: HashMap<usize, Result<Arc<ObjectStream>, Error>>,
    bytes_left: usize,
}

impl ObjectStreams {
    pub(crate) fn new(limits: &Limits) -> ObjectStreams {
        ObjectStreams { decoded: Mutex::new(Decoded { streams: HashMap::new(), bytes_left: limits.decoded_total }) }
    }

    /// The container at `offset`, made by `decode` when it is new, which is told how many bytes it may make.
    pub(crate) fn at(
        &self,
        offset: usize,
        decode: impl FnOnce(usize) -> Result<ObjectStream, Error>,
    ) -> Result<Arc<ObjectStream>, Error> {
        let lock = || self.decoded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().streams.get(&offset) {
            return known.clone();
        }
        let bytes_left = lock().bytes_left;
        let stream = decode(bytes_left).map(Arc::new);
        let mut decoded = lock();
        let spent = stream.as_ref().map_or(FAILURE_COST, |stream| stream.data.len());
        decoded.bytes_left = decoded.bytes_left.saturating_sub(spent);
        decoded.streams.insert(offset, stream.clone());
        stream
    }
}

/// What a container that cannot be decoded takes from the limit: it may have made many bytes before it failed.
const FAILURE_COST: usize = 16 << 20;
