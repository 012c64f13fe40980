//! The rows that one worker has in hand. In: a lease. Out: what became of each, written down while the lease is held.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;
use sealing::{Crossings, Level};
use tokio::time::Instant;

use super::keys;
use super::outage::Lowered;
use super::store::{self, End, Lease, Leased, Settled};
use super::together::{Job, Made, Page};
use super::work::Backoff;
use crate::api::RowState;
use crate::completion::Completion;
use crate::crossings;
use crate::error::Error;
use crate::identity::{self, Issued};
use crate::issue::Issuer;
use crate::template::Template;

/// How many certificates are kept with one transaction: a few megabytes.
const KEPT_AT_ONCE: usize = 32;

/// How often a row is begun before it fails, if what is wrong with it alone might pass.
const ATTEMPTS: u32 = 6;

/// From this attempt on a row may have a lower level than was asked for, if the batch allows it.
const LOWER_LEVEL_FROM: u32 = 3;

/// What is done with one lease.
pub(super) struct Chunk<'a> {
    pub(super) issuer: &'a Issuer,
    pub(super) lease: &'a Lease,
    pub(super) backoff: Backoff,
    /// Whether the world is being closed.
    pub(super) ending: &'a AtomicBool,
}

/// A row that can be issued.
struct Ready {
    row: Leased,
    completion: Completion,
}

/// Rows that are issued alike.
type Groups = BTreeMap<Alike, Vec<Ready>>;

/// Organization, level, and id of the template.
type Alike = (String, Level, Option<String>);

/// A certificate, or why it could not be made.
type Tried = Result<Made, Error>;

