//! What would come of a register, for people.

use issuer::api::{DryRun, Outcome, StandingState, TriedCounts, TriedRow};
use issuer::register::{CellError, ColumnReading};

use validation::Language;

use crate::language::{in_words, language};

/// The most faults that a screen shows.
const MOST_SHOWN: usize = 50;

/// How far it is.
pub(super) fn so_far(rows: u64) -> String {
    in_words!("{rows} rows tried", "{rows} 行を確認済み")
}

/// What people are told of the rows of a file: the first faults, and how many more there are.
#[derive(Default)]
pub(super) struct Rows {
    count: u64,
    faults: Vec<String>,
    more: usize,
}

impl Rows {
    /// Another row.
    pub(super) fn add(&mut self, row: &TriedRow) {
        self.count += 1;
        let faults = row.errors.iter().map(|error| fault(row.line, error)).chain(changed(row));
        for fault in faults {
            if self.faults.len() < MOST_SHOWN {
                self.faults.push(fault);
            } else {
                self.more += 1;
            }
        }
    }

    /// How many there were.
    pub(super) fn count(&self) -> u64 {
        self.count
    }
}

/// What is said of a certificate that was issued before, unless it is as it was: that it does not count any more, or why it is not issued
/// anew; and of a second one about the same.
fn changed(row: &TriedRow) -> Vec<String> {
    let (line, japanese) = (row.line, language() == Language::Japanese);
    let mut told = Vec::new();
    if let (Some(number), Some(standing)) = (&row.number, row.standing.filter(|one| *one != StandingState::Valid)) {
        let standing = state_word(standing);
        told.push(in_words!(
            "  line {line}: issued before as {number}, which is {standing} now",
            "  {line} 行目: {number} として発行済みですが、現在は{standing}です"
        ));
    }
    let number = row.number.as_ref().map(ToString::to_string).unwrap_or_default();
    let note = row.note_ja.as_ref().filter(|_| japanese).or(row.note.as_ref());
    match (row.outcome, note.map(|note| one_line(note))) {
        (Outcome::Changed, Some(note)) => told.push(in_words!(
            "  line {line}: issued before as {number}: {note}",
            "  {line} 行目: {number} として発行済み: {note}"
        )),
        (_, Some(note)) => told.push(in_words!("  line {line}: {note}", "  {line} 行目: {note}")),
        (Outcome::Changed, None) => told.push(in_words!(
            "  line {line}: issued before as {number}, with other content; --reissue issues it anew",
            "  {line} 行目: 別の内容で {number} として発行済みです; --reissue で発行し直します"
        )), // of an older server
        _ => {}
    }
    told
}

fn state_word(state: StandingState) -> String {
    match state {
        StandingState::Valid => in_words!("valid", "有効"),
        StandingState::Suspended => in_words!("suspended", "停止中"),
        StandingState::Revoked => in_words!("revoked", "失効"),
        StandingState::Superseded => in_words!("superseded", "差し替え済み"),
        StandingState::Expired => in_words!("expired", "期限切れ"),
    }
}

pub(super) fn screen(file: &str, dry_run: &DryRun, told: &Rows) -> String {
    let DryRun { columns, counts, encoding, encoding_ja, format, notes, notes_ja, sheet, .. } = dry_run;
    let japanese = language() == Language::Japanese;
    // An older server says nothing in Japanese.
    let encoding = if japanese { encoding_ja.as_ref().or(encoding.as_ref()) } else { encoding.as_ref() };
    let notes = if japanese && !notes_ja.is_empty() { notes_ja } else { notes };
    let mut lines = Vec::new();
    let sheet = sheet.as_ref().map(|sheet| in_words!(", sheet {sheet}", "、シート {sheet}")).unwrap_or_default();
    let encoding = encoding.map(|encoding| in_words!(", {encoding}", "、{encoding}")).unwrap_or_default();
    lines.push(format!("{}: {format}{sheet}{encoding}", one_line(file)));
    lines.extend(notes.iter().map(|note| format!("  {}", one_line(note))));
    lines.extend(columns.iter().map(column));
    lines.extend(told.faults.iter().cloned());
    let left = told.more;
    if left > 0 {
        lines.push(in_words!(
            "  … and {left} more; --result FILE.csv writes all of them",
            "  … 他 {left} 件。すべては --result FILE.csv で書き出せます"
        ));
    }
    lines.push(summary(counts));
    lines.join("\n")
}

fn summary(counts: &TriedCounts) -> String {
    let TriedCounts { already_issued, changed, faulty, rows, would_issue } = *counts;
    let before = [
        (already_issued, in_words!(", {already_issued} already issued", "、発行済み {already_issued} 行")),
        (changed, in_words!(", {changed} changed since", "、内容が変わった {changed} 行")),
    ];
    let before: String = before.into_iter().filter(|(count, _)| *count > 0).map(|(_, words)| words).collect();
    in_words!(
        "{rows} rows: {would_issue} would be issued{before}, {faulty} faulty; nothing was issued",
        "全 {rows} 行: 発行できる {would_issue} 行{before}、誤りのある {faulty} 行（何も発行していません）"
    )
}

fn column(column: &ColumnReading) -> String {
    let header = one_line(&column.header);
    match (&column.member, &column.note) {
        (Some(member), _) => format!("  {header} → {member}"),
        (None, note) => {
            let note = column.note_ja.as_ref().filter(|_| language() == Language::Japanese).or(note.as_ref());
            format!("  {header} – {}", one_line(note.map(String::as_str).unwrap_or_default()))
        }
    }
}

/// What is wrong with a row.
pub(super) fn fault(line: u64, error: &CellError) -> String {
    let column = error.column.as_deref().or(error.member.as_deref()).map(|column| format!(", {}", one_line(column)));
    let column = column.unwrap_or_default();
    let (message, advice) = error.in_language(language() == Language::Japanese);
    let (message, advice) = (one_line(message), one_line(advice));
    in_words!("  line {line}{column}: {message}; {advice}", "  {line} 行目{column}: {message}。{advice}")
}

/// A value in which nothing ends the line.
pub(super) fn one_line(text: &str) -> String {
    world::text::visible(text).into_owned()
}
