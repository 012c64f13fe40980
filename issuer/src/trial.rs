//! What would come of the rows of a register, without issuing anything. In: a file. Out: each row with everything that would keep it
//! from being certified, found by doing all of it but signing: organization, level, days, and the pages themselves; or the number of the
//! certificate that was issued for it before.

mod preview;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use futures_util::stream::{self, Stream};
use jiff::Timestamp;
use sealing::Level;
use world::pool::processors;
use world::problem::Problem;

use crate::anew::{Again, Anew};
use crate::api::{DryRun, DryRunEnd, Outcome, TriedCounts, TriedRow};
use crate::badge::{BadgeCredential, SigningInput};
use crate::completion::Completion;
use crate::error::Error;
use crate::identity::{self, Issued};
use crate::issue::Issuer;
use crate::likeness;
use crate::number::CertificateNumber;
use crate::register::{
    self, CellError, ColumnReading, Options, Register, RegisterError, Row, Rows, Words, of_the_issuer,
};
use crate::store;
use crate::template::Template;

pub(crate) use preview::{Sample, archive};

/// Rows that one processor tries before others have their turn.
const STEP: usize = 16;

/// How the rows of registers would be issued.
#[derive(Clone)]
pub(crate) struct Trial {
    pub(crate) issuer: Issuer,
    /// That is asked for.
    pub(crate) level: Option<Level>,
    /// What would be issued anew.
    pub(crate) anew: Anew,
    /// The template of rows that name none, if it is not kept in the world.
    pub(crate) own: Option<Arc<Template>>,
}

/// A register as it was sent, and how it is read.
pub(crate) struct File {
    pub(crate) octets: Vec<u8>,
    pub(crate) name: Option<String>,
    pub(crate) options: Options,
}

/// A register whose rows are tried, some at a time.
struct Trying {
    trial: Trial,
    /// None while they are read.
    rows: Option<Rows>,
    columns: Arc<Vec<ColumnReading>>,
    templates: Templates,
    /// Whether none was tried yet.
    first: bool,
    at: Timestamp,
    /// Ends the reading when whoever asked has gone.
    _asked: Asked,
}

/// Somebody who wants to know. When this is dropped, rows that are being read end.
struct Asked(Arc<AtomicBool>);

impl Drop for Asked {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The templates that rows name, or why there is none of that name.
type Templates = HashMap<Option<String>, Result<Arc<Template>, Words>>;

/// What the trial of a row needs beside the row.
struct Frame {
    columns: Arc<Vec<ColumnReading>>,
    templates: Templates,
    /// What was issued before, by key.
    issued: HashMap<String, Issued>,
    /// For each of the rows, by its line, a certificate about the same that has another key.
    likenesses: HashMap<u64, CertificateNumber>,
    /// Whether they are the first of the file.
    first: bool,
    at: Timestamp,
}

impl Trial {
    /// Tries some rows of a file: those after the first `after`, at most `limit`.
    pub(crate) async fn page(self, file: File, after: usize, limit: usize) -> Result<DryRun, Problem> {
        let (mut told, mut trying) = self.open(file).await?;
        trying.skip(after).await;
        while told.rows.len() < limit {
            let tried = trying.next(limit - told.rows.len()).await?;
            if tried.is_empty() {
                return Ok(told);
            }
            tried.iter().for_each(|row| told.counts.add(row.outcome));
            told.rows.extend(tried);
        }
        if trying.is_more().await {
            told.next = Some((after + told.rows.len()) as u64);
        }
        Ok(told)
    }

