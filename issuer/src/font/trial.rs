//! A trial of a font that somebody gives (OpenType 1.9, "otff", "OS/2"). In: a file's content. Out: a font whose file is whole, that may be
//! embedded, and of which letters have been shaped, drawn and written into a PDF; or what is wrong with it.
//!
//! What is wrong is told when the font is given, with the file's name, and not when the first name wants one of its letters.

use std::panic::{AssertUnwindSafe, catch_unwind};

use krilla::Document;
use krilla::geom::Point;
use krilla::text::KrillaGlyph;
use skrifa::Tag;
use skrifa::raw::{FileRef, TableRecord};

use crate::error::Error;
use crate::register::words::{Words, both};

use super::typeface::{Part, Typeface};

/// How many letters of a font are tried, from its whole range.
const LETTERS: usize = 48;

const HEAD: Tag = Tag::new(b"head");

/// The tables that texts are set from and that stand in a PDF. What is wrong in another one does no harm.
const USED: [Tag; 12] = [
    HEAD,
    Tag::new(b"CFF "),
    Tag::new(b"CFF2"),
    Tag::new(b"GDEF"),
    Tag::new(b"GPOS"),
    Tag::new(b"GSUB"),
    Tag::new(b"cmap"),
    Tag::new(b"glyf"),
    Tag::new(b"hhea"),
    Tag::new(b"hmtx"),
    Tag::new(b"loca"),
    Tag::new(b"maxp"),
];

/// The font with that number in the content of a file.
pub(super) fn tried(name: &str, bytes: Vec<u8>, index: u32) -> Result<Typeface, Error> {
    let unusable = |problem: Words| Error::Font { name: name.to_owned(), problem };
    // A font reader that gives up on what it reads must not take the testbed with it.
    let attempt = catch_unwind(AssertUnwindSafe(|| {
        check_tables(&bytes, index).map_err(unusable)?;
        let typeface = Typeface::of_file(name, bytes, index)?;
        write_letters(&typeface).map_err(unusable)?;
        Ok(typeface)
    }));
    attempt.unwrap_or_else(|_| {
        Err(unusable(both!(
            "the file is damaged: it cannot be read to its end",
            "ファイルが壊れていて、最後まで読めません"
        )))
    })
}

/// Whether every table of the font lies within the file, and is what its maker wrote: of a file that was copied in part the letters at
/// the end are missing, and in one that was damaged a letter is blank or another one.
fn check_tables(bytes: &[u8], index: u32) -> Result<(), Words> {
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
        return Err(both!(
            "the file is cut off within the list of its tables, after {count} octets",
            "ファイルが表の一覧の途中、{count} バイトで切れています"
        ));
    }
    let end = |record: &TableRecord| u64::from(record.offset()) + u64::from(record.length());
    match records.iter().max_by_key(|record| end(record)) {
        Some(last) if end(last) > count as u64 => {
            let (table, end) = (last.tag(), end(last));
            return Err(both!(
                "the file is cut off: its table {table} ends at octet {end}, and the file has {count}",
                "ファイルが途中で切れています。表 {table} は {end} バイトまでですが、ファイルは {count} バイトです"
            ));
        }
        _ => {}
    }
    match records.iter().filter(|record| USED.contains(&record.tag())).find(|record| !is_as_written(record, bytes)) {
        None => Ok(()),
        Some(record) => {
            let table = record.tag();
            Err(both!(
                "the file is damaged: its table {table} has not the checksum that the file names; give another copy of it",
                "ファイルが壊れています。表 {table} のチェックサムがファイルに書かれた値と違います。壊れていないファイルを指定してください"
            ))
        }
    }
}

/// Whether a table that lies within the file has the checksum of its record ("otff", "Calculating Checksums"): the sum of its words, the
/// last one filled with zeros. That of `head` is reckoned without the checksum of the whole font, which stands in its third word.
fn is_as_written(record: &TableRecord, bytes: &[u8]) -> bool {
    let start = record.offset() as usize;
    let content = &bytes[start..start + record.length() as usize];
    let word = |octets: &[u8]| {
        let mut word = [0; 4];
        word[..octets.len()].copy_from_slice(octets);
        u32::from_be_bytes(word)
    };
    let sum = content.chunks(4).map(word).fold(0, u32::wrapping_add);
    let left_out = if record.tag() == HEAD { content.get(8..12).map_or(0, word) } else { 0 };
    sum.wrapping_sub(left_out) == record.checksum()
}

