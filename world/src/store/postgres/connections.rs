//! The connections of a process: a pool for each world, and a bound for all of them together, since PostgreSQL has room for a hundred by
//! default, and a process may serve forty worlds.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgPool, PgPoolOptions};
use sqlx::{Connection, Postgres};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::{Database, PATIENCE};
use crate::Error;

/// Of one world.
const OF_A_WORLD: u32 = 8;

/// In use at a time, of all worlds.
const IN_USE: usize = 20;

/// Open, of all worlds: while there are more, none rests.
const OPEN: u32 = 20;

/// How long a connection that nobody uses is kept.
const IDLE: Duration = Duration::from_secs(60);

/// After how long a connection that nobody used is looked at before it is used.
const RESTING: Duration = Duration::from_millis(500);

/// What the worlds of a process have together.
#[derive(Clone, Debug)]
pub(super) struct Budget {
    in_use: Arc<Semaphore>,
    pools: Arc<Mutex<Vec<PgPool>>>,
}

impl Default for Budget {
    fn default() -> Budget {
        Budget { in_use: Arc::new(Semaphore::new(IN_USE)), pools: Arc::default() }
    }
}

/// The connections of one world: they find its tables.
#[derive(Clone, Debug)]
pub(in crate::store) struct Connections {
    pub(in crate::store) pool: PgPool,
    pub(in crate::store) database: Database,
    pub(in crate::store) schema: Arc<str>,
}

/// A connection that is in use.
pub(in crate::store) struct Taken {
    pub(in crate::store) connection: PoolConnection<Postgres>,
    _permit: OwnedSemaphorePermit,
}

impl Connections {
    pub(in crate::store) async fn to(database: &Database, schema: &str) -> Result<Connections, Error> {
        let pools = Arc::downgrade(&database.budget.pools);
        let may_rest = move || {
            let Some(pools) = pools.upgrade() else { return true };
            let pools = pools.lock().unwrap_or_else(PoisonError::into_inner);
            pools.iter().map(PgPool::size).sum::<u32>() <= OPEN
        };
        let options = PgPoolOptions::new()
            .max_connections(OF_A_WORLD)
            .idle_timeout(IDLE)
            .acquire_timeout(PATIENCE)
            .test_before_acquire(false)
            // A database that was away has ended those that rested; to look at those in use too would cost each statement a message.
            .before_acquire(|connection, about| {
                Box::pin(async move { Ok(about.idle_for < RESTING || connection.ping().await.is_ok()) })
            })
            .after_release(move |_, _| {
                let rests = may_rest();
                Box::pin(async move { Ok(rests) })
            });
        let failed = |source| Error::NoConnection { database: database.shown.clone(), source };
        if database.away.is_known() {
            return Err(failed(sqlx::Error::PoolTimedOut));
        }
        let connected = options.connect_with(database.options_for(schema)).await;
        let pool = connected.map_err(|source| failed(database.away.noticed(source)))?;
        let mut pools = database.budget.pools.lock().unwrap_or_else(PoisonError::into_inner);
        pools.retain(|pool| !pool.is_closed());
        pools.push(pool.clone());
        drop(pools);
        Ok(Connections { pool, database: database.clone(), schema: schema.into() })
    }

    /// Waits until one may be used. A database that was found away a moment ago is not waited for.
    pub(in crate::store) async fn take(&self) -> Result<Taken, sqlx::Error> {
        let permit = self.permit().await?;
        let connection = self.pool.acquire().await.map_err(|failure| self.noticed(failure))?;
        Ok(Taken { connection, _permit: permit })
    }

    /// The right to use one.
    pub(in crate::store) async fn permit(&self) -> Result<OwnedSemaphorePermit, sqlx::Error> {
        if self.database.away.is_known() {
            return Err(sqlx::Error::PoolTimedOut);
        }
        let permit = timeout(PATIENCE, self.database.budget.in_use.clone().acquire_owned()).await;
        permit.map_err(|_| sqlx::Error::PoolTimedOut)?.map_err(|_| sqlx::Error::PoolClosed)
    }

    /// Notes that the database is away, unless it is only that all connections are in use.
    pub(in crate::store) fn noticed(&self, failure: sqlx::Error) -> sqlx::Error {
        match self.pool.size() < OF_A_WORLD {
            true => self.database.away.noticed(failure),
            false => failure,
        }
    }

    /// What comes of `work`, unless the database stands still.
    pub(in crate::store) async fn in_patience<T>(
        &self,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        match timeout(PATIENCE, work).await {
            Ok(done) => done,
            Err(_) => Err(self.database.away.noticed(sqlx::Error::PoolTimedOut).into()),
        }
    }
}
