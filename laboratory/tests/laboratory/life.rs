//! What becomes of certificates after they were issued: suspended, released, revoked, issued again; how they are found; and that
//! their seals go on to hold.

use http::StatusCode;
use laboratory::Laboratory;
use serde_json::{Value, json};

use super::support::{Answer, ask, json, laboratory, post};

const COMPLETION: &[u8] = include_bytes!("../../../examples/certificate.json");

async fn issued(laboratory: &Laboratory, name: &str, identifier: &str) -> String {
    let mut completion: Value = serde_json::from_slice(COMPLETION).unwrap();
    completion["recipient"]["name"] = name.into();
    completion["recipient"]["identifier"] = identifier.into();
    let path = "/issuer/api/certificates?level=B-B";
    let told = json(&post(laboratory, path, completion.to_string().as_bytes()).await);
    told["number"].as_str().unwrap_or_else(|| panic!("{told}")).to_owned()
}

async fn act(laboratory: &Laboratory, number: &str, act: &str, body: Value) -> Answer {
    post(laboratory, &format!("/issuer/api/certificates/{number}/{act}"), body.to_string().as_bytes()).await
}

fn sentence(answer: &Answer) -> String {
    json(answer)["error_description"].as_str().unwrap_or_default().to_owned()
}

async fn forward(laboratory: &Laboratory, by: &str) {
    laboratory.world.clock.advance(by.parse().unwrap()).await.unwrap();
}

#[tokio::test]
async fn a_certificate_is_suspended_released_and_revoked_as_dated_facts_and_its_seal_holds() {
    let laboratory = laboratory().await;
    let number = issued(&laboratory, "髙橋 花子", "hanako").await;
    forward(&laboratory, "1d").await;
    let suspended = json(&act(&laboratory, &number, "suspend", json!({"reason": "inquiry", "by": "registrar"})).await);
    assert_eq!((&suspended["state"], &suspended["since"]), (&json!("suspended"), &json!("2026-11-25T09:00:00Z")));
    assert_eq!(suspended["history"][0]["recorded_by"], "registrar");
    assert_eq!(suspended["possible"], json!(["revoke", "release"]));
    forward(&laboratory, "1d").await;
    let again = json(&act(&laboratory, &number, "suspend", json!({"reason": "inquiry"})).await);
    assert_eq!(again, suspended, "the same asked again is answered as before");
    let other = act(&laboratory, &number, "suspend", json!({"reason": "another"})).await;
    assert_eq!(other.status(), StatusCode::CONFLICT);
    assert!(sentence(&other).ends_with("possible: revoke, release"), "{}", sentence(&other));
    let released = json(&act(&laboratory, &number, "release", json!({"reason": "cleared"})).await);
    assert_eq!((&released["state"], &released["reason"]), (&json!("valid"), &json!("cleared")));
    assert_eq!(act(&laboratory, &number, "release", json!({"reason": "x"})).await.status(), StatusCode::CONFLICT);

    let revoked = json!({"reason": "issued to the wrong person", "since": "2026-11-24T12:00:00Z"});
    let told = json(&act(&laboratory, &number, "revoke", revoked.clone()).await);
    assert_eq!((&told["state"], &told["since"]), (&json!("revoked"), &json!("2026-11-24T12:00:00Z")));
    assert_eq!(told["history"].as_array().unwrap().len(), 3);
    assert_eq!(told["possible"], json!([]));
    assert_eq!(json(&act(&laboratory, &number, "revoke", revoked).await), told);
    for (act_name, body) in
        [("revoke", json!({"reason": "x"})), ("suspend", json!({"reason": "x"})), ("reissue", json!({"reason": "x"}))]
    {
        let refused = act(&laboratory, &number, act_name, body).await;
        assert_eq!(refused.status(), StatusCode::CONFLICT, "{act_name}");
        assert!(sentence(&refused).contains("possible: nothing more"), "{}", sentence(&refused));
    }
    let pdf = ask(&laboratory, &format!("/issuer/api/certificates/{number}/pdf")).await.into_body();
    let verdict = json(&post(&laboratory, "/verifier/api/validations", &pdf).await);
    assert_eq!(verdict["indication"], "TOTAL-PASSED", "the seal is another matter");
    laboratory.world.clock.set("2026-11-24T10:00:00Z".parse().unwrap()).await.unwrap();
    let before = json(&ask(&laboratory, &format!("/issuer/api/certificates/{number}/standing")).await);
    assert_eq!(before["state"], "valid", "as it was at that time");
}

