//! What is told of a row, in English and in Japanese. Sentences that the register's own code says stand in both languages where they
//! are told; those of the rules for completion data and of templates are put into Japanese here.

mod json;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::completion::REMEDIES;

/// A sentence, or a part of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// In English.
    pub en: String,
    /// In Japanese.
    pub ja: String,
}

impl Words {
    /// In the language that is wanted.
    pub fn in_language(&self, japanese: bool) -> &str {
        if japanese { &self.ja } else { &self.en }
    }
}

impl fmt::Display for Words {
    /// In English.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.en)
    }
}

/// What to do.
pub type Advice = (&'static str, &'static str);

/// The same in both languages.
macro_rules! both {
    ($en:literal, $ja:literal $(,)?) => {
        $crate::register::words::Words { en: format!($en), ja: format!($ja) }
    };
}
pub(crate) use both;

/// That something else was wanted.
pub(crate) fn wanted(expected: &str, found: &str) -> Words {
    let (expected_ja, found_ja) = (japanese(expected), japanese_found(found));
    both!("wanted {expected}, found {found}", "{expected_ja}が必要ですが、{found_ja}です")
}

/// What a place on the page can take: `one line of 36 mm`, `6 lines of 30 mm`.
pub(crate) fn room(english: &str) -> String {
    let parts = english.strip_suffix(" mm").and_then(|rest| rest.split_once(" of "));
    let Some((lines, width)) = parts else { return english.to_owned() };
    let count = lines.split(' ').next().filter(|count| *count != "one").unwrap_or("1");
    format!("幅 {width} mm の {count} 行")
}

/// The fonts that were asked: `BIZ UDPGothic Bold and 2 more`.
pub(crate) fn fonts(english: &str) -> String {
    let parts = english.strip_suffix(" more").and_then(|rest| rest.rsplit_once(" and "));
    parts.map_or_else(|| english.to_owned(), |(first, more)| format!("{first} ほか {more} 書体"))
}

/// What JSON says of a member that it cannot read.
pub(crate) fn unreadable(problem: &str) -> Words {
    let name = |words: &str| problem.split(words).nth(1).and_then(|rest| rest.split('`').next());
    let ja = match (name("missing field `"), name("unknown field `")) {
        (Some(name), _) => format!("項目 {name} がありません"),
        (_, Some(name)) => format!("{name} という項目はありません"),
        _ => match problem.strip_prefix("wanted ").and_then(|rest| rest.split_once(", found ")) {
            Some((expected, found)) => wanted(expected, found).ja,
            None => json::in_japanese(problem),
        },
    };
    Words { en: problem.to_owned(), ja }
}

/// The same beside the member's own name, which is not told twice.
pub(super) fn of_member(problem: &str) -> Option<Words> {
    if problem.starts_with("missing field `") {
        return Some(both!("wanted a value, found none", "値が必要ですが、ありません"));
    }
    let known = problem.strip_prefix("unknown field `")?.split_once('`')?.1;
    let known = known.trim_start_matches([',', ' ']);
    match known.strip_prefix("expected ") {
        Some(known) => {
            let known = known.trim_start_matches("one of ");
            Some(both!("there is no such member; there are {known}", "そのような項目はありません（あるのは {known}）"))
        }
        None => Some(both!("there is no such member", "そのような項目はありません")),
    }
}

/// What kept a row from being issued, in Japanese: of the sentences that the issuer says of completion data ([`crate::Error`]), which are
/// kept with the row as they were said.
pub(crate) fn of_row(problem: &str) -> Option<String> {
    if let Some((path, rest)) = problem.strip_prefix("completion data, at ").and_then(|rest| rest.split_once(": ")) {
        let told = match rest.strip_prefix("wanted ").and_then(|rest| rest.split_once(", found ")) {
            Some((expected, found)) => wanted(expected, found).ja,
            None => unreadable(rest).ja,
        };
        return Some(format!("{path}: {told}"));
    }
    if let Some((member, rest)) = problem.split_once(": no font at hand (") {
        let (_, rest) = rest.split_once(" has the character ")?;
        let (character, rest) = rest.split_once(" (")?;
        let (code_points, rest) = rest.split_once(')')?;
        let remedy = rest.strip_prefix("; give one that has it, such as ").and_then(|rest| rest.split_once(", or "));
        let remedy = remedy.map(|(remedy, _)| remedy.split(" (a server").next().unwrap_or(remedy));
        let remedy = remedy.map(|remedy| format!("（例: {remedy}）")).unwrap_or_default();
        return Some(format!(
            "{member}: 文字 {character}（{code_points}）のあるフォントがありません。--font で加えるか{remedy}、別の字で書いてください"
        ));
    }
    let (member, _) = problem.split_once(": the text does not fit its place on the certificate (")?;
    Some(format!("{member}: 文字列が証明書の欄に収まりません。短くしてください"))
}

