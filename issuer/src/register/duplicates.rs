//! Rows that are there twice. In: rows in their order. Out: the later of two that are one certificate, as an error with the line of
//! the earlier one.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher as _};

use super::Row;
use super::error::CellError;
use super::words::{Advice, both};
use crate::likeness::Likeness;

const DELETE: Advice = ("delete one of the two rows, or correct it", "どちらかの行を削除するか、訂正してください");
const GIVE_KEYS: Advice = (
    "if they are two, such as two invoices of one day, give each a key of its own in a column キー (--key names another)",
    "同じ日の請求書 2 通のように別のものなら、キーの列（--key で別の列も可）でそれぞれに固有のキーを付けてください",
);

/// The rows so far, as digests of what makes them different from one another.
#[derive(Default)]
pub(super) struct Duplicates {
    keys: HashMap<u64, u64>,
    certificates: HashMap<u64, u64>,
    /// By who, what and when, whatever the keys are.
    likenesses: HashMap<u64, u64>,
}

impl Duplicates {
    /// Refuses the row if an earlier one has its key or, where rows have none, is for the same certificate: what a batch would find already
    /// issued when it comes to the second. `organization`: in whose name it would be issued.
    pub(super) fn check(&mut self, row: &mut Row, organization: &str) {
        let earlier = match (&row.key, &row.identity) {
            (Some(key), _) => {
                let earlier = self.keys.insert(digest(&(key, organization)), row.line);
                earlier.map(|line| {
                    (
                        both!("the key {key:?} stands in line {line} too", "キー {key:?} は {line} 行目にもあります"),
                        DELETE,
                    )
                })
            }
            (None, Some(identity)) => {
                let has_achievement = row.content.as_ref().is_ok_and(|completion| completion.achievement().is_some());
                let told = |line: u64| match has_achievement {
                    true => (
                        both!(
                            "line {line} is for the same recipient, course and day",
                            "{line} 行目と人、講座、日が同じです"
                        ),
                        DELETE,
                    ),
                    false => (
                        both!("line {line} is for the same recipient and day", "{line} 行目と宛先、日が同じです"),
                        GIVE_KEYS,
                    ),
                };
                let earlier = self.certificates.insert(digest(&identity.key), row.line);
                earlier.map(told)
            }
            (None, None) => None,
        };
        if let Some((message, advice)) = earlier {
            let error = CellError::of_row(row.line, message, advice);
            row.identity = None;
            let errors = std::mem::replace(&mut row.content, Err(Vec::new())).err().unwrap_or_default();
            row.content = Err([errors, vec![error]].concat());
        }
        self.note(row, organization);
    }

    /// Says of a row that can be issued that an earlier one is about the same, though its key is another.
    fn note(&mut self, row: &mut Row, organization: &str) {
        let likeness = row.content.as_ref().ok().and_then(|completion| Likeness::of(organization, completion));
        let earlier = likeness.and_then(|likeness| self.likenesses.insert(digest(&likeness), row.line));
        row.note = earlier.map(|line| {
            both!(
                "line {line} is for the same recipient, course and day, under another key",
                "{line} 行目と人、講座、日が同じで、キーが違います"
            )
        });
    }
}

fn digest(value: &impl std::hash::Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
