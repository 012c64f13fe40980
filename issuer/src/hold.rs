//! What one attempt has in hand, so that no other takes it up meanwhile: in this process, or in another over the same database.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use world::store::{Claims, Store};

use crate::error::Error;

/// What is in hand in a world. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Holds {
    names: Arc<Mutex<HashSet<String>>>,
    /// So that no other process takes them up.
    claims: Claims,
}

/// Something that one attempt has in hand, until this is dropped.
pub(crate) struct Held {
    name: String,
    all: Holds,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.all.claims.give_back(&self.name);
        self.all.names().remove(&self.name);
    }
}

impl Holds {
    pub(crate) fn new(store: &Store) -> Holds {
        Holds { names: Arc::default(), claims: Claims::new(store) }
    }

    /// What has that name, in hand, unless somebody else has it.
    pub(crate) async fn take(&self, name: String) -> Result<Option<Held>, Error> {
        let free = self.names().insert(name.clone());
        if !free {
            return Ok(None);
        }
        let held = Held { name, all: self.clone() };
        Ok(self.claims.take(&held.name).await?.then_some(held))
    }

    /// Whether this process has it in hand.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.names().contains(name)
    }

    fn names(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.names.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
