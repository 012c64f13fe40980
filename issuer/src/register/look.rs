//! A look into a sheet before its cells are read, ISO/IEC 29500-1 clause 18.3.1. In: its XML. Out: what its cells do not say: which rows are
//! hidden, which formulas have no saved value; or how the sheet is damaged.
//!
//! The reader of cells passes over damage: of two rows with one number the later counts, and a text that is not there is the first one. Who
//! would get another's certificate then, nobody can tell: such a workbook is refused. Where the XML breaks off, the reader of cells says so.

use std::collections::HashSet;
use std::io::{Cursor, Read, Seek};

use bytes::Bytes;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use super::error::RegisterError;
use super::heading::letters;
use super::merged::Range;
use super::parts::{self, attribute};
use super::words::{Words, both};

/// Rows that a sheet has (Excel specifications and limits).
const MOST_ROWS: u32 = 1 << 20;

/// The most ranges of merged cells.
const MOST_MERGED: usize = 10_000;

/// The most formulas without a value that are told one by one.
const MOST_UNSAVED: usize = 100_000;

/// What the cells of a sheet do not say.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Look {
    /// Rows with something in them that are not shown, from 1.
    pub(super) hidden: Vec<u64>,
    /// Cells whose formula was never calculated, by row and column, from 0.
    pub(super) unsaved: HashSet<(u32, u32)>,
    /// Ranges of merged cells.
    pub(super) merged: Vec<Range>,
    /// Rows with something in them, from 1.
    pub(super) filled: Vec<u32>,
}

impl Look {
    /// Looks into the sheet at that place of the workbook, from 0.
    pub(super) fn at(octets: &Bytes, place: usize) -> Result<Look, RegisterError> {
        let no_part = || damaged(both!("it does not say where its sheet is", "シートの場所が分かりません"));
        let mut archive = ZipArchive::new(Cursor::new(octets.clone())).map_err(|_| no_part())?;
        let part = parts::of_sheet(&mut archive, place).ok_or_else(no_part)?;
        let mut markup = parts::open(&mut archive, &part).ok_or_else(no_part)?;
        let mut looking = Looking::default();
        looking.go_through(&mut markup)?;
        Ok(looking.look)
    }
}

/// A sheet that is being looked into.
#[derive(Default)]
struct Looking {
    look: Look,
    /// Whether its rows have begun.
    begun: bool,
    /// Whether they have ended.
    ended: bool,
    row: Row,
    cell: Cell,
}

/// The row that was begun last.
#[derive(Default)]
struct Row {
    number: u32,
    /// The place of its last cell, from 1.
    column: u32,
    hidden: bool,
    filled: bool,
}

/// The cell that was begun last.
#[derive(Default)]
struct Cell {
    kind: String,
    formula: bool,
    /// Within its value.
    within: bool,
    value: Option<String>,
    text: bool,
}

