//! Tokens: how they are had, how long they last, and every refusal.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::json;

use crate::support::{Bench, base64, digests, read, refusal, refused};

const TOKEN: &str = "/csc/v2/oauth2/token";

#[tokio::test]
async fn a_token_is_given_for_a_secret_in_the_form_or_as_basic() {
    let bench = Bench::new().await;
    let basic = format!("issuer:{}", bench.secret);
    for path in ["/csc/v1/oauth2/token", TOKEN] {
        let (status, body) = bench.form(path, "grant_type=client_credentials&scope=service", Some(&basic)).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("Bearer"), &json!(3600)));
        let token = body["access_token"].as_str().unwrap();
        let (status, _) = bench.call_with("/csc/v2/credentials/list", Some(token), "{}".into()).await;
        assert_eq!(status, StatusCode::OK);
    }
}

#[tokio::test]
async fn nothing_secret_is_to_be_stored_on_the_way() {
    let bench = Bench::new().await;
    let authorize = json!({ "credentialID": "seal", "numSignatures": 1, "hashes": base64(&digests(1)) }).to_string();
    for body in [authorize, "{}".into()] {
        let request =
            Request::post("/csc/v2/credentials/authorize").header("authorization", format!("Bearer {}", bench.token));
        let answer = bench.send(request.body(Body::from(body)).unwrap()).await;
        assert_eq!(answer.headers()["cache-control"], "no-store");
    }
    let form = format!("grant_type=client_credentials&client_id=issuer&client_secret={}", bench.secret);
    let request = Request::post(TOKEN).header("content-type", "application/x-www-form-urlencoded");
    let answer = bench.send(request.body(Body::from(form)).unwrap()).await;
    assert_eq!(answer.headers()["cache-control"], "no-store");
}

#[tokio::test]
async fn a_token_ends_after_an_hour_of_the_worlds_clock() {
    let bench = Bench::new().await;
    bench.world.clock.advance("3599s".parse().unwrap()).await.unwrap();
    assert_eq!(bench.call("/csc/v2/credentials/list", json!({})).await.0, StatusCode::OK);
    bench.world.clock.advance("1s".parse().unwrap()).await.unwrap();
    let ended = refused(401, "invalid_token", "The access token is unknown, revoked or expired");
    assert_eq!(refusal(bench.call("/csc/v2/credentials/list", json!({})).await), ended);
}

#[tokio::test]
async fn a_revoked_token_is_refused_and_a_strangers_token_cannot_be_revoked() {
    let bench = Bench::new().await;
    let secret = bench.signer.register_client("stranger").await.unwrap();
    let (form, basic) = (format!("token={}", bench.token), format!("stranger:{secret}"));
    assert_eq!(bench.form("/csc/v2/oauth2/revoke", &form, Some(&basic)).await.0, StatusCode::NO_CONTENT);
    assert_eq!(bench.call("/csc/v2/credentials/list", json!({})).await.0, StatusCode::OK);
    let basic = format!("issuer:{}", bench.secret);
    assert_eq!(bench.form("/csc/v2/oauth2/revoke", &form, Some(&basic)).await.0, StatusCode::NO_CONTENT);
    let ended = refused(401, "invalid_token", "The access token is unknown, revoked or expired");
    assert_eq!(refusal(bench.call("/csc/v2/credentials/list", json!({})).await), ended);
    let answer = bench.form("/csc/v2/oauth2/revoke", "token_type_hint=access_token", Some(&basic)).await;
    assert_eq!(refusal(answer), refused(400, "invalid_request", "Missing parameter token"));
}

#[tokio::test]
async fn a_reset_secret_replaces_the_old_one() {
    let bench = Bench::new().await;
    let secret = bench.signer.reset_client_secret("issuer").await.unwrap();
    bench.new_token("issuer", &secret).await;
    let form = format!("grant_type=client_credentials&client_id=issuer&client_secret={}", bench.secret);
    let wrong = refused(401, "invalid_client", "Invalid parameter client_secret");
    assert_eq!(refusal(bench.form(TOKEN, &form, None).await), wrong);
}

#[tokio::test]
async fn every_refusal_of_the_token_endpoint_has_its_code_and_text() {
    let bench = Bench::new().await;
    let secret = &bench.secret;
    let client = format!("client_id=issuer&client_secret={secret}");
    for (form, basic, expected) in [
        ("".into(), None, refused(400, "invalid_request", "Missing parameter grant_type")),
        (
            format!("grant_type=password&{client}"),
            None,
            refused(400, "unsupported_grant_type", "Invalid parameter grant_type"),
        ),
        ("grant_type=client_credentials".into(), None, refused(400, "invalid_request", "Missing parameter client_id")),
        (
            "grant_type=client_credentials&client_id=issuer".into(),
            None,
            refused(401, "invalid_client", "Client authorization required"),
        ),
        (
            "grant_type=client_credentials&client_id=nobody&client_secret=x".into(),
            None,
            refused(401, "invalid_client", "Invalid parameter client_id"),
        ),
        (
            "grant_type=client_credentials&client_id=issuer&client_secret=x".into(),
            None,
            refused(401, "invalid_client", "Invalid parameter client_secret"),
        ),
        (
            "grant_type=client_credentials".into(),
            Some("issuer:wrong"),
            refused(401, "invalid_client", "Invalid parameter client_secret"),
        ),
        (
            "grant_type=client_credentials".into(),
            Some("no colon"),
            refused(400, "invalid_request", "Malformed authorization header"),
        ),
        (
            format!("grant_type=client_credentials&scope=credential&{client}"),
            None,
            refused(400, "invalid_scope", "Invalid parameter scope: only service is granted"),
        ),
        (
            format!("grant_type=client_credentials&grant_type=password&{client}"),
            None,
            refused(400, "invalid_request", "Parameter grant_type is repeated"),
        ),
    ] {
        assert_eq!(refusal(bench.form(TOKEN, &form, basic).await), expected, "{form}");
    }
    let json = bench.call_with(TOKEN, None, json!({ "grant_type": "client_credentials" }).to_string()).await;
    let form_wanted = refused(400, "invalid_request", "The body must be application/x-www-form-urlencoded");
    assert_eq!(refusal(json), form_wanted);
}

