//! The characters of a text that is printed, by Unicode's properties (Standard Annexes 9, 24 and 44, RFC 5892 appendix A). In: a text. Out:
//! the first character that shows nothing, changes what is seen beside it, or stands where it means nothing; and what to do.
//!
//! Nothing is dropped in silence: a name with such a character in it looks like one without, and would be another name to every
//! program. Selectors of forms are welcome, and joiners where writing needs them.

use icu_properties::props::{
    CanonicalCombiningClass, DefaultIgnorableCodePoint, GeneralCategory, GeneralCategoryGroup, JoiningType, Script,
    VariationSelector,
};
use icu_properties::script::ScriptWithExtensions;
use icu_properties::{CodePointMapData, CodePointSetData};

use super::check::Lines;
use super::remedies::{
    CONTROL, DIRECTION, FOREIGN_MARK, JOINER, LINE_BREAK, LONE_MARK, LOST, PRIVATE, REPLACED, Remedy, SELECTOR,
    TOO_MANY_MARKS, UNASSIGNED, UNSEEN,
};

/// The most marks on a letter: Tibetan and Hebrew with all their signs have six.
const MOST_MARKS: usize = 8;

/// A character that a text cannot have, with its place.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unfit {
    character: char,
    /// Where it begins in the text.
    place: usize,
    /// What is wanted instead.
    pub(super) remedy: Remedy,
}

impl Unfit {
    /// The character and where it stands.
    pub(super) fn found(&self, text: &str) -> String {
        let (number, count) = (text[..self.place].chars().count() + 1, text.chars().count());
        format!("U+{:04X}, character {number} of {count}", u32::from(self.character))
    }
}

/// The first character that the text cannot have.
pub(super) fn first_unfit(text: &str, lines: Lines) -> Option<Unfit> {
    let unfit = |(place, character)| Some(Unfit { character, place, remedy: remedy(text, place, character, lines)? });
    text.char_indices().find_map(unfit)
}

/// The first character of a name that a program has put in the place of one that the encoding of a file lacks, as spreadsheets (`?`), databases
/// (`？`, `〓`) and forms of browsers (`&#134071;`) do. No name has one of its own.
pub(super) fn first_replaced(name: &str) -> Option<Unfit> {
    let is_reference = |rest: &str| {
        let number =
            rest.strip_prefix("&#").and_then(|rest| Some(rest.split_once(';')?.0.trim_start_matches(['x', 'X'])));
        number.is_some_and(|number| !number.is_empty() && number.bytes().all(|one| one.is_ascii_hexdigit()))
    };
    let is_replaced = |(place, character): &(usize, char)| match character {
        '?' | '\u{FF1F}' | '\u{3013}' => true,
        '&' => is_reference(&name[*place..]),
        _ => false,
    };
    let (place, character) = name.char_indices().find(is_replaced)?;
    Some(Unfit { character, place, remedy: REPLACED })
}

/// What is to be done about a character; nothing if it may stand where it does.
fn remedy(text: &str, place: usize, character: char, lines: Lines) -> Option<Remedy> {
    if character.is_ascii_graphic() || character == ' ' {
        return None;
    }
    let before = text[..place].chars().next_back();
    match character {
        '\n' if lines == Lines::Many => None,
        '\n' | '\r' | '\u{2028}' | '\u{2029}' => Some(LINE_BREAK),
        '\u{200C}' | '\u{200D}' if is_joiner_in_place(text, place) => None,
        '\u{200C}' | '\u{200D}' => Some(JOINER),
        '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => Some(DIRECTION),
        '\u{FFFC}' | '\u{FFFD}' => Some(LOST),
        _ if CodePointSetData::new::<VariationSelector>().contains(character) => match before {
            Some(base) if is_variable(base) => None,
            _ => Some(SELECTOR),
        },
        _ => by_category(text, place, character),
    }
}

