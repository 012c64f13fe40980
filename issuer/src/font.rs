//! Fonts: shaping, the missing-glyph rule, outlines. In: text and the name of its member. Out: positioned glyphs, or the
//! character that the font does not have.
//!
//! A certificate never shows the box of a missing glyph, and never the plain form of a kanji where a variation sequence asked for
//! another one: both would be somebody's name spelt wrong.

use std::sync::{Arc, OnceLock};

use harfrust::{ShaperData, UnicodeBuffer};
use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::charmap::MapVariant;
use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::{FontRef, MetadataProvider};

use crate::error::Error;

/// The two weights of a certificate, read once and shared by all certificates.
///
/// ```
/// use issuer::{Error, Typefaces};
///
/// let typefaces = Typefaces::bundled()?;
/// # let _ = typefaces;
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct Typefaces {
    regular: Arc<Typeface>,
    bold: Arc<Typeface>,
}

/// One font file, ready to shape with.
pub(crate) struct Typeface {
    name: String,
    data: FontData,
    shaper: ShaperData,
    font: Font,
    units_per_em: f32,
}

enum FontData {
    Bundled(&'static [u8]),
    Loaded(Arc<Vec<u8>>),
}

impl FontData {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Bundled(bytes) => bytes,
            Self::Loaded(bytes) => bytes,
        }
    }
}

/// Glyphs of one text on one line, in units of the font size.
#[derive(Debug, Clone)]
pub(crate) struct Shaped {
    /// The text.
    pub(crate) text: String,
    /// Its glyphs, each with the range of the text that it stands for.
    pub(crate) glyphs: Vec<KrillaGlyph>,
}

impl Typefaces {
    /// BIZ UDPGothic Regular and Bold, as subset in `assets/fonts`.
    ///
    /// # Errors
    /// [`Error::Font`] if the bundled files are damaged.
    pub fn bundled() -> Result<Self, Error> {
        const REGULAR: &[u8] = include_bytes!("../assets/fonts/BIZUDPGothic-Regular.subset.ttf");
        const BOLD: &[u8] = include_bytes!("../assets/fonts/BIZUDPGothic-Bold.subset.ttf");
        static READ: OnceLock<Typefaces> = OnceLock::new(); // by all worlds of the process
        if let Some(read) = READ.get() {
            return Ok(read.clone());
        }
        let read = Self {
            regular: Arc::new(Typeface::new("BIZ UDPGothic Regular", FontData::Bundled(REGULAR))?),
            bold: Arc::new(Typeface::new("BIZ UDPGothic Bold", FontData::Bundled(BOLD))?),
        };
        Ok(READ.get_or_init(|| read).clone())
    }

    /// Two font files (TrueType or OpenType), for names that the bundled fonts do not cover.
    ///
    /// # Errors
    /// [`Error::Font`] if one cannot be read.
    pub fn from_files(regular: (&str, Vec<u8>), bold: (&str, Vec<u8>)) -> Result<Self, Error> {
        let load =
            |(name, bytes): (&str, Vec<u8>)| Typeface::new(name, FontData::Loaded(Arc::new(bytes))).map(Arc::new);
        Ok(Self { regular: load(regular)?, bold: load(bold)? })
    }

    /// The regular weight.
    pub(crate) fn regular(&self) -> &Typeface {
        &self.regular
    }

    /// The bold weight.
    pub(crate) fn bold(&self) -> &Typeface {
        &self.bold
    }
}

impl Typeface {
    fn new(name: &str, data: FontData) -> Result<Self, Error> {
        let unusable = |problem| Error::Font { name: name.to_owned(), problem };
        let file = FontRef::new(data.bytes()).map_err(|_| unusable("not a TrueType or OpenType font"))?;
        let metrics = file.metrics(Size::unscaled(), LocationRef::default());
        let units_per_em = f32::from(metrics.units_per_em);
        let shaper = ShaperData::new(&file);
        let font = match &data {
            FontData::Bundled(bytes) => Font::new((*bytes).into(), 0),
            FontData::Loaded(bytes) => Font::new(Arc::clone(bytes).into(), 0),
        };
        let font = font.ok_or_else(|| unusable("not usable in a PDF"))?;
        Ok(Self { name: name.to_owned(), shaper, font, units_per_em, data })
    }

    /// Shapes one line. `member` names the text in an error.
    ///
    /// # Errors
    /// [`Error::MissingGlyph`] for the first character, or variation sequence, that the font does not have.
    pub(crate) fn shape(&self, text: &str, member: &str) -> Result<Shaped, Error> {
        self.check_variations(text, member)?;
        let file = self.file();
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        buffer.guess_segment_properties();
        let output = self.shaper.shaper(&file).build().shape(buffer, harfrust::ShapeOptions::new());

        let clusters: Vec<usize> = output.glyph_infos().iter().map(|info| info.cluster as usize).collect();
        let mut glyphs = Vec::with_capacity(clusters.len());
        for (place, (info, position)) in output.glyph_infos().iter().zip(output.glyph_positions()).enumerate() {
            let start = clusters[place];
            let end = clusters[place..].iter().copied().find(|cluster| *cluster > start).unwrap_or(text.len());
            if info.glyph_id == 0 {
                return Err(self.missing(&text[start..end], member));
            }
            let scaled = |units: i32| units as f32 / self.units_per_em;
            glyphs.push(KrillaGlyph::new(
                GlyphId::new(info.glyph_id),
                scaled(position.x_advance),
                scaled(position.x_offset),
                scaled(position.y_offset),
                scaled(position.y_advance),
                start..end,
                None,
            ));
        }
        Ok(Shaped { text: text.to_owned(), glyphs })
    }

