//! Registers in JSON: an array of completion data, JSON Lines, or one. In: a text. Out: its rows.
//!
//! Beside the members of completion data, `key` and `organization` are those of the row.

use serde_json::{Map, Value};
use world::json::JsonError;

use crate::completion::Completion;

use super::error::{CellError, RegisterError};
use super::reading::of_json;
use super::scan::{Broken, Scan};
use super::words::{Advice, both, unreadable, wanted};
use super::{Format, Row, column};

const ADVICE: Advice =
    ("write one object with the members of completion data", "修了データの項目を持つオブジェクトを 1 つ書いてください");

/// The rows, and whether they are lines after all.
pub(super) fn rows(
    text: String,
    format: Format,
) -> Result<(Format, Box<dyn Iterator<Item = Row> + Send>), RegisterError> {
    let beginning = text.trim_start();
    if beginning.is_empty() {
        return Err(RegisterError::Empty);
    }
    if beginning.starts_with('[') {
        return Ok((Format::Json, Box::new(Values { scan: Scan::new(&text), text })));
    }
    if !beginning.starts_with('{') {
        let line = 1 + text[..text.len() - beginning.len()].matches('\n').count() as u64;
        let found: String = beginning.chars().take(20).collect();
        let problem = both!(
            "wanted [ or {{ with which JSON begins, found {found:?}",
            "JSON は [ か {{ で始まりますが、{found:?} です"
        );
        return Err(RegisterError::Json { line, problem });
    }
    let first = beginning.lines().next().unwrap_or_default();
    let by_lines = format == Format::JsonLines
        && (world::json::object(first.as_bytes()).is_ok() || first.trim_end().ends_with('}'));
    match by_lines {
        true => Ok((Format::JsonLines, Box::new(Lines { text, at: 0, line: 0 }))),
        false => Ok((Format::Json, Box::new(Values { scan: Scan::new(&text), text }))),
    }
}

/// Values that the text holds.
struct Values {
    text: String,
    scan: Scan,
}

impl Iterator for Values {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        Some(match self.scan.next(&self.text)? {
            Ok(value) => row(value.line, &self.text[value.begin..value.end]),
            Err(Broken::Off(line)) => {
                let message = both!(
                    "wanted a comma, or ] at the end of the array, found neither",
                    "コンマ、または配列の終わりの ] がありません"
                );
                let advice =
                    ("correct the JSON; what stands above was read", "JSON を直してください。ここより上は読みました");
                Row::faulty(line, CellError::of_row(line, message, advice))
            }
            Err(Broken::Comma(line)) => {
                let message = both!(
                    "wanted a row behind the comma, found the end of the array",
                    "コンマの後に行がなく、配列が終わっています"
                );
                let advice = (
                    "take the last comma out, or add the row that is lacking",
                    "最後のコンマを取るか、足りない行を補ってください",
                );
                Row::faulty(line, CellError::of_row(line, message, advice))
            }
        })
    }
}

/// Lines that are values, but for those that are empty.
struct Lines {
    text: String,
    at: usize,
    line: u64,
}

impl Iterator for Lines {
    type Item = Row;

    fn next(&mut self) -> Option<Row> {
        while self.at < self.text.len() {
            let rest = &self.text[self.at..];
            let line = rest.split('\n').next().unwrap_or_default();
            self.at += line.len() + 1;
            self.line += 1;
            if !line.trim().is_empty() {
                return Some(row(self.line, line.trim()));
            }
        }
        None
    }
}

fn row(line: u64, text: &str) -> Row {
    let faulty = |error| Row::faulty(line, error);
    let mut data = match world::json::read_with_place::<Map<String, Value>>(text.as_bytes()) {
        Ok(data) => data,
        Err(JsonError { path, problem }) => {
            let member = (path != ".").then_some(path);
            let message = unreadable(&of_the_file(line, &problem));
            return faulty(CellError::of_cell(line, None, member, message, ADVICE));
        }
    };
    let mut own = |name: &str| match data.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if !text.trim().is_empty() => Ok(Some(text)),
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(other) => {
            let advice = ("write a text, or leave it out", "文字列にするか、項目を省いてください");
            let message = wanted("a text", &other.to_string());
            Err(Box::new(CellError::of_cell(line, None, Some(name.to_owned()), message, advice)))
        }
    };
    let (key, organization) = match (own(column::KEY), own(column::ORGANIZATION)) {
        (Ok(key), Ok(organization)) => (key, organization),
        (Err(error), _) | (_, Err(error)) => return faulty(*error),
    };
    // A row without faults is read as a single certificate is; only of one that has some all are looked for.
    let content = match serde_json::to_vec(&data).map(|text| Completion::from_json(&text)) {
        Ok(Ok(completion)) => Ok(completion),
        _ => of_json(line, data).map_err(|errors| errors.into_iter().map(with_own).collect()),
    };
    Row { line, key, organization, content, note: None, identity: None }
}

/// Beside the members of completion data those of the row are there, where it is told which there are.
fn with_own(mut error: CellError) -> CellError {
    let own = format!(", `{}`, `{}`", column::KEY, column::ORGANIZATION);
    let of_row = error.member.as_deref().is_some_and(|member| !member.contains(['.', '[']));
    if of_row && error.message.starts_with("there is no such member; there are ") {
        error.message += &own;
        if let Some(known) = error.message_ja.strip_suffix('）') {
            error.message_ja = format!("{known}{own}）");
        }
    }
    error
}

/// Lines of a value counted from that of the file.
fn of_the_file(line: u64, problem: &str) -> String {
    let Some((before, after)) = problem.split_once(" at line ") else { return problem.to_owned() };
    let (within, rest) = after.split_once(' ').unwrap_or((after, ""));
    match within.parse::<u64>() {
        Ok(within) => format!("{before} at line {} {rest}", line + within - 1),
        Err(_) => problem.to_owned(),
    }
}
