//! Evidence from a network whose answers are prepared: each fault is told with its address, and nothing faulty is taken.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

mod support;

use pki::{
    Certificate, CertificateStatus, DigestAlgorithm, Extension, OcspRefusal, RevocationReason, RevokedEntry,
    SingleResponse, oid,
};
use support::{
    Holder, Internet, access, at, ca_extensions, crl_at, root, seal_extensions, time, time_stamping_extensions,
};
use validation::revocation_data::{Rejection, Standing};
use verifier::evidence::{self, CertificateRole, Evidence, EvidenceStatus, Exemption, NoEvidence, Source};

/// Root, issuing CA and OCSP responder, with a CRL of each CA on the network.
struct Lab {
    internet: Internet,
    root: Holder,
    issuing: Holder,
    responder: Holder,
    seal: Holder,
}

async fn lab() -> Lab {
    let internet = Internet::new().await;
    let root = root("TESTBED Root");
    let pointers = vec![crl_at("/root.crl"), access(&[], &["/root.cer"])];
    let issuing = root.issue("TESTBED Issuing", [ca_extensions(), pointers].concat(), |_| {});
    let responder = responder_of(&issuing, vec![Extension::ocsp_nocheck()]);
    let seal = seal_of(&issuing);
    internet.put("/root.cer", root.certificate.der());
    internet.put("/issuing.cer", issuing.certificate.der());
    internet.put("/root.crl", root.crl(Vec::new(), |_| {}));
    internet.put("/issuing.crl", issuing.crl(Vec::new(), |_| {}));
    internet.put("/ocsp", responder.ocsp(&seal, &issuing, |_| {}));
    Lab { internet, root, issuing, responder, seal }
}

fn seal_of(issuing: &Holder) -> Holder {
    let pointers = vec![crl_at("/issuing.crl"), access(&["/ocsp"], &["/issuing.cer"])];
    issuing.issue("Learning Platform Seal", [seal_extensions(), pointers].concat(), |_| {})
}

fn responder_of(issuing: &Holder, further: Vec<Extension>) -> Holder {
    let purpose = vec![Extension::extended_key_usage(&[oid::OCSP_SIGNING], true)];
    issuing.issue("TESTBED OCSP", [purpose, further].concat(), |_| {})
}

impl Lab {
    async fn collect(&self, known: &[&Holder]) -> Evidence {
        let known: Vec<Certificate> = known.iter().map(|holder| holder.certificate.clone()).collect();
        let anchors = [self.root.certificate.clone()];
        evidence::collect(&self.internet.world.network, &known, &anchors, at()).await.unwrap()
    }

    fn answer_ocsp(&self, shape: impl FnOnce(&mut SingleResponse)) {
        self.internet.put("/ocsp", self.responder.ocsp(&self.seal, &self.issuing, shape));
    }

    fn without_crl(&self) {
        self.internet.put_status("/issuing.crl", 503, "");
    }
}

fn status<'e>(evidence: &'e Evidence, holder: &Holder) -> &'e EvidenceStatus {
    &evidence.statuses.iter().find(|one| one.certificate == holder.certificate).expect("was met").status
}

/// What went wrong at the addresses of one certificate, in order.
fn problems(evidence: &Evidence, holder: &Holder) -> Vec<NoEvidence> {
    let one = evidence.statuses.iter().find(|one| one.certificate == holder.certificate).expect("was met");
    one.attempts.iter().filter_map(|attempt| attempt.problem.clone()).collect()
}

#[tokio::test]
async fn the_chain_of_a_good_seal_is_covered_once_each() {
    let lab = lab().await;
    let evidence = lab.collect(&[&lab.seal, &lab.issuing, &lab.seal]).await;
    let expected = [&lab.seal, &lab.issuing, &lab.root, &lab.responder];
    assert_eq!(evidence.certificates.len(), 4);
    assert!(expected.iter().all(|holder| evidence.certificates.contains(&holder.certificate)));
    assert_eq!((evidence.ocsp_responses.len(), evidence.crls.len()), (1, 1));
    assert_eq!(*status(&evidence, &lab.seal), EvidenceStatus::Known(Standing::Good, Source::Ocsp));
    assert_eq!(*status(&evidence, &lab.issuing), EvidenceStatus::Known(Standing::Good, Source::Crl));
    assert_eq!(*status(&evidence, &lab.root), EvidenceStatus::Anchor);
    assert_eq!(*status(&evidence, &lab.responder), EvidenceStatus::Exempt(Exemption::OcspNoCheck));
    assert_eq!(evidence.insufficient().count(), 0);
    assert_eq!(lab.internet.asked().await, ["POST /ocsp", "GET /root.crl"], "nothing else was asked, nothing twice");
}

