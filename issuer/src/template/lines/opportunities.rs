//! Where a line may end: Unicode Standard Annex 14 in its strict form, words by dictionary (Annex 29), and what Japanese composition
//! wants beside that (JIS X 4051, JLReq 3.1.7, 3.1.8, 3.1.10). In: a shaped text. Out: its grapheme clusters, each with how willingly
//! a line ends behind it.
//!
//! No closing bracket, full stop, small kana or long vowel mark begins a line, no opening bracket ends one. No word is broken where
//! another place helps, and no number is parted from its unit, nor an address at all.

use icu_segmenter::options::{LineBreakOptions, WordBreakInvariantOptions};
use icu_segmenter::{GraphemeClusterSegmenter, LineSegmenter, WordSegmenter};

use crate::font::Shaped;

/// How willingly a line ends behind a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Willingness {
    /// Only if the line has no other place.
    Never,
    /// Within a word.
    WithinWord,
    /// Between words of one phrase: before a particle, within a compound.
    WithinPhrase,
    Freely,
}

/// A grapheme cluster of a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cluster {
    /// Where it ends in the text.
    pub(super) end: usize,
    /// How far it goes with the distance behind it, in units of the font size.
    pub(super) advance: f32,
    pub(super) is_blank: bool,
    pub(super) willingness: Willingness,
}

/// The clusters of a text.
pub(super) fn clusters(whole: &Shaped, tracking: f32) -> Vec<Cluster> {
    let text = whole.text.as_str();
    let mut advances = vec![0.0; text.len()];
    for glyph in whole.glyphs() {
        advances[glyph.text_range.start.min(text.len() - 1)] += glyph.x_advance;
    }
    let permitted: Vec<usize> = LineSegmenter::new_auto(LineBreakOptions::default()).segment_str(text).collect();
    let words: Vec<usize> = WordSegmenter::new_auto(WordBreakInvariantOptions::default()).segment_str(text).collect();
    let mut start = 0;
    let clusters = GraphemeClusterSegmenter::new().segment_str(text).skip(1).map(|end| {
        let willingness = match permitted.binary_search(&end) {
            Ok(_) => willingness(text, end, &words),
            Err(_) => Willingness::Never,
        };
        let cluster = Cluster {
            end,
            advance: advances[start..end].iter().sum::<f32>() + tracking,
            is_blank: text[start..end].chars().all(char::is_whitespace),
            willingness,
        };
        start = end;
        cluster
    });
    clusters.collect()
}

/// How willingly a line ends at a place where it may.
fn willingness(text: &str, at: usize, words: &[usize]) -> Willingness {
    let (before, after) = text.split_at(at);
    let (Some(left), Some(right)) = (before.chars().next_back(), after.chars().next()) else {
        return Willingness::Freely;
    };
    if is_of_number(before, right) || is_in_address(text, at) {
        return Willingness::Never;
    }
    if left.is_whitespace() {
        return Willingness::Freely;
    }
    let Ok(word) = words.binary_search(&at) else { return Willingness::WithinWord };
    let is_single = |from: usize, to: usize| text[words[from]..words[to]].chars().count() == 1;
    match (kind(left), kind(right)) {
        (Kind::Katakana, Kind::Katakana) | (Kind::Letter, Kind::Letter) => Willingness::WithinWord,
        // What no dictionary knows falls into single kanji.
        (Kind::Kanji, Kind::Kanji) if is_single(word - 1, word) || is_single(word, word + 1) => Willingness::WithinWord,
        (Kind::Hiragana, right) if right != Kind::Hiragana => Willingness::Freely,
        (Kind::Other, Kind::Letter) if "-/–".contains(left) => Willingness::WithinPhrase,
        (Kind::Other, _) | (_, Kind::Other) => Willingness::Freely,
        _ => Willingness::WithinPhrase,
    }
}

/// Whether a number goes on with its unit, with or without a blank between them, or has just been announced by 第.
fn is_of_number(before: &str, right: char) -> bool {
    let number = before.trim_end_matches([' ', '\u{A0}', '\u{3000}']);
    let ends_in_digit = number.chars().next_back().is_some_and(char::is_numeric);
    (ends_in_digit && (right.is_alphabetic() || "%％℃°".contains(right)))
        || (before.ends_with('第') && right.is_numeric())
}

/// Whether the place lies in what a reader would copy as a whole: an address of the Web or of e-mail.
fn is_in_address(text: &str, at: usize) -> bool {
    let is_outside = |character: char| !character.is_ascii_graphic();
    let start =
        text[..at].rfind(is_outside).map_or(0, |found| found + text[found..].chars().next().map_or(0, char::len_utf8));
    let end = text[at..].find(is_outside).map_or(text.len(), |found| at + found);
    start < at && at < end && (text[start..end].contains("://") || text[start..end].contains('@'))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Hiragana,
    Katakana,
    Kanji,
    /// Of a script with letters.
    Letter,
    Other,
}

fn kind(character: char) -> Kind {
    match character {
        '\u{3041}'..='\u{309F}' => Kind::Hiragana,
        '\u{30A1}'..='\u{30FF}' | '\u{31F0}'..='\u{31FF}' | '\u{FF66}'..='\u{FF9F}' => Kind::Katakana,
        '々' | '〆' | '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}' => Kind::Kanji,
        character if character.is_alphabetic() => Kind::Letter,
        _ => Kind::Other,
    }
}
