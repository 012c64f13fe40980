//! The headers of a table. In: its first rows. Out: which column is which member, and the rows below, each as completion data.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use serde_json::Value;

use super::cell::{Cells, shortened};
use super::column::{Index, KEY, TEMPLATE, first_headers};
use super::error::RegisterError;
use super::mapping::Mapping;
use super::reading::{Place, Reading};
use super::words::{Words, both};
use super::{ColumnReading, Format, Options, Register, Rows, UnknownColumns, Whose, constants, fold};
use crate::template::{Column, ColumnKind};

/// Rows that are looked at for headers: titles and dates of printing may stand above them.
const FIRST_ROWS: usize = 20;

/// What is told of a column that nobody knows.
const UNKNOWN: (&str, &str) = ("not known, so left out", "未対応の列のため使いません");

/// What is told of a column that the mapping leaves out.
const LEFT_OUT: (&str, &str) = ("left out, as the mapping says", "対応表の指定により使いません");

/// The most texts of a list, and rows of a table, that a mapping gives every row.
const MOST_LISTED: usize = 1000;

/// The headers of a table.
pub(super) struct Heading {
    /// Where the headers stand.
    pub(super) line: u64,
    columns: Vec<ColumnReading>,
    notes: Vec<Words>,
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
        let mut finder = Finder::new(options, false);
        let mut above: Vec<u64> = Vec::new();
        let mut first: Option<String> = None;
        let mut seen: HashSet<String> = HashSet::new();
        let mut lone: Option<Cells> = None;
        for row in table.by_ref().take(FIRST_ROWS) {
            let row = row?;
            if let Some(found) = row.beyond() {
                return Err(RegisterError::TooManyColumns { line: row.line, found });
            }
            let known = finder.known(&row);
            if known >= 2 {
                if finder.names_templates(&row) {
                    finder = Finder::new(options, true);
                }
                let heading = finder.heading(&row, &above, options)?;
                return Ok((heading, Box::new(table)));
            }
            first.get_or_insert_with(|| headers(row.cells.iter().map(|(_, cell)| cell.shown())));
            seen.extend(row.cells.iter().map(|(_, cell)| fold::header(&cell.shown())));
            above.push(row.line);
            if known == 1 && lone.as_ref().is_none_or(|lone| lone.cells.len() < row.cells.len()) {
                lone = Some(row);
            }
        }
        let Some(found) = first else { return Err(RegisterError::Empty) };
        finder.check_mapping(&seen, &found, options)?;
        if let Some(lone) = lone {
            // Where one header is known it is told which are lacking.
            finder.constants().and_then(|constants| {
                let found = headers(lone.cells.iter().map(|(_, cell)| cell.shown()));
                let columns: Vec<Place> = finder.heads(&lone)?.into_iter().map(place_of).collect();
                finder.check_lacking(&columns, &constants, lone.line, &found)
            })?;
        }
        let wanted = finder.index.columns.iter().filter(|column| column.required);
        let wanted = wanted.map(|column| column.headers.ja.as_str()).collect::<Vec<_>>().join(", ");
        Err(RegisterError::NoHeaders { found, wanted })
    }

    /// The places of the columns of data.
    pub(super) fn places(&self) -> Vec<usize> {
        let known = self.reading.columns.iter().filter(|column| column.reading.member.is_some());
        known.map(|column| column.place).collect()
    }

    /// The register of these rows.
    pub(super) fn register(self, format: Format, rows: Table, whose: Whose) -> Register {
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
        Register {
            format,
            encoding: None,
            sheet: None,
            columns: columns.clone(),
            notes,
            rows: Rows::new(rows, columns, whose),
        }
    }
}

/// What finds members for headers.
struct Finder {
    index: Index,
    mapping: Mapping,
    key: Option<String>,
}

/// What a header is.
enum Found {
    /// One of these columns, that first which is meant first; and how little the header counts for each.
    Known(Vec<(Column, usize)>),
    LeftOut,
    Unknown,
}

/// A header of the table, and what it may be.
struct Head {
    place: usize,
    header: String,
    columns: std::vec::IntoIter<(Column, usize)>,
    /// What it is, as far as is known by now.
    column: Option<(Column, usize)>,
    note: Option<Words>,
}

