//! Which places are a testbed's own: its worlds, its log, and the files by which its processes know each other.
//!
//! By the path as the system knows it, so that no link and no spelling leads there; of any testbed's folder, not only of the
//! one that the command works in.

use std::path::{Component, Path, PathBuf};

use super::Error;
use laboratory::registry;

/// Everything in them.
const FOLDERS: [&str; 2] = ["worlds", "log"];

/// Beside them.
const FILES: [&str; 4] = ["join-codes.json", "lock", "running.json", "token"];

/// Refuses a place that is a testbed's own.
pub(super) fn check(file: &Path) -> Result<(), Error> {
    let whole = whole(file);
    let is_own = |testbed: &&Path| {
        let Ok(inside) = whole.strip_prefix(testbed) else { return false };
        let own =
            FOLDERS.iter().any(|name| inside.starts_with(name)) || FILES.iter().any(|name| inside == Path::new(name));
        own && is_testbed(testbed)
    };
    match whole.ancestors().skip(1).find(is_own) {
        Some(testbed) => Err(Error::Own { file: file.into(), testbed: testbed.into() }),
        None => Ok(()),
    }
}

/// Whether a place lies in a testbed's folder.
pub(super) fn is_in_testbed(file: &Path) -> bool {
    whole(file).ancestors().skip(1).any(is_testbed)
}

/// Whether that is the folder of a testbed.
fn is_testbed(folder: &Path) -> bool {
    folder.join("worlds").is_dir() && (folder.join("lock").exists() || !registry::names(folder).is_empty())
}

/// The path with its folder as the system knows it, as far as that is there: two spellings of one place are the same. A link
/// at the end is the place itself, not what it leads to.
pub(super) fn whole(file: &Path) -> PathBuf {
    let file = std::path::absolute(file).unwrap_or_else(|_| file.into());
    let Some(name) = file.file_name() else { return resolved(&file) }; // `..` or `/` at the end
    resolved(file.parent().unwrap_or(Path::new("/"))).join(name)
}

/// An absolute folder without links and dots; what is not there is taken as it is written.
fn resolved(folder: &Path) -> PathBuf {
    let mut whole = PathBuf::new();
    for part in folder.components() {
        match part {
            Component::ParentDir => {
                whole.pop();
            }
            Component::CurDir => {}
            part => {
                whole.push(part);
                whole = whole.canonicalize().unwrap_or(whole);
            }
        }
    }
    whole
}
