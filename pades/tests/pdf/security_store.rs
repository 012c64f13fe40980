//! The security store: merged, without doubles, and with nothing else changed.

use crate::support::{Pdf, append, last_revision, plain_seal, seal, written};
use pades::{
    Document, Error, Placement, Reference,
    security_store::{self, Material, vri_key},
};

fn material(certificates: &[&str], crls: &[&str], ocsp_responses: &[&str]) -> Material {
    let bytes = |values: &[&str]| values.iter().map(|value| value.as_bytes().to_vec()).collect();
    Material { certificates: bytes(certificates), crls: bytes(crls), ocsp_responses: bytes(ocsp_responses) }
}

fn sealed() -> (Vec<u8>, Vec<u8>) {
    let pdf = seal(&Pdf::with_fields().table(), Placement::Field("Seal"), plain_seal());
    let contents = Document::parse(pdf.as_slice()).unwrap().signatures().remove(0).contents;
    (pdf, contents)
}

fn read(pdf: &[u8]) -> security_store::SecurityStore {
    security_store::read(Document::parse(pdf).unwrap().latest()).unwrap().unwrap()
}

#[test]
fn the_first_store_changes_the_catalog_only() {
    let (pdf, contents) = sealed();
    let given = material(&["leaf", "root"], &["crl"], &["ocsp"]);
    let stored = append(&pdf, &given, &[&contents]).unwrap();
    assert_eq!(&stored[..pdf.len()], pdf);
    let document = Document::parse(stored.as_slice()).unwrap();
    assert_eq!(written(&document, 2), [1, 10, 11, 12, 13, 14, 15]);
    let store = read(&stored);
    assert_eq!(store.material, given);
    assert_eq!(store.vri.len(), 1);
    assert_eq!(store.vri[0].0, vri_key(&contents));
    let text = last_revision(&stored);
    assert!(text.contains("<< /Type /VRI /Cert [10 0 R 11 0 R] /CRL [12 0 R] /OCSP [13 0 R] >>"), "{text}");
    let mut before = document.at(1).unwrap().catalog().unwrap().1;
    before.set("DSS", pades::Object::Reference(Reference { number: 15, generation: 0 }));
    assert_eq!(document.latest().catalog().unwrap().1, before);
}

#[test]
fn the_key_is_the_hash_of_the_padded_contents_in_upper_case() {
    assert_eq!(vri_key(b"abc"), "A9993E364706816ABA3E25717850C26C9CD0D89D");
    assert_ne!(vri_key(b"abc\0"), vri_key(b"abc"));
}

#[test]
fn a_second_store_is_merged_without_doubles() {
    let (pdf, contents) = sealed();
    let first = append(&pdf, &material(&["leaf", "root"], &["crl"], &[]), &[&contents]).unwrap();
    let second = append(&first, &material(&["root", "tsa"], &["crl"], &["ocsp"]), &[&contents, b"two"]).unwrap();
    assert_eq!(&second[..first.len()], first);
    let store = read(&second);
    assert_eq!(store.material, material(&["leaf", "root", "tsa"], &["crl"], &["ocsp"]));
    let keys: Vec<&str> = store.vri.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, [vri_key(&contents), vri_key(b"two")]);
    assert_eq!(store.vri[0].1, read(&first).vri[0].1, "an old entry stays as it is");
    let document = Document::parse(second.as_slice()).unwrap();
    assert!(!written(&document, 3).contains(&1), "the store has an object of its own, the catalog stays");
}

#[test]
fn the_same_material_again_writes_nothing() {
    let (pdf, contents) = sealed();
    let given = material(&["leaf", "leaf"], &[], &["ocsp"]);
    let first = append(&pdf, &given, &[&contents]).unwrap();
    assert_eq!(read(&first).material, material(&["leaf"], &[], &["ocsp"]));
    assert_eq!(append(&first, &given, &[&contents]).unwrap(), first);
}

#[test]
fn stores_of_other_writers_are_merged_in_every_shape() {
    let stream = "<< /Length 4 >>\nstream\nleaf\nendstream";
    let shapes = [
        ("<< /Certs [6 0 R] /VRI << /OLD << /Cert [6 0 R] >> >> >>", "null"),
        ("5 0 R", "<< /Certs 7 0 R /VRI 8 0 R >>"),
    ];
    for (store, object) in shapes {
        let pdf = Pdf::minimal()
            .set(1, &format!("<< /Type /Catalog /Pages 2 0 R /DSS {store} >>"))
            .set(5, object)
            .set(6, stream)
            .set(7, "[6 0 R]")
            .set(8, "<< /OLD << /Cert [6 0 R] >> >>")
            .table();
        let stored = append(&pdf, &material(&["leaf", "root"], &[], &[]), &[b"new"]).unwrap();
        let merged = read(&stored);
        assert_eq!(merged.material, material(&["leaf", "root"], &[], &[]), "{store}");
        let keys: Vec<&str> = merged.vri.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(keys, ["OLD", &vri_key(b"new")], "{store}");
    }
}

#[test]
fn a_store_in_a_file_with_object_streams_lies_in_the_open() {
    let stored = append(&Pdf::minimal().streams(), &material(&["leaf"], &[], &[]), &[]).unwrap();
    assert_eq!(read(&stored).material.certificates, [b"leaf"]);
    let second = lopdf::Document::load_mem(&stored).unwrap();
    assert!(second.catalog().unwrap().has(b"DSS"));
}

#[test]
fn a_damaged_store_is_not_extended() {
    let pdf = Pdf::minimal().set(1, "<< /Type /Catalog /Pages 2 0 R /DSS [1] >>").table();
    let refused = append(&pdf, &material(&["leaf"], &[], &[]), &[]).unwrap_err();
    assert!(matches!(&refused, Error::Damaged { expected, .. } if expected == "/DSS as a dictionary"), "{refused}");
}

#[test]
fn a_store_with_an_entry_that_cannot_be_read_is_not_extended() {
    let (pdf, contents) = sealed();
    let stored = append(&pdf, &material(&["leaf"], &[], &[]), &[&contents]).unwrap();
    let entry = stored.windows(14).position(|window| window == b"<< /Type /VRI ").unwrap();
    let mut damaged = stored.clone();
    damaged[entry] = b')';
    let document = Document::parse(damaged.as_slice()).unwrap();
    assert!(matches!(security_store::read(document.latest()), Err(Error::Damaged { .. })));
    let refused = append(&damaged, &material(&["root"], &[], &[]), &[b"two"]).unwrap_err();
    assert!(matches!(refused, Error::Damaged { .. }), "{refused}");
}
