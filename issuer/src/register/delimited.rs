//! Delimited text, RFC 4180 and what spreadsheets make of it. In: a text. Out: its rows, each with the line on which it begins.

use bytes::Bytes;

use super::cell::{Cell, Cells};
use super::error::RegisterError;

/// What may be between cells.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// Columns that a sheet of a spreadsheet has (ISO/IEC 29500-1 clause 18.3.1.4): no register has more.
pub(super) const MOST_COLUMNS: usize = 16_384;

/// Lines that are looked at for what is between cells.
const FIRST_LINES: usize = 20;

/// The rows of a delimited text.
pub(super) struct Delimited {
    text: Bytes,
    reader: csv::Reader<std::io::Cursor<Bytes>>,
    delimiter: u8,
    /// Octets of the text before what the reader reads, and lines before the octet up to which they are counted.
    offset: usize,
    counted: usize,
    lines: u64,
    record: csv::ByteRecord,
}

impl Delimited {
    pub(super) fn new(text: String, wanted: Option<char>) -> Result<Delimited, RegisterError> {
        let text = Bytes::from(text);
        let (said, offset) = excels_own_line(&text);
        let wanted = match wanted {
            Some(found) if !found.is_ascii() || matches!(found, '"' | '\r' | '\n' | '\0') => {
                return Err(RegisterError::Delimiter { found });
            }
            wanted => wanted.map(|wanted| wanted as u8),
        };
        let delimiter = wanted.or(said).unwrap_or_else(|| commonest(&text[offset..]));
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(std::io::Cursor::new(text.slice(offset..)));
        let record = csv::ByteRecord::new();
        Ok(Delimited { text, reader, delimiter, offset, counted: 0, lines: 0, record })
    }

    pub(super) fn delimiter(&self) -> u8 {
        self.delimiter
    }

    /// The line of an octet, which is never before one that was asked for earlier. A line ends with CR LF, LF or CR.
    fn line_at(&mut self, octet: usize) -> u64 {
        let passed = &self.text[self.counted..octet];
        let before = if self.counted > 0 { self.text[self.counted - 1] } else { 0 };
        let mut previous = before;
        for current in passed {
            let ends = *current == b'\r' || (*current == b'\n' && previous != b'\r');
            self.lines += u64::from(ends);
            previous = *current;
        }
        self.counted = octet;
        self.lines + 1
    }

    fn reached(&self) -> usize {
        let octet = usize::try_from(self.reader.position().byte()).unwrap_or(usize::MAX);
        octet.saturating_add(self.offset).min(self.text.len())
    }
}

impl Iterator for Delimited {
    type Item = Cells;

    fn next(&mut self) -> Option<Cells> {
        loop {
            let from = self.reached();
            // Octets in memory are always read, and a row may have any number of cells.
            if !self.reader.read_byte_record(&mut self.record).unwrap_or(false) {
                return None;
            }
            let blank = self.text[from..].iter().take_while(|octet| matches!(octet, b'\r' | b'\n')).count();
            let (begin, end) = (from + blank, self.reached());
            let line = self.line_at(begin);
            if self.record.len() > MOST_COLUMNS {
                return Some(Cells { line, cells: vec![(MOST_COLUMNS, Cell::Beyond(self.record.len()))] });
            }
            let cells = self.record.iter().enumerate();
            let mut cells: Vec<(usize, Cell)> =
                cells.filter_map(|(place, cell)| Some((place, Cell::text(&String::from_utf8_lossy(cell))?))).collect();
            if end == self.text.len()
                && never_ends(&self.text[begin..end], self.delimiter)
                && let Some((_, last)) = cells.last_mut()
            {
                *last = Cell::Unclosed;
            }
            if !cells.is_empty() {
                return Some(Cells { line, cells });
            }
        }
    }
}

/// `sep=;` in the first line tells Excel what is between cells.
fn excels_own_line(text: &[u8]) -> (Option<u8>, usize) {
    let line = text.split(|octet| *octet == b'\n').next().unwrap_or_default();
    match line.strip_suffix(b"\r").unwrap_or(line) {
        [b's', b'e', b'p', b'=', delimiter] if DELIMITERS.contains(delimiter) => {
            (Some(*delimiter), text.len().min(line.len() + 1))
        }
        _ => (None, 0),
    }
}

/// The delimiter that the first lines have most of outside quotation marks.
fn commonest(text: &[u8]) -> u8 {
    let (mut counts, mut quoted, mut lines) = ([0; 3], false, 0);
    for octet in text {
        match octet {
            b'"' => quoted = !quoted,
            b'\n' => lines += 1,
            octet if !quoted => {
                if let Some(place) = DELIMITERS.iter().position(|delimiter| delimiter == octet) {
                    counts[place] += 1;
                }
            }
            _ => {}
        }
        if lines >= FIRST_LINES {
            break;
        }
    }
    let most = counts.iter().max().copied().unwrap_or_default();
    counts.iter().position(|count| *count == most).map_or(b',', |place| DELIMITERS[place])
}

/// Whether a row ends within quotation marks.
fn never_ends(row: &[u8], delimiter: u8) -> bool {
    let (mut quoted, mut begins) = (false, true);
    for octet in row {
        match octet {
            // A second mark after it opens the cell anew: two stand for one.
            b'"' if quoted => (quoted, begins) = (false, true),
            b'"' if begins => (quoted, begins) = (true, false),
            octet => begins = *octet == delimiter || matches!(octet, b'\r' | b'\n'),
        }
    }
    quoted
}
