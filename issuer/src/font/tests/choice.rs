//! Which of several fonts a character is set in: of the text's design, of its neighbours' weight, of its script.

use super::*;

/// The name of the font that the nth run is set in.
fn font_of(typefaces: &Typefaces, face: (Family, Weight), shaped: &Shaped, run: usize) -> String {
    let chain = typefaces.chain(face.0, face.1);
    let faces = (0..chain.len()).map(|place| chain.face(place).unwrap());
    let found = faces.into_iter().find(|face| face.font() == shaped.runs[run].font).unwrap();
    found.name().to_owned()
}

/// The fonts of the characters of a text, each with what is set in it.
fn fonts(typefaces: &Typefaces, face: (Family, Weight), text: &str) -> Vec<(String, String)> {
    let shaped = typefaces.shape(face, text, "text").unwrap();
    let run =
        |place: usize| (font_of(typefaces, face, &shaped, place), shaped.text[shaped.runs[place].range()].to_owned());
    (0..shaped.runs.len()).map(run).collect()
}

#[test]
fn of_fonts_that_are_given_the_one_of_the_texts_design_is_asked_before_the_one_of_its_weight() {
    let files = ["Sans", "Serif"]
        .map(|design| ["Bold", "Regular"].map(|weight| format!("opentype/noto/Noto{design}CJK-{weight}.ttc")));
    let files: Vec<&str> = files.iter().flatten().map(String::as_str).collect();
    let Some(typefaces) = of_debian("fonts-noto-cjk", &files) else { return };
    for (face, font) in [
        (GOTHIC, "NotoSansCJK-Regular"),
        (BOLD, "NotoSansCJK-Bold"),
        (MINCHO, "NotoSerifCJK-Regular"),
        ((Family::Mincho, Weight::Bold), "NotoSerifCJK-Regular"), // beside the one weight that Mincho has
    ] {
        let set = fonts(&typefaces, face, "𠮷田");
        assert!(set[0].0.contains(font) && set[0].1 == "𠮷", "{face:?}: {set:?}");
    }
    let Some(typefaces) = of_debian("fonts-noto-cjk", &[files[0]]) else { return };
    assert!(fonts(&typefaces, MINCHO, "𠮷田")[0].0.contains("NotoSansCJK-Bold"), "any is better than none");
}

#[test]
fn apostrophes_and_quotation_marks_among_latin_letters_are_narrow_and_in_japanese_they_are_not() {
    for (face, font) in [(GOTHIC, "Noto Sans Regular"), (BOLD, "Noto Sans Bold"), (MINCHO, "Noto Serif Regular")] {
        for text in ["O\u{2019}Brien", "Explains \u{201C}data\u{201D} and what isn\u{2019}t\u{2026}"] {
            for (name, part) in fonts(&bundled(), face, text) {
                let is_mark = part.starts_with(['\u{2019}', '\u{201C}', '\u{201D}', '\u{2026}']);
                assert_eq!(name == font, is_mark, "{face:?} {text}: {part} in {name}");
            }
        }
        let apostrophe = bundled().shape(face, "O\u{2019}Brien", "text").unwrap();
        let advance = apostrophe.glyphs().find(|glyph| glyph.text_range.start == 1).unwrap().x_advance;
        assert!(advance < 0.35, "{face:?}: {advance}");
        assert_eq!(fonts(&bundled(), face, "彼は\u{201C}データ\u{201D}と言った\u{2026}").len(), 1);
    }
}

#[test]
fn both_brackets_of_a_pair_are_of_one_font() {
    let Some(typefaces) = of_debian("fonts-noto-cjk", &["opentype/noto/NotoSansCJK-Regular.ttc"]) else { return };
    for (text, (open, close)) in [("鄭 (정) 민수", ("(", ")")), ("정 [鄭] 민수", ("[", "]")), ("(정) 鄭", ("(", ")"))]
    {
        let set = fonts(&typefaces, GOTHIC, text);
        let of = |bracket: &str| set.iter().find(|(_, part)| part.contains(bracket)).map(|(name, _)| name.clone());
        assert_eq!(of(open), of(close), "{text}: {set:?}");
    }
}

#[test]
fn what_is_no_regular_file_is_refused_by_name_and_left_out_of_a_folder() {
    let device = bundled().with_files(&[PathBuf::from("/dev/zero")]).err().unwrap();
    assert!(device.to_string().contains("/dev/zero: it is not a regular file"), "{device}");
    assert!(device.in_japanese().contains("通常のファイルではありません"));
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/dev/zero", folder.path().join("endless.ttf")).unwrap();
    let pipe = std::process::Command::new("mkfifo").arg(folder.path().join("pipe.ttf")).status();
    assert!(pipe.unwrap().success());
    std::fs::write(
        folder.path().join("good.ttf"),
        include_bytes!("../../../assets/fonts/BIZUDPGothic-Bold.subset.ttf"),
    )
    .unwrap();
    assert_eq!(bundled().with_files(&[folder.path().into()]).unwrap().given.len(), 1);
}
