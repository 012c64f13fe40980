//! The stories that come with the program. In: numbers, ids, or files of one's own. Out: stories.

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::story::{Story, Wrong};

/// Name and text of every story of `cases/`, in the order of their numbers.
const CASES: &[(&str, &str)] = &include!(concat!(env!("OUT_DIR"), "/cases.rs"));

/// The largest story that is read, in octets: 50,000 steps.
const LARGEST: u64 = 4 << 20;

/// A story to begin with, with a comment for each line.
pub const TEMPLATE: &str = include_str!("template.toml");

/// All stories that come with the program.
///
/// # Errors
/// None for those of a release: their test reads them all.
pub fn all() -> Result<Vec<Story>, Wrong> {
    CASES.iter().map(|(name, text)| Story::parse(name, text)).collect()
}

/// The story of that number, id, file name or file.
///
/// # Errors
/// If there is none, or it is not a story.
pub fn find(which: &str) -> Result<Story, Error> {
    if let Some((name, text)) = CASES.iter().find(|(name, _)| is_called(name, which)) {
        return Ok(Story::parse(name, text)?);
    }
    let file = Path::new(which);
    if file.extension().is_none() && !file.exists() {
        return Err(Error::NoSuchStory { which: which.into() });
    }
    let unreadable = |source| Error::File { file: file.into(), source };
    let mut story = Vec::new();
    let read = std::fs::File::open(file).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut story));
    if read.map_err(unreadable)? as u64 > LARGEST {
        return Err(unreadable(std::io::Error::new(std::io::ErrorKind::FileTooLarge, "larger than a story can be")));
    }
    let text = String::from_utf8(story)
        .map_err(|_| unreadable(std::io::Error::new(std::io::ErrorKind::InvalidData, "it is no text in UTF-8")))?;
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    Ok(Story::parse(&name, &text)?)
}

/// `07-revoked-later-bt` is called `7`, `07`, `revoked-later-bt` and by its whole name.
fn is_called(name: &str, which: &str) -> bool {
    let Some((number, id)) = name.split_once('-') else { return name == which };
    let same_number = which.parse::<u32>().is_ok_and(|which| number.parse() == Ok(which));
    name == which || id == which || same_number
}

/// Why a story cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Neither a story of the program nor a file.
    #[error("there is no story {which}: wanted a number or id of `eseal scenario list`, or a file")]
    NoSuchStory {
        /// What was given.
        which: String,
    },
    /// The file cannot be read.
    #[error("cannot read {file}: {source}", file = file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is not a story.
    #[error(transparent)]
    Wrong(#[from] Wrong),
}
