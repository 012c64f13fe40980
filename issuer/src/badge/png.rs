//! Baking, Open Badges 3.0 clause 5.3: a token in an uncompressed iTXt chunk (PNG specification, clause 11.3.3.4). In: a PNG and a
//! token. Out: the PNG with the chunk after its header; and back.
//!
//! Chunks are copied as they are, so the picture's own bytes do not change.

use flate2::Crc;

use crate::error::{Error, shortened};

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Keyword of Open Badges 3.0; 2.0 had `openbadges`.
const KEYWORD: &[u8] = b"openbadgecredential";

/// Puts a token into a PNG that has none.
///
/// # Errors
/// [`Error::BakedPicture`] if the file is no PNG, is damaged, or holds a badge already.
pub(super) fn bake(png: &[u8], token: &str) -> Result<Vec<u8>, Error> {
    let chunks = chunks(png)?;
    if chunks.iter().any(|chunk| chunk.is_badge()) {
        return Err(unusable("a PNG without a badge", "one that holds a badge already".to_owned()));
    }
    let header_end = SIGNATURE.len() + chunks[0].length();
    // Keyword, end of keyword, compression flag and method, end of language tag, end of translated keyword.
    let text = [KEYWORD, &[0, 0, 0, 0, 0], token.as_bytes()].concat();
    let mut baked = png[..header_end].to_vec();
    baked.extend(
        u32::try_from(text.len())
            .map_err(|_| unusable("a token below 4 GiB", "a longer one".to_owned()))?
            .to_be_bytes(),
    );
    let body = [b"iTXt".as_slice(), &text].concat();
    baked.extend_from_slice(&body);
    baked.extend(checksum(&body).to_be_bytes());
    baked.extend_from_slice(&png[header_end..]);
    Ok(baked)
}

/// The one token that a PNG holds.
///
/// # Errors
/// [`Error::BakedPicture`] if there is none or more than one, or if it is compressed (which clause 5.3 forbids).
pub fn baked_badge(png: &[u8]) -> Result<String, Error> {
    let chunks = chunks(png)?;
    let badges: Vec<&Chunk<'_>> = chunks.iter().filter(|chunk| chunk.is_badge()).collect();
    let [badge] = badges[..] else {
        return Err(unusable("exactly one badge", badges.len().to_string()));
    };
    let rest = badge.data.get(KEYWORD.len() + 1..).unwrap_or_default();
    let [0, 0, rest @ ..] = rest else {
        return Err(unusable("an uncompressed badge", "a compressed one".to_owned()));
    };
    // Language tag and translated keyword; clause 5.3 leaves them empty, other writers may not.
    let text = rest.splitn(3, |byte| *byte == 0).nth(2).unwrap_or_default();
    let text = std::str::from_utf8(text).map_err(|error| unusable("UTF-8", error.to_string()))?;
    match text.trim() {
        "" => Err(unusable("a badge", "an empty text".to_owned())),
        text => Ok(text.to_owned()),
    }
}

/// Whether a PNG holds a badge of either version.
pub(super) fn holds_badge(png: &[u8]) -> Result<bool, Error> {
    Ok(chunks(png)?.iter().any(Chunk::is_badge))
}

struct Chunk<'a> {
    kind: &'a [u8],
    data: &'a [u8],
}

impl Chunk<'_> {
    /// Length in the file: length field, type, data, checksum.
    fn length(&self) -> usize {
        12 + self.data.len()
    }

    fn is_badge(&self) -> bool {
        let keyword = self.data.split(|byte| *byte == 0).next().unwrap_or_default();
        matches!(self.kind, b"iTXt" | b"tEXt" | b"zTXt") && (keyword == KEYWORD || keyword == b"openbadges")
    }
}

