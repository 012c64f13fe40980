//! Fonts: which there are, and which of them a text is set in. In: text and the name of its member. Out: positioned glyphs, or the
//! character that no font at hand has.
//!
//! The fonts that come along are asked first, then those that were given. A certificate never shows the box of a missing glyph, and
//! never the plain form of a kanji where a variation sequence asked for another one: both would be somebody's name spelt wrong.

mod bundled;
mod direction;
mod given;
mod memory;
mod remedy;
mod shaping;
mod trial;
mod typeface;

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use krilla::error::KrillaError;

use crate::error::Error;
use crate::register::words::{Words, both};
use crate::seal_text::SealCharacter;

pub(crate) use direction::{isolated, without_isolates};
use memory::Memory;
pub(crate) use shaping::{Run, Shaped};
pub(crate) use typeface::Typeface;

/// The design of a text's letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Family {
    /// ゴシック体, for Latin letters a sans-serif.
    Gothic,
    /// 明朝体, for Latin letters a serif. It has one weight.
    Mincho,
}

/// Weight of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Weight {
    Regular,
    Bold,
}

/// The fonts of certificates, read once and shared by all of them.
///
/// ```
/// use issuer::{Error, Typefaces};
///
/// let typefaces = Typefaces::bundled()?;
/// # let _ = typefaces;
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct Typefaces {
    /// In the order in which they are asked.
    given: Arc<[Arc<Typeface>]>,
    /// Lines that were shaped before, where many certificates are looked at.
    memory: Option<Arc<Memory>>,
}

/// What may be wrong with a font that stood its trial.
fn letter_damaged() -> Words {
    both!(
        "the file is damaged in a letter that this text has: give another file of it",
        "この文字列の中の字のところでファイルが壊れています。別のファイルを指定してください"
    )
}

/// Where the fonts of this process lie beside those that come along.
static PLACES: OnceLock<Vec<PathBuf>> = OnceLock::new();

impl Typefaces {
    /// The fonts that come along, see `assets/fonts`: BIZ UDPGothic and BIZ UDPMincho for Japanese, Noto Sans and Noto Serif for the other
    /// letters of Latin script, Greek and Cyrillic.
    ///
    /// # Errors
    /// [`Error::Font`] if those of most texts are damaged; the others are read when a text first needs them.
    pub fn bundled() -> Result<Self, Error> {
        bundled::check()?;
        Ok(Self { given: Arc::default(), memory: None })
    }

    /// These, and behind them fonts of files (TrueType, OpenType or a collection, of which `#N` behind the name is the font with that
    /// number from 0 on) and of folders, the files of a folder in the order of their names.
    ///
    /// # Errors
    /// [`Error::Font`] for the first one that cannot be read or may not be embedded in a PDF, and for a folder without fonts.
    pub fn with_files(self, places: &[PathBuf]) -> Result<Self, Error> {
        let more = given::read(places)?.into_iter().map(Arc::new);
        Ok(Self { given: self.given.iter().cloned().chain(more).collect(), memory: None })
    }

    /// The same, which remember lines that they have shaped, as long as this and its clones are there.
    pub(crate) fn remembering(&self) -> Self {
        Self { memory: Some(Arc::default()), ..self.clone() }
    }

    /// From now on, every issuer that is opened in this process has the fonts of these places too, as by [`Typefaces::with_files`]; only
    /// the first call counts.
    pub fn provide(places: Vec<PathBuf>) {
        PLACES.get_or_init(|| places);
    }

    /// The fonts that come along, and those that were provided; they are read the first time.
    ///
    /// # Errors
    /// As [`Typefaces::bundled`] and [`Typefaces::with_files`].
    pub fn at_hand() -> Result<Self, Error> {
        static READ: OnceLock<Typefaces> = OnceLock::new(); // by all worlds of the process
        if let Some(read) = READ.get() {
            return Ok(read.clone());
        }
        let read = Self::bundled()?.with_files(PLACES.get().map_or(&[], Vec::as_slice))?;
        Ok(READ.get_or_init(|| read).clone())
    }

