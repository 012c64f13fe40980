//! Worlds whose tables are in a PostgreSQL database: which there are stands there, and each server has a folder for each.
//!
//! A folder is made at a server when it first learns of a world that another server made; then it holds only the mark that says where
//! the tables are. What services keep beside them is derived, but for the root key: a server has it from the passphrase, or from a
//! copied `root.key`. So what another server does to a world never takes that file away here: it may be wanted again, and is not much.

use std::path::Path;

use world::store::postgres::{is_marked, mark, marked};

use super::nameless::{MAKING, Nameless};
use super::{BESIDE, Home, RegistryError, WORLDS, put_aside, set_join_code};
use crate::worlds::place::{exists, folder, world_name};

/// Learns which worlds other servers made, deleted and made anew. A process that works with files has nothing to learn, and none of
/// these worlds.
///
/// # Errors
/// If a world here is in a file, the database cannot be asked, or a folder cannot be made.
pub async fn learn(home: &Home) -> Result<(), RegistryError> {
    check_alike(home)?;
    let data = &home.data;
    let Some(database) = &home.database else { return Ok(()) };
    let listed = database.worlds().await?;
    for name in super::names(data).iter().chain(listed.keys()) {
        bring_in_line(data, name, listed.get(name).map(String::as_str))?;
    }
    Ok(())
}

/// Passes if the worlds of the folder are where worlds are: in files, or in a database.
pub(super) fn check_alike(home: &Home) -> Result<(), RegistryError> {
    let data = &home.data;
    let (in_database, in_files): (Vec<_>, Vec<_>) =
        super::names(data).into_iter().partition(|name| is_marked(&folder(data, name)));
    match (in_files.first(), in_database.first(), &home.database) {
        (Some(in_file), Some(in_database), _) => {
            Err(RegistryError::Mixed { data: data.clone(), in_file: in_file.clone(), in_database: in_database.clone() })
        }
        (None, Some(name), None) => Err(world::Error::NoDatabase { folder: folder(data, name) }.into()),
        (Some(name), None, Some(database)) => {
            Err(world::Error::InFile { folder: folder(data, name), database: database.shown().into() }.into())
        }
        _ => Ok(()),
    }
}

/// Whether there is a world of that name in a file of the folder.
pub fn is_in_file(data: &Path, name: &str) -> bool {
    exists(data, name) && !is_marked(&folder(data, name))
}

/// Whether there is a world of that name: in a file of the folder, or else in the database, where other servers make worlds too.
///
/// # Errors
/// If the database cannot be asked.
pub async fn look_for(home: &Home, name: &str) -> Result<bool, RegistryError> {
    match is_in_file(&home.data, name) {
        true => Ok(true),
        false => learn_of(home, name).await,
    }
}

/// The same of one world, which is not open here; gives whether it is there.
pub(crate) async fn learn_of(home: &Home, name: &str) -> Result<bool, RegistryError> {
    let Some(database) = &home.database else { return Ok(exists(&home.data, name)) };
    if world_name(name).is_err() {
        return Ok(false);
    }
    let listed = database.worlds().await?;
    bring_in_line(&home.data, name, listed.get(name).map(String::as_str))?;
    Ok(listed.contains_key(name))
}

/// Whether the folder of a world is as the list of the database says.
pub(crate) fn is_in_line(data: &Path, name: &str, schema: Option<&str>) -> Result<bool, RegistryError> {
    Ok(marked(&folder(data, name))?.as_deref() == schema)
}

/// Makes the folder of a world as the list of the database says, which names its schema if it is there. Nobody may have it open.
pub(crate) fn bring_in_line(data: &Path, name: &str, schema: Option<&str>) -> Result<(), RegistryError> {
    if is_in_line(data, name, schema)? {
        return Ok(());
    }
    let target = folder(data, name);
    if is_marked(&target) {
        forget(data, name)?;
    }
    let Some(schema) = schema else {
        let _ = std::fs::remove_dir(&target); // unless its root key is there
        return set_join_code(data, name, None); // a later world of that name is not this one's group's
    };
    if target.exists() {
        return Ok(mark(&target, schema)?);
    }
    let draft = Nameless::new(&data.join(WORLDS), MAKING)?;
    let made = draft.path.join(name);
    mark(&made, schema)?;
    match std::fs::rename(&made, &target) {
        Err(_) if target.exists() => Ok(()), // somebody else made it meanwhile
        renamed => renamed.map_err(RegistryError::cannot("make", &target)),
    }
}

/// Removes what was derived of a world whose tables are gone, and last the mark that says that it is one. What was issued and sealed in
/// it is its user's, and is put aside, as where the world was deleted.
fn forget(data: &Path, name: &str) -> Result<(), RegistryError> {
    let target = folder(data, name);
    put_aside(&data.join("documents"), name).map_err(RegistryError::DocumentsStay)?;
    let failed = || RegistryError::cannot("delete", &target);
    let entries: Vec<_> = std::fs::read_dir(&target).and_then(Iterator::collect).map_err(failed())?;
    let kept = [BESIDE[0], world::store::postgres::MARK];
    for entry in
        entries.into_iter().filter(|entry: &std::fs::DirEntry| kept.iter().all(|kept| entry.file_name() != *kept))
    {
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let removed =
            if is_folder { std::fs::remove_dir_all(entry.path()) } else { std::fs::remove_file(entry.path()) };
        removed.map_err(failed())?;
    }
    std::fs::remove_file(target.join(world::store::postgres::MARK)).map_err(failed())
}

/// Of a world whose folder is there: whether its tables are, too.
pub(crate) async fn check_there(home: &Home, name: &str) -> Result<(), RegistryError> {
    match &home.database {
        Some(database) if !learn_of(home, name).await? => {
            Err(RegistryError::NotInDatabase { name: name.into(), database: database.shown().into() })
        }
        _ => Ok(()),
    }
}

/// Deletes the tables of a world, if they are in the database: before its folder, which holds the key to them.
///
/// # Errors
/// The database's.
pub async fn delete_tables(home: &Home, name: &str) -> Result<(), RegistryError> {
    match &home.database {
        Some(database) => Ok(database.delete(name).await?),
        None => Ok(()),
    }
}
