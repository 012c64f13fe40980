use super::*;
use crate::laboratory::{Holder, Lab, NewCertificate, ca, for_answers, for_seals, hours, revoked, sealed, seconds};
use crate::revocation_data::Standing;
use pki::{CertificateStatus, Extension, KeyKind};

fn anchors(lab: &Lab) -> Vec<Anchor> {
    vec![lab.root.certificate.clone().into()]
}

fn material<'a>(policy: &'a Policy, anchors: &'a [Anchor], known: &[&Holder]) -> Material<'a> {
    let mut material = Material::new(policy, anchors, sealed() + hours(1));
    known.iter().for_each(|one| _ = material.add_certificate(&one.certificate));
    material
}

#[test]
fn every_path_to_an_anchor_is_found_and_self_signed_strangers_are_none() {
    let lab = Lab::new();
    let (policy, anchors) = (Policy::default(), anchors(&lab));
    let namesake = Holder::root("TESTBED Issuing", KeyKind::P256);
    let search = material(&policy, &anchors, &[&namesake, &lab.issuing]).paths(&lab.seal.certificate, Purpose::Seal);
    let found: Vec<_> = search.paths.iter().map(|path| path.certificates().to_vec()).collect();
    let expected = [&lab.seal, &lab.issuing, &lab.root].map(|one| one.certificate.clone());
    assert_eq!(found, [expected.to_vec()]);
    let stranger = Holder::root("Stranger", KeyKind::P256);
    let seal = stranger.issue(NewCertificate::new("Seal", ("2026", "2029"), for_seals()));
    assert!(material(&policy, &anchors, &[&stranger]).paths(&seal.certificate, Purpose::Seal).paths.is_empty());
}

#[test]
fn a_leaf_that_is_an_anchor_is_a_path_by_itself() {
    let lab = Lab::new();
    let (policy, anchors) = (Policy::default(), vec![Anchor::from(lab.seal.certificate.clone())]);
    let search = material(&policy, &anchors, &[]).paths(&lab.seal.certificate, Purpose::Seal);
    assert_eq!(search.paths.len(), 1);
    assert_eq!(search.paths[0].certificates(), [lab.seal.certificate]);
}

#[test]
fn the_newest_statement_comes_first_and_bad_news_before_good_of_the_same_time() {
    let lab = Lab::new();
    let (policy, anchors) = (Policy::default(), anchors(&lab));
    let mut material = material(&policy, &anchors, &[&lab.issuing]);
    let at = sealed();
    material.add_crl_der(&lab.issuing.crl(Vec::new(), at)).unwrap();
    material.add_ocsp_der(&lab.good(&lab.seal, at)).unwrap();
    material.add_crl_der(&lab.issuing.crl(vec![revoked(&lab.seal, at, None)], at + hours(1))).unwrap();
    let statements = material.statements(&lab.seal.certificate, &lab.issuing.certificate);
    let standings: Vec<bool> = statements.accepted.iter().map(|one| one.statement.standing == Standing::Good).collect();
    assert_eq!(standings, [false, true, true]);
}

#[test]
fn data_from_after_the_validation_time_is_not_known_yet() {
    let lab = Lab::new();
    let (policy, anchors) = (Policy::default(), anchors(&lab));
    let mut material = material(&policy, &anchors, &[&lab.issuing]);
    material.add_ocsp_der(&lab.good(&lab.seal, sealed() + hours(2))).unwrap();
    let statements = material.statements(&lab.seal.certificate, &lab.issuing.certificate);
    assert!(statements.accepted.is_empty());
    assert!(matches!(statements.rejected[..], [(_, Rejection::NotYet { .. })]));
}

#[test]
fn a_responder_without_nocheck_needs_a_status_that_it_did_not_give_itself() {
    let mut lab = Lab::new();
    let purpose = for_answers()[..1].to_vec();
    lab.responder = lab.issuing.issue(NewCertificate::new("OCSP", ("2026", "2027"), purpose));
    let (policy, anchors) = (Policy::default(), anchors(&lab));
    let about_itself = lab.responder.ocsp(&lab.responder, &lab.issuing, sealed(), CertificateStatus::Good);
    let accepted = |data: &[Vec<u8>]| {
        let mut material = material(&policy, &anchors, &[&lab.issuing]);
        material.add_ocsp_der(&lab.good(&lab.seal, sealed() + seconds(1))).unwrap();
        for der in data {
            material.add_ocsp_der(der).or_else(|| material.add_crl_der(der)).unwrap();
        }
        let statements = material.statements(&lab.seal.certificate, &lab.issuing.certificate);
        statements.accepted.iter().any(|one| one.statement.signer == lab.responder.certificate)
    };
    assert!(!accepted(&[]));
    assert!(!accepted(&[about_itself]));
    assert!(accepted(&[lab.issuing.crl(Vec::new(), sealed())]));
    assert!(!accepted(&[lab.issuing.crl(vec![revoked(&lab.responder, sealed(), None)], sealed())]));
}

#[test]
fn paths_are_bounded_however_many_cross_certificates_there_are() {
    let lab = Lab::new();
    let (policy, anchors) = (Policy::default(), anchors(&lab));
    let mut material = material(&policy, &anchors, &[]);
    for number in 0..40 {
        let name = if number % 2 == 0 { "TESTBED Issuing" } else { "TESTBED Root" };
        let extensions = [ca(), vec![Extension::ocsp_nocheck()]].concat();
        material.add_certificate(&lab.root.issue(NewCertificate::new(name, ("2024", "2040"), extensions)).certificate);
    }
    let search = material.paths(&lab.seal.certificate, Purpose::Seal);
    assert!(search.paths.len() <= 16 && !search.exhausted);
}
