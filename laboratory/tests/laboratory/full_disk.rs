//! Nothing can be written down: each protocol says so in its own words, nothing is done, and all goes on afterwards.

use super::support::{Answer, Patience, json, laboratory, send};
use http::StatusCode;
use laboratory::Laboratory;
use pki::{CertificateId, DigestAlgorithm, OcspRequest, TimeStampFailure, TimeStampRequest, TimeStampResponse};

const COMPLETION: &[u8] = include_bytes!("../../../examples/certificate.json");

/// What a database says that cannot be written, without a full disk.
async fn writable(laboratory: &Laboratory, writable: bool) {
    let pragma = if writable { "PRAGMA query_only = OFF" } else { "PRAGMA query_only = ON" };
    world::store::query(pragma).execute(&mut laboratory.world.store.turn().await.unwrap()).await.unwrap();
}

async fn stamp(laboratory: &Laboratory) -> TimeStampResponse {
    let imprint = DigestAlgorithm::Sha256.digest(b"a document");
    let hash_parameters = pki::HashParameters::Absent;
    let request = TimeStampRequest { imprint, hash_parameters, policy: None, nonce: None, certificate_requested: true };
    let answer = send(laboratory, "POST", "/tsa", "application/timestamp-query", &request.to_der()).await;
    TimeStampResponse::from_der(answer.body()).unwrap()
}

/// The responder's status: 0 successful, 3 tryLater (RFC 6960 clause 4.2.1). By its nonce each answer has a signature of its own.
async fn ocsp(laboratory: &Laboratory) -> u8 {
    let chain = laboratory.signer.chain("seal-p256").await.unwrap().unwrap();
    let id = CertificateId::for_certificate(chain[0].serial(), &chain[1], DigestAlgorithm::Sha256);
    let nonce = Some(world::random::bytes::<16>().to_vec());
    let request = OcspRequest { certificate_ids: vec![id], nonce };
    let answer = send(laboratory, "POST", "/ca/ocsp", "application/ocsp-request", &request.to_der()).await;
    let der = answer.body();
    let start = if der[1] & 0x80 == 0 { 2 } else { 2 + usize::from(der[1] & 0x7f) };
    assert_eq!(der[start..start + 2], [0x0a, 1], "OCSPResponseStatus");
    der[start + 2]
}

async fn revoke(laboratory: &Laboratory) -> Answer {
    let serial = laboratory.signer.chain("seal-p384").await.unwrap().unwrap()[0].serial().to_string();
    let body = format!("{{\"serial\":\"{serial}\",\"reason\":\"superseded\"}}");
    send(laboratory, "POST", "/ca/api/revocations", "application/json", body.as_bytes()).await
}

async fn issue(laboratory: &Laboratory) -> Answer {
    send(laboratory, "POST", "/issuer/api/certificates?level=B-B", "application/json", COMPLETION).await
}

#[tokio::test]
async fn what_cannot_be_written_down_is_not_done_and_all_goes_on_afterwards() {
    let laboratory = laboratory().await;
    if laboratory.world.store.dialect() == world::store::Dialect::Postgres {
        println!("skipped: a full disk is SQLite's here; PostgreSQL cannot be told so for one test");
        return;
    }
    laboratory.flush().await.unwrap();
    writable(&laboratory, false).await;
    let refused = stamp(&laboratory).await;
    assert!(
        matches!(refused, TimeStampResponse::Refused { failure: Some(TimeStampFailure::SystemFailure), .. }),
        "{refused:?}"
    );
    assert!(laboratory.signer.flush().await.is_err(), "its signature could not be counted");
    assert_eq!(ocsp(&laboratory).await, 3);
    for answer in [revoke(&laboratory).await, issue(&laboratory).await] {
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE, "{}", json(&answer));
        assert!(answer.headers().contains_key("retry-after"));
    }
    assert!(laboratory.probe().await.is_err());
    writable(&laboratory, true).await;
    assert!(matches!(stamp(&laboratory).await, TimeStampResponse::Granted { .. }));
    assert_eq!(ocsp(&laboratory).await, 0);
    assert_eq!(issue(&laboratory).await.status(), StatusCode::CREATED);
    assert_eq!(revoke(&laboratory).await.status(), StatusCode::OK);
    laboratory.probe().await.unwrap();
    assert!(matches!(laboratory.signer.verify_audit().await.unwrap(), signer::AuditVerdict::Intact { .. }));
}

