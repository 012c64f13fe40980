//! How the first rows of a register would look. In: a file. Out: their pages with 見本 / SAMPLE, unsealed and without a number.

use std::io::{Cursor, Write};
use std::sync::Arc;

use world::problem::Problem;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::{File, Frame, Trial};
use crate::error::Error;
use crate::register::{CellError, Row};

/// What a row would look like.
pub(crate) struct Sample {
    /// Where it begins in the file.
    pub(crate) line: u64,
    /// Its pages as PDF, or what is wrong with it.
    pub(crate) pages: Result<Vec<u8>, Vec<CellError>>,
}

impl Trial {
    /// Samples of the first rows of a file.
    pub(crate) async fn preview(self, file: File, rows: usize) -> Result<Vec<Sample>, Problem> {
        let (_, mut trying) = self.open(file).await?;
        let mut rows: Vec<Row> = trying.read(move |from| from.take(rows).collect()).await;
        let frame = Arc::new(trying.frame(&mut rows).await?);
        let (trial, background) = (trying.trial.clone(), trying.trial.issuer.world.pools.registers.clone());
        let work = move || rows.into_iter().map(|row| trial.sample(row, &frame)).collect();
        Ok(background.run(work).await)
    }

    fn sample(&self, row: Row, frame: &Frame) -> Sample {
        let Row { line, organization, content, .. } = row;
        let pages = content.and_then(|completion| {
            let errors = self.errors(line, organization.as_deref(), &completion, frame);
            let template = frame.templates.get(&completion.template().map(str::to_owned));
            let Some(Ok(template)) = template.filter(|_| errors.is_empty()) else { return Err(errors) };
            let sample = || {
                let issuer = self.issuer_of(organization.as_deref())?;
                let picture = issuer.picture_for(&completion)?;
                template.preview(&completion, &picture, &issuer.settings, &issuer.typefaces, frame.at)
            };
            match sample() {
                Ok(rendered) => Ok(rendered.pdf),
                Err(error) => Err(vec![CellError::of(line, &error, &frame.columns)]),
            }
        });
        Sample { line, pages }
    }
}

/// Samples as a ZIP: `line-2.pdf`, or `line-2.json` with what is wrong with that row.
pub(crate) fn archive(samples: &[Sample]) -> Result<Vec<u8>, Error> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let unwritten = |_| Error::Stored { what: "samples" };
    for Sample { line, pages } in samples {
        let (ending, octets) = match pages {
            Ok(pdf) => ("pdf", pdf.clone()),
            Err(errors) => ("json", serde_json::to_vec(errors).expect("texts and numbers can be written as JSON")),
        };
        zip.start_file(format!("line-{line}.{ending}"), SimpleFileOptions::default()).map_err(unwritten)?;
        zip.write_all(&octets).map_err(|_| Error::Stored { what: "samples" })?;
    }
    Ok(zip.finish().map_err(unwritten)?.into_inner())
}