    /// Tries every row of a file, as JSON Lines: first what the file is, then each row, last the counts.
    pub(crate) async fn whole(
        self,
        file: File,
    ) -> Result<impl Stream<Item = Result<Bytes, Error>> + Send + 'static, Problem> {
        let (told, trying) = self.open(file).await?;
        let first = line(&told);
        let state = Some((Some(first), trying, TriedCounts::default()));
        Ok(stream::unfold(state, |state| async {
            let (first, mut trying, mut counts) = state?;
            if let Some(first) = first {
                return Some((Ok(first.into()), Some((None, trying, counts))));
            }
            let tried = match trying.next(usize::MAX).await {
                Ok(tried) => tried,
                Err(error) => return Some((Err(error), None)), // the answer breaks off, without its last line
            };
            if tried.is_empty() {
                return Some((Ok(line(&DryRunEnd { counts }).into()), None));
            }
            tried.iter().for_each(|row| counts.add(row.outcome));
            let lines: Vec<u8> = tried.iter().flat_map(line).collect();
            Some((Ok(lines.into()), Some((None, trying, counts))))
        }))
    }

    /// What a file is, without its rows; and its rows to be tried.
    async fn open(self, file: File) -> Result<(DryRun, Trying), Problem> {
        store::complete_keys(&self.issuer.world.store, &self.issuer.organizations[0]).await?;
        let background = self.issuer.world.pools.registers.clone();
        let asked = Asked(Arc::default());
        let ended = asked.0.clone();
        let read = move || {
            let register = register::read(file.octets, file.name.as_deref(), &file.options)?;
            Ok(Register { rows: register.rows.until(ended), ..register })
        };
        let read: Result<Register, RegisterError> = background.run(read).await;
        let Register { format, encoding, sheet, columns, notes, rows } = read?;
        let (encoding, encoding_ja) = encoding.map(|Words { en, ja }| (en, ja)).unzip();
        let (notes, notes_ja) = notes.into_iter().map(|Words { en, ja }| (en, ja)).unzip();
        let told = DryRun {
            columns: columns.clone(),
            counts: TriedCounts::default(),
            encoding,
            encoding_ja,
            format: format.to_string(),
            next: None,
            notes,
            notes_ja,
            rows: Vec::new(),
            sheet,
        };
        let at = world::time::whole_seconds(self.issuer.world.clock.now());
        let own = self.own.iter().map(|own| (Some(own.id().to_owned()), Ok(own.clone())));
        let (columns, templates) = (Arc::new(columns), own.collect());
        Ok((told, Trying { trial: self, rows: Some(rows), columns, templates, first: true, at, _asked: asked }))
    }

    fn row(&self, row: Row, frame: &Frame) -> TriedRow {
        let Row { line, key, organization, content, identity, note } = row;
        let issued = identity.as_ref().and_then(|identity| frame.issued.get(&identity.key));
        let number = issued.map(|issued| issued.number.clone());
        let recipient = content.as_ref().ok().map(|completion| completion.recipient().name.clone());
        let standing = issued.map(|issued| issued.life.state_at(frame.at));
        let (outcome, errors, why) = match (issued, content) {
            (_, Err(errors)) => (Outcome::Faulty, errors, None),
            (issued, Ok(completion)) => match issued.map(|issued| self.decided(issued, &completion, frame.at)) {
                Some(Again::Unchanged) => (Outcome::AlreadyIssued, Vec::new(), None),
                Some(Again::Changed(why)) => (Outcome::Changed, Vec::new(), Some(why)),
                Some(Again::Anew(_)) | None => match self.errors(line, organization.as_deref(), &completion, frame) {
                    errors if errors.is_empty() => (Outcome::WouldIssue, errors, None),
                    errors => (Outcome::Faulty, errors, None),
                },
            },
        };
        let is_new = outcome == Outcome::WouldIssue;
        let like = frame.likenesses.get(&line).filter(|like| is_new && Some(*like) != number.as_ref());
        let note = why.or_else(|| like.map(likeness::told)).or(note);
        let (note, note_ja) = note.map(|Words { en, ja }| (en, ja)).unzip();
        TriedRow { errors, key, line, note, note_ja, number, organization, outcome, recipient, standing }
    }

