//! Every template that comes along prints all that its columns permit: the longest texts in kanji, the largest numbers.

use serde_json::{Value as Json, json};

use super::samples::printed_by;
use super::*;
use crate::template::{Column, ColumnKind};

/// So many kanji.
fn kanji(length: usize) -> String {
    "国語算数理科社会音楽図工体育家庭英語道徳".chars().cycle().take(length).collect()
}

/// The largest value of a column, and the texts that have to be printed.
fn largest(column: &Column, template: &Template, expected: &mut Vec<String>) -> Json {
    let longest = column.longest.unwrap_or(200);
    match column.kind {
        ColumnKind::Text | ColumnKind::Id | ColumnKind::LongText => {
            expected.push(kanji(longest));
            kanji(longest).into()
        }
        ColumnKind::Date => "9999-12-30".into(),
        ColumnKind::Number if template.is_tax_rate(&column.member) => 10.into(),
        ColumnKind::Number => {
            expected.push("999,999,999,999.999999".to_owned());
            "999999999999.999999".into()
        }
        ColumnKind::Money => (-999_999_999_999_i64).into(),
        ColumnKind::List => {
            expected.extend([kanji(longest), kanji(2 * longest)]);
            json!([{ "ja": kanji(longest), "en": kanji(2 * longest) }, kanji(longest)])
        }
        ColumnKind::Table => {
            let row = |column: &Column, expected: &mut Vec<String>| -> Json {
                let cells = column.columns.iter().map(|cell| (cell.member.clone(), largest(cell, template, expected)));
                cells.collect::<serde_json::Map<_, _>>().into()
            };
            json!([row(column, expected), row(column, expected)])
        }
        ColumnKind::RegistrationNumber => "T9234567890123".into(),
    }
}

/// Data of a template with the largest values; quantity times price cannot be the amount, so there is no price.
fn full(template: &Template) -> (Completion, Vec<String>) {
    let mut expected = vec![kanji(60)];
    let mut fields: BTreeMap<String, Json> = template
        .columns()
        .iter()
        .map(|column| (column.member.clone(), largest(column, template, &mut expected)))
        .collect();
    for row in fields.get_mut("items").and_then(Json::as_array_mut).into_iter().flatten() {
        row.as_object_mut().unwrap().remove("price");
    }
    let completion = changed(example(), |data| {
        data.recipient.name = kanji(60);
        data.recipient.name_roman = Some("W".repeat(80));
        data.submit_to = Some(kanji(60));
        data.valid_until = Some("9999-12-30".parse().unwrap());
        data.fields = fields;
        if !template.has_badge() {
            data.achievement = None;
            return;
        }
        let outcome = Bilingual { ja: kanji(120), en: Some(kanji(160)) };
        let achievement = achievement(data);
        (achievement.name_ja, achievement.name_en) = (kanji(80), kanji(120));
        (achievement.provider_ja, achievement.provider_en) = (kanji(60), Some(kanji(100)));
        achievement.outcomes = vec![outcome.clone(); 3];
        achievement.assessment = Some(outcome);
        expected.extend([kanji(80), kanji(120), kanji(160)]);
    });
    (completion.unwrap(), expected)
}

#[test]
fn every_template_that_comes_along_prints_the_longest_texts_that_its_columns_permit() {
    for template in Template::names().filter_map(Template::bundled) {
        let (completion, expected) = full(template);
        let rendered = printed_by(template, &completion).unwrap_or_else(|error| panic!("{}: {error}", template.id()));
        assert_eq!(rendered.misplaced, [], "{}", template.id());
        for text in expected {
            let is_there = rendered.texts.iter().any(|printed| printed.contains(&text));
            assert!(is_there, "{}: {text} in {:?}", template.id(), rendered.texts);
        }
        if let Some(folder) = std::env::var_os("ESEAL_KEEP_PAGES") {
            let file = std::path::Path::new(&folder).join(format!("longest-{}.pdf", template.id()));
            std::fs::write(file, &rendered.pdf).unwrap();
        }
    }
}

#[test]
fn each_column_alone_at_its_longest_is_printed_too() {
    for template in Template::names().filter_map(Template::bundled) {
        let at = "2026-11-24T03:04:05Z".parse().unwrap();
        for column in template.columns() {
            let mut expected = Vec::new();
            let value = largest(column, template, &mut expected);
            let completion = changed(template.sample_data(at), |data| {
                data.fields.insert(column.member.clone(), value);
                for row in data.fields.get_mut("items").and_then(Json::as_array_mut).into_iter().flatten() {
                    row.as_object_mut().unwrap().remove("price");
                }
            });
            let printed = printed_by(template, &completion.unwrap());
            let printed = printed.unwrap_or_else(|error| panic!("{} {}: {error}", template.id(), column.member));
            for text in expected {
                assert!(printed.texts.iter().any(|printed| printed.contains(&text)), "{}: {text}", column.member);
            }
        }
    }
}

#[test]
fn a_value_that_no_number_of_lines_holds_is_refused_with_its_member() {
    let text = Template::bundled("conformity").unwrap().text().replacen("longest = 80", "longest = 4000", 1);
    let template = Template::from_toml(&text, &BTreeMap::new()).unwrap();
    let completion = changed(template.sample_data("2026-11-24T03:04:05Z".parse().unwrap()), |data| {
        data.fields.insert("product".to_owned(), kanji(4000).into());
    });
    let message = printed_by(&template, &completion.unwrap()).map(|_| ()).unwrap_err().to_string();
    assert!(
        message.contains("fields.product: the text does not fit its place on the certificate (24 lines"),
        "{message}"
    );
}

/// An organization with the longest texts that a world's plan may give it, made of such letters.
fn with_the_longest_texts(ja: &str, en: &str) -> Settings {
    let text = |letters: &str, length| letters.chars().cycle().take(length).collect::<String>();
    let organization = crate::Organization {
        name_ja: text(ja, crate::Organization::LONGEST_JA),
        name_en: text(en, crate::Organization::LONGEST_EN),
        signatory_ja: text(ja, crate::Organization::LONGEST_JA),
        signatory_en: text(en, crate::Organization::LONGEST_EN),
        ..crate::Organization::testbed()
    };
    Settings::new(organization, "http://127.0.0.1:8700", crate::Secret::new([7; 32])).unwrap()
}

#[test]
fn every_template_that_comes_along_has_room_for_the_longest_texts_of_an_organization() {
    let (_, number, at) = surroundings();
    for template in Template::names().filter_map(Template::bundled) {
        for (kind, ja, en) in [
            ("kanji", "国立研究開発法人新エネルギー・産業技術総合開発機構", "New Energy and Industrial Technology "),
            ("wide", "W", "W"),
            ("square", "語", "Ｗ"),
        ] {
            let (settings, completion) = (with_the_longest_texts(ja, en), template.sample_data(at));
            let badge = template.has_badge().then(|| badge_with_arbitrary_signature(&completion));
            let rendered =
                template.render(&completion, &number, badge.as_ref(), &settings, &Typefaces::bundled().unwrap(), at);
            let rendered = rendered.unwrap_or_else(|error| panic!("{} {kind}: {error}", template.id()));
            assert_eq!(rendered.misplaced, [], "{} {kind}", template.id());
            if let Some(folder) = std::env::var_os("ESEAL_KEEP_PAGES") {
                let file = format!("organization-{}-{kind}.pdf", template.id());
                std::fs::write(std::path::Path::new(&folder).join(file), &rendered.pdf).unwrap();
            }
        }
    }
}
