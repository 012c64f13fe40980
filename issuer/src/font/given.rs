//! Fonts that somebody gives: files, collections, folders. In: places. Out: fonts in a fixed order; and for who needs one, where fonts
//! are found.

use std::fs;
use std::path::{Path, PathBuf};

use skrifa::raw::FileRef;

use crate::error::Error;

use super::trial::tried;
use super::typeface::Typeface;

/// All files together: a system's whole folder of fonts would stay in memory.
const MAX_OCTETS: u64 = 512 << 20; // twice Debian's fonts-noto-cjk with fonts-noto-cjk-extra

const ENDINGS: [&str; 4] = ["ttf", "otf", "ttc", "otc"];

/// Reads the fonts of those places.
pub(super) fn read(places: &[PathBuf]) -> Result<Vec<Typeface>, Error> {
    let mut fonts = Vec::new();
    let mut octets = 0;
    for place in places {
        if !place.is_dir() {
            fonts.push(read_file(place, &mut octets)?);
            continue;
        }
        let mut files = Vec::new();
        collect(place, &mut files).map_err(|error| unusable(place, &format!("the folder cannot be read: {error}")))?;
        if files.is_empty() {
            return Err(unusable(place, "the folder has no fonts (.ttf, .otf, .ttc, .otc)"));
        }
        files.sort();
        for file in files {
            match read_file(&file, &mut octets) {
                Ok(font) => fonts.push(font),
                // A folder has what it has: fonts of pictures lie beside the others.
                Err(error) if octets <= MAX_OCTETS => tracing::warn!("left out: {error}"),
                Err(error) => return Err(error),
            }
        }
    }
    Ok(fonts)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        if path.is_dir() && !path.is_symlink() {
            collect(&path, files)?;
        } else if ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str())) {
            files.push(path);
        }
    }
    Ok(())
}

/// One font: of a collection the first, or the one whose number stands behind `#`.
fn read_file(place: &Path, octets: &mut u64) -> Result<Typeface, Error> {
    let (path, index) = split(place);
    let size = fs::metadata(&path).map_err(|error| unusable(place, &error.to_string()))?.len();
    *octets = octets.saturating_add(size);
    if *octets > MAX_OCTETS {
        let limit = MAX_OCTETS >> 20;
        return Err(unusable(
            place,
            &format!("with it the fonts are more than {limit} MiB: name those that are needed"),
        ));
    }
    let bytes = fs::read(&path).map_err(|error| unusable(place, &error.to_string()))?;
    let count = FileRef::new(&bytes).map_or(0, |file| file.fonts().count());
    if count > 0 && index as usize >= count {
        return Err(unusable(place, &format!("the file has {count} fonts, #0 to #{}", count - 1)));
    }
    tried(&place.display().to_string(), bytes, index)
}

/// A file's name may have a `#` of its own.
fn split(place: &Path) -> (PathBuf, u32) {
    let text = place.to_string_lossy();
    match text.rsplit_once('#').and_then(|(file, number)| Some((file, number.parse().ok()?))) {
        Some((file, number)) if !place.exists() => (file.into(), number),
        _ => (place.into(), 0),
    }
}

fn unusable(place: &Path, problem: &str) -> Error {
    Error::Font { name: place.display().to_string(), problem: problem.to_owned() }
}

/// Which font of Debian has characters that those at hand do not have, as an option of the command line.
pub(super) fn remedy(characters: &str) -> String {
    let noto = |script: &str| {
        format!("--font /usr/share/fonts/truetype/noto/NotoSans{script}-Regular.ttf (Debian: fonts-noto-core)")
    };
    if characters.contains(|character| matches!(character, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')) {
        return "--font FILE with a font that has this variation sequence".to_owned();
    }
    let base = characters.chars().find(|character| !character.is_ascii()).unwrap_or(' ');
    match u32::from(base) {
        0x530..0x590 => noto("Armenian"),
        0x590..0x600 => noto("Hebrew"),
        0x600..0x780 | 0x8A0..0x900 => noto("Arabic"),
        0x900..0x980 => noto("Devanagari"),
        0x980..0xA00 => noto("Bengali"),
        0xA00..0xA80 => noto("Gurmukhi"),
        0xA80..0xB00 => noto("Gujarati"),
        0xB80..0xC00 => noto("Tamil"),
        0xC00..0xC80 => noto("Telugu"),
        0xD80..0xE00 => noto("Sinhala"),
        0xE00..0xE80 => noto("Thai"),
        0xE80..0xF00 => noto("Lao"),
        0x1000..0x10A0 => noto("Myanmar"),
        0x10A0..0x1100 => noto("Georgian"),
        0x1200..0x13A0 => noto("Ethiopic"),
        0x1780..0x1800 => noto("Khmer"),
        0x1100..0x1200 | 0x2E80..0xA4D0 | 0xAC00..0xD7B0 | 0xF900..0xFB00 | 0x20000..0x40000 => {
            "--font /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc (Debian: fonts-noto-cjk)".to_owned()
        }
        _ => "--font FILE with a font that has it".to_owned(),
    }
}
