//! Completion data: who learned what. In: JSON from a learning platform or a person. Out: values that can be certified, or the
//! member that is wrong.
//!
//! The JSON has the members of [`CompletionData`]; unknown members are refused, so that a misspelt one is not silently left out of
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
mod characters;
mod check;
mod data;
mod date;
pub(crate) mod remedies;

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{Timestamp, tz};
use sealing::Level;
use serde::Serialize;

use crate::error::Error;

pub use amount::Amount;
pub(crate) use check::{Lines as CheckedLines, check_name, check_text, invalid};
pub use data::{Achievement, Bilingual, CompletionData, Recipient};
pub(crate) use date::parse as parse_date;
pub(crate) use remedies::{REMEDIES, Remedy};

/// A completion whose texts, lengths and amounts can be certified: there is no other one.
///
/// ```
/// use issuer::Completion;
///
/// let json = include_bytes!("../../examples/certificate.json");
/// let completion = Completion::from_json(json)?;
/// assert_eq!(completion.recipient().name, "髙橋 花子");
/// # Ok::<(), issuer::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Completion(CompletionData);

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

impl TryFrom<CompletionData> for Completion {
    type Error = Error;

    /// Checks texts, lengths and amounts; [`Error::CompletionInvalid`] names the first member that is wrong.
    fn try_from(data: CompletionData) -> Result<Self, Error> {
        check::check(&data)?;
        Ok(Self(data))
    }
}

impl Completion {
    /// Reads and checks completion data; a byte order mark before it is ignored.
    ///
    /// # Errors
    /// [`Error::CompletionUnreadable`] and [`Error::CompletionInvalid`] name the member.
    pub fn from_json(json: &[u8]) -> Result<Self, Error> {
        let data: CompletionData = world::json::read_with_place(json)?;
        data.try_into()
    }

    /// Reads data that were certified, whatever rules have been added since: what was issued stays what it is.
    ///
    /// # Errors
    /// [`Error::CompletionUnreadable`] names the member.
    pub(crate) fn from_kept(json: &[u8]) -> Result<Self, Error> {
        Ok(Self(world::json::read_with_place(json)?))
    }

    /// The same, if it can be certified by the rules of today.
    ///
    /// # Errors
    /// [`Error::CompletionInvalid`] names the member.
    pub(crate) fn checked(self) -> Result<Self, Error> {
        self.0.try_into()
    }

    /// Who learned.
    pub fn recipient(&self) -> &Recipient {
        &self.0.recipient
    }

    /// What was learned, if it is about that.
    pub fn achievement(&self) -> Option<&Achievement> {
        self.0.achievement.as_ref()
    }

    /// What was learned, which a badge is about.
    ///
    /// # Errors
    /// [`Error::CompletionInvalid`] if there is none.
    pub(crate) fn certified_achievement(&self) -> Result<&Achievement, Error> {
        self.achievement()
            .ok_or_else(|| check::invalid("achievement", "what was achieved, which a badge certifies", "none"))
    }

    /// The template that it is printed by, if the data say it.
    pub fn template(&self) -> Option<&str> {
        self.0.template.as_deref()
    }

    /// The template's own columns, by their names.
    pub fn fields(&self) -> &BTreeMap<String, serde_json::Value> {
        &self.0.fields
    }

    /// The same, which do not say a level.
    pub(crate) fn without_level(mut self) -> Completion {
        self.0.level = None;
        self
    }

    /// The same for a certificate that is issued again: it is dated on the day on which that is done.
    pub(crate) fn of_today(mut self) -> Completion {
        self.0.issued_on = None;
        self
    }

    /// The same person with other fields, and without an achievement where none is certified.
    pub(crate) fn into_sample(mut self, with_achievement: bool, fields: BTreeMap<String, serde_json::Value>) -> Self {
        self.0.achievement = self.0.achievement.filter(|_| with_achievement);
        self.0.fields = fields;
        self
    }

    /// The same, to be printed by that template if one is named.
    ///
    /// # Errors
    /// [`Error::CompletionInvalid`] if the data name another one.
    pub fn by_template(mut self, template: Option<&str>) -> Result<Self, Error> {
        match (&self.0.template, template) {
            (Some(own), Some(asked)) if own != asked => {
                let expected = format!("{asked}, which is asked for; leave one of the two out");
                return Err(check::invalid("template", &expected, own));
            }
            (None, Some(asked)) => self.0.template = Some(asked.to_owned()),
            _ => {}
        }
        Ok(self)
    }

    /// Day of completion (修了日).
    pub fn completed_on(&self) -> Date {
        self.0.completed_on
    }

