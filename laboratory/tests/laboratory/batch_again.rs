//! Registers that come again, or about people who have a certificate: what is replaced, what is told, and what is not begun.

use http::StatusCode;
use laboratory::Laboratory;
use serde_json::{Value, json};
use world::fault::{Act, Rule};

use super::batches::{at_work, done, given, lines, rows, until};
use super::support::{Patience, ask, json, laboratory, post, send};

const HEADERS: &str = "管理番号,氏名,メールアドレス,講座名,講座名（英語）,概要,修了要件,実施機関,学修時間,修了日\n";

/// A register of those people, with keys: each is key, name, identifier, course.
fn register(people: &[[&str; 4]]) -> Vec<u8> {
    let line = |[key, name, identifier, course]: &[&str; 4]| {
        format!(
            "{key},{name},{identifier},{course},{course} in English,統計の基礎。,全課題の合格,試験大学,15,2025/9/26\n"
        )
    };
    [HEADERS.to_owned(), people.iter().map(line).collect()].concat().into_bytes()
}

const HANAKO: [&str; 4] = ["1", "髙橋 花子", "hanako@example.ac.jp", "統計入門"];
const ICHIRO: [&str; 4] = ["1", "山﨑 一郎", "ichiro@example.ac.jp", "統計入門"];

/// Issues a register; the address of its batch, when it is done, and how far it is then.
async fn issued(laboratory: &Laboratory, query: &str, file: &[u8]) -> (String, Value) {
    let taken = send(laboratory, "POST", &format!("/issuer/api/batches?{query}"), "text/csv", file).await;
    assert_eq!(taken.status(), StatusCode::ACCEPTED, "{:?}", taken.body());
    let batch = format!("/issuer/api/batches/{}", json(&taken)["id"]);
    let told = until(laboratory, &batch, "done").await;
    (batch, told)
}

/// The first row of a register that is issued, and of its dry run before.
async fn both(laboratory: &Laboratory, query: &str, file: &[u8]) -> (Value, Value) {
    let path = format!("/issuer/api/registers/dry-run?{query}");
    let tried = json(&send(laboratory, "POST", &path, "text/csv", file).await)["rows"][0].clone();
    let (batch, _) = issued(laboratory, query, file).await;
    (tried, rows(laboratory, &batch).await.remove(0))
}

