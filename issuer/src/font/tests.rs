//! Scripts of the world. Fonts of Debian are asked where they are installed; else the test says so and is no pass.

mod choice;

use std::path::Path;

use super::*;

const GOTHIC: (Family, Weight) = (Family::Gothic, Weight::Regular);
const BOLD: (Family, Weight) = (Family::Gothic, Weight::Bold);
const MINCHO: (Family, Weight) = (Family::Mincho, Weight::Regular);

fn bundled() -> Typefaces {
    Typefaces::bundled().unwrap()
}

/// The glyphs by number, from the left.
fn numbers(shaped: &Shaped) -> Vec<u32> {
    shaped.glyphs().map(|glyph| glyph.glyph_id.to_u32()).collect()
}

fn shaped(face: (Family, Weight), text: &str) -> Shaped {
    bundled().shape(face, text, "text").unwrap()
}

fn refused(face: (Family, Weight), text: &str) -> String {
    bundled().shape(face, text, "recipient.name").err().unwrap_or_else(|| panic!("{text} was taken")).to_string()
}

/// Those of a Debian package that is installed.
fn of_debian(package: &str, files: &[&str]) -> Option<Typefaces> {
    let places: Vec<PathBuf> = files.iter().map(|file| Path::new("/usr/share/fonts").join(file)).collect();
    match places.iter().find(|place| !place.exists()) {
        None => Some(bundled().with_files(&places).unwrap()),
        Some(missing) => {
            println!("skipped: {} is not there (Debian: {package})", missing.display());
            None
        }
    }
}

fn noto(script: &str) -> Option<Typefaces> {
    let file = |weight| format!("truetype/noto/NotoSans{script}-{weight}.ttf");
    of_debian("fonts-noto-core", &[&file("Regular"), &file("Bold")])
}

#[test]
fn a_character_that_no_font_has_is_named_with_its_code_point_its_member_and_a_font_that_has_it() {
    for (text, code_point, font) in [
        ("𠮷野家", "U+20BB7", "fonts-noto-cjk"),
        ("한글", "U+D55C", "fonts-noto-cjk"),
        ("简单", "U+7B80", "fonts-noto-cjk"),
        ("สมชาย", "U+0E2A", "NotoSansThai"),
        ("محمد", "U+0645", "NotoSansArabic"),
        ("अमित", "U+0905", "NotoSansDevanagari"),
        ("👍", "U+1F44D", "--font FILE"),
    ] {
        for face in [GOTHIC, BOLD, MINCHO] {
            let message = refused(face, text);
            assert!([code_point, "recipient.name", font].iter().all(|word| message.contains(word)), "{message}");
        }
    }
}

#[test]
fn kanji_of_names_and_latin_extended_letters_are_there_in_every_face() {
    for text in [
        "髙﨑邉邊濵神鷗①㈱栁彅德瀨姸",
        "塡剝頰𠮟繫嚙蟬𠀋",
        "ﾔﾏﾀﾞ ﾀﾛｳ｡",
        "ƏliyeƁ ə ɓ",
        "ğĐšřŁőÅßœ",
        "〒「」『』（）〜～・、。ー々〆",
    ] {
        for face in [GOTHIC, BOLD, MINCHO] {
            assert!(!numbers(&shaped(face, text)).contains(&0));
        }
    }
}

#[test]
fn every_font_that_comes_along_is_read_and_of_the_family_and_weight_that_it_stands_for() {
    for (family, weight) in [GOTHIC, BOLD, MINCHO, (Family::Mincho, Weight::Bold)] {
        for font in bundled::of(family, weight) {
            let face = font.read().unwrap();
            assert_eq!(face.is_bold(), weight == Weight::Bold && family == Family::Gothic, "{}", font.name());
        }
    }
}

#[test]
fn a_variation_sequence_gives_another_glyph_and_an_unknown_one_is_an_error() {
    for face in [GOTHIC, BOLD, MINCHO] {
        for kanji in ["葛", "辻"] {
            let plain = numbers(&shaped(face, kanji));
            let variants: Vec<Shaped> = ('\u{E0100}'..='\u{E011F}')
                .filter_map(|selector| bundled().shape(face, &format!("{kanji}{selector}"), "text").ok())
                .collect();
            assert!(variants.iter().any(|variant| numbers(variant) != plain), "{kanji}");
            assert!(variants.iter().all(|variant| variant.glyphs().count() == 1));
        }
        assert_eq!(numbers(&shaped(face, "邉\u{E0100}")), numbers(&shaped(face, "邉"))); // it is that form
        assert!(refused(face, "葛\u{E01EF}").contains("U+845B U+E01EF"));
        assert!(refused(face, "\u{FE00}").contains("U+FE00"));
    }
}

