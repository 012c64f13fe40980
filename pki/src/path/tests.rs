use super::*;
use crate::certificate::Certificate;
use crate::testing::{Party, days, now};
use crate::{CertificateTemplate, Extension, KeyKind, KeyUsageBit, Name, PublicKey};

const P256: KeyKind = KeyKind::P256;

fn known(pool: &[&Certificate], anchors: &[&Certificate]) -> Known {
    let mut known = Known::new(&anchors.iter().copied().cloned().collect::<Vec<_>>());
    pool.iter().for_each(|one| _ = known.add(one));
    known
}

/// A certificate by an issuer with just these extensions.
pub(super) fn certify(
    issuer: &Party,
    public_key: &PublicKey,
    subject: &Name,
    serial: &str,
    extensions: Vec<Extension>,
) -> Certificate {
    let template = CertificateTemplate {
        serial: serial.parse().unwrap(),
        issuer: issuer.certificate.subject().clone(),
        subject: subject.clone(),
        public_key: public_key.clone(),
        not_before: now() - days(1),
        not_after: now() + days(365),
        extensions,
    };
    let to_be_signed = template.to_be_signed(issuer.key.algorithm()).unwrap();
    let signature = issuer.key.sign(issuer.key.algorithm(), &to_be_signed.digest());
    Certificate::from_der(&to_be_signed.signed(&signature)).unwrap()
}