#[tokio::test]
async fn a_reissued_certificate_has_one_successor_however_often_it_is_asked_for() {
    let laboratory = laboratory().await;
    let number = issued(&laboratory, "髙橋 花", "hanako").await;
    let mut corrected: Value = serde_json::from_slice(COMPLETION).unwrap();
    corrected["recipient"]["identifier"] = "hanako".into();
    let request = json!({"reason": "the name was misspelt", "completion": corrected, "level": "B-B"});
    let asked = (0..4).map(|_| {
        let (laboratory, number, request) = (laboratory.clone(), number.clone(), request.clone());
        tokio::spawn(async move { act(&laboratory, &number, "reissue", request).await })
    });
    let mut statuses = Vec::new();
    for answer in asked.collect::<Vec<_>>() {
        statuses.push(answer.await.unwrap().status().as_u16());
    }
    statuses.sort_unstable();
    assert!(statuses.iter().filter(|status| **status == 201).count() == 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [200, 201, 503].contains(status)), "{statuses:?}");
    let again = act(&laboratory, &number, "reissue", request.clone()).await;
    assert_eq!(again.status(), StatusCode::OK);
    let new = json(&again);
    let successor = new["number"].as_str().unwrap();
    let place = format!("{}/issuer/api/certificates/{successor}", laboratory.world.base);
    assert_eq!(again.headers()["location"], place);
    assert_eq!((&new["recipient"], &new["standing"]["supersedes"]), (&json!("髙橋 花子"), &json!(number)));
    let old = json(&ask(&laboratory, &format!("/issuer/api/certificates/{number}")).await);
    assert_eq!(old["standing"]["state"], "superseded");
    assert_eq!(old["standing"]["superseded_by"], successor);
    let other = act(&laboratory, &number, "reissue", json!({"reason": "another"})).await;
    assert_eq!(other.status(), StatusCode::CONFLICT);
    assert!(
        sentence(&other).contains(successor) && sentence(&other).ends_with("possible: revoke"),
        "{}",
        sentence(&other)
    );
    assert_eq!(json(&ask(&laboratory, "/issuer/api/numbers/gaps").await)["gaps"], json!([]));
    let same_data =
        json(&act(&laboratory, successor, "reissue", json!({"reason": "the file was lost", "level": "B-B"})).await);
    assert_eq!(same_data["recipient"], "髙橋 花子", "without data those of the certificate count");
    let wrong = json!({"reason": "x", "completion": {"recipient": {}}});
    assert_eq!(act(&laboratory, successor, "reissue", wrong).await.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn what_cannot_be_recorded_is_refused_with_what_is_wanted() {
    let laboratory = laboratory().await;
    let number = issued(&laboratory, "髙橋 花子", "hanako").await;
    for (act_name, body, status, told) in [
        ("revoke", json!({"reason": " "}), 400, "reason: wanted 1 to 200 characters"),
        ("revoke", json!({"reason": "a\u{7}"}), 400, "reason:"),
        ("revoke", json!({"reason": "a\u{202e}b"}), 400, "one that is not seen, such as U+202E"),
        ("suspend", json!({"reason": "x", "by": "a\u{200b}"}), 400, "by:"),
        ("revoke", json!({"reason": "x".repeat(201)}), 400, "reason:"),
        ("revoke", json!({"reason": "x", "since": "+1d"}), 400, "since: wanted a time between the issue"),
        ("revoke", json!({"reason": "x", "since": "2026-11-01"}), 400, "since: wanted a time between the issue"),
        ("revoke", json!({"reason": "x", "since": "soon"}), 400, "since:"),
        ("suspend", json!({"reason": "x", "since": "now"}), 400, "since"),
        ("suspend", json!({"reason": "x", "by": ""}), 400, "by:"),
        ("release", json!({"reason": "x"}), 409, "possible: revoke, suspend, reissue"),
    ] {
        let refused = act(&laboratory, &number, act_name, body.clone()).await;
        assert_eq!(refused.status().as_u16(), status, "{act_name} {body}");
        assert!(sentence(&refused).contains(told), "{act_name} {body}: {}", sentence(&refused));
    }
    for unknown in ["TBU-2026-000009-7", "TBU-2026-000001-X", "x"] {
        for act_name in ["revoke", "suspend", "release", "reissue"] {
            let refused = act(&laboratory, unknown, act_name, json!({"reason": "x"})).await;
            assert_eq!(refused.status(), StatusCode::NOT_FOUND, "{act_name} {unknown}: {}", sentence(&refused));
        }
    }
    let standing = json(&ask(&laboratory, &format!("/issuer/api/certificates/{number}/standing")).await);
    assert_eq!((&standing["state"], &standing["history"]), (&json!("valid"), &json!([])));
}

async fn found(laboratory: &Laboratory, query: &str) -> Vec<String> {
    let told = json(&ask(laboratory, &format!("/issuer/api/certificates?{query}")).await);
    let certificates = told["certificates"].as_array().unwrap_or_else(|| panic!("{query}: {told}"));
    certificates.iter().map(|one| one["number"].as_str().unwrap()[9..15].trim_start_matches('0').to_owned()).collect()
}

#[tokio::test]
async fn certificates_are_found_by_what_is_known_of_them_and_the_bare_list_is_as_it_was() {
    let laboratory = laboratory().await;
    let mut numbers = Vec::new();
    for (name, identifier) in [("山田 太郎", "S1"), ("髙橋 花子", "S2"), ("山田 太郎", "S3"), ("Hanako SATO", "S4")]
    {
        numbers.push(issued(&laboratory, name, identifier).await);
        forward(&laboratory, "1d").await;
    }
    act(&laboratory, &numbers[0], "suspend", json!({"reason": "x"})).await;
    act(&laboratory, &numbers[1], "revoke", json!({"reason": "x"})).await;
    for (query, expected) in [
        ("limit=10", &["4", "3", "2", "1"][..]),
        ("recipient=山田太郎", &["3", "1"]),
        ("recipient=hanako%20sato", &["4"]),
        ("recipient=s2", &["2"]),
        ("achievement=データサイエンス入門&limit=2", &["4", "3"]),
        ("state=valid", &["4", "3"]),
        ("state=suspended", &["1"]),
        ("state=revoked", &["2"]),
        ("state=superseded", &[]),
        ("state=revoked&recipient=山田太郎", &[]),
        ("organization=tbu&issued-from=2026-11-26", &["4", "3"]),
        ("issued-to=2026-11-25&state=revoked", &["2"]),
        ("issued-from=2026-11-25&issued-to=2026-11-25", &["2"]),
    ] {
        let query = query.replace("山田太郎", "%E5%B1%B1%E7%94%B0%E5%A4%AA%E9%83%8E").replace(
            "データサイエンス入門",
            "%E3%83%87%E3%83%BC%E3%82%BF%E3%82%B5%E3%82%A4%E3%82%A8%E3%83%B3%E3%82%B9%E5%85%A5%E9%96%80",
        );
        assert_eq!(found(&laboratory, &query).await, expected, "{query}");
    }
    let number = format!("number={}", numbers[2].to_lowercase());
    assert_eq!(found(&laboratory, &number).await, ["3"]);
    let page = json(&ask(&laboratory, "/issuer/api/certificates?limit=3").await);
    assert_eq!(page["next"], json!(numbers[1]));
    assert_eq!(found(&laboratory, &format!("limit=3&after={}", numbers[1])).await, ["1"]);
    let last = json(&ask(&laboratory, &format!("/issuer/api/certificates?limit=3&after={}", numbers[1])).await);
    assert!(last["next"].is_null(), "{last}");
    for (query, status) in [
        ("limit=0", 400),
        ("limit=1001", 400),
        ("state=good", 400),
        ("after=TBU-2026-000009-7", 400),
        ("number=TBU-2026-000001-X", 400),
        ("recipient=%E3%80%80", 400),
        ("after=", 400),
        ("issued-from=soon", 400),
        ("organization=none", 400),
        ("offset=3", 400),
    ] {
        let refused = ask(&laboratory, &format!("/issuer/api/certificates?{query}")).await;
        assert_eq!(refused.status().as_u16(), status, "{query}: {}", sentence(&refused));
    }
    let bare = json(&ask(&laboratory, "/issuer/api/certificates").await);
    assert_eq!(bare.as_object().unwrap().keys().collect::<Vec<_>>(), ["certificates"]);
    let members = bare["certificates"][0].as_object().unwrap();
    assert_eq!(members.len(), 18, "{members:?}");
    assert!(!members.contains_key("state"), "as before");
}

#[tokio::test]
async fn the_badge_of_a_revoked_certificate_is_gone_and_says_why() {
    let laboratory = laboratory().await;
    let number = issued(&laboratory, "髙橋 花子", "hanako").await;
    let badge = async || ask(&laboratory, &format!("/issuer/api/certificates/{number}/badge?utm_source=mail")).await;
    assert_eq!(badge().await.headers()["eseal-certificate-state"], "valid");
    act(&laboratory, &number, "suspend", json!({"reason": "inquiry"})).await;
    assert_eq!(badge().await.headers()["eseal-certificate-state"], "suspended");
    act(&laboratory, &number, "revoke", json!({"reason": "withdrawn"})).await;
    let gone = badge().await;
    assert_eq!(gone.status(), StatusCode::GONE);
    assert_eq!(json(&gone)["error"], "revoked");
    assert!(sentence(&gone).contains("withdrawn"));
    assert!(json(&gone)["error_description_ja"].as_str().unwrap().contains("取り消されています"));
}

#[tokio::test]
async fn with_the_clock_set_back_nothing_becomes_of_a_certificate_before_its_issue_and_the_future_is_not_told() {
    let laboratory = laboratory().await;
    let number = issued(&laboratory, "髙橋 花子", "hanako").await;
    forward(&laboratory, "2d").await;
    let new = json(&act(&laboratory, &number, "reissue", json!({"reason": "lost"})).await);
    act(&laboratory, new["number"].as_str().unwrap(), "revoke", json!({"reason": "withdrawn"})).await;
    let standing = async || json(&ask(&laboratory, &format!("/issuer/api/certificates/{number}/standing")).await);
    let listed = async || json(&ask(&laboratory, &format!("/issuer/api/certificates?number={number}")).await);
    let told = standing().await;
    assert_eq!((&told["superseded_by"], &told["counts_instead"]), (&new["number"], &Value::Null));
    assert_eq!(listed().await["certificates"][0]["superseded_by"], new["number"]);
    laboratory.world.clock.set("2026-11-25T09:00:00Z".parse().unwrap()).await.unwrap();
    let told = standing().await;
    assert_eq!((&told["state"], &told["history"]), (&json!("valid"), &json!([])));
    assert_eq!((&told["superseded_by"], told.get("counts_instead")), (&Value::Null, Some(&Value::Null)));
    assert_eq!(listed().await["certificates"][0].get("superseded_by"), None);
    let again = act(&laboratory, &number, "reissue", json!({"reason": "x"})).await;
    assert!(sentence(&again).contains("takes its place at a later time of the clock"), "{}", sentence(&again));
    let japanese = json(&again)["error_description_ja"].as_str().unwrap().to_owned();
    assert!(japanese.contains("時計の先の時刻で") && !japanese.contains("有効です"), "{japanese}");
    laboratory.world.clock.set("2026-11-23T09:00:00Z".parse().unwrap()).await.unwrap();
    assert_eq!(standing().await["possible"], json!([]));
    for (act_name, since) in [("suspend", false), ("revoke", false), ("revoke", true), ("reissue", false)] {
        let mut body = json!({"reason": "x"});
        if since {
            body["since"] = json!("2026-11-23");
        }
        let refused = act(&laboratory, &number, act_name, body).await;
        assert_eq!(refused.status(), StatusCode::CONFLICT, "{act_name}: {}", sentence(&refused));
        let told = sentence(&refused);
        let wanted = if act_name == "reissue" { "at a later time of the clock" } else { "2026-11-24T09:00:00Z only" };
        assert!(told.contains(wanted), "{act_name}: {told}");
    }
}

#[tokio::test]
async fn what_is_issued_again_is_dated_on_that_day_unless_its_data_say_another_and_a_level_is_no_repetition() {
    let laboratory = laboratory().await;
    let mut completion: Value = serde_json::from_slice(COMPLETION).unwrap();
    completion["issued_on"] = "2026-11-20".into();
    let issue = async |name: &str| {
        let mut data = completion.clone();
        data["recipient"]["identifier"] = name.into();
        let path = "/issuer/api/certificates?level=B-B";
        json(&post(&laboratory, path, data.to_string().as_bytes()).await)["number"].as_str().unwrap().to_owned()
    };
    let (first, second) = (issue("one").await, issue("two").await);
    forward(&laboratory, "400d").await;
    let kept = async |number: &Value| laboratory.issuer.find(number.as_str().unwrap()).await.unwrap().completion;
    let request = json!({"reason": "the file was lost"});
    let new = json(&act(&laboratory, &first, "reissue", request.clone()).await)["number"].clone();
    assert!(!kept(&new).await.contains("issued_on"), "{new} is dated today");
    assert_eq!(act(&laboratory, &first, "reissue", request).await.status(), StatusCode::OK, "the same again");
    let lifted = json!({"reason": "the file was lost", "level": "B-T"});
    assert_eq!(act(&laboratory, &first, "reissue", lifted).await.status(), StatusCode::CONFLICT, "another level");
    completion["recipient"]["identifier"] = "two".into();
    let said = json!({"reason": "x", "completion": completion});
    let new = json(&act(&laboratory, &second, "reissue", said).await)["number"].clone();
    assert!(kept(&new).await.contains("2026-11-20"), "{new} is dated as its data say");
}

#[tokio::test]
async fn what_has_no_badge_names_no_address_of_one_when_it_is_issued_and_later() {
    let laboratory = laboratory().await;
    let invoice = include_bytes!("../../../examples/invoice.json");
    let told = json(&post(&laboratory, "/issuer/api/certificates?level=B-B", invoice).await);
    assert_eq!((told["number"].is_string(), told.get("badge")), (true, Some(&Value::Null)), "{told}");
    let with_badge = issued(&laboratory, "髙橋 花子", "hanako").await;
    let listed = json(&ask(&laboratory, "/issuer/api/certificates").await);
    let badges: Vec<&Value> = listed["certificates"].as_array().unwrap().iter().map(|one| &one["badge"]).collect();
    let address = format!("{}/issuer/api/certificates/{with_badge}/badge", laboratory.world.base);
    assert_eq!(badges, [&json!(address), &Value::Null]);
    assert_eq!(ask(&laboratory, address.strip_prefix(&*laboratory.world.base).unwrap()).await.status(), StatusCode::OK);
}
