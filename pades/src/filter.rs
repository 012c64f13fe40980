//! Stream filters, ISO 32000-1 clause 7.4. In: encoded bytes and a stream dictionary whose values are direct. Out: the
//! decoded bytes, never more than the limit. FlateDecode with predictors and ASCIIHexDecode; any other filter is an error.

use crate::{
    error::Error,
    lexer::Lexer,
    limits::decoded_at_most,
    object::{Dictionary, Object},
    scalar::Name,
};
use std::io::Read;

/// Decodes `encoded`, which begins at `offset` of the file, through all filters of `dictionary`; at most `allowed` bytes.
pub(crate) fn decode(encoded: &[u8], offset: usize, dictionary: &Dictionary, allowed: usize) -> Result<Vec<u8>, Error> {
    let allowed = allowed.min(decoded_at_most(encoded.len()));
    if let Some(key) = ["F", "FFilter", "FDecodeParms"].into_iter().find(|key| dictionary.entry(key).is_some()) {
        return Err(Error::damaged_because(offset, "data inside the file (7.3.8.2)", format!("/{key} in the stream")));
    }
    let filters = list(dictionary.get("Filter"));
    let parameters = list(dictionary.get("DecodeParms"));
    let mut data: Option<Vec<u8>> = None;
    for (index, filter) in filters.iter().enumerate() {
        let input = data.as_deref().unwrap_or(encoded);
        let parameters = parameters.get(index).and_then(|object| object.as_dictionary());
        data = Some(apply(filter, parameters, input, offset, allowed)?);
    }
    match data {
        Some(data) => Ok(data),
        None if encoded.len() > allowed => Err(too_large(offset, allowed)),
        None => Ok(encoded.to_vec()),
    }
}

/// One object or the elements of an array.
fn list(object: Option<&Object>) -> Vec<&Object> {
    match object {
        None => Vec::new(),
        Some(Object::Array(elements)) => elements.iter().collect(),
        Some(other) => vec![other],
    }
}

fn apply(
    filter: &Object,
    parameters: Option<&Dictionary>,
    input: &[u8],
    offset: usize,
    allowed: usize,
) -> Result<Vec<u8>, Error> {
    match filter.as_name().map(Name::as_bytes) {
        Some(b"FlateDecode" | b"Fl") => {
            let inflated = inflate(input, offset, allowed)?;
            match parameters {
                Some(parameters) => unpredict(inflated, parameters, offset),
                None => Ok(inflated),
            }
        }
        Some(b"ASCIIHexDecode" | b"AHx") => {
            let mut text = vec![b'<'];
            text.extend(input);
            Lexer::at(&text, 0).string().map(|string| string.bytes).map_err(|_| {
                Error::damaged_because(offset, "hexadecimal digits closed by `>`", "other data in the stream")
            })
        }
        Some(b"Crypt") => Ok(input.to_vec()), // undone before (7.4.10)
        _ => {
            let filter = filter.as_name().map_or_else(|| filter.kind().to_owned(), ToString::to_string);
            Err(Error::UnsupportedFilter { offset, filter })
        }
    }
}

/// zlib data (7.4.4) that must be complete, checksum included.
fn inflate(input: &[u8], offset: usize, allowed: usize) -> Result<Vec<u8>, Error> {
    let mut data = Vec::new();
    let limit = (allowed as u64).saturating_add(1);
    flate2::read::ZlibDecoder::new(input)
        .take(limit)
        .read_to_end(&mut data)
        .map_err(|cause| Error::damaged_because(offset, "complete zlib data", cause.to_string()))?;
    if data.len() > allowed { Err(too_large(offset, allowed)) } else { Ok(data) }
}

fn too_large(offset: usize, allowed: usize) -> Error {
    Error::LimitExceeded { limit: "bytes in a decoded stream", allowed, offset }
}

/// Undoes a predictor (7.4.4.4): 1 none, 2 TIFF with 8 bits, 10–15 PNG.
fn unpredict(data: Vec<u8>, parameters: &Dictionary, offset: usize) -> Result<Vec<u8>, Error> {
    let value = |key, default| parameters.get(key).map_or(Some(default), Object::as_size);
    let numbers = (value("Predictor", 1), value("Colors", 1), value("BitsPerComponent", 8), value("Columns", 1));
    let (Some(predictor), Some(colors), Some(bits), Some(columns)) = numbers else {
        return Err(Error::damaged_because(offset, "whole numbers in /DecodeParms", "other values"));
    };
    if predictor == 1 {
        return Ok(data);
    }
    let pixel = colors.saturating_mul(bits).div_ceil(8);
    let row = colors.saturating_mul(bits).saturating_mul(columns).div_ceil(8);
    if pixel == 0 || row == 0 || row > data.len() {
        return if data.is_empty() {
            Ok(data)
        } else {
            Err(Error::damaged_because(offset, "rows as long as /Columns says", format!("{} bytes in all", data.len())))
        };
    }
    match predictor {
        2 if bits == 8 => Ok(undo_tiff(data, row, pixel)),
        10..=15 => undo_png(&data, row, pixel, offset),
        other => Err(Error::UnsupportedFilter { offset, filter: format!("/FlateDecode with predictor {other}") }),
    }
}

