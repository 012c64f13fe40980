//! Evidence from the project's own CA, asked through the network as any verifier would.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

use ca::{Ca, Profile, Subject};
use jiff::Timestamp;
use pki::{Certificate, KeyKind, RevocationReason};
use signer::Signer;
use validation::revocation_data::Standing;
use verifier::evidence::{self, Evidence, EvidenceStatus, Source};
use world::World;

struct Lab {
    world: World,
    ca: Ca,
    seal: Vec<Certificate>,
    unit: Vec<Certificate>,
}

async fn lab(kind: KeyKind) -> Lab {
    let at: Timestamp = "2026-11-24T09:00:00.75Z".parse().unwrap();
    let world = World::in_memory("http://127.0.0.1:8700", at).await.unwrap();
    let signer = Signer::open(&world).await.unwrap();
    let ca = Ca::open(&world, signer.clone()).await.unwrap();
    ca.create_hierarchy(kind).await.unwrap();
    world.network.attach(world.journal.in_front_of(ca::router(ca.clone()).into()));
    let (seal, unit) = (enrol(&ca, &signer, Profile::Seal).await, enrol(&ca, &signer, Profile::TimeStamping).await);
    Lab { world, ca, seal, unit }
}

async fn enrol(ca: &Ca, signer: &Signer, profile: Profile) -> Vec<Certificate> {
    let key = signer.create_key(KeyKind::P256, "end").await.unwrap();
    let subject = Subject {
        organization: "Example University".into(),
        organization_identifier: "NTRJP-9234567890123".into(),
        common_name: "Learning Platform".into(),
        country: "JP".into(),
    };
    ca.enrol(profile, &subject, &signer.public_key(&key).await.unwrap()).await.unwrap()
}

impl Lab {
    /// Knowing the two end certificates only: the rest is found by the addresses inside them.
    async fn collect(&self) -> Evidence {
        let known = [self.seal[0].clone(), self.unit[0].clone()];
        let anchors = self.ca.anchors().await.unwrap();
        evidence::collect(&self.world.network, &known, &anchors, self.world.clock.now()).await.unwrap()
    }

    fn status<'e>(&self, evidence: &'e Evidence) -> &'e EvidenceStatus {
        &evidence.statuses.iter().find(|one| one.certificate == self.seal[0]).unwrap().status
    }
}

#[tokio::test]
async fn the_chains_of_seal_and_time_stamp_are_covered_with_every_kind_of_ca_key() {
    for kind in [KeyKind::P256, KeyKind::P384, KeyKind::Rsa { bits: 2048 }] {
        let lab = lab(kind).await;
        let evidence = lab.collect().await;
        let lacking: Vec<String> = evidence.insufficient().map(ToString::to_string).collect();
        assert!(lacking.is_empty(), "{kind}: {lacking:?}");
        for certificate in lab.seal.iter().chain(&lab.unit) {
            assert!(evidence.certificates.contains(certificate), "{kind}: {certificate:?}");
        }
        assert_eq!(*lab.status(&evidence), EvidenceStatus::Known(Standing::Good, Source::Ocsp), "{kind}");
    }
}

#[tokio::test]
async fn what_the_ca_records_is_what_the_evidence_says() {
    let lab = lab(KeyKind::P256).await;
    let serial = lab.seal[0].serial();
    lab.ca.hold(serial).await.unwrap();
    assert!(matches!(lab.status(&lab.collect().await), EvidenceStatus::Known(Standing::OnHold { .. }, Source::Ocsp)));
    lab.ca.release(serial).await.unwrap();
    assert_eq!(*lab.status(&lab.collect().await), EvidenceStatus::Known(Standing::Good, Source::Ocsp));
    lab.ca.revoke(serial, RevocationReason::KeyCompromise, None, None).await.unwrap();
    let evidence = lab.collect().await;
    let reason = Some(RevocationReason::KeyCompromise);
    let since = "2026-11-24T09:00:00Z".parse().unwrap();
    assert_eq!(*lab.status(&evidence), EvidenceStatus::Known(Standing::Revoked { since, reason }, Source::Ocsp));
    assert!(evidence.insufficient().next().unwrap().to_string().contains("keyCompromise"));
}

#[tokio::test]
async fn evidence_is_fresh_a_year_later() {
    let lab = lab(KeyKind::P256).await;
    lab.world.clock.advance("1y".parse().unwrap()).await.unwrap();
    assert_eq!(lab.collect().await.insufficient().count(), 0);
}
