//! The headers of a table. In: its first rows. Out: which column is which member, and the rows below, each as completion data.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

use super::cell::{Cells, shortened};
use super::column::{Column, KEY, columns};
use super::error::RegisterError;
use super::mapping::Mapping;
use super::reading::Reading;
use super::{ColumnReading, Format, Options, Register, Rows, UnknownColumns, fold};

/// Rows that are looked at for headers: titles and dates of printing may stand above them.
const FIRST_ROWS: usize = 20;

/// The headers of a table.
pub(super) struct Heading {
    line: u64,
    columns: Vec<ColumnReading>,
    notes: Vec<String>,
    reading: Reading,
}

/// A table as it is read from a file: what breaks it off ends it.
type Table = Box<dyn Iterator<Item = Result<Cells, RegisterError>> + Send>;

impl Heading {
    /// Finds the row of headers: the first with two that are known. Gives it with the rows below it.
    pub(super) fn find(
        table: impl Iterator<Item = Result<Cells, RegisterError>> + Send + 'static,
        options: &Options,
    ) -> Result<(Heading, Table), RegisterError> {
        let mut table = table;
        let mapping = options.mapping.clone().unwrap_or_default();
        let finder =
            Finder { columns: options.columns.clone().unwrap_or_else(columns), mapping, key: options.key.clone() };
        let mut above: Vec<u64> = Vec::new();
        let mut first: Option<String> = None;
        for row in table.by_ref().take(FIRST_ROWS) {
            let row = row?;
            if finder.known(&row) >= 2 {
                let heading = finder.heading(&row, &above, options)?;
                return Ok((heading, Box::new(table)));
            }
            first.get_or_insert_with(|| headers(row.cells.iter().map(|(_, cell)| cell.shown())));
            above.push(row.line);
        }
        let Some(found) = first else { return Err(RegisterError::Empty) };
        let wanted = finder.columns.iter().filter(|column| column.required).filter_map(|column| column.headers.first());
        Err(RegisterError::NoHeaders { found, wanted: wanted.cloned().collect::<Vec<_>>().join(", ") })
    }

    /// The register of these rows.
    pub(super) fn register(self, format: Format, rows: Table) -> Register {
        let Heading { line, columns, notes, reading } = self;
        let mut last = line;
        let mut over = false;
        let rows = rows.map_while(move |row| {
            let row = match row {
                _ if over => return None,
                Ok(cells) => reading.row(&cells),
                Err(problem) => {
                    over = true;
                    super::reading::broken_off(last, &problem)
                }
            };
            last = row.line;
            Some(row)
        });
        Register { format, encoding: None, sheet: None, columns, notes, rows: Rows::new(rows) }
    }
}

/// What finds members for headers.
struct Finder {
    columns: Vec<Column>,
    mapping: Mapping,
    key: Option<String>,
}

/// What a header is.
enum Found {
    /// A member of that place among the columns, and how little the header counts for it.
    Known(usize, usize),
    LeftOut,
    Unknown,
}

impl Finder {
    fn known(&self, row: &Cells) -> usize {
        row.cells.iter().filter(|(_, cell)| matches!(self.find(&cell.shown()), Ok(Found::Known(..)))).count()
    }

    fn find(&self, header: &str) -> Result<Found, RegisterError> {
        let mapped = self.mapping.columns.iter().find(|(known, _)| fold::header(known) == fold::header(header));
        if let Some((known, member)) = mapped {
            if member.is_empty() {
                return Ok(Found::LeftOut);
            }
            return match self.columns.iter().position(|column| column.member == *member) {
                Some(place) => Ok(Found::Known(place, 0)),
                None => Err(self.no_such_member(known, member)),
            };
        }
        let rank = |header: &str| {
            let ranks = self.columns.iter().enumerate();
            ranks.filter_map(|(place, column)| Some((place, column.rank(header)?))).next()
        };
        // Of 氏名（必須） what stands before the parenthesis, if the whole is not known.
        let short = header.split(['(', '（', '\n']).next().filter(|short| short.len() < header.len());
        let found = rank(header).or_else(|| short.and_then(rank));
        Ok(found.map_or(Found::Unknown, |(place, rank)| Found::Known(place, rank + 1)))
    }

    fn no_such_member(&self, header: &str, member: &str) -> RegisterError {
        let known: Vec<&str> = self.columns.iter().map(|column| column.member.as_str()).collect();
        let problem = format!("{header:?} = {member:?}: there is no such member; wanted one of {}", known.join(", "));
        RegisterError::Mapping { problem }
    }

    fn heading(self, row: &Cells, above: &[u64], options: &Options) -> Result<Heading, RegisterError> {
        let found = headers(row.cells.iter().map(|(_, cell)| cell.shown()));
        self.check_headers(row)?;
        let mut columns: Vec<(usize, ColumnReading)> = Vec::new();
        let mut taken: HashMap<usize, (usize, usize)> = HashMap::new(); // column → rank, place in `columns`
        for (place, cell) in &row.cells {
            let header = cell.shown();
            let mut reading = ColumnReading { header: header.clone(), member: None, note: None };
            match self.find(&header)? {
                Found::LeftOut => reading.note = Some("left out, as the mapping says".to_owned()),
                Found::Unknown => reading.note = Some("not known, so left out".to_owned()),
                Found::Known(column, rank) => {
                    let member = &self.columns[column].member;
                    reading.member = Some(member.clone());
                    if let Some((other_rank, other)) = taken.get(&column).copied() {
                        let other: &mut ColumnReading = &mut columns[other].1;
                        if other_rank == rank {
                            let (member, first, second) = (member.clone(), other.header.clone(), header);
                            return Err(RegisterError::DuplicateMember { member, first, second });
                        }
                        let (better, worse) =
                            if rank < other_rank { (&mut reading, other) } else { (other, &mut reading) };
                        worse.member = None;
                        worse.note = Some(format!("left out, since {member} is read from {}", better.header));
                    }
                    if reading.member.is_some() {
                        taken.insert(column, (rank, columns.len()));
                    }
                }
            }
            columns.push((*place, reading));
        }
        let key = self.key(&mut columns, &found)?;
        self.check_unknown(&columns, options.unknown_columns)?;
        let constants = self.constants()?;
        self.check_lacking(&columns, &constants, &found)?;
        let notes = match above {
            [] => Vec::new(),
            above => vec![format!(
                "the headers stand in line {}; what stands above is left out ({} lines)",
                row.line,
                above.len()
            )],
        };
        let readings: Vec<ColumnReading> = columns.iter().map(|(_, reading)| reading.clone()).collect();
        let order = self.mapping.date_order;
        let reading = Reading { columns, known: self.columns, constants, order, key };
        Ok(Heading { line: row.line, columns: readings, notes, reading })
    }

