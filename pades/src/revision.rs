//! Revisions of a file, ISO 32000-1 clauses 7.5.5 and 7.5.6. In: all bytes. Out: the revisions, oldest first, each with its
//! extent, cross-reference entries and trailer. The chain of `startxref` and /Prev is followed exactly (rules X2 to X4).

use std::ops::Range;

use memchr::memmem;

use crate::{
    dictionary::Dictionary,
    error::{Error, Irregularity, excerpt},
    lexer::{Lexer, is_white_space},
    limits::Limits,
    object::{Object, Reference},
    xref::{self, Section, XrefEntry, XrefKind},
};

const MARKER: &[u8] = b"%%EOF";
const KEYWORD: &[u8] = b"startxref";

/// What one save wrote: body, cross-references, trailer, `startxref`, `%%EOF`.
#[derive(Debug)]
pub struct Revision {
    /// From the end of the revision before it to the end of this one: after `%%EOF` and at most one end of line.
    pub range: Range<usize>,
    /// Right after `%%EOF`, before the end of line that may follow.
    pub marker_end: usize,
    /// Where the keyword `startxref` begins.
    pub startxref_keyword: usize,
    /// The offset that `startxref` names.
    pub startxref: usize,
    /// How the section at [`Revision::startxref`] is written.
    pub kind: XrefKind,
    /// The extents of its cross-reference sections; a linearized or hybrid file has two in one revision.
    pub sections: Vec<Range<usize>>,
    /// The numbers of its cross-reference streams.
    pub xref_streams: Vec<Reference>,
    /// The trailer dictionary (or the dictionary of the cross-reference stream).
    pub trailer: Dictionary,
    entries: Vec<(u32, XrefEntry)>,
}

impl Revision {
    /// Every object number that this revision lists, in ascending order: what it adds, changes or frees.
    pub fn entries(&self) -> &[(u32, XrefEntry)] {
        &self.entries
    }

    /// What this revision says of an object number.
    pub fn entry(&self, number: u32) -> Option<XrefEntry> {
        let place = self.entries.binary_search_by_key(&number, |(number, _)| *number).ok()?;
        Some(self.entries[place].1)
    }

    /// /Size of the trailer: one more than the highest object number.
    pub fn size(&self) -> Option<usize> {
        self.trailer.get("Size").and_then(Object::as_size)
    }
}

/// All revisions, oldest first, and the irregularities met on the way.
pub(crate) fn revisions(bytes: &[u8], limits: &Limits) -> Result<(Vec<Revision>, Vec<Irregularity>), Error> {
    let mut irregularities = Vec::new();
    let last = last_startxref(bytes)?;
    let sections = chain(bytes, last, limits, &mut irregularities)?;
    let mut revisions: Vec<Revision> = Vec::new();
    let mut groups = groups(bytes, sections)?;
    while let Some(group) = groups.pop() {
        let start = revisions.last().map_or(0, |before| before.range.end);
        let next = groups.last().and_then(|newer| newer.iter().map(|section| section.range.start).min());
        let revision = revision(bytes, start, group, next.unwrap_or(bytes.len()), &mut irregularities)?;
        inspect(&revision, revisions.last(), &mut irregularities);
        irregularities.extend(loose_offset(bytes, &revision));
        revisions.push(revision);
    }
    Ok((revisions, irregularities))
}

/// The offset named by the `startxref` before the last `%%EOF`.
fn last_startxref(bytes: &[u8]) -> Result<usize, Error> {
    const WANTED: &str = "`startxref`, an offset and `%%EOF`";
    let marker = memmem::rfind(bytes, MARKER).ok_or_else(|| Error::Truncated {
        offset: bytes.len(),
        wanted: WANTED,
        found: excerpt(bytes, bytes.len().saturating_sub(24)),
    })?;
    let window_start = marker.saturating_sub(64);
    let window = &bytes[window_start..marker];
    let keyword = memmem::rfind(window, KEYWORD).map(|place| window_start + place);
    let keyword = keyword.ok_or_else(|| Error::damaged(bytes, marker, "`startxref` and an offset before `%%EOF`"))?;
    let (offset, _) = startxref(bytes, keyword)?;
    if offset == 0 {
        // The first part of a linearized file ends so (annex F.3.4): the part with the offset is missing.
        return Err(Error::Truncated { offset: marker, wanted: WANTED, found: "`startxref 0`".to_owned() });
    }
    Ok(offset)
}

/// `startxref`, offset, `%%EOF` from `keyword` on: the offset, and the position after the marker.
pub(crate) fn startxref(bytes: &[u8], keyword: usize) -> Result<(usize, usize), Error> {
    let mut lexer = Lexer::at(bytes, keyword);
    lexer.keyword("startxref")?;
    lexer.skip_white_space();
    let offset = lexer.whole_number("an offset after `startxref`")?;
    lexer.skip_white_space();
    if !lexer.rest().starts_with(MARKER) {
        return Err(lexer.wanted("`%%EOF` after the offset"));
    }
    Ok((offset, lexer.position() + MARKER.len()))
}

