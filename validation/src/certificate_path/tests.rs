use super::*;
use crate::laboratory::{Lab, NewCertificate, ca, days, for_seals, hours, revoked, sealed, time};
use crate::{Anchor, Policy};

/// Of a seal's certificate, with these CRLs.
fn result(lab: &Lab, crls: &[Vec<u8>], at: Timestamp) -> PathResult {
    let (policy, anchors) = (Policy::default(), [Anchor::from(lab.root.certificate.clone())]);
    let mut material = Material::new(&policy, &anchors, at);
    material.add_certificate(&lab.issuing.certificate);
    crls.iter().for_each(|crl| _ = material.add_crl_der(crl).unwrap());
    validate(&material, &lab.seal.certificate, SignatureRole::Seal)
}

fn reason(result: &PathResult) -> Option<&'static str> {
    result.conclusion.sub_indication()
}

#[test]
fn a_good_path_tells_every_check_that_it_passed() {
    let (lab, at) = (Lab::new(), sealed());
    let result = result(&lab, &[lab.root.crl(vec![], at), lab.issuing.crl(vec![], at)], at);
    assert!(result.conclusion.is_passed());
    assert_eq!(result.chain.len(), 3);
    assert!(result.checks.iter().all(|check| check.outcome == crate::report::Outcome::Passed));
}

#[test]
fn data_that_is_missing_for_a_ca_counts_before_a_revocation_below_it() {
    let (lab, at) = (Lab::new(), sealed());
    let entry = vec![revoked(&lab.seal, at - days(1), None)];
    let result = result(&lab, &[lab.issuing.crl(entry, at)], at);
    assert_eq!(reason(&result), Some("CERTIFICATE_CHAIN_GENERAL_FAILURE"));
    assert_eq!(result.revocations.len(), 1, "it is kept all the same");
}

#[test]
fn all_revocations_of_a_path_are_kept_for_the_comparison_of_times() {
    let (lab, at) = (Lab::new(), sealed());
    let crls = [
        lab.root.crl(vec![revoked(&lab.issuing, at - days(2), None)], at),
        lab.issuing.crl(vec![revoked(&lab.seal, at - days(1), None)], at),
    ];
    let result = result(&lab, &crls, at);
    assert_eq!(reason(&result), Some("REVOKED_NO_POE"));
    assert_eq!(result.revocations.iter().map(|one| one.of_leaf).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn an_expired_ca_no_longer_speaks_for_its_certificates() {
    let mut lab = Lab::new();
    lab.issuing = lab.root.issue(NewCertificate::new("Issuing to 2027", ("2024", "2027"), ca()));
    lab.seal = lab.issuing.issue(NewCertificate::new("Seal", ("2026", "2029"), for_seals()));
    let at = time("2028-01-01T00:00:00Z");
    let result = result(&lab, &[lab.root.crl(vec![], at), lab.issuing.crl(vec![], at)], at);
    assert_eq!(reason(&result), Some("OUT_OF_BOUNDS_NO_POE"));
}

#[test]
fn the_dates_of_a_certificate_stand_before_stale_data() {
    let (lab, at) = (Lab::new(), time("2030-01-01T00:00:00Z"));
    let result = result(&lab, &[lab.root.crl(vec![], sealed()), lab.issuing.crl(vec![], sealed())], at);
    assert_eq!(reason(&result), Some("OUT_OF_BOUNDS_NOT_REVOKED"));
    assert_eq!(result.stale.len(), 2);
}

#[test]
fn another_anchor_is_tried_when_the_first_is_past_its_sunset() {
    let (lab, other, at) = (Lab::new(), Lab::new(), sealed());
    let crossed = other.root.certify_again(&lab.issuing);
    let policy = Policy::default();
    let fallen = Anchor { sunset: Some(at - days(1)), ..Anchor::from(lab.root.certificate.clone()) };
    let crls = [lab.issuing.crl(vec![], at), lab.root.crl(vec![], at), other.root.crl(vec![], at)];
    let conclusion = |anchors: &[Anchor]| {
        let mut material = Material::new(&policy, anchors, at + hours(1));
        material.add_certificate(&lab.issuing.certificate);
        material.add_certificate(&crossed);
        crls.iter().for_each(|crl| _ = material.add_crl_der(crl).unwrap());
        validate(&material, &lab.seal.certificate, SignatureRole::Seal).conclusion.to_string()
    };
    assert_eq!(conclusion(std::slice::from_ref(&fallen)), "INDETERMINATE/NO_CERTIFICATE_CHAIN_FOUND_NO_POE");
    assert_eq!(conclusion(&[fallen, other.root.certificate.clone().into()]), "TOTAL-PASSED");
}
