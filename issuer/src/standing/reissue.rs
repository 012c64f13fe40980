//! Issuing a certificate again, mostly with corrected data: a new number, which takes the place of the old one. Both are kept in
//! one transaction, so that there is never a certificate with two successors, or a successor of nothing.

use jiff::Timestamp;
use sealing::Level;
use world::store::Transaction;

use super::change::{check_words, not_possible, unknown};
use super::{Known, state_at, store, successor};
use crate::api::{Reissue, StandingAct, StandingFact};
use crate::completion::Completion;
use crate::error::Error;
use crate::issue::Issuer;
use crate::number::CertificateNumber;
use crate::store::{Beside, Issued};
use crate::template::{Template, USUAL};

/// Whose place a certificate takes, and why.
pub(crate) struct Superseding {
    number: CertificateNumber,
    reason: String,
    by: Option<String>,
}

/// A certificate that took the place of another.
#[derive(Debug)]
pub struct Reissued {
    /// The new one.
    pub issued: Issued,
    /// Whether it was issued now, and not at an earlier time for the same request.
    pub is_new: bool,
}

impl Issuer {
    /// Issues a certificate again, in the name of the organization that issued it. Asked again for the same, it gives the certificate that
    /// was issued then. It is printed by the version of its template by which the old one was, unless another version is asked for.
    ///
    /// # Errors
    /// [`Error::UnknownTemplateVersion`] if that version is not there any more; [`Error::NotPossible`] if it is not valid, or another one took its place with other data; [`Error::InHand`] while somebody else
    /// issues it again; as for [`Issuer::issue`].
    pub async fn reissue(&self, number: &str, request: Reissue) -> Result<Reissued, Error> {
        let Reissue { by, completion, level, reason, template_version } = request;
        check_words(&reason, by.as_deref())?;
        let number: CertificateNumber = number.parse()?;
        let _held = self
            .holds
            .take(format!("reissue {number}"))
            .await?
            .ok_or_else(|| Error::InHand { what: format!("{number} is being issued again") })?;
        let old = self.find(&number.to_string()).await?;
        let completion = match completion {
            Some(data) => Completion::try_from(data)?,
            None => Completion::from_json(old.completion.as_bytes())?,
        };
        let at = self.now();
        let known = store::known(&self.world.store, &number).await?.ok_or_else(|| unknown(&number))?;
        if let Some(there) = successor(&known.facts) {
            let there = self.find(&there.to_string()).await?;
            let same = serde_json::to_string(&completion).is_ok_and(|text| text == there.completion);
            let same_reason = known.facts.iter().any(|fact| fact.superseded_by.is_some() && fact.reason == reason);
            let same_version = template_version.is_none_or(|version| version == there.summary.template_version);
            return match same && same_reason && same_version {
                true => Ok(Reissued { issued: there, is_new: false }),
                false => Err(not_possible(known, StandingAct::Reissue, at)),
            };
        }
        check_possible(known, at)?;
        let issuer = self.in_the_name_of(Some(&old.summary.organization))?;
        let level = level.or(completion.level()).unwrap_or(Level::BLTA);
        let template = issuer.template_for_reissue(&old, &completion, template_version).await?;
        let superseding = Superseding { number, reason, by };
        let beside = Some(Beside::Supersedes(&superseding));
        let issued = issuer.issue_by((&completion, &template), level, None, beside).await?;
        Ok(Reissued { issued, is_new: true })
    }

    /// The template in the version that is asked for, else in the one by which the certificate was made, so that nothing but the data
    /// changes; in its newest if the data name another template now.
    async fn template_for_reissue(
        &self,
        old: &Issued,
        completion: &Completion,
        version: Option<u32>,
    ) -> Result<Template, Error> {
        let id = completion.template().unwrap_or(USUAL);
        let same = (id == old.summary.template).then_some(old.summary.template_version);
        self.template_in(id, version.or(same)).await
    }
}

impl Superseding {
    /// Of a certificate that is issued anew with other content, by a batch that was asked for that.
    pub(crate) fn of_batch(number: CertificateNumber) -> Superseding {
        Superseding { number, reason: "issued anew by a batch, with other content".to_owned(), by: None }
    }

    /// Records it beside its successor, unless something else became of it meanwhile.
    pub(crate) async fn record(
        &self,
        transaction: &mut Transaction<'_>,
        successor: &CertificateNumber,
        at: Timestamp,
    ) -> Result<(), Error> {
        store::lock(transaction).await?;
        let known = store::read(transaction, &self.number).await?.ok_or_else(|| unknown(&self.number))?;
        let issued_at = known.issued_at;
        check_possible(known, at)?;
        let fact = StandingFact {
            event: StandingAct::Reissue.event(),
            reason: self.reason.clone(),
            recorded_at: at,
            recorded_by: self.by.clone().unwrap_or_else(|| super::change::NAMELESS.to_owned()),
            since: at,
            superseded_by: Some(successor.clone()),
        };
        Ok(store::record(transaction, &self.number, issued_at, &fact).await?)
    }
}

fn check_possible(known: Known, at: Timestamp) -> Result<(), Error> {
    let possible = state_at(&known.facts, at).possible().contains(&StandingAct::Reissue);
    match possible && successor(&known.facts).is_none() {
        true => Ok(()),
        false => Err(not_possible(known, StandingAct::Reissue, at)),
    }
}
