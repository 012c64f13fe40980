//! Which certificates a list is about: the table of RFC 5280 §6.3.3 (b), and what else is near it.

use super::*;
use crate::asn1::write;
use crate::asn1::{INTEGER, SET, context, context_constructed};
use crate::certificate::Certificate;
use crate::signed::ToBeSigned;
use crate::{Extension, Reasons};

/// A list of `issuer` with these entries, each with the DER of its extensions, and these extensions.
pub(super) fn list(issuer: &Party, entries: &[(u8, Vec<Extension>)], extensions: &[Extension]) -> Crl {
    let all =
        |extensions: &[Extension]| write::sequence_of(&extensions.iter().map(Extension::to_der).collect::<Vec<_>>());
    let entries: Vec<_> = entries
        .iter()
        .map(|(serial, extensions)| {
            let serial = write::element(INTEGER, &[&[*serial]]);
            let extensions = if extensions.is_empty() { Vec::new() } else { all(extensions) };
            write::sequence(&[&serial, &write::x509_time(now() - days(2)), &extensions])
        })
        .collect();
    let algorithm = issuer.key.algorithm();
    let entries = if entries.is_empty() { Vec::new() } else { write::sequence_of(&entries) };
    let extensions = if extensions.is_empty() { Vec::new() } else { write::explicit(0, &all(extensions)) };
    let tbs = write::sequence(&[
        &write::unsigned(1),
        &algorithm.algorithm_identifier_der(),
        issuer.certificate.subject().as_der(),
        &write::x509_time(now()),
        &write::x509_time(now() + days(1)),
        &entries,
        &extensions,
    ]);
    let to_be_signed = ToBeSigned::new(tbs, algorithm);
    let signature = issuer.key.sign(algorithm, &to_be_signed.digest());
    let crl = Crl::from_der(&to_be_signed.signed(&signature)).unwrap();
    crl.verify_issued_by(&issuer.certificate).unwrap();
    crl
}

fn uri(address: &str) -> Vec<u8> {
    write::element(context(6), &[address.as_bytes()])
}

pub(super) fn directory(name: &Name) -> Vec<u8> {
    write::explicit(4, name.as_der())
}

fn full(names: &[Vec<u8>]) -> Vec<u8> {
    let names = write::element(context_constructed(0), &names.iter().map(Vec::as_slice).collect::<Vec<_>>());
    write::explicit(0, &names)
}

fn relative(common_name: &str) -> Vec<u8> {
    let value = write::element(crate::asn1::UTF8_STRING, &[common_name.as_bytes()]);
    let pair = write::sequence(&[&write::oid(oid::COMMON_NAME), &value]);
    write::explicit(0, &write::element(context_constructed(1), &[&pair]))
}

fn flag(number: u8) -> Vec<u8> {
    write::element(context(number), &[&[0xff]])
}

fn reasons(number: u8, bits: u32) -> Vec<u8> {
    let mut bits = write::named_bits(bits);
    bits[0] = context(number);
    bits
}

pub(super) fn issuing(parts: &[Vec<u8>]) -> Extension {
    Extension::new(oid::ISSUING_DISTRIBUTION_POINT, true, write::sequence_of(parts))
}

fn points(points: &[Vec<Vec<u8>>]) -> Extension {
    let points: Vec<_> = points.iter().map(|parts| write::sequence_of(parts)).collect();
    Extension::new(oid::CRL_DISTRIBUTION_POINTS, false, write::sequence_of(&points))
}

fn crl_issuer(name: &Name) -> Vec<u8> {
    write::element(context_constructed(2), &[&directory(name)])
}

fn certificate(ca: &Party, extension: Option<Extension>) -> Certificate {
    ca.issue(KeyKind::P256, "Seal", "05", extension.into_iter().collect()).certificate
}

fn scope(list_parts: &[Vec<u8>], point: Option<Extension>) -> Result<Reasons, OutOfScope> {
    let root = Party::root(KeyKind::P256);
    list(&root, &[], &[issuing(list_parts)]).scope_for(&certificate(&root, point))
}

