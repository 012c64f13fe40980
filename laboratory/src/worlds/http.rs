//! The addresses of the server for its worlds: which there are, and how one is made, deleted, saved and restored.

mod branch;
mod reset;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use axum::extract::State;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use signer::BrokenAudit;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use world::clock::{ClockState, system_time};
use world::problem::{ApiBytes, ApiJson, ApiPath, JsonFromPages, Problem};

use super::place::{exists, world_name};
use super::{Worlds, joining};
use crate::api::{
    DatabaseState, DeletedWorld, MadeWorld, RestoredWorld, SavedFile, SavedWorld, ServedWorld, ServerStatus, WorldList,
    WorldTime, WorldToMake,
};
use crate::plan::WorldPlan;
use crate::registry::{RegistryError, SAVED, delete_tables, listed, remove, restore, save_whole, wipe};
use crate::{Laboratory, Opening, metrics};

/// The laboratory's addresses for worlds.
pub(super) fn router(worlds: &Worlds) -> Router {
    // Each world has this address too, and it is described with them: at the root it tells of all that are open.
    let metrics = Router::new().route("/metrics", get(metrics_of_all));
    Router::from(routes()).merge(metrics).with_state(worlds.clone())
}

/// Their description.
pub(crate) fn openapi() -> OpenApi {
    routes().into_openapi()
}

fn routes() -> OpenApiRouter<Worlds> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(status))
        .routes(routes!(make, delete))
        .routes(routes!(save_here))
        .routes(routes!(restore_here))
        .routes(routes!(reset::reset))
        .routes(routes!(branch::branch_here))
        .merge(joining::routes())
}

async fn metrics_of_all(State(worlds): State<Worlds>) -> Response {
    metrics::answer(&worlds.open_worlds(), Some(&worlds)).await
}

/// The worlds of the testbed's folder.
#[utoipa::path(get, path = "/testbed/api/worlds", tag = "worlds", responses((status = OK, description = "all of them", body = WorldList)))]
async fn list(State(worlds): State<Worlds>) -> Result<Json<WorldList>, Problem> {
    worlds.follow_now().await?;
    let mut list = listed(worlds.home()).await;
    list.iter_mut().for_each(|world| world.open = Some(worlds.is_open(&world.world)));
    Ok(Json(WorldList { worlds: list }))
}

/// The server itself: since when it runs, and its worlds with their clocks.
///
/// No world is opened for it.
#[utoipa::path(get, path = "/testbed/api/status", tag = "worlds", responses((status = OK, description = "it runs", body = ServerStatus)))]
async fn status(State(worlds): State<Worlds>) -> Json<ServerStatus> {
    let database = match &worlds.home().database {
        Some(database) => Some(DatabaseState::of(database).await),
        None => None,
    };
    let open: BTreeMap<String, WorldTime> =
        worlds.open_worlds().into_iter().map(|laboratory| clock_of(&laboratory)).collect();
    let listed = crate::registry::names(worlds.data());
    let served = listed.into_iter().map(|world| ServedWorld {
        clock: open.get(&world).cloned(),
        closed: worlds.closed_since(&world),
        world,
    });
    Json(ServerStatus {
        base: worlds.base().into(),
        database,
        pid: std::process::id(),
        started: worlds.started(),
        uptime_seconds: u64::try_from(system_time().duration_since(worlds.started()).as_secs()).unwrap_or(0),
        version: env!("CARGO_PKG_VERSION").into(),
        worlds: served.collect(),
    })
}

fn clock_of(laboratory: &Laboratory) -> (String, WorldTime) {
    let ClockState { time, mode, offset_seconds, .. } = laboratory.world.clock.state();
    (laboratory.world.name.clone(), WorldTime { mode, offset_seconds, time })
}

/// The largest body of a world that is to be made.
const LARGEST_PLAN: u64 = 5 << 20;

