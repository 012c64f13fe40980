//! The worlds of a folder: which there are, and how one is deleted, saved into a file, or restored from one.
//!
//! Half-made and half-deleted ones have names that begin with a dot, which no world has, and are removed by the next command. A
//! world that a killed program of an earlier version left half-made has its name, and is completed when it is opened.

mod nameless;

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use signer::{AuditVerdict, BrokenAudit};
use tempfile::TempPath;
use world::problem::{ApiJson, ApiPath};
use world::{Problem, World, archive};

use crate::api::{DeletedWorld, MadeWorld, RestoredWorld, SavedFile, SavedWorld, WorldList, WorldSummary};
use crate::worlds::{self, Worlds, world_base, world_name};
use crate::{Laboratory, Opening, TABLES};
pub use nameless::tidy;
use nameless::{DELETING, MAKING, Nameless, RESTORING, SAVING, nameless};

/// What services keep in a world's folder beside its database, and cannot make anew.
const BESIDE: [&str; 1] = ["root.key"];

/// Where the worlds of a folder lie.
const WORLDS: &str = "worlds";

/// Where those lie that a server saved.
const SAVED: &str = "saved";

/// There is no world of that name.
#[derive(Debug, thiserror::Error)]
#[error("there is no world named {name} in {data}", data = data.display())]
pub struct NoWorld {
    /// The name.
    pub name: String,
    /// The folder.
    pub data: PathBuf,
}

fn no_world(name: &str, data: &Path) -> NoWorld {
    NoWorld { name: name.into(), data: data.into() }
}

/// The file that a world is restored from cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {file}: {source}", file = file.display())]
pub struct Unreadable {
    /// The file.
    pub file: PathBuf,
    /// What the system said.
    pub source: std::io::Error,
}

/// The names of the worlds in a folder, in order.
pub fn names(data: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(data.join(WORLDS)).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.retain(|name| worlds::exists(data, name));
    names.sort();
    names
}

/// Each world in a folder.
pub async fn listed(data: &Path) -> Vec<WorldSummary> {
    let mut listed = Vec::new();
    for name in names(data) {
        let folder = worlds::folder(data, &name);
        let size = |file: &str| std::fs::metadata(folder.join(file)).map_or(0, |found| found.len());
        let base = world::store::recorded_base(&folder).await;
        listed.push(WorldSummary { base, bytes: size("world.db") + size("world.db-wal"), world: name });
    }
    listed
}

/// Saves a world into a new file, also while a server works in the folder.
pub async fn save(data: &Path, name: &str, file: &Path) -> Result<()> {
    if !worlds::exists(data, name) {
        return Err(no_world(name, data).into());
    }
    match archive::save(&worlds::folder(data, name), &BESIDE, file).await {
        Err(_) if !worlds::exists(data, name) => Err(no_world(name, data).into()), // it was deleted meanwhile
        saved => Ok(saved?),
    }
}

/// Whether the key of a world's keys lies beside it, and is saved with it; else it comes from a passphrase.
pub fn has_root_key(data: &Path, name: &str) -> bool {
    worlds::folder(data, name).join(BESIDE[0]).exists()
}

/// Makes a world of that name from a saved file. Until it is whole it has no name.
/// Gives what is wrong with its audit chain, where that is accepted.
pub async fn restore(data: &Path, name: &str, file: &Path, broken: BrokenAudit) -> Result<Option<AuditVerdict>> {
    let made: Vec<PathBuf> = [data.join(WORLDS), data.into()].into_iter().filter(|folder| !folder.exists()).collect();
    let restored = restore_anew(data, name, file, broken).await;
    if restored.is_err() {
        made.iter().for_each(|folder| drop(std::fs::remove_dir(folder))); // unless somebody uses it by now
    }
    restored
}

/// Makes a world with everything in it. Until it is whole it has no name.
pub async fn make_anew(data: &Path, name: &str, base: &str, opening: Opening) -> Result<()> {
    let draft = Nameless::new(&data.join(WORLDS), MAKING)?;
    let (made, target) = (draft.path.join(name), worlds::folder(data, name));
    let world = World::open(&made, name, &world_base(base, name)).await?;
    Laboratory::open(&world, opening, |_| Router::new()).await?.close().await?;
    std::fs::rename(&made, &target).with_context(|| format!("cannot make {}", target.display()))
}

