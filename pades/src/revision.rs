//! Revisions of a file, ISO 32000-1 clauses 7.5.5 and 7.5.6. In: all bytes. Out: the revisions, oldest first, each with its
//! extent, cross-reference entries and trailer. The chain of `startxref` and /Prev is followed exactly.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

use memchr::memmem;

use crate::{
    error::{Departure, Error, Irregularity, excerpt},
    lexer::{Lexer, is_white_space},
    limits::Limits,
    object::{Dictionary, Object},
    scalar::Reference,
    xref::{self, Hidden, Section, XrefEntry, XrefKind},
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
        // Mostly without a gap, so that an entry stands where counting from the first leads.
        let counted = number.checked_sub(self.entries.first()?.0)? as usize;
        if let Some((_, entry)) = self.entries.get(counted).filter(|(found, _)| *found == number) {
            return Some(*entry);
        }
        let place = self.entries.binary_search_by_key(&number, |(number, _)| *number).ok()?;
        Some(self.entries[place].1)
    }

    /// /Size of the trailer: one more than the highest object number.
    pub fn size(&self) -> Option<usize> {
        self.trailer.get("Size").and_then(Object::as_size)
    }
}

/// All revisions, oldest first, and the irregularities met on the way. Offsets in the file count from `base`.
pub(crate) fn revisions(
    bytes: &[u8],
    base: usize,
    limits: &Limits,
) -> Result<(Vec<Revision>, Vec<Irregularity>), Error> {
    let mut irregularities = Vec::new();
    let last = last_startxref(bytes)?;
    let sections = chain(bytes, base, last, limits)?;
    let mut revisions: Vec<Revision> = Vec::new();
    let mut tables = TableReader::default();
    let mut highest = 0;
    let mut groups = groups(bytes, sections)?;
    while let Some(mut group) = groups.pop() {
        let mut found: Vec<Irregularity> =
            group.iter_mut().flat_map(|section| section.irregularities.drain(..)).collect();
        group.iter().rev().for_each(|section| tables.read(section, &mut found));
        let start = revisions.last().map_or(0, |before| before.range.end);
        let next = groups.last().and_then(|newer| newer.iter().map(|section| section.range.start).min());
        let revision = revision(bytes, base, start, group, next.unwrap_or(bytes.len()), &mut found)?;
        highest = revision.entries.last().map_or(0, |(number, _)| *number as usize).max(highest);
        found.extend(inspect(&revision, revisions.last(), highest));
        found.extend(loose_offset(bytes, &revision));
        irregularities.extend(found.into_iter().map(|one| Irregularity { revision: revisions.len(), ..one }));
        revisions.push(revision);
    }
    Ok((revisions, irregularities))
}

/// What a reader sees that does not know cross-reference streams, beside the one that follows /XRefStm (7.5.8.4). Followed
/// only from the first hybrid section on.
#[derive(Default)]
struct TableReader {
    entries: HashMap<u32, XrefEntry>,
}

impl TableReader {
    /// Adds a section, older ones first; what its stream says of a number that tables have in use must be the same.
    fn read(&mut self, section: &Section, irregularities: &mut Vec<Irregularity>) {
        let Some(hidden) = &section.hidden else {
            self.entries.extend(section.entries.iter().copied());
            return;
        };
        let own = section.entries.iter().filter(|(number, _)| hidden.added.binary_search(number).is_err());
        self.entries.extend(own.copied());
        let differs = |(number, entry): &&(u32, XrefEntry)| {
            let visible = self.entries.get(number).copied();
            !matches!(visible, None | Some(XrefEntry::Free { .. })) && visible != Some(*entry)
        };
        for (number, entry) in hidden.entries.iter().filter(differs) {
            const EXPECTED: &str = "one place of an object for all readers";
            let found = format!("object {number} at another place, {entry:?}");
            let problem = Error::damaged_because(hidden.range.start, EXPECTED, found).divides(Departure::Hybrid);
            let object = Some(Reference { number: *number, generation: 0 });
            irregularities.push(Irregularity { object, ..problem });
        }
    }
}

/// The offset named by the `startxref` before the last `%%EOF`.
fn last_startxref(bytes: &[u8]) -> Result<usize, Error> {
    const EXPECTED: &str = "`startxref`, an offset and `%%EOF`";
    let marker = memmem::rfind(bytes, MARKER).ok_or_else(|| Error::Truncated {
        offset: bytes.len(),
        expected: EXPECTED,
        found: excerpt(bytes, bytes.len().saturating_sub(24)),
    })?;
    let window_start = marker.saturating_sub(64);
    let window = &bytes[window_start..marker];
    let keyword = memmem::rfind(window, KEYWORD).map(|place| window_start + place);
    let keyword = keyword.ok_or_else(|| Error::damaged(bytes, marker, "`startxref` and an offset before `%%EOF`"))?;
    let (offset, _) = startxref(bytes, keyword)?;
    if offset == 0 {
        // The first part of a linearized file ends so (annex F.3.4): the part with the offset is missing.
        return Err(Error::Truncated { offset: marker, expected: EXPECTED, found: "`startxref 0`".to_owned() });
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
        return Err(lexer.expected("`%%EOF` after the offset"));
    }
    Ok((offset, lexer.position() + MARKER.len()))
}

