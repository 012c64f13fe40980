//! The templates that come along with their sample files, and templates of one's own.

use super::*;
use crate::completion::CompletionData;

const LEARNING: &[u8] = include_bytes!("../../../../examples/certificate.json");
const TRAINING: &[u8] = include_bytes!("../../../../examples/certificate-training.json");
const CONFORMITY: &[u8] = include_bytes!("../../../../examples/conformity.json");
pub(super) const INVOICE: &[u8] = include_bytes!("../../../../examples/invoice.json");

pub(super) fn read(json: &[u8], change: impl FnOnce(&mut CompletionData)) -> Completion {
    changed(Completion::from_json(json).unwrap(), change).unwrap()
}

/// What a template comes to with these data.
pub(super) fn printed_by(template: &Template, completion: &Completion) -> Result<Rendered, Error> {
    let (settings, number, at) = surroundings();
    let badge = template.has_badge().then(|| badge_with_arbitrary_signature(completion));
    template.render(completion, &number, badge.as_ref(), &settings, &Typefaces::bundled()?, at)
}

pub(super) fn printed(completion: &Completion) -> Result<Rendered, Error> {
    printed_by(Template::bundled(completion.template().unwrap_or(USUAL)).unwrap(), completion)
}

pub(super) fn pages(pdf: &[u8]) -> usize {
    Document::load_mem(pdf).unwrap().get_pages().len()
}

/// An own template: one that comes along with a change, read.
pub(super) fn own(id: &str, change: impl FnOnce(String) -> String) -> Result<Template, String> {
    let text = Template::bundled(id).unwrap().text().to_owned();
    Template::from_toml(&change(text), &BTreeMap::new()).map_err(|error| error.to_string())
}

#[test]
fn each_template_prints_its_sample_on_one_page_with_what_it_has_to_say() {
    let cases: [(&[u8], &[&str]); 4] = [
        (LEARNING, &["学修証明書", "髙橋 花子"]),
        (TRAINING, &["研修修了証", "山田 太郎 殿", "社員番号 Employee No.  104522", "3.5", "本社 第2研修室"]),
        (
            CONFORMITY,
            &["適合証明書", "株式会社見本商事 御中", "L251104-07", "1,200 個", "1,200 pieces", "33.97–34.06 mm"],
        ),
        (
            INVOICE,
            &[
                "登録番号 T9234567890123",
                "取引年月日 2025年11月20日",
                "株式会社見本食堂 御中",
                "国産米(新米)10kg ※",
                "※軽減税率 8% 対象(税抜)",
                "210,282 円",
                "消費税額(8%)",
                "16,822 円",
                "97,896 円",
                "9,789 円",
                "ご請求金額(税込)  ¥334,789-",
            ],
        ),
    ];
    for (json, expected) in cases {
        let rendered = printed(&read(json, |_| ())).unwrap();
        for text in expected {
            assert!(rendered.texts.iter().any(|found| found == text), "{text} in {:?}", rendered.texts);
        }
        assert_eq!(pages(&rendered.pdf), 1, "{expected:?}");
        assert_eq!(rendered.misplaced, [], "{expected:?}");
    }
}

#[test]
fn what_certifies_no_achievement_has_no_badge_and_refuses_one() {
    for json in [CONFORMITY, INVOICE] {
        let document = Document::load_mem(&printed(&read(json, |_| ())).unwrap().pdf).unwrap();
        assert!(!document.catalog().unwrap().has(b"AF"));
        let with = read(json, |data| data.achievement = example().achievement().cloned());
        let message = printed(&with).unwrap_err().to_string();
        assert!(message.contains("at achievement: wanted none"), "{message}");
    }
    let without = read(LEARNING, |data| data.achievement = None);
    let message = Template::bundled(USUAL).unwrap().problems(&without)[0].to_string();
    assert!(
        message.contains("at achievement: wanted what was achieved, which the template learning certifies"),
        "{message}"
    );
}

