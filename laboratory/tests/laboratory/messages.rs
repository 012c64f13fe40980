//! Messages of a learning platform, signed as Standard Webhooks say: one certificate each, however often they come.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Request, StatusCode};
use laboratory::Laboratory;
use serde_json::{Value, json};

use super::support::{Answer, ask, json, laboratory, post};

const PATH: &str = "/issuer/api/completions";

fn message(identifier: &str) -> Vec<u8> {
    let mut data: Value = serde_json::from_slice(include_bytes!("../../../examples/certificate.json")).unwrap();
    data["recipient"]["identifier"] = identifier.into();
    json!({"type": "completion.recorded", "timestamp": "2026-11-24T09:00:00Z", "level": "B-B", "data": data})
        .to_string()
        .into_bytes()
}

async fn secret(laboratory: &Laboratory) -> Vec<u8> {
    let told = json(&ask(laboratory, "/issuer/api/webhook").await);
    assert_eq!(told["address"], format!("{}{PATH}", laboratory.world.base));
    STANDARD.decode(told["secret"].as_str().unwrap().strip_prefix("whsec_").unwrap()).unwrap()
}

/// HMAC-SHA256 (RFC 2104) by hand: a second opinion on the issuer's.
fn signature(secret: &[u8], content: &[u8]) -> String {
    let padded = |with: u8| {
        let mut key = [0_u8; 64];
        key[..secret.len()].copy_from_slice(secret);
        key.map(|octet| octet ^ with)
    };
    let sha256 = |parts: &[&[u8]]| pki::DigestAlgorithm::Sha256.digest(&parts.concat());
    let inner = sha256(&[&padded(0x36), content]);
    format!("v1,{}", STANDARD.encode(sha256(&[&padded(0x5c), inner.as_bytes()]).as_bytes()))
}

async fn deliver(laboratory: &Laboratory, id: &str, sent: i64, secret: &[u8], body: &[u8]) -> Answer {
    let content = [id.as_bytes(), b".", sent.to_string().as_bytes(), b".", body].concat();
    deliver_signed(laboratory, id, sent, &signature(secret, &content), body).await
}

async fn deliver_signed(laboratory: &Laboratory, id: &str, sent: i64, signature: &str, body: &[u8]) -> Answer {
    let request = Request::post(format!("{}{PATH}", laboratory.world.base))
        .header("content-type", "application/json")
        .header("webhook-id", id)
        .header("webhook-timestamp", sent.to_string())
        .header("webhook-signature", signature);
    let request = request.body(Bytes::copy_from_slice(body)).unwrap();
    laboratory.world.network.send("client", request).await.unwrap()
}

async fn issued(laboratory: &Laboratory) -> usize {
    laboratory.issuer.newest(100).await.unwrap().len()
}

fn now(laboratory: &Laboratory) -> i64 {
    laboratory.world.clock.now().as_second()
}

#[tokio::test]
async fn a_message_makes_one_certificate_also_when_it_comes_again_and_at_once() {
    let laboratory = laboratory().await;
    let (secret, body) = (secret(&laboratory).await, message("S1"));
    let sent = now(&laboratory);
    let several = (0..4).map(|_| {
        let (laboratory, secret, body) = (laboratory.clone(), secret.clone(), body.clone());
        tokio::spawn(async move { deliver(&laboratory, "msg_1", sent, &secret, &body).await.status().as_u16() })
    });
    for status in several.collect::<Vec<_>>() {
        assert!([200, 503].contains(&status.await.unwrap()), "a platform comes again after 503");
    }
    let first = json(&deliver(&laboratory, "msg_1", sent, &secret, &body).await);
    assert!(first["number"].as_str().unwrap().starts_with("TBU-2026-"), "{first}");
    laboratory.world.clock.advance("4m".parse().unwrap()).await.unwrap();
    let later = json(&deliver(&laboratory, "msg_1", now(&laboratory), &secret, &body).await);
    assert_eq!((later, issued(&laboratory).await), (first.clone(), 1));
    let other = deliver(&laboratory, "msg_1", now(&laboratory), &secret, &message("S2")).await;
    assert_eq!(other.status(), StatusCode::CONFLICT);
    let second = json(&deliver(&laboratory, "msg_2", now(&laboratory), &secret, &message("S2")).await);
    assert_ne!(second["number"], first["number"]);
    let third = json(&deliver(&laboratory, "msg_3", now(&laboratory), &secret, &message("s1")).await);
    assert_eq!((&third["also"], &first["also"]), (&first["number"], &Value::Null), "the same under another id is told");
    assert_eq!(json(&ask(&laboratory, "/issuer/api/numbers/gaps").await)["gaps"], json!([]));
}

