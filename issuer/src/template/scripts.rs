//! Names in the scripts of the world, as others read them out of a certificate. Fonts of Debian are given where they are installed, and
//! readers are asked where they are; else the test says so and is no pass. With `ESEAL_KEEP_PAGES` the pages stay in that folder, to be
//! looked at.

mod readers;

use std::path::{Path, PathBuf};

use super::*;
use crate::badge::tests::{badge_with_arbitrary_signature, surroundings};
use crate::completion::tests::{example, example_with};
use readers::Reader;

const TRAINING: &[u8] = include_bytes!("../../../examples/certificate-training.json");

/// The page with that name on it, given these fonts of Debian; none if one is not there.
fn page(name: &str, fonts: &[&str], template: &str) -> Option<Rendered> {
    let places: Vec<PathBuf> = fonts.iter().map(|font| Path::new("/usr/share/fonts").join(font)).collect();
    if let Some(missing) = places.iter().find(|place| !place.exists()) {
        println!("skipped: {} is not there (Debian: fonts-noto-core, fonts-noto-cjk)", missing.display());
        return None;
    }
    let typefaces = Typefaces::bundled().unwrap().with_files(&places).unwrap();
    let (settings, number, at) = surroundings();
    let completion = match template {
        USUAL => example_with(|data| {
            data.recipient.name = name.to_owned();
            data.submit_to = Some(format!("{name} 御中"));
        }),
        _ => {
            let mut data: serde_json::Value = serde_json::from_slice(TRAINING).unwrap();
            data["recipient"]["name"] = name.into();
            Completion::from_json(data.to_string().as_bytes()).unwrap()
        }
    };
    let badge = badge_with_arbitrary_signature(&example());
    let template = Template::bundled(template).unwrap();
    Some(template.render(&completion, &number, Some(&badge), &settings, &typefaces, at).unwrap())
}

/// What a reader finds, line by line.
fn lines(pdf: &[u8], name: &str, reader: Reader) -> Option<Vec<String>> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page.pdf");
    std::fs::write(&file, pdf).unwrap();
    if let Some(kept) = std::env::var_os("ESEAL_KEEP_PAGES") {
        std::fs::copy(&file, Path::new(&kept).join(format!("{name}.pdf"))).unwrap();
    }
    Some(reader.read(&file)?.lines().map(|line| line.trim().to_owned()).collect())
}

/// Whether these readers find the name as it was written, on a line of its own and within another one. Blanks are looked at where it
/// stands alone, and where a font that comes along has it: poppler tells others by the distance of letters.
fn comes_out_as_written(script: &str, name: &str, fonts: &[&str], readers: &[Reader]) {
    let Some(Rendered { pdf, .. }) = page(name, fonts, USUAL) else { return };
    let beside = format!("{name} 御中");
    for reader in readers {
        let Some(lines) = lines(&pdf, script, *reader) else { continue };
        let is_looked_at = fonts.is_empty() || *reader != Reader::Poppler || is_from_right(name);
        let seen = |text: &str| signs_in_order(&if is_looked_at { text.to_owned() } else { text.replace(' ', "") });
        assert!(lines.iter().any(|line| seen(line) == seen(name)), "{script}, {reader:?}: {name:?} in {lines:?}");
        // Beside other letters PDFium turns each stretch of such letters round by itself, and poppler puts the blank before them.
        let stretches = name.split(|character: char| !character.is_alphabetic() || is_sign(character)).count();
        if *reader != Reader::Pdfium || !is_from_right(name) || stretches == 1 {
            let bare = |text: &str| text.replace(' ', "");
            let has = |line: &String| signs_in_order(&bare(line)).ends_with(&signs_in_order(&bare(&beside)));
            assert!(lines.iter().any(has), "{script}, {reader:?}: {lines:?}");
        }
    }
}

/// Several signs of one letter in one order: PDFium tells them in that of the page, which is another spelling of the same text.
fn signs_in_order(text: &str) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    characters.chunk_by_mut(|one, next| is_sign(*one) && is_sign(*next)).for_each(<[char]>::sort_unstable);
    characters.into_iter().collect()
}

fn is_sign(character: char) -> bool {
    matches!(character, '\u{591}'..='\u{5BD}' | '\u{5BF}'..='\u{5C7}' | '\u{64B}'..='\u{65F}' | '\u{7A6}'..='\u{7B0}')
}

fn is_from_right(name: &str) -> bool {
    name.contains(|character| matches!(character, '\u{590}'..='\u{8FF}'))
}

fn noto(script: &str) -> [String; 2] {
    [format!("truetype/noto/NotoSans{script}-Regular.ttf"), format!("truetype/noto/NotoSans{script}-Bold.ttf")]
}

