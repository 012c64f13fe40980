use der::{Decode, Encode};
use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::testing::{Key, Party, days, now};
use crate::{KeyKind, KeyUsageBit};

fn seal() -> (Party, Party) {
    let root = Party::root(KeyKind::P256);
    let seal = root.seal(KeyKind::P256, "0a0b");
    (root, seal)
}

#[test]
fn a_new_certificate_says_what_its_template_said() {
    let (root, seal) = seal();
    let certificate = &seal.certificate;
    assert_eq!(certificate.serial().to_string(), "0a0b");
    assert_eq!(certificate.issuer(), root.certificate.subject());
    assert_eq!(certificate.subject().common_name().as_deref(), Some("TESTBED Seal"));
    assert_eq!(certificate.public_key(), seal.key.public);
    assert_eq!(certificate.not_before(), now() - days(1));
    assert_eq!(certificate.key_usage().unwrap().bits(), [KeyUsageBit::NonRepudiation]);
    assert_eq!(certificate.authority_key_identifier(), root.certificate.subject_key_identifier());
    assert!(!certificate.is_ca() && root.certificate.is_ca());
    assert_eq!(certificate.signature_algorithm().unwrap(), root.key.algorithm());
}

#[test]
fn another_library_reads_a_new_certificate_and_writes_the_same_octets() {
    let (_, seal) = seal();
    let theirs = x509_cert::Certificate::from_der(seal.certificate.der()).unwrap();
    assert_eq!(theirs.to_der().unwrap(), seal.certificate.der());
    assert_eq!(theirs.tbs_certificate().subject().to_der().unwrap(), seal.certificate.subject().to_der());
}

#[test]
fn the_issuer_is_verified_by_name_and_signature() {
    let (root, seal) = seal();
    seal.certificate.verify_issued_by(&root.certificate).unwrap();
    assert!(root.certificate.is_self_signed() && !seal.certificate.is_self_signed());

    let namesake = Party::root(KeyKind::P256);
    let error = seal.certificate.verify_issued_by(&namesake.certificate).unwrap_err();
    assert!(matches!(error, Error::SignatureInvalid { signed: "certificate", .. }), "{error}");
    let error = seal.certificate.verify_issued_by(&seal.certificate).unwrap_err();
    assert!(matches!(error, Error::IssuerMismatch { .. }), "{error}");
}

#[test]
fn every_kind_of_key_issues_certificates() {
    for kind in [KeyKind::P256, KeyKind::P384, KeyKind::P521, KeyKind::Rsa { bits: 2048 }] {
        let root = Party::root(kind);
        assert_eq!(root.certificate.public_key().kind(), kind);
        assert!(root.certificate.is_self_signed(), "{kind}");
    }
}

#[test]
fn an_algorithm_that_differs_inside_and_outside_is_refused() {
    let (root, seal) = seal();
    let mut der = seal.certificate.der().to_vec();
    let identifier = crate::oid::ECDSA_WITH_SHA256;
    let outer = der.windows(8).rposition(|window| window == identifier.as_bytes()).unwrap();
    der[outer + 7] = 3;
    let error = Certificate::from_der(&der).unwrap().verify_issued_by(&root.certificate).unwrap_err();
    assert_eq!(error, Error::AlgorithmMismatch { structure: "Certificate" });
}

#[test]
fn both_ends_of_the_validity_belong_to_it() {
    let (_, seal) = seal();
    let second = jiff::SignedDuration::from_secs(1);
    let (first, last) = (seal.certificate.not_before(), seal.certificate.not_after());
    for (at, valid) in [(first, true), (last, true), (first - second, false), (last + second, false)] {
        assert_eq!(seal.certificate.valid_at(at), valid, "{at}");
    }
}

#[test]
fn validity_may_pass_2049_and_may_have_no_end() {
    let key = Key::generate(KeyKind::P256);
    for not_after in ["2050-01-01T00:00:00Z".parse().unwrap(), Timestamp::MAX] {
        let template = CertificateTemplate {
            serial: "01".parse().unwrap(),
            issuer: Name::builder().common_name("a").build(),
            subject: Name::builder().common_name("a").build(),
            public_key: key.public.clone(),
            not_before: now(),
            not_after,
            extensions: Vec::new(),
        };
        let to_be_signed = template.to_be_signed(key.algorithm()).unwrap();
        let signature = key.sign(key.algorithm(), &to_be_signed.digest());
        let certificate = Certificate::from_der(&to_be_signed.signed(&signature)).unwrap();
        assert_eq!(certificate.not_after(), not_after);
    }
}

