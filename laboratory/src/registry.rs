//! The worlds of a folder: which there are, and how one is deleted, saved into a file, or restored from one.
//!
//! Half-made and half-deleted ones have names that begin with a dot, which no world has, and are removed by the next command. A
//! world that a killed program of an earlier version left half-made has its name, and is completed when it is opened.

mod branch;
mod database;
mod error;
mod home;
mod join_codes;
mod nameless;
mod reset;

use std::fs::File;
use std::path::{Path, PathBuf};

use axum::Router;
use signer::{AuditVerdict, BrokenAudit};
use tempfile::TempPath;
use world::pool::Pools;
use world::store::postgres::{Birth, Database, marked};
use world::{World, archive};

use crate::api::{DeletedWorld, ResetWorld, WorldSummary};
use crate::worlds::place::{exists, folder, world_base};
use crate::{Laboratory, Opening, TABLES};
pub use branch::{BranchAddress, branch};
use database::check_alike;
pub(crate) use database::{bring_in_line, check_there, is_in_line, learn_of};
pub use database::{delete_tables, is_in_file, learn, look_for};
pub use error::RegistryError;
pub use home::Home;
use home::{founded, moved_in, named, or_given_up};
pub use join_codes::{join_codes, set_join_code};
pub use nameless::tidy;
use nameless::{DELETING, MAKING, Nameless, RESTORING, SAVING, nameless};
pub use reset::{Successor, successor};

/// What services keep in a world's folder beside its database, and cannot make anew.
const BESIDE: [&str; 1] = ["root.key"];

/// Where the worlds of a folder lie.
const WORLDS: &str = "worlds";

/// Where those lie that a server saved.
pub(crate) const SAVED: &str = "saved";

/// The names of the worlds in a folder, in order.
pub fn names(data: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(data.join(WORLDS)).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.retain(|name| exists(data, name));
    names.sort();
    names
}

/// Each world in a folder. Those that other servers made are among them after [`learn`].
pub async fn listed(home: &Home) -> Vec<WorldSummary> {
    let mut listed = Vec::new();
    for name in names(&home.data) {
        let place = folder(&home.data, &name);
        let size = |file: &str| std::fs::metadata(place.join(file)).map_or(0, |found| found.len());
        let bytes = match (&home.database, marked(&place)) {
            (Some(database), Ok(Some(schema))) => database.size(&schema).await.unwrap_or_default(),
            _ => size("world.db") + size("world.db-wal"),
        };
        listed.push(WorldSummary { base: home.recorded_base(&name).await, bytes, open: None, world: name });
    }
    listed
}

/// Saves a world into a new file, also while servers work with it.
///
/// # Errors
/// If there is no such world, its root key is missing or another's, without which the file could be opened by nobody, or the file cannot be
/// written.
pub async fn save(home: &Home, name: &str, file: &Path) -> Result<(), RegistryError> {
    let data = &home.data;
    if !look_for(home, name).await? {
        return Err(RegistryError::no_world(name, data));
    }
    signer::check_root_key(&folder(data, name), home.database.as_ref()).await?;
    match archive::save(home.original(&folder(data, name)), file).await {
        Err(_) if !exists(data, name) => Err(RegistryError::no_world(name, data)), // it was deleted meanwhile
        saved => Ok(saved?),
    }
}

/// Whether the key of a world's keys lies beside it, and is saved with it; else it comes from a passphrase.
pub fn has_root_key(data: &Path, name: &str) -> bool {
    folder(data, name).join(BESIDE[0]).exists()
}

/// Makes a world of that name from a saved file. Until it is whole it has no name.
/// Gives what is wrong with its audit chain, where that is accepted.
///
/// # Errors
/// If there is a world of that name, the file is no saved world, its keys cannot be opened, or its audit chain is broken and that is
/// not accepted.
pub async fn restore(
    home: &Home,
    name: &str,
    file: &Path,
    broken: BrokenAudit,
) -> Result<Option<AuditVerdict>, RegistryError> {
    let folders = [home.worlds(), home.data.clone()];
    let made: Vec<PathBuf> = folders.into_iter().filter(|folder| !folder.exists()).collect();
    let restored = restore_anew(home, name, file, broken).await;
    if restored.is_err() {
        made.iter().for_each(|folder| drop(std::fs::remove_dir(folder))); // unless somebody uses it by now
    }
    restored
}