fn undo_tiff(mut data: Vec<u8>, row: usize, pixel: usize) -> Vec<u8> {
    for line in data.chunks_mut(row) {
        for index in pixel..line.len() {
            line[index] = line[index].wrapping_add(line[index - pixel]);
        }
    }
    data
}

/// PNG filters (ISO 15948, clause 9): one tag byte before each row.
fn undo_png(data: &[u8], row: usize, pixel: usize, offset: usize) -> Result<Vec<u8>, Error> {
    let mut out: Vec<u8> = Vec::with_capacity(data.len());
    let mut above = vec![0u8; row];
    for line in data.chunks(row + 1) {
        let (tag, line) = (line[0], &line[1..]);
        let mut current = line.to_vec();
        for index in 0..current.len() {
            let left = if index >= pixel { current[index - pixel] } else { 0 };
            let upper_left = if index >= pixel { above[index - pixel] } else { 0 };
            let add = match tag {
                0 => 0,
                1 => left,
                2 => above[index],
                3 => ((u16::from(left) + u16::from(above[index])) / 2) as u8, // half of two bytes fits a byte
                4 => paeth(left, above[index], upper_left),
                other => {
                    return Err(Error::damaged_because(offset, "a PNG filter 0 to 4", format!("filter {other}")));
                }
            };
            current[index] = current[index].wrapping_add(add);
        }
        out.extend(&current);
        above[..current.len()].copy_from_slice(&current);
    }
    Ok(out)
}

fn paeth(left: u8, above: u8, upper_left: u8) -> u8 {
    let (a, b, c) = (i16::from(left), i16::from(above), i16::from(upper_left));
    let (to_left, to_above, to_corner) = ((b - c).abs(), (a - c).abs(), (a + b - 2 * c).abs());
    if to_left <= to_above && to_left <= to_corner {
        left
    } else if to_above <= to_corner {
        above
    } else {
        upper_left
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn deflate(data: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    fn flate(predictor: i64, columns: i64) -> Dictionary {
        let parameters =
            Dictionary::new().with("Predictor", Object::Integer(predictor)).with("Columns", Object::Integer(columns));
        Dictionary::new().with("Filter", Object::name("FlateDecode")).with("DecodeParms", parameters.into())
    }

    #[test]
    fn png_rows_undo_up_sub_average_and_paeth() {
        let rows = [0, 1, 2, 3, 2, 1, 1, 1, 1, 5, 1, 1, 3, 1, 1, 1, 4, 1, 1, 1];
        let decoded = decode(&deflate(&rows), 0, &flate(12, 3), 100).unwrap();
        assert_eq!(decoded[..9], [1, 2, 3, 2, 3, 4, 5, 6, 7]);
        assert_eq!(decoded[9..12], [3, 5, 7]);
        assert_eq!(decoded[12..], [4, 6, 8]);
    }

    #[test]
    fn a_bomb_stops_at_the_limit() {
        let bomb = deflate(&vec![0; 1 << 20]);
        let result = decode(&bomb, 7, &flate(1, 1), 1 << 10);
        assert_eq!(
            result,
            Err(Error::LimitExceeded { limit: "bytes in a decoded stream", allowed: 1 << 10, offset: 7 })
        );
    }

    #[test]
    fn cut_or_unknown_data_are_errors() {
        let whole = deflate(b"some text that is long enough");
        assert!(decode(&whole[..whole.len() - 6], 0, &flate(1, 1), 100).is_err());
        let lzw = Dictionary::new().with("Filter", Object::name("LZWDecode"));
        assert_eq!(
            decode(b"", 3, &lzw, 100),
            Err(Error::UnsupportedFilter { offset: 3, filter: "/LZWDecode".to_owned() })
        );
    }

    #[test]
    fn hexadecimal_and_plain_data_decode() {
        let hexadecimal = Dictionary::new().with("Filter", Object::name("ASCIIHexDecode"));
        assert_eq!(decode(b"41 42>", 0, &hexadecimal, 100).unwrap(), b"AB");
        assert_eq!(decode(b"plain", 0, &Dictionary::new(), 100).unwrap(), b"plain");
        assert!(decode(b"plain", 0, &Dictionary::new(), 4).is_err());
    }
}
