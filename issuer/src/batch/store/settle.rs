//! What becomes of rows. Each change holds only while the lease on the row is held: who lost it changes nothing.

use jiff::Timestamp;
use sealing::Level;
use world::store::{Store, Transaction, query};

use super::lease::Leased;
use super::repeat::Attempts;
use super::{called, now};
use crate::anew::{self, Replaced};
use crate::batch::together::Made;
use crate::error::Error;
use crate::identity::Identity;
use crate::number::CertificateNumber;
use crate::reasons;
use crate::register::Words;
use crate::standing::Superseding;
use crate::store::{self as certificates, ToKeep};

/// What became of a row.
pub(crate) struct Settled<'a> {
    pub(crate) row: &'a Leased,
    pub(crate) end: End,
}

/// See [`crate::api::RowState`].
pub(crate) enum End {
    /// It is sealed, and to be kept. `note`: why it has not the level that was asked for.
    Made { made: Box<Made>, note: Option<Words> },
    /// Its certificate was issued before, as it is.
    Unchanged { number: String },
    /// It was issued before, and something else is wanted: why it is not issued anew.
    Changed { number: String, why: Words },
    /// It has none.
    Failed { problem: String, problem_ja: Option<String>, retryable: bool },
    /// It is tried again after so many milliseconds.
    Again { after: i64, problem: Words },
}

impl End {
    /// It has no certificate, because of that.
    pub(crate) fn failed(error: &Error, retryable: bool) -> End {
        End::Failed { problem: error.to_string(), problem_ja: error.told_in_japanese(), retryable }
    }
}

/// How a row stands.
struct Standing<'a> {
    state: &'a str,
    problem: Option<&'a str>,
    problem_ja: Option<&'a str>,
    retryable: bool,
    number: Option<&'a str>,
    level: Option<Level>,
    sha256: Option<&'a str>,
    not_before: i64,
}

