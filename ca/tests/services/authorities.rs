//! Hierarchies of another shape than the default one: deeper, with several roots, cross-certificates and new keys.

use axum::http::StatusCode;
use ca::{AuthorityId, AuthorityPlan, Ca, Error, Profile};
use pki::{Certificate, CertificateStatus, Crl, KeyAlgorithm, KeyKind, RevocationReason};
use serde_json::json;

use super::fixture::*;

pub(crate) fn id(text: &str) -> AuthorityId {
    text.parse().unwrap()
}

pub(crate) fn plan(name: &str, parent: Option<&str>) -> AuthorityPlan {
    let subject = subject(&format!("{name} CA"));
    AuthorityPlan::new(id(name), parent.map(id), subject, KeyKind::P256)
}

/// `top` – `middle` – `issuing` and `issuing-2`, and `other` – `other-issuing`.
pub(crate) fn two_trees() -> Vec<AuthorityPlan> {
    vec![
        plan("issuing", Some("middle")),
        plan("issuing-2", Some("middle")),
        plan("middle", Some("top")),
        plan("top", None),
        plan("other", None),
        plan("other-issuing", Some("other")),
    ]
}

impl Testbed {
    pub(crate) async fn with(plans: &[AuthorityPlan]) -> Testbed {
        let testbed = Testbed::bare().await;
        testbed.ca.establish(plans).await.unwrap();
        testbed
    }

    /// Leaf first, root last.
    pub(crate) async fn enrol_from(&self, issuer: &str) -> Vec<Certificate> {
        let key = self.signer.create_key(KeyKind::P256, "test").await.unwrap();
        let public_key = self.signer.public_key(&key).await.unwrap();
        let subject = subject("Learning Platform");
        self.ca.enrol_from(Some(&id(issuer)), Profile::Seal, &subject, &public_key).await.unwrap()
    }

    async fn names(&self) -> Vec<String> {
        self.ca.authorities().await.unwrap().iter().map(|authority| authority.name.to_string()).collect()
    }

    async fn certificate_of(&self, name: &str) -> Certificate {
        let (status, _, der) = self.get(&format!("/ca/certs/{name}.cer")).await;
        assert_eq!(status, StatusCode::OK, "{name}");
        Certificate::from_der(&der).unwrap()
    }
}

#[tokio::test]
async fn authorities_are_made_parents_first_with_as_much_path_length_as_hangs_below() {
    let testbed = Testbed::with(&two_trees()).await;
    assert_eq!(testbed.names().await, ["top", "other", "middle", "other-issuing", "issuing", "issuing-2"]);
    let chain = testbed.enrol_from("issuing-2").await;
    assert_eq!(chain.len(), 4);
    for pair in chain.windows(2) {
        pair[0].verify_issued_by(&pair[1]).unwrap();
        assert_eq!(pair[0].authority_key_identifier(), pair[1].subject_key_identifier());
    }
    let path_lengths: Vec<_> = chain[1..].iter().map(Certificate::path_length).collect();
    assert_eq!(path_lengths, [Some(0), Some(1), None]);
    assert_eq!(chain[0].crl_urls(), [format!("{BASE}/ca/crl/issuing-2.crl")]);
    assert_eq!(chain[1].crl_urls(), [format!("{BASE}/ca/crl/middle.crl")]);
    assert_eq!(chain[1].ca_issuer_urls(), [format!("{BASE}/ca/certs/middle.cer")]);
    assert_eq!(testbed.certificate_of("issuing-2").await, chain[1]);
    assert_eq!(testbed.ca.anchors().await.unwrap().len(), 2);
    assert_eq!(testbed.ca.intermediates().await.unwrap().len(), 4);
}

