//! The connections of a process: those of all its worlds together, since PostgreSQL has room for a hundred by default, and a process may
//! serve forty worlds. One that rests is used again by its world, or finds the tables of another when that has none and there is no
//! room for one more: to change the schema costs a message, to connect a process of the database server.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection, Executor};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout, timeout_at};

use super::{Database, PATIENCE, quoted};
use crate::Error;

/// In use at a time by one world.
const OF_A_WORLD: u32 = 8;

/// In use at a time by all worlds, and open.
const OPEN: usize = 20;

/// How long a connection that nobody uses is kept.
const IDLE: Duration = Duration::from_secs(60);

/// After how long a connection that nobody used is looked at before it is used.
const RESTING: Duration = Duration::from_millis(500);

/// What the worlds of a process have together.
#[derive(Clone, Debug)]
pub(super) struct Budget {
    in_use: Arc<Semaphore>,
    resting: Arc<Mutex<Vec<Rested>>>,
    given_back: Arc<Notify>,
}

/// A connection that nobody uses. Among several the last is the one that was used last.
#[derive(Debug)]
struct Rested {
    connection: PgConnection,
    /// In which it finds tables.
    schema: Arc<str>,
    since: Instant,
}

/// The connections of one world: they find its tables.
#[derive(Debug)]
pub(in crate::store) struct Connections {
    pub(in crate::store) database: Database,
    pub(in crate::store) schema: Arc<str>,
    own: Arc<Semaphore>,
    closed: AtomicBool,
}

/// A connection that is in use. It is given back after what was done with it has ended well; else what it may be in the middle of is taken
/// back first.
#[derive(Debug)]
pub(in crate::store) struct Taken {
    /// None once it is given back.
    held: Option<Held>,
    budget: Budget,
}

#[derive(Debug)]
struct Held {
    connection: PgConnection,
    schema: Arc<str>,
    _permits: [OwnedSemaphorePermit; 2],
}

impl Default for Budget {
    fn default() -> Budget {
        Budget { in_use: Arc::new(Semaphore::new(OPEN)), resting: Arc::default(), given_back: Arc::default() }
    }
}

impl Budget {
    fn resting(&self) -> std::sync::MutexGuard<'_, Vec<Rested>> {
        self.resting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One of that world that rests; else, if no more may be opened, the one that rests longest.
    fn rested(&self, schema: &str, is_full: bool) -> Option<Rested> {
        let mut resting = self.resting();
        if let Some(own) = resting.iter().rposition(|one| *one.schema == *schema) {
            return Some(resting.remove(own));
        }
        let open = resting.len() + OPEN - self.in_use.available_permits(); // whoever takes one has the right to already
        (!resting.is_empty() && (is_full || open > OPEN)).then(|| resting.remove(0))
    }

    /// Ends connections that nobody used for a while.
    pub(super) fn end_long_rested(&self) {
        let over: Vec<Rested> = {
            let mut resting = self.resting();
            let fresh = resting.iter().position(|one| one.since.elapsed() < IDLE).unwrap_or(resting.len());
            resting.drain(..fresh).collect()
        };
        if !over.is_empty() {
            tokio::spawn(async move {
                for one in over {
                    let _gone = timeout(PATIENCE, one.connection.close()).await; // it ends with the value anyway
                }
            });
        }
    }

    /// Ends the one that rests longest; gives whether there was one.
    pub(super) async fn end_one(&self) -> bool {
        let longest = Some(self.resting()).filter(|resting| !resting.is_empty()).map(|mut resting| resting.remove(0));
        if let Some(longest) = longest {
            let _gone = timeout(PATIENCE, longest.connection.close()).await; // it ends with the value anyway
            return true;
        }
        false
    }

    fn take_back(&self, connection: PgConnection, schema: Arc<str>) {
        self.resting().push(Rested { connection, schema, since: Instant::now() });
    }
}

impl Connections {
    pub(in crate::store) async fn to(database: &Database, schema: &str) -> Result<Connections, Error> {
        let (own, closed) = (Arc::new(Semaphore::new(OF_A_WORLD as usize)), AtomicBool::new(false));
        let connections = Connections { database: database.clone(), schema: schema.into(), own, closed };
        let taken = connections.take().await;
        taken.map_err(|source| Error::NoConnection { database: database.shown.clone(), source })?.give_back();
        Ok(connections)
    }

