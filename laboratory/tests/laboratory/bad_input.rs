//! What a service is given by mistake or with intent: a clear error in the protocol's own form, and the server alive.

use super::support::{Answer, ask, json, laboratory, post, send};
use http::StatusCode;
use laboratory::Laboratory;
use pki::{OcspRefusal, TimeStampFailure, TimeStampResponse};
use serde_json::{Value, json as object};

const COMPLETION: &[u8] = include_bytes!("../../../examples/certificate.json");

fn description(answer: &Answer) -> String {
    json(answer)["error_description"].as_str().unwrap_or_default().to_owned()
}

async fn assert_alive(laboratory: &Laboratory) {
    let issued = post(laboratory, "/issuer/api/certificates?level=B-B", COMPLETION).await;
    assert_eq!(issued.status(), StatusCode::CREATED, "{:?}", issued.body());
}

#[tokio::test]
async fn what_is_not_a_pdf_is_not_sealed() {
    let laboratory = laboratory().await;
    let number = json(&post(&laboratory, "/issuer/api/certificates?level=B-B", COMPLETION).await)["number"].clone();
    let pdf = ask(&laboratory, &format!("/issuer/api/certificates/{}/pdf", number.as_str().unwrap())).await.into_body();
    for (what, body) in [
        ("empty", &b""[..]),
        ("text", b"this is not a PDF"),
        ("truncated", &pdf[..pdf.len() / 2]),
        ("without its end", &pdf[..pdf.len() - 20]),
        ("header alone", b"%PDF-1.7\n"),
    ] {
        let refused = send(&laboratory, "POST", "/issuer/api/seals", "application/pdf", body).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "{what}: {:?}", refused.body());
        assert!(description(&refused).len() > 20, "{what}: {}", description(&refused));
    }
    assert_alive(&laboratory).await;
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_in_the_services_own_form() {
    let laboratory = laboratory().await;
    let huge = vec![b' '; 200 << 20];
    for (path, media_type) in
        [("/issuer/api/seals", "application/pdf"), ("/issuer/api/certificates", "application/json")]
    {
        let refused = send(&laboratory, "POST", path, media_type, &huge).await;
        assert_eq!(refused.status(), StatusCode::PAYLOAD_TOO_LARGE, "{path}");
        assert_eq!(json(&refused)["error"], "too_large");
    }
    let csc = send(&laboratory, "POST", "/csc/v2/credentials/list", "application/json", &huge).await;
    assert!(csc.status().is_client_error() && json(&csc)["error"].is_string());
    let stamp = send(&laboratory, "POST", "/tsa", "application/timestamp-query", &huge).await;
    assert!(matches!(TimeStampResponse::from_der(stamp.body()), Ok(TimeStampResponse::Refused { .. })));
    let ocsp = send(&laboratory, "POST", "/ca/ocsp", "application/ocsp-request", &huge).await;
    assert_eq!(ocsp.body(), &OcspRefusal::MalformedRequest.to_der());
    assert_alive(&laboratory).await;
}

#[tokio::test]
async fn what_is_wrong_with_a_request_for_certificates_is_told_in_japanese_too() {
    let laboratory = laboratory().await;
    let long = format!("/issuer/api/batches?name={}", "a".repeat(201));
    for (path, body) in [
        ("/issuer/api/batches?level_at_least=B-LTA&level=B-B", &b""[..]),
        ("/issuer/api/batches?level_at_least=B-X", b""),
        ("/issuer/api/batches?another=recipient", b""),
        ("/issuer/api/batches?reissue=true&another=everything", b""),
        ("/issuer/api/batches?reissue=yes", b""),
        ("/issuer/api/registers/dry-run?delimiter=%22", b"a,b"),
        ("/issuer/api/completions?x=1", b""),
        ("/issuer/api/completions", b"{}"),
        ("/issuer/api/certificates", b"[]"),
        (&long, b""),
    ] {
        let refused = post(&laboratory, path, body).await;
        assert!(refused.status().is_client_error(), "{path}: {}", refused.status());
        let japanese = json(&refused)["error_description_ja"].as_str().unwrap_or_default().to_owned();
        assert!(!japanese.is_ascii() && !japanese.contains("wanted"), "{path}: {japanese:?}");
    }
}

