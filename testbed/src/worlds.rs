//! The worlds of one server: the default one at the root, each other under `/w/NAME`, opened when it is first asked for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;
use axum::Router;
use axum::extract::{Path as Segments, Request, State};
use axum::http::Uri;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, post};
use scenarios::Laboratory;
use scenarios::laboratory::Opening;
use tokio::sync::Mutex;
use tower::ServiceExt;
use world::{Problem, World, server};

use crate::host::world_base;
use crate::output::told;
use crate::{http, pages};

/// All worlds of the laboratory's folder that are open.
#[derive(Clone)]
pub(crate) struct Worlds {
    data: PathBuf,
    base: String,
    open: Arc<Mutex<BTreeMap<String, Laboratory>>>,
}

impl Worlds {
    /// Opens the default world and the one that was asked for; gives the latter beside.
    pub(crate) async fn open(data: &Path, base: &str, name: &str, opening: Opening) -> Result<(Worlds, Laboratory)> {
        let worlds = Worlds { data: data.into(), base: base.into(), open: Arc::default() };
        worlds.world("default", opening).await?;
        let wanted = worlds.world(name, opening).await?;
        Ok((worlds, wanted))
    }

    /// The world of that name, made if it is not there.
    async fn world(&self, name: &str, opening: Opening) -> Result<Laboratory> {
        let mut worlds = self.open.lock().await;
        if let Some(laboratory) = worlds.get(name) {
            return Ok(laboratory.clone());
        }
        let laboratory = open(&self.data, name, &self.base, opening).await?;
        for out_of_time in laboratory.out_of_time().await? {
            tracing::warn!(world = name, "{out_of_time}");
        }
        worlds.insert(name.into(), laboratory.clone());
        Ok(laboratory)
    }

    /// Everything: the default world at the root, the others under `/w`.
    pub(crate) fn router(&self) -> Router {
        let others = Router::new()
            .route("/w/{name}", any(enter))
            .route("/w/{name}/", any(enter))
            .route("/w/{name}/{*rest}", any(enter))
            .route("/testbed/api/worlds/{name}", post(make))
            .with_state(self.clone());
        server::complete(others).fallback_service(any(root).with_state(self.clone()))
    }

    /// Waits until what every world writes behind its answers is on disk.
    pub(crate) async fn flush(&self) -> Result<()> {
        for laboratory in self.open.lock().await.values() {
            laboratory.flush().await?;
        }
        Ok(())
    }
}

/// Opens or makes a world in its folder, with the laboratory's own addresses beside the services'.
pub(crate) async fn open(data: &Path, name: &str, base: &str, opening: Opening) -> Result<Laboratory> {
    let world = World::open(&folder(data, name), name, &world_base(base, name)).await?;
    let more = |laboratory: &Laboratory| http::router(laboratory).merge(pages::router(laboratory));
    Ok(Laboratory::open(&world, opening, more).await?)
}

/// The folder of a world.
pub(crate) fn folder(data: &Path, name: &str) -> PathBuf {
    data.join("worlds").join(name)
}

/// Whether there is a world of that name.
pub(crate) fn exists(data: &Path, name: &str) -> bool {
    crate::cli::world_name(name).is_ok() && folder(data, name).join("world.db").exists()
}

async fn root(State(worlds): State<Worlds>, request: Request) -> Response {
    match worlds.world("default", Opening::default()).await {
        Ok(laboratory) => laboratory.services.oneshot(request).await.into_response(),
        Err(error) => Problem::internal(told(&error)).into_response(),
    }
}

/// Passes a request under `/w/NAME` to that world. Only `POST /testbed/api/worlds/NAME` makes a world.
async fn enter(
    State(worlds): State<Worlds>,
    segments: Segments<BTreeMap<String, String>>,
    mut request: Request,
) -> Response {
    let name = segments.get("name").cloned().unwrap_or_default();
    if !exists(&worlds.data, &name) {
        return Problem::not_found(format!("there is no world named {name:?}")).into_response();
    }
    let path = request.uri().path_and_query().map_or("", |path| path.as_str());
    let inner = path.strip_prefix("/w/").and_then(|path| path.strip_prefix(name.as_str())).unwrap_or("/");
    let inner = if inner.starts_with('/') { inner.to_owned() } else { format!("/{inner}") };
    let Ok(inner) = inner.parse::<Uri>() else {
        return Problem::bad_request("the path cannot be read").into_response();
    };
    *request.uri_mut() = inner;
    match worlds.world(&name, Opening::default()).await {
        Ok(laboratory) => laboratory.services.oneshot(request).await.into_response(),
        Err(error) => Problem::internal(told(&error)).into_response(),
    }
}

async fn make(State(worlds): State<Worlds>, Segments(name): Segments<String>) -> Result<Response, Problem> {
    let name = crate::cli::world_name(&name).map_err(Problem::bad_request)?;
    let laboratory = worlds.world(&name, Opening::default()).await.map_err(|error| Problem::internal(told(&error)))?;
    Ok(axum::Json(serde_json::json!({ "world": name, "base": laboratory.world.base })).into_response())
}
