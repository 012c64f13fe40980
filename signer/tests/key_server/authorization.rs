//! Signature activation data: what it binds, how often it can be used, and what stays used.

use std::collections::HashSet;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use axum::http::StatusCode;
use pki::KeyKind;
use serde_json::json;
use signer::{AuditVerdict, CredentialStatus, Scal};
use world::World;

use crate::support::{Bench, ECDSA_SHA256, base64, digests, refusal, refused};

fn not_authorized() -> (u16, String, String) {
    refused(400, "invalid_request", "Hash is not authorized by the SAD")
}

#[tokio::test]
async fn each_hash_is_signed_once_and_no_other_is() {
    let bench = Bench::new().await;
    let digests = digests(3);
    let sad = bench.authorized("seal", &digests[..2]).await;
    assert_eq!(refusal(bench.sign("seal", &sad, ECDSA_SHA256, &digests[2..]).await), not_authorized());
    assert_eq!(bench.signed("seal", &sad, ECDSA_SHA256, &digests[..1]).await.len(), 1);
    assert_eq!(refusal(bench.sign("seal", &sad, ECDSA_SHA256, &digests[..1]).await), not_authorized());
    assert_eq!(bench.signed("seal", &sad, ECDSA_SHA256, &digests[1..2]).await.len(), 1);
    assert_eq!(refusal(bench.sign("seal", &sad, ECDSA_SHA256, &digests[1..2]).await), not_authorized());
}

#[tokio::test]
async fn a_call_with_one_unauthorized_hash_uses_none_of_the_others() {
    let bench = Bench::new().await;
    let digests = digests(3);
    let sad = bench.authorized("seal", &digests[..2]).await;
    assert_eq!(refusal(bench.sign("seal", &sad, ECDSA_SHA256, &digests).await), not_authorized());
    assert_eq!(bench.signed("seal", &sad, ECDSA_SHA256, &digests[..2]).await.len(), 2);
}

#[tokio::test]
async fn a_hash_that_is_listed_twice_is_signed_twice() {
    let bench = Bench::new().await;
    let digest = digests(1);
    let twice = [digest[0].clone(), digest[0].clone()];
    let sad = bench.authorized("seal", &twice).await;
    assert_eq!(bench.signed("seal", &sad, ECDSA_SHA256, &twice).await.len(), 2);
    assert_eq!(refusal(bench.sign("seal", &sad, ECDSA_SHA256, &digest).await), not_authorized());
}

#[tokio::test]
async fn a_sad_ends_with_its_five_minutes_of_the_worlds_clock() {
    let bench = Bench::new().await;
    let digest = digests(1);
    let sad = bench.authorized("seal", &digest).await;
    bench.world.clock.advance("300s".parse().unwrap()).await.unwrap();
    let expired = refused(400, "invalid_request", "SAD expired");
    assert_eq!(refusal(bench.sign("seal", &sad, ECDSA_SHA256, &digest).await), expired);
    bench.world.clock.advance("-1s".parse().unwrap()).await.unwrap();
    assert_eq!(bench.signed("seal", &sad, ECDSA_SHA256, &digest).await.len(), 1);
}

#[tokio::test]
async fn a_sad_is_good_for_its_credential_and_client_only() {
    let bench = Bench::new().await;
    bench.credential("other", KeyKind::P256, Scal::Two, 10).await;
    let digest = digests(1);
    let sad = bench.authorized("seal", &digest).await;
    let invalid = refused(400, "invalid_request", "Invalid parameter SAD");
    assert_eq!(refusal(bench.sign("other", &sad, ECDSA_SHA256, &digest).await), invalid);
    assert_eq!(refusal(bench.sign("seal", "unknown", ECDSA_SHA256, &digest).await), invalid);
    let secret = bench.signer.register_client("stranger").await.unwrap();
    let token = bench.new_token("stranger", &secret).await;
    let body = json!({ "credentialID": "seal", "SAD": sad, "hashes": base64(&digest), "signAlgo": ECDSA_SHA256 });
    let answer = bench.call_with("/csc/v2/signatures/signHash", Some(&token), body.to_string()).await;
    assert_eq!(refusal(answer), refused(400, "invalid_request", "Invalid parameter credentialID"));
}