#[tokio::test]
async fn missing_issuers_are_fetched_from_the_address_in_the_certificate() {
    let lab = lab().await;
    lab.internet.put("/issuing.cer", lab.issuing.certificate.to_pem()); // PEM, as some repositories serve it
    let evidence = lab.collect(&[&lab.seal]).await;
    assert!(evidence.certificates.contains(&lab.issuing.certificate));
    assert_eq!(evidence.insufficient().count(), 0);
    let no_anchors =
        evidence::collect(&lab.internet.world.network, std::slice::from_ref(&lab.seal.certificate), &[], at())
            .await
            .unwrap();
    assert_eq!(*status(&no_anchors, &lab.root), EvidenceStatus::SelfSigned, "found by its address");
}

#[tokio::test]
async fn an_issuer_that_cannot_be_had_is_named_with_the_address() {
    let lab = lab().await;
    lab.internet.put("/issuing.cer", root("TESTBED Issuing").certificate.der()); // the same name, another key
    let evidence = lab.collect(&[&lab.seal]).await;
    assert!(
        matches!(status(&evidence, &lab.seal), EvidenceStatus::Unknown(NoEvidence::NoIssuer { issuer }) if issuer.contains("Issuing"))
    );
    assert!(matches!(&problems(&evidence, &lab.seal)[..], [NoEvidence::NotTheIssuer { .. }]));
    let sentence = evidence.insufficient().next().unwrap().to_string();
    assert!(sentence.contains("http://127.0.0.1:8700/issuing.cer"), "{sentence}");
}

#[tokio::test]
async fn every_faulty_ocsp_answer_is_refused_and_the_crl_takes_its_place() {
    let lab = lab().await;
    let (seal, issuing) = (&lab.seal, &lab.issuing);
    let other = seal_of(issuing);
    let no_purpose = issuing.issue("TESTBED OCSP without purpose", Vec::new(), |_| {});
    let foreign = responder_of(&root("Another Root"), Vec::new());
    let with = |shape: fn(&mut SingleResponse)| lab.responder.ocsp(seal, issuing, shape);
    let mut tampered = with(|_| {});
    let last = tampered.len() - 1;
    let certificate = lab.responder.certificate.der().len();
    tampered[last - certificate - 20] ^= 1; // inside the signature value
    type Expected = fn(&NoEvidence) -> bool;
    let cases: Vec<(&str, Vec<u8>, Expected)> = vec![
        ("refusal", OcspRefusal::TryLater.to_der(), |p| *p == NoEvidence::OcspRefused(OcspRefusal::TryLater)),
        ("garbage", b"<html>".to_vec(), |p| matches!(p, NoEvidence::Unreadable(_))),
        ("empty", Vec::new(), |p| matches!(p, NoEvidence::Unreadable(_))),
        ("other certificate", lab.responder.ocsp(&other, issuing, |_| {}), |p| {
            *p == NoEvidence::Rejected(Rejection::NotCovered)
        }),
        ("no OCSPSigning", no_purpose.ocsp(seal, issuing, |_| {}), |p| {
            matches!(p, NoEvidence::Rejected(Rejection::Signature(_)))
        }),
        ("other CA's responder", foreign.ocsp(seal, issuing, |_| {}), |p| {
            matches!(p, NoEvidence::Rejected(Rejection::Signature(_)))
        }),
        ("tampered", tampered, |p| matches!(p, NoEvidence::Rejected(Rejection::Signature(_)))),
        ("self-vouching", seal.ocsp(seal, issuing, |_| {}), |p| {
            matches!(p, NoEvidence::Rejected(Rejection::Signature(_)))
        }),
        ("unknown", with(|one| one.status = CertificateStatus::Unknown), |p| {
            *p == NoEvidence::Rejected(Rejection::StatusUnknown)
        }),
        ("no nextUpdate", with(|one| one.next_update = None), |p| *p == NoEvidence::Rejected(Rejection::NoNextUpdate)),
        (
            "stale",
            with(|one| {
                one.this_update = time("2026-11-24T08:00:00Z");
                one.next_update = Some(time("2026-11-24T08:59:59Z"));
            }),
            |p| matches!(p, NoEvidence::Rejected(Rejection::Stale { .. })),
        ),
        ("reversed", with(|one| one.next_update = Some(time("2026-11-24T08:59:59Z"))), |p| {
            matches!(p, NoEvidence::Rejected(Rejection::Unusable(_)))
        }),
        ("too early", with(|one| one.this_update = time("2026-11-24T09:01:01Z")), |p| {
            matches!(p, NoEvidence::Rejected(Rejection::Unusable(_)))
        }),
        ("other hash", with(|one| one.certificate_hash = Some(DigestAlgorithm::Sha256.digest(b"x"))), |p| {
            *p == NoEvidence::Rejected(Rejection::CertificateHash)
        }),
    ];
    for (name, answer, expected) in cases {
        lab.internet.put("/ocsp", answer);
        let evidence = lab.collect(&[seal, issuing]).await;
        let found = problems(&evidence, seal);
        assert!(found.len() == 1 && expected(&found[0]), "{name}: {found:?}");
        assert_eq!(*status(&evidence, seal), EvidenceStatus::Known(Standing::Good, Source::Crl), "{name}");
        assert!(evidence.ocsp_responses.is_empty(), "{name}: nothing faulty is kept");
    }
}

