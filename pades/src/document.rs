//! A PDF as revisions of objects, ISO 32000-1 clause 7.5. In: all bytes of a file. Out: a [`Document`] that reads objects
//! when they are asked for, so that a file of 100 MB opens as fast as its cross-references are read.

use crate::{
    encryption::{Encryption, Protection},
    error::{Departure, Error, Irregularity, Readings, excerpt},
    field::SignatureFields,
    limits::Limits,
    linearization,
    object_stream::ObjectStreams,
    remembered::Remembered,
    revision::{self, Revision, is_blank},
};
use std::{
    ops::Range,
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

/// A parsed file: its bytes, its revisions, and what is irregular in it.
#[derive(Debug)]
pub struct Document {
    pub(crate) bytes: Vec<u8>,
    pub(crate) limits: Limits,
    pub(crate) object_streams: ObjectStreams,
    version: String,
    revisions: Vec<Revision>,
    /// Each object number with each revision that lists it, in order.
    index: Vec<(u32, u32)>,
    irregularities: Vec<Irregularity>,
    parsed: AtomicUsize,
    visited: AtomicUsize,
    pub(crate) remembered: Mutex<Remembered>,
    /// What makes strings and streams readable, or why they are not; `None`: they are.
    pub(crate) encryption: Option<Result<Encryption, Error>>,
    /// The signature fields of the newest revision, of its form and pages.
    pub(crate) newest_fields: OnceLock<SignatureFields>,
}

impl Document {
    /// Reads revisions and cross-references; what is encrypted stays so, see [`Document::parse`].
    pub(crate) fn with_structure(bytes: Vec<u8>, limits: Limits) -> Result<Document, Error> {
        let limits = limits.for_file(bytes.len());
        let header = header(&bytes)?;
        let (revisions, mut irregularities) = revisions(&bytes, &header, &limits)?;
        for (index, revision) in revisions.iter().enumerate() {
            if let Some(entry) = revision.trailer.entry("Encrypt").filter(|entry| !entry.value.is_null()) {
                let problem = Error::Encrypted { offset: entry.key_token.start }.departs(Departure::Encrypted);
                irregularities.push(Irregularity { revision: index, ..problem });
            }
        }
        let object_streams = ObjectStreams::new(&limits);
        let trailing = revisions.last().map_or(0, |revision| revision.range.end)..bytes.len();
        if !is_blank(&bytes, trailing.clone()) {
            let found =
                format!("{} bytes after `%%EOF` that begin with {}", trailing.len(), excerpt(&bytes, trailing.start));
            let problem = Error::Truncated { offset: trailing.start, expected: "a complete revision", found };
            let revision = revisions.len();
            irregularities.push(Irregularity { revision, ..problem.departs(Departure::Trailing) });
        }
        let (parsed, visited) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let (remembered, newest_fields) = (Mutex::default(), OnceLock::new());
        Ok(Document {
            bytes,
            limits,
            object_streams,
            version: header.version,
            index: index(&revisions),
            revisions,
            irregularities,
            parsed,
            visited,
            remembered,
            newest_fields,
            encryption: None,
        })
    }

    /// The file.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Gives the file back.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// The version in the header, such as `1.7`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The revisions, oldest first; there is at least one.
    pub fn revisions(&self) -> &[Revision] {
        &self.revisions
    }

    /// The newest revision.
    pub fn last_revision(&self) -> &Revision {
        self.revisions.last().expect("a parsed file has a revision")
    }

    /// What follows the last revision; only white space in a regular file (7.5.5).
    pub fn trailing(&self) -> Range<usize> {
        self.last_revision().range.end..self.bytes.len()
    }

    /// Departures from the standard that leave the reading unambiguous, each with its offset.
    pub fn irregularities(&self) -> &[Irregularity] {
        &self.irregularities
    }

    /// Whether strings and streams are encrypted, and can be read nevertheless.
    pub fn protection(&self) -> Protection<'_> {
        match &self.encryption {
            None if self.is_encrypted() => Protection::Opened, // only an earlier trailer has /Encrypt
            None => Protection::None,
            Some(Ok(_)) => Protection::Opened,
            Some(Err(problem)) => Protection::Locked(problem),
        }
    }

    /// Whether a trailer has /Encrypt; see [`Document::protection`].
    pub fn is_encrypted(&self) -> bool {
        self.irregularities.iter().any(|found| matches!(found.problem, Error::Encrypted { .. }))
    }

    /// Whether an incremental update of this file can be sealed: it must have no irregularity, since the sealed revision would
    /// have it too.
    ///
    /// # Errors
    /// The gravest irregularity: encryption, then a hybrid file, then the first other one.
    pub fn check_updatable(&self) -> Result<(), Error> {
        let rank = |error: &&Error| match error {
            Error::Encrypted { .. } => 0,
            Error::Hybrid { .. } => 1,
            _ => 2,
        };
        let problems = self.irregularities.iter().map(|found| &found.problem);
        problems.min_by_key(rank).map_or(Ok(()), |problem| Err(problem.clone()))
    }

    /// Adds to the bytes of syntax parsed so far, and refuses beyond the limit.
    pub(crate) fn count_parsed(&self, length: usize, offset: usize) -> Result<(), Error> {
        let allowed = self.limits.parsed_total;
        let before = self.parsed.fetch_add(length, Ordering::Relaxed);
        if before > allowed {
            return Err(Error::LimitExceeded { limit: "parsed bytes of this document", allowed, offset });
        }
        Ok(())
    }

    /// Adds to the nodes of fields and pages visited so far, over all revisions, and refuses beyond the limit.
    pub(crate) fn count_visited(&self, offset: usize) -> Result<(), Error> {
        let allowed = self.limits.nodes_total;
        if self.visited.fetch_add(1, Ordering::Relaxed) > allowed {
            return Err(Error::LimitExceeded { limit: "nodes in the trees of this document", allowed, offset });
        }
        Ok(())
    }

    /// Every object number that a revision lists, each once, in order.
    pub fn numbers(&self) -> impl Iterator<Item = u32> {
        self.index.chunk_by(|one, next| one.0 == next.0).map(|listed| listed[0].0)
    }

    /// The revisions that list an object number, oldest first.
    pub fn listings(&self, number: u32) -> impl Iterator<Item = usize> {
        let start = self.index.partition_point(|listed| listed.0 < number);
        self.index[start..].iter().take_while(move |listed| listed.0 == number).map(|listed| listed.1 as usize)
    }

    /// The newest revision up to `revision` that lists an object number.
    pub(crate) fn listed_in(&self, number: u32, revision: usize) -> Option<usize> {
        let revision = u32::try_from(revision).unwrap_or(u32::MAX);
        let after = self.index.partition_point(|listed| *listed <= (number, revision));
        let (found, listed) = *self.index.get(after.checked_sub(1)?)?;
        (found == number).then_some(listed as usize)
    }
}

