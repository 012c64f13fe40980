mod entries;
mod scope;

use der::{Decode, Encode};
use proptest::prelude::*;

use super::*;
use crate::certificate::Certificate;
use crate::testing::{Party, days, now};
use crate::{DigestAlgorithm, KeyKind};

fn template(ca: &Party, entries: Vec<RevokedEntry>) -> CrlTemplate {
    CrlTemplate {
        issuer: ca.certificate.subject().clone(),
        authority_key_identifier: ca.certificate.subject_key_identifier().unwrap(),
        number: 7,
        this_update: now(),
        next_update: Some(now() + days(1)),
        entries,
        expired_certificates_since: None,
    }
}

fn sign(ca: &Party, template: &CrlTemplate) -> Crl {
    let to_be_signed = template.to_be_signed(ca.key.algorithm()).unwrap();
    let signature = ca.key.sign(ca.key.algorithm(), &to_be_signed.digest());
    Crl::from_der(&to_be_signed.signed(&signature)).unwrap()
}

fn entry(serial: &str, reason: Option<RevocationReason>) -> RevokedEntry {
    RevokedEntry { serial: serial.parse().unwrap(), since: now() - days(2), reason, invalidity_date: None }
}

#[test]
fn a_new_list_says_what_its_template_said() {
    let root = Party::root(KeyKind::P256);
    let ca = root.authority(KeyKind::P256, "TESTBED CA", "02");
    let compromised =
        RevokedEntry { invalidity_date: Some(now() - days(3)), ..entry("80", Some(RevocationReason::KeyCompromise)) };
    let entries = vec![entry("01", None), compromised.clone(), entry("7fff", Some(RevocationReason::CertificateHold))];
    let mut template = template(&ca, entries.clone());
    template.expired_certificates_since = Some(now() - days(1000));
    let crl = sign(&ca, &template);
    crl.verify_issued_by(&ca.certificate).unwrap();
    assert_eq!((crl.number(), crl.this_update(), crl.next_update()), (Some(7), now(), Some(now() + days(1))));
    assert_eq!(crl.expired_certificates_since(), template.expired_certificates_since);
    assert_eq!(crl.authority_key_identifier(), ca.certificate.subject_key_identifier());
    assert_eq!(crl.entries().collect::<Vec<_>>(), entries);
    assert_eq!(crl.entry(&"80".parse().unwrap()), Some(compromised));
    assert_eq!(crl.entry(&"7f".parse().unwrap()), None);
    assert_eq!(Crl::from_pem(&crl.to_pem()).unwrap(), crl);
}

#[test]
fn another_library_reads_a_new_list_and_writes_the_same_octets() {
    let root = Party::root(KeyKind::P384);
    for entries in [vec![], vec![entry("0102", Some(RevocationReason::Superseded)), entry("03", None)]] {
        let crl = sign(&root, &template(&root, entries));
        let theirs = x509_cert::crl::CertificateList::<x509_cert::certificate::Rfc5280>::from_der(crl.der()).unwrap();
        assert_eq!(theirs.to_der().unwrap(), crl.der());
    }
}

#[test]
fn an_empty_list_has_no_entries_field_and_unspecified_is_left_out() {
    let root = Party::root(KeyKind::P256);
    assert_eq!(sign(&root, &template(&root, Vec::new())).entries().count(), 0);
    let crl = sign(&root, &template(&root, vec![entry("05", Some(RevocationReason::Unspecified))]));
    assert_eq!(crl.entries().next().unwrap().reason, None);
}

#[test]
fn a_list_is_only_verified_with_its_issuer_that_may_sign_lists() {
    let root = Party::root(KeyKind::P256);
    let seal = root.seal(KeyKind::P256, "02");
    let crl = sign(&root, &template(&root, Vec::new()));
    assert!(matches!(crl.verify_issued_by(&seal.certificate), Err(Error::IssuerMismatch { .. })));
    let namesake = Party::root(KeyKind::P256);
    assert!(matches!(crl.verify_issued_by(&namesake.certificate), Err(Error::SignatureInvalid { .. })));
    let of_seal = sign(&seal, &template(&seal, Vec::new()));
    let error = of_seal.verify_issued_by(&seal.certificate).unwrap_err();
    assert!(matches!(error, Error::KeyUsageMissing { expected: KeyUsageBit::CrlSign, .. }), "{error}");
}