impl Head {
    /// Another header counts more for its column: the next column that it may be.
    fn yields_to(&mut self, better: &str) {
        let member = self.column.take().map(|(column, _)| column.member).unwrap_or_default();
        self.note = Some(both!(
            "left out, since {member} is read from {better}",
            "{member} は {better} から読み取るため使いません"
        ));
        self.column = self.columns.next();
    }
}

impl Finder {
    fn new(options: &Options, rows_name_templates: bool) -> Finder {
        let mapping = options.mapping.clone().unwrap_or_default();
        let rows_name_templates = rows_name_templates || mapping.constants.contains_key(TEMPLATE);
        let index = Index::new(options.columns.chosen(rows_name_templates));
        Finder { index, mapping, key: options.key.clone() }
    }

    fn known(&self, row: &Cells) -> usize {
        row.cells.iter().filter(|(_, cell)| matches!(self.find(&cell.shown()), Ok(Found::Known(_)))).count()
    }

    fn names_templates(&self, row: &Cells) -> bool {
        row.cells.iter().any(|(_, cell)| match self.find(&cell.shown()) {
            Ok(Found::Known(columns)) => columns.first().is_some_and(|(column, _)| column.member == TEMPLATE),
            _ => false,
        })
    }

    fn find(&self, header: &str) -> Result<Found, RegisterError> {
        let mapped = self.mapping.columns.iter().find(|(known, _)| fold::header(known) == fold::header(header));
        if let Some((known, member)) = mapped {
            if member.is_empty() {
                return Ok(Found::LeftOut);
            }
            return match self.index.of_member(member) {
                Some(column) => Ok(Found::Known(vec![(column, 0)])),
                None => Err(self.no_such_member(known, member)),
            };
        }
        // Of 氏名（必須） what stands before the parenthesis, if the whole is not known.
        let short = header.split(['(', '（', '\n']).next().filter(|short| short.len() < header.len());
        let named = |header: &str| Some(self.index.named(header)).filter(|found| !found.is_empty());
        let found = named(header).or_else(|| short.and_then(named));
        let ranked = |found: Vec<(Column, usize)>| found.into_iter().map(|(column, rank)| (column, rank + 1)).collect();
        Ok(found.map_or(Found::Unknown, |found| Found::Known(ranked(found))))
    }

    /// What is wrong with a mapping by which no header is known: a member that there is not, by whichever template, or a column.
    fn check_mapping(&self, seen: &HashSet<String>, found: &str, options: &Options) -> Result<(), RegisterError> {
        let any = Finder::new(options, true);
        let is_none = |member: &String| !member.is_empty() && any.index.of_member(member).is_none();
        if let Some((header, member)) = self.mapping.columns.iter().find(|(_, member)| is_none(member)) {
            return Err(any.no_such_member(header, member));
        }
        any.constants()?;
        match self.mapping.columns.keys().find(|header| !seen.contains(&fold::header(header))) {
            Some(header) => Err(RegisterError::NoSuchColumn { header: header.clone(), found: found.to_owned() }),
            None => Ok(()),
        }
    }

    fn no_such_member(&self, header: &str, member: &str) -> RegisterError {
        let known: Vec<&str> = self.index.columns.iter().map(|column| column.member.as_str()).collect();
        let known = known.join(", ");
        let problem = both!(
            "{header:?} = {member:?}: there is no such member; wanted one of {known}",
            "{header:?} = {member:?}: そのような項目はありません（あるのは {known}）"
        );
        RegisterError::Mapping { problem }
    }

