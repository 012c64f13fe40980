//! What is on record of a certificate, and what a browser does with it.

use crate::tests::{BROWSER, ask, laboratory};

use axum::http::{Response, StatusCode};
use issuer::api::StandingState;
use laboratory::Laboratory;

/// A world with a certificate, and its number.
async fn with_a_certificate() -> (Laboratory, String) {
    let laboratory = laboratory().await;
    let completion = issuer::Completion::from_json(include_bytes!("../../../examples/certificate.json")).unwrap();
    let issued = laboratory.issuer.issue(&completion, sealing::Level::BB, None).await.unwrap();
    (laboratory, issued.summary.number.to_string())
}

async fn page(laboratory: &Laboratory, number: &str, lang: &str) -> Response<String> {
    ask(laboratory, "GET", &format!("/certificates/{number}?lang={lang}"), BROWSER, vec![]).await
}

async fn send(laboratory: &Laboratory, number: &str, fields: &[(&str, &str)]) -> Response<String> {
    let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    ask(laboratory, "POST", &format!("/certificates/{number}?lang=ja"), BROWSER, form.into()).await
}

/// Which acts the page has a form for.
fn offered(page: &str) -> Vec<&str> {
    let buttons = page.split("name=\"act\" value=\"").skip(1);
    buttons.filter_map(|rest| rest.split('"').next()).collect()
}

#[tokio::test]
async fn a_certificate_is_suspended_released_and_revoked_in_a_browser_and_who_did_it_is_not_public() {
    let (laboratory, number) = with_a_certificate().await;
    let list = ask(&laboratory, "GET", "/certificates?lang=en", BROWSER, vec![]).await.into_body();
    assert!(list.contains(&format!("href=\"/certificates/{number}?lang=en\"")), "{list}");
    let fresh = page(&laboratory, &number, "en").await.into_body();
    assert_eq!(offered(&fresh), ["revoke", "suspend", "reissue"]);
    for link in
        ["/issuer/api/certificates/{}/pdf", "/issuer/api/certificates/{}/badge", "/c/{}?", "/crossings?number={}"]
    {
        assert!(fresh.contains(&link.replace("{}", &number)), "{link}: {fresh}");
    }
    for (act, then) in [("suspend", vec!["revoke", "release"]), ("release", vec!["revoke", "suspend", "reissue"])] {
        let done = send(&laboratory, &number, &[("act", act), ("reason", "確認中"), ("by", "教務係 <a>")]).await;
        assert_eq!(
            (done.status(), done.headers()["location"].to_str().unwrap()),
            (StatusCode::SEE_OTHER, &*format!("{number}?lang=ja"))
        );
        assert_eq!(offered(page(&laboratory, &number, "en").await.body()), then);
    }
    let since = [("act", "revoke"), ("reason", "x"), ("since", "2026-11-24T18:00")]; // 09:00 UTC, when it was issued
    assert_eq!(send(&laboratory, &number, &since).await.status(), StatusCode::SEE_OTHER);
    let standing = laboratory.issuer.standing(&number).await.unwrap();
    assert_eq!((standing.state, standing.since.to_string().as_str()), (StandingState::Revoked, "2026-11-24T09:00:00Z"));
    let over = page(&laboratory, &number, "ja").await.into_body();
    assert!(over.contains("できることはもうありません") && offered(&over).is_empty(), "{over}");
    assert!(over.contains("教務係 &#60;a&#62;") && over.contains("確認中"), "{over}");
    let public = ask(&laboratory, "GET", &format!("/c/{number}?lang=ja"), BROWSER, vec![]).await.into_body();
    assert!(public.contains("確認中") && !public.contains("教務係"), "{public}");
}

