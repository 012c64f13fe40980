//! Dates as registrars write them. In: the text of a cell, or a number of days. Out: a date, or why it is none that can be relied on.

use jiff::ToSpan as _;
use jiff::civil::{Date, date};

use super::fold;
use super::mapping::DateOrder;

/// Japanese eras with the day on which each began, and the signs by which they are written.
const ERAS: [(&[&str], Date); 5] = [
    (&["令和", "r", "㋿"], date(2019, 5, 1)),
    (&["平成", "h", "㍻"], date(1989, 1, 8)),
    (&["昭和", "s", "㍼"], date(1926, 12, 25)),
    (&["大正", "t", "㍽"], date(1912, 7, 30)),
    (&["明治", "m", "㍾"], date(1868, 1, 25)),
];

/// Days in numbers, as spreadsheets count them, that are taken for dates where nothing says that they are: 1954 to 2119.
const SERIALS: std::ops::RangeInclusive<i64> = 20_000..=80_000;

/// What is asked for, where a text is none of it.
pub(super) const WANTED: &str = "a date such as 2026-03-31, 2026/3/31, 2026年3月31日, 令和8年3月31日 or R8.3.31";

/// The date that a text is.
pub(super) fn parse(text: &str, order: DateOrder) -> Result<Date, &'static str> {
    let folded = fold::width(text).to_lowercase();
    let day = folded.split(['(', ' ']).next().unwrap_or_default(); // a weekday or a time may follow
    let day = match folded.contains('年') {
        true => folded.split('(').next().unwrap_or_default().replace(' ', ""),
        false => day.split_once('t').filter(|(day, _)| day.len() > 7).map_or(day, |(day, _)| day).to_owned(),
    };
    for (names, begun) in ERAS {
        if let Some(rest) = names.iter().find_map(|name| day.strip_prefix(name)) {
            return of_era(rest, begun);
        }
    }
    if day.len() == 8 && day.bytes().all(|byte| byte.is_ascii_digit()) {
        return ymd(&day[..4], &day[4..6], &day[6..]);
    }
    if let Ok(serial) = day.parse::<i64>() {
        return of_serial(serial);
    }
    match numbers(&day).as_deref() {
        Some([year, month, day]) if year.len() == 4 => ymd(year, month, day),
        Some([first, second, year]) if year.len() == 4 => match order {
            DateOrder::DayMonthYear => ymd(year, second, first),
            DateOrder::MonthDayYear => ymd(year, first, second),
            DateOrder::YearMonthDay => {
                Err("it is not sure which is the day; the mapping says it: date_order = \"dmy\" or \"mdy\"")
            }
        },
        Some([_, _, _]) => Err("the year has two digits; write all four"),
        _ => Err("it is no date"),
    }
}

/// Why a text is no date, in Japanese.
pub(super) fn in_japanese(why: &str) -> &'static str {
    match why {
        "it is not sure which is the day; the mapping says it: date_order = \"dmy\" or \"mdy\"" => {
            "日と月の順が分かりません。対応表の date_order = \"dmy\" または \"mdy\" で指定できます"
        }
        "the year has two digits; write all four" => "年が 2 桁です。4 桁で書いてください",
        "the number is no date" => "日付を表す数ではありません",
        "after the era stand no year, month and day" => "元号の後に年月日がありません",
        "the year is none of the era" => "その元号にない年です",
        "the era had not begun on that day" => "その日にはまだその元号になっていません",
        "there is no such day" => "その日は暦にありません",
        _ => "日付ではありません",
    }
}

/// The date that so many days are, as a spreadsheet counts them from the end of 1899.
pub(super) fn of_serial(serial: i64) -> Result<Date, &'static str> {
    if !SERIALS.contains(&serial) {
        return Err("the number is no date");
    }
    date(1899, 12, 30).checked_add(serial.days()).map_err(|_| "the number is no date")
}

/// Three numbers between signs: `2026/3/31`, `2026年3月31日`.
fn numbers(day: &str) -> Option<Vec<&str>> {
    let parts: Vec<&str> = day.trim_end_matches(['日', '.', '/']).split(['-', '/', '.', '年', '月']).collect();
    let digits = |part: &&str| (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    (parts.len() == 3 && parts.iter().all(digits)).then_some(parts)
}

fn of_era(rest: &str, begun: Date) -> Result<Date, &'static str> {
    let rest = rest.replacen("元", "1", 1);
    let parts =
        numbers(rest.trim_start_matches(['.', '-', '/'])).ok_or("after the era stand no year, month and day")?;
    let year: i16 = parts[0].parse().map_err(|_| "the year is none of the era")?;
    if !(1..=99).contains(&year) {
        return Err("the year is none of the era");
    }
    let found = ymd(&(begun.year() + year - 1).to_string(), parts[1], parts[2])?;
    if found < begun { Err("the era had not begun on that day") } else { Ok(found) }
}

fn ymd(year: &str, month: &str, day: &str) -> Result<Date, &'static str> {
    let none = "there is no such day";
    let (year, month, day) = (year.parse(), month.parse(), day.parse());
    match (year, month, day) {
        (Ok(year), Ok(month), Ok(day)) => Date::new(year, month, day).map_err(|_| none),
        _ => Err(none),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_in_which_registrars_write_a_day_are_one_day() {
        for text in [
            "2026-03-31",
            "2026/3/31",
            "2026.3.31",
            "2026年3月31日",
            "２０２６年３月３１日",
            "20260331",
            "令和8年3月31日",
            "令和８年３月３１日",
            "R8.3.31",
            "r08/03/31",
            "Ｒ８．３．３１",
            "2026/3/31 0:00",
            "2026-03-31T00:00:00",
            "2026年3月31日(火)",
            "2026/03/31（火）",
            "2026年 3月 31日",
            "46112",
            "㋿8年3月31日",
        ] {
            assert_eq!(
                parse(text, DateOrder::default()).map(|date| date.to_string()).as_deref(),
                Ok("2026-03-31"),
                "{text}"
            );
        }
        assert_eq!(parse("平成元年1月8日", DateOrder::default()), Ok(date(1989, 1, 8)));
        assert_eq!(parse("31/3/2026", DateOrder::DayMonthYear), Ok(date(2026, 3, 31)));
        assert_eq!(parse("3/31/2026", DateOrder::MonthDayYear), Ok(date(2026, 3, 31)));
    }

    #[test]
    fn what_can_be_read_in_two_ways_or_is_no_day_is_refused_with_its_reason() {
        for (text, reason) in [
            ("3/4/2026", "which is the day"),
            ("26/3/31", "two digits"),
            ("2026-02-30", "no such day"),
            ("令和元年4月30日", "had not begun"),
            ("令和8年", "no year, month and day"),
            ("H100.1.1", "none of the era"),
            ("来年", "no date"),
            ("7", "no date"),
            ("", "no date"),
        ] {
            let found = parse(text, DateOrder::default()).unwrap_err();
            assert!(found.contains(reason), "{text}: {found}");
        }
    }
}
