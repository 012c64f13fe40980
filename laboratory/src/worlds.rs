//! The worlds of one server: the default one at the root, each other under `/w/NAME`, opened when it is first asked for.

mod http;
pub(crate) mod place;
mod tls;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use axum::extract::{Request, State};
use axum::http::Uri;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use axum::{Extension, Router};
use tokio::sync::{OnceCell, OwnedMutexGuard, OwnedRwLockReadGuard, RwLock};
use tower::ServiceExt;
use world::guard::Authority;
use world::network::Prefix;
use world::{World, guard::Guard, pool::Pools, problem::Problem, server};

use crate::registry::{self, RegistryError};
use crate::{Laboratory, Opening};

pub(crate) use http::openapi;
pub use place::{exists, folder, world_base, world_name};
pub use tls::{ClientCertificates, TlsPlan};

/// All worlds of the laboratory's folder that are open.
#[derive(Clone)]
pub struct Worlds {
    shared: Arc<Shared>,
}

struct Shared {
    data: PathBuf,
    /// Address of the default world, for the certificates of worlds that are made now.
    base: String,
    /// Each is opened once, whoever asks, and none waits for another.
    open: Mutex<BTreeMap<String, Arc<Cell>>>,
    /// Held by whoever makes, deletes or restores the world of that name.
    changes: Mutex<BTreeMap<String, Arc<tokio::sync::Mutex<()>>>>,
    surroundings: Surroundings,
}

/// The place of a world that is open, or is being opened.
#[derive(Default)]
struct Cell {
    laboratory: OnceCell<Laboratory>,
    /// Held to read by every request, and to write by whoever deletes the world: what is under way ends before.
    presence: Arc<RwLock<Presence>>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Presence {
    #[default]
    Here,
    /// It was deleted while the request was on its way.
    Gone,
}

/// Held by what needs the world.
type Held = OwnedRwLockReadGuard<Presence>;

/// What the worlds of one process share.
#[derive(Clone)]
pub struct Surroundings {
    /// Who may ask: by the names of worlds too, but not of those that were restored, whose names others chose.
    pub guard: Guard,
    /// Where long work is done.
    pub pools: Pools,
    /// What verifiers may fetch from beside the worlds' own authorities.
    pub fetch_from: Vec<Prefix>,
    /// What is served in each world beside its services: pages for people.
    pub pages: fn(&Laboratory) -> Router,
}

impl Default for Surroundings {
    /// Those of a process that serves nobody.
    fn default() -> Surroundings {
        Surroundings { guard: Guard::new(0), pools: Pools::default(), fetch_from: Vec::new(), pages: |_| Router::new() }
    }
}

impl Worlds {
    /// Opens the default world and the one that was asked for; gives the latter beside.
    ///
    /// # Errors
    /// If one of them cannot be opened or made.
    pub async fn open(
        data: &Path,
        base: &str,
        name: &str,
        opening: Opening,
        surroundings: Surroundings,
    ) -> Result<(Worlds, Laboratory), RegistryError> {
        let (data, base, open, changes) = (data.into(), base.into(), Mutex::default(), Mutex::default());
        let worlds = Worlds { shared: Arc::new(Shared { data, base, open, changes, surroundings }) };
        worlds.world("default", opening).await?;
        let laboratory = worlds.world(name, opening).await?;
        worlds.allow_own_names().await;
        Ok((worlds, laboratory))
    }

    /// Worlds that were made here keep their names, also when the server is started without the option that gave them.
    async fn allow_own_names(&self) {
        for name in registry::names(self.data()) {
            if let Some(base) = world::store::own_base(&folder(self.data(), &name)).await {
                self.shared.surroundings.guard.allow_world(&base);
            }
        }
    }

    /// The world of that name, made if it is not there. It is opened in a task of its own: to its end, even if who asked goes.
    async fn world(&self, name: &str, opening: Opening) -> Result<Laboratory, RegistryError> {
        let cell = self.cell(name);
        let presence = Arc::new(cell.presence.clone().read_owned().await);
        self.opened(name, cell, &presence, opening).await
    }

    /// The world is not deleted before it is open: its task holds the presence too.
    async fn opened(
        &self,
        name: &str,
        cell: Arc<Cell>,
        held: &Arc<Held>,
        opening: Opening,
    ) -> Result<Laboratory, RegistryError> {
        if let Some(laboratory) = cell.laboratory.get() {
            return Ok(laboratory.clone());
        }
        let (worlds, name, held) = (self.clone(), name.to_owned(), held.clone());
        let opened = world::to_the_end(async move {
            let _here = held;
            let open = async || {
                let Shared { data, base, surroundings, .. } = &*worlds.shared;
                let laboratory = open_among(data, &name, base, opening, surroundings).await?;
                for out_of_time in laboratory.out_of_time().await? {
                    tracing::warn!(world = name, "{out_of_time}");
                }
                if let Some(warning) = worlds.warning_of(&laboratory.world.base) {
                    tracing::warn!(world = name, "{warning}");
                }
                Ok::<_, RegistryError>(laboratory)
            };
            cell.laboratory.get_or_try_init(open).await.cloned()
        });
        opened.await
    }

    /// Whether there is a world of that name.
    pub fn is_known(&self, name: &str) -> bool {
        self.cells().get(name).is_some_and(|cell| cell.laboratory.initialized()) || exists(&self.shared.data, name)
    }

    fn cell(&self, name: &str) -> Arc<Cell> {
        self.cells().entry(name.into()).or_default().clone()
    }

