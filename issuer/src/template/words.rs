//! Words that every template has. In: days, tax rates. Out: dates in three forms, and fixed phrases.

use jiff::civil::Date;

use super::form::Rounding;
use crate::completion::Bilingual;

pub(super) const NOTICE_JA: &str = "試験用見本";
pub(super) const NOTICE_EN: &str = "TESTBED – not valid as proof of anything";
pub(super) const WATERMARK: &str = "TESTBED";
pub(super) const SAMPLE_WATERMARK: &str = "見本 SAMPLE";
pub(super) const SAMPLE_NOTICE_JA: &str = "見本";
pub(super) const SAMPLE_NOTICE_EN: &str = "SAMPLE – not issued, not sealed; valid as proof of nothing";
pub(super) const SEAL_ALTERNATIVE_JA: &str = "角印";

/// 2026年11月24日.
pub(super) fn western(date: Date) -> String {
    format!("{}年{}月{}日", date.year(), date.month(), date.day())
}

/// 2026/11/24.
pub(super) fn short(date: Date) -> String {
    format!("{}/{:02}/{:02}", date.year(), date.month(), date.day())
}

/// 令和8年11月24日; nothing before 昭和.
pub(super) fn era(date: Date) -> Option<String> {
    const ERAS: [(&str, Date); 3] = [
        ("令和", jiff::civil::date(2019, 5, 1)),
        ("平成", jiff::civil::date(1989, 1, 8)),
        ("昭和", jiff::civil::date(1926, 12, 25)),
    ];
    let (era, begun) = ERAS.into_iter().find(|(_, begun)| date >= *begun)?;
    let year = date.year() - begun.year() + 1;
    let year = if year == 1 { "元".to_owned() } else { year.to_string() };
    Some(format!("{era}{year}年{}月{}日", date.month(), date.day()))
}

/// As English has them.
pub(crate) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// 24 November 2026.
pub(super) fn english(date: Date) -> String {
    let month = MONTHS[usize::from(date.month().unsigned_abs()) - 1];
    format!("{} {month} {}", date.day(), date.year())
}

/// What stands beside what is taxable at a rate, and beside the tax, in both languages.
pub(super) fn tax(rate: u32, is_reduced: bool) -> ((String, String), (String, String)) {
    let (mark, reduced) = if is_reduced { ("※軽減税率 ", "reduced rate ") } else { ("", "") };
    (
        (format!("{mark}{rate}% 対象(税抜)"), format!("Taxable at {reduced}{rate} %, without tax")),
        (format!("消費税額({rate}%)"), format!("Consumption tax at {rate} %")),
    )
}

/// What became of parts of a yen, as the end of a sentence.
pub(super) fn rounding(rounding: Rounding) -> Bilingual {
    let (ja, en) = match rounding {
        Rounding::Down => ("1円未満を切り捨てています", "parts of a yen are dropped"),
        Rounding::Up => ("1円未満を切り上げています", "parts of a yen count as a yen"),
        Rounding::HalfUp => ("1円未満を四捨五入しています", "parts of a yen are rounded to the nearest yen"),
    };
    Bilingual { ja: ja.to_owned(), en: Some(en.to_owned()) }
}

/// What stands beside all that is due.
pub(super) fn total() -> (String, String) {
    ("合計(税込)".to_owned(), "Total with tax".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn the_first_year_of_an_era_is_gannen_and_changes_on_the_right_day() {
        assert_eq!(era(day("2019-05-01")).unwrap(), "令和元年5月1日");
        assert_eq!(era(day("2019-04-30")).unwrap(), "平成31年4月30日");
        assert_eq!(era(day("2026-11-24")).unwrap(), "令和8年11月24日");
        assert_eq!(era(day("1989-01-07")).unwrap(), "昭和64年1月7日");
        assert_eq!(era(day("1926-12-24")), None);
    }

    #[test]
    fn dates_read_naturally_in_both_languages() {
        assert_eq!(western(day("2026-01-02")), "2026年1月2日");
        assert_eq!(english(day("2026-01-02")), "2 January 2026");
    }
}
