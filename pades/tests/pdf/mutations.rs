//! Random damage to a small sealed file: it may be refused, it may not panic, hang, or lose bytes.

use crate::support::{Pdf, append, plain_seal, prepare, seal};
use pades::{Document, Placement, SealKind, security_store};
use proptest::prelude::*;

/// One small change.
#[derive(Debug, Clone)]
enum Change {
    Replace(usize, u8),
    Remove(usize, usize),
    Insert(usize, Vec<u8>),
    Copy(usize, usize, usize),
}

fn change() -> impl Strategy<Value = Change> {
    let token = prop_oneof![
        proptest::collection::vec(any::<u8>(), 1..4),
        prop::sample::select(vec![
            "<<",
            ">>",
            "[",
            "]",
            "(",
            ")",
            "<",
            "endobj",
            "stream",
            "0 R",
            "/V",
            "%",
            "99999999999",
            "-1"
        ])
        .prop_map(|token| token.as_bytes().to_vec()),
    ];
    prop_oneof![
        (any::<usize>(), any::<u8>()).prop_map(|(place, byte)| Change::Replace(place, byte)),
        (any::<usize>(), 1usize..40).prop_map(|(place, length)| Change::Remove(place, length)),
        (any::<usize>(), token).prop_map(|(place, token)| Change::Insert(place, token)),
        (any::<usize>(), any::<usize>(), 1usize..80).prop_map(|(from, to, length)| Change::Copy(from, to, length)),
    ]
}

fn apply(bytes: &mut Vec<u8>, change: &Change) {
    let place = |place: usize| place % (bytes.len() + 1);
    match change {
        Change::Replace(at, byte) => {
            let at = place(*at);
            if at < bytes.len() {
                bytes[at] = *byte;
            }
        }
        Change::Remove(at, length) => {
            let at = place(*at);
            bytes.drain(at..(at + length).min(bytes.len()));
        }
        Change::Insert(at, token) => {
            let at = place(*at);
            bytes.splice(at..at, token.iter().copied());
        }
        Change::Copy(from, to, length) => {
            let (from, to) = (place(*from), place(*to));
            let piece = bytes[from..(from + length).min(bytes.len())].to_vec();
            bytes.splice(to..to, piece);
        }
    }
}

fn exercise(bytes: &[u8]) {
    let _ = pades::remains(bytes);
    let Ok(document) = Document::parse(bytes) else { return };
    for revision in 0..document.revisions().len() {
        let view = document.at(revision).unwrap();
        let _ = (view.signature_fields(), view.pages(), security_store::read(view), document.body(revision));
    }
    for (placement, kind) in [
        (Placement::NewInvisible { name: None }, plain_seal()),
        (Placement::ExistingOrNew("Second"), SealKind::DocumentTimeStamp),
    ] {
        if let Ok(prepared) = prepare(bytes, placement, kind, 64) {
            let sealed = prepared.embed(b"CMS").unwrap();
            assert_eq!(&sealed[..bytes.len()], bytes);
            let again = Document::parse(sealed).unwrap();
            assert_eq!(again.revisions().len(), document.revisions().len() + 1);
        }
    }
    let material = security_store::Material { certificates: vec![b"leaf".to_vec()], ..Default::default() };
    if let Ok(stored) = append(bytes, &material, &[b"contents"]) {
        assert_eq!(&stored[..bytes.len()], bytes);
    }
}

fn base(streams: bool) -> Vec<u8> {
    let pdf = Pdf::with_fields();
    let pdf = if streams { pdf.streams() } else { pdf.table() };
    let sealed = seal(&pdf, Placement::Field("Seal"), plain_seal());
    let material = security_store::Material { crls: vec![b"crl".to_vec()], ..Default::default() };
    append(&sealed, &material, &[b"contents"]).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_file_never_panics(streams in any::<bool>(), changes in proptest::collection::vec(change(), 1..6)) {
        let mut bytes = base(streams);
        changes.iter().for_each(|change| apply(&mut bytes, change));
        exercise(&bytes);
    }
}
