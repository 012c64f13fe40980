//! The facts in the database.

use std::collections::HashMap;

use jiff::Timestamp;
use world::store::{DatabaseError, On, Row, Store, Transaction, composed, query, steps, stored_time};

use super::{Known, Life};
use crate::api::{StandingEvent, StandingFact};
use crate::error::Error;
use crate::number::CertificateNumber;
use crate::search::store::last_day;
use crate::store::parsed;

/// Whoever records waits for others who do, so that each sees what the other recorded.
const LOCK: &str = "certificate facts";

const COLUMNS: &str = "number, kind, since, reason, superseded_by, recorded_at, recorded_by";

/// Nobody else records until this transaction has ended.
pub(crate) async fn lock(transaction: &mut Transaction<'_>) -> Result<(), Error> {
    Ok(transaction.lock(LOCK).await?)
}

/// What is known of that certificate, if there is one.
pub(crate) async fn known(store: &Store, number: &CertificateNumber) -> Result<Option<Known>, Error> {
    read(&mut store.snapshot().await?, number).await
}

/// The same within a transaction.
pub(crate) async fn read(
    transaction: &mut Transaction<'_>,
    number: &CertificateNumber,
) -> Result<Option<Known>, Error> {
    let issued =
        query("SELECT issued_at, valid_until FROM certificate_listing WHERE number = $1").bind(number.to_string());
    let Some(issued) = issued.fetch_optional(&mut *transaction).await? else { return Ok(None) };
    let text = format!("SELECT {COLUMNS} FROM certificate_fact WHERE number = $1 ORDER BY id");
    let rows = composed(text).bind(number.to_string()).fetch_all(&mut *transaction).await?;
    let supersedes = query("SELECT number FROM certificate_fact WHERE superseded_by = $1").bind(number.to_string());
    let supersedes = supersedes.fetch_optional(transaction).await?;
    Ok(Some(Known {
        number: number.clone(),
        issued_at: stored_time(issued.get("issued_at")?)?,
        valid_until: last_day(&issued)?,
        facts: rows.iter().map(fact).collect::<Result<_, Error>>()?,
        supersedes: supersedes.map(|row| parsed(&row, "number")).transpose()?,
    }))
}

/// The facts of those certificates, in the order in which they were recorded.
pub(crate) async fn of_all(store: &Store, numbers: &[String]) -> Result<Vec<(CertificateNumber, StandingFact)>, Error> {
    let mut found = Vec::new();
    for step in steps(numbers) {
        let places: Vec<String> = (1..=step.len()).map(|place| format!("${place}")).collect();
        let text =
            format!("SELECT {COLUMNS} FROM certificate_fact WHERE number IN ({}) ORDER BY id", places.join(", "));
        let rows = step.iter().fold(composed(text), |query, number| query.bind(number)).fetch_all(store).await?;
        for row in &rows {
            found.push((parsed(row, "number")?, fact(row)?));
        }
    }
    Ok(found)
}

/// The same by the numbers of the certificates that have any.
pub(crate) async fn by_number(store: &Store, numbers: &[String]) -> Result<HashMap<String, Vec<StandingFact>>, Error> {
    let mut facts: HashMap<String, Vec<StandingFact>> = HashMap::new();
    for (number, fact) in of_all(store, numbers).await? {
        facts.entry(number.to_string()).or_default().push(fact);
    }
    Ok(facts)
}

/// The certificates that have taken the place of those by that time, the last of each row of successors; none for what has none.
pub(crate) async fn last_successors(
    store: &Store,
    numbers: &[String],
    at: Timestamp,
) -> Result<HashMap<String, CertificateNumber>, Error> {
    let mut last: HashMap<String, CertificateNumber> = HashMap::new();
    let mut open: Vec<(String, String)> = numbers.iter().map(|number| (number.clone(), number.clone())).collect();
    while !open.is_empty() {
        let asked: Vec<String> = open.iter().map(|(_, now)| now.clone()).collect();
        let facts = by_number(store, &asked).await?;
        let mut next = Vec::new();
        for (first, now) in open {
            let by_then = facts.get(&now).into_iter().flatten().filter(|fact| fact.since <= at);
            if let Some(successor) = by_then.filter_map(|fact| fact.superseded_by.clone()).next() {
                next.push((first.clone(), successor.to_string()));
                last.insert(first, successor);
            }
        }
        open = next; // each has one successor, which was issued later: it comes to an end
    }
    Ok(last)
}

/// The lives of those certificates, by number.
pub(crate) async fn lives(store: &Store, numbers: &[String]) -> Result<HashMap<String, Life>, Error> {
    let mut facts = by_number(store, numbers).await?;
    let mut lives = HashMap::new();
    for step in steps(numbers) {
        let places: Vec<String> = (1..=step.len()).map(|place| format!("${place}")).collect();
        let text =
            format!("SELECT number, valid_until FROM certificate_listing WHERE number IN ({})", places.join(", "));
        let rows = step.iter().fold(composed(text), |query, number| query.bind(number)).fetch_all(store).await?;
        for row in &rows {
            let number: String = row.get("number")?;
            let life = Life { facts: facts.remove(&number).unwrap_or_default(), valid_until: last_day(row)? };
            lives.insert(number, life);
        }
    }
    Ok(lives)
}

/// Records a fact of a certificate that was issued then.
pub(crate) async fn record<'c>(
    on: impl Into<On<'c>>,
    number: &CertificateNumber,
    issued_at: Timestamp,
    fact: &StandingFact,
) -> Result<(), DatabaseError> {
    let text = "INSERT INTO certificate_fact \
                (number, kind, since, reason, superseded_by, recorded_at, recorded_by, issued_at) \
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    query(text)
        .bind(number.to_string())
        .bind(fact.event.name())
        .bind(fact.since.to_string())
        .bind(&fact.reason)
        .bind(fact.superseded_by.as_ref().map(ToString::to_string))
        .bind(fact.recorded_at.to_string())
        .bind(&fact.recorded_by)
        .bind(issued_at.to_string())
        .execute(on)
        .await?;
    Ok(())
}

fn fact(row: &Row) -> Result<StandingFact, Error> {
    let kind: &str = row.get("kind")?;
    let superseded_by: Option<String> = row.get("superseded_by")?;
    Ok(StandingFact {
        event: StandingEvent::named(kind).ok_or_else(|| foreign(kind))?,
        reason: row.get("reason")?,
        recorded_at: stored_time(row.get("recorded_at")?)?,
        recorded_by: row.get("recorded_by")?,
        since: stored_time(row.get("since")?)?,
        superseded_by: superseded_by.map(|number| number.parse()).transpose()?,
    })
}

fn foreign(kind: &str) -> DatabaseError {
    DatabaseError::ColumnDecode { index: "kind".into(), source: format!("{kind:?} is no fact of ours").into() }
}

impl StandingEvent {
    /// As it is stored.
    pub(crate) fn name(self) -> &'static str {
        match self {
            StandingEvent::Revoked => "revoked",
            StandingEvent::Suspended => "suspended",
            StandingEvent::Released => "released",
            StandingEvent::Superseded => "superseded",
        }
    }

    fn named(name: &str) -> Option<StandingEvent> {
        use StandingEvent::{Released, Revoked, Superseded, Suspended};
        [Revoked, Suspended, Released, Superseded].into_iter().find(|event| event.name() == name)
    }
}
