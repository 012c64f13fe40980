//! Files that a user names. In: paths, `-` for stdin and stdout. Out: bytes, or a result that is there whole or not at all.
//!
//! No result takes the place of another or of a file that was there, unless the user said `--force`. A result is written into a
//! draft of an unguessable name in the same folder, which is opened only if nothing has that name, and then renamed, in one
//! step in which the system refuses a name that was taken meanwhile. A symbolic link in the place of a result is a file that
//! is there: with `--force` the link is replaced, and what it leads to is left alone. Devices and pipes are written to.

use std::fs::Permissions;
use std::io::{self, IsTerminal, Read, Write};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use tempfile::NamedTempFile;
use world::text::visible_lines;

/// What happens to a file in a result's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Existing {
    /// It stays, and the result is refused.
    Stays,
    /// The result takes its place.
    Replaced,
}

/// Why a file cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("cannot read {file}: {source}", file = file.display())]
    Unreadable { file: PathBuf, source: io::Error },
    #[error("stdin (-) can be read once only, and was named twice")]
    StdinTaken,
    #[error("{file} is there already, and is left as it is; --force replaces it", file = file.display())]
    Exists { file: PathBuf },
    #[error("{file} is a folder; name a file in it", file = file.display())]
    Folder { file: PathBuf },
    #[error("cannot write {file}: {source}", file = file.display())]
    Unwritable { file: PathBuf, source: io::Error },
    #[error(
        "{first} and {second} would both become {result}; nothing was written. Give each a place of its own, or name a folder, with / at its end",
        first = first.display(), second = second.display(), result = result.display()
    )]
    SameResult { first: PathBuf, second: PathBuf, result: PathBuf },
    #[error("this result is not for reading, and stdout is a terminal: send it to a file or a pipe, or name a file")]
    Terminal,
    #[error("{0}")]
    Stdout(&'static str),
}

impl Error {
    /// The word that programs compare.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Error::Unreadable { .. } => "unreadable",
            Error::Exists { .. } => "exists",
            Error::SameResult { .. } => "same_result",
            Error::StdinTaken | Error::Stdout(_) => "invalid_arguments",
            Error::Folder { .. } | Error::Unwritable { .. } | Error::Terminal => "cannot_write",
        }
    }
}

/// Whether the path stands for stdin or stdout.
pub(crate) fn is_stream(path: &Path) -> bool {
    path == Path::new("-")
}

/// What stdin gave: nothing yet, its bytes, or that they were taken.
static STDIN: Mutex<Option<Option<Bytes>>> = Mutex::new(None);

/// Reads stdin to its end before the command takes the folder: in `eseal seal - | eseal verify -` the second would else keep
/// it from the first, for whose words it waits.
pub(crate) fn await_stdin() -> Result<(), Error> {
    let mut bytes = Vec::new();
    let read = io::stdin().lock().read_to_end(&mut bytes);
    read.map_err(|source| Error::Unreadable { file: "-".into(), source })?;
    *STDIN.lock().unwrap_or_else(PoisonError::into_inner) = Some(Some(bytes.into()));
    Ok(())
}

/// Reads a file, or takes what stdin gave, which can be done once.
pub(crate) fn read(path: &Path) -> Result<Bytes, Error> {
    if !is_stream(path) {
        return std::fs::read(path).map(Bytes::from).map_err(|source| Error::Unreadable { file: path.into(), source });
    }
    if STDIN.lock().unwrap_or_else(PoisonError::into_inner).is_none() {
        await_stdin()?;
    }
    let mut stdin = STDIN.lock().unwrap_or_else(PoisonError::into_inner);
    stdin.as_mut().and_then(Option::take).ok_or(Error::StdinTaken)
}

/// Says before the work whether a result could be written there. What is taken meanwhile is refused by [`write()`].
pub(crate) fn check_free(file: &Path, existing: Existing) -> Result<(), Error> {
    match place(file)? {
        Place::Taken if existing == Existing::Stays => Err(Error::Exists { file: file.into() }),
        _ => Ok(()),
    }
}

/// Says before the work whether each input has a result of its own. In: input and result.
pub(crate) fn check_apart<'a>(pairs: impl IntoIterator<Item = (&'a Path, PathBuf)>) -> Result<(), Error> {
    let mut known: Vec<(&Path, PathBuf)> = Vec::new();
    for (second, result) in pairs.into_iter().filter(|(_, result)| !is_stream(result)) {
        let whole = whole(&result);
        if let Some((first, _)) = known.iter().find(|(_, other)| *other == whole) {
            return Err(Error::SameResult { first: (*first).into(), second: second.into(), result });
        }
        known.push((second, whole));
    }
    Ok(())
}

/// The path with its folder as the system knows it: two spellings of one place are the same.
fn whole(file: &Path) -> PathBuf {
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.into());
    folder.join(file.file_name().unwrap_or_default())
}

/// Writes a result, whole or not at all.
pub(crate) fn write(file: &Path, bytes: &[u8], existing: Existing) -> Result<(), Error> {
    let cannot = |source| Error::Unwritable { file: file.into(), source };
    match place(file)? {
        Place::Stdout => return to_stdout(bytes, cannot),
        Place::Device => {
            return std::fs::OpenOptions::new()
                .write(true)
                .open(file)
                .and_then(|mut device| device.write_all(bytes))
                .map_err(cannot);
        }
        Place::Taken if existing == Existing::Stays => return Err(Error::Exists { file: file.into() }),
        Place::Free | Place::Taken => {}
    }
    let mut draft = Draft::of(file, existing)?;
    draft.write_all(bytes).map_err(cannot)?;
    draft.finish()
}