#[test]
fn addresses_of_partitions_are_compared_whole() {
    let of = |address: &str| full(&[uri(address)]);
    let own = || Some(points(&[vec![of("http://ca.example/crl/12.crl")]]));
    assert!(scope(&[of("http://ca.example/crl/12.crl")], own()).unwrap().is_all());
    for other in [
        "http://ca.example/crl/1.crl",
        "http://ca.example/crl/12.crl/",
        "http://ca.example/crl/12",
        "http://ca.example/crl/112.crl",
        "http://ca.example/crl/12.crl http://ca.example/crl/12.crl",
        "http://proxy.example/?http://ca.example/crl/12.crl",
        "",
    ] {
        assert_eq!(scope(&[of(other)], own()), Err(OutOfScope::DistributionPoint), "{other}");
    }
}

#[test]
fn one_name_in_common_is_enough_and_none_in_the_list_is_every_point() {
    let names = |addresses: &[&str]| full(&addresses.iter().map(|address| uri(address)).collect::<Vec<_>>());
    let point = || Some(points(&[vec![names(&["http://a/1", "ldap://b/1"])], vec![names(&["http://c/1"])]]));
    for addresses in [&["ldap://b/1"][..], &["http://x", "http://c/1"]] {
        assert!(scope(&[names(addresses)], point()).unwrap().is_all());
    }
    assert_eq!(scope(&[names(&["http://x"])], point()), Err(OutOfScope::DistributionPoint));
    assert!(scope(&[], point()).unwrap().is_all());
    assert!(scope(&[], None).unwrap().is_all());
    assert_eq!(scope(&[names(&["http://a/1"])], None), Err(OutOfScope::DistributionPoint));
    assert_eq!(scope(&[full(&[])], point()), Err(OutOfScope::DistributionPoint));
}

#[test]
fn the_name_of_the_issuer_is_a_point_of_every_certificate() {
    let root = Party::root(KeyKind::P256);
    let own = list(&root, &[], &[issuing(&[full(&[directory(root.certificate.subject())])])]);
    assert!(own.scope_for(&certificate(&root, None)).unwrap().is_all());
    let other = list(&root, &[], &[issuing(&[full(&[directory(&Name::builder().common_name("x").build())])])]);
    assert_eq!(other.scope_for(&certificate(&root, None)), Err(OutOfScope::DistributionPoint));
}

#[test]
fn relative_names_come_after_the_name_of_the_issuer() {
    let root = Party::root(KeyKind::P256);
    let whole = write::sequence(&[
        &root.certificate.subject().as_der()[2..],
        &write::element(
            SET,
            &[&write::sequence(&[
                &write::oid(oid::COMMON_NAME),
                &write::element(crate::asn1::PRINTABLE_STRING, &[b"Part 1"]),
            ])],
        ),
    ]);
    let whole = Name::from_der(&whole).unwrap();
    for (of_list, of_certificate, is_same) in [
        (relative("Part 1"), relative("part 1"), true),
        (relative("Part 1"), full(&[directory(&whole)]), true),
        (full(&[directory(&whole)]), relative("Part 1"), true),
        (relative("Part 1"), relative("Part 12"), false),
        (relative("Part 1"), full(&[directory(root.certificate.subject())]), false),
    ] {
        let crl = list(&root, &[], &[issuing(&[of_list])]);
        let found = crl.scope_for(&certificate(&root, Some(points(&[vec![of_certificate]]))));
        assert_eq!(found.is_ok(), is_same);
    }
}

