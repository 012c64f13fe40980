//! Values that a template prints. In: a member of the data. Out: its texts.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::decimal::Decimal;
use super::words;
use crate::completion::{Amount, Bilingual};

/// A row of a table: its values by the names of their columns.
pub(super) type Row = BTreeMap<String, Value>;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Text(String),
    /// A text in both languages.
    Both(Bilingual),
    Date(Date),
    Number(Decimal),
    /// Whole yen.
    Money(i64),
    /// Hours, credits.
    Amount(Amount),
    List(Vec<Bilingual>),
    Table(Vec<Row>),
}

/// How a value is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Format {
    /// In the usual way.
    #[default]
    Usual,
    /// A date, or one of two texts, in English.
    English,
    /// A date by the era: 令和8年11月24日.
    Era,
    /// A date in a narrow place: 2026/11/24.
    Short,
}

impl Format {
    pub(super) fn named(name: &str) -> Option<Format> {
        match name {
            "en" => Some(Self::English),
            "era" => Some(Self::Era),
            "short" => Some(Self::Short),
            _ => None,
        }
    }
}

impl Value {
    /// As one text; nothing for what is no text alone, such as an era before 昭和.
    pub(super) fn text(&self, format: Format) -> Option<String> {
        match (self, format) {
            (Self::Text(text), _) => Some(text.clone()),
            (Self::Both(text), Format::English) => text.en.clone(),
            (Self::Both(text), _) => Some(text.ja.clone()),
            (Self::Date(date), Format::Usual) => Some(words::western(*date)),
            (Self::Date(date), Format::English) => Some(words::english(*date)),
            (Self::Date(date), Format::Era) => words::era(*date),
            (Self::Date(date), Format::Short) => Some(words::short(*date)),
            (Self::Number(number), _) => Some(number.to_string()),
            (Self::Money(yen), _) => Some(Decimal::from_whole(*yen).to_string()),
            (Self::Amount(amount), _) => Some(amount.to_string()),
            (Self::List(_) | Self::Table(_), _) => None,
        }
    }
}
