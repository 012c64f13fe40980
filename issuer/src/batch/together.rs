//! Certificates made together. In: completion data with their numbers, one organization, a level. Out: each certificate, checked and
//! not kept yet, or what is wrong with it.

use jiff::Timestamp;
use jiff::civil::Date;
use pades::Document;
use pki::Digest;
use sealing::Level;

use crate::badge::{BadgeCredential, BadgeKey, BadgePicture, SignedBadge, SigningInput};
use crate::completion::Completion;
use crate::error::Error;
use crate::issue::Issuer;
use crate::number::CertificateNumber;
use crate::store::Issued;
use crate::template::Template;

/// Longer ones are laid out again rather than kept: a hundred of them would fill the memory.
const MOST_KEPT_PAGES: usize = 4;

/// A certificate to be made.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) number: CertificateNumber,
    pub(super) completion: Completion,
}

/// A badge with the key that signed it, where the template has one.
type Badge = Option<(SignedBadge, BadgeKey)>;

/// Its page, before it is sealed.
pub(super) struct Page {
    badge: Badge,
    document: Document,
}

/// A certificate that can be kept.
pub(super) struct Made {
    pub(super) issued: Issued,
    /// What its badge shows, and what signed it, if it has one.
    pub(super) badge: Option<(BadgePicture, BadgeKey)>,
    /// The learner's.
    pub(super) identifier: String,
    pub(super) valid_until: Option<Date>,
}

impl Issuer {
    /// The pages of certificates, with badges that are signed with one authorization.
    ///
    /// # Errors
    /// What keeps all of them from being made.
    pub(super) async fn pages(
        &self,
        jobs: &[Job],
        template: &Template,
        at: Timestamp,
    ) -> Result<Vec<Result<Page, Error>>, Error> {
        let mut laid_out = Vec::with_capacity(jobs.len());
        for job in jobs {
            let laid = self.laid_out((&job.completion, template), &job.number, at);
            laid_out.push(laid.map(|laid| Some(laid).filter(|laid| laid.pages() <= MOST_KEPT_PAGES)));
            tokio::task::yield_now().await; // whoever wants one certificate does not wait for hundreds
        }
        // Nothing is signed for what cannot be printed.
        let signed: Vec<Job> =
            jobs.iter().zip(&laid_out).filter(|(_, laid_out)| laid_out.is_ok()).map(|(job, _)| job.clone()).collect();
        let begun = self.world.clock.state();
        let badges = match template.has_badge() && !signed.is_empty() {
            true => {
                let badges = self.badges(&signed, template, at).await;
                badges.map(|badges| badges.into_iter().map(|badge| badge.map(Some)).collect())
            }
            false => Ok(signed.iter().map(|_| Ok(None)).collect()),
        };
        let badges: Result<Vec<Result<Badge, Error>>, Error> = badges;
        let mut badges = match badges {
            Err(_) if self.world.clock.state().was_set_since(&begun) => return Err(sealing::Error::ClockMoves.into()),
            badges => badges?.into_iter(),
        };
        let mut pages = Vec::with_capacity(jobs.len());
        for (job, laid_out) in jobs.iter().zip(laid_out) {
            pages.push(laid_out.and_then(|laid_out| {
                let badge = badges.next().expect("there is one for each that was laid out")?;
                let signed = badge.as_ref().map(|(badge, _)| badge);
                let laid_out = match laid_out {
                    Some(laid_out) => laid_out,
                    None => self.laid_out((&job.completion, template), &job.number, at)?,
                };
                let document = self.unsealed(laid_out, (&job.completion, template), &job.number, signed, at)?;
                Ok(Page { badge, document })
            }));
            tokio::task::yield_now().await; // whoever wants one certificate does not wait for hundreds
        }
        Ok(pages)
    }

    async fn badges(
        &self,
        jobs: &[Job],
        template: &Template,
        at: Timestamp,
    ) -> Result<Vec<Result<(SignedBadge, BadgeKey), Error>>, Error> {
        let key_server = self.sealer.key_server();
        let credential = key_server.credential(&self.settings.organization().badge_credential).await?;
        let key = BadgeKey::new(credential.chain[0].public_key())?;
        let address = self.settings.key_address(&key.thumbprint());
        let inputs: Vec<Result<SigningInput, Error>> = jobs
            .iter()
            .map(|job| {
                // What the page will not take is found before anything is signed, as far as members go: fonts and room only the page tells.
                if let Some(problem) = template.problems(&job.completion).into_iter().next() {
                    return Err(problem);
                }
                let picture = self.picture_for(&job.completion)?;
                let unsigned = BadgeCredential::new(&job.completion, &job.number, &self.settings, &picture, at)?;
                Ok(SigningInput::new(unsigned, &address))
            })
            .collect();
        let first = inputs.iter().flatten().next();
        let Some(algorithm) = first.map(SigningInput::algorithm) else {
            return Ok(inputs.into_iter().map(|input| input.map(|_| unreachable!("none is there"))).collect());
        };
        let digests: Vec<Digest> = inputs.iter().flatten().map(SigningInput::digest).collect();
        let signatures = key_server.sign_all(&credential, algorithm, &digests).await?;
        let is_warned = signatures.iter().any(|signature| signature.warning.is_some());
        if is_warned && !key_server.is_renewed(&credential).await {
            self.sealer.check_warned(is_warned, &credential).await?;
        }
        let mut signatures = signatures.into_iter();
        let mut badges = Vec::with_capacity(jobs.len());
        for (job, input) in jobs.iter().zip(inputs) {
            let input = match input {
                Ok(input) => input,
                Err(wrong) => {
                    badges.push(Err(wrong));
                    continue;
                }
            };
            let signature = signatures.next().map(|signature| signature.value).unwrap_or_default();
            badges.push(match key.public().verify(algorithm, &input.digest(), &signature) {
                Ok(()) if !is_warned => Ok((input.assemble(&signature), key.clone())),
                _ => self.badge(&job.completion, &job.number, at).await, // the credential was renewed in between
            });
        }
        Ok(badges)
    }

    /// Seals pages that could be made, and checks each.
    ///
    /// # Errors
    /// What keeps all of them from being sealed.
    pub(super) async fn seal_pages(
        &self,
        jobs: &[Job],
        pages: Vec<Page>,
        template: &Template,
        (level, credential): (Level, Option<&str>),
        at: Timestamp,
    ) -> Result<Vec<Result<Made, Error>>, Error> {
        let (mut documents, mut badges) = (Vec::with_capacity(pages.len()), Vec::with_capacity(pages.len()));
        for Page { badge, document } in pages {
            documents.push(document);
            badges.push(badge);
        }
        let sealed = self.sealer.seal_all(&documents, &self.seal_options(level, credential)).await?;
        let made = jobs.iter().zip(badges).zip(sealed).map(|((job, badge), sealed)| {
            let signed = badge.as_ref().map(|(badge, _)| badge);
            let issued = self.issued((&job.completion, template), &job.number, at, signed, sealed?);
            let identifier = job.completion.recipient().identifier.clone();
            let badge = badge.map(|(badge, key)| (badge.credential().picture().clone(), key));
            Ok(Made { issued, badge, identifier, valid_until: job.completion.valid_until() })
        });
        Ok(made.collect())
    }
}