#[tokio::test]
async fn malformed_completion_data_is_answered_with_the_place_and_the_rule() {
    let laboratory = laboratory().await;
    let mut good: Value = serde_json::from_slice(COMPLETION).unwrap();
    let refused = post(&laboratory, "/issuer/api/certificates", b"{\"recipient\": ").await;
    assert_eq!(
        (refused.status(), json(&refused)["error"].as_str().unwrap()),
        (StatusCode::BAD_REQUEST, "invalid_request")
    );

    good["recipient"]["name"] = "𠮷田 花子".into();
    let refused = post(&laboratory, "/issuer/api/certificates", good.to_string().as_bytes()).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(description(&refused).contains("U+20BB7"), "{}", description(&refused));

    good["recipient"]["nickname"] = "花".into();
    let refused = post(&laboratory, "/issuer/api/certificates", good.to_string().as_bytes()).await;
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
    assert!(description(&refused).contains("nickname"), "{}", description(&refused));
    let refused = post(&laboratory, "/issuer/api/certificates?level=B-X", COMPLETION).await;
    assert!(description(&refused).contains("B-LTA"), "{}", description(&refused));
    assert_alive(&laboratory).await;
}

#[tokio::test]
async fn garbage_at_ocsp_and_tsa_is_refused_in_their_own_form() {
    let laboratory = laboratory().await;
    for garbage in [&b""[..], b"garbage", &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff], &[0x30; 4000]] {
        let answer = send(&laboratory, "POST", "/ca/ocsp", "application/ocsp-request", garbage).await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.body(), &OcspRefusal::MalformedRequest.to_der());
        let answer = send(&laboratory, "POST", "/tsa", "application/timestamp-query", garbage).await;
        match TimeStampResponse::from_der(answer.body()).unwrap() {
            TimeStampResponse::Refused { failure, .. } => assert_eq!(failure, Some(TimeStampFailure::BadDataFormat)),
            granted => panic!("{granted:?}"),
        }
    }
    assert_alive(&laboratory).await;
}

/// Logs in as a new client with a credential of its own; gives the authorization header's value.
async fn csc(laboratory: &Laboratory, token: &str, method: &str, body: &Value) -> Answer {
    let request = http::Request::post(format!("{}/csc/v2/{method}", laboratory.world.base))
        .header("content-type", "application/json")
        .header("authorization", format!("Bearer {token}"))
        .body(body.to_string().into())
        .unwrap();
    laboratory.world.network.send("client", request).await.unwrap()
}

async fn token(laboratory: &Laboratory) -> String {
    let secret = laboratory.signer.register_client("stranger").await.unwrap();
    let form = format!("grant_type=client_credentials&client_id=stranger&client_secret={secret}");
    let path = "/csc/v2/oauth2/token";
    let answer = send(laboratory, "POST", path, "application/x-www-form-urlencoded", form.as_bytes()).await;
    json(&answer)["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_key_server_refuses_what_was_not_authorized() {
    let laboratory = laboratory().await;
    let token = token(&laboratory).await;
    let refused = csc(&laboratory, &token, "credentials/info", &object!({ "credentialID": "nobody" })).await;
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
    assert_eq!(description(&refused), "Invalid parameter credentialID");
    // A credential of another client is as unknown as none.
    let foreign = csc(&laboratory, &token, "credentials/info", &object!({ "credentialID": "seal-p256" })).await;
    assert_eq!(description(&foreign), "Invalid parameter credentialID");
    let without = send(&laboratory, "POST", "/csc/v2/credentials/list", "application/json", b"{}").await;
    assert_eq!(without.status(), StatusCode::UNAUTHORIZED);
    assert_alive(&laboratory).await;
}