#[test]
fn a_long_table_goes_on_over_pages_that_say_which_they_are_and_repeat_the_header_for_the_eye() {
    let many = |count: usize| {
        read(INVOICE, |data| {
            let item = data.fields["items"][0].clone();
            data.fields.insert("items".to_owned(), vec![item; count].into());
        })
    };
    let rendered = printed(&many(100)).unwrap();
    let count = pages(&rendered.pdf);
    assert!(count >= 3, "{count}");
    assert_eq!(rendered.texts.iter().filter(|text| *text == "国産米(新米)10kg ※").count(), 100, "no row is lost");
    assert_eq!(rendered.texts.iter().filter(|text| *text == "品名・内容").count(), 1, "one header is read");
    assert_eq!(rendered.misplaced, []);
    let document = Document::load_mem(&rendered.pdf).unwrap();
    let widgets = fields(&document);
    assert_eq!(dictionary(&document, widgets[0].1.get(b"P").unwrap()).get(b"Tabs").unwrap().as_name().unwrap(), b"S");
    assert!(printed(&many(1999)).is_ok());
    let message = printed(&many(2001)).unwrap_err().to_string();
    assert!(message.contains("at fields.items: wanted at most 2000, found 2001"), "{message}");
}

#[test]
fn more_outcomes_a_birth_date_and_sections_of_a_learning_certificate_go_on_over_pages() {
    let outcome = Bilingual {
        ja: "公開データを集め、目的に合わせて整えることができる".to_owned(), en: None
    };
    let long = read(LEARNING, |data| {
        achievement(data).outcomes = vec![outcome; 30];
        data.fields.insert("student_number".to_owned(), "S-4711".into());
        data.fields.insert("birth_date".to_owned(), "2004-02-29".into());
        let section = serde_json::json!({ "heading": "履修科目", "text": "一\n二\n三" });
        data.fields.insert("sections".to_owned(), vec![section; 8].into());
    });
    let rendered = printed(&long).unwrap();
    assert!(pages(&rendered.pdf) >= 2);
    for expected in
        ["学籍番号 Student number  S-4711", "生年月日 Date of birth  2004年2月29日  29 February 2004", "履修科目", "30"]
    {
        assert!(rendered.texts.iter().any(|text| text == expected), "{expected}");
    }
}

#[test]
fn all_that_is_wrong_with_the_fields_is_told_with_member_template_and_what_to_do() {
    let wrong = read(INVOICE, |data| {
        data.fields.remove("registration_number");
        data.fields.insert("tile".to_owned(), "2025-12-31".into());
        data.fields.insert("title".to_owned(), "件".repeat(81).into());
        data.fields.insert("due_on".to_owned(), "31.12.2025".into());
        data.fields.get_mut("items").unwrap()[1]["price"] = 1.5.into();
        data.fields.get_mut("items").unwrap()[2]["rate"] = 5.into();
    });
    let found: Vec<String> =
        Template::bundled("invoice").unwrap().problems(&wrong).iter().map(ToString::to_string).collect();
    for expected in [
        "fields.registration_number: wanted a registration number, T and 13 digits, 登録番号 (Registration number), which the template invoice needs, found none",
        "fields.tile: wanted a column of the template invoice",
        "did you mean title?",
        "fields.title: wanted at most 80 characters, found 81",
        "fields.due_on: wanted a date YYYY-MM-DD (template invoice)",
        "fields.items[1].price: wanted whole yen",
        "fields.items[2].rate: wanted a tax rate in per cent, one of 10, 8, found 5",
    ] {
        assert!(found.iter().any(|message| message.contains(expected)), "{expected} in {found:#?}");
    }
}

/// What is done to a text.
type Change = fn(String) -> String;

#[test]
fn a_template_that_is_wrong_says_where_and_what_was_meant() {
    let cases: [(&str, Change, &[&str]); 9] = [
        (
            "learning",
            |text| text.replace("layout = \"spread\"", "layout = \"spred\""),
            &["line 10, column 10", "did you mean \"spread\"?"],
        ),
        (
            "learning",
            |text| text.replace("{submit_to}", "{submitto}"),
            &["there is no member \"submitto\"", "did you mean \"submit_to\"?"],
        ),
        (
            "learning",
            |text| text.replace("[block.facts]", "[block.fact]"),
            &["unknown variant `fact`", "did you mean \"facts\"?"],
        ),
        (
            "learning",
            |text| text.replace("format = 1", "format = 2"),
            &["line 2, column 10", "format: this program reads version 1 of templates; found 2"],
        ),
        ("learning", |text| text.replace("size = 33", "size = 99"), &["size: wanted 4 to 72, found 99"]),
        (
            "learning",
            |text| {
                text.replace(
                    "    { badge = { x = 116 } },\n",
                    "    { badge = { x = 116 } },\n    { badge = { x = 300 } },\n",
                )
            },
            &["a badge is shown once"],
        ),
        ("invoice", |text| text.replace("seal = true, ", ""), &["the seal has one place", "found 0"]),
        (
            "invoice",
            |text| text.replace("rate = \"rate\"", "rate = \"rat\""),
            &["the table has no column \"rat\"", "did you mean \"rate\"?"],
        ),
        (
            "conformity",
            |text| text.replace("from = \"fields.results\"", "from = \"fields.product\""),
            &["fields.product: wanted a member that holds a table; it holds one value"],
        ),
    ];
    for (id, change, expected) in cases {
        let message = own(id, change).map(|_| expected).unwrap_err();
        expected.iter().for_each(|part| assert!(message.contains(part), "{part} in {message}"));
    }
}

