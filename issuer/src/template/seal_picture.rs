//! The picture of the seal (角印): what the signature field shows. In: the seal's characters and the day of issue, or a picture of
//! somebody's own. Out: a PDF content stream (ISO 32000-1 clause 8.5) that needs no font.
//!
//! It is art, and stays the same whatever happens to the file: it never says that a seal is valid.

use std::fmt::Write as _;
use std::sync::Arc;

use jiff::civil::Date;
use skrifa::outline::OutlinePen;

use crate::error::Error;
use crate::field::{Appearance, PICTURE_NAME};
use crate::font::{Family, Typefaces, Weight};
use crate::picture::SealPicture;
use crate::seal_text::{SealCharacter, SealText};

use super::sheet::MILLIMETRE;

/// Side of the square: a 角印 of a Japanese organization is about 22 mm.
pub(crate) const SIDE: f32 = 22.0 * MILLIMETRE;

/// How far it covers the end of the organization's name, as on paper.
pub(crate) const OVERLAP: f32 = 12.0;

/// Vermilion of the ink, #C8102E.
const RED: &str = "0.7843 0.0627 0.1804";

/// The microtext in the lower margin.
const MICROTEXT: &str = "eシール / e-seal";

/// A seal that is a picture, as large as the square has room for.
pub(super) fn drawn(picture: &SealPicture) -> Appearance {
    let ink = picture.ink();
    let (width, height) = (ink.width as f32, ink.height as f32);
    let scale = SIDE / width.max(height);
    let (width, height) = (width * scale, height * scale);
    let (x, y) = ((SIDE - width) / 2.0, (SIDE - height) / 2.0);
    let content = format!("q {width:.3} 0 0 {height:.3} {x:.3} {y:.3} cm /{PICTURE_NAME} Do Q\n").into_bytes();
    Appearance { content, width: SIDE, height: SIDE, picture: Some(Arc::clone(ink)) }
}

/// A seal of those characters, [`SIDE`] points wide and high.
pub(super) fn set(typefaces: &Typefaces, seal: &SealText, issued_on: Date) -> Result<Appearance, Error> {
    let content = content(typefaces, seal, issued_on)?;
    Ok(Appearance { content, width: SIDE, height: SIDE, picture: None })
}

fn content(typefaces: &Typefaces, seal: &SealText, issued_on: Date) -> Result<Vec<u8>, Error> {
    let mut pen = PdfPen::new();
    frame(&mut pen.operators);
    let (left, bottom, width, height) = (5.2, 9.0, SIDE - 10.4, SIDE - 14.2);
    let column_width = width / seal.columns().len() as f32;
    for (place, column) in seal.columns().iter().enumerate() {
        let x = left + width - column_width * (place + 1) as f32;
        let cell = height / column.len() as f32;
        for (row, character) in column.iter().enumerate() {
            let y = bottom + height - cell * (row + 1) as f32;
            pen.stretch(typefaces, *character, [x + 0.7, y + 0.7, column_width - 1.4, cell - 1.4])?;
        }
    }
    let microtext = format!("{MICROTEXT}  {issued_on}");
    pen.line(typefaces, &microtext, 3.3, 5.0)?;
    pen.operators.push_str("f\n");
    Ok(pen.operators.into_bytes())
}

/// The double line: a thick one outside, a thin one inside.
fn frame(operators: &mut String) {
    let mut square = |inset: f32, width: f32| {
        let side = SIDE - 2.0 * inset;
        writeln!(operators, "{width} w {inset} {inset} {side:.3} {side:.3} re S").expect("a String takes everything");
    };
    square(1.0, 1.8);
    square(3.1, 0.5);
    operators.insert_str(0, &format!("{RED} RG {RED} rg\n"));
}

/// Writes outlines as PDF path operators, moved and scaled.
struct PdfPen {
    operators: String,
    scale: [f32; 2],
    origin: [f32; 2],
    current: [f32; 2],
}

impl PdfPen {
    fn new() -> Self {
        Self { operators: String::new(), scale: [1.0; 2], origin: [0.0; 2], current: [0.0; 2] }
    }

    /// One character, stretched to fill the cell `[x, y, width, height]` as seal engravers do.
    fn stretch(&mut self, typefaces: &Typefaces, character: SealCharacter, cell: [f32; 4]) -> Result<(), Error> {
        let face = typefaces.of_character((Family::Gothic, Weight::Bold), character, "seal")?;
        let mut extent = Extent::default();
        face.outline(character, &mut extent)?;
        let [x, y, width, height] = cell;
        let size = |place: usize| (extent.upper[place] - extent.lower[place]).max(1.0);
        // A flat character such as 一 keeps its flatness: it is stretched to at most twice its proportions.
        let proportion = face.units_per_em() * 0.5;
        let drawn = [width * (size(0) / proportion).min(1.0), height * (size(1) / proportion).min(1.0)];
        self.scale = [drawn[0] / size(0), drawn[1] / size(1)];
        self.origin = [
            x + (width - drawn[0]) / 2.0 - extent.lower[0] * self.scale[0],
            y + (height - drawn[1]) / 2.0 - extent.lower[1] * self.scale[1],
        ];
        face.outline(character, self).map(|_| ())
    }

