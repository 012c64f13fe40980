//! Rows that are there twice. In: rows in their order. Out: the later of two that are one certificate, as an error with the line of
//! the earlier one.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher as _};

use super::Row;
use super::error::CellError;

/// The rows so far, as digests of what makes them different from one another.
#[derive(Default)]
pub(super) struct Duplicates {
    keys: HashMap<u64, u64>,
    certificates: HashMap<u64, u64>,
}

impl Duplicates {
    /// Refuses the row if an earlier one has its key or, where rows have none, is for the same recipient, achievement and day.
    pub(super) fn check(&mut self, row: &mut Row) {
        let earlier = match (&row.key, &row.content) {
            (Some(key), _) => {
                let earlier = self.keys.insert(digest(&(key, &row.organization)), row.line);
                earlier.map(|line| format!("the key {key:?} stands in line {line} too"))
            }
            (None, Ok(completion)) => {
                let course = match completion.achievement() {
                    Some(achievement) => achievement.id.as_ref().unwrap_or(&achievement.name_ja).clone(),
                    // Two invoices of one day are two, unless they say the same.
                    None => format!("{:?} {:?}", completion.template(), completion.fields()),
                };
                let who = &completion.recipient().identifier;
                let same = (&row.organization, who, course, completion.completed_on().to_string());
                let earlier = self.certificates.insert(digest(&same), row.line);
                earlier.map(|line| format!("line {line} is for the same recipient, course and day"))
            }
            (None, Err(_)) => None,
        };
        if let Some(message) = earlier {
            let error = CellError::of_row(row.line, message, "delete one of the two rows, or correct it");
            let errors = std::mem::replace(&mut row.content, Err(Vec::new())).err().unwrap_or_default();
            row.content = Err([errors, vec![error]].concat());
        }
    }
}

fn digest(value: &impl std::hash::Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
