//! What would come of each row, as a file. In: rows. Out: CSV for a spreadsheet, or JSON.

use std::path::Path;

use anyhow::Result;
use issuer::api::TriedRow;
use serde::Serialize;

use crate::invalid::Invalid;
use crate::output::in_order_of_names;

/// Refuses a file that is neither.
pub(super) fn check(result: &Path) -> Result<(), Invalid> {
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

/// The octets of the file.
pub(super) fn written<'a>(result: &Path, rows: impl Iterator<Item = (&'a str, &'a TriedRow)>) -> Result<Vec<u8>> {
    #[derive(Serialize)]
    struct Line<'a> {
        file: &'a str,
        #[serde(flatten)]
        row: &'a TriedRow,
    }
    if ending(result) == Some("json") {
        let all: Vec<_> = rows.map(|(file, row)| in_order_of_names(&Line { file, row })).collect();
        return Ok(serde_json::to_vec_pretty(&all)?);
    }
    // With a byte order mark, without which Excel takes UTF-8 for something else.
    let mut text = "\u{feff}file,line,key,recipient,outcome,column,member,message,advice\r\n".to_owned();
    for (file, row) in rows {
        let outcome = serde_json::to_value(row.outcome)?;
        let line = row.line.to_string();
        let begin =
            [file, &line, optional(&row.key), optional(&row.recipient), outcome.as_str().unwrap_or_default()].map(cell);
        let end = |cells: [&str; 4]| format!("{},{}\r\n", begin.join(","), cells.map(cell).join(","));
        match row.errors.as_slice() {
            [] => text += &end([""; 4]),
            errors => {
                let each = |error: &issuer::register::CellError| {
                    end([optional(&error.column), optional(&error.member), &error.message, &error.advice])
                };
                text.extend(errors.iter().map(each));
            }
        }
    }
    Ok(text.into_bytes())
}

fn optional(text: &Option<String>) -> &str {
    text.as_deref().unwrap_or_default()
}

/// A cell that a spreadsheet shows and does not calculate, whoever wrote the text.
fn cell(text: &str) -> String {
    format!("\"{}\"", issuer::cell_text(text).replace('"', "\"\""))
}