#[test]
fn a_logo_is_a_picture_beside_the_template_and_says_what_it_shows() {
    let with_logo =
        |text: String| text.replace("[logo]\n", "[logo]\nfile = \"logo.png\"\nalternative = \"校章 / Crest\"\n");
    let message = own("invoice", with_logo).map(|_| ()).unwrap_err();
    assert!(message.contains("there is no file \"logo.png\" beside the template"), "{message}");
    let text = with_logo(Template::bundled("invoice").unwrap().text().to_owned());
    let png = include_bytes!("../../../assets/badge.png").to_vec();
    let template = Template::from_toml(&text, &BTreeMap::from([("logo.png".to_owned(), png)])).unwrap();
    let plain = printed(&read(INVOICE, |_| ())).unwrap().pdf;
    let pdf = printed_by(&template, &read(INVOICE, |_| ())).unwrap().pdf;
    assert!(pdf.len() > plain.len() + 5000);
    let broken = BTreeMap::from([("logo.png".to_owned(), b"no picture".to_vec())]);
    assert!(Template::from_toml(&text, &broken).unwrap_err().to_string().contains("wanted a PNG"));
}

#[test]
fn the_longest_names_go_over_two_lines_before_they_are_refused() {
    for name in
        ["一般社団法人国際共修マイクロクレデンシャル推進協議会".repeat(2), "Very Long Name of ".repeat(3) + "Co."]
    {
        for json in [LEARNING, TRAINING, CONFORMITY, INVOICE] {
            let completion = read(json, |data| data.recipient.name = name.clone());
            assert!(printed(&completion).unwrap().texts.concat().contains(&name), "{name}");
        }
    }
    let message = own("invoice", |text| text.replacen("more_lines = 3", "more_lines = 1", 1)).map(|_| ()).unwrap_err();
    assert!(message.contains("more_lines: wanted 2 to 60, more than `lines`; found 1"), "{message}");
}

/// An organization with a picture of its seal and a logo.
fn with_pictures() -> Settings {
    let png = crate::picture::tests::framed(200, [255; 4], [200, 16, 46, 255]);
    let organization = crate::Organization {
        seal_picture: Some(crate::SealPicture::from_png(&png).unwrap()),
        logo: Some(crate::Logo::from_png(include_bytes!("../../../assets/badge.png")).unwrap()),
        ..crate::Organization::testbed()
    };
    Settings::new(organization, "http://127.0.0.1:8700", crate::Secret::new([7; 32])).unwrap()
}