    /// Shapes one line. `member` names the text in an error.
    ///
    /// # Errors
    /// [`Error::MissingGlyph`] for the first character, or variation sequence, that no font has.
    pub(crate) fn shape(&self, (family, weight): (Family, Weight), text: &str, member: &str) -> Result<Shaped, Error> {
        let shape = || shaping::shape(&self.chain(family, weight), text, member);
        match &self.memory {
            Some(memory) => memory.recall((family, weight), text, shape),
            None => shape(),
        }
    }

    /// Shapes a piece of a text as a line of its own.
    ///
    /// # Errors
    /// As [`Typefaces::shape`].
    pub(crate) fn shape_piece(
        &self,
        (family, weight): (Family, Weight),
        whole: &Shaped,
        piece: Range<usize>,
        member: &str,
    ) -> Result<Shaped, Error> {
        match whole.is_read_from_left() {
            true => self.shape((family, weight), &whole.text[piece], member),
            false => shaping::shape_piece(&self.chain(family, weight), whole, piece, member),
        }
    }

    /// The font for the drawing of one character without shaping.
    ///
    /// # Errors
    /// [`Error::MissingGlyph`] if no font has it.
    pub(crate) fn of_character(
        &self,
        (family, weight): (Family, Weight),
        character: SealCharacter,
        member: &str,
    ) -> Result<Arc<Typeface>, Error> {
        let chain = self.chain(family, weight);
        for place in 0..chain.len() {
            let face = chain.face(place)?;
            if face.draws(character) {
                return Ok(face);
            }
        }
        Err(chain.missing(&character.to_string(), member))
    }

    /// Writes something with these fonts. One that was given may be damaged in a letter that its trial did not look at; that is an error
    /// with its name, and neither a defect of this program nor its end.
    ///
    /// # Errors
    /// [`Error::Font`] then; else those of the work.
    pub(crate) fn write_with<T>(&self, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        if self.given.is_empty() {
            return work();
        }
        let names = || self.given.iter().map(|face| face.name()).collect::<Vec<_>>().join(", ");
        let lost = |_| Err(Error::Font { name: names(), problem: letter_damaged() });
        catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(lost)
    }

    /// What keeps the page writer from writing, if it is a font that was given.
    pub(crate) fn refusal(&self, error: &KrillaError) -> Option<Error> {
        let KrillaError::Font(font, problem) = error else { return None };
        let face = self.given.iter().find(|face| face.font() == *font)?;
        let Words { en, ja } = letter_damaged();
        let problem = both!("{en} ({problem})", "{ja}（{problem}）");
        Some(Error::Font { name: face.name().to_owned(), problem })
    }

    /// The fonts in the order in which they are asked: of those that were given, first those of that design, and of these first those of
    /// the weight in which the text's other letters are printed.
    fn chain(&self, family: Family, weight: Weight) -> Chain<'_> {
        let is_bold = weight == Weight::Bold && family == Family::Gothic; // Mincho has one weight
        let mut given: Vec<&Arc<Typeface>> = self.given.iter().collect();
        given.sort_by_key(|face| (face.family() != family, face.is_bold() != is_bold));
        Chain { bundled: bundled::of(family, weight), given }
    }
}

/// Fonts in the order in which they are asked. One that comes along is read when it is.
struct Chain<'a> {
    bundled: &'static [bundled::Bundled],
    given: Vec<&'a Arc<Typeface>>,
}

impl Chain<'_> {
    fn len(&self) -> usize {
        self.bundled.len() + self.given.len()
    }

    fn face(&self, place: usize) -> Result<Arc<Typeface>, Error> {
        match self.bundled.get(place) {
            Some(bundled) => bundled.read(),
            None => Ok(Arc::clone(self.given[place - self.bundled.len()])),
        }
    }

    fn missing(&self, characters: &str, member: &str) -> Error {
        let code_points: Vec<String> =
            characters.chars().map(|character| format!("U+{:04X}", u32::from(character))).collect();
        let first = self.bundled.first().map_or_else(|| self.given[0].name(), |bundled| bundled.name());
        Error::MissingGlyph {
            member: member.to_owned(),
            character: characters.to_owned(),
            code_points: code_points.join(" "),
            font: format!("{first} and {} more", self.len() - 1),
            remedy: remedy::remedy(characters, &self.given),
        }
    }
}

#[cfg(test)]
mod tests;