#[tokio::test]
async fn an_authority_is_asked_for_by_name_and_the_first_for_end_certificates_issues_else() {
    let testbed = Testbed::with(&two_trees()).await;
    let key = testbed.signer.create_key(KeyKind::P256, "test").await.unwrap();
    let public_key = testbed.signer.public_key(&key).await.unwrap().to_pem();
    let body = |issuer: Option<&str>| {
        let mut body = json!({
            "profile": "seal",
            "public_key_pem": public_key,
            "subject": {
                "organization": "Example University",
                "organization_identifier": "NTRJP-9234567890123",
                "common_name": "Platform",
            },
        });
        if let Some(issuer) = issuer {
            body["issuer"] = json!(issuer);
        }
        body
    };
    for (asked, issuer) in [(None, "issuing"), (Some("issuing-2"), "issuing-2"), (Some("top"), "top")] {
        let (status, answer) = testbed.post_json("/ca/api/certificates", &body(asked)).await;
        assert_eq!(status, StatusCode::CREATED, "{answer}");
        let path = format!("/ca/api/certificates/{}", answer["serial"].as_str().unwrap());
        assert_eq!(testbed.get_json(&path).await.1["issuer"], issuer);
    }
    for (asked, expected) in [("nobody", StatusCode::NOT_FOUND), ("No Body", StatusCode::BAD_REQUEST)] {
        let (status, answer) = testbed.post_json("/ca/api/certificates", &body(Some(asked))).await;
        assert_eq!(status, expected, "{answer}");
    }
}

#[tokio::test]
async fn what_was_interrupted_is_completed_and_what_is_there_stays() {
    let testbed = Testbed::with(&[plan("top", None), plan("middle", Some("top"))]).await;
    let before = testbed.certificate_of("top").await;
    let again = Ca::open(&testbed.world, testbed.signer.clone()).await.unwrap();
    again.establish(&[plan("beside", Some("top")), plan("top", None)]).await.unwrap();
    assert_eq!(testbed.certificate_of("top").await, before, "as both processes see it");
    assert_eq!(testbed.names().await, ["top", "middle", "beside"], "also who was made by another process");
    testbed.crl("beside").await;
}

#[tokio::test]
async fn plans_that_cannot_be_are_refused_before_anything_is_made() {
    let long = AuthorityPlan { subject: subject(&"x".repeat(35)), ..plan("long", None) };
    let weak = AuthorityPlan { settings: KeyAlgorithm::from(KeyKind::Rsa { bits: 1024 }).into(), ..plan("weak", None) };
    for (plans, reason) in [
        (vec![plan("a", None), plan("b", Some("c"))], "planned below c"),
        (vec![plan("a", Some("b")), plan("b", Some("a"))], "hangs below a itself"),
        (vec![plan("a", Some("a"))], "hangs below a itself"),
        (vec![plan("a", None), plan("a", None)], "two authorities"),
        (vec![plan("a", None), long], "OCSP responder"),
        (vec![plan("a", None), weak], "not RSA-1024"),
    ] {
        let testbed = Testbed::bare().await;
        let refused = testbed.ca.establish(&plans).await.unwrap_err().to_string();
        assert!(refused.contains(reason), "{refused}");
        assert!(matches!(testbed.ca.anchors().await, Err(Error::NoHierarchy)));
    }
}

#[tokio::test]
async fn nothing_hangs_below_who_signs_end_certificates_only() {
    let testbed = Testbed::with(&two_trees()).await;
    let refused = testbed.ca.establish(&[plan("below", Some("issuing"))]).await.unwrap_err();
    assert!(matches!(refused, Error::PathTooLong { limit: 0, below: 0, .. }), "{refused}");
    testbed.ca.establish(&[plan("issuing-3", Some("middle"))]).await.unwrap();
    let crossed = testbed.ca.cross_certify(&id("other-issuing"), &id("issuing")).await.unwrap_err();
    assert!(matches!(crossed, Error::PathTooLong { .. }), "{crossed}");
    let crossed = testbed.ca.cross_certify(&id("other"), &id("middle")).await.unwrap_err();
    assert!(matches!(crossed, Error::PathTooLong { limit: 1, below: 1, .. }), "{crossed}");
    assert!(matches!(testbed.ca.cross_certify(&id("top"), &id("top")).await, Err(Error::CrossCertifiesItself { .. })));
}