#[tokio::test]
async fn what_is_not_signed_or_not_from_now_issues_nothing() {
    let laboratory = laboratory().await;
    let (secret, body, sent) = (secret(&laboratory).await, message("S1"), now(&laboratory));
    let content = |id: &str| [id.as_bytes(), b".", sent.to_string().as_bytes(), b".", &body].concat();
    for (id, time, signature, status, error) in [
        ("m", sent, signature(b"another", &content("m")), 401, "invalid_signature"),
        ("other", sent, signature(&secret, &content("m")), 401, "invalid_signature"),
        ("m", sent + 1, signature(&secret, &content("m")), 401, "invalid_signature"),
        ("m", sent, "v2,AAAA".to_owned(), 401, "invalid_signature"),
        ("m", sent, " ".to_owned(), 401, "invalid_signature"),
        ("m.1", sent, signature(&secret, &content("m.1")), 400, "invalid_request"),
    ] {
        let refused = deliver_signed(&laboratory, id, time, &signature, &body).await;
        assert_eq!((refused.status().as_u16(), &json(&refused)["error"]), (status, &json!(error)), "{id} {signature}");
    }
    for away in [-301, 301] {
        let old = deliver(&laboratory, "m", sent + away, &secret, &body).await;
        assert_eq!(old.status(), StatusCode::BAD_REQUEST, "{away}");
        assert!(json(&old)["error_description"].as_str().unwrap().contains("300 s"), "{:?}", old.body());
    }
    let bare = post(&laboratory, PATH, &body).await;
    assert_eq!((bare.status().as_u16(), &json(&bare)["error"]), (401, &json!("invalid_signature")));
    assert!(json(&bare)["error_description"].as_str().unwrap().starts_with("webhook-signature"), "{:?}", bare.body());
    for (body, status) in [
        (b"no JSON".to_vec(), 400),
        (json!({"type": "completion.recorded"}).to_string().into_bytes(), 400),
        (String::from_utf8(message("S1")).unwrap().replace("completion.recorded", "user.created").into_bytes(), 422),
        (json!({"type": "user.created", "data": {"user_id": 5}}).to_string().into_bytes(), 422),
        (String::from_utf8(message("S1")).unwrap().replace("2025-09-26", "2026-12-20").into_bytes(), 422),
    ] {
        let refused = deliver(&laboratory, "m", sent, &secret, &body).await;
        assert_eq!(refused.status().as_u16(), status, "{:?}", refused.body());
    }
    assert_eq!(issued(&laboratory).await, 0);
}

#[tokio::test]
async fn a_message_that_names_two_levels_or_a_time_that_is_none_issues_nothing() {
    let laboratory = laboratory().await;
    let (secret, sent) = (secret(&laboratory).await, now(&laboratory));
    let with = |member: &str, value: &str| {
        let mut body: Value = serde_json::from_slice(&message("S1")).unwrap();
        body["data"]["level"] = json!("B-B");
        body[member] = json!(value);
        body.to_string().into_bytes()
    };
    for (body, words) in [
        (with("level", "B-T"), "leave one of the two out"),
        (with("timestamp", "yesterday"), "timestamp: wanted a time of RFC 3339"),
        (with("timestamp", "2026-11-24 09:00:00Z"), "timestamp: wanted a time of RFC 3339"),
    ] {
        let refused = deliver(&laboratory, "m", sent, &secret, &body).await;
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST, "{:?}", refused.body());
        assert!(json(&refused)["error_description"].as_str().unwrap().contains(words), "{:?}", refused.body());
    }
    assert_eq!(issued(&laboratory).await, 0);
    assert_eq!(deliver(&laboratory, "m", sent, &secret, &with("level", "B-B")).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn secrets_that_are_replaced_twice_within_a_day_count_for_a_day_each() {
    let laboratory = laboratory().await;
    let mut secrets = vec![secret(&laboratory).await];
    for _ in 0..2 {
        post(&laboratory, "/issuer/api/webhook/rotate", b"").await;
        secrets.push(secret(&laboratory).await);
        laboratory.world.clock.advance("1h".parse().unwrap()).await.unwrap();
    }
    let taken = async |hour: usize| {
        let mut taken = Vec::new();
        for (number, secret) in secrets.iter().enumerate() {
            let id = format!("msg_{hour}_{number}");
            let answer = deliver(&laboratory, &id, now(&laboratory), secret, &message(&id)).await;
            taken.push(answer.status().as_u16());
        }
        taken
    };
    assert_eq!(taken(2).await, [200, 200, 200]);
    laboratory.world.clock.advance("22h".parse().unwrap()).await.unwrap();
    assert_eq!(taken(24).await, [401, 200, 200], "the first was replaced a day ago");
    laboratory.world.clock.advance("1h".parse().unwrap()).await.unwrap();
    assert_eq!(taken(25).await, [401, 401, 200]);
}

#[tokio::test]
async fn the_secret_before_counts_for_a_day_after_it_was_replaced() {
    let laboratory = laboratory().await;
    let before = secret(&laboratory).await;
    assert_eq!(before.len(), 32);
    let told = json(&post(&laboratory, "/issuer/api/webhook/rotate", b"").await);
    assert_eq!(told["earlier_until"], "2026-11-25T09:00:00Z");
    let newest = secret(&laboratory).await;
    assert_ne!(before, newest);
    for (number, (advance, with_before)) in [("0s", 200), ("23h", 200), ("1h", 401)].into_iter().enumerate() {
        laboratory.world.clock.advance(advance.parse().unwrap()).await.unwrap();
        let sent = now(&laboratory);
        for (secret, status) in [(&before, with_before), (&newest, 200)] {
            let id = format!("msg_{number}_{status}_{}", secret[0]);
            let answer = deliver(&laboratory, &id, sent, secret, &message(&id)).await;
            assert_eq!(answer.status().as_u16(), status, "{advance}: {:?}", answer.body());
        }
    }
}
