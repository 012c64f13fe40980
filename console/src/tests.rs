//! The pages of a world in memory, as a browser asks for them.

use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, StatusCode};
use laboratory::Laboratory;
use pki::KeyKind;
use tower::ServiceExt;
use world::World;

pub(crate) const BROWSER: &str = "text/html,application/xhtml+xml,*/*;q=0.8";

pub(crate) async fn laboratory() -> Laboratory {
    let at = "2026-11-24T09:00:00Z".parse().unwrap();
    let world = World::in_memory("http://127.0.0.1:8700", at).await.unwrap();
    Laboratory::open(&world, KeyKind::P256, super::router).await.unwrap()
}

pub(crate) async fn ask(
    laboratory: &Laboratory,
    method: &str,
    path: &str,
    accept: &str,
    body: Vec<u8>,
) -> Response<String> {
    let request = Request::builder().method(method).uri(path).header("accept", accept);
    let request = request.header("content-type", "multipart/form-data; boundary=x").body(Body::from(body)).unwrap();
    let (parts, body) =
        super::problem::for_people(laboratory.services.clone(), |_| false).oneshot(request).await.unwrap().into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    Response::from_parts(parts, String::from_utf8_lossy(&body).into_owned())
}

/// A form with that file.
fn form(pdf: &[u8]) -> Vec<u8> {
    let head = b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n";
    [head, pdf, b"\r\n--x--\r\n"].concat()
}

