//! The worlds of one server: the default one at the root, each other under `/w/NAME`, opened when it is first asked for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;
use axum::Router;
use axum::extract::{Path as Segments, Request, State};
use axum::http::Uri;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use pki::KeyKind;
use scenarios::Laboratory;
use tokio::sync::Mutex;
use tower::ServiceExt;
use world::{Problem, World, server};

use crate::host::world_base;
use crate::output::told;
use crate::{http, pages, registry};

/// All worlds of the laboratory's folder that are open.
#[derive(Clone)]
pub(crate) struct Worlds {
    data: PathBuf,
    base: String,
    open: Arc<Mutex<BTreeMap<String, Laboratory>>>,
    /// Held by whoever makes, deletes or restores a world.
    changes: Arc<Mutex<()>>,
}

impl Worlds {
    /// Opens the default world and the one that was asked for; gives the latter beside.
    pub(crate) async fn open(
        data: &Path,
        base: &str,
        name: &str,
        authority_keys: Option<KeyKind>,
    ) -> Result<(Worlds, Laboratory)> {
        let worlds = Worlds { data: data.into(), base: base.into(), open: Arc::default(), changes: Arc::default() };
        worlds.world("default", authority_keys).await?;
        let wanted = worlds.world(name, authority_keys).await?;
        Ok((worlds, wanted))
    }

    /// The world of that name, made if it is not there.
    async fn world(&self, name: &str, authority_keys: Option<KeyKind>) -> Result<Laboratory> {
        let mut worlds = self.open.lock().await;
        if let Some(laboratory) = worlds.get(name) {
            return Ok(laboratory.clone());
        }
        let laboratory = open(&self.data, name, &self.base, authority_keys).await?;
        worlds.insert(name.into(), laboratory.clone());
        Ok(laboratory)
    }

    /// Everything: the default world at the root, the others under `/w`.
    pub(crate) fn router(&self) -> Router {
        let others = Router::new()
            .route("/w/{name}", any(enter))
            .route("/w/{name}/", any(enter))
            .route("/w/{name}/{*rest}", any(enter))
            .with_state(self.clone())
            .merge(registry::router(self));
        server::complete(others).fallback_service(any(root).with_state(self.clone()))
    }

    /// The folder.
    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    /// Held by whoever makes, deletes or restores a world.
    pub(crate) fn changes(&self) -> &Mutex<()> {
        &self.changes
    }

    /// The world of that name, made if it is not there.
    pub(crate) async fn made(&self, name: &str) -> Result<Laboratory> {
        self.world(name, None).await
    }

    /// Takes a world out of those that are open.
    pub(crate) async fn forgotten(&self, name: &str) -> Option<Laboratory> {
        self.open.lock().await.remove(name)
    }

    /// A clean stop of every world. All are tried; the first failure is told.
    pub(crate) async fn close(&self) -> Result<()> {
        let mut closed = Ok(());
        for laboratory in self.open.lock().await.values() {
            closed = closed.and(laboratory.close().await);
        }
        Ok(closed?)
    }
}

/// Opens or makes a world in its folder, with the laboratory's own addresses beside the services'.
pub(crate) async fn open(data: &Path, name: &str, base: &str, authority_keys: Option<KeyKind>) -> Result<Laboratory> {
    let world = World::open(&folder(data, name), name, &world_base(base, name)).await?;
    let more = |laboratory: &Laboratory| http::router(laboratory).merge(pages::router(laboratory));
    Ok(Laboratory::open(&world, authority_keys.unwrap_or(KeyKind::P256), more).await?)
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
    match worlds.world("default", None).await {
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
    match worlds.world(&name, None).await {
        Ok(laboratory) => laboratory.services.oneshot(request).await.into_response(),
        Err(error) => Problem::internal(told(&error)).into_response(),
    }
}
