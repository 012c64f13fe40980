//! Revoked and suspended certificates: what is told of them, and what becomes of their signatures.

use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use jiff::Timestamp;
use pki::{Certificate, KeyKind, RevocationReason};
use serde_json::{Value, json};
use signer::{CredentialStatus, Scal, Standing, StatusAnswer, StatusRecord, StatusSource, WhenRevoked};

use crate::support::{Bench, ECDSA_SHA256, digests, refusal, refused};

/// A CA that says the same of every certificate, from one moment on, and counts how often it is asked.
#[derive(Clone, Default)]
struct Authority(Arc<Mutex<Said>>);

#[derive(Default)]
struct Said {
    standing: Option<(Timestamp, Standing)>,
    fails: bool,
    asked: usize,
}

impl StatusSource for Authority {
    fn record<'a>(&'a self, _: &'a Certificate) -> StatusAnswer<'a> {
        let mut said = self.0.lock().unwrap();
        said.asked += 1;
        let (standing, fails) = (said.standing, said.fails);
        Box::pin(async move {
            let record: StatusRecord = Arc::new(move |at| match standing {
                Some((since, standing)) if at >= since => standing,
                _ => Standing::Good,
            });
            if fails { Err("no answer".into()) } else { Ok(record) }
        })
    }
}

const REVOKED: &str = "2026-11-24T09:00:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn revoked() -> Standing {
    Standing::Revoked { since: at(REVOKED), reason: RevocationReason::KeyCompromise }
}

/// A bench with a second credential, `tester`, that signs whatever its certificate is.
async fn bench() -> (Bench, Authority) {
    let (bench, authority) = (Bench::new().await, Authority::default());
    bench.credential_that("tester", KeyKind::P256, Scal::Two, 10, WhenRevoked::SignWithWarning).await;
    bench.signer.ask_for_status(Arc::new(authority.clone()));
    (bench, authority)
}

impl Authority {
    fn say(&self, bench: &Bench, standing: Standing) {
        self.0.lock().unwrap().standing = Some((at(REVOKED), standing));
        bench.signer.status_changed();
    }

    fn asked(&self) -> usize {
        self.0.lock().unwrap().asked
    }
}

async fn described(bench: &Bench, credential: &str) -> (Value, Value) {
    let (_, info) = bench.call("/csc/v2/credentials/info", json!({ "credentialID": credential })).await;
    (info["cert"]["status"].clone(), info["key"]["status"].clone())
}

async fn listed(bench: &Bench, only_valid: bool) -> Value {
    let (_, list) = bench.call("/csc/v2/credentials/list", json!({ "onlyValid": only_valid })).await;
    list["credentialIDs"].clone()
}

#[tokio::test]
async fn a_revoked_certificate_says_so_and_is_left_out_of_the_valid_ones() {
    let (bench, authority) = bench().await;
    assert_eq!(listed(&bench, true).await, json!(["seal", "tester"]));
    for (standing, told) in [(revoked(), "revoked"), (Standing::Suspended { since: at(REVOKED) }, "suspended")] {
        authority.say(&bench, standing);
        assert_eq!(described(&bench, "seal").await, (json!(told), json!("disabled")));
        assert_eq!(described(&bench, "tester").await, (json!(told), json!("enabled")), "it goes on signing");
        assert_eq!(listed(&bench, true).await, json!([]));
        assert_eq!(listed(&bench, false).await, json!(["seal", "tester"]));
    }
    authority.say(&bench, Standing::Good);
    assert_eq!(described(&bench, "seal").await, (json!("valid"), json!("enabled")));
    bench.signer.set_credential_status("seal", CredentialStatus::Disabled).await.unwrap();
    assert_eq!(described(&bench, "seal").await, (json!("valid"), json!("disabled")));
    assert_eq!(listed(&bench, true).await, json!(["tester"]));
}

#[tokio::test]
async fn a_revocation_outlasts_the_certificate_and_a_suspension_does_not() {
    let (bench, authority) = bench().await;
    authority.say(&bench, Standing::Suspended { since: at(REVOKED) });
    bench.world.clock.set(at("2028-01-01T00:00:00Z")).await.unwrap();
    let token = bench.new_token("issuer", &bench.secret).await;
    let bench = Bench { token, ..bench };
    assert_eq!(described(&bench, "seal").await.0, "expired");
    authority.say(&bench, revoked());
    assert_eq!(described(&bench, "seal").await.0, "revoked");
}

