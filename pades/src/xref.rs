//! One cross-reference section, ISO 32000-1 clauses 7.5.4, 7.5.5 and 7.5.8. In: the offset that `startxref` or /Prev names.
//! Out: entries, trailer dictionary and extent, exactly as written; nothing is searched for or rebuilt. What other
//! readers would refuse, and rebuild the file instead, is read and noted.

use crate::{
    error::{Departure, Error, Irregularity},
    filter,
    lexer::{Lexer, is_white_space},
    limits::Limits,
    object::{Dictionary, Object, Stream},
    parser::{self, Parser},
    scalar::Reference,
};
use std::ops::Range;

/// How a section is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum XrefKind {
    /// `xref … trailer <<…>>`
    Table,
    /// A stream object of /Type /XRef.
    Stream,
}

/// What a section says of one object number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum XrefEntry {
    /// The number is free (also: an entry type that the standard does not know, which reads as null).
    Free {
        /// The next free number.
        next: u32,
        /// The generation for the next use.
        generation: u16,
    },
    /// An object at a physical offset.
    InUse {
        /// Where `number generation obj` begins.
        offset: usize,
        /// Its generation.
        generation: u16,
    },
    /// An object inside an object stream.
    Compressed {
        /// The object stream's number.
        container: u32,
        /// The place inside it, from 0.
        index: u32,
    },
}

/// A parsed section.
#[derive(Debug)]
pub(crate) struct Section {
    pub(crate) kind: XrefKind,
    /// The offset by which `startxref` or /Prev named it.
    pub(crate) named: usize,
    /// From `xref` to the end of the trailer dictionary, or the whole stream object.
    pub(crate) range: Range<usize>,
    pub(crate) trailer: Dictionary,
    /// Sorted by number, each number once.
    pub(crate) entries: Vec<(u32, XrefEntry)>,
    /// The number of a cross-reference stream.
    pub(crate) object: Option<Reference>,
    /// The stream of a hybrid file that belongs to this table.
    pub(crate) hidden: Option<Hidden>,
    /// Departures from the standard.
    pub(crate) irregularities: Vec<Irregularity>,
}

/// The stream to which the /XRefStm of a table leads (7.5.8.4).
#[derive(Debug)]
pub(crate) struct Hidden {
    /// The whole stream object.
    pub(crate) range: Range<usize>,
    /// Its number.
    pub(crate) object: Option<Reference>,
    /// What it says, sorted by number.
    pub(crate) entries: Vec<(u32, XrefEntry)>,
    /// Which of them count, since the table has none in use.
    pub(crate) added: Vec<u32>,
}

/// The section that begins at `offset`, with at most `entries_left` entries. White space before it is noted.
pub(crate) fn section(bytes: &[u8], offset: usize, limits: &Limits, entries_left: usize) -> Result<Section, Error> {
    const EXPECTED: &str = "a cross-reference table or stream";
    let space = bytes.iter().skip(offset).take(MAX_SPACE).take_while(|byte| is_white_space(**byte)).count();
    let start = offset.saturating_add(space);
    let lexer = Lexer::at(bytes, start);
    let mut section = if start < bytes.len() && lexer.clone().accept("xref") {
        table(bytes, start, limits, entries_left)?
    } else if start < bytes.len() && lexer.peek().is_some_and(|byte| byte.is_ascii_digit()) {
        stream(bytes, start, limits, entries_left)?
    } else {
        return Err(Error::damaged(bytes, offset, EXPECTED));
    };
    if space > 0 {
        section.irregularities.push(Error::damaged(bytes, offset, EXPECTED).departs(Departure::SectionOffset));
    }
    section.named = offset;
    section.order(start);
    Ok(section)
}

/// White space tolerated before a section; files seen in the field are off by one or two bytes.
const MAX_SPACE: usize = 8;

