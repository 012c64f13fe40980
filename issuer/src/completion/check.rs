//! The rules for the texts of completion data. In: [`CompletionData`]. Out: nothing, or the first member that breaks a rule.
//!
//! The lengths are what the printed places can take in their smallest permitted size, so that most files that cannot be printed
//! fail here, with the member's name.

use super::{Achievement, CompletionData, Recipient, characters};
use crate::error::{Error, shortened};

/// Longest e-mail address (RFC 5321 clause 4.5.3.1.3, less the angle brackets), and longest id.
const MAX_IDENTIFIER_LENGTH: usize = 254;

/// The most learning outcomes: some two pages.
const MAX_OUTCOMES: usize = 40;

/// Whether a text may have line breaks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lines {
    One,
    Many,
}

pub(super) fn check(data: &CompletionData) -> Result<(), Error> {
    check_recipient(&data.recipient)?;
    data.achievement.as_ref().map_or(Ok(()), check_achievement)?;
    if let Some(submit_to) = &data.submit_to {
        check_text("submit_to", submit_to, 60, Lines::One)?;
    }
    for (path, date) in [("completed_on", Some(data.completed_on)), ("valid_until", data.valid_until)] {
        if let Some(date) = date.filter(|date| !(1900..=9999).contains(&date.year())) {
            return Err(invalid(path, "a year from 1900 to 9999", &date.to_string()));
        }
    }
    Ok(())
}

fn check_recipient(recipient: &Recipient) -> Result<(), Error> {
    check_name("recipient.name", &recipient.name, 60)?;
    if let Some(name_roman) = &recipient.name_roman {
        check_name("recipient.name_roman", name_roman, 80)?;
    }
    let identifier = &recipient.identifier;
    let visible = identifier.chars().all(|character| character.is_ascii_graphic());
    if identifier.is_empty() || !visible || identifier.len() > MAX_IDENTIFIER_LENGTH {
        let expected = "an e-mail address or an id of 1 to 254 visible ASCII characters";
        return Err(invalid("recipient.identifier", expected, identifier));
    }
    if let Some((local, domain)) = identifier.rsplit_once('@')
        && (local.is_empty() || domain.is_empty() || local.contains('@') || domain.starts_with('.'))
    {
        return Err(invalid("recipient.identifier", "an e-mail address like name@example.ac.jp", identifier));
    }
    Ok(())
}

fn check_achievement(achievement: &Achievement) -> Result<(), Error> {
    if let Some(id) = &achievement.id {
        check_id(id)?;
    }
    check_text("achievement.name_ja", &achievement.name_ja, 80, Lines::One)?;
    check_text("achievement.name_en", &achievement.name_en, 120, Lines::One)?;
    check_text("achievement.description_ja", &achievement.description_ja, 1000, Lines::Many)?;
    if let Some(description_en) = &achievement.description_en {
        check_text("achievement.description_en", description_en, 1000, Lines::Many)?;
    }
    check_text("achievement.criteria", &achievement.criteria, 1000, Lines::Many)?;
    check_text("achievement.provider_ja", &achievement.provider_ja, 60, Lines::One)?;
    if let Some(provider_en) = &achievement.provider_en {
        check_text("achievement.provider_en", provider_en, 100, Lines::One)?;
    }
    if achievement.hours.is_none() && achievement.credits.is_none() {
        return Err(invalid("achievement", "hours or credits, or both", "neither"));
    }
    if achievement.outcomes.len() > MAX_OUTCOMES {
        return Err(invalid(
            "achievement.outcomes",
            &format!("at most {MAX_OUTCOMES}"),
            &achievement.outcomes.len().to_string(),
        ));
    }
    let outcomes = achievement.outcomes.iter().enumerate();
    let outcomes = outcomes.map(|(place, outcome)| (format!("achievement.outcomes[{place}]"), outcome));
    let assessment = achievement.assessment.iter().map(|text| ("achievement.assessment".to_owned(), text));
    for (path, text) in outcomes.chain(assessment) {
        check_text(&format!("{path}.ja"), &text.ja, 120, Lines::One)?;
        if let Some(en) = &text.en {
            check_text(&format!("{path}.en"), en, 160, Lines::One)?;
        }
    }
    Ok(())
}

/// An id of a badge's achievement is a URI; only the forms that cannot be mistaken are taken.
fn check_id(id: &str) -> Result<(), Error> {
    let scheme = ["http://", "https://", "urn:"].into_iter().find(|scheme| id.starts_with(scheme));
    let visible = id.chars().all(|character| character.is_ascii_graphic());
    if scheme.is_none_or(|scheme| id.len() == scheme.len()) || !visible || id.len() > 2000 {
        return Err(invalid("achievement.id", "an address (http://, https://) or urn: of at most 2000 characters", id));
    }
    Ok(())
}

