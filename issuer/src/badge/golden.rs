//! What a badge says is signed: not a byte of it changes by accident. `UPDATE_EXPECT=1` writes the files anew.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use super::tests::badge_with_arbitrary_signature;
use crate::Completion;

/// Header and payload of the badge for that completion data, a line each.
fn signed_text(json: &[u8]) -> String {
    let badge = badge_with_arbitrary_signature(&Completion::from_json(json).unwrap());
    let parts = badge.compact().split('.').take(2).map(|part| BASE64_URL_SAFE_NO_PAD.decode(part).unwrap());
    parts.map(|part| String::from_utf8(part).unwrap() + "\n").collect()
}

#[test]
fn the_signed_text_of_both_examples_is_as_it_was() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/badge/golden");
    for (name, json) in [
        ("certificate", &include_bytes!("../../../examples/certificate.json")[..]),
        ("certificate-credits", include_bytes!("../../../examples/certificate-credits.json")),
    ] {
        let (file, found) = (format!("{folder}/{name}.txt"), signed_text(json));
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&file, &found).unwrap();
        }
        assert_eq!(found, std::fs::read_to_string(&file).unwrap(), "{name}");
    }
}
