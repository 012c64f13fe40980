//! Names in the scripts of the world, as poppler reads them out of a certificate. Fonts of Debian are given where they are installed, and
//! pdftotext is asked where it is; else the test says so and is no pass. With `ESEAL_KEEP_PAGES` the pages stay in that folder, to be
//! looked at.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::*;
use crate::badge::tests::{badge_with_arbitrary_signature, surroundings};
use crate::completion::tests::{example, example_with};

/// The page with that name on it, given these fonts of Debian; none if one is not there.
fn page(name: &str, fonts: &[&str]) -> Option<Vec<u8>> {
    let places: Vec<PathBuf> = fonts.iter().map(|font| Path::new("/usr/share/fonts").join(font)).collect();
    if let Some(missing) = places.iter().find(|place| !place.exists()) {
        println!("skipped: {} is not there (Debian: fonts-noto-core, fonts-noto-cjk)", missing.display());
        return None;
    }
    let typefaces = Typefaces::bundled().unwrap().with_files(&places).unwrap();
    let (settings, number, at) = surroundings();
    let completion = example_with(|data| {
        data.recipient.name = name.to_owned();
        data.submit_to = Some(format!("{name} 御中"));
    });
    let badge = badge_with_arbitrary_signature(&example());
    let template = Template::bundled(USUAL).unwrap();
    Some(template.render(&completion, &number, Some(&badge), &settings, &typefaces, at).unwrap().pdf)
}

/// What pdftotext reads.
fn read(pdf: &[u8], name: &str) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page.pdf");
    std::fs::write(&file, pdf).unwrap();
    if let Some(kept) = std::env::var_os("ESEAL_KEEP_PAGES") {
        std::fs::copy(&file, Path::new(&kept).join(format!("{name}.pdf"))).unwrap();
    }
    match Command::new("pdftotext").args(["-enc", "UTF-8"]).arg(&file).arg("-").output() {
        Ok(output) => Some(String::from_utf8(output.stdout).unwrap()),
        Err(_) => {
            println!("skipped: pdftotext is not installed (Debian: poppler-utils)");
            None
        }
    }
}

/// The name is read as it was written, alone and beside Japanese. Poppler tells blanks by the distance of glyphs, so that they are not
/// looked at where letters have marks or run from the right.
fn comes_out_as_written(script: &str, name: &str, fonts: &[&str]) {
    let Some(text) = page(name, fonts).and_then(|pdf| read(&pdf, script)) else { return };
    let is_mark = |character| matches!(character, '\u{202A}' | '\u{202B}' | '\u{202C}' | '\u{200E}' | '\u{200F}');
    let read = |text: &str| text.replace(|character| is_mark(character) || (!fonts.is_empty() && character == ' '), "");
    let (text, name) = (read(&text), read(name));
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    assert!(lines.contains(&name.as_str()), "{script}: {name:?} in {lines:?}");
    assert!(text.contains(&read(&format!("{name} 御中"))), "{script}: {lines:?}");
}

#[test]
fn names_come_out_as_written_with_the_fonts_that_come_along() {
    for (script, name) in [
        ("jis-x-0213", "剝塡 頰𠮟"),
        ("variation", "葛\u{E0100}城 辻\u{E0101}子"),
        ("vietnamese", "Nguyễn Thị Ngọc Ánh"),
        ("decomposed", "Nguye\u{302}\u{303}n か\u{3099}"),
        ("cyrillic", "Шевченко Тарас Григорович"),
        ("greek", "Γεώργιος Παπανδρέου"),
        ("romanian", "Ștefan Țepeș"),
    ] {
        comes_out_as_written(script, name, &[]);
    }
}

#[test]
fn names_come_out_as_written_with_a_font_that_is_given() {
    let noto = |script: &str| {
        [format!("truetype/noto/NotoSans{script}-Regular.ttf"), format!("truetype/noto/NotoSans{script}-Bold.ttf")]
    };
    for (script, name) in [
        ("Thai", "สมชาย กิ่งแก้ว"),
        ("Arabic", "محمد بن عبد الله"),
        ("Hebrew", "דוד בן־גוריון"),
        ("Devanagari", "प्रिया शर्मा"),
        ("Bengali", "রবীন্দ্রনাথ ঠাকুর"),
        ("Tamil", "சுப்பிரமணியன்"),
        ("Armenian", "Արամ Խաչատրյան"),
        ("Georgian", "შოთა რუსთაველი"),
    ] {
        comes_out_as_written(script, name, &noto(script).each_ref().map(String::as_str));
    }
    for (script, name) in [("hangul", "김철수"), ("simplified", "简体 张伟"), ("extension-b", "𠮷田 花子")]
    {
        comes_out_as_written(script, name, &["opentype/noto/NotoSansCJK-Bold.ttc"]);
    }
}
