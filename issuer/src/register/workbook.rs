//! Workbooks, XLSX. In: octets that were looked at ([`super::package`]). Out: the rows of a sheet.
//!
//! A thread of its own reads, since the reader of a sheet borrows the workbook; a few rows ahead of whoever asks, so that a sheet of any length
//! takes little memory. When nobody asks any more it ends.

use std::collections::{HashMap, HashSet};
use std::io::Cursor;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use bytes::Bytes;
use calamine::{
    DataRef, ExcelDateTime, ExcelDateTimeType, Reader as _, SheetType, SheetVisible, Xlsx, XlsxCellReader, XlsxError,
};
use jiff::civil::{Date, Time};

use super::cell::{Cell, Cells, shortened};
use super::date::of_serial;
use super::delimited::MOST_COLUMNS;
use super::error::RegisterError;
use super::format::{WITHOUT_PASSWORD, locked};
use super::look::Look;
use super::number_format::{Moment, NumberFormat, Seen};
use super::words::{Words, both};

/// Rows that are read ahead.
const AHEAD: usize = 64;

type Source = Cursor<Bytes>;

/// A sheet that is being read.
pub(super) struct Workbook {
    pub(super) sheet: String,
    pub(super) notes: Vec<Words>,
    /// What its cells do not say.
    pub(super) look: Look,
    rows: Receiver<Message>,
    over: bool,
}

enum Message {
    Opened { sheet: String, notes: Vec<Words>, look: Look },
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
    reading
        .map_err(|error| unreadable(both!("no thread can be begun: {error}", "読み取りを始められません（{error}）")))?;
    match rows.recv() {
        Ok(Message::Opened { sheet, notes, look }) => Ok(Workbook { sheet, notes, look, rows, over: false }),
        Ok(Message::Failed(problem)) => Err(problem),
        Ok(Message::Row(_) | Message::End) | Err(_) => {
            Err(unreadable(both!("its reader gave up", "読み取りが途中で止まりました")))
        }
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
                Some(Err(unreadable(both!("its reader gave up", "読み取りが途中で止まりました"))))
            }
        }
    }
}

fn read(octets: Vec<u8>, wanted: Option<&str>, rows: &SyncSender<Message>) -> Result<(), RegisterError> {
    let octets = Bytes::from(octets);
    let mut workbook: Xlsx<Source> = Xlsx::new(Cursor::new(octets.clone())).map_err(|error| of_workbook(&error))?;
    let (sheet, notes) = choose(&mut workbook, wanted)?;
    let place = workbook.sheets_metadata().iter().position(|known| known.name == sheet);
    let mut look = Look::at(&octets, place.unwrap_or_default())?;
    let unsaved = std::mem::take(&mut look.unsaved);
    match rows.send(Message::Opened { sheet: sheet.clone(), notes, look }) {
        Ok(()) => read_rows(&mut workbook, &sheet, &unsaved, rows),
        Err(_) => Ok(()),
    }
}

