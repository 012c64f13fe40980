//! A PDF as revisions of objects, ISO 32000-1 clause 7.5. In: all bytes of a file. Out: a [`Document`] that reads objects
//! when they are asked for, so that a file of 100 MB opens as fast as its cross-references are read.

use crate::{
    error::{Error, Irregularity, excerpt},
    form::SignatureFields,
    limits::Limits,
    object_stream::ObjectStreams,
    resolve::{Remembered, View},
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
    irregularities: Vec<Irregularity>,
    parsed: AtomicUsize,
    pub(crate) remembered: Mutex<Remembered>,
    /// The signature fields of the newest revision, of its form and pages.
    pub(crate) newest_fields: OnceLock<SignatureFields>,
}

impl Document {
    /// Reads the structure of a PDF with the default limits.
    ///
    /// Encrypted and hybrid files, and others whose reading is unambiguous in spite of a fault, are read too, and the fault
    /// stands in [`Document::irregularities`]; see [`Document::check_updatable`].
    ///
    /// # Errors
    /// [`Error::NotPdf`], [`Error::Truncated`], [`Error::Damaged`] and [`Error::LimitExceeded`]: nothing is repaired.
    ///
    /// ```
    /// # fn main() -> Result<(), pades::Error> {
    /// let pdf = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\nxref\n0 2\n0000000000 65535 f \n\
    ///     0000000009 00000 n \ntrailer\n<< /Size 2 /Root 1 0 R >>\nstartxref\n45\n%%EOF\n";
    /// let document = pades::Document::parse(pdf.as_slice())?;
    /// assert_eq!(document.revisions().len(), 1);
    /// assert!(document.signatures().is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub fn parse(bytes: impl Into<Vec<u8>>) -> Result<Document, Error> {
        Document::parse_within(bytes, Limits::default())
    }

    /// Reads the structure of a PDF within other limits.
    ///
    /// # Errors
    /// As [`Document::parse`].
    pub fn parse_within(bytes: impl Into<Vec<u8>>, limits: Limits) -> Result<Document, Error> {
        let bytes = bytes.into();
        let (version, misplaced) = header(&bytes)?;
        let (revisions, mut irregularities) = revision::revisions(&bytes, &limits)?;
        irregularities.extend(misplaced);
        for revision in &revisions {
            if let Some(entry) = revision.trailer.entry("Encrypt").filter(|entry| !entry.value.is_null()) {
                irregularities.push(Error::Encrypted { offset: entry.key_token.start }.against("M15"));
            }
        }
        let object_streams = ObjectStreams::new(&limits);
        let trailing = revisions.last().map_or(0, |revision| revision.range.end)..bytes.len();
        if !is_blank(&bytes, trailing.clone()) {
            let found =
                format!("{} bytes after `%%EOF` that begin with {}", trailing.len(), excerpt(&bytes, trailing.start));
            let problem = Error::Truncated { offset: trailing.start, wanted: "a complete revision", found };
            irregularities.push(problem.against("X6"));
        }
        let parsed = AtomicUsize::new(0);
        let (remembered, newest_fields) = (Mutex::default(), OnceLock::new());
        Ok(Document {
            bytes,
            limits,
            object_streams,
            version,
            revisions,
            irregularities,
            parsed,
            remembered,
            newest_fields,
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

    /// What follows the last revision; only white space in a regular file (rule X6).
    pub fn trailing(&self) -> Range<usize> {
        self.last_revision().range.end..self.bytes.len()
    }

    /// Departures from the standard that leave the reading unambiguous, each with its offset.
    pub fn irregularities(&self) -> &[Irregularity] {
        &self.irregularities
    }

    /// Whether a trailer has /Encrypt: strings and streams are then unreadable, the structure is not.
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

    /// Adds to the bytes of syntax parsed so far (rule X10).
    pub(crate) fn count_parsed(&self, length: usize, offset: usize) -> Result<(), Error> {
        let allowed = self.limits.parsed_total.saturating_add(self.bytes.len().saturating_mul(16));
        let before = self.parsed.fetch_add(length, Ordering::Relaxed);
        if before > allowed {
            return Err(Error::LimitExceeded { limit: "parsed bytes of this document", allowed, offset });
        }
        Ok(())
    }

    /// The objects as the newest revision shows them.
    pub fn latest(&self) -> View<'_> {
        View { document: self, revision: self.revisions.len() - 1 }
    }

    /// The objects as they were after `revision` (from 0).
    pub fn at(&self, revision: usize) -> Option<View<'_>> {
        (revision < self.revisions.len()).then_some(View { document: self, revision })
    }
}

/// The version of the header, and an irregularity if it does not begin the file or is no known version (rule X1).
fn header(bytes: &[u8]) -> Result<(String, Option<Irregularity>), Error> {
    const SEARCHED: usize = 1024; // annex H.3, note 13: where readers look
    let start = &bytes[..bytes.len().min(SEARCHED)];
    let place = start.windows(5).position(|window| window == b"%PDF-");
    let place = place.ok_or_else(|| Error::NotPdf { found: excerpt(bytes, 0) })?;
    let version: Vec<u8> =
        bytes[place + 5..].iter().take(8).copied().take_while(|byte| !byte.is_ascii_whitespace()).collect();
    let known = matches!(version.as_slice(), [b'1', b'.', b'0'..=b'7'] | b"2.0");
    const WANTED: &str = "the header `%PDF-1.0` to `%PDF-1.7` or `%PDF-2.0` at the start";
    let irregularity = (place > 0 || !known).then(|| Error::damaged(bytes, 0, WANTED).against("X1"));
    Ok((String::from_utf8_lossy(&version).into_owned(), irregularity))
}
