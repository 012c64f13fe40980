//! Workbooks, XLSX. In: octets that were looked at ([`super::package`]). Out: the rows of a sheet.
//!
//! A thread of its own reads, since the reader of a sheet borrows the workbook; a few rows ahead of whoever asks, so that a sheet of any length
//! takes little memory. When nobody asks any more it ends.

use std::io::Cursor;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use calamine::{DataRef, ExcelDateTime, Reader as _, SheetType, SheetVisible, Xlsx, XlsxCellReader, XlsxError};
use jiff::civil::Date;

use super::cell::{Cell, Cells, shortened};
use super::error::RegisterError;

/// Rows that are read ahead.
const AHEAD: usize = 64;

/// Columns that a sheet has (ISO/IEC 29500-1 clause 18.3.1.4).
const MOST_COLUMNS: u32 = 16_384;

type Source = Cursor<Vec<u8>>;

/// A sheet that is being read.
pub(super) struct Workbook {
    pub(super) sheet: String,
    pub(super) notes: Vec<String>,
    rows: Receiver<Message>,
    over: bool,
}

enum Message {
    Opened { sheet: String, notes: Vec<String> },
    Row(Cells),
    Failed(RegisterError),
    End,
}

/// Opens a workbook at that sheet, or at the first that is shown and not empty.
pub(super) fn open(octets: Vec<u8>, sheet: Option<&str>) -> Result<Workbook, RegisterError> {
    let (sender, rows) = sync_channel(AHEAD);
    let wanted = sheet.map(str::to_owned);
    let reading = std::thread::Builder::new().name("workbook".to_owned()).spawn(move || {
        let message = match read(octets, wanted.as_deref(), &sender) {
            Ok(()) => Message::End,
            Err(problem) => Message::Failed(problem),
        };
        drop(sender.send(message)); // nobody may ask any more
    });
    reading.map_err(|error| unreadable(&format!("no thread can be begun: {error}")))?;
    match rows.recv() {
        Ok(Message::Opened { sheet, notes }) => Ok(Workbook { sheet, notes, rows, over: false }),
        Ok(Message::Failed(problem)) => Err(problem),
        Ok(Message::Row(_) | Message::End) | Err(_) => Err(unreadable("its reader gave up")),
    }
}

impl Iterator for Workbook {
    type Item = Result<Cells, RegisterError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        match self.rows.recv() {
            Ok(Message::Row(cells)) => Some(Ok(cells)),
            Ok(Message::Failed(problem)) => {
                self.over = true;
                Some(Err(problem))
            }
            Ok(Message::Opened { .. } | Message::End) => {
                self.over = true;
                None
            }
            Err(_) => {
                self.over = true;
                Some(Err(unreadable("its reader gave up")))
            }
        }
    }
}

fn read(octets: Vec<u8>, wanted: Option<&str>, rows: &SyncSender<Message>) -> Result<(), RegisterError> {
    let mut workbook: Xlsx<Source> = Xlsx::new(Cursor::new(octets)).map_err(|error| of_workbook(&error))?;
    let (sheet, notes) = choose(&mut workbook, wanted)?;
    if rows.send(Message::Opened { sheet: sheet.clone(), notes }).is_err() {
        return Ok(());
    }
    let mut cells = workbook.worksheet_cells_reader(&sheet).map_err(|error| of_workbook(&error))?;
    let mut row: Option<Cells> = None;
    let mut last = (0, 0);
    while let Some((position, value)) = next(&mut cells, last)? {
        last = position;
        let line = u64::from(position.0) + 1;
        if position.1 >= MOST_COLUMNS {
            return Err(unreadable(&format!("row {line} has more than {MOST_COLUMNS} columns")));
        }
        if row.as_ref().is_none_or(|row| row.line != line) {
            let whole = row.replace(Cells { line, cells: Vec::new() });
            if !hand_on(whole, rows) {
                return Ok(());
            }
        }
        if let (Some(row), Some(cell)) = (&mut row, value) {
            row.cells.push((position.1 as usize, cell));
        }
    }
    hand_on(row, rows);
    Ok(())
}

/// Whether somebody still asks.
fn hand_on(row: Option<Cells>, rows: &SyncSender<Message>) -> bool {
    match row.filter(|row| !row.cells.is_empty()) {
        Some(row) => rows.send(Message::Row(row)).is_ok(),
        None => true,
    }
}

/// Row and column, from 0, and what is there; nothing if the cell is empty.
type Placed = ((u32, u32), Option<Cell>);

