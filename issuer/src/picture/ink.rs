//! A picture as ink on paper. In: pixels. Out: what has to be laid onto white so that the picture is seen, and nothing where it is white:
//! an opaque scan and a drawing without background become the same.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use crate::error::Error;
use crate::register::words::both;
use crate::template::contrast_to_white;

/// Least contrast to white of what is to be recognized (WCAG 2.2, 1.4.11), and how much of a picture has to have it.
const LEAST_CONTRAST: f64 = 3.0;
const LEAST_SHARE: usize = 100; // one pixel of so many

/// Colours and opacity, packed as PDF takes them (ISO 32000-1 clause 7.4.4), eight bits each, row by row.
#[derive(Debug)]
pub(crate) struct Ink {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// Red, green, blue.
    pub(crate) colours: Vec<u8>,
    pub(crate) opacity: Vec<u8>,
}

impl Ink {
    /// The ink of a picture of red, green, blue and opacity.
    pub(super) fn of(pixels: &[u8], width: u32, height: u32) -> Ink {
        let (mut colours, mut opacity) = (Vec::with_capacity(pixels.len()), Vec::with_capacity(pixels.len() / 4));
        for pixel in pixels.chunks_exact(4) {
            let seen = on_white(pixel);
            let white = u32::from(seen.into_iter().min().unwrap_or(255));
            let laid = 255 - white;
            // Of what is seen, `white` parts are the paper's.
            colours.extend(seen.map(|seen| ((u32::from(seen) - white) * 255 / laid.max(1)) as u8));
            opacity.push(laid as u8);
        }
        Ink { width, height, colours: packed(&colours), opacity: packed(&opacity) }
    }

    /// How many bytes it takes.
    pub(super) fn size(&self) -> usize {
        self.colours.len() + self.opacity.len()
    }
}

/// Whether enough of a picture can be told from white paper.
///
/// # Errors
/// [`Error::Picture`] if not.
pub(super) fn check_contrast(pixels: &[u8]) -> Result<(), Error> {
    let contrasts = pixels.chunks_exact(4).map(|pixel| contrast_to_white(on_white(pixel)));
    let (mut dark, mut best, mut count) = (0, 1.0_f64, 0);
    for contrast in contrasts {
        dark += usize::from(contrast >= LEAST_CONTRAST);
        best = best.max(contrast);
        count += 1;
    }
    if dark * LEAST_SHARE >= count && dark > 0 {
        return Ok(());
    }
    let share = 100.0 * dark as f64 / count.max(1) as f64;
    Err(super::unfit(both!(
        "wanted a picture of which at least a hundredth has a contrast to white of 3 : 1 (WCAG 2.2, 1.4.11); \
         found {share:.1} %, its darkest pixel with {best:.1} : 1",
        "白い紙に対するコントラストが 3 : 1 以上の部分が 100 分の 1 以上必要ですが（WCAG 2.2, 1.4.11）、{share:.1} % です。\
         最も濃い画素で {best:.1} : 1 です"
    )))
}

/// A pixel as it is seen on white.
fn on_white(pixel: &[u8]) -> [u8; 3] {
    let opacity = u32::from(pixel[3]);
    [0, 1, 2].map(|channel| ((u32::from(pixel[channel]) * opacity + 255 * (255 - opacity) + 127) / 255) as u8)
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    let packed = encoder.write_all(bytes).and_then(|()| encoder.finish());
    packed.expect("memory takes every byte")
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn unpacked(packed: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        flate2::read::ZlibDecoder::new(packed).read_to_end(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn ink_on_white_paper_is_the_picture_and_white_is_no_ink() {
        let pixels = [[200, 16, 46, 255], [255, 255, 255, 255], [200, 16, 46, 128], [0, 0, 0, 0], [90, 120, 250, 255]];
        let ink = Ink::of(pixels.as_flattened(), 5, 1);
        let (colours, opacity) = (unpacked(&ink.colours), unpacked(&ink.opacity));
        assert_eq!((opacity[1], opacity[3]), (0, 0));
        for (place, pixel) in pixels.iter().enumerate() {
            let own = &colours[place * 3..place * 3 + 3];
            let laid = on_white(&[own[0], own[1], own[2], opacity[place]]);
            for (laid, seen) in laid.into_iter().zip(on_white(pixel)) {
                assert!(laid.abs_diff(seen) <= 1, "{pixel:?}");
            }
        }
    }
}
