//! The worlds of one server: the default one at the root, each other under `/w/NAME`, opened when it is first asked for.

mod batches;
pub(crate) mod births;
mod cell;
mod followed;
mod http;
mod idle;
mod joining;
pub(crate) mod place;
mod tls;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::extract::{Request, State};
use axum::http::Uri;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use axum::{Extension, Router};
use futures_util::future::join_all;
use jiff::Timestamp;
use tokio::sync::OwnedMutexGuard;
use tower::ServiceExt;
use world::guard::Authority;
use world::journal::Gone;
use world::network::Prefix;
use world::pool::Pools;
use world::{World, guard::Guard, problem::Problem, server};

use crate::plan::WorldPlan;
use crate::registry::{self, Home, RegistryError, Successor};
use crate::{Laboratory, Opening};
use births::Births;
use cell::{Absent, Cell, InUse};

pub(crate) use http::openapi;
pub use idle::Idle;
pub use place::{exists, folder, world_base, world_name};
pub use tls::{ClientCertificates, TlsPlan};

/// All worlds of the laboratory's folder that are open.
#[derive(Clone)]
pub struct Worlds {
    shared: Arc<Shared>,
}

struct Shared {
    home: Home,
    /// Address of the default world, for the certificates of worlds that are made now.
    base: String,
    /// Each is opened once, whoever asks, and none waits for another.
    open: Mutex<BTreeMap<String, Arc<Cell>>>,
    /// Held by whoever makes, deletes or restores the world of that name.
    changes: Mutex<BTreeMap<String, Arc<tokio::sync::Mutex<()>>>>,
    /// By the system's clock.
    started: Timestamp,
    /// Held by whoever closes worlds that are idle.
    closing: tokio::sync::Mutex<()>,
    births: Births,
    /// Those whose batches wait.
    unopened: Mutex<BTreeMap<String, batches::Unopened>>,
    surroundings: Surroundings,
}

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
    pub pages: Arc<dyn Fn(&Laboratory) -> Router + Send + Sync>,
    /// Whether this process works on the batches of the worlds that it opens.
    pub works_on_batches: bool,
}

impl Default for Surroundings {
    /// Those of a process that serves nobody.
    fn default() -> Surroundings {
        Surroundings {
            guard: Guard::new(0),
            pools: Pools::default(),
            fetch_from: Vec::new(),
            pages: Arc::new(|_| Router::new()),
            works_on_batches: false,
        }
    }
}

impl Worlds {
    /// Opens the default world and the one that was asked for; gives the latter beside.
    ///
    /// # Errors
    /// If one of them cannot be opened or made.
    pub async fn open(
        home: &Home,
        base: &str,
        name: &str,
        opening: Opening,
        surroundings: Surroundings,
    ) -> Result<(Worlds, Laboratory), RegistryError> {
        let (home, base, open, changes) = (home.clone(), base.into(), Mutex::default(), Mutex::default());
        let (closing, births) = (tokio::sync::Mutex::default(), Births::default());
        let started = world::clock::system_time();
        let shared =
            Shared { home, base, open, changes, closing, births, unopened: Mutex::default(), started, surroundings };
        let worlds = Worlds { shared: Arc::new(shared) };
        worlds.world("default", opening.clone()).await?;
        let laboratory = worlds.world(name, opening).await?;
        worlds.allow_own_names().await;
        worlds.take_join_codes()?;
        Ok((worlds, laboratory))
    }

    /// Worlds that were made here keep their names, also when the server is started without the option that gave them.
    async fn allow_own_names(&self) {
        for name in registry::names(self.data()) {
            if let Some(base) = self.home().own_base(&name).await {
                self.shared.surroundings.guard.allow_world(&base);
            }
        }
    }

    /// The world of that name, made if it is not there. It is opened in a task of its own: to its end, even if who asked goes.
    async fn world(&self, name: &str, opening: Opening) -> Result<Laboratory, RegistryError> {
        loop {
            let cell = self.cell(name);
            if let Ok(in_use) = cell.enter().await {
                return self.opened(name, &cell, &Arc::new(in_use), opening).await;
            }
            drop(cell.leave().await); // until it is gone, and has another place
        }
    }

