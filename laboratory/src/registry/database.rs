//! Worlds whose tables are in a PostgreSQL database: which there are stands there, and each server has a folder for each.
//!
//! A folder is made at a server when it first learns of a world that another server made; then it holds only the mark that says where
//! the tables are. What services keep beside them is derived, but for the root key: a server has it from the passphrase, or from a
//! copied `root.key`.

use std::path::Path;

use world::store::postgres::{Database, is_marked, mark};

use super::nameless::{MAKING, Nameless};
use super::{RegistryError, WORLDS};
use crate::worlds::place::{exists, folder, world_name};

/// Learns of the worlds that other servers made. A process that works with files has nothing to learn, and none of these worlds.
///
/// # Errors
/// If a world here is in a file, the database cannot be asked, or a folder cannot be made.
pub async fn learn(data: &Path) -> Result<(), RegistryError> {
    let Some(database) = Database::served() else {
        let marked = super::names(data).into_iter().map(|name| folder(data, &name)).find(|folder| is_marked(folder));
        return marked.map_or(Ok(()), |folder| Err(world::Error::NoDatabase { folder }.into()));
    };
    let mut here = super::names(data).into_iter().map(|name| folder(data, &name));
    if let Some(folder) = here.find(|folder| !is_marked(folder)) {
        return Err(world::Error::InFile { folder, database: database.shown().into() }.into());
    }
    for name in database.worlds().await? {
        adopt(data, &name)?;
    }
    Ok(())
}

/// The same of one world, when somebody asks for it; gives whether it is there.
pub(crate) async fn learn_of(data: &Path, name: &str) -> Result<bool, RegistryError> {
    let Some(database) = Database::served() else { return Ok(exists(data, name)) };
    if exists(data, name) {
        return Ok(true);
    }
    if world_name(name).is_err() || !database.worlds().await?.iter().any(|there| there == name) {
        return Ok(false);
    }
    adopt(data, name)?;
    Ok(true)
}

/// Makes the folder of a world that is in the database, unless it is there.
pub(super) fn adopt(data: &Path, name: &str) -> Result<(), RegistryError> {
    let target = folder(data, name);
    if target.exists() {
        return Ok(());
    }
    let draft = Nameless::new(&data.join(WORLDS), MAKING)?;
    let made = draft.path.join(name);
    mark(&made, name)?;
    match std::fs::rename(&made, &target) {
        Err(_) if target.exists() => Ok(()), // somebody else made it meanwhile
        renamed => renamed.map_err(RegistryError::cannot("make", &target)),
    }
}

/// Of a world whose folder is there: whether its tables are, too. One whose maker was killed at the last moment is put on the list.
pub(crate) async fn check_there(data: &Path, name: &str) -> Result<(), RegistryError> {
    match Database::served() {
        Some(database) if is_marked(&folder(data, name)) && !database.enlist(name).await? => {
            Err(RegistryError::NotInDatabase { name: name.into(), database: database.shown().into() })
        }
        _ => Ok(()),
    }
}

/// Deletes the tables of a world, if they are in the database: before its folder, which holds the key to them.
///
/// # Errors
/// The database's.
pub async fn delete_tables(data: &Path, name: &str) -> Result<(), RegistryError> {
    match Database::served() {
        Some(database) if is_marked(&folder(data, name)) => Ok(database.delete(name).await?),
        _ => Ok(()),
    }
}

/// Refuses what is done with worlds in files only, and says what does it here.
pub(super) fn check_in_file(data: &Path, name: &str) -> Result<(), RegistryError> {
    match Database::served() {
        None => Ok(()),
        Some(database) => {
            let root_key = folder(data, name).join("root.key").display().to_string();
            Err(RegistryError::OnlyInFiles { database: database.shown().into(), name: name.into(), root_key })
        }
    }
}