/// Hands on the rows of a sheet, in which these cells have no value though they should.
fn read_rows(
    workbook: &mut Xlsx<Source>,
    sheet: &str,
    unsaved: &HashSet<(u32, u32)>,
    rows: &SyncSender<Message>,
) -> Result<(), RegisterError> {
    let mut seeing = Seeing::new(workbook.has_1904_epoch());
    let mut cells = workbook.worksheet_cells_reader(sheet).map_err(|error| of_workbook(&error))?;
    let mut row: Option<Cells> = None;
    let mut last = (0, 0);
    while let Some((position, value)) = next(&mut cells, last, &mut seeing)? {
        let value = value.or_else(|| unsaved.contains(&position).then_some(Cell::Unsaved));
        last = position;
        let line = u64::from(position.0) + 1;
        if position.1 as usize >= MOST_COLUMNS {
            let problem = both!(
                "row {line} has more than {MOST_COLUMNS} columns",
                "{line} 行目の列が {MOST_COLUMNS} 列を超えています"
            );
            return Err(RegisterError::Workbook { problem });
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
fn next(
    cells: &mut XlsxCellReader<'_, Source>,
    last: (u32, u32),
    seeing: &mut Seeing,
) -> Result<Option<Placed>, RegisterError> {
    match cells.next_cell_with_style_id() {
        Ok(None) => Ok(None),
        Ok(Some((cell, style))) => {
            let format = cells.styles().get(style).and_then(|style| style.number_format.as_ref());
            let code = format.map_or("", |format| format.format_code.as_str());
            Ok(Some((cell.get_position(), value(cell.get_value(), code, seeing))))
        }
        // A value of a kind that came later than the reader, such as #SPILL!; its place is the next.
        Err(XlsxError::CellError(fault)) => Ok(Some(((last.0, last.1 + 1), Some(Cell::Fault(fault))))),
        Err(error) => Err(of_workbook(&error)),
    }
}

/// How the cells of a sheet are seen.
struct Seeing {
    /// By their formats, each read once.
    formats: HashMap<String, Option<NumberFormat>>,
    /// Whether days are counted from 1904 on (ISO/IEC 29500-1 clause 18.17.4.1).
    from_1904: bool,
}

impl Seeing {
    fn new(from_1904: bool) -> Seeing {
        Seeing { formats: HashMap::new(), from_1904 }
    }

    /// What is seen of a number in a format; none if nothing is.
    fn number(&mut self, value: f64, code: &str) -> Option<Cell> {
        if !self.formats.contains_key(code) {
            self.formats.insert(code.to_owned(), NumberFormat::read(code));
        }
        let moment = moment(value, self.from_1904);
        let seen = self.formats[code].as_ref().and_then(|format| format.seen(value, moment));
        Some(match (seen, moment) {
            (Some(Seen::Number { text, .. }), _) if text.is_empty() => return None,
            (Some(Seen::Number { text, value }), _) => {
                let day = moment.filter(|_| value.fract() == 0.0).and_then(|_| of_serial(self.serial(value)));
                Cell::Number { text, value, day }
            }
            (Some(Seen::Time { text, seconds, kind }), _) => Cell::Time { text, seconds, kind },
            (Some(Seen::Day { text }), Some((day, _))) => Cell::Day { day, text: Some(text) },
            (Some(Seen::Day { .. }) | None, _) => Cell::Unseen { value, format: code.to_owned() },
        })
    }

    /// A number that is shown as a day or time.
    fn time(&mut self, time: &ExcelDateTime, code: &str) -> Option<Cell> {
        let cell = self.number(time.as_f64(), code)?;
        let day = moment(time.as_f64(), self.from_1904).map(|(day, _)| day).filter(|_| time.is_datetime());
        Some(match (cell, day) {
            // Formats of short days that are known by their numbers alone, and those with parts that are not known.
            (Cell::Number { .. } | Cell::Unseen { .. }, Some(day)) => Cell::Day { day, text: None },
            (cell, _) => cell,
        })
    }

    /// The number of days, as a spreadsheet counts them from the end of 1899.
    fn serial(&self, value: f64) -> i64 {
        value as i64 + if self.from_1904 { DAYS_TO_1904 } else { 0 }
    }
}

/// Days between the two beginnings of counting.
const DAYS_TO_1904: i64 = 1462;

/// The day and time of a number; 29 February 1900, which spreadsheets know, is none.
fn moment(value: f64, from_1904: bool) -> Option<Moment> {
    let time = ExcelDateTime::new(value, ExcelDateTimeType::DateTime, from_1904);
    let (year, month, day, hour, minute, second, _) = time.to_ymd_hms_milli();
    let part = |part: u8| i8::try_from(part).ok();
    let date = Date::new(i16::try_from(year).ok()?, part(month)?, part(day)?).ok();
    let time = Time::new(part(hour)?, part(minute)?, part(second)?, 0).ok()?;
    // Numbers below one are times without a day.
    date.or_else(|| (value < 1.0).then(|| Date::new(1899, 12, 31).ok()).flatten()).map(|date| (date, time))
}

fn value(value: &DataRef<'_>, format: &str, seeing: &mut Seeing) -> Option<Cell> {
    match value {
        DataRef::Empty => None,
        DataRef::Int(value) => seeing.number(*value as f64, format),
        DataRef::Float(value) => seeing.number(*value, format),
        DataRef::String(text) => Cell::text(text),
        DataRef::SharedString(text) => Cell::text(text),
        DataRef::Bool(value) => Some(Cell::Truth(*value)),
        DataRef::DateTime(time) => seeing.time(time, format),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Cell::text(text),
        DataRef::Error(fault) => Some(Cell::Fault(fault.to_string())),
    }
}

/// The sheet that is read, and what to tell about the others.
fn choose(workbook: &mut Xlsx<Source>, wanted: Option<&str>) -> Result<(String, Vec<Words>), RegisterError> {
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
    let others = tables.iter().filter(|sheet| sheet.name != chosen).map(|sheet| {
        let name = shortened(&sheet.name);
        match sheet.visible {
            SheetVisible::Visible => both!(
                "the sheet {name:?} is not read; --sheet names another one",
                "シート {name:?} は読み取りません。別のシートは --sheet で指定できます"
            ),
            _ => both!("the sheet {name:?}, which is hidden, is not read", "非表示のシート {name:?} は読み取りません"),
        }
    });
    Ok((chosen.clone(), others.collect()))
}

fn is_empty(workbook: &mut Xlsx<Source>, sheet: &str) -> Result<bool, RegisterError> {
    let mut cells = workbook.worksheet_cells_reader(sheet).map_err(|error| of_workbook(&error))?;
    let (mut last, mut seeing) = ((0, 0), Seeing::new(false));
    while let Some((position, cell)) = next(&mut cells, last, &mut seeing)? {
        if cell.is_some() {
            return Ok(false);
        }
        last = position;
    }
    Ok(true)
}

fn of_workbook(error: &XlsxError) -> RegisterError {
    match error {
        XlsxError::Password => RegisterError::Kind { found: locked(), advice: WITHOUT_PASSWORD },
        error => {
            let problem = both!(
                "it is damaged; its reader says: {error}",
                "壊れています（読み取りプログラムの言葉では「{error}」）"
            );
            RegisterError::Workbook { problem }
        }
    }
}

fn unreadable(problem: Words) -> RegisterError {
    RegisterError::Workbook { problem }
}