impl Section {
    /// Sorts the entries; of two for one number the first stays and the file is irregular (7.5.4).
    fn order(&mut self, offset: usize) {
        if !self.entries.is_sorted_by_key(|(number, _)| *number) {
            const EXPECTED: &str = "subsections in the order of object numbers";
            let problem = Error::damaged_because(offset, EXPECTED, "another order");
            self.irregularities.push(problem.departs(Departure::Subsections));
            self.entries.sort_by_key(|(number, _)| *number);
        }
        let (before, mut differ) = (self.entries.len(), None);
        self.entries.dedup_by(|later, first| {
            if later.0 == first.0 && later.1 != first.1 {
                differ = Some(first.0);
            }
            later.0 == first.0
        });
        if self.entries.len() < before {
            let found = format!("{} entries too many", before - self.entries.len());
            let problem = Error::damaged_because(offset, "each object number once in a section", found);
            self.irregularities.push(match differ {
                Some(_) => problem.divides(Departure::ListedTwice),
                None => problem.departs(Departure::ListedTwice),
            });
        }
        if matches!(self.entries.first(), Some((0, XrefEntry::InUse { .. } | XrefEntry::Compressed { .. }))) {
            let problem = Error::damaged_because(offset, "object 0 as a free one", "one in use");
            self.irregularities.push(problem.departs(Departure::EntryType));
        }
    }
}

fn table(bytes: &[u8], offset: usize, limits: &Limits, entries_left: usize) -> Result<Section, Error> {
    let mut lexer = Lexer::at(bytes, offset);
    lexer.keyword("xref")?;
    let mut entries = Vec::new();
    let mut irregularities = Vec::new();
    let mut loose = Loose::default();
    loose.line_end(&mut lexer);
    loose.space(&mut lexer);
    let (mut headers, mut empty) = (0usize, None);
    while lexer.peek().is_some_and(|byte| byte.is_ascii_digit()) {
        let header = lexer.position();
        let (first, count) = subsection(&mut lexer, &mut loose)?;
        headers += 1;
        empty = empty.or((count == 0).then_some((first, header)));
        if entries.len() + count.min(bytes.len()) > entries_left {
            return Err(too_many(lexer.position(), limits));
        }
        for index in 0..count {
            let number = first.checked_add(index).and_then(|number| u32::try_from(number).ok());
            let number = number.ok_or_else(|| lexer.expected("an object number below 2^32"))?;
            entries.push((number, table_entry(&mut lexer, &mut irregularities)?));
        }
        let end = lexer.position();
        lexer.skip_white_space();
        if lexer.position() > end && irregularities.is_empty() {
            const EXPECTED: &str = "a cross-reference entry of 20 bytes before the next subsection or `trailer`";
            irregularities.push(Error::damaged(bytes, end, EXPECTED).departs(Departure::EntryWidth));
        }
        loose.space(&mut lexer);
    }
    if let Some((_, header)) = empty.filter(|(first, _)| headers > 1 || *first > 0) {
        loose.note(header); // writers without anything to list write `0 0`
    }
    lexer.keyword("trailer")?;
    lexer.skip_white_space();
    loose.space(&mut lexer);
    irregularities.extend(loose.irregularity(bytes));
    let mut parser = Parser::at(bytes, lexer.position(), limits);
    let trailer = parser.dictionary()?;
    irregularities.extend(parser.irregularities());
    let range = offset..parser.lexer.position();
    Ok(Section {
        kind: XrefKind::Table,
        named: offset,
        range,
        trailer,
        entries,
        object: None,
        hidden: None,
        irregularities,
    })
}

/// Where a table is first written in another way than clause 7.5.4 prescribes: readers that take it as it stands, and not as a
/// sequence of tokens, rebuild the file.
#[derive(Default)]
struct Loose {
    first: Option<usize>,
}

impl Loose {
    fn note(&mut self, place: usize) {
        self.first.get_or_insert(place);
    }

    /// One end of line, behind one space at most, as many writers have it.
    fn line_end(&mut self, lexer: &mut Lexer<'_>) {
        let start = lexer.position();
        if lexer.peek() == Some(b' ') {
            lexer.seek(start + 1);
        }
        let ends = lexer.end_of_line();
        let end = lexer.position();
        lexer.skip_white_space();
        if !ends || lexer.position() > end {
            self.note(start);
        }
    }

