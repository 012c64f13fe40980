//! What is kept for a while so that a person can switch the language, reload and go back. In: a thing. Out: an id that nobody can
//! guess.
//!
//! In memory only, and bounded: the oldest goes when there are too many, or too large ones.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// The things of one kind of one world. Cheap to clone.
pub(crate) struct Shelf<T> {
    kept: Arc<Mutex<VecDeque<Kept<T>>>>,
    /// How many are kept.
    most: usize,
    /// How many octets all together.
    most_octets: usize,
}

struct Kept<T> {
    id: String,
    octets: usize,
    thing: Arc<T>,
}

impl<T> Clone for Shelf<T> {
    fn clone(&self) -> Shelf<T> {
        Shelf { kept: self.kept.clone(), ..*self }
    }
}

impl<T> Shelf<T> {
    pub(crate) fn new(most: usize, most_octets: usize) -> Shelf<T> {
        Shelf { kept: Arc::default(), most, most_octets }
    }

    /// Keeps a thing of that size; gives its id. The newest is always kept, whatever its size.
    pub(crate) fn keep(&self, thing: T, octets: usize) -> String {
        let id = hex::encode(world::random::bytes::<16>());
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_back(Kept { id: id.clone(), octets, thing: Arc::new(thing) });
        while kept.len() > self.most
            || kept.len() > 1 && kept.iter().map(|one| one.octets).sum::<usize>() > self.most_octets
        {
            kept.pop_front();
        }
        id
    }

    /// The thing of that id, if it is still kept.
    pub(crate) fn find(&self, id: &str) -> Option<Arc<T>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|one| one.id == id).map(|one| one.thing.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_goes_and_the_newest_stays() {
        let shelf = Shelf::new(100, 1000);
        let first = shelf.keep("first", 1);
        let second = shelf.keep("second", 1);
        let ids: Vec<String> = (2..=100).map(|_| shelf.keep("more", 1)).collect();
        assert!(shelf.find(&first).is_none() && shelf.find(&second).is_some() && shelf.find(&ids[0]).is_some());
        let large = shelf.keep("large", 1001);
        assert!(shelf.find(&large).is_some() && shelf.find(ids.last().unwrap()).is_none());
        assert!(shelf.find("").is_none());
    }
}
