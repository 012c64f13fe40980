//! Lines: fitting a text into a width. In: text, style, width. Out: one line, made smaller if need be, or several lines, or an
//! error that names the member.
//!
//! Breaking follows the usual rules of Japanese composition (JIS X 4051, JLReq 3.1.7 and 3.1.8 行頭・行末禁則): no closing bracket,
//! full stop, small kana or long vowel mark at the beginning of a line, no opening bracket at its end, Latin words kept together.
//! Words in katakana are only broken where nothing else helps.

use krilla::text::KrillaGlyph;

use crate::error::{Error, shortened};
use crate::font::{Shaped, Typefaces};

use super::sheet::MILLIMETRE;
use super::style::Style;

/// Characters that never begin a line.
const NEVER_FIRST: &str = "、。，．,.・:;：；?!？！ー々〻ゝゞヽヾぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ゛゜%％°℃)]}）］｝〕〉》」』】’”»〜～…‥";

/// Characters that never end a line.
const NEVER_LAST: &str = "([{（［｛〔〈《「『【‘“«〒￥¥＄$№#";

/// A shaped line in its final size.
#[derive(Clone)]
pub(super) struct Line {
    pub(super) shaped: Shaped,
    pub(super) style: Style,
    /// Width in points, blanks at the end not counted.
    pub(super) width: f32,
}

impl Line {
    fn new(shaped: Shaped, style: Style) -> Self {
        let visible_end = shaped.text.trim_end().len();
        let visible = shaped.glyphs.iter().filter(|glyph| glyph.text_range.start < visible_end);
        let (count, advance) = visible.fold((0, 0.0), |(count, sum), glyph| (count + 1, sum + glyph.x_advance));
        let gaps = (count as f32 - 1.0).max(0.0) * style.tracking;
        Self { width: (advance + gaps) * style.size, shaped, style }
    }

    /// The glyphs with the style's distance between them.
    pub(super) fn tracked_glyphs(&self) -> Vec<KrillaGlyph> {
        let mut glyphs = self.shaped.glyphs.clone();
        for glyph in &mut glyphs {
            glyph.x_advance += self.style.tracking;
        }
        glyphs
    }
}

/// One line in the width, made smaller down to the style's smallest size.
pub(super) fn fit(typefaces: &Typefaces, style: Style, text: &str, member: &str, width: f32) -> Result<Line, Error> {
    let line = Line::new(style.face(typefaces).shape(text, member)?, style);
    if line.width <= width {
        return Ok(line);
    }
    let size = (style.size * width / line.width).min(style.size);
    if size < style.smallest {
        return Err(too_long(text, member, &format!("one line of {:.0} mm", width / MILLIMETRE)));
    }
    Ok(Line::new(line.shaped, Style { size, ..style }))
}

/// How the lines of a text share it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fill {
    /// Each line takes what it can: text in a column.
    Column,
    /// All lines are about equally long: centred text.
    Equal,
}

/// At most `most` lines in the width, made smaller in steps of 4 % down to the style's smallest size.
pub(super) fn wrap(
    typefaces: &Typefaces,
    style: Style,
    text: &str,
    member: &str,
    width: f32,
    (most, filling): (usize, Fill),
) -> Result<Vec<Line>, Error> {
    let face = style.face(typefaces);
    let whole = face.shape(text, member)?;
    let mut size = style.size;
    loop {
        let ends = match filling {
            Fill::Column => breaks(&whole, style.tracking, width / size).0,
            Fill::Equal => equal_breaks(&whole, style.tracking, width / size),
        };
        if ends.len() <= most {
            let sized = Style { size, ..style };
            let starts = std::iter::once(0).chain(ends.iter().copied());
            let pieces = starts.zip(ends.iter().copied()).map(|(start, end)| text[start..end].trim_start());
            return pieces.map(|piece| Ok(Line::new(face.shape(piece, member)?, sized))).collect();
        }
        if size <= style.smallest {
            return Err(too_long(text, member, &format!("{most} lines of {:.0} mm", width / MILLIMETRE)));
        }
        size = (size * 0.96).max(style.smallest);
    }
}