/// The same certificate with its key on a curve that nobody knows, and so with a signature that is not its own.
fn with_unknown_curve(certificate: &Certificate) -> Certificate {
    const P_256: [u8; 10] = [6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
    let mut der = certificate.der().to_vec();
    let place = der.windows(P_256.len()).position(|part| part == P_256).unwrap();
    der[place + P_256.len() - 1] = 0x77;
    Certificate::from_der(&der).unwrap()
}

fn found(leaf: &Certificate, known: &Known) -> Vec<Vec<Certificate>> {
    known.paths(leaf).paths.iter().map(|path| path.certificates().to_vec()).collect()
}

#[test]
fn a_path_goes_from_the_leaf_to_the_anchor() {
    let root = Party::root(P256);
    let ca = root.authority(P256, "TESTBED CA", "02");
    let seal = ca.seal(P256, "03");
    let known = known(&[&seal.certificate, &root.certificate, &ca.certificate], &[&root.certificate]);
    let expected = [&seal, &ca, &root].map(|party| party.certificate.clone());
    assert_eq!(found(&seal.certificate, &known), [expected.to_vec()]);
    let path = build(&seal.certificate, &known, Dates::At(now())).unwrap();
    assert_eq!(path.certificates(), expected);
    assert_eq!((path.leaf(), path.anchor()), (&seal.certificate, &root.certificate));
    assert_eq!(path.links().len(), 2);
    assert_eq!(known.issuer(&seal.certificate), Some(ca.certificate));
}

#[test]
fn a_leaf_that_is_an_anchor_is_a_path_by_itself_and_an_intermediate_one_ends_it() {
    let root = Party::root(P256);
    let ca = root.authority(P256, "TESTBED CA", "02");
    let seal = ca.seal(P256, "03");
    let both = known(&[], &[&root.certificate, &ca.certificate]);
    assert_eq!(found(&root.certificate, &both), [vec![root.certificate.clone()]]);
    assert_eq!(found(&seal.certificate, &both), [vec![seal.certificate.clone(), ca.certificate]]);
}

#[test]
fn an_anchor_of_one_set_is_a_certificate_like_any_for_another() {
    let root = Party::root(P256);
    let ca = root.authority(P256, "TESTBED CA", "02");
    let seal = ca.seal(P256, "03");
    let (first, other) = (AnchorSet::default(), AnchorSet::number(1));
    let mut known = known(&[], &[&root.certificate]);
    known.trust(&ca.certificate, other);
    let lengths = |set| {
        known.paths_to(&seal.certificate, set).paths.iter().map(|path| path.certificates().len()).collect::<Vec<_>>()
    };
    assert_eq!((lengths(first), lengths(other)), (vec![3], vec![2]));
    assert_eq!(lengths(AnchorSet::number(2)), Vec::<usize>::new());
}

#[test]
fn without_issuer_or_anchor_there_is_no_path() {
    let root = Party::root(P256);
    let ca = root.authority(P256, "TESTBED CA", "02");
    let seal = ca.seal(P256, "03");
    for known in [known(&[], &[&root.certificate]), known(&[&ca.certificate, &root.certificate], &[])] {
        assert!(found(&seal.certificate, &known).is_empty());
        assert!(matches!(build(&seal.certificate, &known, Dates::Any), Err(Failure::NoPath { exhausted: false, .. })));
    }
}

#[test]
fn namesakes_of_the_issuer_are_passed_over() {
    let root = Party::root(P256);
    let namesakes: Vec<_> = (0..5).map(|_| Party::root(P256).certificate).collect();
    let seal = root.seal(P256, "03");
    let known = known(&namesakes.iter().collect::<Vec<_>>(), &[&root.certificate]);
    assert_eq!(found(&seal.certificate, &known), [vec![seal.certificate, root.certificate]]);
}

#[test]
fn cross_certified_authorities_give_several_paths_and_no_loop() {
    let (one, other) = (Party::root(P256), Party::root(KeyKind::P384));
    let ca = one.authority(P256, "TESTBED CA", "02");
    let crossed = other.certify_again(&ca, "03");
    let seal = ca.seal(P256, "04");
    let pool = [&ca.certificate, &crossed, &ca.certificate];
    let found = found(&seal.certificate, &known(&pool, &[&one.certificate, &other.certificate]));
    assert_eq!(found.len(), 2);
    assert!(found.iter().any(|path| path[1] == ca.certificate && path[2] == one.certificate));
    assert!(found.iter().any(|path| path[1] == crossed && path[2] == other.certificate));
}

#[test]
fn the_order_in_which_certificates_are_known_does_not_matter() {
    let root = Party::root(P256);
    let ca = root.authority(P256, "TESTBED CA", "02");
    let again: Vec<_> = (3..8).map(|number| root.certify_again(&ca, &format!("{number:02}"))).collect();
    let seal = ca.seal(P256, "09");
    let forward: Vec<_> = again.iter().collect();
    let backward: Vec<_> = again.iter().rev().collect();
    let anchors = [&root.certificate];
    let (one, other) = (known(&forward, &anchors), known(&backward, &anchors));
    assert_eq!(found(&seal.certificate, &one), found(&seal.certificate, &other));
    assert_eq!(found(&seal.certificate, &one).len(), 5);
}

#[test]
fn a_path_that_breaks_a_rule_is_found_and_is_not_valid() {
    let root = Party::root(P256);
    let no_ca = root.issue(P256, "Not a CA", "02", vec![Extension::key_usage(&[KeyUsageBit::NonRepudiation])]);
    let seal = no_ca.seal(P256, "03");
    let known = known(&[&no_ca.certificate], &[&root.certificate]);
    assert_eq!(found(&seal.certificate, &known).len(), 1);
    let failure = build(&seal.certificate, &known, Dates::Any).unwrap_err();
    assert!(matches!(failure, Failure::Rule(BrokenRule::NotACa { .. })));
}

#[test]
fn another_path_is_taken_where_the_first_breaks_a_rule() {
    let root = Party::root(P256);
    let ca = root.authority(P256, "TESTBED CA", "02");
    let key_only = ca.key.public.clone();
    let seal = ca.seal(P256, "03");
    let bare = certify(&root, &key_only, ca.certificate.subject(), "04", Vec::new());
    let known = known(&[&bare, &ca.certificate], &[&root.certificate]);
    assert_eq!(found(&seal.certificate, &known).len(), 2);
    assert_eq!(build(&seal.certificate, &known, Dates::Any).unwrap().certificates()[1], ca.certificate);
}

#[test]
fn dates_count_only_where_they_are_asked_for() {
    let root = Party::root(P256);
    let seal = root.seal(P256, "02");
    let known = known(&[], &[&root.certificate]);
    let late = now() + days(1_000);
    assert!(build(&seal.certificate, &known, Dates::Any).is_ok());
    assert!(build(&seal.certificate, &known, Dates::At(now())).is_ok());
    let failure = build(&seal.certificate, &known, Dates::At(late)).unwrap_err();
    assert!(matches!(failure, Failure::Rule(BrokenRule::NotValidAt { .. })));
    assert!(build(&root.certificate, &known, Dates::At(late)).is_ok(), "the dates of an anchor do not count");
}

#[test]
fn a_signature_that_cannot_be_verified_is_no_part_of_a_path_and_is_told() {
    let root = Party::root(P256);
    let seal = root.seal(P256, "02");
    let spoiled = with_unknown_curve(&root.certificate);
    let known = known(&[], &[&spoiled]);
    let search = known.paths(&seal.certificate);
    assert!(search.paths.is_empty());
    assert_eq!(search.unverifiable.len(), 1);
    let failure = build(&seal.certificate, &known, Dates::Any).unwrap_err();
    assert!(failure.to_string().contains("cannot be verified here"), "{failure}");
}

#[test]
fn work_ends_for_the_whole_file_and_what_is_left_has_no_path() {
    let root = Party::root(P256);
    let namesakes: Vec<_> = (0..30).map(|_| Party::root(P256).certificate).collect();
    let seals: Vec<_> = (10..40).map(|number| Party::root(P256).seal(P256, &number.to_string())).collect();
    let mut known = Known::with_budget(&[root.certificate], Budget::of(20_000, 0));
    namesakes.iter().for_each(|one| _ = known.add(one));
    let exhausted: Vec<_> = seals.iter().map(|seal| known.paths(&seal.certificate).exhausted).collect();
    assert!(!exhausted[0] && exhausted[29], "{exhausted:?}");
    let failure = build(&seals[29].certificate, &known, Dates::Any).unwrap_err();
    assert!(matches!(failure, Failure::NoPath { exhausted: true, .. }));
}

#[test]
fn an_honest_seal_beside_hostile_certificates_keeps_its_allowance() {
    let root = Party::root(P256);
    let ca = root.authority(P256, "TESTBED CA", "02");
    let seal = ca.seal(P256, "03");
    let namesakes: Vec<_> = (0..30).map(|_| Party::root(P256).certificate).collect();
    let strangers: Vec<_> = (10..20).map(|number| Party::root(P256).seal(P256, &number.to_string())).collect();
    let mut known = Known::with_budget(&[root.certificate], Budget::of(0, 11));
    namesakes.iter().chain([&ca.certificate]).for_each(|one| _ = known.add(one));
    strangers.iter().for_each(|one| _ = known.paths(&one.certificate));
    assert!(build(&seal.certificate, &known, Dates::Any).is_ok());
}

#[test]
fn less_work_never_makes_a_path_valid_that_is_not() {
    let root = Party::root(P256);
    let ca = root.authority(P256, "TESTBED CA", "02");
    let namesakes: Vec<_> = (0..8).map(|_| Party::root(P256)).collect();
    let leaves = [ca.seal(P256, "03"), namesakes[0].seal(P256, "04"), root.seal(P256, "05")];
    let with = |units: u64| {
        let mut known = Known::with_budget(std::slice::from_ref(&root.certificate), Budget::of(units, 0));
        known.add(&ca.certificate);
        namesakes[1..].iter().for_each(|one| _ = known.add(&one.certificate));
        leaves.each_ref().map(|leaf| build(&leaf.certificate, &known, Dates::At(now())).is_ok())
    };
    let all = with(1_000_000);
    assert_eq!(all, [true, false, true]);
    for units in (0..2_000).step_by(50) {
        assert!(with(units).iter().zip(all).all(|(less, all)| !less || all), "{units}");
    }
}

#[test]
fn every_signature_of_a_valid_path_was_verified() {
    let root = Party::root(P256);
    let ca = root.authority(P256, "TESTBED CA", "02");
    let impostor = Party::root(P256).authority(P256, "TESTBED CA", "02");
    let parties = [&ca, &impostor];
    for leaf in [ca.seal(P256, "03"), impostor.seal(P256, "04")] {
        let pool: Vec<_> = parties.iter().map(|one| &one.certificate).collect();
        let known = known(&pool, &[&root.certificate]);
        match build(&leaf.certificate, &known, Dates::Any) {
            Ok(path) => assert!(path.links().all(|(one, issuer)| one.verify_issued_by(issuer).is_ok())),
            Err(failure) => assert!(matches!(failure, Failure::NoPath { .. })),
        }
    }
}
