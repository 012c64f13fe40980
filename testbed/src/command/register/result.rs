//! What would come of each row, as a file. In: rows. Out: CSV for a spreadsheet, or JSON.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Result;
use issuer::api::TriedRow;
use serde::Serialize;
use validation::Language;

use crate::files::{Draft, Error, Existing};
use crate::invalid::Invalid;
use crate::language::language;
use crate::output::in_order_of_names;

/// Refuses a file that is neither.
fn check(result: &Path) -> Result<(), Invalid> {
    match ending(result) {
        Some("csv" | "json") => Ok(()),
        _ => {
            let place = result.display().to_string();
            Err(Invalid::new(&place, format!("--result: wanted a name that ends in .csv or .json, found {place}")))
        }
    }
}

fn ending(result: &Path) -> Option<&'static str> {
    let found = result.extension()?;
    ["csv", "json"].into_iter().find(|known| found.eq_ignore_ascii_case(known))
}

/// A file that gets a line for each row as it comes.
pub(super) struct ResultFile {
    writer: BufWriter<Draft>,
    place: PathBuf,
    json: bool,
    /// Whether nothing was written yet.
    empty: bool,
}

impl ResultFile {
    /// Begins it: with a byte order mark, without which Excel takes UTF-8 for something else.
    pub(super) fn begin(result: &Path, existing: Existing) -> Result<ResultFile> {
        check(result)?;
        let mut writer = BufWriter::new(Draft::of(result, existing)?);
        let json = ending(result) == Some("json");
        let begin = if json {
            "["
        } else {
            "\u{feff}file,line,key,recipient,outcome,column,member,message,advice,number,note\r\n"
        };
        writer.write_all(begin.as_bytes()).map_err(|source| cannot(result, source))?;
        Ok(ResultFile { writer, place: result.into(), json, empty: true })
    }

    /// A row: in CSV a line for each error, or one.
    pub(super) fn add(&mut self, file: &str, row: &TriedRow) -> Result<(), Error> {
        self.write(file, row).map_err(|source| cannot(&self.place, source))
    }

    fn write(&mut self, file: &str, row: &TriedRow) -> io::Result<()> {
        #[derive(Serialize)]
        struct Line<'a> {
            file: &'a str,
            #[serde(flatten)]
            row: &'a TriedRow,
        }
        if self.json {
            let before = if self.empty { "\n" } else { ",\n" };
            self.empty = false;
            self.writer.write_all(before.as_bytes())?;
            return Ok(serde_json::to_writer(&mut self.writer, &in_order_of_names(&Line { file, row }))?);
        }
        let outcome = serde_json::to_value(row.outcome)?;
        let (line, number) = (row.line.to_string(), row.number.as_ref().map(ToString::to_string).unwrap_or_default());
        let japanese = language() == Language::Japanese;
        let note = row.note_ja.as_ref().filter(|_| japanese).or(row.note.as_ref()).map(String::as_str);
        let begin =
            [file, &line, optional(&row.key), optional(&row.recipient), outcome.as_str().unwrap_or_default()].map(cell);
        let mut end = |[column, member, message, advice]: [&str; 4]| {
            let end = [column, member, message, advice, &number, note.unwrap_or_default()].map(cell);
            write!(self.writer, "{},{}\r\n", begin.join(","), end.join(","))
        };
        if row.errors.is_empty() {
            end([""; 4])?;
        }
        for error in &row.errors {
            let (message, advice) = error.in_language(japanese);
            end([optional(&error.column), optional(&error.member), message, advice])?;
        }
        Ok(())
    }

    /// Ends it, and gives it its name.
    pub(super) fn finish(mut self) -> Result<(), Error> {
        let end: &[u8] = if self.json { b"\n]\n" } else { b"" };
        self.writer.write_all(end).map_err(|source| cannot(&self.place, source))?;
        self.writer.into_inner().map_err(|error| cannot(&self.place, error.into_error()))?.finish()
    }
}

fn cannot(place: &Path, source: io::Error) -> Error {
    Error::Unwritable { file: place.into(), source }
}

fn optional(text: &Option<String>) -> &str {
    text.as_deref().unwrap_or_default()
}

/// A cell that a spreadsheet shows and does not calculate, whoever wrote the text.
fn cell(text: &str) -> String {
    format!("\"{}\"", issuer::cell_text(text).replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_of_a_row_ends_with_its_note_as_in_the_result_of_a_batch() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("result.csv");
        let row = serde_json::json!({
            "errors": [], "key": "1", "line": 2, "number": null, "organization": null, "outcome": "would-issue",
            "recipient": "甲", "note": "line 3 is \"like\" it", "note_ja": null, "standing": null
        });
        let mut result = ResultFile::begin(&place, Existing::Stays).unwrap();
        result.add("a.csv", &serde_json::from_value(row).unwrap()).unwrap();
        result.finish().unwrap();
        let text = std::fs::read_to_string(place).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].ends_with(",number,note"), "{text}");
        assert!(
            lines[1].starts_with("\"a.csv\",\"2\",") && lines[1].ends_with(",\"line 3 is \"\"like\"\" it\""),
            "{text}"
        );
    }
}