#[test]
fn a_compatibility_ideograph_is_never_drawn_as_the_unified_one() {
    assert_ne!(numbers(&shaped(GOTHIC, "神")), numbers(&shaped(GOTHIC, "\u{FA19}")));
    assert!(refused(GOTHIC, "\u{2F800}").contains("U+2F800"));
}

#[test]
fn a_letter_with_its_mark_apart_is_drawn_as_the_one_that_has_it() {
    assert_eq!(numbers(&shaped(GOTHIC, "か\u{3099}は\u{309A}")), numbers(&shaped(GOTHIC, "がぱ")));
    assert_eq!(numbers(&shaped(BOLD, "Nguye\u{302}\u{303}n")), numbers(&shaped(BOLD, "Nguyễn")));
    let apart = shaped(GOTHIC, "か\u{3099}");
    assert_eq!(apart.glyphs().next().unwrap().text_range, 0..6);
}

#[test]
fn a_name_in_letters_is_of_one_font_and_kanji_beside_it_keep_theirs() {
    for face in [GOTHIC, BOLD, MINCHO] {
        assert_eq!(shaped(face, "Nguyễn Văn Anh").runs.len(), 1);
        assert_eq!(shaped(face, "Ștefan Țepeș").runs.len(), 1);
        let both = shaped(face, "Nguyễn 花子");
        assert_eq!(both.runs.len(), 2);
        assert_eq!(both.runs[1].font, shaped(face, "花子").runs[0].font);
    }
}

#[test]
fn cyrillic_and_greek_letters_have_their_own_widths() {
    for face in [GOTHIC, BOLD, MINCHO] {
        for text in ["Шилова Ирина", "Γεωργία Ηλίου"] {
            let shaped = shaped(face, text);
            let widest = shaped.glyphs().map(|glyph| glyph.x_advance).fold(0.0, f32::max);
            let narrowest = shaped.glyphs().map(|glyph| glyph.x_advance).fold(2.0, f32::min);
            assert!(narrowest < 0.45 && widest < 1.1 && shaped.runs.len() == 1, "{text}: {narrowest} to {widest}");
        }
    }
}

#[test]
fn clusters_cover_the_text_and_every_glyph_has_its_advance() {
    let shaped = shaped(GOTHIC, "学修 AV証明");
    let sum: f32 = shaped.glyphs().map(|glyph| glyph.x_advance).sum();
    assert!(sum > 4.0);
    assert_eq!(shaped.glyphs().next().unwrap().text_range.start, 0);
    assert_eq!(shaped.glyphs().last().unwrap().text_range.end, shaped.text.len());
}

#[test]
fn arabic_is_joined_and_runs_from_the_right_and_numbers_in_it_from_the_left() {
    let Some(typefaces) = noto("Arabic") else { return };
    let name = typefaces.shape(BOLD, "محمد علي", "text").unwrap();
    let starts: Vec<usize> = name.glyphs().map(|glyph| glyph.text_range.start).collect();
    assert!(starts.is_sorted_by(|left, right| left >= right), "{starts:?}");
    assert!(name.runs.iter().all(|run| run.joined));
    let alone = |letter: &str| numbers(&typefaces.shape(BOLD, letter, "text").unwrap())[0];
    let isolated: Vec<u32> = ["م", "ح", "م", "د"].map(alone).to_vec();
    assert!(!numbers(&name).windows(4).any(|window| window.iter().rev().eq(&isolated)), "the letters are not joined");

    let mixed = typefaces.shape(GOTHIC, "提出先: محمد 2026 花子", "text").unwrap();
    let order: String = mixed.glyphs().map(|glyph| &mixed.text[glyph.text_range.clone()]).collect();
    assert!(order.starts_with("提出先: ") && order.ends_with(" 花子") && order.contains("2026"), "{order}");
    assert!(order.find("2026").unwrap() < order.find('د').unwrap(), "{order}");
}

#[test]
fn blanks_at_the_end_of_a_line_that_is_read_from_the_right_take_no_room() {
    let Some(typefaces) = noto("Arabic") else { return };
    let width =
        |text| typefaces.shape(GOTHIC, text, "text").unwrap().glyphs().map(|glyph| glyph.x_advance).sum::<f32>();
    assert_eq!(width("علي "), width("علي"));
}

