//! A register on its way from a browser to a batch, and what its pages say.

use axum::http::{Response, StatusCode};
use issuer::api::{IssuedRevocation, RowsQuery};
use laboratory::Laboratory;

use crate::tests::{BROWSER, ask, laboratory};

const REGISTER: &str = "氏名,メールアドレス,講座名,講座名（英語）,概要,修了要件,実施機関,学修時間,修了日,備考\n\
    髙橋 花子,hanako@example.ac.jp,統計入門,Introduction to Statistics,統計の基礎。,全課題の合格,試験大学,15,2025/9/26,\n\
    <b>一郎</b>,ichiro@example.ac.jp,統計入門,Introduction to Statistics,統計の基礎。,全課題の合格,試験大学,15,2025/9/26,\n\
    佐藤 次郎,,統計入門,Introduction to Statistics,統計の基礎。,全課題の合格,試験大学,十五,2025/9/26,\n";

/// A form with that file and those fields.
fn form(name: &str, content: &[u8], fields: &[(&str, &str)]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend(format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes());
    }
    let head = format!("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
    [&body, head.as_bytes(), content, b"\r\n--x--\r\n"].concat()
}

/// Where the register's own page is.
async fn sent(laboratory: &Laboratory, name: &str, content: &[u8], fields: &[(&str, &str)]) -> String {
    let answer = ask(laboratory, "POST", "/registers?lang=ja", BROWSER, form(name, content, fields)).await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{}", answer.body());
    let place = answer.headers()["location"].to_str().unwrap();
    assert!(place.starts_with("registers/"), "relative, so that it is right under /w/NAME: {place}");
    format!("/{place}")
}

async fn page(laboratory: &Laboratory, path: &str) -> Response<String> {
    ask(laboratory, "GET", path, BROWSER, vec![]).await
}

