//! Pictures of whoever issues: a logo, and a square seal that is drawn and not set. In: a PNG. Out: what the page writer takes, or what
//! is wrong with the picture and what to do.

mod ink;

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use krilla::image::Image;
use sha2::{Digest as _, Sha256};

use crate::badge::rgba8;
use crate::error::Error;
use crate::register::words::{Words, both};

pub(crate) use ink::Ink;

/// The largest file, in bytes.
const LARGEST: usize = 1 << 20;

/// The most pixels of a side of a logo.
const LONGEST_SIDE: u32 = 4096;

/// The most pixels of a side of a logo as it is printed: 300 to the inch where it is as wide as the texts of a page.
const PRINTED_SIDE: u32 = 1930;

/// How many logos are remembered. A template is read anew for each document, and to pack its logo takes longer than the rest.
const REMEMBERED: usize = 4;

/// Pixels of the longer side of a seal: printed on 22 mm, the least are 148 to the inch, the most 1182.
const SEAL_SIDE: std::ops::RangeInclusive<u32> = 128..=1024;

/// What a seal may take in each file, in bytes.
const LARGEST_SEAL: usize = 256 << 10;

/// How a picture stands within a text: the form of a `data` address (RFC 2397) of a PNG.
const WITHIN_TEXT: &str = "data:image/png;base64,";

/// A logo.
#[derive(Clone)]
pub struct Logo {
    pub(crate) image: Image,
    /// Width by height.
    pub(crate) proportion: f32,
}

impl Logo {
    /// Reads a PNG of at most 1 MiB and 4096 pixels a side; the last ones are remembered.
    ///
    /// # Errors
    /// [`Error::Picture`] if it is another file, larger, or has nothing that can be seen on white paper.
    pub fn from_png(png: &[u8]) -> Result<Logo, Error> {
        static READ: Mutex<VecDeque<([u8; 32], Logo)>> = Mutex::new(VecDeque::new());
        let digest: [u8; 32] = Sha256::digest(png).into();
        let read = || READ.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, logo)) = read().iter().find(|(of, _)| *of == digest) {
            return Ok(logo.clone());
        }
        let logo = Logo::read(png)?;
        let mut read = read();
        read.truncate(REMEMBERED - 1);
        read.push_front((digest, logo.clone()));
        Ok(logo)
    }

    fn read(png: &[u8]) -> Result<Logo, Error> {
        let fits = |width: u32, height: u32| width.max(height) <= LONGEST_SIDE;
        let wanted = both!("4096 pixels a side at most", "各辺 4096 画素以内");
        let (pixels, width, height) = pixels(png, fits, &wanted)?;
        ink::check_contrast(&pixels)?;
        let proportion = width as f32 / height as f32;
        let (pixels, width, height) = printed(pixels, width, height);
        Ok(Logo { image: Image::from_rgba8(pixels, width, height), proportion })
    }
}

/// A picture with no more pixels than are printed: squares of them become one each, of their mean colour.
fn printed(pixels: Vec<u8>, width: u32, height: u32) -> (Vec<u8>, u32, u32) {
    let side = width.max(height).div_ceil(PRINTED_SIDE);
    if side == 1 {
        return (pixels, width, height);
    }
    let (columns, rows) = (width.div_ceil(side), height.div_ceil(side));
    let mut sums = vec![[0_u64; 5]; (columns * rows) as usize]; // colours times opacity, opacity, how many
    for (line, y) in pixels.chunks_exact(4 * width as usize).zip(0..) {
        for (pixel, x) in line.chunks_exact(4).zip(0..) {
            let sum = &mut sums[(y / side * columns + x / side) as usize];
            let opacity = u64::from(pixel[3]);
            for (sum, colour) in sum.iter_mut().zip(&pixel[..3]) {
                *sum += u64::from(*colour) * opacity;
            }
            sum[3] += opacity;
            sum[4] += 1;
        }
    }
    let mean = |sum: u64, count: u64| u8::try_from(sum.checked_div(count).unwrap_or_default()).unwrap_or(u8::MAX);
    let pixel = |[red, green, blue, opacity, count]: [u64; 5]| {
        [mean(red, opacity), mean(green, opacity), mean(blue, opacity), mean(opacity, count)]
    };
    (sums.into_iter().flat_map(pixel).collect(), columns, rows)
}

/// A square seal (角印) as a picture: what it is drawn with goes onto the paper like ink, its white is the paper's.
#[derive(Clone)]
pub struct SealPicture {
    ink: Arc<Ink>,
}

impl SealPicture {
    /// Reads a PNG of at most 1 MiB, its longer side of 128 to 1024 pixels and at most twice the shorter one.
    ///
    /// # Errors
    /// [`Error::Picture`] if it is another file or of another size, has nothing that can be seen on white paper, or is so rich in colours
    /// that it would fill the files of certificates.
    pub fn from_png(png: &[u8]) -> Result<SealPicture, Error> {
        let fits = |width: u32, height: u32| {
            let (longer, shorter) = (width.max(height), width.min(height));
            SEAL_SIDE.contains(&longer) && shorter * 2 >= longer
        };
        let wanted = both!(
            "128 to 1024 pixels on its longer side, which is at most twice the shorter one",
            "長辺が 128 から 1024 画素で、短辺の 2 倍以内"
        );
        let (pixels, width, height) = pixels(png, fits, &wanted)?;
        ink::check_contrast(&pixels)?;
        let ink = Ink::of(&pixels, width, height);
        if ink.size() > LARGEST_SEAL {
            let found = ink.size();
            return Err(unfit(both!(
                "wanted a seal that packed takes at most 256 KiB, which every certificate has to carry; this one takes {found}: \
                 520 pixels a side and few colours will do",
                "すべての証明書に入るので、圧縮して 256 KiB 以内の印影が必要ですが、{found} バイトです。一辺 520 画素、少ない色で足ります"
            )));
        }
        Ok(SealPicture { ink: Arc::new(ink) })
    }

