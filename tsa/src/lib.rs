//! RFC 3161 time-stamping authority, profiled by EN 319 422 and run as EN 319 421 asks where a testbed can.
//!
//! In: `POST /tsa` with a TimeStampReq. Out: a TimeStampResp with a token whose time is the world's, or a refusal with its
//! reason. Units are kept in the world's store; their keys stay in the key server, which is asked for one signature over
//! one digest a token. What every token of a unit has in common is encoded once ([`Unit`]), and every token is recorded
//! before it is handed out ([`IssuedToken`]).
//!
//! ```
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! let at = "2026-11-24T09:00:00Z".parse().unwrap();
//! let world = world::World::in_memory("http://127.0.0.1:8700", at).await.unwrap();
//! let signer = signer::Signer::open(&world).await.unwrap();
//! let tsa = tsa::Tsa::open(&world, signer).await.unwrap();
//! assert!(tsa.units().is_empty());
//! let router = tsa::router(tsa); // POST /tsa, POST /tsa/{unit}, GET /tsa/api/units, GET /tsa/api/tokens/{serial}
//! # });
//! ```

mod api;
mod error;
mod http;
mod register;
mod stamp;
mod store;
mod token;
mod unit;

use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};

use jiff::Timestamp;
use pki::{Certificate, SerialNumber};
use signer::{KeyId, Signer};
use world::time::whole_seconds;
use world::{World, clock::Clock};

pub use error::Error;
pub use http::router;
pub use store::TABLES;
pub use token::IssuedToken;
pub use unit::{NewUnit, Unit, UnitName, Unusable};

use register::Register;
use store::TokenStore;

/// The authority of one world. Cheap to clone: every part is shared.
#[derive(Clone)]
pub struct Tsa {
    shared: Arc<Shared>,
}

struct Shared {
    base: String,
    clock: Clock,
    signer: Signer,
    store: TokenStore,
    register: Register,
    units: RwLock<Arc<Units>>,
    changes: tokio::sync::Mutex<()>,
}

#[derive(Clone, Default)]
struct Units {
    /// Each unit with every key and certificate that it ever had, the latest first; never empty.
    by_name: BTreeMap<UnitName, Vec<Arc<Unit>>>,
    default: Option<UnitName>,
}

impl Tsa {
    /// Takes up the units of the world's store. Call it inside a tokio runtime: the register's writer runs there.
    ///
    /// # Errors
    /// If the database fails, or a stored unit cannot be read.
    pub async fn open(world: &World, signer: Signer) -> Result<Tsa, Error> {
        let store = TokenStore::open(&world.store).await?;
        let units = Units::stored(&store).await?;
        let register = Register::open(store.clone());
        let (base, clock) = (world.base.clone(), world.clock.clone());
        let (units, changes) = (RwLock::new(Arc::new(units)), tokio::sync::Mutex::default());
        let tsa = Tsa { shared: Arc::new(Shared { base, clock, signer, store, register, units, changes }) };
        let kept = Arc::downgrade(&tsa.shared);
        world.store.follow(store::UNITS, move |_| {
            let kept = kept.upgrade();
            Box::pin(async move {
                let Some(shared) = kept else { return Ok(()) };
                let tsa = Tsa { shared };
                let _one_change_at_a_time = tsa.shared.changes.lock().await;
                tsa.put(Units::stored(&tsa.shared.store).await?);
                Ok(())
            })
        });
        Ok(tsa)
    }

    /// Adds a unit. The first one of a world answers at `/tsa` too.
    ///
    /// The certificate must be about the key. Whether it is a good time-stamping certificate (EKU, validity) is left to its
    /// CA's profile and to whoever verifies the token: a testbed also shows what becomes of bad ones.
    ///
    /// # Errors
    /// [`Error::UnitExists`], [`Error::NoCertificate`], [`Error::Accuracy`], [`Error::Algorithm`], [`Error::KeyMismatch`]; those of key server and database.
    pub async fn add_unit(&self, new: NewUnit) -> Result<Arc<Unit>, Error> {
        let _one_change_at_a_time = self.shared.changes.lock().await;
        let mut units = Units::clone(&self.snapshot());
        if units.by_name.contains_key(&new.name) {
            return Err(Error::UnitExists { name: new.name });
        }
        let unit = self.record(&new).await?;
        units.insert(unit.clone());
        if units.default.is_none() {
            self.shared.store.save_default_unit(&new.name, self.now()).await?;
            units.default = Some(new.name);
        }
        self.put(units);
        Ok(unit)
    }

    /// Gives a unit a new key and certificate, from now on; algorithm, policies, accuracy and ordering stay, and so do the keys
    /// before for the time before.
    ///
    /// # Errors
    /// [`Error::UnitUnknown`], [`Error::NoCertificate`], [`Error::Algorithm`], [`Error::KeyMismatch`]; those of key server and database.
    pub async fn renew_unit(&self, name: &UnitName, key: KeyId, chain: Vec<Certificate>) -> Result<Arc<Unit>, Error> {
        let _one_change_at_a_time = self.shared.changes.lock().await;
        let mut units = Units::clone(&self.snapshot());
        let old = units.at(name.as_str(), self.now()).ok_or_else(|| units.unknown(name.as_str()))?;
        let unit = self.record(&old.with_key(key, chain)).await?;
        units.insert(unit.clone());
        self.put(units);
        Ok(unit)
    }

