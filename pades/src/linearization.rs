//! Linearized files that were updated, ISO 32000-1 annex F. In: all bytes and their revisions. Out: an irregularity if readers
//! that follow the linearization dictionary see another file than those that begin at the end.
//!
//! A reader takes a file for linearized as long as /L of that dictionary is the length of the file. An update makes the file
//! longer, and so ends this; a dictionary whose /L is right again behind an update hides the update from such readers.

use crate::{
    error::{Departure, Error, Irregularity},
    lexer::Lexer,
    revision::Revision,
};

/// How far readers are assumed to look; the dictionary should lie within the first 1024 bytes.
const SEARCHED: usize = 64 << 10;

/// What is ambiguous; `header` is where the file's header lies, from which some readers count.
pub(crate) fn irregularity(bytes: &[u8], header: usize, revisions: &[Revision]) -> Option<Irregularity> {
    let claim = Claim::read(&bytes[..bytes.len().min(SEARCHED)])?;
    let is_claimed =
        |end: usize| claim.lengths.iter().any(|length| *length == end || length.checked_add(header) == Some(end));
    let last = revisions.len() - 1;
    let ends = |revision: usize| {
        let Revision { marker_end, range, .. } = &revisions[revision];
        is_claimed(*marker_end) || is_claimed(range.end) || (revision == last && is_claimed(bytes.len()))
    };
    let updated = (1..revisions.len()).rev().find(|revision| ends(*revision));
    if let Some(revision) = updated {
        return Some(claim.irregularity(revision, "/L of a linearized file without its updates", "with them"));
    }
    let first_page = revisions[0].sections.first().map(|section| section.start);
    let elsewhere = ends(0) && first_page != claim.follows;
    elsewhere.then(|| claim.irregularity(0, "the first cross-references behind the linearization dictionary", "others"))
}

/// What a file says of its linearization, wherever it says so.
struct Claim {
    /// Where the name /Linearized stands.
    place: usize,
    /// Each number that follows a name /L.
    lengths: Vec<usize>,
    /// Where the first token behind the dictionary's object begins.
    follows: Option<usize>,
}

impl Claim {
    /// Read token by token and not as an object: readers differ on what they pass over.
    fn read(bytes: &[u8]) -> Option<Claim> {
        let (mut place, mut lengths) = (None, Vec::new());
        let may_matter = |solidus: &usize| matches!(bytes.get(solidus + 1), Some(b'L' | b'#')); // `#4C` is an L
        for solidus in memchr::memchr_iter(b'/', bytes).filter(may_matter) {
            let mut lexer = Lexer::at(bytes, solidus);
            let Ok(name) = lexer.name() else { continue };
            if name == "Linearized" {
                place = place.or(Some(solidus));
            } else if name == "L" {
                lexer.skip_space();
                lengths.extend(number(lexer.rest()));
            }
        }
        let place = place?;
        let end = memchr::memmem::find(&bytes[place..], b"endobj").map(|found| place + found + b"endobj".len());
        let follows = end.map(|end| {
            let mut lexer = Lexer::at(bytes, end);
            lexer.skip_space();
            lexer.position()
        });
        Some(Claim { place, lengths, follows })
    }

    fn irregularity(&self, revision: usize, expected: &str, found: &str) -> Irregularity {
        let problem = Error::damaged_because(self.place, expected, found).divides(Departure::Linearization);
        Irregularity { revision, ..problem }
    }
}

/// The whole part of a number, as tolerant readers take it.
fn number(text: &[u8]) -> Option<usize> {
    let text = text.strip_prefix(b"+").unwrap_or(text);
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(&text[..digits]).ok()?.parse().ok()
}