async fn standing(laboratory: &Laboratory, number: &Value) -> Value {
    let number = number.as_str().unwrap();
    json(&ask(laboratory, &format!("/issuer/api/certificates/{number}")).await)["standing"]["state"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_of_another_term_as_keys_replace_nobodys_certificate() {
    let laboratory = at_work().await;
    let (_, spring) = both(&laboratory, "level=B-B", &register(&[HANAKO])).await;
    let number = &spring["number"];
    for query in ["level=B-B", "level=B-B&reissue=true"] {
        let (tried, row) = both(&laboratory, query, &register(&[ICHIRO])).await;
        assert_eq!((&tried["outcome"], &row["state"]), (&json!("changed"), &json!("changed")), "{query}");
        for told in [&tried["note"], &row["problem"]] {
            let told = told.as_str().unwrap();
            let both = told.contains("hanako@example.ac.jp") && told.contains("ichiro@example.ac.jp");
            assert!(both && told.contains(number.as_str().unwrap()), "{told}");
        }
        assert!(row["problem_ja"].as_str().unwrap().contains("受講者が違います"), "{row}");
        assert_eq!(standing(&laboratory, number).await, "valid");
    }
    assert_eq!(json(&ask(&laboratory, "/issuer/api/numbers/gaps").await)["gaps"], json!([]), "no number was taken");
    let said = "level=B-B&reissue=true&another=recipient";
    let (tried, row) = both(&laboratory, said, &register(&[ICHIRO])).await;
    assert_eq!((&tried["outcome"], &row["state"]), (&json!("would-issue"), &json!("delivered")));
    assert_eq!(standing(&laboratory, number).await, "superseded");
    let refused = send(&laboratory, "POST", "/issuer/api/batches?another=everybody", "text/csv", b"x").await;
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_whose_certificate_was_replaced_by_somebody_elses_is_issued_anew_if_that_is_asked_for() {
    let laboratory = at_work().await;
    let data = |identifier: &str| {
        let mut data: Value = serde_json::from_str(include_str!("../../../examples/certificate.json")).unwrap();
        data["recipient"]["identifier"] = identifier.into();
        data
    };
    let of_lines = async |query: &str, lines: String| {
        let path = format!("/issuer/api/registers/dry-run?{query}");
        let tried = json(&send(&laboratory, "POST", &path, "application/jsonl", lines.as_bytes()).await);
        let (batch, _) = done(&laboratory, query, lines.as_bytes()).await;
        (tried["rows"][0].clone(), rows(&laboratory, &batch).await.remove(0))
    };
    let (hanako, ichiro) = (data("hanako@example.ac.jp"), data("ichiro@example.ac.jp"));
    let first = json(&post(&laboratory, "/issuer/api/certificates?level=B-B", hanako.to_string().as_bytes()).await);
    let path = format!("/issuer/api/certificates/{}/reissue", first["number"].as_str().unwrap());
    let mixed_up = json!({"reason": "mixed up", "completion": ichiro, "another": ["recipient"], "level": "B-B"});
    let second = json(&post(&laboratory, &path, mixed_up.to_string().as_bytes()).await);
    assert_eq!(second["recipient"], "髙橋 花子", "{second}");
    let (tried, row) = of_lines("level=B-B", hanako.to_string()).await;
    assert_eq!((&tried["outcome"], &row["state"]), (&json!("changed"), &json!("changed")), "{row}");
    let told = row["problem"].as_str().unwrap();
    assert!(told.contains("ichiro@example.ac.jp") && told.contains("--reissue"), "{told}");
    let (_, row) = of_lines("level=B-B&reissue=true", hanako.to_string()).await;
    assert_eq!(row["state"], "delivered", "{row}");
    let (_, row) = of_lines("level=B-B", format!("{hanako}\n{ichiro}")).await;
    assert_eq!(row["state"], "unchanged", "{row}");
    assert_eq!(standing(&laboratory, &first["number"]).await, "superseded", "as it was");
    assert_eq!(standing(&laboratory, &second["number"]).await, "valid");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_higher_level_is_not_taken_for_what_there_is() {
    let laboratory = at_work().await;
    let (_, low) = both(&laboratory, "level=B-T", &register(&[HANAKO])).await;
    assert_eq!((&low["state"], &low["level"]), (&json!("delivered"), &json!("B-T")));
    let (tried, row) = both(&laboratory, "level=B-LTA", &register(&[HANAKO])).await;
    assert_eq!((&tried["outcome"], &row["state"]), (&json!("changed"), &json!("changed")));
    assert!(row["problem"].as_str().unwrap().contains("at B-T, and B-LTA is asked for"), "{row}");
    let (_, row) = both(&laboratory, "level=B-B", &register(&[HANAKO])).await;
    assert_eq!((&row["state"], &row["level"]), (&json!("unchanged"), &json!("B-T")), "it has more than is asked for");
    let (_, row) = both(&laboratory, "level=B-LTA&reissue=true", &register(&[HANAKO])).await;
    assert_eq!((&row["state"], &row["level"]), (&json!("delivered"), &json!("B-LTA")));
    assert_eq!(standing(&laboratory, &low["number"]).await, "superseded");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_count_any_more_is_told_before_anything_is_made() {
    let laboratory = at_work().await;
    let (_, first) = both(&laboratory, "level=B-B", &register(&[HANAKO])).await;
    let act = async |act: &str| {
        let path = format!("/issuer/api/certificates/{}/{act}", first["number"].as_str().unwrap());
        let done =
            post(&laboratory, &path, json!({"reason": "issued to the wrong person"}).to_string().as_bytes()).await;
        assert_eq!(done.status(), StatusCode::OK, "{:?}", done.body());
    };
    act("suspend").await;
    let (tried, row) = both(&laboratory, "level=B-B&reissue=true", &register(&[ICHIRO])).await;
    assert_eq!((&tried["outcome"], &row["state"]), (&json!("changed"), &json!("changed")));
    assert!(row["problem"].as_str().unwrap().contains("is suspended since"), "{row}");
    act("revoke").await;
    let (tried, row) = both(&laboratory, "level=B-B&reissue=true", &register(&[ICHIRO])).await;
    assert_eq!((&tried["outcome"], &row["state"]), (&json!("changed"), &json!("changed")));
    assert!(row["problem"].as_str().unwrap().contains("--reissue-revoked"), "{row}");
    assert_eq!(json(&ask(&laboratory, "/issuer/api/numbers/gaps").await)["gaps"], json!([]), "no number was taken");
    let (tried, row) = both(&laboratory, "level=B-B&reissue_revoked=true", &register(&[ICHIRO])).await;
    assert_eq!((&tried["outcome"], &row["state"]), (&json!("would-issue"), &json!("delivered")));
    assert_eq!(standing(&laboratory, &first["number"]).await, "revoked", "as it was");
    let (_, row) = both(&laboratory, "level=B-B&reissue_revoked=true", &register(&[ICHIRO])).await;
    assert_eq!(row["state"], "unchanged", "the key is that of the new one");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_certificate_about_the_same_is_issued_with_a_word() {
    let laboratory = at_work().await;
    let (_, first) = both(&laboratory, "level=B-B", &register(&[HANAKO])).await;
    assert_eq!(first["note"], Value::Null);
    let other_key = ["x-9", HANAKO[1], "HANAKO@example.ac.jp", HANAKO[3]];
    let (tried, row) = both(&laboratory, "level=B-B", &register(&[other_key])).await;
    let number = first["number"].as_str().unwrap();
    for noted in [&tried, &row] {
        assert!(noted["note"].as_str().unwrap().contains(number), "{noted}");
        assert!(noted["note_ja"].as_str().unwrap().contains("別のキー"), "{noted}");
    }
    assert_eq!((&tried["outcome"], &row["state"]), (&json!("would-issue"), &json!("delivered")));
    // Within one file: with a key and without one.
    let twice = register(&[["7", ICHIRO[1], ICHIRO[2], ICHIRO[3]], ["", ICHIRO[1], ICHIRO[2], ICHIRO[3]]]);
    let (batch, told) = issued(&laboratory, "level=B-B", &twice).await;
    assert_eq!((&told["rows"]["delivered"], &told["noted"]), (&json!(2), &json!(1)), "{told}");
    let noted = json(&ask(&laboratory, &format!("{batch}/rows?noted=true")).await)["rows"].clone();
    assert_eq!(noted.as_array().unwrap().len(), 1);
    assert!(noted[0]["note"].as_str().unwrap().contains("line 2 is for the same"), "{noted}");
    let csv = ask(&laboratory, &format!("{batch}/result.csv")).await.into_body();
    assert!(String::from_utf8(csv.to_vec()).unwrap().contains("line 2 is for the same"));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_batches_that_issue_the_same_people_at_once_one_at_least_says_so() {
    let laboratory = laboratory().await; // both are there before anybody begins
    let people: Vec<[String; 2]> = (1..=12).map(|one| [one.to_string(), format!("s{one}@example.ac.jp")]).collect();
    let file = |term: &str| {
        let keys: Vec<String> = people.iter().map(|[one, _]| format!("{term}-{one}")).collect();
        let rows = people.iter().zip(&keys).map(|([_, who], key)| [key.as_str(), HANAKO[1], who, HANAKO[3]]);
        register(&rows.collect::<Vec<_>>())
    };
    let mut batches = Vec::new();
    for term in ["spring", "autumn"] {
        let taken = send(&laboratory, "POST", "/issuer/api/batches?level=B-B", "text/csv", &file(term)).await;
        assert_eq!(taken.status(), StatusCode::ACCEPTED, "{:?}", taken.body());
        batches.push(format!("/issuer/api/batches/{}", json(&taken)["id"]));
    }
    laboratory.issuer.begin_work();
    for batch in &batches {
        assert_eq!(until(&laboratory, batch, "done").await["rows"]["delivered"], 12);
    }
    let patience = Patience::begin();
    loop {
        // A note may come a moment after its row is delivered.
        let (spring, autumn) = (rows(&laboratory, &batches[0]).await, rows(&laboratory, &batches[1]).await);
        let says = |row: &Value, other: &Value| {
            row["note"].as_str().is_some_and(|note| note.contains(other["number"].as_str().unwrap()))
        };
        if spring.iter().zip(&autumn).all(|(one, other)| says(one, other) || says(other, one)) {
            break;
        }
        patience.not_yet(&(spring, autumn)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_whose_font_was_missing_can_be_tried_again_and_a_batch_without_such_rows_cannot() {
    let laboratory = at_work().await;
    let deseret = "\u{10400} \u{10401}"; // which no font at hand has
    let (batch, _) = done(&laboratory, "level=B-B", &lines(1..=1, deseret)).await;
    let row = rows(&laboratory, &batch).await.remove(0);
    assert_eq!((&row["state"], &row["retryable"]), (&json!("failed"), &json!(true)), "{row}");
    for member in ["problem", "problem_ja"] {
        assert!(row[member].as_str().unwrap().contains("eseal up --font"), "{row}");
    }
    let again = post(&laboratory, &format!("{batch}/retry"), b"").await;
    assert_eq!(again.status(), StatusCode::OK, "the server may have the font by now");
    let (faulty, told) = done(&laboratory, "level=B-B", b"{\"recipient\": 7}\n").await;
    assert_eq!(told["rows"]["failed"], 1);
    let refused = post(&laboratory, &format!("{faulty}/retry"), b"").await;
    assert_eq!(refused.status(), StatusCode::CONFLICT, "{:?}", refused.body());
    assert!(json(&refused)["error_description"].as_str().unwrap().contains("1 failed for what they say"));
    assert!(json(&refused)["error_description_ja"].as_str().unwrap().contains("再試行できる行はありません"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_asks_for_less_than_the_lowest_level_of_its_batch_fails_and_takes_no_number() {
    let laboratory = at_work().await;
    let mut data: Value = serde_json::from_slice(&lines(1..=1, "髙橋 花子")).unwrap();
    data["level"] = json!("B-B");
    let file = [format!("{data}\n").into_bytes(), lines(2..=2, "髙橋 花子")].concat();
    let (batch, told) = done(&laboratory, "level_at_least=B-LT", &file).await;
    assert_eq!((&told["rows"]["delivered"], &told["rows"]["failed"]), (&json!(1), &json!(1)), "{told}");
    let row = rows(&laboratory, &batch).await.remove(0);
    let problem = row["problem"].as_str().unwrap();
    assert!(problem.contains("they say B-B") && problem.contains("B-LT"), "{row}");
    assert!(row["problem_ja"].as_str().unwrap().contains("最低のレベルは B-LT"), "{row}");
    assert_eq!(row["number"], Value::Null);
}

/// How many digests went to the key server for a batch.
async fn digests_sent(laboratory: &Laboratory, batch: &str) -> usize {
    let id = batch.rsplit('/').next().unwrap();
    let sent = json(&ask(laboratory, &format!("/testbed/api/crossings?batch={id}&limit=1000")).await);
    let requests = sent["requests"].as_array().unwrap().iter();
    let signed = requests.filter(|request| request["address"].as_str().unwrap().ends_with("/signHash"));
    let bodies = signed.map(|request| serde_json::from_str::<Value>(request["body"].as_str().unwrap()).unwrap());
    bodies.map(|body| body["hashes"].as_array().unwrap().len()).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_comes_again_before_its_batch_is_done_has_each_row_sealed_once_and_names_the_batch_to_resume() {
    let laboratory = laboratory().await; // nobody works on them yet
    let file = lines(1..=40, "髙橋 花子");
    let first = given(&laboratory, "level=B-B", &file).await;
    assert_eq!(json(&ask(&laboratory, &first).await)["notes"], json!([]));
    let again = given(&laboratory, "level=B-B", &file).await;
    let told = json(&ask(&laboratory, &again).await);
    let note = told["notes"][0].as_str().unwrap();
    assert!(note.contains("batch 1 (40 rows)") && note.contains("`eseal batch resume 1`"), "{note}");
    assert!(told["notes_ja"][0].as_str().unwrap().contains("一括発行 1（40 件）"), "{told}");
    laboratory.issuer.begin_work();
    let (mut issued, mut known, mut sent) = (0, 0, 0);
    for batch in [&first, &again] {
        let done = until(&laboratory, batch, "done").await;
        issued += done["rows"]["delivered"].as_u64().unwrap();
        known += done["rows"]["unchanged"].as_u64().unwrap();
        sent += digests_sent(&laboratory, batch).await;
    }
    assert_eq!((issued, known, sent), (40, 40, 80), "a badge and a seal for each");
    assert_eq!(json(&ask(&laboratory, "/issuer/api/numbers/gaps").await)["gaps"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_number_of_a_row_is_not_given_up_with_a_batch_while_another_has_the_row_too() {
    let (laboratory, file) = (at_work().await, lines(1..=1, "髙橋 花子"));
    let away = Act::Status(StatusCode::SERVICE_UNAVAILABLE);
    laboratory.world.faults.add(Rule::new("/csc/v2/signatures/signHash", away));
    let first = given(&laboratory, "level=B-B", &file).await;
    let again = given(&laboratory, "level=B-B", &file).await;
    let patience = Patience::begin();
    let number = loop {
        let numbers =
            [rows(&laboratory, &first).await, rows(&laboratory, &again).await].map(|rows| rows[0]["number"].clone());
        if numbers.iter().all(Value::is_string) {
            assert_eq!(numbers[0], numbers[1], "the number is the row's");
            break numbers[0].clone();
        }
        patience.not_yet(&numbers).await;
    };
    post(&laboratory, &format!("{first}/cancel"), b"").await;
    laboratory.world.faults.clear(None);
    post(&laboratory, &format!("{again}/resume"), b"").await;
    let done = until(&laboratory, &again, "done").await;
    assert_eq!((&done["rows"]["delivered"], &rows(&laboratory, &again).await[0]["number"]), (&json!(1), &number));
    assert_eq!(json(&ask(&laboratory, "/issuer/api/numbers/gaps").await)["gaps"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_say_something_else_or_were_taken_back_are_not_among_those_of_a_batch() {
    let laboratory = at_work().await;
    let (first, _) = done(&laboratory, "level=B-B", &lines(1..=2, "髙橋 花子")).await;
    let numbers: Vec<String> =
        rows(&laboratory, &first).await.iter().map(|row| row["number"].as_str().unwrap().to_owned()).collect();
    let revoke = format!("/issuer/api/certificates/{}/revoke", numbers[1]);
    post(&laboratory, &revoke, json!({"reason": "wrong"}).to_string().as_bytes()).await;
    let has = async |batch: &str, number: &str| {
        let zip = ask(&laboratory, &format!("{batch}/files.zip")).await.into_body();
        let name = format!("{number}.pdf");
        zip.windows(name.len()).any(|octets| octets == name.as_bytes())
    };
    assert!(has(&first, &numbers[0]).await && !has(&first, &numbers[1]).await);
    let (changed, _) = done(&laboratory, "level=B-B", &lines(1..=1, "高橋 花子")).await;
    assert!(!has(&changed, &numbers[0]).await, "its row says another name");
    let manifest = ask(&laboratory, &format!("{changed}/manifest.csv")).await.into_body();
    assert!(!String::from_utf8(manifest.to_vec()).unwrap().contains(".pdf"));
    let mut limited: Value = serde_json::from_slice(&lines(9..=9, "髙橋 花子")).unwrap();
    limited["valid_until"] = json!("2026-11-30");
    let (limited, _) = done(&laboratory, "level=B-B", limited.to_string().as_bytes()).await;
    let number = rows(&laboratory, &limited).await[0]["number"].as_str().unwrap().to_owned();
    assert!(has(&limited, &number).await);
    laboratory.world.clock.set("2026-11-30T15:00:00Z".parse().unwrap()).await.unwrap();
    assert!(!has(&limited, &number).await, "its last day is over");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gap_keeps_its_row_when_the_row_gets_another_certificate() {
    let (laboratory, file) = (at_work().await, lines(1..=1, "髙橋 花子"));
    let refused = Act::Status(StatusCode::FORBIDDEN);
    laboratory.world.faults.add(Rule::new("/csc/v2/signatures/signHash", refused));
    let (batch, told) = done(&laboratory, "level=B-B", &file).await;
    assert_eq!(told["rows"]["failed"], 1);
    let failed = rows(&laboratory, &batch).await.remove(0);
    laboratory.world.faults.clear(None);
    let alone = json(&post(&laboratory, "/issuer/api/certificates?level=B-B", &file).await);
    assert_ne!(alone["number"], failed["number"]);
    post(&laboratory, &format!("{batch}/retry"), b"").await;
    until(&laboratory, &batch, "done").await;
    let row = rows(&laboratory, &batch).await.remove(0);
    assert_eq!((&row["state"], &row["number"]), (&json!("unchanged"), &alone["number"]));
    let gaps = json(&ask(&laboratory, "/issuer/api/numbers/gaps").await);
    let gap = &gaps["gaps"][0];
    assert_eq!((&gap["number"], &gap["batch"], &gap["row"]), (&failed["number"], &json!(1), &json!(1)), "{gaps}");
    assert_eq!(gap["state"], "given-up");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_become_a_batch_is_refused_when_it_is_sent() {
    let laboratory = at_work().await;
    let (one, headers) = (lines(1..=1, "髙橋 花子"), HEADERS.as_bytes().to_vec());
    for (query, file, status, words) in [
        ("", b"[]".to_vec(), 422, "no rows"),
        ("", headers.clone(), 422, "no rows"),
        ("credential=none", one.clone(), 400, "credential"),
        ("credential=badge-rsa2048", one.clone(), 422, "whose certificate is for seals"),
        ("another=recipient", one.clone(), 400, "reissue=true"),
        ("name=a%E2%80%AEb", one.clone(), 400, "U+202E"),
    ] {
        let refused = send(&laboratory, "POST", &format!("/issuer/api/batches?{query}"), "", &file).await;
        let told = json(&refused)["error_description"].as_str().unwrap().to_owned();
        assert!(refused.status().as_u16() == status && told.contains(words), "{query}: {told}");
    }
    let tried = send(&laboratory, "POST", "/issuer/api/registers/dry-run", "text/csv", &headers).await;
    assert_eq!(tried.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let tried = send(&laboratory, "POST", "/issuer/api/registers/dry-run?another=recipient", "", &one).await;
    assert_eq!(tried.status(), StatusCode::BAD_REQUEST, "as the batch");
    assert_eq!(json(&ask(&laboratory, "/issuer/api/batches").await), json!({"batches": [], "next": null}));
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_are_listed_page_by_page_and_one_that_was_cancelled_is_not_retried() {
    let laboratory = laboratory().await; // nobody works on them
    let mut batches = Vec::new();
    for person in 1..=3 {
        batches.push(given(&laboratory, "level=B-B", &lines(person..=person, "髙橋 花子")).await);
    }
    let (mut before, mut ids) = (String::new(), Vec::new());
    loop {
        let page = json(&ask(&laboratory, &format!("/issuer/api/batches?limit=2{before}")).await);
        ids.extend(page["batches"].as_array().unwrap().iter().map(|batch| batch["id"].clone()));
        let Some(next) = page["next"].as_i64() else { break };
        before = format!("&before={next}");
    }
    assert_eq!(ids, [json!(3), json!(2), json!(1)]);
    assert_eq!(ask(&laboratory, "/issuer/api/batches?limit=0").await.status(), StatusCode::BAD_REQUEST);
    let cancelled = json(&post(&laboratory, &format!("{}/cancel", batches[0]), b"").await);
    assert_eq!(cancelled["rows"]["cancelled"], 1);
    let retried = post(&laboratory, &format!("{}/retry", batches[0]), b"").await;
    assert_eq!(retried.status(), StatusCode::CONFLICT);
    assert!(json(&retried)["error_description_ja"].as_str().unwrap().contains("再試行できません"));
}