/// Makes a world with everything in it, unless another server made one of that name; gives whether it was made here. Until it is whole
/// it has no name.
///
/// # Errors
/// If the folder cannot be written; the services'.
pub async fn make_anew(
    home: &Home,
    name: &str,
    base: &str,
    opening: Opening,
    pools: &Pools,
) -> Result<bool, RegistryError> {
    let birth = match home.birth(name).await {
        Err(RegistryError::WorldExists { .. }) => return learn_of(home, name).await.map(|_| false),
        birth => birth?,
    };
    let done = made_in_draft(home, name, base, opening, pools, birth.as_ref()).await;
    let (draft, birth) = or_given_up(done, birth).await?;
    named(&draft.path.join(name), &folder(&home.data, name), birth).await?;
    Ok(true)
}

/// Makes a world with everything in it, which has no name yet.
async fn made_in_draft(
    home: &Home,
    name: &str,
    base: &str,
    opening: Opening,
    pools: &Pools,
    birth: Option<&Birth>,
) -> Result<Nameless, RegistryError> {
    let draft = Nameless::new(&home.worlds(), MAKING)?;
    let made = draft.path.join(name);
    if let Some(birth) = birth {
        founded(&made, &folder(&home.data, name), birth)?;
    }
    let mut world = World::open_over(home.database.as_ref(), &made, name, &world_base(base, name)).await?;
    world.pools = pools.clone();
    if let Some(plan) = &opening.plan {
        plan.record(&world).await?; // first of all: whatever is made is made at its time
    }
    Laboratory::open(&world, opening, |_| Router::new()).await?.close().await?;
    Ok(draft)
}

async fn restore_anew(
    home: &Home,
    name: &str,
    file: &Path,
    broken: BrokenAudit,
) -> Result<Option<AuditVerdict>, RegistryError> {
    check_alike(home)?;
    let target = folder(&home.data, name);
    let there = || RegistryError::WorldExists { name: name.into(), data: home.data.clone() };
    if exists(&home.data, name) || (home.database.is_none() && target.exists()) {
        return Err(there());
    }
    std::fs::metadata(file).map_err(|source| RegistryError::Unreadable { file: file.into(), source })?;
    let birth = home.birth(name).await?;
    let done = restored_in_draft(home, name, file, broken, birth.as_ref()).await;
    let ((draft, verdict), birth) = or_given_up(done, birth).await?;
    match named(&draft.path.join(name), &target, birth).await {
        Err(_) if home.database.is_none() && target.exists() => Err(there()), // an empty folder would be replaced, a world is not
        named => named.map(|()| verdict),
    }
}

/// Makes a world from a saved file, which has no name yet.
async fn restored_in_draft(
    home: &Home,
    name: &str,
    file: &Path,
    broken: BrokenAudit,
    birth: Option<&Birth>,
) -> Result<(Nameless, Option<AuditVerdict>), RegistryError> {
    let draft = Nameless::new(&home.worlds(), RESTORING)?;
    let made = draft.path.join(name);
    archive::restore(file, &BESIDE, &made, &TABLES).await?;
    moved_in(&made, birth).await?;
    let verdict = examined(home.database.as_ref(), name, &made, broken).await;
    Ok((draft, verdict.map_err(|error| RegistryError::of_saved(error, file))?))
}

/// Opens a world that was restored or copied once as it will be opened, and closes it again: the root key fits, the audit chain holds.
async fn examined(
    database: Option<&Database>,
    name: &str,
    folder: &Path,
    broken: BrokenAudit,
) -> Result<Option<AuditVerdict>, RegistryError> {
    let world = World::open_over(database, folder, name, "").await?;
    let examined = signer::examine(&world, broken).await;
    world.close().await?;
    Ok(examined?)
}

/// A world that was taken out of the folder.
pub struct Removed {
    /// Where it lies now, without a name, for [`wipe`].
    grave: PathBuf,
    /// Locked, so that nobody else tidies it away meanwhile.
    _mine: File,
    /// Where its documents are now, if it has any.
    documents: Option<PathBuf>,
}

