//! The font files that come along: see `assets/fonts/README.md`. Those of most texts lie in the program as they are, the others packed
//! (RFC 1952), and are unpacked once a text needs them.

use std::io::Read as _;
use std::sync::{Arc, OnceLock};

use flate2::read::GzDecoder;

use crate::error::Error;
use crate::register::words::both;

use super::typeface::{Letters, Typeface};
use super::{Family, Weight};

/// A font file that comes along.
pub(super) struct Bundled {
    name: &'static str,
    file: File,
    letters: Letters,
    read: OnceLock<Arc<Typeface>>,
}

enum File {
    Plain(&'static [u8]),
    Packed(&'static [u8]),
}

macro_rules! file {
    ($name:literal) => {
        include_bytes!(concat!("../../assets/fonts/", $name))
    };
}

static GOTHIC: [Bundled; 3] = [
    Bundled::japanese("BIZ UDPGothic Regular", File::Plain(file!("BIZUDPGothic-Regular.subset.ttf"))),
    Bundled::japanese("BIZ UDPGothic Regular, further kanji", File::Packed(file!("BIZUDPGothic-Regular.more.ttf.gz"))),
    Bundled::european("Noto Sans Regular", File::Packed(file!("NotoSans-Regular.subset.ttf.gz"))),
];
static GOTHIC_BOLD: [Bundled; 3] = [
    Bundled::japanese("BIZ UDPGothic Bold", File::Plain(file!("BIZUDPGothic-Bold.subset.ttf"))),
    Bundled::japanese("BIZ UDPGothic Bold, further kanji", File::Packed(file!("BIZUDPGothic-Bold.more.ttf.gz"))),
    Bundled::european("Noto Sans Bold", File::Packed(file!("NotoSans-Bold.subset.ttf.gz"))),
];
static MINCHO: [Bundled; 2] = [
    Bundled::japanese("BIZ UDPMincho Regular", File::Packed(file!("BIZUDPMincho-Regular.subset.ttf.gz"))),
    Bundled::european("Noto Serif Regular", File::Packed(file!("NotoSerif-Regular.subset.ttf.gz"))),
];

/// Those of a family, in the order in which they are asked.
pub(super) fn of(family: Family, weight: Weight) -> &'static [Bundled] {
    match (family, weight) {
        (Family::Gothic, Weight::Regular) => &GOTHIC,
        (Family::Gothic, Weight::Bold) => &GOTHIC_BOLD,
        (Family::Mincho, _) => &MINCHO,
    }
}

/// Reads those that every certificate needs.
pub(super) fn check() -> Result<(), Error> {
    GOTHIC[0].read()?;
    GOTHIC_BOLD[0].read().map(|_| ())
}

impl Bundled {
    const fn japanese(name: &'static str, file: File) -> Self {
        Self { name, file, letters: Letters::GreekAndCyrillicAreWide, read: OnceLock::new() }
    }

    const fn european(name: &'static str, file: File) -> Self {
        Self { name, file, letters: Letters::Proportional, read: OnceLock::new() }
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// The font; read the first time.
    pub(super) fn read(&self) -> Result<Arc<Typeface>, Error> {
        if let Some(read) = self.read.get() {
            return Ok(Arc::clone(read));
        }
        let typeface = match self.file {
            File::Plain(bytes) => Typeface::of_program(self.name, bytes)?,
            File::Packed(packed) => {
                let mut bytes = Vec::new();
                let unpacked = GzDecoder::new(packed).read_to_end(&mut bytes);
                unpacked.map_err(|error| Error::Font {
                    name: self.name.to_owned(),
                    problem: both!("it cannot be unpacked: {error}", "展開できません: {error}"),
                })?;
                Typeface::of_file(self.name, bytes, 0)?
            }
        };
        Ok(Arc::clone(self.read.get_or_init(|| Arc::new(typeface.with_letters(self.letters)))))
    }
}
