//! One font: shaping of a run, coverage, outlines.

use std::ops::Range;
use std::sync::Arc;

use harfrust::{BufferFlags, Direction, GlyphBuffer, ShapeOptions, ShaperData, UnicodeBuffer};
use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::charmap::MapVariant;
use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::raw::TableProvider as _;
use skrifa::string::StringId;
use skrifa::{FontRef, MetadataProvider};

use crate::error::Error;
use crate::register::words::{Words, both};
use crate::seal_text::SealCharacter;

use super::Family;

/// One font, ready to shape with.
pub(crate) struct Typeface {
    name: String,
    data: Data,
    /// Its place in a collection.
    index: u32,
    shaper: ShaperData,
    font: Font,
    units_per_em: f32,
    bold: bool,
    family: Family,
    letters: Letters,
}

enum Data {
    OfProgram(&'static [u8]),
    OfFile(Arc<Vec<u8>>),
}

/// How wide a font draws letters that are neither Latin nor Japanese.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Letters {
    Proportional,
    /// As wide as a kanji, as in the character sets of Japan: good for a formula, not for a name. Such letters are another font's.
    GreekAndCyrillicAreWide,
}

/// Part of a text that is shaped at once.
#[derive(Debug, Clone)]
pub(super) struct Part<'a> {
    pub(super) text: &'a str,
    pub(super) range: Range<usize>,
    /// The direction of the script if none.
    pub(super) direction: Option<Direction>,
}

impl Typeface {
    /// A font that lies in the program.
    pub(super) fn of_program(name: &str, bytes: &'static [u8]) -> Result<Self, Error> {
        Self::new(name, Data::OfProgram(bytes), 0)
    }

    /// A font of a file's content.
    pub(super) fn of_file(name: &str, bytes: Vec<u8>, index: u32) -> Result<Self, Error> {
        Self::new(name, Data::OfFile(Arc::new(bytes)), index)
    }

    fn new(name: &str, data: Data, index: u32) -> Result<Self, Error> {
        let unusable = |problem: Words| Error::Font { name: name.to_owned(), problem };
        let file = data.font(index).ok_or_else(|| {
            unusable(both!(
                "not a TrueType or OpenType font, or not in the file",
                "TrueType や OpenType のフォントではないか、ファイルにその番号のフォントがありません"
            ))
        })?;
        if file.glyf().is_err() && file.cff().is_err() && file.cff2().is_err() {
            return Err(unusable(both!(
                "it has no outlines, as fonts of pictures and of one size",
                "輪郭のないフォント（絵文字や決まった大きさだけのもの）です"
            )));
        }
        if let Some(problem) = file.os2().ok().and_then(|os2| forbidden(os2.fs_type())) {
            return Err(unusable(problem));
        }
        let metrics = file.metrics(Size::unscaled(), LocationRef::default());
        if !(16..=16384).contains(&metrics.units_per_em) {
            return Err(unusable(both!(
                "the file is damaged: no font has so many units in its size", // OpenType, "head"
                "ファイルが壊れています。大きさの単位が正しくありません"
            )));
        }
        let units_per_em = f32::from(metrics.units_per_em);
        let bold = file.attributes().weight.value() >= 600.0;
        let family = family(&file);
        let shaper = ShaperData::new(&file);
        let font = match &data {
            Data::OfProgram(bytes) => Font::new((*bytes).into(), index),
            Data::OfFile(bytes) => Font::new(Arc::clone(bytes).into(), index),
        };
        let font = font.ok_or_else(|| unusable(both!("not usable in a PDF", "PDF に使えません")))?;
        Ok(Self {
            name: name.to_owned(),
            index,
            shaper,
            font,
            units_per_em,
            bold,
            family,
            data,
            letters: Letters::Proportional,
        })
    }

    /// The characters that it has, in the order of their numbers.
    pub(super) fn characters(&self) -> Vec<char> {
        self.file().charmap().mappings().filter_map(|(number, _)| char::from_u32(number)).collect()
    }

