//! Batches whose certificate does not stand: what cannot pass is not tried again and again, nothing is lost, and the rest goes on.

use axum::Router;
use laboratory::Laboratory;
use laboratory::plan::WorldPlan;
use pki::RevocationReason;
use serde_json::{Value, json};
use world::World;

use super::batches::{at_work, done, given, lines, rows, until};
use super::support::{Patience, ask, json, post};

async fn revoke(laboratory: &Laboratory, credential: &str) {
    let certificate = laboratory.credential_certificate(credential).await.unwrap().unwrap();
    laboratory.authority().revoke(certificate.serial(), RevocationReason::Superseded, None, None).await.unwrap();
}

/// What is told of a batch that is stopped, whose rows were begun at most once and have no certificate.
async fn stopped(laboratory: &Laboratory, batch: &str, count: u64, why: &str) {
    let (mut stopped, patience) = (until(laboratory, batch, "stopped").await, Patience::begin());
    while stopped["rows"]["queued"] != count {
        patience.not_yet(&stopped).await;
        stopped = until(laboratory, batch, "stopped").await; // those in hand go back
    }
    assert!(stopped["problem"].as_str().unwrap().contains(why), "{stopped}");
    let in_japanese = stopped["problem_ja"].as_str().unwrap();
    assert!(in_japanese.contains("に失効しました") || in_japanese.contains("の証明書の有効期間は"), "{stopped}");
    for row in rows(laboratory, batch).await {
        assert!(row["attempts"].as_u64().unwrap() <= 1 && row["level"] == Value::Null, "{row}");
    }
}

