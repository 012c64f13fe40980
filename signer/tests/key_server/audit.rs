//! The signed head of the audit chain: what somebody can do who has the database but not the root key, and that it shows.

use std::path::Path;

use pki::{KeyKind, PublicKey};
use sha2::{Digest, Sha256};
use signer::{AuditFault, AuditVerdict, BrokenAudit, Error, ExportError, Scal, Signer, verify_audit_export};
use world::store::{composed, query};

use crate::storage::{change, sealed, world};
use crate::support::{Bench, ECDSA_SHA256, digests};

const LAST: &str = "(SELECT max(sequence) FROM signer_audit)";

fn broken(sequence: i64, fault: AuditFault) -> AuditVerdict {
    AuditVerdict::Broken { sequence, fault }
}

async fn run(bench: &Bench, sql: String) {
    composed(sql).execute(&bench.world.store).await.unwrap();
}

async fn last(bench: &Bench) -> i64 {
    query("SELECT max(sequence) FROM signer_audit").fetch_value(&bench.world.store).await.unwrap()
}

/// Computes all hashes anew, as somebody does who has changed an entry.
async fn hash_anew(bench: &Bench) {
    let pool = &bench.world.store;
    let rows = query("SELECT sequence, entry FROM signer_audit ORDER BY sequence").fetch_all(pool).await.unwrap();
    let mut hash = vec![0; 32];
    for row in rows {
        let (sequence, entry): (i64, String) = (row.get("sequence").unwrap(), row.get("entry").unwrap());
        hash = Sha256::new().chain_update(&hash).chain_update(entry).finalize().to_vec();
        let update = query("UPDATE signer_audit SET hash = $1 WHERE sequence = $2").bind(&hash).bind(sequence);
        update.execute(pool).await.unwrap();
    }
}

/// A world in a folder with two signatures, its audit key published as the testbed does.
async fn sealed_in(folder: &Path) -> Bench {
    let bench = Bench::over(world(folder).await).await;
    bench.credential("seal", KeyKind::P256, Scal::Two, 10).await;
    let digests = digests(2);
    let sad = bench.authorized("seal", &digests).await;
    bench.signed("seal", &sad, ECDSA_SHA256, &digests).await;
    bench.signer.flush().await.unwrap();
    std::fs::create_dir_all(folder.join("trust")).unwrap();
    std::fs::write(folder.join("trust/audit.pem"), bench.signer.audit_key().to_pem()).unwrap();
    bench
}

