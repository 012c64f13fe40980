//! Characters that a file's encoding lacks. In: rows of a file that is no Unicode. Out: a note where a text has ? or 〓, which programs
//! write in the place of such a character.
//!
//! In names they are refused, wherever the name comes from; elsewhere they may be meant.

use std::collections::HashSet;

use serde_json::Value;

use super::error::column_of;
use super::words::{Words, both};
use super::{ColumnReading, Row};

/// How many different texts are told.
const MOST_TOLD: usize = 1000;

/// Members in which ? is nothing to ask about: names are checked before, the others are ASCII.
const LEFT_OUT: [&str; 3] = ["recipient.", "achievement.id", "achievement.picture"];

/// What was told: a text that stands in every row is told once.
#[derive(Default)]
pub(super) struct Lost {
    told: HashSet<(String, String)>,
}

impl Lost {
    /// Notes what may have been lost in a row.
    pub(super) fn note(&mut self, row: &mut Row, columns: &[ColumnReading]) {
        let Some(data) = row.content.as_ref().ok().and_then(|completion| serde_json::to_value(completion).ok()) else {
            return;
        };
        let mut texts = Vec::new();
        collect("", &data, &mut texts);
        for (member, text) in texts {
            let column = column_of(&member, columns);
            if column.is_none() && !columns.is_empty() {
                continue; // what a mapping gives every row, which is Unicode
            }
            let place = column.unwrap_or(member);
            if self.told.len() < MOST_TOLD && self.told.insert((place.clone(), text.clone())) {
                add(row, told(&place, &crate::error::shortened(&text)));
            }
        }
    }
}

/// The texts with ? or 〓 in them.
fn collect(path: &str, value: &Value, texts: &mut Vec<(String, String)>) {
    match value {
        Value::String(text) if text.contains(['?', '\u{FF1F}', '\u{3013}']) => {
            texts.push((path.to_owned(), text.clone()));
        }
        Value::Array(values) => {
            for (place, value) in values.iter().enumerate() {
                collect(&format!("{path}[{place}]"), value, texts);
            }
        }
        Value::Object(members) => {
            for (name, value) in members {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                if !LEFT_OUT.iter().any(|member| path.starts_with(member)) {
                    collect(&path, value, texts);
                }
            }
        }
        _ => {}
    }
}

fn told(place: &str, text: &str) -> Words {
    both!(
        "{place}: is the ? or 〓 in {text:?} meant? The file is not in Unicode: where its encoding lacks a character, programs write one of \
         these; save it as XLSX or UTF-8 if one was lost",
        "{place}: {text:?} の「?」や「〓」は元からの文字ですか。ファイルが Unicode ではないため、文字コードにない文字がこれに置き換わっていることがあります。\
         その場合は XLSX か UTF-8 で保存し直してください"
    )
}

fn add(row: &mut Row, words: Words) {
    row.note = Some(match row.note.take() {
        None => words,
        Some(Words { en, ja }) => Words { en: format!("{en}; {}", words.en), ja: format!("{ja} / {}", words.ja) },
    });
}
