//! What the certificates of rows count for now. In: rows of a batch. Out: the same, each with that; a row whose certificate had been issued
//! before says what became of it.

use crate::api::{BatchRow, RowState};
use crate::error::Error;
use crate::issue::Issuer;
use crate::register::Words;
use crate::standing;

impl Issuer {
    /// Rows as they were read, with the standing of their certificates.
    pub(super) async fn with_standings(&self, mut rows: Vec<BatchRow>) -> Result<Vec<BatchRow>, Error> {
        let issued = rows.iter().filter(|row| row.address.is_some()).filter_map(|row| row.number.as_ref());
        let numbers: Vec<String> = issued.map(ToString::to_string).collect();
        let (mut lives, at) = (standing::store::lives(&self.world.store, &numbers).await?, self.now());
        for row in rows.iter_mut().filter(|row| row.address.is_some()) {
            let number = row.number.as_ref().map(ToString::to_string).unwrap_or_default();
            let life = lives.remove(&number).unwrap_or_default();
            row.standing = Some(life.state_at(at));
            if row.state == RowState::Unchanged
                && row.problem.is_none()
                && let Some(Words { en, ja }) = standing::told(&life, at)
            {
                (row.problem, row.problem_ja) = (Some(en), Some(ja));
            }
        }
        Ok(rows)
    }
}