/// The sections along /Prev, newest first.
fn chain(
    bytes: &[u8],
    newest: usize,
    limits: &Limits,
    irregularities: &mut Vec<Irregularity>,
) -> Result<Vec<Section>, Error> {
    let mut sections: Vec<Section> = Vec::new();
    let mut entries_left = limits.entries;
    let mut next = Some(newest);
    while let Some(offset) = next {
        if sections.iter().any(|section| section.range.start == offset) {
            let found = "a section that was read already".to_owned();
            return Err(Error::Cycle { offset, wanted: "/Prev", found });
        }
        if sections.len() == limits.revisions {
            return Err(Error::LimitExceeded { limit: "revisions", allowed: limits.revisions, offset });
        }
        let mut section = xref::section(bytes, offset, limits, entries_left)?;
        entries_left -= section.entries.len().min(entries_left);
        irregularities.append(&mut section.irregularities);
        if section.kind == XrefKind::Table && section.trailer.get("XRefStm").is_some() {
            irregularities.push(Error::Hybrid { offset: section.trailer.token.start }.against("X3"));
            add_hybrid_stream(bytes, &mut section, limits, &mut entries_left)?;
        }
        next = previous(&section)?;
        sections.push(section);
    }
    Ok(sections)
}

/// /Prev of a section: a direct offset.
fn previous(section: &Section) -> Result<Option<usize>, Error> {
    let Some(entry) = section.trailer.entry("Prev").filter(|entry| !entry.value.is_null()) else { return Ok(None) };
    let offset = entry.value.as_size();
    offset
        .map(Some)
        .ok_or_else(|| Error::damaged_because(entry.value_token.start, "/Prev as an offset", entry.value.kind()))
}

/// Entries that a hybrid file hides from readers without cross-reference streams (7.5.8.4).
fn add_hybrid_stream(
    bytes: &[u8],
    section: &mut Section,
    limits: &Limits,
    entries_left: &mut usize,
) -> Result<(), Error> {
    let offset =
        section.trailer.get("XRefStm").and_then(Object::as_size).ok_or_else(|| {
            Error::damaged_because(section.trailer.token.start, "/XRefStm as an offset", "another value")
        })?;
    let hidden = xref::section(bytes, offset, limits, *entries_left)?;
    *entries_left -= hidden.entries.len().min(*entries_left);
    let visible = |number: u32| {
        let place = section.entries.binary_search_by_key(&number, |(number, _)| *number).ok();
        place.is_some_and(|place| !matches!(section.entries[place].1, XrefEntry::Free { .. }))
    };
    let added: Vec<_> = hidden.entries.into_iter().filter(|(number, _)| !visible(*number)).collect();
    section.entries.retain(|(number, _)| added.binary_search_by_key(number, |(number, _)| *number).is_err());
    section.entries.extend(added);
    section.entries.sort_by_key(|(number, _)| *number);
    Ok(())
}

/// Sections of one revision together, newest revision first. Only a linearized file (annex F) has two: its first section
/// lies before the one that its /Prev names. Else /Prev must decrease (rule X4).
fn groups(bytes: &[u8], sections: Vec<Section>) -> Result<Vec<Vec<Section>>, Error> {
    let linearized = bytes[..bytes.len().min(1024)].windows(11).any(|window| window == b"/Linearized");
    let last = sections.len() - 1;
    let mut groups: Vec<Vec<Section>> = Vec::new();
    let mut newer_start = usize::MAX;
    for (index, section) in sections.into_iter().enumerate() {
        let start = section.range.start;
        match groups.last_mut() {
            Some(group) if start > newer_start && linearized && index == last => group.push(section),
            Some(_) if start > newer_start => {
                let found = format!("offset {start} in the section at offset {newer_start}");
                return Err(Error::damaged_because(newer_start, "a /Prev that leads backwards", found));
            }
            _ => groups.push(vec![section]),
        }
        newer_start = start;
    }
    Ok(groups)
}

