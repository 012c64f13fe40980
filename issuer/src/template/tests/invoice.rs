//! What an invoice says of tax, and what a credit note says instead.

use super::samples::{INVOICE, own, pages, printed, printed_by, read};

/// What the invoice with these items says: name, quantity, price, rate.
fn texts(items: &[(&str, &str, i64, u32, i64)]) -> Vec<String> {
    let items = items.iter().map(|(name, quantity, price, rate, amount)| {
        serde_json::json!({ "name": name, "quantity": quantity, "price": price, "rate": rate, "amount": amount })
    });
    let completion = read(INVOICE, |data| {
        data.fields.insert("items".to_owned(), items.collect::<Vec<_>>().into());
    });
    let rendered = printed(&completion).unwrap();
    assert_eq!(pages(&rendered.pdf), 1);
    rendered.texts
}

#[test]
fn the_reduced_rate_is_explained_where_something_has_it() {
    let usual = texts(&[("筆記用具", "2", 100, 10, 200)]);
    assert!(usual.iter().all(|text| !text.contains('※')), "{usual:?}");
    assert!(usual.iter().any(|text| text.starts_with("消費税額は税率ごとに")));
    let both = texts(&[("筆記用具", "2", 100, 10, 200), ("緑茶", "1", 108, 8, 108)]);
    assert!(both.iter().any(|text| text.starts_with("※は軽減税率(8%)対象品目です。消費税額は")), "{both:?}");
    assert!(both.iter().any(|text| text.starts_with("※ reduced rate (8 %). Tax is")));
    assert!(both.contains(&"緑茶 ※".to_owned()) && both.iter().all(|text| !text.starts_with("消費税額は税率ごとに")));
}

#[test]
fn a_credit_note_says_what_is_given_back() {
    let texts = texts(&[("返品: 筆記用具", "-1", 100, 10, -100)]);
    assert!(texts.contains(&"ご返金額(税込)  ¥110-".to_owned()), "{texts:?}");
    assert!(texts.contains(&"下記のとおりご返金申し上げます。".to_owned()));
    for wrong in ["ご請求", "お支払期限", "お振込先"] {
        assert!(texts.iter().all(|text| !text.contains(wrong)), "{wrong}: {texts:?}");
    }
}

#[test]
fn an_invoice_of_nothing_asks_for_no_payment() {
    let texts = texts(&[("筆記用具", "1", 100, 10, 100), ("返品: 筆記用具", "-1", 100, 10, -100)]);
    assert!(texts.contains(&"ご請求金額(税込)  ¥0-".to_owned()), "{texts:?}");
    for wrong in ["お支払期限", "お振込先"] {
        assert!(texts.iter().all(|text| !text.contains(wrong)), "{wrong}: {texts:?}");
    }
}

#[test]
fn what_becomes_of_parts_of_a_yen_is_said_as_it_is_reckoned() {
    for (rounding, ja, en) in [
        ("down", "1円未満を切り捨てています。", "parts of a yen are dropped."),
        ("up", "1円未満を切り上げています。", "parts of a yen count as a yen."),
        ("half-up", "1円未満を四捨五入しています。", "rounded to the nearest yen."),
    ] {
        let change = |text: String| text.replace("rounding = \"down\"", &format!("rounding = {rounding:?}"));
        let template = own("invoice", change).unwrap();
        let texts = printed_by(&template, &read(INVOICE, |_| ())).unwrap().texts;
        for expected in [ja, en] {
            assert!(texts.iter().any(|text| text.ends_with(expected)), "{rounding}: {texts:?}");
        }
    }
}

#[test]
fn a_quantity_with_six_decimals_and_large_sums_have_room() {
    let texts = texts(&[("按分", "0.333333", 3, 10, 1), ("機械", "1", 999_999_999_999, 10, 999_999_999_999)]);
    for expected in ["0.333333", "999,999,999,999"] {
        assert!(texts.contains(&expected.to_owned()), "{expected} in {texts:?}");
    }
}

#[test]
fn two_thousand_rows_of_the_longest_texts_have_room() {
    let completion = read(INVOICE, |data| {
        let mut item = data.fields["items"][0].clone();
        item["name"] = "国".repeat(100).into();
        item["unit"] = "一二三四五六七八".into();
        data.fields.insert("items".to_owned(), vec![item; 2000].into());
    });
    assert!(pages(&printed(&completion).unwrap().pdf) > 100);
}
