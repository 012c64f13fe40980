//! Rows of a table as completion data. In: the cells of a row. Out: a [`Row`], with everything that is wrong with it.
//!
//! The rules for completion data stop at the first member that breaks one. A registrar wants to know all of them at once: what is
//! wrong is told, something that passes takes its place, and the rest is checked again, until nothing is left.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::completion::Completion;
use crate::error::Error;

use super::cell::{Cell, Cells};
use super::column::{KEY, ORGANIZATION};
use super::delimited::MOST_COLUMNS;
use super::error::{CellError, RegisterError, column_of};
use super::heading::letters;
use super::mapping::DateOrder;
use super::words::{Words, both, of_member};
use super::{ColumnReading, Row};
use crate::template::{Column, ColumnKind as Kind};

/// The most faults that are told of a row.
const MOST_FAULTS: usize = 40;

/// The member whose cells may hold durations.
pub(super) const HOURS: &str = "achievement.hours";

/// How the rows below some headers are read.
pub(super) struct Reading {
    /// The columns, in their order.
    pub(super) columns: Vec<Place>,
    /// The same for messages.
    pub(super) readings: Vec<ColumnReading>,
    /// Those that are known.
    pub(super) known: Vec<Column>,
    pub(super) constants: Arc<BTreeMap<String, Value>>,
    pub(super) order: DateOrder,
    /// The place of the column with the keys.
    pub(super) key: Option<usize>,
}

/// A column at its place, from 0, and which it is; none if it is left out.
pub(super) struct Place {
    pub(super) place: usize,
    pub(super) reading: ColumnReading,
    pub(super) column: Option<Column>,
}

impl Reading {
    /// The completion data of a row.
    pub(super) fn row(&self, cells: &Cells) -> Row {
        let line = cells.line;
        if let Some(found) = cells.beyond() {
            return Row::faulty(line, too_many_columns(line, found));
        }
        let mut draft = Draft { line, data: Map::new(), errors: Vec::new() };
        let constants = self.constants.iter();
        for (member, value) in constants.filter(|(member, _)| *member != ORGANIZATION) {
            draft.set(member, value.clone());
        }
        let (mut key, mut organization) = (None, self.constants.get(ORGANIZATION).map(text));
        for (place, cell) in &cells.cells {
            let Ok(found) = self.columns.binary_search_by_key(place, |column| column.place) else {
                draft.stray(*place, cell, &self.columns);
                continue;
            };
            let Place { reading, column, .. } = &self.columns[found];
            if self.key == Some(*place) {
                key = draft.value(reading, cell, Kind::Id, self.order).map(|value| text(&value));
            }
            let Some(column) = column.as_ref().filter(|column| column.member != KEY) else { continue };
            match draft.value(reading, cell, column.kind, self.order) {
                Some(value) if column.member == ORGANIZATION => organization = Some(text(&value)),
                Some(value) => draft.set(&column.member, value),
                None => draft.stand_in(column),
            }
        }
        self.check_required(&mut draft);
        let content = draft.completion(&self.readings, &self.known);
        Row { line, key, organization, content, note: None, identity: None }
    }

    fn check_required(&self, draft: &mut Draft) {
        for column in self.known.iter().filter(|column| column.required) {
            let is_there = value_at(&draft.data, &column.member).is_some();
            if is_there {
                continue;
            }
            let (place, member) = (column_of(&column.member, &self.readings), Some(column.member.clone()));
            let message = both!("wanted a value, found an empty cell", "値が必要ですが、セルが空です");
            let advice = ("fill the cell in", "セルに記入してください");
            draft.errors.push(CellError::of_cell(draft.line, place, member, message, advice));
            draft.stand_in(column);
        }
    }
}

fn too_many_columns(line: u64, found: usize) -> CellError {
    let message = both!(
        "wanted at most {MOST_COLUMNS} cells in a row, found {found}",
        "1 行のセルは {MOST_COLUMNS} 個までですが、{found} 個あります"
    );
    let advice = ("look for a line break that is lacking", "改行が抜けていないか確かめてください");
    CellError::of_row(line, message, advice)
}

/// The last row of a file that broke off there.
pub(super) fn broken_off(last: u64, problem: &RegisterError) -> Row {
    let told = problem.in_japanese();
    let message =
        both!("after line {last} nothing more can be read: {problem}", "{last} 行目より下は読めません: {told}");
    let advice =
        ("save the file anew; what stands above was read", "ファイルを保存し直してください。ここより上は読みました");
    let error = CellError::of_row(last + 1, message, advice);
    Row::faulty(last + 1, error)
}

