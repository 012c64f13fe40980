//! Drafts that processes left which were killed. In: a folder in which a draft is begun. Out: the same folder without those that nobody holds.
//!
//! Who makes a draft locks it (flock) until it has its name: the system unlocks it however its process ends. A folder is looked through
//! once in a process: it may hold the results of a whole batch.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// How the names of drafts begin and end.
pub(super) const BEGIN: &str = ".eseal-";
pub(super) const END: &str = ".draft";

/// How often a draft is begun anew that another process has taken for one that was left.
const ATTEMPTS: u32 = 10;

/// Removes what was left there.
pub(super) fn remove(folder: &Path) {
    static LOOKED_AT: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
    if LOOKED_AT.lock().unwrap_or_else(PoisonError::into_inner).insert(super::own::whole(folder)) {
        remove_from(folder);
    }
}

fn remove_from(folder: &Path) {
    let Ok(entries) = folder.read_dir() else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let is_draft = name.to_str().is_some_and(|name| name.starts_with(BEGIN) && name.ends_with(END));
        let Some(kind) = entry.file_type().ok().filter(|kind| is_draft && (kind.is_file() || kind.is_dir())) else {
            continue;
        };
        let path = entry.path();
        // Locked while it is removed: who has just made it sees that, and makes another one.
        let Some(_lock) = File::open(&path).ok().filter(|left| left.try_lock().is_ok()) else { continue };
        let _ = if kind.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
    }
}

/// Makes a draft that is locked. Where the file system has no locks it is not, and nobody else can remove it either.
pub(super) fn locked<T>(
    make: impl Fn() -> io::Result<T>,
    path: impl Fn(&T) -> PathBuf,
) -> io::Result<(T, Option<File>)> {
    let mut made = make()?;
    for _ in 0..ATTEMPTS {
        let lock = File::open(path(&made)).ok();
        let held = lock.as_ref().map(File::try_lock);
        match held {
            Some(Err(std::fs::TryLockError::WouldBlock)) | None => made = make()?,
            Some(_) if !is_there(lock.as_ref(), &path(&made)) => made = make()?,
            Some(_) => return Ok((made, lock)),
        }
    }
    Ok((made, None))
}

/// Whether the open file is still what has that name.
fn is_there(open: Option<&File>, path: &Path) -> bool {
    let identity = |found: io::Result<std::fs::Metadata>| found.ok().map(|found| (found.dev(), found.ino()));
    open.is_some_and(|open| identity(open.metadata()) == identity(path.symlink_metadata()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_holds_is_removed_and_what_is_being_made_or_is_no_draft_stays() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::write(at(".eseal-left.draft"), b"half").unwrap();
        std::fs::create_dir(at(".eseal-folder.draft")).unwrap();
        std::fs::write(at(".eseal-folder.draft").join("result"), b"half").unwrap();
        std::fs::write(at("mine.draft"), b"somebody's").unwrap();
        let make = || File::create(at(".eseal-new.draft")).map(|_| ());
        let (_, lock) = locked(make, |()| at(".eseal-new.draft")).unwrap();
        assert!(lock.is_some());
        remove_from(folder.path());
        let mut names: Vec<_> = folder.path().read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, [".eseal-new.draft", "mine.draft"]);
        drop(lock);
        remove_from(folder.path());
        assert!(!at(".eseal-new.draft").exists(), "its process has ended");
    }
}
