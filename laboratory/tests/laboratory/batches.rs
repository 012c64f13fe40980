//! Batches in a world without sockets: what comes of each row, also when services are away, and requests that come again.

use super::support::{Answer, ask, json, laboratory, post, send};
use bytes::Bytes;
use http::{Request, StatusCode};
use laboratory::Laboratory;
use serde_json::{Value, json};
use world::fault::{Act, Frequency, Rule};

const COMPLETION: &[u8] = include_bytes!("../../../examples/certificate.json");

/// A line for each of these people, with that name.
fn lines(people: std::ops::RangeInclusive<u32>, name: &str) -> Vec<u8> {
    let mut data: Value = serde_json::from_slice(COMPLETION).unwrap();
    let mut text = String::new();
    for person in people {
        data["recipient"]["identifier"] = json!(format!("student{person}@example.ac.jp"));
        data["recipient"]["name"] = json!(name);
        text.push_str(&format!("{data}\n"));
    }
    text.into_bytes()
}

async fn at_work() -> Laboratory {
    let laboratory = laboratory().await;
    laboratory.issuer.begin_work();
    laboratory
}

/// Gives a file in; the address of its batch.
async fn given(laboratory: &Laboratory, query: &str, file: &[u8]) -> String {
    let taken = send(laboratory, "POST", &format!("/issuer/api/batches?{query}"), "application/jsonl", file).await;
    assert_eq!(taken.status(), StatusCode::ACCEPTED, "{:?}", taken.body());
    let address = taken.headers()["location"].to_str().unwrap();
    address.strip_prefix(&laboratory.world.base).unwrap().to_owned()
}

/// The same when it is done: its events end then.
async fn done(laboratory: &Laboratory, query: &str, file: &[u8]) -> (String, Value) {
    let batch = given(laboratory, query, file).await;
    let events = ask(laboratory, &format!("{batch}/events")).await;
    let events = String::from_utf8(events.body().to_vec()).unwrap();
    let last = events.lines().filter_map(|line| line.strip_prefix("data: ")).next_back().unwrap();
    (batch, serde_json::from_str(last).unwrap())
}

async fn rows(laboratory: &Laboratory, batch: &str) -> Vec<Value> {
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
async fn until(laboratory: &Laboratory, batch: &str, state: &str) -> Value {
    loop {
        let told = json(&ask(laboratory, batch).await);
        if told["state"] == state {
            return told;
        }
        tokio::task::yield_now().await;
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
async fn a_batch_that_is_cancelled_leaves_gaps_with_names() {
    let laboratory = at_work().await;
    laboratory.world.faults.add(Rule::new("/csc", Act::Drop));
    let batch = given(&laboratory, "", &lines(1..=2, "髙橋 花子")).await;
    loop {
        let rows = rows(&laboratory, &batch).await;
        if rows.iter().all(|row| row["problem"].is_string()) {
            break;
        }
        tokio::task::yield_now().await;
    }
    let cancelled = json(&post(&laboratory, &format!("{batch}/cancel"), b"").await);
    assert_eq!((&cancelled["state"], &cancelled["rows"]["cancelled"]), (&json!("cancelled"), &json!(2)));
    let gaps = json(&ask(&laboratory, "/issuer/api/numbers/gaps").await);
    let gaps = gaps["gaps"].as_array().unwrap();
    assert!(gaps.len() == 2 && gaps.iter().all(|gap| gap["reason"] == "its batch was cancelled"), "{gaps:?}");
    let refused = post(&laboratory, &format!("{batch}/resume"), b"").await;
    assert_eq!(refused.status(), StatusCode::CONFLICT);
    assert_eq!(ask(&laboratory, "/issuer/api/batches/99").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_request_that_comes_again_with_its_key_gets_the_first_certificate() {
    let laboratory = laboratory().await;
    let first = keyed(&laboratory, "\"8e03978e\"", COMPLETION).await;
    let again = keyed(&laboratory, "8e03978e", COMPLETION).await;
    assert_eq!((first.status(), again.status()), (StatusCode::CREATED, StatusCode::CREATED));
    assert_eq!(first.body(), again.body());
    let other = keyed(&laboratory, "8e03978e", &lines(1..=1, "髙橋 花子")).await;
    assert_eq!(other.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(keyed(&laboratory, "\"\"", COMPLETION).await.status(), StatusCode::BAD_REQUEST);
    assert_ne!(json(&keyed(&laboratory, "other", COMPLETION).await)["number"], json(&first)["number"]);

    laboratory.world.faults.add(Rule::new("/csc", Act::Drop));
    assert_eq!(keyed(&laboratory, "third", COMPLETION).await.status(), StatusCode::BAD_GATEWAY);
    laboratory.world.faults.clear(None);
    let corrected = keyed(&laboratory, "third", &lines(1..=1, "髙橋 花子")).await;
    assert_eq!(corrected.status(), StatusCode::CREATED, "what failed leaves nothing");
}

async fn keyed(laboratory: &Laboratory, key: &str, body: &[u8]) -> Answer {
    let request = Request::post(format!("{}/issuer/api/certificates?level=B-B", laboratory.world.base));
    let request = request.header("idempotency-key", key).body(Bytes::copy_from_slice(body)).unwrap();
    laboratory.world.network.send("client", request).await.unwrap()
}
