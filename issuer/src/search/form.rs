//! In which form texts are compared. In: a text as somebody wrote it. Out: the same for everybody who wrote the same (UAX 15).

use unicode_normalization::UnicodeNormalization;

use crate::register::fold;

/// In which form texts are kept now: [`kept`]. Those of earlier programs have none, and are brought to it when a world is opened.
pub(super) const FORM: u32 = 1;

/// A text as it is kept for searches: without blanks and without capitals, letters and signs composed, in their usual width and shape.
///
/// What this makes of a text is made of nothing else if it is made again, nor if blanks and capital letters of ASCII went before: so were
/// texts kept by earlier programs.
pub(crate) fn kept(text: &str) -> String {
    let usual: String = seen(text).nfkc().map(undotted).collect();
    bare(&without_capitals(&usual)).nfkc().collect()
}

/// A text without what nobody can type: blanks, and selectors of the form of a letter (UTS 37).
fn seen(text: &str) -> String {
    let is_selector = |letter: &char| matches!(letter, '\u{180b}'..='\u{180d}' | '\u{180f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}');
    text.chars().filter(|letter| !letter.is_whitespace() && !is_selector(letter)).collect()
}

/// The i of Turkish with and without a dot as that of everybody: which of them a capital I is depends on the language.
fn undotted(letter: char) -> char {
    if matches!(letter, 'İ' | 'ı') { 'i' } else { letter }
}

/// A text by which one thing is told from another: as for searches, but that signs of another shape are others, such as ² and 2.
pub(crate) fn own(text: &str) -> String {
    let composed: String = bare(&fold::width(text)).nfc().collect();
    without_capitals(&composed).nfc().collect()
}

fn bare(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace()).collect()
}

/// Small letters, each apart from those beside it: by way of capitals, since ς and σ have one in common.
fn without_capitals(text: &str) -> String {
    let small = text.chars().flat_map(char::to_lowercase);
    small.flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_same_however_it_was_typed() {
        for (one, other) in [
            ("NGUYỄN VĂN ĐỨC", "Nguyễn Văn Đức"),
            ("Élodie Åström", "e\u{301}lodie a\u{30a}stro\u{308}m"),
            ("がくせい", "か\u{3099}くせい"),
            ("ガクセイ", "ｶﾞｸｾｲ"),
            ("ＹＡＭＡＤＡ　Ｈａｎａｋｏ", "yamada hanako"),
            ("ΟΔΥΣΣΕΥΣ", "Οδυσσευς"),
            ("STRAẞE", "Straße"),
            ("山田\u{a0}花子", "山田花子"),
        ] {
            assert_eq!(kept(one), kept(other));
            assert_eq!(own(one), own(other));
        }
        for (one, other) in
            [("İsmail Işık", "İSMAİL IŞIK"), ("İsmail Işık", "ismail ışık"), ("葛\u{e0100}城 太郎", "葛城 太郎")]
        {
            assert_eq!(kept(one), kept(other));
        }
        assert_eq!(kept("Hanako\u{3000}TAKAHASHI 花"), "hanakotakahashi花");
    }

    #[test]
    fn what_is_only_alike_is_found_but_is_not_the_same_thing() {
        for (one, other) in
            [("演習①", "演習1"), ("x² の積分", "x2 の積分"), ("統計学Ⅱ", "統計学II"), ("㈱試験", "(株)試験")]
        {
            assert_eq!(kept(one), kept(other));
            assert_ne!(own(one), own(other));
        }
        for (one, other) in [("髙橋", "高橋"), ("はば", "ばば"), ("ハハ", "パパ"), ("Đức", "Dức"), ("é", "e")]
        {
            assert_ne!(kept(one), kept(other), "another name");
            assert_ne!(own(one), own(other), "another name");
        }
    }

    #[test]
    fn what_an_earlier_program_kept_becomes_what_is_kept_now() {
        for text in ["Élodie  ÅSTRÖM", "か\u{3099} くせい", "ＹＡＭＡＤＡ　花子", "Straße 1²", "\u{a8}x", "İstanbul Ⅳ"]
        {
            let before: String = text.chars().filter(|letter| !matches!(letter, ' ' | '\u{3000}')).collect();
            assert_eq!(kept(&before.to_ascii_lowercase()), kept(text), "{text}");
            assert_eq!(kept(&kept(text)), kept(text), "{text}");
        }
    }
}
