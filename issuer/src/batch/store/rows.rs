//! The rows of a batch: how they get there, and how they are listed.

use std::collections::BTreeMap;

use jiff::Timestamp;
use sealing::Level;
use serde::Serialize;
use world::store::{Row, Store, Value, composed, query, steps};

use super::now;
use crate::anew;
use crate::api::{BatchRow, RowState};
use crate::completion::Recipient;
use crate::error::Error;
use crate::identity::Identity;
use crate::number::CertificateNumber;
use crate::register::Words;
use crate::register::words::of_row;
use crate::settings::Settings;

/// A row that was read.
pub(crate) struct NewRow {
    pub(crate) place: i64,
    pub(crate) line: i64,
    pub(crate) organization: Option<String>,
    /// The registrar's own key.
    pub(crate) given_key: Option<String>,
    /// What it says and under which key, or why it cannot be issued.
    pub(crate) content: Result<(Identity, String), Words>,
    /// What whoever sent it should know.
    pub(crate) note: Option<Words>,
}

/// Which rows are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Noted {
    /// Also those without a note.
    OrNot,
    /// Those with a note.
    Only,
}

/// How long a file is thought to be read by somebody after its last rows were, in milliseconds.
const READING: i64 = 60_000;

/// A batch that is being read; nobody sees it yet. What others left half-read goes.
pub(crate) async fn begin(store: &Store, name: &str, options: &impl Serialize, at: Timestamp) -> Result<i64, Error> {
    let now = now(store).await?;
    let forsaken = "SELECT id FROM batch WHERE state = 'reading' AND read_until < $1";
    for id in query(forsaken).bind(now).fetch_values::<i64>(store).await? {
        discard(store, id).await?;
    }
    let text = "INSERT INTO batch (name, options, state, created_at, outages, not_before, leased_at, read_until) \
                VALUES ($1, $2, 'reading', $3, 0, 0, 0, $4) RETURNING id";
    let options = serde_json::to_string(options).expect("texts and levels can be written as JSON");
    let insert = query(text).bind(name).bind(options).bind(at.to_string()).bind(now + READING);
    Ok(insert.fetch_value(&mut store.turn().await?).await?)
}

/// Adds rows to a batch that is being read.
pub(crate) async fn add(store: &Store, batch: i64, rows: &[NewRow]) -> Result<(), Error> {
    let now = now(store).await?;
    let mut script = store.script();
    for step in steps(rows) {
        script.push(
            "INSERT INTO batch_row (batch, place, line, key, content, organization, data, state, open, problem, retryable, attempts, \
             not_before, lease_until, done_at, given_key, problem_ja, note, note_ja) VALUES ",
        );
        for (number, row) in step.iter().enumerate() {
            script.push(if number > 0 { ", (" } else { "(" }).push_values(values(batch, row, now)).push(")");
        }
        script.end();
    }
    script.push("UPDATE batch SET read_until = ").push_bind(now + READING).push(" WHERE id = ").push_bind(batch).end();
    store.turn().await?.commit(script).await?;
    Ok(())
}

fn values(batch: i64, row: &NewRow, now: i64) -> [Value<'_>; 19] {
    let (identity, data, problem) = match &row.content {
        Ok((identity, data)) => (Some(identity), Some(data), None),
        Err(problem) => (None, None, Some(problem)),
    };
    let open = problem.is_none();
    [
        batch.into(),
        row.place.into(),
        row.line.into(),
        identity.map(|identity| &identity.key).into(),
        identity.map(|identity| &identity.content).into(),
        row.organization.as_ref().into(),
        data.into(),
        if open { "queued" } else { "failed" }.into(),
        open.into(),
        problem.map(|problem| &problem.en).into(),
        false.into(),
        0i64.into(),
        0i64.into(),
        0i64.into(),
        (!open).then_some(now).into(),
        row.given_key.as_ref().into(),
        problem.map(|problem| &problem.ja).into(),
        row.note.as_ref().map(|note| &note.en).into(),
        row.note.as_ref().map(|note| &note.ja).into(),
    ]
}

/// From now on the batch is there, and is worked on; the request with that key has been answered with it.
pub(crate) async fn start(store: &Store, id: i64, asked_by: Option<&str>) -> Result<(), Error> {
    let mut script = store.script();
    script.push("UPDATE batch SET state = 'running' WHERE state = 'reading' AND id = ").push_bind(id).end();
    if let Some(key) = asked_by {
        script.push("UPDATE idempotency_key SET batch = ").push_bind(id).push(" WHERE key = ").push_bind(key).end();
    }
    Ok(store.turn().await?.commit(script).await?)
}

/// Takes a batch back that was not read to its end.
pub(crate) async fn discard(store: &Store, id: i64) -> Result<(), Error> {
    let mut script = store.script();
    script.push("DELETE FROM batch_row WHERE batch = ").push_bind(id).end();
    script.push("DELETE FROM batch WHERE state = 'reading' AND id = ").push_bind(id).end();
    Ok(store.turn().await?.commit(script).await?)
}

