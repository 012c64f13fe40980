//! Nothing can be written down: nothing is done, and all goes on when there is room again, without a restart.

use std::sync::Arc;
use world::store::Dialect;

use axum::body::Body;
use axum::http::Request;
use pki::KeyKind;
use serde_json::json;
use signer::{AuditVerdict, Error};

use crate::support::{Bench, ECDSA_SHA256, base64, digests};

/// What a database says that cannot be written, without a full disk.
async fn writable(bench: &Bench, writable: bool) {
    let pragma = if writable { "PRAGMA query_only = OFF" } else { "PRAGMA query_only = ON" };
    world::store::query(pragma).execute(&mut bench.world.store.turn().await.unwrap()).await.unwrap();
}

#[tokio::test]
async fn a_signature_whose_entry_cannot_be_written_does_not_leave() {
    let bench = Bench::new().await;
    if bench.world.store.dialect() == Dialect::Postgres {
        println!("skipped: a full disk is SQLite's here; PostgreSQL cannot be told so for one test");
        return;
    }
    let digests = digests(1);
    let sad = bench.authorized("seal", &digests).await;
    writable(&bench, false).await;
    for (path, body) in [
        ("credentials/authorize", json!({ "credentialID": "seal", "numSignatures": 1, "hashes": base64(&digests) })),
        (
            "signatures/signHash",
            json!({ "credentialID": "seal", "SAD": sad, "hashes": base64(&digests), "signAlgo": ECDSA_SHA256 }),
        ),
    ] {
        let request = Request::post(format!("/csc/v2/{path}")).header("content-type", "application/json");
        let request = request.header("authorization", format!("Bearer {}", bench.token));
        let answer = bench.send(request.body(Body::from(body.to_string())).unwrap()).await;
        assert_eq!(answer.status(), 503, "{path}");
        assert!(answer.headers().contains_key("retry-after"));
    }
    writable(&bench, true).await;
    bench.signed("seal", &sad, ECDSA_SHA256, &digests).await; // what was not written was not consumed
    assert!(matches!(bench.signer.verify_audit().await.unwrap(), AuditVerdict::Intact { .. }));
}

#[tokio::test]
async fn of_many_who_want_one_hash_signed_nobody_is_told_that_it_was_before_it_was() {
    let bench = Arc::new(Bench::new().await);
    if bench.world.store.dialect() == Dialect::Postgres {
        println!("skipped: a full disk is SQLite's here; PostgreSQL cannot be told so for one test");
        return;
    }
    let digests = digests(1);
    let sad = bench.authorized("seal", &digests).await;
    let all = async || {
        let one = |_| {
            let (bench, sad, digests) = (bench.clone(), sad.clone(), digests.clone());
            tokio::spawn(async move { bench.sign("seal", &sad, ECDSA_SHA256, &digests).await.0.as_u16() })
        };
        let asked: Vec<_> = (0..6).map(one).collect();
        let mut statuses = Vec::new();
        for answer in asked {
            statuses.push(answer.await.unwrap());
        }
        statuses.sort_unstable();
        statuses
    };
    writable(&bench, false).await;
    assert_eq!(all().await, [503; 6]);
    writable(&bench, true).await;
    assert_eq!(all().await, [200, 400, 400, 400, 400, 400]);
}

#[tokio::test]
async fn services_of_the_process_get_no_signature_either_and_none_is_left_uncounted() {
    let bench = Bench::new().await;
    if bench.world.store.dialect() == Dialect::Postgres {
        println!("skipped: a full disk is SQLite's here; PostgreSQL cannot be told so for one test");
        return;
    }
    let key = bench.signer.create_key(KeyKind::P256, "time-stamps").await.unwrap();
    let algorithm = KeyKind::P256.default_signature_algorithm();
    let digest = &digests(1)[0];
    bench.signer.flush().await.unwrap();
    writable(&bench, false).await;
    let mut left = 0;
    while bench.signer.sign_digest(&key, algorithm, digest).await.is_ok() {
        left += 1; // as long as the last transaction is taken for the next one
        let _ = bench.signer.flush().await; // now it is known
    }
    assert!(left <= 1, "{left}");
    for _ in 0..3 {
        let refused = bench.signer.sign_digest(&key, algorithm, digest).await.unwrap_err();
        assert!(matches!(refused, Error::Unwritten { .. }), "{refused}");
    }
    writable(&bench, true).await;
    bench.signer.sign_digest(&key, algorithm, digest).await.unwrap();
    let keys = bench.signer.keys().await.unwrap();
    let uses = keys.iter().find(|described| described.id == key).unwrap().uses;
    assert!(uses > left, "{uses}");
    assert!(matches!(bench.signer.verify_audit().await.unwrap(), AuditVerdict::Intact { .. }));
}

#[tokio::test]
async fn a_probe_signs_and_leaves_nothing() {
    let bench = Bench::new().await;
    if bench.world.store.dialect() == Dialect::Postgres {
        println!("skipped: a full disk is SQLite's here; PostgreSQL cannot be told so for one test");
        return;
    }
    let before = bench.signer.verify_audit().await.unwrap();
    bench.signer.probe_credential("seal").await.unwrap();
    assert_eq!(bench.signer.verify_audit().await.unwrap(), before);
    assert!(matches!(bench.signer.probe_credential("none").await, Err(Error::NoSuchCredential { .. })));
    bench.world.clock.advance("2y".parse().unwrap()).await.unwrap();
    assert!(matches!(bench.signer.probe_credential("seal").await, Err(Error::CredentialUnusable { .. })));
}

#[tokio::test]
async fn a_kept_secret_opens_under_its_own_name_only() {
    let bench = Bench::new().await;
    if bench.world.store.dialect() == Dialect::Postgres {
        println!("skipped: a full disk is SQLite's here; PostgreSQL cannot be told so for one test");
        return;
    }
    bench.signer.keep_secret("one", b"a secret of a service").await.unwrap();
    bench.signer.keep_secret("two", b"another").await.unwrap();
    assert_eq!(bench.signer.secret("one").await.unwrap().unwrap().as_slice(), b"a secret of a service");
    assert!(bench.signer.secret("three").await.unwrap().is_none());
    let text =
        "UPDATE signer_secret SET (nonce, secret) = (SELECT nonce, secret FROM signer_secret WHERE name = 'one')";
    world::store::query(text).execute(&bench.world.store).await.unwrap();
    assert!(matches!(bench.signer.secret("two").await, Err(Error::SecretDamaged { .. })));
}