/// Writes down what became of rows, with the certificates that were made, all in one transaction.
pub(crate) async fn settle(
    store: &Store,
    token: &str,
    batch: i64,
    settled: &[Settled<'_>],
    at: Timestamp,
) -> Result<(), Error> {
    let (mut settled, mut attempts) = (settled.iter().collect::<Vec<_>>(), Attempts::default());
    settled.sort_by_key(|one| one.row.place); // whoever changes several rows does so in this order
    loop {
        match settle_once(store, token, batch, &settled, at).await {
            Err(failed) if attempts.again(&failed) => {}
            done => return done,
        }
    }
}

async fn settle_once(
    store: &Store,
    token: &str,
    batch: i64,
    settled: &[&Settled<'_>],
    at: Timestamp,
) -> Result<(), Error> {
    let now = now(store).await?;
    let mut turn = store.turn().await?;
    let mut transaction = turn.begin().await?;
    let transition = &mut Transition { transaction: &mut transaction, token, batch, now, at };
    let mut waits = None;
    for Settled { row, end } in settled {
        match end {
            End::Made { made, note } => transition.keep(row, made, note.as_ref()).await?,
            End::Unchanged { number } => _ = transition.was_there(row, number, "unchanged", None).await?,
            End::Changed { number, why } => _ = transition.was_there(row, number, "changed", Some(why)).await?,
            End::Failed { problem, problem_ja, retryable } => {
                let (problem, problem_ja, retryable) = (problem.as_str(), problem_ja.as_deref(), *retryable);
                let standing = Standing { problem: Some(problem), problem_ja, retryable, ..Standing::of("failed") };
                if transition.stands(row, standing).await?
                    && let Some(number) = transition.number_of(row).await?
                {
                    let problem = format!("{}: {problem}", called(batch, row.place));
                    certificates::note_problem(&mut *transition.transaction, &number, &problem).await?;
                }
            }
            End::Again { after, problem } => {
                let not_before = now + after;
                let standing = Standing { not_before, ..Standing::of("queued").told(Some(problem)) };
                transition.stands(row, standing).await?;
                waits = Some(problem);
            }
        }
    }
    if let Some(problem) = waits {
        let text = "UPDATE batch SET problem = $2, problem_ja = $3 WHERE id = $1 AND state = 'running'";
        query(text).bind(batch).bind(&problem.en).bind(&problem.ja).execute(&mut transaction).await?;
    }
    // One that nobody takes rows of any more, and whose last rows these were.
    let text = "UPDATE batch SET state = 'done', problem = NULL, problem_ja = NULL WHERE id = $1 AND state IN ('paused', 'stopped') \
                AND NOT EXISTS (SELECT 1 FROM batch_row WHERE batch = $1 AND open = 1)";
    query(text).bind(batch).execute(&mut transaction).await?;
    Ok(transaction.commit().await?)
}

struct Transition<'t, 'c> {
    transaction: &'t mut Transaction<'c>,
    token: &'t str,
    batch: i64,
    now: i64,
    at: Timestamp,
}

impl<'a> Standing<'a> {
    fn of(state: &'a str) -> Standing<'a> {
        let (problem, problem_ja, number, level, sha256) = (None, None, None, None, None);
        Standing { state, problem, problem_ja, retryable: false, number, level, sha256, not_before: 0 }
    }

    /// The same, and what is said of it.
    fn told(self, words: Option<&'a Words>) -> Standing<'a> {
        let (problem, problem_ja) = words.map(|words| (words.en.as_str(), words.ja.as_str())).unzip();
        Standing { problem, problem_ja, ..self }
    }
}

impl Transition<'_, '_> {
    /// Says whether the row was still held.
    async fn stands(&mut self, row: &Leased, standing: Standing<'_>) -> Result<bool, Error> {
        let text = "UPDATE batch_row SET state = $1, open = $2, problem = $3, retryable = $4, number = COALESCE($5, number), \
                    level = $6, sha256 = $7, not_before = $8, done_at = $9, lease = NULL, problem_ja = $10, \
                    note = COALESCE($11, note), note_ja = COALESCE($12, note_ja) \
                    WHERE batch = $13 AND place = $14 AND lease = $15";
        let open = standing.state == "queued";
        let update = query(text).bind(standing.state).bind(open).bind(standing.problem).bind(standing.retryable);
        let update = update.bind(standing.number).bind(standing.level.map(|level| level.to_string()));
        let update = update.bind(standing.sha256).bind(standing.not_before).bind((!open).then_some(self.now));
        let note = row.note.as_ref().filter(|_| standing.state == "delivered");
        let (note, note_ja) = note.map(|note| (note.en.as_str(), note.ja.as_str())).unzip();
        let update = update.bind(standing.problem_ja).bind(note).bind(note_ja);
        let update = update.bind(self.batch).bind(row.place).bind(self.token);
        Ok(update.execute(&mut *self.transaction).await? == 1)
    }

    /// The number of a row, also one that it got since it was taken.
    async fn number_of(&mut self, row: &Leased) -> Result<Option<CertificateNumber>, Error> {
        let text = "SELECT number FROM batch_row WHERE batch = $1 AND place = $2 AND number IS NOT NULL";
        let found = query(text).bind(self.batch).bind(row.place).fetch_optional(&mut *self.transaction).await?;
        found.map(|found| found.get::<String>("number")?.parse()).transpose()
    }

    async fn keep(&mut self, row: &Leased, made: &Made, note: Option<&Words>) -> Result<(), Error> {
        let summary = &made.issued.summary;
        let number = summary.number.to_string();
        let (sha256, level) = (Some(summary.sha256.as_str()), Some(summary.level));
        let standing = Standing { number: Some(&number), level, sha256, ..Standing::of("delivered").told(note) };
        if !self.stands(row, standing).await? {
            return Ok(()); // somebody else has it in hand
        }
        if !certificates::is_waiting(&mut *self.transaction, &summary.number).await? {
            return self.begin_again(row, &number).await;
        }
        if !self.is_first(row, &number).await?
            && let Some((content, other)) = issued_as(self.transaction, &row.certificate_key).await?
        {
            let Some(replaced) = row.replaces.as_ref().filter(|one| one.number().to_string() == other) else {
                // Issued meanwhile, by another batch or alone: whoever asked for a reissue meant another certificate.
                let changed = (content != row.content).then(anew::meanwhile);
                let state = if changed.is_some() { "changed" } else { "unchanged" };
                return self.correct(row, &other, state, changed.as_ref()).await;
            };
            if let Err(refused) = self.replace(replaced, &summary.number).await? {
                return self.correct(row, &other, "changed", Some(&refused)).await;
            }
            let text = "UPDATE certificate_key SET content = $2, number = $3 WHERE key = $1";
            let update = query(text).bind(&row.certificate_key).bind(&row.content).bind(&number);
            update.execute(&mut *self.transaction).await?;
        }
        let to_keep = ToKeep {
            issued: &made.issued,
            identifier: &made.identifier,
            valid_until: made.valid_until,
            badge: made.badge.as_ref().map(|(picture, key)| (picture, key)),
            sent: &[],
            beside: None,
            at: self.at,
        };
        certificates::keep(self.transaction, &to_keep).await
    }

    /// Records that the new certificate takes the place of one, or says why it cannot: something else became of that meanwhile. What was
    /// revoked, or replaced by something else, stays so.
    async fn replace(&mut self, old: &Replaced, new: &CertificateNumber) -> Result<Result<(), Words>, Error> {
        let (old, reason) = match old {
            Replaced::Over(_) => return Ok(Ok(())),
            Replaced::Superseded(old) => (old, reasons::OTHER_CONTENT),
            Replaced::Lifted(old) => (old, reasons::HIGHER_LEVEL),
        };
        match Superseding::of_batch(old.clone(), reason).record(self.transaction, new, self.at).await {
            Err(refused @ (Error::NotPossible { .. } | Error::NotIssuedYet { .. })) => Ok(Err(refused.in_both())),
            recorded => recorded.map(Ok),
        }
    }

    /// Its number was given up, or used, while the row was in hand: it gets another one.
    async fn begin_again(&mut self, row: &Leased, number: &str) -> Result<(), Error> {
        let text = "UPDATE batch_row SET state = 'queued', open = 1, number = NULL, level = NULL, sha256 = NULL, done_at = NULL, \
                    problem = $1, problem_ja = NULL WHERE batch = $2 AND place = $3";
        let problem = format!("its number {number} waits for no certificate any more; it gets another one");
        query(text).bind(problem).bind(self.batch).bind(row.place).execute(&mut *self.transaction).await?;
        Ok(())
    }

    /// Takes the key for the certificate, if no other has it; of two that want it at once, in whichever processes, one waits for the
    /// other here.
    async fn is_first(&mut self, row: &Leased, number: &str) -> Result<bool, Error> {
        let text =
            "INSERT INTO certificate_key (key, content, number) VALUES ($1, $2, $3) ON CONFLICT (key) DO NOTHING";
        let insert = query(text).bind(&row.certificate_key).bind(&row.content).bind(number);
        Ok(insert.execute(&mut *self.transaction).await? == 1)
    }

    /// The row was settled as delivered in this transaction; it is not.
    async fn correct(&mut self, row: &Leased, number: &str, state: &str, why: Option<&Words>) -> Result<(), Error> {
        let text = "UPDATE batch_row SET state = $1, problem = $2, problem_ja = $3, number = $4, level = NULL, sha256 = NULL \
                    WHERE batch = $5 AND place = $6";
        let (problem, problem_ja) = why.map(|why| (why.en.as_str(), why.ja.as_str())).unzip();
        let update = query(text).bind(state).bind(problem).bind(problem_ja).bind(number);
        let update = update.bind(self.batch).bind(row.place);
        update.execute(&mut *self.transaction).await?;
        self.give_up(row, number).await
    }

    async fn was_there(&mut self, row: &Leased, number: &str, state: &str, why: Option<&Words>) -> Result<bool, Error> {
        let standing = Standing { number: Some(number), ..Standing::of(state).told(why) };
        let held = self.stands(row, standing).await?;
        if held {
            self.give_up(row, number).await?;
        }
        Ok(held)
    }

    /// A number that was taken for the row leaves a gap with a name.
    async fn give_up(&mut self, row: &Leased, number: &str) -> Result<(), Error> {
        if let Some(own) = row.number.as_ref().filter(|own| own.to_string() != number) {
            let reason = format!("its certificate was issued as {number} ({})", called(self.batch, row.place));
            certificates::give_up(&mut *self.transaction, own, &reason, self.at).await?;
        }
        Ok(())
    }
}

/// Notes of a row that was delivered with that number which certificate about the same there is, unless that is of the same batch: of that its
/// register has told.
pub(crate) async fn note(
    store: &Store,
    (batch, place): (i64, i64),
    (own, other): (&CertificateNumber, &CertificateNumber),
    Words { en, ja }: &Words,
) -> Result<(), Error> {
    let text = "UPDATE batch_row SET note = $1, note_ja = $2 WHERE batch = $3 AND place = $4 AND number = $5 AND state = 'delivered' \
                AND note IS NULL AND NOT EXISTS (SELECT 1 FROM batch_row WHERE batch = $3 AND number = $6)";
    let update = query(text).bind(en).bind(ja).bind(batch).bind(place).bind(own.to_string()).bind(other.to_string());
    update.execute(&mut store.turn().await?).await?;
    Ok(())
}

/// Content and number of the newest certificate with that key.
async fn issued_as(transaction: &mut Transaction<'_>, key: &str) -> Result<Option<(String, String)>, Error> {
    let text = "SELECT content, number FROM certificate_key WHERE key = $1";
    let row = query(text).bind(key).fetch_optional(transaction).await?;
    row.map(|row| Ok((row.get("content")?, row.get("number")?))).transpose()
}

/// Gives each row a number: its own, if that still waits for it, one that waits for the same row, left by an earlier batch, or the
/// next of that prefix and year. Those that are not held any more get none.
pub(crate) async fn number(
    store: &Store,
    token: &str,
    batch: i64,
    of: (&str, i16),
    rows: &mut [&mut Leased],
    at: Timestamp,
) -> Result<(), Error> {
    let mut attempts = Attempts::default();
    loop {
        match number_once(store, token, batch, of, rows, at).await {
            Err(failed) if attempts.again(&failed) => {}
            done => return done,
        }
    }
}

async fn number_once(
    store: &Store,
    token: &str,
    batch: i64,
    (prefix, year): (&str, i16),
    rows: &mut [&mut Leased],
    at: Timestamp,
) -> Result<(), Error> {
    let mut turn = store.turn().await?;
    let mut transaction = turn.begin().await?;
    for row in rows.iter_mut() {
        // First, so that no number is taken for a row that was cancelled, or is somebody else's by now.
        let text = "UPDATE batch_row SET lease = lease WHERE batch = $1 AND place = $2 AND lease = $3";
        if query(text).bind(batch).bind(row.place).bind(token).execute(&mut transaction).await? == 0 {
            row.number = None;
            continue;
        }
        let whom = Identity { key: row.key.clone(), content: row.content.clone() }.for_whom();
        let own = row.number.as_ref().filter(|number| number.prefix() == prefix && number.year() == year);
        let waiting = certificates::waiting(&mut transaction, prefix, year, &whom).await?;
        // Another batch may have a row of the key with that number: it is not in hand, since this one is.
        let free = waiting.iter().find(|serial| own.is_some_and(|own| own.serial() == **serial)).or(waiting.first());
        let free = free.map(|serial| CertificateNumber::new(prefix, year, *serial)).transpose()?;
        let number = match free {
            Some(number) => number,
            None => {
                let serial = certificates::next_serial(&mut transaction, prefix, year).await?;
                let number = CertificateNumber::new(prefix, year, serial)?;
                certificates::note_taken(&mut transaction, &number, &whom, at).await?;
                number
            }
        };
        let text = "UPDATE batch_row SET number = $1 WHERE batch = $2 AND place = $3 AND lease = $4";
        let update = query(text).bind(number.to_string()).bind(batch).bind(row.place).bind(token);
        update.execute(&mut transaction).await?;
        certificates::note_row(&mut transaction, &number, (batch, row.place)).await?;
        row.number = Some(number);
    }
    Ok(transaction.commit().await?)
}