/// Completion data from JSON, or everything that is wrong with it.
pub(super) fn of_json(line: u64, data: Map<String, Value>) -> Result<Completion, Vec<CellError>> {
    Draft { line, data, errors: Vec::new() }.completion(&[], &super::column::general())
}

/// Completion data that is being put together.
struct Draft {
    line: u64,
    data: Map<String, Value>,
    errors: Vec<CellError>,
}

impl Draft {
    fn set(&mut self, member: &str, value: Value) {
        set(&mut self.data, member, value);
    }

    /// The value of a cell; none if it is empty or wrong, which is told.
    fn value(&mut self, reading: &ColumnReading, cell: &Cell, kind: Kind, order: DateOrder) -> Option<Value> {
        let hours = reading.member.as_deref() == Some(HOURS);
        let cell = if hours { cell.in_hours() } else { Ok(cell.clone()) };
        cell.and_then(|cell| cell.value(kind, order)).unwrap_or_else(|wrong| {
            let (column, member) = (Some(reading.header.clone()), reading.member.clone());
            let told = CellError::of_cell(self.line, column, member, wrong.message, wrong.advice);
            if !self.errors.contains(&told) {
                self.errors.push(told);
            }
            None
        })
    }

    /// Something that passes, where what is there was told to be wrong.
    fn stand_in(&mut self, column: &Column) {
        let told = self.errors.iter().any(|error| error.member.as_deref() == Some(&column.member));
        if told && (column.required || column.member.contains("outcomes") || column.member == HOURS) {
            self.set(&column.member, passing(column.kind));
        }
    }

    /// A cell that is below no header.
    fn stray(&mut self, place: usize, cell: &Cell, columns: &[Place]) {
        if self.errors.len() >= MOST_FAULTS {
            return;
        }
        let beyond = columns.iter().all(|column| column.place < place);
        let advice = match beyond {
            true => (
                "look for a comma, or what divides the cells, in a text: such a text stands in quotation marks",
                "文中のコンマ（区切り文字）を探してください。そのような文字列は引用符で囲みます",
            ),
            false => ("give the column a header, or empty the cell", "列に見出しを付けるか、セルを空にしてください"),
        };
        let shown = crate::error::shortened(&cell.shown());
        let message =
            both!("wanted no value below no header, found {shown:?}", "見出しのない列に値があります: {shown:?}");
        self.errors.push(CellError::of_cell(self.line, Some(letters(place)), None, message, advice));
    }

    /// The completion data, if nothing is wrong.
    fn completion(mut self, columns: &[ColumnReading], known: &[Column]) -> Result<Completion, Vec<CellError>> {
        tidy(&mut self.data);
        while self.errors.len() < MOST_FAULTS {
            let text = serde_json::to_vec(&self.data).expect("texts and numbers can be written as JSON");
            let error = match Completion::from_json(&text) {
                Ok(completion) if self.errors.is_empty() => return Ok(completion),
                Ok(_) => break,
                Err(error) => error,
            };
            let (path, error) = without_place(error);
            let member = lacking_member(&path, &error);
            let mut told = CellError::of(self.line, &error, columns);
            if member != path {
                (told.column, told.member) = (column_of(&member, columns), Some(member.clone()));
                if let Error::CompletionUnreadable { problem, .. } = &error
                    && let Some(Words { en, ja }) = of_member(problem)
                {
                    (told.message, told.message_ja) = (en, ja);
                }
            }
            if self.errors.iter().any(|known| known.member == told.member && known.message == told.message) {
                break; // what was put in its place does not pass either
            }
            self.errors.push(told);
            self.mend(&member, known);
        }
        let place = |error: &CellError| columns.iter().position(|column| Some(&column.header) == error.column.as_ref());
        self.errors.sort_by_key(|error| place(error).unwrap_or(usize::MAX));
        Err(self.errors)
    }

    /// Takes out what is wrong, or puts something in its place that passes.
    fn mend(&mut self, member: &str, known: &[Column]) {
        remove(&mut self.data, member);
        if let Some(column) = known.iter().find(|column| column.member == member) {
            self.stand_in(column);
        } else if member.ends_with(".ja") {
            self.set(member, json!("x"));
        }
    }
}