    fn cells(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Arc<Cell>>> {
        self.shared.open.lock().expect("no code panics while it holds the worlds")
    }

    /// Everything: the default world at the root, the others under `/w`, behind the guard.
    pub fn router(&self) -> Router {
        // Not by routes with parameters: the router of a world would take those for parameters of its own.
        let router = server::complete(http::router(self)).fallback_service(any(enter).with_state(self.clone()));
        self.shared.surroundings.guard.in_front_of(router)
    }

    /// The folder.
    pub fn data(&self) -> &Path {
        &self.shared.data
    }

    /// What is to be told of a world whose certificates have that address: its host is none of ours, and does not become ours.
    pub fn warning_of(&self, base: &str) -> Option<String> {
        self.shared.surroundings.guard.refused_host(base).as_ref().map(not_answered)
    }

    /// Waits until nobody else makes, deletes or restores the world of that name.
    pub async fn alone_with(&self, name: &str) -> OwnedMutexGuard<()> {
        let change = {
            let mut changes = self.shared.changes.lock().expect("no code panics while it holds the changes");
            changes.retain(|_, change| Arc::strong_count(change) > 1); // what nobody holds or waits for
            changes.entry(name.into()).or_default().clone()
        };
        change.lock_owned().await
    }

    /// The world of that name, made if it is not there.
    ///
    /// # Errors
    /// If it cannot be opened or made.
    pub async fn made(&self, name: &str) -> Result<Laboratory, RegistryError> {
        self.world(name, Opening::default()).await
    }

    /// Waits until the requests in that world have ended, while no others begin; closes it if it is open, and does what is wanted
    /// with its folder. Afterwards it is none of those that are open.
    ///
    /// # Errors
    /// If it cannot be closed; the work's.
    pub async fn closed_for<T>(
        &self,
        name: &str,
        work: impl FnOnce() -> Result<T, RegistryError>,
    ) -> Result<T, RegistryError> {
        let cell = self.cell(name);
        let mut presence = cell.presence.write().await;
        let closed = match cell.laboratory.get() {
            Some(laboratory) => laboratory.close().await.map_err(RegistryError::from),
            None => Ok(()),
        };
        let done = closed.and_then(|()| work());
        *presence = Presence::Gone;
        self.cells().remove(name);
        done
    }

    /// A clean stop of every world. All are tried; the first failure is told.
    ///
    /// # Errors
    /// The first failure.
    pub async fn close(&self) -> Result<(), crate::Error> {
        let open: Vec<Laboratory> = self.cells().values().filter_map(|cell| cell.laboratory.get().cloned()).collect();
        let mut closed = Ok(());
        for laboratory in open {
            closed = closed.and(laboratory.close().await);
        }
        closed
    }
}

/// What whoever opens or restores a world is told of the name in its certificates.
pub fn not_answered(host: &Authority) -> String {
    let name = host.name();
    format!("its certificates name {name}, to which the testbed does not answer: eseal up --allow-host {name}")
}

/// Opens or makes a world in its folder, for a process that serves nobody.
///
/// # Errors
/// If it cannot be opened or made.
pub async fn open(data: &Path, name: &str, base: &str, opening: Opening) -> Result<Laboratory, RegistryError> {
    open_among(data, name, base, opening, &Surroundings::default()).await
}

async fn open_among(
    data: &Path,
    name: &str,
    base: &str,
    opening: Opening,
    surroundings: &Surroundings,
) -> Result<Laboratory, RegistryError> {
    if !folder(data, name).exists() {
        registry::make_anew(data, name, base, opening).await?;
    }
    let mut world = World::open(&folder(data, name), name, &world_base(base, name)).await?;
    world.pools = surroundings.pools.clone();
    world.network.fetch_from(&surroundings.fetch_from);
    Ok(Laboratory::open(&world, opening, surroundings.pages).await?)
}

/// Goes along with the answer to a request that named a world which is not there.
#[derive(Clone, Copy, Debug)]
pub struct UnknownWorld;

/// Passes a request on to the world that its path is in. Only `POST /testbed/api/worlds/NAME` makes a world.
async fn enter(State(worlds): State<Worlds>, mut request: Request) -> Response {
    let mut name = "default".to_owned();
    if let Some((world, path)) = in_a_world(request.uri()) {
        name = world;
        if !worlds.is_known(&name) {
            let problem = Problem::not_found(format!("there is no world named {name}"));
            return (Extension(UnknownWorld), problem).into_response();
        }
        let Ok(path) = path.parse::<Uri>() else {
            return Problem::bad_request("the path cannot be read").into_response();
        };
        *request.uri_mut() = path;
    }
    let cell = worlds.cell(&name);
    let Ok(presence) = cell.presence.clone().try_read_owned() else {
        return Problem::unavailable(format!("the world {name:?} is being deleted"), 1).into_response();
    };
    // A world that was deleted since it was looked for is not made by being asked.
    if *presence == Presence::Gone || !(cell.laboratory.initialized() || exists(worlds.data(), &name)) {
        return Problem::not_found(format!("there is no world named {name:?}")).into_response();
    }
    let presence = Arc::new(presence); // until the request has ended
    match worlds.opened(&name, cell, &presence, Opening::default()).await {
        Ok(laboratory) => laboratory.services.oneshot(request).await.into_response(),
        Err(error) => Problem::from(error).into_response(),
    }
}

/// The name of a world, and the path in it with its query, of an address under `/w/`.
pub fn in_a_world(address: &Uri) -> Option<(String, String)> {
    let rest = address.path_and_query()?.as_str().strip_prefix("/w/")?;
    let (name, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let slash = if path.starts_with('/') { "" } else { "/" };
    Some((decoded(name), format!("{slash}{path}")))
}

/// A segment of a path without percent-encoding (RFC 3986 clause 6.2.2.2); what cannot be decoded is no world's name.
fn decoded(segment: &str) -> String {
    percent_encoding::percent_decode_str(segment).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests;