#[test]
fn the_pictures_of_an_organization_stand_on_every_template_that_comes_along() {
    let (_, number, at) = surroundings();
    let (settings, typefaces) = (with_pictures(), Typefaces::bundled().unwrap());
    for json in [LEARNING, TRAINING, CONFORMITY, INVOICE] {
        let completion = read(json, |_| ());
        let template = Template::bundled(completion.template().unwrap_or(USUAL)).unwrap();
        let badge = template.has_badge().then(|| badge_with_arbitrary_signature(&completion));
        let pdf = template.render(&completion, &number, badge.as_ref(), &settings, &typefaces, at).unwrap().pdf;
        let document = Document::load_mem(&pdf).unwrap();
        let (field, widget, _) = fields(&document)[0];
        let words = lopdf::decode_text_string(field.get(b"TU").unwrap()).unwrap();
        assert!(words.contains("試験大学之印"), "{words}");
        let normal = widget.get(b"AP").unwrap().as_dict().unwrap().get(b"N").unwrap();
        let normal = document.dereference(normal).unwrap().1.as_stream().unwrap();
        let pictures = normal.dict.get(b"Resources").unwrap().as_dict().unwrap().get(b"XObject").unwrap();
        let picture = pictures.as_dict().unwrap().get(b"Picture").unwrap();
        let picture = document.dereference(picture).unwrap().1.as_stream().unwrap();
        assert_eq!(picture.decompressed_content().unwrap().len(), 200 * 200 * 3);
        assert!(picture.dict.has(b"SMask"));
        let is_logo = |object: &Object| {
            let alternative = object.as_dict().and_then(|element| element.get(b"Alt")).ok()?;
            lopdf::decode_text_string(alternative)
                .ok()
                .filter(|text| text == "試験大学のロゴ / Logo of Testbed University")
        };
        assert_eq!(document.objects.values().filter_map(is_logo).count(), 1);
    }
}

#[test]
fn a_template_has_a_picture_of_its_own_as_seal_and_says_what_stands_in_it() {
    let with_seal = |text: String| text + "\n[seal]\ntext = \"甲/乙\"\npicture = \"seal.png\"\n";
    let message = own("invoice", with_seal).map(|_| ()).unwrap_err();
    assert!(message.contains("there is no file \"seal.png\" beside the template"), "{message}");
    let text = with_seal(Template::bundled("invoice").unwrap().text().to_owned());
    let with = |png: Vec<u8>| Template::from_toml(&text, &BTreeMap::from([("seal.png".to_owned(), png)]));
    let small = with(crate::picture::tests::framed(64, [0; 4], [200, 16, 46, 255])).unwrap_err().to_string();
    assert!(small.contains("seal.png: picture: wanted a PNG, 128 to 1024 pixels"), "{small}");
    let template = with(crate::picture::tests::framed(128, [0; 4], [200, 16, 46, 255])).unwrap();
    assert_eq!(template.pictures().len(), 1);
    let document = Document::load_mem(&printed_by(&template, &read(INVOICE, |_| ())).unwrap().pdf).unwrap();
    let words = lopdf::decode_text_string(fields(&document)[0].0.get(b"TU").unwrap()).unwrap();
    assert!(words.contains("甲乙"), "{words}");
}

#[test]
fn a_name_in_another_script_says_in_which_language_it_is_read() {
    let spans = |name: &str| -> Vec<String> {
        let completion = example_with(|data| data.recipient.name = name.to_owned());
        let document = Document::load_mem(&rendered(&completion).unwrap().pdf).unwrap();
        let content = document.get_page_content(document.page_iter().next().unwrap());
        let operations = lopdf::content::Content::decode(&content).unwrap().operations;
        let properties = operations.iter().filter_map(|operation| operation.operands.get(1)?.as_dict().ok());
        properties.filter_map(|span| lopdf::decode_text_string(span.get(b"Lang").ok()?).ok()).collect()
    };
    assert_eq!(spans("Nguyễn Thị Ngọc Ánh"), ["vi"]);
    assert_eq!(spans("Шевченко Тарас"), ["und-Cyrl"]);
    assert_eq!(spans("Γεώργιος 太郎"), ["el"]);
    assert!(spans("髙橋 花子").is_empty() && spans("葛\u{E0100}城 Ștefan").is_empty());
}

#[test]
fn a_sample_says_that_it_is_one_on_every_page_and_has_no_badge_attached() {
    let template = Template::bundled(USUAL).unwrap();
    let at = "2026-11-24T03:04:05Z".parse().unwrap();
    let sample = template.sample(&example(), &Typefaces::bundled().unwrap(), at).unwrap();
    assert!(sample.texts.iter().any(|text| text.starts_with("SAMPLE")) && sample.texts.contains(&"見本".to_owned()));
    assert!(!Document::load_mem(&sample.pdf).unwrap().catalog().unwrap().has(b"AF"));
}

