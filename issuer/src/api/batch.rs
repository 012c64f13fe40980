//! What is said over HTTP of batches.

use jiff::Timestamp;
use sealing::Level;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::StandingState;
use crate::number::CertificateNumber;

/// Members of the query that say how a file is read, and how its certificates are issued.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BatchQuery {
    /// What the file is called; the batch is called so too.
    #[param(max_length = 200, example = "spring.xlsx")]
    pub name: Option<String>,
    /// `csv`, `tsv`, `xlsx`, `json` or `jsonl`; else told by its octets, its name or its media type.
    #[param(example = "csv")]
    pub format: Option<String>,
    /// Character encoding, such as `utf-8` or `shift_jis`; else told by its octets.
    #[param(example = "shift_jis")]
    pub encoding: Option<String>,
    /// What is between the cells of delimited text, one character, or `tab`; else what its first lines have most of.
    #[param(example = ";")]
    pub delimiter: Option<String>,
    /// The sheet of a workbook; else the first that is shown and not empty.
    pub sheet: Option<String>,
    /// Header of the column that holds the key of a row.
    pub key: Option<String>,
    /// `true`: a file with columns that nobody knows is refused.
    pub strict: Option<bool>,
    /// Id of the organization in whose name rows are issued that name none; else the world's first.
    #[param(example = "tbu")]
    pub organization: Option<String>,
    /// Id of the key server's credential that seals; else the organization's own.
    #[param(example = "seal-p256")]
    pub credential: Option<String>,
    /// PAdES baseline level: `B-B`, `B-T`, `B-LT` or `B-LTA`; else that of the row, else `B-LTA`.
    #[param(value_type = Option<Level>, example = "B-LTA")]
    pub level: Option<String>,
    /// The lowest level that a row may be sealed at while the time-stamping authority, or evidence, is not to be had; else the level
    /// itself: the batch waits then.
    #[serde(alias = "level-at-least")]
    #[param(value_type = Option<Level>, example = "B-B")]
    pub level_at_least: Option<String>,
    /// Id of the template that rows are printed by which name none; else `learning`.
    #[param(example = "learning")]
    pub template: Option<String>,
    /// `true`: a row whose certificate was issued with other content, or at a lower level, is issued anew, and takes its place.
    pub reissue: Option<bool>,
    /// `true`: a row whose certificate was revoked is issued anew, whatever it says; the old one stays revoked.
    #[serde(alias = "reissue-revoked")]
    pub reissue_revoked: Option<bool>,
    /// With `reissue`: about what else than the old certificate the new one may be, `recipient`, `achievement`, `template`, between commas. Else
    /// a row whose key belongs to a certificate about another one is told, and replaces nothing.
    #[param(example = "recipient")]
    pub another: Option<String>,
}

/// What a batch is about to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BatchState {
    /// Its rows are worked on, or wait for a service that is away.
    Running,
    /// It was paused, and goes on when it is resumed.
    Paused,
    /// It cannot go on until somebody acts, such as when a quota is used up; resumed, it tries again.
    Stopped,
    /// It was cancelled: what was not issued by then is not issued by it.
    Cancelled,
    /// Nothing is left to do.
    Done,
}

/// Where a row is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RowState {
    /// It waits for its turn, or for its next attempt.
    Queued,
    /// Its page is made.
    Rendered,
    /// It is sealed, and not kept yet.
    Sealed,
    /// Its certificate is kept, and can be had at its address.
    Delivered,
    /// Its certificate had been issued before, with the same content.
    Unchanged,
    /// Its certificate had been issued before, and something else is wanted: other content, or a higher level. `problem` says why it is not
    /// issued anew.
    Changed,
    /// It has no certificate, and says why.
    Failed,
    /// The batch was cancelled before it was issued.
    Cancelled,
}

impl BatchState {
    /// Each of them.
    pub const ALL: [BatchState; 5] =
        [BatchState::Running, BatchState::Paused, BatchState::Stopped, BatchState::Cancelled, BatchState::Done];

