//! `eseal issue --batch … --preview`: how the first rows of registers would look, without issuing anything.

use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use bytes::Bytes;
use issuer::register::CellError;
use serde::Serialize;
use zip::ZipArchive;

use super::{Template, about, form, mapping, query, told};
use crate::cli::IssueArgs;
use crate::command::pdf_name::check_folder_name;
use crate::files;
use crate::host::{self, Host};
use crate::language::in_words;
use crate::output::Output;

/// Of how many rows samples are made if nothing is said.
const ROWS: u32 = 3;

/// What came of a row.
#[derive(Serialize)]
struct Sample {
    errors: Vec<CellError>,
    file: String,
    line: u64,
    /// Where its pages are; none if they cannot be made.
    sample: Option<String>,
}

pub(in crate::command) async fn run(host: &Host, args: &IssueArgs, folder: &Path, output: Output) -> Result<u8> {
    check_folder_name(folder)?;
    files::check_folder(folder)?;
    let mapping = mapping(args)?;
    let template = Template::asked_for(args)?;
    let several = args.files.len() > 1;
    let mut code = 0;
    for file in &args.files {
        // Samples of several files lie apart: each is called by its line.
        let stem = file.file_stem().filter(|_| several).map(PathBuf::from).unwrap_or_default();
        let query = query(file, args, template.id.as_deref());
        let made =
            one(host, args, file, (&query, mapping.as_ref(), template.files.as_ref()), &folder.join(stem), output)
                .await;
        code = code.max(made.unwrap_or_else(|error| {
            output.error(Some(&about(file, args, &error)), &error);
            4
        }));
    }
    Ok(code)
}

async fn one(
    host: &Host,
    args: &IssueArgs,
    file: &Path,
    (query, mapping, template): (&str, Option<&Bytes>, Option<&Bytes>),
    folder: &Path,
    output: Output,
) -> Result<u8> {
    let (media_type, body) = form(files::read(file)?, mapping, template);
    // Two at least, so that the answer is an archive, in which a faulty row says what is wrong with it.
    let rows = args.register.rows.unwrap_or(ROWS);
    let path = format!("/issuer/api/registers/preview?{query}&rows={}", rows.max(2));
    let answer = host::accepted(host.send("POST", &path, &media_type, body).await?)?;
    let unread = || format!("{path} did not answer with a ZIP");
    let mut archive = ZipArchive::new(Cursor::new(answer.into_body())).with_context(unread)?;
    let mut code = 0;
    for place in 0..archive.len().min(rows as usize) {
        let mut part = archive.by_index(place).with_context(unread)?;
        let name = part.name().with_context(unread)?.into_owned();
        let (stem, ending) = name.rsplit_once('.').unwrap_or((name.as_str(), ""));
        let line: u64 = stem.strip_prefix("line-").and_then(|line| line.parse().ok()).with_context(unread)?;
        let mut octets = Vec::new();
        part.read_to_end(&mut octets).with_context(unread)?;
        let mut sample = Sample { errors: Vec::new(), file: file.display().to_string(), line, sample: None };
        match ending {
            "pdf" => {
                let place = folder.join(format!("line-{line}.pdf"));
                files::write(&place, &octets, args.overwrite.existing())?;
                sample.sample = Some(place.display().to_string());
            }
            _ => {
                sample.errors = serde_json::from_slice(&octets).with_context(unread)?;
                code = 1;
            }
        }
        output.screen(&sample, || screen(&sample));
    }
    Ok(code)
}

fn screen(sample: &Sample) -> String {
    let line = sample.line;
    match &sample.sample {
        Some(place) => {
            let place = told::one_line(place);
            in_words!("{place}: a sample of line {line}, not sealed", "{place}: {line} 行目の見本（シールなし）")
        }
        None => {
            let faults: Vec<String> = sample.errors.iter().map(|error| told::fault(line, error)).collect();
            faults.join("\n")
        }
    }
}
