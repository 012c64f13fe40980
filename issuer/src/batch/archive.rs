//! The files of a batch as one ZIP: `manifest.csv`, then each certificate as NUMBER.pdf. Made file by file while it is sent, so that a
//! hundred thousand certificates need the memory of a few.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_util::stream::{self, Stream};
use world::store::query;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

use super::results::{self, File};
use super::store::{self, Noted};
use crate::api::BatchRow;
use crate::error::Error;
use crate::issue::Issuer;

/// How many rows are read at a time.
const PAGE: u32 = 200;

/// What was written and not sent yet.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    fn take(&self) -> Bytes {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)).into()
    }
}

impl Write for Written {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(octets);
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A file that is being made.
struct Archive {
    issuer: Issuer,
    batch: i64,
    /// In which language the manifest is.
    japanese: bool,
    written: Written,
    zip: ZipWriter<StreamWriter<Written>>,
    at: Place,
}

enum Place {
    Manifest { after: i64 },
    Files { after: i64, rows: std::vec::IntoIter<BatchRow> },
    End,
}

/// The octets of the archive.
pub(super) fn zip(
    issuer: Issuer,
    batch: i64,
    japanese: bool,
) -> impl Stream<Item = Result<Bytes, Error>> + Send + 'static {
    let written = Written::default();
    let zip = ZipWriter::new_stream(written.clone());
    let archive = Archive { issuer, batch, japanese, written, zip, at: Place::Manifest { after: 0 } };
    stream::try_unfold(Some(archive), |archive| async move {
        let Some(mut archive) = archive else { return Ok(None) };
        let more = archive.step().await?;
        let written = archive.written.clone();
        let archive = match more {
            true => Some(archive),
            false => {
                archive.zip.finish().map_err(failed)?;
                None
            }
        };
        Ok(Some((written.take(), archive)))
    })
}

/// Nothing fails that is written into memory, but for an archive beyond the format's limits.
fn failed(error: zip::result::ZipError) -> Error {
    tracing::warn!(%error, "an archive of a batch ends early");
    Error::Stored { what: "the archive of a batch" }
}

impl Archive {
    /// Writes some more; says whether that was not all.
    async fn step(&mut self) -> Result<bool, Error> {
        match &mut self.at {
            Place::Manifest { after } => {
                let after = *after;
                let rows = rows(&self.issuer, self.batch, after).await?;
                self.manifest(&rows, after == 0)?;
                self.at = match rows.last() {
                    Some(last) => Place::Manifest { after: last.row },
                    None => Place::Files { after: 0, rows: Vec::new().into_iter() },
                };
            }
            Place::Files { after, rows: some } => match some.next() {
                Some(row) => {
                    *after = row.row;
                    self.file(&row).await?;
                }
                None => {
                    let (after, rows) = (*after, rows(&self.issuer, self.batch, *after).await?);
                    self.at = if rows.is_empty() { Place::End } else { Place::Files { after, rows: rows.into_iter() } };
                }
            },
            Place::End => return Ok(false),
        }
        Ok(true)
    }

    fn manifest(&mut self, rows: &[BatchRow], is_first: bool) -> Result<(), Error> {
        let mut writer = match is_first {
            true => {
                self.zip.start_file("manifest.csv", options(CompressionMethod::Deflated)).map_err(failed)?;
                results::header()?
            }
            false => csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new()),
        };
        for row in rows {
            results::record(&mut writer, row, &File::Name.of(row).unwrap_or_default(), self.japanese)?;
        }
        self.zip.write_all(&results::written(writer)?).map_err(|error| failed(error.into()))
    }

    async fn file(&mut self, row: &BatchRow) -> Result<(), Error> {
        let (Some(name), Some(number)) = (File::Name.of(row), &row.number) else { return Ok(()) };
        let text = "SELECT pdf FROM issued_certificate WHERE number = $1";
        let found = query(text).bind(number.to_string()).fetch_optional(&self.issuer.world.store).await?;
        let Some(found) = found else { return Ok(()) };
        // Deflated though it gains little: readers that read a stream want it of files whose length comes after them.
        self.zip.start_file(name, options(CompressionMethod::Deflated).compression_level(Some(1))).map_err(failed)?;
        self.zip.write_all(found.get("pdf")?).map_err(|error| failed(error.into()))
    }
}

async fn rows(issuer: &Issuer, batch: i64, after: i64) -> Result<Vec<BatchRow>, Error> {
    let rows =
        store::rows(&issuer.world.store, &issuer.organizations[0], batch, (None, Noted::OrNot), after, PAGE).await?;
    issuer.with_standings(rows).await
}

fn options(method: CompressionMethod) -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(method).unix_permissions(0o644)
}
