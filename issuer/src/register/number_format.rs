//! What people see of a number in a workbook. In: the number, and the format of its cell (ISO/IEC 29500-1 clause 18.8.31). Out: what the
//! sheet shows, digit by digit; none if the format is of a kind that is not known here.
//!
//! 36 hours are the number 1.5 in the format `[h]:mm`, 80% is 0.8 in `0%`: what is in the file is not what its writer saw.

mod digits;
mod moment;
mod token;

use jiff::civil::{Date, Time};

use digits::Digits;
use token::{Section, Token};

/// What a sheet shows of a number.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Seen {
    /// A number: its text, and its value, of 80% the 80.
    Number { text: String, value: f64 },
    /// A day, and how it is shown if the format says so in full.
    Day { text: String },
    /// A time of day or a duration, and how many seconds of it are shown.
    Time { text: String, seconds: i64, kind: TimeKind },
}

/// What `6:00` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TimeKind {
    /// A time of day. Of 36 hours it would show `12:00`.
    OfDay,
    /// Hours, minutes or seconds without an end.
    Elapsed,
}

/// A format, read.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct NumberFormat {
    sections: Vec<Section>,
}

/// The day and the time that a number is, as the workbook counts days.
pub(super) type Moment = (Date, Time);

impl NumberFormat {
    /// Reads a format; none if something in it is not known here, such as a condition or Chinese numerals.
    pub(super) fn read(code: &str) -> Option<NumberFormat> {
        let sections = token::sections(code)?;
        (1..=4).contains(&sections.len()).then_some(NumberFormat { sections })
    }

    /// What is seen of a number. `moment`: which day and time it would be.
    pub(super) fn seen(&self, value: f64, moment: Option<Moment>) -> Option<Seen> {
        let (section, sign) = self.section(value)?;
        if section.is_elapsed() {
            return moment::elapsed(section, value);
        }
        if section.is_moment() {
            return moment::of_day(section, value, moment?);
        }
        let size = if sign == Sign::OfSection { value.abs() } else { value };
        if section.0.iter().any(|token| matches!(token, Token::General)) {
            let shown = as_a_spreadsheet_shows(size);
            let text = section.0.iter().map(|token| match token {
                Token::General => shown.clone(),
                other => other.literal(),
            });
            return Some(Seen::Number { text: text.collect(), value });
        }
        let digits = Digits::of(section, size)?;
        let text = digits.shown(section)?;
        let seen = if value < 0.0 { -digits.value() } else { digits.value() };
        Some(Seen::Number { text: text.trim().to_owned(), value: seen })
    }

    /// The section for a number: the first for those from zero on, the second for those below, the third for zero (clause 18.8.31).
    fn section(&self, value: f64) -> Option<(&Section, Sign)> {
        let numbers = &self.sections[..self.sections.len().min(3)];
        match numbers {
            [_, below, ..] if value < 0.0 => Some((below, Sign::OfSection)),
            [_, _, zero] if value == 0.0 => Some((zero, Sign::Own)),
            [first, ..] => Some((first, Sign::Own)),
            [] => None,
        }
    }
}

/// Who shows that a number is below zero.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    Own,
    OfSection,
}

/// With the fifteen digits that spreadsheets know: three times 1.1 is 3.3.
pub(super) fn as_a_spreadsheet_shows(value: f64) -> String {
    let fifteen = format!("{value:.14e}").parse::<f64>().unwrap_or(value);
    if fifteen == 0.0 { "0".to_owned() } else { fifteen.to_string() }
}

#[cfg(test)]
mod tests {
    use jiff::civil::{date, time};

    use super::*;

    fn seen(value: f64, code: &str) -> Option<Seen> {
        NumberFormat::read(code)?.seen(value, Some((date(2026, 3, 31), time(9, 5, 0, 0))))
    }

    fn text(value: f64, code: &str) -> String {
        match seen(value, code) {
            Some(Seen::Number { text, .. } | Seen::Day { text } | Seen::Time { text, .. }) => text,
            None => "unknown".to_owned(),
        }
    }

