//! Lines that were shaped before. In: a text and its design. Out: the same line again, without shaping it: of a thousand certificates most
//! texts are the same.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::{Family, Shaped, Weight};
use crate::error::Error;

/// The most lines that are kept: a template has some fifty that are the same for everybody.
const MOST: usize = 2048;

/// The longest text of a line that is kept, in octets.
const LONGEST: usize = 1024;

/// By which a line is found again: its design and its text.
type Key = (Family, Weight, String);

/// Lines that were shaped before.
#[derive(Default)]
pub(super) struct Memory(Mutex<HashMap<Key, Shaped>>);

impl Memory {
    /// The line, from memory or shaped.
    pub(super) fn recall(
        &self,
        (family, weight): (Family, Weight),
        text: &str,
        shape: impl FnOnce() -> Result<Shaped, Error>,
    ) -> Result<Shaped, Error> {
        if text.len() > LONGEST {
            return shape();
        }
        let key = (family, weight, text.to_owned());
        if let Some(known) = self.lines().get(&key) {
            return Ok(known.clone());
        }
        let shaped = shape()?;
        let mut lines = self.lines();
        if lines.len() >= MOST {
            lines.clear(); // what is the same for everybody comes back with the next
        }
        lines.insert(key, shaped.clone());
        Ok(shaped)
    }

    fn lines(&self) -> std::sync::MutexGuard<'_, HashMap<Key, Shaped>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use crate::font::{Family, Typefaces, Weight};

    #[test]
    fn a_line_that_is_remembered_is_the_line_that_was_shaped() {
        let (plain, remembering) = (Typefaces::bundled().unwrap(), Typefaces::bundled().unwrap().remembering());
        for text in ["修了証明書", "Certificate of Completion", "葛\u{e0100}城", "修了証明書"] {
            for face in [(Family::Gothic, Weight::Bold), (Family::Mincho, Weight::Regular)] {
                let of = |typefaces: &Typefaces| {
                    let shaped = typefaces.shape(face, text, "text").unwrap();
                    let runs =
                        shaped.runs.iter().map(|run| run.glyphs.iter().map(|glyph| (glyph.glyph_id, glyph.x_advance)));
                    runs.map(Iterator::collect::<Vec<_>>).collect::<Vec<_>>()
                };
                assert_eq!(of(&plain), of(&remembering), "{text}");
                assert_eq!(of(&plain), of(&remembering), "{text} again");
            }
        }
        for _ in 0..2 {
            assert!(remembering.shape((Family::Gothic, Weight::Regular), "\u{10fffd}", "name").is_err());
        }
        for number in 0..3000 {
            remembering.shape((Family::Gothic, Weight::Regular), &number.to_string(), "number").unwrap();
        }
        assert!(remembering.memory.as_ref().unwrap().lines().len() <= super::MOST);
    }
}