    /// The world is not deleted before it is open: its task holds it in use too.
    async fn opened(
        &self,
        name: &str,
        cell: &Arc<Cell>,
        in_use: &Arc<InUse>,
        opening: Opening,
    ) -> Result<Laboratory, RegistryError> {
        let slot = cell.slot();
        if let Some(laboratory) = slot.get() {
            return Ok(laboratory.clone());
        }
        let (worlds, name, cell, in_use) = (self.clone(), name.to_owned(), cell.clone(), in_use.clone());
        let opened = world::to_the_end(async move {
            let _here = in_use;
            slot.get_or_try_init(async || worlds.open_now(&name, &cell, opening).await).await.cloned()
        });
        opened.await
    }

    async fn open_now(&self, name: &str, cell: &Cell, opening: Opening) -> Result<Laboratory, RegistryError> {
        let Shared { home, base, surroundings, .. } = &*self.shared;
        self.make_if_missing(name, &opening).await?;
        let laboratory = open_among(home, name, base, opening, surroundings).await?;
        cell.hand_over(&laboratory.world.faults);
        for out_of_time in laboratory.out_of_time().await? {
            tracing::warn!(world = name, "{out_of_time}");
        }
        if let Some(warning) = self.warning_of(&laboratory.world.base) {
            tracing::warn!(world = name, "{warning}");
        }
        if surroundings.works_on_batches {
            laboratory.issuer.begin_work();
        }
        Ok(laboratory)
    }

    /// Makes the world of that name if it is not there; gives whether it did.
    async fn make_if_missing(&self, name: &str, opening: &Opening) -> Result<bool, RegistryError> {
        let Shared { home, base, surroundings, births, .. } = &*self.shared;
        if is_begun(home, name) {
            return Ok(false);
        }
        let _turn = births.turn(opening.weight()).await?;
        registry::make_anew(home, name, base, opening.clone(), &surroundings.pools).await
    }

    /// Whether there is a world of that name.
    pub fn is_known(&self, name: &str) -> bool {
        self.is_open(name) || exists(self.data(), name)
    }

    /// Whether it is open now. One that is not is opened by the next who asks for it.
    pub fn is_open(&self, name: &str) -> bool {
        self.cells().get(name).is_some_and(|cell| cell.is_open())
    }

    /// Since when a world is closed that was open, by the system's time.
    pub(crate) fn closed_since(&self, name: &str) -> Option<Timestamp> {
        self.cells().get(name)?.closed_since()
    }

    fn cell(&self, name: &str) -> Arc<Cell> {
        self.cells().entry(name.into()).or_default().clone()
    }