/// The next cell.
fn next(cells: &mut XlsxCellReader<'_, Source>, last: (u32, u32)) -> Result<Option<Placed>, RegisterError> {
    match cells.next_cell_with_style_id() {
        Ok(None) => Ok(None),
        Ok(Some((cell, style))) => {
            let format = cells.styles().get(style).and_then(|style| style.number_format.as_ref());
            let code = format.map_or("", |format| format.format_code.as_str());
            Ok(Some((cell.get_position(), value(cell.get_value(), code))))
        }
        // A value of a kind that came later than the reader, such as #SPILL!; its place is the next.
        Err(XlsxError::CellError(fault)) => Ok(Some(((last.0, last.1 + 1), Some(Cell::Fault(fault))))),
        Err(error) => Err(of_workbook(&error)),
    }
}

/// How many digits a format such as `00000` shows at least.
fn digits(format: &str) -> usize {
    if format.len() <= 20 && format.bytes().all(|byte| byte == b'0') { format.len() } else { 0 }
}

/// A number in a format, as people see it: 0.1 may be shown as 10%.
fn number(value: f64, format: &str) -> Cell {
    match format.ends_with('%') {
        true => Cell::Text(format!("{}%", Cell::Number(value * 100.0, 0).shown())),
        false => Cell::Number(value, digits(format)),
    }
}

fn value(value: &DataRef<'_>, format: &str) -> Option<Cell> {
    match value {
        DataRef::Empty => None,
        DataRef::Int(value) => Some(number(*value as f64, format)),
        DataRef::Float(value) => Some(number(*value, format)),
        DataRef::String(text) => Cell::text(text),
        DataRef::SharedString(text) => Cell::text(text),
        DataRef::Bool(value) => Some(Cell::Text(if *value { "TRUE" } else { "FALSE" }.to_owned())),
        DataRef::DateTime(time) => Some(day(time)),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Cell::text(text),
        DataRef::Error(fault) => Some(Cell::Fault(fault.to_string())),
    }
}

/// The day of a number that is shown as one; 29 February 1900, which spreadsheets know, is none.
fn day(time: &ExcelDateTime) -> Cell {
    let (year, month, day, ..) = time.to_ymd_hms_milli();
    let parts = (i16::try_from(year), i8::try_from(month), i8::try_from(day));
    match parts {
        (Ok(year), Ok(month), Ok(day)) if time.is_datetime() => match Date::new(year, month, day) {
            Ok(date) => Cell::Day(date),
            Err(_) => Cell::Text(format!("{year}-{month:02}-{day:02}")),
        },
        _ => Cell::Number(time.as_f64(), 0),
    }
}

/// The sheet that is read, and what to tell about the others.
fn choose(workbook: &mut Xlsx<Source>, wanted: Option<&str>) -> Result<(String, Vec<String>), RegisterError> {
    let sheets = workbook.sheets_metadata().to_vec();
    let tables: Vec<_> = sheets.iter().filter(|sheet| sheet.typ == SheetType::WorkSheet).collect();
    if let Some(wanted) = wanted {
        return match tables.iter().find(|sheet| sheet.name == wanted) {
            Some(sheet) => Ok((sheet.name.clone(), Vec::new())),
            None => {
                let known: Vec<String> = tables.iter().map(|sheet| format!("{:?}", shortened(&sheet.name))).collect();
                Err(RegisterError::NoSuchSheet { found: wanted.to_owned(), known: known.join(", ") })
            }
        };
    }
    let shown = tables.iter().filter(|sheet| sheet.visible == SheetVisible::Visible);
    let mut chosen = None;
    for sheet in shown {
        if !is_empty(workbook, &sheet.name)? {
            chosen = Some(sheet.name.clone());
            break;
        }
    }
    let chosen = chosen.ok_or(RegisterError::Empty)?;
    let others = tables.iter().filter(|sheet| sheet.name != chosen).map(|sheet| match sheet.visible {
        SheetVisible::Visible => {
            format!("the sheet {:?} is not read; --sheet names another one", shortened(&sheet.name))
        }
        _ => format!("the sheet {:?}, which is hidden, is not read", shortened(&sheet.name)),
    });
    Ok((chosen.clone(), others.collect()))
}

fn is_empty(workbook: &mut Xlsx<Source>, sheet: &str) -> Result<bool, RegisterError> {
    let mut cells = workbook.worksheet_cells_reader(sheet).map_err(|error| of_workbook(&error))?;
    let mut last = (0, 0);
    while let Some((position, cell)) = next(&mut cells, last)? {
        if cell.is_some() {
            return Ok(false);
        }
        last = position;
    }
    Ok(true)
}

fn of_workbook(error: &XlsxError) -> RegisterError {
    match error {
        XlsxError::Password => RegisterError::Kind {
            found: "a workbook that is locked with a password".to_owned(),
            advice: "save it without the password",
        },
        error => unreadable(&error.to_string()),
    }
}

fn unreadable(problem: &str) -> RegisterError {
    RegisterError::Workbook { problem: problem.to_owned() }
}