#[test]
fn names_come_out_as_written_with_the_fonts_that_come_along() {
    for (script, name) in [
        ("jis-x-0213", "剝塡 頰𠮟"),
        ("variation", "葛\u{E0100}城 辻\u{E0101}子"),
        ("vietnamese", "Nguyễn Thị Ngọc Ánh"),
        ("cyrillic", "Шевченко Тарас Григорович"),
        ("greek", "Γεώργιος Παπανδρέου"),
        ("romanian", "Ștefan Țepeș"),
    ] {
        comes_out_as_written(script, name, &[], &Reader::ALL);
    }
    comes_out_as_written("decomposed", "Nguye\u{302}\u{303}n か\u{3099}", &[], &[Reader::Poppler]);
}

#[test]
fn names_come_out_as_written_with_a_font_that_is_given() {
    for (script, name) in [
        ("Thai", "สมชาย กิ่งแก้ว"),
        ("Devanagari", "प्रिया शर्मा"),
        ("Bengali", "রবীন্দ্রনাথ ঠাকুর"),
        ("Tamil", "சுப்பிரமணியன்"),
        ("Armenian", "Արամ Խաչատրյան"),
        ("Georgian", "შოთა რუსთაველი"),
    ] {
        comes_out_as_written(script, name, &borrowed(&noto(script)), &[Reader::Poppler]);
    }
    for (script, name) in [("hangul", "김철수"), ("simplified", "简体 张伟"), ("extension-b", "𠮷田 花子")]
    {
        comes_out_as_written(script, name, &["opentype/noto/NotoSansCJK-Bold.ttc"], &Reader::ALL);
    }
}

#[test]
fn names_from_the_right_come_out_as_written_in_each_reader_with_their_ligatures_and_vowel_signs() {
    for (script, place, name) in [
        ("Arabic", "allah", "عبد الله"),
        ("Arabic", "four-words", "محمد بن عبد الله"),
        ("Arabic", "ligature", "علاء الأحمد"),
        ("Arabic", "vowels", "مُحَمَّد"),
        ("Arabic", "persian", "میخائیل گورباچف"),
        ("Hebrew", "hebrew", "דוד בן־גוריון"),
        ("Hebrew", "points", "שָׁלוֹם כֹּהֵן"),
        ("Syriac", "syriac", "ܝܘܚܢܢ"),
    ] {
        comes_out_as_written(place, name, &borrowed(&noto_if_bold(script)), &Reader::ALL);
    }
    // A sign at the left end of a line has no letter before it: poppler puts it first, MuPDF its letter too.
    comes_out_as_written("thaana", "މުހައްމަދު", &borrowed(&noto("Thaana")), &[Reader::Pdfium]);
}

fn borrowed(files: &[String]) -> Vec<&str> {
    files.iter().map(String::as_str).collect()
}

/// Of a script whose font may have one weight alone.
fn noto_if_bold(script: &str) -> Vec<String> {
    let is_there = |file: &String| !file.contains("Bold") || Path::new("/usr/share/fonts").join(file).exists();
    noto(script).into_iter().filter(is_there).collect()
}

#[test]
fn what_a_template_says_beside_a_name_from_the_right_stays_beside_it() {
    for (script, name) in [("Arabic", "محمد"), ("Hebrew", "דוד")] {
        let Some(rendered) = page(name, &borrowed(&noto(script)), "training") else { return };
        assert!(rendered.texts.contains(&format!("{name} 殿")), "{:?}", rendered.texts);
        for reader in Reader::ALL {
            let Some(lines) = lines(&rendered.pdf, &format!("honorific-{script}"), reader) else { continue };
            let found = lines.iter().any(|line| line.replace(' ', "") == format!("{name}殿"));
            assert!(found, "{reader:?}: {lines:?}");
        }
    }
}

#[test]
fn the_structure_tree_says_what_letters_from_the_right_read_in_their_order() {
    let Some(Rendered { pdf, .. }) = page("علاء محمد", &borrowed(&noto("Arabic")), USUAL) else {
        return;
    };
    let document = lopdf::Document::load_mem(&pdf).unwrap();
    let elements = document.objects.values().filter_map(|object| object.as_dict().ok());
    let texts: Vec<String> = elements
        .filter(|element| element.get(b"S").and_then(lopdf::Object::as_name).is_ok_and(|name| name == b"Span"))
        .filter_map(|element| lopdf::decode_text_string(element.get(b"ActualText").ok()?).ok())
        .collect();
    assert!(texts.iter().any(|text| text == "علاء محمد"), "{texts:?}");
    let content = document.get_pages().values().map(|page| document.get_page_content(*page)).next().unwrap();
    let has = |word: &[u8]| content.windows(word.len()).any(|window| window == word);
    assert!(has(b"/Lang(ar)") || has(b"/Lang (ar)"));
    assert!(!has(b"ReversedChars") && !has(b"ActualText"));
}
