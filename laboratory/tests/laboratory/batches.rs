//! Batches in a world without sockets: what comes of each row, also when services are away, and requests that come again.

use std::collections::BTreeSet;

use super::support::{Answer, Patience, ask, json, laboratory, post, send};
use axum::Router;
use bytes::Bytes;
use http::{Request, StatusCode};
use laboratory::Laboratory;
use pki::KeyKind;
use serde_json::{Value, json};
use world::World;
use world::fault::{Act, Frequency, Rule};

const COMPLETION: &[u8] = include_bytes!("../../../examples/certificate.json");

/// A line for each of these people, with that name.
pub(crate) fn lines(people: std::ops::RangeInclusive<u32>, name: &str) -> Vec<u8> {
    let mut data: Value = serde_json::from_slice(COMPLETION).unwrap();
    let mut text = String::new();
    for person in people {
        data["recipient"]["identifier"] = json!(format!("student{person}@example.ac.jp"));
        data["recipient"]["name"] = json!(name);
        text.push_str(&format!("{data}\n"));
    }
    text.into_bytes()
}

pub(crate) async fn at_work() -> Laboratory {
    let laboratory = laboratory().await;
    laboratory.issuer.begin_work();
    laboratory
}

/// Gives a file in; the address of its batch.
pub(crate) async fn given(laboratory: &Laboratory, query: &str, file: &[u8]) -> String {
    let taken = send(laboratory, "POST", &format!("/issuer/api/batches?{query}"), "application/jsonl", file).await;
    assert_eq!(taken.status(), StatusCode::ACCEPTED, "{:?}", taken.body());
    let address = taken.headers()["location"].to_str().unwrap();
    address.strip_prefix(&laboratory.world.base).unwrap().to_owned()
}

/// The same when it is done: its events end then.
pub(crate) async fn done(laboratory: &Laboratory, query: &str, file: &[u8]) -> (String, Value) {
    let batch = given(laboratory, query, file).await;
    let events = ask(laboratory, &format!("{batch}/events")).await;
    let events = String::from_utf8(events.body().to_vec()).unwrap();
    let last = events.lines().filter_map(|line| line.strip_prefix("data: ")).next_back().unwrap();
    (batch, serde_json::from_str(last).unwrap())
}

