//! A line in the fonts of a chain: Unicode Standard Annexes 9 (direction), 24 (scripts) and 29 (grapheme clusters). In: fonts and text.
//! Out: runs from left to right, each in one font.
//!
//! Whether a font has what a text needs is asked for each grapheme cluster, so that a letter and its marks are never of two fonts. A
//! text in letters is set in one font as a whole if there is one that has all of it; kanji and kana take their fonts one by one.

use std::ops::Range;
use std::sync::Arc;

use harfrust::{Direction, Script, UnicodeBuffer, script};
use icu_segmenter::GraphemeClusterSegmenter;
use krilla::text::{Font, KrillaGlyph};
use unicode_bidi::{Level, ParagraphBidiInfo};

use crate::error::Error;

use super::Chain;
use super::direction::Directed;
use super::typeface::{Part, Typeface};

/// One text on one line, in units of the font size.
#[derive(Clone)]
pub(crate) struct Shaped {
    pub(crate) text: String,
    /// From the left.
    pub(crate) runs: Vec<Run>,
    /// Whether the text as a whole is read from the right.
    pub(crate) from_right: bool,
    /// Which way the parts of the text are read that this is a line of; none if all of it is read from the left.
    whole: Option<Arc<Directed>>,
}

/// Glyphs of one font, from the left, each with the range of the text that it stands for.
#[derive(Clone)]
pub(crate) struct Run {
    pub(crate) font: Font,
    pub(crate) glyphs: Vec<KrillaGlyph>,
    /// Whether its letters hang together, so that no distance may be put between them.
    pub(crate) joined: bool,
    pub(crate) from_right: bool,
}

/// A grapheme cluster.
struct Cluster {
    range: Range<usize>,
    level: Level,
    script: Script,
}

/// Clusters of one font, direction and script.
struct Stretch {
    range: Range<usize>,
    level: Level,
    script: Script,
    face: Arc<Typeface>,
}

/// Shapes a text on one line.
///
/// # Errors
/// [`Error::MissingGlyph`] for the first cluster that no font has.
pub(super) fn shape(chain: &Chain<'_>, text: &str, member: &str) -> Result<Shaped, Error> {
    if text.chars().all(is_plain) && !has_narrow_mark(text) {
        let face = chain.face(0)?;
        if let Some(glyphs) = face.shape(&Part { text, range: 0..text.len(), direction: None }) {
            let runs = vec![Run { font: face.font(), glyphs, joined: false, from_right: false }];
            return Ok(Shaped { text: text.to_owned(), runs, from_right: false, whole: None });
        }
    }
    let whole = Arc::new(Directed::new(text));
    let all = 0..whole.text.len();
    shape_line(chain, whole, all, member)
}

/// Shapes a part of a text as a line of its own; which way its words are read is told by the whole.
///
/// # Errors
/// As [`shape`].
pub(super) fn shape_piece(
    chain: &Chain<'_>,
    shaped: &Shaped,
    piece: Range<usize>,
    member: &str,
) -> Result<Shaped, Error> {
    match &shaped.whole {
        None => shape(chain, &shaped.text[piece], member),
        Some(whole) => shape_line(chain, Arc::clone(whole), piece, member),
    }
}

fn shape_line(chain: &Chain<'_>, whole: Arc<Directed>, line: Range<usize>, member: &str) -> Result<Shaped, Error> {
    let text = &whole.text[line.clone()];
    let mut stretches: Vec<Stretch> = Vec::new();
    let clusters = clusters(text, &whole.levels(line.clone()));
    for unit in clusters.chunk_by(|one, next| one.level == next.level && one.script == next.script) {
        add_unit(chain, text, unit, member, &mut stretches)?;
    }
    let levels: Vec<Level> = stretches.iter().map(|stretch| stretch.level).collect();
    let in_sight = ParagraphBidiInfo::reorder_visual(&levels);
    let runs = in_sight.into_iter().map(|place| run(chain, text, &stretches[place], member));
    let mut runs = runs.collect::<Result<Vec<Run>, Error>>()?;
    if whole.from_right {
        hang_blanks(&mut runs, text.trim_end().len());
    }
    Ok(Shaped { text: text.to_owned(), runs, from_right: whole.from_right, whole: Some(whole) })
}