#[tokio::test]
async fn a_cross_certificate_is_made_once_and_can_be_revoked() {
    let testbed = Testbed::with(&two_trees()).await;
    let cross = testbed.ca.cross_certify(&id("other"), &id("top")).await.unwrap();
    assert_eq!(testbed.ca.cross_certify(&id("other"), &id("top")).await.unwrap(), cross);
    let (top, other) = (testbed.certificate_of("top").await, testbed.certificate_of("other").await);
    cross.verify_issued_by(&top).unwrap();
    assert_eq!(cross.subject(), other.subject());
    assert_eq!(cross.subject_key_identifier(), other.subject_key_identifier());
    assert_eq!(cross.authority_key_identifier(), top.subject_key_identifier());
    assert_eq!(testbed.ca.intermediates().await.unwrap().last(), Some(&cross));
    testbed.ca.revoke(cross.serial(), RevocationReason::CessationOfOperation, None, None).await.unwrap();
    assert!(testbed.crl("top").await.entry(cross.serial()).is_some());
    assert!(matches!(
        testbed.ocsp(cross.serial(), &top).await.responses()[0].status,
        CertificateStatus::Revoked { .. }
    ));
}

#[tokio::test]
async fn a_new_key_has_the_old_name_and_addresses_of_its_own() {
    let testbed = Testbed::new().await;
    let before = testbed.enrol(Profile::Seal).await;
    testbed.advance("5y").await;
    let new = testbed.ca.roll_over(&AuthorityId::ISSUING).await.unwrap();
    assert_eq!((new.name.to_string(), new.parent.as_ref().unwrap().to_string()), ("issuing.2".into(), "root".into()));
    let after = testbed.enrol(Profile::Seal).await;
    assert_eq!(after[1], new.certificate);
    assert_eq!(after[1].subject(), before[1].subject());
    assert_ne!(after[1].public_key(), before[1].public_key());
    assert_eq!(after[1].path_length(), Some(0));
    assert_eq!(after[1].not_after(), time("2051-11-24T08:59:59Z"), "as long as the first, from now on");
    assert_eq!(after[0].crl_urls(), [format!("{BASE}/ca/crl/issuing.2.crl")]);
    assert_eq!(after[0].ca_issuer_urls(), [format!("{BASE}/ca/certs/issuing.2.cer")]);
    assert_eq!(testbed.certificate_of("issuing").await, before[1], "where the old certificates point");
    assert_eq!(testbed.certificate_of("issuing.2").await, after[1]);
    assert_eq!(testbed.names().await, ["root", "issuing.2"]);
    assert_eq!(testbed.ca.generations().await.unwrap().len(), 3);
}

#[tokio::test]
async fn every_key_signs_a_crl_with_everything_that_the_authority_revoked_under_one_sequence_of_numbers() {
    let testbed = Testbed::new().await;
    let old = testbed.enrol(Profile::Seal).await;
    assert_eq!(testbed.crl("issuing").await.number(), Some(1));
    testbed.ca.roll_over(&AuthorityId::ISSUING).await.unwrap();
    let new = testbed.enrol(Profile::Seal).await;
    assert_eq!(testbed.crl("issuing.2").await.number(), Some(2));
    for (chain, number) in [(&old, 1), (&new, 2)] {
        assert_eq!(testbed.crl(&format!("issuing-{number}")).await.number(), Some(number));
        testbed.ca.revoke(chain[0].serial(), RevocationReason::Superseded, None, None).await.unwrap();
    }
    for (name, chain, number) in [("issuing", &old, 3), ("issuing.2", &new, 4)] {
        let crl: Crl = testbed.crl(name).await;
        crl.verify_issued_by(&chain[1]).unwrap();
        assert_eq!(crl.authority_key_identifier(), chain[1].subject_key_identifier());
        assert_eq!((crl.number(), crl.entries().count()), (Some(number), 2));
        assert_eq!(testbed.crl(&format!("issuing-{number}")).await.der(), crl.der());
    }
    let again = Ca::open(&testbed.world, testbed.signer.clone()).await.unwrap();
    let crl = again.crl(&AuthorityId::ISSUING.generation(2)).await.unwrap();
    assert_eq!(crl.der(), testbed.crl("issuing.2").await.der(), "not made anew by another process");
}

