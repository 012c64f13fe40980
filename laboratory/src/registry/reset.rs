//! A world that is made anew from its plan, in the place of the one that is there.

use std::fs::File;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags};
use world::pool::Pools;
use world::store::postgres::Birth;

use super::home::{or_given_up, root_key_first};
use super::nameless::{DELETING, Nameless, nameless};
use super::{Home, RegistryError, Removed, WORLDS, made_in_draft, put_aside};
use crate::Opening;
use crate::worlds::place::folder;

/// A world that is made and waits to take the place of another.
pub struct Successor {
    /// Where it lies. Afterwards the one before lies there.
    draft: Nameless,
    data: PathBuf,
    name: String,
    birth: Option<Birth>,
}

/// Makes a world for the place of the one with that name, which stays as it is.
///
/// # Errors
/// If the folder cannot be written; the services'.
pub async fn successor(
    home: &Home,
    name: &str,
    base: &str,
    opening: Opening,
    pools: &Pools,
) -> Result<Successor, RegistryError> {
    let birth = match &home.database {
        None => None,
        Some(database) => match database.successor(name).await? {
            None => return Err(RegistryError::no_world(name, &home.data)), // another server deleted it
            birth => birth,
        },
    };
    let done = made_in_draft(home, name, base, opening, pools, birth.as_ref()).await;
    let (draft, birth) = or_given_up(done, birth).await?;
    Ok(Successor { draft, data: home.data.clone(), name: name.into(), birth })
}

impl Successor {
    /// Takes the place of the world that is there, in one step where the file system can do that, and for all servers over a database. What
    /// was issued and sealed in that one is put aside. Nobody may use it here.
    ///
    /// # Errors
    /// If a folder cannot be moved; the database's.
    pub async fn take_over(self) -> Result<Removed, RegistryError> {
        let Successor { draft, data, name, birth } = self;
        let (made, target) = (draft.path.join(&name), folder(&data, &name));
        let failed = || RegistryError::cannot("reset", &target);
        let mine = File::open(&target).and_then(|mine| mine.lock().map(|()| mine)).map_err(failed())?;
        if let Some(birth) = birth {
            root_key_first(&made, &target)?;
            birth.complete().await?;
        }
        let grave = nameless(&data.join(WORLDS), DELETING);
        exchanged(&made, &target).map_err(failed())?;
        std::fs::rename(&made, &grave).map_err(failed())?;
        let documents = put_aside(&data.join("documents"), &name).map_err(RegistryError::DocumentsStay)?;
        Ok(Removed { grave, _mine: mine, documents })
    }
}

/// Has two folders change places, in one step where the file system can do that.
pub(super) fn exchanged(made: &Path, target: &Path) -> std::io::Result<()> {
    if rustix::fs::renameat_with(CWD, made, CWD, target, RenameFlags::EXCHANGE).is_ok() {
        return Ok(());
    }
    let between = made.with_extension("before"); // no world's name has a dot
    std::fs::rename(target, &between)?;
    std::fs::rename(made, target)?;
    std::fs::rename(&between, made)
}