impl Shaped {
    /// Whether all of it is read from the left, so that a piece of it is a line like any other.
    pub(crate) fn is_read_from_left(&self) -> bool {
        self.whole.is_none()
    }

    /// Its glyphs, from the left.
    pub(crate) fn glyphs(&self) -> impl Iterator<Item = &KrillaGlyph> {
        self.runs.iter().flat_map(|run| &run.glyphs)
    }
}

impl Run {
    /// The part of the text that it stands for.
    pub(crate) fn range(&self) -> Range<usize> {
        let start = self.glyphs.iter().map(|glyph| glyph.text_range.start).min();
        let end = self.glyphs.iter().map(|glyph| glyph.text_range.end).max();
        start.unwrap_or_default()..end.unwrap_or_default()
    }
}

/// Whether a character is written from left to right, has its place by itself, and is drawn in its own width by the first font of a
/// chain: Latin, kana, kanji, Hangul, punctuation and signs.
fn is_plain(character: char) -> bool {
    matches!(character,
        '\0'..='\u{36F}' | '\u{1E00}'..='\u{1EFF}' | '\u{2010}'..='\u{2BFF}' | '\u{2E80}'..='\u{A4CF}' | '\u{AC00}'..='\u{D7A3}'
        | '\u{F900}'..='\u{FAFF}' | '\u{FE00}'..='\u{FE0F}' | '\u{FE30}'..='\u{FE4F}' | '\u{FF00}'..='\u{FFEF}'
        | '\u{1F000}'..='\u{1FAFF}' | '\u{20000}'..='\u{3FFFF}' | '\u{E0100}'..='\u{E01EF}')
}

/// Marks that Latin texts write narrowly, and Japanese fonts as wide as a kanji or half of it.
fn is_narrow_mark(character: char) -> bool {
    matches!(character, '\u{2018}' | '\u{2019}' | '\u{201C}' | '\u{201D}' | '\u{2026}')
}

/// Whether such a mark may stand among Latin letters.
fn has_narrow_mark(text: &str) -> bool {
    text.contains(is_narrow_mark)
        && text.contains(|character: char| character.is_ascii_alphabetic() || matches!(character, 'À'..='ʯ'))
}

/// What closes a bracket or quotation mark.
fn closing(opening: char) -> Option<char> {
    const PAIRS: [(char, char); 8] = [
        ('(', ')'),
        ('[', ']'),
        ('{', '}'),
        ('\u{2018}', '\u{2019}'),
        ('\u{201C}', '\u{201D}'),
        ('«', '»'),
        ('‹', '›'),
        ('\u{2045}', '\u{2046}'),
    ];
    PAIRS.into_iter().find(|(first, _)| *first == opening).map(|(_, closing)| closing)
}

/// The grapheme clusters with their levels and scripts. What belongs to no script, such as a full stop, is of the script before it, at
/// the beginning of the one after it; what closes a bracket is of the script of what opened it (Unicode Standard Annex 24, 5.1).
fn clusters(text: &str, levels: &[Level]) -> Vec<Cluster> {
    let mut clusters: Vec<Cluster> = Vec::new();
    let mut start = 0;
    let mut open: Vec<(char, usize)> = Vec::new();
    for end in GraphemeClusterSegmenter::new().segment_str(text).skip(1) {
        let first = text[start..end].chars().next().unwrap_or(' ');
        let opened = open.iter().rposition(|(awaited, _)| *awaited == first).map(|place| {
            open.truncate(place + 1);
            open.pop().map_or(0, |(_, cluster)| cluster)
        });
        open.extend(closing(first).map(|awaited| (awaited, clusters.len())));
        let own = script_of(&text[start..end]).or(opened.map(|cluster| clusters[cluster].script));
        let script = own.or(clusters.last().map(|cluster| cluster.script)).unwrap_or(script::COMMON);
        if own.is_some_and(|script| script != script::COMMON) {
            clusters
                .iter_mut()
                .filter(|cluster| cluster.script == script::COMMON)
                .for_each(|cluster| cluster.script = script);
        }
        clusters.push(Cluster { range: start..end, level: levels[start], script });
        start = end;
    }
    clusters
}

