//! Cells of workbooks that are no texts. In: a number, a day, a time, and what kind of member it is to be. Out: a JSON value of what is seen
//! in the sheet, or why that cannot be told, and what to do.

use serde_json::Value;

use super::{Cell, Wrong, as_a_spreadsheet_shows, fold, json_number};
use crate::register::number_format::TimeKind;
use crate::register::words::{Advice, Words, both};
use crate::template::ColumnKind as Kind;

/// Numbers from here on have lost digits: spreadsheets keep fifteen (Excel specifications and limits, number precision).
const FIRST_WITHOUT_ALL_DIGITS: f64 = 1e15;

const AS_TEXT: Advice =
    ("format the column as text, and type the value anew", "列の書式を文字列にしてから、値を入力し直してください");

const SECONDS_OF_DAY: i64 = 86_400;

impl Cell {
    /// The value for a member of that kind, of a cell that is no text; none if its text says it.
    pub(super) fn typed(&self, kind: Kind) -> Option<Result<Value, Wrong>> {
        let is_id = matches!(kind, Kind::Id | Kind::RegistrationNumber);
        let is_text = matches!(kind, Kind::Text | Kind::LongText | Kind::List | Kind::Table);
        match self {
            Cell::Number { value, .. } if (is_id || is_text) && value.abs() >= FIRST_WITHOUT_ALL_DIGITS => {
                Some(wrong(digits_are_lost(*value), AS_TEXT))
            }
            Cell::Number { text, .. } if is_id && text.ends_with('%') => {
                Some(wrong(not_an_id("a share", "割合", text), AS_TEXT))
            }
            Cell::Number { value, .. } if matches!(kind, Kind::Number | Kind::Money) => Some(Ok(json_number(*value))),
            Cell::Number { day: Some(day), .. } if kind == Kind::Date => Some(Ok(day.to_string().into())),
            Cell::Day { day, .. } if kind == Kind::Date => Some(Ok(day.to_string().into())),
            Cell::Day { text: None, day } if is_text => Some(wrong(unseen_day(&day.to_string()), AS_TEXT)),
            Cell::Day { .. } if is_id => Some(wrong(not_an_id("a date", "日付", &self.shown()), AS_TEXT)),
            Cell::Time { .. } if is_id => Some(wrong(not_an_id("a time", "時刻", &self.shown()), AS_TEXT)),
            Cell::Truth(_) if is_id => Some(wrong(not_an_id("a truth value", "真偽値", &self.shown()), AS_TEXT)),
            Cell::Unseen { value, .. } if value.abs() >= FIRST_WITHOUT_ALL_DIGITS => {
                Some(wrong(digits_are_lost(*value), AS_TEXT))
            }
            Cell::Unseen { value, format } => Some(wrong(unseen(*value, format), AS_TEXT)),
            _ => None,
        }
    }

    /// The same cell where hours are wanted: `36:00` is 36 of them, `6:30` six and a half.
    pub(in crate::register) fn in_hours(&self) -> Result<Cell, Wrong> {
        let (seconds, kind) = match self {
            Cell::Time { seconds, kind, .. } => (*seconds, *kind),
            Cell::Text(text) => match clock(text) {
                Some(seconds) => (seconds, TimeKind::Elapsed),
                None => return Ok(self.clone()),
            },
            other => return Ok(other.clone()),
        };
        let text = self.shown();
        if kind == TimeKind::OfDay && seconds >= SECONDS_OF_DAY {
            let message = both!(
                "wanted hours, found {text:?}, which is a time of day: the cell holds more than a day",
                "時間数が必要ですが、{text:?} は時刻の表示で、セルの値は 1 日を超えています"
            );
            let advice = (
                "give the column the format [h]:mm, or write the hours as a number",
                "列の書式を [h]:mm にするか、時間数を数字で書いてください",
            );
            return Err(Wrong { message, advice });
        }
        if seconds % 36 != 0 {
            let message = both!(
                "wanted hours with at most two decimals, found {text:?}",
                "小数 2 桁以内の時間数が必要ですが、{text:?} です"
            );
            return Err(Wrong {
                message,
                advice: ("write the hours as a number, such as 6.33", "6.33 のように時間数を数字で書いてください"),
            });
        }
        let value = seconds as f64 / 3600.0;
        Ok(Cell::Number { text: as_a_spreadsheet_shows(value), value, day: None })
    }
}

