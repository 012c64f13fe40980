//! What lies on disk: no private key, no secret, no token; and an audit chain that shows every change.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use pki::{DigestAlgorithm, KeyKind};
use serde_json::json;
use signer::{AuditFault, AuditVerdict, Error, NewCredential, Scal, Signer, WhenRevoked};
use world::World;

use crate::support::{Bench, ECDSA_SHA256, digests};

pub(crate) async fn world(folder: &Path) -> World {
    let world = World::open(folder, "default", "http://127.0.0.1:8700").await.unwrap();
    world.clock.set("2026-11-24T09:00:00Z".parse().unwrap()).await.unwrap();
    world.clock.freeze().await.unwrap();
    world
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

#[tokio::test]
async fn neither_keys_nor_secrets_lie_in_the_clear() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::over(world(folder.path()).await).await;
    let key = bench.credential("seal", KeyKind::P256, Scal::Two, 10).await;
    let digest = digests(1);
    let sad = bench.authorized("seal", &digest).await;
    bench.signed("seal", &sad, ECDSA_SHA256, &digest).await;
    bench.signer.verify_audit().await.unwrap();
    let public = bench.signer.public_key(&key).await.unwrap().spki_der().to_vec();
    let mut bytes = Vec::new();
    for file in ["world.db", "world.db-wal"] {
        bytes.extend(std::fs::read(folder.path().join(file)).unwrap_or_default());
    }
    assert!(contains(&bytes, &public), "the search would find what is in the clear");
    let root_key = std::fs::read(folder.path().join("root.key")).unwrap();
    assert_eq!(root_key.len(), 32);
    // PKCS#8 of a P-256 key holds ECPrivateKey: SEQUENCE, version 1, an OCTET STRING of 32 bytes.
    assert!(!contains(&bytes, &[0x02, 0x01, 0x01, 0x04, 0x20]));
    for secret in [root_key.as_slice(), bench.secret.as_bytes(), bench.token.as_bytes(), sad.as_bytes()] {
        assert!(!contains(&bytes, secret));
    }
    let mode = std::fs::metadata(folder.path().join("root.key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn keys_sign_after_a_restart_and_not_under_another_root_key() {
    let folder = tempfile::tempdir().unwrap();
    let (key, public) = {
        let signer = Signer::open(&world(folder.path()).await).await.unwrap();
        let key = signer.create_key(KeyKind::P256, "seal").await.unwrap();
        (key.clone(), signer.public_key(&key).await.unwrap())
    };
    let algorithm = KeyKind::P256.default_signature_algorithm();
    let digest = DigestAlgorithm::Sha256.digest(b"document");
    let signer = Signer::open(&world(folder.path()).await).await.unwrap();
    let signature = signer.sign_digest(&key, algorithm, &digest).await.unwrap();
    public.verify(algorithm, &digest, &signature).unwrap();
    std::fs::write(folder.path().join("root.key"), [7; 32]).unwrap();
    let refused = Signer::open(&world(folder.path()).await).await.err().unwrap();
    let file = folder.path().join("root.key");
    let expected = format!("the root key file {} is not the one that protects this world's keys", file.display());
    assert_eq!(refused.to_string(), expected);
    std::fs::remove_file(folder.path().join("root.key")).unwrap();
    assert!(matches!(Signer::open(&world(folder.path()).await).await, Err(Error::RootKeyMissing { .. })));
}

#[tokio::test]
async fn a_key_row_that_was_moved_or_changed_does_not_open() {
    let folder = tempfile::tempdir().unwrap();
    let world = world(folder.path()).await;
    let (one, other) = {
        let signer = Signer::open(&world).await.unwrap();
        let one = signer.create_key(KeyKind::P256, "one").await.unwrap();
        (one, signer.create_key(KeyKind::P256, "other").await.unwrap())
    };
    world::store::query(
        "UPDATE signer_key SET (nonce, private_key) = (SELECT nonce, private_key FROM signer_key WHERE id = $1) \
         WHERE id = $2",
    )
    .bind(one.as_str())
    .bind(other.as_str())
    .execute(&world.store)
    .await
    .unwrap();
    let signer = Signer::open(&world).await.unwrap();
    assert!(matches!(signer.public_key(&other).await, Err(Error::KeyDamaged { .. })));
    assert!(signer.public_key(&one).await.is_ok());
}

#[tokio::test]
async fn signatures_inside_are_counted_and_audited() {
    let bench = Bench::new().await;
    let key = bench.signer.create_key(KeyKind::P256, "time-stamps").await.unwrap();
    let algorithm = KeyKind::P256.default_signature_algorithm();
    for digest in digests(20) {
        bench.signer.sign_digest(&key, algorithm, &digest).await.unwrap();
    }
    let keys = bench.signer.keys().await.unwrap();
    let described = keys.iter().find(|described| described.id == key).unwrap();
    assert_eq!((described.uses, &*described.label), (20, "time-stamps"));
    assert!(matches!(bench.signer.verify_audit().await.unwrap(), AuditVerdict::Intact { .. }));
}

pub(crate) async fn sealed() -> Bench {
    let bench = Bench::new().await;
    let digests = digests(2);
    let sad = bench.authorized("seal", &digests).await;
    bench.signed("seal", &sad, ECDSA_SHA256, &digests).await;
    assert!(matches!(bench.signer.verify_audit().await.unwrap(), AuditVerdict::Intact { .. }));
    bench
}

pub(crate) async fn change(bench: &Bench, sql: &'static str) -> AuditVerdict {
    assert_eq!(world::store::query(sql).execute(&bench.world.store).await.unwrap(), 1, "{sql}");
    bench.signer.verify_audit().await.unwrap()
}

#[tokio::test]
async fn a_changed_entry_breaks_the_chain_there() {
    let bench = sealed().await;
    let changed = "UPDATE signer_audit SET entry = replace(entry, '2026-', '2025-') WHERE sequence = 3";
    assert_eq!(change(&bench, changed).await, AuditVerdict::Broken { sequence: 3, fault: AuditFault::HashDiffers });
}

#[tokio::test]
async fn a_removed_entry_breaks_the_chain_after_it() {
    let bench = sealed().await;
    let removed = "DELETE FROM signer_audit WHERE sequence = 3";
    assert_eq!(change(&bench, removed).await, AuditVerdict::Broken { sequence: 4, fault: AuditFault::Missing });
}

#[tokio::test]
async fn a_changed_counter_shows() {
    let bench = sealed().await;
    let verdict = change(&bench, "UPDATE signer_key SET uses = 1 WHERE uses = 2 AND label = 'seal'").await;
    assert!(matches!(verdict, AuditVerdict::CounterDiffers { counted: 1, audited: 2, .. }), "{verdict:?}");
}

#[tokio::test]
async fn entries_hold_hashes_and_no_names() {
    let bench = sealed().await;
    let entries = world::store::query("SELECT entry FROM signer_audit").fetch_values::<String>(&bench.world.store);
    let all = entries.await.unwrap().concat();
    for name in ["issuer", "\"seal\"", "Testbed", "A seal"] {
        assert!(!all.contains(name), "{name} in {all}");
    }
    assert!(all.contains(&digests(1)[0].to_string()));
    assert!(all.contains("\"event\":\"signed\""));
}

#[tokio::test]
async fn registrations_are_checked() {
    let bench = Bench::new().await;
    let key = bench.signer.create_key(KeyKind::P256, "key").await.unwrap();
    let other = bench.signer.create_key(KeyKind::P256, "other").await.unwrap();
    let chain = bench.chain(&key).await;
    let good = NewCredential {
        id: "new".into(),
        key,
        chain,
        client: "issuer".into(),
        description: "A seal".into(),
        scal: Scal::Two,
        multisign: 1,
        when_revoked: WhenRevoked::Refuse,
    };
    let refused = |new: NewCredential| async { bench.signer.register_credential(new).await.unwrap_err() };
    assert!(matches!(
        refused(NewCredential { id: "".into(), ..good.clone() }).await,
        Error::CredentialIncomplete { .. }
    ));
    assert!(matches!(
        refused(NewCredential { multisign: 0, ..good.clone() }).await,
        Error::CredentialIncomplete { .. }
    ));
    assert!(matches!(
        refused(NewCredential { chain: vec![], ..good.clone() }).await,
        Error::CredentialIncomplete { .. }
    ));
    assert!(matches!(
        refused(NewCredential { key: other, ..good.clone() }).await,
        Error::CertificateOfAnotherKey { .. }
    ));
    assert!(matches!(refused(NewCredential { client: "x".into(), ..good.clone() }).await, Error::NoSuchClient { .. }));
    assert!(matches!(
        refused(NewCredential { id: "seal".into(), ..good.clone() }).await,
        Error::CredentialExists { .. }
    ));
    assert!(!bench.signer.has_credential("new").await.unwrap());
    bench.signer.register_credential(good).await.unwrap();
    assert!(bench.signer.has_credential("new").await.unwrap());
    assert!(matches!(bench.signer.register_client("issuer").await, Err(Error::ClientExists { .. })));
    assert!(matches!(bench.signer.reset_client_secret("x").await, Err(Error::NoSuchClient { .. })));
    assert!(matches!(bench.signer.register_client("a b").await, Err(Error::ClientName { .. })));
    let (status, _) = bench.call("/csc/v2/credentials/info", json!({ "credentialID": "new" })).await;
    assert_eq!(status, 200);
}