/// The script of a cluster, if it has one; kana, kanji and what is as wide are one.
fn script_of(cluster: &str) -> Option<Script> {
    let mut buffer = UnicodeBuffer::new();
    buffer.push_str(cluster);
    buffer.guess_segment_properties();
    let is_wide = |character| matches!(character, '\u{2E80}'..='\u{303F}' | '\u{FF00}'..='\u{FFEF}');
    match buffer.script() {
        script::HIRAGANA | script::KATAKANA | script::HAN | script::BOPOMOFO => Some(script::HAN),
        script::UNKNOWN if cluster.starts_with(is_wide) => Some(script::HAN),
        script::UNKNOWN => None,
        known => Some(known),
    }
}

/// Chooses the fonts of clusters of one script and direction.
fn add_unit(
    chain: &Chain<'_>,
    text: &str,
    unit: &[Cluster],
    member: &str,
    stretches: &mut Vec<Stretch>,
) -> Result<(), Error> {
    let covers = |face: &Typeface, cluster: &Cluster| face.covers(&part(text, &cluster.range, cluster.level));
    let is_narrow =
        |cluster: &Cluster| cluster.script == script::LATIN && text[cluster.range.clone()].starts_with(is_narrow_mark);
    let whole = match unit[0].script {
        script::HAN => None,
        _ => face_of(chain, |face| {
            unit.iter().filter(|cluster| !is_narrow(cluster)).all(|cluster| covers(face, cluster))
        })?,
    };
    for cluster in unit {
        let narrow = match is_narrow(cluster) {
            true => face_of(chain, |face| !face.is_japanese() && covers(face, cluster))?,
            false => whole.clone(),
        };
        let face = match narrow {
            Some(face) => face,
            None => face_of(chain, |face| covers(face, cluster))?
                .ok_or_else(|| chain.missing(&text[cluster.range.clone()], member))?,
        };
        match stretches.last_mut() {
            Some(last)
                if last.level == cluster.level && last.script == cluster.script && Arc::ptr_eq(&last.face, &face) =>
            {
                last.range.end = cluster.range.end;
            }
            _ => stretches.push(Stretch {
                range: cluster.range.clone(),
                level: cluster.level,
                script: cluster.script,
                face,
            }),
        }
    }
    Ok(())
}

/// The first font that will do.
fn face_of(chain: &Chain<'_>, will_do: impl Fn(&Typeface) -> bool) -> Result<Option<Arc<Typeface>>, Error> {
    for place in 0..chain.len() {
        let face = chain.face(place)?;
        if will_do(&face) {
            return Ok(Some(face));
        }
    }
    Ok(None)
}

fn part<'a>(text: &'a str, range: &Range<usize>, level: Level) -> Part<'a> {
    let direction = if level.is_rtl() { Direction::RightToLeft } else { Direction::LeftToRight };
    Part { text, range: range.clone(), direction: Some(direction) }
}

/// The glyphs of a stretch. Its clusters are there one by one; together they may form what is not, which is looked at again.
fn run(chain: &Chain<'_>, text: &str, stretch: &Stretch, member: &str) -> Result<Run, Error> {
    let shaped = stretch.face.shape(&part(text, &stretch.range, stretch.level));
    let glyphs = shaped.ok_or_else(|| chain.missing(&text[stretch.range.clone()], member))?;
    // Letters from the right that stand apart are words of their own to PDFium, which then tells them in another order.
    let joined = stretch.level.is_rtl() || text[stretch.range.clone()].contains(is_joined);
    Ok(Run { font: stretch.face.font(), glyphs, joined, from_right: stretch.level.is_rtl() })
}

/// Letters of scripts that are written in one stroke, or hang from one line.
fn is_joined(character: char) -> bool {
    matches!(character,
        '\u{600}'..='\u{DFF}' | '\u{1800}'..='\u{18AF}' | '\u{FB50}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFC}'
        | '\u{10A00}'..='\u{10FFF}' | '\u{11000}'..='\u{11FFF}' | '\u{1E900}'..='\u{1E95F}')
}

/// Blanks at the end of a line that is read from the right stand at its left end: they take no room.
fn hang_blanks(runs: &mut [Run], visible_end: usize) {
    let glyphs = runs.iter_mut().flat_map(|run| &mut run.glyphs);
    glyphs.filter(|glyph| glyph.text_range.start >= visible_end).for_each(|glyph| glyph.x_advance = 0.0);
}