#[tokio::test]
async fn no_answer_leaves_whose_signature_cannot_be_counted_whatever_the_reason() {
    let laboratory = laboratory().await;
    if laboratory.world.store.dialect() == world::store::Dialect::Postgres {
        println!("skipped: a full disk is SQLite's here; PostgreSQL cannot be told so for one test");
        return;
    }
    laboratory.flush().await.unwrap();
    assert_eq!(ocsp(&laboratory).await, 0);
    laboratory.signer.flush().await.unwrap();
    // Somebody takes the rows of the keys away: the counter of the responder's key cannot be written.
    world::store::query("PRAGMA foreign_keys = OFF").execute(&laboratory.world.store).await.unwrap();
    world::store::query("UPDATE signer_key SET id = 'moved ' || id").execute(&laboratory.world.store).await.unwrap();
    let _ = ocsp(&laboratory).await; // may still count on the next transaction, which fails
    assert!(laboratory.signer.flush().await.is_err());
    for _ in 0..20 {
        assert_ne!(ocsp(&laboratory).await, 0);
        assert!(matches!(stamp(&laboratory).await, TimeStampResponse::Refused { .. }));
    }
    world::store::query("UPDATE signer_key SET id = substr(id, 7)").execute(&laboratory.world.store).await.unwrap();
    assert_eq!(ocsp(&laboratory).await, 0);
    assert!(matches!(stamp(&laboratory).await, TimeStampResponse::Granted { .. }));
    laboratory.signer.flush().await.unwrap();
    assert!(laboratory.signer.verify_audit().await.unwrap().is_intact());
}

#[tokio::test]
async fn a_health_check_leaves_no_row() {
    let laboratory = laboratory().await;
    laboratory.probe().await.unwrap();
    let rows = async || {
        laboratory.flush().await.unwrap();
        let mut rows = Vec::new();
        for table in
            ["exchange_bundle", "signer_audit", "signer_ledger", "signer_authorization", "signer_token", "tsa_token"]
        {
            let count = world::store::composed(format!("SELECT COUNT(*) FROM {table}"));
            rows.push(count.fetch_value::<i64>(&laboratory.world.store).await.unwrap());
        }
        rows
    };
    let before = rows().await;
    for _ in 0..3 {
        laboratory.probe().await.unwrap();
    }
    assert_eq!(rows().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_waits_while_nothing_can_be_written_and_loses_no_row_and_no_number() {
    const ROWS: u64 = 24;
    let laboratory = laboratory().await;
    if laboratory.world.store.dialect() == world::store::Dialect::Postgres {
        println!("skipped: a full disk is SQLite's here; PostgreSQL cannot be told so for one test");
        return;
    }
    let mut data: serde_json::Value = serde_json::from_slice(COMPLETION).unwrap();
    let mut file = String::new();
    for row in 1..=ROWS {
        data["recipient"]["identifier"] = format!("student{row}@example.ac.jp").into();
        file.push_str(&format!("{data}\n"));
    }
    let taken = send(&laboratory, "POST", "/issuer/api/batches?level=B-B", "application/jsonl", file.as_bytes()).await;
    assert_eq!(taken.status(), StatusCode::ACCEPTED);
    laboratory.issuer.begin_work();
    let batch = async || json(&send(&laboratory, "GET", "/issuer/api/batches/1", "", b"").await);
    // Once rows are at each step: with numbers, sealed, kept.
    for step in ["rendered", "sealed", "delivered"] {
        let patience = Patience::begin();
        loop {
            let told = batch().await;
            if told["rows"][step].as_u64() > Some(0) || told["state"] == "done" {
                break;
            }
            patience.not_yet(&told).await;
        }
        writable(&laboratory, false).await;
        let refused = send(&laboratory, "POST", "/issuer/api/batches", "application/jsonl", file.as_bytes()).await;
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE, "{}", json(&refused));
        loop {
            let told = batch().await;
            assert_eq!((&told["rows"]["failed"], &told["rows"]["cancelled"]), (&0.into(), &0.into()), "{told}");
            if told["state"] == "done" || told["problem"].is_string() {
                break; // it says why it waits
            }
            patience.not_yet(&told).await;
        }
        writable(&laboratory, true).await;
    }
    send(&laboratory, "GET", "/issuer/api/batches/1/events", "", b"").await; // to its end
    let told = batch().await;
    assert_eq!((&told["state"], &told["rows"]["delivered"]), (&"done".into(), &ROWS.into()), "{told}");
    let rows = json(&send(&laboratory, "GET", "/issuer/api/batches/1/rows", "", b"").await);
    let numbers: std::collections::BTreeSet<String> =
        rows["rows"].as_array().unwrap().iter().map(|row| row["number"].to_string()).collect();
    assert_eq!(numbers.len() as u64, ROWS);
    let gaps = json(&send(&laboratory, "GET", "/issuer/api/numbers/gaps", "", b"").await);
    assert_eq!(gaps["gaps"], serde_json::json!([]));
}
