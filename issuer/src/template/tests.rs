//! What a reader, and a program that seals, find in a rendered certificate. The PDF is read back with lopdf.

use lopdf::{Dictionary, Document, Object};

mod invoice;
mod longest;
mod rules;
mod samples;

use super::*;
use crate::badge::tests::{badge_with_arbitrary_signature, surroundings};
use crate::completion::tests::{achievement, changed, example, example_with};
use crate::{Bilingual, Completion};

fn rendered(completion: &Completion) -> Result<Rendered, Error> {
    let (settings, number, at) = surroundings();
    let badge = badge_with_arbitrary_signature(&example());
    let template = Template::bundled(USUAL).unwrap();
    template.render(completion, &number, Some(&badge), &settings, &Typefaces::bundled()?, at)
}

fn credits() -> Completion {
    Completion::from_json(include_bytes!("../../../examples/certificate-credits.json")).unwrap()
}

fn dictionary<'a>(document: &'a Document, object: &'a Object) -> &'a Dictionary {
    document.dereference(object).unwrap().1.as_dict().unwrap()
}

/// The form's fields, each with its widget and the widget's reference. They are one object or two.
fn fields(document: &Document) -> Vec<(&Dictionary, &Dictionary, &Object)> {
    let form = dictionary(document, document.catalog().unwrap().get(b"AcroForm").unwrap());
    assert_eq!(form.get(b"SigFlags").unwrap().as_i64().unwrap(), 3);
    let fields = form.get(b"Fields").unwrap().as_array().unwrap().iter();
    let with_widget = |reference| {
        let field = dictionary(document, reference);
        let widget = field.get(b"Kids").map_or(reference, |kids| &kids.as_array().unwrap()[0]);
        (field, dictionary(document, widget), widget)
    };
    fields.map(with_widget).collect()
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    assert_eq!(rendered(&example()).unwrap().pdf, rendered(&example()).unwrap().pdf);
}

#[test]
fn nothing_in_the_tag_tree_is_suspect() {
    let document = Document::load_mem(&rendered(&example()).unwrap().pdf).unwrap();
    let marks = dictionary(&document, document.catalog().unwrap().get(b"MarkInfo").unwrap());
    assert!(marks.get(b"Marked").unwrap().as_bool().unwrap());
    assert!(!marks.get(b"Suspects").is_ok_and(|suspects| suspects.as_bool().unwrap())); // ISO 14289-1 clause 7.1
}

#[test]
fn the_texts_name_learner_course_days_number_and_code() {
    let texts = rendered(&example()).unwrap().texts;
    for expected in [
        "髙橋 花子",
        "TAKAHASHI Hanako",
        "データサイエンス入門",
        "Introduction to Data Science",
        "2025年9月26日",
        "(令和8年11月24日)",
        "証明書番号 No. TBU-2026-000123-3",
        "http://127.0.0.1:8700/c/TBU-2026-000123-3",
        "試験用見本",
    ] {
        assert!(texts.iter().any(|text| text == expected), "{expected} in {texts:?}");
    }
    assert!(!texts.concat().contains("hanako.takahashi"), "the identifier is never printed");
}

#[test]
fn hours_credits_validity_and_addressee_are_printed_if_given() {
    let texts = rendered(&credits()).unwrap().texts.concat();
    for expected in ["90 時間", "2 単位", "2 credits", "2035年3月31日", "独立行政法人 見本機構 採用担当"]
    {
        assert!(texts.contains(expected), "{expected}");
    }
}

#[test]
fn a_missing_glyph_stops_the_certificate_and_names_member_and_code_point() {
    let completion = example_with(|data| data.recipient.name = "𠮷田 花子".to_owned());
    let message = rendered(&completion).unwrap_err().to_string();
    assert!(message.contains("recipient.name") && message.contains("U+20BB7"), "{message}");
}

#[test]
fn texts_of_the_longest_permitted_lengths_are_set_smaller_or_refused_but_never_over_the_edge() {
    let outcome = Bilingual {
        ja: "成果を説明できる。".repeat(10),
        en: Some("Explains outcomes. ".repeat(7).trim().to_owned()),
    };
    let long = changed(credits(), |data| {
        let achievement = achievement(data);
        achievement.name_ja = "課程".repeat(30);
        achievement.name_en = "Very long name of a course ".repeat(3).trim().to_owned();
        achievement.outcomes = vec![outcome.clone(), outcome.clone(), outcome.clone()];
        achievement.assessment = Some(outcome);
    });
    let long = long.unwrap();
    rendered(&long).unwrap();

    let longest = changed(long, |data| achievement(data).name_ja = "課".repeat(80)).unwrap();
    assert!(rendered(&longest).unwrap().texts.contains(&"課".repeat(80)));
}

