//! Encrypted files that open without a password, written by lopdf, and those that do not open.

use std::collections::BTreeMap;
use std::sync::Arc;

use lopdf::encryption::crypt_filters::{Aes128CryptFilter, Aes256CryptFilter, CryptFilter};
use lopdf::{EncryptionState, EncryptionVersion, Permissions};
use pades::{Document, Error, Object, Protection, Reference};

use crate::support::{Pdf, case};

const TEXT: &str = "BT (shown on the page) Tj ET";

/// A page with content, a title and a signature dictionary, before it is encrypted.
fn plain() -> lopdf::Document {
    let pdf = Pdf::with_fields()
        .set(7, "<< /FT /Sig /T (Second) /V 9 0 R >>")
        .set(9, "<< /Filter /F /SubFilter /ETSI.CAdES.detached /ByteRange [0 1 2 3] /Contents <0badcafe> /Name (Registrar) >>")
        .set(10, &format!("<< /Length {} >>\nstream\n{TEXT}\nendstream", TEXT.len()))
        .set(11, "<< /Type /Metadata /Subtype /XML /Length 8 >>\nstream\nmetadata\nendstream")
        .trailer("/ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>]");
    lopdf::Document::load_mem(&pdf.table()).unwrap()
}

fn encrypted(version: EncryptionVersion<'_>) -> Vec<u8> {
    let mut document = plain();
    let state = EncryptionState::try_from(version).unwrap();
    document.encrypt(&state).unwrap();
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

fn filters(filter: Arc<dyn CryptFilter>) -> BTreeMap<Vec<u8>, Arc<dyn CryptFilter>> {
    BTreeMap::from([(b"StdCF".to_vec(), filter)])
}

/// The same content in each kind of encryption, with a user password.
fn kinds(password: &str) -> Vec<(&'static str, Vec<u8>)> {
    let document = plain();
    let (owner, permissions) = ("owner", Permissions::all());
    let rc4 = |key_length| EncryptionVersion::V2 {
        document: &document,
        owner_password: owner,
        user_password: password,
        key_length,
        permissions,
    };
    let file_key = [7u8; 32];
    let (aes128, aes256): (Arc<dyn CryptFilter>, Arc<dyn CryptFilter>) =
        (Arc::new(Aes128CryptFilter), Arc::new(Aes256CryptFilter));
    let v1 = EncryptionVersion::V1 { document: &document, owner_password: owner, user_password: password, permissions };
    let v4 = EncryptionVersion::V4 {
        document: &document,
        encrypt_metadata: true,
        crypt_filters: filters(aes128),
        stream_filter: b"StdCF".to_vec(),
        string_filter: b"StdCF".to_vec(),
        owner_password: owner,
        user_password: password,
        permissions,
    };
    let v5 = EncryptionVersion::V5 {
        encrypt_metadata: true,
        crypt_filters: filters(aes256),
        file_encryption_key: &file_key,
        stream_filter: b"StdCF".to_vec(),
        string_filter: b"StdCF".to_vec(),
        owner_password: owner,
        user_password: password,
        permissions,
    };
    vec![
        ("RC4, 40 bits", encrypted(v1)),
        ("RC4, 128 bits", encrypted(rc4(128))),
        ("RC4, 56 bits", encrypted(rc4(56))),
        ("AES-128", encrypted(v4)),
        ("AES-256", encrypted(v5)),
    ]
}

#[test]
fn what_opens_without_a_password_is_read() {
    for (kind, bytes) in kinds("") {
        let document = Document::parse(bytes).unwrap();
        assert_eq!(document.protection(), Protection::Opened, "{kind}");
        let view = document.latest();
        let content = view.object(Reference { number: 10, generation: 0 }).unwrap().unwrap();
        let Object::Stream(stream) = content.object else { panic!("{kind}") };
        assert_eq!(view.decode(&stream).unwrap(), TEXT.as_bytes(), "{kind}");
        let names: Vec<String> = document.signature_fields().fields.into_iter().map(|field| field.name).collect();
        assert_eq!(names, ["Seal", "Second"], "{kind}");
    }
}

#[test]
fn with_a_password_the_structure_is_read_and_nothing_else() {
    for (kind, bytes) in kinds("secret") {
        let document = Document::parse(bytes).unwrap();
        assert!(matches!(document.protection(), Protection::Locked(Error::Encrypted { .. })), "{kind}");
        assert_eq!(document.signature_fields().fields.len(), 2, "{kind}");
        let view = document.latest();
        let content = view.object(Reference { number: 10, generation: 0 }).unwrap().unwrap();
        let Object::Stream(stream) = content.object else { panic!("{kind}") };
        assert!(matches!(view.decode(&stream), Err(Error::Encrypted { .. })), "{kind}");
    }
}

#[test]
fn texts_of_a_signature_are_decrypted_and_its_contents_are_not() {
    let Some(bytes) = case("11-encrypted/p17-s22a-rc4-emptyuser.pdf") else { return };
    let document = Document::parse(bytes.as_slice()).unwrap();
    assert_eq!(document.protection(), Protection::Opened);
    let signature = document.signatures().remove(0);
    assert_eq!(signature.field, "PySig");
    assert!(signature.signing_time_claim.unwrap().starts_with("D:20"));
    assert_eq!(signature.contents[..2], [0x30, 0x82]);
}
