//! `eseal issue`: completion data into sealed certificates.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use bytes::Bytes;
use issuer::api::IssuedSummary;
use serde::Serialize;

use super::batch;
use super::credential;
use super::pdf_name::{check_folder_name, is_pdf_name};
use super::{register, template};
use crate::cli::{Common, IssueArgs};
use crate::files::{self, is_stdout};
use crate::host::{self, Host, query_member};
use crate::invalid::Invalid;
use crate::output::Output;

pub(super) async fn run(host: &Host, common: &Common, args: &IssueArgs, output: Output) -> Result<u8> {
    if args.batch && args.register.dry_run {
        return register::run(host, args, output).await;
    }
    if let Some(folder) = &args.register.preview {
        return register::preview(host, args, folder, output).await;
    }
    if args.batch {
        return batch::issue(host, args, output).await;
    }
    check_no_registers(&args.files)?;
    let out = args.out.clone().unwrap_or_else(|| common.documents());
    let output = output.beside(args.files.iter().map(|_| out.as_path()))?;
    let existing = args.overwrite.existing();
    match file_of_one(args) {
        true => {
            files::check_inputs_stay(args.files.iter().map(PathBuf::as_path), [out.as_path()])?;
            files::check_free(&out, existing)?;
        }
        false if is_stdout(&out) => {}
        false => {
            check_folder_name(&out)?;
            files::check_folder(&out)?;
        }
    }
    let level = args.level.map(|level| query_member("level", &level.to_string()));
    let credential = match args.algorithm {
        Some(kind) => {
            let id = credential::that_seals_with(host, kind, args.organization.as_deref()).await?;
            Some(query_member("credential", &id))
        }
        None => None,
    };
    let organization = args.organization.as_ref().map(|id| query_member("organization", id));
    let template = template::asked_for(host, args).await?.map(|id| query_member("template", &id));
    let query = level.into_iter().chain(credential).chain(organization).chain(template);
    let query = format!("?{}", query.collect::<Vec<_>>().join("&"));
    let bar = output.progress(args.files.len());
    let mut code = 0;
    for file in &args.files {
        match one(host, file, &query, &out, args).await {
            Ok((certificate, place)) => bar.suspend(|| {
                output.result(&certificate, || line(&certificate.summary, &place));
            }),
            Err(error) => {
                code = code.max(bar.suspend(|| output.error(Some(&file.display().to_string()), &error)));
            }
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(code)
}

/// How the names of registers end.
const REGISTERS: [&str; 8] = ["csv", "tsv", "xlsx", "xlsm", "xls", "ods", "jsonl", "ndjson"];

/// Refuses the file of a batch where completion data of one certificate are wanted, before anything is issued.
fn check_no_registers(files: &[PathBuf]) -> Result<(), Invalid> {
    let is_register = |file: &&PathBuf| {
        let ending = file.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
        ending.is_some_and(|ending| REGISTERS.contains(&ending.as_str()))
    };
    match files.iter().find(is_register) {
        Some(file) => {
            let name = file.display().to_string();
            let quoted = super::scenario::quoted(&name);
            let problem = format!(
                "{name}: wanted completion data in JSON; certificates from a table: `eseal issue --batch {quoted}`"
            );
            let japanese =
                format!("{name}: JSON の修了データが必要です。表からの発行は `eseal issue --batch {quoted}` です");
            Err(Invalid::new(&name, problem).in_japanese(japanese))
        }
        None => Ok(()),
    }
}

/// Whether the place that was named is the file of the one certificate, and no folder.
fn file_of_one(args: &IssueArgs) -> bool {
    args.files.len() == 1 && args.out.as_deref().is_some_and(is_pdf_name)
}

/// An issued certificate, and where its file lies.
#[derive(Serialize)]
pub(super) struct SavedCertificate {
    #[serde(flatten)]
    pub(super) summary: IssuedSummary,
    /// None if the file could not be saved.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) file: Option<String>,
}

/// Issues one certificate and saves it; gives it with the file's place.
async fn one(
    host: &Host,
    data: &Path,
    query: &str,
    out: &Path,
    args: &IssueArgs,
) -> Result<(SavedCertificate, PathBuf)> {
    let (summary, pdf) = issue(host, files::read(data)?, query).await?;
    let file = if is_stdout(out) || file_of_one(args) { out.into() } else { numbered(&summary, out) };
    files::write(&file, &pdf, args.overwrite.existing())
        .with_context(|| format!("{} was issued and is kept, also at {}", summary.number, summary.pdf))?;
    Ok((SavedCertificate { summary, file: Some(file.display().to_string()) }, file))
}

/// Issues one certificate; gives what the issuer says of it, and the file.
pub(super) async fn issue(host: &Host, data: Bytes, query: &str) -> Result<(IssuedSummary, Bytes)> {
    let path = format!("/issuer/api/certificates{query}");
    let summary: IssuedSummary = host.json("POST", &path, "application/json", data).await?;
    let pdf = pdf_of(host, &summary).await?;
    Ok((summary, pdf))
}

/// The file of a certificate.
pub(super) async fn pdf_of(host: &Host, summary: &IssuedSummary) -> Result<Bytes> {
    let path = format!("/issuer/api/certificates/{}/pdf", summary.number);
    let pdf = host.send("GET", &path, "", Bytes::new()).await?;
    Ok(host::accepted(pdf)?.into_body())
}

/// The file of that certificate in a folder of several.
pub(super) fn numbered(summary: &IssuedSummary, folder: &Path) -> PathBuf {
    folder.join(format!("{}.pdf", summary.number))
}

fn line(summary: &IssuedSummary, place: &Path) -> String {
    format!("{}  {}  {}  {}", summary.number, summary.level, summary.recipient, place.display())
}
