//! The language of a part of a line by its script, for those who have the page read to them (ISO 14289-1 clause 7.2). In: a shaped line.
//! Out: language tags (BCP 47) of the parts that are in neither of the document's languages.
//!
//! A script tells the language only where one language is by far the most written in it; else the tag says that the language is not
//! determined, and which script it is. Nobody's voice then reads a Ukrainian name in Russian.

use std::ops::Range;

use encoding_rs::{GBK, SHIFT_JIS};

use crate::font::{Run, Shaped};

/// For each run the tag of its language; none for what is in a language of the document.
pub(super) fn tags(shaped: &Shaped) -> Vec<Option<&'static str>> {
    shaped.runs.iter().map(|run| tag(&shaped.text, run)).collect()
}

fn tag(text: &str, run: &Run) -> Option<&'static str> {
    let Range { start, end } = run.range();
    let own = text.get(start..end)?;
    if own.contains(is_vietnamese) {
        return Some("vi");
    }
    own.chars().find_map(by_script).or_else(|| is_simplified_chinese(text, start, end).then_some("zh-Hans"))
}

/// Letters that no other language of Latin script has.
fn is_vietnamese(character: char) -> bool {
    matches!(character, '\u{1EA0}'..='\u{1EF9}')
}

fn by_script(character: char) -> Option<&'static str> {
    Some(match u32::from(character) {
        0x370..0x400 | 0x1F00..0x2000 => "el",
        0x400..0x530 => "und-Cyrl",
        0x530..0x590 => "hy",
        0x590..0x600 => "he",
        0x600..0x700 | 0x750..0x780 | 0x8A0..0x900 | 0xFB50..0xFE00 | 0xFE70..0xFEFF => "ar",
        0x900..0x980 => "hi",
        0x980..0xA00 => "bn",
        0xA00..0xA80 => "pa",
        0xA80..0xB00 => "gu",
        0xB80..0xC00 => "ta",
        0xC00..0xC80 => "te",
        0xC80..0xD00 => "kn",
        0xD00..0xD80 => "ml",
        0xD80..0xE00 => "si",
        0xE00..0xE80 => "th",
        0xE80..0xF00 => "lo",
        0xF00..0x1000 => "bo",
        0x1000..0x10A0 => "my",
        0x10A0..0x1100 | 0x1C90..0x1CC0 => "ka",
        0x1100..0x1200 | 0x3130..0x3190 | 0xAC00..0xD7B0 => "ko",
        0x1200..0x13A0 => "am",
        0x1780..0x1800 => "km",
        0x1800..0x18B0 => "mn",
        _ => return None,
    })
}

/// Whether the words of a part have a character of mainland China's character set (GB 2312) that Japan's has not, and no kana.
fn is_simplified_chinese(text: &str, start: usize, end: usize) -> bool {
    let from = text[..start].rfind(char::is_whitespace).map_or(0, |place| place);
    let to = text[end..].find(char::is_whitespace).map_or(text.len(), |place| end + place);
    let words = &text[from..to];
    let is_kana = |character| matches!(character, '\u{3041}'..='\u{30FF}');
    // Nearly every text has characters of Japan's set alone, and is not looked at one by one.
    SHIFT_JIS.encode(words).2 && !words.contains(is_kana) && words.contains(is_simplified)
}

fn is_simplified(character: char) -> bool {
    let mut buffer = [0; 4];
    let one = &*character.encode_utf8(&mut buffer);
    let (in_gbk, _, lacks_gbk) = GBK.encode(one);
    let in_gb2312 = matches!(*in_gbk, [0xB0..=0xF7, 0xA1..=0xFE]);
    !lacks_gbk && in_gb2312 && SHIFT_JIS.encode(one).2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_is_simplified_if_only_china_writes_it_so() {
        for character in "简张伟们东".chars() {
            assert!(is_simplified(character), "{character}");
        }
        for character in "体国学塡剝頰𠮟𠮷髙﨑東張あA".chars() {
            assert!(!is_simplified(character), "{character}");
        }
    }

    #[test]
    fn words_with_such_a_character_are_chinese_and_their_neighbours_are_not() {
        let text = "简体 御中";
        assert!(is_simplified_chinese(text, 0, "简".len()) && is_simplified_chinese(text, "简".len(), "简体".len()));
        assert!(!is_simplified_chinese(text, "简体 ".len(), text.len()));
        assert!(!is_simplified_chinese("简の体", 0, 3));
    }
}