#[tokio::test]
async fn a_certificate_is_issued_again_with_what_is_corrected_and_everything_else_stays() {
    let (laboratory, number) = with_a_certificate().await;
    let fresh = page(&laboratory, &number, "ja").await.into_body();
    assert!(fresh.contains("name=\"name\" required maxlength=\"60\" value=\"髙橋 花子\""), "{fresh}");
    let wanted = [
        ("act", "reissue"),
        ("reason", "氏名の誤記"),
        ("name", "高橋 花子"),
        ("name_roman", "TAKAHASHI Hanako"),
        ("completed_on", "2025-09-26"),
        ("valid_until", "2030-03-31"),
        ("level", "B-B"),
    ];
    let mut places = Vec::new();
    for _ in 0..2 {
        let done = send(&laboratory, &number, &wanted).await;
        assert_eq!(done.status(), StatusCode::SEE_OTHER, "{}", done.body());
        places.push(done.headers()["location"].to_str().unwrap().to_owned());
    }
    assert_eq!(places[0], places[1], "sent twice it is issued once");
    let successor = places[0].split('?').next().unwrap().to_owned();
    let before: issuer::CompletionData =
        serde_json::from_str(include_str!("../../../examples/certificate.json")).unwrap();
    let mut expected = before.clone();
    expected.recipient.name = "高橋 花子".into();
    expected.recipient.name_roman = Some("TAKAHASHI Hanako".into());
    expected.valid_until = Some("2030-03-31".parse().unwrap());
    let issued = laboratory.issuer.find(&successor).await.unwrap();
    assert_eq!(serde_json::from_str::<issuer::CompletionData>(&issued.completion).unwrap(), expected);
    let new = page(&laboratory, &successor, "en").await.into_body();
    assert!(new.contains(&format!("href=\"/certificates/{number}?lang=en\"")), "{new}");
    assert_eq!(offered(page(&laboratory, &number, "en").await.body()), ["revoke"]);
}

#[tokio::test]
async fn what_cannot_be_done_is_told_on_the_page_where_what_was_typed_is_still_seen() {
    let (laboratory, number) = with_a_certificate().await;
    for (fields, status, why, typed) in [
        (&[("act", "revoke"), ("reason", " "), ("by", "教務係")][..], 400, "理由（reason）", "value=\"教務係\""),
        (&[("act", "release"), ("reason", "x")], 409, "停止解除（release）できません", "value=\"suspend\""),
        (
            &[("act", "revoke"), ("reason", "後日"), ("since", "2027-01-01T00:00")],
            400,
            "いつから（since）",
            "value=\"後日\"",
        ),
        (
            &[("act", "reissue"), ("reason", "x"), ("valid_until", "soon")],
            400,
            "日付を読み取れません",
            "value=\"soon\"",
        ),
        (
            &[("act", "reissue"), ("reason", "x"), ("valid_until", "2020-01-01")],
            422,
            "valid_until",
            "value=\"2020-01-01\"",
        ),
        (&[("act", "reissue"), ("reason", "x"), ("name", "   ")], 422, "recipient.name", "value=\"x\""),
        (&[("act", "reissue"), ("reason", "x"), ("completed_on", "")], 400, "日付を読み取れません", "value=\"x\""),
        (&[("act", "explode"), ("reason", "x")], 400, "証明書のページのボタン", ""),
        (&[], 400, "証明書のページのボタン", ""),
    ] {
        let refused = send(&laboratory, &number, fields).await;
        assert_eq!(refused.status().as_u16(), status, "{fields:?}: {}", refused.body());
        assert!(refused.body().contains(why) && refused.body().contains(typed), "{fields:?}: {}", refused.body());
    }
    assert_eq!(laboratory.issuer.standing(&number).await.unwrap().history, []);
    for (method, body) in [("GET", ""), ("POST", "act=revoke&reason=x")] {
        let unknown = ask(&laboratory, method, "/certificates/TBU-2026-000099-D?lang=ja", BROWSER, body.into()).await;
        assert_eq!(unknown.status(), StatusCode::NOT_FOUND, "{method}");
    }
}