    /// Where nothing may stand: comments and empty lines.
    fn space(&mut self, lexer: &mut Lexer<'_>) {
        let start = lexer.position();
        lexer.skip_space();
        if lexer.position() > start {
            self.note(start);
        }
    }

    fn irregularity(&self, bytes: &[u8]) -> Option<Irregularity> {
        const EXPECTED: &str = "`xref`, subsections of at least one entry and `trailer`, each on its own line";
        Some(Error::damaged(bytes, self.first?, EXPECTED).departs(Departure::TableSyntax))
    }
}

/// The first number and the count of a subsection, with one space between them.
fn subsection(lexer: &mut Lexer<'_>, loose: &mut Loose) -> Result<(usize, usize), Error> {
    const MOST_DIGITS: usize = 10; // of an object number
    let start = lexer.position();
    let first = lexer.whole_number("the first object number of a subsection")?;
    let end = lexer.position();
    lexer.skip_white_space();
    let second = lexer.position();
    let count = lexer.whole_number("the number of entries in a subsection")?;
    let digits = (end - start).max(lexer.position() - second);
    if lexer.bytes()[end..second] != *b" " || digits > MOST_DIGITS {
        loose.note(start);
    }
    loose.line_end(lexer);
    Ok((first, count))
}

fn too_many(offset: usize, limits: &Limits) -> Error {
    Error::LimitExceeded { limit: "cross-reference entries", allowed: limits.entries, offset }
}

/// `nnnnnnnnnn ggggg n` and a two-byte end of line (7.5.4); other widths are read and noted.
fn table_entry(lexer: &mut Lexer<'_>, irregularities: &mut Vec<Irregularity>) -> Result<XrefEntry, Error> {
    const EXPECTED: &str = "a cross-reference entry of 20 bytes";
    let start = lexer.position();
    let exact = lexer.rest().first_chunk::<20>().and_then(exact_entry);
    let (offset, generation, kind) = match exact {
        Some(entry) => {
            lexer.seek(start + 20);
            entry
        }
        None => {
            lexer.skip_white_space();
            let offset = lexer.whole_number(EXPECTED)?;
            lexer.skip_white_space();
            let generation = lexer.whole_number(EXPECTED)?;
            lexer.skip_white_space();
            let kind = lexer.word();
            lexer.skip_white_space();
            if irregularities.is_empty() {
                irregularities.push(Error::damaged(lexer.bytes(), start, EXPECTED).departs(Departure::EntryWidth));
            }
            (offset, generation, kind.first().copied().filter(|_| kind.len() == 1).unwrap_or(0))
        }
    };
    let expected = || Error::damaged(lexer.bytes(), start, EXPECTED);
    let generation = u16::try_from(generation).map_err(|_| expected())?;
    match kind {
        b'n' => Ok(XrefEntry::InUse { offset, generation }),
        b'f' => Ok(XrefEntry::Free { next: u32::try_from(offset).unwrap_or(0), generation }),
        _ => Err(expected()),
    }
}

fn exact_entry(entry: &[u8; 20]) -> Option<(usize, usize, u8)> {
    let ends = matches!(&entry[18..], b" \r" | b" \n" | b"\r\n");
    if entry[10] != b' ' || entry[16] != b' ' || !ends {
        return None;
    }
    let digits = |digits: &[u8]| {
        digits.iter().try_fold(0usize, |value, digit| {
            digit.is_ascii_digit().then(|| value * 10 + usize::from(digit - b'0')) // ten digits fit 64 bits
        })
    };
    Some((digits(&entry[..10])?, digits(&entry[11..16])?, entry[17]))
}