/// Phrases as they stand.
const WHOLE: [(&str, &str); 19] = [
    ("a text", "文字列"),
    ("a text without blanks at its ends", "前後に空白のない文字列"),
    ("hours or credits, or both", "時間か単位、またはその両方"),
    ("a year from 1900 to 9999", "1900 年から 9999 年までの日付"),
    (
        "an e-mail address or an id of 1 to 254 visible ASCII characters",
        "メールアドレス、または ASCII の文字 1～254 字の ID",
    ),
    ("an e-mail address like name@example.ac.jp", "name@example.ac.jp のようなメールアドレス"),
    (
        "an address (http://, https://) or urn: of at most 2000 characters",
        "2000 文字以内のアドレス（http://、https://）または urn:",
    ),
    ("a number from 0.01 to 9999.99 with at most two decimals", "0.01 から 9999.99 まで、小数 2 桁以内の数"),
    ("a date YYYY-MM-DD", "YYYY-MM-DD の形の日付"),
    ("a number with at most six decimals, such as 12.5", "12.5 のような、小数 6 桁以内の数"),
    ("whole yen, such as 1200", "1200 のような、円単位の金額"),
    ("a list of texts, each alone or {ja, en}", "文字列のリスト"),
    ("a list of rows", "行のリスト"),
    ("a registration number, T and 13 digits", "登録番号（T と 13 桁の数字）"),
    (
        "a registration number, T and 13 digits such as T9234567890123",
        "T9234567890123 のような登録番号（T と 13 桁の数字）",
    ),
    ("at least one row", "1 行以上"),
    ("a text, alone or {ja, en}", "文字列（そのまま、または {ja, en}）"),
    ("an object, a member for each column", "列ごとの項目のあるオブジェクト"),
    ("what was achieved, which a badge certifies", "バッジが証明する講座などの内容"),
];

/// What was wanted, in Japanese; in English what nobody has put into Japanese yet.
fn japanese(expected: &str) -> String {
    if let Some((_, ja)) = WHOLE.iter().chain(&REMEDIES).find(|(en, _)| *en == expected) {
        return (*ja).to_owned();
    }
    let within = |before: &str, after: &str| expected.strip_prefix(before)?.strip_suffix(after);
    if let Some(most) = within("at most ", " characters") {
        return format!("{most} 文字以内");
    }
    if let Some(most) = within("at most ", "") {
        return format!("{most} 以下");
    }
    for (before, ja) in [
        ("a day not after today, ", "今日以前の日付"),
        ("a day not after the day of issue, ", "発行日以前の日付"),
        ("a day not before the day of issue, ", "発行日以降の日付"),
    ] {
        if let Some(day) = within(before, "") {
            return format!("{ja}（{day}）");
        }
    }
    if let Some(id) = within("what was achieved, which the template ", " certifies") {
        return format!("テンプレート {id} が証明する講座などの内容");
    }
    if let Some(id) = within("none, since the template ", " certifies no achievement; see its columns") {
        return format!("テンプレート {id} は講座を証明しないので、achievement なし");
    }
    if let Some((asked, _)) = expected.split_once(", which is asked for") {
        return format!("指定された {asked}（どちらか一方だけにしてください）");
    }
    if let Some((column, id)) = within("", " needs").and_then(|rest| rest.split_once(", which the template ")) {
        let header = column.rsplit_once(", ").map_or(column, |(_, header)| header);
        return format!("テンプレート {id} に必要な{header}");
    }
    if let Some((kind, id)) = within("", ")").and_then(|rest| rest.split_once(" (template ")) {
        return format!("{}（テンプレート {id}）", japanese(kind));
    }
    if let Some((id, known)) = within("a column of the template ", "").and_then(|rest| rest.split_once(", there are "))
    {
        return format!("テンプレート {id} の項目（{known}）");
    }
    if let Some(rates) = within("a tax rate in per cent, one of ", "") {
        return format!("{rates} のいずれかの税率（%）");
    }
    if let Some(product) = within("how many times the price, ", " yen") {
        return format!("数量 × 単価（{product} 円）");
    }
    if expected.starts_with("a registration number whose first digit") {
        return "先頭の数字が検査数字と合う登録番号（打ち間違いはありませんか）".to_owned();
    }
    format!("「{expected}」")
}

