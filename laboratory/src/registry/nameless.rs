//! What is made, saved or deleted has no name of a world meanwhile: its own begins with a dot, and says what is done.

use std::fs::File;
use std::path::{Path, PathBuf};

use super::{RegistryError, SAVED, WORLDS};

/// How names begin of what has no name yet, or no more.
pub(super) const MAKING: &str = ".making-";
pub(super) const RESTORING: &str = ".restoring-";
pub(super) const DELETING: &str = ".deleting-";
pub(super) const SAVING: &str = ".saving-";
const NAMELESS: [&str; 4] = [MAKING, RESTORING, DELETING, SAVING];

/// Removes what interrupted commands left; what one still works on, and so has locked, stays.
pub fn tidy(data: &Path) {
    for folder in [WORLDS, SAVED].map(|name| data.join(name)) {
        // What another just makes there is not locked yet.
        let Ok(_alone) = alone(&folder) else { continue };
        tidy_alone(&folder);
    }
}

fn tidy_alone(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let is_nameless = NAMELESS.iter().any(|beginning| name.to_string_lossy().starts_with(beginning));
        if is_nameless && File::open(entry.path()).is_ok_and(|left| left.try_lock().is_ok()) {
            let _ = std::fs::remove_dir_all(entry.path()); // harmless where it lies
        }
    }
}

/// Locks a folder in which nameless ones are made and tidied away, for a moment.
fn alone(folder: &Path) -> std::io::Result<File> {
    let opened = File::open(folder)?;
    opened.lock()?;
    Ok(opened)
}

/// A folder of a process's own in which something is made until it is whole and gets its name. It goes away with the value, and
/// if the process is killed with the next that is made there.
pub(super) struct Nameless {
    pub(super) path: PathBuf,
    /// Locked, so that nobody tidies it away.
    _mine: File,
}

impl Nameless {
    /// Makes one in that folder, which is made if need be, and removes what others left there.
    pub(super) fn new(folder: &Path, beginning: &str) -> Result<Nameless, RegistryError> {
        let path = nameless(folder, beginning);
        let made = || {
            world::owners_folder(folder)?;
            let _alone = alone(folder)?;
            tidy_alone(folder);
            world::owners_folder(&path)?;
            let mine = File::open(&path)?;
            mine.try_lock()?;
            std::io::Result::Ok(mine)
        };
        let mine = made().map_err(RegistryError::cannot("make the folder", &path))?;
        Ok(Nameless { path, _mine: mine })
    }
}

impl Drop for Nameless {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.path); // empty by now, or the first failure is the one to tell
    }
}

/// A path in that folder that nothing has.
pub(super) fn nameless(folder: &Path, beginning: &str) -> PathBuf {
    folder.join(format!("{beginning}{}", hex::encode(world::random::bytes::<8>())))
}
