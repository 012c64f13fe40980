//! Certificates, as they stand in messages, answers and stores. In: one that was read. Out: all that it says was asked for.

use pki::path::{self, Dates, Known};
use pki::{Certificate, KeyUsageBit, Name, SerialNumber};

use crate::world::{WORLD, validated_at};

/// Most certificates of one input that are looked at.
const MOST: usize = 8;

/// Walks each of them, then looks for paths among them.
pub fn walk_all(certificates: &[Certificate]) {
    let some = &certificates[..certificates.len().min(MOST)];
    some.iter().for_each(walk);
    if let Some(first) = some.first() {
        paths(first, some);
    }
}

/// Reads it again and asks for everything.
pub fn walk(certificate: &Certificate) {
    let again = Certificate::from_der(certificate.der()).expect("what was read is read again");
    assert_eq!(&again, certificate);
    assert_eq!(Certificate::from_pem(&certificate.to_pem()).as_ref(), Ok(certificate));
    assert_eq!(certificate.fingerprint(), again.fingerprint());
    assert_eq!(certificate.valid_at(certificate.not_before()), certificate.not_before() <= certificate.not_after());
    walk_name(certificate.subject());
    walk_name(certificate.issuer());
    walk_serial(certificate.serial());
    let key = certificate.public_key();
    assert_eq!(pki::PublicKey::from_spki_der(key.spki_der()).as_ref(), Ok(&key));
    assert_eq!(pki::PublicKey::from_pem(&key.to_pem()).as_ref(), Ok(&key));
    if let Some((modulus, exponent)) = key.rsa_components() {
        assert!(modulus.len() + exponent.len() <= key.spki_der().len());
    }
    if let Some(usage) = certificate.key_usage() {
        assert!(usage.bits().len() <= KeyUsageBit::ALL.len());
        let _ = usage.to_string();
    }
    for extension in certificate.extensions() {
        assert!(certificate.has_extension(extension.oid));
        assert!(extension.value.len() < certificate.der().len());
    }
    let urls = [certificate.crl_urls(), certificate.ocsp_urls(), certificate.ca_issuer_urls()].concat();
    assert!(urls.iter().map(String::len).sum::<usize>() <= 2 * certificate.der().len());
    let _ = (certificate.signature_algorithm(), certificate.private_key_usage_period(), key.kind().to_string());
    let _ = (certificate.policies(), certificate.extended_key_usage(), certificate.path_length());
    let _ = (certificate.is_self_signed(), format!("{certificate:?}"));
    let issued = [&WORLD.ca, &WORLD.seal.certificate, &WORLD.unit.certificate].contains(&certificate);
    assert_eq!(certificate.verify_issued_by(&WORLD.ca).is_ok(), issued, "the CA issued these three, as they are");
}

/// Reads the name again.
pub fn walk_name(name: &Name) {
    assert_eq!(Name::from_der(name.as_der()).as_ref(), Ok(name));
    assert!(name.matches(name));
    let _ = (name.to_string(), name.country(), name.organization(), name.organization_identifier(), name.common_name());
}

/// Only a positive number of at most 20 octets can be written down and read again.
pub fn walk_serial(serial: &SerialNumber) {
    if serial.is_conforming() {
        assert_eq!(SerialNumber::from_bytes(serial.as_bytes()).as_ref(), Ok(serial));
        assert_eq!(serial.to_string().parse::<SerialNumber>().as_ref(), Ok(serial));
    }
}

fn paths(leaf: &Certificate, among: &[Certificate]) {
    let last = among.last().expect("the first is there").clone();
    let anchors = [last, WORLD.ca.clone()];
    let mut known = Known::new(&anchors);
    among.iter().for_each(|one| _ = known.add(one));
    let search = known.paths(leaf);
    for candidate in &search.paths {
        let path = candidate.certificates();
        assert_eq!(path.first(), Some(leaf));
        assert!(anchors.contains(candidate.anchor()));
        assert!(path.windows(2).all(|pair| pair[0].verify_issued_by(&pair[1]).is_ok()));
    }
    match path::build(leaf, &known, Dates::At(validated_at())) {
        Ok(path) => assert!(path.below_anchor().iter().all(|one| one.valid_at(validated_at()))),
        Err(failure) => _ = failure.to_string(),
    }
}