#[test]
fn flags_keep_certificates_of_the_other_kind_out() {
    let root = Party::root(KeyKind::P256);
    let ca = root.authority(KeyKind::P256, "CA", "02").certificate;
    let seal = certificate(&root, None);
    let crl = |number| list(&root, &[], &[issuing(&[flag(number)])]);
    assert_eq!((crl(1).scope_for(&ca), crl(1).scope_for(&seal).is_ok()), (Err(OutOfScope::UserCertificatesOnly), true));
    assert_eq!((crl(2).scope_for(&seal), crl(2).scope_for(&ca).is_ok()), (Err(OutOfScope::CaCertificatesOnly), true));
    assert_eq!(crl(5).scope_for(&seal), Err(OutOfScope::AttributeCertificatesOnly));
}

#[test]
fn lists_for_some_reasons_are_complete_only_together() {
    let address = || full(&[uri("http://a/1")]);
    let some = scope(&[reasons(3, 1 << 1 | 1 << 4)], None).unwrap();
    assert!(!some.is_all() && some.contains(RevocationReason::KeyCompromise));
    assert!(!some.contains(RevocationReason::CertificateHold) && some.contains(RevocationReason::Unspecified));
    let rest = scope(&[reasons(3, 0x1fe & !(1 << 1 | 1 << 4))], None).unwrap();
    assert!(some.union(rest).is_all() && some.intersection(rest).is_empty());
    let of_point = scope(&[address()], Some(points(&[vec![address(), reasons(1, 1 << 1 | 1 << 2)]]))).unwrap();
    assert!(of_point.contains(RevocationReason::CaCompromise) && !of_point.contains(RevocationReason::Superseded));
    let both = scope(&[address(), reasons(3, 1 << 1)], Some(points(&[vec![address(), reasons(1, 1 << 2)]])));
    assert!(both.unwrap().is_empty());
}

#[test]
fn a_list_of_another_issuer_is_only_for_points_that_name_it_and_if_it_says_so() {
    let root = Party::root(KeyKind::P256);
    let other = root.authority(KeyKind::P256, "CRL Issuer", "02");
    let name = other.certificate.subject();
    let address = || full(&[uri("http://a/1")]);
    let naming = certificate(&root, Some(points(&[vec![address(), crl_issuer(name)]])));
    let nameless = certificate(&root, Some(points(&[vec![crl_issuer(name)]])));
    let plain = certificate(&root, Some(points(&[vec![address()]])));
    let indirect = list(&other, &[], &[issuing(&[address(), flag(4)])]);
    assert!(indirect.scope_for(&naming).unwrap().is_all());
    assert!(matches!(indirect.scope_for(&plain), Err(OutOfScope::Issuer { .. })));
    assert_eq!(indirect.scope_for(&nameless), Err(OutOfScope::DistributionPoint));
    let by_issuer = list(&other, &[], &[issuing(&[full(&[directory(name)]), flag(4)])]);
    assert!(by_issuer.scope_for(&nameless).unwrap().is_all());
    for direct in [list(&other, &[], &[]), list(&other, &[], &[issuing(&[address()])])] {
        assert!(matches!(direct.scope_for(&naming), Err(OutOfScope::Issuer { .. })));
    }
}

#[test]
fn points_that_cannot_be_read_leave_the_scope_unknown() {
    let odd = Extension::new(oid::CRL_DISTRIBUTION_POINTS, false, write::null());
    assert!(matches!(scope(&[], Some(odd)), Err(OutOfScope::Unreadable(_))));
}

#[test]
fn a_hundred_thousand_names_on_both_sides_take_no_seconds() {
    let root = Party::root(KeyKind::P256);
    let names =
        |what: &str| full(&(0..100_000).map(|number| uri(&format!("http://{what}/{number}"))).collect::<Vec<_>>());
    let crl = list(&root, &[], &[issuing(&[names("a")])]);
    let certificate = certificate(&root, Some(points(&[vec![names("b")]])));
    assert_eq!(crl.scope_for(&certificate), Err(OutOfScope::DistributionPoint));
    let extension = |number: u128| Extension::new(format!("2.25.{number}").parse().unwrap(), false, vec![5, 0]);
    let many: Vec<_> = (0..50_000).map(extension).collect();
    assert_eq!(list(&root, &[], &many).extensions().len(), 50_000);
}
