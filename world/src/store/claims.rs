//! What a process has in hand for longer than a transaction, so that no other takes it up meanwhile. A claim ends with the process,
//! however that does.
//!
//! With SQLite one process owns the world, and there is nobody to claim against. With PostgreSQL claims are locks of one connection
//! that a process keeps for those of all its worlds. If it breaks, they are lost; so what must not happen twice is a constraint as well.

use std::collections::BTreeMap;

use sqlx::postgres::PgConnection;

use super::postgres::Connections;
use super::{Backend, DatabaseError, Store};
use crate::Error;

/// The claims on what is in one world.
#[derive(Clone, Debug)]
pub struct Claims {
    store: Store,
}

/// The connection whose locks they are.
#[derive(Debug)]
pub(super) struct Held {
    connection: PgConnection,
    /// How often each is held: a lock that is taken twice is given back twice.
    locks: BTreeMap<String, u32>,
}

impl Claims {
    /// No claims yet.
    pub fn new(store: &Store) -> Claims {
        Claims { store: store.clone() }
    }

    /// Claims what has that name in this world; `false` if another process has it. That the same process has it is not noticed.
    ///
    /// # Errors
    /// The database's; then nothing is claimed.
    pub async fn take(&self, name: &str) -> Result<bool, DatabaseError> {
        let Backend::Postgres(connections) = &self.store.backend else { return Ok(true) };
        let lock = lock(connections, name);
        let mut kept = connections.database.claims().lock().await;
        if let Some(mut held) = kept.take() {
            // One that broke is not kept: a database that was away has ended it, and may be back.
            if let Ok(taken) = held.take(&lock).await {
                *kept = Some(held);
                return Ok(taken);
            }
        }
        let connection = connections.database.connect().await.map_err(|error| match error {
            Error::NoConnection { source, .. } => source,
            _ => DatabaseError::PoolClosed,
        })?;
        let mut held = Held { connection, locks: BTreeMap::new() };
        let taken = held.take(&lock).await?;
        *kept = Some(held);
        Ok(taken)
    }

    /// Gives a claim back, in its own time.
    pub fn give_back(&self, name: &str) {
        let Backend::Postgres(connections) = &self.store.backend else { return };
        let (database, lock) = (connections.database.clone(), lock(connections, name));
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return }; // the process ends, and its claims with it
        runtime.spawn(async move {
            let mut kept = database.claims().lock().await;
            let Some(held) = kept.as_mut() else { return };
            if let Err(error) = held.give_back(&lock).await {
                tracing::warn!(%error, "what this process had in hand is free for others");
                *kept = None;
            }
        });
    }
}

/// What the lock is called in the whole database.
fn lock(connections: &Connections, name: &str) -> String {
    format!("{} {name}", connections.schema)
}

impl Held {
    async fn take(&mut self, lock: &str) -> Result<bool, DatabaseError> {
        let text = "SELECT pg_try_advisory_lock(hashtextextended($1, 0))";
        let taken = sqlx::query_scalar(text).bind(lock).fetch_one(&mut self.connection).await?;
        if taken {
            *self.locks.entry(lock.to_owned()).or_default() += 1;
        }
        Ok(taken)
    }

    /// What was lost with an earlier connection is not this one's to give back.
    async fn give_back(&mut self, lock: &str) -> Result<(), DatabaseError> {
        let Some(times) = self.locks.get_mut(lock) else { return Ok(()) };
        *times -= 1;
        if *times == 0 {
            self.locks.remove(lock);
        }
        let text = "SELECT pg_advisory_unlock(hashtextextended($1, 0))";
        sqlx::query(text).bind(lock).execute(&mut self.connection).await.map(drop)
    }
}