/// Joins the sections of one revision and finds its end, before `next`, where the sections of the next revision begin.
fn revision(
    bytes: &[u8],
    start: usize,
    group: Vec<Section>,
    next: usize,
    irregularities: &mut Vec<Irregularity>,
) -> Result<Revision, Error> {
    let sections: Vec<Range<usize>> = group.iter().map(|section| section.range.clone()).collect();
    let end = sections.iter().map(|range| range.end).max().expect("a group has a section");
    let (startxref_keyword, marker_end) = tail(bytes, end, next, group[0].named, irregularities)?;
    let mut lexer = Lexer::at(bytes, marker_end);
    lexer.end_of_line();
    let xref_streams = group.iter().filter_map(|section| section.object).collect();
    let kind = group[0].kind;
    let mut parts = group.into_iter();
    let Section { trailer, mut entries, .. } = parts.next().expect("a group has a section");
    for part in parts {
        let known = |number: u32| entries.binary_search_by_key(&number, |(number, _)| *number).is_ok();
        let added: Vec<_> = part.entries.into_iter().filter(|(number, _)| !known(*number)).collect();
        entries.extend(added);
        entries.sort_by_key(|(number, _)| *number);
    }
    let range = start..lexer.position();
    let startxref = sections[0].start;
    Ok(Revision { range, marker_end, startxref_keyword, startxref, kind, sections, xref_streams, trailer, entries })
}

/// `startxref`, which must follow the last section with nothing but comments between, and the end of its `%%EOF`. One that
/// comes later and names the same section ends the revision too, and what lies between is noted (rule X2).
fn tail(
    bytes: &[u8],
    end: usize,
    next: usize,
    named: usize,
    irregularities: &mut Vec<Irregularity>,
) -> Result<(usize, usize), Error> {
    let mut lexer = Lexer::at(bytes, end);
    lexer.skip_white_space();
    while lexer.peek() == Some(b'%') && !lexer.rest().starts_with(MARKER) {
        lexer.skip_comment();
        lexer.skip_white_space();
    }
    let expected = lexer.position();
    let here = startxref(bytes, expected);
    if let Ok((offset, marker_end)) = here
        && offset == named
    {
        return Ok((expected, marker_end));
    }
    let between = &bytes[expected..next.max(expected)];
    let mut places = memmem::find_iter(between, KEYWORD).map(|place| expected + place);
    let later = places.find_map(|keyword| match startxref(bytes, keyword) {
        Ok((offset, marker_end)) if offset == named => Some((keyword, marker_end)),
        _ => None,
    });
    let departure = Error::damaged(bytes, expected, format!("`startxref` and {named} after the cross-references"));
    match (later, here) {
        (Some(found), _) => {
            irregularities.push(departure.against("X2"));
            Ok(found)
        }
        (None, Ok((_, marker_end))) => {
            irregularities.push(departure.against("X2"));
            Ok((expected, marker_end))
        }
        (None, Err(_)) => Err(departure),
    }
}

/// Rules X4 and X9 as far as the cross-references alone show them; one line each is enough to refuse the file.
fn inspect(revision: &Revision, before: Option<&Revision>, irregularities: &mut Vec<Irregularity>) {
    let mut note = |rule: &'static str, offset: usize, wanted: &str, found: String| {
        irregularities.push(Error::damaged_because(offset, wanted, found).against(rule));
    };
    let trailer = revision.trailer.token.start;
    if let Some(key) = revision.trailer.duplicate_keys().first() {
        note("X9", trailer, "each key once in the trailer", format!("{key} twice"));
    }
    match (revision.size(), before.and_then(Revision::size)) {
        (None, _) => note("X4", trailer, "/Size in the trailer", "no such integer".to_owned()),
        (Some(size), Some(old)) if size < old => {
            note("X4", trailer, "a /Size that does not shrink", format!("{old}, then {size}"))
        }
        _ => {}
    }
    if let (Some(size), Some((number, _))) = (revision.size(), revision.entries.last())
        && *number as usize >= size
    {
        note("X4", trailer, "object numbers below /Size", format!("object {number} with /Size {size}"));
    }
    if let Some(section) = revision.sections.iter().find(|section| section.start < revision.range.start) {
        note(
            "X4",
            section.start,
            "cross-references inside their own revision",
            "a section in an earlier one".to_owned(),
        );
    }
    let outside = revision
        .entries
        .iter()
        .find(|(_, entry)| matches!(entry, XrefEntry::InUse { offset, .. } if !revision.range.contains(offset)));
    if let Some((number, entry)) = outside {
        note("X4", revision.startxref, "offsets inside their own revision", format!("object {number} at {entry:?}"));
    }
}

/// Rule X4: an offset that leads to white space before its object.
fn loose_offset(bytes: &[u8], revision: &Revision) -> Option<Irregularity> {
    let mut offsets = revision.entries.iter().filter_map(|(_, entry)| match entry {
        XrefEntry::InUse { offset, .. } => Some(*offset),
        _ => None,
    });
    let loose = offsets.find(|offset| bytes.get(*offset).is_some_and(|byte| is_white_space(*byte)))?;
    Some(Error::damaged(bytes, loose, "an object at its offset").against("X4"))
}

/// Whether only white space lies in `range`.
pub(crate) fn is_blank(bytes: &[u8], range: Range<usize>) -> bool {
    bytes[range].iter().all(|byte| is_white_space(*byte))
}
