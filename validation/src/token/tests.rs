use super::*;
use crate::laboratory::{
    Holder, Lab, NewCertificate, ca, days, for_seals, for_stamps, hours, revoked, sealed, seconds,
};
use pki::{Digest, DigestAlgorithm, Extension, KeyKind, oid};

const DATA: &[u8] = b"a certificate of completion";

fn stamp(unit: &Holder) -> Vec<u8> {
    unit.stamp([DATA, &[]], sealed(), DigestAlgorithm::Sha256)
}

/// With the stamping CA's certificate and these lists at hand.
fn report(lab: &Lab, token: &[u8], certificates: &[&Holder], crls: &[Vec<u8>], at: Timestamp) -> TokenReport {
    let anchors = [Anchor::from(lab.stamping.certificate.clone())];
    let certificates: Vec<_> = certificates.iter().map(|one| one.certificate.clone()).collect();
    let crls: Vec<_> = crls.iter().map(|der| Crl::from_der(der).unwrap()).collect();
    let policy = Policy::default();
    let input = TokenInput {
        token,
        stamped: Stamped::data(DATA),
        anchors: &anchors,
        certificates: &certificates,
        crls: &crls,
        ocsp_responses: &[],
        policy: &policy,
    };
    validate(&input, at).unwrap()
}

fn comes_to(report: &TokenReport) -> String {
    report.conclusion.0.to_string()
}

#[test]
fn a_good_token_passes_bare_and_in_its_response_over_data_and_digest() {
    let lab = Lab::new();
    let token = stamp(&lab.unit);
    let wrapped = [&[0x30, 0x82][..], &((token.len() + 5) as u16).to_be_bytes(), &[0x30, 3, 2, 1, 0], &token].concat();
    let crls = [lab.stamping.crl(vec![], sealed())];
    for bytes in [&token, &wrapped] {
        let report = report(&lab, bytes, &[], &crls, sealed() + hours(1));
        assert_eq!(comes_to(&report), "TOTAL-PASSED", "{:#?}", report.checks);
        assert_eq!((report.exit_code(), report.fault(), report.time), (0, None, sealed()));
    }
    let (anchors, policy) = ([Anchor::from(lab.stamping.certificate.clone())], Policy::default());
    let crls: Vec<_> = crls.iter().map(|der| Crl::from_der(der).unwrap()).collect();
    let over = |digest: &Digest| {
        let stamped = Stamped::Digest(digest);
        let (certificates, ocsp_responses) = (&[][..], &[][..]);
        let input = TokenInput {
            token: &token,
            stamped,
            anchors: &anchors,
            certificates,
            crls: &crls,
            ocsp_responses,
            policy: &policy,
        };
        comes_to(&validate(&input, sealed() + hours(1)).unwrap())
    };
    assert_eq!(over(&DigestAlgorithm::Sha256.digest(DATA)), "TOTAL-PASSED");
    assert_eq!(over(&DigestAlgorithm::Sha256.digest(b"other")), "TOTAL-FAILED/HASH_FAILURE");
    assert_eq!(over(&DigestAlgorithm::Sha384.digest(DATA)), "INDETERMINATE/SIGNED_DATA_NOT_FOUND");
}

#[test]
fn a_token_under_a_certificate_that_a_non_ca_issued_is_refused() {
    let lab = Lab::new();
    let middle = lab.stamping.issue(NewCertificate::new("Not a CA", ("2025", "2040"), for_seals()));
    let unit = middle.issue(NewCertificate::new("TSU", ("2025", "2040"), for_stamps()));
    let crls = [lab.stamping.crl(vec![], sealed()), middle.crl(vec![], sealed())];
    let report = report(&lab, &stamp(&unit), &[&middle], &crls, sealed() + hours(1));
    assert_eq!(comes_to(&report), "INDETERMINATE/CERTIFICATE_CHAIN_GENERAL_FAILURE");
    assert_eq!(report.exit_code(), 2);
    assert!(report.fault().unwrap().contains("is no CA"));
}

