//! What was issued about the same people by somebody else while rows were made: another batch, or another process. In: rows that were just
//! settled. Out: notes of them. Whichever of two is kept later finds the other, so that at least one of them says so.

use super::chunk::{Chunk, Ready};
use super::store;
use crate::anew::Replaced;
use crate::error::Error;
use crate::likeness;

impl Chunk<'_> {
    /// Says of rows that somebody has a certificate about the same already, under another key.
    pub(super) async fn note_likenesses(&self, organization: &str, ready: &mut [Ready]) -> Result<(), Error> {
        let wanted = ready.iter().map(|ready| (organization, &ready.completion)).collect::<Vec<_>>();
        let others = likeness::issued(self.issuer, &wanted).await?;
        for (Ready { row, .. }, others) in ready.iter_mut().zip(others) {
            let replaced = row.replaces.as_ref().map(Replaced::number);
            let other = others.into_iter().find(|other| Some(other) != replaced);
            row.note = other.map(|other| likeness::told(&other));
        }
        Ok(())
    }

    /// The same of rows that are delivered by now and have no note.
    pub(super) async fn note_what_came_between(&self, organization: &str, ready: &[Ready]) -> Result<(), Error> {
        let wanted = ready.iter().map(|ready| (organization, &ready.completion)).collect::<Vec<_>>();
        let others = likeness::issued(self.issuer, &wanted).await?;
        for (Ready { row, .. }, others) in ready.iter().zip(others).filter(|(ready, _)| ready.row.note.is_none()) {
            let (own, replaced) = (row.number.as_ref(), row.replaces.as_ref().map(Replaced::number));
            let other = others.into_iter().find(|other| Some(other) != own && Some(other) != replaced);
            if let (Some(own), Some(other)) = (own, other) {
                let told = likeness::told(&other);
                store::note(&self.issuer.world.store, (self.lease.batch.id, row.place), (own, &other), &told).await?;
            }
        }
        Ok(())
    }
}
