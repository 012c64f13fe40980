//! What holds of every verdict, whatever was built: over situations that are put together at random from a small PKI. A failing
//! situation is printed as it was drawn.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

mod laboratory;

use std::sync::LazyLock;

use jiff::Timestamp;
use laboratory::message::Message;
use laboratory::{
    Case, Document, Holder, Lab, NewCertificate, days, for_seals, for_stamps, hours, revoked, sealed, seconds, time,
};
use pki::{Certificate, KeyKind, RevocationReason};
use proptest::prelude::*;
use validation::report::{Kind, Outcome, Report, SignatureReport};
use validation::{Conclusion, Policy};

/// Keys are made once.
static LAB: LazyLock<Lab> = LazyLock::new(Lab::new);
static STRANGER: LazyLock<Lab> = LazyLock::new(Lab::new);
/// A unit whose certificate ends in 2028.
static SHORT_UNIT: LazyLock<Holder> =
    LazyLock::new(|| LAB.stamping.issue(NewCertificate::new("TESTBED TSU short", ("2025", "2028"), for_stamps())));
/// A seal with a key that nobody here can verify, in everybody's name.
static UNKNOWN: LazyLock<Holder> = LazyLock::new(|| {
    let mut unknown = LAB.issuing.issue(NewCertificate::new("Example Seal", ("2026", "2029"), for_seals()));
    unknown.certificate = with_unknown_curve(&unknown.certificate, &LAB.issuing);
    unknown
});

/// The same certificate with a curve that is not offered: FRP256v1, which the suite lists.
fn with_unknown_curve(certificate: &Certificate, issuer: &Holder) -> Certificate {
    const P256: &[u8] = &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
    const FRP256V1: &[u8] = &[6, 10, 0x2a, 0x81, 0x7a, 1, 0x81, 0x5f, 0x65, 0x82, 0, 1];
    let spki = certificate.public_key().spki_der().to_vec();
    let place = spki.windows(P256.len()).position(|window| window == P256).unwrap();
    let mut changed = [&spki[..place], FRP256V1, &spki[place + P256.len()..]].concat();
    changed[1] += 2;
    changed[3] += 2;
    let public_key = pki::PublicKey::from_spki_der(&changed).unwrap();
    let template = pki::CertificateTemplate {
        serial: certificate.serial().clone(),
        issuer: certificate.issuer().clone(),
        subject: certificate.subject().clone(),
        public_key,
        not_before: certificate.not_before(),
        not_after: certificate.not_after(),
        extensions: certificate.extensions().to_vec(),
    };
    let pending = template.to_be_signed(issuer.pair.algorithm()).unwrap();
    let signature = issuer.pair.sign(&pending.digest());
    Certificate::from_der(&pending.signed(&signature)).unwrap()
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Signer {
    Own,
    UnknownCurve,
    OfAnotherWorld,
}

/// Which unit stamps the signature.
#[derive(Clone, Copy, Debug)]
enum Stamp {
    None,
    Long,
    Short,
    OfAnotherWorld,
}

/// A seal, its time-stamps and what is known about it. Hours count from the sealing.
#[derive(Clone, Debug)]
struct Situation {
    signer: Signer,
    /// Without the signing-certificate attribute.
    unreferred: bool,
    stamp: Stamp,
    /// When evidence is stored in the file.
    stored: Option<i64>,
    /// When the archive time-stamp is made.
    archived: Option<i64>,
    /// CRLs of that time are at hand.
    online: Option<i64>,
    /// The seal's certificate is on the CRL since then.
    revoked: Option<(i64, bool)>,
    damaged: bool,
}

fn situations() -> impl Strategy<Value = Situation> {
    let signer =
        prop_oneof![6 => Just(Signer::Own), 1 => Just(Signer::UnknownCurve), 1 => Just(Signer::OfAnotherWorld)];
    let stamp = prop_oneof![
        1 => Just(Stamp::None),
        2 => Just(Stamp::Long),
        1 => Just(Stamp::Short),
        1 => Just(Stamp::OfAnotherWorld),
    ];
    let hours = |most: i64| prop::option::of(1..most);
    let revoked = prop::option::of((-48..200_i64, any::<bool>()));
    (
        signer,
        prop::bool::weighted(0.2),
        stamp,
        hours(100),
        hours(200),
        hours(30_000),
        revoked,
        prop::bool::weighted(0.1),
    )
        .prop_map(|(signer, unreferred, stamp, stored, archived, online, revoked, damaged)| Situation {
            signer,
            unreferred,
            stamp,
            stored,
            archived,
            online,
            revoked,
            damaged,
        })
}

impl Situation {
    fn holder(&self) -> &'static Holder {
        match self.signer {
            Signer::Own => &LAB.seal,
            Signer::UnknownCurve => &UNKNOWN,
            Signer::OfAnotherWorld => &STRANGER.seal,
        }
    }

    fn entries(&self) -> Vec<pki::RevokedEntry> {
        let reason = |hold| if hold { RevocationReason::CertificateHold } else { RevocationReason::KeyCompromise };
        let entry = |(since, hold)| revoked(self.holder(), sealed() + hours(since), Some(reason(hold)));
        self.revoked.map(entry).into_iter().collect()
    }

    /// An entry is on the list from the time on at which it was made.
    fn entries_at(&self, at: Timestamp) -> Vec<pki::RevokedEntry> {
        self.entries().into_iter().filter(|entry| entry.since <= at).collect()
    }

    fn document(&self) -> Document {
        let lab = &*LAB;
        let at = sealed() + seconds(5);
        let message = Message::of(self.holder()).with(|message| {
            if self.unreferred {
                message.referred = None;
            }
        });
        let message = match self.stamp {
            Stamp::None => message,
            Stamp::Long => message.stamped(&lab.unit, at),
            Stamp::Short => message.stamped(&SHORT_UNIT, at),
            Stamp::OfAnotherWorld => message.stamped(&STRANGER.unit, at),
        };
        let mut document = lab.document(message);
        if let Some(stored) = self.stored {
            let at = sealed() + hours(stored);
            let mut crls = lab.crls(at);
            crls.push(lab.issuing.crl(self.entries_at(at), at));
            document = document.stored(&lab.certificates(), &crls, &[]);
        }
        if let Some(archived) = self.archived {
            document = document.stamped(&lab.other_unit, sealed() + hours(archived));
        }
        if self.damaged {
            let place = document.bytes.windows(4).position(|window| window == b"/Typ").unwrap();
            document.bytes[place + 3] ^= 1;
        }
        document
    }

    fn case(&self) -> Case {
        let document = self.document();
        let mut case = match self.online {
            Some(online) => {
                let at = sealed() + hours(online);
                document.online_with(at, self.entries_at(at))
            }
            None => document.offline(),
        };
        case.certificates.push(STRANGER.issuing.certificate.clone());
        case
    }

    /// When all that is at hand has been made and has begun to be valid.
    fn complete(&self) -> Timestamp {
        let latest = [self.stored, self.archived, self.online].into_iter().flatten().max().unwrap_or(0);
        sealed() + hours(latest + 1)
    }
}

