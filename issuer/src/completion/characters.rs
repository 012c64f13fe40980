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

/// What is wanted instead of a character, with what to do, in English and in Japanese.
pub(crate) type Remedy = (&'static str, &'static str);

const LINE_BREAK: Remedy =
    ("a text without this line break: take it out", "この改行のない文字列（取り除いてください）");
const JOINER: Remedy = (
    "joiners between letters that need them alone: take it out",
    "必要な文字の間にだけある結合制御文字（取り除いてください）",
);
const DIRECTION: Remedy = (
    "a text without marks of direction, since a name is put in its own order without them: take it out",
    "方向を指定する文字のない文字列（名前はそのままで正しい向きに並びます。取り除いてください）",
);
const LOST: Remedy = (
    "the character that was lost here when the text was copied or decoded: write it again",
    "文字コードの変換などで失われる前の文字（書き直してください）",
);
const SELECTOR: Remedy = (
    "a variation selector right behind the character whose form it selects: take it out",
    "字形を選ぶ文字のすぐ後ろにある異体字セレクタ（取り除いてください）",
);
const UNSEEN: Remedy = ("characters that can be seen: take it out", "目に見える文字（取り除いてください）");
const CONTROL: Remedy =
    ("a text without control characters: take it out", "制御文字のない文字列（取り除いてください）");
const PRIVATE: Remedy = (
    "a character that is the same in every font, which no private use character (外字) is: write the one of Unicode, or another spelling",
    "どのフォントでも同じ文字（外字は使えません。Unicode の文字か別の表記にしてください）",
);
const UNASSIGNED: Remedy =
    ("characters that Unicode has: write another one", "Unicode にある文字（別の文字にしてください）");
const LONE_MARK: Remedy = (
    "a letter right before its mark: take the mark out, or write the letter",
    "すぐ前に文字のある結合文字（取り除くか、文字を書いてください）",
);
const FOREIGN_MARK: Remedy = (
    "marks on letters of their own script: take it out, or write the letter that it belongs to",
    "同じ文字体系の文字に付いた結合文字（取り除くか、付く文字を書いてください）",
);

const TOO_MANY_MARKS: Remedy = (
    "at most 8 marks on a letter, since more lie over the lines above and below: take it out",
    "1 文字につき 8 個までの結合文字（それ以上は上下の行に重なります。取り除いてください）",
);

/// The most marks on a letter: Tibetan and Hebrew with all their signs have six.
const MOST_MARKS: usize = 8;

/// All of them.
pub(crate) const REMEDIES: [Remedy; 12] = [
    LINE_BREAK,
    JOINER,
    DIRECTION,
    LOST,
    SELECTOR,
    UNSEEN,
    CONTROL,
    PRIVATE,
    UNASSIGNED,
    LONE_MARK,
    FOREIGN_MARK,
    TOO_MANY_MARKS,
];

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