    pub(crate) fn ink(&self) -> &Arc<Ink> {
        &self.ink
    }
}

/// Writes a PNG as it stands within a text, such as a world plan.
pub fn png_as_text(png: &[u8]) -> String {
    format!("{WITHIN_TEXT}{}", BASE64_STANDARD.encode(png))
}

/// The PNG that stands within a text; none if the text is another one, such as the name of a file.
///
/// # Errors
/// [`Error::Picture`] if it is not Base64.
pub fn png_of_text(text: &str) -> Result<Option<Vec<u8>>, Error> {
    let Some(base64) = text.strip_prefix(WITHIN_TEXT) else { return Ok(None) };
    let png = BASE64_STANDARD.decode(base64);
    png.map(Some).map_err(|error| {
        unfit(both!(
            "wanted a PNG in Base64 behind {WITHIN_TEXT}, found {error}",
            "{WITHIN_TEXT} の後に Base64 の PNG が必要です（{error}）"
        ))
    })
}

/// Red, green, blue and opacity of each pixel, width and height.
fn pixels(png: &[u8], fits: impl Fn(u32, u32) -> bool, wanted: &Words) -> Result<(Vec<u8>, u32, u32), Error> {
    let found = png.len();
    if found > LARGEST {
        return Err(unfit(both!(
            "wanted a PNG of at most 1 MiB, found {found} bytes",
            "1 MiB 以内の PNG が必要ですが、{found} バイトです"
        )));
    }
    rgba8(png, fits).map_err(|found| {
        let Words { en, ja } = wanted;
        unfit(both!("wanted a PNG, {en}; found {found}", "{ja}の PNG が必要ですが、使えません（{found}）"))
    })
}

fn unfit(problem: Words) -> Error {
    Error::Picture { problem: problem.en, problem_ja: problem.ja }
}

impl fmt::Debug for Logo {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Logo({})", self.proportion)
    }
}

impl fmt::Debug for SealPicture {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SealPicture({} by {})", self.ink.width, self.ink.height)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A PNG of one colour within a margin of another.
    pub(crate) fn framed(side: u32, margin: [u8; 4], within: [u8; 4]) -> Vec<u8> {
        let mut png = Vec::new();
        let mut encoder = ::png::Encoder::new(&mut png, side, side);
        encoder.set_color(::png::ColorType::Rgba);
        encoder.set_depth(::png::BitDepth::Eight);
        let inside = |place: u32| (side / 4..side * 3 / 4).contains(&place);
        let pixels = (0..side).flat_map(|y| (0..side).map(move |x| (x, y)));
        let pixels: Vec<u8> = pixels.flat_map(|(x, y)| if inside(x) && inside(y) { within } else { margin }).collect();
        encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
        png
    }

    #[test]
    fn a_seal_is_refused_that_is_too_small_or_long_or_that_nobody_could_see() {
        let refused = |png: &[u8]| SealPicture::from_png(png).unwrap_err().to_string();
        let (clear, red, pale) = ([0; 4], [200, 16, 46, 255], [255, 250, 200, 255]);
        SealPicture::from_png(&framed(128, clear, red)).unwrap();
        assert!(refused(&framed(100, clear, red)).contains("found 100 by 100"));
        assert!(refused(&framed(1100, clear, red)).contains("128 to 1024"));
        assert!(refused(&framed(200, clear, pale)).contains("contrast to white"));
        assert!(refused(&framed(200, clear, clear)).contains("contrast to white"));
        assert!(refused(b"GIF89a").contains("wanted a PNG"));
        assert!(Logo::from_png(&framed(64, [255; 4], pale)).is_err());
        Logo::from_png(&framed(64, [255; 4], red)).unwrap();
    }

    #[test]
    fn a_logo_with_more_pixels_than_are_printed_has_fewer_in_the_same_proportion_and_colours() {
        let logo = Logo::from_png(&framed(2400, [255; 4], [200, 16, 46, 255])).unwrap();
        assert_eq!((logo.image.size(), logo.proportion), ((1200, 1200), 1.0));
        let (clear, red) = ([0, 0, 0, 0], [200, 16, 46, 255]);
        let pixels: Vec<u8> = [red, red, clear, red].concat().repeat(PRINTED_SIDE as usize);
        let (printed, width, height) = printed(pixels, 4 * PRINTED_SIDE, 1);
        assert_eq!((width, height), (PRINTED_SIDE, 1));
        assert_eq!(printed[..4], [200, 16, 46, 191], "what is clear has no colour");
        assert_eq!(super::printed(vec![7; 8], 2, 1), (vec![7; 8], 2, 1));
    }

    #[test]
    fn a_picture_within_a_text_is_the_same_octets() {
        let png = framed(16, [0; 4], [0, 0, 0, 255]);
        assert_eq!(png_of_text(&png_as_text(&png)).unwrap(), Some(png));
        assert_eq!(png_of_text("seal.png").unwrap(), None);
        assert!(png_of_text("data:image/png;base64,???").is_err());
    }
}
