//! What was read on this thread a moment ago. In: octets, and how they are read. Out: what they say. A sealed file has the same
//! dozen certificates and answers in seals, time-stamps, responses and its security store, and a verdict comes upon each of them
//! again and again.
//!
//! Reading is pure, so that what is remembered is what reading would give. Nothing is kept of what cannot be read, and nothing
//! long: who sends a file does not choose how much.

use std::cell::RefCell;
use std::hash::{BuildHasher, Hasher};

use foldhash::fast::FixedState;

use crate::Error;

/// How many are kept.
const PLACES: usize = 64;

/// The longest octets that are kept: 64 of them are half a megabyte.
const LONGEST: usize = 8 << 10;

/// The last few that were read.
pub(crate) struct Recent<T>(RefCell<[Option<Read<T>>; PLACES]>);

/// What octets say.
struct Read<T> {
    octets: Box<[u8]>,
    value: T,
}

impl<T: Clone> Recent<T> {
    pub(crate) const fn new() -> Recent<T> {
        Recent(RefCell::new([const { None }; PLACES]))
    }

    /// What the octets say, by `read` if they were not read just before.
    pub(crate) fn read(&self, octets: &[u8], read: impl FnOnce(&[u8]) -> Result<T, Error>) -> Result<T, Error> {
        if octets.len() > LONGEST {
            return read(octets);
        }
        let mut hasher = FixedState::default().build_hasher();
        hasher.write(octets);
        let place = hasher.finish() as usize % PLACES;
        if let Some(kept) = self.0.borrow()[place].as_ref().filter(|kept| *kept.octets == *octets) {
            return Ok(kept.value.clone());
        }
        let value = read(octets)?;
        self.0.borrow_mut()[place] = Some(Read { octets: octets.into(), value: value.clone() });
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::{LONGEST, Recent};
    use crate::Error;
    use crate::algorithm::DigestAlgorithm;

    #[test]
    fn the_same_octets_are_read_once_and_others_each_time_they_are_met() {
        let (recent, times) = (Recent::new(), Cell::new(0));
        let read = |octets: &[u8]| {
            let counted = |octets: &[u8]| {
                times.set(times.get() + 1);
                if octets.is_empty() {
                    Err(Error::WeakDigest { found: DigestAlgorithm::Md5 })
                } else {
                    Ok(octets.len())
                }
            };
            recent.read(octets, counted)
        };
        for (octets, length, expected) in [(&b"ab"[..], Some(2), 1), (b"ab", Some(2), 1), (b"abc", Some(3), 2)] {
            assert_eq!((read(octets).ok(), times.get()), (length, expected));
        }
        for failed in 3..5 {
            assert_eq!((read(b"").ok(), times.get()), (None, failed), "what cannot be read is not kept");
        }
        let long = vec![0; LONGEST + 1];
        for long_one in 5..7 {
            assert_eq!((read(&long).ok(), times.get()), (Some(long.len()), long_one), "nor what is long");
        }
    }
}