#[tokio::test]
async fn scal_1_authorizes_a_number_of_signatures() {
    let bench = Bench::new().await;
    bench.credential("unbound", KeyKind::P256, Scal::One, 3).await;
    let body = json!({ "credentialID": "unbound", "numSignatures": 2 });
    let (status, body) = bench.call("/csc/v2/credentials/authorize", body).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let (sad, digests) = (body["SAD"].as_str().unwrap(), digests(3));
    assert_eq!(refusal(bench.sign("unbound", sad, ECDSA_SHA256, &digests).await), not_authorized());
    assert_eq!(bench.signed("unbound", sad, ECDSA_SHA256, &digests[..2]).await.len(), 2);
    assert_eq!(refusal(bench.sign("unbound", sad, ECDSA_SHA256, &digests[2..]).await), not_authorized());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_requests_for_one_hash_exactly_one_is_signed() {
    let bench = std::sync::Arc::new(Bench::new().await);
    let digest = digests(1);
    let sad = bench.authorized("seal", &digest).await;
    let request = || {
        let (bench, sad, digest) = (bench.clone(), sad.clone(), digest.clone());
        tokio::spawn(async move { bench.sign("seal", &sad, ECDSA_SHA256, &digest).await })
    };
    let requests: Vec<_> = (0..64).map(|_| request()).collect();
    let mut signed = 0;
    for request in requests {
        match request.await.unwrap() {
            (StatusCode::OK, _) => signed += 1,
            answer => assert_eq!(refusal(answer), not_authorized()),
        }
    }
    assert_eq!(signed, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_requests_at_once_are_each_signed_once_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::open(folder.path(), "default", "http://127.0.0.1:8700").await.unwrap();
    world.clock.set("2026-11-24T09:00:00Z".parse().unwrap()).await.unwrap();
    let bench = std::sync::Arc::new(Bench::over(world).await);
    let key = bench.credential("batch", KeyKind::P256, Scal::Two, 200).await;
    let digests = digests(200);
    let sad = bench.authorized("batch", &digests).await;
    let request = |digest: &pki::Digest| {
        let (bench, sad, digest) = (bench.clone(), sad.clone(), [digest.clone()]);
        tokio::spawn(async move { bench.signed("batch", &sad, ECDSA_SHA256, &digest).await.remove(0) })
    };
    let requests: Vec<_> = digests.iter().map(request).collect();
    let mut signatures = HashSet::new();
    for request in requests {
        signatures.insert(request.await.unwrap());
    }
    assert_eq!(signatures.len(), 200);
    let keys = bench.signer.keys().await.unwrap();
    assert_eq!(keys.iter().find(|described| described.id == key).unwrap().uses, 200);
    assert!(matches!(bench.signer.verify_audit().await.unwrap(), AuditVerdict::Intact { .. }));
}

#[tokio::test]
async fn two_servers_over_one_world_sign_a_hash_once() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::open(folder.path(), "default", "http://127.0.0.1:8700").await.unwrap();
    world.clock.set("2026-11-24T09:00:00Z".parse().unwrap()).await.unwrap();
    let first = Bench::over(world.clone()).await;
    first.credential("seal", KeyKind::P256, Scal::Two, 10).await;
    let digests = digests(2);
    let sad = first.authorized("seal", &digests).await;
    let signer = signer::Signer::open(&world).await.unwrap();
    let router = axum::Router::from(signer::router(signer.clone()));
    let second = Bench { world, signer, router, secret: first.secret.clone(), token: first.token.clone() };
    assert_eq!(second.signed("seal", &sad, ECDSA_SHA256, &digests[..1]).await.len(), 1);
    assert_eq!(refusal(first.sign("seal", &sad, ECDSA_SHA256, &digests[..1]).await), not_authorized());
    assert_eq!(first.signed("seal", &sad, ECDSA_SHA256, &digests[1..]).await.len(), 1);
    assert_eq!(refusal(second.sign("seal", &sad, ECDSA_SHA256, &digests[1..]).await), not_authorized());
    assert!(matches!(first.signer.verify_audit().await.unwrap(), AuditVerdict::Intact { .. }));
}

#[tokio::test]
async fn a_used_hash_stays_used_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let digests = digests(2);
    let (token, sad, secret) = {
        let world = World::open(folder.path(), "default", "http://127.0.0.1:8700").await.unwrap();
        world.clock.set("2026-11-24T09:00:00Z".parse().unwrap()).await.unwrap();
        let bench = Bench::over(world).await;
        bench.credential("seal", KeyKind::P256, Scal::Two, 10).await;
        let sad = bench.authorized("seal", &digests).await;
        bench.signed("seal", &sad, ECDSA_SHA256, &digests[..1]).await;
        (bench.token, sad, bench.secret)
    };
    let world = World::open(folder.path(), "default", "http://127.0.0.1:8700").await.unwrap();
    let signer = signer::Signer::open(&world).await.unwrap();
    let router = axum::Router::from(signer::router(signer.clone()));
    let bench = Bench { world, signer, router, secret, token };
    assert_eq!(refusal(bench.sign("seal", &sad, ECDSA_SHA256, &digests[..1]).await), not_authorized());
    assert_eq!(bench.signed("seal", &sad, ECDSA_SHA256, &digests[1..]).await.len(), 1);
}