    pub(super) fn with_letters(self, letters: Letters) -> Self {
        Self { letters, ..self }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn is_bold(&self) -> bool {
        self.bold
    }

    pub(super) fn family(&self) -> Family {
        self.family
    }

    /// Whether its punctuation has the width of kanji, also of what Latin texts write in a narrow one.
    pub(super) fn is_japanese(&self) -> bool {
        self.letters == Letters::GreekAndCyrillicAreWide
    }

    /// The glyphs of a part of a text, in the order in which they are drawn from the left; none if a glyph is missing.
    pub(super) fn shape(&self, part: &Part<'_>) -> Option<Vec<KrillaGlyph>> {
        if !self.keeps_forms(&part.text[part.range.clone()]) {
            return None;
        }
        let output = self.shaped(part);
        let starts = output.glyph_infos().iter().map(|info| part.range.start + info.cluster as usize);
        let mut ends: Vec<usize> = starts.clone().chain([part.range.end]).collect();
        ends.sort_unstable();
        let scaled = |units: i32| units as f32 / self.units_per_em;
        let glyphs = output.glyph_infos().iter().zip(output.glyph_positions()).zip(starts);
        let glyphs = glyphs.map(|((info, position), start)| {
            let end = ends[ends.partition_point(|end| *end <= start)..].first().copied().unwrap_or(start);
            let glyph = KrillaGlyph::new(
                GlyphId::new(info.glyph_id),
                scaled(position.x_advance),
                scaled(position.x_offset),
                scaled(position.y_offset),
                scaled(position.y_advance),
                start..end,
                None,
            );
            (info.glyph_id != 0).then_some(glyph)
        });
        glyphs.collect()
    }

    fn shaped(&self, part: &Part<'_>) -> GlyphBuffer {
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(&part.text[part.range.clone()]);
        buffer.set_pre_context(&part.text[..part.range.start]); // a letter joins its neighbour also if that is another font's
        buffer.set_post_context(&part.text[part.range.end..]);
        if let Some(direction) = part.direction {
            buffer.set_direction(direction);
        }
        buffer.guess_segment_properties();
        buffer.set_flags(BufferFlags::REMOVE_DEFAULT_IGNORABLES); // joiners have done their work then
        let file = self.file();
        self.shaper.shaper(&file).build().shape(buffer, ShapeOptions::new())
    }

    /// Whether a name can be set in it: it has the glyphs, in the forms and the width that are wanted.
    pub(super) fn covers(&self, part: &Part<'_>) -> bool {
        let is_wide = |character| matches!(character, '\u{370}'..='\u{52F}' | '\u{1F00}'..='\u{1FFF}');
        if self.letters == Letters::GreekAndCyrillicAreWide && part.text[part.range.clone()].contains(is_wide) {
            return false;
        }
        self.shape(part).is_some()
    }

    /// A shaper drops a variation selector that the font does not know, and draws a compatibility ideograph as the unified one if the
    /// font has no other; somebody who wrote one meant that form.
    fn keeps_forms(&self, text: &str) -> bool {
        let mut base = None;
        for character in text.chars() {
            let kept = match character {
                '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}' => {
                    let known = base.and_then(|base| self.file().charmap().map_variant(base, character));
                    matches!(known, Some(MapVariant::UseDefault | MapVariant::Variant(_)))
                }
                '\u{F900}'..='\u{FAFF}' | '\u{2F800}'..='\u{2FA1F}' => {
                    self.draws(SealCharacter { base: character, selector: None })
                }
                _ => true,
            };
            if !kept {
                return false;
            }
            base = Some(character);
        }
        true
    }

    /// Whether it has an outline for a character by itself, in that form.
    pub(super) fn draws(&self, character: SealCharacter) -> bool {
        self.glyph(character).is_some_and(|glyph| glyph.to_u32() != 0)
    }

    /// The glyph of a character by itself.
    fn glyph(&self, SealCharacter { base, selector }: SealCharacter) -> Option<skrifa::GlyphId> {
        let file = self.file();
        let charmap = file.charmap();
        match selector.map(|selector| charmap.map_variant(base, selector)) {
            None | Some(Some(MapVariant::UseDefault)) => charmap.map(base),
            Some(Some(MapVariant::Variant(glyph))) => Some(glyph),
            Some(None) => None,
        }
    }

    /// Draws the outline of one character that it [draws](Self::draws), without shaping, in font units, y upwards; gives its advance.
    ///
    /// # Errors
    /// [`Error::Font`] if the outline is damaged.
    pub(crate) fn outline(&self, character: SealCharacter, pen: &mut impl OutlinePen) -> Result<f32, Error> {
        let file = self.file();
        let problem = || both!("the outline of {character} is damaged", "{character} の輪郭が壊れています");
        let damaged = || Error::Font { name: self.name.clone(), problem: problem() };
        let glyph = self.glyph(character).ok_or_else(damaged)?;
        let outline = file.outline_glyphs().get(glyph).ok_or_else(damaged)?;
        let settings = DrawSettings::unhinted(Size::unscaled(), LocationRef::default());
        outline.draw(settings, pen).map_err(|_| damaged())?;
        let metrics = file.glyph_metrics(Size::unscaled(), LocationRef::default());
        Ok(metrics.advance_width(glyph).unwrap_or(self.units_per_em))
    }

    /// Font units of one font size.
    pub(crate) fn units_per_em(&self) -> f32 {
        self.units_per_em
    }

    /// The font for the PDF writer.
    pub(super) fn font(&self) -> Font {
        self.font.clone()
    }

    fn file(&self) -> FontRef<'_> {
        self.data.font(self.index).expect("the same bytes were read when the typeface was made")
    }
}