    /// One line of small text, centred.
    fn line(&mut self, typefaces: &Typefaces, text: &str, size: f32, baseline: f32) -> Result<(), Error> {
        let characters = || text.chars().map(|base| SealCharacter { base, selector: None });
        let face = |character| typefaces.of_character((Family::Gothic, Weight::Regular), character, "seal");
        let faces = characters().map(face).collect::<Result<Vec<_>, Error>>()?;
        let mut width = 0.0;
        for (character, face) in characters().zip(&faces) {
            width += face.outline(character, &mut Extent::default())? * size / face.units_per_em();
        }
        self.origin = [(SIDE - width) / 2.0, baseline];
        for (character, face) in characters().zip(&faces) {
            let scale = size / face.units_per_em();
            self.scale = [scale, scale];
            let advance = face.outline(character, self)?;
            self.origin[0] += advance * scale;
        }
        Ok(())
    }

    fn point(&self, x: f32, y: f32) -> [f32; 2] {
        [self.origin[0] + x * self.scale[0], self.origin[1] + y * self.scale[1]]
    }

    fn write(&mut self, points: &[[f32; 2]], operator: char) {
        for [x, y] in points {
            write!(self.operators, "{x:.2} {y:.2} ").expect("a String takes everything");
        }
        self.operators.push(operator);
        self.operators.push('\n');
    }
}

impl OutlinePen for PdfPen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.current = [x, y];
        self.write(&[self.point(x, y)], 'm');
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.current = [x, y];
        self.write(&[self.point(x, y)], 'l');
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        let [x0, y0] = self.current;
        let third = |end: f32, control: f32| end + (control - end) * 2.0 / 3.0;
        self.curve_to(third(x0, cx), third(y0, cy), third(x, cx), third(y, cy), x, y);
    }

    fn curve_to(&mut self, cx0: f32, cy0: f32, cx1: f32, cy1: f32, x: f32, y: f32) {
        self.current = [x, y];
        self.write(&[self.point(cx0, cy0), self.point(cx1, cy1), self.point(x, y)], 'c');
    }

    fn close(&mut self) {
        self.operators.push_str("h\n");
    }
}

/// The smallest box around the points of an outline.
struct Extent {
    lower: [f32; 2],
    upper: [f32; 2],
}

impl Default for Extent {
    fn default() -> Self {
        Self { lower: [f32::MAX; 2], upper: [f32::MIN; 2] }
    }
}

impl OutlinePen for Extent {
    fn move_to(&mut self, x: f32, y: f32) {
        self.lower = [self.lower[0].min(x), self.lower[1].min(y)];
        self.upper = [self.upper[0].max(x), self.upper[1].max(y)];
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.move_to(x, y);
    }

    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        self.move_to(cx, cy);
        self.move_to(x, y);
    }

    fn curve_to(&mut self, cx0: f32, cy0: f32, cx1: f32, cy1: f32, x: f32, y: f32) {
        self.quad_to(cx0, cy0, cx1, cy1);
        self.move_to(x, y);
    }

    fn close(&mut self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seal_is_drawn_within_its_square_and_without_fonts() {
        let typefaces = Typefaces::bundled().unwrap();
        let seal = SealText::from_columns("一般社団/法人試験/機構之印").unwrap();
        let stream = String::from_utf8(content(&typefaces, &seal, jiff::civil::date(2026, 11, 24)).unwrap()).unwrap();
        assert!(!stream.contains("Tf") && !stream.contains("BT"));
        for number in stream.split_ascii_whitespace().filter_map(|word| word.parse::<f32>().ok()) {
            assert!((0.0..=SIDE).contains(&number), "{number}");
        }
    }

    #[test]
    fn a_variation_sequence_gets_its_own_form_and_one_that_no_font_has_is_refused() {
        let typefaces = Typefaces::bundled().unwrap();
        let drawn =
            |text: &str| content(&typefaces, &SealText::from_columns(text).unwrap(), jiff::civil::date(2026, 11, 24));
        assert_ne!(drawn("葛\u{E0100}/印").unwrap(), drawn("葛\u{E0101}/印").unwrap());
        let error = drawn("大\u{E01EF}/印").unwrap_err().to_string();
        assert!(error.contains("U+5927 U+E01EF"), "{error}");
    }

    #[test]
    fn a_picture_is_as_large_as_the_square_has_room_for_and_keeps_its_shape() {
        let png = crate::picture::tests::framed(200, [0; 4], [200, 16, 46, 255]);
        let appearance = drawn(&SealPicture::from_png(&png).unwrap());
        assert_eq!(appearance.content, b"q 62.362 0 0 62.362 0.000 0.000 cm /Picture Do Q\n");
        assert_eq!(appearance.picture.unwrap().width, 200);
    }

    #[test]
    fn a_character_that_the_font_lacks_is_an_error_here_too() {
        let seal = SealText::from_columns("𠮷/印").unwrap();
        let error = content(&Typefaces::bundled().unwrap(), &seal, jiff::civil::date(2026, 11, 24)).unwrap_err();
        assert!(error.to_string().contains("U+20BB7"));
    }
}
