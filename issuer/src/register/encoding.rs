//! The character encoding of a text. In: its octets. Out: the text, and how its encoding was found out, in words.
//!
//! A byte order mark counts, then whether every octet is UTF-8; what is not is Shift_JIS as Windows writes it (code page 932), or
//! no text. Escape sequences tell ISO-2022-JP. Lines in different encodings, as when a file was put together of two, are told by their numbers: half of the names
//! would come out wrong otherwise.

use encoding_rs::{DecoderResult, EUC_JP, Encoding, ISO_2022_JP, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE};

use super::error::RegisterError;
use super::words::{Words, both};

/// The text of a file.
pub(super) struct Decoded {
    /// Without its byte order mark.
    pub(super) text: String,
    /// Its encoding, and how it was found out.
    pub(super) words: Words,
    /// Whether its encoding has every character; of others some may have been lost when the file was saved.
    pub(super) is_unicode: bool,
}

/// The text of a file.
pub(super) fn decode(octets: Vec<u8>, wanted: Option<&str>) -> Result<Decoded, RegisterError> {
    let (text, encoding, words) = read(octets, wanted)?;
    let is_unicode = [UTF_8, UTF_16LE, UTF_16BE].contains(&encoding) || encoding.name() == "gb18030";
    Ok(Decoded { text, words, is_unicode })
}

fn read(octets: Vec<u8>, wanted: Option<&str>) -> Result<(String, &'static Encoding, Words), RegisterError> {
    if is_utf_32(&octets) {
        let found = both!("a text in UTF-32", "UTF-32 のテキスト");
        return Err(RegisterError::Kind {
            found, advice: ("save it as UTF-8", "UTF-8 で保存し直してください")
        });
    }
    if let Some(wanted) = wanted {
        let encoding = by_label(wanted, &octets)?;
        let advice = both!("choose another --encoding", "別の --encoding を指定してください");
        let text = strictly(encoding, &octets).map_err(|line| undecodable(line, encoding, advice))?;
        let name = name(encoding);
        return Ok((text, encoding, both!("{name}, as was asked for", "{name}（指定による）")));
    }
    if let Some((encoding, _)) = Encoding::for_bom(&octets) {
        let advice = both!(
            "its byte order mark says so; the line is damaged",
            "先頭のバイト順マークによる判定です。この行が壊れています"
        );
        let text = strictly(encoding, &octets).map_err(|line| undecodable(line, encoding, advice))?;
        let name = name(encoding);
        return Ok((
            text,
            encoding,
            both!("{name}, because it begins with a byte order mark", "{name}（先頭にバイト順マークがあるため）"),
        ));
    }
    if let Some(encoding) = without_mark(&octets) {
        let advice = both!(
            "every other octet is zero; the line is damaged",
            "1 バイトおきに 0 があるための判定です。この行が壊れています"
        );
        let text = strictly(encoding, &octets).map_err(|line| undecodable(line, encoding, advice))?;
        let name = name(encoding);
        return Ok((
            text,
            encoding,
            both!("{name}, because every other octet is zero", "{name}（1 バイトおきに 0 があるため）"),
        ));
    }
    if let Some(line) = escaped(&octets) {
        return of_iso_2022_jp(&octets, line);
    }
    let octets = match String::from_utf8(octets) {
        Ok(text) => {
            let words = match text.is_ascii() {
                true => both!("UTF-8, because all of it is ASCII", "UTF-8（すべて ASCII のため）"),
                false => both!("UTF-8, because every line is", "UTF-8（すべての行が UTF-8 のため）"),
            };
            return Ok((text, UTF_8, words));
        }
        Err(error) => error.into_bytes(),
    };
    of_other_lines(&octets)
}

/// A text that is no UTF-8: Shift_JIS, or none.
fn of_other_lines(octets: &[u8]) -> Result<(String, &'static Encoding, Words), RegisterError> {
    let (utf8_line, other_line) = lines(octets);
    if let Some(utf8_line) = utf8_line {
        return Err(RegisterError::MixedEncodings { utf8_line, other_line });
    }
    match strictly(SHIFT_JIS, octets) {
        Ok(text) => {
            let name = name(SHIFT_JIS);
            Ok((
                text,
                SHIFT_JIS,
                both!(
                    "{name}, because line {other_line} is no UTF-8",
                    "{name}（{other_line} 行目が UTF-8 ではないため）"
                ),
            ))
        }
        Err(line) if strictly(EUC_JP, octets).is_ok() => {
            let advice = both!(
                "it can be EUC-JP: say so with --encoding euc-jp",
                "EUC-JP かもしれません。そうであれば --encoding euc-jp を指定してください"
            );
            Err(undecodable(line, SHIFT_JIS, advice))
        }
        Err(line) => {
            let advice = both!(
                "nor in UTF-8; save the file as UTF-8, or say with --encoding what it is",
                "UTF-8 でもありません。UTF-8 で保存し直すか、--encoding で文字コードを指定してください"
            );
            Err(undecodable(line, SHIFT_JIS, advice))
        }
    }
}

fn of_iso_2022_jp(octets: &[u8], line: u64) -> Result<(String, &'static Encoding, Words), RegisterError> {
    let advice = both!(
        "it has the escape sequences of that encoding; save the file as UTF-8",
        "この文字コードのエスケープシーケンスがあります。UTF-8 で保存し直してください"
    );
    let text = strictly(ISO_2022_JP, octets).map_err(|line| undecodable(line, ISO_2022_JP, advice))?;
    let words = both!(
        "ISO-2022-JP (JIS), because line {line} has its escape sequences",
        "ISO-2022-JP（JIS。{line} 行目にエスケープシーケンスがあるため）"
    );
    Ok((text, ISO_2022_JP, words))
}

fn undecodable(line: u64, encoding: &'static Encoding, advice: Words) -> RegisterError {
    RegisterError::Undecodable { line, encoding: name(encoding).to_owned(), advice }
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

/// UTF-32 by its mark, or since three octets of four are zero: no other encoding of these has that.
fn is_utf_32(octets: &[u8]) -> bool {
    let marked = octets.starts_with(b"\xff\xfe\0\0") || octets.starts_with(b"\0\0\xfe\xff");
    let beginning = &octets[..octets.len().min(4096)];
    let zeros = beginning.iter().filter(|octet| **octet == 0).count();
    marked || (beginning.len() >= 8 && zeros * 10 > beginning.len() * 6)
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

/// The first line with an escape sequence of ISO-2022-JP (RFC 1468), if all octets have seven bits as there.
fn escaped(octets: &[u8]) -> Option<u64> {
    let place = octets.windows(3).position(|three| matches!(three, b"\x1b$B" | b"\x1b$@" | b"\x1b(J"))?;
    octets.is_ascii().then(|| 1 + breaks(&octets[..place]))
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
