//! Merged cells of a sheet, ISO/IEC 29500-1 clauses 18.3.1.54 and 18.3.1.55. In: their ranges, and the rows below the headers. Out: the rows
//! as the sheet shows them, so that what is merged down over several rows stands in each of them.
//!
//! A sheet keeps the value in the first cell of a range alone, and what other cells of it hold nobody sees. A range over several columns
//! of data is a fault of its rows: whose value it is, the sheet does not say.

use std::collections::HashMap;

use super::cell::{Cell, Cells};
use super::error::RegisterError;
use super::heading::letters;
use super::words::{Words, both};

/// How many ranges are told by their names.
const TOLD: usize = 5;

/// A range of merged cells: rows and columns, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) rows: (u32, u32),
    pub(super) columns: (u32, u32),
}

impl Range {
    fn has_line(&self, line: u64) -> bool {
        (u64::from(self.rows.0) + 1..=u64::from(self.rows.1) + 1).contains(&line)
    }

    fn has_column(&self, place: usize) -> bool {
        (self.columns.0 as usize..=self.columns.1 as usize).contains(&place)
    }

    /// Whether that is its first cell, in which its value stands.
    fn begins(&self, line: u64, place: usize) -> bool {
        u64::from(self.rows.0) + 1 == line && self.columns.0 as usize == place
    }

    /// As spreadsheets name it: `B2:B4`.
    fn name(&self) -> String {
        let corner = |column: u32, row: u32| format!("{}{}", letters(column as usize), row + 1);
        format!("{}:{}", corner(self.columns.0, self.rows.0), corner(self.columns.1, self.rows.1))
    }
}

/// The ranges that touch the row of headers, for messages; none if there are none.
pub(super) fn of_headers(ranges: &[Range], line: u64) -> Option<String> {
    names(ranges.iter().filter(|range| range.has_line(line)))
}

fn names<'a>(ranges: impl Iterator<Item = &'a Range>) -> Option<String> {
    let all: Vec<String> = ranges.map(Range::name).collect();
    let listed = all[..all.len().min(TOLD)].join(", ");
    let more = if all.len() > TOLD { " …" } else { "" };
    (!all.is_empty()).then(|| format!("{listed}{more}"))
}

/// The rows below the headers, with what is merged in each of its rows.
pub(super) struct Merged<T> {
    rows: T,
    /// Those with cells of data, the first last.
    waiting: Vec<Range>,
    begun: Vec<Begun>,
    /// The places of the columns of data.
    known: Vec<usize>,
    header: u64,
}

/// A range that a row has reached, and what stands in its first cell.
struct Begun {
    range: Range,
    value: Option<Cell>,
    /// Whether its value is that of one column, below its header.
    is_one: bool,
}

impl<T> Merged<T> {
    /// Of the rows below the headers in that line, whose columns of data have these places.
    pub(super) fn new(rows: T, header: u64, known: Vec<usize>, ranges: &[Range]) -> Result<Merged<T>, RegisterError> {
        let mut waiting: Vec<Range> = ranges.to_vec();
        waiting
            .retain(|range| u64::from(range.rows.1) + 1 > header && known.iter().any(|place| range.has_column(*place)));
        waiting.sort_by_key(|range| (std::cmp::Reverse(range.rows.0), std::cmp::Reverse(range.columns.0)));
        check_apart(&waiting, &known)?;
        Ok(Merged { rows, waiting, begun: Vec::new(), known, header })
    }

    /// What is told of those that count for several rows. `filled`: which rows have something in them, from 1.
    pub(super) fn told(&self, filled: &[u32]) -> Option<Words> {
        let down: Vec<&Range> =
            self.waiting.iter().rev().filter(|range| self.is_one(range) && range.rows.0 < range.rows.1).collect();
        let before = |row: u32| filled.partition_point(|line| *line <= row);
        let count: usize = down.iter().map(|range| before(range.rows.1 + 1) - before(range.rows.0 + 1)).sum();
        let first = down.first().map(|range| range.name()).filter(|_| count > 0)?;
        let ranges = down.len();
        Some(both!(
            "merged cells {count}: what is merged down over several rows is read in each of them, as the sheet shows it \
             (ranges {ranges}, the first {first})",
            "結合されたセル {count} 個: 縦に結合されたセルの値は、シートの表示どおり、結合範囲の各行の値として読み取ります\
             （範囲 {ranges} か所、最初は {first}）"
        ))
    }

    fn is_one(&self, range: &Range) -> bool {
        let mut known = self.known.iter().filter(|place| range.has_column(**place));
        let first = known.next().is_some_and(|place| *place == range.columns.0 as usize);
        first && known.next().is_none() && u64::from(range.rows.0) + 1 > self.header
    }

    /// The row as the sheet shows it; none if it shows nothing of its own there.
    fn shown(&mut self, mut row: Cells) -> Option<Cells> {
        self.begun.retain(|begun| u64::from(begun.range.rows.1) + 1 >= row.line);
        while let Some(range) = self.waiting.pop_if(|range| u64::from(range.rows.0) < row.line) {
            if range.has_line(row.line) {
                let is_one = self.is_one(&range);
                // Above the rows stands a header.
                let header = (u64::from(range.rows.0) < self.header).then_some(Cell::Truth(true));
                self.begun.push(Begun { range, value: header, is_one });
            }
        }
        if self.begun.is_empty() {
            return Some(row);
        }
        let covered = self.covered(&row);
        let line = row.line;
        let is_own =
            |at: usize| self.begun.iter().all(|Begun { range, .. }| !range.has_column(at) || range.begins(line, at));
        row.cells.retain(|(at, _)| is_own(*at));
        if row.cells.is_empty() {
            return None;
        }
        row.cells.retain(|(at, _)| !covered.contains_key(at));
        row.cells.extend(covered);
        row.cells.sort_by_key(|(at, _)| *at);
        Some(row)
    }

    /// What stands in the columns of data that are merged cells in this row.
    fn covered(&mut self, row: &Cells) -> HashMap<usize, Cell> {
        let mut covered = HashMap::new();
        for Begun { range, value, is_one } in &mut self.begun {
            if let Some((_, cell)) = row.cells.iter().find(|(at, _)| range.begins(row.line, *at)) {
                *value = Some(cell.clone());
            }
            let Some(value) = value else { continue };
            for at in self.known.iter().filter(|at| range.has_column(**at)) {
                covered.insert(*at, if *is_one { value.clone() } else { Cell::Merged(range.name()) });
            }
        }
        covered
    }
}

impl<T: Iterator<Item = Result<Cells, RegisterError>>> Iterator for Merged<T> {
    type Item = Result<Cells, RegisterError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.rows.next()? {
                Ok(row) => {
                    if let Some(row) = self.shown(row) {
                        return Some(Ok(row));
                    }
                }
                Err(problem) => return Some(Err(problem)),
            }
        }
    }
}

/// Refuses ranges that share a cell of data: spreadsheets make none.
fn check_apart(waiting: &[Range], known: &[usize]) -> Result<(), RegisterError> {
    for place in known {
        let mut last: Option<&Range> = None;
        for range in waiting.iter().rev().filter(|range| range.has_column(*place)) {
            if let Some(last) = last.filter(|last| last.rows.1 >= range.rows.0) {
                let (one, other) = (last.name(), range.name());
                let problem = both!(
                    "it is damaged: the merged cells {one} and {other} overlap",
                    "壊れています（結合されたセル {one} と {other} が重なっています）"
                );
                return Err(RegisterError::Workbook { problem });
            }
            last = Some(range);
        }
    }
    Ok(())
}
