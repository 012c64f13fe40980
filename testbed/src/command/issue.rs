//! `eseal issue`: completion data into sealed certificates.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use bytes::Bytes;
use laboratory::seal_credential;
use serde_json::Value;

use super::{progress, query_member};
use crate::cli::{Common, IssueArgs};
use crate::files::{self, Existing, is_stdout};
use crate::host::{self, Host};
use crate::output::Output;

pub(super) async fn run(host: &Host, common: &Common, args: &IssueArgs, output: Output) -> Result<u8> {
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
            super::check_folder_name(&out)?;
            files::check_folder(&out)?;
        }
    }
    let level = args.level.map(|level| query_member("level", &level.to_string()));
    let credential = args.algorithm.map(|kind| query_member("credential", &seal_credential(kind)));
    let query = format!("?{}", level.into_iter().chain(credential).collect::<Vec<_>>().join("&"));
    let bar = progress(args.files.len(), output);
    let mut code = 0;
    for file in &args.files {
        match one(host, file, &query, &out, args).await {
            Ok((told, saved)) => bar.suspend(|| {
                output.result(&told, || summary(&told, &saved));
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

/// Whether the place that was named is the file of the one certificate, and no folder.
fn file_of_one(args: &IssueArgs) -> bool {
    args.files.len() == 1 && args.out.as_deref().is_some_and(super::is_pdf_name)
}

/// Issues one certificate and saves it; gives what the issuer told, with the file's place.
async fn one(host: &Host, data: &Path, query: &str, out: &Path, args: &IssueArgs) -> Result<(Value, PathBuf)> {
    let (mut told, pdf) = issue(host, files::read(data)?, query).await?;
    let file = if is_stdout(out) || file_of_one(args) { out.into() } else { numbered(&told, out) };
    save(&mut told, &pdf, &file, args.overwrite.existing()).with_context(|| {
        let text = |name: &str| told[name].as_str().unwrap_or_default();
        format!("{} was issued and is kept, also at {}", text("number"), text("pdf"))
    })?;
    Ok((told, file))
}

/// Issues one certificate; gives what the issuer told, and the file.
pub(super) async fn issue(host: &Host, data: Bytes, query: &str) -> Result<(Value, Bytes)> {
    let path = format!("/issuer/api/certificates{query}");
    let told = host.json("POST", &path, "application/json", data).await?;
    let number = told["number"].as_str().unwrap_or_default();
    let pdf = host.send("GET", &format!("/issuer/api/certificates/{number}/pdf"), "", Bytes::new()).await?;
    Ok((told, host::accepted(pdf)?.into_body()))
}

/// The file of that certificate in a folder of several.
pub(super) fn numbered(told: &Value, folder: &Path) -> PathBuf {
    folder.join(format!("{}.pdf", told["number"].as_str().unwrap_or_default()))
}

/// Saves an issued certificate, and tells where.
pub(super) fn save(told: &mut Value, pdf: &[u8], file: &Path, existing: Existing) -> Result<(), files::Error> {
    files::write(file, pdf, existing)?;
    told["file"] = file.display().to_string().into();
    Ok(())
}

fn summary(told: &Value, saved: &Path) -> String {
    let text = |name: &str| told[name].as_str().unwrap_or_default().to_owned();
    format!("{}  {}  {}  {}", text("number"), text("level"), text("recipient"), saved.display())
}
