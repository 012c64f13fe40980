//! What would come of a register, for people.

use issuer::api::{DryRun, Outcome, TriedRow};
use issuer::register::{CellError, ColumnReading};

use crate::language::in_words;

/// The most faults that a screen shows.
const MOST_SHOWN: usize = 50;

/// How far it is.
pub(super) fn so_far(rows: usize) -> String {
    in_words!("{rows} rows tried", "{rows} 行を確認済み")
}

pub(super) fn screen(file: &str, dry_run: &DryRun) -> String {
    let DryRun { columns, counts, encoding, format, notes, rows, sheet, .. } = dry_run;
    let mut lines = Vec::new();
    let sheet = sheet.as_ref().map(|sheet| in_words!(", sheet {sheet}", "、シート {sheet}")).unwrap_or_default();
    let encoding = encoding.as_ref().map(|encoding| format!(", {encoding}")).unwrap_or_default();
    lines.push(format!("{}: {format}{sheet}{encoding}", one_line(file)));
    lines.extend(notes.iter().map(|note| format!("  {}", one_line(note))));
    lines.extend(columns.iter().map(column));
    let faulty = rows.iter().filter(|row| row.outcome == Outcome::Faulty);
    let mut faults = faulty.flat_map(|row| row.errors.iter().map(move |error| fault(row, error)));
    lines.extend(faults.by_ref().take(MOST_SHOWN));
    let left = faults.count();
    if left > 0 {
        lines.push(in_words!(
            "  … and {left} more; --result FILE.csv writes all of them",
            "  … 他 {left} 件。すべては --result FILE.csv で書き出せます"
        ));
    }
    let (all, would, faulty) = (counts.rows, counts.would_issue, counts.faulty);
    lines.push(in_words!(
        "{all} rows: {would} would be issued, {faulty} faulty; nothing was issued",
        "全 {all} 行: 発行できる {would} 行、誤りのある {faulty} 行（何も発行していません）"
    ));
    lines.join("\n")
}

fn column(column: &ColumnReading) -> String {
    let header = one_line(&column.header);
    match (&column.member, &column.note) {
        (Some(member), _) => format!("  {header} → {member}"),
        (None, note) => format!("  {header} – {}", one_line(note.as_deref().unwrap_or_default())),
    }
}

fn fault(row: &TriedRow, error: &CellError) -> String {
    let line = row.line;
    let column = error.column.as_deref().or(error.member.as_deref()).map(|column| format!(", {}", one_line(column)));
    let column = column.unwrap_or_default();
    let (message, advice) = (one_line(&error.message), one_line(&error.advice));
    in_words!("  line {line}{column}: {message}; {advice}", "  {line} 行目{column}: {message}; {advice}")
}

/// A value in which nothing ends the line.
fn one_line(text: &str) -> String {
    world::text::visible(text).into_owned()
}