impl Looking {
    fn go_through<S: Read + Seek>(&mut self, markup: &mut parts::Markup<'_, S>) -> Result<(), RegisterError> {
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            match markup.read_event_into(&mut buffer) {
                Ok(Event::Start(element)) => self.begin(&element)?,
                Ok(Event::Text(text)) => self.add(&text.xml10_content()),
                // No number is written so: it is none.
                Ok(Event::CData(_) | Event::GeneralRef(_)) => self.add("&"),
                Ok(Event::End(element)) => match element.local_name().as_ref() {
                    // Merged cells stand behind the rows.
                    "worksheet" | "mergeCells" if self.ended => return Ok(()),
                    _ if self.ended => {}
                    "v" => self.cell.within = false,
                    "c" => self.end_cell()?,
                    "row" => self.end_row(),
                    "sheetData" => self.ended = true,
                    _ => {}
                },
                Ok(Event::Eof) | Err(_) if self.ended => {
                    return Err(damaged(both!(
                        "its sheet breaks off behind the rows",
                        "シートが行の後で途切れています"
                    )));
                }
                Ok(Event::Eof) | Err(_) => return Ok(()), // the reader of cells says where
                Ok(_) => {}
            }
        }
    }

    fn begin(&mut self, element: &BytesStart<'_>) -> Result<(), RegisterError> {
        match element.local_name().as_ref() {
            "sheetData" => self.begun = true,
            "mergeCell" if self.ended => self.add_merged(element)?,
            _ if !self.begun || self.ended => {}
            "row" => self.begin_row(element)?,
            "c" => self.begin_cell(element)?,
            "f" => self.cell.formula = true,
            "v" => (self.cell.within, self.cell.value) = (true, Some(String::new())),
            "is" => self.cell.text = true,
            _ => {}
        }
        Ok(())
    }

    fn begin_row(&mut self, element: &BytesStart<'_>) -> Result<(), RegisterError> {
        let last = self.row.number;
        let number = match attribute(element, "r") {
            None => last + 1,
            Some(number) => number.parse().ok().filter(|number| *number > 0).ok_or_else(|| no_place(&number))?,
        };
        if number > MOST_ROWS {
            return Err(no_place(&number.to_string()));
        }
        if number <= last {
            return Err(damaged(both!(
                "row {number} stands behind row {last}",
                "{last} 行目の後に {number} 行目があります"
            )));
        }
        let hidden = attribute(element, "hidden").is_some_and(|hidden| hidden == "1" || hidden == "true");
        self.row = Row { number, hidden, ..Row::default() };
        Ok(())
    }

    fn begin_cell(&mut self, element: &BytesStart<'_>) -> Result<(), RegisterError> {
        let (number, last) = (self.row.number, self.row.column);
        let column = match attribute(element, "r") {
            None => last + 1,
            Some(place) => {
                let (column, row) = placed(&place).ok_or_else(|| no_place(&place))?;
                if row != number || column <= last {
                    let place = crate::error::shortened(&place);
                    return Err(damaged(both!(
                        "the cell {place} stands out of order in row {number}",
                        "{number} 行目のセル {place} の位置が順番どおりではありません"
                    )));
                }
                column
            }
        };
        self.row.column = column;
        self.cell = Cell { kind: attribute(element, "t").unwrap_or_default(), ..Cell::default() };
        Ok(())
    }

    fn add(&mut self, text: &str) {
        if let Some(value) = self.cell.value.as_mut().filter(|_| self.cell.within) {
            value.push_str(text);
        }
    }

    fn end_cell(&mut self) -> Result<(), RegisterError> {
        let Cell { kind, formula, value, text, .. } = std::mem::take(&mut self.cell);
        let (row, column) = (self.row.number, self.row.column);
        // A formula of a text may come to an empty one.
        let is_empty_text = kind == "str" && value.is_some();
        let value = value.map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let is_place = |value: &String| value.bytes().all(|one| one.is_ascii_digit()) && value.parse::<u32>().is_ok();
        if let Some(value) = value.as_ref().filter(|value| kind == "s" && !is_place(value)) {
            let (place, value) = (format!("{}{row}", letters(column as usize - 1)), crate::error::shortened(value));
            return Err(damaged(both!(
                "the cell {place} has the text number {value:?}, and there is none of that number",
                "セル {place} の文字列番号 {value:?} はありません"
            )));
        }
        let unsaved = formula && value.is_none() && !is_empty_text && !text;
        if unsaved {
            self.look.unsaved.insert((row.saturating_sub(1), column - 1));
        }
        if self.look.unsaved.len() > MOST_UNSAVED {
            let problem = both!(
                "more than {MOST_UNSAVED} formulas have no saved value; open it in Excel and save it there",
                "値の保存されていない数式が {MOST_UNSAVED} 個を超えています。Excel で開いて保存し直してください"
            );
            return Err(RegisterError::Workbook { problem });
        }
        self.row.filled |= unsaved || value.is_some() || text;
        Ok(())
    }

    fn add_merged(&mut self, element: &BytesStart<'_>) -> Result<(), RegisterError> {
        let found = attribute(element, "ref").unwrap_or_default();
        let (one, other) = found.split_once(':').unwrap_or((&found, &found));
        let (one, other) = placed(one).zip(placed(other)).ok_or_else(|| no_place(&found))?;
        let within = |(column, row): (u32, u32)| column > 0 && (1..=MOST_ROWS).contains(&row);
        if !within(one) || !within(other) {
            return Err(no_place(&found));
        }
        let span = |one: u32, other: u32| (one.min(other) - 1, one.max(other) - 1);
        let range = Range { rows: span(one.1, other.1), columns: span(one.0, other.0) };
        if one != other {
            self.look.merged.push(range);
        }
        if self.look.merged.len() > MOST_MERGED {
            let problem = both!(
                "more than {MOST_MERGED} ranges of cells are merged; take the merging back, or divide the file",
                "結合されたセルの範囲が {MOST_MERGED} か所を超えています。結合を解除するか、ファイルを分けてください"
            );
            return Err(RegisterError::Workbook { problem });
        }
        Ok(())
    }

    fn end_row(&mut self) {
        if self.row.filled {
            self.look.filled.push(self.row.number);
        }
        if self.row.hidden && self.row.filled {
            self.look.hidden.push(u64::from(self.row.number));
        }
    }
}

/// Column and row of `B12`, from 1. More columns than a sheet has are told where they are read.
fn placed(place: &str) -> Option<(u32, u32)> {
    let row = place.trim_start_matches(|one: char| one.is_ascii_alphabetic());
    let name = &place[..place.len() - row.len()];
    if !(1..=3).contains(&name.len()) || !row.bytes().all(|one| one.is_ascii_digit()) {
        return None;
    }
    let column = name.bytes().fold(0, |sum, one| sum * 26 + u32::from(one.to_ascii_uppercase() - b'A') + 1);
    row.parse().ok().map(|row| (column, row))
}

fn no_place(found: &str) -> RegisterError {
    let found = crate::error::shortened(found);
    damaged(both!("{found:?} is no place in a sheet", "{found:?} はシートにない位置です"))
}

fn damaged(Words { en, ja }: Words) -> RegisterError {
    RegisterError::Workbook { problem: both!("it is damaged: {en}", "壊れています（{ja}）") }
}