#[test]
fn a_short_certificate_without_optional_parts_is_rendered() {
    let completion = example_with(|data| {
        data.recipient.name_roman = None;
        achievement(data).outcomes.clear();
        achievement(data).assessment = None;
        achievement(data).provider_en = None;
    });
    rendered(&completion).unwrap();
}

#[test]
fn both_fields_are_empty_described_and_in_the_structure_tree() {
    let document = Document::load_mem(&rendered(&example()).unwrap().pdf).unwrap();
    let fields = fields(&document);
    let names: Vec<&[u8]> = fields.iter().map(|(field, ..)| field.get(b"T").unwrap().as_str().unwrap()).collect();
    assert_eq!(names, [SEAL_FIELD.as_bytes(), ARCHIVE_TIME_STAMP_FIELD.as_bytes()]);
    let page = document.get_dictionary(document.page_iter().next().unwrap()).unwrap();
    assert_eq!(page.get(b"Tabs").unwrap().as_name().unwrap(), b"S");
    let annotations = document.dereference(page.get(b"Annots").unwrap()).unwrap().1.as_array().unwrap();
    for (field, widget, reference) in fields {
        assert!(!field.has(b"V") && field.has(b"TU") && field.get(b"FT").unwrap().as_name().unwrap() == b"Sig");
        assert_eq!(widget.get(b"F").unwrap().as_i64().unwrap(), 4);
        assert!(annotations.contains(reference));
        let key = widget.get(b"StructParent").unwrap().as_i64().unwrap();
        let tree = dictionary(&document, document.catalog().unwrap().get(b"StructTreeRoot").unwrap());
        assert!(tree.get(b"ParentTreeNextKey").unwrap().as_i64().unwrap() > key);
        let numbers = dictionary(&document, tree.get(b"ParentTree").unwrap()).get(b"Nums").unwrap().as_array().unwrap();
        let entry = numbers.chunks(2).find(|entry| entry[0].as_i64().is_ok_and(|number| number == key)).unwrap();
        let element = dictionary(&document, &entry[1]);
        assert_eq!(element.get(b"S").unwrap().as_name().unwrap(), b"Form");
        let kid = element.get(b"K").unwrap().as_array().unwrap()[0].as_dict().unwrap();
        assert_eq!(kid.get(b"Obj").unwrap(), reference);
    }
}

#[test]
fn the_field_that_is_signed_second_is_apart_from_its_widget() {
    let document = Document::load_mem(&rendered(&example()).unwrap().pdf).unwrap();
    let split: Vec<bool> = fields(&document).iter().map(|(field, ..)| field.has(b"Kids")).collect();
    assert_eq!(split, [false, true]);
}

#[test]
fn the_seal_shows_a_picture_without_fonts_and_the_time_stamp_shows_nothing() {
    let document = Document::load_mem(&rendered(&example()).unwrap().pdf).unwrap();
    let fields = fields(&document);
    let appearance = fields[0].1.get(b"AP").unwrap().as_dict().unwrap();
    assert_eq!(appearance.len(), 1);
    let picture = document.dereference(appearance.get(b"N").unwrap()).unwrap().1.as_stream().unwrap();
    assert!(picture.dict.get(b"Resources").unwrap().as_dict().unwrap().is_empty());
    assert!(!fields[1].1.has(b"AP"));
}

#[test]
fn the_signed_badge_is_attached_as_supplement() {
    let badge = badge_with_arbitrary_signature(&example());
    let document = Document::load_mem(&rendered(&example()).unwrap().pdf).unwrap();
    let files = document.dereference(document.catalog().unwrap().get(b"AF").unwrap()).unwrap().1.as_array().unwrap();
    let file = dictionary(&document, &files[0]);
    assert_eq!(file.get(b"F").unwrap().as_str().unwrap(), BADGE_ATTACHMENT.as_bytes());
    assert_eq!(file.get(b"AFRelationship").unwrap().as_name().unwrap(), b"Supplement");
    let stream = file.get(b"EF").unwrap().as_dict().unwrap().get(b"F").unwrap();
    let stream = document.dereference(stream).unwrap().1.as_stream().unwrap();
    assert_eq!(stream.decompressed_content().unwrap(), badge.compact().as_bytes());
}

#[test]
fn the_file_is_one_revision_with_id_and_binary_comment_and_ends_with_an_end_of_line() {
    let pdf = rendered(&example()).unwrap().pdf;
    assert!(pdf.starts_with(b"%PDF-1.7\n%") && pdf[10..14].iter().all(|byte| *byte >= 0x80));
    assert!(pdf.ends_with(b"%%EOF\n"));
    let count = |expected: &[u8]| pdf.windows(expected.len()).filter(|window| *window == expected).count();
    assert_eq!((count(b"%%EOF"), count(b"\nstartxref\n")), (1, 1));
    assert!(Document::load_mem(&pdf).unwrap().trailer.has(b"ID"));
}
