//! What the key server knows of certificates: the same as CRL and OCSP, at the next question.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use ca::Profile;
use pki::{KeyKind, RevocationReason};
use serde_json::{Value, json};
use signer::{NewCredential, Scal, WhenRevoked};
use tower::ServiceExt;

use super::fixture::*;

async fn call(testbed: &Testbed, method: &str, bearer: Option<&str>, body: String) -> (StatusCode, Value) {
    let media_type =
        if method.starts_with("oauth2") { "application/x-www-form-urlencoded" } else { "application/json" };
    let mut request = Request::post(format!("/csc/v2/{method}")).header("content-type", media_type);
    if let Some(bearer) = bearer {
        request = request.header("authorization", format!("Bearer {bearer}"));
    }
    let request = request.body(Body::from(body)).unwrap();
    let (status, _, body) =
        read(axum::Router::from(signer::router(testbed.signer.clone())).oneshot(request).await.unwrap()).await;
    (status, serde_json::from_slice(&body).unwrap())
}

#[tokio::test]
async fn a_credential_is_revoked_for_the_key_server_when_the_ca_has_answered() {
    let testbed = Testbed::new().await;
    let key = testbed.signer.create_key(KeyKind::P256, "seal").await.unwrap();
    let public_key = testbed.signer.public_key(&key).await.unwrap();
    let chain = testbed.ca.enrol(Profile::Seal, &subject("Learning Platform"), &public_key).await.unwrap();
    let serial = chain[0].serial().clone();
    let secret = testbed.signer.register_client("client").await.unwrap();
    let (id, client, description) = ("seal".into(), "client".into(), "A seal".into());
    let (scal, multisign, when_revoked) = (Scal::One, 10, WhenRevoked::Refuse);
    let new = NewCredential { id, key, chain, client, description, scal, multisign, when_revoked };
    testbed.signer.register_credential(new).await.unwrap();
    let form = format!("grant_type=client_credentials&client_id=client&client_secret={secret}");
    let (_, granted) = call(&testbed, "oauth2/token", None, form).await;
    let bearer = Some(granted["access_token"].as_str().unwrap());
    let told = async || {
        let body = json!({ "credentialID": "seal", "numSignatures": 1 }).to_string();
        let (_, info) = call(&testbed, "credentials/info", bearer, body.clone()).await;
        let (status, _) = call(&testbed, "credentials/authorize", bearer, body).await;
        (info["cert"]["status"].as_str().unwrap().to_owned(), status == StatusCode::OK)
    };
    assert_eq!(told().await, ("valid".into(), true));
    testbed.ca.hold(&serial).await.unwrap();
    assert_eq!(told().await, ("suspended".into(), false));
    testbed.ca.release(&serial).await.unwrap();
    assert_eq!(told().await, ("valid".into(), true));
    testbed.advance("10m").await;
    testbed.ca.revoke(&serial, RevocationReason::KeyCompromise, None, None).await.unwrap();
    assert_eq!(told().await, ("revoked".into(), false));
    testbed.advance("-5m").await;
    assert_eq!(told().await, ("valid".into(), true), "as CRL and OCSP tell it then");
}
