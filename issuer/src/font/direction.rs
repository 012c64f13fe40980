//! Which way the parts of a text are read: Unicode Standard Annex 9. In: a text, in which others may stand [isolated]. Out: the text as it
//! is written, and the level of each of its octets.
//!
//! A line whose words are a template's is read as these are, from the left, and a name in it has an order of its own: neither takes the
//! other's full stops, brackets and numbers. So is a text with Japanese in it, since a name in Arabic before 御中 is a foreign word in a
//! Japanese line. Any other text is read as its first letter is.

use std::borrow::Cow;
use std::ops::Range;

use unicode_bidi::{BidiClass, Level, ParagraphBidiInfo, bidi_class};

const LEFT_TO_RIGHT_ISOLATE: char = '\u{2066}';
const RIGHT_TO_LEFT_ISOLATE: char = '\u{2067}';
const POP_ISOLATE: char = '\u{2069}';

/// A text and which way its parts are read.
pub(super) struct Directed {
    pub(super) text: String,
    /// Whether the text as a whole is read from the right.
    pub(super) from_right: bool,
    /// For each octet of the text.
    levels: Vec<Level>,
}

impl Directed {
    pub(super) fn new(written: &str) -> Self {
        let base = if written.contains(is_isolate) { Level::ltr() } else { base(written) };
        let levels = ParagraphBidiInfo::new(written, Some(base)).levels;
        let mut directed =
            Self { text: String::with_capacity(written.len()), from_right: base.is_rtl(), levels: Vec::new() };
        for (place, character) in written.char_indices().filter(|(_, character)| !is_isolate(*character)) {
            directed.text.push(character);
            directed.levels.extend(&levels[place..place + character.len_utf8()]);
        }
        directed
    }

    /// The levels of a part that is a line: blanks at its end are read as the whole is (rule L1).
    pub(super) fn levels(&self, line: Range<usize>) -> Vec<Level> {
        let visible = self.text[line.clone()].trim_end().len();
        let mut levels = self.levels[line].to_vec();
        levels[visible..].fill(if self.from_right { Level::rtl() } else { Level::ltr() });
        levels
    }
}

/// A text that is to stand within another one, with an order of its own; only shaping sees the difference.
pub(crate) fn isolated(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_from_right) {
        return Cow::Borrowed(text);
    }
    let isolate = if base(text).is_rtl() { RIGHT_TO_LEFT_ISOLATE } else { LEFT_TO_RIGHT_ISOLATE };
    Cow::Owned(format!("{isolate}{text}{POP_ISOLATE}"))
}

/// A text without what isolates its parts.
pub(crate) fn without_isolates(text: &str) -> Cow<'_, str> {
    if text.contains(is_isolate) { Cow::Owned(text.replace(is_isolate, "")) } else { Cow::Borrowed(text) }
}

fn is_isolate(character: char) -> bool {
    matches!(character, LEFT_TO_RIGHT_ISOLATE | RIGHT_TO_LEFT_ISOLATE | POP_ISOLATE)
}

fn base(text: &str) -> Level {
    let is_japanese = |character| matches!(character, '\u{3041}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}');
    let first = text.chars().find(|character| is_from_right(*character) || bidi_class(*character) == BidiClass::L);
    if first.is_some_and(is_from_right) && !text.contains(is_japanese) { Level::rtl() } else { Level::ltr() }
}

/// Whether a character is a letter that is written from right to left.
fn is_from_right(character: char) -> bool {
    matches!(bidi_class(character), BidiClass::R | BidiClass::AL)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The letters as they stand in sight, Hebrew for all that is read from the right.
    fn in_sight(written: &str) -> String {
        let directed = Directed::new(written);
        let levels = directed.levels(0..directed.text.len());
        let characters: Vec<(usize, char)> = directed.text.char_indices().collect();
        let levels: Vec<Level> = characters.iter().map(|(place, _)| levels[*place]).collect();
        ParagraphBidiInfo::reorder_visual(&levels).into_iter().map(|place| characters[place].1).collect()
    }

    #[test]
    fn what_stands_beside_an_isolated_name_stays_on_its_side() {
        let name = isolated("אבג");
        assert_eq!(in_sight(&format!("{name} 様")), "גבא 様");
        assert_eq!(in_sight(&format!("Dear {name}, 2026")), "Dear גבא, 2026");
        assert_eq!(in_sight(&format!("{name} {name}")), "גבא גבא");
        assert_eq!(in_sight(&format!("No. {}: 12", isolated("א (ב) 3"))), "No. 3 )ב( א: 12"); // the shaper turns the brackets
    }

    #[test]
    fn a_text_is_read_as_its_first_letter_but_with_japanese_in_it_from_the_left() {
        assert_eq!(in_sight("אב (Ab)"), ")Ab( בא"); // as above
        assert_eq!(in_sight("Ab (אב)"), "Ab (בא)");
        assert_eq!(in_sight("אב גד 御中"), "דג בא 御中");
        assert!(Directed::new("«אב»").from_right && !Directed::new("12").from_right);
    }

    #[test]
    fn isolates_are_for_texts_with_letters_from_the_right_alone_and_leave_no_trace() {
        assert_eq!(isolated("山田 Anna"), "山田 Anna");
        let written = format!("提出先: {} 御中", isolated("אב"));
        assert_eq!(Directed::new(&written).text, "提出先: אב 御中");
        assert_eq!(without_isolates(&written), "提出先: אב 御中");
    }

    #[test]
    fn blanks_at_the_end_of_a_line_belong_to_the_whole() {
        let directed = Directed::new("Ab אב גד");
        let line = directed.levels(0.."Ab אב ".len());
        assert!(line.last().unwrap().is_ltr());
        assert!(directed.levels(0..directed.text.len())["Ab אב".len()].is_rtl());
    }
}
