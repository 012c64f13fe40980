//! Who works on which rows. In: how many rows are wanted. Out: a lease on them, which ends by itself unless it is renewed. It is a claim on
//! their keys too: a row whose key another row has in hand, of whichever batch, is left alone until it is known what became of that.

use world::store::{Dialect, Query, Row, Store, Transaction, composed, query};

use super::repeat::Attempts;
use super::{Stored, batch, called, finish, now};
use crate::anew::Replaced;
use crate::api::RowState;
use crate::error::Error;
use crate::number::CertificateNumber;
use crate::register::Words;
use crate::store::note_problem;

/// How long a lease lasts after it was taken or renewed, in milliseconds: four heartbeats, so that one that comes late costs nothing.
const LEASE: i64 = 20_000;

/// Rows that one worker has in hand.
#[derive(Clone, Debug)]
pub(crate) struct Lease {
    /// By which it is told from every other.
    pub(crate) token: String,
    pub(crate) batch: Stored,
    pub(crate) rows: Vec<Leased>,
}

/// A row in hand.
#[derive(Clone, Debug)]
pub(crate) struct Leased {
    pub(crate) place: i64,
    pub(crate) key: String,
    /// Under which its certificate is found: the key, until it is known by which version of a template it is made.
    pub(crate) certificate_key: String,
    pub(crate) content: String,
    pub(crate) organization: Option<String>,
    pub(crate) data: String,
    pub(crate) number: Option<CertificateNumber>,
    /// With this one.
    pub(crate) attempts: u32,
    /// The certificate that it is allowed to replace.
    pub(crate) replaces: Option<Replaced>,
    /// What whoever sent it should know, once it is issued.
    pub(crate) note: Option<Words>,
}

/// Takes up to so many rows of the batch whose turn it is: that of which nobody took rows for longest.
pub(crate) async fn lease(store: &Store, most: u32) -> Result<Option<Lease>, Error> {
    let now = now(store).await?;
    let due = "SELECT id FROM batch WHERE state = 'running' AND not_before <= $1 ORDER BY leased_at, id";
    for id in query(due).bind(now).fetch_values::<i64>(store).await? {
        let token = hex::encode(world::random::bytes::<16>());
        let mut attempts = Attempts::default();
        let rows = loop {
            match take(store, id, &token, most, now).await {
                Err(failed) if attempts.again(&failed) => {}
                taken => break taken?,
            }
        };
        if rows.is_empty() {
            finish(store, id).await?;
        } else if let Some(batch) = batch(store, id).await? {
            return Ok(Some(Lease { token, batch, rows }));
        }
    }
    Ok(None)
}

/// Who takes rows is alone as long as that lasts, so that no two take rows of one key.
const TAKING: &str = "rows of batches";

async fn take(store: &Store, id: i64, token: &str, most: u32, now: i64) -> Result<Vec<Leased>, Error> {
    // Rows that another worker looks at in this moment are left to it; with SQLite there is one at a time.
    let skip = if store.dialect() == Dialect::Postgres { " FOR UPDATE SKIP LOCKED" } else { "" };
    // MATERIALIZED: PostgreSQL may else ask for the due rows once for each row of the batch, each time for others, and take them all.
    let text = format!(
        "WITH in_hand AS MATERIALIZED (SELECT key FROM batch_row WHERE lease > '' AND lease_until >= $4 AND key > ''), \
         due AS MATERIALIZED (SELECT place FROM batch_row WHERE batch = $3 AND open = 1 AND not_before <= $4 \
         AND (lease IS NULL OR lease_until < $4) AND key NOT IN (SELECT key FROM in_hand) ORDER BY place LIMIT $5{skip}) \
         UPDATE batch_row SET lease = $1, lease_until = $2, attempts = attempts + 1, state = 'queued' \
         WHERE batch = $3 AND place IN (SELECT place FROM due) \
         AND EXISTS (SELECT 1 FROM batch WHERE id = $3 AND state = 'running') \
         RETURNING place, key, content, organization, data, number, attempts"
    );
    let mut turn = store.turn().await?;
    let mut transaction = turn.begin().await?;
    transaction.lock(TAKING).await?;
    let taken = composed(text).bind(token).bind(now + LEASE).bind(id).bind(now).bind(most);
    let mut rows: Vec<Leased> =
        taken.fetch_all(&mut transaction).await?.iter().map(leased).collect::<Result<_, _>>()?;
    if !rows.is_empty() {
        let text = "UPDATE batch SET leased_at = $2 WHERE id = $1";
        query(text).bind(id).bind(now).execute(&mut transaction).await?;
    }
    transaction.commit().await?;
    rows.sort_by_key(|row| row.place);
    Ok(rows)
}

fn leased(row: &Row) -> Result<Leased, Error> {
    let number: Option<String> = row.get("number")?;
    Ok(Leased {
        place: row.get("place")?,
        key: row.get("key")?,
        certificate_key: row.get("key")?,
        content: row.get("content")?,
        organization: row.get("organization")?,
        data: row.get("data")?,
        number: number.map(|number| number.parse()).transpose()?,
        attempts: row.get("attempts")?,
        replaces: None,
        note: None,
    })
}

/// A change of all rows of a lease, `$1`. Rows are locked in the order in which they are settled, so that the heartbeat and who settles them
/// wait for one another, and never both.
pub(super) fn of_lease(store: &Store, change: &str) -> String {
    let lock = if store.dialect() == Dialect::Postgres { " FOR UPDATE" } else { "" };
    format!(
        "WITH held AS MATERIALIZED (SELECT place FROM batch_row WHERE lease = $1 ORDER BY place{lock}) \
         UPDATE batch_row SET {change} WHERE lease = $1 AND place IN (SELECT place FROM held)"
    )
}