#[tokio::test]
async fn outside_the_validity_of_its_certificate_no_key_is_enabled() {
    let (bench, _) = bench().await;
    for (time, told) in [
        ("2026-11-23T23:59:59Z", Value::Null),
        ("2026-11-24T00:00:00Z", json!("valid")),
        ("2028-01-01T00:00:00Z", json!("expired")),
    ] {
        bench.world.clock.set(at(time)).await.unwrap();
        let token = bench.new_token("issuer", &bench.secret).await;
        let enabled = if told == "valid" { "enabled" } else { "disabled" };
        for credential in ["seal", "tester"] {
            let body = json!({ "credentialID": credential }).to_string();
            let (_, info) = bench.call_with("/csc/v2/credentials/info", Some(&token), body).await;
            assert_eq!((&info["cert"]["status"], &info["key"]["status"]), (&told, &json!(enabled)), "{time}");
        }
        let body = json!({ "onlyValid": true }).to_string();
        let (_, list) = bench.call_with("/csc/v2/credentials/list", Some(&token), body).await;
        assert_eq!(list["credentialIDs"].as_array().unwrap().len(), if told == "valid" { 2 } else { 0 }, "{time}");
    }
}

#[tokio::test]
async fn with_a_revoked_certificate_only_marked_credentials_sign_and_with_a_warning() {
    let (bench, authority) = bench().await;
    let digests = digests(1);
    let sads = [bench.authorized("seal", &digests).await, bench.authorized("tester", &digests).await];
    let authorize = async |credential: &str| {
        let body =
            json!({ "credentialID": credential, "numSignatures": 1, "hashes": crate::support::base64(&digests) });
        bench.call("/csc/v2/credentials/authorize", body).await
    };
    for (standing, text, warns) in [
        (revoked(), "Signing certificate is revoked", "revoked since 2026-11-24T09:00:00Z for keyCompromise"),
        (
            Standing::Suspended { since: at(REVOKED) },
            "Signing certificate is suspended",
            "suspended since 2026-11-24T09:00:00Z",
        ),
    ] {
        authority.say(&bench, standing);
        let refusal_wanted = refused(400, "invalid_request", text);
        assert_eq!(refusal(authorize("seal").await), refusal_wanted);
        assert_eq!(refusal(bench.sign("seal", &sads[0], ECDSA_SHA256, &digests).await), refusal_wanted);
        let (status, granted) = authorize("tester").await;
        assert_eq!(status, StatusCode::OK);
        let (status, signed) = bench.sign("tester", granted["SAD"].as_str().unwrap(), ECDSA_SHA256, &digests).await;
        assert_eq!((status, signed["signatures"].as_array().map(Vec::len)), (StatusCode::OK, Some(1)));
        for answer in [granted, signed] {
            assert!(answer["warning"].as_str().unwrap().contains(warns), "{answer}");
        }
    }
    authority.say(&bench, Standing::Good);
    for (credential, sad) in ["seal", "tester"].into_iter().zip(&sads) {
        let (status, signed) = bench.sign(credential, sad, ECDSA_SHA256, &digests).await;
        assert_eq!((status, signed.get("warning")), (StatusCode::OK, None), "no authorization was used up");
    }
}

#[tokio::test]
async fn the_ca_is_asked_once_for_each_change_and_the_clock_asks_nobody() {
    let (bench, authority) = bench().await;
    authority.say(&bench, Standing::Revoked { since: at(REVOKED), reason: RevocationReason::Superseded });
    let before = authority.asked();
    for _ in 0..3 {
        assert_eq!(described(&bench, "seal").await.0, "revoked");
    }
    bench.world.clock.set(at("2026-11-24T08:59:59Z")).await.unwrap();
    assert_eq!(described(&bench, "seal").await.0, "valid", "before it was revoked");
    assert_eq!(authority.asked(), before + 1);
    bench.signer.status_changed();
    described(&bench, "seal").await;
    assert_eq!(authority.asked(), before + 2);
}

#[tokio::test]
async fn nothing_is_signed_while_nobody_can_say_how_the_certificate_stands() {
    let (bench, authority) = bench().await;
    let digests = digests(1);
    let sad = bench.authorized("tester", &digests).await;
    authority.0.lock().unwrap().fails = true;
    bench.signer.status_changed();
    let (status, body) = bench.sign("tester", &sad, ECDSA_SHA256, &digests).await;
    assert_eq!((status, &body["error"]), (StatusCode::INTERNAL_SERVER_ERROR, &json!("server_error")));
    authority.0.lock().unwrap().fails = false;
    bench.signed("tester", &sad, ECDSA_SHA256, &digests).await;
}
