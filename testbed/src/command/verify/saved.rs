//! `--report`: reports as files. In: `json=FILE`, `html=FILE`, or a folder for several inputs. Out: where each goes, checked before
//! anything is judged.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::Result;
use validation::Language;

use super::FileReport;
use crate::files::{self, Existing, is_stdin, is_stdout};
use crate::output::in_order_of_names;

/// One `--report`.
#[derive(Clone, Debug)]
pub(crate) struct ReportTarget {
    kind: Kind,
    place: PathBuf,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Json,
    Html,
}

impl FromStr for ReportTarget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, place) = match text.split_once('=') {
            Some(("json", place)) => (Kind::Json, place),
            Some(("html", place)) => (Kind::Html, place),
            _ => return Err("wanted json=FILE or html=FILE".into()),
        };
        if place.is_empty() {
            return Err("wanted a file after the =".into());
        }
        Ok(ReportTarget { kind, place: place.into() })
    }
}

impl ReportTarget {
    /// Where the report on that file goes: the file that was named, or one named after the input in the folder that was.
    fn of(&self, input: &Path) -> PathBuf {
        let is_folder = self.place.is_dir() || self.place.as_os_str().to_string_lossy().ends_with('/');
        if is_stdout(&self.place) || !is_folder {
            return self.place.clone();
        }
        let stem =
            if is_stdin(input) { "stdin".into() } else { input.file_stem().unwrap_or_default().to_string_lossy() };
        let ending = match self.kind {
            Kind::Json => "json",
            Kind::Html => "html",
        };
        self.place.join(format!("{stem}.{ending}"))
    }

    /// Writes the report on that file.
    pub(super) fn save(
        &self,
        place: &Path,
        input: &Path,
        report: &FileReport<'_>,
        language: Language,
        existing: Existing,
    ) -> Result<()> {
        let text = match self.kind {
            Kind::Json => serde_json::to_string_pretty(&in_order_of_names(report))? + "\n",
            Kind::Html => {
                let name = input.file_name().unwrap_or_default().to_string_lossy();
                console::report(&name, report.report, language)?
            }
        };
        Ok(files::write(place, text.as_bytes(), existing)?)
    }
}

/// Where the reports on each input go, in the order of inputs and `--report`s: no two to the same place, none over a file.
pub(super) fn places(
    targets: &[ReportTarget],
    inputs: &[PathBuf],
    existing: Existing,
) -> Result<Vec<Vec<PathBuf>>, files::Error> {
    let places: Vec<Vec<PathBuf>> =
        inputs.iter().map(|input| targets.iter().map(|one| one.of(input)).collect()).collect();
    let pairs =
        inputs.iter().zip(&places).flat_map(|(input, own)| own.iter().map(|place| (input.as_path(), place.clone())));
    files::check_apart(pairs)?;
    places.iter().flatten().try_for_each(|place| files::check_free(place, existing))?;
    Ok(places)
}
