//! A world whose clock is moved: out of the time of its certificates and back, with renewals and without, while it seals.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use axum::Router;
use http::StatusCode;
use laboratory::Laboratory;
use laboratory::plan::WorldPlan;
use pki::{Certificate, DigestAlgorithm, KeyKind, TimeStampRequest, TimeStampResponse};
use world::World;
use world::clock::Renewal;

use super::sealing::letter;
use super::support::{Answer, ask, json, post, send};

const CERTIFICATE: &[u8] = include_bytes!("../../../examples/certificate.json");

/// A world in a folder with one seal, its clock fixed at 09:00 on 24 November 2026 when it is new.
async fn open(folder: &Path) -> Laboratory {
    let is_new = !folder.join("world.db").exists();
    let world = World::open(folder, "default", "http://127.0.0.1:8700").await.unwrap();
    if is_new {
        world.clock.freeze().await.unwrap();
        set(&world, "2026-11-24T09:00:00Z").await;
    }
    let plan = WorldPlan::default().with_credentials(&[KeyKind::P256], false);
    Laboratory::open_for_story(&world, plan, |_| Router::new()).await.unwrap()
}

async fn set(world: &World, time: &str) {
    world.clock.set(world::time::parse(time, world.clock.now()).unwrap()).await.unwrap();
}

/// Moves the clock as the testbed does; gives what was renewed.
async fn moved(laboratory: &Laboratory, time: &str) -> Vec<String> {
    set(&laboratory.world, time).await;
    laboratory.renew_expired().await.unwrap()
}

/// Seals a letter and judges it at once.
async fn verdict(laboratory: &Laboratory) -> String {
    let sealed = send(laboratory, "POST", "/issuer/api/seals?level=B-LTA", "application/pdf", &letter()).await;
    if sealed.status() != StatusCode::OK {
        return json(&sealed)["error_description"].as_str().unwrap().to_owned();
    }
    judged(laboratory, &sealed).await
}

async fn judged(laboratory: &Laboratory, sealed: &Answer) -> String {
    let report = json(&send(laboratory, "POST", "/verifier/api/validations", "application/pdf", sealed.body()).await);
    report["indication"].as_str().unwrap().to_owned()
}

fn published(folder: &Path, file: &str) -> Vec<Certificate> {
    Certificate::from_pem_bundle(&std::fs::read_to_string(folder.join("trust").join(file)).unwrap()).unwrap()
}

#[tokio::test]
async fn forth_and_back_the_certificates_of_that_time_are_used_and_nothing_is_renewed_twice() {
    let folder = tempfile::tempdir().unwrap();
    let laboratory = open(folder.path()).await;
    let in_use = async || {
        let seal = laboratory.signer.chain("seal-p256").await.unwrap().unwrap()[0].clone();
        (seal, laboratory.tsa.unit(None).unwrap().certificate().clone())
    };
    let (seal, unit) = in_use().await;
    assert_eq!(moved(&laboratory, "2029-12-24T09:00:00Z").await, ["seal-p256", "default"]);
    let later = in_use().await;
    assert!(later.0 != seal && later.1 != unit);
    for _ in 0..2 {
        assert_eq!(moved(&laboratory, "2026-12-24T09:00:00Z").await, [""; 0]);
        assert_eq!(in_use().await, (seal.clone(), unit.clone()));
        assert_eq!(verdict(&laboratory).await, "TOTAL-PASSED");
        let (seals, units) = (published(folder.path(), "seal.pem"), published(folder.path(), "tsa.pem"));
        assert!(seals.iter().eq([&seal]) && units.iter().eq([&unit]));
        assert_eq!(moved(&laboratory, "2030-01-24T09:00:00Z").await, [""; 0]);
        assert_eq!(in_use().await, later);
        assert_eq!(verdict(&laboratory).await, "TOTAL-PASSED");
        assert!(published(folder.path(), "seal.pem").iter().eq([&later.0]));
    }
    drop(laboratory);
    let again = open(folder.path()).await;
    assert_eq!(again.signer.chain("seal-p256").await.unwrap().unwrap()[0], later.0);
    assert_eq!(again.tsa.unit(None).unwrap().certificate(), &later.1);
}

