//! Widths and cases that mean the same. In: a text as somebody typed it. Out: the form in which headers, numbers and dates are compared.

/// Full-width digits, letters and signs as their ASCII, half-width kana as full-width ones, blanks as one kind; nothing else changes.
pub(crate) fn width(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\u{ff01}'..='\u{ff5e}' => folded.extend(char::from_u32(u32::from(character) - 0xfee0)),
            '\u{3000}' | '\u{a0}' => folded.push(' '),
            '\u{2010}'..='\u{2015}' | '\u{2212}' => folded.push('-'),
            '\u{ff65}'..='\u{ff9f}' => kana(character, &mut folded),
            character => folded.push(character),
        }
    }
    folded
}

/// A header for comparison: folded, without case, blanks, and the signs that people put between and around words.
pub(crate) fn header(text: &str) -> String {
    let lower = width(text).to_lowercase();
    let meaningless = |character: char| {
        character.is_whitespace() || "_-・*※:()[]【】「」『』<>/".contains(character) || character.is_control()
    };
    lower.chars().filter(|character| !meaningless(*character)).collect()
}

/// Kana of half width in the order of their code points, from U+FF65.
const KANA: &str = "・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン";

fn kana(character: char, folded: &mut String) {
    match character {
        '\u{ff9e}' => marked(folded, '\u{3099}', '゛'),
        '\u{ff9f}' => marked(folded, '\u{309a}', '゜'),
        character => folded.extend(KANA.chars().nth((u32::from(character) - 0xff65) as usize)),
    }
}

/// The last kana with a sound mark, or the mark by itself.
fn marked(folded: &mut String, mark: char, alone: char) {
    match folded.chars().last().and_then(|last| composed(last, mark)) {
        Some(one) => {
            folded.pop();
            folded.push(one);
        }
        None => folded.push(alone),
    }
}

/// Kana with its sound mark as one character: macOS writes two in the names of files, and some programs in cells.
pub(super) fn compose(text: &str) -> String {
    let mut whole = String::with_capacity(text.len());
    for character in text.chars() {
        let one = whole.chars().last().and_then(|last| composed(last, character));
        match one {
            Some(one) => {
                whole.pop();
                whole.push(one);
            }
            None => whole.push(character),
        }
    }
    whole
}

/// In Unicode the voiced kana follows the plain one, and in the row of ha the half-voiced follows that.
fn composed(kana: char, mark: char) -> Option<char> {
    let step = |by: u32| char::from_u32(u32::from(kana) + by);
    match (kana, mark) {
        ('う', '\u{3099}') => Some('ゔ'),
        ('ウ', '\u{3099}') => Some('ヴ'),
        ('は' | 'ひ' | 'ふ' | 'へ' | 'ほ' | 'ハ' | 'ヒ' | 'フ' | 'ヘ' | 'ホ', '\u{309a}') => step(2),
        (kana, '\u{3099}')
            if "かきくけこさしすせそたちつてとはひふへほカキクケコサシスセソタチツテトハヒフヘホゝヽ"
                .contains(kana) =>
        {
            step(1)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_alike_in_any_width_and_case() {
        assert_eq!(header("ﾒｰﾙ ｱﾄﾞﾚｽ"), "メールアドレス");
        assert_eq!(header("Ｅ－ｍａｉｌ　Address"), "emailaddress");
        assert_eq!(header("講座名（英語）※"), "講座名英語");
        assert_eq!(header("ﾊﾟｰﾄﾅｰ"), "パートナー");
    }

    #[test]
    fn kana_in_two_characters_becomes_one() {
        assert_eq!(compose("か\u{3099}く\u{3099}せい ハ\u{309a}ン"), "がぐせい パン");
        assert_eq!(compose("あ\u{3099}"), "あ\u{3099}");
    }
}
