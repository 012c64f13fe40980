//! Why a file cannot be read or written.

use std::io;
use std::path::{Path, PathBuf};

use super::is_stdout;

/// Why a file cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("cannot read {file}: {source}", file = file.display())]
    Unreadable { file: PathBuf, source: io::Error },
    #[error("{file} is larger than {most} MiB, and is not read to its end", file = file.display())]
    TooLarge { file: PathBuf, most: u64 },
    #[error("stdin (-) can be read once only, and was named twice")]
    StdinTaken,
    #[error("{file} is there already, and is left as it is; --force replaces it", file = file.display())]
    Exists { file: PathBuf },
    #[error("{file} is a folder; name a file in it", file = file.display())]
    Folder { file: PathBuf },
    #[error("{folder} is not a folder, and one is wanted here", folder = folder.display())]
    NoFolder { folder: PathBuf },
    #[error(
        "{file} is where the testbed {testbed} keeps its own files; no result is written there, with --force or without",
        file = file.display(), testbed = testbed.display()
    )]
    Own { file: PathBuf, testbed: PathBuf },
    #[error("cannot write {file}: {source}", file = file.display())]
    Unwritable { file: PathBuf, source: io::Error },
    #[error(
        "{first} and {second} would both become {result}; nothing was written. Give each a place of its own{way}",
        first = first.display(), second = second.display(), result = result.display()
    )]
    SameResult { first: PathBuf, second: PathBuf, result: PathBuf, way: &'static str },
    #[error(
        "{result} would take the place of {input}, which this command reads; nothing was written. Give the result another place",
        input = input.display(), result = result.display()
    )]
    Input { input: PathBuf, result: PathBuf },
    #[error(
        "{file} would lie among the files of {folder}, or be its folder; nothing was written. Give it another place",
        file = file.display(), folder = folder.display()
    )]
    Among { file: PathBuf, folder: PathBuf },
    #[error("this result is not for reading, and stdout is a terminal: send it to a file or a pipe, or name a file")]
    Terminal,
    #[error("{0}")]
    Stdout(&'static str),
}

impl Error {
    /// The word that programs compare.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Error::Unreadable { .. } => "unreadable",
            Error::TooLarge { .. } => "too_large",
            Error::Exists { .. } => "exists",
            Error::SameResult { .. } | Error::Input { .. } | Error::Among { .. } => "same_result",
            Error::StdinTaken | Error::Stdout(_) => "invalid_arguments",
            Error::Folder { .. }
            | Error::NoFolder { .. }
            | Error::Own { .. }
            | Error::Unwritable { .. }
            | Error::Terminal => "cannot_write",
        }
    }

    /// The file that it is about.
    pub(crate) fn file(&self) -> Option<&Path> {
        match self {
            Error::Unreadable { file, .. }
            | Error::TooLarge { file, .. }
            | Error::Exists { file }
            | Error::Folder { file }
            | Error::NoFolder { folder: file }
            | Error::Own { file, .. }
            | Error::Among { file, .. }
            | Error::Unwritable { file, .. } => Some(file),
            Error::SameResult { second, .. } => Some(second),
            Error::Input { result, .. } => Some(result),
            Error::StdinTaken | Error::Terminal | Error::Stdout(_) => Some(Path::new("-")),
        }
    }

    /// Whether whoever read stdout has gone.
    pub(crate) fn is_reader_gone(&self) -> bool {
        matches!(self, Error::Unwritable { file, source } if is_stdout(file) && source.kind() == io::ErrorKind::BrokenPipe)
    }
}