/// The design of a font's letters, as it says of itself: by PANOSE (the style of its serifs, 2 to 10 with them), else by its class (1 to 5
/// and 7 with serifs), else by its name (OpenType, "OS/2").
fn family(file: &FontRef<'_>) -> Family {
    let os2 = file.os2().ok();
    let (panose, class) = os2.map_or(([0; 10], 0), |os2| {
        let mut panose = [0; 10];
        os2.panose_10().iter().zip(&mut panose).for_each(|(from, to)| *to = *from);
        (panose, os2.s_family_class() >> 8)
    });
    let named = |word: &&str| {
        let names = file.localized_strings(StringId::FAMILY_NAME);
        names.into_iter().any(|name| name.to_string().contains(*word))
    };
    let has_serifs = match (panose[0], panose[1], class) {
        (2, 2..=10, _) => true,
        (2, 11..=15, _) | (_, _, 8) => false,
        (_, _, 1..=5 | 7) => true,
        _ => ["Serif", "Mincho", "明朝", "Song", "Ming"].iter().any(named),
    };
    if has_serifs { Family::Mincho } else { Family::Gothic }
}

/// What a font's licence forbids that a PDF/A wants, which has a part of the font in it (OpenType, OS/2, fsType).
fn forbidden(fs_type: u16) -> Option<Words> {
    if fs_type & 0xF == 2 {
        Some(both!(
            "its licence forbids embedding (fsType 2), which a PDF/A cannot do without",
            "ライセンスで埋め込みが禁じられています（fsType 2）。PDF/A には埋め込みが必要です"
        ))
    } else if fs_type & 0x100 != 0 {
        Some(both!(
            "its licence forbids embedding it in part (fsType 0x100), and no certificate has all of a font in it",
            "ライセンスで一部だけの埋め込みが禁じられています（fsType 0x100）。証明書にはフォントの一部だけが入ります"
        ))
    } else if fs_type & 0x200 != 0 {
        Some(both!(
            "its licence permits embedding of bitmaps alone (fsType 0x200), which cannot be read at every size",
            "ライセンスでビットマップの埋め込みだけが許されています（fsType 0x200）。輪郭が必要です"
        ))
    } else {
        None
    }
}

impl Data {
    fn font(&self, index: u32) -> Option<FontRef<'_>> {
        let bytes = match self {
            Self::OfProgram(bytes) => bytes,
            Self::OfFile(bytes) => bytes.as_slice(),
        };
        FontRef::from_index(bytes, index).ok()
    }
}
