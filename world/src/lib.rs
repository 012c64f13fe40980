//! What every service takes from its world: the clock, the network with its journal of exchanges and its fault rules, the
//! store, the JSON error body and the server.
//!
//! A *world* is one PKI with its clock, keys, certificates and journal in one database. Services are given a [`World`]
//! and read no other clock, open no other file and call no other address.
//!
//! A type has the path of the module whose subject it is: [`problem::Problem`], [`clock::Clock`]. Here are only the world itself, and
//! what has no module of its own.
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! let at = "2026-11-24T09:00:00Z".parse().unwrap();
//! let world = world::World::in_memory("http://127.0.0.1:8700", at).await.unwrap();
//! world.clock.advance("400d".parse::<world::time::Duration>().unwrap()).await.unwrap();
//! assert_eq!(world.clock.now().to_string(), "2027-12-29T09:00:00Z");
//! # });
//! ```

pub mod archive;
mod asked;
pub mod clock;
pub mod conditional;
mod error;
pub mod fault;
pub mod guard;
pub mod journal;
pub mod json;
pub mod metrics;
pub mod network;
pub mod openapi;
pub mod pool;
pub mod problem;
pub mod random;
pub mod seldom;
pub mod server;
pub mod store;
pub mod text;
pub mod time;
mod to_the_end;
pub mod toml_text;

use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

pub use error::{Error, Tampered};
pub use to_the_end::{holding, to_the_end};

use clock::Clock;
use fault::Faults;
use jiff::Timestamp;
use journal::Journal;
use network::Network;
use pool::Pools;
use store::Store;
use store::postgres::Database;

/// One PKI with its clock, store, network and journal. Cheap to clone: every part is shared.
#[derive(Clone, Debug)]
pub struct World {
    /// The name under which it is served: `default` at the root, any other under `/w/NAME`.
    pub name: String,
    /// Its folder, which holds `world.db` and what services keep beside it; `None` for a world in memory.
    pub folder: Option<PathBuf>,
    /// The address that stands in its certificates, without a slash at the end: `http://127.0.0.1:8700`.
    pub base: String,
    /// The world's time.
    pub clock: Clock,
    /// The world's database.
    pub store: Store,
    /// How services call each other, and the rest of the loopback network.
    pub network: Network,
    /// What was asked and answered.
    pub journal: Journal,
    /// Which requests go wrong, and how.
    pub faults: Faults,
    /// Where long work is done. Worlds of one process may be given the same.
    pub pools: Pools,
}

impl World {
    /// Opens the world of that folder, or makes it. `base` is remembered when the world is made, since its certificates
    /// will point there; later calls return the remembered address whatever they are given.
    ///
    /// # Errors
    /// If the folder or its database cannot be used, or holds what this program did not make.
    pub async fn open(folder: &Path, name: &str, base: &str) -> Result<World, Error> {
        World::open_over(None, folder, name, base).await
    }

    /// The same of a world whose tables are in that database: the folder's mark says in which schema. Without one they are in a file.
    ///
    /// # Errors
    /// As [`World::open`]; if the folder says otherwise; if the database cannot be reached.
    pub async fn open_over(database: Option<&Database>, folder: &Path, name: &str, base: &str) -> Result<World, Error> {
        owners_folder(folder).map_err(|source| Error::Folder { path: folder.into(), source })?;
        let store = Store::of(folder, database).await?;
        let clock = Clock::open(&store).await?;
        World::assemble(name, Some(folder.into()), base, store, clock).await
    }

    /// A world that leaves nothing behind, with its clock fixed at `at`: for tests and scenarios.
    ///
    /// # Errors
    /// The database's.
    pub async fn in_memory(base: &str, at: Timestamp) -> Result<World, Error> {
        let store = Store::in_memory().await?;
        let clock = Clock::open(&store).await?;
        clock.freeze().await?;
        clock.set(at).await?;
        World::assemble("memory", None, base, store, clock).await
    }

    async fn assemble(
        name: &str,
        folder: Option<PathBuf>,
        base: &str,
        store: Store,
        clock: Clock,
    ) -> Result<World, Error> {
        let base = store.remember("base", base.trim_end_matches('/')).await?;
        let faults = Faults::default();
        let journal = Journal::open(&store, clock.clone(), faults.clone());
        let network = Network::to(&base);
        for address in store.recalled(archive::ALSO_KNOWN_AS).await?.iter().flat_map(|known| known.lines()) {
            network.is_also_known_as(address);
        }
        let pools = Pools::default();
        Ok(World { name: name.into(), folder, base, clock, store, network, journal, faults, pools })
    }

    /// A clean stop: what is written behind the answers is written, and the database is closed. See [`Store::close`].
    ///
    /// # Errors
    /// Those of [`Store::close`].
    pub async fn close(&self) -> Result<(), Error> {
        self.network.close(); // nothing more is asked
        self.journal.flush().await;
        self.store.close().await
    }
}

/// Makes a folder, with those above it, that only its owner can enter; one that is there already is closed to others.
///
/// # Errors
/// If it cannot be made.
pub fn owners_folder(folder: &Path) -> std::io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    if std::fs::metadata(folder)?.permissions().mode() & 0o777 != 0o700 {
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}
