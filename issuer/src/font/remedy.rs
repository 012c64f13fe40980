//! Where a font is found that has what those at hand do not have. In: characters, the fonts that were given. Out: an option of the command
//! line that names a font of Debian, the same in every language. Of a font that lies on this machine it is looked up whether it has them,
//! and one that was given already is never named.

use std::collections::BTreeMap;
use std::fs;
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, PoisonError};

use skrifa::{FontRef, MetadataProvider as _};

use super::typeface::Typeface;

/// Scripts with the file of Noto that has them, in the folder of Debian's fonts-noto-core.
const NOTO: [(RangeInclusive<u32>, &str); 48] = [
    (0x180..=0x52F, "Sans"),
    (0x530..=0x58F, "SansArmenian"),
    (0x590..=0x5FF, "SansHebrew"),
    (0x600..=0x6FF, "SansArabic"),
    (0x700..=0x74F, "SansSyriac"),
    (0x750..=0x77F, "SansArabic"),
    (0x780..=0x7BF, "SansThaana"),
    (0x7C0..=0x7FF, "SansNKo"),
    (0x8A0..=0x8FF, "SansArabic"),
    (0x900..=0x97F, "SansDevanagari"),
    (0x980..=0x9FF, "SansBengali"),
    (0xA00..=0xA7F, "SansGurmukhi"),
    (0xA80..=0xAFF, "SansGujarati"),
    (0xB00..=0xB7F, "SansOriya"),
    (0xB80..=0xBFF, "SansTamil"),
    (0xC00..=0xC7F, "SansTelugu"),
    (0xC80..=0xCFF, "SansKannada"),
    (0xD00..=0xD7F, "SansMalayalam"),
    (0xD80..=0xDFF, "SansSinhala"),
    (0xE00..=0xE7F, "SansThai"),
    (0xE80..=0xEFF, "SansLao"),
    (0xF00..=0xFFF, "SerifTibetan"),
    (0x1000..=0x109F, "SansMyanmar"),
    (0x10A0..=0x10FF, "SansGeorgian"),
    (0x1200..=0x139F, "SansEthiopic"),
    (0x13A0..=0x13FF, "SansCherokee"),
    (0x1400..=0x167F, "SansCanadianAboriginal"),
    (0x16A0..=0x16FF, "SansRunic"),
    (0x1780..=0x17FF, "SansKhmer"),
    (0x1800..=0x18AF, "SansMongolian"),
    (0x1C50..=0x1C7F, "SansOlChiki"),
    (0x1C90..=0x1CBF, "SansGeorgian"),
    (0x1D00..=0x218F, "Sans"),
    (0x2C80..=0x2CFF, "SansCoptic"),
    (0x2D00..=0x2D2F, "SansGeorgian"),
    (0x2D30..=0x2D7F, "SansTifinagh"),
    (0x2D80..=0x2DDF, "SansEthiopic"),
    (0xA000..=0xA4CF, "SansYi"),
    (0xA720..=0xA7FF, "Sans"),
    (0xA980..=0xA9DF, "SansJavanese"),
    (0xAB30..=0xAB6F, "Sans"),
    (0xAB70..=0xABBF, "SansCherokee"),
    (0xFB00..=0xFB06, "Sans"),
    (0xFB13..=0xFB17, "SansArmenian"),
    (0xFB1D..=0xFB4F, "SansHebrew"),
    (0xFB50..=0xFDFF, "SansArabic"),
    (0xFE70..=0xFEFF, "SansArabic"),
    (0x1E900..=0x1E95F, "SansAdlam"),
];

/// Kanji, Hangul and what goes with them.
const EAST_ASIAN: [RangeInclusive<u32>; 5] =
    [0x1100..=0x11FF, 0x2E80..=0x9FFF, 0xAC00..=0xD7AF, 0xF900..=0xFAFF, 0x20000..=0x3FFFF];

/// From here on a font has some of the kanji only.
const RARE_KANJI: u32 = 0x20000;

/// Fonts with kanji, their packages, and the last kanji of the last block that they know.
const KANJI: [(&str, &str, u32); 4] = [
    ("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", "fonts-noto-cjk", 0x3134F),
    ("/usr/share/fonts/truetype/hanazono/HanaMinA.ttf", "fonts-hanazono", 0x2EBEF),
    ("/usr/share/fonts/truetype/hanazono/HanaMinB.ttf", "fonts-hanazono", 0x2EBEF),
    ("/usr/share/fonts/truetype/babelstone/BabelStoneHan.ttf", "fonts-babelstone-han", 0x3FFFF),
];

/// What is said where no font can be named.
const ANY: &str = "--font FILE";