    /// Draws the outline of one character (without shaping), in font units, y upwards.
    ///
    /// # Errors
    /// [`Error::MissingGlyph`] if the font does not have it.
    pub(crate) fn outline(&self, character: char, member: &str, pen: &mut impl OutlinePen) -> Result<f32, Error> {
        let file = self.file();
        let missing = || self.missing(character.encode_utf8(&mut [0; 4]), member);
        let glyph = file.charmap().map(character).filter(|glyph| glyph.to_u32() != 0).ok_or_else(missing)?;
        let outline = file.outline_glyphs().get(glyph).ok_or_else(missing)?;
        let settings = DrawSettings::unhinted(Size::unscaled(), LocationRef::default());
        outline.draw(settings, pen).map_err(|_| missing())?;
        let metrics = file.glyph_metrics(Size::unscaled(), LocationRef::default());
        Ok(metrics.advance_width(glyph).unwrap_or(self.units_per_em))
    }

    /// Font units of one font size.
    pub(crate) fn units_per_em(&self) -> f32 {
        self.units_per_em
    }

    /// The font for the PDF writer.
    pub(crate) fn font(&self) -> Font {
        self.font.clone()
    }

    fn file(&self) -> FontRef<'_> {
        FontRef::new(self.data.bytes()).expect("the same bytes were read when the typeface was made")
    }

    /// A shaper drops a variation selector that the font does not know; somebody who wrote one meant that form.
    fn check_variations(&self, text: &str, member: &str) -> Result<(), Error> {
        let mut base = None;
        for (place, character) in text.char_indices() {
            if matches!(character, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}') {
                let known = base.and_then(|(_, base)| self.file().charmap().map_variant(base, character));
                if !matches!(known, Some(MapVariant::UseDefault | MapVariant::Variant(_))) {
                    let start = base.map_or(place, |(start, _)| start);
                    return Err(self.missing(&text[start..place + character.len_utf8()], member));
                }
            }
            base = Some((place, character));
        }
        Ok(())
    }

    fn missing(&self, characters: &str, member: &str) -> Error {
        let code_points: Vec<String> =
            characters.chars().map(|character| format!("U+{:04X}", u32::from(character))).collect();
        Error::MissingGlyph {
            member: member.to_owned(),
            character: characters.to_owned(),
            code_points: code_points.join(" "),
            font: self.name.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_that_the_font_lacks_is_named_with_its_code_point_and_member() {
        let typefaces = Typefaces::bundled().unwrap();
        for (text, code_point) in [("𠮷野家", "U+20BB7"), ("Nguyễn", "U+1EC5"), ("한글", "U+D55C"), ("👍", "U+1F44D")]
        {
            let message = typefaces.regular().shape(text, "recipient.name").unwrap_err().to_string();
            assert!(message.contains(code_point) && message.contains("recipient.name"), "{message}");
        }
    }

    #[test]
    fn kanji_of_names_and_latin_extended_letters_are_there_in_both_weights() {
        let typefaces = Typefaces::bundled().unwrap();
        for text in ["髙﨑邉邊濵神鷗①㈱栁彅德瀨姸", "ğĐšřŁőÅßœ", "〒「」『』（）〜～・、。ー々〆"]
        {
            typefaces.regular().shape(text, "text").unwrap();
            typefaces.bold().shape(text, "text").unwrap();
        }
    }

    #[test]
    fn a_variation_sequence_gives_another_glyph_and_an_unknown_one_is_an_error() {
        let typefaces = Typefaces::bundled().unwrap();
        let plain = typefaces.regular().shape("葛", "text").unwrap();
        let variants: Vec<Shaped> = ('\u{E0100}'..='\u{E0104}')
            .filter_map(|selector| typefaces.regular().shape(&format!("葛{selector}"), "text").ok())
            .collect();
        assert!(variants.iter().any(|shaped| shaped.glyphs[0].glyph_id != plain.glyphs[0].glyph_id));
        let message = typefaces.regular().shape("葛\u{E01EF}", "recipient.name").unwrap_err().to_string();
        assert!(message.contains("U+845B U+E01EF"), "{message}");
    }

    #[test]
    fn clusters_cover_the_text_and_every_glyph_has_its_advance() {
        let shaped = Typefaces::bundled().unwrap().regular().shape("学修 AV証明", "text").unwrap();
        let sum: f32 = shaped.glyphs.iter().map(|glyph| glyph.x_advance).sum();
        assert!(sum > 4.0);
        assert_eq!(shaped.glyphs.first().unwrap().text_range.start, 0);
        assert_eq!(shaped.glyphs.last().unwrap().text_range.end, shaped.text.len());
    }

    #[test]
    fn a_file_that_is_no_font_is_refused_by_name() {
        let error = Typefaces::from_files(("broken.ttf", vec![1, 2, 3]), ("broken.ttf", vec![])).err().unwrap();
        assert!(error.to_string().contains("broken.ttf"));
    }
}
