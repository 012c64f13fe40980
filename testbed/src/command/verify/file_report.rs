//! The report on a file, as it is printed and saved.

use serde::Serialize;
use validation::report::Report;

/// The report on a file.
#[derive(Serialize)]
pub(super) struct FileReport<'a> {
    pub(super) file: String,
    #[serde(flatten)]
    pub(super) report: &'a Report,
}
