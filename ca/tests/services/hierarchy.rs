use ca::{AuthorityId, Profile};
use pki::{KeyKind, KeyUsageBit, oid};

use super::fixture::*;

#[tokio::test]
async fn root_and_issuing_ca_form_a_chain_with_their_validities() {
    let testbed = Testbed::new().await;
    let root = &testbed.ca.anchors().await.unwrap()[0];
    let issuing = &testbed.ca.intermediates().await.unwrap()[0];
    issuing.verify_issued_by(root).unwrap();
    root.verify_issued_by(root).unwrap();
    assert_eq!(root.not_before(), time(START), "usable in the very second of its making");
    assert_eq!(root.not_after(), time("2056-11-24T08:59:59Z"));
    assert_eq!(issuing.not_after(), time("2046-11-24T08:59:59Z"));
    assert!(root.is_ca() && issuing.is_ca());
    assert_eq!((root.path_length(), issuing.path_length()), (None, Some(0)));
    assert_eq!(issuing.crl_urls(), [format!("{BASE}/ca/crl/root.crl")]);
    assert_eq!(issuing.ca_issuer_urls(), [format!("{BASE}/ca/certs/root.cer")]);
}

#[tokio::test]
async fn making_the_hierarchy_twice_changes_nothing() {
    let testbed = Testbed::new().await;
    let before = testbed.ca.anchors().await.unwrap();
    testbed.ca.create_hierarchy(KeyKind::P384).await.unwrap();
    assert_eq!(testbed.ca.anchors().await.unwrap(), before);
    let again = ca::Ca::open(&testbed.world, testbed.signer.clone()).await.unwrap();
    again.create_hierarchy(KeyKind::P384).await.unwrap();
    assert_eq!(again.anchors().await.unwrap(), before, "also after a restart");
}

#[tokio::test]
async fn hierarchies_of_every_kind_of_key_verify() {
    for kind in [KeyKind::P384, KeyKind::P521, KeyKind::Rsa { bits: 2048 }] {
        let testbed = Testbed::with_hierarchy(kind).await;
        let chain = testbed.enrol(Profile::Seal).await;
        chain[0].verify_issued_by(&chain[1]).unwrap();
        chain[1].verify_issued_by(&chain[2]).unwrap();
        testbed.crl("issuing").await.verify_issued_by(&chain[1]).unwrap();
        testbed.ocsp(chain[0].serial(), &chain[1]).await;
    }
}

#[tokio::test]
async fn weak_keys_make_no_hierarchy() {
    let testbed = Testbed::bare().await;
    let error = testbed.ca.create_hierarchy(KeyKind::Rsa { bits: 1024 }).await.unwrap_err();
    assert!(matches!(error, ca::Error::KeyNotAccepted { .. }), "{error}");
}

#[tokio::test]
async fn a_responder_is_delegated_short_lived_and_exempt_from_checking() {
    let testbed = Testbed::new().await;
    let issuing = testbed.ca.issuer_certificate(&AuthorityId::ISSUING).await.unwrap();
    let responder = testbed.ca.certificates(Some(Profile::OcspResponder), 1).await.unwrap().remove(0).certificate;
    responder.verify_issued_by(&issuing).unwrap();
    assert_eq!(responder.extended_key_usage(), [oid::OCSP_SIGNING]);
    assert!(responder.has_extension(oid::OCSP_NOCHECK));
    assert_eq!(responder.not_after(), time("2027-02-22T08:59:59Z"));
    assert!(responder.key_usage().unwrap().contains(KeyUsageBit::DigitalSignature));
}

#[tokio::test]
async fn a_responder_is_renewed_before_it_ends_and_the_old_one_is_kept() {
    let testbed = Testbed::new().await;
    let chain = testbed.enrol(Profile::Seal).await;
    let responder = async || testbed.ocsp(chain[0].serial(), &chain[1]).await.certificates()[0].clone();
    let count = async || testbed.ca.certificates(Some(Profile::OcspResponder), 10).await.unwrap().len();
    let first = responder().await;
    assert_eq!(count().await, 2, "one for each CA");
    testbed.advance("82d").await;
    assert_eq!(responder().await, first);
    testbed.advance("2d").await;
    let second = responder().await;
    assert_ne!(second, first, "the first has less than a week left");
    assert_eq!(count().await, 3);
    testbed.advance("5y").await;
    responder().await;
    testbed.set("2026-12-01T00:00:00Z").await;
    assert_eq!(responder().await, first, "with the clock set back the first is good again");
}

#[tokio::test]
async fn nobody_enrols_for_the_certificates_of_a_ca() {
    let testbed = Testbed::new().await;
    let key = testbed.signer.create_key(KeyKind::P256, "test").await.unwrap();
    let public_key = testbed.signer.public_key(&key).await.unwrap();
    for profile in
        [Profile::Root, Profile::IntermediateCa, Profile::IssuingCa, Profile::CrossCertificate, Profile::OcspResponder]
    {
        let refused = testbed.ca.enrol(profile, &subject("Somebody"), &public_key).await.unwrap_err();
        assert!(matches!(refused, ca::Error::ProfileNotEnrollable { .. }));
    }
}

#[tokio::test]
async fn no_certificate_outlives_its_issuer_and_none_is_made_after_its_end() {
    let testbed = Testbed::new().await;
    testbed.set("2045-11-24T09:00:00Z").await;
    let chain = testbed.enrol(Profile::Seal).await;
    assert_eq!(chain[0].not_after(), chain[1].not_after());
    testbed.ocsp(chain[0].serial(), &chain[1]).await;
    testbed.set("2046-11-24T09:00:00Z").await;
    let key = testbed.signer.create_key(KeyKind::P256, "test").await.unwrap();
    let public_key = testbed.signer.public_key(&key).await.unwrap();
    let refused = testbed.ca.enrol(Profile::Seal, &subject("Too late"), &public_key).await.unwrap_err();
    assert!(refused.to_string().contains("valid from 2026-11-24T09:00:00Z to 2046-11-24T08:59:59Z"), "{refused}");
}

#[tokio::test]
async fn the_trust_folder_holds_anchors_intermediates_and_certificates_in_use() {
    let testbed = Testbed::new().await;
    let seal = testbed.enrol(Profile::Seal).await.remove(0);
    let revoked = testbed.enrol(Profile::Seal).await.remove(0);
    testbed.ca.revoke(revoked.serial(), pki::RevocationReason::Superseded, None, None).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let trust = folder.path().join("trust");
    testbed.ca.write_trust(&trust).await.unwrap();
    let bundle = |name: &str| {
        let text = std::fs::read_to_string(trust.join(name)).unwrap();
        pki::Certificate::from_pem_bundle(&text).unwrap_or_default()
    };
    assert_eq!(bundle("root.pem"), testbed.ca.anchors().await.unwrap());
    assert_eq!(bundle("intermediates.pem"), testbed.ca.intermediates().await.unwrap());
    assert_eq!(bundle("all.pem").len(), 2);
    assert_eq!(bundle("seal.pem"), [seal]);
    assert_eq!(std::fs::read_to_string(trust.join("tsa.pem")).unwrap(), "");
    assert_eq!(std::fs::read_dir(&trust).unwrap().count(), 5, "nothing unfinished is left behind");
}