#[test]
fn a_joiner_shapes_what_stands_beside_it_and_is_no_glyph() {
    let Some(typefaces) = noto("Arabic") else { return };
    let shape = |text| numbers(&typefaces.shape(GOTHIC, text, "text").unwrap());
    let (apart, joined) = (shape("می\u{200C}خواهم"), shape("میخواهم"));
    assert_ne!(apart, joined);
    assert_eq!(apart.len(), joined.len());
    let Some(typefaces) = noto("Devanagari") else { return };
    let shape = |text| numbers(&typefaces.shape(GOTHIC, text, "text").unwrap());
    assert_ne!(shape("क्\u{200D}ष"), shape("क्ष"));
}

#[test]
fn scripts_with_marks_put_them_over_and_under_their_letters() {
    for (script, text) in [("Thai", "กิ่งแก้ว"), ("Devanagari", "प्रिया शर्मा"), ("Hebrew", "שָׁלוֹם")]
    {
        let Some(typefaces) = noto(script) else { return };
        let shaped = typefaces.shape(BOLD, text, "text").unwrap();
        let advance: f32 = shaped.glyphs().map(|glyph| glyph.x_advance).sum();
        assert!(advance < 0.8 * text.chars().count() as f32, "{text}: {advance}");
        assert_eq!(shaped.runs.len(), 1, "{text}");
    }
}

#[test]
fn a_font_that_is_given_has_what_those_that_come_along_have_not_and_leaves_them_the_rest() {
    let file = "opentype/noto/NotoSansCJK-Regular.ttc";
    let Some(typefaces) = of_debian("fonts-noto-cjk", &[file]) else { return };
    for text in ["𠮷田", "김철수", "简体中文"] {
        assert!(!numbers(&typefaces.shape(BOLD, text, "text").unwrap()).contains(&0));
    }
    let name = typefaces.shape(BOLD, "𠮷田 花子", "text").unwrap();
    assert_eq!(name.runs.len(), 2);
    assert_eq!(name.runs[1].font, shaped(BOLD, "田").runs[0].font);
    let absent = bundled().with_files(&[format!("/usr/share/fonts/{file}#99").into()]).err().unwrap().to_string();
    assert!(absent.contains("#0 to #"), "{absent}");
}

#[test]
fn of_fonts_that_are_given_the_one_of_the_texts_weight_is_asked_first() {
    let Some(typefaces) = noto("Thai") else { return };
    let thin = typefaces.shape(GOTHIC, "สมชาย", "text").unwrap();
    let thick = typefaces.shape(BOLD, "สมชาย", "text").unwrap();
    assert_ne!(thin.runs[0].font, thick.runs[0].font);
}

#[test]
fn a_file_that_is_no_font_and_a_folder_without_any_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("broken.ttf");
    let given = |place: &Path| bundled().with_files(&[place.into()]).err().unwrap().to_string();
    assert!(given(&file).contains("broken.ttf"));
    assert!(given(folder.path()).contains("no fonts"));
    std::fs::write(&file, [1, 2, 3]).unwrap();
    assert!(given(&file).contains("broken.ttf"));
}

#[test]
fn a_font_that_is_damaged_in_a_letter_is_named_by_whoever_writes_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.ttf");
    std::fs::write(&file, include_bytes!("../../assets/fonts/BIZUDPGothic-Bold.subset.ttf")).unwrap();
    let typefaces = bundled().with_files(&[file]).unwrap();
    let of_given = KrillaError::Font(typefaces.given[0].font(), "no such glyph".to_owned());
    let message = typefaces.refusal(&of_given).unwrap().to_string();
    assert!(message.contains("mine.ttf: the file is damaged in a letter") && message.contains("no such glyph"));
    assert!(bundled().refusal(&of_given).is_none());
    let lost = typefaces.write_with(|| -> Result<(), Error> { panic!("a reader that gives up") });
    assert!(lost.unwrap_err().to_string().contains("mine.ttf"));
    assert!(typefaces.write_with(|| Ok(7)).is_ok_and(|seven| seven == 7));
}

#[test]
fn the_fonts_of_a_folder_are_those_of_its_files_in_the_order_of_their_names() {
    let folder = tempfile::tempdir().unwrap();
    let font = include_bytes!("../../assets/fonts/BIZUDPGothic-Bold.subset.ttf");
    for name in ["b.ttf", "a.TTF", "c.txt"] {
        std::fs::write(folder.path().join(name), font).unwrap();
    }
    std::fs::write(folder.path().join("broken.otf"), b"x").unwrap();
    let typefaces = bundled().with_files(&[folder.path().into()]).unwrap();
    let names: Vec<&str> = typefaces.given.iter().map(|face| face.name()).collect();
    assert!(names.len() == 2 && names[0].ends_with("a.TTF") && names[1].ends_with("b.ttf"), "{names:?}");
}
