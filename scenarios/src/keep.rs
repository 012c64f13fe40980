//! A story's files kept, so that outside validators can judge the same. In: an outcome and a folder. Out: in a folder of the
//! story's name the PDFs, anchors and certificates (PEM), CRLs and OCSP answers (DER) of each verification, and
//! `manifest.json`, which names them with the validation time and our verdict.
//!
//! A folder of that name is made anew. What an earlier run left in it goes, a link in its place is not followed, and what else
//! lies there, being nobody's but the user's, stays.
//!
//! CRLs and OCSP answers are those that were given or fetched: judged offline with them, a file meets what it met here.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use pki::{Certificate, DigestAlgorithm};
use serde_json::{Value, json};

use crate::run::Outcome;
use crate::stage::Judged;
use crate::story::overall;
use crate::story::step::Action;

/// The file that names the others.
const MANIFEST: &str = "manifest.json";

/// Digits of a file's digest in its name.
const DIGITS: usize = 12;

/// Writes everything that the verifications of a story were given.
///
/// # Errors
/// The system's.
pub fn keep(outcome: &Outcome, folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let folder = folder.join(outcome.story.name());
    clear(&folder)?;
    let verifications: Vec<Value> = outcome
        .judged
        .iter()
        .map(|(line, judged)| verification(outcome, *line, judged, &folder))
        .collect::<io::Result<_>>()?;
    let manifest = json!({
        "case": outcome.story.name(), "number": outcome.story.number, "id": outcome.story.id,
        "title": { "ja": outcome.story.title.ja, "en": outcome.story.title.en }, "clause": outcome.story.clause,
        "verifications": verifications,
    });
    let text = serde_json::to_string_pretty(&manifest).expect("texts and numbers can be written as JSON");
    place(&folder.join(MANIFEST), (text + "\n").as_bytes()) // last: what it names is there
}

/// Makes the folder of a story, free of what an earlier run left.
fn clear(folder: &Path) -> io::Result<()> {
    match folder.symlink_metadata() {
        Ok(found) if !found.is_dir() => std::fs::remove_file(folder)?,
        Ok(_) => {
            for entry in std::fs::read_dir(folder)? {
                let entry = entry?;
                if !entry.file_type()?.is_dir() && is_ours(&entry.file_name().to_string_lossy()) {
                    std::fs::remove_file(entry.path())?;
                }
            }
        }
        Err(_) => {}
    }
    match std::fs::create_dir(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Whether a file has a name as the results of a story have.
fn is_ours(name: &str) -> bool {
    let digits = |stem: &str| stem.len() == DIGITS && stem.bytes().all(|byte| byte.is_ascii_hexdigit());
    let by_content = name.rsplit_once('.').filter(|(_, ending)| ["pdf", "pem", "crl", "der"].contains(ending));
    name == MANIFEST || by_content.and_then(|(stem, _)| stem.rsplit_once('-')).is_some_and(|(_, hash)| digits(hash))
}

/// Writes a file anew: a link in its place is not followed.
fn place(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    File::options().write(true).create_new(true).open(path)?.write_all(bytes)
}

fn verification(outcome: &Outcome, line: usize, judged: &Judged, folder: &Path) -> io::Result<Value> {
    let write = |name: String, bytes: &[u8]| -> io::Result<String> {
        place(&folder.join(&name), bytes)?;
        Ok(name)
    };
    // What does not change from one verification to the next is written once: names are made of content.
    let named = |stem: &str, ending: &str, bytes: &[u8]| {
        let hash = DigestAlgorithm::Sha256.digest(bytes).to_string();
        write(format!("{stem}-{}.{ending}", &hash[..DIGITS]), bytes)
    };
    let pem = |stem: &str, all: &[Certificate]| -> io::Result<Vec<String>> {
        let text: String = all.iter().map(Certificate::to_pem).collect();
        Ok(if all.is_empty() { vec![] } else { vec![named(stem, "pem", text.as_bytes())?] })
    };
    let crls = judged.crls.iter().map(|crl| named("crl", "crl", crl.der())).collect::<io::Result<Vec<_>>>()?;
    let ocsps = judged.ocsp_responses.iter();
    let ocsps = ocsps.map(|one| named("ocsp", "der", one.der())).collect::<io::Result<Vec<_>>>()?;
    let (indication, sub_indication) = overall(&judged.report);
    let stem: String = judged.file.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    Ok(json!({
        "line": line, "file": named(&stem, "pdf", &judged.pdf)?, "at": judged.at, "online": judged.online,
        "forged": is_forged(outcome, line, &judged.file),
        "trust": pem("trust", &judged.anchors)?, "certs": pem("certs", &judged.certificates)?,
        "crls": crls, "ocsps": ocsps,
        "indication": indication, "sub_indication": sub_indication, "report": judged.report,
    }))
}

/// Whether the story tampered with the file before it was judged.
fn is_forged(outcome: &Outcome, line: usize, file: &str) -> bool {
    outcome.story.steps.iter().take_while(|step| step.line < line).any(|step| match &step.action {
        Action::Tamper(tamper) => tamper.name.as_ref().unwrap_or(&tamper.file) == file,
        _ => false,
    })
}