#[tokio::test]
async fn every_faulty_crl_is_refused() {
    let lab = lab().await;
    lab.internet.put_status("/ocsp", 500, "");
    let (seal, issuing) = (&lab.seal, &lab.issuing);
    type Expected = fn(&NoEvidence) -> bool;
    let cases: Vec<(&str, Vec<u8>, Expected)> = vec![
        ("of another CA", lab.root.crl(Vec::new(), |_| {}), |p| *p == NoEvidence::Rejected(Rejection::NotCovered)),
        ("signed by another key", root("TESTBED Issuing").crl(Vec::new(), |_| {}), |p| {
            matches!(p, NoEvidence::Rejected(Rejection::Signature(_)))
        }),
        (
            "stale",
            issuing.crl(Vec::new(), |crl| crl.next_update = Some(time("2026-11-24T08:00:00Z"))),
            |p| matches!(p, NoEvidence::Rejected(Rejection::Stale { next_update, .. }) if *next_update == time("2026-11-24T08:00:00Z")),
        ),
        ("no nextUpdate", issuing.crl(Vec::new(), |crl| crl.next_update = None), |p| {
            *p == NoEvidence::Rejected(Rejection::NoNextUpdate)
        }),
        (
            "older than the certificate",
            issuing.crl(Vec::new(), |crl| crl.this_update = time("2025-12-31T00:00:00Z")),
            |p| matches!(p, NoEvidence::Rejected(Rejection::OlderThanCertificate { .. })),
        ),
        ("garbage", b"-----BEGIN nothing".to_vec(), |p| matches!(p, NoEvidence::Unreadable(_))),
    ];
    for (name, answer, expected) in cases {
        lab.internet.put("/issuing.crl", answer);
        let evidence = lab.collect(&[seal, issuing]).await;
        let found = problems(&evidence, seal);
        assert!(
            found.len() == 2 && found[0] == NoEvidence::HttpStatus(500) && expected(&found[1]),
            "{name}: {found:?}"
        );
        assert_eq!(*status(&evidence, seal), EvidenceStatus::Unknown(NoEvidence::NoSourceAnswered), "{name}");
        assert_eq!(evidence.crls.len(), 1, "{name}: that of the root");
    }
}

#[tokio::test]
async fn a_revoked_seal_is_reported_with_date_and_reason() {
    let lab = lab().await;
    let since = time("2026-11-20T12:00:00Z");
    lab.answer_ocsp(|one| {
        one.status = CertificateStatus::Revoked { since, reason: Some(RevocationReason::KeyCompromise) };
    });
    let evidence = lab.collect(&[&lab.seal, &lab.issuing]).await;
    let sentence = evidence.insufficient().next().unwrap().to_string();
    for part in ["Learning Platform Seal", "2026-11-20T12:00:00Z", "keyCompromise", "OCSP"] {
        assert!(sentence.contains(part), "{part} is missing in: {sentence}");
    }
}