    fn heading(self, row: &Cells, above: &[u64], options: &Options) -> Result<Heading, RegisterError> {
        let found = headers(row.cells.iter().map(|(_, cell)| cell.shown()));
        self.check_headers(row)?;
        let mut columns: Vec<Place> = self.heads(row)?.into_iter().map(place_of).collect();
        let key = self.key(&mut columns, &found)?;
        self.check_unknown(&columns, options.unknown_columns)?;
        let constants = self.constants()?;
        self.check_lacking(&columns, &constants, row.line, &found)?;
        let readings: Vec<ColumnReading> = columns.iter().map(|column| column.reading.clone()).collect();
        constants::check_apart(&constants, &readings)?;
        let notes = match above {
            [] => Vec::new(),
            above => {
                let (line, count) = (row.line, above.len());
                vec![both!(
                    "the headers stand in line {line}; what stands above is left out ({count} lines)",
                    "見出しは {line} 行目にあります。それより上の {count} 行は使いません"
                )]
            }
        };
        let order = self.mapping.date_order;
        let reading = Reading { columns, readings: readings.clone(), known: self.index.columns, constants, order, key };
        Ok(Heading { line: row.line, columns: readings, notes, reading })
    }

    /// What each header is: of two for one column that which counts more; the other is the next column that it may be.
    fn heads(&self, row: &Cells) -> Result<Vec<Head>, RegisterError> {
        let mut heads = Vec::with_capacity(row.cells.len());
        for (place, cell) in &row.cells {
            let header = cell.shown();
            let (columns, note) = match self.find(&header)? {
                Found::LeftOut => (Vec::new(), Some(LEFT_OUT)),
                Found::Unknown => (Vec::new(), Some(UNKNOWN)),
                Found::Known(columns) => (columns, None),
            };
            let mut columns = columns.into_iter();
            let column = columns.next();
            let note = note.map(|(en, ja)| Words { en: en.to_owned(), ja: ja.to_owned() });
            heads.push(Head { place: *place, header: one_line(&header), columns, column, note });
        }
        while let Some((worse, better)) = rivals(&heads)? {
            let better = heads[better].header.clone();
            heads[worse].yields_to(&better);
        }
        Ok(heads)
    }

