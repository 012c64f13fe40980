//! A world that is made anew from its plan, in the place of the one that is there.

use std::fs::File;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags};
use world::pool::Pools;

use super::database::check_in_file;
use super::nameless::{DELETING, MAKING, Nameless, nameless};
use super::{RegistryError, Removed, WORLDS, make_in, put_aside};
use crate::Opening;
use crate::worlds::place::folder;

/// A world that is made and waits to take the place of another.
pub struct Successor {
    /// Where it lies. Afterwards the one before lies there.
    draft: Nameless,
    data: PathBuf,
    name: String,
}

/// Makes a world for the place of the one with that name, which stays as it is.
///
/// # Errors
/// If the folder cannot be written; the services'.
pub async fn successor(
    data: &Path,
    name: &str,
    base: &str,
    opening: Opening,
    pools: &Pools,
) -> Result<Successor, RegistryError> {
    check_in_file(data, name)?;
    let draft = Nameless::new(&data.join(WORLDS), MAKING)?;
    make_in(&draft.path.join(name), name, base, opening, pools).await?;
    Ok(Successor { draft, data: data.into(), name: name.into() })
}

impl Successor {
    /// Takes the place of the world that is there, in one step where the file system can do that. What was issued and sealed in
    /// that one is put aside. Nobody may use it.
    ///
    /// # Errors
    /// If a folder cannot be moved.
    pub fn take_over(self) -> Result<Removed, RegistryError> {
        let Successor { draft, data, name } = self;
        let (made, target) = (draft.path.join(&name), folder(&data, &name));
        let failed = || RegistryError::cannot("reset", &target);
        let mine = File::open(&target).and_then(|mine| mine.lock().map(|()| mine)).map_err(failed())?;
        let grave = nameless(&data.join(WORLDS), DELETING);
        let exchanged = rustix::fs::renameat_with(CWD, &made, CWD, &target, RenameFlags::EXCHANGE);
        if exchanged.is_ok() {
            std::fs::rename(&made, &grave).map_err(failed())?;
        } else {
            std::fs::rename(&target, &grave).map_err(failed())?;
            std::fs::rename(&made, &target).map_err(failed())?;
        }
        let documents = put_aside(&data.join("documents"), &name).map_err(RegistryError::DocumentsStay)?;
        Ok(Removed { grave, _mine: mine, documents })
    }
}