#[tokio::test]
async fn a_crl_tells_revoked_and_held_certificates() {
    let lab = lab().await;
    lab.internet.put_status("/ocsp", 503, "");
    let since = time("2026-11-20T12:00:00Z");
    let entry = |reason| {
        let serial = lab.seal.certificate.serial().clone();
        vec![RevokedEntry { serial, since, reason, invalidity_date: None }]
    };
    for (reason, standing) in [
        (None, Standing::Revoked { since, reason: None }),
        (Some(RevocationReason::CertificateHold), Standing::OnHold { since }),
    ] {
        lab.internet.put("/issuing.crl", lab.issuing.crl(entry(reason), |_| {}));
        let evidence = lab.collect(&[&lab.seal, &lab.issuing]).await;
        assert_eq!(*status(&evidence, &lab.seal), EvidenceStatus::Known(standing, Source::Crl));
        assert_eq!(evidence.insufficient().count(), 1);
    }
}

#[tokio::test]
async fn when_nothing_answers_every_address_is_told_with_its_reason() {
    let lab = lab().await;
    lab.internet.put_status("/ocsp", 429, "slow down");
    lab.without_crl();
    let evidence = lab.collect(&[&lab.seal, &lab.issuing]).await;
    let sentence = evidence.insufficient().next().unwrap().to_string();
    for part in [
        "OCSP at http://127.0.0.1:8700/ocsp: answered with HTTP status 429",
        "CRL at http://127.0.0.1:8700/issuing.crl: answered with HTTP status 503",
    ] {
        assert!(sentence.contains(part), "{part} is missing in: {sentence}");
    }
}

#[tokio::test]
async fn addresses_off_this_machine_and_of_other_schemes_are_not_called() {
    let lab = lab().await;
    let urls = ["http://crl.example.com/a.crl", "ldap://127.0.0.1/cn=a", "not an address"];
    let pointers = vec![Extension::crl_distribution_points(&urls)];
    let seal = lab.issuing.issue("Seal", [seal_extensions(), pointers].concat(), |_| {});
    let evidence = lab.collect(&[&seal, &lab.issuing]).await;
    let found = problems(&evidence, &seal);
    assert!(matches!(&found[..], [NoEvidence::Stranger, NoEvidence::Address, NoEvidence::Address]), "{found:?}");
}

#[tokio::test]
async fn other_services_of_the_world_are_not_called_whatever_a_certificate_says() {
    let mut lab = lab().await;
    lab.internet = Internet::with_authorities_only().await;
    let ocsp = ["/testbed/api/worlds/made-by-a-file", "/ca/api/revocations"];
    let pointers = vec![access(&ocsp, &[]), crl_at("/ca/crl/issuing.crl")];
    let seal = lab.issuing.issue("Seal", [seal_extensions(), pointers].concat(), |_| {});
    lab.internet.put("/ca/crl/issuing.crl", lab.issuing.crl(Vec::new(), |_| {}));
    let evidence = lab.collect(&[&seal, &lab.issuing]).await;
    assert!(matches!(&problems(&evidence, &seal)[..], [NoEvidence::Stranger, NoEvidence::Stranger]));
    assert!(matches!(status(&evidence, &seal), EvidenceStatus::Known(_, Source::Crl)));
    let called = lab.internet.world.journal.exchanges(0, 10).await.unwrap();
    assert!(called.iter().all(|one| one.exchange.path == "/ca/crl/issuing.crl"), "{called:?}");
}

#[tokio::test]
async fn a_certificate_without_addresses_has_no_evidence() {
    let lab = lab().await;
    let seal = lab.issuing.issue("Seal", seal_extensions(), |_| {});
    let evidence = lab.collect(&[&seal, &lab.issuing]).await;
    assert_eq!(*status(&evidence, &seal), EvidenceStatus::Unknown(NoEvidence::NoAddress));
}

#[tokio::test]
async fn seal_and_time_stamp_of_one_ca_share_its_crl() {
    let lab = lab().await;
    lab.internet.put_status("/ocsp", 404, "");
    let extensions = [time_stamping_extensions(), vec![crl_at("/issuing.crl")]].concat();
    let unit = lab.issuing.issue("TESTBED TSU", extensions, |_| {});
    let evidence = lab.collect(&[&lab.seal, &unit, &lab.issuing]).await;
    assert_eq!(*status(&evidence, &unit), EvidenceStatus::Known(Standing::Good, Source::Crl));
    assert_eq!(evidence.crls.len(), 2, "one of each CA");
    let asked = lab.internet.asked().await;
    assert_eq!(asked.iter().filter(|one| *one == "GET /issuing.crl").count(), 1, "{asked:?}");
}

