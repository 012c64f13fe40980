//! What a mapping gives every row. In: members and values. Out: nothing, or what is wrong with one of them, which is told once, and not with
//! each row.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::ColumnReading;
use super::column::ORGANIZATION;
use super::error::RegisterError;
use super::reading::{HOURS, of_json, passing, set};
use super::words::both;
use crate::template::Column;

/// Refuses a value that no row could be issued with. The columns are filled in with what passes.
pub(super) fn check(constants: &BTreeMap<String, Value>, columns: &[Column]) -> Result<(), RegisterError> {
    if constants.is_empty() {
        return Ok(());
    }
    let mut data = Map::new();
    for column in columns.iter().filter(|column| column.required || column.member == HOURS) {
        set(&mut data, &column.member, passing(column.kind));
    }
    for (member, value) in constants {
        if member == ORGANIZATION {
            check_organization(value)?; // of the row, not of its data
            continue;
        }
        set(&mut data, member, value.clone());
    }
    let errors = of_json(0, data).err().unwrap_or_default();
    let of_constant = errors.iter().find_map(|error| {
        let about = error.member.as_deref()?;
        constants.iter().find(|(member, _)| is_within(about, member)).map(|found| (found, error))
    });
    let Some(((member, value), error)) = of_constant else { return Ok(()) };
    let (message, message_ja) = (&error.message, &error.message_ja);
    let value = crate::error::shortened(&value.to_string());
    Err(RegisterError::Mapping {
        problem: both!("constants: {member:?} = {value}: {message}", "constants: {member:?} = {value}: {message_ja}"),
    })
}

fn check_organization(value: &Value) -> Result<(), RegisterError> {
    match value.as_str().is_some_and(|id| !id.trim().is_empty()) {
        true => Ok(()),
        false => {
            let value = crate::error::shortened(&value.to_string());
            Err(RegisterError::Mapping {
                problem: both!(
                    "constants: {ORGANIZATION:?} = {value}: wanted the id of an organization",
                    "constants: {ORGANIZATION:?} = {value}: 組織の ID が必要です"
                ),
            })
        }
    }
}

/// Refuses a value of every row for which rows have a column: neither counts more.
pub(super) fn check_apart(constants: &BTreeMap<String, Value>, columns: &[ColumnReading]) -> Result<(), RegisterError> {
    let both = columns.iter().find_map(|column| {
        let member = column.member.as_ref()?;
        let constant = constants.keys().find(|one| is_within(one, member) || is_within(member, one))?;
        Some((member.clone(), column.header.clone(), constant.clone()))
    });
    match both {
        Some((member, header, constant)) => Err(RegisterError::ConstantOfColumn { member, header, constant }),
        None => Ok(()),
    }
}

/// Whether a member is another one, or a part of it.
fn is_within(member: &str, whole: &str) -> bool {
    member.strip_prefix(whole).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}
