//! Results on their way: drafts, and temporary folders. Each goes away by itself, also when the command is interrupted.

use std::collections::BTreeSet;
use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, IsTerminal, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tempfile::{Builder, NamedTempFile, TempDir, TempPath};

use super::{Error, Existing, Place, check_free, left, make_folder, own, place};

/// What is to go away if the command is interrupted.
static UNFINISHED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn unfinished() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How often a folder is emptied in which another thread still makes files.
const ATTEMPTS: u32 = 100;

/// Removes everything unfinished. While the value is kept nothing new is begun: the process ends before it is dropped.
#[must_use]
pub(crate) fn abandon() -> impl Drop {
    let unfinished = unfinished();
    for path in unfinished.iter() {
        for _ in 0..ATTEMPTS {
            let removed = if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
            match removed {
                Err(error) if error.kind() != io::ErrorKind::NotFound => std::thread::yield_now(),
                _ => break,
            }
        }
    }
    unfinished
}

/// Takes a path from what is unfinished when it is dropped.
struct Noted {
    path: PathBuf,
    /// Nobody takes it for one that was left.
    _lock: Option<File>,
}

impl Drop for Noted {
    fn drop(&mut self) {
        unfinished().remove(&self.path);
    }
}

/// Begins a file or folder: it is known as unfinished from the moment in which it is there, and locked as long as the value is kept.
fn begin<T>(make: impl Fn() -> io::Result<T>, path: impl Fn(&T) -> PathBuf) -> io::Result<(T, Noted)> {
    let mut unfinished = unfinished();
    let (made, lock) = left::locked(make, &path)?;
    let path = path(&made);
    unfinished.insert(path.clone());
    Ok((made, Noted { path, _lock: lock }))
}

fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A name that nobody guesses, and that says what it is.
fn builder<'a>() -> Builder<'a, 'static> {
    let mut builder = Builder::new();
    builder.prefix(left::BEGIN).suffix(left::END);
    builder
}

/// A result that is written bit by bit. It goes away by itself when something fails.
pub(crate) struct Draft {
    file: PathBuf,
    existing: Existing,
    form: Form,
}

enum Form {
    File(NamedTempFile, Noted),
    Device(File),
    Stdout(io::Stdout),
}

impl Draft {
    /// Begins the result that will be this file, or goes to this device or pipe.
    pub(crate) fn of(file: &Path, existing: Existing) -> Result<Draft, Error> {
        check_free(file, existing)?;
        let cannot = |source| Error::Unwritable { file: file.into(), source };
        let form = match place(file)? {
            Place::Stdout if io::stdout().is_terminal() => return Err(Error::Terminal),
            Place::Stdout => Form::Stdout(io::stdout()),
            Place::Device => Form::Device(OpenOptions::new().append(true).open(file).map_err(cannot)?),
            Place::Free | Place::Taken => {
                make_folder(folder_of(file)).map_err(cannot)?;
                left::remove(folder_of(file));
                let mode = Permissions::from_mode(0o666); // less what the user's umask takes away
                let make = || {
                    let made = builder().permissions(mode.clone()).tempfile_in(folder_of(file))?;
                    if own::is_in_testbed(file) {
                        made.as_file().set_permissions(Permissions::from_mode(0o600))?;
                    }
                    Ok(made)
                };
                let (draft, noted) = begin(make, |draft| draft.path().into()).map_err(cannot)?;
                Form::File(draft, noted)
            }
        };
        Ok(Draft { file: file.into(), existing, form })
    }

    /// The same, which only its owner can read, wherever it lies: it holds a key.
    pub(crate) fn of_its_owner(self) -> Result<Draft, Error> {
        if let Form::File(draft, _) = &self.form {
            let closed = draft.as_file().set_permissions(Permissions::from_mode(0o600));
            closed.map_err(|source| Error::Unwritable { file: self.file.clone(), source })?;
        }
        Ok(self)
    }

