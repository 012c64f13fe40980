//! Issuing a certificate again, mostly with corrected data: a new number, which takes the place of the old one. Both are kept in
//! one transaction, so that there is never a certificate with two successors, or a successor of nothing.

use jiff::Timestamp;
use world::store::Transaction;

use super::change::{check_words, not_possible, unknown};
use super::{Known, store, successor};
use crate::api::{Reissue, ReissuedAbout, StandingAct, StandingFact};
use crate::completion::{Achievement, Completion};
use crate::error::Error;
use crate::issue::Issuer;
use crate::number::CertificateNumber;
use crate::search::form;
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
    /// [`Error::ReissuedAbout`] if the data are about another person, achievement or kind of document and this is not said to be wanted;
    /// [`Error::UnknownTemplateVersion`] if that version is not there any more; [`Error::NotPossible`] if it is not valid, or another one took its place with other data; [`Error::InHand`] while somebody else
    /// issues it again; as for [`Issuer::issue`].
    pub async fn reissue(&self, number: &str, request: Reissue) -> Result<Reissued, Error> {
        let Reissue { another, by, completion, level, reason, template_version } = request;
        check_words(&reason, by.as_deref())?;
        let number: CertificateNumber = number.parse()?;
        let _held = self
            .holds
            .take(format!("reissue {number}"))
            .await?
            .ok_or_else(|| Error::InHand { what: format!("{number} is being issued again") })?;
        let old = self.find(&number.to_string()).await?;
        let before = Completion::from_kept(old.completion.as_bytes())?;
        let (level, completion) = match completion {
            Some(data) => {
                let corrected = corrected(Completion::try_from(data)?, &before, &old.summary.template, &another)?;
                (level.or(corrected.level()), corrected)
            }
            None => (level, before.of_today().checked()?),
        };
        let level = level.unwrap_or(old.summary.level);
        let at = self.now();
        let known = store::known(&self.world.store, &number).await?.ok_or_else(|| unknown(&number))?;
        if let Some(there) = successor(&known.facts) {
            let there = self.find(&there.to_string()).await?;
            let same = serde_json::to_string(&completion).is_ok_and(|text| text == there.completion);
            let same_reason = known.facts.iter().any(|fact| fact.superseded_by.is_some() && fact.reason == reason);
            let same_version = template_version.is_none_or(|version| version == there.summary.template_version);
            let same_level = level == there.summary.level;
            return match same && same_reason && same_version && same_level {
                true => Ok(Reissued { issued: there, is_new: false }),
                false => Err(not_possible(known, StandingAct::Reissue, at)),
            };
        }
        check_possible(known, at)?;
        let issuer = self.in_the_name_of(Some(&old.summary.organization))?;
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
        let id = completion.template().unwrap_or(&old.summary.template);
        let same = (id == old.summary.template).then_some(old.summary.template_version);
        self.template_in(id, version.or(same)).await
    }
}

/// The corrected data, which say by which template they are printed where the old ones did: whoever corrects a name corrects nothing else.
///
/// # Errors
/// [`Error::ReissuedAbout`] if they are about something else than the certificate, and nobody said that this is wanted.
fn corrected(
    corrected: Completion,
    before: &Completion,
    template: &str,
    another: &[ReissuedAbout],
) -> Result<Completion, Error> {
    let named = corrected.template().is_some();
    let kept = before.template().or((template != USUAL).then_some(template));
    let corrected = if named { corrected } else { corrected.by_template(kept)? };
    let (old, new) = (before.recipient().identifier.as_str(), corrected.recipient().identifier.as_str());
    let recipient = (form::own(old) != form::own(new)).then(|| (old.to_owned(), new.to_owned()));
    let asked_for = corrected.template().unwrap_or(template);
    let template = (asked_for != template).then(|| (template.to_owned(), asked_for.to_owned()));
    let achievement = other_achievement(before.achievement(), corrected.achievement());
    for (about, differs) in [
        (ReissuedAbout::Recipient, recipient),
        (ReissuedAbout::Template, template),
        (ReissuedAbout::Achievement, achievement),
    ] {
        if let Some((old, new)) = differs.filter(|_| !another.contains(&about)) {
            return Err(Error::ReissuedAbout { about, old, new });
        }
    }
    Ok(corrected)
}

/// What was achieved before and now, if that is not the same: by its id, or by both of its names where one of the two has no id.
pub(crate) fn other_achievement(before: Option<&Achievement>, now: Option<&Achievement>) -> Option<(String, String)> {
    let (before, now) = (before?, now?); // what has none is of another template
    if let (Some(old), Some(new)) = (&before.id, &now.id) {
        return (old != new).then(|| (old.clone(), new.clone()));
    }
    let differ = |old: &str, new: &str| form::own(old) != form::own(new);
    let both = differ(&before.name_ja, &now.name_ja) && differ(&before.name_en, &now.name_en);
    both.then(|| (before.name_ja.clone(), now.name_ja.clone()))
}

impl Superseding {
    /// Of a certificate that is issued anew by a batch that was asked for that.
    pub(crate) fn of_batch(number: CertificateNumber, reason: &'static str) -> Superseding {
        Superseding { number, reason: reason.to_owned(), by: None }
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
    known.check_issued(at)?;
    match known.possible_at(at).contains(&StandingAct::Reissue) {
        true => Ok(()),
        false => Err(not_possible(known, StandingAct::Reissue, at)),
    }
}