    /// How it is called in JSON, and in the database.
    pub fn name(self) -> &'static str {
        match self {
            BatchState::Running => "running",
            BatchState::Paused => "paused",
            BatchState::Stopped => "stopped",
            BatchState::Cancelled => "cancelled",
            BatchState::Done => "done",
        }
    }
}

impl RowState {
    /// Each of them, in the order in which a row comes to them.
    pub const ALL: [RowState; 8] = [
        RowState::Queued,
        RowState::Rendered,
        RowState::Sealed,
        RowState::Delivered,
        RowState::Unchanged,
        RowState::Changed,
        RowState::Failed,
        RowState::Cancelled,
    ];

    /// How it is called in JSON, and in the database.
    pub fn name(self) -> &'static str {
        match self {
            RowState::Queued => "queued",
            RowState::Rendered => "rendered",
            RowState::Sealed => "sealed",
            RowState::Delivered => "delivered",
            RowState::Unchanged => "unchanged",
            RowState::Changed => "changed",
            RowState::Failed => "failed",
            RowState::Cancelled => "cancelled",
        }
    }

    /// The state of that name, as it was written down; a name that nobody knows is that of a row whose turn is to come.
    pub(crate) fn named(name: &str) -> RowState {
        RowState::ALL.into_iter().find(|state| state.name() == name).unwrap_or(RowState::Queued)
    }
}

/// How many rows are where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RowCounts {
    /// See [`RowState`].
    pub cancelled: u64,
    /// Need `reissue`.
    pub changed: u64,
    /// Issued.
    pub delivered: u64,
    /// Without a certificate.
    pub failed: u64,
    /// Not begun, or to be tried again.
    pub queued: u64,
    /// With a page.
    pub rendered: u64,
    /// Sealed, not kept yet.
    pub sealed: u64,
    /// Issued before.
    pub unchanged: u64,
}

impl RowCounts {
    /// Those in that state.
    pub fn of(mut self, state: RowState) -> u64 {
        *self.of_mut(state)
    }

    pub(crate) fn of_mut(&mut self, state: RowState) -> &mut u64 {
        match state {
            RowState::Queued => &mut self.queued,
            RowState::Rendered => &mut self.rendered,
            RowState::Sealed => &mut self.sealed,
            RowState::Delivered => &mut self.delivered,
            RowState::Unchanged => &mut self.unchanged,
            RowState::Changed => &mut self.changed,
            RowState::Failed => &mut self.failed,
            RowState::Cancelled => &mut self.cancelled,
        }
    }

    /// All rows.
    pub fn all(&self) -> u64 {
        self.left() + self.done()
    }

    /// Those with which something is still to be done.
    pub fn left(&self) -> u64 {
        self.queued + self.rendered + self.sealed
    }

    /// The others.
    pub fn done(&self) -> u64 {
        self.delivered + self.unchanged + self.changed + self.failed + self.cancelled
    }
}

/// A batch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Batch {
    /// Its own address.
    pub address: String,
    /// The world's time when it was taken.
    pub created_at: Timestamp,
    /// Its number.
    pub id: i64,
    /// The level that was asked for; none if rows say it.
    pub level: Option<Level>,
    /// The lowest level that a row may have.
    pub level_at_least: Option<Level>,
    /// What it is called.
    pub name: String,
    /// How many rows have a note.
    #[serde(default)]
    pub noted: u64,
    /// What whoever sent the file should know: lines and sheets that were passed over, hidden rows that were not.
    #[serde(default)]
    pub notes: Vec<String>,
    /// The same in Japanese.
    #[serde(default)]
    pub notes_ja: Vec<String>,
    /// Id of the organization of rows that name none.
    #[schema(example = "tbu")]
    pub organization: String,
    /// What it waits for, or why it is stopped.
    pub problem: Option<String>,
    /// The same in Japanese.
    #[serde(default)]
    pub problem_ja: Option<String>,
    /// Rows a second, of the last ten seconds; none if nothing was done then.
    pub rate: Option<f64>,
    /// Whether changed certificates are issued anew.
    pub reissue: bool,
    /// How many rows are where.
    pub rows: RowCounts,
    /// How long it will take at that rate, in seconds.
    pub seconds_left: Option<u64>,
    /// What it is about to do.
    pub state: BatchState,
}