/// The rows after a place, in their order; with a state those that are there.
pub(crate) async fn rows(
    store: &Store,
    first: &Settings,
    batch: i64,
    (state, noted): (Option<RowState>, Noted),
    after: i64,
    limit: u32,
) -> Result<Vec<BatchRow>, Error> {
    let there = if state.is_some() { " AND r.state = $4" } else { "" };
    let noted = if noted == Noted::Only { " AND r.note IS NOT NULL" } else { "" };
    // Of what was issued before, level and file are told by its certificate.
    let text = format!(
        "SELECT r.place AS place, r.line AS line, r.key AS key, r.state AS state, r.problem AS problem, r.retryable AS retryable, \
         r.number AS number, r.attempts AS attempts, r.given_key AS given_key, r.problem_ja AS problem_ja, r.note AS note, r.note_ja AS note_ja, r.data AS data, COALESCE(r.level, c.level) AS level, COALESCE(r.sha256, c.sha256) AS sha256 \
         FROM batch_row r LEFT JOIN issued_certificate c ON c.number = r.number AND r.state IN ('unchanged', 'changed') \
         WHERE r.batch = $1 AND r.place > $2{there}{noted} ORDER BY r.place LIMIT $3"
    );
    let mut select = composed(text).bind(batch).bind(after).bind(limit);
    if let Some(state) = state {
        select = select.bind(state.name());
    }
    select.fetch_all(store).await?.iter().map(|row| stored(row, first)).collect()
}

/// For which rows numbers were taken that have no certificate: batch and place by number, or of that number alone. A row that failed in one
/// batch and came again in another is told as that of the later.
pub(crate) async fn rows_of_numbers(
    store: &Store,
    one: Option<&CertificateNumber>,
) -> Result<BTreeMap<String, (i64, i64)>, Error> {
    let which = if one.is_some() { "= $1" } else { "IS NOT NULL" };
    // By the index of states: of a large batch most rows are delivered.
    let text = format!(
        "SELECT r.number AS number, r.batch AS batch, r.place AS place FROM batch b JOIN batch_row r ON r.batch = b.id \
         AND r.state IN ('queued', 'rendered', 'sealed', 'failed', 'cancelled') WHERE r.number {which} ORDER BY r.batch, r.place"
    );
    let select = composed(text);
    let select = if let Some(number) = one { select.bind(number.to_string()) } else { select };
    let rows = select.fetch_all(store).await?;
    rows.iter().map(|row| Ok((row.get("number")?, (row.get("batch")?, row.get("place")?)))).collect()
}

fn stored(row: &Row, first: &Settings) -> Result<BatchRow, Error> {
    let unreadable = |_| Error::Stored { what: "a row of a batch" };
    let state = RowState::named(row.get("state")?);
    let number: Option<String> = row.get("number")?;
    let number = number.map(|number| number.parse()).transpose()?;
    let there = matches!(state, RowState::Delivered | RowState::Unchanged | RowState::Changed);
    let issued = number.as_ref().filter(|_| there);
    let level: Option<String> = row.get("level")?;
    let data: Option<&str> = row.get("data")?;
    let whose = data.and_then(|data| serde_json::from_str::<Whose>(data).ok()).map(|whose| whose.recipient);
    let problem: Option<String> = row.get("problem")?;
    let problem_ja: Option<String> = row.get("problem_ja")?;
    // Earlier versions said one thing of all that were changed, and only in English.
    let is_of_earlier = state == RowState::Changed && problem.as_ref() == Some(&anew::other_content().en);
    let in_japanese =
        problem_ja.or_else(|| is_of_earlier.then(|| anew::other_content().ja)).or_else(|| of_row(problem.as_deref()?));
    Ok(BatchRow {
        address: issued.map(|number| first.certificate_address(number)),
        attempts: row.get("attempts")?,
        given_key: row.get("given_key")?,
        identifier: whose.as_ref().map(|one| one.identifier.clone()),
        key: row.get("key")?,
        level: level.map(|level| level.parse::<Level>().map_err(unreadable)).transpose()?,
        line: row.get("line")?,
        note: row.get("note")?,
        note_ja: row.get("note_ja")?,
        pdf: issued.map(|number| first.pdf_address(number)),
        number,
        problem_ja: in_japanese.filter(|_| problem.is_some()),
        problem,
        recipient: whose.map(|one| one.name),
        retryable: row.get("retryable")?,
        row: row.get("place")?,
        sha256: row.get("sha256")?,
        standing: None,
        state,
    })
}

/// What completion data say of the recipient.
#[derive(serde::Deserialize)]
struct Whose {
    recipient: Recipient,
}
