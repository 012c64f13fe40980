//! The place of one world among those of a server. In: who wants to be in the world. Out: they are in it, and it neither goes nor is
//! closed meanwhile.
//!
//! A world that nobody is in can be closed and opened again: what it keeps in memory only, its fault rules, stays here.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use tokio::sync::{OnceCell, OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};
use tokio::time::Instant;
use world::fault::Faults;

use crate::Laboratory;

/// Where a world is put when it is opened.
type Slot = Arc<OnceCell<Laboratory>>;

/// The place of a world that is open, is being opened, or was.
pub(super) struct Cell {
    /// A new one each time that the world is closed.
    slot: Mutex<Slot>,
    /// Held to read by everything that is under way in the world, and to write by whoever deletes or closes it.
    presence: Arc<RwLock<Presence>>,
    /// It is being deleted: whoever comes now need not wait.
    leaving: AtomicBool,
    /// When it was wanted last.
    used: Mutex<Instant>,
    faults: Mutex<Option<Faults>>,
    /// When it was closed last, by the system's time.
    closed: Mutex<Option<Timestamp>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Presence {
    Here,
    /// It was deleted while the request was on its way.
    Gone,
}

/// Why one cannot be in a world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Absent {
    /// It is being deleted.
    Leaving,
    /// It was deleted.
    Gone,
}

/// Held by what is under way in the world.
pub(super) struct InUse {
    _presence: OwnedRwLockReadGuard<Presence>,
    cell: Arc<Cell>,
}

impl Drop for InUse {
    fn drop(&mut self) {
        self.cell.use_now();
    }
}

impl Default for Cell {
    fn default() -> Cell {
        Cell {
            slot: Mutex::default(),
            presence: Arc::new(RwLock::new(Presence::Here)),
            leaving: AtomicBool::new(false),
            used: Mutex::new(Instant::now()),
            faults: Mutex::default(),
            closed: Mutex::default(),
        }
    }
}

impl Cell {
    /// Where the world is put when it is opened.
    pub(super) fn slot(&self) -> Slot {
        unpoisoned(&self.slot).clone()
    }

    /// The world, if it is open.
    pub(super) fn laboratory(&self) -> Option<Laboratory> {
        self.slot().get().cloned()
    }

    pub(super) fn is_open(&self) -> bool {
        self.slot().initialized()
    }

    /// When it was wanted last.
    pub(super) fn used(&self) -> Instant {
        *unpoisoned(&self.used)
    }

    /// Since when it is closed, if it was open before.
    pub(super) fn closed_since(&self) -> Option<Timestamp> {
        (*unpoisoned(&self.closed)).filter(|_| !self.is_open())
    }

    fn use_now(&self) {
        *unpoisoned(&self.used) = Instant::now();
    }

    /// Enters the world. While it is just being closed, that is waited for.
    pub(super) async fn enter(self: &Arc<Cell>) -> Result<InUse, Absent> {
        let presence = match self.presence.clone().try_read_owned() {
            Ok(presence) => presence,
            Err(_) if self.leaving.load(Ordering::Acquire) => return Err(Absent::Leaving),
            Err(_) => self.presence.clone().read_owned().await,
        };
        match *presence {
            Presence::Here => Ok(InUse { _presence: presence, cell: self.clone() }),
            Presence::Gone => Err(Absent::Gone),
        }
    }

    /// Waits until what is under way in the world has ended, while nothing else begins.
    pub(super) async fn leave(&self) -> Leaving {
        self.leaving.store(true, Ordering::Release);
        Leaving(self.presence.clone().write_owned().await)
    }

    /// Closes the world if it is open, nobody is in it, nobody was after that time and no batch is worked on: everything is on disk then, and its memory
    /// is given back. Gives whether it was closed. A world of which something cannot be written now stays open.
    pub(super) async fn close_unused_since(&self, at: Instant) -> Result<bool, crate::Error> {
        let Ok(_nobody) = self.presence.clone().try_write_owned() else { return Ok(false) };
        let Some(laboratory) = self.laboratory().filter(|_| self.used() <= at) else { return Ok(false) };
        if laboratory.issuer.is_at_work() {
            return Ok(false);
        }
        laboratory.flush().await?;
        let closed = laboratory.close().await;
        *unpoisoned(&self.faults) = Some(laboratory.world.faults.clone());
        *unpoisoned(&self.slot) = Slot::default();
        *unpoisoned(&self.closed) = Some(world::time::whole_seconds(world::clock::system_time()));
        closed.map(|()| true)
    }

    /// Gives a world that is opened again the fault rules that it had.
    pub(super) fn hand_over(&self, faults: &Faults) {
        if let Some(before) = unpoisoned(&self.faults).take() {
            faults.take_over(&before);
        }
    }
}

/// Held by whoever deletes a world.
pub(super) struct Leaving(OwnedRwLockWriteGuard<Presence>);

impl Leaving {
    /// Whoever comes from now on finds it gone.
    pub(super) fn gone(mut self) {
        *self.0 = Presence::Gone;
    }
}

/// Nothing that holds these locks can panic.
fn unpoisoned<T>(lock: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
