//! Badge pictures. In: a PNG. Out: the same PNG, checked, its SHA-256, and a smaller copy for the certificate.

use std::io::Cursor;
use std::sync::{Arc, OnceLock};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use krilla::image::Image;
use sha2::{Digest as _, Sha256};

use super::png::holds_badge;
use crate::completion::Completion;
use crate::error::Error;

/// Sides that are accepted, in pixels. Open Badges recommends at least 90; displays show up to 400.
const SIDES: std::ops::RangeInclusive<u32> = 128..=1024;

/// Largest file: the picture goes into every baked PNG.
const MAX_BYTES: usize = 256 * 1024;

/// Largest side in the certificate: 30 mm at 220 dots an inch.
const PRINTED_SIDE: u32 = 256;

/// A picture for badges. Cheap to clone.
#[derive(Clone)]
pub struct BadgePicture(Arc<Inner>);

struct Inner {
    png: Vec<u8>,
    sha256: String,
    small: Image,
}

impl BadgePicture {
    /// The issuer's own picture, `assets/badge.png`.
    ///
    /// # Errors
    /// [`Error::BadgePicture`] if the bundled file is damaged.
    pub fn bundled() -> Result<Self, Error> {
        static READ: OnceLock<BadgePicture> = OnceLock::new(); // for all worlds: making it smaller takes longer than all else of an opening
        if let Some(read) = READ.get() {
            return Ok(read.clone());
        }
        let picture = Self::from_png(include_bytes!("../../assets/badge.png"))?;
        Ok(READ.get_or_init(|| picture).clone())
    }

    /// The picture that a completion brings, or else this one.
    ///
    /// # Errors
    /// [`Error::BadgePicture`] if it brings one that cannot be used.
    pub fn for_completion(&self, completion: &Completion) -> Result<Self, Error> {
        let Some(picture) = completion.achievement().and_then(|achievement| achievement.picture.as_ref()) else {
            return Ok(self.clone());
        };
        let unreadable = |found: String| unusable("achievement.picture to be a PNG in Base64", found);
        Self::from_png(&BASE64_STANDARD.decode(picture).map_err(|error| unreadable(error.to_string()))?)
    }

    /// Checks a PNG: square, 128 to 1024 pixels, at most 256 KiB, no badge baked in.
    ///
    /// # Errors
    /// [`Error::BadgePicture`] names the rule.
    pub fn from_png(png: &[u8]) -> Result<Self, Error> {
        if png.len() > MAX_BYTES {
            return Err(unusable("at most 262144 bytes", png.len().to_string()));
        }
        if holds_badge(png).map_err(|error| unusable("a PNG", error.to_string()))? {
            return Err(unusable("a picture without a badge", "a baked one".to_owned()));
        }
        let (pixels, side) = pixels(png)?;
        let (pixels, side) = reduced(pixels, side);
        let small = Image::from_rgba8(pixels, side, side);
        Ok(Self(Arc::new(Inner { png: png.to_vec(), sha256: hex::encode(Sha256::digest(png)), small })))
    }

    /// The PNG.
    pub fn png(&self) -> &[u8] {
        &self.0.png
    }

    /// Its SHA-256 in lower hex: its name at [`crate::Settings::picture_address`].
    pub fn sha256(&self) -> &str {
        &self.0.sha256
    }

    /// The copy for the certificate.
    pub(crate) fn small_image(&self) -> Image {
        self.0.small.clone()
    }
}

impl std::fmt::Debug for BadgePicture {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "BadgePicture({})", self.sha256())
    }
}

/// Red, green, blue and opacity of each pixel, and the side.
fn pixels(png: &[u8]) -> Result<(Vec<u8>, u32), Error> {
    let square = |width, height| width == height && SIDES.contains(&width);
    let (pixels, side, _) =
        rgba8(png, square).map_err(|found| unusable("a PNG, a square of 128 to 1024 pixels", found))?;
    Ok((pixels, side))
}