    /// Waits until one may be used. A database that was found away a moment ago is not waited for.
    pub(in crate::store) async fn take(&self) -> Result<Taken, sqlx::Error> {
        if self.database.away.is_known() {
            return Err(sqlx::Error::PoolTimedOut);
        }
        let budget = self.database.budget.clone();
        let permits = async {
            let own = self.own.clone().acquire_owned().await.map_err(|_| sqlx::Error::PoolClosed)?;
            let shared = budget.in_use.clone().acquire_owned().await.map_err(|_| sqlx::Error::PoolClosed)?;
            Ok([own, shared])
        };
        let permits = timeout(PATIENCE, permits).await.map_err(|_| sqlx::Error::PoolTimedOut)?;
        let permits: [OwnedSemaphorePermit; 2] = permits.map_err(|error: sqlx::Error| error)?;
        if self.closed.load(Ordering::Acquire) {
            return Err(sqlx::Error::PoolClosed);
        }
        let connection = self.connection(&budget).await?;
        let held = Held { connection, schema: self.schema.clone(), _permits: permits };
        Ok(Taken { held: Some(held), budget })
    }

    /// One that rests, or another. Where PostgreSQL lets this user have no more, one that somebody gives back is waited for.
    async fn connection(&self, budget: &Budget) -> Result<PgConnection, sqlx::Error> {
        let (until, mut is_full) = (Instant::now() + PATIENCE, false);
        loop {
            let given_back = budget.given_back.notified();
            while let Some(rested) = budget.rested(&self.schema, is_full) {
                if let Some(connection) = self.made_ready(rested).await {
                    return Ok(connection);
                }
            }
            match self.database.connect_to(&self.schema).await {
                Ok(connection) => return Ok(connection),
                Err(Error::NoConnection { source, .. }) if is_out_of_connections(&source) => {
                    is_full = true;
                    let lasts = !budget.resting().is_empty() || timeout_at(until, given_back).await.is_ok();
                    if !lasts {
                        return Err(source);
                    }
                }
                Err(Error::NoConnection { source, .. }) => return Err(source),
                Err(_) => return Err(sqlx::Error::PoolTimedOut),
            }
        }
    }

    /// A connection that rested, which finds the tables of this world now; `None` if it broke. A database that was away has ended those that
    /// rested; to look at those in use too would cost each statement a message.
    async fn made_ready(&self, rested: Rested) -> Option<PgConnection> {
        let Rested { mut connection, schema, since } = rested;
        let ready = async {
            if schema != self.schema {
                let set = format!("SET search_path TO {}", quoted(&self.schema));
                connection.execute(sqlx::raw_sql(AssertSqlSafe(set))).await.map(drop)
            } else if since.elapsed() >= RESTING {
                connection.ping().await
            } else {
                Ok(())
            }
        };
        let ready = timeout(PATIENCE, ready).await.is_ok_and(|ready| ready.is_ok());
        ready.then_some(connection)
    }

    /// Waits until none is in use; from now on there is none.
    pub(in crate::store) async fn close(&self) {
        self.closed.store(true, Ordering::Release);
        let _all = self.own.acquire_many(OF_A_WORLD).await;
        self.own.close();
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

/// Whether PostgreSQL has no room for another connection, of this user, to this database, or at all.
pub(super) fn is_out_of_connections(failure: &sqlx::Error) -> bool {
    const TOO_MANY_CONNECTIONS: &str = "53300";
    failure.as_database_error().is_some_and(|error| error.code().as_deref() == Some(TOO_MANY_CONNECTIONS))
}

impl Taken {
    /// Gives it back if that ended well.
    pub(in crate::store) fn after<T>(self, done: Result<T, sqlx::Error>) -> Result<T, sqlx::Error> {
        if done.is_ok() {
            self.give_back();
        }
        done
    }

    /// Gives it back: nothing is under way on it.
    pub(in crate::store) fn give_back(mut self) {
        let Some(held) = self.held.take() else { return };
        self.budget.take_back(held.connection, held.schema);
        self.budget.given_back.notify_waiters();
    }
}

impl Deref for Taken {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.held.as_ref().expect("it is held until it is given back").connection
    }
}

impl DerefMut for Taken {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.held.as_mut().expect("it is held until it is given back").connection
    }
}

impl Drop for Taken {
    /// Something failed, or nobody waited for it: whatever is open is taken back before another uses the connection.
    fn drop(&mut self) {
        let Some(mut held) = self.held.take() else { return };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return }; // the process ends, and its connections with it
        let budget = self.budget.clone();
        runtime.spawn(async move {
            let taken_back = held.connection.execute("ROLLBACK; SELECT pg_advisory_unlock_all()");
            if timeout(PATIENCE, taken_back).await.is_ok_and(|done| done.is_ok()) {
                budget.take_back(held.connection, held.schema);
            }
            budget.given_back.notify_waiters(); // a connection that ended leaves room, too
        });
    }
}