/// Makes a world: authorities, keys and credentials of its own.
///
/// By the plan in the body, or the default one if there is no body. A world that is there already is left as it is; if the body has
/// another plan, that is a conflict.
#[utoipa::path(
    post,
    path = "/testbed/api/worlds/{name}",
    tag = "worlds",
    params(("name" = String, Path, description = "1 to 40 of a-z, 0-9 and -, and no - at the beginning", pattern = "^[a-z0-9][a-z0-9-]{0,39}$")),
    request_body(content = Option<WorldToMake>, examples(
        ("default" = (value = json!({}))),
        ("plan" = (value = json!({ "plan": "version = 1\nstart = \"2026-11-24T09:00:00+09:00\"\n" }))),
    )),
    responses(
        (status = OK, description = "it is there now", body = MadeWorld),
        (status = CONFLICT, description = "it is there already, made by another plan than the one in the body", body = Problem),
        (status = UNPROCESSABLE_ENTITY, description = "the plan cannot be made: what is wrong, with line and column", body = Problem),
        (status = SERVICE_UNAVAILABLE, description = "too many worlds are being made already", body = Problem),
    ),
)]
async fn make(
    State(worlds): State<Worlds>,
    ApiPath(name): ApiPath<String>,
    _: JsonFromPages,
    ApiBytes(body): ApiBytes<LARGEST_PLAN>,
) -> Result<Json<MadeWorld>, Problem> {
    let name = world_name(&name).map_err(Problem::bad_request)?;
    // Read beside the services' threads, as whatever strangers send that takes long.
    let pool = &worlds.shared.surroundings.pools.verdicts;
    let opening = pool.run(async move { opening(&body) }).await??;
    worlds.follow_one(&name).await?; // another server may have made or deleted it
    let alone = worlds.alone_with(&name).await;
    let answer = world::to_the_end(async move {
        let _alone = alone;
        let (laboratory, made) = worlds.make(&name, opening).await?;
        Ok::<_, RegistryError>(MadeWorld { base: laboratory.world.base, made, world: name })
    });
    Ok(Json(answer.await?))
}

/// How a world is made whose plan may be in the body.
fn opening(body: &[u8]) -> Result<Opening, Problem> {
    if body.is_empty() {
        return Ok(Opening::default());
    }
    let wrong = |fault| Problem::bad_request(format!("the body is not the JSON that is wanted: {fault}"));
    let Some(WorldToMake { plan: Some(text) }) = world::json::read(body).map_err(wrong)? else {
        return Ok(Opening::default());
    };
    let plan = WorldPlan::from_toml(&text, world::clock::system_time()).map_err(Problem::unprocessable)?;
    Ok(plan.into())
}

/// Deletes a world with all its keys and records, for good.
///
/// What was issued and sealed in it is put aside.
#[utoipa::path(
    delete,
    path = "/testbed/api/worlds/{name}",
    tag = "worlds",
    params(("name" = String, Path, description = "its name", pattern = "^[a-z0-9][a-z0-9-]{0,39}$")),
    responses(
        (status = OK, description = "it is gone", body = DeletedWorld),
        (status = NOT_FOUND, description = "there is no such world", body = Problem),
        (status = CONFLICT, description = "it is the default world, which is served as long as the testbed runs", body = Problem),
    ),
)]
async fn delete(State(worlds): State<Worlds>, ApiPath(name): ApiPath<String>) -> Result<Json<DeletedWorld>, Problem> {
    let name = known(&worlds, &name).await?;
    if name == "default" {
        return Err(Problem::conflict("the default world is served as long as the testbed runs: stop it first"));
    }
    let alone = worlds.alone_with(&name).await;
    known(&worlds, &name).await?; // another may have deleted it meanwhile
    let deleted = world::to_the_end(async move {
        let _alone = alone;
        let gone = async {
            delete_tables(worlds.home(), &name).await?;
            remove(worlds.data(), &name)
        };
        let removed = worlds.closed_for(&name, gone).await?;
        worlds.forget_join_code(&name);
        wipe(&removed)?;
        Ok::<_, RegistryError>(removed.deleted(&name))
    });
    Ok(Json(deleted.await?))
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

/// Saves a world into the folder `saved` of the testbed's own, also while it is used.
// Not into the answer: the file holds keys, and no address gives those away.
#[utoipa::path(
    post,
    path = "/testbed/api/worlds/{name}/save",
    tag = "worlds",
    params(("name" = String, Path, description = "its name", pattern = "^[a-z0-9][a-z0-9-]{0,39}$")),
    request_body = SavedFile,
    responses(
        (status = CREATED, description = "it is saved", body = SavedWorld),
        (status = NOT_FOUND, description = "there is no such world", body = Problem),
        (status = CONFLICT, description = "there is a file of that name", body = Problem),
    ),
)]
async fn save_here(
    State(worlds): State<Worlds>,
    ApiPath(name): ApiPath<String>,
    ApiJson(saved): ApiJson<SavedFile>,
) -> Result<(StatusCode, Json<SavedWorld>), Problem> {
    let file = saved_file(&saved, worlds.data())?;
    let name = known(&worlds, &name).await?;
    let alone = worlds.alone_with(&name).await; // it is not deleted meanwhile
    known(&worlds, &name).await?;
    if file.symlink_metadata().is_ok() {
        return Err(RegistryError::FileExists { file }.into()); // also a link that leads nowhere
    }
    let (world, place) = (name.clone(), file.display().to_string());
    let saved = world::to_the_end(async move {
        let _alone = alone;
        save_whole(worlds.home(), &name, file).await
    });
    let bytes = saved.await?;
    Ok((StatusCode::CREATED, Json(SavedWorld { bytes, file: place, world })))
}