impl Removed {
    /// The answer to whoever deletes it.
    pub fn deleted(&self, name: &str) -> DeletedWorld {
        DeletedWorld { deleted: true, documents: self.documents(), world: name.into() }
    }

    /// The answer to whoever made another of the same name in its place, with that address.
    pub fn reset(&self, name: &str, base: &str) -> ResetWorld {
        ResetWorld { base: base.into(), documents: self.documents(), reset: true, world: name.into() }
    }

    fn documents(&self) -> Option<String> {
        self.documents.as_ref().map(|documents| documents.display().to_string())
    }
}

/// Takes a world out of the folder. What was issued and sealed in it is its user's, and is put aside, so that the next world of
/// that name, which counts from one again, does not meet it.
///
/// # Errors
/// If there is no such world, or its folder cannot be moved.
pub fn remove(data: &Path, name: &str) -> Result<Removed, RegistryError> {
    if !exists(data, name) {
        return Err(RegistryError::no_world(name, data));
    }
    let folder = folder(data, name);
    let grave = nameless(&data.join(WORLDS), DELETING);
    let mine = File::open(&folder).and_then(|mine| mine.lock().map(|()| mine));
    let mine = mine.map_err(RegistryError::cannot("delete", &folder))?;
    std::fs::rename(&folder, &grave).map_err(RegistryError::cannot("delete", &folder))?;
    set_join_code(data, name, None)?; // a later world of that name is not this one's group's
    let documents = put_aside(&data.join("documents"), name).map_err(RegistryError::DocumentsStay)?;
    Ok(Removed { grave, _mine: mine, documents })
}

/// Moves the documents of a world into a folder that no world has, since no name of one has a dot: `documents/NAME.deleted`.
/// Those of the default world lie beside the folders of the others.
fn put_aside(documents: &Path, name: &str) -> std::io::Result<Option<PathBuf>> {
    let folder = if name == "default" { documents.into() } else { documents.join(name) };
    let Ok(entries) = std::fs::read_dir(&folder) else { return Ok(None) };
    let entries: Vec<_> = entries.collect::<std::io::Result<_>>()?;
    let is_own = |entry: &std::fs::DirEntry| name != "default" || entry.file_type().is_ok_and(|kind| !kind.is_dir());
    let own: Vec<_> = entries.into_iter().filter(is_own).collect();
    if own.is_empty() {
        return Ok(None);
    }
    let candidates = std::iter::once(format!("{name}.deleted")).chain((2..).map(|n| format!("{name}.deleted-{n}")));
    for aside in candidates.map(|candidate| documents.join(candidate)) {
        match std::fs::create_dir(&aside) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => continue,
            made => made?,
        }
        world::owners_folder(&aside)?;
        own.iter().try_for_each(|entry| std::fs::rename(entry.path(), aside.join(entry.file_name())))?;
        if name != "default" {
            let _ = std::fs::remove_dir(&folder); // unless something was put there meanwhile
        }
        return Ok(Some(aside));
    }
    unreachable!("there is always another number")
}

/// Deletes what has no name any more.
///
/// # Errors
/// If a file cannot be deleted.
pub fn wipe(removed: &Removed) -> Result<(), RegistryError> {
    let grave = &removed.grave;
    std::fs::remove_dir_all(grave).map_err(RegistryError::cannot("delete", grave))
}

/// Saves a world into a file that has its name once it is whole; gives its length.
pub(crate) async fn save_whole(home: &Home, name: &str, file: PathBuf) -> Result<u64, RegistryError> {
    let draft = Nameless::new(&home.data.join(SAVED), SAVING)?;
    let made = draft.path.join(name);
    save(home, name, &made).await?;
    let bytes = std::fs::metadata(&made).map_err(RegistryError::cannot("read", &made))?.len();
    let saved = TempPath::try_from_path(&made).map_err(RegistryError::cannot("read", &made))?;
    match saved.persist_noclobber(&file).map_err(|failed| failed.error) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Err(RegistryError::FileExists { file }),
        saved => saved.map(|()| bytes).map_err(RegistryError::cannot("make", &made)),
    }
}

#[cfg(test)]
mod tests;
