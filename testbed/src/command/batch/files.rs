//! The certificates of a batch in a folder or a ZIP, with `manifest.csv`: fetched one by one, so that a large batch needs little memory.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use bytes::Bytes;
use issuer::api::{BatchRow, BatchRows};
use zip::ZipWriter;
use zip::result::ZipError;
use zip::write::SimpleFileOptions;

use super::rows;
use crate::command::pdf_name::check_folder_or_zip;
use crate::files::{self, Draft, Existing};
use crate::host::{self, Host};
use crate::language::language;
use crate::output::Output;

const PAGE: usize = 500;

/// Where they go.
pub(super) enum Target {
    Folder(PathBuf, Existing),
    Archive(Box<ZipWriter<zip::write::StreamWriter<Archive>>>, PathBuf),
}

/// The file of an archive. After an error it takes everything and writes nothing: the archive's writer ends what it has begun when it is
/// dropped, and would tell the same error again, in words for programmers.
pub(super) struct Archive {
    draft: Draft,
    is_broken: bool,
}

impl Archive {
    fn of(out: &Path, existing: Existing) -> Result<Archive, files::Error> {
        Ok(Archive { draft: Draft::of(out, existing)?, is_broken: false })
    }

    fn finish(self) -> Result<()> {
        match self.is_broken {
            true => bail!("the ZIP was not written to its end"),
            false => Ok(self.draft.finish()?),
        }
    }

    fn unless_broken<T>(&mut self, otherwise: T, write: impl Fn(&mut Draft) -> io::Result<T>) -> io::Result<T> {
        if self.is_broken {
            return Ok(otherwise);
        }
        write(&mut self.draft).inspect_err(|error| self.is_broken = error.kind() != io::ErrorKind::Interrupted)
    }
}

impl Write for Archive {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.unless_broken(octets.len(), |draft| draft.write(octets))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.unless_broken((), Draft::flush)
    }
}

/// What kept an archive from being written, by the name that it was to have.
fn unwritten(out: &Path, error: ZipError) -> anyhow::Error {
    match error {
        ZipError::Io(source) => files::Error::Unwritable { file: out.into(), source }.into(),
        other => anyhow::Error::new(other).context("the ZIP cannot be written"),
    }
}

/// Saves what is issued by now. In a folder, files that are there stay as they are, unless they are replaced: those of an earlier run of
/// the same register are the same.
pub(super) async fn save(host: &Host, id: i64, out: &Path, existing: Existing, output: Output) -> Result<()> {
    save_into(host, id, Target::at(out, existing)?, output).await
}

/// The same where it was seen to before that they can be saved there.
pub(super) async fn save_into(host: &Host, id: i64, mut target: Target, output: Output) -> Result<()> {
    let manifest = host
        .send("GET", &format!("/issuer/api/batches/{id}/manifest.csv?lang={}", language().code()), "", Bytes::new())
        .await?;
    let manifest = host::accepted(manifest)?;
    target.add(&target.manifest_name(id, manifest.body()), manifest.body())?;
    let mut after = 0;
    let bar = output.progress(usize::try_from(super::show(host, id).await?.rows.all()).unwrap_or(usize::MAX));
    loop {
        let BatchRows { next, rows } = rows(host, id, (None, false), after, PAGE).await?;
        for row in &rows {
            one(host, row, &mut target).await?;
            bar.inc(1);
        }
        let Some(next) = next else { break };
        after = next;
    }
    bar.finish_and_clear();
    target.end()
}

async fn one(host: &Host, row: &BatchRow, target: &mut Target) -> Result<()> {
    let Some(number) = row.number.as_ref().filter(|_| row.has_file()) else { return Ok(()) };
    let pdf = host.send("GET", &format!("/issuer/api/certificates/{number}/pdf"), "", Bytes::new()).await?;
    target.add(&format!("{number}.pdf"), host::accepted(pdf)?.body())
}

impl Target {
    /// Makes sure that they can be saved there.
    pub(super) fn at(out: &Path, existing: Existing) -> Result<Target> {
        if out.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("zip")) {
            files::check_free(out, existing)?;
            return Ok(Target::Archive(Box::new(ZipWriter::new_stream(Archive::of(out, existing)?)), out.into()));
        }
        check_folder_or_zip(out)?;
        files::check_folder(out)?;
        Ok(Target::Folder(out.into(), existing))
    }

    fn add(&mut self, name: &str, octets: &[u8]) -> Result<()> {
        match self {
            Target::Folder(folder, _) if holds(&folder.join(name), octets) => Ok(()),
            Target::Folder(folder, existing) => Ok(files::write(&folder.join(name), octets, *existing)?),
            Target::Archive(zip, out) => {
                let options = SimpleFileOptions::default().compression_level(Some(1)).unix_permissions(0o644);
                let written = zip.start_file(name, options).and_then(|()| Ok(zip.write_all(octets)?));
                written.map_err(|error| unwritten(out, error))
            }
        }
    }

    /// `manifest.csv`, or another name where that of an earlier batch is there and stays.
    fn manifest_name(&self, id: i64, octets: &[u8]) -> String {
        const NAME: &str = "manifest.csv";
        match self {
            Target::Folder(folder, Existing::Stays) => {
                let there = folder.join(NAME);
                let is_another = there.exists() && !holds(&there, octets);
                if is_another { format!("manifest-{id}.csv") } else { NAME.to_owned() }
            }
            _ => NAME.to_owned(),
        }
    }

    fn end(self) -> Result<()> {
        match self {
            Target::Folder(..) => Ok(()),
            Target::Archive(zip, out) => zip.finish().map_err(|error| unwritten(&out, error))?.into_inner().finish(),
        }
    }
}

/// Whether a file is there and holds this.
fn holds(file: &Path, octets: &[u8]) -> bool {
    std::fs::read(file).is_ok_and(|there| there == octets)
}
