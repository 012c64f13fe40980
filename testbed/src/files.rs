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

mod draft;
mod own;
mod read;

use std::collections::HashMap;
use std::io::{self, IsTerminal, Write};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use world::text::visible_lines;

pub(crate) use draft::{Draft, TemporaryFolder, Workshop, abandon};
pub(crate) use read::{await_stdin, read, read_regular, reader};

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
    #[error("{file} is larger than {most} MiB, and is not read to its end", file = file.display())]
    TooLarge { file: PathBuf, most: u64 },
    #[error("stdin (-) can be read once only, and was named twice")]
    StdinTaken,
    #[error("{file} is there already, and is left as it is; --force replaces it", file = file.display())]
    Exists { file: PathBuf },
    #[error("{file} is a folder; name a file in it", file = file.display())]
    Folder { file: PathBuf },
    #[error("{folder} is not a folder, and one is wanted here", folder = folder.display())]
    NoFolder { folder: PathBuf },
    #[error(
        "{file} is where the testbed {testbed} keeps its own files; no result is written there, with --force or without",
        file = file.display(), testbed = testbed.display()
    )]
    Own { file: PathBuf, testbed: PathBuf },
    #[error("cannot write {file}: {source}", file = file.display())]
    Unwritable { file: PathBuf, source: io::Error },
    #[error(
        "{first} and {second} would both become {result}; nothing was written. Give each a place of its own{way}",
        first = first.display(), second = second.display(), result = result.display()
    )]
    SameResult { first: PathBuf, second: PathBuf, result: PathBuf, way: &'static str },
    #[error(
        "{result} would take the place of {input}, which this command reads; nothing was written. Give the result another place",
        input = input.display(), result = result.display()
    )]
    Input { input: PathBuf, result: PathBuf },
    #[error(
        "{file} would lie among the files of {folder}, or be its folder; nothing was written. Give it another place",
        file = file.display(), folder = folder.display()
    )]
    Among { file: PathBuf, folder: PathBuf },
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
            Error::TooLarge { .. } => "too_large",
            Error::Exists { .. } => "exists",
            Error::SameResult { .. } | Error::Input { .. } | Error::Among { .. } => "same_result",
            Error::StdinTaken | Error::Stdout(_) => "invalid_arguments",
            Error::Folder { .. }
            | Error::NoFolder { .. }
            | Error::Own { .. }
            | Error::Unwritable { .. }
            | Error::Terminal => "cannot_write",
        }
    }

    /// The file that it is about.
    pub(crate) fn file(&self) -> Option<&Path> {
        match self {
            Error::Unreadable { file, .. }
            | Error::TooLarge { file, .. }
            | Error::Exists { file }
            | Error::Folder { file }
            | Error::NoFolder { folder: file }
            | Error::Own { file, .. }
            | Error::Among { file, .. }
            | Error::Unwritable { file, .. } => Some(file),
            Error::SameResult { second, .. } => Some(second),
            Error::Input { result, .. } => Some(result),
            Error::StdinTaken | Error::Terminal | Error::Stdout(_) => Some(Path::new("-")),
        }
    }

    /// Whether whoever read stdout has gone.
    pub(crate) fn is_reader_gone(&self) -> bool {
        matches!(self, Error::Unwritable { file, source } if is_stdout(file) && source.kind() == io::ErrorKind::BrokenPipe)
    }
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
    fn a_pipe_is_written_to_also_behind_a_link_and_a_folder_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (pipe, link) = (folder.path().join("pipe"), folder.path().join("link"));
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        std::os::unix::fs::symlink(&pipe, &link).unwrap();
        for place in [&pipe, &link] {
            for existing in [Existing::Stays, Existing::Replaced] {
                let reader = std::thread::spawn({
                    let pipe = pipe.clone();
                    move || std::fs::read(pipe).unwrap()
                });
                let mut draft = Draft::of(place, existing).unwrap();
                draft.write_all(b"x").unwrap();
                draft.finish().unwrap();
                assert_eq!(reader.join().unwrap(), b"x");
                let reader = std::thread::spawn({
                    let pipe = pipe.clone();
                    move || std::fs::read(pipe).unwrap()
                });
                let workshop = Workshop::of(place, existing).unwrap();
                std::fs::write(workshop.file(), b"y").unwrap();
                workshop.finish().unwrap();
                assert_eq!(reader.join().unwrap(), b"y");
            }
        }
        assert!(pipe.symlink_metadata().unwrap().file_type().is_fifo() && link.is_symlink());
        assert!(matches!(write(folder.path(), b"x", Existing::Replaced), Err(Error::Folder { .. })));
    }

    #[test]
    fn where_a_testbed_keeps_its_worlds_no_result_is_written_however_the_place_is_spelt() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let world = data.join("worlds/default");
        std::fs::create_dir_all(&world).unwrap();
        std::fs::write(world.join("world.db"), "keys").unwrap();
        std::os::unix::fs::symlink(&world, folder.path().join("link")).unwrap();
        for spelt in [
            "data/worlds/default/world.db",
            "data/worlds/default/new/deep/er.pdf",
            "data/worlds/other/x",
            "data/worlds/x",
            "data/worlds",
            "data/none/../worlds//default/./root.key",
            "link/world.db",
            "link/trust/x.pem",
            "data/lock",
            "data/running.json",
        ] {
            let written = write(&folder.path().join(spelt), b"x", Existing::Replaced);
            assert!(matches!(written, Err(Error::Own { .. } | Error::Folder { .. })), "{spelt}: {written:?}");
        }
        assert_eq!(std::fs::read(world.join("world.db")).unwrap(), b"keys");
        assert!(!data.join("none").exists() && !world.join("new").exists());
        write(&data.join("documents/x"), b"x", Existing::Stays).unwrap();
        write(&folder.path().join("worlds/x"), b"x", Existing::Stays).unwrap();
    }

    #[test]
    fn what_is_made_beside_its_place_leaves_nothing_and_overwrites_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("result");
        let made = |existing| {
            let workshop = Workshop::of(&file, existing)?;
            std::fs::write(workshop.file(), "whole").unwrap();
            std::fs::write(workshop.file().with_extension("journal"), "x").unwrap();
            workshop.finish()
        };
        drop(Workshop::of(&file, Existing::Stays).unwrap());
        assert_eq!(drafts(folder.path()), 0);
        made(Existing::Stays).unwrap();
        assert!(matches!(made(Existing::Stays), Err(Error::Exists { .. })));
        made(Existing::Replaced).unwrap();
        assert_eq!(drafts(folder.path()), 1);
    }

    #[test]
    fn no_result_takes_the_place_of_an_input_however_either_is_spelt() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        std::fs::create_dir(place("sub")).unwrap();
        std::fs::write(place("own"), "own").unwrap();
        std::os::unix::fs::symlink("own", place("link")).unwrap();
        std::fs::hard_link(place("own"), place("twin")).unwrap();
        for (input, result) in [
            ("own", "own"),
            ("own", "sub/../own"),
            ("link", "own"),
            ("link", "link"),
            ("own", "twin"),
            ("later", "sub/../later"),
        ] {
            let checked = check_inputs_stay([&*place(input)], [&*place(result)]);
            assert!(matches!(checked, Err(Error::Input { .. })), "{input} {result}");
        }
        let results = [&*place("other"), &*place("link"), Path::new("-"), Path::new("/dev/null")];
        check_inputs_stay([&*place("own"), Path::new("-"), Path::new("/dev/null")], results).unwrap();
    }

    #[test]
    fn what_is_open_under_a_number_is_written_to_and_never_replaced() {
        use std::os::fd::AsRawFd;
        let folder = tempfile::tempdir().unwrap();
        let (log, link, further) =
            (folder.path().join("log"), folder.path().join("link"), folder.path().join("further"));
        let opened = std::fs::File::create(&log).unwrap();
        let number = format!("/proc/self/fd/{}", opened.as_raw_fd());
        std::os::unix::fs::symlink(&number, &link).unwrap();
        std::os::unix::fs::symlink("link", &further).unwrap();
        for place in [Path::new(&number), &link, &further] {
            for existing in [Existing::Stays, Existing::Replaced] {
                write(place, b"x", existing).unwrap();
            }
        }
        assert_eq!(std::fs::read(&log).unwrap(), b"xxxxxx");
        assert!(link.is_symlink() && further.is_symlink());
    }
}
