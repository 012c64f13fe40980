//! What a process keeps in memory of what is stored, where other processes may change it: each change of what an owner keeps gives its
//! generation another value, in the same transaction; before a request is answered, generations are compared, and what has another
//! one is read again.
//!
//! One process owns a database in a file, so there nothing is compared.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use super::{Backend, Dialect, Store, Transaction, query};
use crate::Error;

/// Something was read again, or why it could not be.
pub type Reread = Pin<Box<dyn Future<Output = Result<(), Box<dyn std::error::Error + Send + Sync>>> + Send>>;

/// Who reads again what an owner keeps.
type Reader = Arc<dyn Fn(Store) -> Reread + Send + Sync>;

/// What this process knows.
#[derive(Clone, Default)]
pub(super) struct Changes(Arc<Mutex<Known>>);

#[derive(Default)]
struct Known {
    readers: Vec<(&'static str, Reader)>,
    generations: HashMap<String, String>,
}

impl fmt::Debug for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Changes")
    }
}

/// What generations are called among the facts of a world.
const PREFIX: &str = "generation ";

impl Store {
    /// From now on `again` is called when another process changed what `owner` keeps. It must not hold what holds this store: that
    /// would keep it open for ever.
    pub fn follow(&self, owner: &'static str, again: impl Fn(Store) -> Reread + Send + Sync + 'static) {
        self.changes.known().readers.push((owner, Arc::new(again)));
    }

    /// Reads again what other processes changed, before a request is answered.
    ///
    /// # Errors
    /// The database's, or the readers'. What could not be read is tried again before the next request.
    pub async fn catch_up(&self) -> Result<(), Error> {
        match &self.backend {
            Backend::Sqlite { .. } => Ok(()),
            Backend::Postgres(connections) => connections.in_patience(self.read_again()).await,
        }
    }

    async fn read_again(&self) -> Result<(), Error> {
        let text = "SELECT name, value FROM world_fact WHERE name >= 'generation ' AND name < 'generation!'";
        for row in query(text).fetch_all(self).await? {
            let (name, generation): (&str, String) = (row.get("name")?, row.get("value")?);
            let owner = name.strip_prefix(PREFIX).unwrap_or(name);
            let readers: Vec<Reader> = {
                let known = self.changes.known();
                if known.generations.get(owner) == Some(&generation) {
                    continue;
                }
                let own = known.readers.iter().filter(|(whose, _)| *whose == owner);
                own.map(|(_, reader)| reader.clone()).collect()
            };
            for reader in readers {
                reader(self.clone()).await.map_err(Error::Reread)?;
            }
            self.changes.known().generations.insert(owner.into(), generation);
        }
        Ok(())
    }
}

impl Changes {
    fn known(&self) -> std::sync::MutexGuard<'_, Known> {
        self.0.lock().expect("no code panics while it holds what is known of changes")
    }
}

impl Transaction<'_> {
    /// Says that this transaction changes what processes keep in memory of an owner. Called before the change itself: changes of one
    /// owner are then committed one after another, in the order of their numbers.
    ///
    /// # Errors
    /// The database's.
    pub async fn changes(&mut self, owner: &str) -> Result<(), sqlx::Error> {
        if self.dialect() == Dialect::Sqlite {
            return Ok(());
        }
        let text = "INSERT INTO world_fact (name, value) VALUES ($1, $2) \
                    ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        let another = hex::encode(crate::random::bytes::<8>());
        query(text).bind(format!("{PREFIX}{owner}")).bind(another).execute(self).await.map(drop)
    }
}