fn stream(bytes: &[u8], offset: usize, limits: &Limits, entries_left: usize) -> Result<Section, Error> {
    let direct_length = |length: &Object| {
        let expected = "a direct /Length in a cross-reference stream";
        length.as_size().ok_or_else(|| Error::damaged_because(offset, expected, length.kind()))
    };
    let parsed = parser::indirect_object(bytes, offset, limits, &direct_length)?;
    let Object::Stream(Stream { dictionary, data, .. }) = parsed.object else {
        return Err(Error::damaged_because(offset, "a cross-reference stream", parsed.object.kind()));
    };
    if !dictionary.has_name("Type", "XRef") {
        return Err(Error::damaged_because(offset, "a stream of /Type /XRef", "a stream of another type"));
    }
    let mut irregularities = parsed.irregularities;
    let widths = widths(&dictionary, offset, &mut irregularities)?;
    let width: usize = widths.iter().sum();
    let subsections = subsections(&dictionary, offset, &mut irregularities)?;
    let count = subsections.iter().try_fold(0usize, |sum, (_, count)| sum.checked_add(*count));
    let count = count.ok_or_else(|| too_many(offset, limits))?;
    let allowed = (2 * count.min(entries_left) * width + 4096).min(limits.decoded_stream); // PNG rows have a tag byte each
    let decoded = filter::decode(&bytes[data.clone()], data.start, &dictionary, allowed)?;
    let records = decoded.chunks_exact(width).take(count);
    if records.len() > entries_left {
        return Err(too_many(offset, limits));
    }
    irregularities.extend(other_length(&dictionary, &decoded, count, width, data.start));
    let numbers = subsections.iter().flat_map(|(first, count)| (*first..).take(*count));
    let mut entries = Vec::with_capacity(records.len());
    let mut unknown = None;
    for (number, record) in numbers.zip(records) {
        match stream_entry(record, widths, data.start)? {
            Some(entry) => entries.push((number, entry)),
            None => {
                unknown = unknown.or(Some(number));
                entries.push((number, XrefEntry::Free { next: 0, generation: 0 }));
            }
        }
    }
    if let Some(number) = unknown {
        const EXPECTED: &str = "entries of type 0, 1 or 2";
        let problem = Error::damaged_because(data.start, EXPECTED, format!("another type for object {number}"));
        irregularities.push(problem.departs(Departure::EntryType));
    }
    Ok(Section {
        kind: XrefKind::Stream,
        named: offset,
        range: parsed.range,
        trailer: dictionary,
        entries,
        object: Some(parsed.reference),
        hidden: None,
        irregularities,
    })
}

/// More or fewer records than /Index or /Size say. That /Size alone is too large leaves one reading (annex C).
fn other_length(
    dictionary: &Dictionary,
    decoded: &[u8],
    count: usize,
    width: usize,
    offset: usize,
) -> Option<Irregularity> {
    if count.checked_mul(width) == Some(decoded.len()) {
        return None;
    }
    let found = format!("{} bytes", decoded.len());
    let problem = Error::damaged_because(offset, format!("{count} entries of {width} bytes"), found);
    let missing = decoded.len() / width < count || !decoded.len().is_multiple_of(width);
    Some(if missing && dictionary.get("Index").is_some() {
        problem.divides(Departure::Records)
    } else {
        problem.departs(Departure::Records)
    })
}

/// /W: three field widths in bytes. Readers differ on more than eight in all, and on entries without type or place.
fn widths(dictionary: &Dictionary, offset: usize, irregularities: &mut Vec<Irregularity>) -> Result<[usize; 3], Error> {
    const EXPECTED: &str = "/W with three widths, a type and a place among them, of 8 bytes in all";
    let widths: Option<Vec<usize>> =
        dictionary.get("W").and_then(Object::as_array).and_then(|array| array.iter().map(Object::as_size).collect());
    match widths.as_deref() {
        Some([a, b, c]) if *a <= 8 && *b <= 8 && *c <= 8 && a + b + c > 0 => {
            let usual = *a <= 1 && *c <= 2; // eight bytes of offset, as some writers have them for every file
            if (a + b + c > 8 && !usual) || *a == 0 || *a > 4 || *b == 0 {
                let problem = Error::damaged_because(offset, EXPECTED, format!("{a}, {b} and {c}"));
                irregularities.push(problem.departs(Departure::FieldWidths));
            }
            Ok([*a, *b, *c])
        }
        _ => Err(Error::damaged_because(offset, "/W with three widths of 0 to 8 bytes", "another value")),
    }
}

