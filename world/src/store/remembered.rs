//! What was read of the store and is read again only when it may have changed. In: what was read, and when that was begun. Out: the same,
//! until somebody says that something has changed.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

/// How many values are kept; then the memory begins anew.
const CAPACITY: usize = 10_000;

/// Values by their keys since something last changed.
///
/// ```
/// use world::store::Remembered;
/// let memory = Remembered::default();
/// let begun = memory.changes(); // before the store is asked
/// memory.keep(begun, "a serial number", "good");
/// assert_eq!(memory.known("a serial number"), Some("good"));
/// memory.forget(); // it was revoked
/// memory.keep(begun, "a serial number", "good"); // read before that
/// assert_eq!(memory.known("a serial number"), None);
/// ```
pub struct Remembered<K, V>(RwLock<Known<K, V>>);

struct Known<K, V> {
    values: HashMap<K, V>,
    /// Counts changes, so that nobody keeps what changed while it was being read.
    changes: u64,
}

impl<K, V> Default for Remembered<K, V> {
    fn default() -> Remembered<K, V> {
        Remembered(RwLock::new(Known { values: HashMap::new(), changes: 0 }))
    }
}

impl<K: Eq + Hash, V: Clone> Remembered<K, V> {
    /// What is known of a key.
    pub fn known<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<V>
    where
        K: std::borrow::Borrow<Q>,
    {
        self.read().values.get(key).cloned()
    }

    /// How often something has changed, for [`Remembered::keep`].
    pub fn changes(&self) -> u64 {
        self.read().changes
    }

    /// Keeps what was read after that count of changes, unless something has changed since.
    pub fn keep(&self, changes: u64, key: K, value: V) {
        let mut known = self.write();
        if known.changes != changes {
            return;
        }
        if known.values.len() >= CAPACITY {
            known.values.clear();
        }
        known.values.insert(key, value);
    }

    /// Something has changed: everything is asked again.
    pub fn forget(&self) {
        let mut known = self.write();
        known.changes += 1;
        known.values.clear();
    }

    fn read(&self) -> RwLockReadGuard<'_, Known<K, V>> {
        self.0.read().expect("no code panics while it holds what is remembered")
    }

    fn write(&self) -> RwLockWriteGuard<'_, Known<K, V>> {
        self.0.write().expect("no code panics while it holds what is remembered")
    }
}

impl<K, V> fmt::Debug for Remembered<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Remembered")
    }
}