#[tokio::test]
async fn a_disabled_credential_neither_authorizes_nor_signs_until_it_is_enabled() {
    let bench = Bench::new().await;
    let digest = digests(1);
    let sad = bench.authorized("seal", &digest).await;
    bench.signer.set_credential_status("seal", CredentialStatus::Disabled).await.unwrap();
    let disabled = refused(400, "invalid_request", "The credential identified by credentialID is disabled");
    assert_eq!(refusal(bench.sign("seal", &sad, ECDSA_SHA256, &digest).await), disabled);
    let body = json!({ "credentialID": "seal", "numSignatures": 1, "hashes": base64(&digest) });
    assert_eq!(refusal(bench.call("/csc/v2/credentials/authorize", body).await), disabled);
    let (_, info) = bench.call("/csc/v2/credentials/info", json!({ "credentialID": "seal" })).await;
    assert_eq!(info["key"]["status"], "disabled");
    bench.signer.set_credential_status("seal", CredentialStatus::Enabled).await.unwrap();
    assert_eq!(bench.signed("seal", &sad, ECDSA_SHA256, &digest).await.len(), 1);
}

#[tokio::test]
async fn a_certificate_outside_its_validity_signs_nothing() {
    let bench = Bench::new().await;
    let digest = digests(1);
    bench.world.clock.set("2027-11-23T23:59:00Z".parse().unwrap()).await.unwrap();
    let token = bench.new_token("issuer", &bench.secret).await;
    let authorize = json!({ "credentialID": "seal", "numSignatures": 1, "hashes": base64(&digest) }).to_string();
    let (_, granted) = bench.call_with("/csc/v2/credentials/authorize", Some(&token), authorize.clone()).await;
    bench.world.clock.advance("61s".parse().unwrap()).await.unwrap();
    let sign = json!({ "credentialID": "seal", "SAD": granted["SAD"], "hashes": base64(&digest),
        "signAlgo": ECDSA_SHA256 })
    .to_string();
    for (path, text) in [
        ("/csc/v2", "Signing certificate is expired"),
        ("/csc/v1", "Signing certificate 'O=Testbed,CN=Seal' is expired"),
    ] {
        for (method, body) in [("signatures/signHash", &sign), ("credentials/authorize", &authorize)] {
            let answer = bench.call_with(&format!("{path}/{method}"), Some(&token), body.clone()).await;
            assert_eq!(refusal(answer), refused(400, "invalid_request", text));
        }
    }
    bench.world.clock.set("2026-11-23T23:59:59Z".parse().unwrap()).await.unwrap();
    let answer = bench.call_with("/csc/v2/credentials/authorize", Some(&token), authorize).await;
    assert_eq!(refusal(answer), refused(400, "invalid_request", "Signing certificate is not valid yet"));
}

/// The part of the next test that is killed: signs, says so, and never ends.
#[tokio::test]
#[ignore = "runs in a process of its own, started by the next test"]
async fn sign_and_wait_to_be_killed() {
    let Ok(folder) = std::env::var("SIGNER_TEST_FOLDER") else { return };
    let world = World::open(folder.as_ref(), "default", "http://127.0.0.1:8700").await.unwrap();
    let bench = Bench::over(world).await;
    bench.credential("seal", KeyKind::P256, Scal::Two, 10).await;
    let digests = digests(2);
    let sad = bench.authorized("seal", &digests).await;
    bench.signed("seal", &sad, ECDSA_SHA256, &digests[..1]).await;
    println!("\nSIGNED {} {sad}", bench.token);
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn a_used_hash_stays_used_though_the_server_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::open(folder.path(), "default", "http://127.0.0.1:8700").await.unwrap();
    world.clock.set("2026-11-24T09:00:00Z".parse().unwrap()).await.unwrap();
    world.clock.freeze().await.unwrap();
    let mut server = Command::new(std::env::current_exe().unwrap())
        .args(["authorization::sign_and_wait_to_be_killed", "--exact", "--ignored", "--nocapture"])
        .env("SIGNER_TEST_FOLDER", folder.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let said = lines.find_map(|line| line.unwrap().strip_prefix("SIGNED ").map(str::to_owned)).unwrap();
    server.kill().unwrap();
    server.wait().unwrap();
    let (token, sad) = said.split_once(' ').unwrap();
    let signer = signer::Signer::open(&world).await.unwrap();
    let router = axum::Router::from(signer::router(signer.clone()));
    let bench = Bench { world, signer, router, secret: String::new(), token: token.into() };
    let digests = digests(2);
    assert_eq!(refusal(bench.sign("seal", sad, ECDSA_SHA256, &digests[..1]).await), not_authorized());
    assert_eq!(bench.signed("seal", sad, ECDSA_SHA256, &digests[1..]).await.len(), 1);
    assert!(matches!(bench.signer.verify_audit().await.unwrap(), AuditVerdict::Intact { .. }));
}