#[test]
fn the_address_never_touches_its_neighbours_however_long_it_is() {
    let (_, number, at) = surroundings();
    for base in [
        "https://certificates.international.testbed-university.example.ac.jp/w/spring-class-2026",
        "http://a.jp",
        "https://very-long-name-of-a-host-that-nobody-types.certificates.testbed-university.example.ac.jp",
    ] {
        let settings = Settings::testbed(base, crate::Secret::new([7; 32])).unwrap();
        for json in [LEARNING, INVOICE] {
            let completion = read(json, |_| ());
            let template = Template::bundled(completion.template().unwrap_or(USUAL)).unwrap();
            let badge = template.has_badge().then(|| badge_with_arbitrary_signature(&completion));
            let typefaces = Typefaces::bundled().unwrap();
            let rendered = template.render(&completion, &number, badge.as_ref(), &settings, &typefaces, at).unwrap();
            let document = Document::load_mem(&rendered.pdf).unwrap();
            let page = document.get_dictionary(document.page_iter().next().unwrap()).unwrap();
            let annotations = document.dereference(page.get(b"Annots").unwrap()).unwrap().1.as_array().unwrap();
            let link = annotations.iter().map(|annotation| dictionary(&document, annotation));
            let link = link.filter(|annotation| annotation.get(b"Subtype").unwrap().as_name().unwrap() == b"Link");
            let rectangle = link.map(|link| link.get(b"Rect").unwrap().as_array().unwrap().clone()).next().unwrap();
            let [left, right] = [0, 2].map(|place| rectangle[place].as_float().unwrap());
            let (least, most) = if template.has_badge() { (158.0, 306.0) } else { (130.0, 530.5) };
            assert!(left >= least && right <= most, "{base}: {left} to {right}");
        }
    }
}

#[test]
fn texts_that_lie_over_each_other_are_told_with_their_page() {
    let low = own("training", |text| {
        text.replace("id = \"training\"", "id = \"low\"").replacen("\ny = 118\n", "\ny = 140\n", 1)
    });
    let rendered = printed_by(&low.unwrap(), &read(TRAINING, |data| data.template = Some("low".to_owned()))).unwrap();
    let told: Vec<String> = rendered.misplaced.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("page 1: \"研修修了証\" and \"Certificate of"), "{told:?}");
}

#[test]
fn a_closing_sentence_is_filled_with_the_members_that_it_names_and_left_out_without_one() {
    let change = |text: String| {
        text.replace(
            "\"{address} で確認できます。\",",
            "\"{recipient.name}様の{number}は {address} で確認できます。\", \"{submit_to} 御中\",",
        )
    };
    let template = own("training", change).unwrap();
    let texts = printed_by(&template, &read(TRAINING, |_| ())).unwrap().texts;
    let sentence = "山田 太郎様のTBU-2026-000123-3は http://127.0.0.1:8700/c/TBU-2026-000123-3 で確認できます。";
    assert!(texts.iter().any(|text| text.contains(sentence)), "{texts:?}");
    assert!(texts.iter().all(|text| !text.contains("御中")), "{texts:?}");
}

#[test]
fn a_title_over_the_frame_and_an_ornament_through_the_title_are_told() {
    for (change, told) in [
        ("\ny = 118\n", "\"研修修了証\" stands over the page's frame"),
        ("[head]\n", "\"研修修了証\" and \"罫線 / rule\" lie over each other"),
    ] {
        let moved = |text: String| match change {
            "[head]\n" => text.replacen(change, "[head]\nornament = 110\n", 1),
            _ => text.replacen(change, "\ny = 42\n", 1),
        };
        let rendered = printed_by(&own("training", moved).unwrap(), &read(TRAINING, |_| ())).unwrap();
        let found: Vec<String> = rendered.misplaced.iter().map(ToString::to_string).collect();
        assert!(found.iter().any(|found| found.contains(told)), "{told}: {found:?}");
    }
}

#[test]
fn a_sample_of_an_invoice_has_something_at_the_reduced_rate() {
    let template = Template::bundled("invoice").unwrap();
    let texts = printed_by(template, &template.sample_data("2026-11-24T03:04:05Z".parse().unwrap())).unwrap().texts;
    assert!(texts.iter().any(|text| text.ends_with(" ※")), "{texts:?}");
    let odd = own("invoice", |text| text.replace("text = \"※\"", "text = \"☃\""));
    let problem = printed_by(&odd.unwrap(), &template.sample_data("2026-11-24T03:04:05Z".parse().unwrap()));
    assert!(problem.unwrap_err().to_string().contains("U+2603"), "the mark that no font has is found by the sample");
}
