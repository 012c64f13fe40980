//! One cell. In: what a file has there, and what kind of member it is to be. Out: a JSON value, or what is wrong and what to do.

use jiff::civil::Date;
use serde_json::Value;

use super::date;
use super::fold;
use super::mapping::DateOrder;
use super::words::{Advice, Words, both};
use crate::template::ColumnKind as Kind;

/// The most characters of a cell: as many as Excel takes.
const MOST_CHARACTERS: usize = 32_767;

/// What a file has in a cell.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    /// A text.
    Text(String),
    /// A number, shown with at least so many digits.
    Number(f64, usize),
    /// A day, in a workbook.
    Day(Date),
    /// What a formula came to that went wrong, such as `#N/A`.
    Fault(String),
    /// A text whose quotation mark is never closed, to the end of the file.
    Unclosed,
}

/// The cells of a row that are not empty, by the places of their columns, from 0.
#[derive(Clone, Debug)]
pub(super) struct Cells {
    /// Line of the file, or row of the sheet, from 1.
    pub(super) line: u64,
    pub(super) cells: Vec<(usize, Cell)>,
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

/// What a spreadsheet shows in the place of a value that it does not have.
const FAULTS: [&str; 10] =
    ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "#GETTING_DATA"];

impl Cell {
    /// A text, unless it is blank.
    pub(super) fn text(text: &str) -> Option<Cell> {
        let text = text.trim();
        (!text.is_empty()).then(|| Cell::Text(text.to_owned()))
    }

    /// What people see in it.
    pub(super) fn shown(&self) -> String {
        match self {
            Cell::Text(text) | Cell::Fault(text) => text.clone(),
            Cell::Number(value, width) if value.fract() == 0.0 && value.abs() < 1e15 => {
                format!("{value:0width$.0}", width = *width)
            }
            Cell::Number(value, _) => as_a_spreadsheet_shows(*value),
            Cell::Day(day) => day.to_string(),
            Cell::Unclosed => "\"".to_owned(),
        }
    }

    /// The JSON value for a member of that kind; none if the cell is empty after all.
    pub(super) fn value(&self, kind: Kind, order: DateOrder) -> Result<Option<Value>, Wrong> {
        let cell = self.without_tricks()?;
        let shown = cell.shown();
        match (kind, &cell) {
            _ if shown.is_empty() => Ok(None),
            (Kind::Text | Kind::LongText | Kind::Table, _) => Ok(Some(plain(&shown).into())),
            (Kind::Id | Kind::RegistrationNumber, _) => id(&shown).map(Some),
            (Kind::List, _) => Ok(Some(list(&shown))),
            (Kind::Date, Cell::Day(day)) => Ok(Some(day.to_string().into())),
            (Kind::Date, _) => match date::parse(&shown, order) {
                Ok(day) => Ok(Some(day.to_string().into())),
                Err(why) => {
                    let (found, wanted) = (shortened(&shown), date::WANTED);
                    let why_ja = date::in_japanese(why);
                    let message = both!(
                        "wanted {wanted}, found {found:?}: {why}",
                        "2026-03-31、2026年3月31日、令和8年3月31日、R8.3.31 のような日付が必要ですが、{found:?} です: {why_ja}"
                    );
                    wrong(message, ("write the day as YYYY-MM-DD", "YYYY-MM-DD の形で書いてください"))
                }
            },
            (Kind::Number, _) => number(&shown).map(Some),
            (Kind::Money, _) => money(&shown).map(Some),
        }
    }

