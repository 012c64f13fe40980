//! Characters that were lost before the file came here.

use super::*;

/// The notes of a file's rows.
fn notes(octets: Vec<u8>) -> Vec<(u64, String)> {
    rows(octets).into_iter().filter_map(|row| Some((row.line, row.note?.en))).collect()
}

fn asking(name: &str, course: &str) -> String {
    row_of(name, &format!("{name}@example.jp"), "2026-03-31").replace("統計入門", course)
}

#[test]
fn a_name_that_lost_a_character_on_its_way_is_an_error_of_its_row_whatever_the_encoding() {
    let text = file(&[&row_of("?田 花子", "a@example.jp", "2026-03-31"), &row_of("乙", "b@example.jp", "2026-03-31")]);
    for octets in [text.clone().into_bytes(), encoded(&text, encoding_rs::SHIFT_JIS), utf_16(&text, true)] {
        let rows = rows(octets);
        let [error] = rows[0].content.as_ref().unwrap_err().as_slice() else { panic!("{:?}", errors(&rows[0])) };
        assert_eq!(error.column.as_deref(), Some("氏名"));
        assert!(error.message.contains("U+003F, character 1 of 5"), "{}", error.message);
        assert!(error.advice.contains("XLSX, or as CSV in UTF-8"), "{}", error.advice);
        assert!(error.message_ja.contains("「?」") && error.advice_ja.contains("UTF-8 の CSV"), "{error:?}");
        assert!(rows[1].content.is_ok());
    }
}

#[test]
fn a_question_mark_elsewhere_is_noted_once_where_the_encoding_may_have_lost_a_character() {
    let text = file(&[&asking("a", "?史入門"), &asking("b", "?史入門"), &asking("c", "入門"), &asking("d", "歴史〓")]);
    let found = notes(encoded(&text, encoding_rs::SHIFT_JIS));
    let lines: Vec<u64> = found.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [2, 5], "{found:?}");
    assert!(found[0].1.starts_with("講座名: is the ? or 〓 in \"?史入門\" meant?"), "{found:?}");
    assert_eq!(notes(text.into_bytes()), [], "in UTF-8 nothing is lost");
}

#[test]
fn what_the_mapping_gives_every_row_was_not_lost_in_the_file() {
    let text = file(&[&asking("a", "入門")]).replace("実施機関", "無");
    let mapping = Mapping::from_toml("[constants]\n\"achievement.provider_ja\" = \"何?大学\"").unwrap();
    let options = Options { mapping: Some(mapping), ..Options::default() };
    let register = read_as(encoded(&text, encoding_rs::SHIFT_JIS), &options).unwrap();
    assert!(register.rows.map(|row| row.note).all(|note| note.is_none()));
}

#[test]
fn the_advice_about_a_character_is_about_that_character() {
    let advice_of = |name: &str| {
        let rows = rows(file(&[&row_of(name, "a@example.jp", "2026-03-31")]));
        rows[0].content.as_ref().unwrap_err()[0].advice.clone()
    };
    for (name, words) in [
        ("\"山田\n花子\"", "line break"),
        ("山田\u{fffd}花子", "was lost"),
        ("山田\u{200b}花子", "cannot be seen"),
        ("山田 \u{301}花子", "take that character out"),
    ] {
        assert!(advice_of(name).contains(words), "{name:?}: {}", advice_of(name));
    }
}