    /// Lets that unit answer at `/tsa`, from now on.
    ///
    /// # Errors
    /// [`Error::UnitUnknown`]; the database's.
    pub async fn make_default(&self, name: &UnitName) -> Result<(), Error> {
        let _one_change_at_a_time = self.shared.changes.lock().await;
        let mut units = Units::clone(&self.snapshot());
        if !units.by_name.contains_key(name) {
            return Err(units.unknown(name.as_str()));
        }
        self.shared.store.save_default_unit(name, self.now()).await?;
        units.default = Some(name.clone());
        self.put(units);
        Ok(())
    }

    /// All units as they are at the world's time, in order of name.
    pub fn units(&self) -> Vec<Arc<Unit>> {
        let (units, at) = (self.snapshot(), self.now());
        units.by_name.values().map(|versions| version_at(versions, at).clone()).collect()
    }

    /// The unit of that name, or the one that answers at `/tsa`, with the key and certificate that it has at the world's time: the
    /// latest that had begun and may stamp then. If none may, it is the latest that might.
    ///
    /// # Errors
    /// [`Error::UnitUnknown`], with the names that there are.
    pub fn unit(&self, name: Option<&str>) -> Result<Arc<Unit>, Error> {
        let units = self.snapshot();
        let unit_name = name.or(units.default.as_ref().map(UnitName::as_str)).unwrap_or_default();
        units.at(unit_name, self.now()).cloned().ok_or_else(|| units.unknown(unit_name))
    }

    /// The name of the unit that answers at `/tsa`.
    pub fn default_unit(&self) -> Option<UnitName> {
        self.snapshot().default.clone()
    }

    /// Where a unit answers.
    pub fn address(&self, unit: &UnitName) -> String {
        format!("{}/tsa/{unit}", self.shared.base)
    }

    /// Answers one TimeStampReq with one TimeStampResp, whatever was sent.
    pub async fn answer(&self, unit: &Unit, request: &[u8]) -> Vec<u8> {
        stamp::answer(self, unit, request).await
    }

    /// Whether the default unit could stamp now: a real token up to its signature, which is made, checked and thrown away.
    /// Nobody holds it, so that nothing is recorded.
    ///
    /// # Errors
    /// Why not.
    pub async fn probe(&self) -> Result<(), Error> {
        stamp::probe(self, &*self.unit(None)?).await
    }

    /// What is recorded of the token with that serial number; `None`: this authority has not issued it. With the token's
    /// genTime the answer comes at once, without it the whole register is read.
    ///
    /// # Errors
    /// If the database fails, or the register cannot be read.
    pub async fn issued(&self, serial: &SerialNumber, time: Option<Timestamp>) -> Result<Option<IssuedToken>, Error> {
        self.shared.store.token(serial, time).await
    }

    /// The first time from `time` on that no token of the unit has, no later than its accuracy covers; none if there is none left.
    pub(crate) async fn ordered_time(&self, unit: &Unit, time: Timestamp) -> Result<Option<Timestamp>, Error> {
        self.shared.store.ordered_time(unit.name(), time, unit.accuracy().duration()).await
    }

    /// The world's time.
    pub(crate) fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    async fn record(&self, new: &NewUnit) -> Result<Arc<Unit>, Error> {
        let at = self.now();
        let unit = Unit::new(new, at)?;
        if self.signer().public_key(&new.key).await? != unit.certificate().public_key() {
            let subject = unit.certificate().subject().to_string();
            return Err(Error::KeyMismatch { name: new.name.clone(), key: new.key.clone(), subject });
        }
        self.shared.store.save_unit(new, at).await?;
        Ok(Arc::new(unit))
    }

    fn snapshot(&self) -> Arc<Units> {
        self.shared.units.read().expect("no code panics while it holds the units").clone()
    }

    fn put(&self, units: Units) {
        *self.shared.units.write().expect("no code panics while it holds the units") = Arc::new(units);
    }

    fn signer(&self) -> &Signer {
        &self.shared.signer
    }

    fn register(&self) -> &Register {
        &self.shared.register
    }
}

/// The version that counts at that time: the latest of those that had begun and may stamp; if there is none, one that may stamp
/// all the same, then the latest that had begun, then the earliest.
fn version_at(versions: &[Arc<Unit>], at: Timestamp) -> &Arc<Unit> {
    let at = whole_seconds(at);
    let usable = |unit: &&Arc<Unit>| unit.unusable_at(at).is_none();
    let begun = |unit: &&Arc<Unit>| unit.since() <= at;
    let found = versions.iter().find(|unit| begun(unit) && usable(unit));
    let found = found.or_else(|| versions.iter().find(usable)).or_else(|| versions.iter().find(begun));
    found.or_else(|| versions.last()).expect("a unit is kept with its first key")
}

impl Units {
    /// What the store holds.
    async fn stored(store: &TokenStore) -> Result<Units, Error> {
        let mut units = Units { default: store.default_unit().await?, ..Units::default() };
        for (unit, since) in store.units().await? {
            units.insert(Arc::new(Unit::new(&unit, since)?));
        }
        Ok(units)
    }

    /// Adds a version of a unit, the last recorded of one second first.
    fn insert(&mut self, unit: Arc<Unit>) {
        let versions = self.by_name.entry(unit.name().clone()).or_default();
        versions.insert(0, unit);
        versions.sort_by_key(|unit| std::cmp::Reverse(unit.since()));
    }

    fn at(&self, name: &str, at: Timestamp) -> Option<&Arc<Unit>> {
        let (_, versions) = self.by_name.iter().find(|(known, _)| known.as_str() == name)?;
        Some(version_at(versions, at))
    }

    fn unknown(&self, name: &str) -> Error {
        let known: Vec<&str> = self.by_name.keys().map(UnitName::as_str).collect();
        let known = if known.is_empty() { "none yet".into() } else { known.join(", ") };
        Error::UnitUnknown { name: name.into(), known }
    }
}
