//! A register becomes a batch. In: its rows as they are read. Out: a batch that is on disk, every row of it, before it is acknowledged.

use serde::Serialize;

use super::options::Options;
use super::store::{self, NewRow};
use crate::error::Error;
use crate::issue::Issuer;
use crate::register::words::both;
use crate::register::{CellError, Register, Row, Words};

/// How many rows are written with one transaction.
const STEP: usize = 1024;

/// What is kept in one place: how the rows are issued, and what was told of their file.
#[derive(Serialize)]
struct Beside<'a> {
    #[serde(flatten)]
    options: &'a Options,
    notes: &'a [Words],
}

impl Issuer {
    /// Takes a batch: all of it or nothing.
    pub(super) async fn take_batch(
        &self,
        name: &str,
        options: &Options,
        Register { mut notes, rows, .. }: Register,
        asked_by: Option<&str>,
    ) -> Result<i64, Error> {
        let store = &self.world.store;
        crate::store::complete_keys(store, &self.organizations[0]).await?;
        let at = world::time::whole_seconds(self.world.clock.now());
        let id = store::begin(store, name, &Beside { options, notes: &notes }, at).await?;
        let taken = self.take_rows(id, options, rows).await;
        if taken.is_err() {
            store::discard(store, id).await?;
        }
        taken?;
        if let Some(note) = told_of_others(&store::shared_with(store, id).await?) {
            notes.push(note);
            store::tell(store, id, &Beside { options, notes: &notes }).await?;
        }
        store::start(store, id, asked_by).await?;
        self.works.wake();
        Ok(id)
    }

    async fn take_rows(
        &self,
        batch: i64,
        options: &Options,
        rows: impl Iterator<Item = Row> + Send,
    ) -> Result<(), Error> {
        let mut step = Vec::with_capacity(STEP);
        for (place, row) in (1..).zip(rows) {
            step.push(new(place, row, options));
            if step.len() == STEP {
                store::add(&self.world.store, batch, &step).await?;
                step.clear();
                tokio::task::yield_now().await;
            }
        }
        store::add(&self.world.store, batch, &step).await
    }
}

/// That rows are in unfinished batches already: none is issued twice, and whoever sends the file again need not have.
fn told_of_others(others: &[(i64, i64)]) -> Option<Words> {
    let (first, _) = others.first()?;
    let listed = |word: &dyn Fn(i64, i64) -> String| -> Vec<String> {
        others.iter().map(|(batch, rows)| word(*batch, *rows)).collect()
    };
    let en = listed(&|batch, rows| format!("batch {batch} ({rows} rows)")).join(", ");
    let ja = listed(&|batch, rows| format!("一括発行 {batch}（{rows} 件）")).join("、");
    Some(both!(
        "rows of it are in batches that are not finished: {en}. Each is issued once, by whichever batch comes to it first; `eseal batch resume {first}` goes on without the file",
        "完了していない一括発行に同じ行があります: {ja}。どの行も、先に処理した方で 1 回だけ発行されます。ファイルを送り直さずに続けるには `eseal batch resume {first}`"
    ))
}

fn new(place: i64, row: Row, options: &Options) -> NewRow {
    let Row { line, key, organization, content, identity, note } = row;
    let (given_key, organization) = (key.as_deref().map(shown), organization.as_deref().map(shown));
    let content = content.map_err(|errors| problem_of(&errors)).map(|completion| {
        let identity = identity.expect("a row that can be read has one");
        (identity, serde_json::to_string(&completion).expect("completion data came from a file"))
    });
    let line = i64::try_from(line).unwrap_or(i64::MAX);
    let organization = organization.filter(|own| *own != options.organization);
    NewRow { place, line, organization, given_key, content, note }
}

/// All that is wrong with a row.
fn problem_of(errors: &[CellError]) -> Words {
    let en = errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
    let ja = errors.iter().map(CellError::in_japanese).collect::<Vec<_>>().join("、");
    Words { en: shown(&en), ja: shown(&ja) }
}

/// What somebody wrote, as it can be told again wherever it is kept: PostgreSQL keeps no U+0000.
fn shown(text: &str) -> String {
    text.replace('\0', "\u{2400}")
}
