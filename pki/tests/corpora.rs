//! Time-stamps and OCSP answers that other people's programs wrote, from the corpora beside the repository.

#![expect(clippy::unwrap_used, reason = "a test, also in its helpers")]

use std::path::{Path, PathBuf};

use pki::{
    Certificate, Error, OcspResponse, SignedData, SignedForm, TimeStampRequest, TimeStampResponse, TimeStampToken, oid,
};

/// `None` where the corpus is not there; that is a failure where corpora are required.
fn corpus(name: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora");
    let folder = std::env::var_os("CORPORA_DIR").map_or(beside, PathBuf::from).join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(std::env::var("REQUIRE_CORPORA").as_deref() != Ok("1"), "corpus {name} not found");
    println!("skipped: corpus {name} not found");
    None
}

fn token(path: &Path) -> TimeStampToken {
    match TimeStampResponse::from_der(&std::fs::read(path).unwrap()).unwrap() {
        TimeStampResponse::Granted { token, .. } => token,
        refused @ TimeStampResponse::Refused { .. } => panic!("{refused:?}"),
    }
}

fn certificates(path: &Path) -> Vec<Certificate> {
    Certificate::from_pem_bundle(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The unit's certificate stands first in the chain files.
fn unit(folder: &Path) -> Certificate {
    let chain = certificates(&folder.join("ts_chain.pem"));
    chain.iter().find(|certificate| !certificate.is_ca()).unwrap().clone()
}

#[test]
fn time_stamps_of_another_authority_verify() {
    let Some(folder) = corpus("timestamps/sigstage") else { return };
    for name in ["response-sha256.tsr", "response-sha384.tsr", "response-sha512.tsr"] {
        let token = token(&folder.join(name));
        token.verify_signature().unwrap();
        token.verify_imprint_of(b"hello").unwrap();
        assert_eq!(*token.signer_certificate().unwrap(), unit(&folder));
    }
    let bare = token(&folder.join("response-no-embedded-cert.tsr"));
    assert!(matches!(bare.verify_signature(), Err(Error::SignerCertificateMissing { .. })));
    bare.verify_signature_with(&unit(&folder)).unwrap();
    TimeStampRequest::from_der(&std::fs::read(folder.join("request.der")).unwrap()).unwrap();
}

#[test]
fn a_wrong_signature_of_another_authority_is_found() {
    let Some(folder) = corpus("timestamps/sigstage") else { return };
    let token = token(&folder.join("response-invalid-signature.tsr"));
    let error = token.verify_signature().unwrap_err();
    assert!(matches!(error, Error::SignatureInvalid { .. } | Error::DigestMismatch { .. }), "{error}");
}

#[test]
fn injected_certificates_do_not_replace_the_unit() {
    let Some(folder) = corpus("timestamps/test_tsa") else { return };
    let plain = token(&folder.join("response.tsr"));
    plain.verify_signature().unwrap();
    let injected = token(&folder.join("response-injected-certs.tsr"));
    assert!(injected.certificates().len() > plain.certificates().len());
    assert_eq!(injected.signer_certificate(), plain.signer_certificate());
    injected.verify_signature().unwrap();
}

#[test]
fn a_time_stamp_of_a_public_authority_verifies() {
    let Some(folder) = corpus("timestamps/identrust") else { return };
    token(&folder.join("issue-104.tsr")).verify_signature().unwrap();
}

fn ocsp(folder: &Path, name: &str) -> OcspResponse {
    let text: String = std::fs::read_to_string(folder.join(name)).unwrap();
    OcspResponse::from_der(&decode_base64(&text)).unwrap()
}

/// The corpus keeps the answers as bare base64.
fn decode_base64(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut out, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for value in text.bytes().filter_map(|byte| ALPHABET.iter().position(|letter| *letter == byte)) {
        bits = bits << 6 | value as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    out
}

#[test]
fn ocsp_answers_of_public_responders_verify_and_spoiled_ones_do_not() {
    let Some(folder) = corpus("path-validation/openssl-ocsp") else { return };
    let certificate = |name: &str| certificates(&folder.join(name)).remove(0);
    let (direct, delegated) = ("2012-10-12T00:00:00Z".parse().unwrap(), "2012-10-23T11:00:00Z".parse().unwrap());
    for (answer, leaf, issuer, at) in [
        ("ND1", "ND1_Cert_EE", "ND1_Issuer_ICA", direct),
        ("ND2", "ND2_Cert_ICA", "ND2_Issuer_Root", direct),
        ("ND3", "ND3_Cert_EE", "ND3_Issuer_Root", direct),
        ("D1", "D1_Cert_EE", "D1_Issuer_ICA", delegated),
        ("D2", "D2_Cert_ICA", "D2_Issuer_Root", delegated),
        ("D3", "D3_Cert_EE", "D3_Issuer_Root", delegated),
    ] {
        let (leaf, issuer) = (certificate(&format!("{leaf}.pem")), certificate(&format!("{issuer}.pem")));
        let good = ocsp(&folder, &format!("{answer}.ors")).into_successful().unwrap();
        good.verify(&issuer, at).unwrap();
        assert!(good.response_for(&leaf, &issuer).is_some(), "{answer}");
        // Wrong: signature; responder id; issuer name hash; issuer key hash.
        for spoiled in ["ISOP", "WRID"] {
            let response = ocsp(&folder, &format!("{spoiled}_{answer}.ors"));
            assert!(response.verify(&issuer, at).is_err(), "{spoiled}_{answer}");
        }
        for spoiled in ["WINH", "WIKH"] {
            let response = ocsp(&folder, &format!("{spoiled}_{answer}.ors")).into_successful().unwrap();
            assert!(response.response_for(&leaf, &issuer).is_none(), "{spoiled}_{answer}");
        }
    }
    for answer in ["D1", "D2", "D3"] {
        let issuer = match answer {
            "D1" => "D1_Issuer_ICA.pem",
            "D2" => "D2_Issuer_Root.pem",
            _ => "D3_Issuer_Root.pem",
        };
        // A responder certificate with a spoiled signature, and one with a spoiled key.
        for spoiled in ["ISDOSC", "WKDOSC"] {
            let response = ocsp(&folder, &format!("{spoiled}_{answer}.ors"));
            assert!(response.verify(&certificate(issuer), delegated).is_err(), "{spoiled}_{answer}");
        }
    }
}

/// The hexadecimal strings after `/Contents`, decoded; good enough for files of which the names are known.
fn contents(pdf: &[u8]) -> Vec<Vec<u8>> {
    let key = b"/Contents";
    let starts =
        pdf.windows(key.len()).enumerate().filter(|(_, window)| window == key).map(|(start, _)| start + key.len());
    let string = |start: usize| {
        let rest = pdf[start..].trim_ascii_start().strip_prefix(b"<")?;
        let end = rest.iter().position(|byte| !byte.is_ascii_hexdigit())?;
        (rest[end] == b'>' && end > 200).then(|| hex::decode(&rest[..end & !1]).unwrap())
    };
    starts.filter_map(string).collect()
}

#[test]
fn every_seal_and_time_stamp_in_the_field_is_read_and_verifies() {
    let Some(folder) = corpus("pades/pdf") else { return };
    let (mut messages, mut in_ber, mut without_attributes, mut unsupported, mut as_sent) = (0, 0, 0, 0, 0);
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        for bytes in contents(&std::fs::read(&path).unwrap()) {
            let name = path.display();
            let message = SignedData::from_ber(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
            messages += 1;
            in_ber += usize::from(message.was_ber());
            assert!(message.unreadable_time_stamps().is_empty(), "{name}");
            for token in message.signature_time_stamps() {
                token.verify_signature().unwrap_or_else(|error| panic!("{name}: {error}"));
            }
            if message.content_type() == oid::TST_INFO {
                TimeStampToken::from_ber(&bytes).unwrap().verify_signature().unwrap();
            }
            match message.verify_signed_attributes(message.signer_certificate().unwrap()) {
                // Signed as they were sent, not in the order of DER (RFC 5652 clause 5.4).
                Ok(SignedForm::AsSent) => as_sent += 1,
                Ok(_) => {}
                Err(Error::AttributeCount { attribute: "signed", .. }) => without_attributes += 1,
                // A signature algorithm in the place of a digest algorithm.
                Err(Error::UnsupportedAlgorithm { .. }) => unsupported += 1,
                Err(error) => panic!("{name}: {error}"),
            }
            assert_eq!(
                SignedData::from_der(&bytes).is_err(),
                message.was_ber() || message.trailing_octets() > 0,
                "{name}"
            );
        }
    }
    println!(
        "{messages} messages, {in_ber} in BER, {without_attributes} without attributes, {unsupported} unsupported, {as_sent} as sent"
    );
    assert!(messages > 100 && in_ber > 10 && without_attributes + unsupported < 6 && as_sent > 0);
}