impl Chunk<'_> {
    /// Issues what can be issued. Rows that are not held any more are somebody else's, and left alone.
    ///
    /// # Errors
    /// What keeps the rest from being issued: nothing is written down of those then.
    pub(super) async fn work(&self) -> Result<(), Error> {
        let at = world::time::whole_seconds(self.issuer.world.clock.now());
        let groups = self.sorted(at).await?;
        for (alike, ready) in groups {
            let rows: Vec<Leased> = ready.iter().map(|ready| ready.row.clone()).collect();
            let is_the_batch_s = self.is_the_batch_s(&alike.0);
            match self.group(alike, ready, at).await {
                Err(error) if !holds_up(&error, is_the_batch_s) => {
                    let retryable = !is_about_data(&error);
                    let end = || End::Failed { problem: error.to_string(), retryable };
                    let failed: Vec<Settled> = rows.iter().map(|row| Settled { row, end: end() }).collect();
                    self.settle(&failed, at).await?; // the others are issued all the same
                }
                others => others?,
            }
        }
        Ok(())
    }

    /// Whether what keeps that organization from issuing keeps all rows of the batch, or only those that name it.
    fn is_the_batch_s(&self, organization: &str) -> bool {
        let options = &self.lease.batch.options;
        options.credential.is_some() || organization == options.organization
    }

    /// Rows that are issued alike.
    async fn group(
        &self,
        (organization, level, template): Alike,
        mut ready: Vec<Ready>,
        at: Timestamp,
    ) -> Result<(), Error> {
        let issuer = self.issuer.in_the_name_of(Some(&organization))?;
        let template = issuer.template(template.as_deref()).await?;
        for Ready { row, completion } in &mut ready {
            row.certificate_key = keys::of_row(row, &organization, completion, template.version());
        }
        self.number(&issuer, &mut ready, at).await?;
        let sent = Crossings::default();
        let issuer = issuer.taken_down(&sent);
        let issued = self.issue((&issuer, &template), level, ready, at).await;
        let batch = self.lease.batch.id.to_string();
        // In a turn: whoever writes beside the turns makes those who wait for one sleep.
        crossings::keep(&mut issuer.world.store.turn().await?, None, Some(&batch), &sent.all()).await?;
        issued
    }

    /// Settles what needs no certificate, and sorts the rest by how it is issued.
    async fn sorted(&self, at: Timestamp) -> Result<Groups, Error> {
        let keys = keys::of_rows(self.issuer, self.lease).await?;
        let there = identity::issued(&self.issuer.world.store, keys.iter().map(String::as_str)).await?;
        let (mut groups, mut settled) = (Groups::new(), Vec::new());
        for (row, key) in self.lease.rows.iter().zip(&keys) {
            let end = match there.get(key) {
                Some(Issued { content, number }) if *content == row.content => {
                    End::Unchanged { number: number.to_string() }
                }
                Some(Issued { number, .. }) if !self.lease.batch.options.reissue => {
                    End::Changed { number: number.to_string() }
                }
                _ => match self.ready(row, at) {
                    Ok((group, ready)) => {
                        groups.entry(group).or_default().push(ready);
                        continue;
                    }
                    Err(problem) => End::Failed { problem, retryable: false },
                },
            };
            settled.push(Settled { row, end });
        }
        self.settle(&settled, at).await?;
        Ok(groups)
    }

    fn ready(&self, row: &Leased, at: Timestamp) -> Result<(Alike, Ready), String> {
        let options = &self.lease.batch.options;
        let completion = Completion::from_json(row.data.as_bytes()).map_err(|error| error.to_string())?;
        let level = options.level_of(completion.level())?;
        completion.days(at).map_err(|error| error.to_string())?;
        let organization = row.organization.as_deref().unwrap_or(&options.organization);
        self.issuer.in_the_name_of(Some(organization)).map_err(|error| error.to_string())?;
        let template = completion.template().map(str::to_owned);
        Ok(((organization.to_owned(), level, template), Ready { row: row.clone(), completion }))
    }

    async fn number(&self, issuer: &Issuer, ready: &mut Vec<Ready>, at: Timestamp) -> Result<(), Error> {
        let mut by_year: BTreeMap<i16, Vec<&mut Leased>> = BTreeMap::new();
        for Ready { row, completion } in ready.iter_mut() {
            by_year.entry(completion.days(at)?.issued_on.year()).or_default().push(row);
        }
        let (store, prefix) = (&issuer.world.store, issuer.settings.number_prefix());
        for (year, mut rows) in by_year {
            let (token, batch) = (&self.lease.token, self.lease.batch.id);
            store::number(store, token, batch, (prefix, year), &mut rows, at).await?;
        }
        ready.retain(|ready| ready.row.number.is_some());
        Ok(())
    }

    async fn issue(
        &self,
        (issuer, template): (&Issuer, &Template),
        level: Level,
        ready: Vec<Ready>,
        at: Timestamp,
    ) -> Result<(), Error> {
        let jobs: Vec<Job> = ready
            .iter()
            .filter_map(|Ready { row, completion }| {
                Some(Job { number: row.number.clone()?, completion: completion.clone() })
            })
            .collect();
        let pages = issuer.pages(&jobs, template, at).await?;
        if self.is_over(RowState::Rendered).await? {
            return Ok(());
        }
        let (mut failed, mut good) = (Vec::new(), (Vec::new(), Vec::new(), Vec::new()));
        for ((Ready { row, .. }, job), page) in ready.iter().zip(jobs).zip(pages) {
            match page {
                Ok(page) => {
                    good.0.push(row);
                    good.1.push(job);
                    good.2.push(page);
                }
                Err(error) => failed.push(Settled { row, end: self.failed(row, &error) }),
            }
        }
        self.settle(&failed, at).await?;
        let (rows, jobs, pages) = good;
        let made = self.sealed((issuer, template), level, &rows, (&jobs, pages), at).await?;
        if self.is_over(RowState::Sealed).await? {
            return Ok(());
        }
        let (mut settled, mut not_good) = (Vec::with_capacity(made.len()), None);
        for (row, (made, note)) in rows.into_iter().zip(made) {
            let end = match made {
                Ok(made) => End::Made { made: Box::new(made), note },
                Err(Error::Sealing(error)) if error.is_of_certificate() => {
                    not_good = Some(error);
                    continue; // it stays in hand: whoever is told decides
                }
                Err(error) => self.failed(row, &error),
            };
            settled.push(Settled { row, end });
        }
        self.settle(&settled, at).await?;
        not_good.map_or(Ok(()), |error| Err(error.into()))
    }

    /// At the level that was asked for, or, as long as what it needs is away, at one that the batch allows.
    async fn sealed(
        &self,
        alike: (&Issuer, &Template),
        level: Level,
        rows: &[&Leased],
        (jobs, pages): (&[Job], Vec<Page>),
        at: Timestamp,
    ) -> Result<Vec<(Tried, Option<String>)>, Error> {
        if jobs.is_empty() {
            return Ok(Vec::new());
        }
        let (outages, batch) = (&self.issuer.works.outages, &self.lease.batch);
        if let Some(lowered) = outages.lowered(batch.id, level, Instant::now()) {
            let made = self.seal(alike, lowered.level, (jobs, pages), at).await;
            if made.is_err() {
                outages.over(batch.id); // more is away by now
            }
            let note = format!("sealed at {} instead of {level}: {}", lowered.level, lowered.cause);
            return Ok(made?.into_iter().map(|one| (one, Some(note.clone()))).collect());
        }
        let made = self.seal(alike, level, (jobs, pages), at).await;
        let lower = |failed: &Error| self.lower(alike.0, level, failed);
        let (cause, attempts) = match &made {
            Ok(made) => (made.iter().filter_map(|one| one.as_ref().err()).find(|failed| lower(failed).is_some()), 0),
            Err(failed) => (Some(failed).filter(|failed| lower(failed).is_some()), batch.outages + 1),
        };
        let Some(cause) = cause else {
            if made.is_ok() {
                outages.over(batch.id);
            }
            return Ok(made?.into_iter().map(|one| (one, None)).collect());
        };
        let any_made = made.as_ref().is_ok_and(|made| made.iter().any(Result::is_ok));
        if any_made {
            outages.over(batch.id);
        }
        let tried_often = rows.iter().all(|row| row.attempts >= LOWER_LEVEL_FROM);
        if !tried_often && (any_made || !outages.failed(batch.id, attempts, Instant::now())) {
            return Ok(made?.into_iter().map(|one| (one, None)).collect());
        }
        let without = lower(cause).unwrap_or(level);
        let lowered = Lowered { level: without, cause: cause.to_string() };
        let made = self.again_lower(alike, (level, &lowered), (jobs, made.ok()), at).await?;
        outages.lower(batch.id, lowered, Instant::now());
        Ok(made)
    }

    /// The level that can be made without what failed, if the batch allows it.
    fn lower(&self, issuer: &Issuer, level: Level, failed: &Error) -> Option<Level> {
        let Error::Sealing(failed) = failed else { return None };
        let without = issuer.sealer.level_without(failed).filter(|without| *without < level)?;
        self.lease.batch.options.level_at_least.filter(|least| *least <= without).map(|_| without)
    }

    async fn seal(
        &self,
        (issuer, template): (&Issuer, &Template),
        level: Level,
        (jobs, pages): (&[Job], Vec<Page>),
        at: Timestamp,
    ) -> Result<Vec<Tried>, Error> {
        let credential = self.lease.batch.options.credential.as_deref();
        issuer.seal_pages(jobs, pages, template, (level, credential), at).await
    }

    /// Makes those anew, at a lower level, that are not made and could be then.
    async fn again_lower(
        &self,
        (issuer, template): (&Issuer, &Template),
        (level, lowered): (Level, &Lowered),
        (jobs, made): (&[Job], Option<Vec<Tried>>),
        at: Timestamp,
    ) -> Result<Vec<(Tried, Option<String>)>, Error> {
        let mut made: Vec<Option<Tried>> = match made {
            Some(made) => made.into_iter().map(Some).collect(),
            None => jobs.iter().map(|_| None).collect(),
        };
        let is_again = |one: &Option<Tried>| match one {
            Some(Ok(_)) => false,
            Some(Err(failed)) => self.lower(issuer, level, failed).is_some(),
            None => true,
        };
        let again: Vec<usize> = (0..jobs.len()).filter(|place| is_again(&made[*place])).collect();
        let jobs: Vec<Job> = again.iter().map(|place| jobs[*place].clone()).collect();
        let pages = issuer.pages(&jobs, template, at).await?.into_iter().collect::<Result<Vec<_>, _>>()?;
        let mut notes = vec![None; made.len()];
        for (place, one) in
            again.into_iter().zip(self.seal((issuer, template), lowered.level, (&jobs, pages), at).await?)
        {
            made[place] = Some(one);
            notes[place] = Some(format!("sealed at {} instead of {level}: {}", lowered.level, lowered.cause));
        }
        Ok(made.into_iter().flatten().zip(notes).collect())
    }

    /// What becomes of a row that could not be issued, while others could.
    fn failed(&self, row: &Leased, error: &Error) -> End {
        let problem = error.to_string();
        let of_evidence = matches!(error, Error::Sealing(sealing::Error::Evidence { .. }));
        match error.may_pass_later() || of_evidence {
            true if row.attempts < ATTEMPTS => {
                let wanted = if let Error::Sealing(error) = error { error.retry_after() } else { None };
                End::Again { after: self.backoff.after(row.attempts, wanted), problem }
            }
            retryable => End::Failed { problem, retryable: retryable || !is_about_data(error) },
        }
    }

    /// Says where the rows are; gives whether it is all over: nobody holds them any more, or the world is being closed.
    async fn is_over(&self, state: RowState) -> Result<bool, Error> {
        let held = store::renew(&self.issuer.world.store, &self.lease.token, Some(state)).await?;
        Ok(!held || self.ending.load(Ordering::Acquire))
    }

    async fn settle(&self, settled: &[Settled<'_>], at: Timestamp) -> Result<(), Error> {
        let Lease { token, batch, .. } = self.lease;
        for some in settled.chunks(KEPT_AT_ONCE) {
            store::settle(&self.issuer.world.store, token, batch.id, batch.options.reissue, some, at).await?;
        }
        Ok(())
    }
}

/// Whether all rows wait for the same: a service is away, a quota is used up, or the certificate by which the batch is sealed does not
/// stand.
fn holds_up(error: &Error, is_the_batch_s: bool) -> bool {
    let of_sealing = if let Error::Sealing(error) = error { Some(error) } else { None };
    let of_certificate = of_sealing.is_some_and(sealing::Error::is_of_certificate);
    error.may_pass_later() || of_sealing.is_some_and(sealing::Error::is_quota) || of_certificate && is_the_batch_s
}

/// Whether the same data would fail again.
fn is_about_data(error: &Error) -> bool {
    matches!(
        error,
        Error::CompletionUnreadable { .. }
            | Error::CompletionInvalid { .. }
            | Error::MissingGlyph { .. }
            | Error::Font { .. }
            | Error::TextTooLong { .. }
            | Error::PageFull { .. }
            | Error::AddressTooLong { .. }
            | Error::BadgePicture { .. }
            | Error::UnknownOrganization { .. }
            | Error::UnknownTemplate { .. }
    )
}