/// /Index: pairs of first number and count; by default all numbers below /Size.
/// Readers refuse a pair that lists nothing, and one at or above /Size.
fn subsections(
    dictionary: &Dictionary,
    offset: usize,
    irregularities: &mut Vec<Irregularity>,
) -> Result<Vec<(u32, usize)>, Error> {
    const EXPECTED: &str = "/Index with pairs of object numbers and counts";
    let wrong = || Error::damaged_because(offset, EXPECTED, "another value");
    let size = dictionary.get("Size").and_then(Object::as_size);
    let Some(index) = dictionary.get("Index") else {
        return Ok(vec![(0, size.ok_or_else(|| Error::damaged_because(offset, "/Size", "no such integer"))?)]);
    };
    let numbers: Option<Vec<usize>> = index.as_array().and_then(|array| array.iter().map(Object::as_size).collect());
    let numbers = numbers.filter(|numbers| numbers.len() % 2 == 0).ok_or_else(wrong)?;
    let pairs = numbers.chunks_exact(2).map(|pair| {
        let first = u32::try_from(pair[0]).map_err(|_| wrong())?;
        let last = pair[0].checked_add(pair[1]).filter(|last| u32::try_from(*last).is_ok());
        last.map(|_| (first, pair[1])).ok_or_else(wrong)
    });
    let pairs: Vec<(u32, usize)> = pairs.collect::<Result<_, _>>()?;
    let beyond = |first: u32, count: usize| size.is_some_and(|size| first as usize + count.max(1) > size);
    let odd = pairs.iter().find(|(first, count)| *count == 0 || beyond(*first, *count));
    if let Some((first, count)) = odd.filter(|_| pairs != [(0, 0)]) {
        let expected = "/Index with subsections of at least one entry below /Size";
        let problem = Error::damaged_because(offset, expected, format!("{first} and {count}"));
        irregularities.push(problem.departs(Departure::Subsections));
    }
    Ok(pairs)
}