/// A value that passes where one of that kind is wanted.
pub(super) fn passing(kind: Kind) -> Value {
    match kind {
        Kind::Date => json!("2000-01-01"),
        Kind::Number | Kind::Money => json!(1),
        Kind::List | Kind::Table => json!([]),
        Kind::Text | Kind::LongText | Kind::Id | Kind::RegistrationNumber => json!("x"),
    }
}

/// The member that an error is about, and the error without the place in JSON that nobody wrote.
fn without_place(error: Error) -> (String, Error) {
    match error {
        Error::CompletionUnreadable { path, problem } => {
            let problem = problem.split(" at line ").next().unwrap_or_default().to_owned();
            let error = Error::CompletionUnreadable { path: path.clone(), problem };
            (path, error)
        }
        Error::CompletionInvalid { path, expected, found } => {
            (path.clone(), Error::CompletionInvalid { path, expected, found })
        }
        other => (".".to_owned(), other),
    }
}

/// The member itself where its object was told to lack it.
fn lacking_member(path: &str, error: &Error) -> String {
    let Error::CompletionUnreadable { problem, .. } = error else {
        let amount = path == "achievement"; // hours or credits
        return if amount { "achievement.hours" } else { path }.to_owned();
    };
    let name = ["missing field `", "unknown field `"].iter().find_map(|words| problem.split(words).nth(1));
    match name.and_then(|rest| rest.split('`').next()) {
        Some(name) if path == "." => name.to_owned(),
        Some(name) => format!("{path}.{name}"),
        None => path.to_owned(),
    }
}

/// The steps of a path: `achievement.outcomes[1].ja` goes by two names, a place and a name.
enum Step<'a> {
    Name(&'a str),
    Place(usize),
}

fn steps(path: &str) -> impl Iterator<Item = Step<'_>> {
    path.split('.').flat_map(|part| {
        let (name, places) = part.split_once('[').map_or((part, ""), |(name, places)| (name, places));
        let places = places.split(['[', ']']).filter_map(|place| place.parse().ok()).map(Step::Place);
        std::iter::once(Step::Name(name)).chain(places)
    })
}

pub(super) fn set(data: &mut Map<String, Value>, path: &str, value: Value) {
    let mut root = Value::Object(std::mem::take(data));
    let mut at = &mut root;
    for step in steps(path) {
        at = match step {
            Step::Name(name) => {
                if !at.is_object() {
                    *at = Value::Object(Map::new());
                }
                &mut at[name]
            }
            Step::Place(place) => {
                if !at.is_array() {
                    *at = Value::Array(Vec::new());
                }
                if let Value::Array(values) = at
                    && values.len() <= place
                {
                    values.resize(place + 1, Value::Null);
                }
                &mut at[place]
            }
        };
    }
    *at = value;
    if let Value::Object(members) = root {
        *data = members;
    }
}

fn value_at<'a>(data: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    let mut steps = steps(path);
    let Some(Step::Name(first)) = steps.next() else { return None };
    steps.try_fold(data.get(first)?, |at, step| match step {
        Step::Name(name) => at.get(name),
        Step::Place(place) => at.get(place),
    })
}

fn remove(data: &mut Map<String, Value>, path: &str) {
    match path.rsplit_once(['.', '[']) {
        None => drop(data.remove(path)),
        Some((parent, last)) => {
            let mut root = Value::Object(std::mem::take(data));
            let pointer: String = steps(parent)
                .map(|step| match step {
                    Step::Name(name) => format!("/{name}"),
                    Step::Place(place) => format!("/{place}"),
                })
                .collect();
            match root.pointer_mut(&pointer) {
                Some(Value::Object(members)) => drop(members.remove(last)),
                Some(Value::Array(values)) => {
                    if let Some(place) = last.trim_end_matches(']').parse().ok().filter(|place| *place < values.len()) {
                        drop(values.remove(place));
                    }
                }
                _ => {}
            }
            if let Value::Object(members) = root {
                *data = members;
            }
        }
    }
}

/// Closes the gaps in arrays that empty cells left.
fn tidy(data: &mut Map<String, Value>) {
    for value in data.values_mut() {
        match value {
            Value::Array(values) => values.retain(|value| !value.is_null()),
            Value::Object(members) => tidy(members),
            _ => {}
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