impl Batch {
    /// What it waits for, or why it is stopped, in Japanese where that is wanted and known.
    pub fn problem_in(&self, japanese: bool) -> Option<&str> {
        self.problem_ja.as_deref().filter(|_| japanese).or(self.problem.as_deref())
    }
}

/// The batches of a world.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Batches {
    /// The newest first.
    pub batches: Vec<Batch>,
    /// What to give as `before` for older ones; none at the end.
    #[serde(default)]
    pub next: Option<i64>,
}

/// Members of the query that say which batches are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BatchesQuery {
    /// Those that are older than this one: `next` of the page before.
    pub before: Option<i64>,
    /// How many at most, up to 1000; else 1000.
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<u32>,
}

/// A row of a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BatchRow {
    /// The public page of its certificate.
    pub address: Option<String>,
    /// How often it was begun.
    pub attempts: u32,
    /// The registrar's own key of the row, as it stands in the file.
    pub given_key: Option<String>,
    /// The recipient's identifier, if the row could be read.
    pub identifier: Option<String>,
    /// What makes its certificate the same one when it comes again: SHA-256, lower hex; none if the row could not be read.
    pub key: Option<String>,
    /// The level that it was sealed at.
    pub level: Option<Level>,
    /// Its line in the file.
    pub line: i64,
    /// What whoever sent it should know, whatever came of it: that there is another certificate about the same, or another row.
    #[serde(default)]
    pub note: Option<String>,
    /// The same in Japanese.
    #[serde(default)]
    pub note_ja: Option<String>,
    /// The number of its certificate, or the number that waits for it.
    #[schema(value_type = Option<String>, example = "TBU-2026-000001-N")]
    pub number: Option<CertificateNumber>,
    /// Where the sealed file is.
    pub pdf: Option<String>,
    /// Why it has no certificate yet, or not the level that was asked for; what became of a certificate that was issued before.
    pub problem: Option<String>,
    /// The same in Japanese, where it is known.
    #[serde(default)]
    pub problem_ja: Option<String>,
    /// The recipient's name, if the row could be read.
    pub recipient: Option<String>,
    /// Whether `retry` tries it again.
    pub retryable: bool,
    /// Its place in the batch, from 1 on.
    pub row: i64,
    /// SHA-256 of the sealed file, lower hex.
    pub sha256: Option<String>,
    /// What its certificate counts for now, if it has one.
    #[serde(default)]
    pub standing: Option<StandingState>,
    /// Where it is on its way.
    pub state: RowState,
}

impl BatchRow {
    /// What is said of it, in Japanese where that is wanted and known.
    pub fn problem_in(&self, japanese: bool) -> Option<&str> {
        self.problem_ja.as_deref().filter(|_| japanese).or(self.problem.as_deref())
    }

    /// The same of its note.
    pub fn note_in(&self, japanese: bool) -> Option<&str> {
        self.note_ja.as_deref().filter(|_| japanese).or(self.note.as_deref())
    }

    /// Whether its file is one of those of the batch: it says what the row says, and counts.
    pub fn has_file(&self) -> bool {
        let counts = self.standing.is_none_or(|standing| standing == StandingState::Valid);
        self.pdf.is_some() && counts && matches!(self.state, RowState::Delivered | RowState::Unchanged)
    }
}

/// Some rows of a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BatchRows {
    /// What to give as `after` for the next ones; none at the end.
    pub next: Option<i64>,
    /// In the order of the file.
    pub rows: Vec<BatchRow>,
}

/// Members of the query that say which rows are listed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RowsQuery {
    /// Only rows that are there.
    pub state: Option<RowState>,
    /// `true`: only rows with a note.
    pub noted: Option<bool>,
    /// Those after this place.
    pub after: Option<i64>,
    /// How many at most, up to 1000; else 100.
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<u32>,
}
