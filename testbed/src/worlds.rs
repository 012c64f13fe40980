//! The worlds of one server: the default one at the root, each other under `/w/NAME`, opened when it is first asked for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use anyhow::Result;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::Uri;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use scenarios::Laboratory;
use scenarios::laboratory::Opening;
use tokio::sync::{OnceCell, OwnedMutexGuard, OwnedRwLockReadGuard, RwLock};
use tower::ServiceExt;
use world::network::Prefix;
use world::{Guard, Pools, Problem, World, server};

use crate::host::world_base;
use crate::pages::Told;
use crate::{http, pages, registry};

/// All worlds of the laboratory's folder that are open.
#[derive(Clone)]
pub(crate) struct Worlds {
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
pub(crate) struct Surroundings {
    /// Who may ask; answers to the worlds' own names too.
    pub(crate) guard: Guard,
    /// Where long work is done.
    pub(crate) pools: Pools,
    /// What verifiers may fetch from beside the worlds' own authorities.
    pub(crate) fetch_from: Vec<Prefix>,
}

impl Default for Surroundings {
    /// Those of a process that serves nobody.
    fn default() -> Surroundings {
        Surroundings { guard: Guard::new(0), pools: Pools::default(), fetch_from: Vec::new() }
    }
}

impl Worlds {
    /// Opens the default world and the one that was asked for; gives the latter beside.
    pub(crate) async fn open(
        data: &Path,
        base: &str,
        name: &str,
        opening: Opening,
        surroundings: Surroundings,
    ) -> Result<(Worlds, Laboratory)> {
        let (data, base, open, changes) = (data.into(), base.into(), Mutex::default(), Mutex::default());
        let worlds = Worlds { shared: Arc::new(Shared { data, base, open, changes, surroundings }) };
        worlds.world("default", opening).await?;
        let wanted = worlds.world(name, opening).await?;
        Ok((worlds, wanted))
    }

    /// The world of that name, made if it is not there. It is opened in a task of its own: to its end, even if who asked goes.
    async fn world(&self, name: &str, opening: Opening) -> Result<Laboratory> {
        let cell = self.cell(name);
        let presence = Arc::new(cell.presence.clone().read_owned().await);
        self.opened(name, cell, &presence, opening).await
    }

    /// The world is not deleted before it is open: its task holds the presence too.
    async fn opened(&self, name: &str, cell: Arc<Cell>, held: &Arc<Held>, opening: Opening) -> Result<Laboratory> {
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
                surroundings.guard.allow_address(&laboratory.world.base);
                anyhow::Ok(laboratory)
            };
            cell.laboratory.get_or_try_init(open).await.cloned()
        });
        opened.await
    }

    fn is_known(&self, name: &str) -> bool {
        self.cells().get(name).is_some_and(|cell| cell.laboratory.initialized()) || exists(&self.shared.data, name)
    }

    fn cell(&self, name: &str) -> Arc<Cell> {
        self.cells().entry(name.into()).or_default().clone()
    }

    fn cells(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Arc<Cell>>> {
        self.shared.open.lock().expect("no code panics while it holds the worlds")
    }

    /// Everything: the default world at the root, the others under `/w`, behind the guard; errors are pages for people.
    pub(crate) fn router(&self) -> Router {
        // Not by routes with parameters: the router of a world would take those for parameters of its own.
        let router = server::complete(registry::router(self)).fallback_service(any(enter).with_state(self.clone()));
        let worlds = self.clone();
        pages::for_people(self.shared.surroundings.guard.in_front_of(router), move |name| worlds.is_known(name))
    }

    /// The folder.
    pub(crate) fn data(&self) -> &Path {
        &self.shared.data
    }

    /// Waits until nobody else makes, deletes or restores the world of that name.
    pub(crate) async fn alone_with(&self, name: &str) -> OwnedMutexGuard<()> {
        let change = {
            let mut changes = self.shared.changes.lock().expect("no code panics while it holds the changes");
            changes.retain(|_, change| Arc::strong_count(change) > 1); // what nobody holds or waits for
            changes.entry(name.into()).or_default().clone()
        };
        change.lock_owned().await
    }

    /// The world of that name, made if it is not there.
    pub(crate) async fn made(&self, name: &str) -> Result<Laboratory> {
        self.world(name, Opening::default()).await
    }

    /// Waits until the requests in that world have ended, while no others begin; closes it if it is open, and does what is wanted
    /// with its folder. Afterwards it is none of those that are open.
    pub(crate) async fn closed_for<T>(&self, name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let cell = self.cell(name);
        let mut presence = cell.presence.write().await;
        let closed = match cell.laboratory.get() {
            Some(laboratory) => laboratory.close().await.map_err(anyhow::Error::from),
            None => Ok(()),
        };
        let done = closed.and_then(|()| work());
        *presence = Presence::Gone;
        self.cells().remove(name);
        done
    }

    /// A clean stop of every world. All are tried; the first failure is told.
    pub(crate) async fn close(&self) -> Result<()> {
        let open: Vec<Laboratory> = self.cells().values().filter_map(|cell| cell.laboratory.get().cloned()).collect();
        let mut closed = Ok(());
        for laboratory in open {
            closed = closed.and(laboratory.close().await);
        }
        Ok(closed?)
    }
}

/// Opens or makes a world in its folder, with the laboratory's own addresses beside the services'.
pub(crate) async fn open(data: &Path, name: &str, base: &str, opening: Opening) -> Result<Laboratory> {
    open_among(data, name, base, opening, &Surroundings::default()).await
}

async fn open_among(
    data: &Path,
    name: &str,
    base: &str,
    opening: Opening,
    surroundings: &Surroundings,
) -> Result<Laboratory> {
    if !folder(data, name).exists() {
        registry::make_anew(data, name, base, opening).await?;
    }
    let mut world = World::open(&folder(data, name), name, &world_base(base, name)).await?;
    world.pools = surroundings.pools.clone();
    world.network.fetch_from(&surroundings.fetch_from);
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

/// Passes a request on to the world that its path is in. Only `POST /testbed/api/worlds/NAME` makes a world.
async fn enter(State(worlds): State<Worlds>, mut request: Request) -> Response {
    let mut name = "default".to_owned();
    if let Some((world, path)) = in_a_world(request.uri()) {
        name = world;
        if !worlds.is_known(&name) {
            let problem = Problem::not_found(format!("there is no world named {name}"));
            return Told { problem, japanese: "その名前のワールドはありません。" }.into_response();
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
        Err(error) => registry::failed(error).into_response(),
    }
}

/// The name of a world, and the path in it with its query, of an address under `/w/`.
pub(crate) fn in_a_world(address: &Uri) -> Option<(String, String)> {
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
