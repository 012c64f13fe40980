//! Pictures beside a template. In: a PNG. Out: its pixels for the page writer.

use krilla::image::Image;

use crate::badge::rgba8;

/// The largest file, in bytes.
const LARGEST: usize = 1 << 20;

/// The most pixels of a side.
const LONGEST_SIDE: u32 = 4096;

/// A picture.
#[derive(Clone)]
pub(super) struct Picture {
    pub(super) image: Image,
    /// Width by height.
    pub(super) proportion: f32,
}

impl Picture {
    /// Reads a PNG.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub(super) fn from_png(png: &[u8]) -> Result<Picture, String> {
        if png.len() > LARGEST {
            return Err(format!("wanted a PNG of at most 1 MiB, found {} bytes", png.len()));
        }
        let (pixels, width, height) = rgba8(png, |width, height| width.max(height) <= LONGEST_SIDE)
            .map_err(|found| format!("wanted a PNG of at most {LONGEST_SIDE} pixels a side, found {found}"))?;
        Ok(Picture { image: Image::from_rgba8(pixels, width, height), proportion: width as f32 / height as f32 })
    }
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Picture({})", self.proportion)
    }
}
