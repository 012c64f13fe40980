//! Lines: fitting a text into a width. In: text, style, width. Out: one line, made smaller if need be, or several lines, or an
//! error that names the member.
//!
//! Where a line may end is told by [`opportunities`].

mod opportunities;
mod reading;

use krilla::geom::Point;
use krilla::surface::Surface;
use krilla::text::KrillaGlyph;

use crate::error::{Error, shortened};
use crate::font::{Run, Shaped, Typefaces, without_isolates};

use super::sheet::MILLIMETRE;
use super::style::Style;
use opportunities::{Cluster, Willingness, clusters};
use reading::Reading;

/// How much wider than its place a line may be, in points: letters at its ends may have other forms than within the text.
const OVER: f32 = 0.4;

/// A shaped line in its final size.
#[derive(Clone)]
pub(super) struct Line {
    pub(super) shaped: Shaped,
    pub(super) style: Style,
    /// Width in points, blanks at the end not counted.
    pub(super) width: f32,
    /// How far to the right of its place it is drawn: in a column, a text that is read from the right begins there.
    indent: f32,
}

impl Line {
    fn new(shaped: Shaped, style: Style) -> Self {
        let visible_end = shaped.text.trim_end().len();
        let (mut count, mut advance) = (0, 0.0);
        for run in &shaped.runs {
            for (glyph, is_last) in with_ends(run).filter(|(glyph, _)| glyph.text_range.start < visible_end) {
                count += usize::from(is_last);
                advance += glyph.x_advance;
            }
        }
        let gaps = (count as f32 - 1.0).max(0.0) * style.tracking;
        Self { width: (advance + gaps) * style.size, shaped, style, indent: 0.0 }
    }

    /// Where its left end is if its place begins there.
    pub(super) fn left(&self, start: f32) -> f32 {
        start + self.indent
    }

    /// Where its place begins if its left end is there.
    pub(super) fn start(&self, left: f32) -> f32 {
        left - self.indent
    }

    fn in_column(self, width: f32) -> Self {
        Self { indent: if self.shaped.from_right { width - self.width } else { 0.0 }, ..self }
    }

    /// Draws it from the left end of its baseline on, in the current colour; as outlines it is no text.
    pub(super) fn draw(&self, surface: &mut Surface<'_>, start: Point, outlined: bool) {
        let mut x = self.left(start.x);
        for run in &self.shaped.runs {
            x = self.draw_run(run, surface, Point::from_xy(x, start.y), outlined);
        }
    }

    /// The same in parts, each between a beginning and an end of its own, which are told its place among the runs.
    pub(super) fn draw_in_parts(
        &self,
        surface: &mut Surface<'_>,
        start: Point,
        mut part: impl FnMut(usize, &mut Surface<'_>, &mut dyn FnMut(&mut Surface<'_>)),
    ) {
        let mut x = self.left(start.x);
        for (place, run) in self.shaped.runs.iter().enumerate() {
            let at = Point::from_xy(x, start.y);
            part(place, surface, &mut |surface| x = self.draw_run(run, surface, at, false));
        }
    }

    /// Draws a run, and gives where the next one begins.
    fn draw_run(&self, run: &Run, surface: &mut Surface<'_>, start: Point, outlined: bool) -> f32 {
        let (text, size) = (self.shaped.text.as_str(), self.style.size);
        let mut glyphs = run.glyphs.clone();
        for (glyph, (_, is_last)) in glyphs.iter_mut().zip(with_ends(run)) {
            glyph.x_advance += if is_last { self.style.tracking } else { 0.0 };
        }
        if run.from_right && !outlined {
            let Reading { text, letters, marks } = Reading::of(&glyphs, text);
            surface.draw_glyphs(start, &letters, run.font.clone(), &text, size, false);
            for (distance, mark) in marks {
                let at = Point::from_xy(start.x + distance * size, start.y);
                surface.draw_glyphs(at, &[mark], run.font.clone(), &text, size, true);
            }
        } else {
            surface.draw_glyphs(start, &glyphs, run.font.clone(), text, size, outlined);
        }
        start.x + glyphs.iter().map(|glyph| glyph.x_advance).sum::<f32>() * size
    }
}

/// The glyphs of a run, each with whether distance may follow: it is the last one of its cluster, and the letters do not hang together.
fn with_ends(run: &Run) -> impl Iterator<Item = (&KrillaGlyph, bool)> {
    let next = run.glyphs.iter().skip(1).map(Some).chain([None]);
    let is_last = |glyph: &KrillaGlyph, next: Option<&KrillaGlyph>| {
        !run.joined && next.is_none_or(|next| next.text_range != glyph.text_range)
    };
    run.glyphs.iter().zip(next).map(move |(glyph, next)| (glyph, is_last(glyph, next)))
}

