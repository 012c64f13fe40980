//! One cell. In: what a file has there, and what kind of member it is to be. Out: a JSON value, or what is wrong and what to do.

mod tricks;
mod typed;

use jiff::civil::Date;
use serde_json::Value;

use super::date;
use super::fold;
use super::mapping::DateOrder;
use super::number_format::{TimeKind, as_a_spreadsheet_shows};
use super::words::{Advice, Words, both};
use crate::template::ColumnKind as Kind;

/// The most characters of a cell: as many as Excel takes.
const MOST_CHARACTERS: usize = 32_767;

/// What a file has in a cell.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    /// A text.
    Text(String),
    /// A number of a workbook as it is seen there, and the day that it would be if it were the number of one.
    Number { text: String, value: f64, day: Option<Date> },
    /// A day, in a workbook, and how it is seen there.
    Day { day: Date, text: Option<String> },
    /// A time of day or a duration, in a workbook.
    Time { text: String, seconds: i64, kind: TimeKind },
    /// TRUE or FALSE, in a workbook.
    Truth(bool),
    /// A number of a workbook in a format that nobody here knows.
    Unseen { value: f64, format: String },
    /// What a formula came to that went wrong, such as `#N/A`.
    Fault(String),
    /// Nothing, since the formula was never calculated by a spreadsheet.
    Unsaved,
    /// A text whose quotation mark is never closed, to the end of the file.
    Unclosed,
    /// A part of these merged cells, which are over several columns.
    Merged(String),
    /// In the place of a row with so many cells, which no sheet has.
    Beyond(usize),
}

/// The cells of a row that are not empty, by the places of their columns, from 0.
#[derive(Clone, Debug)]
pub(super) struct Cells {
    /// Line of the file, or row of the sheet, from 1.
    pub(super) line: u64,
    pub(super) cells: Vec<(usize, Cell)>,
}

impl Cells {
    /// How many cells the row has, if they are more than a sheet has.
    pub(super) fn beyond(&self) -> Option<usize> {
        self.cells.iter().find_map(|(_, cell)| if let Cell::Beyond(count) = cell { Some(*count) } else { None })
    }
}

/// What is wrong with a cell, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) message: Words,
    pub(super) advice: Advice,
}

fn wrong<T>(message: Words, advice: Advice) -> Result<T, Wrong> {
    Err(Wrong { message, advice })
}

impl Cell {
    /// A text, unless it is blank.
    pub(super) fn text(text: &str) -> Option<Cell> {
        let text = text.trim();
        (!text.is_empty()).then(|| Cell::Text(text.to_owned()))
    }

    /// What people see in it.
    pub(super) fn shown(&self) -> String {
        match self {
            Cell::Text(text) | Cell::Fault(text) | Cell::Number { text, .. } | Cell::Time { text, .. } => text.clone(),
            Cell::Day { day, text } => text.clone().unwrap_or_else(|| day.to_string()),
            Cell::Truth(truth) => if *truth { "TRUE" } else { "FALSE" }.to_owned(),
            Cell::Unseen { value, .. } => as_a_spreadsheet_shows(*value),
            Cell::Unsaved => "=".to_owned(),
            Cell::Unclosed => "\"".to_owned(),
            Cell::Merged(range) => range.clone(),
            Cell::Beyond(count) => count.to_string(),
        }
    }

    /// The JSON value for a member of that kind; none if the cell is empty after all.
    pub(super) fn value(&self, kind: Kind, order: DateOrder) -> Result<Option<Value>, Wrong> {
        let cell = self.without_tricks()?;
        let shown = cell.shown();
        if shown.is_empty() {
            return Ok(None);
        }
        if let Some(typed) = cell.typed(kind) {
            return typed.map(Some);
        }
        match kind {
            Kind::Text | Kind::LongText | Kind::Table => Ok(Some(plain(&shown).into())),
            Kind::Id | Kind::RegistrationNumber => id(&shown).map(Some),
            Kind::List => Ok(Some(list(&shown))),
            Kind::Date => day(&shown, order).map(Some),
            Kind::Number => number(&shown).map(Some),
            Kind::Money => money(&shown).map(Some),
        }
    }
}

fn day(shown: &str, order: DateOrder) -> Result<Value, Wrong> {
    date::parse(shown, order).map(|day| day.to_string().into()).map_err(|Words { en, ja }| {
        let (found, wanted) = (shortened(shown), date::WANTED);
        let message = both!(
            "wanted {wanted}, found {found:?}: {en}",
            "2026-03-31、2026年3月31日、令和8年3月31日、R8.3.31 のような日付が必要ですが、{found:?} です: {ja}"
        );
        Wrong { message, advice: ("write the day as YYYY-MM-DD", "YYYY-MM-DD の形で書いてください") }
    })
}

/// A text with its line breaks in one form, and its kana each one character.
fn plain(text: &str) -> String {
    fold::compose(&text.replace("\r\n", "\n").replace(['\r', '\u{b}'], "\n"))
}

fn id(shown: &str) -> Result<Value, Wrong> {
    let folded = fold::width(shown).trim().to_owned();
    let shortened_number = folded.split_once(['E', 'e']).is_some_and(|(mantissa, exponent)| {
        let number =
            |text: &str| !text.is_empty() && text.chars().all(|one| one.is_ascii_digit() || ".+-".contains(one));
        exponent.starts_with(['+', '-']) && number(mantissa) && number(exponent)
    });
    if shortened_number {
        let message = both!(
            "found {folded:?}: a spreadsheet has shortened a long number",
            "{folded:?} です: 表計算ソフトが長い番号を縮めています"
        );
        let advice = (
            "make the column a text before the numbers are written or read into it",
            "番号を入れる前に、列の書式を文字列にしてください",
        );
        return wrong(message, advice);
    }
    Ok(folded.into())
}