async fn refused(bench: &Bench) -> AuditVerdict {
    match Signer::open(&bench.world).await.err() {
        Some(Error::AuditBroken { verdict, .. }) => *verdict,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_cut_end_shows_though_the_counters_were_adjusted() {
    let bench = sealed().await;
    let last = last(&bench).await;
    run(&bench, format!("DELETE FROM signer_audit WHERE sequence = {LAST}")).await;
    let verdict = change(&bench, "UPDATE signer_key SET uses = 0 WHERE label = 'seal'").await;
    assert_eq!(verdict, broken(last, AuditFault::CutOff));
    assert!(verdict.to_string().contains("cut off"), "{verdict}");
}

/// What somebody does who has the database, while the key server rests that verified it when it was opened.
async fn found_while_resting(tampering: impl AsyncFnOnce(&Bench)) -> AuditVerdict {
    let folder = tempfile::tempdir().unwrap();
    let bench = sealed_in(folder.path()).await;
    let key = bench.signer.keys().await.unwrap().into_iter().find(|key| key.label == "seal").unwrap().id;
    let resting = Signer::open(&bench.world).await.unwrap();
    tampering(&bench).await;
    let digest = pki::DigestAlgorithm::Sha256.digest(b"document");
    let algorithm = KeyKind::P256.default_signature_algorithm();
    let probed = match resting.probe_audit().await {
        Err(Error::AuditBroken { verdict, .. }) => *verdict,
        other => panic!("{other:?}"),
    };
    for _ in 0..2 {
        let before = last(&bench).await;
        let refused = resting.sign_digest(&key, algorithm, &digest).await.unwrap_err();
        let mut causes = std::iter::successors(Some(&refused as &(dyn std::error::Error + 'static)), |e| e.source());
        assert!(causes.any(|cause| cause.is::<world::Tampered>()), "{refused}");
        assert!(refused.to_string().contains("audit chain"), "{refused}");
        let refused = resting.create_key(KeyKind::P256, "more").await.unwrap_err();
        assert!(refused.to_string().contains(&probed.to_string()), "{refused}");
        assert_eq!(last(&bench).await, before, "nothing is written");
    }
    probed
}

#[tokio::test]
async fn a_key_server_signs_nothing_over_a_chain_that_was_cut_or_rewritten_while_it_rested() {
    let cut = async |bench: &Bench| {
        run(bench, format!("DELETE FROM signer_audit WHERE sequence >= {LAST} - 1")).await;
        run(bench, "UPDATE signer_key SET uses = 0 WHERE label = 'seal'".into()).await;
    };
    assert!(matches!(found_while_resting(cut).await, AuditVerdict::Broken { fault: AuditFault::CutOff, .. }));
    let rewritten = async |bench: &Bench| {
        run(bench, "UPDATE signer_audit SET entry = replace(entry, '2026-', '2025-')".into()).await;
        hash_anew(bench).await;
    };
    assert!(matches!(found_while_resting(rewritten).await, AuditVerdict::Broken { fault: AuditFault::Rewritten, .. }));
    // The head of an earlier moment, truly signed, over the chain of that moment.
    let set_back = async |bench: &Bench| {
        let pool = &bench.world.store;
        let head = query("SELECT head, signature FROM signer_audit_head").fetch_one(pool).await.unwrap();
        let (text, signature): (String, Vec<u8>) = (head.get("head").unwrap(), head.get("signature").unwrap());
        let before = last(bench).await;
        let other = Signer::open(&bench.world).await.unwrap();
        other.create_key(KeyKind::P256, "other").await.unwrap();
        let resting = Signer::open(&bench.world).await.unwrap();
        run(bench, format!("DELETE FROM signer_audit WHERE sequence > {before}")).await;
        run(bench, "DELETE FROM signer_key WHERE label = 'other'".into()).await;
        let put = query("UPDATE signer_audit_head SET head = $1, signature = $2").bind(text).bind(signature);
        put.execute(pool).await.unwrap();
        assert!(resting.verify_audit().await.unwrap().is_intact(), "nobody else can see it");
        let refused = resting.create_key(KeyKind::P256, "more").await.unwrap_err();
        assert!(refused.to_string().contains("cut off"), "{refused}");
        run(bench, format!("DELETE FROM signer_audit WHERE sequence = {LAST}")).await;
    };
    found_while_resting(set_back).await;
}

#[tokio::test]
async fn what_another_process_added_to_the_chain_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    let bench = sealed_in(folder.path()).await;
    let (one, other) = (Signer::open(&bench.world).await.unwrap(), Signer::open(&bench.world).await.unwrap());
    for label in ["a", "b"] {
        one.create_key(KeyKind::P256, label).await.unwrap();
        other.create_key(KeyKind::P256, label).await.unwrap();
    }
    assert!(one.verify_audit().await.unwrap().is_intact());
}

#[tokio::test]
async fn a_chain_that_was_changed_and_hashed_anew_shows() {
    let bench = sealed().await;
    run(&bench, "UPDATE signer_audit SET entry = replace(entry, '2026-', '2025-')".into()).await;
    hash_anew(&bench).await;
    assert_eq!(bench.signer.verify_audit().await.unwrap(), broken(last(&bench).await, AuditFault::Rewritten));
}

#[tokio::test]
async fn an_entry_that_the_key_server_did_not_add_shows() {
    let bench = sealed().await;
    let next = last(&bench).await + 1;
    let entry = format!("REPLACE(entry, '\"sequence\":2', '\"sequence\":{next}')");
    run(&bench, format!("INSERT INTO signer_audit SELECT {next}, {entry}, hash FROM signer_audit WHERE sequence = 2"))
        .await;
    hash_anew(&bench).await;
    assert_eq!(bench.signer.verify_audit().await.unwrap(), broken(next, AuditFault::Unsigned));
}

#[tokio::test]
async fn a_key_server_does_not_open_over_a_broken_chain_unless_it_is_told_to_and_then_that_stands_in_the_chain() {
    let folder = tempfile::tempdir().unwrap();
    let bench = sealed_in(folder.path()).await;
    run(&bench, format!("DELETE FROM signer_audit WHERE sequence > {LAST} - 2")).await;
    run(&bench, "UPDATE signer_key SET uses = 0 WHERE label = 'seal'".into()).await;
    let cut = broken(last(&bench).await + 1, AuditFault::CutOff);
    assert_eq!(refused(&bench).await, cut);
    assert_eq!(refused(&bench).await, cut, "refusing changes nothing");
    let signer = Signer::open_despite(&bench.world, BrokenAudit::Accept).await.unwrap();
    let noted = last(&bench).await;
    let AuditVerdict::Intact { accepted_breaks, .. } =
        Signer::open(&bench.world).await.unwrap().verify_audit().await.unwrap()
    else {
        panic!("the chain goes on from the cut, with a note: {:?}", signer.verify_audit().await)
    };
    assert_eq!(accepted_breaks, [noted]);
    let note: String = query("SELECT entry FROM signer_audit ORDER BY sequence DESC LIMIT 1")
        .fetch_value(&bench.world.store)
        .await
        .unwrap();
    assert!(note.contains(&cut.to_string()), "{note}");
}

#[tokio::test]
async fn a_head_that_was_taken_away_forged_or_signed_by_another_key_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let bench = sealed_in(folder.path()).await;
    let other = sealed_in(tempfile::tempdir().unwrap().path()).await;
    std::fs::write(folder.path().join("trust/audit.pem"), other.signer.audit_key().to_pem()).unwrap();
    assert_eq!(refused(&bench).await, broken(1, AuditFault::KeyReplaced));
    std::fs::remove_file(folder.path().join("trust/audit.pem")).unwrap();
    Signer::open(&bench.world).await.unwrap();

    // The seal's key is one of this world too, and its client could have it sign any digest.
    run(&bench, "UPDATE signer_audit_head SET key = (SELECT id FROM signer_key WHERE label = 'seal')".into()).await;
    assert_eq!(refused(&bench).await, broken(1, AuditFault::HeadForged));
    run(&bench, "UPDATE signer_key SET origin = 'eseal audit head' WHERE label = 'seal'".into()).await;
    assert_eq!(refused(&bench).await, broken(1, AuditFault::HeadForged), "its row does not open for that purpose");

    std::fs::write(folder.path().join("trust/audit.pem"), bench.signer.audit_key().to_pem()).unwrap();
    run(&bench, "DELETE FROM signer_audit_head".into()).await;
    assert_eq!(refused(&bench).await, broken(1, AuditFault::HeadMissing));
    Signer::open_despite(&bench.world, BrokenAudit::Accept).await.unwrap();
}

#[tokio::test]
async fn a_world_of_an_earlier_program_gets_its_key_and_first_head_if_its_chain_holds() {
    let folder = tempfile::tempdir().unwrap();
    let bench = sealed_in(folder.path()).await;
    std::fs::remove_file(folder.path().join("trust/audit.pem")).unwrap();
    run(&bench, "DELETE FROM signer_audit_head".into()).await;
    let signer = Signer::open(&bench.world).await.unwrap();
    assert_ne!(signer.audit_key(), bench.signer.audit_key());
    assert!(signer.verify_audit().await.unwrap().is_intact());
    run(&bench, "DELETE FROM signer_audit_head".into()).await;
    run(&bench, "UPDATE signer_audit SET entry = replace(entry, '2026-', '2025-') WHERE sequence = 3".into()).await;
    assert_eq!(refused(&bench).await, broken(3, AuditFault::HashDiffers));
}

#[tokio::test]
async fn a_new_world_in_the_folder_of_an_old_one_has_a_key_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let old = sealed_in(folder.path()).await;
    let key = old.signer.audit_key();
    old.world.store.close().await.unwrap();
    for file in ["world.db", "world.db-wal", "world.db-shm"] {
        let _ = std::fs::remove_file(folder.path().join(file));
    }
    let signer = Signer::open(&world(folder.path()).await).await.unwrap();
    assert_ne!(signer.audit_key(), key);
}

#[tokio::test]
async fn the_audit_key_signs_heads_and_nothing_else() {
    let bench = sealed().await;
    let key = bench.signer.keys().await.unwrap().into_iter().find(|key| key.public_key == bench.signer.audit_key());
    let key = key.expect("it is listed").id;
    assert!(matches!(bench.signer.public_key(&key).await, Err(Error::NoSuchKey { .. })));
    let signed = bench.signer.sign_digest(&key, KeyKind::P256.default_signature_algorithm(), &digests(1)[0]).await;
    assert!(matches!(signed, Err(Error::NoSuchKey { .. })));
}

async fn exported(bench: &Bench) -> Vec<String> {
    let page = bench.signer.audit_log().await.unwrap().page(0, 1000).await.unwrap().unwrap();
    let lines = [page.title].into_iter().chain(page.entries).chain([page.head]);
    lines.map(|line| serde_json::to_string(&line).unwrap() + "\n").collect()
}

fn judged(lines: &[String], key: Option<PublicKey>) -> AuditVerdict {
    verify_audit_export(lines.concat().as_bytes(), key, None).unwrap().verdict
}

#[tokio::test]
async fn a_gap_has_the_same_number_in_the_world_and_in_an_export() {
    let bench = sealed().await;
    run(&bench, "DELETE FROM signer_audit WHERE sequence = 2".into()).await;
    let gap = broken(3, AuditFault::Missing);
    assert_eq!(bench.signer.verify_audit().await.unwrap(), gap);
    assert_eq!(judged(&exported(&bench).await, None), gap);
}

#[tokio::test]
async fn an_exported_chain_is_verified_with_the_public_key_alone() {
    let bench = sealed().await;
    let key = bench.signer.audit_key();
    let lines = exported(&bench).await;
    let count = lines.len() - 2;
    assert!(
        matches!(judged(&lines, Some(key.clone())), AuditVerdict::Intact { entries, .. } if entries == count as u64)
    );
    let verdict = |change: &dyn Fn(&mut Vec<String>)| {
        let mut lines = lines.clone();
        change(&mut lines);
        judged(&lines, Some(key.clone()))
    };
    let last = count as i64;
    assert_eq!(verdict(&|lines| drop(lines.remove(count))), broken(last, AuditFault::CutOff));
    assert_eq!(verdict(&|lines| drop(lines.pop())), broken(last + 1, AuditFault::HeadMissing));
    assert_eq!(verdict(&|lines| drop(lines.remove(3))), broken(4, AuditFault::Missing));
    assert_eq!(verdict(&|lines| lines[3] = lines[3].replace("2026-", "2025-")), broken(3, AuditFault::HashDiffers));
    assert_eq!(verdict(&|lines| lines[2] = "{}\n".into()), broken(2, AuditFault::Unreadable));
    let forged = |lines: &mut Vec<String>| lines[count + 1] = lines[count + 1].replace("2026-", "2025-");
    assert_eq!(verdict(&forged), broken(last, AuditFault::HeadForged));
    let stranger = sealed().await.signer.audit_key();
    assert_eq!(judged(&lines, Some(stranger)), broken(1, AuditFault::KeyReplaced));
    for no_export in ["", "{}\n", "%PDF-1.7"] {
        assert!(matches!(verify_audit_export(no_export.as_bytes(), None, None), Err(ExportError::NotAnExport)));
    }
}

#[tokio::test]
async fn a_head_known_from_earlier_shows_that_a_whole_database_was_put_back() {
    let bench = sealed().await;
    let AuditVerdict::Intact { entries, head, .. } = bench.signer.verify_audit().await.unwrap() else { panic!() };
    let known = |sequence: i64, hash: &str| Some((sequence, hash.to_owned()));
    let since = async |known| bench.signer.verify_audit_since(known).await.unwrap();
    let last = entries as i64;
    assert!(since(known(last, &head)).await.is_intact());
    assert_eq!(since(known(last + 1, &head)).await, broken(last + 1, AuditFault::CutOff));
    assert_eq!(since(known(last - 1, &head)).await, broken(last - 1, AuditFault::Rewritten));
    bench.signer.create_key(KeyKind::P256, "later").await.unwrap();
    assert!(since(known(last, &head)).await.is_intact(), "the chain has grown and still has that entry");
}