#[tokio::test]
async fn a_form_and_its_answer_tell_the_time_in_japan_and_the_minute_of_the_issue_is_its_moment() {
    let laboratory = laboratory().await;
    laboratory.world.clock.advance("31s".parse().unwrap()).await.unwrap();
    let completion = issuer::Completion::from_json(include_bytes!("../../../examples/certificate.json")).unwrap();
    let issued = laboratory.issuer.issue(&completion, sealing::Level::BB, None).await.unwrap().summary;
    let number = issued.number.to_string();
    assert_ne!(issued.issued_at.as_second() % 60, 0, "{}", issued.issued_at);
    for lang in ["ja", "en"] {
        let form = "act=revoke&reason=x&since=2026-11-24T17:59".into();
        let place = format!("/certificates/{number}?lang={lang}");
        let early = ask(&laboratory, "POST", &place, BROWSER, form).await;
        assert_eq!(early.status(), StatusCode::BAD_REQUEST);
        for time in ["2026-11-24 17:59:00 (JST)", &verifier::explanation::japan_time(issued.issued_at)] {
            assert!(early.body().contains(time), "{time}: {}", early.body());
        }
        assert!(!early.body().contains("T08:59"), "{}", early.body());
    }
    let at_its_minute = [("act", "revoke"), ("reason", "x"), ("since", "2026-11-24T18:00")];
    let done = send(&laboratory, &number, &at_its_minute).await;
    assert_eq!(done.status(), StatusCode::SEE_OTHER, "{}", done.body());
    assert_eq!(laboratory.issuer.standing(&number).await.unwrap().since, issued.issued_at);
}

#[test]
fn only_what_is_a_time_is_told_as_one() {
    let told = "2026-11-24T09:00:31Z から 2026-11-24T09:01:00.5Z。TBU-2026-000001-N, 12:30Z, 2026-11-24.";
    let expected = "2026-11-24 18:00:31 (JST) から 2026-11-24 18:01:00 (JST)。TBU-2026-000001-N, 12:30Z, 2026-11-24.";
    assert_eq!(super::act::in_japan(told), expected);
    assert_eq!(super::act::in_japan("between 2026-11-24T09:00:31Z."), "between 2026-11-24 18:00:31 (JST).");
}

#[tokio::test]
async fn an_invoice_is_called_so_wherever_its_pages_speak_of_it() {
    let laboratory = laboratory().await;
    let completion = issuer::Completion::from_json(include_bytes!("../../../examples/invoice.json")).unwrap();
    let old = laboratory.issuer.issue(&completion, sealing::Level::BB, None).await.unwrap().summary.number.to_string();
    let wanted = [("act", "reissue"), ("reason", "x"), ("level", "B-B")];
    let done = send(&laboratory, &old, &wanted).await;
    let new = done.headers()["location"].to_str().unwrap().split('?').next().unwrap().to_owned();
    let form = |pdf: &[u8]| {
        let head = b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n";
        [head, pdf, b"\r\n--x--\r\n"].concat()
    };
    let pdf = laboratory.issuer.find(&old).await.unwrap().pdf;
    let judged = ask(&laboratory, "POST", "/verify?lang=ja", BROWSER, form(&pdf)).await;
    let place = format!("/{}", judged.headers()["location"].to_str().unwrap());
    let verdict = ask(&laboratory, "GET", &place, BROWSER, vec![]).await.into_body();
    assert!(verdict.contains("新しい請求書に差し替えられました") && !verdict.contains("新しい証明書"), "{verdict}");
    for (lang, noun, expected) in [
        ("ja", "証明書", ["新しい請求書に", "新しい請求書: ", "差し替え前の請求書"]),
        ("en", "certificate", ["Another invoice has", "another invoice took", "The invoice whose place"]),
    ] {
        for folder in ["c", "certificates"] {
            let page = async |number| {
                ask(&laboratory, "GET", &format!("/{folder}/{number}?lang={lang}"), BROWSER, vec![]).await.into_body()
            };
            let both = [page(&old).await, page(&new).await].concat();
            let standing = both.split("<section>").filter(|section| {
                section.contains("class=\"answer") && section.contains(expected[0]) || section.contains(expected[2])
            });
            let standing: String = standing.flat_map(|section| section.split("<p class=\"soft\">").next()).collect();
            for text in expected {
                assert!(standing.contains(text), "{folder} {text}: {standing}");
            }
            assert!(!standing.replace("certificates/", "").contains(noun), "{folder} {noun}: {standing}");
        }
    }
}
