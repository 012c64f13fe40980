//! What a template must not say: numbers that no page has room for, texts that nobody can read, columns that no register can use.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::samples::own;
use super::*;

/// Where the numbers of a text stand, but for the version of its form.
fn numbers(text: &str) -> Vec<std::ops::Range<usize>> {
    fn walk(value: &Spanned<DeValue<'_>>, found: &mut Vec<std::ops::Range<usize>>) {
        match value.get_ref() {
            DeValue::Float(_) | DeValue::Integer(_) => found.push(value.span()),
            DeValue::Array(values) => values.iter().for_each(|value| walk(value, found)),
            DeValue::Table(table) => table.values().for_each(|value| walk(value, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    let table = DeTable::parse(text).unwrap();
    table
        .get_ref()
        .iter()
        .filter(|(name, _)| name.get_ref() != "format")
        .for_each(|(_, value)| walk(value, &mut found));
    found
}

#[test]
fn a_number_that_is_none_or_that_no_page_has_room_for_is_refused_wherever_it_stands() {
    let further = "\n[[block]]\n[block.text]\ngap = 1.5\nlines = [{ ja = \"一\", before = 2, lines = 3, more_lines = 4, look = \
                   { size = 9, smallest = 7, tracking = 0.1 } }]\n[[block]]\n[block.sides]\nsplit = 0.5\n";
    for id in Template::names() {
        let text = Template::bundled(id).unwrap().text().replace("[foot]", &format!("{further}\n[foot]"));
        Template::from_toml(&text, &BTreeMap::new()).unwrap();
        let numbers = numbers(&text);
        assert!(numbers.len() > 30, "{id}: {}", numbers.len());
        for place in numbers {
            for wrong in ["nan", "inf", "-inf", "1e38", "-9000.0", "-9000", "9000000"] {
                let changed = format!("{}{wrong}{}", &text[..place.start], &text[place.end..]);
                let line = text[..place.start].matches('\n').count() + 1;
                let read = Template::from_toml(&changed, &BTreeMap::new());
                let said = read.map(|_| ()).unwrap_err();
                assert!(said.problems[0].japanese.is_some(), "{said}");
                assert!(
                    said.problems.iter().any(|problem| problem.line.abs_diff(line) <= 20),
                    "{id}, line {line}: {said}"
                );
            }
        }
    }
}

#[test]
fn a_kept_template_with_a_number_that_is_none_is_shown_but_nothing_is_printed_by_it() {
    let text = Template::bundled("learning").unwrap().text().replacen("gap = 1.5", "gap = -inf", 1);
    let kept = Template::kept(&text, &BTreeMap::new()).unwrap();
    assert_eq!(kept.id(), "learning");
    let problem = kept.problems(&example())[0].to_string();
    assert!(problem.contains("found -inf; register a later version"), "{problem}");
    let odd = Template::bundled("learning").unwrap().text().replacen("ornament = 158", "ornament = 400", 1);
    assert!(Template::from_toml(&odd, &BTreeMap::new()).is_err());
    assert!(Template::kept(&odd, &BTreeMap::new()).unwrap().problems(&example()).is_empty(), "it printed before");
}

/// What is wrong with a template in which a text stands in the place of another.
fn told(id: &str, from: &str, to: &str) -> String {
    assert!(Template::bundled(id).unwrap().text().contains(from), "{from}");
    own(id, |text| text.replacen(from, to, 1)).map(|_| format!("{to} is taken")).unwrap_err()
}

#[test]
fn names_and_titles_are_texts_that_can_be_read_and_have_an_end() {
    let name = "name = { ja = \"研修修了証\"";
    for (to, expected) in [
        ("\\u0000", "no control or format characters, found U+0000"),
        ("\\u001B[31m", "U+001B"),
        ("\\u202Egnp.exe", "U+202E"),
        ("", "name.ja: wanted a text, found an empty one"),
        (" 証", "without blanks at its ends"),
        (&"証".repeat(60_000), "name.ja: wanted at most 60 characters, found 60000"),
    ] {
        let said = told("training", name, &format!("name = {{ ja = \"{to}\""));
        assert!(said.contains(expected), "{said}");
        let said = told("training", "noun = { ja = \"修了証\"", &format!("noun = {{ ja = \"{to}\""));
        assert!(said.contains(&expected.replace("name.ja", "noun.ja").replace("most 60 ", "most 20 ")), "{said}");
    }
    let said = told("learning", "text = \"学修証明書\"", "text = \"{recipient.name}\"");
    assert!(said.contains("titles take no members"), "{said}");
    let said = told("learning", "number = \"証明書番号 No. {number}\"", "number = \"証明書\"");
    assert!(said.contains("wanted a line with {number} in it"), "{said}");
    let said = told("invoice", "x = 66\ny = 74", "file = \"../logo.png\"\nalternative = \"一\"\nx = 66\ny = 74");
    assert!(said.contains("wanted the name of a PNG file beside the template"), "{said}");
    let said = told("invoice", "{ member = \"unit\", width = 0.8", "{ member = \"unit\", width = 0.1");
    assert!(said.contains("width: wanted at least 3 % of all widths together"), "{said}");
    let said = told("learning", "{ issuer = { x = 314 } }", "{ issuer = { x = 560 } }");
    assert!(said.contains("x: wanted 30 to 400, found 560"), "{said}");
}

#[test]
fn columns_that_no_register_could_use_are_refused() {
    let headers = "headers = { ja = \"ロット番号\", en = \"Lot number\", also = [\"製造番号\"] }";
    for (to, expected) in [
        ("{ ja = \"取引先名\", en = \"Lot\" }", "\"取引先名\" is that of recipient.name"),
        ("{ ja = \"ロット\", en = \"Product\" }", "\"Product\" is that of product"),
        ("{ ja = \"製　品－名\", en = \"Lot\" }", "is that of product"),
        ("{ ja = \"\", en = \"Lot\" }", "headers: wanted a text, found an empty one"),
        ("{ ja = \"※\", en = \"Lot\" }", "nothing but signs"),
        ("{ ja = \"=HYPERLINK(1)\", en = \"Lot\" }", "is a formula to spreadsheets"),
        ("{ ja = \"ロット\\u202E\", en = \"Lot\" }", "U+202E"),
        ("{ ja = \"試験結果1 項\", en = \"Lot\" }", "that of a row of the table results"),
    ] {
        let said = told("conformity", headers, &format!("headers = {to}"));
        assert!(said.contains(expected), "{said}");
    }
    let cell = "headers = { ja = \"測定値\", en = \"Measured\" }";
    for (to, expected) in [
        ("{ ja = \"判定\", en = \"Measured\" }", "\"判定\" is that of measured"),
        ("{ ja = \"2回目\", en = \"Measured\" }", "begins with a digit"),
    ] {
        let said = told("conformity", cell, &format!("headers = {to}"));
        assert!(said.contains(expected), "{said}");
    }
    let said = told("conformity", "\"completed_on\" = {", "\"completed_onn\" = {");
    assert!(said.contains("there is no member \"completed_onn\"") && said.contains("did you mean \"completed_on\"?"));
}

#[test]
fn all_that_is_wrong_with_a_template_is_said_in_japanese_too() {
    let text = Template::bundled("learning").unwrap().text().replacen("size = 33", "size = 99", 1);
    let said = Template::from_toml(&text, &BTreeMap::new()).unwrap_err();
    let said: Vec<String> = said.problems.iter().map(world::toml_text::TomlProblem::told_in_japanese).collect();
    assert!(said[0].contains("size: 4 から 72 までの数が必要ですが、99 です"), "{said:?}");
    let text = Template::bundled("learning").unwrap().text().replacen("size = 33", "siz = 33", 1);
    let said = Template::from_toml(&text, &BTreeMap::new()).unwrap_err().problems[0].told_in_japanese();
    assert!(
        said.contains("siz という項目はありません") && said.ends_with("（\"size\" の誤りかもしれません）"),
        "{said}"
    );
}
