//! Completion data: who learned what. In: JSON from a learning platform or a person. Out: values that can be certified, or the
//! member that is wrong.
//!
//! The JSON has the members of [`Completion`]; unknown members are refused, so that a misspelt one is not silently left out of
//! somebody's certificate. Dates are `YYYY-MM-DD`. Every text must be free of control characters and of blanks at its ends.
//!
//! ```json
//! {
//!   "recipient": { "name": "山田 花子", "name_roman": "YAMADA Hanako", "identifier": "hanako@example.ac.jp" },
//!   "achievement": {
//!     "name_ja": "データサイエンス入門", "name_en": "Introduction to Data Science",
//!     "description_ja": "統計と可視化の基礎。", "criteria": "全8回の課題に合格すること。",
//!     "provider_ja": "試験大学 数理教育センター", "hours": 15,
//!     "outcomes": [{ "ja": "データを読み解ける", "en": "Can read data" }]
//!   },
//!   "completed_on": "2026-11-20"
//! }
//! ```

mod amount;
pub(crate) mod check;
mod date;

use jiff::civil::Date;
use jiff::{Timestamp, tz};
use serde::{Deserialize, Serialize};
use world::json::JsonError;

use crate::error::Error;
use sealing::Level;

pub use amount::Amount;

/// One completion. [`Completion::from_json`] reads and checks it.
///
/// ```
/// use issuer::completion::Completion;
///
/// let json = include_bytes!("../../examples/certificate.json");
/// let completion = Completion::from_json(json)?;
/// assert_eq!(completion.recipient.name, "髙橋 花子");
/// # Ok::<(), issuer::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Completion {
    /// Who learned.
    pub recipient: Recipient,
    /// What was learned.
    pub achievement: Achievement,
    /// Day of completion (修了日); not after the day of issue.
    #[serde(deserialize_with = "date::required")]
    pub completed_on: Date,
    /// Day of issue (発行日); the day of issue in Japan if left out. Not in the future.
    #[serde(default, deserialize_with = "date::optional", skip_serializing_if = "Option::is_none")]
    pub issued_on: Option<Date>,
    /// Last day on which the achievement counts (有効期限); not before the day of issue. Without it the certificate does not expire.
    #[serde(default, deserialize_with = "date::optional", skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Date>,
    /// 提出先: for whom this certificate is meant; printed on it. At most 60 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submit_to: Option<String>,
    /// PAdES level that the certificate is to have; whoever issues says it if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
}

/// The learner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipient {
    /// Name as it is to be printed, in kanji, kana or Latin letters. At most 60 characters.
    pub name: String,
    /// Name in Latin letters, printed below. At most 80 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_roman: Option<String>,
    /// E-mail address, or the issuer's id of the learner (visible ASCII). Never printed; the badge holds a salted hash of it.
    pub identifier: String,
}

/// The course or programme, and what was achieved in it. A member ending in `_ja` is Japanese, in `_en` English.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Achievement {
    /// Address (`http(s)://…`) or `urn:…` that names the course in the badge; made from the names if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Name of the course. At most 80 characters.
    pub name_ja: String,
    /// Name of the course. At most 120 characters.
    pub name_en: String,
    /// What the course is about, for the badge. At most 1000 characters.
    pub description_ja: String,
    /// The same in English. At most 1000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description_en: Option<String>,
    /// What one had to do, for the badge, in either or both languages. Lines may be broken. At most 1000 characters.
    pub criteria: String,
    /// Who gave the course. At most 60 characters.
    pub provider_ja: String,
    /// Who gave the course. At most 100 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_en: Option<String>,
    /// 学修時間 in hours, such as `15` or `22.5`. Hours or credits must be given, both may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<Amount>,
    /// 単位, such as `2`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credits: Option<Amount>,
    /// 学修成果: at most three.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outcomes: Vec<Bilingual>,
    /// 評価方法と結果: how the learner was assessed, with the result if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assessment: Option<Bilingual>,
    /// An own badge picture, a square PNG of 128 to 1024 pixels and at most 256 KiB, in Base64; the issuer's if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
}

/// One text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bilingual {
    /// Japanese. At most 120 characters.
    pub ja: String,
    /// English. At most 160 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
}

/// The days of one certificate, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    /// Day of completion.
    pub completed_on: Date,
    /// Day of issue.
    pub issued_on: Date,
    /// Last day on which the achievement counts.
    pub valid_until: Option<Date>,
}

impl Completion {
    /// Reads completion data and checks everything that does not need a clock.
    ///
    /// # Errors
    /// [`Error::CompletionUnreadable`] and [`Error::CompletionInvalid`] name the member.
    pub fn from_json(json: &[u8]) -> Result<Self, Error> {
        let completion: Self = world::json::read_with_place(json)
            .map_err(|JsonError { path, problem }| Error::CompletionUnreadable { path, problem })?;
        completion.check()?;
        Ok(completion)
    }

    /// Checks texts, lengths and amounts; for a value that did not come through [`Completion::from_json`].
    ///
    /// # Errors
    /// [`Error::CompletionInvalid`] names the first member that is wrong.
    pub fn check(&self) -> Result<(), Error> {
        check::check(self)
    }

