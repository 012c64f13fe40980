//! Fonts that somebody gives: files, collections, folders. In: places. Out: fonts in a fixed order.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use skrifa::raw::FileRef;

use crate::error::Error;
use crate::register::words::{Words, both};

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
        collect(place, &mut files).map_err(|error| {
            unusable(place, both!("the folder cannot be read: {error}", "フォルダーを読めません: {error}"))
        })?;
        if files.is_empty() {
            return Err(unusable(
                place,
                both!(
                    "the folder has no fonts (.ttf, .otf, .ttc, .otc)",
                    "フォルダーにフォント（.ttf、.otf、.ttc、.otc）がありません"
                ),
            ));
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
    let unreadable = |error: io::Error| unusable(place, both!("it cannot be read: {error}", "読めません: {error}"));
    let metadata = fs::metadata(&path).map_err(unreadable)?;
    if !metadata.is_file() {
        // Such as a device without an end, or a pipe into which nobody writes.
        return Err(unusable(place, both!("it is not a regular file", "通常のファイルではありません")));
    }
    *octets = octets.saturating_add(metadata.len());
    if *octets > MAX_OCTETS {
        let limit = MAX_OCTETS >> 20;
        return Err(unusable(
            place,
            both!(
                "with it the fonts are more than {limit} MiB: name those that are needed",
                "これを加えるとフォントが {limit} MiB を超えます。必要なものだけを指定してください"
            ),
        ));
    }
    let mut bytes = Vec::new();
    File::open(&path).and_then(|file| file.take(metadata.len()).read_to_end(&mut bytes)).map_err(unreadable)?;
    let count = FileRef::new(&bytes).map_or(0, |file| file.fonts().count());
    if count > 0 && index as usize >= count {
        let last = count - 1;
        let problem =
            both!("the file has {count} fonts, #0 to #{last}", "このファイルのフォントは #0 から #{last} までです");
        return Err(unusable(place, problem));
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

fn unusable(place: &Path, problem: Words) -> Error {
    Error::Font { name: place.display().to_string(), problem }
}
