//! `eseal seal`: seals any PDF. The PDF stays with the issuer; the key server sees one digest.

use std::path::{Path, PathBuf};

use anyhow::Result;
use issuer::api::SealSummary;
use serde::Serialize;
use world::text::visible;

use super::credential;
use super::pdf_name::check_folder_name;
use crate::cli::{Common, SealArgs};
use crate::files::{self, is_stdin, is_stdout};
use crate::host::{self, Host, query_member};
use crate::invalid::Invalid;
use crate::language::in_words;
use crate::output::Output;

pub(super) async fn run(host: &Host, common: &Common, args: &SealArgs, output: Output) -> Result<u8> {
    let targets: Vec<PathBuf> = args.files.iter().map(|file| target(common, args, file)).collect();
    files::check_apart(args.files.iter().map(PathBuf::as_path).zip(targets.iter().cloned()))?;
    files::check_inputs_stay(args.files.iter().map(PathBuf::as_path), targets.iter().map(PathBuf::as_path))?;
    let output = output.beside(targets.iter().map(PathBuf::as_path))?;
    let credential = match args.algorithm {
        Some(kind) => Some(credential::that_seals_with(host, kind, None).await?),
        None => None,
    };
    let query = query(args, credential.as_deref());
    let bar = output.progress(args.files.len());
    let mut code = 0;
    for (file, target) in args.files.iter().zip(&targets) {
        match one(host, args, file, target, &query).await {
            Ok(sealed) => bar.suspend(|| {
                warn(&sealed, output);
                output.result(&sealed, || line(&sealed));
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

/// The longest name of a field, in characters.
const LONGEST_NAME: usize = 1000;

/// Checks what needs no testbed.
pub(super) fn check(args: &SealArgs) -> Result<(), Invalid> {
    if let Some(out) = args.out.as_deref().filter(|out| args.files.len() > 1 && !is_stdout(out)) {
        check_folder_name(out)?;
    }
    let field = args.field.as_deref().unwrap_or_default().chars().count();
    if field > LONGEST_NAME {
        let problem = format!("--field: wanted at most {LONGEST_NAME} characters, found {field}");
        return Err(Invalid::new("--field", problem));
    }
    let reason = args.reason.as_deref().map_or(Ok(()), sealing::check_reason);
    reason.map_err(|problem| Invalid::new("--reason", format!("--{problem}")))
}

fn query(args: &SealArgs, credential: Option<&str>) -> String {
    let mut members = vec![query_member("level", &args.level.to_string())];
    members.extend(credential.map(|credential| query_member("credential", credential)));
    members.extend(args.field.as_deref().map(|field| query_member("field", field)));
    members.extend(args.reason.as_deref().map(|reason| query_member("reason", reason)));
    members.extend(args.certify.map(|permission| query_member("certify", &permission.to_string())));
    members.extend(args.despite_earlier_seals.then(|| query_member("force", "true")));
    members.join("&")
}

/// A sealed file.
#[derive(Serialize)]
struct SealedFile {
    /// What the issuer says of the seal.
    #[serde(flatten)]
    summary: Option<SealSummary>,
    source: String,
    file: String,
}

async fn one(host: &Host, args: &SealArgs, file: &Path, target: &Path, query: &str) -> Result<SealedFile> {
    files::check_free(target, args.overwrite.existing())?;
    let path = format!("/issuer/api/seals?{query}");
    let sealed = host::accepted(host.send("POST", &path, "application/pdf", files::read(file)?).await?)?;
    files::write(target, sealed.body(), args.overwrite.existing())?;
    let summary = sealed.headers().get("eseal-seal").and_then(|header| serde_json::from_slice(header.as_bytes()).ok());
    Ok(SealedFile { summary, source: file.display().to_string(), file: target.display().to_string() })
}

/// Where the sealed file goes.
fn target(common: &Common, args: &SealArgs, file: &Path) -> PathBuf {
    let stem = if is_stdin(file) { "stdin".into() } else { file.file_stem().unwrap_or_default().to_string_lossy() };
    let name = format!("{stem}-sealed.pdf");
    match &args.out {
        None if is_stdin(file) => "-".into(),
        None => common.documents().join(name),
        Some(out) if is_stdout(out) => out.clone(),
        Some(out) if out.is_dir() || out.as_os_str().to_string_lossy().ends_with('/') || args.files.len() > 1 => {
            out.join(name)
        }
        Some(out) => out.clone(),
    }
}

/// What the person at the terminal should know; the texts may hold a stranger's words.
fn warn(sealed: &SealedFile, output: Output) {
    for warning in sealed.summary.iter().flat_map(|summary| &summary.warnings) {
        output.say(in_words!("warning: {}: {}", "警告: {}: {}", sealed.source, visible(warning)));
    }
}

fn line(sealed: &SealedFile) -> String {
    let (level, sent) = sealed
        .summary
        .as_ref()
        .map_or_else(Default::default, |summary| (summary.level.to_string(), summary.sent_digest.as_str()));
    in_words!("{}  {level}  digest sent: {sent}", "{}  {level}  送信したダイジェスト: {sent}", sealed.file)
}