/// What the first line says, and where it is.
struct Header {
    version: String,
    place: usize,
    /// If it does not begin the file or is no known version (7.5.2).
    irregularity: Option<Irregularity>,
}

fn header(bytes: &[u8]) -> Result<Header, Error> {
    const SEARCHED: usize = 1024; // annex H.3, note 13: where readers look
    let start = &bytes[..bytes.len().min(SEARCHED)];
    let place = start.windows(5).position(|window| window == b"%PDF-");
    let place = place.ok_or_else(|| Error::NotPdf { found: excerpt(bytes, 0) })?;
    let version: Vec<u8> =
        bytes[place + 5..].iter().take(8).copied().take_while(|byte| !byte.is_ascii_whitespace()).collect();
    let known = matches!(version.as_slice(), [b'1', b'.', b'0'..=b'7'] | b"2.0");
    const EXPECTED: &str = "the header `%PDF-1.0` to `%PDF-1.7` or `%PDF-2.0` at the start";
    let irregularity = (place > 0 || !known).then(|| Error::damaged(bytes, 0, EXPECTED).departs(Departure::Header));
    Ok(Header { version: String::from_utf8_lossy(&version).into_owned(), place, irregularity })
}

/// The revisions; behind bytes before the header, offsets count from the file's start or from the header. If both ways lead
/// to cross-references, readers differ.
fn revisions(bytes: &[u8], header: &Header, limits: &Limits) -> Result<(Vec<Revision>, Vec<Irregularity>), Error> {
    let from_start = revision::revisions(bytes, 0, limits);
    let from_header = (header.place > 0).then(|| revision::revisions(bytes, header.place, limits));
    let mut misplaced = header.irregularity.clone();
    let (revisions, mut irregularities) = match (from_start, from_header) {
        (Ok(found), Some(Ok(_))) => {
            misplaced = misplaced.map(|one| Irregularity { readings: Readings::Two, ..one });
            found
        }
        (Err(_), Some(Ok(found))) => found,
        (found, _) => found?,
    };
    irregularities.extend(misplaced);
    irregularities.extend(linearization::irregularity(bytes, header.place, &revisions));
    Ok((revisions, irregularities))
}

/// Each object number with each revision that lists it.
fn index(revisions: &[Revision]) -> Vec<(u32, u32)> {
    let mut index: Vec<(u32, u32)> = (0..)
        .zip(revisions)
        .flat_map(|(revision, parts)| parts.entries().iter().map(move |(number, _)| (*number, revision)))
        .collect();
    index.sort_unstable();
    index
}