    fn check_headers(&self, row: &Cells) -> Result<(), RegisterError> {
        let mut known: HashMap<String, usize> = HashMap::new();
        for (place, cell) in &row.cells {
            let header = one_line(&cell.shown());
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

    fn check_unknown(&self, columns: &[Place], wanted: UnknownColumns) -> Result<(), RegisterError> {
        let readings = columns.iter().map(|column| &column.reading);
        let unknown = readings.filter(|reading| reading.note.as_deref() == Some(UNKNOWN.0));
        let unknown: Vec<&str> = unknown.map(|reading| reading.header.as_str()).collect();
        match (wanted, unknown.first()) {
            (UnknownColumns::Refused, Some(example)) => {
                Err(RegisterError::UnknownColumns { found: unknown.join(", "), example: (*example).to_owned() })
            }
            _ => Ok(()),
        }
    }

    /// The place of the column with the keys: one that was named may hold a member too.
    fn key(&self, columns: &mut [Place], found: &str) -> Result<Option<usize>, RegisterError> {
        let Some(named) = self.key.as_ref().or(self.mapping.key.as_ref()) else {
            let known = columns.iter().find(|column| column.reading.member.as_deref() == Some(KEY));
            return Ok(known.map(|column| column.place));
        };
        match columns.iter_mut().find(|column| fold::header(&column.reading.header) == fold::header(named)) {
            Some(Place { place, reading, .. }) => {
                if reading.member.is_none() {
                    (reading.member, reading.note, reading.note_ja) = (Some(KEY.to_owned()), None, None);
                }
                Ok(Some(*place))
            }
            None => Err(RegisterError::NoSuchColumn { header: named.clone(), found: found.to_owned() }),
        }
    }

    fn constants(&self) -> Result<Arc<BTreeMap<String, Value>>, RegisterError> {
        for member in self.mapping.constants.keys() {
            let list = member.split_once('[').and_then(|(list, rest)| Some((list, rest.split_once(']')?.0)));
            let is_place = |place: &str| place.parse::<usize>().is_ok_and(|place| place < MOST_LISTED);
            let in_a_list = |column: &Column| {
                list.is_some_and(|(list, place)| column.member == list && is_place(place))
                    && matches!(column.kind, ColumnKind::List | ColumnKind::Table)
            };
            if self.index.of_member(member).is_none() && !self.index.columns.iter().any(in_a_list) {
                return Err(self.no_such_member("constants", member));
            }
        }
        constants::check(&self.mapping.constants, &self.index.columns)?;
        Ok(Arc::new(self.mapping.constants.clone()))
    }

    fn check_lacking(
        &self,
        columns: &[Place],
        constants: &BTreeMap<String, Value>,
        line: u64,
        found: &str,
    ) -> Result<(), RegisterError> {
        let members = columns.iter().filter_map(|column| column.reading.member.as_deref());
        let members: Vec<&str> = members.chain(constants.keys().map(String::as_str)).collect();
        let is_there = |member: &str| {
            let within = |other: &str| other.strip_prefix(member).is_some_and(|rest| rest.starts_with('['));
            members.iter().any(|other| *other == member || within(other))
        };
        let known = &self.index.columns;
        let lacking = known.iter().filter(|column| column.required && !is_there(&column.member));
        let mut lacking: Vec<String> = lacking.map(wanted).collect();
        let amounts = ["achievement.hours", "achievement.credits"];
        let achievement = known.iter().any(|column| column.required && column.member == "achievement.criteria");
        let amount = known.iter().find(|column| achievement && column.member == amounts[0]);
        if let Some(amount) = amount.filter(|_| !amounts.iter().any(|member| is_there(member))) {
            lacking.push(format!("{} or achievement.credits", wanted(amount)));
        }
        match lacking.is_empty() {
            true => Ok(()),
            false => Err(RegisterError::MissingColumns { lacking, found: found.to_owned(), line, merged: None }),
        }
    }
}

/// Two headers for one column: that which counts less, and that which counts more. Of members that no header counts more for, both are told.
fn rivals(heads: &[Head]) -> Result<Option<(usize, usize)>, RegisterError> {
    let mut taken: HashMap<&str, (usize, usize)> = HashMap::new();
    for (place, head) in heads.iter().enumerate() {
        let Some((column, rank)) = &head.column else { continue };
        let Some((other, other_rank)) = taken.insert(&column.member, (place, *rank)) else { continue };
        return match rank.cmp(&other_rank) {
            Ordering::Less => Ok(Some((other, place))),
            Ordering::Greater => Ok(Some((place, other))),
            Ordering::Equal => Err(RegisterError::DuplicateMember {
                member: column.member.clone(),
                first: heads[other].header.clone(),
                second: head.header.clone(),
            }),
        };
    }
    Ok(None)
}

/// How a column is read. A table fits no cell.
fn place_of(head: Head) -> Place {
    let Head { place, header, column, note, .. } = head;
    let column = column.map(|(column, _)| column);
    let (column, note) = match column {
        Some(table) if table.kind == ColumnKind::Table => {
            let (member, columns) = (&table.member, first_headers(&table));
            let note = both!(
                "left out, since {member} is a table: it is read from columns such as {columns}, or from JSON",
                "{member} は表のため使いません。{columns} のような列、または JSON から読み取ります"
            );
            (None, Some(note))
        }
        Some(column) => (Some(column), None),
        None => (None, note),
    };
    let member = column.as_ref().map(|column| column.member.clone());
    let (note, note_ja) = note.map(|Words { en, ja }| (en, ja)).unzip();
    Place { place, reading: ColumnReading { header, member, note, note_ja }, column }
}

fn wanted(column: &Column) -> String {
    let headers = match column.kind {
        ColumnKind::Table => first_headers(column),
        _ => column.headers.all().take(2).collect::<Vec<_>>().join(", "),
    };
    format!("{} (such as {headers})", column.member)
}

/// A header for messages, and for whoever looks at columns: a cell may have it on several lines.
fn one_line(header: &str) -> String {
    match header.contains(|one: char| one.is_control() || matches!(one, '\u{2028}' | '\u{2029}')) {
        true => header.split_whitespace().collect::<Vec<_>>().join(" "),
        false => header.to_owned(),
    }
}

/// Headers for a message.
fn headers(shown: impl Iterator<Item = String>) -> String {
    let all: Vec<String> = shown.take(30).map(|header| shortened(&one_line(&header))).collect();
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