pub(crate) async fn rows(laboratory: &Laboratory, batch: &str) -> Vec<Value> {
    json(&ask(laboratory, &format!("{batch}/rows?limit=1000")).await)["rows"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_gets_its_certificate_and_a_file_that_comes_again_gets_none() {
    let laboratory = at_work().await;
    let (batch, told) = done(&laboratory, "name=spring.jsonl", &lines(1..=3, "髙橋 花子")).await;
    assert_eq!((&told["state"], &told["rows"]["delivered"]), (&json!("done"), &json!(3)));
    let issued = rows(&laboratory, &batch).await;
    for row in &issued {
        let number = row["number"].as_str().unwrap();
        let pdf = ask(&laboratory, &format!("/issuer/api/certificates/{number}/pdf")).await.into_body();
        let verdict = json(&post(&laboratory, "/verifier/api/validations", &pdf).await);
        assert_eq!((&verdict["indication"], &row["level"]), (&json!("TOTAL-PASSED"), &json!("B-LTA")), "{verdict}");
        let summary = json(&ask(&laboratory, &format!("/issuer/api/certificates/{number}")).await);
        assert_eq!(summary["sha256"], row["sha256"]);
    }
    let (again, told) = done(&laboratory, "", &lines(1..=4, "髙橋 花子")).await;
    assert_eq!((&told["rows"]["unchanged"], &told["rows"]["delivered"]), (&json!(3), &json!(1)));
    let numbers = |rows: &[Value]| rows.iter().map(|row| row["number"].clone()).collect::<Vec<_>>();
    assert_eq!(numbers(&rows(&laboratory, &again).await)[..3], numbers(&issued));
    assert_eq!(json(&ask(&laboratory, "/issuer/api/numbers/gaps").await)["gaps"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_issued_with_other_content_is_issued_anew_only_if_that_is_asked_for() {
    let laboratory = at_work().await;
    done(&laboratory, "level=B-B", &lines(1..=1, "髙橋 花子")).await;
    let (batch, told) = done(&laboratory, "level=B-B", &lines(1..=1, "高橋 花子")).await;
    assert_eq!(told["rows"]["changed"], 1);
    assert!(rows(&laboratory, &batch).await[0]["problem"].as_str().unwrap().contains("reissue"));
    let (batch, told) = done(&laboratory, "level=B-B&reissue=true", &lines(1..=1, "高橋 花子")).await;
    assert_eq!(told["rows"]["delivered"], 1);
    let number = rows(&laboratory, &batch).await[0]["number"].clone();
    let (batch, _) = done(&laboratory, "level=B-B", &lines(1..=1, "高橋 花子")).await;
    let row = &rows(&laboratory, &batch).await[0];
    assert_eq!((&row["state"], &row["number"], &row["level"]), (&json!("unchanged"), &number, &json!("B-B")));
    assert!(row["sha256"].is_string(), "{row}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_faulty_row_says_what_is_wrong_and_the_others_are_issued() {
    let laboratory = at_work().await;
    let file = [lines(1..=1, "髙橋 花子"), b"{\"recipient\": 7}\n".to_vec(), lines(2..=2, "\u{10FFFD}")].concat();
    let (batch, told) = done(&laboratory, "level=B-B", &file).await;
    assert_eq!((&told["rows"]["delivered"], &told["rows"]["failed"]), (&json!(1), &json!(2)));
    let rows = rows(&laboratory, &batch).await;
    assert_eq!((&rows[1]["line"], &rows[1]["retryable"]), (&json!(2), &json!(false)));
    for row in &rows[1..] {
        assert!(row["problem"].as_str().unwrap().contains("recipient"), "{row}");
    }
    let csv = ask(&laboratory, &format!("{batch}/result.csv")).await.into_body();
    let csv = String::from_utf8(csv.to_vec()).unwrap();
    assert!(csv.starts_with("\u{feff}row,line,state,number,") && csv.lines().count() == 4, "{csv}");
    let listed = json(&ask(&laboratory, &format!("{batch}/result.json")).await);
    assert_eq!(listed.as_array().unwrap(), &rows);
    let zip = ask(&laboratory, &format!("{batch}/files.zip")).await.into_body();
    assert!(zip.starts_with(b"PK") && zip.windows(12).any(|name| name == b"manifest.csv"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_server_that_is_away_is_waited_for_and_a_quota_that_is_used_up_stops_the_batch() {
    let laboratory = at_work().await;
    let faults = &laboratory.world.faults;
    let away = Act::Status(StatusCode::SERVICE_UNAVAILABLE);
    faults.add(Rule { frequency: Frequency::Next(1), ..Rule::new("/csc/v2/signatures/signHash", away) });
    let (batch, told) = done(&laboratory, "level=B-B", &lines(1..=2, "髙橋 花子")).await;
    assert_eq!((&told["rows"]["delivered"], &told["problem"]), (&json!(2), &Value::Null));
    assert_eq!(rows(&laboratory, &batch).await[0]["attempts"], 2);

    faults.add(Rule::new("/csc/v2/credentials/authorize", Act::Status(StatusCode::PAYMENT_REQUIRED)));
    let batch = given(&laboratory, "level=B-B", &lines(3..=5, "髙橋 花子")).await;
    let stopped = until(&laboratory, &batch, "stopped").await;
    assert!(stopped["problem"].as_str().unwrap().contains("402"), "{stopped}");
    assert_eq!(stopped["rows"]["queued"], 3);
    faults.clear(None);
    post(&laboratory, &format!("{batch}/resume"), b"").await;
    assert_eq!(until(&laboratory, &batch, "done").await["rows"]["delivered"], 3);
}

/// The batch, once it is in that state.
pub(crate) async fn until(laboratory: &Laboratory, batch: &str, state: &str) -> Value {
    let patience = Patience::begin();
    loop {
        let told = json(&ask(laboratory, batch).await);
        if told["state"] == state {
            return told;
        }
        patience.not_yet(&told).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_stamping_authority_that_is_away_costs_a_level_only_where_that_is_allowed() {
    let laboratory = at_work().await;
    laboratory.world.faults.add(Rule::new("/tsa", Act::Status(StatusCode::SERVICE_UNAVAILABLE)));
    let (batch, told) = done(&laboratory, "level_at_least=B-B", &lines(1..=2, "髙橋 花子")).await;
    assert_eq!(told["rows"]["delivered"], 2);
    for row in rows(&laboratory, &batch).await {
        assert_eq!(row["level"], "B-B");
        assert!(row["problem"].as_str().unwrap().starts_with("sealed at B-B instead of B-LTA: "), "{row}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_that_is_away_is_tried_three_times_for_a_batch_and_not_for_each_of_its_rows() {
    let laboratory = at_work().await;
    let away = Act::Status(StatusCode::SERVICE_UNAVAILABLE);
    laboratory.world.faults.add(Rule::new("/tsa", away));
    // One lease more than are in hand at first: two a processor, 8 rows each.
    let many = 8 * (2 * u32::try_from(world::pool::processors()).unwrap() + 1);
    let (batch, told) = done(&laboratory, "level_at_least=B-B", &lines(1..=many, "髙橋 花子")).await;
    assert_eq!(told["rows"]["delivered"], many);
    let rows = rows(&laboratory, &batch).await;
    assert!(rows.iter().all(|row| row["level"] == "B-B" && row["problem"].is_string()));
    assert_eq!((&rows[0]["attempts"], &rows[rows.len() - 1]["attempts"]), (&json!(3), &json!(1)));
    laboratory.world.faults.clear(None);
    let (batch, _) = done(&laboratory, "level_at_least=B-B", &lines(900..=900, "髙橋 花子")).await;
    assert_eq!(self::rows(&laboratory, &batch).await[0]["level"], "B-LTA");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_server_that_vanishes_in_the_middle_loses_no_row_and_no_number() {
    let laboratory = at_work().await;
    for path in ["/csc/v2/signatures/signHash", "/csc/v2/credentials/authorize"] {
        laboratory.world.faults.add(Rule { frequency: Frequency::Next(2), ..Rule::new(path, Act::Drop) });
    }
    let (batch, told) = done(&laboratory, "level=B-B", &lines(1..=40, "髙橋 花子")).await;
    assert_eq!((&told["rows"]["delivered"], &told["rows"]["failed"]), (&json!(40), &json!(0)), "{told}");
    let numbers: BTreeSet<String> =
        rows(&laboratory, &batch).await.iter().map(|row| row["number"].to_string()).collect();
    assert_eq!(numbers.len(), 40);
    assert_eq!(json(&ask(&laboratory, "/issuer/api/numbers/gaps").await)["gaps"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_world_that_is_closed_in_the_middle_of_a_batch_goes_on_when_it_is_opened_and_no_row_has_failed() {
    const ROWS: u32 = 60;
    let folder = tempfile::tempdir().unwrap();
    let open = async || {
        let world = World::open(folder.path(), "default", "http://127.0.0.1:8700").await.unwrap();
        world.clock.freeze().await.unwrap(); // no day ends in between
        Laboratory::open(&world, KeyKind::P256, |_| Router::new()).await.unwrap()
    };
    let first = open().await;
    let batch = given(&first, "level=B-T", &lines(1..=ROWS, "髙橋 花子")).await;
    first.close().await.unwrap();
    for closed_after in [1, 8, 20] {
        let laboratory = open().await;
        laboratory.issuer.begin_work();
        let patience = Patience::begin();
        loop {
            let told = json(&ask(&laboratory, &batch).await);
            if told["rows"]["queued"].as_u64().unwrap() + closed_after <= ROWS.into() {
                break;
            }
            patience.not_yet(&told).await;
        }
        laboratory.close().await.unwrap();
    }
    let laboratory = open().await;
    let left = rows(&laboratory, &batch).await;
    assert!(left.iter().all(|row| row["state"] == "queued" || row["state"] == "delivered"), "{left:?}");
    laboratory.issuer.begin_work();
    let done = until(&laboratory, &batch, "done").await;
    assert_eq!(done["rows"]["delivered"], ROWS, "{done}");
    assert!(rows(&laboratory, &batch).await.iter().all(|row| row["attempts"] == 1), "what went back was no attempt");
    assert_eq!(json(&ask(&laboratory, "/issuer/api/numbers/gaps").await)["gaps"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_hand_while_the_day_changes_is_issued_on_the_day_of_its_time_stamp_by_its_number() {
    let laboratory = at_work().await;
    let batch = given(&laboratory, "level=B-T", &lines(1..=24, "髙橋 花子")).await;
    for _ in 0..3 {
        while rows(&laboratory, &batch).await.iter().all(|row| row["state"] != "rendered") {
            assert_ne!(json(&ask(&laboratory, &batch).await)["state"], "done", "it was too fast to be met in between");
        }
        laboratory.world.clock.advance("24h".parse().unwrap()).await.unwrap();
    }
    let done = until(&laboratory, &batch, "done").await;
    assert_eq!(done["rows"]["delivered"], 24, "{done} {:?}", rows(&laboratory, &batch).await);
    for row in rows(&laboratory, &batch).await {
        let path = format!("/issuer/api/certificates/{}", row["number"].as_str().unwrap());
        let told = json(&ask(&laboratory, &path).await);
        let [issued_at, time_stamp] =
            ["issued_at", "time_stamp"].map(|name| told[name].as_str().unwrap()[..10].to_owned());
        assert_eq!(issued_at, time_stamp, "{told}");
    }
    assert_eq!(json(&ask(&laboratory, "/issuer/api/numbers/gaps").await)["gaps"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_version_of_a_template_makes_another_certificate_once() {
    let laboratory = at_work().await;
    let learning = json(&ask(&laboratory, "/issuer/api/templates/learning").await);
    let learning = learning["template"].as_str().unwrap().replace("id = \"learning\"", "id = \"own\"");
    let register = async |version: u32| {
        let text = learning.replacen("\nversion = 1", &format!("\nversion = {version}"), 1);
        let body = json!({"template": text}).to_string();
        let kept = send(&laboratory, "PUT", "/issuer/api/templates/own", "application/json", body.as_bytes()).await;
        assert_eq!(kept.status(), StatusCode::OK, "{:?}", kept.body());
    };
    let run = async || {
        let (batch, told) = done(&laboratory, "level=B-B&template=own", &lines(1..=1, "髙橋 花子")).await;
        assert_eq!(told["rows"]["failed"], 0, "{told}");
        let row = rows(&laboratory, &batch).await.remove(0);
        (row["state"].as_str().unwrap().to_owned(), row["number"].as_str().unwrap().to_owned())
    };
    register(1).await;
    let (state, first) = run().await;
    assert_eq!((state.as_str(), run().await), ("delivered", ("unchanged".to_owned(), first.clone())));
    register(2).await;
    let (state, second) = run().await;
    assert_eq!(state, "delivered");
    assert_ne!(first, second);
    assert_eq!(run().await, ("unchanged".to_owned(), second));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_is_cancelled_leaves_gaps_with_names() {
    let laboratory = at_work().await;
    laboratory.world.faults.add(Rule::new("/csc", Act::Drop));
    let batch = given(&laboratory, "", &lines(1..=2, "髙橋 花子")).await;
    let patience = Patience::begin();
    loop {
        let rows = rows(&laboratory, &batch).await;
        if rows.iter().all(|row| row["problem"].is_string()) {
            break;
        }
        patience.not_yet(&rows).await;
    }
    let cancelled = json(&post(&laboratory, &format!("{batch}/cancel"), b"").await);
    assert_eq!((&cancelled["state"], &cancelled["rows"]["cancelled"]), (&json!("cancelled"), &json!(2)));
    let gaps = json(&ask(&laboratory, "/issuer/api/numbers/gaps").await);
    let gaps = gaps["gaps"].as_array().unwrap();
    assert!((1..).zip(gaps).all(|(row, gap)| (&gap["batch"], &gap["row"]) == (&json!(1), &json!(row))), "{gaps:?}");
    let reasons: Vec<_> = gaps.iter().map(|gap| gap["reason"].as_str().unwrap()).collect();
    assert_eq!(reasons, ["its batch was cancelled (batch 1, row 1)", "its batch was cancelled (batch 1, row 2)"]);
    let refused = post(&laboratory, &format!("{batch}/resume"), b"").await;
    assert_eq!(refused.status(), StatusCode::CONFLICT);
    assert_eq!(ask(&laboratory, "/issuer/api/batches/99").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_cannot_be_printed_leaves_a_gap_that_names_it_and_keeps_its_number_when_it_is_corrected() {
    let laboratory = at_work().await;
    let file = [lines(1..=1, "髙橋 花子"), lines(2..=2, "สมชาย")].concat();
    let (batch, _) = done(&laboratory, "level=B-B", &file).await;
    let failed = rows(&laboratory, &batch).await.remove(1);
    let gaps = json(&ask(&laboratory, "/issuer/api/numbers/gaps").await)["gaps"].clone();
    let [gap] = gaps.as_array().unwrap().as_slice() else { panic!("{gaps}") };
    assert_eq!((&gap["number"], &gap["state"]), (&failed["number"], &json!("waiting")));
    let named = format!("batch 1, row 2: {}", failed["problem"].as_str().unwrap());
    assert_eq!((&gap["batch"], &gap["row"], &gap["problem"]), (&json!(1), &json!(2), &json!(named)));
    let (corrected, _) = done(&laboratory, "level=B-B", &lines(2..=2, "山﨑 太郎")).await;
    let corrected = rows(&laboratory, &corrected).await.remove(0);
    assert_eq!((&corrected["state"], &corrected["number"]), (&json!("delivered"), &failed["number"]));
    assert_eq!(json(&ask(&laboratory, "/issuer/api/numbers/gaps").await)["gaps"], json!([]));
}

#[tokio::test]
async fn a_request_that_comes_again_with_its_key_gets_the_first_certificate() {
    let laboratory = laboratory().await;
    let first = keyed(&laboratory, "\"8e03978e\"", COMPLETION).await;
    let again = keyed(&laboratory, "8e03978e", COMPLETION).await;
    assert_eq!((first.status(), again.status()), (StatusCode::CREATED, StatusCode::CREATED));
    assert_eq!(first.body(), again.body());
    let place = first.headers()["location"].to_str().unwrap();
    let own = format!("/issuer/api/certificates/{}", json(&first)["number"].as_str().unwrap());
    assert_eq!(place, format!("{}{own}", laboratory.world.base));
    assert_eq!(again.headers()["location"], place);
    assert_eq!(json(&ask(&laboratory, &own).await)["number"], json(&first)["number"]);
    let other = keyed(&laboratory, "8e03978e", &lines(1..=1, "髙橋 花子")).await;
    assert_eq!(other.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(keyed(&laboratory, "\"\"", COMPLETION).await.status(), StatusCode::BAD_REQUEST);
    let second = json(&keyed(&laboratory, "other", COMPLETION).await);
    assert_ne!(second["number"], json(&first)["number"]);
    assert_eq!((&json(&first)["also"], &second["also"]), (&Value::Null, &json(&first)["number"]), "the same is told");

    laboratory.world.faults.add(Rule::new("/csc", Act::Drop));
    assert_eq!(keyed(&laboratory, "third", COMPLETION).await.status(), StatusCode::BAD_GATEWAY);
    laboratory.world.faults.clear(None);
    let corrected = keyed(&laboratory, "third", &lines(1..=1, "髙橋 花子")).await;
    assert_eq!(corrected.status(), StatusCode::CREATED, "what failed leaves nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_is_asked_for_again_with_its_key_is_the_first_one() {
    let laboratory = at_work().await;
    let two = lines(1..=2, "髙橋 花子");
    let batch = async |key: &str, query: &str, file: &[u8]| {
        keyed_at(&laboratory, &format!("/issuer/api/batches?level=B-B{query}"), key, file).await
    };
    let (first, again) = (batch("k-1", "", &two).await, batch("\"k-1\"", "", &two).await);
    assert_eq!((first.status(), again.status()), (StatusCode::ACCEPTED, StatusCode::ACCEPTED));
    assert_eq!(first.headers()["location"], again.headers()["location"]);
    for other in [batch("k-1", "", &lines(1..=3, "髙橋 花子")).await, batch("k-1", "&name=other", &two).await] {
        assert_eq!(other.status(), StatusCode::UNPROCESSABLE_ENTITY, "{:?}", other.body());
    }
    let single = keyed(&laboratory, "k-1", COMPLETION).await;
    assert_eq!(single.status(), StatusCode::UNPROCESSABLE_ENTITY, "a key is one request's, of whichever kind");
    assert_eq!(batch("k-2", "&format=xlsx", &two).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(batch("k-2", "", &two).await.status(), StatusCode::ACCEPTED, "what failed leaves nothing");
    let several = (0..4).map(|_| {
        let (laboratory, two) = (laboratory.clone(), two.clone());
        tokio::spawn(async move { keyed_at(&laboratory, "/issuer/api/batches?level=B-B", "k-3", &two).await })
    });
    for answer in several.collect::<Vec<_>>() {
        let answer = answer.await.unwrap();
        assert!([202, 409].contains(&answer.status().as_u16()), "{:?}", answer.body());
        assert_eq!(answer.status() == 409, answer.headers().contains_key("retry-after"), "it passes by itself");
    }
    assert_eq!(json(&ask(&laboratory, "/issuer/api/batches").await)["batches"].as_array().unwrap().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_whose_certificate_does_not_count_any_more_says_so_when_its_file_comes_again() {
    let (laboratory, file) = (at_work().await, lines(1..=1, "髙橋 花子"));
    let (batch, _) = done(&laboratory, "level=B-B", &file).await;
    let number = rows(&laboratory, &batch).await[0]["number"].as_str().unwrap().to_owned();
    let revoke = format!("/issuer/api/certificates/{number}/revoke");
    post(&laboratory, &revoke, json!({"reason": "issued to the wrong person"}).to_string().as_bytes()).await;
    let (again, told) = done(&laboratory, "level=B-B", &file).await;
    assert_eq!(told["rows"]["unchanged"], 1);
    let row = rows(&laboratory, &again).await.remove(0);
    assert_eq!((&row["state"], &row["standing"]), (&json!("unchanged"), &json!("revoked")));
    for (member, words) in [("problem", "is revoked since 2026-11-24"), ("problem_ja", "失効しています")] {
        let told = row[member].as_str().unwrap();
        assert!(told.contains(words) && told.contains("issued to the wrong person"), "{row}");
    }
    let tried = send(&laboratory, "POST", "/issuer/api/registers/dry-run", "application/jsonl", &file).await;
    let tried = json(&tried)["rows"][0].clone();
    assert_eq!((&tried["outcome"], &tried["standing"]), (&json!("already-issued"), &json!("revoked")));
    let csv = async |path: String| String::from_utf8(ask(&laboratory, &path).await.into_body().to_vec()).unwrap();
    assert!(csv(format!("{again}/result.csv")).await.contains("is revoked since"));
    let japanese = csv(format!("{again}/result.csv?lang=ja")).await;
    assert!(japanese.contains("失効しています") && japanese.trim_end().ends_with(",revoked,"), "{japanese}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_manifest_says_in_japanese_why_a_row_has_no_certificate() {
    let laboratory = at_work().await;
    let (batch, _) = done(&laboratory, "level=B-B", b"{\"recipient\": 7}\n").await;
    let row = rows(&laboratory, &batch).await.remove(0);
    let japanese = row["problem_ja"].as_str().unwrap();
    assert!(
        japanese.contains("オブジェクトが必要ですが") && !row["problem"].as_str().unwrap().contains("オブジェクト"),
        "{row}"
    );
    let csv = ask(&laboratory, &format!("{batch}/manifest.csv?lang=ja")).await.into_body();
    assert!(String::from_utf8(csv.to_vec()).unwrap().contains("オブジェクトが必要ですが"));
}

async fn keyed(laboratory: &Laboratory, key: &str, body: &[u8]) -> Answer {
    keyed_at(laboratory, "/issuer/api/certificates?level=B-B", key, body).await
}

async fn keyed_at(laboratory: &Laboratory, path: &str, key: &str, body: &[u8]) -> Answer {
    let request = Request::post(format!("{}{path}", laboratory.world.base));
    let request = request.header("idempotency-key", key).body(Bytes::copy_from_slice(body)).unwrap();
    laboratory.world.network.send("client", request).await.unwrap()
}