#[test]
fn a_token_of_a_revoked_or_expired_authority_is_refused() {
    let lab = Lab::new();
    let entry = |holder: &Holder| vec![revoked(holder, sealed() - days(1), None)];
    let unit = stamp(&lab.unit);
    let revoked = report(&lab, &unit, &[], &[lab.stamping.crl(entry(&lab.unit), sealed())], sealed() + hours(1));
    assert_eq!(comes_to(&revoked), "INDETERMINATE/REVOKED_NO_POE");
    let middle = lab.stamping.issue(NewCertificate::new("CA", ("2025", "2040"), ca()));
    let below = middle.issue(NewCertificate::new("TSU", ("2025", "2040"), for_stamps()));
    let crls = [lab.stamping.crl(entry(&middle), sealed()), middle.crl(vec![], sealed())];
    let of_ca = report(&lab, &stamp(&below), &[&middle], &crls, sealed() + hours(1));
    assert_eq!(comes_to(&of_ca), "INDETERMINATE/REVOKED_CA_NO_POE");
    let short = lab.stamping.issue(NewCertificate::new("TSU", ("2025", "2026-11-01T00:00:00Z"), for_stamps()));
    let crls = [lab.stamping.crl(vec![], sealed())];
    let expired = report(&lab, &stamp(&short), &[], &crls, sealed() + hours(1));
    assert!(expired.conclusion.0 != Conclusion::Passed);
    let without_data = report(&lab, &unit, &[], &[], sealed() + hours(1));
    assert_eq!(comes_to(&without_data), "INDETERMINATE/CERTIFICATE_CHAIN_GENERAL_FAILURE");
}

#[test]
fn a_token_by_a_certificate_for_something_else_is_refused() {
    let lab = Lab::new();
    let crls = [lab.stamping.crl(vec![], sealed())];
    let beside = vec![Extension::extended_key_usage(&[oid::TIME_STAMPING, oid::EMAIL_PROTECTION], true)];
    let lenient = vec![Extension::extended_key_usage(&[oid::TIME_STAMPING], false)];
    let other = vec![Extension::extended_key_usage(&[oid::OCSP_SIGNING], true)];
    for extensions in [for_seals(), beside, lenient, other] {
        let unit = lab.stamping.issue(NewCertificate::new("TSU", ("2025", "2040"), extensions));
        let report = report(&lab, &stamp(&unit), &[], &crls, sealed() + hours(1));
        assert_eq!(comes_to(&report), "INDETERMINATE/CHAIN_CONSTRAINTS_FAILURE");
    }
}

#[test]
fn a_token_without_a_path_is_refused_and_a_changed_one_fails() {
    let lab = Lab::new();
    let stranger = Holder::root("TESTBED Stamping", KeyKind::P256);
    let unit = stranger.issue(NewCertificate::new("TSU", ("2025", "2040"), for_stamps()));
    let crls = [lab.stamping.crl(vec![], sealed()), stranger.crl(vec![], sealed())];
    let none = report(&lab, &stamp(&unit), &[&stranger], &crls, sealed() + hours(1));
    assert_eq!(comes_to(&none), "INDETERMINATE/NO_CERTIFICATE_CHAIN_FOUND");
    let mut changed = stamp(&lab.unit);
    *changed.last_mut().unwrap() ^= 1;
    let changed = report(&lab, &changed, &[], &crls, sealed() + hours(1));
    assert_eq!((comes_to(&changed).as_str(), changed.exit_code()), ("TOTAL-FAILED/SIG_CRYPTO_FAILURE", 1));
    let early = report(&lab, &stamp(&lab.unit), &[], &crls, sealed() - seconds(600));
    assert!(!early.conclusion.0.is_passed(), "a token from the future");
}

#[test]
fn what_is_no_token_has_no_verdict() {
    let refused = [0x30, 5, 0x30, 3, 2, 1, 2];
    assert!(matches!(read(&refused), Err(Error::TokenRefused { status: 2, .. })));
    assert!(matches!(read(b"%PDF-1.7"), Err(Error::Token(_))));
}