/// The chunks of a PNG, each with a right checksum, IHDR first and IEND last.
fn chunks(png: &[u8]) -> Result<Vec<Chunk<'_>>, Error> {
    let damaged = |found: &str| unusable("a PNG", found.to_owned());
    let mut rest = png.strip_prefix(SIGNATURE).ok_or_else(|| {
        let begin = String::from_utf8_lossy(&png[..png.len().min(8)]);
        damaged(&format!("a file that begins with {:?}", shortened(&begin)))
    })?;
    let mut chunks = Vec::new();
    while !rest.is_empty() {
        let (length, after) = rest.split_first_chunk::<4>().ok_or_else(|| damaged("a cut off chunk"))?;
        let length = u32::from_be_bytes(*length) as usize;
        let end = length.checked_add(4).ok_or_else(|| damaged("an endless chunk"))?;
        let (body, after) = after.split_at_checked(end).ok_or_else(|| damaged("a cut off chunk"))?;
        let (sum, after) = after.split_first_chunk::<4>().ok_or_else(|| damaged("a cut off chunk"))?;
        if u32::from_be_bytes(*sum) != checksum(body) {
            return Err(damaged("a chunk with a wrong checksum"));
        }
        let (kind, data) = body.split_at(4);
        chunks.push(Chunk { kind, data });
        rest = after;
        if kind == b"IEND" {
            break;
        }
    }
    match (chunks.first(), chunks.last()) {
        (Some(first), Some(last)) if first.kind == b"IHDR" && last.kind == b"IEND" && rest.is_empty() => Ok(chunks),
        _ => Err(damaged("chunks not from IHDR to IEND")),
    }
}

/// CRC-32 over type and data (PNG specification, clause 5.5).
fn checksum(body: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(body);
    crc.sum()
}

fn unusable(expected: &'static str, found: String) -> Error {
    Error::BakedPicture { expected, found }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BadgePicture;

    fn picture() -> Vec<u8> {
        BadgePicture::bundled().unwrap().png().to_vec()
    }

    #[test]
    fn what_was_baked_is_extracted_and_read_by_the_png_crate_too() {
        let baked = bake(&picture(), "aaa.bbb.ccc").unwrap();
        assert_eq!(baked_badge(&baked).unwrap(), "aaa.bbb.ccc");
        let reader = ::png::Decoder::new(std::io::Cursor::new(&baked)).read_info().unwrap();
        let [text] = &reader.info().utf8_text[..] else { panic!("one iTXt chunk") };
        assert_eq!((text.keyword.as_str(), text.compressed), ("openbadgecredential", false));
        assert_eq!(text.get_text().unwrap(), "aaa.bbb.ccc");
    }

    #[test]
    fn a_second_badge_is_neither_baked_nor_chosen_from() {
        let baked = bake(&picture(), "first").unwrap();
        assert!(bake(&baked, "second").is_err());
        let chunk_start = SIGNATURE.len() + 25;
        let chunk = &baked[chunk_start..chunk_start + 12 + KEYWORD.len() + 5 + "first".len()];
        let twice = [&baked[..chunk_start], chunk, &baked[chunk_start..]].concat();
        let message = baked_badge(&twice).unwrap_err().to_string();
        assert!(message.contains("exactly one badge, found 2"), "{message}");
        assert!(baked_badge(&picture()).unwrap_err().to_string().contains("found 0"));
    }

    #[test]
    fn a_compressed_badge_a_damaged_chunk_and_another_format_are_refused() {
        let mut baked = bake(&picture(), "token").unwrap();
        let flag = SIGNATURE.len() + 25 + 8 + KEYWORD.len() + 1;
        baked[flag] = 1;
        assert!(baked_badge(&baked).unwrap_err().to_string().contains("checksum"));
        let body_start = SIGNATURE.len() + 25 + 4;
        let body_end = body_start + 4 + KEYWORD.len() + 5 + "token".len();
        let sum = checksum(&baked[body_start..body_end]).to_be_bytes();
        baked[body_end..body_end + 4].copy_from_slice(&sum);
        assert!(baked_badge(&baked).unwrap_err().to_string().contains("compressed"));
        assert!(baked_badge(b"GIF89a").unwrap_err().to_string().contains("GIF89a"));
        assert!(baked_badge(&picture()[..1000]).unwrap_err().to_string().contains("cut off"));
    }
}