#[tokio::test]
async fn a_request_without_a_good_bearer_token_is_told_how_to_authenticate() {
    let bench = Bench::new().await;
    let realm = "Bearer realm=\"csc\", scope=\"service\"";
    let (unknown, malformed) = ("The access token is unknown, revoked or expired", "Malformed authorization header");
    for (header, status, error, description) in [
        (None, 401, "invalid_token", "Missing access token"),
        (Some("Bearer unknown"), 401, "invalid_token", unknown),
        (Some("Bearer"), 400, "invalid_request", malformed),
        (Some("Basic aXNzdWVyOng="), 400, "invalid_request", malformed),
    ] {
        let mut request = Request::post("/csc/v2/credentials/info");
        if let Some(header) = header {
            request = request.header("authorization", header);
        }
        let answer = bench.send(request.body(Body::from("not even JSON")).unwrap()).await;
        let challenge = match header {
            None => realm.to_owned(),
            Some(_) => format!("{realm}, error=\"{error}\", error_description=\"{description}\""),
        };
        assert_eq!(answer.headers()["www-authenticate"], challenge);
        assert_eq!(refusal(read(answer).await), refused(status, error, description));
    }
}

#[tokio::test]
async fn a_client_authenticates_in_one_way() {
    let bench = Bench::new().await;
    bench.signer.register_client("other").await.unwrap();
    let (basic, secret) = (format!("issuer:{}", bench.secret), &bench.secret);
    let grant = "grant_type=client_credentials";
    for form in [grant.to_owned(), format!("{grant}&client_id=issuer"), format!("{grant}&client_secret=&scope=")] {
        assert_eq!(bench.form(TOKEN, &form, Some(&basic)).await.0, StatusCode::OK, "{form}");
    }
    let twice =
        "The client authenticates in more than one way: by the Authorization header, client_secret or client_assertion";
    let (jwt, kind) =
        ("client_assertion=e30.e30.x", "client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    for form in [
        format!("{grant}&client_id=other"),
        format!("{grant}&client_id=issuer&client_secret=wrong"),
        format!("{grant}&client_id=issuer&client_secret={secret}"),
        format!("{grant}&client_secret={secret}"),
        format!("{grant}&{jwt}&{kind}"),
        format!("{grant}&{kind}"),
        format!("token=x&{jwt}"),
    ] {
        let path = if form.starts_with(grant) { TOKEN } else { "/csc/v2/oauth2/revoke" };
        let answer = bench.form(path, &form, Some(&basic)).await;
        assert_eq!(refusal(answer), refused(400, "invalid_request", twice), "{form}");
    }
    let in_form = format!("client_id=issuer&client_secret={secret}&{jwt}&{kind}");
    let assertion_alone = refused(401, "invalid_client", "Client authorization required");
    for (path, members) in [(TOKEN, grant), ("/csc/v2/oauth2/revoke", "token=x"), ("/csc/v1/oauth2/revoke", "token=x")]
    {
        let both = bench.form(path, &format!("{members}&{in_form}"), None).await;
        assert_eq!(refusal(both), refused(400, "invalid_request", twice), "{path}");
        for alone in [format!("{members}&{jwt}&{kind}"), format!("{members}&{jwt}&client_id=issuer")] {
            assert_eq!(refusal(bench.form(path, &alone, None).await), assertion_alone, "{path}");
        }
    }
    let request = Request::post("/csc/v2/credentials/list")
        .header("authorization", format!("Bearer {}", bench.token))
        .header("authorization", "Bearer another");
    let answer = bench.send(request.body(Body::from("{}")).unwrap()).await;
    let challenge = "Bearer realm=\"csc\", scope=\"service\", error=\"invalid_request\", \
        error_description=\"More than one Authorization header\"";
    assert_eq!(answer.headers()["www-authenticate"], challenge);
    assert_eq!(refusal(read(answer).await), refused(400, "invalid_request", "More than one Authorization header"));
}

#[tokio::test]
async fn basic_credentials_are_form_encoded_and_other_schemes_are_told_which_is_offered() {
    let bench = Bench::new().await;
    let secret = bench.signer.register_client("a~client").await.unwrap();
    for name in ["a~client", "a%7Eclient", "%61%7eclient"] {
        let answer = bench.form(TOKEN, "grant_type=client_credentials", Some(&format!("{name}:{secret}"))).await;
        assert_eq!(answer.0, StatusCode::OK, "{name}");
    }
    for broken in ["a%7client:x", "a%:x", "a%zz:x"] {
        let answer = bench.form(TOKEN, "grant_type=client_credentials", Some(broken)).await;
        assert_ne!(answer.0, StatusCode::OK, "{broken}");
    }
    let request = Request::post(TOKEN)
        .header("content-type", "application/x-www-form-urlencoded")
        .header("authorization", format!("Bearer {}", bench.token));
    let answer = bench.send(request.body(Body::from("grant_type=client_credentials")).unwrap()).await;
    assert_eq!(answer.headers()["www-authenticate"], "Basic realm=\"oauth2\", charset=\"UTF-8\"");
    assert_eq!(refusal(read(answer).await), refused(401, "invalid_client", "Client authorization required"));
}
