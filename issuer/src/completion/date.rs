//! Dates of completion data: `YYYY-MM-DD` and nothing else, so that 3/4/2026 is never guessed at.

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, de};

/// A date that must be there.
pub(super) fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse(&text).ok_or_else(|| de::Error::custom(format!("wanted a date YYYY-MM-DD, found {text:?}")))
}

/// The date of a text of that form.
pub(crate) fn parse(text: &str) -> Option<Date> {
    let well_formed = text.len() == 10
        && text.char_indices().all(|(place, character)| match place {
            4 | 7 => character == '-',
            _ => character.is_ascii_digit(),
        });
    text.parse().ok().filter(|_| well_formed)
}

/// A date that may be left out or null.
pub(super) fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    #[derive(Deserialize)]
    struct Given(#[serde(deserialize_with = "required")] Date);
    Ok(Option::<Given>::deserialize(deserializer)?.map(|Given(date)| date))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Option<Date>, serde_json::Error> {
        optional(&mut serde_json::Deserializer::from_str(json))
    }

    #[test]
    fn only_one_form_of_dates_is_read_and_the_message_shows_it() {
        assert_eq!(read("\"2026-02-28\"").unwrap(), Some(jiff::civil::date(2026, 2, 28)));
        assert_eq!(read("null").unwrap(), None);
        for text in ["20260228", "2026-2-28", "28.02.2026", "2026-02-30", "2026-02-28T00:00:00", "令和8年2月28日", ""]
        {
            let message = read(&format!("{text:?}")).unwrap_err().to_string();
            assert!(message.contains("YYYY-MM-DD") && message.contains(text), "{message}");
        }
    }
}