    /// Gives the result its name.
    pub(crate) fn finish(mut self) -> Result<(), Error> {
        self.flush().map_err(|source| Error::Unwritable { file: self.file.clone(), source })?;
        let Draft { file, existing, form } = self;
        let Form::File(draft, _noted) = form else { return Ok(()) };
        placed(draft.into_temp_path(), file, existing)
    }
}

/// Gives a file that is whole its name, in the same file system.
fn put(made: &Path, file: PathBuf, existing: Existing) -> Result<(), Error> {
    match TempPath::try_from_path(made) {
        Ok(made) => placed(made, file, existing),
        Err(source) => Err(Error::Unwritable { file, source }),
    }
}

fn placed(draft: TempPath, file: PathBuf, existing: Existing) -> Result<(), Error> {
    let placed = match existing {
        Existing::Stays => draft.persist_noclobber(&file),
        Existing::Replaced => draft.persist(&file),
    };
    match placed {
        Ok(()) => Ok(()),
        Err(failed) if failed.error.kind() == io::ErrorKind::AlreadyExists => Err(Error::Exists { file }),
        Err(failed) => Err(Error::Unwritable { file, source: failed.error }),
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.form {
            Form::File(draft, _) => draft.as_file_mut().write(bytes), // whose errors name no draft
            Form::Device(device) => device.write(bytes),
            Form::Stdout(stdout) => stdout.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.form {
            Form::File(draft, _) => draft.as_file_mut().flush(),
            Form::Device(device) => device.flush(),
            Form::Stdout(stdout) => stdout.flush(),
        }
    }
}

/// A folder that only its owner can read, and that goes away with the value.
pub(crate) struct TemporaryFolder {
    folder: TempDir,
    _noted: Noted,
}

impl TemporaryFolder {
    /// In the system's folder for such.
    pub(crate) fn new() -> io::Result<TemporaryFolder> {
        TemporaryFolder::within(&std::env::temp_dir())
    }

    /// In that folder.
    pub(crate) fn within(parent: &Path) -> io::Result<TemporaryFolder> {
        left::remove(parent);
        let make = || builder().permissions(Permissions::from_mode(0o700)).tempdir_in(parent);
        let (folder, _noted) = begin(make, |folder| folder.path().into())?;
        Ok(TemporaryFolder { folder, _noted })
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// A place for a result that others make as a file, with files of their own beside it: a folder that goes away.
pub(crate) struct Workshop {
    result: PathBuf,
    existing: Existing,
    folder: TemporaryFolder,
}

impl Workshop {
    /// Begins the result that will be this file, or goes to this device or pipe.
    pub(crate) fn of(result: &Path, existing: Existing) -> Result<Workshop, Error> {
        check_free(result, existing)?;
        let cannot = |source| Error::Unwritable { file: result.into(), source };
        let folder = match place(result)? {
            Place::Stdout if io::stdout().is_terminal() => return Err(Error::Terminal),
            Place::Stdout | Place::Device => TemporaryFolder::new(),
            Place::Free | Place::Taken => {
                make_folder(folder_of(result)).map_err(cannot)?;
                TemporaryFolder::within(folder_of(result))
            }
        };
        Ok(Workshop { result: result.into(), existing, folder: folder.map_err(cannot)? })
    }

    /// Where the file is to be made.
    pub(crate) fn file(&self) -> PathBuf {
        self.folder.path().join("result")
    }

    /// Brings the file to its place.
    pub(crate) fn finish(self) -> Result<(), Error> {
        let cannot = |source| Error::Unwritable { file: self.result.clone(), source };
        match place(&self.result)? {
            Place::Free | Place::Taken => put(&self.file(), self.result, self.existing),
            Place::Stdout | Place::Device => {
                let mut made = File::open(self.file()).map_err(cannot)?;
                let mut draft = Draft::of(&self.result, self.existing)?;
                io::copy(&mut made, &mut draft).map_err(cannot)?;
                draft.finish()
            }
        }
    }
}
