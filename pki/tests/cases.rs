//! The signatures of the files in `shared/cases`: what honest signers write that is not often met holds, and what was forged
//! does not.

#![expect(clippy::unwrap_used, reason = "a test, also in its helpers")]

use std::path::{Path, PathBuf};

use pki::{Certificate, DigestAlgorithm, Error, Scheme, SignedData, SignedForm, Verification, X509RsaSignature};

/// A signed PDF, taken apart without reading it as one: the last /ByteRange, and the hexadecimal string in its gap.
struct Signed {
    pdf: Vec<u8>,
    range: [usize; 4],
}

/// `None` where the cases are not there; that is a failure where corpora are required.
fn case(name: &str) -> Option<Signed> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora");
    let corpora = std::env::var_os("CORPORA_DIR").map_or(beside, PathBuf::from);
    let path = corpora.join("../cases").join(name);
    let Ok(pdf) = std::fs::read(path) else {
        assert!(std::env::var("REQUIRE_CORPORA").as_deref() != Ok("1"), "case {name} not found");
        println!("skipped: case {name} not found");
        return None;
    };
    let start = pdf.windows(10).rposition(|window| window == b"/ByteRange").unwrap() + 10;
    let text = String::from_utf8_lossy(&pdf[start..start + 100]).into_owned();
    let numbers = text.split_once('[').unwrap().1.split_once(']').unwrap().0;
    let numbers: Vec<usize> = numbers.split_whitespace().map(|number| number.parse().unwrap()).collect();
    Some(Signed { pdf, range: numbers.try_into().unwrap() })
}

impl Signed {
    fn parts(&self) -> [&[u8]; 2] {
        let [first, first_length, second, second_length] = self.range;
        [&self.pdf[first..first + first_length], &self.pdf[second..second + second_length]]
    }

    fn contents(&self) -> Vec<u8> {
        let gap = &self.pdf[self.range[0] + self.range[1]..self.range[2]];
        let digits: Vec<u8> = gap.iter().copied().filter(u8::is_ascii_hexdigit).collect();
        hex::decode(digits).unwrap()
    }

    fn message(&self) -> SignedData {
        SignedData::from_ber(&self.contents()).unwrap()
    }

    fn form(&self) -> Result<SignedForm, Error> {
        let message = self.message();
        message.verify_over(message.signer_certificate().unwrap(), &self.parts())
    }
}

#[test]
fn a_forged_value_on_a_brainpool_curve_does_not_hold() {
    let Some(forged) = case("01-forged-self-signed/forged-brainpoolP256r1.pdf") else { return };
    let outcome = Verification::from(forged.form().map(|_| ()));
    assert!(matches!(outcome, Verification::DoesNotHold(Error::SignatureInvalid { .. })), "{outcome:?}");
}

#[test]
fn honest_signatures_of_every_shape_hold() {
    for (name, form) in [
        ("00-control/control.pdf", SignedForm::Der),
        ("00-control/control-rsa.pdf", SignedForm::Der),
        ("04-format-failure-although-verifiable/ber-indefinite.pdf", SignedForm::Der),
        ("04-format-failure-although-verifiable/signing-time.pdf", SignedForm::Der),
        ("05-hash-failure-although-unchanged/no-signed-attributes.pdf", SignedForm::Content),
        ("06-rsa-pss-salt/salt-20.pdf", SignedForm::Der),
        ("06-rsa-pss-salt/salt-222.pdf", SignedForm::Der),
        ("07-other-algorithms/sha3-256-ecdsa.pdf", SignedForm::Der),
    ] {
        let Some(signed) = case(name) else { return };
        assert_eq!(signed.form().unwrap_or_else(|error| panic!("{name}: {error}")), form, "{name}");
        let message = signed.message();
        let signer = message.signer_certificate().unwrap();
        let [before, after] = signed.parts();
        assert!(message.verify_over(signer, &[before, b" ", after]).is_err(), "{name}");
    }
}

#[test]
fn the_salt_of_an_honest_signature_is_told() {
    for (name, salt) in [("06-rsa-pss-salt/salt-20.pdf", 20), ("06-rsa-pss-salt/salt-222.pdf", 222)] {
        let Some(signed) = case(name) else { return };
        let algorithm = signed.message().signature_algorithm().unwrap();
        assert_eq!((algorithm.scheme, algorithm.pss_parameters().unwrap().salt_length), (Scheme::RsaPss, salt));
    }
}

#[test]
fn the_encapsulated_sha1_of_a_range_holds() {
    let Some(signed) = case("05-hash-failure-although-unchanged/adbe-pkcs7-sha1.pdf") else { return };
    let message = signed.message();
    assert_eq!(message.encapsulated_sha1().unwrap(), DigestAlgorithm::Sha1.digest_parts(signed.parts()));
    message.verify_over_own_content(message.signer_certificate().unwrap()).unwrap();
}

#[test]
fn a_bare_pkcs1_signature_holds_with_the_certificate_beside_it() {
    let Some(signed) = case("07-other-algorithms/x509-rsa-sha1.pdf") else { return };
    let signature = X509RsaSignature::from_ber(&signed.contents()).unwrap();
    let key = signed.pdf.windows(6).rposition(|window| window == b"/Cert " || window == b"/Cert<").unwrap();
    let rest = &signed.pdf[key..];
    let digits = rest.iter().skip_while(|octet| **octet != b'<').take_while(|octet| **octet != b'>');
    let der = hex::decode(digits.copied().filter(u8::is_ascii_hexdigit).collect::<Vec<_>>()).unwrap();
    let signer = Certificate::from_der(&der).unwrap();
    assert_eq!(signature.verify_over(&signer, &signed.parts()).unwrap(), DigestAlgorithm::Sha1);
    assert!(signature.verify_over(&signer, &signed.parts()[..1]).is_err());
}

#[test]
fn versions_of_the_signing_certificate_attribute_that_disagree_are_refused() {
    let Some(signed) = case("25-responder/ess-v2-good-v1-other.pdf") else { return };
    let message = signed.message();
    let signer = message.signer_certificate().unwrap();
    assert!(matches!(message.check_signing_certificate(signer), Err(Error::SigningCertificateMismatch { .. })));
    assert!(message.signing_certificates().disagree(message.certificates()));
}