async fn restore_anew(data: &Path, name: &str, file: &Path, broken: BrokenAudit) -> Result<Option<AuditVerdict>> {
    let target = worlds::folder(data, name);
    let there = || format!("there is a world named {name} in {} already; give --world another name", data.display());
    if target.exists() {
        bail!(there());
    }
    std::fs::metadata(file).map_err(|source| Unreadable { file: file.into(), source })?;
    let draft = Nameless::new(&data.join(WORLDS), RESTORING)?;
    let verdict = examined(file, name, &draft.path.join(name), broken).await?;
    std::fs::rename(draft.path.join(name), &target).with_context(there)?; // an empty folder would be replaced, a world is not
    Ok(verdict)
}

/// Makes the folder of a saved world, opens it once as it will be opened, and closes it again: the root key fits, the audit
/// chain holds.
async fn examined(file: &Path, name: &str, folder: &Path, broken: BrokenAudit) -> Result<Option<AuditVerdict>> {
    archive::restore(file, &BESIDE, folder, &TABLES).await?;
    let world = World::open(folder, name, "").await?;
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
        let documents = self.documents.as_ref().map(|documents| documents.display().to_string());
        DeletedWorld { deleted: true, documents, world: name.into() }
    }
}

/// Takes a world out of the folder. What was issued and sealed in it is its user's, and is put aside, so that the next world of
/// that name, which counts from one again, does not meet it.
pub fn remove(data: &Path, name: &str) -> Result<Removed> {
    if !worlds::exists(data, name) {
        return Err(no_world(name, data).into());
    }
    let folder = worlds::folder(data, name);
    let cannot = || format!("cannot delete {}", folder.display());
    let grave = nameless(&data.join(WORLDS), DELETING);
    let mine = File::open(&folder).and_then(|mine| mine.lock().map(|()| mine)).with_context(cannot)?;
    std::fs::rename(&folder, &grave).with_context(cannot)?;
    let documents = put_aside(&data.join("documents"), name).context("the world is deleted, its documents stay")?;
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
pub fn wipe(removed: &Removed) -> Result<()> {
    let grave = &removed.grave;
    std::fs::remove_dir_all(grave).with_context(|| format!("cannot delete {}", grave.display()))
}

/// The laboratory's addresses for worlds.
pub fn router(worlds: &Worlds) -> Router {
    Router::new()
        .route("/testbed/api/worlds", get(list))
        .route("/testbed/api/worlds/{name}", post(make).delete(delete))
        .route("/testbed/api/worlds/{name}/save", post(save_here))
        .route("/testbed/api/worlds/{name}/restore", post(restore_here))
        .with_state(worlds.clone())
}

async fn list(State(worlds): State<Worlds>) -> Json<WorldList> {
    Json(WorldList { worlds: listed(worlds.data()).await })
}

async fn make(State(worlds): State<Worlds>, ApiPath(name): ApiPath<String>) -> Result<Json<MadeWorld>, Problem> {
    let name = world_name(&name).map_err(Problem::bad_request)?;
    let alone = worlds.alone_with(&name).await;
    let answer = world::to_the_end(async move {
        let _alone = alone;
        let made = !worlds::exists(worlds.data(), &name);
        let laboratory = worlds.made(&name).await?;
        anyhow::Ok(MadeWorld { base: laboratory.world.base, made, world: name })
    });
    Ok(Json(answer.await.map_err(failed)?))
}

async fn delete(State(worlds): State<Worlds>, ApiPath(name): ApiPath<String>) -> Result<Json<DeletedWorld>, Problem> {
    let name = known(&worlds, &name)?;
    if name == "default" {
        return Err(Problem::conflict("the default world is served as long as the testbed runs: stop it first"));
    }
    let alone = worlds.alone_with(&name).await;
    known(&worlds, &name)?; // another may have deleted it meanwhile
    let deleted = world::to_the_end(async move {
        let _alone = alone;
        let removed = worlds.closed_for(&name, || remove(worlds.data(), &name)).await?;
        wipe(&removed)?;
        anyhow::Ok(removed.deleted(&name))
    });
    Ok(Json(deleted.await.map_err(failed)?))
}

/// The longest name of a saved file: room for an ending of its draft is left within what file systems take, 255 bytes.
const LONGEST_NAME: usize = 200;

/// The place of a file of the folder `saved`.
fn saved_file(SavedFile { file }: &SavedFile, data: &Path) -> Result<PathBuf, Problem> {
    let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if !(1..=LONGEST_NAME).contains(&file.len()) || file.starts_with('.') || !file.chars().all(fine) {
        let description = format!(
            "file: wanted a name of at most {LONGEST_NAME} letters, digits, dots, - and _ that begins with no dot"
        );
        return Err(Problem::bad_request(description));
    }
    Ok(data.join(SAVED).join(file))
}

/// Saves into the testbed's own folder: the file holds keys, and no address gives those away.
async fn save_here(
    State(worlds): State<Worlds>,
    ApiPath(name): ApiPath<String>,
    ApiJson(saved): ApiJson<SavedFile>,
) -> Result<(StatusCode, Json<SavedWorld>), Problem> {
    let file = saved_file(&saved, worlds.data())?;
    let name = known(&worlds, &name)?;
    let alone = worlds.alone_with(&name).await; // it is not deleted meanwhile
    known(&worlds, &name)?;
    let there = Problem::conflict(format!("{} is there already", file.display()));
    if file.symlink_metadata().is_ok() {
        return Err(there); // also a link that leads nowhere
    }
    let (world, place) = (name.clone(), file.display().to_string());
    let saved = world::to_the_end(async move {
        let _alone = alone;
        save_whole(worlds.data(), &name, file).await
    });
    let bytes = saved.await.map_err(|error| match error.downcast_ref::<std::io::Error>() {
        Some(error) if error.kind() == std::io::ErrorKind::AlreadyExists => there,
        _ => failed(error),
    })?;
    Ok((StatusCode::CREATED, Json(SavedWorld { bytes, file: place, world })))
}

/// Saves a world into a file that has its name once it is whole; gives its length.
async fn save_whole(data: &Path, name: &str, file: PathBuf) -> Result<u64> {
    let draft = Nameless::new(&data.join(SAVED), SAVING)?;
    let made = draft.path.join(name);
    save(data, name, &made).await?;
    let bytes = std::fs::metadata(&made)?.len();
    TempPath::try_from_path(made)?.persist_noclobber(&file).map_err(|failed| failed.error)?;
    Ok(bytes)
}

async fn restore_here(
    State(worlds): State<Worlds>,
    ApiPath(name): ApiPath<String>,
    ApiJson(saved): ApiJson<SavedFile>,
) -> Result<(StatusCode, Json<RestoredWorld>), Problem> {
    let name = world_name(&name).map_err(Problem::bad_request)?;
    let file = saved_file(&saved, worlds.data())?;
    let alone = worlds.alone_with(&name).await;
    if worlds::exists(worlds.data(), &name) {
        return Err(Problem::conflict(format!("there is a world named {name} already")));
    }
    if !file.exists() {
        return Err(Problem::not_found(format!("there is no file {}", file.display())));
    }
    let restored = world::to_the_end(async move {
        let _alone = alone;
        restore(worlds.data(), &name, &file, BrokenAudit::Refuse).await?;
        let base = world::store::recorded_base(&worlds::folder(worlds.data(), &name)).await;
        let warning = worlds.warning_of(base.as_deref().unwrap_or_default());
        anyhow::Ok(RestoredWorld { base, warning, world: name })
    });
    Ok((StatusCode::CREATED, Json(restored.await.map_err(not_restored)?)))
}

/// 422 if it is the file's fault.
fn not_restored(error: anyhow::Error) -> Problem {
    use signer::Error::{AuditBroken, PassphraseMissing, RootKeyFile, RootKeyLength, WrongRootKey};
    use world::Error::{Foreign, Migration, NotSaved};
    match (error.downcast_ref(), error.downcast_ref()) {
        (Some(NotSaved { .. } | Foreign(_) | Migration { .. }), _) => Problem::unprocessable(error),
        (
            _,
            Some(
                AuditBroken { .. }
                | PassphraseMissing
                | RootKeyFile { .. }
                | RootKeyLength { .. }
                | WrongRootKey { .. },
            ),
        ) => Problem::unprocessable(error),
        _ => failed(error),
    }
}

fn known(worlds: &Worlds, name: &str) -> Result<String, Problem> {
    let name = world_name(name).map_err(Problem::bad_request)?;
    match worlds::exists(worlds.data(), &name) {
        true => Ok(name),
        false => Err(Problem::not_found(format!("there is no world named {name:?}"))),
    }
}

/// An error of many causes: 503 if nothing can be written.
pub fn failed(error: anyhow::Error) -> Problem {
    Problem::failed(&*Box::<dyn std::error::Error + Send + Sync>::from(error))
}