#[tokio::test]
async fn a_verdict_stays_when_the_language_is_switched() {
    let laboratory = laboratory().await;
    let completion = issuer::Completion::from_json(include_bytes!("../../examples/certificate.json")).unwrap();
    let issued = laboratory.issuer.issue(&completion, sealing::Level::BT, None).await.unwrap();
    let answer = ask(&laboratory, "POST", "/verify?lang=ja", BROWSER, form(&issued.pdf)).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{}", answer.body());
    let place = answer.headers()["location"].to_str().unwrap();
    let (address, query) = place.split_once('?').unwrap();
    assert!(
        query == "lang=ja" && address.starts_with("verify/"),
        "relative, so that it is right under /w/NAME: {place}"
    );
    let japanese = ask(&laboratory, "GET", &format!("/{place}"), BROWSER, vec![]).await;
    let english = ask(&laboratory, "GET", &format!("/{address}?lang=en"), BROWSER, vec![]).await;
    assert!(japanese.body().contains("検証結果: a.pdf") && japanese.body().contains("TOTAL-PASSED"));
    assert!(english.body().contains("Verification: a.pdf") && english.body().contains("TOTAL-PASSED"));
    for page in [&japanese, &english] {
        assert!(page.body().contains("href=\"?lang=ja\"") && page.body().contains("href=\"?lang=en\""));
        assert!(page.headers()["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
    }
}

#[tokio::test]
async fn errors_are_pages_for_browsers_and_objects_for_programs() {
    let laboratory = laboratory().await;
    for (method, path, body, status, heading) in [
        ("POST", "/verify?lang=ja", form(b"no PDF"), 422, "このファイルは検証できません"),
        ("POST", "/verify", form(b""), 400, "The request cannot be read"),
        ("POST", "/verify", b"no form".to_vec(), 400, "The request cannot be read"),
        ("GET", "/verify/0123", vec![], 404, "Not found"),
        ("GET", "/c/%FF?lang=ja", vec![], 400, "文字として読み取れない部分"),
        ("GET", "/batches/abc?lang=ja", vec![], 400, "アドレスの「abc」は、そこに必要なもの（番号など）ではありません"),
        ("GET", "/certificates?recipient=%00&lang=ja", vec![], 400, "recipient: 氏名または識別子が必要ですが"),
        ("GET", "/crossings?lang=ja", vec![], 400, "証明書の番号（number=番号）か"),
        ("GET", "/crossings?batch=x&lang=ja", vec![], 404, "一括発行「x」はありません"),
        ("GET", "/verify?lang=ja&lang=ja", vec![], 400, "重なった項目があります"),
        ("GET", "/verify?lang=en&lang=en", vec![], 400, "the query has the member `lang` more than once"),
    ] {
        let page = ask(&laboratory, method, path, BROWSER, body.clone()).await;
        assert_eq!(page.status().as_u16(), status, "{path}");
        assert!(page.headers()["content-type"].to_str().unwrap().starts_with("text/html"), "{path}");
        assert!(page.body().contains(heading), "{path}: {}", page.body());
        assert_eq!(page.headers()["x-frame-options"], "DENY", "{path}");
        let mut policies = page.headers().get_all("content-security-policy").iter();
        assert!(policies.any(|policy| policy.to_str().unwrap().contains("frame-ancestors 'none'")), "{path}");
        let object = ask(&laboratory, method, path, "*/*", body).await;
        assert_eq!(
            (object.status().as_u16(), &object.headers()["content-type"]),
            (status, &"application/json".parse().unwrap())
        );
    }
}

#[tokio::test]
async fn programs_get_objects_whatever_they_say_that_they_like() {
    let laboratory = laboratory().await;
    let java = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2";
    let both = "application/json, text/html;q=0.5";
    for (method, path, accept, status) in [
        ("GET", "/ca/crl/none.crl", BROWSER, 404),
        ("GET", "/ca/api/nowhere", java, 404),
        ("GET", "/tsa", java, 405),
        ("POST", "/tsa", BROWSER, 415),
        ("POST", "/csc/v2/info/none", java, 404),
        ("GET", "/issuer/api/certificates/x", BROWSER, 404),
        ("POST", "/verifier/api/validations", java, 422),
        ("GET", "/testbed/api/nowhere", BROWSER, 404),
        ("GET", "/w/class/tsa", BROWSER, 404),
        ("GET", "/nowhere", java, 404),
        ("GET", "/verify?lang=a&lang=b", both, 400),
    ] {
        let answer = ask(&laboratory, method, path, accept, vec![]).await;
        assert_eq!(answer.status().as_u16(), status, "{path}");
        assert_eq!(answer.headers()["content-type"], "application/json", "{path}");
        let error: serde_json::Value = serde_json::from_str(answer.body()).unwrap();
        assert!(error["error"].is_string(), "{path}: {error}");
    }
}

#[tokio::test]
async fn what_depends_on_who_asks_says_so() {
    let laboratory = laboratory().await;
    for (path, accept, language) in [
        ("/?lang=ja", BROWSER, Some("ja")),
        ("/verify", BROWSER, Some("en")),
        ("/nowhere?lang=ja", BROWSER, Some("ja")),
        ("/nowhere?lang=ja", "*/*", None),
    ] {
        let answer = ask(&laboratory, "GET", path, accept, vec![]).await;
        assert_eq!(answer.headers()["vary"], "accept, accept-language", "{path}");
        assert_eq!(answer.headers().get("content-language").map(|one| one.to_str().unwrap()), language, "{path}");
    }
    assert!(!ask(&laboratory, "GET", "/ca/trust.pem", BROWSER, vec![]).await.headers().contains_key("vary"));
}

#[tokio::test]
async fn the_language_of_a_page_is_switched_and_what_was_asked_stays() {
    let laboratory = laboratory().await;
    for (path, other) in [
        ("/verify?policy=strict&at=2030-01-01&lang=ja", "?lang=en&#38;policy=strict&#38;at=2030-01-01"),
        ("/verify?lang=ja&policy=none&at=x", "?lang=en&#38;policy=none&#38;at=x"),
        ("/nowhere?a=%22%3E&lang=ja", "?lang=en&#38;a=%22%3E"),
        ("/c/none?lang=ja", "?lang=en"),
    ] {
        let page = ask(&laboratory, "GET", path, BROWSER, vec![]).await;
        assert!(page.body().contains(&format!("<a href=\"{other}\" lang=\"en\"")), "{path}: {}", page.body());
    }
}

#[tokio::test]
async fn why_an_upload_has_no_verdict_is_read_in_the_other_language_too() {
    let laboratory = laboratory().await;
    let failed = ask(&laboratory, "POST", "/verify?lang=ja", BROWSER, form(b"no PDF")).await;
    assert_eq!(failed.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let (_, link) = failed.body().split_once("<a href=\"verify/").unwrap();
    let (id, _) = link.split_once('?').unwrap();
    for (language, heading) in [("ja", "このファイルは検証できません"), ("en", "This file cannot be judged")]
    {
        let kept = ask(&laboratory, "GET", &format!("/verify/{id}?lang={language}"), BROWSER, vec![]).await;
        assert_eq!(kept.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(kept.body().contains(heading) && kept.body().contains("href=\"../verify?lang="), "{}", kept.body());
        assert!(kept.body().contains("<a href=\"?lang=en\""), "{}", kept.body());
    }
    let object = ask(&laboratory, "POST", "/verify?lang=ja", "*/*", form(b"no PDF")).await;
    assert_eq!(object.headers()["content-type"], "application/json");
}

#[tokio::test]
async fn a_file_is_judged_whatever_it_is_called_or_is_told_to_be_renamed() {
    let laboratory = laboratory().await;
    let pdf = include_bytes!("../../examples/report.pdf");
    for (name, shown) in [
        (&b"bell\x07\x1b[2J.pdf"[..], None),
        (b"\xff\xfe.pdf", Some("\u{fffd}\u{fffd}.pdf")),
        (b"<script>%22.pdf", Some("&#60;script&#62;%22.pdf")),
    ] {
        let head = [b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"", name, b"\"\r\n\r\n"].concat();
        let answer =
            ask(&laboratory, "POST", "/verify?lang=en", BROWSER, [&head, &pdf[..], b"\r\n--x--\r\n"].concat()).await;
        let Some(shown) = shown else {
            assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
            assert!(answer.body().contains("rename it"), "{}", answer.body());
            continue;
        };
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{shown}: {}", answer.body());
        let place = format!("/{}", answer.headers()["location"].to_str().unwrap());
        let verdict = ask(&laboratory, "GET", &place, BROWSER, vec![]).await;
        assert!(verdict.body().contains(&format!("Verification: {shown}")), "{}", verdict.body());
    }
}

#[tokio::test]
async fn the_page_of_a_number_that_was_given_up_says_so_and_why_but_not_to_strangers() {
    let laboratory = laboratory().await;
    let completion = issuer::Completion::from_json(include_bytes!("../../examples/certificate.json")).unwrap();
    assert!(laboratory.issuer.issue(&completion, sealing::Level::BB, Some("none")).await.is_err());
    let number = laboratory.issuer.gaps().await.unwrap()[0].number.to_string();
    let page = async || ask(&laboratory, "GET", &format!("/c/{number}?lang=en"), BROWSER, vec![]).await;
    assert!(page().await.body().contains("has not been issued yet"));
    laboratory.issuer.give_up(&number, "left the course").await.unwrap();
    let page = page().await;
    assert_eq!(page.status(), StatusCode::NOT_FOUND);
    assert!(page.body().contains("was given up") && page.body().contains("left the course"), "{}", page.body());
    let (_, bare) = as_stranger(&laboratory, &format!("/c/{number}?lang=en")).await;
    assert!(bare.contains("was given up") && !bare.contains("left the course"), "{bare}");
}

#[tokio::test]
async fn the_page_of_a_certificate_names_the_organization_that_issued_it() {
    let mut laboratory = laboratory().await;
    let college = issuer::Organization {
        id: "college".to_owned(),
        name_ja: "試験短期大学".to_owned(),
        name_en: "Testbed College".to_owned(),
        number_prefix: "COL".to_owned(),
        ..issuer::Organization::testbed()
    };
    let organizations = vec![issuer::Organization::testbed(), college];
    let secret = issuer::Secret::new([7; 32]);
    let issuer = issuer::Issuer::open(&laboratory.world, &laboratory.reach, organizations, secret).await.unwrap();
    let completion = issuer::Completion::from_json(include_bytes!("../../examples/certificate.json")).unwrap();
    let mut numbers = Vec::new();
    for id in ["tbu", "college"] {
        let issuer = issuer.in_the_name_of(Some(id)).unwrap();
        numbers.push(issuer.issue(&completion, sealing::Level::BB, None).await.unwrap().summary.number);
    }
    laboratory.issuer = issuer;
    laboratory.services = super::router(&laboratory);
    for (number, english, japanese) in
        [(&numbers[0], "Testbed University", "試験大学"), (&numbers[1], "Testbed College", "試験短期大学")]
    {
        for (language, name) in [("en", english), ("ja", japanese)] {
            let page = ask(&laboratory, "GET", &format!("/c/{number}?lang={language}"), BROWSER, vec![]).await;
            assert!(page.body().contains(&format!("<td>{name}</td>")), "{}", page.body());
        }
    }
}

/// A form of these fields: name of the file, if it is one, and content.
fn fields(fields: &[(Option<&str>, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (file, content) in fields {
        let file = file.map(|name| format!("; filename=\"{name}\"")).unwrap_or_default();
        body.extend(format!("--x\r\nContent-Disposition: form-data; name=\"file\"{file}\r\n\r\n").as_bytes());
        body.extend(*content);
        body.extend(b"\r\n");
    }
    body.extend(b"--x--\r\n");
    body
}

#[tokio::test]
async fn of_a_form_the_one_file_is_judged_and_several_are_refused() {
    let laboratory = laboratory().await;
    let completion = issuer::Completion::from_json(include_bytes!("../../examples/certificate.json")).unwrap();
    let pdf = laboratory.issuer.issue(&completion, sealing::Level::BB, None).await.unwrap().pdf;
    for (form, path, status, sentence) in [
        (fields(&[(Some(""), b""), (Some("a.pdf"), &pdf)]), "/verify?lang=ja", 303, ""),
        (fields(&[(None, b"words"), (Some("a.pdf"), &pdf), (Some(""), b"")]), "/verify?lang=ja", 303, ""),
        (fields(&[(Some("a.pdf"), &pdf), (Some("b.pdf"), &pdf)]), "/verify?lang=ja", 400, "一つずつ"),
        (fields(&[(None, &pdf)]), "/verify?lang=ja", 400, "ファイルが選ばれていないか"),
        (fields(&[(Some("a.pdf"), &pdf)]), "/verify?lang=en&polcy=strict", 400, "unknown field `polcy`"),
        (fields(&[(Some("a.pdf"), &pdf)]), "/verify?lang=ja&policy=none", 400, "検証ポリシーはありません"),
        (fields(&[(Some("a.pdf"), &pdf)]), "/verify?lang=ja&at=soon", 400, "検証時刻"),
    ] {
        let answer = ask(&laboratory, "POST", path, BROWSER, form).await;
        assert_eq!(answer.status().as_u16(), status, "{path}: {}", answer.body());
        assert!(answer.body().contains(sentence), "{path}: {}", answer.body());
    }
    let answer = ask(&laboratory, "GET", "/verify?lang=en&policy=strict&at=2030-01-01", BROWSER, vec![]).await;
    assert!(answer.body().contains("action=\"?lang=en&#38;policy=strict&#38;at=2030-01-01\""), "{}", answer.body());
    let later = ask(&laboratory, "POST", "/verify?policy=strict&at=2036-01-01", BROWSER, form(&pdf)).await;
    let place = format!("/{}", later.headers()["location"].to_str().unwrap());
    let verdict = ask(&laboratory, "GET", &place, BROWSER, vec![]).await;
    assert!(verdict.body().contains("INDETERMINATE") && verdict.body().contains("2036"), "{}", verdict.body());
    let mail = ask(&laboratory, "GET", "/?utm_source=mail", BROWSER, vec![]).await;
    assert_eq!(mail.status(), StatusCode::OK, "marks that mail programs add change nothing");
}

#[tokio::test]
async fn errors_are_pages_at_every_address_and_a_japanese_page_says_them_in_japanese() {
    let laboratory = laboratory().await;
    for (method, path, status, sentence) in [
        ("GET", "/nowhere?lang=ja", 404, "/nowhere には何もありません"),
        ("DELETE", "/verify?lang=ja", 405, "/verify では DELETE を使えません"),
        ("GET", "/verify/0123?lang=ja", 404, "この検証結果はもう残っていない"),
        ("GET", "/w/none/c/1?lang=ja", 404, "何もありません"),
    ] {
        let page = ask(&laboratory, method, path, BROWSER, vec![]).await;
        assert_eq!(page.status().as_u16(), status, "{path}");
        assert!(
            page.body().contains(sentence) && !page.body().contains("lang=\"en\">there is"),
            "{path}: {}",
            page.body()
        );
        let object = ask(&laboratory, method, path, "*/*", vec![]).await;
        assert_eq!(object.headers()["content-type"], "application/json", "{path}");
    }
    let slash = ask(&laboratory, "GET", "/verify/?lang=ja", BROWSER, vec![]).await;
    assert_eq!((slash.status().as_u16(), &slash.headers()["location"]), (308, &"../verify?lang=ja".parse().unwrap()));
}

/// Status and text of what a stranger is answered at an exposed server.
async fn as_stranger(laboratory: &Laboratory, path: &str) -> (u16, String) {
    let guard = world::guard::Guard::new(8700);
    guard.expose(world::guard::Token::random());
    let mut request = axum::http::Request::get(path).body(axum::body::Body::empty()).unwrap();
    request.extensions_mut().insert(guard.stranger(None));
    let answer = tower::ServiceExt::oneshot(laboratory.services.clone(), request).await.unwrap();
    let (head, body) = answer.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    (head.status.as_u16(), String::from_utf8_lossy(&body).into_owned())
}

fn revocation(reason: &str) -> issuer::api::IssuedRevocation {
    issuer::api::IssuedRevocation { reason: reason.to_owned(), ..issuer::api::IssuedRevocation::default() }
}

async fn issued(laboratory: &Laboratory) -> issuer::Issued {
    let completion = issuer::Completion::from_json(include_bytes!("../../examples/certificate.json")).unwrap();
    laboratory.issuer.issue(&completion, sealing::Level::BB, None).await.unwrap()
}

#[tokio::test]
async fn the_page_of_a_certificate_tells_how_it_stands_apart_from_its_seal() {
    use issuer::api::{IssuedRevocation, Reissue, StandingChange};
    let laboratory = laboratory().await;
    let number = issued(&laboratory).await.summary.number.to_string();
    let page = async |number: &str, language: &str| {
        ask(&laboratory, "GET", &format!("/c/{number}?lang={language}"), BROWSER, vec![]).await.into_body()
    };
    let seal_holds = "Issued by TESTBED University; not changed since.";
    let english = page(&number, "en").await;
    assert!(english.contains("✔ It is valid") && english.contains(seal_holds), "{english}");
    let change = StandingChange { reason: "照会中".into(), by: None };
    laboratory.issuer.suspend(&number, &change).await.unwrap();
    let japanese = page(&number, "ja").await;
    assert!(japanese.contains("! 効力が一時停止されています") && japanese.contains("照会中"), "{japanese}");
    laboratory.issuer.release(&number, &change).await.unwrap();
    let request = Reissue {
        another: Vec::new(),
        by: None,
        completion: None,
        level: Some(sealing::Level::BB),
        reason: "lost".into(),
        template_version: None,
    };
    let successor = laboratory.issuer.reissue(&number, request).await.unwrap().issued.summary.number.to_string();
    let old = page(&number, "en").await;
    assert!(old.contains("✖ Another certificate has taken its place") && old.contains(seal_holds), "{old}");
    assert!(old.contains(&format!("href=\"/c/{successor}?lang=en\"")) && old.contains("Use the new one."), "{old}");
    assert!(page(&successor, "en").await.contains(&format!("href=\"/c/{number}?lang=en\"")));
    let revocation = IssuedRevocation { reason: "<b>wrong</b>".into(), ..IssuedRevocation::default() };
    laboratory.issuer.revoke(&successor, &revocation).await.unwrap();
    let revoked = page(&successor, "en").await;
    assert!(revoked.contains("✖ It was revoked by its issuer") && revoked.contains(seal_holds), "{revoked}");
    assert!(revoked.contains("&#60;b&#62;wrong"), "{revoked}");
    let old = page(&number, "en").await;
    assert!(old.contains("that one does not count either") && !old.contains("Use the new one."), "{old}");
    laboratory.issuer.revoke(&number, &revocation).await.unwrap();
    let both = page(&number, "en").await;
    assert!(both.contains("✖ It was revoked by its issuer"), "{both}");
    assert!(both.contains(&format!("The new certificate: <a href=\"/c/{successor}?lang=en\"")), "still told: {both}");
    let history = both.split("What became of it").nth(1).unwrap();
    let places =
        ["suspended: 照会中", "released: 照会中", "took its place <a", "revoked: &#60;b"].map(|one| history.find(one));
    assert!(places.is_sorted() && places.iter().all(Option::is_some), "{places:?}: {history}");
}

#[tokio::test]
async fn the_page_of_a_certificate_whose_last_day_is_over_says_that_it_has_expired() {
    let laboratory = laboratory().await;
    let mut data: serde_json::Value = serde_json::from_str(include_str!("../../examples/certificate.json")).unwrap();
    data["valid_until"] = "2026-11-30".into();
    let completion = issuer::Completion::from_json(data.to_string().as_bytes()).unwrap();
    let issued = laboratory.issuer.issue(&completion, sealing::Level::BB, None).await.unwrap();
    let address = format!("/c/{}?lang=ja", issued.summary.number);
    let page = async || ask(&laboratory, "GET", &address, BROWSER, vec![]).await.into_body();
    let before = page().await;
    assert!(before.contains("✔ 有効です") && before.contains("2026-11-30"), "{before}");
    laboratory.world.clock.set("2026-12-01T00:00:00+09:00".parse().unwrap()).await.unwrap();
    let after = page().await;
    assert!(after.contains("✖ 有効期限が切れています") && !after.contains("✔ 有効です"), "{after}");
    assert!(after.contains("2026-12-01 00:00:00"), "{after}");
    let listed = ask(&laboratory, "GET", "/certificates?lang=ja&state=expired", BROWSER, vec![]).await;
    assert!(listed.body().contains("期限切れ</td>"), "{}", listed.body());
}

#[tokio::test]
async fn a_stranger_sees_how_a_certificate_stands_and_whose_it_is_only_with_the_code_that_is_printed_on_it() {
    let laboratory = laboratory().await;
    let summary = issued(&laboratory).await.summary;
    let get = async |path: String| as_stranger(&laboratory, &path).await;
    let (number, code) = (&summary.number, &summary.confirmation_code);
    let personal = [summary.recipient.as_str(), &summary.achievement_en, code, "/pdf", "/crossings", "/batches"];
    let (_, bare) = get(format!("/c/{number}?lang=en")).await;
    assert!(bare.contains("✔ It is valid") && bare.contains("name=\"code\""), "{bare}");
    assert!(personal.iter().all(|text| !bare.contains(text)), "{bare}");
    let (_, wrong) = get(format!("/c/{number}?lang=en&code=0000-0000-0000")).await;
    assert!(wrong.contains("The confirmation code is wrong.") && !wrong.contains(personal[0]), "{wrong}");
    let typed = code.replace('-', "").to_lowercase();
    let (_, whole) = get(format!("/c/{number}?lang=en&code={typed}")).await;
    assert!(personal[..3].iter().all(|text| whole.contains(text)), "{whole}");
    assert!(whole.contains(&format!("/pdf?code={typed}")) && !whole.contains("/crossings"), "{whole}");
    let file = format!("/issuer/api/certificates/{number}/pdf");
    let badge = format!("/issuer/api/certificates/{number}/badge");
    for (query, status) in [("", 403), ("?code=x", 403), (&format!("?code={code}"), 200)] {
        assert_eq!(get(format!("{file}{query}")).await.0, status, "{query}");
        assert_eq!(get(format!("{badge}{query}")).await.0, status, "the badge, {query}");
    }
    laboratory.issuer.revoke(&number.to_string(), &revocation("withdrawn")).await.unwrap();
    assert_eq!(get(badge).await.0, 410, "that it was revoked, everybody may know");
}

#[tokio::test]
async fn a_verdict_has_the_registers_answer_beside_it_if_the_file_is_a_certificate_of_this_world() {
    let laboratory = laboratory().await;
    let issued = issued(&laboratory).await;
    let number = issued.summary.number.to_string();
    laboratory.issuer.revoke(&number, &revocation("withdrawn")).await.unwrap();
    let verdict = async |pdf: &[u8]| {
        let answer = ask(&laboratory, "POST", "/verify?lang=en", BROWSER, form(pdf)).await;
        let place = format!("/{}", answer.headers()["location"].to_str().unwrap());
        ask(&laboratory, "GET", &place, BROWSER, vec![]).await.into_body()
    };
    let page = verdict(&issued.pdf).await;
    assert!(page.contains("✖ It was revoked by its issuer") && page.contains("TOTAL-PASSED"), "{page}");
    assert!(page.contains(&format!("href=\"/c/{number}?lang=en\"")), "{page}");
    let mut changed = issued.pdf.clone();
    let place = changed.windows(9).position(|window| window == b"/Producer").unwrap();
    changed[place + 1] = b'Q';
    let page = verdict(&changed).await;
    assert!(page.contains("TOTAL-FAILED") && !page.contains("revoked by its issuer"), "a changed file is none: {page}");
    let page = verdict(include_bytes!("../../examples/report.pdf")).await;
    assert!(!page.contains("the issuer&#39;s register"), "{page}");
}

#[tokio::test]
async fn certificates_are_searched_and_paged_and_what_crossed_for_one_is_shown() {
    let laboratory = laboratory().await;
    let completion = issuer::Completion::from_json(include_bytes!("../../examples/certificate.json")).unwrap();
    let mut numbers = Vec::new();
    for _ in 0..2 {
        numbers.push(issued(&laboratory).await.summary.number.to_string());
    }
    let empty = "lang=ja&recipient=&achievement=&number=&state=&issued-from=&issued-to=";
    let page = ask(&laboratory, "GET", &format!("/certificates?{empty}"), BROWSER, vec![]).await;
    assert_eq!(page.status(), StatusCode::OK);
    assert!(
        page.body().contains("有効") && numbers.iter().all(|number| page.body().contains(number)),
        "{}",
        page.body()
    );
    let none = ask(&laboratory, "GET", "/certificates?lang=en&state=revoked", BROWSER, vec![]).await;
    assert!(
        none.body().contains("There is none.") && none.body().contains("value=\"revoked\" selected"),
        "{}",
        none.body()
    );
    for (query, field, why) in [
        ("state=good", "state", "状態は valid, suspended"),
        ("issued-from=soon", "issued-from", "日付または時刻"),
        ("number=000004", "number", "PREFIX-YYYY-NNNNNN-C の形"),
        ("number=TBU-2026-000099-X", "number", "最後の検査文字が合いません"),
    ] {
        let refused =
            ask(&laboratory, "GET", &format!("/certificates?lang=ja&recipient=abc&{query}"), BROWSER, vec![]).await;
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST, "{query}");
        let after = refused.body().split(&format!("id=\"{field}\"")).nth(1).unwrap_or_default();
        let row = after.split("</tr>").next().unwrap_or_default();
        assert!(row.contains(why), "{query}: {}", refused.body());
        assert!(refused.body().contains("value=\"abc\""), "what was typed stays: {}", refused.body());
    }
    let wide: String = numbers[0].chars().map(|one| char::from_u32(u32::from(one) + 0xfee0).unwrap()).collect();
    let wide: String = form_urlencoded::byte_serialize(wide.as_bytes()).collect();
    let found = ask(&laboratory, "GET", &format!("/certificates?number={wide}"), BROWSER, vec![]).await;
    assert!(found.body().contains(&format!("/certificates/{}?", numbers[0])), "{}", found.body());
    let crossings =
        ask(&laboratory, "GET", &format!("/crossings?number={}&lang=en", numbers[0]), BROWSER, vec![]).await;
    let marked = crossings.body().matches("<mark>").count();
    assert_eq!(marked, 4, "two digests, authorized and signed: {}", crossings.body());
    assert!(!crossings.body().contains(&completion.recipient().name));
}