/// The text of a name, in which nothing stands for a character that was lost.
pub(crate) fn check_name(path: &str, name: &str, limit: usize) -> Result<(), Error> {
    check_text(path, name, limit, Lines::One)?;
    match characters::first_replaced(name) {
        Some(unfit) => Err(invalid(path, unfit.remedy.0, &unfit.found(name))),
        None => Ok(()),
    }
}

pub(crate) fn check_text(path: &str, text: &str, limit: usize, lines: Lines) -> Result<(), Error> {
    if text.is_empty() {
        return Err(invalid(path, "a text", "an empty one"));
    }
    if text.trim() != text {
        return Err(invalid(path, "a text without blanks at its ends", text));
    }
    let length = text.chars().count();
    if length > limit {
        return Err(invalid(path, &format!("at most {limit} characters"), &format!("{length}")));
    }
    match characters::first_unfit(text, lines) {
        Some(unfit) => Err(invalid(path, unfit.remedy.0, &unfit.found(text))),
        None => Ok(()),
    }
}

pub(crate) fn invalid(path: &str, expected: &str, found: &str) -> Error {
    Error::CompletionInvalid { path: path.to_owned(), expected: expected.to_owned(), found: shortened(found) }
}

#[cfg(test)]
mod tests {
    use super::super::Bilingual;
    use super::super::tests::{achievement, changed, example};
    use super::*;

    fn refused(change: impl FnOnce(&mut CompletionData)) -> String {
        changed(example(), change).unwrap_err().to_string()
    }

    #[test]
    fn invisible_characters_are_refused_by_code_point() {
        for hidden in ['\n', '\t', '\u{7}', '\u{202E}', '\u{200B}', '\u{FEFF}', '\u{E000}', '\u{FFFD}'] {
            let message = refused(|data| data.recipient.name = format!("山田{hidden}花子"));
            let code_point = format!("U+{:04X}", u32::from(hidden));
            assert!(message.contains("recipient.name") && message.contains(&code_point), "{message}");
            assert!(message.contains("character 3 of 5"), "{message}");
        }
    }

    #[test]
    fn a_name_in_which_something_stands_for_a_lost_character_is_refused_and_other_texts_may_ask() {
        for (lost, place) in [("?田 花子", "1 of 5"), ("花〓", "2 of 2"), ("？", "1 of 1"), ("&#134071;田", "1 of 10")]
        {
            let message = refused(|data| data.recipient.name = lost.to_owned());
            assert!(message.contains("recipient.name") && message.contains(place), "{message}");
            assert!(message.contains("XLSX or UTF-8"), "{message}");
            assert!(refused(|data| data.recipient.name_roman = Some(lost.to_owned())).contains("name_roman"));
        }
        changed(example(), |data| data.recipient.name = "A&B #3; 株式会社".to_owned()).unwrap();
        changed(example(), |data| achievement(data).name_ja = "なぜ学ぶのか?".to_owned()).unwrap();
    }

    #[test]
    fn line_breaks_are_welcome_in_criteria_and_nowhere_on_the_printed_page() {
        changed(example(), |data| achievement(data).criteria = "一\n二".to_owned()).unwrap();
        assert!(refused(|data| achievement(data).name_ja = "一\n二".to_owned()).contains("U+000A"));
    }

    #[test]
    fn empty_padded_and_overlong_texts_are_refused() {
        assert!(refused(|data| data.recipient.name.clear()).contains("recipient.name"));
        assert!(refused(|data| achievement(data).provider_ja = " 大学".to_owned()).contains("blanks"));
        let message = refused(|data| achievement(data).name_ja = "あ".repeat(81));
        assert!(message.contains("at most 80 characters, found 81"), "{message}");
    }

    #[test]
    fn hours_or_credits_are_needed_and_forty_outcomes_are_enough() {
        assert!(refused(|data| achievement(data).hours = None).contains("hours or credits"));
        let outcome = Bilingual { ja: "成果".to_owned(), en: None };
        let message = refused(|data| achievement(data).outcomes = vec![outcome.clone(); 41]);
        assert!(message.contains("achievement.outcomes") && message.contains("at most 40"), "{message}");
        let long = Bilingual { ja: "あ".repeat(121), en: None };
        let message = refused(|data| achievement(data).outcomes = vec![outcome, long]);
        assert!(message.contains("achievement.outcomes[1].ja"), "{message}");
    }

    #[test]
    fn an_identifier_is_an_address_or_a_visible_id() {
        for identifier in ["", "a b", "@example.jp", "a@", "a@@b", "学籍番号1"] {
            let message = refused(|data| data.recipient.identifier = identifier.to_owned());
            assert!(message.contains("recipient.identifier"), "{message}");
        }
        changed(example(), |data| data.recipient.identifier = "S-2026-0001".to_owned()).unwrap();
    }

    #[test]
    fn an_achievement_id_is_an_address_or_a_urn() {
        for id in ["course 1", "urn:", "ftp://example.jp", "https://例.jp"] {
            assert!(refused(|data| achievement(data).id = Some(id.to_owned())).contains("achievement.id"), "{id}");
        }
    }
}