/// Says that it is still worked on them, and where they are by now if that is known; gives whether any is still held.
pub(crate) async fn renew(store: &Store, token: &str, state: Option<RowState>) -> Result<bool, Error> {
    let (until, mut attempts) = (now(store).await? + LEASE, Attempts::default());
    loop {
        let text = of_lease(store, "lease_until = $2, state = COALESCE($3, state)");
        let renew = composed(text).bind(token).bind(until).bind(state.map(|state| state.name()));
        match renew.execute(&mut store.turn().await?).await.map_err(Error::from) {
            Err(failed) if attempts.again(&failed) => {}
            held => return Ok(held? > 0),
        }
    }
}

/// Gives rows back, and stops their batch, which cannot go on. Whoever holds none any more stops nothing: others decide by now.
pub(crate) async fn stop(store: &Store, lease: &Lease, problem: &Words) -> Result<(), Error> {
    let text = "UPDATE batch SET state = 'stopped', problem = $2, problem_ja = $3 WHERE id = $1 AND state = 'running'";
    give_back_and(store, lease, problem, query(text).bind(lease.batch.id).bind(&problem.en).bind(&problem.ja)).await
}

/// Gives rows back, and lets their batch wait: a service is away. Leases that found that out at the same time count as one.
pub(crate) async fn wait(store: &Store, lease: &Lease, until: i64, problem: &Words) -> Result<(), Error> {
    let text = "UPDATE batch SET outages = CASE WHEN outages = $2 THEN outages + 1 ELSE outages END, not_before = $3, problem = $4, \
                problem_ja = $5 \
                WHERE id = $1 AND state = 'running'";
    let wait = query(text).bind(lease.batch.id).bind(lease.batch.outages).bind(until);
    let wait = wait.bind(&problem.en).bind(&problem.ja);
    give_back_and(store, lease, problem, wait).await
}

/// What is still held is queued again, with the problem of this attempt.
async fn give_back_and(store: &Store, lease: &Lease, problem: &Words, of_batch: Query<'_>) -> Result<(), Error> {
    let mut turn = store.turn().await?;
    let mut transaction = turn.begin().await?;
    let text = of_lease(store, "lease = NULL, state = 'queued', problem = $2, problem_ja = $3");
    let given_back = composed(text).bind(&lease.token).bind(&problem.en).bind(&problem.ja);
    if given_back.execute(&mut transaction).await? > 0 {
        of_batch.execute(&mut transaction).await?;
    }
    Ok(transaction.commit().await?)
}

/// Takes the rows of a batch that is stopped or paused from whoever has some in hand still.
pub(crate) async fn take_from_hand(transaction: &mut Transaction<'_>, batch: i64) -> Result<(), Error> {
    // Locked in the order in which whoever has them in hand settles them.
    let lock = if transaction.dialect() == Dialect::Postgres { " FOR UPDATE" } else { "" };
    let text = format!(
        "WITH held AS MATERIALIZED (SELECT place FROM batch_row WHERE batch = $1 AND lease > '' ORDER BY place{lock}) \
         UPDATE batch_row SET lease = NULL, state = 'queued' WHERE batch = $1 AND place IN (SELECT place FROM held) \
         AND EXISTS (SELECT 1 FROM batch WHERE id = $1 AND state IN ('paused', 'stopped'))"
    );
    composed(text).bind(batch).execute(transaction).await?;
    Ok(())
}

/// The same when it was not worked on at all: it counts as no attempt.
pub(crate) async fn release(store: &Store, token: &str) -> Result<(), Error> {
    let text = of_lease(store, "lease = NULL, state = 'queued', attempts = attempts - 1");
    composed(text).bind(token).execute(&mut store.turn().await?).await?;
    Ok(())
}

/// None of these rows can be issued, whatever is tried now.
pub(crate) async fn fail(store: &Store, token: &str, problem: &Words) -> Result<(), Error> {
    let now = now(store).await?;
    let mut turn = store.turn().await?;
    let mut transaction = turn.begin().await?;
    let failed = "lease = NULL, state = 'failed', open = 0, retryable = 1, problem = $2, problem_ja = $3, done_at = $4";
    let text = format!("{} RETURNING batch, place, number", of_lease(store, failed));
    for row in
        composed(text).bind(token).bind(&problem.en).bind(&problem.ja).bind(now).fetch_all(&mut transaction).await?
    {
        if let Some(number) = row.get::<Option<String>>("number")? {
            let problem = format!("{}: {}", called(row.get("batch")?, row.get("place")?), problem.en);
            note_problem(&mut transaction, &number.parse()?, &problem).await?;
        }
    }
    Ok(transaction.commit().await?)
}

/// In a file that one process owns, leases that are there when it begins are those of a process that has ended.
pub(crate) async fn free_leases(store: &Store) -> Result<(), Error> {
    if store.dialect() == Dialect::Sqlite {
        let text = "UPDATE batch_row SET lease = NULL, state = 'queued' WHERE lease IS NOT NULL";
        query(text).execute(&mut store.turn().await?).await?;
    }
    Ok(())
}

/// Whether there is a batch to work on, be it later.
pub(crate) async fn any_running(store: &Store) -> Result<bool, Error> {
    let text = "SELECT id FROM batch WHERE state = 'running' LIMIT 1";
    Ok(query(text).fetch_optional(store).await?.is_some())
}