/// One line in the width, made smaller down to the style's smallest size.
pub(super) fn fit(typefaces: &Typefaces, style: Style, text: &str, member: &str, width: f32) -> Result<Line, Error> {
    let line = Line::new(typefaces.shape(style.face(), text, member)?, style);
    if line.width <= width {
        return Ok(line);
    }
    let size = (style.size * width / line.width).min(style.size);
    if size < style.smallest {
        return Err(too_long(text, member, &format!("one line of {}", millimetres(width))));
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
    let placed = |line: Line| if filling == Fill::Column { line.in_column(width) } else { line };
    let whole = Line::new(typefaces.shape(style.face(), text, member)?, style);
    if whole.width <= width {
        return Ok(vec![placed(whole)]);
    }
    let clusters = clusters(&whole.shaped, style.tracking);
    let mut size = style.size;
    loop {
        let ends = match filling {
            Fill::Column => breaks(&clusters, style.tracking, width / size).0,
            Fill::Equal => equal_breaks(&clusters, style.tracking, width / size),
        };
        if ends.len() <= most {
            let sized = Style { size, ..style };
            let text = whole.shaped.text.as_str();
            let starts = std::iter::once(0).chain(ends.iter().copied());
            let pieces = starts.zip(ends.iter().copied()).map(|(start, end)| {
                let blanks = text[start..end].len() - text[start..end].trim_start().len();
                start + blanks..end
            });
            let shaped = pieces.map(|piece| typefaces.shape_piece(style.face(), &whole.shaped, piece, member));
            let lines =
                shaped.map(|shaped| Ok(placed(Line::new(shaped?, sized)))).collect::<Result<Vec<_>, Error>>()?;
            if lines.iter().all(|line| line.width <= width + OVER) {
                return Ok(lines);
            }
        }
        if size <= style.smallest {
            return Err(too_long(text, member, &format!("{most} lines of {}", millimetres(width))));
        }
        size = (size * 0.96).max(style.smallest);
    }
}

/// How wide that is. There is less than no room where a template's measures leave none.
fn millimetres(width: f32) -> String {
    format!("{:.0} mm", (width / MILLIMETRE).max(0.0))
}

fn too_long(text: &str, member: &str, room: &str) -> Error {
    Error::TextTooLong { member: member.to_owned(), room: room.to_owned(), found: shortened(&without_isolates(text)) }
}

/// Ends of lines, as few as the width permits; among these with the least unwelcome breaks; among these as equal in length as a
/// narrower width makes them.
fn equal_breaks(clusters: &[Cluster], tracking: f32, width: f32) -> Vec<usize> {
    let mut best = breaks(clusters, tracking, width);
    let count = best.0.len();
    for step in 1..=24 {
        let narrower = breaks(clusters, tracking, width * (1.0 - 0.02 * step as f32));
        if count == 1 || narrower.0.len() > count {
            break;
        }
        if narrower.1 <= best.1 {
            best = narrower;
        }
    }
    best.0
}

/// Ends of lines (byte positions) for a width in units of the font size, the last one the end of the text; and how unwelcome the
/// breaks are together.
fn breaks(clusters: &[Cluster], tracking: f32, width: f32) -> (Vec<usize>, usize) {
    let mut ends = Vec::new();
    let mut unwelcome = 0;
    let mut start = 0;
    while start < clusters.len() {
        let mut used = 0.0;
        let overflow = (start..clusters.len()).find(|place| {
            used += clusters[*place].advance;
            used - tracking > width && !clusters[*place].is_blank && *place > start
        });
        let end = match overflow {
            None => clusters.len(),
            Some(place) => {
                let (end, willingness) = chosen(&clusters[start..place]);
                unwelcome += Willingness::Freely as usize - willingness as usize;
                start + end
            }
        };
        ends.push(clusters[end - 1].end);
        start = end;
    }
    (ends, unwelcome)
}

/// After how many of the clusters that fit into a line it ends: at the last place between phrases, unless much of the line would be
/// left; else within one; else, but never a third full only, wherever a break is permitted; else where it is full.
fn chosen(fitting: &[Cluster]) -> (usize, Willingness) {
    let last = |wanted: fn(Willingness) -> bool, least: usize| {
        let place = (1..=fitting.len()).rev().find(|end| wanted(fitting[end - 1].willingness))?;
        (place >= least).then(|| (place, fitting[place - 1].willingness))
    };
    let (most, third) = ((fitting.len() * 3).div_ceil(4), fitting.len().div_ceil(3));
    let free = |willingness| willingness == Willingness::Freely;
    let within = |willingness| willingness == Willingness::WithinPhrase;
    last(free, most)
        .or_else(|| last(within, most))
        .or_else(|| last(free, third))
        .or_else(|| last(within, third))
        .or_else(|| last(|willingness| willingness != Willingness::Never, 0))
        .unwrap_or((fitting.len(), Willingness::Never))
}

#[cfg(test)]
mod tests {
    use super::super::ink::Ink;
    use super::super::style::Weight;
    use super::*;
    use crate::font::Family;

    /// Characters that never begin a line.
    const NEVER_FIRST: &str = "、。，．,.・:;：；?!？！ー々〻ゝゞヽヾぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ゛゜%％°℃)]}）］｝〕〉》」』】’”»〜～…‥";

    /// Characters that never end a line.
    const NEVER_LAST: &str = "([{（［｛〔〈《「『【‘“«〒￥¥＄$№#";

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
    fn a_word_a_number_with_its_unit_and_an_address_stay_whole() {
        let text = "統計学習の基礎を15 時間、演習を令和8年11月24日に学び、http://127.0.0.1:8700/c/TBU-2026-1 と name@example.ac.jp で示す";
        let whole = [
            "学習",
            "基礎",
            "15 時間",
            "演習",
            "8年",
            "11月",
            "24日",
            "http://127.0.0.1:8700/c/TBU-2026-1",
            "name@example.ac.jp",
        ];
        for width in 215..420 {
            let lines = wrapped(text, width as f32, 50).unwrap();
            assert_eq!(lines.concat(), text);
            for word in whole {
                assert!(lines.iter().any(|line| line.contains(word)), "{width}: {word} in {lines:?}");
            }
        }
    }

    #[test]
    fn a_particle_stays_with_its_word_where_the_line_has_another_place() {
        let lines = wrapped("結果をグラフに表し、根拠を示して他者に伝えることができる", 170.0, 3).unwrap();
        for line in &lines[1..] {
            assert!(!line.starts_with(['を', 'に', 'が', 'は', 'の', 'と']), "{lines:?}");
        }
    }

    #[test]
    fn a_decomposed_letter_and_a_variation_sequence_are_never_parted() {
        for text in ["か\u{3099}".repeat(30), "葛\u{E0100}".repeat(30), "e\u{302}\u{303}".repeat(60)] {
            let lines = wrapped(&text, 103.0, 9).unwrap();
            let is_part = |line: &String| line.starts_with(['\u{3099}', '\u{E0100}', '\u{302}', '\u{303}']);
            assert!(lines.len() > 1 && !lines.iter().any(is_part), "{lines:?}");
        }
    }

    #[test]
    fn every_line_of_a_text_that_is_read_from_the_right_begins_at_the_right() {
        let font = std::path::PathBuf::from("/usr/share/fonts/truetype/noto/NotoSansArabic-Regular.ttf");
        if !font.exists() {
            println!("skipped: {} is not there (Debian: fonts-noto-core)", font.display());
            return;
        }
        let typefaces = Typefaces::bundled().unwrap().with_files(&[font]).unwrap();
        let style = Style::new(Weight::Regular, 10.0, Ink::Text);
        let text = "يستطيع جمع البيانات العامة وإعدادها للغرض المطلوب 2026";
        let lines = wrap(&typefaces, style, text, "text", 140.0, (9, Fill::Column)).unwrap();
        assert!(lines.len() > 1);
        for line in &lines {
            assert!((line.indent + line.width - 140.0).abs() < 0.01, "{}", line.shaped.text);
        }
        let lines = wrap(&typefaces, style, text, "text", 140.0, (9, Fill::Equal)).unwrap();
        assert!(lines.iter().all(|line| line.indent == 0.0 && line.shaped.from_right));
    }

    #[test]
    fn mincho_is_another_design_in_the_same_width_of_kanji() {
        let (typefaces, style) = (Typefaces::bundled().unwrap(), Style::new(Weight::Regular, 10.0, Ink::Text));
        let width = |style| fit(&typefaces, style, "学修証明書", "title", 100.0).unwrap().width;
        assert!((width(style) - width(style.family(Family::Mincho))).abs() < 0.01);
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