    /// The last day on which it counts, if the data say one.
    pub fn valid_until(&self) -> Option<Date> {
        self.0.valid_until
    }

    /// 提出先: for whom this certificate is meant.
    pub fn submit_to(&self) -> Option<&str> {
        self.0.submit_to.as_deref()
    }

    /// PAdES level that the certificate is to have, if the data say it.
    pub fn level(&self) -> Option<Level> {
        self.0.level
    }

    /// The days of a certificate issued `at` this time, the day of issue filled in and the order checked. Days are days in Japan.
    ///
    /// # Errors
    /// [`Error::CompletionInvalid`] for a completion after the issue, an issue in the future, or a validity that is over before
    /// it begins.
    pub fn days(&self, at: Timestamp) -> Result<Days, Error> {
        let today = japanese_date(at);
        let issued_on = self.0.issued_on.unwrap_or(today);
        if issued_on > today {
            return Err(check::invalid(
                "issued_on",
                &format!("a day not after today, {today}"),
                &issued_on.to_string(),
            ));
        }
        if self.0.completed_on > issued_on {
            let expected = format!("a day not after the day of issue, {issued_on}");
            return Err(check::invalid("completed_on", &expected, &self.0.completed_on.to_string()));
        }
        if let Some(valid_until) = self.0.valid_until.filter(|valid_until| *valid_until < issued_on) {
            let expected = format!("a day not before the day of issue, {issued_on}");
            return Err(check::invalid("valid_until", &expected, &valid_until.to_string()));
        }
        Ok(Days { completed_on: self.0.completed_on, issued_on, valid_until: self.0.valid_until })
    }
}

/// The day in Japan (UTC+09:00 all the year).
pub(crate) fn japanese_date(at: Timestamp) -> Date {
    japanese_offset().to_datetime(at).date()
}

/// The first moment of the day after that one, in Japan; none if time ends before.
pub(crate) fn end_of_day(day: Date) -> Option<Timestamp> {
    japanese_offset().to_timestamp(day.tomorrow().ok()?.at(0, 0, 0, 0)).ok()
}

/// Japan's offset from UTC.
pub(crate) fn japanese_offset() -> tz::Offset {
    tz::Offset::constant(9)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The first example.
    pub(crate) fn example() -> Completion {
        Completion::from_json(include_bytes!("../../examples/certificate.json")).unwrap()
    }

    /// The achievement of data that have one.
    pub(crate) fn achievement(data: &mut CompletionData) -> &mut Achievement {
        data.achievement.as_mut().unwrap()
    }

    /// The first example with a change, which still can be certified.
    pub(crate) fn example_with(change: impl FnOnce(&mut CompletionData)) -> Completion {
        changed(example(), change).unwrap()
    }

    /// Another completion, checked.
    pub(crate) fn changed(
        completion: Completion,
        change: impl FnOnce(&mut CompletionData),
    ) -> Result<Completion, Error> {
        let mut data = completion.0;
        change(&mut data);
        data.try_into()
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
        let completion = example_with(|data| data.completed_on = "2026-11-24".parse().unwrap());
        assert_eq!(completion.days(at("2026-11-24T14:59:59Z")).unwrap().issued_on.to_string(), "2026-11-24");
        assert_eq!(completion.days(at("2026-11-24T15:00:00Z")).unwrap().issued_on.to_string(), "2026-11-25");
    }

    #[test]
    fn days_out_of_order_are_refused_with_the_member_and_the_limit() {
        let completion = example_with(|data| data.completed_on = "2026-12-01".parse().unwrap());
        let message = completion.days(at("2026-11-24T00:00:00Z")).unwrap_err().to_string();
        assert!(message.contains("completed_on") && message.contains("2026-11-24"), "{message}");

        let completion = example_with(|data| data.issued_on = Some("2026-11-25".parse().unwrap()));
        assert!(completion.days(at("2026-11-24T00:00:00Z")).unwrap_err().to_string().contains("issued_on"));

        let completion = example_with(|data| data.valid_until = Some("2026-11-23".parse().unwrap()));
        assert!(completion.days(at("2026-11-24T00:00:00Z")).unwrap_err().to_string().contains("valid_until"));
    }

    #[test]
    fn an_unknown_or_missing_member_and_a_wrong_type_are_named_with_their_path() {
        let original = String::from_utf8(serde_json::to_vec(&example()).unwrap()).unwrap();
        let recipient = serde_json::to_string(example().recipient()).unwrap();
        let outcome = serde_json::to_string(&example().achievement().unwrap().outcomes[0]).unwrap();
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
            assert!(!message.contains("name_rman:"), "it is named once: {message}");
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
