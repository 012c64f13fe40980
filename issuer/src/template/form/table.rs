//! Tables, and consumption tax that is reckoned from one.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::look::Align;
use super::{Words, half};

/// A table.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TableForm {
    /// The member, a table.
    pub(crate) from: String,
    /// What stands above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) heading: Option<Words>,
    /// Its columns, from left to right.
    pub(crate) columns: Vec<TableColumn>,
    /// Size of its texts.
    #[serde(default = "table_size")]
    #[schema(minimum = 5, maximum = 14)]
    pub(crate) size: f32,
}

/// A column of a table on the page.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TableColumn {
    /// The column of the member.
    pub(crate) member: String,
    /// Its share of the width.
    #[schema(minimum = 0.01, maximum = 1000)]
    pub(crate) width: f32,
    /// Where its texts stand: numbers at the right, else at the left without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) align: Option<Align>,
    /// What stands behind a value: 円, %.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) suffix: Option<String>,
    /// A mark behind the value of some rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) mark: Option<MarkForm>,
}

/// A mark in some rows.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MarkForm {
    /// The column of the row that is looked at.
    pub(crate) member: String,
    /// The value that gives the mark, as printed.
    pub(crate) is: String,
    /// The mark.
    pub(crate) text: String,
}

/// Consumption tax, reckoned from a table: for each rate once, over the sum of its amounts.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TaxForm {
    /// The member, a table.
    pub(crate) from: String,
    /// Its column with the amount without tax, money.
    pub(crate) amount: String,
    /// Its column with the rate in per cent, a number.
    pub(crate) rate: String,
    /// Its column with how many; amount is how many times the price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) quantity: Option<String>,
    /// Its column with the price of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) price: Option<String>,
    /// What becomes of a part of a yen, once for each rate.
    #[serde(default)]
    pub(crate) rounding: Rounding,
    /// The rates that an amount may have, in per cent.
    pub(crate) rates: Vec<u32>,
    /// The reduced rate (軽減税率).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) reduced: Option<u32>,
}

/// What becomes of a part of a yen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Rounding {
    /// It is dropped (切捨て).
    #[default]
    Down,
    /// It counts as a yen (切上げ).
    Up,
    /// It counts from a half on (四捨五入).
    HalfUp,
}

/// What is due, by tax rate.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TaxBlockForm {
    /// Its share of the page's width, at the right.
    #[serde(default = "half")]
    #[schema(minimum = 0.3, maximum = 1)]
    pub(crate) width: f32,
}

fn table_size() -> f32 {
    8.5
}
