//! `eseal issue --batch … --dry-run`: what would come of the rows of registers, without issuing anything.

mod form;
mod mapping;
mod preview;
mod result;
mod told;

use std::path::Path;

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use issuer::api::{DryRun, DryRunEnd, TemplateFiles, TriedRow};
use serde::{Deserialize, Serialize};

use crate::cli::IssueArgs;
use crate::command::template::{self, Choice};
use crate::files::{self, is_stdin};
use crate::host::{Host, query_member};
use crate::output::Output;
pub(super) use form::body as form;
pub(super) use mapping::{about, mapping};
pub(super) use preview::run as preview;

/// Of how many rows the bar is moved on.
const BAR: u64 = 100;

/// What would come of a file.
#[derive(Serialize)]
struct Tried {
    file: String,
    #[serde(flatten)]
    dry_run: DryRun,
    /// What people are told of its rows.
    #[serde(skip)]
    told: told::Rows,
}

/// A line of the answer below the first.
#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Row(Box<TriedRow>),
    End(DryRunEnd),
}

/// How each of the files is asked about.
struct Asking<'a> {
    mapping: Option<Bytes>,
    template: Template,
    args: &'a IssueArgs,
    output: Output,
}

/// The template that rows are tried by which name none. One of somebody's own goes along, and is not registered.
struct Template {
    id: Option<String>,
    /// JSON.
    files: Option<Bytes>,
}

impl Template {
    fn asked_for(args: &IssueArgs) -> Result<Template> {
        Ok(match args.template.as_deref().map(template::choice).transpose()? {
            None => Template { id: None, files: None },
            Some(Choice::Id(id)) => Template { id: Some(id), files: None },
            Some(Choice::Own(own)) => {
                let files = serde_json::to_vec(&TemplateFiles::of(&own)).context("texts can be written as JSON")?;
                Template { id: Some(own.id().to_owned()), files: Some(files.into()) }
            }
        })
    }
}

pub(super) async fn run(host: &Host, args: &IssueArgs, output: Output) -> Result<u8> {
    let results = args.register.result.iter().map(std::path::PathBuf::as_path);
    let output = output.beside(results.clone())?;
    let mut result = match &args.register.result {
        Some(result) => {
            files::check_inputs_stay(args.files.iter().map(std::path::PathBuf::as_path), results)?;
            Some(result::ResultFile::begin(result, args.overwrite.existing())?)
        }
        None => None,
    };
    let mapping = mapping(args)?;
    let template = Template::asked_for(args)?;
    let asking = Asking { mapping, template, args, output };
    let mut code = 0;
    for file in &args.files {
        match asking.tried(host, file, &mut result).await {
            Ok(tried) => {
                output.screen(&tried, || told::screen(&tried.file, &tried.dry_run, &tried.told));
                let counts = tried.dry_run.counts;
                code = code.max(u8::from(counts.faulty + counts.changed > 0));
            }
            Err(error) => {
                output.error(Some(&about(file, args, &error)), &error);
                code = 4; // the file cannot be read, whichever way that was told
            }
        }
    }
    if let Some(result) = result {
        result.finish()?;
    }
    Ok(code)
}

impl Asking<'_> {
    /// Tries a file. Its rows are read as they come, and kept only where they are printed as one object.
    async fn tried(&self, host: &Host, file: &Path, result: &mut Option<result::ResultFile>) -> Result<Tried> {
        let (media_type, body) = form::body(files::read(file)?, self.mapping.as_ref(), self.template.files.as_ref());
        let query = query(file, self.args, self.template.id.as_deref());
        let query = [query].into_iter().chain(anew(self.args)).collect::<Vec<_>>().join("&");
        let path = format!("/issuer/api/registers/dry-run?{query}&whole=true");
        let mut lines = host.lines("POST", &path, &media_type, body).await?;
        let unread = || format!("{path} did not answer with JSON Lines");
        let first = lines.next().await?.unwrap_or_default();
        let dry_run: DryRun = serde_json::from_slice(&first).with_context(unread)?;
        let name = file.display().to_string();
        let mut tried = Tried { file: name, dry_run, told: told::Rows::default() };
        let bar = self.output.spinner();
        while let Some(line) = lines.next().await? {
            match serde_json::from_slice(&line).with_context(unread)? {
                Line::Row(row) => {
                    tried.told.add(&row);
                    if let Some(result) = result {
                        result.add(&tried.file, &row)?;
                    }
                    if tried.told.count().is_multiple_of(BAR) {
                        bar.set_message(told::so_far(tried.told.count()));
                        bar.tick();
                    }
                    if !self.output.for_people() {
                        tried.dry_run.rows.push(*row);
                    }
                }
                Line::End(DryRunEnd { counts }) => {
                    bar.finish_and_clear();
                    tried.dry_run.counts = counts;
                    return Ok(tried);
                }
            }
        }
        bail!("the answer of {path} ended after {} rows", tried.told.count())
    }
}

/// What the file is called, and how it is read and issued.
pub(super) fn query(file: &Path, args: &IssueArgs, template: Option<&str>) -> String {
    let register = &args.register;
    let name = file.file_name().filter(|_| !is_stdin(file)).map(|name| name.to_string_lossy().into_owned());
    let level = args.level.map(|level| level.to_string());
    let strict = register.strict.then(|| "true".to_owned());
    let template = template.map(str::to_owned);
    let members = [
        ("name", name.as_ref()),
        ("encoding", register.encoding.as_ref()),
        ("delimiter", register.delimiter.as_ref()),
        ("sheet", register.sheet.as_ref()),
        ("key", register.key.as_ref()),
        ("strict", strict.as_ref()),
        ("level", level.as_ref()),
        ("organization", args.organization.as_ref()),
        ("template", template.as_ref()),
    ];
    let members = members.iter().filter_map(|(member, value)| Some(query_member(member, value.as_ref()?)));
    members.collect::<Vec<_>>().join("&")
}

/// What is issued anew.
pub(super) fn anew(args: &IssueArgs) -> Vec<String> {
    let another: Vec<String> = args.many.another.iter().map(ToString::to_string).collect();
    let members = [
        ("reissue", args.many.reissue.then(|| "true".to_owned())),
        ("reissue_revoked", args.many.reissue_revoked.then(|| "true".to_owned())),
        ("another", (!another.is_empty()).then(|| another.join(","))),
    ];
    members.into_iter().filter_map(|(member, value)| Some(query_member(member, &value?))).collect()
}