    /// The days of a certificate issued `at` this time, the day of issue filled in and the order checked. Days are days in Japan.
    ///
    /// # Errors
    /// [`Error::CompletionInvalid`] for a completion after the issue, an issue in the future, or a validity that is over before
    /// it begins.
    pub fn days(&self, at: Timestamp) -> Result<Days, Error> {
        let today = japanese_date(at);
        let issued_on = self.issued_on.unwrap_or(today);
        if issued_on > today {
            return Err(check::invalid(
                "issued_on",
                &format!("a day not after today, {today}"),
                &issued_on.to_string(),
            ));
        }
        if self.completed_on > issued_on {
            let wanted = format!("a day not after the day of issue, {issued_on}");
            return Err(check::invalid("completed_on", &wanted, &self.completed_on.to_string()));
        }
        if let Some(valid_until) = self.valid_until.filter(|valid_until| *valid_until < issued_on) {
            let wanted = format!("a day not before the day of issue, {issued_on}");
            return Err(check::invalid("valid_until", &wanted, &valid_until.to_string()));
        }
        Ok(Days { completed_on: self.completed_on, issued_on, valid_until: self.valid_until })
    }
}

/// The day in Japan (UTC+09:00 all the year).
pub fn japanese_date(at: Timestamp) -> Date {
    japanese_offset().to_datetime(at).date()
}

/// Japan's offset from UTC.
pub(crate) fn japanese_offset() -> tz::Offset {
    tz::Offset::constant(9)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The first example, to be varied.
    pub(crate) fn example() -> Completion {
        Completion::from_json(include_bytes!("../../examples/certificate.json")).unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn both_examples_are_read_and_written_back() {
        for json in [
            &include_bytes!("../../examples/certificate.json")[..],
            include_bytes!("../../examples/certificate-credits.json"),
        ] {
            let completion = Completion::from_json(json).unwrap();
            let again = Completion::from_json(&serde_json::to_vec(&completion).unwrap()).unwrap();
            assert_eq!(again, completion);
        }
    }

    #[test]
    fn the_day_of_issue_is_the_day_in_japan() {
        let mut completion = example();
        completion.completed_on = "2026-11-24".parse().unwrap();
        assert_eq!(completion.days(at("2026-11-24T14:59:59Z")).unwrap().issued_on.to_string(), "2026-11-24");
        assert_eq!(completion.days(at("2026-11-24T15:00:00Z")).unwrap().issued_on.to_string(), "2026-11-25");
    }

    #[test]
    fn days_out_of_order_are_refused_with_the_member_and_the_limit() {
        let mut completion = example();
        completion.completed_on = "2026-12-01".parse().unwrap();
        let message = completion.days(at("2026-11-24T00:00:00Z")).unwrap_err().to_string();
        assert!(message.contains("completed_on") && message.contains("2026-11-24"), "{message}");

        let mut completion = example();
        completion.issued_on = Some("2026-11-25".parse().unwrap());
        assert!(completion.days(at("2026-11-24T00:00:00Z")).unwrap_err().to_string().contains("issued_on"));

        let mut completion = example();
        completion.valid_until = Some("2026-11-23".parse().unwrap());
        assert!(completion.days(at("2026-11-24T00:00:00Z")).unwrap_err().to_string().contains("valid_until"));
    }

    #[test]
    fn an_unknown_or_missing_member_and_a_wrong_type_are_named_with_their_path() {
        let original = String::from_utf8(serde_json::to_vec(&example()).unwrap()).unwrap();
        let recipient = serde_json::to_string(&example().recipient).unwrap();
        let outcome = serde_json::to_string(&example().achievement.outcomes[0]).unwrap();
        let cases = [
            (original.replacen("\"name_roman\"", "\"name_rman\"", 1), "recipient", "name_rman"),
            (original.replacen("\"identifier\"", "\"name_roman\"", 1), "recipient", "twice at line 1 column"),
            (original.replacen("\"hours\":15", "\"hours\":\"viele\"", 1), "achievement.hours", "number"),
            (original.replacen("2025-09-26", "26.9.2025", 1), "completed_on", "date"),
            (format!("{original} x"), ".", "trailing"),
            (original.replacen(&recipient, r#"["N","id@x.jp","ROMAN"]"#, 1), "recipient", "an object at line 1 column"),
            (original.replacen(&outcome, r#"["a","b"]"#, 1), "achievement.outcomes[0]", "an object at line 1 column"),
            (format!("[{original}]"), ".", "an object at line 1 column"),
            (original.replacen("髙橋", "\u{0}", 1), "recipient", "at line 1 column"),
        ];
        for (json, path, word) in cases {
            let message = Completion::from_json(json.as_bytes()).unwrap_err().to_string();
            assert!(message.contains(&format!("at {path}")), "{message}");
            assert!(message.to_lowercase().contains(word), "{message}");
            assert!(
                !["Completion", "Recipient", "Bilingual", "struct"].iter().any(|name| message.contains(name)),
                "{message}"
            );
        }
    }

    #[test]
    fn a_byte_order_mark_is_ignored_and_what_is_no_utf_8_has_a_place() {
        let json = serde_json::to_vec(&example()).unwrap();
        assert_eq!(Completion::from_json(&[b"\xef\xbb\xbf", json.as_slice()].concat()).unwrap(), example());
        let message = Completion::from_json(b"{\"recipient\": \"\x8e\x52\"}").unwrap_err().to_string();
        assert!(message.ends_with("at recipient: this is no text in UTF-8 at line 1 column 16"), "{message}");
    }
}
