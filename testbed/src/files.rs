//! Files that a user names. In: paths, `-` for stdin and stdout. Out: bytes, or a result that is there whole or not at all.
//!
//! No result takes the place of another or of a file that was there, unless the user said `--force`, and none is written where
//! a testbed keeps its worlds. A result is written into a draft of an unguessable name in the same folder, which is opened only
//! if nothing has that name, and then renamed, in one step in which the system refuses a name that was taken meanwhile. A
//! symbolic link in the place of a result is a file that is there: with `--force` the link is replaced, and what it leads to is
//! left alone. Devices and pipes, also those that a link leads to, are written to, and so is what a process has open under a
//! number, such as `/dev/stderr`. No result takes the place of what the same command reads.
//!
//! Results in a testbed's folder are its owner's only, as that is; elsewhere the user's umask says for whom they are.

mod certificates;
mod draft;
mod error;
mod left;
mod own;
mod read;

use std::collections::HashMap;
use std::io::{self, IsTerminal, Write};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use world::text::visible_lines;

use crate::invalid::Invalid;

pub(crate) use certificates::certificates;
pub(crate) use draft::{Draft, TemporaryFolder, Workshop, abandon};
pub(crate) use error::Error;
pub(crate) use read::{await_stdin, read, read_regular, reader};

/// What happens to a file in a result's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Existing {
    /// It stays, and the result is refused.
    Stays,
    /// The result takes its place.
    Replaced,
}

/// Whether the path stands for stdin or stdout.
pub(crate) fn is_stream(path: &Path) -> bool {
    path == Path::new("-")
}

/// Whether an input is stdin, by whichever of its names.
pub(crate) fn is_stdin(path: &Path) -> bool {
    ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"].into_iter().any(|name| path == Path::new(name))
}

/// Whether a result is stdout, by whichever of its names.
pub(crate) fn is_stdout(path: &Path) -> bool {
    ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"].into_iter().any(|name| path == Path::new(name))
}

/// Refuses a name for what came of rows that says another format than the two that there are.
pub(crate) fn check_result_name(file: &Path) -> Result<(), Invalid> {
    let is = |ending: &str| file.extension().is_some_and(|own| own.eq_ignore_ascii_case(ending));
    match is_stdout(file) || is("csv") || is("json") {
        true => Ok(()),
        false => {
            let place = file.display();
            let problem =
                format!("{place}: wanted a name that ends in .csv or .json, which says what is written, or -");
            let japanese = format!("{place}: 書き出す形式を示す .csv または .json で終わる名前か、- が必要です");
            Err(Invalid::new(&place.to_string(), problem).in_japanese(japanese))
        }
    }
}

/// Says before the work whether a result could be written there. What is taken meanwhile is refused by [`write()`].
pub(crate) fn check_free(file: &Path, existing: Existing) -> Result<(), Error> {
    match place(file)? {
        Place::Taken if existing == Existing::Stays => Err(Error::Exists { file: file.into() }),
        _ => Ok(()),
    }
}

/// Makes sure before the work that results can be written into that folder, which is made if need be.
pub(crate) fn check_folder(folder: &Path) -> Result<(), Error> {
    own::check(folder)?;
    if folder.metadata().is_ok_and(|found| !found.is_dir()) {
        return Err(Error::NoFolder { folder: folder.into() });
    }
    let cannot = |source| Error::Unwritable { file: folder.into(), source };
    make_folder(folder).map_err(cannot)?;
    tempfile::tempfile_in(folder).map(drop).map_err(cannot)
}

/// Says before the work whether each input has a result of its own. In: input and result.
pub(crate) fn check_apart<'a>(pairs: impl IntoIterator<Item = (&'a Path, PathBuf)>) -> Result<(), Error> {
    let mut known: Vec<(&Path, PathBuf)> = Vec::new();
    for (second, result) in pairs.into_iter().filter(|(_, result)| !is_stdout(result)) {
        let whole = own::whole(&result);
        if let Some((first, _)) = known.iter().find(|(_, other)| *other == whole) {
            let way = match first.file_stem() == second.file_stem() {
                true => ", such as a folder for each", // one folder does not tell them apart
                false => ", or name a folder, with / at its end",
            };
            return Err(Error::SameResult { first: (*first).into(), second: second.into(), result, way });
        }
        known.push((second, whole));
    }
    Ok(())
}