#[tokio::test]
async fn a_world_opens_and_answers_at_any_time_and_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let seal = open(folder.path()).await.signer.chain("seal-p256").await.unwrap().unwrap()[0].clone();
    for time in ["1950-01-01", "2026-11-24T08:59:59Z", "2047-01-01", "2060-01-01", "9999-12-31T23:59:59Z"] {
        set(&open(folder.path()).await.world, time).await;
        let laboratory = open(folder.path()).await;
        let named: Vec<String> = laboratory.out_of_time().await.unwrap().into_iter().map(|one| one.name).collect();
        for name in ["issuing", "seal-p256", "default"] {
            assert!(named.contains(&name.to_owned()), "{time}: {named:?}");
        }
        let refused = verdict(&laboratory).await;
        assert!(refused.contains("eseal clock reset") && refused.contains("2026-11-24T09:00:00Z"), "{time}: {refused}");
        assert_eq!(stamp(&laboratory).await, "timeNotAvailable", "{time}");
        let refusal = status(&laboratory, &seal).await;
        assert!(matches!(refusal, pki::OcspResponse::Refused(pki::OcspRefusal::Unauthorized)), "{time}: {refusal:?}");
        assert!(laboratory.renew("seal-p256").await.is_err());
        assert_eq!(ask(&laboratory, "/ca/trust.pem").await.status(), StatusCode::OK);
        set(&laboratory.world, "2026-11-25T09:00:00Z").await;
        assert_eq!(verdict(&laboratory).await, "TOTAL-PASSED", "back from {time}");
        assert_eq!(laboratory.signer.chain("seal-p256").await.unwrap().unwrap()[0], seal);
    }
}

async fn stamp(laboratory: &Laboratory) -> String {
    let imprint = DigestAlgorithm::Sha256.digest(b"letter");
    let request = TimeStampRequest {
        imprint,
        hash_parameters: Default::default(),
        policy: None,
        nonce: None,
        certificate_requested: true,
    };
    let answer = send(laboratory, "POST", "/tsa", "application/timestamp-query", &request.to_der()).await;
    match TimeStampResponse::from_der(answer.body()).unwrap() {
        TimeStampResponse::Granted { token, .. } => token.time().to_string(),
        TimeStampResponse::Refused { failure, .. } => failure.unwrap().to_string(),
    }
}

/// What the OCSP responder answers about a seal.
async fn status(laboratory: &Laboratory, seal: &Certificate) -> pki::OcspResponse {
    let issuer = laboratory.ca.issuer_certificate(&ca::AuthorityId::ISSUING).await.unwrap();
    let id = pki::CertificateId::for_certificate(seal.serial(), &issuer, DigestAlgorithm::Sha1);
    let question = pki::OcspRequest { certificate_ids: vec![id], nonce: None }.to_der();
    let answer = send(laboratory, "POST", "/ca/ocsp", "application/ocsp-request", &question).await;
    pki::OcspResponse::from_der(answer.body()).unwrap()
}

#[tokio::test]
async fn a_world_that_renews_by_hand_meets_the_end_and_names_what_ended() {
    let folder = tempfile::tempdir().unwrap();
    let laboratory = open(folder.path()).await;
    laboratory.world.clock.set_renewal(Renewal::ByHand).await.unwrap();
    assert_eq!(moved(&laboratory, "2029-12-24T09:00:00Z").await, [""; 0]);
    drop(laboratory);
    let laboratory = open(folder.path()).await;
    let told: Vec<String> = laboratory.out_of_time().await.unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "the credential seal-p256 has ended at 2029-12-24T09:00:00Z: it was valid from 2026-11-24T09:00:00Z to \
             2029-11-24T08:59:59Z",
            "the time-stamping unit default has ended at 2029-12-24T09:00:00Z: it was valid from 2026-11-24T09:00:00Z to \
             2027-11-24T08:59:59Z",
        ]
    );
    assert!(verdict(&laboratory).await.contains("eseal clock reset"));
    laboratory.renew("default").await.unwrap();
    let refused = verdict(&laboratory).await;
    assert!(refused.contains("credential seal-p256 is valid from 2026-11-24T09:00:00Z"), "{refused}");
    laboratory.renew("seal-p256").await.unwrap();
    assert_eq!(verdict(&laboratory).await, "TOTAL-PASSED");
    assert_eq!(moved(&laboratory, "2028-12-24T09:00:00Z").await, [""; 0], "back between what ended and what follows");
    laboratory.world.clock.set_renewal(Renewal::Automatic).await.unwrap();
    assert_eq!(laboratory.renew_expired().await.unwrap(), ["default"]);
    assert_eq!(verdict(&laboratory).await, "TOTAL-PASSED");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sealing_goes_on_while_fifty_renewals_are_under_way() {
    let at = "2026-11-24T09:00:00Z".parse().unwrap();
    let world = World::in_memory("http://127.0.0.1:8700", at).await.unwrap();
    let plan = WorldPlan::default().with_credentials(&[KeyKind::P256], true);
    let laboratory = Laboratory::open_for_story(&world, plan, |_| Router::new()).await.unwrap();
    let mut renewals = tokio::task::JoinSet::new();
    for number in 0..50 {
        let laboratory = laboratory.clone();
        let name = ["seal-p256", "default"][number % 2];
        renewals.spawn(async move { laboratory.renew(name).await.unwrap() });
    }
    let mut sealing = tokio::task::JoinSet::new();
    for number in 0..24 {
        let laboratory = laboratory.clone();
        sealing.spawn(async move {
            let (path, media_type, body) = match number % 3 {
                0 => ("certificates?level=B-T", "application/json", CERTIFICATE.to_vec()),
                _ => ("seals?level=B-LTA", "application/pdf", letter()),
            };
            let made = send(&laboratory, "POST", &format!("/issuer/api/{path}"), media_type, &body).await;
            // On a machine that is slow enough there may be a renewal in each of its attempts.
            let may_be = [StatusCode::OK, StatusCode::CREATED, StatusCode::SERVICE_UNAVAILABLE];
            assert!(may_be.contains(&made.status()), "{:?}", made.body());
            if made.status() == StatusCode::OK {
                assert_eq!(judged(&laboratory, &made).await, "TOTAL-PASSED");
            }
        });
    }
    sealing.join_all().await;
    assert_eq!(renewals.join_all().await.len(), 50);
    assert_eq!(verdict(&laboratory).await, "TOTAL-PASSED");
    assert_eq!(
        post(&laboratory, "/issuer/api/certificates?level=B-T", CERTIFICATE).await.status(),
        StatusCode::CREATED
    );
    assert!(matches!(laboratory.signer.verify_audit().await.unwrap(), signer::AuditVerdict::Intact { .. }));
}