#[cfg(test)]
mod tests {
    use super::super::{of_tests, own_for_a_test};
    use super::*;

    async fn schemas(database: &Database, number: usize) -> Vec<Connections> {
        let mut made = Vec::new();
        for number in 0..number {
            let schema = format!("world_{number}");
            let mut connection = database.connect().await.unwrap();
            let text =
                format!("CREATE SCHEMA {0}; CREATE TABLE {0}.own AS SELECT {number}::BIGINT AS x", quoted(&schema));
            connection.execute(sqlx::raw_sql(AssertSqlSafe(text))).await.unwrap();
            connection.close().await.unwrap();
            made.push(Connections::to(database, &schema).await.unwrap());
        }
        made
    }

    async fn read(connections: &Connections) -> i64 {
        let mut taken = connections.take().await.unwrap();
        let read = sqlx::query_scalar("SELECT x FROM own").fetch_one(&mut *taken).await;
        taken.after(read).unwrap()
    }

    async fn processes(database: &Database) -> Vec<i32> {
        let text = "SELECT pid FROM pg_stat_activity WHERE application_name = 'eseal' AND pid <> pg_backend_pid() \
            AND datname = current_database() ORDER BY pid";
        sqlx::query_scalar(text).fetch_all(&mut *database.at_hand().await.unwrap()).await.unwrap()
    }

    #[tokio::test]
    async fn forty_worlds_share_twenty_connections_and_no_other_is_made_when_each_is_asked_again() {
        let Some(database) = own_for_a_test().await.unwrap() else { return };
        let worlds = schemas(&database, 41).await;
        let before = processes(&database).await;
        for _ in 0..3 {
            for (number, world) in worlds.iter().enumerate() {
                assert_eq!(read(world).await, number as i64, "each finds its own tables");
            }
        }
        let after = processes(&database).await;
        assert_eq!(after.len(), OPEN);
        assert!(after.iter().all(|process| before.contains(process)), "{before:?} {after:?}");
        worlds[0].close().await;
        assert!(matches!(worlds[0].take().await, Err(sqlx::Error::PoolClosed)));
    }

    #[tokio::test]
    async fn a_connection_that_nobody_waits_for_goes_back_without_what_was_begun_on_it() {
        let Some(database) = own_for_a_test().await.unwrap() else { return };
        let world = schemas(&database, 1).await.remove(0);
        for _ in 0..20 {
            let mut taken = world.take().await.unwrap();
            taken.execute("BEGIN; DELETE FROM own").await.unwrap();
            drop(taken);
            assert_eq!(read(&world).await, 0);
        }
        assert!(processes(&database).await.len() <= 1 + OF_A_WORLD as usize, "with one that is just ending");
    }

    #[tokio::test]
    async fn a_user_that_may_have_few_connections_waits_for_one_and_is_told_of_none() {
        let Some(database) = own_for_a_test().await.unwrap() else { return };
        drop(schemas(&database, 9).await); // as the one who may all
        let role = format!("few{}", hex::encode(crate::random::bytes::<4>()));
        let mut master = of_tests().unwrap().connect().await.unwrap();
        let text = format!("CREATE ROLE {role} LOGIN CONNECTION LIMIT 3; GRANT pg_read_all_data TO {role}");
        master.execute(sqlx::raw_sql(AssertSqlSafe(text))).await.unwrap();
        let options = sqlx::postgres::PgConnectOptions::clone(&database.options).username(&role);
        let few = Database { options: options.into(), budget: Budget::default(), ..database.clone() };
        let mut worlds = Vec::new();
        for number in 0..9 {
            worlds.push(Connections::to(&few, &format!("world_{number}")).await.unwrap());
        }
        let all = futures_util::future::join_all(worlds.iter().map(read)).await;
        assert_eq!(all, (0..9).collect::<Vec<i64>>());
        assert!(few.connect().await.is_ok(), "one that rested made room for one beside those of the worlds");
        let _held = [worlds[0].take().await.unwrap(), worlds[1].take().await.unwrap(), worlds[2].take().await.unwrap()];
        let refused = worlds[3].take().await.unwrap_err();
        assert!(refused.to_string().contains("too many connections"), "{refused}");
        let told = crate::problem::Problem::failed(&refused);
        assert!(
            told.description.contains("has no room for it now (it says: too many connections for role"),
            "{told:?}"
        );
    }
}