    /// What would become of a row whose certificate was issued before.
    fn decided(&self, issued: &Issued, completion: &Completion, at: Timestamp) -> Again {
        let level = match (self.level, completion.level()) {
            (Some(asked), Some(own)) if asked != own => Level::BB, // that is told of a row that would be issued
            (asked, own) => asked.or(own).unwrap_or(Level::BLTA),
        };
        self.anew.decide(issued, completion, level, at)
    }

    fn errors(&self, line: u64, organization: Option<&str>, completion: &Completion, frame: &Frame) -> Vec<CellError> {
        let mut errors = Vec::new();
        if let (Some(asked), Some(own)) = (self.level, completion.level())
            && asked != own
        {
            let error = Error::CompletionInvalid {
                path: "level".to_owned(),
                expected: format!("{asked}, which is asked for"),
                found: own.to_string(),
            };
            errors.push(CellError::of(line, &error, &frame.columns));
        }
        let issuer = self.issuer_of(organization);
        match frame.templates.get(&completion.template().map(str::to_owned)) {
            Some(Ok(template)) => {
                let problems = template.problems(completion);
                let tried = match problems.is_empty() {
                    true => issuer.and_then(|issuer| tried(&issuer, completion, template, frame)).err(),
                    false => issuer.err(),
                };
                errors.extend(problems.iter().chain(&tried).map(|error| CellError::of(line, error, &frame.columns)));
            }
            Some(Err(problem)) => {
                let advice = ("name a template that there is", "登録されているテンプレートの id を書いてください");
                errors.push(CellError::of_row(line, problem.clone(), advice));
            }
            None => {} // every name of these rows was looked up
        }
        errors
    }

    /// The issuer in whose name a row would be issued.
    fn issuer_of(&self, organization: Option<&str>) -> Result<Issuer, Error> {
        match organization {
            None => Ok(self.issuer.clone()),
            organization => self.issuer.in_the_name_of(organization),
        }
    }
}

impl Trying {
    /// Passes rows over.
    async fn skip(&mut self, rows: usize) {
        self.read(move |from| from.take(rows).for_each(drop)).await;
    }

    /// Whether there is another row.
    async fn is_more(&mut self) -> bool {
        self.read(|from| from.next().is_some()).await
    }

    /// What a piece of reading gives, done where it keeps nobody waiting.
    async fn read<T: Send + 'static>(&mut self, read: impl FnOnce(&mut Rows) -> T + Send + 'static) -> T {
        let mut rows = self.rows.take().expect("they are put back below");
        let background = &self.trial.issuer.world.pools.registers;
        let (rows, read) = background
            .run(move || {
                let read = read(&mut rows);
                (rows, read)
            })
            .await;
        self.rows = Some(rows);
        read
    }

    /// The next rows, some for each processor, at most `most`; none at the end.
    async fn next(&mut self, most: usize) -> Result<Vec<TriedRow>, Error> {
        let some = (STEP * 2 * processors()).min(most);
        let mut rows: Vec<Row> = self.read(move |from| from.take(some).collect()).await;
        let frame = Arc::new(self.frame(&mut rows).await?);
        let (mut steps, mut rest) = (Vec::new(), rows.into_iter().peekable());
        while rest.peek().is_some() {
            let (trial, frame) = (self.trial.clone(), frame.clone());
            let step: Vec<Row> = rest.by_ref().take(STEP).collect();
            steps.push(tokio::spawn(async move {
                let background = trial.issuer.world.pools.registers.clone();
                let work = move || step.into_iter().map(|row| trial.row(row, &frame)).collect::<Vec<_>>();
                background.run(work).await
            }));
        }
        let mut rows = Vec::new();
        for step in steps {
            match step.await {
                Ok(tried) => rows.extend(tried),
                Err(failed) => std::panic::resume_unwind(failed.into_panic()), // nobody else ends it
            }
        }
        Ok(rows)
    }

    /// What these rows need, which are identified by the version of their templates from here on.
    async fn frame(&mut self, rows: &mut [Row]) -> Result<Frame, Error> {
        let issuer = &self.trial.issuer;
        for completion in rows.iter().filter_map(|row| row.content.as_ref().ok()) {
            let name = completion.template().map(str::to_owned);
            if let Entry::Vacant(place) = self.templates.entry(name) {
                let found = match issuer.template(place.key().as_deref()).await {
                    Ok(template) => Ok(Arc::new(template)),
                    Err(error @ Error::UnknownTemplate { .. }) => Err(of_the_issuer(&error)),
                    Err(error) => return Err(error),
                };
                place.insert(found);
            }
        }
        for Row { key, content, identity, .. } in rows.iter_mut() {
            let template = content.as_ref().ok().and_then(|one| self.templates.get(&one.template().map(str::to_owned)));
            if let (None, Some(Ok(template))) = (key, template) {
                *identity = identity.take().map(|identity| identity.under(template.version()));
            }
        }
        let keys = rows.iter().filter_map(|row| row.identity.as_ref()).map(|identity| identity.key.as_str());
        let issued = identity::issued(&issuer.world.store, keys).await?;
        let likenesses = likenesses(issuer, rows).await?;
        let first = std::mem::replace(&mut self.first, false);
        Ok(Frame {
            columns: self.columns.clone(),
            templates: self.templates.clone(),
            issued,
            likenesses,
            first,
            at: self.at,
        })
    }
}