#[tokio::test]
async fn a_clock_that_passes_an_end_needs_nobody_who_renews() {
    let at = "2026-11-24T09:00:00Z".parse().unwrap();
    let world = World::in_memory("http://127.0.0.1:8700", at).await.unwrap();
    let laboratory = Laboratory::open(&world, KeyKind::P256, |_| Router::new()).await.unwrap();
    for (time, unit_since) in [
        ("2027-11-24T08:59:59.9Z", "2026-11-24T09:00:00Z"),
        ("2027-11-24T09:00:00Z", "2027-11-24T09:00:00Z"),
        ("2027-12-24T09:00:00Z", "2027-11-24T09:00:00Z"),
        ("2029-11-24T09:00:00Z", "2029-11-24T09:00:00Z"),
    ] {
        set(&world, time).await;
        assert_eq!(verdict(&laboratory).await, "TOTAL-PASSED", "{time}");
        assert_eq!(laboratory.tsa.unit(None).unwrap().certificate().not_before().to_string(), unit_since);
    }
    let seal = laboratory.signer.chain("seal-p256").await.unwrap().unwrap()[0].clone();
    assert_eq!(seal.not_before().to_string(), "2029-11-24T09:00:00Z", "it ended the second before");
    world.clock.set_renewal(Renewal::ByHand).await.unwrap();
    laboratory.renew_expired().await.unwrap();
    set(&world, "2031-11-24T09:00:00Z").await;
    assert!(verdict(&laboratory).await.contains("unit default could stamp until 2030-11-24T08:59:59Z"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn requests_that_come_at_once_after_an_end_renew_once() {
    let at = "2026-11-24T09:00:00Z".parse().unwrap();
    let world = World::in_memory("http://127.0.0.1:8700", at).await.unwrap();
    let laboratory = Laboratory::open(&world, KeyKind::P256, |_| Router::new()).await.unwrap();
    let unit_keys = async || {
        let text = "SELECT count(*) FROM signer_key WHERE label = 'tsa'";
        world::store::query(text).fetch_value::<i64>(&world.store).await.unwrap()
    };
    assert_eq!(unit_keys().await, 1);
    set(&world, "2027-12-24T09:00:00Z").await;
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let laboratory = laboratory.clone();
        asking.spawn(async move { verdict(&laboratory).await });
    }
    assert_eq!(asking.join_all().await, ["TOTAL-PASSED"; 8]);
    assert_eq!(unit_keys().await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seal_during_which_the_clock_is_set_forth_and_back_is_made_again_or_refused_and_never_out_of_order() {
    let folder = tempfile::tempdir().unwrap();
    let laboratory = open(folder.path()).await;
    let done = Arc::new(AtomicBool::new(false));
    let setting = tokio::spawn({
        let (world, done) = (laboratory.world.clone(), done.clone());
        async move {
            while !done.load(Relaxed) {
                set(&world, "+1h").await;
                set(&world, "-1h").await;
            }
        }
    });
    let (mut sealed, mut refused) = (0, 0);
    for _ in 0..10 {
        let answer = send(&laboratory, "POST", "/issuer/api/seals?level=B-LTA", "application/pdf", &letter()).await;
        if answer.status() == StatusCode::SERVICE_UNAVAILABLE {
            refused += 1;
            done.store(refused == 5, Relaxed); // then it is left alone
            continue;
        }
        assert_eq!(answer.status(), StatusCode::OK, "{:?}", answer.body());
        let offline = "/verifier/api/validations?at=2026-11-25T09:00:00Z";
        let report = json(&send(&laboratory, "POST", offline, "application/pdf", answer.body()).await);
        for signature in report["signatures"].as_array().unwrap() {
            assert_eq!(signature["indication"], "TOTAL-PASSED", "{signature}");
        }
        sealed += 1;
    }
    assert!(sealed > 0, "{refused} were refused");
    done.store(true, Relaxed);
    setting.await.unwrap();
    assert_eq!(verdict(&laboratory).await, "TOTAL-PASSED", "when it is left alone, sealing goes on");
}