fn japanese_found(found: &str) -> String {
    if let Some((code_point, place)) = found.split_once(", character ")
        && let Some((number, count)) = place.split_once(" of ")
    {
        return format!("{count} 文字のうち {number} 文字目が {code_point} ");
    }
    match found {
        "none" | "neither" => "値なし".to_owned(),
        "one" => "値あり".to_owned(),
        "an empty one" => "空".to_owned(),
        "a list" => "リスト".to_owned(),
        "an object" => "オブジェクト".to_owned(),
        found => format!("「{}」", found.trim_matches('"')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn what_the_rules_and_templates_want_is_said_in_japanese() {
        for (expected, found, ja) in [
            ("at most 60 characters", "75", "60 文字以内が必要ですが、「75」です"),
            (
                "a text without control characters: take it out",
                "U+0007, character 3 of 5",
                "制御文字のない文字列（取り除いてください）が必要ですが、5 文字のうち 3 文字目が U+0007 です",
            ),
            (
                "a day not after today, 2026-11-29",
                "2027-01-01",
                "今日以前の日付（2026-11-29）が必要ですが、「2027-01-01」です",
            ),
            (
                "whole yen, such as 1200 (template invoice)",
                "12.5",
                "1200 のような、円単位の金額（テンプレート invoice）が必要ですが、「12.5」です",
            ),
            (
                "a text, 製品名 (Product), which the template conformity needs",
                "none",
                "テンプレート conformity に必要な製品名 (Product)が必要ですが、値なしです",
            ),
            (
                "B-T, which is asked for",
                "B-LTA",
                "指定された B-T（どちらか一方だけにしてください）が必要ですが、「B-LTA」です",
            ),
        ] {
            assert_eq!(wanted(expected, found).ja, ja);
        }
        assert_eq!(room("one line of 36 mm"), "幅 36 mm の 1 行");
        assert_eq!(room("6 lines of 30 mm"), "幅 30 mm の 6 行");
        assert_eq!(unreadable("missing field `name_en`").ja, "項目 name_en がありません");
        let unknown = of_member("unknown field `nam`, expected `name` or `id`").unwrap();
        assert_eq!(unknown.en, "there is no such member; there are `name` or `id`");
        assert_eq!(of_member("missing field `name_en`").unwrap().ja, "値が必要ですが、ありません");
        assert_eq!(of_member("invalid type"), None);
    }

    #[test]
    fn what_kept_a_row_from_being_issued_is_said_in_japanese_as_it_was_said_in_english() {
        let invalid = |path: &str, expected: &str, found: &str| Error::CompletionInvalid {
            path: path.to_owned(),
            expected: expected.to_owned(),
            found: found.to_owned(),
        };
        let glyph = Error::MissingGlyph {
            member: "recipient.name".to_owned(),
            character: "𘚟".to_owned(),
            code_points: "U+1869F".to_owned(),
            font: "BIZ UDPGothic and 3 more".to_owned(),
            remedy: "--font tangut.ttf".to_owned(),
        };
        assert!(
            glyph.in_japanese().contains("フォント BIZ UDPGothic ほか 3 書体 に文字 𘚟（U+1869F）"),
            "{}",
            glyph.in_japanese()
        );
        let long = Error::TextTooLong {
            member: "submit_to".to_owned(),
            room: "one line of 80 mm".to_owned(),
            found: "x: y".to_owned(),
        };
        let day = "a day not after the day of issue, 2026-11-24";
        for (error, ja) in [
            (
                invalid("completed_on", day, "2027-01-01"),
                "completed_on: 発行日以前の日付（2026-11-24）が必要ですが、「2027-01-01」です",
            ),
            (
                glyph,
                "recipient.name: 文字 𘚟（U+1869F）のあるフォントがありません。--font で加えるか（例: --font tangut.ttf）、別の字で書いてください",
            ),
            (long, "submit_to: 文字列が証明書の欄に収まりません。短くしてください"),
        ] {
            assert_eq!(of_row(&error.to_string()).as_deref(), Some(ja));
        }
        assert_eq!(of_row("the key server is away"), None);
    }
}