/// Which font has these characters, the ones of one place in a text.
pub(super) fn remedy(characters: &str, given: &[&Arc<Typeface>]) -> String {
    let is_selector = |character| matches!(character, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}');
    let Some(base) = characters.chars().find(|character| !character.is_ascii()) else { return ANY.to_owned() };
    if characters.contains(is_selector) {
        return ANY.to_owned();
    }
    let was_given = |path: &str| given.iter().any(|face| face.name().split('#').next() == Some(path));
    let number = u32::from(base);
    let mut candidates: Vec<(String, &str, bool)> = NOTO
        .iter()
        .filter(|(range, _)| range.contains(&number))
        .map(|(_, file)| (format!("/usr/share/fonts/truetype/noto/Noto{file}-Regular.ttf"), "fonts-noto-core", true))
        .collect();
    if candidates.is_empty() && EAST_ASIAN.iter().any(|range| range.contains(&number)) {
        let known = KANJI.iter().enumerate().filter(|(_, (_, _, last))| number <= *last);
        let is_sure = |place: usize| place == 0 && number < RARE_KANJI;
        candidates.extend(known.map(|(place, (path, package, _))| ((*path).to_owned(), *package, is_sure(place))));
    }
    candidates.retain(|(path, ..)| !was_given(path));
    let has = |(path, _, is_sure): &&(String, &str, bool)| has(path, base).unwrap_or(*is_sure);
    match candidates.iter().find(has) {
        Some((path, package, _)) => format!("--font {path} (Debian: {package})"),
        None if number >= RARE_KANJI => {
            let absent = candidates.iter().filter(|(path, ..)| characters_of(path).is_none());
            let mut packages: Vec<&str> = absent.map(|(_, package, _)| *package).collect();
            packages.dedup();
            if packages.is_empty() { ANY.to_owned() } else { format!("{ANY} (Debian: {})", packages.join(", ")) }
        }
        None => ANY.to_owned(),
    }
}

/// Whether a font of this machine has a character; none if the font is not there.
fn has(path: &str, character: char) -> Option<bool> {
    Some(characters_of(path)?.binary_search(&u32::from(character)).is_ok())
}

/// The characters of a font in their order; none if it is not there.
type Characters = Option<Arc<[u32]>>;

/// The characters of a font of this machine. A register may ask for thousands of characters, and the fonts are large.
fn characters_of(path: &str) -> Characters {
    static READ: Mutex<BTreeMap<String, Characters>> = Mutex::new(BTreeMap::new());
    let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(characters) = read.get(path) {
        return characters.clone();
    }
    let characters = fs::read(path).ok().map(|bytes| {
        let font = FontRef::from_index(&bytes, 0).ok();
        let mappings =
            font.iter().flat_map(|font| font.charmap().mappings().map(|(character, _)| character).collect::<Vec<_>>());
        let mut characters: Vec<u32> = mappings.collect();
        characters.sort_unstable();
        Arc::from(characters)
    });
    read.insert(path.to_owned(), characters.clone());
    characters
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::font::Typefaces;

    #[test]
    fn every_font_that_is_named_has_letters_of_its_script() {
        for (range, file) in NOTO {
            let path = format!("/usr/share/fonts/truetype/noto/Noto{file}-Regular.ttf");
            match characters_of(&path) {
                None => println!("skipped: {path} is not there (Debian: fonts-noto-core)"),
                Some(characters) => {
                    assert!(characters.iter().any(|character| range.contains(character)), "{path}: {range:x?}");
                }
            }
        }
    }

    #[test]
    fn scripts_that_few_write_have_their_fonts_and_what_no_font_has_is_not_promised() {
        for (text, font) in [
            ("ƙ", "NotoSans-Regular"),
            ("ܝ", "NotoSansSyriac"),
            ("ހ", "NotoSansThaana"),
            ("ߊ", "NotoSansNKo"),
            ("བ", "NotoSerifTibetan"),
            ("ᠮ", "NotoSansMongolian"),
            ("Ꮳ", "NotoSansCherokee"),
            ("ꀀ", "NotoSansYi"),
        ] {
            assert!(remedy(text, &[]).contains(font), "{text}: {}", remedy(text, &[]));
        }
        assert_eq!(remedy("👍", &[]), ANY);
        assert_eq!(remedy("葛\u{E01EF}", &[]), ANY);
        for text in ["\u{2A6A5}", "\u{30000}"] {
            assert!(!remedy(text, &[]).contains("NotoSansCJK"), "{}", remedy(text, &[]));
        }
        assert!(!remedy("\u{30000}", &[]).contains("hanazono"));
    }

    #[test]
    fn a_font_that_was_given_is_not_advised_again() {
        let (path, syriac) = ("/usr/share/fonts/truetype/noto/NotoSansSyriac-Regular.ttf", "\u{70E}");
        if !std::path::Path::new(path).exists() {
            println!("skipped: {path} is not there (Debian: fonts-noto-core)");
            return;
        }
        let typefaces = Typefaces::bundled().unwrap().with_files(&[path.into()]).unwrap();
        let given: Vec<&Arc<Typeface>> = typefaces.given.iter().collect();
        assert_eq!(remedy(syriac, &given), ANY);
    }
}
