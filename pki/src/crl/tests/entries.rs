//! Which entry counts for a certificate, and which entries make a list useless.

use super::scope::{directory, issuing, list};
use super::*;
use crate::Extension;
use crate::asn1::write;
use crate::asn1::{ENUMERATED, context};

fn reason(code: u8) -> Extension {
    Extension::new(oid::CRL_REASON, false, write::element(ENUMERATED, &[&[code]]))
}

fn of(issuer: &Name) -> Extension {
    Extension::new(oid::CERTIFICATE_ISSUER, true, write::sequence(&[&directory(issuer)]))
}

fn serial(number: u8) -> SerialNumber {
    SerialNumber::from_bytes(&[number]).unwrap()
}

#[test]
fn of_several_entries_on_one_certificate_the_worst_counts() {
    let root = Party::root(KeyKind::P256);
    for reasons in [[6, 1, 8], [8, 6, 1], [1, 8, 6]] {
        let crl = list(&root, &reasons.map(|code| (5, vec![reason(code)])), &[]);
        assert_eq!(crl.entry(&serial(5)).unwrap().reason, Some(RevocationReason::KeyCompromise));
        assert_eq!(crl.entries_of(crl.issuer(), &serial(5)).len(), 3);
    }
    let crl = list(&root, &[(5, vec![reason(8)]), (5, vec![reason(6)]), (6, vec![])], &[]);
    assert_eq!(crl.entry(&serial(5)).unwrap().reason, Some(RevocationReason::CertificateHold));
}

#[test]
fn removal_is_for_delta_lists_only() {
    let root = Party::root(KeyKind::P256);
    let entries = [(4, vec![reason(1)]), (5, vec![reason(8)])];
    let complete = list(&root, &entries, &[]);
    assert_eq!(complete.check_usable(), Err(Error::RemoveFromCrl { serial: serial(5) }));
    let indicator = Extension::new(oid::DELTA_CRL_INDICATOR, true, write::unsigned(6));
    let delta = list(&root, &entries, &[indicator]);
    assert!(delta.is_delta() && delta.base_number() == Some(6));
    delta.check_usable().unwrap();
    list(&root, &entries[..1], &[]).check_usable().unwrap();
}

#[test]
fn an_unknown_critical_extension_of_the_list_or_of_any_entry_makes_it_useless() {
    let root = Party::root(KeyKind::P256);
    let odd = |critical| Extension::new(oid::DATA, critical, write::null());
    let usable = |entry: Vec<Extension>, of_list: &[Extension]| {
        list(&root, &[(4, vec![reason(1)]), (5, entry), (6, vec![])], of_list).check_usable()
    };
    let refused = Err(Error::CriticalExtension { structure: "CRL", extension: oid::DATA });
    assert_eq!(usable(vec![], &[odd(true)]), refused);
    assert_eq!(usable(vec![odd(true)], &[]), refused);
    assert_eq!(usable(vec![odd(false)], &[odd(false)]), Ok(()));
    assert!(usable(vec![of(root.certificate.subject())], &[]).is_err(), "only indirect lists name issuers of entries");
}

#[test]
fn entries_of_other_issuers_do_not_count() {
    let root = Party::root(KeyKind::P256);
    let (other, third) = (Name::builder().common_name("Other").build(), Name::builder().common_name("Third").build());
    let indirect = [issuing(&[write::element(context(4), &[&[0xff]])])];
    let entries = [
        (4, vec![]),
        (5, vec![reason(1), of(&other)]),
        (6, vec![]),
        (7, vec![of(&third)]),
        (8, vec![of(root.certificate.subject())]),
        (9, vec![]),
    ];
    let crl = list(&root, &entries, &indirect);
    crl.check_usable().unwrap();
    let listed = |issuer: &Name| {
        (1..20).filter(|number| !crl.entries_of(issuer, &serial(*number)).is_empty()).collect::<Vec<_>>()
    };
    assert_eq!(listed(root.certificate.subject()), [4, 8, 9]);
    assert_eq!(listed(&Name::builder().common_name("OTHER").build()), [5, 6]);
    assert_eq!(listed(&third), [7]);
    let mine = root.issue(KeyKind::P256, "Seal", "05", Vec::new()).certificate;
    assert_eq!(crl.entry_for(&mine), None);
    let revoked = root.issue(KeyKind::P256, "Seal", "09", Vec::new()).certificate;
    assert!(crl.entry_for(&revoked).is_some());
}

#[test]
fn the_list_of_another_issuer_has_no_entry_of_a_certificate() {
    let root = Party::root(KeyKind::P256);
    let other = root.authority(KeyKind::P256, "Other", "02");
    let seal = other.seal(KeyKind::P256, "05").certificate;
    let crl = list(&root, &[(5, vec![reason(1)])], &[]);
    assert!(crl.entry(&serial(5)).is_some() && crl.entry_for(&seal).is_none());
}

#[test]
fn a_list_that_ends_before_it_begins_is_useless() {
    let root = Party::root(KeyKind::P256);
    let mut reversed = template(&root, Vec::new());
    reversed.next_update = Some(now() - days(1));
    assert!(matches!(sign(&root, &reversed).check_usable(), Err(Error::UpdatesReversed { .. })));
}

#[test]
fn ten_thousand_different_critical_extensions_take_no_seconds() {
    let root = Party::root(KeyKind::P256);
    let odd = |number: u32| Extension::new(format!("2.25.{number}").parse().unwrap(), true, vec![5, 0]);
    let entries: Vec<_> = (0..50_000).map(|number| (5, vec![odd(number)])).collect();
    assert_eq!(list(&root, &entries, &[]).unknown_critical_extensions().len(), 50_000);
}