/// Texts on lines of their own, or between semicolons.
fn list(shown: &str) -> Value {
    let plain = plain(shown);
    let items = plain.split(['\n', ';', '；']).map(str::trim).filter(|item| !item.is_empty());
    items.map(|item| serde_json::json!({ "ja": item })).collect()
}

/// A number with its thousands apart, its unit behind it, in any width.
fn number(shown: &str) -> Result<Value, Wrong> {
    let folded = fold::width(shown).to_lowercase();
    let mut text = folded.trim();
    for unit in ["時間", "単位", "hours", "hour", "credits", "credit", "h", "%"] {
        text = text.strip_suffix(unit).unwrap_or(text).trim_end();
    }
    let shown = shortened(shown);
    digits(text).ok_or_else(|| Wrong {
        message: both!("wanted a number, found {shown:?}", "数が必要ですが、{shown:?} です"),
        advice: ("write it in digits, such as 15 or 22.5", "15 や 22.5 のように数字で書いてください"),
    })
}

/// A sum in yen, with its sign or word.
fn money(shown: &str) -> Result<Value, Wrong> {
    let folded = fold::width(shown);
    let text = folded.trim().trim_end_matches(['円', '-']).trim_end();
    let in_parentheses = text.strip_prefix('(').and_then(|text| text.strip_suffix(')'));
    let (sign, text) = match text.strip_prefix(['-', '▲', '△']).or(in_parentheses) {
        Some(text) => ("-", text),
        None => ("", text),
    };
    // What Shift_JIS has in the place of a backslash is a yen sign.
    let text = text.trim_start_matches(['¥', '\u{ffe5}', '\\']).trim_start();
    let shown = shortened(shown);
    digits(&format!("{sign}{text}")).ok_or_else(|| Wrong {
        message: both!("wanted a sum in yen, found {shown:?}", "円の金額が必要ですが、{shown:?} です"),
        advice: ("write it in digits, such as 1200 or 1,200", "1200 や 1,200 のように数字で書いてください"),
    })
}

/// A number in digits, thousands apart or not.
fn digits(text: &str) -> Option<Value> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let whole = unsigned.split('.').next().unwrap_or_default();
    let groups: Vec<&str> = whole.split(',').collect();
    let grouped = groups.len() == 1 || (groups[0].len() <= 3 && groups[1..].iter().all(|group| group.len() == 3));
    let digits = unsigned.chars().all(|one| one.is_ascii_digit() || ".,".contains(one))
        && unsigned.starts_with(|one: char| one.is_ascii_digit());
    let value: f64 = text.replace(',', "").parse().ok().filter(|_| grouped && digits)?;
    Some(json_number(value))
}

/// A number in JSON: whole ones without a point.
fn json_number(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 1e15 { (value as i64).into() } else { value.into() }
}

/// A value for a message.
pub(super) fn shortened(text: &str) -> String {
    crate::error::shortened(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &str, kind: Kind) -> Result<Option<Value>, Wrong> {
        Cell::Text(text.to_owned()).value(kind, DateOrder::default())
    }

    #[test]
    fn numbers_are_read_in_any_width_with_thousands_and_units() {
        for (text, value) in [
            ("15", json!(15)),
            ("１５", json!(15)),
            ("22.5時間", json!(22.5)),
            ("1,234", json!(1234)),
            ("２単位", json!(2)),
            ("15 h", json!(15)),
        ] {
            assert_eq!(read(text, Kind::Number), Ok(Some(value)), "{text}");
        }
        for text in ["1,5", "十五", "1.2.3", "--3", "1e3", "15 分"] {
            assert!(read(text, Kind::Number).is_err(), "{text}");
        }
    }

    #[test]
    fn sums_of_money_and_rates_are_read_as_invoices_have_them() {
        for (text, value) in [
            ("1,200円", json!(1200)),
            ("￥1,200-", json!(1200)),
            ("\\98", json!(98)),
            ("▲500", json!(-500)),
            ("１２００", json!(1200)),
        ] {
            assert_eq!(read(text, Kind::Money), Ok(Some(value)), "{text}");
        }
        assert_eq!(read("10%", Kind::Number), Ok(Some(json!(10))));
        assert_eq!(read("(1,200)", Kind::Money), Ok(Some(json!(-1200))));
    }

    #[test]
    fn formulas_and_what_spreadsheets_show_for_no_value_are_told() {
        for (text, word) in [
            ("=HYPERLINK(\"http://x\",\"山田\")", "formula"),
            ("#N/A", "failed"),
            ("#REF!", "failed"),
            ("Err:510", "failed"),
            ("#####", "narrow"),
        ] {
            let message = read(text, Kind::Text).unwrap_err().message.en;
            assert!(message.contains(word), "{text}: {message}");
        }
        assert!(read("4.71E+14", Kind::Id).unwrap_err().message.en.contains("shortened"));
        assert!(read(&"あ".repeat(40_000), Kind::Text).unwrap_err().message.en.contains("32767"));
    }

    #[test]
    fn a_text_that_a_spreadsheet_was_made_to_keep_is_what_it_was() {
        assert_eq!(read("=\"00123\"", Kind::Id), Ok(Some(json!("00123"))));
        assert_eq!(read("'=１の証明", Kind::Text), Ok(Some(json!("=１の証明"))));
        assert_eq!(read("'t Hooft", Kind::Text), Ok(Some(json!("'t Hooft"))));
        assert_eq!(read("一\r\n二", Kind::LongText), Ok(Some(json!("一\n二"))));
        assert_eq!(
            read("集める；説明する\n伝える", Kind::List),
            Ok(Some(json!([{"ja":"集める"},{"ja":"説明する"},{"ja":"伝える"}])))
        );
    }
}