fn too_long(text: &str, member: &str, room: &str) -> Error {
    Error::TextTooLong { member: member.to_owned(), room: room.to_owned(), found: shortened(text) }
}

/// Ends of lines, as few as the width permits; among these with the fewest unwelcome breaks; among these as equal in length as a
/// narrower width makes them.
fn equal_breaks(whole: &Shaped, tracking: f32, width: f32) -> Vec<usize> {
    let mut best = breaks(whole, tracking, width);
    let count = best.0.len();
    for step in 1..=24 {
        let narrower = breaks(whole, tracking, width * (1.0 - 0.02 * step as f32));
        if count == 1 || narrower.0.len() > count {
            break;
        }
        if narrower.1 <= best.1 {
            best = narrower;
        }
    }
    best.0
}

/// How willingly a line ends between two characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Willingness {
    Never,
    Reluctantly,
    Freely,
}

/// Ends of lines (byte positions) for a width in units of the font size, the last one the end of the text; and how many of the
/// breaks are not free.
fn breaks(whole: &Shaped, tracking: f32, width: f32) -> (Vec<usize>, usize) {
    let text = whole.text.as_str();
    let advances = advances(whole, tracking);
    let mut ends = Vec::new();
    let mut unwelcome = 0;
    let mut start = 0;
    while start < text.len() {
        let mut candidates = [None; 3];
        let mut used = 0.0;
        let mut end = text.len();
        for (place, character) in text[start..].char_indices().map(|(place, character)| (start + place, character)) {
            used += advances[place];
            if used - tracking > width && !character.is_whitespace() && place > start {
                end = preferred(candidates, start + (place - start) / 3).unwrap_or(place);
                unwelcome += usize::from(candidates[Willingness::Freely as usize] != Some(end));
                break;
            }
            let after = place + character.len_utf8();
            if let Some(next) = text[after..].chars().next() {
                candidates[willingness(character, next) as usize] = Some(after);
            }
        }
        ends.push(end);
        start = end;
    }
    (ends, unwelcome)
}

/// The last free break, unless it would leave the line less than a third full; then the last break of any kind.
fn preferred(candidates: [Option<usize>; 3], enough: usize) -> Option<usize> {
    let [_, reluctant, free] = candidates;
    free.filter(|place| *place >= enough).or(reluctant.max(free))
}

/// For each byte position that begins a cluster, its advance.
fn advances(whole: &Shaped, tracking: f32) -> Vec<f32> {
    let mut advances = vec![0.0; whole.text.len()];
    for glyph in &whole.glyphs {
        if let Some(advance) = advances.get_mut(glyph.text_range.start) {
            *advance += glyph.x_advance + tracking;
        }
    }
    advances
}

fn willingness(left: char, right: char) -> Willingness {
    if right.is_whitespace() || NEVER_FIRST.contains(right) || NEVER_LAST.contains(left) {
        return Willingness::Never;
    }
    if left.is_whitespace() {
        return Willingness::Freely;
    }
    if matches!(left, '-' | '/' | '–') && right.is_alphabetic() {
        return Willingness::Reluctantly;
    }
    if is_selector(right) || !(is_wide(left) || is_wide(right)) {
        return Willingness::Never;
    }
    let katakana = |character| matches!(character, '\u{30A0}'..='\u{30FF}');
    if katakana(left) && katakana(right) { Willingness::Reluctantly } else { Willingness::Freely }
}

/// Kana, kanji and full-width forms, between which Japanese text may be broken.
fn is_wide(character: char) -> bool {
    matches!(character, '\u{2E80}'..='\u{A4CF}' | '\u{F900}'..='\u{FAFF}' | '\u{FF00}'..='\u{FF60}' | '\u{20000}'..='\u{3FFFF}')
}