/// A result that is written bit by bit. It goes away by itself when something fails.
pub(crate) struct Draft {
    file: PathBuf,
    existing: Existing,
    draft: NamedTempFile,
}

impl Draft {
    /// Begins the result that will be this file.
    pub(crate) fn of(file: &Path, existing: Existing) -> Result<Draft, Error> {
        check_free(file, existing)?;
        let cannot = |source| Error::Unwritable { file: file.into(), source };
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder).map_err(cannot)?;
        let mode = Permissions::from_mode(0o666); // less what the user's umask takes away
        let draft = tempfile::Builder::new().prefix(".eseal-").suffix(".draft").permissions(mode).tempfile_in(folder);
        Ok(Draft { file: file.into(), existing, draft: draft.map_err(cannot)? })
    }

    /// Gives the result its name.
    pub(crate) fn finish(self) -> Result<(), Error> {
        let Draft { file, existing, draft } = self;
        let placed = match existing {
            Existing::Stays => draft.persist_noclobber(&file),
            Existing::Replaced => draft.persist(&file),
        };
        match placed {
            Ok(_) => Ok(()),
            Err(failed) if failed.error.kind() == io::ErrorKind::AlreadyExists => Err(Error::Exists { file }),
            Err(failed) => Err(Error::Unwritable { file, source: failed.error }),
        }
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.draft.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.draft.flush()
    }
}

enum Place {
    Free,
    Taken,
    Device,
    Stdout,
}

fn place(file: &Path) -> Result<Place, Error> {
    if is_stream(file) || file == Path::new("/dev/stdout") {
        return Ok(Place::Stdout); // opened by its name, a file behind it would be written from its beginning
    }
    let Ok(found) = file.symlink_metadata() else { return Ok(Place::Free) };
    let kind = file.metadata().unwrap_or(found).file_type();
    match kind {
        kind if kind.is_dir() => Err(Error::Folder { file: file.into() }),
        kind if kind.is_char_device() || kind.is_block_device() || kind.is_fifo() => Ok(Place::Device),
        _ => Ok(Place::Taken),
    }
}

fn to_stdout(bytes: &[u8], cannot: impl Fn(io::Error) -> Error) -> Result<(), Error> {
    let mut stdout = io::stdout().lock();
    let written = match std::str::from_utf8(bytes) {
        _ if !stdout.is_terminal() => stdout.write_all(bytes),
        Ok(text) if !text.contains('\0') && !text.starts_with("%PDF-") => {
            stdout.write_all(visible_lines(text).as_bytes())
        }
        _ => return Err(Error::Terminal),
    };
    written.and_then(|()| stdout.flush()).map_err(cannot)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drafts(folder: &Path) -> usize {
        std::fs::read_dir(folder).unwrap().count()
    }

    #[test]
    fn a_file_that_is_there_stays_unless_force_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("deep/result");
        write(&file, b"first", Existing::Stays).unwrap();
        assert!(matches!(check_free(&file, Existing::Stays), Err(Error::Exists { .. })));
        assert!(matches!(write(&file, b"second", Existing::Stays), Err(Error::Exists { .. })));
        assert_eq!(std::fs::read(&file).unwrap(), b"first");
        write(&file, b"third", Existing::Replaced).unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), b"third");
        assert_eq!(drafts(file.parent().unwrap()), 1, "no draft is left");
    }

    #[test]
    fn a_link_is_a_file_that_is_there_and_what_it_leads_to_is_never_written() {
        let folder = tempfile::tempdir().unwrap();
        let (own, link) = (folder.path().join("own"), folder.path().join("result"));
        for target in [&own, &folder.path().join("nowhere")] {
            std::fs::write(&own, "own").unwrap();
            std::os::unix::fs::symlink(target, &link).unwrap();
            assert!(matches!(write(&link, b"x", Existing::Stays), Err(Error::Exists { .. })));
            write(&link, b"x", Existing::Replaced).unwrap();
            assert_eq!(std::fs::read(&own).unwrap(), b"own");
            assert!(!link.symlink_metadata().unwrap().is_symlink());
            std::fs::remove_file(&link).unwrap();
        }
    }

    #[test]
    fn of_many_that_write_one_name_at_once_one_does() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("result");
        let won = std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..16).map(|_| scope.spawn(|| write(&file, b"x", Existing::Stays).is_ok())).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).filter(|won| *won).count()
        });
        assert_eq!((won, drafts(folder.path())), (1, 1));
    }

    #[test]
    fn one_place_in_two_spellings_is_one_place() {
        let folder = tempfile::tempdir().unwrap();
        let spelt = |text: &str| (Path::new("input"), folder.path().join(text));
        std::fs::create_dir(folder.path().join("sub")).unwrap();
        assert!(matches!(check_apart([spelt("a"), spelt("sub/../a")]), Err(Error::SameResult { .. })));
        check_apart([spelt("a"), spelt("sub/a"), (Path::new("x"), "-".into()), (Path::new("y"), "-".into())]).unwrap();
    }

    #[test]
    fn a_device_is_written_to_and_a_folder_is_refused() {
        write(Path::new("/dev/null"), b"x", Existing::Stays).unwrap();
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(write(folder.path(), b"x", Existing::Replaced), Err(Error::Folder { .. })));
    }
}
