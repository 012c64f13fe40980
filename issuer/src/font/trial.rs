//! A trial of a font that somebody gives (OpenType 1.9, "otff", "OS/2"). In: a file's content. Out: a font whose file is whole, that may be
//! embedded, and of which letters have been shaped, drawn and written into a PDF; or what is wrong with it.
//!
//! What is wrong is told when the font is given, with the file's name, and not when the first name wants one of its letters.

use std::panic::{AssertUnwindSafe, catch_unwind};

use krilla::Document;
use krilla::geom::Point;
use krilla::text::KrillaGlyph;
use skrifa::raw::{FileRef, TableRecord};

use crate::error::Error;

use super::typeface::{Part, Typeface};

/// How many letters of a font are tried, from its whole range.
const LETTERS: usize = 48;

/// The font with that number in the content of a file.
pub(super) fn tried(name: &str, bytes: Vec<u8>, index: u32) -> Result<Typeface, Error> {
    let unusable = |problem: String| Error::Font { name: name.to_owned(), problem };
    // A font reader that gives up on what it reads must not take the testbed with it.
    let attempt = catch_unwind(AssertUnwindSafe(|| {
        check_tables(&bytes, index).map_err(unusable)?;
        let typeface = Typeface::of_file(name, bytes, index)?;
        write_letters(&typeface).map_err(unusable)?;
        Ok(typeface)
    }));
    attempt.unwrap_or_else(|_| Err(unusable("the file is damaged: it cannot be read to its end".to_owned())))
}

/// Whether every table of the font lies within the file: of a file that was copied in part the letters at the end are missing.
fn check_tables(bytes: &[u8], index: u32) -> Result<(), String> {
    let font = match FileRef::new(bytes) {
        Ok(FileRef::Font(font)) => font,
        Ok(FileRef::Collection(fonts)) => match fonts.get(index) {
            Ok(font) => font,
            Err(_) => return Ok(()), // whoever reads it says so
        },
        Err(_) => return Ok(()),
    };
    let (directory, count) = (font.table_directory(), bytes.len());
    let records = directory.table_records();
    if records.len() < usize::from(directory.num_tables()) {
        return Err(format!("the file is cut off within the list of its tables, after {count} octets"));
    }
    let end = |record: &TableRecord| u64::from(record.offset()) + u64::from(record.length());
    match records.iter().max_by_key(|record| end(record)) {
        Some(last) if end(last) > count as u64 => {
            let (table, end) = (last.tag(), end(last));
            Err(format!("the file is cut off: its table {table} ends at octet {end}, and the file has {count}"))
        }
        _ => Ok(()),
    }
}

/// Shapes letters and writes them into a PDF that nobody sees.
fn write_letters(typeface: &Typeface) -> Result<(), String> {
    let characters = typeface.characters();
    if characters.is_empty() {
        return Err("it has no characters".to_owned());
    }
    let every = characters.len().div_ceil(LETTERS);
    let mut document = Document::new();
    let mut page = document.start_page();
    let mut surface = page.surface();
    for character in characters.iter().step_by(every) {
        let text = character.to_string();
        let glyphs: Option<Vec<KrillaGlyph>> =
            typeface.shape(&Part { text: &text, range: 0..text.len(), direction: None });
        for outlined in [false, true] {
            surface.draw_glyphs(
                Point::from_xy(72.0, 72.0),
                glyphs.as_deref().unwrap_or_default(),
                typeface.font(),
                &text,
                12.0,
                outlined,
            );
        }
    }
    surface.finish();
    page.finish();
    document.finish().map(drop).map_err(|error| format!("the file is damaged: {error}"))
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn whole() -> Vec<u8> {
        let mut bytes = Vec::new();
        let packed = include_bytes!("../../assets/fonts/NotoSans-Regular.subset.ttf.gz");
        flate2::read::GzDecoder::new(packed.as_slice()).read_to_end(&mut bytes).unwrap();
        bytes
    }

    fn refused(bytes: Vec<u8>) -> String {
        tried("fonts/mine.ttf", bytes, 0).err().unwrap().to_string()
    }

    /// Where a table of the font begins, and how long it is.
    fn table(bytes: &[u8], tag: &[u8; 4]) -> (usize, usize) {
        let font = skrifa::FontRef::new(bytes).unwrap();
        let record = font.table_directory().table_records().iter().find(|record| record.tag().to_be_bytes() == *tag);
        let record = record.unwrap();
        (record.offset() as usize, record.length() as usize)
    }

    /// The font with another `fsType`.
    fn licensed(fs_type: u16) -> Vec<u8> {
        let mut bytes = whole();
        let (os2, _) = table(&bytes, b"OS/2");
        bytes[os2 + 8..os2 + 10].copy_from_slice(&fs_type.to_be_bytes());
        bytes
    }

    #[test]
    fn a_file_that_ends_too_early_is_refused_with_its_name_wherever_it_ends() {
        let whole = whole();
        assert!(tried("mine.ttf", whole.clone(), 0).is_ok());
        for part in 0..16 {
            let message = refused(whole[..whole.len() * part / 16].to_vec());
            assert!(message.starts_with("font fonts/mine.ttf: "), "{message}");
        }
        assert!(refused(whole[..20].to_vec()).contains("after 20 octets"));
        let message = refused(whole[..whole.len() - 100].to_vec());
        assert!(message.contains("cut off") && message.contains(&(whole.len() - 100).to_string()), "{message}");
    }

    #[test]
    fn a_font_that_forbids_to_be_embedded_or_to_be_embedded_in_part_is_refused_and_others_are_not() {
        for (fs_type, words) in [(2, "forbids embedding"), (0x102, "embedding"), (0x100, "in part"), (0x200, "bitmaps")]
        {
            assert!(refused(licensed(fs_type)).contains(words), "{fs_type:#x}: {}", refused(licensed(fs_type)));
        }
        for fs_type in [0, 4, 8, 6] {
            assert!(tried("mine.ttf", licensed(fs_type), 0).is_ok(), "{fs_type:#x}"); // of several bits the mildest counts
        }
    }

    #[test]
    fn a_font_without_a_character_or_a_measure_is_refused() {
        let mut bytes = whole();
        let (cmap, length) = table(&bytes, b"cmap");
        bytes[cmap..cmap + length].fill(0);
        assert!(refused(bytes).contains("no characters"));
        let mut bytes = whole();
        let (head, _) = table(&bytes, b"head");
        bytes[head + 18..head + 20].fill(0);
        assert!(refused(bytes).contains("units"));
    }

    #[test]
    fn a_font_that_is_damaged_anywhere_is_set_or_refused_and_takes_nobody_with_it() {
        let whole = whole();
        let mut state = 7_u64;
        let mut next = move |limit: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % limit
        };
        for _ in 0..120 {
            let mut bytes = whole.clone();
            for _ in 0..=next(40) {
                let place = if next(3) == 0 { next(400) } else { next(bytes.len()) };
                bytes[place] = next(256) as u8;
            }
            if let Err(error) = tried("fonts/mine.ttf", bytes, 0) {
                assert!(error.to_string().starts_with("font fonts/mine.ttf: "), "{error}");
            }
        }
    }
}
