//! The character encoding of a text. In: its octets. Out: the text, and how its encoding was found out, in words.
//!
//! A byte order mark counts, then whether every octet is UTF-8; what is not is Shift_JIS as Windows writes it (code page 932), or
//! no text. Lines in different encodings, as when a file was put together of two, are told by their numbers: half of the names
//! would come out wrong otherwise.

use encoding_rs::{DecoderResult, EUC_JP, Encoding, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE};

use super::error::RegisterError;

/// The text of a file without its byte order mark, and its encoding in words.
pub(super) fn decode(octets: Vec<u8>, wanted: Option<&str>) -> Result<(String, String), RegisterError> {
    if let Some(wanted) = wanted {
        let encoding = by_label(wanted, &octets)?;
        let text =
            strictly(encoding, &octets).map_err(|line| undecodable(line, encoding, "choose another --encoding"))?;
        return Ok((text, format!("{}, as was asked for", name(encoding))));
    }
    if let Some((encoding, _)) = Encoding::for_bom(&octets) {
        let advice = "its byte order mark says so; the line is damaged";
        let text = strictly(encoding, &octets).map_err(|line| undecodable(line, encoding, advice))?;
        return Ok((text, format!("{}, because it begins with a byte order mark", name(encoding))));
    }
    if let Some(encoding) = without_mark(&octets) {
        let advice = "every other octet is zero; the line is damaged";
        let text = strictly(encoding, &octets).map_err(|line| undecodable(line, encoding, advice))?;
        return Ok((text, format!("{}, because every other octet is zero", name(encoding))));
    }
    let octets = match String::from_utf8(octets) {
        Ok(text) => {
            let why = if text.is_ascii() { "all of it is ASCII" } else { "every line is" };
            return Ok((text, format!("UTF-8, because {why}")));
        }
        Err(error) => error.into_bytes(),
    };
    let (utf8_line, other_line) = lines(&octets);
    if let Some(utf8_line) = utf8_line {
        return Err(RegisterError::MixedEncodings { utf8_line, other_line });
    }
    match strictly(SHIFT_JIS, &octets) {
        Ok(text) => Ok((text, format!("{}, because line {other_line} is no UTF-8", name(SHIFT_JIS)))),
        Err(line) if strictly(EUC_JP, &octets).is_ok() => {
            Err(undecodable(line, SHIFT_JIS, "it can be EUC-JP: say so with --encoding euc-jp"))
        }
        Err(line) => {
            Err(undecodable(line, SHIFT_JIS, "nor in UTF-8; save the file as UTF-8, or say with --encoding what it is"))
        }
    }
}

fn undecodable(line: u64, encoding: &'static Encoding, advice: &str) -> RegisterError {
    RegisterError::Undecodable { line, encoding: name(encoding).to_owned(), advice: advice.to_owned() }
}

fn name(encoding: &'static Encoding) -> &'static str {
    if encoding == SHIFT_JIS { "Shift_JIS (CP932)" } else { encoding.name() }
}

/// The encoding of that name (WHATWG Encoding clause 4.2, and Python's names of two of them).
fn by_label(label: &str, octets: &[u8]) -> Result<&'static Encoding, RegisterError> {
    let folded = label.trim().to_ascii_lowercase();
    let found = match folded.as_str() {
        "cp932" => Some(SHIFT_JIS),
        "utf16" | "utf-16" => Some(if octets.starts_with(b"\xfe\xff") { UTF_16BE } else { UTF_16LE }),
        folded => Encoding::for_label_no_replacement(folded.as_bytes()),
    };
    found.ok_or_else(|| RegisterError::UnknownEncoding { found: label.to_owned() })
}

/// UTF-16 whose writer forgot the mark: of ASCII, which addresses and what divides cells are, every other octet is zero; of 一 the other.
fn without_mark(octets: &[u8]) -> Option<&'static Encoding> {
    let beginning = &octets[..octets.len().min(4096)];
    let zeros = |from: usize| beginning.iter().skip(from).step_by(2).filter(|octet| **octet == 0).count();
    let few = beginning.len() / 10;
    match (zeros(0), zeros(1)) {
        (even, odd) if odd > few && even < odd / 4 => Some(UTF_16LE),
        (even, odd) if even > few && odd < even / 4 => Some(UTF_16BE),
        _ => None,
    }
}

/// The first line that is UTF-8 beyond doubt, if there is one, and the first that is not UTF-8. Japanese in UTF-8 takes three octets a
/// character, which in Shift_JIS are rare signs in a row; two could be kana of half width.
fn lines(octets: &[u8]) -> (Option<u64>, u64) {
    let (mut utf8, mut other) = (None, None);
    for (line, octets) in (1..).zip(octets.split(|octet| *octet == b'\n')) {
        match std::str::from_utf8(octets) {
            Ok(text) if utf8.is_none() && text.chars().any(|character| character.len_utf8() > 2) => utf8 = Some(line),
            Err(_) if other.is_none() => other = Some(line),
            _ => {}
        }
        if utf8.is_some() && other.is_some() {
            break;
        }
    }
    (utf8, other.unwrap_or(1))
}

/// The text in that encoding, or the line at which it is none.
fn strictly(encoding: &'static Encoding, octets: &[u8]) -> Result<String, u64> {
    let octets = match Encoding::for_bom(octets) {
        Some((marked, length)) if marked == encoding => &octets[length..],
        _ => octets,
    };
    if encoding == UTF_8 {
        return match std::str::from_utf8(octets) {
            Ok(text) => Ok(text.to_owned()),
            Err(error) => Err(1 + breaks(&octets[..error.valid_up_to()])),
        };
    }
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let room = decoder.max_utf8_buffer_length_without_replacement(octets.len()).unwrap_or(octets.len());
    let mut text = String::with_capacity(room);
    match decoder.decode_to_string_without_replacement(octets, &mut text, true) {
        (DecoderResult::InputEmpty, _) => {
            text.shrink_to_fit();
            Ok(text)
        }
        _ => Err(1 + breaks(text.as_bytes())),
    }
}

fn breaks(octets: &[u8]) -> u64 {
    octets.iter().filter(|octet| **octet == b'\n').count() as u64
}