/// Says before the work whether every input is still there when it is read, and afterwards: no result takes its place.
pub(crate) fn check_inputs_stay<'a>(
    inputs: impl IntoIterator<Item = &'a Path>,
    results: impl IntoIterator<Item = &'a Path>,
) -> Result<(), Error> {
    let identity = |found: std::fs::Metadata| (found.dev(), found.ino());
    let mut known = HashMap::new();
    let mut spelt = HashMap::new();
    for input in inputs.into_iter().filter(|input| !is_stdin(input)) {
        spelt.insert(own::whole(input), input);
        known.extend(input.metadata().ok().map(|found| (identity(found), input)));
    }
    for result in results.into_iter().filter(|result| !matches!(place(result), Ok(Place::Stdout | Place::Device))) {
        let there = result.symlink_metadata().ok().and_then(|found| known.get(&identity(found)));
        if let Some(input) = there.or_else(|| spelt.get(&own::whole(result))) {
            return Err(Error::Input { input: (*input).into(), result: result.into() });
        }
    }
    Ok(())
}

/// Refuses a place where a testbed keeps its own files.
pub(crate) fn check_outside_testbeds(place: &Path) -> Result<(), Error> {
    own::check(place)
}

/// Whether one of the two places is the other, or lies in it, however they are spelt.
pub(crate) fn overlap(one: &Path, other: &Path) -> bool {
    let (one, other) = (own::whole(one), own::whole(other));
    one.starts_with(&other) || other.starts_with(&one)
}

/// Writes a result, whole or not at all.
pub(crate) fn write(file: &Path, bytes: &[u8], existing: Existing) -> Result<(), Error> {
    let cannot = |source| Error::Unwritable { file: file.into(), source };
    let is_text = || std::str::from_utf8(bytes).is_ok_and(|text| !text.contains('\0') && !text.starts_with("%PDF-"));
    if is_stdout(file) && io::stdout().is_terminal() && is_text() {
        let text = String::from_utf8_lossy(bytes);
        let mut stdout = io::stdout().lock();
        return stdout.write_all(visible_lines(&text).as_bytes()).and_then(|()| stdout.flush()).map_err(cannot);
    }
    let mut draft = Draft::of(file, existing)?;
    draft.write_all(bytes).map_err(cannot)?;
    draft.finish()
}

enum Place {
    Free,
    Taken,
    /// A device, a pipe, or what this process has open under a number.
    Device,
    Stdout,
}

fn place(file: &Path) -> Result<Place, Error> {
    if is_stdout(file) {
        return Ok(Place::Stdout); // opened by its name, a file behind it would be written from its beginning
    }
    own::check(file)?;
    let Ok(found) = file.symlink_metadata() else { return Ok(Place::Free) };
    let kind = file.metadata().unwrap_or(found).file_type();
    match kind {
        kind if kind.is_dir() => Err(Error::Folder { file: file.into() }),
        kind if kind.is_char_device() || kind.is_block_device() || kind.is_fifo() => Ok(Place::Device),
        _ if is_number(file) => Ok(Place::Device),
        _ => Ok(Place::Taken),
    }
}

/// How many links the system follows, path_resolution(7).
const LINKS: u32 = 40;

/// Whether a path, or what it leads to, is something that a process has open under a number, such as `/dev/stderr`.
fn is_number(file: &Path) -> bool {
    let mut file = own::whole(file);
    for _ in 0..LINKS {
        let folder = file.parent().unwrap_or(Path::new("/"));
        if folder.starts_with("/proc") && folder.ends_with("fd") {
            return true;
        }
        let Ok(target) = file.read_link() else { return false };
        file = own::whole(&folder.join(target));
    }
    false
}

/// Makes the folder of a result, with those above it.
fn make_folder(folder: &Path) -> io::Result<()> {
    match own::is_in_testbed(folder) && !folder.is_dir() {
        true => world::owners_folder(folder),
        false => std::fs::create_dir_all(folder),
    }
}

#[cfg(test)]
mod tests;