#[tokio::test]
async fn a_responder_without_nocheck_needs_evidence_that_it_did_not_sign_itself() {
    let lab = lab().await;
    let pointers = vec![crl_at("/issuing.crl"), access(&["/ocsp/responder"], &[])];
    let responder = responder_of(&lab.issuing, pointers);
    lab.internet.put("/ocsp", responder.ocsp(&lab.seal, &lab.issuing, |_| {}));
    lab.internet.put("/ocsp/responder", responder.ocsp(&responder, &lab.issuing, |_| {}));
    let evidence = lab.collect(&[&lab.seal, &lab.issuing]).await;
    assert_eq!(problems(&evidence, &responder), [NoEvidence::Rejected(Rejection::SelfVouching)]);
    assert_eq!(*status(&evidence, &responder), EvidenceStatus::Known(Standing::Good, Source::Crl));
    let one = evidence.statuses.iter().find(|one| one.certificate == responder.certificate).unwrap();
    assert_eq!(one.role, CertificateRole::Responder);
    assert_eq!((evidence.ocsp_responses.len(), evidence.crls.len()), (1, 2));
}

#[tokio::test]
async fn short_lived_certificates_need_no_evidence() {
    let lab = lab().await;
    for (extension, why) in [
        (Extension::validity_assured_short_term(), Exemption::ShortTerm),
        (Extension::no_rev_avail(), Exemption::NoRevocationAvailable),
    ] {
        let seal = lab.issuing.issue("Seal", [seal_extensions(), vec![extension]].concat(), |_| {});
        let evidence = lab.collect(&[&seal, &lab.issuing]).await;
        assert_eq!(*status(&evidence, &seal), EvidenceStatus::Exempt(why));
        assert_eq!(evidence.insufficient().count(), 0);
    }
}

#[tokio::test]
async fn nothing_is_learned_about_an_expired_certificate_that_the_ca_has_forgotten() {
    let lab = lab().await;
    let expired = time("2026-06-01T00:00:00Z");
    let extensions = [seal_extensions(), vec![crl_at("/issuing.crl")]].concat();
    let seal = lab.issuing.issue("Seal", extensions, |template| template.not_after = expired);
    let evidence = lab.collect(&[&seal, &lab.issuing]).await;
    assert!(
        matches!(problems(&evidence, &seal)[..], [NoEvidence::Rejected(Rejection::Forgotten { not_after, .. })] if not_after == expired)
    );
    let kept = |crl: &mut pki::CrlTemplate| crl.expired_certificates_since = Some(time("2026-01-01T00:00:00Z"));
    lab.internet.put("/issuing.crl", lab.issuing.crl(Vec::new(), kept));
    let evidence = lab.collect(&[&seal, &lab.issuing]).await;
    assert_eq!(*status(&evidence, &seal), EvidenceStatus::Known(Standing::Good, Source::Crl));
}

#[tokio::test]
async fn chains_without_end_are_given_up() {
    let lab = lab().await;
    let mut above = lab.root.clone();
    for depth in 0..12 {
        lab.internet.put(&format!("/{depth}.cer"), above.certificate.der());
        lab.internet.put(&format!("/{depth}.crl"), above.crl(Vec::new(), |_| {}));
        let pointers = vec![crl_at(&format!("/{depth}.crl")), access(&[], &[&format!("/{depth}.cer")])];
        above = above.issue(&format!("CA {depth}"), [ca_extensions(), pointers].concat(), |_| {});
    }
    let evidence = lab.collect(&[&above]).await;
    assert_eq!(evidence.certificates.len(), 11);
    let given_up: Vec<_> = evidence.insufficient().map(|one| one.status.clone()).collect();
    assert_eq!(given_up, [EvidenceStatus::Unknown(NoEvidence::ChainTooLong { limit: 10 })]);
    let many = vec![lab.seal.certificate.clone(); 101];
    let refused = evidence::collect(&lab.internet.world.network, &many, &[], at()).await.unwrap_err();
    assert!(matches!(refused, verifier::Error::TooManyCertificates { found: 101, limit: 100 }));
}
