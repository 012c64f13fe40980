//! `eseal issue --batch … --dry-run`: what would come of the rows of registers, without issuing anything.

mod form;
mod result;
mod told;

use std::path::Path;

use anyhow::Result;
use bytes::Bytes;
use issuer::api::DryRun;
use serde::Serialize;

use crate::cli::IssueArgs;
use crate::files::{self, is_stdin};
use crate::host::{Host, query_member};
use crate::output::Output;
pub(super) use form::body as form;

/// How many rows are tried with one request: what takes some seconds.
const PAGE: u64 = 500;

/// What would come of a file.
#[derive(Serialize)]
struct Tried {
    file: String,
    #[serde(flatten)]
    dry_run: DryRun,
}

pub(super) async fn run(host: &Host, args: &IssueArgs, output: Output) -> Result<u8> {
    let results = args.register.result.iter().map(std::path::PathBuf::as_path);
    let output = output.beside(results.clone())?;
    if let Some(result) = &args.register.result {
        result::check(result)?;
        files::check_inputs_stay(args.files.iter().map(std::path::PathBuf::as_path), results)?;
        files::check_free(result, args.overwrite.existing())?;
    }
    let mapping = args.register.map.as_deref().map(files::read).transpose()?;
    let (mut code, mut all) = (0, Vec::new());
    for file in &args.files {
        match tried(host, file, mapping.as_ref(), args, output).await {
            Ok(tried) => {
                output.screen(&tried, || told::screen(&tried.file, &tried.dry_run));
                code = code.max(u8::from(tried.dry_run.counts.faulty > 0));
                all.push(tried);
            }
            Err(error) => {
                output.error(Some(&file.display().to_string()), &error);
                code = 4; // the file cannot be read, whichever way that was told
            }
        }
    }
    if let Some(result) = &args.register.result {
        let rows = all.iter().flat_map(|tried| tried.dry_run.rows.iter().map(|row| (tried.file.as_str(), row)));
        files::write(result, &result::written(result, rows)?, args.overwrite.existing())?;
    }
    Ok(code)
}

/// Tries a file, some rows at a time, so that no request takes long.
async fn tried(host: &Host, file: &Path, mapping: Option<&Bytes>, args: &IssueArgs, output: Output) -> Result<Tried> {
    let octets = files::read(file)?;
    let query = query(file, args);
    let (media_type, body) = form::body(octets, mapping);
    let bar = output.spinner();
    let mut whole: Option<DryRun> = None;
    loop {
        let after = whole.as_ref().map_or(0, |whole| whole.rows.len());
        bar.set_message(told::so_far(after));
        let path = format!("/issuer/api/registers/dry-run?{query}&after={after}&limit={PAGE}");
        let page: DryRun = host.json("POST", &path, &media_type, body.clone()).await?;
        let next = page.next;
        whole = Some(match whole {
            None => page,
            Some(whole) => together(whole, page),
        });
        if next.is_none() {
            break;
        }
    }
    bar.finish_and_clear();
    let dry_run = whole.expect("at least one page was asked for");
    Ok(Tried { file: file.display().to_string(), dry_run })
}

fn together(mut whole: DryRun, page: DryRun) -> DryRun {
    whole.counts.faulty += page.counts.faulty;
    whole.counts.rows += page.counts.rows;
    whole.counts.would_issue += page.counts.would_issue;
    whole.rows.extend(page.rows);
    whole.next = page.next;
    whole
}

/// What the file is called, and how it is read and issued.
pub(super) fn query(file: &Path, args: &IssueArgs) -> String {
    let register = &args.register;
    let name = file.file_name().filter(|_| !is_stdin(file)).map(|name| name.to_string_lossy().into_owned());
    let level = args.level.map(|level| level.to_string());
    let strict = register.strict.then(|| "true".to_owned());
    let members = [
        ("name", name.as_ref()),
        ("encoding", register.encoding.as_ref()),
        ("delimiter", register.delimiter.as_ref()),
        ("sheet", register.sheet.as_ref()),
        ("key", register.key.as_ref()),
        ("strict", strict.as_ref()),
        ("level", level.as_ref()),
        ("organization", args.organization.as_ref()),
    ];
    let members = members.iter().filter_map(|(member, value)| Some(query_member(member, value.as_ref()?)));
    members.collect::<Vec<_>>().join("&")
}
