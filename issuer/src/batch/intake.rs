//! A register becomes a batch. In: its rows as they are read. Out: a batch that is on disk, every row of it, before it is acknowledged.

use super::options::Options;
use super::store::{self, NewRow};
use crate::completion::Completion;
use crate::error::Error;
use crate::identity::Identity;
use crate::issue::Issuer;
use crate::register::{CellError, Row};

/// How many rows are written with one transaction.
const STEP: usize = 1024;

impl Issuer {
    /// Takes a batch: all of it or nothing.
    pub(super) async fn take_batch(
        &self,
        name: &str,
        options: &Options,
        rows: impl Iterator<Item = Row> + Send,
    ) -> Result<i64, Error> {
        let store = &self.world.store;
        crate::store::complete_keys(store, &self.organizations[0]).await?;
        let at = world::time::whole_seconds(self.world.clock.now());
        let id = store::begin(store, name, options, at).await?;
        let taken = self.take_rows(id, options, rows).await;
        if taken.is_err() {
            store::discard(store, id).await?;
        }
        taken?;
        store::start(store, id).await?;
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

fn new(place: i64, row: Row, options: &Options) -> NewRow {
    let Row { line, key, organization, content } = row;
    let (given_key, organization) = (key.as_deref().map(shown), organization.as_deref().map(shown));
    let whose = organization.as_deref().unwrap_or(&options.organization);
    let content = content.map_err(|errors| errors.iter().map(sentence).collect::<Vec<_>>().join("; "));
    let by_template =
        |completion: Completion| completion.by_template(options.template.as_deref()).map_err(|error| error.to_string());
    let content = content.and_then(by_template).map_err(|problem| shown(&problem)).map(|completion| {
        let identity = match &given_key {
            Some(key) => Identity::given(key, whose, &completion),
            None => Identity::of(whose, &completion),
        };
        (identity, serde_json::to_string(&completion).expect("completion data came from a file"))
    });
    let line = i64::try_from(line).unwrap_or(i64::MAX);
    let organization = organization.filter(|own| *own != options.organization);
    NewRow { place, line, organization, given_key, content }
}

/// What somebody wrote, as it can be told again wherever it is kept: PostgreSQL keeps no U+0000.
fn shown(text: &str) -> String {
    text.replace('\0', "\u{2400}")
}

/// What is wrong with a cell, and what to do.
fn sentence(error: &CellError) -> String {
    let place = error.column.as_ref().or(error.member.as_ref());
    let place = place.map(|place| format!("{place}: ")).unwrap_or_default();
    match error.advice.is_empty() {
        true => format!("{place}{}", error.message),
        false => format!("{place}{} ({})", error.message, error.advice),
    }
}
