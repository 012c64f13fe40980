//! A template's own columns: what the data may have under `fields`. In: JSON. Out: values of the column's kind, or what is wrong with
//! them, with member, template and what to do.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use utoipa::ToSchema;
use world::toml_text::nearest;

use super::decimal::{Decimal, without_exponent};
use super::value::Value;
use crate::completion::{Bilingual, CheckedLines, check_name, check_text, invalid, parse_date};
use crate::error::Error;

/// The longest text of a column that says nothing else, in characters.
const USUAL_LENGTH: usize = 200;

/// The most rows of a table, and texts of a list: some forty pages.
const MOST_ROWS: usize = 2000;

/// A member of `fields`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TemplateColumn)]
pub struct Column {
    /// Its name in the data: a-z, 0-9 and _, a letter first.
    #[schema(pattern = "^[a-z][a-z0-9_]{0,39}$", example = "birth_date")]
    pub member: String,
    /// What it holds.
    pub kind: ColumnKind,
    /// What people call it, in registers and tables.
    pub headers: Headers,
    /// Whether the data must have it.
    #[serde(default)]
    pub required: bool,
    /// The longest text, in characters; 200 without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 4000)]
    pub longest: Option<usize>,
    /// Of a table: its columns.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(no_recursion)]
    pub columns: Vec<Column>,
}

/// What a column is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Headers {
    /// In Japanese.
    pub ja: String,
    /// In English.
    pub en: String,
    /// Also.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
}

impl Headers {
    /// All of them, the one that counts most first.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        [&self.ja, &self.en].into_iter().chain(&self.also).map(String::as_str)
    }

    /// Whether a person's name stands below them, in whichever script.
    fn are_of_a_name(&self) -> bool {
        const NAMES: [&str; 8] = ["氏名", "名前", "ふりがな", "フリガナ", "よみがな", "（カナ", "（かな", "ローマ字"];
        self.all().any(|header| NAMES.iter().any(|name| header.contains(name)))
    }
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ColumnKind {
    /// One line of text.
    Text,
    /// Text of several paragraphs.
    LongText,
    /// A day, `YYYY-MM-DD`.
    Date,
    /// A number with at most six decimals.
    Number,
    /// Whole yen.
    Money,
    /// A list of texts, each alone or `{ja, en}`.
    List,
    /// A list of rows.
    Table,
    /// 登録番号 of an issuer of qualified invoices: T and 13 digits.
    RegistrationNumber,
    /// A number or code whose zeros count, such as that of an employee.
    Id,
}

impl ColumnKind {
    /// As templates write it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::LongText => "long-text",
            Self::Date => "date",
            Self::Number => "number",
            Self::Money => "money",
            Self::List => "list",
            Self::Table => "table",
            Self::RegistrationNumber => "registration-number",
            Self::Id => "id",
        }
    }

    /// What is wanted, in words.
    fn wanted(self) -> &'static str {
        match self {
            Self::Text | Self::LongText | Self::Id => "a text",
            Self::Date => "a date YYYY-MM-DD",
            Self::Number => "a number with at most six decimals, such as 12.5",
            Self::Money => "whole yen, such as 1200",
            Self::List => "a list of texts, each alone or {ja, en}",
            Self::Table => "a list of rows",
            Self::RegistrationNumber => "a registration number, T and 13 digits",
        }
    }
}

/// Where the values of some columns come from.
pub(super) struct Reader<'a> {
    /// Id of the template, for messages.
    pub(super) template: &'a str,
    /// What is wrong, so far.
    pub(super) problems: Vec<Error>,
}

