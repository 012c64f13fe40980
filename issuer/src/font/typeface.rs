//! One font: shaping of a run, coverage, outlines.

use std::ops::Range;
use std::sync::Arc;

use harfrust::{BufferFlags, Direction, GlyphBuffer, ShapeOptions, ShaperData, UnicodeBuffer};
use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::charmap::MapVariant;
use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::raw::TableProvider as _;
use skrifa::{FontRef, MetadataProvider};

use crate::error::Error;
use crate::seal_text::SealCharacter;

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
        let unusable = |problem: &str| Error::Font { name: name.to_owned(), problem: problem.to_owned() };
        let file = data.font(index).ok_or_else(|| unusable("not a TrueType or OpenType font, or not in the file"))?;
        if file.glyf().is_err() && file.cff().is_err() && file.cff2().is_err() {
            return Err(unusable("it has no outlines, as fonts of pictures and of one size"));
        }
        if let Some(problem) = file.os2().ok().and_then(|os2| forbidden(os2.fs_type())) {
            return Err(unusable(problem));
        }
        let metrics = file.metrics(Size::unscaled(), LocationRef::default());
        if !(16..=16384).contains(&metrics.units_per_em) {
            return Err(unusable("the file is damaged: no font has so many units in its size")); // OpenType, "head"
        }
        let units_per_em = f32::from(metrics.units_per_em);
        let bold = file.attributes().weight.value() >= 600.0;
        let shaper = ShaperData::new(&file);
        let font = match &data {
            Data::OfProgram(bytes) => Font::new((*bytes).into(), index),
            Data::OfFile(bytes) => Font::new(Arc::clone(bytes).into(), index),
        };
        let font = font.ok_or_else(|| unusable("not usable in a PDF"))?;
        Ok(Self {
            name: name.to_owned(),
            index,
            shaper,
            font,
            units_per_em,
            bold,
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
        let problem = || format!("the outline of {character} is damaged");
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

/// What a font's licence forbids that a PDF/A wants, which has a part of the font in it (OpenType, OS/2, fsType).
fn forbidden(fs_type: u16) -> Option<&'static str> {
    if fs_type & 0xF == 2 {
        Some("its licence forbids embedding (fsType 2), which a PDF/A cannot do without")
    } else if fs_type & 0x100 != 0 {
        Some("its licence forbids embedding it in part (fsType 0x100), and no certificate has all of a font in it")
    } else if fs_type & 0x200 != 0 {
        Some("its licence permits embedding of bitmaps alone (fsType 0x200), which cannot be read at every size")
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
