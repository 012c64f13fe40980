//! What commands about batches take.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use issuer::api::{ReissuedAbout, RowState};
use sealing::Level;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error, StrDeserializer};

use super::overwrite::Overwrite;

#[derive(Subcommand, Debug)]
pub(crate) enum BatchAction {
    /// The batches of the world, newest first.
    List,
    /// How far a batch is.
    Show {
        /// Its number.
        id: i64,
        /// Wait until nothing is left to do, with a progress bar.
        #[arg(long)]
        wait: bool,
    },
    /// Its rows, in the order of the file.
    Rows {
        /// Its number.
        id: i64,
        /// Only those that are queued, rendered, sealed, delivered, unchanged, changed, failed or cancelled.
        #[arg(long, value_name = "STATE", value_parser = row_state)]
        state: Option<RowState>,
        /// Those after this place.
        #[arg(long, value_name = "ROW")]
        after: Option<i64>,
        /// How many at most; without it all.
        #[arg(long, value_name = "N")]
        limit: Option<usize>,
    },
    /// Finish the rows in hand, and begin no others.
    Pause {
        /// Its number.
        id: i64,
    },
    /// Go on with it. Without a server it is worked on here, to its end.
    Resume {
        /// Its number.
        id: i64,
    },
    /// End it: what is not issued yet will not be by it.
    Cancel {
        /// Its number.
        id: i64,
    },
    /// Try the rows again that failed for a reason that may be gone. Without a server they are worked on here.
    Retry {
        /// Its number.
        id: i64,
    },
    /// A line for each row: number, address, file, level, SHA-256, problem.
    Result {
        /// Its number.
        id: i64,
        /// The file, FILE.csv or FILE.json; without it CSV to stdout.
        #[arg(long, value_name = "FILE.csv|FILE.json")]
        out: Option<PathBuf>,
        #[command(flatten)]
        overwrite: Overwrite,
    },
    /// Its certificates, in a folder or a ZIP, with a manifest.
    Files(FilesArgs),
}

#[derive(Args, Debug)]
pub(crate) struct FilesArgs {
    /// The number of the batch.
    pub(crate) id: i64,
    /// A folder, or FILE.zip.
    #[arg(long, value_name = "DIR|FILE.zip")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) overwrite: Overwrite,
}

/// How `eseal issue --batch` issues, beside what it has in common with single certificates.
#[derive(Args, Debug, Default)]
pub(crate) struct BatchIssueArgs {
    /// With --batch: the lowest level that a certificate may have while the time-stamping authority, or evidence, is not to be had;
    /// without it the batch waits.
    #[arg(long, value_name = "LEVEL", requires = "batch")]
    pub(crate) level_at_least: Option<Level>,
    /// With --batch: issue anew what was issued before with other content, or at a lower level.
    #[arg(long, requires = "batch")]
    pub(crate) reissue: bool,
    /// With --batch: issue anew what was revoked, whatever the row says; the old certificate stays revoked.
    #[arg(long, requires = "batch")]
    pub(crate) reissue_revoked: bool,
    /// With --reissue: a row may replace a certificate about another recipient, achievement or template; without this that is told, and nothing
    /// is replaced.
    #[arg(long, value_name = "WHAT", requires = "reissue", value_parser = about)]
    pub(crate) another: Vec<ReissuedAbout>,
    /// With --batch: do not wait until it is done, if a server works on it. What came of it is saved later: `eseal batch result`, `eseal batch files`.
    #[arg(long, requires = "batch", conflicts_with_all = ["out", "result", "dry_run", "preview"])]
    pub(crate) no_wait: bool,
}

fn about(text: &str) -> Result<ReissuedAbout, String> {
    let known = [ReissuedAbout::Recipient, ReissuedAbout::Achievement, ReissuedAbout::Template];
    known
        .into_iter()
        .find(|about| about.to_string() == text)
        .ok_or_else(|| "wanted recipient, achievement or template".to_owned())
}

fn row_state(text: &str) -> Result<RowState, String> {
    let read: StrDeserializer<'_, Error> = text.into_deserializer();
    RowState::deserialize(read)
        .map_err(|_| "wanted queued, rendered, sealed, delivered, unchanged, changed, failed or cancelled".to_owned())
}
