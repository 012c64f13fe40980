//! Templates of a world's own over HTTP: kept in versions, looked at, issued by, and issued by again.

use http::StatusCode;
use issuer::template::Template;
use laboratory::Laboratory;
use serde_json::{Value, json};

use super::support::{Answer, ask, json, laboratory, post, send};

const TRAINING: &[u8] = include_bytes!("../../../examples/certificate-training.json");

/// A template like the one for trainings, of another id.
fn own(version: u32, title: &str) -> String {
    let text = Template::bundled("training").unwrap().text().replace("id = \"training\"", "id = \"first-aid\"");
    let text = text.replace("研修修了証\"\ny", &format!("{title}\"\ny"));
    text.replacen("\nversion = 1", &format!("\nversion = {version}"), 1)
}

async fn put(laboratory: &Laboratory, id: &str, template: &str, pictures: Value) -> Answer {
    let body = json!({"template": template, "pictures": pictures}).to_string();
    send(laboratory, "PUT", &format!("/issuer/api/templates/{id}"), "application/json", body.as_bytes()).await
}

fn data(template: &str) -> Value {
    let mut data: Value = serde_json::from_slice(TRAINING).unwrap();
    data["template"] = template.into();
    data
}

async fn issued(laboratory: &Laboratory, template: &str) -> Value {
    let body = data(template).to_string();
    json(&post(laboratory, "/issuer/api/certificates?level=B-B", body.as_bytes()).await)
}

