//! The target `crl`: RFC 5280 §5, as DER and as PEM. In: any bytes, read as both. Out: a panic if a list that was read contradicts
//! itself, or if its entries, written again, are others.

use pki::{Certificate, Crl, CrlTemplate, DigestAlgorithm, RevokedEntry, Scheme, SerialNumber, SignatureAlgorithm};

use crate::certificate;
use crate::world::WORLD;

/// Most entries of one list that are looked up: each look-up reads the whole list.
const MOST: usize = 32;

/// One input.
pub fn check(bytes: &[u8]) {
    if let Ok(list) = Crl::from_der(bytes) {
        assert_eq!(list.der(), bytes, "a list keeps its octets");
        walk(&list);
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(list) = Crl::from_pem(text) {
        walk(&list);
    }
    if let Ok(bundle) = Certificate::from_pem_bundle(text) {
        assert_eq!(Certificate::from_pem(text).is_ok(), bundle.len() == 1);
        certificate::walk_all(&bundle);
    }
}

fn walk(list: &Crl) {
    assert_eq!(Crl::from_der(list.der()).as_ref(), Ok(list));
    assert_eq!(Crl::from_pem(&list.to_pem()).as_ref(), Ok(list));
    let entries: Vec<RevokedEntry> = list.entries().collect();
    assert!(entries.len() <= list.der().len() / 8, "an entry has at least serial number and time");
    for entry in entries.iter().take(MOST) {
        certificate::walk_serial(&entry.serial);
        let last = entries.iter().rfind(|other| other.serial == entry.serial);
        assert_eq!(list.entry(&entry.serial).as_ref(), last, "of several entries the last one counts");
    }
    let absent = SerialNumber::from_bytes(&[0x5a; 19]).expect("a positive number");
    assert_eq!(list.entry(&absent).is_some(), entries.iter().any(|entry| entry.serial == absent));
    certificate::walk_name(list.issuer());
    let verified = list.verify_issued_by(&WORLD.ca).is_ok();
    assert_eq!(verified, *list == WORLD.crl, "the CA signed one list, as it is");
    for extension in list.unknown_critical_extensions() {
        let _ = list.extension(extension).map(|extension| extension.value.len());
    }
    let _ = (list.is_delta(), list.issuing_distribution_point(), list.signature_algorithm(), format!("{list:?}"));
    write_again(list, entries);
}

/// Unspecified is left out when a list is written, and whole seconds are.
fn write_again(list: &Crl, mut entries: Vec<RevokedEntry>) {
    for entry in &mut entries {
        entry.reason = entry.reason.filter(|reason| reason.code() != 0);
    }
    let template = CrlTemplate {
        issuer: list.issuer().clone(),
        authority_key_identifier: list.authority_key_identifier().unwrap_or_default(),
        number: list.number().unwrap_or_default(),
        this_update: list.this_update(),
        next_update: list.next_update(),
        entries,
        expired_certificates_since: list.expired_certificates_since(),
    };
    let algorithm = SignatureAlgorithm::new(Scheme::RsaPkcs1, DigestAlgorithm::Sha256);
    let written = template.to_be_signed(algorithm).expect("SHA-256 is offered").signed(&[1]);
    let again = Crl::from_der(&written).expect("what is written is read");
    let seconds = |entry: &RevokedEntry| (entry.since.as_second(), entry.invalidity_date.map(|date| date.as_second()));
    assert_eq!(again.number(), Some(template.number));
    assert_eq!(again.this_update().as_second(), template.this_update.as_second());
    assert_eq!(again.entries().count(), template.entries.len());
    for (ours, theirs) in template.entries.iter().zip(again.entries()) {
        assert_eq!((&ours.serial, ours.reason, seconds(ours)), (&theirs.serial, theirs.reason, seconds(&theirs)));
    }
}