impl Reader<'_> {
    /// The values of the columns; what is wrong with them is noted.
    pub(super) fn read<'j>(
        &mut self,
        path: &str,
        columns: &[Column],
        members: impl IntoIterator<Item = (&'j String, &'j Json)> + Clone,
    ) -> BTreeMap<String, Value> {
        let mut values = BTreeMap::new();
        for (member, json) in members.clone() {
            let place = format!("{path}.{member}");
            match columns.iter().find(|column| column.member == *member) {
                None => self.problems.push(self.unknown(&place, member, columns)),
                Some(_) if json.is_null() => {}
                Some(column) => {
                    if let Some(value) = self.value(&place, column, json) {
                        values.insert(member.clone(), value);
                    }
                }
            }
        }
        for column in columns.iter().filter(|column| column.required) {
            let is_there = |(member, json): (&String, &Json)| *member == column.member && !json.is_null();
            if !members.clone().into_iter().any(is_there) {
                let wanted = format!(
                    "{}, {} ({}), which the template {} needs",
                    column.kind.wanted(),
                    column.headers.ja,
                    column.headers.en,
                    self.template
                );
                self.problems.push(invalid(&format!("{path}.{}", column.member), &wanted, "none"));
            }
        }
        values
    }

    fn unknown(&self, place: &str, member: &str, columns: &[Column]) -> Error {
        let known: Vec<&str> = columns.iter().map(|column| column.member.as_str()).collect();
        let meant = nearest(member, known.iter().copied());
        let meant = meant.map(|meant| format!("; did you mean {meant}?")).unwrap_or_default();
        let there = if known.is_empty() { "it has none".to_owned() } else { format!("there are {}", known.join(", ")) };
        invalid(place, &format!("a column of the template {}, {there}{meant}", self.template), member)
    }

    fn value(&mut self, place: &str, column: &Column, json: &Json) -> Option<Value> {
        let read = match (column.kind, json) {
            (ColumnKind::List, Json::Array(texts)) => return self.list(place, column, texts),
            (ColumnKind::Table, Json::Array(rows)) => return self.table(place, column, rows),
            (kind, json) => self.single(place, column, kind, json),
        };
        read.map_err(|error| self.problems.push(error)).ok()
    }

    fn single(&self, place: &str, column: &Column, kind: ColumnKind, json: &Json) -> Result<Value, Error> {
        let wanted = format!("{} (template {})", kind.wanted(), self.template);
        let wrong = || invalid(place, &wanted, &shown(json));
        let longest = column.longest.unwrap_or(USUAL_LENGTH);
        match (kind, json) {
            (ColumnKind::Text, Json::String(text)) if column.headers.are_of_a_name() => {
                check_name(place, text, longest).map(|()| Value::Text(text.clone()))
            }
            (ColumnKind::Text | ColumnKind::Id, Json::String(text)) => {
                check_text(place, text, longest, CheckedLines::One).map(|()| Value::Text(text.clone()))
            }
            (ColumnKind::LongText, Json::String(text)) => {
                check_text(place, text, longest, CheckedLines::Many).map(|()| Value::Text(text.clone()))
            }
            (ColumnKind::Date, Json::String(text)) => {
                let date: Date = parse_date(text).ok_or_else(wrong)?;
                if (1868..=9999).contains(&date.year()) { Ok(Value::Date(date)) } else { Err(wrong()) }
            }
            (ColumnKind::Number, Json::Number(number)) => number_of(&written(number)).ok_or_else(wrong),
            (ColumnKind::Number, Json::String(text)) => number_of(text).ok_or_else(wrong),
            (ColumnKind::Money, Json::Number(number)) => yen(&written(number)).ok_or_else(wrong),
            (ColumnKind::Money, Json::String(text)) => yen(text).ok_or_else(wrong),
            (ColumnKind::RegistrationNumber, Json::String(text)) => {
                check_registration_number(text).map_err(|wanted| invalid(place, &wanted, text))?;
                Ok(Value::Text(text.clone()))
            }
            _ => Err(wrong()),
        }
    }

    fn list(&mut self, place: &str, column: &Column, texts: &[Json]) -> Option<Value> {
        self.check_length(place, texts.len())?;
        let longest = column.longest.unwrap_or(USUAL_LENGTH);
        let mut read = Vec::new();
        for (index, json) in texts.iter().enumerate() {
            let place = format!("{place}[{index}]");
            let text = match json {
                Json::String(ja) => Ok(Bilingual { ja: ja.clone(), en: None }),
                json => serde_json::from_value::<Bilingual>(json.clone())
                    .map_err(|_| invalid(&place, "a text, alone or {ja, en}", &shown(json))),
            };
            let checked = text.and_then(|text| {
                check_text(&place, &text.ja, longest, CheckedLines::One)?;
                if let Some(en) = &text.en {
                    check_text(&format!("{place}.en"), en, 2 * longest, CheckedLines::One)?;
                }
                Ok(text)
            });
            match checked {
                Ok(text) => read.push(text),
                Err(error) => self.problems.push(error),
            }
        }
        (!read.is_empty()).then_some(Value::List(read))
    }

    fn table(&mut self, place: &str, column: &Column, rows: &[Json]) -> Option<Value> {
        self.check_length(place, rows.len())?;
        if rows.is_empty() && column.required {
            self.problems.push(invalid(place, "at least one row", "none"));
            return None;
        }
        let mut read = Vec::new();
        for (index, row) in rows.iter().enumerate() {
            let place = format!("{place}[{index}]");
            match row.as_object() {
                Some(members) => read.push(self.read(&place, &column.columns, members)),
                None => self.problems.push(invalid(&place, "an object, a member for each column", &shown(row))),
            }
        }
        (!read.is_empty()).then_some(Value::Table(read))
    }

    fn check_length(&mut self, place: &str, length: usize) -> Option<()> {
        if length <= MOST_ROWS {
            return Some(());
        }
        self.problems.push(invalid(place, &format!("at most {MOST_ROWS}"), &length.to_string()));
        None
    }
}

