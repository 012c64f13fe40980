//! What readers find in letters that are written from right to left (ISO 32000-2 clauses 9.10 and 14.8.2.5.3). In: the glyphs of a run, from
//! the left. Out: letters with the characters that each stands for, and marks that stand for none.
//!
//! Poppler, MuPDF, PDFium and pdf.js take what they meet from the left and turn it round, character by character. So nothing here is told
//! by ActualText or ReversedChars, which some of them turn round once more and others do not know. A letter with several characters, such
//! as لا, has them in the order of the page, and a vowel sign belongs to its letter: as a glyph of its own, above or below the line, it
//! would be a word of its own to them. The order of reading stands in the structure tree.

use icu_properties::CodePointMapData;
use icu_properties::props::{GeneralCategory, GeneralCategoryGroup};
use krilla::text::KrillaGlyph;

/// A run in the order of the page.
#[derive(Default)]
pub(super) struct Reading {
    /// The characters from the left.
    pub(super) text: String,
    /// One glyph for each cluster, with its place in that text.
    pub(super) letters: Vec<KrillaGlyph>,
    /// Glyphs that are drawn without being text, each with its distance from the left end of the run.
    pub(super) marks: Vec<(f32, KrillaGlyph)>,
}

impl Reading {
    /// Of the glyphs of a run, whose ranges are in that text.
    pub(super) fn of(glyphs: &[KrillaGlyph], text: &str) -> Self {
        let mut reading = Self::default();
        let mut pen = 0.0;
        for cluster in glyphs.chunk_by(|one, next| one.text_range == next.text_range) {
            pen += reading.add(cluster, text, pen);
        }
        reading.begin_with_letters();
        reading
    }

    /// Lets every glyph begin with a letter: MuPDF tells by the first character of a glyph which way it is read, and a sign has no way
    /// of its own. The characters stay in their order.
    fn begin_with_letters(&mut self) {
        for place in 1..self.letters.len() {
            let range = self.letters[place].text_range.clone();
            let own = &self.text[range.clone()];
            let signs = own.len() - own.trim_start_matches(is_mark).len();
            let has_letter_before = !self.text[self.letters[place - 1].text_range.clone()].trim().is_empty();
            if (1..own.len()).contains(&signs) && has_letter_before {
                self.letters[place - 1].text_range.end += signs;
                self.letters[place].text_range.start += signs;
            }
        }
    }

    /// Adds a cluster at a place; gives how wide it is.
    fn add(&mut self, cluster: &[KrillaGlyph], text: &str, pen: f32) -> f32 {
        let start = self.text.len();
        self.text.extend(text[cluster[0].text_range.clone()].chars().rev());
        let width = cluster.iter().map(|glyph| glyph.x_advance).sum();
        let widest = cluster.iter().map(|glyph| glyph.x_advance).fold(f32::MIN, f32::max);
        let letter = cluster.iter().position(|glyph| glyph.x_advance >= widest);
        let mut within = 0.0;
        for (place, glyph) in cluster.iter().enumerate() {
            if Some(place) == letter {
                let text_range = start..self.text.len();
                let x_offset = glyph.x_offset + within;
                self.letters.push(KrillaGlyph { text_range, x_offset, x_advance: width, ..glyph.clone() });
            } else {
                self.marks.push((pen + within, glyph.clone()));
            }
            within += glyph.x_advance;
        }
        width
    }
}

fn is_mark(character: char) -> bool {
    GeneralCategoryGroup::Mark.contains(CodePointMapData::<GeneralCategory>::new().get(character))
}

#[cfg(test)]
mod tests {
    use krilla::text::GlyphId;

    use super::*;

    fn glyph(number: u32, text_range: std::ops::Range<usize>, x_advance: f32) -> KrillaGlyph {
        KrillaGlyph::new(GlyphId::new(number), x_advance, 0.0, 0.0, 0.0, text_range, None)
    }

    #[test]
    fn letters_stand_for_their_characters_in_the_order_of_the_page_and_marks_for_none() {
        let text = "אבְגד"; // aleph, bet with sheva, then gimel and dalet drawn as one
        let glyphs = [glyph(9, 6..10, 0.7), glyph(8, 2..6, 0.0), glyph(7, 2..6, 0.5), glyph(6, 0..2, 0.4)];
        let reading = Reading::of(&glyphs, text);
        let turned: String = text.chars().rev().collect();
        assert_eq!(reading.text, turned);
        let letters: Vec<_> =
            reading.letters.iter().map(|letter| (letter.glyph_id.to_u32(), letter.x_advance)).collect();
        assert_eq!(letters, [(9, 0.7), (7, 0.5), (6, 0.4)]);
        assert!(reading.letters.windows(2).all(|two| two[0].text_range.end == two[1].text_range.start));
        let of = |place: usize| &reading.text[reading.letters[place].text_range.clone()];
        assert_eq!([of(0), of(1), of(2)], ["דג\u{5B0}", "ב", "א"]); // the sheva before its letter is told by the glyph before
        assert_eq!(reading.marks.len(), 1);
        assert_eq!((reading.marks[0].0, reading.marks[0].1.glyph_id.to_u32()), (0.7, 8));
    }

    #[test]
    fn a_letter_behind_what_has_a_width_too_keeps_its_place() {
        let reading = Reading::of(&[glyph(1, 0..2, 0.2), glyph(2, 0..2, 0.5)], "א");
        assert_eq!(reading.letters.len(), 1);
        assert!((reading.letters[0].x_offset - 0.2).abs() < 1e-6 && (reading.letters[0].x_advance - 0.7).abs() < 1e-6);
    }
}
