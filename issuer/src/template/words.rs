//! The words of a certificate. In: completion data, days. Out: dates in three forms, amounts and the fixed phrases.

use jiff::civil::Date;

use crate::completion::Amount;

pub(super) const TITLE_JA: &str = "学修証明書";
pub(super) const TITLE_EN: &str = "Certificate of Learning Achievement";
pub(super) const INTRODUCTION_JA: &str = "次の者が、下記の学修を修了したことを証明する。";
pub(super) const INTRODUCTION_EN: &str =
    "This is to certify that the person named below has completed the following course of learning.";
pub(super) const NOTICE_JA: &str = "試験用見本";
pub(super) const NOTICE_EN: &str = "TESTBED – not valid as proof of anything";
pub(super) const WATERMARK: &str = "TESTBED";
pub(super) const SEAL_ALTERNATIVE_JA: &str = "角印";

/// 2026年11月24日.
pub(super) fn western(date: Date) -> String {
    format!("{}年{}月{}日", date.year(), date.month(), date.day())
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

/// 24 November 2026.
pub(super) fn english(date: Date) -> String {
    const MONTHS: [&str; 12] = [
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
    let month = MONTHS[usize::from(date.month().unsigned_abs()) - 1];
    format!("{} {month} {}", date.day(), date.year())
}

/// "15 時間" and "15 hours".
pub(super) fn hours(amount: Amount) -> (String, String) {
    (format!("{amount} 時間"), format!("{amount} hour{}", if amount.is_one() { "" } else { "s" }))
}

/// "2 単位" and "2 credits".
pub(super) fn credits(amount: Amount) -> (String, String) {
    (format!("{amount} 単位"), format!("{amount} credit{}", if amount.is_one() { "" } else { "s" }))
}

/// The footer's lines, Japanese and English.
pub(super) fn footer(address: &str) -> ([String; 2], [String; 2]) {
    let ja = [
        "この証明書は電子データが原本です。印刷したものでは電子的な検証はできません。".to_owned(),
        format!("{address} で確認できます。"),
    ];
    let en = [
        "The electronic file is the original. A printout cannot be verified electronically. ".to_owned(),
        format!("Verify at {address}"),
    ];
    (ja, en)
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
    fn dates_and_amounts_read_naturally_in_both_languages() {
        assert_eq!(western(day("2026-01-02")), "2026年1月2日");
        assert_eq!(english(day("2026-01-02")), "2 January 2026");
        assert_eq!(hours(Amount::from_hundredths(100).unwrap()).1, "1 hour");
        assert_eq!(credits(Amount::from_hundredths(250).unwrap()), ("2.5 単位".to_owned(), "2.5 credits".to_owned()));
    }
}
