//! What a process has in hand for longer than a transaction, so that no other takes it up meanwhile. A claim ends with the process,
//! however that does.
//!
//! With SQLite one process owns the world, and there is nobody to claim against. With PostgreSQL claims are locks of one connection
//! that is kept for them. If it breaks, they are lost; so what must not happen twice is a constraint as well.

use std::sync::Arc;

use sqlx::Connection;
use sqlx::postgres::PgConnection;
use tokio::sync::Mutex;

use super::{Backend, DatabaseError, Store};

/// The claims of one process.
#[derive(Clone, Debug)]
pub struct Claims {
    store: Store,
    connection: Arc<Mutex<Option<PgConnection>>>,
}

impl Claims {
    /// No claims yet.
    pub fn new(store: &Store) -> Claims {
        Claims { store: store.clone(), connection: Arc::default() }
    }

    /// Claims what has that name in this world; `false` if another process has it. That the same process has it is not noticed.
    ///
    /// # Errors
    /// The database's; then nothing is claimed.
    pub async fn take(&self, name: &str) -> Result<bool, DatabaseError> {
        let Backend::Postgres { pool } = &self.store.backend else { return Ok(true) };
        let mut kept = self.connection.lock().await;
        let lock = || {
            sqlx::query_scalar("SELECT pg_try_advisory_lock(hashtextextended(current_schema() || ' ' || $1, 0))")
                .bind(name)
        };
        if let Some(mut connection) = kept.take() {
            // One that broke is not kept: a database that was away has ended it, and may be back.
            if let Ok(taken) = lock().fetch_one(&mut connection).await {
                *kept = Some(connection);
                return Ok(taken);
            }
        }
        let mut connection = PgConnection::connect_with(&pool.connect_options()).await?; // beside those that may wait for this
        let taken = lock().fetch_one(&mut connection).await?;
        *kept = Some(connection);
        Ok(taken)
    }

    /// Gives a claim back, in its own time.
    pub fn give_back(&self, name: String) {
        if !matches!(self.store.backend, Backend::Postgres { .. }) {
            return;
        }
        let connection = self.connection.clone();
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return }; // the process ends, and its claims with it
        runtime.spawn(async move {
            let mut kept = connection.lock().await;
            let Some(open) = kept.as_mut() else { return };
            let unlock = sqlx::query("SELECT pg_advisory_unlock(hashtextextended(current_schema() || ' ' || $1, 0))");
            if let Err(error) = unlock.bind(name).execute(&mut *open).await {
                tracing::warn!(%error, "what this process had in hand is free for others");
                if let Some(broken) = kept.take() {
                    broken.close_hard().await.ok();
                }
            }
        });
    }
}
