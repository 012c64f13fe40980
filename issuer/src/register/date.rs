//! Dates as registrars write them. In: the text of a cell, or a number of days. Out: a date, or why it is none that can be relied on.

mod clock;

use jiff::ToSpan as _;
use jiff::civil::{Date, date};

use super::fold;
use super::mapping::DateOrder;
use super::words::{Words, both};

/// An era: its names and signs, the day on which it began, and that on which it ended.
type Era = ([&'static str; 3], Date, Date);

/// Japanese eras, the newest first. Where one ends the next begins.
const ERAS: [Era; 5] = [
    (["令和", "r", "㋿"], date(2019, 5, 1), date(9999, 12, 31)),
    (["平成", "h", "㍻"], date(1989, 1, 8), date(2019, 4, 30)),
    (["昭和", "s", "㍼"], date(1926, 12, 25), date(1989, 1, 7)),
    (["大正", "t", "㍽"], date(1912, 7, 30), date(1926, 12, 24)),
    (["明治", "m", "㍾"], date(1868, 1, 25), date(1912, 7, 29)),
];

/// Days in numbers, as spreadsheets count them, that are taken for dates where nothing says that they are: 1954 to 2119.
const SERIALS: std::ops::RangeInclusive<i64> = 20_000..=80_000;

/// What is asked for, where a text is none of it.
pub(super) const WANTED: &str = "a date such as 2026-03-31, 2026/3/31, 2026年3月31日, 令和8年3月31日 or R8.3.31";

/// The date that a text is.
pub(super) fn parse(text: &str, order: DateOrder) -> Result<Date, Words> {
    let folded = fold::width(text).trim().to_lowercase();
    let (day, behind) = apart(&folded);
    let found = of_day(&day, order)?;
    clock::check(behind, found)?;
    Ok(found)
}

/// The day of a text, and what stands behind it: a weekday, a time.
fn apart(folded: &str) -> (String, &str) {
    let head = folded.find('(').unwrap_or(folded.len());
    if folded[..head].contains('年') {
        let month = folded[..head].find('月').unwrap_or(0);
        let end = folded[month..head].find('日').map_or(head, |place| month + place + '日'.len_utf8());
        return (folded[..end].replace(' ', ""), folded[end..].trim());
    }
    let is_time = |place: usize| folded[..place].ends_with(|one: char| one.is_ascii_digit()) && place > 7;
    let end = folded[..head].find(' ').or_else(|| folded[..head].find('t').filter(|place| is_time(*place)));
    let end = end.unwrap_or(head);
    (folded[..end].to_owned(), folded[end..].trim())
}

fn of_day(day: &str, order: DateOrder) -> Result<Date, Words> {
    for (names, begun, ended) in ERAS {
        let behind = |name: &&str| day.strip_prefix(*name).filter(|rest| !name.is_ascii() || is_of_an_era(rest));
        if let Some(rest) = names.iter().find_map(behind) {
            return of_era(rest, names[0], begun, ended);
        }
    }
    let is_number = !day.is_empty() && day.bytes().all(|byte| byte.is_ascii_digit());
    if is_number && day.len() == 8 {
        return ymd(&day[..4], &day[4..6], &day[6..]);
    }
    if let Some(perhaps) = day.parse().ok().filter(|_| is_number).and_then(of_serial) {
        return Err(both!(
            "a spreadsheet has written the number of a day, {perhaps} perhaps",
            "表計算ソフトが日付を通し番号で書き出しています（{perhaps} でしょうか）"
        ));
    }
    match numbers(day).as_deref() {
        Some([year, month, day]) if year.len() == 4 => ymd(year, month, day),
        Some([first, second, year]) if year.len() == 4 => match order {
            DateOrder::DayMonthYear => ymd(year, second, first),
            DateOrder::MonthDayYear => ymd(year, first, second),
            DateOrder::YearMonthDay => Err(both!(
                "it is not sure which is the day; the mapping says it: date_order = \"dmy\" or \"mdy\"",
                "日と月の順が分かりません。対応表の date_order = \"dmy\" または \"mdy\" で指定できます"
            )),
        },
        Some([_, _, _]) => Err(both!("the year has two digits; write all four", "年が 2 桁です。4 桁で書いてください")),
        _ => Err(both!("it is no date", "日付ではありません")),
    }
}

/// The date that so many days are, as a spreadsheet counts them from the end of 1899.
pub(super) fn of_serial(serial: i64) -> Option<Date> {
    SERIALS.contains(&serial).then(|| date(1899, 12, 30).checked_add(serial.days()).ok()).flatten()
}

/// The names of the era of a day, and its year in it.
pub(super) fn era_of(day: Date) -> Option<([&'static str; 3], i16)> {
    let (names, begun, _) = ERAS.into_iter().find(|(_, begun, _)| *begun <= day)?;
    Some((names, day.year() - begun.year() + 1))
}

/// Three numbers between signs: `2026/3/31`, `2026年3月31日`.
fn numbers(day: &str) -> Option<Vec<&str>> {
    let parts: Vec<&str> = day.trim_end_matches(['日', '.', '/']).split(['-', '/', '.', '年', '月']).collect();
    let digits = |part: &&str| (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    (parts.len() == 3 && parts.iter().all(digits)).then_some(parts)
}

/// Whether what stands behind a letter may be years of an era: TRUE is none of 大正.
fn is_of_an_era(rest: &str) -> bool {
    let rest = rest.trim_start_matches([' ', '.', '-', '/']);
    rest.starts_with(|one: char| one.is_ascii_digit() || one == '元')
}

fn of_era(rest: &str, name: &str, begun: Date, ended: Date) -> Result<Date, Words> {
    let rest = rest.replacen("元", "1", 1);
    let parts = numbers(rest.trim_start_matches(['.', '-', '/']));
    let Some(parts) = parts else {
        return Err(both!("after the era stand no year, month and day", "元号の後に年月日がありません"));
    };
    let year = parts[0].parse::<i16>().ok().filter(|year| (1..=99).contains(year));
    let Some(year) = year else { return Err(both!("the year is none of the era", "その元号にない年です")) };
    let found = ymd(&(begun.year() + year - 1).to_string(), parts[1], parts[2])?;
    if found < begun {
        return Err(both!("the era had not begun on that day", "その日にはまだその元号になっていません"));
    }
    if found > ended {
        return Err(both!(
            "the era {name} ended on {ended}; that day would be {found}",
            "{name}は {ended} までです（その日は {found} にあたります）"
        ));
    }
    Ok(found)
}

fn ymd(year: &str, month: &str, day: &str) -> Result<Date, Words> {
    let found = match (year.parse(), month.parse(), day.parse()) {
        (Ok(year), Ok(month), Ok(day)) => Date::new(year, month, day).ok(),
        _ => None,
    };
    found.ok_or_else(|| both!("there is no such day", "その日は暦にありません"))
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
            "2026/3/31 (火) 9:30",
            "2026-03-31T23:59:59+09:00",
            "2026年3月31日 火曜日",
            "2026年3月31日(火・祝) 9時30分",
            "㋿8年3月31日",
        ] {
            assert_eq!(
                parse(text, DateOrder::default()).map(|date| date.to_string()),
                Ok("2026-03-31".to_owned()),
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
            ("昭和70年1月1日", "the era 昭和 ended on 1989-01-07; that day would be 1995-01-01"),
            ("平成31年5月1日", "ended on 2019-04-30"),
            ("2025-9-26 25:99", "no time of day"),
            ("2025-9-26 午後", "no time of day"),
            ("2026/3/31（月）", "is a Tuesday"),
            ("2026/3/31(予定)", "neither a weekday nor a time"),
            ("2026-03-31T20:00:00Z", "in Japan it is 2026-04-01"),
            ("45926", "the number of a day, 2025-09-26 perhaps"),
            ("来年", "no date"),
            ("TRUE", "no date"),
            ("Monday", "no date"),
            ("7", "no date"),
            ("", "no date"),
        ] {
            let found = parse(text, DateOrder::default()).unwrap_err().en;
            assert!(found.contains(reason), "{text}: {found}");
        }
    }
}