/// The seconds of `36:00` or `6:30:00`.
fn clock(text: &str) -> Option<i64> {
    let folded = fold::width(text);
    let parts: Vec<&str> = folded.trim().split(':').collect();
    let is_number =
        |part: &str, most: usize| (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    let (hours, rest) = parts.split_first()?;
    let two = |part: &&str| part.len() == 2 && is_number(part, 2) && !part.starts_with(['6', '7', '8', '9']);
    if !is_number(hours, 4) || !(1..=2).contains(&rest.len()) || !rest.iter().all(two) {
        return None;
    }
    let number = |text: &str| text.parse::<i64>().ok();
    let seconds = rest.get(1).map_or(Some(0), |part| number(part))?;
    Some(number(hours)? * 3600 + number(rest[0])? * 60 + seconds)
}

fn wrong(message: Words, advice: Advice) -> Result<Value, Wrong> {
    Err(Wrong { message, advice })
}

fn digits_are_lost(value: f64) -> Words {
    both!(
        "found a number of more than fifteen digits, {value:.0}, of which a spreadsheet has lost those behind",
        "15 桁を超える数 {value:.0} です: 表計算ソフトでは 16 桁目以降が失われています"
    )
}

fn not_an_id(what: &str, what_ja: &str, shown: &str) -> Words {
    both!("wanted an identifier, found {what}: {shown:?}", "識別子が必要ですが、{what_ja}（{shown:?}）です")
}

fn unseen_day(day: &str) -> Words {
    both!(
        "found the day {day} in a format that is not known here, so that what is seen in the sheet is not known",
        "{day} という日付ですが、書式が未対応のため、シートでの見え方が分かりません"
    )
}

fn unseen(value: f64, format: &str) -> Words {
    let (value, format) = (as_a_spreadsheet_shows(value), super::shortened(format));
    both!(
        "found the number {value} in the format {format:?}, which is not known here, so that what is seen in the sheet is not known",
        "{value} という数ですが、書式 {format:?} は未対応のため、シートでの見え方が分かりません"
    )
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::json;

    use super::*;
    use crate::register::mapping::DateOrder;

    fn value(cell: &Cell, kind: Kind) -> Result<Option<Value>, String> {
        cell.value(kind, DateOrder::default()).map_err(|wrong| wrong.message.en)
    }

    fn number(value: f64, text: &str) -> Cell {
        Cell::Number { text: text.to_owned(), value, day: None }
    }

    #[test]
    fn what_is_seen_in_the_sheet_is_what_counts() {
        assert_eq!(value(&number(80.0, "80%"), Kind::Number), Ok(Some(json!(80))));
        assert_eq!(value(&number(80.0, "80%"), Kind::Text), Ok(Some(json!("80%"))));
        assert_eq!(value(&number(42.0, "00042"), Kind::Id), Ok(Some(json!("00042"))));
        assert_eq!(value(&number(-1200.0, "(1,200)"), Kind::Money), Ok(Some(json!(-1200))));
        let day = Cell::Day { day: date(2026, 3, 31), text: Some("令和8年3月31日".to_owned()) };
        assert_eq!(value(&day, Kind::Date), Ok(Some(json!("2026-03-31"))));
        assert_eq!(value(&day, Kind::Text), Ok(Some(json!("令和8年3月31日"))));
    }

    #[test]
    fn what_a_spreadsheet_has_changed_is_no_identifier() {
        for (cell, words) in [
            (number(1_234_567_890_123_450.0, "1234567890123450"), "fifteen digits"),
            (Cell::Unseen { value: 1_234_567_890_123_456_789.0, format: "0".to_owned() }, "fifteen digits"),
            (Cell::Day { day: date(2026, 3, 1), text: Some("3月1日".to_owned()) }, "found a date: \"3月1日\""),
            (Cell::Truth(true), "found a truth value: \"TRUE\""),
            (Cell::Time { text: "1:30".to_owned(), seconds: 5400, kind: TimeKind::OfDay }, "found a time: \"1:30\""),
            (number(12.0, "12%"), "found a share"),
            (Cell::Unseen { value: 12.5, format: "# ?/?".to_owned() }, "\"# ?/?\", which is not known here"),
        ] {
            let found = value(&cell, Kind::Id).unwrap_err();
            assert!(found.contains(words), "{found}");
        }
        assert!(value(&number(1e15, "1E+15"), Kind::Text).unwrap_err().contains("fifteen digits"));
    }

    #[test]
    fn hours_are_read_from_durations_and_refused_where_they_do_not_come_out_even() {
        let hours = |cell: &Cell| cell.in_hours().map(|cell| cell.shown()).map_err(|wrong| wrong.message.en);
        let time = |seconds, kind| Cell::Time { text: "12:00".to_owned(), seconds, kind };
        assert_eq!(hours(&time(129_600, TimeKind::Elapsed)), Ok("36".to_owned()));
        assert_eq!(hours(&time(21_600, TimeKind::OfDay)), Ok("6".to_owned()));
        assert!(hours(&time(129_600, TimeKind::OfDay)).unwrap_err().contains("more than a day"));
        assert_eq!(hours(&Cell::Text("６:30".to_owned())), Ok("6.5".to_owned()));
        assert!(hours(&Cell::Text("6:20".to_owned())).unwrap_err().contains("two decimals"));
        for text in ["15", "15時間", "6:5", "6:61", "1:2:3:4"] {
            assert_eq!(hours(&Cell::Text(text.to_owned())), Ok(text.to_owned()));
        }
    }
}