fn by_category(text: &str, place: usize, character: char) -> Option<Remedy> {
    if CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(character) {
        return Some(UNSEEN);
    }
    match category(character) {
        GeneralCategory::Control => Some(CONTROL),
        GeneralCategory::Format | GeneralCategory::LineSeparator | GeneralCategory::ParagraphSeparator => Some(UNSEEN),
        GeneralCategory::PrivateUse => Some(PRIVATE),
        GeneralCategory::Unassigned | GeneralCategory::Surrogate => Some(UNASSIGNED),
        _ if is_mark(character) => misplaced_mark(text, place, character),
        _ => None,
    }
}

/// A mark without a letter that it could stand on. Which letters it goes with is told by the scripts that both are written in.
fn misplaced_mark(text: &str, place: usize, mark: char) -> Option<Remedy> {
    let Some(base) = text[..place].chars().rev().find(|character| !is_mark(*character)) else {
        return Some(LONE_MARK);
    };
    if !is_variable(base) {
        return Some(LONE_MARK);
    }
    let is_of_letter = |character: &char| is_mark(*character) || matches!(character, '\u{200C}' | '\u{200D}');
    if text[..place].chars().rev().take_while(is_of_letter).filter(|character| is_mark(*character)).count()
        >= MOST_MARKS
    {
        return Some(TOO_MANY_MARKS);
    }
    let scripts = ScriptWithExtensions::new();
    let of_mark = scripts.get_script_extensions_val(mark);
    let is_of_any = |script| matches!(script, Script::Common | Script::Inherited | Script::Unknown);
    // Accents of Latin letters are written on others too, also where Unicode does not list it.
    let fits = of_mark.iter().any(|script| is_of_any(script) || script == Script::Latin)
        || scripts.get_script_extensions_val(base).iter().any(|script| is_of_any(script) || of_mark.contains(&script));
    (!fits).then_some(FOREIGN_MARK)
}

/// Whether a character can have a mark or another form.
fn is_variable(character: char) -> bool {
    let category = category(character);
    !GeneralCategoryGroup::Separator.contains(category) && !GeneralCategoryGroup::Other.contains(category)
}

fn is_mark(character: char) -> bool {
    GeneralCategoryGroup::Mark.contains(category(character))
}

fn category(character: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(character)
}

