//! How a register is read, and what is to be done with it before anything is issued.

use std::path::PathBuf;

use clap::Args;

/// What `eseal issue --batch` takes about the file.
#[derive(Args, Debug, Default)]
pub(crate) struct RegisterArgs {
    /// With --batch: tell what would come of each row, and issue nothing.
    #[arg(long, requires = "batch", conflicts_with = "out")]
    pub(crate) dry_run: bool,
    /// With --batch: make samples of the first rows in this folder, with SAMPLE on each page and not sealed, and issue nothing.
    #[arg(long, value_name = "DIR", requires = "batch", conflicts_with_all = ["dry_run", "result", "out"])]
    pub(crate) preview: Option<PathBuf>,
    /// With --preview: of how many rows; without it of 3.
    #[arg(long, value_name = "N", requires = "preview", conflicts_with_all = ["dry_run", "result", "out"], value_parser = clap::value_parser!(u32).range(1..=20))]
    pub(crate) rows: Option<u32>,
    /// With --batch: which column is which member of completion data, and what is the same in every row, in TOML.
    #[arg(long, value_name = "FILE.toml", requires = "batch")]
    pub(crate) map: Option<PathBuf>,
    /// With --batch: character encoding of the file, such as utf-8, shift_jis or euc-jp; without it that is told by the file.
    #[arg(long, value_name = "NAME", requires = "batch")]
    pub(crate) encoding: Option<String>,
    /// With --batch: what is between the cells of a CSV, one character or tab; without it what its first lines have most of.
    #[arg(long, value_name = "CHARACTER", requires = "batch")]
    pub(crate) delimiter: Option<String>,
    /// With --batch: the sheet of a workbook; without it the first that is shown and not empty.
    #[arg(long, value_name = "NAME", requires = "batch")]
    pub(crate) sheet: Option<String>,
    /// With --batch: header of the column that holds the key of a row.
    #[arg(long, value_name = "COLUMN", requires = "batch")]
    pub(crate) key: Option<String>,
    /// With --batch: refuse a file with columns that nobody knows.
    #[arg(long, requires = "batch")]
    pub(crate) strict: bool,
    /// With --batch: write what came, or would come, of each row into this file.
    #[arg(long, value_name = "FILE.csv|FILE.json", requires = "batch")]
    pub(crate) result: Option<PathBuf>,
}