fn is_selector(character: char) -> bool {
    matches!(character, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}')
}

#[cfg(test)]
mod tests {
    use super::super::ink::Ink;
    use super::super::style::Weight;
    use super::*;

    fn wrapped(text: &str, width: f32, most: usize) -> Result<Vec<String>, Error> {
        wrapped_as(Fill::Column, text, width, most)
    }

    fn wrapped_as(filling: Fill, text: &str, width: f32, most: usize) -> Result<Vec<String>, Error> {
        let style = Style::new(Weight::Regular, 10.0, Ink::Text).smallest(8.0);
        let lines = wrap(&Typefaces::bundled().unwrap(), style, text, "text", width, (most, filling))?;
        assert!(lines.iter().all(|line| line.width <= width + 0.01));
        Ok(lines.into_iter().map(|line| line.shaped.text).collect())
    }

    #[test]
    fn no_line_begins_with_a_full_stop_or_ends_with_an_opening_bracket() {
        let text = "統計の考え方、データの可視化。「公開データ」を使って学ぶ(入門)科目です。ちょっとーー";
        for width in 30..200 {
            let Ok(lines) = wrapped(text, width as f32, 50) else { continue };
            assert_eq!(lines.concat(), text);
            for line in &lines {
                assert!(!NEVER_FIRST.contains(line.chars().next().unwrap()), "{width}: {lines:?}");
                assert!(!NEVER_LAST.contains(line.chars().last().unwrap()), "{width}: {lines:?}");
            }
        }
    }

    #[test]
    fn latin_words_stay_whole_and_keep_the_blank_between_them() {
        let text = "Explains mean, variance and correlation, and uses them properly";
        let lines = wrapped(text, 120.0, 4).unwrap();
        assert_eq!(lines.concat(), text);
        assert!(lines.iter().rev().skip(1).all(|line| line.ends_with(' ')), "{lines:?}");
    }

    #[test]
    fn a_word_in_katakana_is_kept_together_if_the_line_has_another_break() {
        let lines = wrapped("国際共修マイクロクレデンシャル", 120.0, 2).unwrap();
        assert_eq!(lines, ["国際共修", "マイクロクレデンシャル"]);
    }

    #[test]
    fn centred_lines_are_about_equally_long_and_break_where_it_hurts_least() {
        let text = "国際共修マイクロクレデンシャル「異文化コミュニケーション」";
        let lines = wrapped_as(Fill::Equal, text, 230.0, 2).unwrap();
        assert_eq!(lines, ["国際共修マイクロクレデンシャル", "「異文化コミュニケーション」"]);
        let lines =
            wrapped_as(Fill::Equal, "International Micro-credential: Intercultural Communication", 230.0, 2).unwrap();
        assert_eq!(lines, ["International Micro-credential: ", "Intercultural Communication"]);
    }

    #[test]
    fn a_word_longer_than_the_line_is_broken_rather_than_drawn_over_the_edge() {
        let lines = wrapped(&"W".repeat(60), 100.0, 9).unwrap();
        assert!(lines.len() > 3);
    }

    #[test]
    fn a_text_that_fits_in_no_permitted_size_is_an_error_with_its_member() {
        let message = wrapped(&"長".repeat(90), 100.0, 2).unwrap_err().to_string();
        assert!(message.contains("text") && message.contains("2 lines"), "{message}");
    }

    #[test]
    fn a_long_name_is_made_smaller_until_it_fits() {
        let typefaces = Typefaces::bundled().unwrap();
        let style = Style::new(Weight::Bold, 30.0, Ink::Text).smallest(14.0);
        let long = fit(&typefaces, style, "寿限無寿限無五劫の擦り切れ", "recipient.name", 300.0).unwrap();
        assert!(long.style.size < 30.0 && long.width <= 300.01);
        assert!(fit(&typefaces, style, &"寿".repeat(40), "recipient.name", 300.0).is_err());
    }
}