#[test]
fn lists_of_another_library_are_read_and_verified() {
    let mut parameters = rcgen::CertificateParams::new(Vec::new()).unwrap();
    parameters.distinguished_name.push(rcgen::DnType::CommonName, "Other CA");
    parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    parameters.key_usages = vec![rcgen::KeyUsagePurpose::CrlSign];
    let ca = rcgen::CertifiedIssuer::self_signed(parameters, rcgen::KeyPair::generate().unwrap()).unwrap();
    let crl = rcgen::CertificateRevocationListParams {
        this_update: rcgen::date_time_ymd(2026, 11, 1),
        next_update: rcgen::date_time_ymd(2026, 12, 1),
        crl_number: rcgen::SerialNumber::from(9),
        issuing_distribution_point: Some(rcgen::CrlIssuingDistributionPoint {
            distribution_point: rcgen::CrlDistributionPoint { uris: vec!["http://a/1".to_owned()] },
            scope: Some(rcgen::CrlScope::UserCertsOnly),
        }),
        revoked_certs: vec![rcgen::RevokedCertParams {
            serial_number: rcgen::SerialNumber::from(0x1234),
            revocation_time: rcgen::date_time_ymd(2026, 10, 1),
            reason_code: Some(rcgen::RevocationReason::KeyCompromise),
            invalidity_date: Some(rcgen::date_time_ymd(2026, 9, 1)),
        }],
        key_identifier_method: rcgen::KeyIdMethod::Sha256,
    };
    let crl = Crl::from_der(crl.signed_by(&ca).unwrap().der()).unwrap();
    crl.verify_issued_by(&Certificate::from_der(ca.der()).unwrap()).unwrap();
    let entry = crl.entry(&"1234".parse().unwrap()).unwrap();
    assert_eq!(entry.reason, Some(RevocationReason::KeyCompromise));
    assert_eq!(entry.invalidity_date, "2026-09-01T00:00:00Z".parse().ok());
    let point = crl.issuing_distribution_point().unwrap();
    assert!(point.only_user_certificates && !point.indirect);
    assert!(crl.unknown_critical_extensions().is_empty() && !crl.is_delta());
}

#[test]
fn reasons_have_their_names_and_numbers() {
    for reason in RevocationReason::ALL {
        assert_eq!(reason.to_string().parse::<RevocationReason>().unwrap(), reason);
    }
    assert_eq!("keycompromise".parse::<RevocationReason>().unwrap().code(), 1);
    assert!("compromise".parse::<RevocationReason>().is_err());
}

#[test]
fn many_entries_are_written_and_found() {
    let root = Party::root(KeyKind::P256);
    let serial = |index: u32| {
        let digest = DigestAlgorithm::Sha256.digest(&index.to_be_bytes());
        SerialNumber::from_bytes(&digest.as_bytes()[..16]).unwrap()
    };
    let entries = (0..20_000).map(|index| RevokedEntry {
        serial: serial(index),
        since: now(),
        reason: Some(RevocationReason::KeyCompromise),
        invalidity_date: None,
    });
    let crl = sign(&root, &template(&root, entries.collect()));
    assert_eq!(crl.entries().count(), 20_000);
    assert!(crl.entry(&serial(19_999)).is_some() && crl.entry(&serial(20_000)).is_none());
}

proptest! {
    #[test]
    fn mutated_and_random_octets_never_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        random in prop::collection::vec(any::<u8>(), 0..100),
    ) {
        static LIST: std::sync::LazyLock<(Party, Crl)> = std::sync::LazyLock::new(|| {
            let root = Party::root(KeyKind::P256);
            let mut template = template(&root, vec![entry("01", Some(RevocationReason::Superseded)), entry("80", None)]);
            template.expired_certificates_since = Some(now());
            let crl = sign(&root, &template);
            (root, crl)
        });
        let (root, crl) = &*LIST;
        let mut der = crl.der().to_vec();
        for (index, byte) in changes {
            let index = index.index(der.len());
            der[index] = byte;
        }
        for input in [&der, &random] {
            if let Ok(read) = Crl::from_der(input) {
                prop_assert_eq!(read.verify_issued_by(&root.certificate).is_ok(), read == *crl);
                let _ = (read.entries().count(), read.entry(&"80".parse().unwrap()), format!("{read:?}"));
            }
        }
    }
}