/// It goes on, to its end: each row as it was asked for, and no word of what was wrong.
async fn goes_on(laboratory: &Laboratory, batch: &str, count: u64, level: &str) {
    post(laboratory, &format!("{batch}/resume"), b"").await;
    let done = until(laboratory, batch, "done").await;
    assert_eq!((&done["rows"]["delivered"], &done["problem"]), (&json!(count), &Value::Null), "{done}");
    for row in rows(laboratory, batch).await {
        assert_eq!((&row["level"], &row["problem"]), (&json!(level), &Value::Null), "{row}");
    }
    assert_eq!(json(&ask(laboratory, "/issuer/api/numbers/gaps").await)["gaps"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_of_whichever_level_is_stopped_before_a_seal_is_made_if_its_certificate_is_revoked() {
    for (query, level) in [("level_at_least=B-B", "B-LTA"), ("level=B-T", "B-T"), ("level=B-B", "B-B")] {
        let laboratory = at_work().await;
        revoke(&laboratory, "seal-p256").await;
        let batch = given(&laboratory, query, &lines(1..=20, "髙橋 花子")).await;
        stopped(&laboratory, &batch, 20, "has been revoked since 2026-11-24T09:00:00Z").await;
        let told = json(&ask(&laboratory, &batch).await);
        assert!(!told["problem"].as_str().unwrap().contains("can still be made"), "{told}");
        let exchanges = laboratory.world.journal.exchanges(0, 10_000).await.unwrap();
        assert!(exchanges.iter().all(|one| one.exchange.path != "/tsa"), "nothing was stamped");
        laboratory.renew("seal-p256").await.unwrap();
        goes_on(&laboratory, &batch, 20, level).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_whose_certificate_is_not_valid_yet_is_stopped_until_the_clock_shows_another_time() {
    let laboratory = at_work().await;
    let set = async |time: &str| {
        let clock = &laboratory.world.clock;
        clock.set(world::time::parse(time, clock.now()).unwrap()).await.unwrap();
    };
    set("2026-11-23T09:00:00Z").await;
    let batch = given(&laboratory, "", &lines(1..=2, "髙橋 花子")).await;
    stopped(&laboratory, &batch, 2, "is valid from 2026-11-24T09:00:00Z").await;
    set("2026-11-24T10:00:00Z").await;
    goes_on(&laboratory, &batch, 2, "B-LTA").await;
}

/// The default plan with another organization, which has a seal of its own.
fn with_college() -> String {
    let (_, university) = WorldPlan::DEFAULT.rsplit_once("[[organization]]").unwrap();
    let own = "\"college\"\ncredential = \"seal-p384\"\nbadge_credential = \"badge-rsa2048\"";
    let college = university.replace("\"tbu\"", own).replace("\"TBU\"", "\"COL\"");
    format!("{}\n[[organization]]{college}", WorldPlan::DEFAULT)
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_another_organization_whose_certificate_is_revoked_fail_and_the_others_are_issued() {
    let world = World::in_memory("http://127.0.0.1:8700", "2026-11-24T09:00:00Z".parse().unwrap()).await.unwrap();
    let plan = WorldPlan::from_toml(&with_college(), world.clock.now()).unwrap();
    let laboratory = Laboratory::open_for_story(&world, plan, |_| Router::new()).await.unwrap();
    laboratory.issuer.begin_work();
    revoke(&laboratory, "seal-p384").await;
    let of_college = String::from_utf8(lines(2..=2, "髙橋 花子")).unwrap();
    let of_college = of_college.replacen('{', "{\"organization\": \"college\", ", 1).into_bytes();
    let file = [lines(1..=1, "髙橋 花子"), of_college, lines(3..=3, "髙橋 花子")].concat();
    let (batch, told) = done(&laboratory, "", &file).await;
    assert_eq!((&told["rows"]["delivered"], &told["rows"]["failed"]), (&json!(2), &json!(1)), "{told}");
    let row = rows(&laboratory, &batch).await.remove(1);
    assert!(row["problem"].as_str().unwrap().contains("has been revoked since"), "{row}");
    assert_eq!((&row["attempts"], &row["retryable"]), (&json!(1), &json!(true)));
    laboratory.renew("seal-p384").await.unwrap();
    post(&laboratory, &format!("{batch}/retry"), b"").await;
    assert_eq!(until(&laboratory, &batch, "done").await["rows"]["delivered"], 3);
    let again = rows(&laboratory, &batch).await.remove(1);
    assert_eq!((&again["number"], &again["problem"]), (&row["number"], &Value::Null));
}

/// Waits until a batch tells that a certificate is on hold: none of its rows has failed or been issued.
async fn waits(laboratory: &Laboratory, batch: &str) {
    let patience = Patience::begin();
    loop {
        let told = json(&ask(laboratory, batch).await);
        let (failed, issued) = (&told["rows"]["failed"], &told["rows"]["delivered"]);
        assert_eq!((&told["state"], failed, issued), (&json!("running"), &json!(0), &json!(0)), "{told}");
        if told["problem"].as_str().is_some_and(|problem| problem.contains("on hold since")) {
            assert!(told["problem_ja"].as_str().unwrap().contains("から一時停止中です"), "{told}");
            return;
        }
        patience.not_yet(&told).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_is_on_hold_is_waited_for_at_every_level_and_costs_no_row() {
    for level in ["B-LTA", "B-T", "B-B"] {
        let laboratory = at_work().await;
        let certificate = laboratory.credential_certificate("seal-p256").await.unwrap().unwrap();
        laboratory.authority().hold(certificate.serial()).await.unwrap();
        let batch = given(&laboratory, &format!("level={level}"), &lines(1..=2, "髙橋 花子")).await;
        waits(&laboratory, &batch).await;
        laboratory.authority().release(certificate.serial()).await.unwrap();
        goes_on(&laboratory, &batch, 2, level).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_stamp_whose_certificate_is_on_hold_is_waited_for_without_evidence_too() {
    let laboratory = at_work().await;
    let unit = laboratory.tsa.unit(None).unwrap();
    laboratory.authority().hold(unit.certificate().serial()).await.unwrap();
    let batch = given(&laboratory, "level=B-T&level_at_least=B-B", &lines(1..=2, "髙橋 花子")).await;
    waits(&laboratory, &batch).await;
    laboratory.authority().release(unit.certificate().serial()).await.unwrap();
    goes_on(&laboratory, &batch, 2, "B-T").await;
}