    fn check_headers(&self, row: &Cells) -> Result<(), RegisterError> {
        let mut known: HashMap<String, usize> = HashMap::new();
        for (place, cell) in &row.cells {
            let header = cell.shown();
            if let Some(first) = known.insert(header.clone(), *place) {
                return Err(RegisterError::DuplicateHeader { header, first: letters(first), second: letters(*place) });
            }
        }
        let headers: Vec<String> = row.cells.iter().map(|(_, cell)| fold::header(&cell.shown())).collect();
        match self.mapping.columns.keys().find(|header| !headers.contains(&fold::header(header))) {
            Some(header) => {
                let found = self::headers(row.cells.iter().map(|(_, cell)| cell.shown()));
                Err(RegisterError::NoSuchColumn { header: header.clone(), found })
            }
            None => Ok(()),
        }
    }

    fn check_unknown(&self, columns: &[(usize, ColumnReading)], wanted: UnknownColumns) -> Result<(), RegisterError> {
        let unknown =
            |reading: &&ColumnReading| reading.note.as_deref().is_some_and(|note| note.starts_with("not known"));
        let unknown: Vec<&str> =
            columns.iter().map(|(_, reading)| reading).filter(unknown).map(|reading| reading.header.as_str()).collect();
        match (wanted, unknown.first()) {
            (UnknownColumns::Refused, Some(example)) => {
                Err(RegisterError::UnknownColumns { found: unknown.join(", "), example: (*example).to_owned() })
            }
            _ => Ok(()),
        }
    }

    /// The place of the column with the keys: one that was named may hold a member too.
    fn key(&self, columns: &mut [(usize, ColumnReading)], found: &str) -> Result<Option<usize>, RegisterError> {
        let Some(named) = self.key.as_ref().or(self.mapping.key.as_ref()) else {
            let known = columns.iter().find(|(_, reading)| reading.member.as_deref() == Some(KEY));
            return Ok(known.map(|(place, _)| *place));
        };
        match columns.iter_mut().find(|(_, reading)| fold::header(&reading.header) == fold::header(named)) {
            Some((place, reading)) => {
                if reading.member.is_none() {
                    (reading.member, reading.note) = (Some(KEY.to_owned()), None);
                }
                Ok(Some(*place))
            }
            None => Err(RegisterError::NoSuchColumn { header: named.clone(), found: found.to_owned() }),
        }
    }

    fn constants(&self) -> Result<Arc<BTreeMap<String, Value>>, RegisterError> {
        for member in self.mapping.constants.keys() {
            let known =
                |column: &Column| column.member == *member || member.starts_with(&format!("{}[", column.member));
            if !self.columns.iter().any(known) {
                return Err(self.no_such_member("constants", member));
            }
        }
        Ok(Arc::new(self.mapping.constants.clone()))
    }

    fn check_lacking(
        &self,
        columns: &[(usize, ColumnReading)],
        constants: &BTreeMap<String, Value>,
        found: &str,
    ) -> Result<(), RegisterError> {
        let is_there = |member: &str| {
            constants.contains_key(member)
                || columns.iter().any(|(_, reading)| reading.member.as_deref() == Some(member))
        };
        let lacking = self.columns.iter().filter(|column| column.required && !is_there(&column.member));
        let mut lacking: Vec<String> = lacking.map(wanted).collect();
        let amounts = ["achievement.hours", "achievement.credits"];
        let amount = self.columns.iter().find(|column| column.member == amounts[0]);
        if let Some(amount) = amount.filter(|_| !amounts.iter().any(|member| is_there(member))) {
            lacking.push(format!("{} or achievement.credits", wanted(amount)));
        }
        match lacking.is_empty() {
            true => Ok(()),
            false => Err(RegisterError::MissingColumns { lacking, found: found.to_owned() }),
        }
    }
}

fn wanted(column: &Column) -> String {
    let headers: Vec<&str> = column.headers.iter().take(2).map(String::as_str).collect();
    format!("{} (such as {})", column.member, headers.join(", "))
}

/// Headers for a message.
fn headers(shown: impl Iterator<Item = String>) -> String {
    let all: Vec<String> = shown.take(30).map(|header| shortened(&header)).collect();
    all.join(", ")
}

/// The letters of a column in a spreadsheet: 0 is A, 26 is AA.
pub(super) fn letters(place: usize) -> String {
    let (mut rest, mut letters) = (place + 1, Vec::new());
    while rest > 0 {
        letters.insert(0, b'A' + u8::try_from((rest - 1) % 26).unwrap_or(0));
        rest = (rest - 1) / 26;
    }
    String::from_utf8_lossy(&letters).into_owned()
}
