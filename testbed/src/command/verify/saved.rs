//! `--report`: reports as files. In: `json=FILE`, `html=FILE`, or a folder for several inputs. Out: where each goes, checked before
//! anything is judged.

use std::path::{Path, PathBuf};

use anyhow::Result;
use validation::Language;

use super::file_report::FileReport;
use crate::cli::{ReportKind, ReportTarget};
use crate::files::{self, Existing, is_stdin, is_stdout};
use crate::output::in_order_of_names;

/// Where the report on that file goes: the file that was named, or one named after the input in the folder that was.
fn place_of(target: &ReportTarget, input: &Path) -> PathBuf {
    let is_folder = target.place.is_dir() || target.place.as_os_str().to_string_lossy().ends_with('/');
    if is_stdout(&target.place) || !is_folder {
        return target.place.clone();
    }
    let stem = if is_stdin(input) { "stdin".into() } else { input.file_stem().unwrap_or_default().to_string_lossy() };
    let ending = match target.kind {
        ReportKind::Json => "json",
        ReportKind::Html => "html",
    };
    target.place.join(format!("{stem}.{ending}"))
}

/// Writes the report on that file.
pub(super) fn save(
    target: &ReportTarget,
    place: &Path,
    input: &Path,
    report: &FileReport<'_>,
    language: Language,
    existing: Existing,
) -> Result<()> {
    let text = match target.kind {
        ReportKind::Json => serde_json::to_string_pretty(&in_order_of_names(report))? + "\n",
        ReportKind::Html => {
            let name = input.file_name().unwrap_or_default().to_string_lossy();
            console::report(&name, report.report, language)?
        }
    };
    Ok(files::write(place, text.as_bytes(), existing)?)
}

/// Where the reports on each input go, in the order of inputs and `--report`s: no two to the same place, none over a file.
pub(super) fn places(
    targets: &[ReportTarget],
    inputs: &[PathBuf],
    existing: Existing,
) -> Result<Vec<Vec<PathBuf>>, files::Error> {
    let places: Vec<Vec<PathBuf>> =
        inputs.iter().map(|input| targets.iter().map(|target| place_of(target, input)).collect()).collect();
    let pairs =
        inputs.iter().zip(&places).flat_map(|(input, own)| own.iter().map(|place| (input.as_path(), place.clone())));
    files::check_apart(pairs)?;
    places.iter().flatten().try_for_each(|place| files::check_free(place, existing))?;
    Ok(places)
}