/// The sections along /Prev, newest first.
fn chain(bytes: &[u8], base: usize, newest: usize, limits: &Limits) -> Result<Vec<Section>, Error> {
    let mut sections: Vec<Section> = Vec::new();
    let mut starts = HashSet::new();
    let mut entries_left = limits.entries;
    let mut next = Some(newest);
    while let Some(offset) = next {
        let offset = offset.saturating_add(base);
        if sections.len() == limits.revisions {
            return Err(Error::LimitExceeded { limit: "revisions", allowed: limits.revisions, offset });
        }
        let mut section = xref::section(bytes, offset, limits, entries_left)?;
        if !starts.insert(section.range.start) {
            let found = "a section that was read already".to_owned();
            return Err(Error::Cycle { offset, expected: "/Prev", found });
        }
        entries_left -= section.entries.len().min(entries_left);
        shift(&mut section.entries, base);
        if section.kind == XrefKind::Table && section.trailer.get("XRefStm").is_some() {
            let problem = Error::Hybrid { offset: section.trailer.token.start };
            section.irregularities.push(problem.departs(Departure::Hybrid));
            add_hybrid_stream(bytes, base, &mut section, limits, &mut entries_left)?;
        }
        if section.kind == XrefKind::Stream && section.trailer.entry("XRefStm").is_some() {
            // Only the trailer of a table has one: some readers follow it, or rebuild the file because they cannot.
            let problem = Error::Hybrid { offset: section.trailer.token.start };
            section.irregularities.push(problem.divides(Departure::Hybrid));
        }
        next = previous(&section)?;
        sections.push(section);
    }
    Ok(sections)
}

/// Offsets as they are in the bytes at hand.
fn shift(entries: &mut [(u32, XrefEntry)], base: usize) {
    if base == 0 {
        return;
    }
    for (_, entry) in entries {
        if let XrefEntry::InUse { offset, .. } = entry {
            *offset = offset.saturating_add(base);
        }
    }
}

/// /Prev of a section: a direct offset.
fn previous(section: &Section) -> Result<Option<usize>, Error> {
    let Some(entry) = section.trailer.entry("Prev").filter(|entry| !entry.value.is_null()) else { return Ok(None) };
    let offset = entry.value.as_size();
    offset
        .map(Some)
        .ok_or_else(|| Error::damaged_because(entry.value_token.start, "/Prev as an offset", entry.value.kind()))
}

/// Entries that a hybrid file hides from readers without cross-reference streams (7.5.8.4): those of numbers that the table
/// has not in use.
fn add_hybrid_stream(
    bytes: &[u8],
    base: usize,
    section: &mut Section,
    limits: &Limits,
    entries_left: &mut usize,
) -> Result<(), Error> {
    let wrong = |found: &str| {
        Error::damaged_because(section.trailer.token.start, "/XRefStm as the offset of a cross-reference stream", found)
    };
    let offset = section.trailer.get("XRefStm").and_then(Object::as_size).ok_or_else(|| wrong("another value"))?;
    let mut stream = xref::section(bytes, offset.saturating_add(base), limits, *entries_left)?;
    *entries_left -= stream.entries.len().min(*entries_left);
    section.irregularities.append(&mut stream.irregularities);
    if stream.kind == XrefKind::Table {
        section.irregularities.push(wrong("a table").divides(Departure::Hybrid));
    }
    shift(&mut stream.entries, base);
    let visible = |number: u32| {
        let place = section.entries.binary_search_by_key(&number, |(number, _)| *number).ok();
        place.is_some_and(|place| !matches!(section.entries[place].1, XrefEntry::Free { .. }))
    };
    let added: Vec<_> = stream.entries.iter().filter(|(number, _)| !visible(*number)).copied().collect();
    let numbers: Vec<u32> = added.iter().map(|(number, _)| *number).collect();
    section.entries.retain(|(number, _)| numbers.binary_search(number).is_err());
    section.entries.extend(added);
    section.entries.sort_by_key(|(number, _)| *number);
    section.hidden =
        Some(Hidden { range: stream.range, object: stream.object, entries: stream.entries, added: numbers });
    Ok(())
}