/// Whether a joiner or non-joiner stands where writing needs it (RFC 5892 appendices A.1 and A.2): behind the sign that takes a
/// consonant's vowel away, the non-joiner also between letters that would hang together.
fn is_joiner_in_place(text: &str, place: usize) -> bool {
    let (left, right) = (text[..place].chars(), text[place..].chars());
    let before = left.clone().next_back();
    let is_virama = |character| {
        CodePointMapData::<CanonicalCombiningClass>::new().get(character) == CanonicalCombiningClass::Virama
    };
    if before.is_some_and(is_virama) {
        return true;
    }
    let joining = |character| CodePointMapData::<JoiningType>::new().get(character);
    let is_seen = |character: &char| joining(*character) != JoiningType::Transparent;
    let hangs_on = |character: Option<char>, one_sided| {
        character.map(joining).is_some_and(|kind| kind == JoiningType::DualJoining || kind == one_sided)
    };
    let (left, right) = (left.rev().find(is_seen), right.skip(1).find(is_seen));
    let (on_left, on_right) = (hangs_on(left, JoiningType::LeftJoining), hangs_on(right, JoiningType::RightJoining));
    text[place..].starts_with('\u{200C}') && on_left && on_right
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<(char, &'static str)> {
        first_unfit(text, Lines::One).map(|unfit| (unfit.character, unfit.remedy.0))
    }

    #[test]
    fn every_character_that_shows_nothing_is_refused_whatever_its_block() {
        let ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>();
        let may_stand = |character: &char| {
            CodePointSetData::new::<VariationSelector>().contains(*character)
                || matches!(character, '\u{200C}' | '\u{200D}')
        };
        let mut count = 0;
        for character in (0..=0x10_FFFF).filter_map(char::from_u32).filter(|one| ignorable.contains(*one)) {
            count += 1;
            let is_taken = of(&format!("山{character}田")).is_none();
            assert!(!is_taken || may_stand(&character), "U+{:04X}", u32::from(character));
        }
        assert!(count > 4000, "{count}");
    }

    #[test]
    fn a_letter_with_more_marks_than_a_line_has_room_for_is_refused_and_one_with_many_is_not() {
        for (base, mark) in [('e', '\u{301}'), ('ש', '\u{5B8}')] {
            let marked = |count| format!("{base}{}n", mark.to_string().repeat(count));
            assert_eq!(of(&marked(8)), None);
            assert_eq!(of(&marked(9)), Some((mark, TOO_MANY_MARKS.0)));
        }
        assert_eq!(of("ཧཱུྃ Nguye\u{302}\u{303}n שָׁלוֹם"), None);
    }

    #[test]
    fn what_world_knows_as_hidden_is_refused_too() {
        for character in (0..=0x10_FFFF).filter_map(char::from_u32).filter(|one| world::text::is_hidden(*one)) {
            assert!(of(&format!("山{character}田")).is_some(), "U+{:04X}", u32::from(character));
        }
    }

    #[test]
    fn the_character_is_told_with_its_place_and_what_to_do() {
        let unfit = first_unfit("山田\u{202E}花子", Lines::One).unwrap();
        assert_eq!(unfit.found("山田\u{202E}花子"), "U+202E, character 3 of 5");
        assert!(unfit.remedy.0.contains("direction") && unfit.remedy.0.ends_with("take it out"));
        for (text, word) in [
            ("山\u{E000}田", "外字"),
            ("山\u{FFFD}田", "decoded"),
            ("a\u{7}b", "control"),
            ("a\nb", "line break"),
            ("a\u{378}b", "Unicode has"),
            ("a\u{AD}b", "seen"),
            ("\u{3164}", "seen"),
        ] {
            assert!(of(text).unwrap().1.contains(word), "{text:?}");
        }
        assert_eq!(first_unfit("a\nb", Lines::Many), None);
    }

    #[test]
    fn a_mark_stands_on_a_letter_of_its_script_and_a_selector_behind_what_it_varies() {
        for name in [
            "か\u{3099}",
            "e\u{301}",
            "Nguye\u{302}\u{303}n",
            "שָׁלוֹם",
            "مُحَمَّد",
            "กิ่งแก้ว",
            "प्रिया",
            "葛\u{E0100}城",
            "辻\u{FE00}",
            "རྒྱལ",
            "ー\u{301}",
            "i\u{307}",
            "သူဇာ",
            "ភាសា",
            "மு",
        ] {
            assert_eq!(of(name), None, "{name}");
        }
        for (name, word) in [
            ("\u{301}e", "right before"),
            ("e \u{301}", "right before"),
            ("e\u{3000}\u{3099}", "right before"),
            ("a\u{E34}", "own script"),
            ("字\u{64E}", "own script"),
            ("\u{E0100}葛", "selector"),
            ("葛 \u{E0100}", "selector"),
        ] {
            assert!(of(name).is_some_and(|(_, remedy)| remedy.contains(word)), "{name:?}: {:?}", of(name));
        }
    }

    #[test]
    fn joiners_are_welcome_where_writing_needs_them_and_nowhere_else() {
        for name in ["می\u{200C}خواهم", "क्\u{200D}ष", "ශ්\u{200D}රී", "مُ\u{200C}د", "ന്\u{200D}"]
        {
            assert_eq!(of(name), None, "{name}");
        }
        for name in ["山\u{200D}田", "Anna\u{200C}bell", "क\u{200D}ष", "می\u{200C} خواهم", "👩\u{200D}💻", "م\u{200D}د"]
        {
            assert!(of(name).is_some_and(|(_, remedy)| remedy.contains("joiners")), "{name}");
        }
    }
}