/// One record of a cross-reference stream, table 18; `None`: of a type that reads as null (7.5.8.3).
fn stream_entry(record: &[u8], [first, second, _]: [usize; 3], offset: usize) -> Result<Option<XrefEntry>, Error> {
    let value = |bytes: &[u8]| bytes.iter().fold(0u64, |value, byte| value << 8 | u64::from(*byte));
    let wrong = |what: &str| Error::damaged_because(offset, format!("{what} in range"), "a greater number");
    let kind = if first == 0 { 1 } else { value(&record[..first]) };
    let (middle, last) = (value(&record[first..first + second]), value(&record[first + second..]));
    Ok(Some(match kind {
        0 => XrefEntry::Free { next: u32::try_from(middle).unwrap_or(0), generation: u16::try_from(last).unwrap_or(0) },
        1 => XrefEntry::InUse {
            offset: usize::try_from(middle).map_err(|_| wrong("an offset"))?,
            generation: u16::try_from(last).map_err(|_| wrong("a generation"))?,
        },
        2 => XrefEntry::Compressed {
            container: u32::try_from(middle).map_err(|_| wrong("an object stream number"))?,
            index: u32::try_from(last).map_err(|_| wrong("an index"))?,
        },
        _ => return Ok(None),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Readings;

    fn read(bytes: &[u8]) -> Result<Section, Error> {
        section(bytes, 0, &Limits::default(), 1000)
    }

    #[test]
    fn a_table_with_two_subsections() {
        let section = read(
            b"xref\n0 1\n0000000000 65535 f \n4 2\n0000000123 00000 n \n0000000456 00002 n \ntrailer\n<</Size 6>>",
        )
        .unwrap();
        assert_eq!(section.entries.len(), 3);
        assert_eq!(section.entries[2], (5, XrefEntry::InUse { offset: 456, generation: 2 }));
        assert_eq!(section.trailer.get("Size"), Some(&Object::Integer(6)));
        assert!(section.irregularities.is_empty());
    }

    #[test]
    fn entries_of_another_width_are_read_and_noted() {
        let section = read(b"xref\n0 2\n0000000000 65535 f\n0000000123 00000 n\ntrailer <</Size 2>>").unwrap();
        assert_eq!(section.entries[1].1, XrefEntry::InUse { offset: 123, generation: 0 });
        let [one] = &section.irregularities[..] else { panic!("{:?}", section.irregularities) };
        assert!(one.departure == Departure::EntryWidth && matches!(one.problem, Error::Damaged { offset: 9, .. }));
    }

    #[test]
    fn tables_that_are_written_loosely_are_read_and_noted() {
        const ENTRIES: &str = "4 2\n0000000123 00000 n \n0000000456 00002 n \n";
        let departures = |table: &str| {
            let section = read(table.as_bytes()).unwrap();
            section.irregularities.iter().map(|one| (one.departure, one.readings)).collect::<Vec<_>>()
        };
        let end = "trailer\n<</Size 9>>";
        for exact in [
            format!("xref\n{ENTRIES}{end}"),
            format!("xref \r\n4 2 \r\n{}{end}", &ENTRIES[4..]),
            format!("xref\r{ENTRIES}trailer<</Size 9>>"),
            format!("xref\n{ENTRIES}trailer \r\n\n <</Size 9>>"),
            format!("xref\n0 0\n{end}"),
            format!("xref\n{end}"),
        ] {
            assert_eq!(departures(&exact), [], "{exact}");
        }
        for loose in [
            format!("xref\n%comment\n{ENTRIES}{end}"),
            format!("xref %comment\n{ENTRIES}{end}"),
            format!("xref\n\n{ENTRIES}{end}"),
            format!("xref  \n{ENTRIES}{end}"),
            format!("xref {ENTRIES}{end}"),
            format!("xref\n {ENTRIES}{end}"),
            format!("xref\n4  2\n{}{end}", &ENTRIES[4..]),
            format!("xref\n4\t2\n{}{end}", &ENTRIES[4..]),
            format!("xref\n4\n2\n{}{end}", &ENTRIES[4..]),
            format!("xref\n4 2  \n{}{end}", &ENTRIES[4..]),
            format!("xref\n4 2 {}{end}", &ENTRIES[4..]),
            format!("xref\n4 2\n\n{}{end}", &ENTRIES[4..]),
            format!("xref\n0000000000004 2\n{}{end}", &ENTRIES[4..]),
            format!("xref\n{ENTRIES}%comment\n{end}"),
            format!("xref\n{ENTRIES}trailer%comment\n<</Size 9>>"),
            format!("xref\n{ENTRIES}9999999 0\n{end}"),
            format!("xref\n{ENTRIES}0 0\n{end}"),
            format!("xref\n0 0\n{ENTRIES}{end}"),
            format!("xref\n7 0\n{end}"),
        ] {
            let found = departures(&loose);
            assert!(found.contains(&(Departure::TableSyntax, Readings::One)), "{loose}: {found:?}");
        }
        let blank = departures(&format!("xref\n{ENTRIES}\n{end}"));
        assert_eq!(blank, [(Departure::EntryWidth, Readings::One)], "an empty line behind the entries");
    }

    #[test]
    fn counts_beyond_the_limit_stop_before_any_work() {
        assert!(matches!(
            read(b"xref\n0 99999999999\n"),
            Err(Error::LimitExceeded { .. }) | Err(Error::Damaged { .. })
        ));
        let stream = b"1 0 obj<</Type/XRef/W[1 1 0]/Size 4000000000/Length 0>>stream\n\nendstream endobj";
        let section = read(stream).unwrap();
        assert!(section.entries.is_empty());
        assert_eq!(section.irregularities[0].departure, Departure::Records);
    }

    #[test]
    fn a_cross_reference_stream_with_all_kinds() {
        let mut bytes = b"7 0 obj<</Type/XRef/W[1 2 1]/Index[0 2 6 1]/Size 8/Length 12>>stream\n".to_vec();
        bytes.extend([0, 0, 0, 255, 1, 1, 0, 0, 2, 0, 5, 3]);
        bytes.extend(b"\nendstream\nendobj");
        let section = read(&bytes).unwrap();
        assert_eq!(section.object, Some(Reference { number: 7, generation: 0 }));
        assert_eq!(section.entries[1], (1, XrefEntry::InUse { offset: 256, generation: 0 }));
        assert_eq!(section.entries[2], (6, XrefEntry::Compressed { container: 5, index: 3 }));
    }

    fn stream_of(keys: &str, records: &[u8]) -> Vec<(Departure, Readings)> {
        let mut bytes = format!("7 0 obj<</Type/XRef{keys}/Length {}>>stream\n", records.len()).into_bytes();
        bytes.extend(records);
        bytes.extend(b"\nendstream endobj");
        let found = read(&bytes).unwrap().irregularities;
        found.into_iter().map(|one| (one.departure, one.readings)).collect()
    }

    #[test]
    fn streams_that_make_other_readers_rebuild_the_file_are_noted() {
        let two = [0, 0, 0, 1, 2, 0];
        assert_eq!(stream_of("/W[1 1 1]/Size 2", &two), []);
        assert_eq!(stream_of("/W[1 1 1]/Size 2", &[3, 0, 0, 1, 2, 0]), [(Departure::EntryType, Readings::One)]);
        assert_eq!(stream_of("/W[1 8 3]/Size 0", &[]), [(Departure::FieldWidths, Readings::One)]);
        assert_eq!(stream_of("/W[1 8 2]/Size 0", &[]), [], "as widespread writers have it");
        assert_eq!(stream_of("/W[0 2 1]/Size 6/Index[4 2]", &two), [(Departure::FieldWidths, Readings::One)]);
        assert_eq!(stream_of("/W[1 1 1]/Size 9", &two), [(Departure::Records, Readings::One)]);
        assert_eq!(stream_of("/W[1 1 1]/Size 12/Index[3 9]", &two), [(Departure::Records, Readings::Two)]);
        assert_eq!(stream_of("/W[1 1 1]/Size 1", &two), [(Departure::Records, Readings::One)]);
        assert_eq!(stream_of("/W[1 1 1]/Size 9/Index[5 1 4 1]", &two), [(Departure::Subsections, Readings::One)]);
        assert_eq!(stream_of("/W[1 1 1]/Size 9/Index[5 1 5 1]", &two), [(Departure::ListedTwice, Readings::Two)]);
        let same = [1, 1, 0, 1, 1, 0];
        assert_eq!(stream_of("/W[1 1 1]/Size 9/Index[5 1 5 1]", &same), [(Departure::ListedTwice, Readings::One)]);
        assert_eq!(stream_of("/W[1 1 1]/Size 1/Index[0 1]", &[1, 9, 0]), [(Departure::EntryType, Readings::One)]);
        for index in ["5 2 7 0", "7 0 5 2", "5 2 99 0", "5 2 9 0", "5 0 5 2"] {
            let found = stream_of(&format!("/W[1 1 1]/Size 9/Index[{index}]"), &two);
            assert!(found.contains(&(Departure::Subsections, Readings::One)), "{index}: {found:?}");
        }
        assert_eq!(stream_of("/W[1 1 1]/Size 6/Index[5 2]", &two), [(Departure::Subsections, Readings::One)]);
        assert_eq!(stream_of("/W[1 1 1]/Size 9/Index[0 0]", &[]), []);
    }

    #[test]
    fn anything_else_is_damaged() {
        assert!(read(b"startxref").is_err());
        assert!(read(b"").is_err());
        assert!(section(b"xref", 99, &Limits::default(), 1).is_err());
    }
}