/// Red, green, blue and opacity of each pixel of a PNG, its width and height; else what was found instead.
pub(crate) fn rgba8(png: &[u8], fits: impl Fn(u32, u32) -> bool) -> Result<(Vec<u8>, u32, u32), String> {
    let unread = |error: ::png::DecodingError| match png.starts_with(b"\x89PNG\r\n\x1a\n") {
        true => format!("one that is damaged or cut short ({error})"),
        false => "a file of another kind".to_owned(),
    };
    let mut decoder = ::png::Decoder::new(Cursor::new(png));
    decoder.set_transformations(::png::Transformations::normalize_to_color8() | ::png::Transformations::ALPHA);
    let mut reader = decoder.read_info().map_err(unread)?;
    let (width, height) = reader.info().size();
    if !fits(width, height) {
        return Err(format!("{width} by {height}"));
    }
    let size = reader.output_buffer_size().ok_or_else(|| format!("{width} by {height}"))?;
    let mut buffer = vec![0; size];
    let frame = reader.next_frame(&mut buffer).map_err(unread)?;
    buffer.truncate(frame.buffer_size());
    let pixels = match frame.color_type {
        ::png::ColorType::Rgba => buffer,
        ::png::ColorType::GrayscaleAlpha => {
            buffer.chunks_exact(2).flat_map(|pixel| [pixel[0], pixel[0], pixel[0], pixel[1]]).collect()
        }
        other => return Err(format!("{other:?}")),
    };
    Ok((pixels, width, height))
}

/// A smaller copy if the side is a multiple of the printed one or larger: the mean of the pixels, weighted by their opacity.
fn reduced(pixels: Vec<u8>, side: u32) -> (Vec<u8>, u32) {
    let factor = side / PRINTED_SIDE;
    if factor < 2 {
        return (pixels, side);
    }
    let small = side / factor;
    let mut reduced = Vec::with_capacity((small * small * 4) as usize);
    for (y, x) in (0..small).flat_map(|y| (0..small).map(move |x| (y, x))) {
        let mut sums = [0_u32; 4];
        for (row, column) in (0..factor).flat_map(|row| (0..factor).map(move |column| (row, column))) {
            let start = (((y * factor + row) * side + x * factor + column) * 4) as usize;
            let opacity = u32::from(pixels[start + 3]);
            (0..3).for_each(|channel| sums[channel] += u32::from(pixels[start + channel]) * opacity);
            sums[3] += opacity;
        }
        let weight = sums[3].max(1);
        // Means of bytes are bytes.
        reduced.extend((0..3).map(|channel| ((sums[channel] + weight / 2) / weight) as u8));
        reduced.push((sums[3] / (factor * factor)) as u8);
    }
    (reduced, small)
}

fn unusable(expected: &'static str, found: String) -> Error {
    Error::BadgePicture { expected, found }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::completion::tests::{achievement, example, example_with};

    fn png(width: u32, height: u32, color: ::png::ColorType) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = ::png::Encoder::new(&mut bytes, width, height);
        encoder.set_color(color);
        let data = vec![0x80; width as usize * height as usize * color.samples()];
        encoder.write_header().unwrap().write_image_data(&data).unwrap();
        bytes
    }

    #[test]
    fn pictures_of_every_colour_type_are_accepted() {
        use ::png::ColorType::{Grayscale, GrayscaleAlpha, Rgb, Rgba};
        for color in [Grayscale, GrayscaleAlpha, Rgb, Rgba] {
            BadgePicture::from_png(&png(200, 200, color)).unwrap();
        }
    }

    #[test]
    fn an_oblong_a_tiny_a_huge_and_a_broken_picture_are_refused_with_the_rule() {
        let refused = |bytes: &[u8]| BadgePicture::from_png(bytes).unwrap_err().to_string();
        assert!(refused(&png(200, 201, ::png::ColorType::Rgb)).contains("200 by 201"));
        assert!(refused(&png(100, 100, ::png::ColorType::Rgb)).contains("128 to 1024"));
        assert!(refused(&vec![0; MAX_BYTES + 1]).contains("262144"));
        assert!(refused(b"not a picture").contains("PNG"));
        let baked = super::super::png::bake(&png(200, 200, ::png::ColorType::Rgb), "token").unwrap();
        assert!(refused(&baked).contains("baked"));
    }

    #[test]
    fn the_printed_copy_keeps_colour_where_half_of_the_pixels_are_transparent() {
        let two_rows = [[200, 100, 50, 255], [0, 0, 0, 0]].concat().repeat(512 * 512 / 2);
        let (small, side) = reduced(two_rows, 512);
        assert_eq!((side, &small[..4]), (256, &[200, 100, 50, 127][..]));
    }

    #[test]
    fn a_completion_may_bring_its_own_picture() {
        let bundled = BadgePicture::bundled().unwrap();
        assert_eq!(bundled.for_completion(&example()).unwrap().sha256(), bundled.sha256());
        let own = BASE64_STANDARD.encode(png(256, 256, ::png::ColorType::Rgb));
        let completion = example_with(|data| achievement(data).picture = Some(own));
        assert_ne!(bundled.for_completion(&completion).unwrap().sha256(), bundled.sha256());
        let completion = example_with(|data| achievement(data).picture = Some("%%%".to_owned()));
        assert!(bundled.for_completion(&completion).unwrap_err().to_string().contains("achievement.picture"));
    }
}