/// Sections of one revision together, newest revision first. Only a linearized file (annex F) has two: its first section
/// lies before the one that its /Prev names. Else /Prev must decrease.
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
    base: usize,
    start: usize,
    group: Vec<Section>,
    next: usize,
    irregularities: &mut Vec<Irregularity>,
) -> Result<Revision, Error> {
    let mut sections: Vec<Range<usize>> = group.iter().map(|section| section.range.clone()).collect();
    let end = sections.iter().map(|range| range.end).max().expect("a group has a section");
    let named = group[0].named.saturating_sub(base);
    let (startxref_keyword, marker_end) = tail(bytes, end, next, named, irregularities)?;
    let mut lexer = Lexer::at(bytes, marker_end);
    lexer.end_of_line();
    let hidden = group.iter().filter_map(|section| section.hidden.as_ref());
    sections.extend(hidden.clone().map(|hidden| hidden.range.clone()));
    let hidden = hidden.filter_map(|hidden| hidden.object);
    let xref_streams = group.iter().filter_map(|section| section.object).chain(hidden).collect();
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
/// comes later and names the same section ends the revision too, and what lies between is noted.
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
            irregularities.push(departure.departs(Departure::RevisionEnd));
            Ok(found)
        }
        (None, Ok((_, marker_end))) => {
            irregularities.push(departure.divides(Departure::RevisionEnd));
            Ok((expected, marker_end))
        }
        (None, Err(_)) => Err(departure),
    }
}

/// The greatest /Size: so many indirect objects a file may have (annex C).
const MAX_SIZE: usize = 8_388_607;

/// How far /Size may lie above the highest object number: writers allocate numbers that they do not use in the end.
const SPARE_NUMBERS: usize = 1_000;

/// Offsets and numbers (7.5.4), as far as the cross-references alone show them; `highest` is the greatest number up to this revision.
fn inspect(revision: &Revision, before: Option<&Revision>, highest: usize) -> Vec<Irregularity> {
    let trailer = revision.trailer.token.start;
    let mut found: Vec<Irregularity> =
        revision.trailer.duplicate_key().into_iter().chain(size(revision, before, highest)).collect();
    let mut note = |offset: usize, expected: &str, detail: String| {
        found.push(Error::damaged_because(offset, expected, detail).departs(Departure::Offset));
    };
    if let Some(section) = revision.sections.iter().find(|section| section.start < revision.range.start) {
        let expected = "cross-references inside their own revision";
        note(section.start, expected, "a section in an earlier one".to_owned());
    }
    let inside = |offset: usize| offset == 0 || revision.range.contains(&offset);
    let outside =
        revision.entries.iter().find(|(_, entry)| matches!(entry, XrefEntry::InUse { offset, .. } if !inside(*offset)));
    if let Some((number, entry)) = outside {
        note(trailer, "offsets inside their own revision", format!("object {number} at {entry:?}"));
    }
    let nowhere = |(_, entry): &&(u32, XrefEntry)| matches!(entry, XrefEntry::InUse { offset: 0, .. });
    if let Some((number, _)) = revision.entries.iter().find(nowhere) {
        note(trailer, "offsets of objects", format!("object {number} in use at offset 0, which reads as null"));
    }
    found
}

/// 7.5.5: /Size is one more than the highest number, does not shrink, and is no number at which readers give up.
fn size(revision: &Revision, before: Option<&Revision>, highest: usize) -> Option<Irregularity> {
    let offset = revision.trailer.token.start;
    let note = |expected: &str, found: String| Error::damaged_because(offset, expected, found).departs(Departure::Size);
    let old = before.and_then(Revision::size);
    let own = revision.entries.last().map_or(0, |(number, _)| *number as usize);
    let Some(size) = revision.size() else { return Some(note("/Size in the trailer", "no such integer".to_owned())) };
    if size > MAX_SIZE {
        let problem = Error::damaged_because(offset, format!("/Size up to {MAX_SIZE}"), size.to_string());
        return Some(problem.divides(Departure::Size));
    }
    if let Some(old) = old.filter(|old| size < *old) {
        return Some(note("a /Size that does not shrink", format!("{old}, then {size}")));
    }
    if !revision.entries.is_empty() && own >= size {
        return Some(note("object numbers below /Size", format!("object {own} with /Size {size}")));
    }
    let near = old.unwrap_or(0).max(highest + 1) + SPARE_NUMBERS;
    (size > near).then(|| note("/Size near the highest object number", format!("{size}, the highest is {highest}")))
}

/// 7.5.4: an offset that leads to white space before its object.
fn loose_offset(bytes: &[u8], revision: &Revision) -> Option<Irregularity> {
    let mut offsets = revision.entries.iter().filter_map(|(_, entry)| match entry {
        XrefEntry::InUse { offset, .. } => Some(*offset),
        _ => None,
    });
    let loose = offsets.find(|offset| bytes.get(*offset).is_some_and(|byte| is_white_space(*byte)))?;
    Some(Error::damaged(bytes, loose, "an object at its offset").departs(Departure::Offset))
}

/// Whether only white space lies in `range`.
pub(crate) fn is_blank(bytes: &[u8], range: Range<usize>) -> bool {
    bytes[range].iter().all(|byte| is_white_space(*byte))
}
