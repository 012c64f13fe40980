//! What was parsed already. In: parsed objects. Out: the same, without parsing them again.

use crate::{object::Object, parser::IndirectObject};
use std::sync::Arc;

/// Parsed objects with their lengths, but for the data of streams, by where they begin: a verdict looks at the same few again
/// and again.
#[derive(Debug, Default)]
pub(crate) struct Remembered {
    pub(crate) objects: foldhash::HashMap<usize, (Arc<IndirectObject>, usize)>,
    /// Of all of them together.
    length: usize,
}

impl Remembered {
    pub(crate) fn keep(&mut self, offset: usize, object: &IndirectObject, length: usize) {
        const MOST: usize = 1 << 20; // bytes in the file; in memory about ten times as much
        // A /Length that is an object of its own may be another one in another revision.
        let is_fixed = object
            .object
            .as_stream()
            .is_none_or(|stream| matches!(stream.dictionary.get("Length"), Some(Object::Integer(_))));
        if is_fixed && self.length + length <= MOST {
            self.length += length;
            self.objects.insert(offset, (Arc::new(object.clone()), length));
        }
    }

    /// Those that end before that offset.
    pub(crate) fn before(&self, end: usize) -> Remembered {
        let inside = self.objects.iter().filter(|(_, (object, _))| object.range.end < end);
        let objects: foldhash::HashMap<_, _> = inside.map(|(offset, known)| (*offset, known.clone())).collect();
        Remembered { length: objects.values().map(|(_, length)| length).sum(), objects }
    }
}
