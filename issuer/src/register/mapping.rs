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

use super::error::RegisterError;
use super::words::both;

/// Which column is which member, and what is the same in every row.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Header of the column that holds the key of a row.
    pub key: Option<String>,
    /// What stands first in a date whose year stands last.
    #[serde(default)]
    pub date_order: DateOrder,
    /// Members by header; an empty one leaves the column out.
    #[serde(default)]
    pub columns: BTreeMap<String, String>,
    /// Values by member, for every row.
    #[serde(default)]
    pub constants: BTreeMap<String, Value>,
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
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        toml::from_str(text).map_err(|error| {
            let problem = error.to_string();
            let problem = problem.trim_end();
            RegisterError::Mapping { problem: both!("{problem}", "TOML として読み取れません: {problem}") }
        })
    }
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
        for (text, words) in [
            ("[columns]\n学生 = \"x\"", "line 2"),
            ("[colums]\n", "unknown field `colums`"),
            ("date_order = \"ymmd\"", "line 1"),
        ] {
            let message = Mapping::from_toml(text).unwrap_err().to_string();
            assert!(message.contains(words), "{message}");
        }
    }
}