/// A value as it stands in JSON.
fn shown(json: &Json) -> String {
    match json {
        Json::Array(_) => "a list".to_owned(),
        Json::Object(_) => "an object".to_owned(),
        json => json.to_string(),
    }
}

/// A number of JSON as people write it.
fn written(number: &serde_json::Number) -> String {
    let text = number.to_string();
    without_exponent(&text).unwrap_or(text)
}

fn number_of(text: &str) -> Option<Value> {
    text.parse().ok().map(Value::Number)
}

fn yen(text: &str) -> Option<Value> {
    let number: Decimal = text.parse().ok()?;
    number.whole().map(Value::Money)
}

/// 登録番号: `T` and 13 digits. Of a corporation they are its corporate number (法人番号), whose first digit checks the other twelve
/// (法人番号の指定等に関する省令第2条): 9 less the remainder by 9 of their sum, every second one, from the last but one on, counted twice.
fn check_registration_number(text: &str) -> Result<(), String> {
    let digits: Option<Vec<u32>> =
        text.strip_prefix('T').map(|digits| digits.chars().map_while(|c| c.to_digit(10)).collect());
    let Some(digits) = digits.filter(|digits| digits.len() == 13 && text.len() == 14) else {
        return Err("a registration number, T and 13 digits such as T9234567890123".to_owned());
    };
    let weighted = digits[1..].iter().rev().enumerate().map(|(place, digit)| digit * (1 + place as u32 % 2));
    let check = 9 - weighted.sum::<u32>() % 9;
    if digits[0] == check {
        return Ok(());
    }
    Err(format!(
        "a registration number whose first digit is the check digit of the other twelve, {check}; is it mistyped?"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registration_number_is_checked_by_its_first_digit() {
        // 国税庁 and デジタル庁, as their own pages write them.
        for number in ["T7000012050002", "T8000012010038", "T9234567890123"] {
            check_registration_number(number).unwrap();
        }
        assert!(check_registration_number("T7000012050003").unwrap_err().contains("check digit"));
        for number in ["7000012050002", "T700001205000", "T70000120500020", "Ｔ7000012050002", "T7000012O50002"] {
            assert!(check_registration_number(number).unwrap_err().contains("13 digits"), "{number}");
        }
    }
}