/// Certificates about the same as these rows, by their lines.
async fn likenesses(issuer: &Issuer, rows: &[Row]) -> Result<HashMap<u64, CertificateNumber>, Error> {
    let (mut lines, mut wanted) = (Vec::new(), Vec::new());
    for row in rows {
        if let Ok(completion) = &row.content {
            lines.push(row.line);
            let own = row.organization.as_deref();
            wanted.push((own.unwrap_or(&issuer.settings.organization().id), completion));
        }
    }
    let found = likeness::issued(issuer, &wanted).await?;
    Ok(lines.into_iter().zip(found).filter_map(|(line, numbers)| Some((line, numbers.into_iter().next()?))).collect())
}

/// A line of JSON.
fn line(value: &impl serde::Serialize) -> Vec<u8> {
    let mut line = serde_json::to_vec(value).expect("texts and numbers can be written as JSON");
    line.push(b'\n');
    line
}

impl TriedCounts {
    fn add(&mut self, outcome: Outcome) {
        self.rows += 1;
        *match outcome {
            Outcome::AlreadyIssued => &mut self.already_issued,
            Outcome::Changed => &mut self.changed,
            Outcome::Faulty => &mut self.faulty,
            Outcome::WouldIssue => &mut self.would_issue,
        } += 1;
    }
}

/// Passes if a certificate can be printed: the first rows are, of the others it is found out without drawing their pages, which costs a
/// fraction.
fn tried(issuer: &Issuer, completion: &Completion, template: &Template, frame: &Frame) -> Result<(), Error> {
    if frame.first {
        return unsealed(issuer, completion, template, frame.at).map(drop);
    }
    let picture = issuer.picture_for(completion)?;
    template.check(completion, &picture, &issuer.settings, &issuer.typefaces, frame.at)
}

/// The page of a certificate that nobody issues, with a number that stands for any.
fn unsealed(issuer: &Issuer, completion: &Completion, template: &Template, at: Timestamp) -> Result<Vec<u8>, Error> {
    let year = completion.days(at)?.issued_on.year();
    let number = CertificateNumber::new(issuer.settings.number_prefix(), year, 1)?;
    let badge = match template.has_badge() && completion.achievement().is_some() {
        true => {
            let picture = issuer.picture_for(completion)?;
            let credential = BadgeCredential::new(completion, &number, &issuer.settings, &picture, at)?;
            Some(SigningInput::new(credential, &issuer.settings.key_address("unsigned")).assemble(&[0; 256]))
        }
        false => None,
    };
    let rendered = template.render(completion, &number, badge.as_ref(), &issuer.settings, &issuer.typefaces, at)?;
    Ok(rendered.pdf)
}