    fn cells(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Arc<Cell>>> {
        self.shared.open.lock().expect("no code panics while it holds the worlds")
    }

    fn unopened(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, batches::Unopened>> {
        self.shared.unopened.lock().expect("no code panics while it holds the worlds")
    }

    /// Everything: the default world at the root, the others under `/w`, behind the guard.
    pub fn router(&self) -> Router {
        // Not by routes with parameters: the router of a world would take those for parameters of its own.
        let router = server::complete(http::router(self)).fallback_service(any(enter).with_state(self.clone()));
        self.shared.surroundings.guard.in_front_of(router)
    }

    /// Address of the default world, below which worlds that are made now have theirs.
    pub fn base(&self) -> &str {
        &self.shared.base
    }

    /// The folder.
    pub fn data(&self) -> &Path {
        &self.shared.home.data
    }

    /// The folder, and where the tables are.
    pub fn home(&self) -> &Home {
        &self.shared.home
    }

    /// When they were opened first, by the system's clock.
    pub fn started(&self) -> Timestamp {
        self.shared.started
    }

    /// Those that are open now.
    pub fn open_worlds(&self) -> Vec<Laboratory> {
        self.cells().values().filter_map(|cell| cell.laboratory()).collect()
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

    /// The world of that name, made by the plan of `opening` if it is not there.
    ///
    /// # Errors
    /// If it cannot be opened or made.
    pub async fn made(&self, name: &str, opening: Opening) -> Result<Laboratory, RegistryError> {
        self.world(name, opening).await
    }

    /// The same; gives whether it was made now.
    ///
    /// # Errors
    /// If it cannot be opened or made, or was made by another plan than the one that is given.
    pub async fn make(&self, name: &str, opening: Opening) -> Result<(Laboratory, bool), RegistryError> {
        let made = self.make_if_missing(name, &opening).await?;
        let plan = opening.plan.clone();
        let laboratory = self.world(name, opening).await?;
        check_plan(&laboratory, plan.as_deref(), made)?;
        Ok((laboratory, made))
    }

    /// A world like the one of that name was when it was made, to take its place.
    ///
    /// # Errors
    /// If the world cannot be opened, or its successor not made.
    pub async fn successor(&self, name: &str) -> Result<Successor, RegistryError> {
        let opening = self.world(name, Opening::default()).await?.opening_anew();
        let Shared { home, base, surroundings, births, .. } = &*self.shared;
        let _turn = births.turn(opening.weight()).await?;
        registry::successor(home, name, base, opening, &surroundings.pools).await
    }

    /// Brings to the disk what the world of that name writes behind its answers, if it is open.
    ///
    /// # Errors
    /// If something cannot be written.
    pub async fn flush(&self, name: &str) -> Result<(), RegistryError> {
        let open = self.cells().get(name).and_then(|cell| cell.laboratory());
        match open {
            Some(laboratory) => Ok(laboratory.flush().await?),
            None => Ok(()),
        }
    }

    /// The same if nobody does now.
    fn alone_now_with(&self, name: &str) -> Option<OwnedMutexGuard<()>> {
        let mut changes = self.shared.changes.lock().expect("no code panics while it holds the changes");
        changes.entry(name.into()).or_default().clone().try_lock_owned().ok()
    }

    /// Waits until the requests in that world have ended, while no others begin; closes it if it is open, and does what is wanted
    /// with its folder. Afterwards it is none of those that are open.
    ///
    /// # Errors
    /// If it cannot be closed; the work's.
    pub async fn closed_for<T>(
        &self,
        name: &str,
        work: impl Future<Output = Result<T, RegistryError>>,
    ) -> Result<T, RegistryError> {
        let cell = self.cell(name);
        let leaving = cell.leave().await;
        let closed = match cell.laboratory() {
            Some(laboratory) => laboratory.close().await.map_err(RegistryError::from),
            None => Ok(()),
        };
        let done = match closed {
            Ok(()) => work.await,
            Err(error) => Err(error),
        };
        self.cells().remove(name); // first: whoever finds it gone looks for another place
        leaving.gone();
        done
    }

    /// The same with a world whose tables are gone: it need not be written to its end.
    async fn let_go<T>(
        &self,
        name: &str,
        work: impl Future<Output = Result<T, RegistryError>>,
    ) -> Result<T, RegistryError> {
        let cell = self.cell(name);
        let leaving = cell.leave().await;
        if let Some(laboratory) = cell.laboratory()
            && let Err(error) = laboratory.close().await
        {
            tracing::info!(world = name, %error, "another server deleted it or made it anew");
        }
        let done = work.await;
        self.cells().remove(name);
        leaving.gone();
        done
    }

    /// A clean stop of every world. All are tried; the first failure is told.
    ///
    /// # Errors
    /// The first failure.
    pub async fn close(&self) -> Result<(), crate::Error> {
        let _nobody_else = self.shared.closing.lock().await;
        let open = self.open_worlds();
        let closed = join_all(open.iter().map(Laboratory::close)).await;
        closed.into_iter().collect()
    }
}

/// What whoever opens or restores a world is told of the name in its certificates.
pub fn not_answered(host: &Authority) -> String {
    let name = host.name();
    format!("its certificates name {name}, to which the testbed does not answer: eseal up --allow-host {name}")
}

/// Opens or makes a world in its folder, for a process that serves nobody; gives whether it was made now.
///
/// # Errors
/// If it cannot be opened or made, or was made by another plan than the one that is given.
pub async fn make(home: &Home, name: &str, base: &str, opening: Opening) -> Result<(Laboratory, bool), RegistryError> {
    let surroundings = Surroundings::default();
    let made =
        !is_begun(home, name) && registry::make_anew(home, name, base, opening.clone(), &surroundings.pools).await?;
    let plan = opening.plan.clone();
    let laboratory = open_among(home, name, base, opening, &surroundings).await?;
    check_plan(&laboratory, plan.as_deref(), made)?;
    Ok((laboratory, made))
}

/// The same where it does not matter whether it was there, nor by which plan.
///
/// # Errors
/// If it cannot be opened or made.
pub async fn open(home: &Home, name: &str, base: &str, opening: Opening) -> Result<Laboratory, RegistryError> {
    let surroundings = Surroundings::default();
    if !is_begun(home, name) {
        registry::make_anew(home, name, base, opening.clone(), &surroundings.pools).await?;
    }
    open_among(home, name, base, opening, &surroundings).await
}

/// Whether there is a world of that name, or what a killed program of an earlier version left of one in a file, which is completed.
fn is_begun(home: &Home, name: &str) -> bool {
    match home.database {
        None => folder(&home.data, name).exists(),
        Some(_) => exists(&home.data, name),
    }
}

/// Passes if a world that was there was made by that plan, if one is given: none is dropped without a word.
fn check_plan(laboratory: &Laboratory, wanted: Option<&WorldPlan>, made: bool) -> Result<(), RegistryError> {
    match wanted {
        Some(plan) if !made && plan.to_toml() != laboratory.plan().to_toml() => {
            Err(RegistryError::OtherPlan { name: laboratory.world.name.clone() })
        }
        _ => Ok(()),
    }
}

async fn open_among(
    home: &Home,
    name: &str,
    base: &str,
    opening: Opening,
    surroundings: &Surroundings,
) -> Result<Laboratory, RegistryError> {
    registry::check_there(home, name).await?;
    let (folder, database) = (folder(&home.data, name), home.database.as_ref());
    let mut world = World::open_over(database, &folder, name, &world_base(base, name)).await?;
    world.pools = surroundings.pools.clone();
    world.network.fetch_from(&surroundings.fetch_from);
    Ok(Laboratory::open(&world, opening, |laboratory| (surroundings.pages)(laboratory)).await?)
}

/// Goes along with the answer to a request that named a world which is not there.
#[derive(Clone, Copy, Debug)]
pub struct UnknownWorld;

/// Passes a request on to the world that its path is in. Only `POST /testbed/api/worlds/NAME` makes a world.
async fn enter(State(worlds): State<Worlds>, mut request: Request) -> Response {
    let mut name = "default".to_owned();
    if let Some((world, path)) = in_a_world(request.uri()) {
        name = world;
        let is_there = match worlds.is_known(&name) {
            true => Ok(true),
            false => registry::learn_of(worlds.home(), &name).await,
        };
        match is_there {
            Ok(true) => {}
            Ok(false) => {
                let problem = Problem::not_found(format!("there is no world named {name}"));
                return (Extension(UnknownWorld), problem).into_response();
            }
            Err(error) => return Problem::from(error).into_response(), // a database that is away
        }
        let Ok(path) = path.parse::<Uri>() else {
            return Problem::bad_request("the path cannot be read").into_response();
        };
        *request.uri_mut() = path;
    }
    let cell = worlds.cell(&name);
    let unknown = || Problem::not_found(format!("there is no world named {name:?}")).into_response();
    let in_use = match cell.enter().await {
        Ok(in_use) => Arc::new(in_use), // until the request has ended, and what it began
        Err(Absent::Leaving) => {
            return Problem::unavailable(format!("the world {name:?} is being deleted or reset"), 1).into_response();
        }
        Err(Absent::Gone) => return unknown(),
    };
    let open = cell.slot().get().map(|laboratory| laboratory.services.clone());
    let services = match open {
        Some(services) => services,
        // A world that was deleted since it was looked for is not made by being asked.
        None if !exists(worlds.data(), &name) => return unknown(),
        None => match worlds.opened(&name, &cell, &in_use, Opening::default()).await {
            Ok(laboratory) => laboratory.services,
            Err(error) => return Problem::from(error).into_response(),
        },
    };
    let answer = world::holding(in_use, services.oneshot(request)).await.into_response();
    match answer.extensions().get::<Gone>() {
        Some(Gone(said)) => worlds.gone(name, said.clone()).await,
        None => answer,
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