    #[test]
    fn numbers_are_seen_as_their_formats_show_them() {
        for (value, code, shown) in [
            (15.0, "General", "15"),
            (3.3000000000000003, "General", "3.3"),
            (-2.5, "G/標準", "-2.5"),
            (0.8, "0%", "80%"),
            (0.125, "0.0%", "12.5%"),
            (42.0, "00000", "00042"),
            (1234567.0, "#,##0", "1,234,567"),
            (1234.5, "#,##0.00", "1,234.50"),
            (-1234.0, "#,##0;[Red]-#,##0", "-1,234"),
            (-1234.0, "#,##0_);(#,##0)", "(1,234)"),
            (-500.0, "#,##0;\"▲\"#,##0", "▲500"),
            (1234567.0, "000-0000", "123-4567"),
            (15.0, "0\"時間\"", "15時間"),
            (15.0, "0時間", "15時間"),
            (1200.0, "[$¥-411]#,##0", "¥1,200"),
            (1200.0, "\\¥#,##0", "¥1,200"),
            (0.125, "0.00", "0.13"),
            (1234000.0, "#,##0,", "1,234"),
            (12345.0, "0.00E+00", "1.23E+04"),
            (0.0, "0;-0;\"-\"", "-"),
            (0.5, "#.##", ".5"),
            (1.0, "", "1"),
            (7.0, "@", "7"),
        ] {
            assert_eq!(text(value, code), shown, "{value} in {code}");
        }
    }

    #[test]
    fn the_value_is_the_number_that_is_seen() {
        let value = |value, code| match seen(value, code) {
            Some(Seen::Number { value, .. }) => Some(value),
            _ => None,
        };
        assert_eq!(value(0.8, "0%"), Some(80.0));
        assert_eq!(value(22.46, "0.0"), Some(22.5));
        assert_eq!(value(-1234.0, "#,##0;[Red]#,##0"), Some(-1234.0), "red is a sign too");
        assert_eq!(value(0.0, "_(* #,##0_);_(* (#,##0);_(* \"-\"_);_(@_)"), Some(0.0));
        assert_eq!(value(0.07, "0%"), Some(7.0));
    }

    #[test]
    fn days_and_durations_are_seen_as_their_formats_show_them() {
        for (value, code, shown) in [
            (1.5, "[h]:mm", "36:00"),
            (0.25, "[h]:mm:ss", "6:00:00"),
            (0.25, "h:mm", "9:05"),
            (0.25, "h:mm AM/PM", "9:05 AM"),
            (0.0625, "[mm]", "90"),
            (46112.0, "yyyy/m/d", "2026/3/31"),
            (46112.0, "mm-dd-yy", "2026/3/31"),
            (46112.0, "yyyy\"年\"m\"月\"d\"日\";@", "2026年3月31日"),
            (46112.0, "[$-411]ggge\"年\"m\"月\"d\"日\";@", "令和8年3月31日"),
            (46112.0, "[$-ja-JP-x-gannen]ggge年m月d日", "令和8年3月31日"),
            (46112.0, "[$-1030409]gggyy\\年m\\月d\\日", "令和8年3月31日"), // as LibreOffice writes it
            (46112.0, "d-mmm-yy", "31-Mar-26"),
            (46112.0, "m/d(aaa)", "3/31(火)"),
            (46112.0, "yyyy-mm-dd hh:mm:ss", "2026-03-31 09:05:00"),
        ] {
            assert_eq!(text(value, code), shown, "{value} in {code}");
        }
        let elapsed = Seen::Time { text: "36:00".to_owned(), seconds: 129_600, kind: TimeKind::Elapsed };
        assert_eq!(seen(1.5, "[h]:mm"), Some(elapsed));
        assert!(matches!(seen(0.25, "h:mm"), Some(Seen::Time { seconds: 21_600, kind: TimeKind::OfDay, .. })));
    }

    #[test]
    fn the_first_year_of_an_era_is_named_where_the_format_says_so() {
        let first = Some((date(2019, 5, 1), time(0, 0, 0, 0)));
        let seen = |code| NumberFormat::read(code).unwrap().seen(43586.0, first);
        let day = |text: &str| Some(Seen::Day { text: text.to_owned() });
        assert_eq!(seen("[$-ja-JP-x-gannen]ggge\"年\"m\"月\"d\"日\""), day("令和元年5月1日"));
        assert_eq!(seen("[$-411]gge.m.d"), day("令1.5.1"));
        assert_eq!(seen("[$-411]ge.m.d"), day("R1.5.1"));
    }

    #[test]
    fn a_format_that_is_not_known_shows_nothing() {
        for code in [
            "[DBNum1]General",
            "[>=100]0;0.0",
            "# ?/?",
            "[$-F800]dddd, mmmm dd, yyyy",
            "[$-1070000]d/m/yyyy",
            "0x",
            "bbbb",
            "\"open",
            "0\\",
        ] {
            assert_eq!(seen(12.5, code), None, "{code}");
        }
    }
}
