//! A mapping: which column is which member, where headers do not say it. In: TOML. Out: a [`Mapping`], or what is wrong with it and
//! where.
//!
//! ```toml
//! key = "管理番号"             # the column that holds the key of a row
//! date_order = "dmy"          # what 3/4/2026 is: ymd (none of the two, the default), dmy or mdy
//!
//! [columns]                   # header = member; "" leaves a column out
//! "学生" = "recipient.name"
//! "備考" = ""
//!
//! [constants]                 # members that are the same in every row
//! "achievement.name_ja" = "データサイエンス入門"
//! "achievement.hours" = 15
//! ```

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use toml::Value as Written;
use world::toml_text::{Step, TomlProblem, read, span_of};

use super::error::RegisterError;
use super::words::Words;

/// Which column is which member, and what is the same in every row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mapping {
    /// Header of the column that holds the key of a row.
    pub key: Option<String>,
    /// What stands first in a date whose year stands last.
    pub date_order: DateOrder,
    /// Members by header; an empty one leaves the column out.
    pub columns: BTreeMap<String, String>,
    /// Values by member, for every row.
    pub constants: BTreeMap<String, Value>,
}

/// The same as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MappingFile {
    key: Option<String>,
    #[serde(default)]
    date_order: DateOrder,
    #[serde(default)]
    columns: BTreeMap<String, String>,
    #[serde(default)]
    constants: BTreeMap<String, Written>,
}

/// What stands first in a date whose year stands last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum DateOrder {
    /// The year is to stand first: 3/4/2026 is refused.
    #[default]
    #[serde(rename = "ymd")]
    YearMonthDay,
    /// 31/3/2026.
    #[serde(rename = "dmy")]
    DayMonthYear,
    /// 3/31/2026.
    #[serde(rename = "mdy")]
    MonthDayYear,
}

impl Mapping {
    /// Reads a mapping.
    ///
    /// # Errors
    /// [`RegisterError::Mapping`], with line and column.
    pub fn from_toml(text: &str) -> Result<Mapping, RegisterError> {
        Mapping::read(text).map_err(|problem| RegisterError::Mapping {
            problem: Words { en: problem.to_string(), ja: problem.told_in_japanese() },
        })
    }

    /// The same for whoever knows what its file is called.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn read(text: &str) -> Result<Mapping, TomlProblem> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let (MappingFile { key, date_order, columns, constants }, table) = read(text)?;
        let constant = |(member, value): (String, Written)| match json(value) {
            Some(value) => Ok((member, value)),
            None => {
                let span = span_of(&table, &[Step::Member("constants"), Step::Member(&member)]);
                let found = span.clone().and_then(|span| text.get(span)).unwrap_or_default();
                let found = crate::error::shortened(found);
                let message = format!(
                    "constants: {member:?} = {found}: wanted a text, a number, a date, or a list or table of these"
                );
                let ja = format!("constants: {member:?} = {found}: 文字列、数、日付、またはその配列か表が必要です");
                Err(TomlProblem::at(text, span, message, None).in_japanese(ja))
            }
        };
        let constants = constants.into_iter().map(constant).collect::<Result<_, _>>()?;
        Ok(Mapping { key, date_order, columns, constants })
    }
}

/// The value in JSON, a date as the text that it is written as; none of what JSON has not: numbers without an end, and times.
fn json(value: Written) -> Option<Value> {
    Some(match value {
        Written::String(text) => text.into(),
        Written::Integer(number) => number.into(),
        Written::Float(number) => serde_json::Number::from_f64(number)?.into(),
        Written::Boolean(truth) => truth.into(),
        Written::Datetime(moment) if moment.time.is_none() && moment.offset.is_none() => moment.to_string().into(),
        Written::Datetime(_) => return None,
        Written::Array(values) => values.into_iter().map(json).collect::<Option<Vec<Value>>>()?.into(),
        Written::Table(members) => {
            let members = members.into_iter().map(|(name, value)| Some((name, json(value)?)));
            Value::Object(members.collect::<Option<_>>()?)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_names_columns_and_constants() {
        let mapping = Mapping::from_toml(
            "key = \"番号\"\ndate_order = \"mdy\"\n[columns]\n\"学生\" = \"recipient.name\"\n[constants]\n\"achievement.hours\" = 15\n",
        );
        let mapping = mapping.unwrap();
        assert_eq!((mapping.key.as_deref(), mapping.date_order), (Some("番号"), DateOrder::MonthDayYear));
        assert_eq!(mapping.columns["学生"], "recipient.name");
        assert_eq!(mapping.constants["achievement.hours"], 15);
    }

    #[test]
    fn what_is_wrong_with_a_mapping_has_its_line() {
        for (text, words, japanese) in [
            ("[columns]\n学生 = \"x\"", "mapping: line 2, column 1: ", "対応表: 2 行 1 列: TOML として読めません"),
            ("[colums]\n", "did you mean \"columns\"?", "colums という項目はありません"),
            ("date_order = \"ymmd\"", "line 1, column 14", "ymmd という語はありません"),
        ] {
            let problem = Mapping::from_toml(text).unwrap_err();
            let (message, told) = (problem.to_string(), problem.in_japanese());
            assert!(message.contains(words) && !message.contains('\n'), "{message}");
            assert!(told.contains(japanese) && !told.contains('\n'), "{told}");
        }
    }

    #[test]
    fn a_date_is_the_text_that_it_is_written_as_and_what_json_has_not_is_refused_as_it_is_written() {
        let constants = |value: &str| Mapping::from_toml(&format!("[constants]\n\"valid_until\" = {value}\n"));
        assert_eq!(constants("2027-03-31").unwrap().constants["valid_until"], "2027-03-31");
        assert_eq!(constants("[{ a = 2027-03-31 }]").unwrap().constants["valid_until"][0]["a"], "2027-03-31");
        for value in ["nan", "-inf", "+nan", "07:30:00", "2027-03-31T07:30:00Z", "[1, inf]", "{ a = nan }"] {
            let problem = constants(value).unwrap_err();
            let wanted = format!("line 2, column 17: constants: \"valid_until\" = {value}: wanted a text");
            assert!(problem.to_string().contains(&wanted), "{problem}");
            assert!(problem.in_japanese().contains(&format!("= {value}: 文字列、数")), "{}", problem.in_japanese());
        }
    }
}
