//! What would come of the rows of a register, without issuing anything. In: rows as they were read. Out: each with everything that
//! would keep it from being certified, found by doing all of it but signing: organization, level, days, and the pages themselves.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use jiff::Timestamp;
use sealing::Level;

use crate::api::{DryRun, Outcome, TriedCounts, TriedRow};
use crate::badge::{BadgeCredential, SigningInput};
use crate::completion::Completion;
use crate::error::Error;
use crate::issue::Issuer;
use crate::number::CertificateNumber;
use crate::register::{self, CellError, ColumnReading, Format, Options, Register, RegisterError, Row};
use crate::template::Template;

/// Rows that one processor tries before others have their turn.
const STEP: usize = 16;

/// How the rows of a register would be issued.
#[derive(Clone)]
pub(crate) struct Trial {
    pub(crate) issuer: Issuer,
    /// That is asked for.
    pub(crate) level: Option<Level>,
    /// Rows that are passed over, and how many of the following are tried.
    pub(crate) after: usize,
    pub(crate) limit: usize,
}

/// What the trial of every row needs beside the row.
struct Frame {
    columns: Vec<ColumnReading>,
    /// The templates that rows name, or why there is none of that name.
    templates: HashMap<Option<String>, Result<Template, String>>,
    at: Timestamp,
}

/// A register without its rows.
struct Surroundings {
    columns: Vec<ColumnReading>,
    encoding: Option<String>,
    format: Format,
    notes: Vec<String>,
    sheet: Option<String>,
}

impl Trial {
    /// Tries the rows of a file.
    pub(crate) async fn run(
        self,
        octets: Vec<u8>,
        name: Option<String>,
        options: Options,
    ) -> Result<DryRun, RegisterError> {
        let background = self.issuer.world.pools.registers.clone();
        let (after, limit) = (self.after, self.limit);
        let read = background.run(move || -> Result<_, RegisterError> {
            let Register { format, encoding, sheet, columns, notes, mut rows } =
                register::read(octets, name.as_deref(), &options)?;
            let some: Vec<Row> = rows.by_ref().skip(after).take(limit).collect();
            let more = rows.next().is_some();
            Ok((Surroundings { columns, encoding, format, notes, sheet }, some, more))
        });
        let (surroundings, rows, more) = read.await?;
        let next = more.then(|| (after + rows.len()) as u64);
        let Surroundings { columns, encoding, format, notes, sheet } = surroundings;
        let at = world::time::whole_seconds(self.issuer.world.clock.now());
        let frame = Arc::new(Frame { columns, templates: self.templates(&rows).await, at });
        let mut steps = Vec::new();
        let mut rest = rows.into_iter().peekable();
        while rest.peek().is_some() {
            let (trial, frame, background) = (self.clone(), frame.clone(), background.clone());
            let step: Vec<Row> = rest.by_ref().take(STEP).collect();
            steps.push(tokio::spawn(async move {
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
        let faulty = rows.iter().filter(|row| row.outcome == Outcome::Faulty).count() as u64;
        let counts = TriedCounts { faulty, rows: rows.len() as u64, would_issue: rows.len() as u64 - faulty };
        let columns = frame.columns.clone();
        Ok(DryRun { columns, counts, encoding, format: format.to_string(), next, notes, rows, sheet })
    }

    /// The templates that these rows name.
    async fn templates(&self, rows: &[Row]) -> HashMap<Option<String>, Result<Template, String>> {
        let mut templates = HashMap::new();
        for completion in rows.iter().filter_map(|row| row.content.as_ref().ok()) {
            let name = completion.template().map(str::to_owned);
            if let Entry::Vacant(place) = templates.entry(name) {
                let found = self.issuer.template(place.key().as_deref()).await;
                place.insert(found.map_err(|error| error.to_string()));
            }
        }
        templates
    }

    fn row(&self, row: Row, frame: &Frame) -> TriedRow {
        let Row { line, key, organization, content } = row;
        let (recipient, errors) = match content {
            Err(errors) => (None, errors),
            Ok(completion) => {
                let errors = self.errors(line, organization.as_deref(), &completion, frame);
                (Some(completion.recipient().name.clone()), errors)
            }
        };
        let outcome = if errors.is_empty() { Outcome::WouldIssue } else { Outcome::Faulty };
        TriedRow { errors, key, line, organization, outcome, recipient }
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
        let issuer = match organization {
            None => Ok(self.issuer.clone()),
            organization => self.issuer.in_the_name_of(organization),
        };
        match frame.templates.get(&completion.template().map(str::to_owned)) {
            Some(Ok(template)) => {
                let problems = template.problems(completion);
                let tried = match problems.is_empty() {
                    true => issuer.and_then(|issuer| unsealed(&issuer, completion, template, frame.at)).err(),
                    false => issuer.err(),
                };
                errors.extend(problems.iter().chain(&tried).map(|error| CellError::of(line, error, &frame.columns)));
            }
            Some(Err(problem)) => {
                errors.push(CellError::of_row(line, problem.clone(), "name a template that there is"));
            }
            None => {} // every name of these rows was looked up
        }
        errors
    }
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