    /// The cell as it was meant: without what spreadsheets put around texts, and nothing that is no value.
    fn without_tricks(&self) -> Result<Cell, Wrong> {
        let text = match self {
            Cell::Fault(fault) => return fault_of(fault),
            Cell::Unclosed => {
                let message = both!(
                    "found a quotation mark that is never closed, so that all that follows is one cell",
                    "閉じていない引用符があり、以下すべてが 1 つのセルになっています"
                );
                let advice = (
                    "close the mark; within a text write two for one",
                    "引用符を閉じてください。文中の引用符は 2 つ続けて書きます",
                );
                return wrong(message, advice);
            }
            Cell::Text(text) => text,
            other => return Ok(other.clone()),
        };
        let length = text.chars().count();
        if length > MOST_CHARACTERS {
            let message = both!(
                "wanted at most {MOST_CHARACTERS} characters in a cell, found {length}",
                "セルは {MOST_CHARACTERS} 文字までですが、{length} 文字あります"
            );
            let advice = (
                "shorten it, or look for a quotation mark that is lacking before it",
                "短くするか、前に足りない引用符がないか確かめてください",
            );
            return wrong(message, advice);
        }
        if FAULTS.iter().any(|fault| text.eq_ignore_ascii_case(fault)) || is_numbered_fault(text) {
            return fault_of(text);
        }
        if text.len() > 2 && text.bytes().all(|byte| byte == b'#') {
            let message = both!(
                "found {text}: the column was too narrow to show the value",
                "{text} です: 列の幅が足りず、値が書き出されていません"
            );
            return wrong(message, ("widen the column and save anew", "列を広げて保存し直してください"));
        }
        // ="0012" keeps its zeros in a spreadsheet, and '=1 is the text =1.
        if let Some(quoted) = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')) {
            return Ok(Cell::Text(quoted.replace("\"\"", "\"").trim().to_owned()));
        }
        if let Some(rest) = text.strip_prefix('\'').filter(|rest| rest.starts_with(['=', '+', '-', '@'])) {
            return Ok(Cell::Text(rest.to_owned()));
        }
        if text.starts_with('=') {
            let formula = shortened(text);
            let message = both!(
                "found a formula, which is not calculated here: {formula:?}",
                "数式はここでは計算しません: {formula:?}"
            );
            let advice = (
                "write its value; a text that begins with = is written with ' before it",
                "値を書いてください。= で始まる文字列には前に ' を付けます",
            );
            return wrong(message, advice);
        }
        Ok(Cell::Text(text.clone()))
    }
}

/// What LibreOffice writes of a formula that failed in a way without a name, such as `Err:510`.
fn is_numbered_fault(text: &str) -> bool {
    let number = text.strip_prefix("Err:");
    number.is_some_and(|number| number.len() == 3 && number.bytes().all(|digit| digit.is_ascii_digit()))
}

fn fault_of<T>(fault: &str) -> Result<T, Wrong> {
    let message = both!("found {fault}: the formula of the cell failed", "{fault} です: セルの数式が失敗しています");
    wrong(message, ("correct the formula, or write the value", "数式を直すか、値を書いてください"))
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
    let (sign, text) = match text.strip_prefix(['-', '▲', '△']) {
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
    Some(if value.fract() == 0.0 && value.abs() < 1e15 { (value as i64).into() } else { value.into() })
}

/// With the fifteen digits that spreadsheets know: three times 1.1 is 3.3.
fn as_a_spreadsheet_shows(value: f64) -> String {
    format!("{value:.14e}").parse::<f64>().unwrap_or(value).to_string()
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
        assert_eq!(Cell::Number(3.0 * 1.1, 0).value(Kind::Number, DateOrder::default()), Ok(Some(json!(3.3))));
        assert_eq!(Cell::Number(0.1, 0).shown(), "0.1");
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
        assert_eq!(Cell::Number(123.0, 7).value(Kind::Id, DateOrder::default()), Ok(Some(json!("0000123"))));
        assert_eq!(read("一\r\n二", Kind::LongText), Ok(Some(json!("一\n二"))));
        assert_eq!(
            read("集める；説明する\n伝える", Kind::List),
            Ok(Some(json!([{"ja":"集める"},{"ja":"説明する"},{"ja":"伝える"}])))
        );
    }
}