#[test]
fn an_extension_twice_is_refused_when_writing_and_reading() {
    let (root, seal) = seal();
    let mut template = CertificateTemplate {
        serial: "01".parse().unwrap(),
        issuer: root.certificate.subject().clone(),
        subject: seal.certificate.subject().clone(),
        public_key: seal.key.public.clone(),
        not_before: now(),
        not_after: now(),
        extensions: vec![Extension::ocsp_nocheck(), Extension::ocsp_nocheck()],
    };
    assert!(matches!(template.to_be_signed(root.key.algorithm()), Err(Error::Malformed { .. })));
    template.extensions.pop();
    let weak = SignatureAlgorithm::new(crate::Scheme::RsaPkcs1, DigestAlgorithm::Sha1);
    assert_eq!(template.to_be_signed(weak).unwrap_err(), Error::WeakDigest { found: DigestAlgorithm::Sha1 });
}

#[test]
fn certificates_of_another_library_are_read_and_verified() {
    let mut parameters = rcgen::CertificateParams::new(Vec::new()).unwrap();
    parameters.distinguished_name.push(rcgen::DnType::CommonName, "Other CA");
    parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Constrained(2));
    let ca = rcgen::CertifiedIssuer::self_signed(parameters, rcgen::KeyPair::generate().unwrap()).unwrap();
    let ours = Certificate::from_der(ca.der()).unwrap();
    assert_eq!((ours.is_ca(), ours.path_length()), (true, Some(2)));
    assert!(ours.is_self_signed());

    let mut parameters = rcgen::CertificateParams::new(vec!["example.test".to_owned()]).unwrap();
    parameters.use_authority_key_identifier_extension = true;
    parameters.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::TimeStamping];
    let leaf = parameters.signed_by(&rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap(), &ca).unwrap();
    let leaf = Certificate::from_der(leaf.der()).unwrap();
    leaf.verify_issued_by(&ours).unwrap();
    assert_eq!(leaf.extended_key_usage(), [oid::TIME_STAMPING]);
    assert!(matches!(leaf.public_key().kind(), KeyKind::Other(_)));
    assert_eq!(leaf.authority_key_identifier(), ours.subject_key_identifier());
}

#[test]
fn pem_bundles_keep_their_order() {
    let (root, seal) = seal();
    let bundle = format!("# chain\n{}text\n{}", seal.certificate.to_pem(), root.certificate.to_pem());
    assert_eq!(Certificate::from_pem_bundle(&bundle).unwrap(), [seal.certificate.clone(), root.certificate]);
    assert!(matches!(Certificate::from_pem(&bundle), Err(Error::Pem { .. })));
    assert_eq!(Certificate::from_pem(&seal.certificate.to_pem()).unwrap(), seal.certificate);
}

#[test]
fn trailing_octets_are_refused() {
    let (_, seal) = seal();
    let der = [seal.certificate.der(), &[0]].concat();
    assert!(matches!(Certificate::from_der(&der), Err(Error::Malformed { .. })));
}

proptest! {
    #[test]
    fn mutated_and_random_octets_never_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        random in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        static SEAL: std::sync::LazyLock<(Party, Party)> = std::sync::LazyLock::new(seal);
        let (root, seal) = &*SEAL;
        let mut der = seal.certificate.der().to_vec();
        for (index, byte) in changes {
            let index = index.index(der.len());
            der[index] = byte;
        }
        for input in [&der, &random] {
            if let Ok(certificate) = Certificate::from_der(input) {
                prop_assert_eq!(certificate.der(), &input[..]);
                let verified = certificate.verify_issued_by(&root.certificate).is_ok();
                prop_assert_eq!(verified, certificate == seal.certificate);
                let _ = (format!("{certificate:?}"), certificate.crl_urls(), certificate.ocsp_urls(), certificate.to_pem());
            }
        }
    }
}