fn sentence(answer: &Answer) -> String {
    json(answer)["error_description"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_template_is_kept_listed_and_read_again_in_every_version() {
    let laboratory = laboratory().await;
    let (first, second) = (own(1, "救命講習修了証"), own(2, "上級救命講習修了証"));
    for (text, expected) in [(&first, 1), (&first, 1), (&second, 2)] {
        let kept = put(&laboratory, "first-aid", text, json!({})).await;
        assert_eq!((kept.status(), &json(&kept)["version"]), (StatusCode::OK, &json!(expected)));
    }
    let listed = json(&ask(&laboratory, "/issuer/api/templates").await);
    let listed: Vec<&Value> = listed["templates"].as_array().unwrap().iter().map(|entry| &entry["id"]).collect();
    assert_eq!(listed, ["learning", "training", "conformity", "invoice", "first-aid"]);
    for (query, expected) in [("", &second), ("?version=1", &first), ("?version=2", &second)] {
        let files = json(&ask(&laboratory, &format!("/issuer/api/templates/first-aid{query}")).await);
        assert_eq!(files["template"], expected.as_str(), "{query}");
    }
    let missing = ask(&laboratory, "/issuer/api/templates/first-aid?version=3").await;
    assert_eq!(missing.status(), StatusCode::NOT_FOUND);
    assert!(sentence(&missing).ends_with("there is no version 3; there are: 1, 2"), "{}", sentence(&missing));
    let misspelt = ask(&laboratory, "/issuer/api/templates/first-ad").await;
    assert_eq!(misspelt.status(), StatusCode::NOT_FOUND);
    assert!(sentence(&misspelt).contains("did you mean \"first-aid\"?"), "{}", sentence(&misspelt));
}

#[tokio::test]
async fn what_is_wrong_with_a_template_is_told_and_nothing_is_kept() {
    let laboratory = laboratory().await;
    let good = own(1, "救命講習修了証");
    let pale = good.replacen("colour = \"grey\"", "colour = \"#EEEEEE\"", 1);
    let seal = format!("{good}\n[seal]\ntext = \"試/験\"\npicture = \"seal.png\"\n");
    for (id, text, pictures, status, expected) in [
        ("first-aid", "no TOML".to_owned(), json!({}), StatusCode::UNPROCESSABLE_ENTITY, "line 1"),
        ("first-aid", pale, json!({}), StatusCode::UNPROCESSABLE_ENTITY, "contrast"),
        ("first-aid", seal.clone(), json!({}), StatusCode::UNPROCESSABLE_ENTITY, "no file \"seal.png\""),
        ("first-aid", seal, json!({"seal.png": "R0lG"}), StatusCode::UNPROCESSABLE_ENTITY, "wanted a PNG"),
        ("second-aid", good.clone(), json!({}), StatusCode::CONFLICT, "own id is first-aid"),
        ("first-aid", good, json!({"seal.png": "?"}), StatusCode::UNPROCESSABLE_ENTITY, "Base64"),
        ("training", own(1, "x").replace("first-aid", "training"), json!({}), StatusCode::CONFLICT, "comes along"),
    ] {
        let refused = put(&laboratory, id, &text, pictures).await;
        assert_eq!(refused.status(), status, "{}", sentence(&refused));
        assert!(sentence(&refused).contains(expected), "{}", sentence(&refused));
    }
    assert_eq!(json(&ask(&laboratory, "/issuer/api/templates").await)["templates"].as_array().unwrap().len(), 4);
}

#[tokio::test]
async fn a_sample_is_looked_at_before_anything_is_issued_and_leaves_nothing_behind() {
    let laboratory = laboratory().await;
    put(&laboratory, "first-aid", &own(1, "救命講習修了証"), json!({})).await;
    put(&laboratory, "first-aid", &own(2, "上級救命講習修了証"), json!({})).await;
    let path = "/issuer/api/templates/first-aid/preview";
    let newest = post(&laboratory, path, data("first-aid").to_string().as_bytes()).await;
    assert_eq!(newest.status(), StatusCode::OK);
    assert_eq!(newest.headers()["content-type"], "application/pdf");
    assert!(newest.body().starts_with(b"%PDF-1.7"));
    let first = post(&laboratory, &format!("{path}?version=1"), data("first-aid").to_string().as_bytes()).await;
    assert!(first.status() == StatusCode::OK && first.body() != newest.body());
    let other = post(&laboratory, path, data("training").to_string().as_bytes()).await;
    assert_eq!(other.status(), StatusCode::UNPROCESSABLE_ENTITY, "the data name another template");
    let unknown = post(&laboratory, "/issuer/api/templates/none/preview", b"{}").await;
    assert_eq!(unknown.status(), StatusCode::NOT_FOUND);
    let mut long = data("first-aid");
    long["recipient"]["name"] = "長".repeat(99).into();
    let refused = post(&laboratory, path, long.to_string().as_bytes()).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(sentence(&refused).contains("recipient.name"), "{}", sentence(&refused));
    let nobody =
        post(&laboratory, &format!("{path}?organization=none"), data("first-aid").to_string().as_bytes()).await;
    assert_eq!(nobody.status(), StatusCode::BAD_REQUEST);
    assert_eq!(json(&ask(&laboratory, "/issuer/api/certificates").await)["certificates"], json!([]));
    assert_eq!(json(&ask(&laboratory, "/issuer/api/numbers/gaps").await)["gaps"], json!([]));
}

#[tokio::test]
async fn a_certificate_is_issued_again_by_the_version_of_its_template_by_which_it_was_made() {
    let laboratory = laboratory().await;
    put(&laboratory, "first-aid", &own(1, "救命講習修了証"), json!({})).await;
    let old = issued(&laboratory, "first-aid").await;
    assert_eq!(old["template_version"], 1);
    put(&laboratory, "first-aid", &own(2, "上級救命講習修了証"), json!({})).await;
    assert_eq!(issued(&laboratory, "first-aid").await["template_version"], 2, "what is new is printed by the newest");

    let again = async |number: &Value, body: Value| {
        let path = format!("/issuer/api/certificates/{}/reissue", number.as_str().unwrap());
        post(&laboratory, &path, body.to_string().as_bytes()).await
    };
    let unknown = again(&old["number"], json!({"reason": "lost", "level": "B-B", "template_version": 7})).await;
    assert_eq!(unknown.status(), StatusCode::BAD_REQUEST);
    assert!(sentence(&unknown).contains("there is no version 7; there are: 1, 2"), "{}", sentence(&unknown));
    let same = json(&again(&old["number"], json!({"reason": "lost", "level": "B-B"})).await);
    assert_eq!((&same["template"], &same["template_version"]), (&json!("first-aid"), &json!(1)));
    let repeated = again(&old["number"], json!({"reason": "lost", "level": "B-B", "template_version": 2})).await;
    assert_eq!(repeated.status(), StatusCode::CONFLICT, "it was issued again by another version");

    let wish = json!({"reason": "new layout", "level": "B-B", "template_version": 2});
    let newer = json(&again(&same["number"], wish).await);
    assert_eq!(newer["template_version"], 2);
    let other =
        json!({"reason": "another form", "another": ["template"], "level": "B-B", "completion": data("training")});
    let other = json(&again(&newer["number"], other).await);
    assert_eq!((&other["template"], &other["template_version"]), (&json!("training"), &json!(1)));
}
