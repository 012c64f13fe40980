//! `--report KIND=FILE`: where a report is saved, and in which form.

use std::path::PathBuf;
use std::str::FromStr;

/// One `--report`.
#[derive(Clone, Debug)]
pub(crate) struct ReportTarget {
    pub(crate) kind: ReportKind,
    pub(crate) place: PathBuf,
}

/// In which form a report is saved.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ReportKind {
    /// For programs.
    Json,
    /// A page for people.
    Html,
}

impl FromStr for ReportTarget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (kind, place) = match text.split_once('=') {
            Some(("json", place)) => (ReportKind::Json, place),
            Some(("html", place)) => (ReportKind::Html, place),
            _ => return Err("wanted json=FILE or html=FILE".into()),
        };
        if place.is_empty() {
            return Err("wanted a file after the =".into());
        }
        Ok(ReportTarget { kind, place: place.into() })
    }
}