#[tokio::test]
async fn ocsp_is_answered_for_the_key_that_is_named() {
    let testbed = Testbed::new().await;
    let old = testbed.enrol(Profile::Seal).await;
    testbed.ca.roll_over(&AuthorityId::ISSUING).await.unwrap();
    let new = testbed.enrol(Profile::Seal).await;
    let status =
        async |leaf: &Certificate, issuer| testbed.ocsp(leaf.serial(), issuer).await.responses()[0].status.clone();
    assert_eq!(status(&old[0], &old[1]).await, CertificateStatus::Good);
    assert_eq!(status(&new[0], &new[1]).await, CertificateStatus::Good);
    assert_eq!(status(&old[0], &new[1]).await, CertificateStatus::Unknown, "signed by another key");
    assert_eq!(status(&new[0], &old[1]).await, CertificateStatus::Unknown);
}

#[tokio::test]
async fn a_root_certifies_its_new_key_with_the_old_one_and_the_other_way_round() {
    let testbed = Testbed::new().await;
    testbed.advance("10y").await;
    testbed.ca.roll_over(&AuthorityId::ROOT).await.unwrap();
    let (old, new) = (testbed.certificate_of("root").await, testbed.certificate_of("root.2").await);
    assert_eq!(testbed.ca.anchors().await.unwrap(), [old.clone(), new.clone()]);
    let intermediates = testbed.ca.intermediates().await.unwrap();
    let [new_with_old, old_with_new] = &intermediates[1..] else { panic!("{} intermediates", intermediates.len()) };
    new_with_old.verify_issued_by(&old).unwrap();
    old_with_new.verify_issued_by(&new).unwrap();
    assert_eq!((new_with_old.public_key(), old_with_new.public_key()), (new.public_key(), old.public_key()));
    assert!([new_with_old, old_with_new].iter().all(|one| one.subject() == one.issuer() && !one.is_self_signed()));
    assert_eq!((new_with_old.not_before(), new_with_old.not_after()), (new.not_before(), old.not_after()));
    assert_eq!((old_with_new.not_before(), old_with_new.not_after()), (old.not_before(), old.not_after()));
    let issuing = testbed.certificate_of("issuing").await;
    issuing.verify_issued_by(old_with_new).unwrap();
}

#[tokio::test]
async fn with_the_clock_set_back_the_key_before_signs_again() {
    let testbed = Testbed::new().await;
    testbed.advance("1y").await;
    testbed.ca.roll_over(&AuthorityId::ISSUING).await.unwrap();
    testbed.set("2026-12-01T00:00:00Z").await;
    let chain = testbed.enrol(Profile::Seal).await;
    assert_eq!(chain[1], testbed.certificate_of("issuing").await);
    testbed.set("2028-01-01T00:00:00Z").await;
    assert_eq!(testbed.enrol(Profile::Seal).await[1], testbed.certificate_of("issuing.2").await);
}

/// RFC 5280 clause 4.1.2.2.
#[tokio::test]
async fn a_serial_number_is_given_once_by_each_authority() {
    let testbed = Testbed::with(&two_trees()).await;
    let seal = testbed.enrol_from("issuing").await.remove(0);
    let copy = async |issuer: &str, generation: u32| {
        let sql = "INSERT INTO ca_certificate (serial, issuer, issuer_generation, profile, not_before, not_after, issued_at, der) \
                   SELECT serial, $1, $2, profile, not_before, not_after, issued_at, der FROM ca_certificate WHERE serial = $3";
        let query = world::store::query(sql).bind(issuer).bind(generation).bind(seal.serial().to_string());
        query.execute(&testbed.world.store).await.map(|_| ())
    };
    assert!(copy("issuing", 2).await.is_err(), "whichever of its keys signs");
    copy("issuing-2", 1).await.unwrap();
    let error = testbed.ca.certificate(seal.serial()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("issuing and issuing-2 have each issued a certificate with the serial number {}", seal.serial())
    );
}