/// Makes a world from a file of the folder `saved`: the same keys, secrets, numbers and audit chain.
#[utoipa::path(
    post,
    path = "/testbed/api/worlds/{name}/restore",
    tag = "worlds",
    params(("name" = String, Path, description = "the name that it gets", pattern = "^[a-z0-9][a-z0-9-]{0,39}$")),
    request_body = SavedFile,
    responses(
        (status = CREATED, description = "it is there now", body = RestoredWorld, headers(("location" = String, description = "where its pages are"))),
        (status = NOT_FOUND, description = "there is no such file", body = Problem),
        (status = CONFLICT, description = "there is a world of that name", body = Problem),
        (status = UNPROCESSABLE_ENTITY, description = "the file is no world that can be restored", body = Problem),
    ),
)]
async fn restore_here(
    State(worlds): State<Worlds>,
    ApiPath(name): ApiPath<String>,
    ApiJson(saved): ApiJson<SavedFile>,
) -> Result<(StatusCode, [(HeaderName, String); 1], Json<RestoredWorld>), Problem> {
    let name = world_name(&name).map_err(Problem::bad_request)?;
    let file = saved_file(&saved, worlds.data())?;
    let alone = worlds.alone_with(&name).await;
    if exists(worlds.data(), &name) {
        return Err(Problem::conflict(format!("there is a world named {name} already")));
    }
    if !file.exists() {
        return Err(Problem::not_found(format!("there is no file {}", file.display())));
    }
    let location = location(&worlds, &name);
    let restored = world::to_the_end(async move {
        let _alone = alone;
        restore(worlds.home(), &name, &file, BrokenAudit::Refuse).await?;
        let base = worlds.home().recorded_base(&name).await;
        let warning = worlds.warning_of(base.as_deref().unwrap_or_default());
        Ok::<_, RegistryError>(RestoredWorld { base, warning, world: name })
    });
    Ok((StatusCode::CREATED, [location], Json(restored.await.map_err(not_restored)?)))
}

/// Where the pages of a world are.
fn location(worlds: &Worlds, name: &str) -> (HeaderName, String) {
    (header::LOCATION, format!("{}/w/{name}/", worlds.base()))
}

/// 422 if it is the file's fault.
fn not_restored(error: RegistryError) -> Problem {
    use signer::Error::{AuditBroken, PassphraseMissing, RootKeyFile, RootKeyLength, RootKeyMissing, WrongRootKey};
    use world::Error::{Foreign, Migration, NotSaved, NotTaken};
    match error {
        RegistryError::SavedKeys { .. }
        | RegistryError::World(NotSaved { .. } | NotTaken { .. } | Foreign(_) | Migration { .. })
        | RegistryError::Signer(
            AuditBroken { .. }
            | PassphraseMissing
            | RootKeyFile { .. }
            | RootKeyLength { .. }
            | RootKeyMissing { .. }
            | WrongRootKey { .. },
        ) => Problem::unprocessable(error),
        error => error.into(),
    }
}

pub(super) async fn known(worlds: &Worlds, name: &str) -> Result<String, Problem> {
    let name = world_name(name).map_err(Problem::bad_request)?;
    match worlds.follow_one(&name).await? {
        true => Ok(name),
        false => Err(Problem::not_found(format!("there is no world named {name:?}"))),
    }
}