/// Shapes letters and writes them into a PDF that nobody sees.
fn write_letters(typeface: &Typeface) -> Result<(), Words> {
    let characters = typeface.characters();
    if characters.is_empty() {
        return Err(both!("it has no characters", "文字がありません"));
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
    let damaged = |error| both!("the file is damaged: {error}", "ファイルが壊れています: {error}");
    document.finish().map(drop).map_err(damaged)
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

    /// The same with the checksum that belongs to what stands in a table now.
    fn summed(mut bytes: Vec<u8>, tag: &[u8; 4]) -> Vec<u8> {
        let font = skrifa::FontRef::new(&bytes).unwrap();
        let records = font.table_directory().table_records();
        let place = records.iter().position(|record| record.tag().to_be_bytes() == *tag).unwrap();
        let (start, length) = table(&bytes, tag);
        let mut content = bytes[start..start + length].to_vec();
        if tag == b"head" {
            content[8..12].fill(0);
        }
        content.resize(length.next_multiple_of(4), 0);
        let words = content.chunks_exact(4).map(|word| u32::from_be_bytes(word.try_into().unwrap()));
        let sum = words.fold(0, u32::wrapping_add);
        bytes[12 + 16 * place + 4..12 + 16 * place + 8].copy_from_slice(&sum.to_be_bytes());
        bytes
    }

    /// The same, if the font still has that table within the file.
    fn summed_if_there(bytes: Vec<u8>, tag: [u8; 4]) -> Vec<u8> {
        let is_there = skrifa::FontRef::new(&bytes).is_ok_and(|font| {
            let records = font.table_directory().table_records();
            let record = records.iter().find(|record| record.tag().to_be_bytes() == tag);
            record.is_some_and(|record| u64::from(record.offset()) + u64::from(record.length()) <= bytes.len() as u64)
        });
        if is_there { summed(bytes, &tag) } else { bytes }
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
        assert!(refused(summed(bytes, b"cmap")).contains("no characters"));
        let mut bytes = whole();
        let (head, _) = table(&bytes, b"head");
        bytes[head + 18..head + 20].fill(0);
        assert!(refused(summed(bytes, b"head")).contains("units"));
    }

    #[test]
    fn a_font_of_which_a_table_that_texts_need_is_another_is_refused_with_that_tables_name() {
        for tag in [b"glyf", b"loca", b"hmtx", b"hhea", b"maxp", b"cmap", b"head", b"GSUB", b"GPOS", b"GDEF"] {
            let (start, length) = table(&whole(), tag);
            let mut zeroed = whole();
            zeroed[start..start + length].fill(0);
            let mut changed = whole();
            changed[start + length / 2] ^= 1;
            for bytes in [zeroed, changed] {
                let (message, name) = (refused(bytes), String::from_utf8_lossy(tag));
                assert!(message.contains(&format!("its table {name} has not the checksum")), "{message}");
            }
        }
        let mut bytes = whole();
        let (names, length) = table(&bytes, b"name");
        bytes[names + length - 1] ^= 1; // no text needs it
        assert!(tried("mine.ttf", bytes, 0).is_ok());
    }

    #[test]
    fn a_damaged_font_is_told_in_japanese_too() {
        let mut bytes = whole();
        let (glyf, length) = table(&bytes, b"glyf");
        bytes[glyf..glyf + length].fill(0);
        let message = tried("fonts/mine.ttf", bytes, 0).err().unwrap().in_japanese();
        assert!(message.starts_with("フォント fonts/mine.ttf: ファイルが壊れています。表 glyf の"), "{message}");
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
            let bytes = USED.iter().fold(bytes, |bytes, tag| summed_if_there(bytes, tag.to_be_bytes()));
            if let Err(error) = tried("fonts/mine.ttf", bytes, 0) {
                assert!(error.to_string().starts_with("font fonts/mine.ttf: "), "{error}");
            }
        }
    }
}