fn conclusions(report: &Report) -> Vec<Conclusion> {
    report.signatures.iter().map(|one| one.conclusion).collect()
}

fn not_passed(one: &SignatureReport) -> String {
    let lines = one.checks.iter().filter(|check| check.outcome != Outcome::Passed);
    lines.map(|check| format!("\n  {:?} {}: {}", check.outcome, check.id.name(), check.detail)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn without_a_path_nothing_passes_and_no_name_is_confirmed(situation in situations(), later in 1..80_000_i64) {
        let mut case = situation.case();
        case.anchors = vec![STRANGER.stamping.certificate.clone().into()];
        if situation.signer == Signer::Own {
            let report = case.ask(sealed() + hours(later)).unwrap();
            for one in report.signatures {
                prop_assert!(!one.conclusion.is_passed(), "{:?}", one.field);
                prop_assert!(!one.facts.path_to_anchor);
                let of_stranger = |stamp: &&validation::report::TimestampReport| stamp.tsa.as_deref() == Some(&STRANGER.unit.certificate.subject().to_string());
                prop_assert!(one.timestamps.iter().filter(|stamp| !of_stranger(stamp)).all(|stamp| !stamp.conclusion.0.is_passed()));
            }
        }
    }

    #[test]
    fn what_was_not_verified_never_passes(situation in situations(), later in 1..80_000_i64) {
        let report = situation.case().ask(sealed() + hours(later)).unwrap();
        for one in report.signatures.iter().filter(|one| one.conclusion.is_passed()) {
            let facts = one.facts;
            let all = [facts.hash_intact, facts.signature_intact, facts.byte_range_valid, Some(facts.path_to_anchor)];
            prop_assert_eq!(all, [Some(true); 4]);
            let own = one.kind == Kind::DocumentTimestamp || situation.signer == Signer::Own && !situation.unreferred;
            prop_assert!(own && !situation.damaged, "{}", not_passed(one));
        }
    }

    #[test]
    fn a_later_validation_time_never_improves_a_verdict(situation in situations()) {
        let case = situation.case();
        let first = situation.complete();
        let mut before: Option<(Timestamp, Report)> = None;
        let ends = ["2027-06-01T00:00:00Z", "2028-06-01T00:00:00Z", "2029-06-01T00:00:00Z", "2036-01-01T00:00:00Z", "2041-01-01T00:00:00Z"];
        let times = [first, first + days(2), first + days(400)].into_iter().chain(ends.map(time)).filter(|at| *at >= first);
        let mut times: Vec<Timestamp> = times.collect();
        times.sort();
        for at in times {
            let report = case.ask(at).unwrap();
            if let Some((earlier, before)) = &before {
                for (was, is) in before.signatures.iter().zip(&report.signatures) {
                    prop_assert!(
                        was.conclusion.severity() <= is.conclusion.severity(),
                        "{} at {earlier}, {} at {at}{}", was.conclusion, is.conclusion, not_passed(was)
                    );
                }
            }
            before = Some((at, report));
        }
    }

    #[test]
    fn evidence_that_is_not_accepted_changes_nothing(situation in situations(), later in 1..80_000_i64) {
        let case = situation.case();
        let at = sealed() + hours(later);
        let plain = case.ask(at).unwrap();
        let mut busy = case.clone();
        let about = revoked(&LAB.seal, sealed() - days(300), None);
        for crl in [
            forged(LAB.issuing.crl(vec![about.clone()], sealed())),
            STRANGER.issuing.crl(vec![about.clone()], sealed()),
            STRANGER.root.crl(vec![], at),
        ] {
            busy = busy.with_crl(crl);
        }
        busy = busy.with_answer(STRANGER.responder.ocsp(&LAB.seal, &LAB.issuing, sealed(), pki::CertificateStatus::Good));
        busy = busy.with_answer(forged(LAB.good(&LAB.seal, sealed())));
        busy.certificates.extend([&STRANGER.root, &STRANGER.issuing, &STRANGER.unit].map(|one| one.certificate.clone()));
        let busy = busy.ask(at).unwrap();
        prop_assert_eq!(conclusions(&plain), conclusions(&busy));
        let best = |report: &Report| report.signatures.iter().map(|one| one.best_signature_time).collect::<Vec<_>>();
        prop_assert_eq!(best(&plain), best(&busy));
    }

    #[test]
    fn no_policy_makes_a_pass_of_what_was_not_verified(situation in situations(), later in 1..80_000_i64) {
        let lax = |policy: &mut Policy| {
            *policy = Policy::any_later_changes();
            policy.require_revocation_data = false;
            policy.structure.covered = validation::ConstraintLevel::Ignore;
            policy.structure.rules =
                validation::CheckId::ALL.iter().map(|id| (*id, validation::ConstraintLevel::Ignore)).collect();
        };
        let report = situation.case().with_policy(lax).ask(sealed() + hours(later)).unwrap();
        let passed = report.signatures.iter().any(|one| one.kind == Kind::Seal && one.conclusion.is_passed());
        prop_assert!(!passed || situation.signer == Signer::Own && !situation.damaged && !situation.unreferred);
    }
}

/// The same with another signature value.
fn forged(mut der: Vec<u8>) -> Vec<u8> {
    let place = der.len() - 3; // in the signature of a CRL; in an answer its last certificate, whose octets the pool compares
    der[place] ^= 1;
    der
}

#[test]
fn a_key_that_cannot_be_verified_says_nothing_about_its_signature() {
    let lab = &*LAB;
    let at = sealed() + hours(1);
    for message in [Message::of(&UNKNOWN), Message::of(&UNKNOWN).stamped(&lab.unit, sealed() + seconds(5))] {
        let report = lab.document(message).online(at).validate(at);
        let seal = &report.signatures[0];
        assert_eq!(seal.conclusion.to_string(), "INDETERMINATE/CRYPTO_CONSTRAINTS_FAILURE_NO_POE");
        assert_eq!((seal.facts.hash_intact, seal.facts.signature_intact), (Some(true), None));
    }
    let root = Holder::root("Everybody", KeyKind::P256);
    let mut alone = root.issue(NewCertificate::new("Example Seal", ("2026", "2029"), for_seals()));
    alone.certificate = with_unknown_curve(&alone.certificate, &root);
    let report = lab.document(Message::of(&alone)).online(at).validate(at);
    assert_eq!(report.signatures[0].conclusion.to_string(), "INDETERMINATE/NO_CERTIFICATE_CHAIN_FOUND");
}

#[test]
fn a_token_by_a_key_that_cannot_be_verified_is_dropped() {
    let lab = &*LAB;
    let mut unit = lab.stamping.issue(NewCertificate::new("TESTBED TSU 3", ("2025", "2040"), for_stamps()));
    unit.certificate = with_unknown_curve(&unit.certificate, &lab.stamping);
    let at = sealed() + hours(1);
    let early = Message::of(&lab.seal).stamped(&unit, sealed() - days(300));
    let report = lab.document(early).online(at).validate(at);
    let seal = &report.signatures[0];
    assert!(seal.conclusion.is_passed());
    assert_eq!(seal.best_signature_time, Some(at));
    assert_eq!(seal.timestamps[0].conclusion.0.to_string(), "INDETERMINATE/CRYPTO_CONSTRAINTS_FAILURE_NO_POE");
    let archive = lab.bt().stored(&lab.certificates(), &lab.crls(at), &[]).stamped(&unit, at).online(at).validate(at);
    assert!(!archive.signatures[1].conclusion.is_passed());
}