#[tokio::test]
async fn the_tab_that_a_form_offers_divides_the_cells_of_a_register() {
    let laboratory = laboratory().await;
    let offered = page(&laboratory, "/registers?lang=ja").await;
    assert!(offered.body().contains(r#"<option value="tab">"#), "{}", offered.body());
    // Of commas there are more.
    let tabs = REGISTER.replace(',', "\t").replace("統計の基礎。", &",".repeat(40));
    let place = sent(&laboratory, "春.csv", tabs.as_bytes(), &[("delimiter", "tab")]).await;
    assert!(place.ends_with("?lang=ja&delimiter=tab"), "{place}");
    let tried = page(&laboratory, &place).await;
    assert!(
        tried.status() == StatusCode::OK && tried.body().contains("<code>recipient.name</code>"),
        "{}",
        tried.body()
    );
    assert!(tried.body().contains(r#"<option value="tab" selected>"#), "{}", tried.body());
}

#[tokio::test]
async fn a_register_is_tried_first_and_says_what_is_wrong_with_which_cell() {
    let laboratory = laboratory().await;
    let fields = [("level", "B-B"), ("organization", ""), ("mapping", "")];
    let place = sent(&laboratory, "春.csv", REGISTER.as_bytes(), &fields).await;
    assert!(place.ends_with("?lang=ja&level=B-B"), "{place}");
    let tried = page(&laboratory, &place).await;
    let text = tried.body();
    assert_eq!(tried.status(), StatusCode::OK, "{text}");
    for expected in [
        "春.csv",
        "誤りのある行があります",
        "<code>recipient.name</code>",
        "セルに記入してください",
        "学修時間",
        "十五",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert!(text.contains("<option value=\"B-B\" selected>"), "{text}");
    assert!(text.contains(r#"<form method="post" action="?lang=ja&#38;level=B-B">"#), "{text}");
    assert!(!text.contains("<b>一郎"), "what stands in a file is no markup: {text}");
    let batches = laboratory.issuer.batches(&issuer::api::BatchesQuery::default()).await.unwrap();
    assert!(batches.batches.is_empty(), "a dry run issues nothing");
    let english = page(&laboratory, &place.replace("lang=ja", "lang=en")).await;
    assert!(english.body().contains("Some rows are faulty"), "{}", english.body());
}

#[tokio::test]
async fn a_register_that_was_tried_becomes_a_batch_and_the_same_again_issues_nothing_twice() {
    let laboratory = laboratory().await;
    let register = format!("2025年度修了者\n{REGISTER}");
    let place = sent(&laboratory, "spring.csv", register.as_bytes(), &[("level", "B-B")]).await;
    let issued = ask(&laboratory, "POST", &place, BROWSER, vec![]).await;
    assert_eq!(issued.status(), StatusCode::SEE_OTHER, "{}", issued.body());
    assert_eq!(issued.headers()["location"], "../batches/1?lang=ja");
    laboratory.issuer.begin_work();
    page(&laboratory, "/issuer/api/batches/1/events").await; // to its end
    let batch = page(&laboratory, "/batches/1?lang=en").await;
    let text = batch.body();
    assert!(text.contains("spring.csv") && text.contains("<b>Done</b>"), "{text}");
    assert!(text.contains("href=\"/c/TBU-2026-000001-N?lang=en\""), "{text}");
    assert!(text.contains("fill the cell in"), "{text}");
    let japanese = page(&laboratory, "/batches/1?lang=ja").await.into_body();
    assert!(
        japanese.contains("ファイルについて") && japanese.contains("見出し"),
        "lines above the headers: {japanese}"
    );
    ask(&laboratory, "POST", &place, BROWSER, vec![]).await;
    page(&laboratory, "/issuer/api/batches/2/events").await;
    let again = laboratory.issuer.batch(2).await.unwrap();
    assert_eq!((again.rows.unchanged, again.rows.delivered, again.rows.failed), (2, 0, 1));
    let list = page(&laboratory, "/batches?lang=ja").await;
    assert!(list.body().contains("/batches/2?lang=ja") && list.body().contains("完了"), "{}", list.body());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_clicks_several_times_makes_one_batch_and_whoever_opens_the_page_again_another() {
    let laboratory = laboratory().await;
    let place = sent(&laboratory, "spring.csv", REGISTER.as_bytes(), &[("level", "B-B")]).await;
    let button = async || {
        let tried = page(&laboratory, &place).await.into_body();
        let once = tried.split("name=\"once\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        format!("once={}", once.unwrap_or_else(|| panic!("{tried}")))
    };
    let click = async |form: &str| {
        let answer = ask(&laboratory, "POST", &place, BROWSER, form.into()).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{}", answer.body());
        answer.headers()["location"].to_str().unwrap().to_owned()
    };
    let form = button().await;
    let clicks = futures_util::future::join3(click(&form), click(&form), click(&form)).await;
    let first = "../batches/1?lang=ja".to_owned();
    assert_eq!(clicks, (first.clone(), first.clone(), first.clone()));
    assert_eq!(click(&form).await, first, "later too");
    assert_eq!(click(&button().await).await, "../batches/2?lang=ja", "it is a page of its own");
    let batches = laboratory.issuer.batches(&issuer::api::BatchesQuery::default()).await.unwrap();
    assert_eq!(batches.batches.len(), 2);
    let refused = ask(&laboratory, "POST", &place, BROWSER, b"once=x".to_vec()).await;
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
    assert!(refused.body().contains("名簿のページを開き直してください"), "{}", refused.body());
}

#[tokio::test]
async fn what_cannot_be_read_as_a_whole_says_so_beside_the_options_that_may_help() {
    let laboratory = laboratory().await;
    let place = sent(&laboratory, "a.csv", "氏名,講座名\n1,2\n".as_bytes(), &[]).await;
    let refused = page(&laboratory, &place).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let text = refused.body();
    assert!(text.contains("全体として読み取れません") && text.contains("次の列がありません"), "{text}");
    assert!(text.contains("name=\"encoding\"") && !text.contains("一括発行する"), "{text}");
    let issued = ask(&laboratory, "POST", &place, BROWSER, vec![]).await;
    assert_eq!(issued.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let mapping = "[columns]\n\"学生\" = \"recipient.name\"\n";
    let register = REGISTER.replace("氏名", "学生");
    let place = sent(&laboratory, "b.csv", register.as_bytes(), &[("mapping", mapping)]).await;
    let tried = page(&laboratory, &place).await.into_body();
    assert!(tried.contains("対応表を使っています") && !tried.contains("<details open>"), "{tried}");
    let wrong = page(&laboratory, &format!("{place}&level=A")).await;
    assert_eq!(wrong.status(), StatusCode::BAD_REQUEST, "{}", wrong.body());
}

#[tokio::test]
async fn a_form_without_a_file_and_a_register_that_is_not_kept_are_refused_in_words() {
    let laboratory = laboratory().await;
    for (method, path, body, status, sentence) in [
        ("POST", "/registers?lang=ja", form("a.csv", b"", &[]), 400, "ファイルが選ばれていないか、空です"),
        ("POST", "/registers?lang=en", b"no form".to_vec(), 400, "the form has no end"),
        ("POST", "/registers?lang=ja", form("a", b"b", &[("key", &"x".repeat(999))]), 400, "入力欄の一つが長すぎます"),
        ("GET", "/registers/0123?lang=ja", vec![], 404, "この名簿はもう残っていない"),
        ("POST", "/registers/0123?lang=en", vec![], 404, "choose the file again"),
        ("GET", "/registers?lang=en&colour=red", vec![], 400, "unknown field `colour`"),
    ] {
        let refused = ask(&laboratory, method, path, BROWSER, body).await;
        assert_eq!(refused.status().as_u16(), status, "{path}: {}", refused.body());
        assert!(refused.body().contains(sentence), "{path}: {}", refused.body());
    }
    let chosen = page(&laboratory, "/registers?lang=en&template=training").await;
    assert!(chosen.body().contains("<option value=\"training\" selected>"), "{}", chosen.body());
}

#[tokio::test]
async fn a_long_register_is_tried_page_by_page() {
    let laboratory = laboratory().await;
    let (head, row) = REGISTER.split_once('\n').unwrap();
    let row = row.lines().next().unwrap();
    let rows: Vec<String> = (0..1001).map(|n| row.replace("hanako@", &format!("hanako{n}@"))).collect();
    let register = format!("{head}\n{}\n", rows.join("\n"));
    let place = sent(&laboratory, "long.csv", register.as_bytes(), &[]).await;
    let first = page(&laboratory, &place).await;
    assert!(first.body().contains("(1–1000)") && first.body().contains("after=1000"), "{}", first.body());
    let second = page(&laboratory, &format!("{place}&after=1000")).await;
    assert!(second.body().contains("(1001–1001)") && !second.body().contains("after=2000"), "{}", second.body());
}

#[tokio::test]
async fn what_another_person_or_a_revoked_certificate_has_is_replaced_only_where_the_form_says_so() {
    let laboratory = laboratory().await;
    let (head, row) = REGISTER.split_once('\n').unwrap();
    let register = |row: &str| format!("{head},番号\n{},1\n", row.lines().next().unwrap());
    let (hers, his) = (register(row), register(&row.replace("髙橋 花子,hanako@", "鈴木 一郎,ichiro@")));
    let fields = [("level", "B-B"), ("key", "番号"), ("reissue", "true")];
    let issue = async |place: &str| ask(&laboratory, "POST", place, BROWSER, vec![]).await.status();
    laboratory.issuer.begin_work();
    let place = sent(&laboratory, "hers.csv", hers.as_bytes(), &fields).await;
    assert_eq!(issue(&place).await, StatusCode::SEE_OTHER);
    page(&laboratory, "/issuer/api/batches/1/events").await; // to its end

    let place = sent(&laboratory, "his.csv", his.as_bytes(), &fields).await;
    let tried = page(&laboratory, &place).await.into_body();
    assert!(tried.contains("発行済みのものと違う行があります") && !tried.contains("--reissue"), "{tried}");
    assert!(tried.contains("「発行し直し、前のものと差し替える」と「受領者」"), "{tried}");
    assert!(
        tried.contains("<details open><summary>そのほかの指定 (発行し直し"),
        "what is to be chosen is seen: {tried}"
    );
    let ticked = [&fields[..], &[("another_recipient", "true")]].concat();
    let place = sent(&laboratory, "his.csv", his.as_bytes(), &ticked).await;
    let tried = page(&laboratory, &place).await.into_body();
    assert!(tried.contains("すべての行を発行できます"), "{tried}");
    assert!(tried.contains(r#"<input name="another_recipient" type="checkbox" value="true" checked>"#), "{tried}");
    assert_eq!(issue(&place).await, StatusCode::SEE_OTHER);
    page(&laboratory, "/issuer/api/batches/2/events").await;

    let revocation = IssuedRevocation { reason: "誤記".into(), ..IssuedRevocation::default() };
    let number = laboratory.issuer.batch_rows(2, &RowsQuery::default()).await.unwrap().rows[0].number.clone();
    laboratory.issuer.revoke(&number.unwrap().to_string(), &revocation).await.unwrap();
    let place = sent(&laboratory, "his.csv", his.as_bytes(), &[("key", "番号")]).await;
    let tried = page(&laboratory, &place).await.into_body();
    assert!(tried.contains("すべての行が発行済みです") && tried.contains("「新しく発行する (前の"), "{tried}");
    assert!(tried.contains("<details open>") && !tried.contains("--reissue"), "{tried}");
    let place = sent(&laboratory, "his.csv", his.as_bytes(), &[("key", "番号"), ("reissue_revoked", "true")]).await;
    let tried = page(&laboratory, &place).await.into_body();
    assert!(tried.contains("すべての行を発行できます"), "{tried}");
}
