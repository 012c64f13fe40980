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
use crate::anew::{Again, Replaced};
use crate::api::RowState;
use crate::completion::{Completion, japanese_date};
use crate::crossings;
use crate::error::Error;
use crate::identity::{self, Issued};
use crate::issue::Issuer;
use crate::number::CertificateNumber;
use crate::register::Words;
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
    /// When the rows were taken.
    pub(super) begun: Instant,
    /// Whether the world is being closed.
    pub(super) ending: &'a AtomicBool,
}

/// A row that can be issued.
pub(super) struct Ready {
    pub(super) row: Leased,
    pub(super) completion: Completion,
}

/// What is to be written down of rows; and why others stay in hand, if they do: a certificate that they need does not stand.
type Worked<'r> = (Vec<Settled<'r>>, Option<sealing::Error>);

/// What is to be done with a row.
enum Begun {
    /// It is issued, with those that are alike.
    Ready(Alike, Box<Ready>),
    /// Nothing.
    Settled(End),
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
        let (groups, mut held) = (self.sorted(at).await?, None);
        for (alike, ready) in groups {
            if self.ending.load(Ordering::Acquire) {
                break;
            }
            let rows: Vec<Leased> = ready.iter().map(|ready| ready.row.clone()).collect();
            let is_the_batch_s = self.is_the_batch_s(&alike.0);
            match self.group(alike, ready, at).await {
                Err(error) if self.ending.load(Ordering::Acquire) => return Err(error), // they go back
                Err(Error::Sealing(error)) if error.is_on_hold() => held = Some(error), // others may have other certificates
                Err(error) if !holds_up(&error, is_the_batch_s) => {
                    let retryable = !is_about_data(&error);
                    let end = || End::failed(&error, retryable);
                    let failed: Vec<Settled> = rows.iter().map(|row| Settled { row, end: end() }).collect();
                    self.settle(&failed, at).await?; // the others are issued all the same
                }
                others => others?,
            }
        }
        held.map_or(Ok(()), |error| Err(error.into()))
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
        let issuer = self.issuer.in_the_name_of(Some(&organization))?.by_chance();
        let template = issuer.template(template.as_deref()).await?;
        for Ready { row, completion } in &mut ready {
            row.certificate_key = keys::of_row(row, &organization, completion, template.version());
        }
        self.note_likenesses(&organization, &mut ready).await?;
        self.number(&issuer, &mut ready, at).await?;
        let rows: Vec<(i64, CertificateNumber)> =
            ready.iter().filter_map(|ready| Some((ready.row.place, ready.row.number.clone()?))).collect();
        let sent = Crossings::default();
        let issued = self.issue((&issuer.taken_down(&sent), &template), level, &ready, at).await;
        // Before any of them is delivered: there is no certificate of which it is not known what was sent for it.
        crossings::keep_of_rows(&issuer.world.store, self.lease.batch.id, &rows, &sent.all()).await?;
        let (settled, not_good) = issued?;
        self.settle(&settled, at).await?;
        self.note_what_came_between(&organization, &ready).await?;
        not_good.map_or(Ok(()), |error| Err(error.into()))
    }

    /// Settles what needs no certificate, and sorts the rest by how it is issued.
    async fn sorted(&self, at: Timestamp) -> Result<Groups, Error> {
        let keys = keys::of_rows(self.issuer, self.lease).await?;
        let there = identity::issued(&self.issuer.world.store, keys.iter().map(String::as_str)).await?;
        let (mut groups, mut settled) = (Groups::new(), Vec::new());
        for (row, key) in self.lease.rows.iter().zip(&keys) {
            let end = match self.begun(row, there.get(key), at) {
                Ok(Begun::Ready(group, ready)) => {
                    groups.entry(group).or_default().push(*ready);
                    continue;
                }
                Ok(Begun::Settled(end)) => end,
                Err(Words { en, ja }) => End::Failed { problem: en, problem_ja: Some(ja), retryable: false },
            };
            settled.push(Settled { row, end });
        }
        self.settle(&settled, at).await?;
        Ok(groups)
    }

    /// What is to be done with a row, for which that certificate was issued before.
    fn begun(&self, row: &Leased, issued: Option<&Issued>, at: Timestamp) -> Result<Begun, Words> {
        let completion = Completion::from_json(row.data.as_bytes()).map_err(|error| error.in_both())?;
        let options = &self.lease.batch.options;
        let Some(issued) = issued else { return self.ready(row, completion, None, at) };
        let number = issued.number.to_string();
        // Data that contradict the options are told of a row that is issued.
        let level = options.level_of(completion.level()).unwrap_or(Level::BB);
        match options.anew().decide(issued, &completion, level, at) {
            Again::Unchanged => Ok(Begun::Settled(End::Unchanged { number })),
            Again::Changed(why) => Ok(Begun::Settled(End::Changed { number, why })),
            Again::Anew(replaced) => self.ready(row, completion, Some(replaced), at),
        }
    }

    fn ready(
        &self,
        row: &Leased,
        completion: Completion,
        replaces: Option<Replaced>,
        at: Timestamp,
    ) -> Result<Begun, Words> {
        let options = &self.lease.batch.options;
        let level = options.level_of(completion.level())?;
        completion.days(at).map_err(|error| error.in_both())?;
        let organization = row.organization.as_deref().unwrap_or(&options.organization);
        self.issuer.in_the_name_of(Some(organization)).map_err(|error| error.in_both())?;
        let template = completion.template().map(str::to_owned);
        let row = Leased { replaces, ..row.clone() };
        Ok(Begun::Ready((organization.to_owned(), level, template), Box::new(Ready { row, completion })))
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

    /// Makes the certificates.
    async fn issue<'r>(
        &self,
        (issuer, template): (&Issuer, &Template),
        level: Level,
        ready: &'r [Ready],
        at: Timestamp,
    ) -> Result<Worked<'r>, Error> {
        let jobs: Vec<Job> = ready
            .iter()
            .filter_map(|Ready { row, completion }| {
                Some(Job { number: row.number.clone()?, completion: completion.clone() })
            })
            .collect();
        let pages = issuer.pages(&jobs, template, at).await?;
        if self.is_over(RowState::Rendered).await? {
            return Ok(Default::default());
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
        self.is_still_the_day(at)?;
        let (rows, jobs, pages) = good;
        let made = self.sealed((issuer, template), level, &rows, (&jobs, pages), at).await?;
        if self.is_over(RowState::Sealed).await? {
            return Ok(Default::default());
        }
        self.is_still_the_day(at)?;
        let (mut settled, mut not_good) = (Vec::with_capacity(made.len()), None);
        for (row, (made, note)) in rows.into_iter().zip(made) {
            let end = match made {
                Ok(made) => End::Made { made: Box::new(made), note },
                Err(Error::Sealing(error)) if error.is_of_certificate() || error.is_on_hold() => {
                    not_good = Some(error);
                    continue; // it stays in hand: whoever is told decides
                }
                Err(error) => self.failed(row, &error),
            };
            settled.push(Settled { row, end });
        }
        Ok((settled, not_good))
    }

    /// What is not kept yet would say that it was issued on a day that is over: it is made anew, by the same number.
    fn is_still_the_day(&self, at: Timestamp) -> Result<(), Error> {
        match japanese_date(self.issuer.world.clock.now()) == japanese_date(at) {
            true => Ok(()),
            false => Err(sealing::Error::ClockMoves.into()),
        }
    }

    /// At the level that was asked for, or, as long as what it needs is away, at one that the batch allows.
    async fn sealed(
        &self,
        alike: (&Issuer, &Template),
        level: Level,
        rows: &[&Leased],
        (jobs, pages): (&[Job], Vec<Page>),
        at: Timestamp,
    ) -> Result<Vec<(Tried, Option<Words>)>, Error> {
        if jobs.is_empty() {
            return Ok(Default::default());
        }
        let (outages, batch) = (&self.issuer.works.outages, &self.lease.batch);
        if let Some(lowered) = outages.lowered(batch.id, level, Instant::now()) {
            let made = self.seal(alike, lowered.level, (jobs, pages), at).await;
            if made.is_err() {
                outages.over(batch.id); // more is away by now
            }
            let note = lowered.told(level);
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
        if !tried_often && (any_made || !outages.failed(batch.id, attempts, (self.begun, Instant::now()))) {
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
    ) -> Result<Vec<(Tried, Option<Words>)>, Error> {
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
            notes[place] = Some(lowered.told(level));
        }
        Ok(made.into_iter().flatten().zip(notes).collect())
    }

    /// What becomes of a row that could not be issued, while others could.
    fn failed(&self, row: &Leased, error: &Error) -> End {
        let problem = error.in_both();
        let of_evidence = matches!(error, Error::Sealing(sealing::Error::Evidence { .. }));
        match error.may_pass_later() || of_evidence {
            true if row.attempts < ATTEMPTS => {
                let wanted = if let Error::Sealing(error) = error { error.retry_after() } else { None };
                End::Again { after: self.backoff.after(row.attempts, wanted), problem }
            }
            retryable => End::failed(error, retryable || !is_about_data(error)),
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
            store::settle(&self.issuer.world.store, token, batch.id, some, at).await?;
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

/// Whether the same data would fail again. A font that has what is missing may be given meanwhile.
fn is_about_data(error: &Error) -> bool {
    matches!(
        error,
        Error::CompletionUnreadable { .. }
            | Error::CompletionInvalid { .. }
            | Error::TextTooLong { .. }
            | Error::PageFull { .. }
            | Error::AddressTooLong { .. }
            | Error::BadgePicture { .. }
            | Error::UnknownOrganization { .. }
            | Error::UnknownTemplate { .. }
    )
}
