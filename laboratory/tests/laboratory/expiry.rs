//! Certificates whose last day is over, and what is issued again.

use http::StatusCode;
use laboratory::Laboratory;
use serde_json::{Value, json};

use super::support::{Answer, ask, json, laboratory, post};

const COMPLETION: &[u8] = include_bytes!("../../../examples/certificate.json");
const TRAINING: &[u8] = include_bytes!("../../../examples/certificate-training.json");

/// The first example with a change.
fn completion(change: impl FnOnce(&mut Value)) -> Value {
    let mut completion = serde_json::from_slice(COMPLETION).unwrap();
    change(&mut completion);
    completion
}

async fn issued(laboratory: &Laboratory, completion: &Value, query: &str) -> Value {
    let path = format!("/issuer/api/certificates{query}");
    let told = json(&post(laboratory, &path, completion.to_string().as_bytes()).await);
    assert!(told["number"].is_string(), "{told}");
    told
}

async fn act(laboratory: &Laboratory, number: &Value, act: &str, body: &Value) -> Answer {
    let path = format!("/issuer/api/certificates/{}/{act}", number.as_str().unwrap());
    post(laboratory, &path, body.to_string().as_bytes()).await
}

async fn standing(laboratory: &Laboratory, number: &Value) -> Value {
    json(&ask(laboratory, &format!("/issuer/api/certificates/{}/standing", number.as_str().unwrap())).await)
}

#[tokio::test]
async fn a_certificate_has_expired_when_its_last_day_is_over_and_whoever_asks_is_told() {
    let laboratory = laboratory().await;
    let data = completion(|data| data["valid_until"] = "2026-11-30".into());
    let number = issued(&laboratory, &data, "?level=B-B").await["number"].clone();
    let lasting = issued(&laboratory, &completion(|_| {}), "?level=B-B").await["number"].clone();
    let before = standing(&laboratory, &number).await;
    assert_eq!((&before["state"], &before["valid_until"]), (&json!("valid"), &json!("2026-11-30")));
    laboratory.world.clock.set("2026-11-30T15:00:00Z".parse().unwrap()).await.unwrap();
    let told = standing(&laboratory, &number).await;
    assert_eq!((&told["state"], &told["since"]), (&json!("expired"), &json!("2026-11-30T15:00:00Z")));
    assert_eq!((&told["reason"], &told["possible"]), (&json!(null), &json!(["revoke", "reissue"])));
    let listed = async |state: &str| {
        let told = json(&ask(&laboratory, &format!("/issuer/api/certificates?state={state}")).await);
        told["certificates"].as_array().unwrap().iter().map(|one| one["number"].clone()).collect::<Vec<_>>()
    };
    assert_eq!((listed("expired").await, listed("valid").await), (vec![number.clone()], vec![lasting.clone()]));
    let badge = ask(&laboratory, &format!("/issuer/api/certificates/{}/badge", number.as_str().unwrap())).await;
    assert_eq!(badge.headers()["eseal-certificate-state"], "expired");
    let refused = act(&laboratory, &number, "suspend", &json!({"reason": "x"})).await;
    let body = json(&refused);
    assert_eq!(refused.status(), StatusCode::CONFLICT);
    assert!(
        body["error_description"].as_str().unwrap().contains("it has expired since 2026-11-30T15:00:00Z"),
        "{body}"
    );
    assert!(body["error_description_ja"].as_str().unwrap().contains("有効期限が切れています"), "{body}");
    let same = act(&laboratory, &number, "reissue", &json!({"reason": "x"})).await;
    assert_eq!(same.status(), StatusCode::UNPROCESSABLE_ENTITY, "its last day would be over before it begins");
    let longer = completion(|data| data["valid_until"] = "2027-11-30".into());
    let again = act(&laboratory, &number, "reissue", &json!({"reason": "prolonged", "completion": longer})).await;
    assert_eq!(json(&again)["standing"]["state"], "valid");
    assert_eq!(standing(&laboratory, &number).await["state"], "superseded", "no more expired than any other");
}

#[tokio::test]
async fn what_is_issued_again_keeps_template_and_level_if_the_data_say_nothing_of_them() {
    let laboratory = laboratory().await;
    let mut training: Value = serde_json::from_slice(TRAINING).unwrap();
    training.as_object_mut().unwrap().remove("template");
    let old = issued(&laboratory, &training, "?level=B-T&template=training").await;
    training["recipient"]["name"] = "山田 太朗".into();
    let request = json!({"reason": "the name was misspelt", "completion": training});
    let new = json(&act(&laboratory, &old["number"], "reissue", &request).await);
    assert_eq!((&new["template"], &new["level"]), (&json!("training"), &json!("B-T")), "{new}");
    let again = act(&laboratory, &old["number"], "reissue", &request).await;
    assert_eq!((again.status(), &json(&again)["number"]), (StatusCode::OK, &new["number"]), "the same asked again");
    training["level"] = "B-B".into();
    let request = json!({"reason": "the level", "completion": training});
    assert_eq!(json(&act(&laboratory, &new["number"], "reissue", &request).await)["level"], "B-B");
}

#[tokio::test]
async fn data_about_something_else_take_the_place_of_a_certificate_only_if_that_is_said() {
    let laboratory = laboratory().await;
    let number = issued(&laboratory, &completion(|_| {}), "?level=B-B").await["number"].clone();
    let person = completion(|data| data["recipient"]["identifier"] = "somebody.else@example.ac.jp".into());
    let course = completion(|data| {
        data["achievement"]["name_ja"] = "線形代数".into();
        data["achievement"]["name_en"] = "Linear Algebra".into();
        data["achievement"].as_object_mut().unwrap().remove("id");
    });
    let document: Value = serde_json::from_slice(include_bytes!("../../../examples/conformity.json")).unwrap();
    let document = {
        let mut document = document;
        document["recipient"]["identifier"] = completion(|_| {})["recipient"]["identifier"].clone();
        document
    };
    for (data, about) in [(&person, "recipient"), (&course, "achievement"), (&document, "template")] {
        let refused = act(&laboratory, &number, "reissue", &json!({"reason": "x", "completion": data})).await;
        let told = json(&refused);
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "{about}: {told}");
        let sentence = told["error_description"].as_str().unwrap();
        assert!(sentence.contains(&format!("the data are about another {about}: wanted ")), "{sentence}");
        assert!(told["error_description_ja"].as_str().unwrap().contains(&format!("--another {about}")), "{told}");
    }
    assert_eq!(standing(&laboratory, &number).await["state"], "valid", "nothing was issued");
    let misspelt = completion(|data| data["achievement"]["name_ja"] = "データサイエンス 入門編".into());
    let first = json!({"reason": "misspelt", "completion": misspelt, "level": "B-B"});
    let corrected = json(&act(&laboratory, &number, "reissue", &first).await);
    let request = json!({"reason": "a mix-up", "completion": person, "another": ["recipient"], "level": "B-B"});
    let meant = json(&act(&laboratory, &corrected["number"], "reissue", &request).await);
    assert_eq!(meant["standing"]["supersedes"], corrected["number"], "{meant}");
}
