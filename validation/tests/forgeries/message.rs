//! Rules C: the CMS in /Contents, written octet by octet.

use pki::asn1::{SEQUENCE, SET, write};
use pki::{Digest, DigestAlgorithm, SignatureAlgorithm, oid};

use crate::laboratory::{Laboratory, expect, expect_alone, expect_told, overwrite};
use crate::support::algorithm;

/// What a message is made of.
struct Message {
    signer_infos: usize,
    content: Option<Vec<u8>>,
    content_type: &'static str,
    digest_algorithms: Vec<u8>,
    digest_algorithm: Vec<u8>,
    signature_algorithm: Vec<u8>,
    attributes: Vec<Vec<u8>>,
    reverse: bool,
    message_digest: bool,
}

const DATA: &str = "1.2.840.113549.1.7.1";
const SHA_384: &str = "2.16.840.1.101.3.4.2.2";

fn plain() -> Message {
    let sha256 = DigestAlgorithm::Sha256.algorithm_identifier_der();
    Message {
        signer_infos: 1,
        content: None,
        content_type: DATA,
        digest_algorithms: sha256.clone(),
        digest_algorithm: sha256,
        signature_algorithm: algorithm().algorithm_identifier_der(),
        attributes: Vec::new(),
        reverse: false,
        message_digest: true,
    }
}

impl Message {
    fn with(mut self, change: impl FnOnce(&mut Message)) -> Message {
        change(&mut self);
        self
    }

    fn sealed(self) -> Vec<u8> {
        Laboratory::new().resealed_with(|_| {}, |digest| self.encode(digest))
    }

    fn encode(&self, digest: &Digest) -> Vec<u8> {
        let seal = &Laboratory::new().seal;
        let certificate = &seal.certificate;
        let reference = tlv(SEQUENCE, &tlv(4, DigestAlgorithm::Sha256.digest(certificate.der()).as_bytes()));
        let mut attributes = vec![
            attribute("1.2.840.113549.1.9.3", &oid(self.content_type)),
            attribute("1.2.840.113549.1.9.16.2.47", &tlv(SEQUENCE, &tlv(SEQUENCE, &reference))),
        ];
        if self.message_digest {
            attributes.push(attribute("1.2.840.113549.1.9.4", &tlv(4, digest.as_bytes())));
        }
        attributes.extend(self.attributes.iter().cloned());
        attributes.sort();
        let signed = DigestAlgorithm::Sha256.digest(&tlv(SET, &attributes.concat()));
        if self.reverse {
            attributes.reverse();
        }
        let serial = certificate.serial().as_bytes();
        let serial = if serial[0] < 0x80 { serial.to_vec() } else { [&[0], serial].concat() };
        let signer_info = [
            vec![2, 1, 1],
            tlv(SEQUENCE, &[certificate.issuer().to_der(), tlv(2, &serial)].concat()),
            self.digest_algorithm.clone(),
            tlv(0xa0, &attributes.concat()),
            self.signature_algorithm.clone(),
            tlv(4, &seal.sign(&signed)),
        ];
        let signer_info = tlv(SEQUENCE, &signer_info.concat());
        let content = self.content.as_ref().map(|content| tlv(0xa0, &tlv(4, content))).unwrap_or_default();
        let signed_data = [
            vec![2, 1, 1],
            tlv(SET, &self.digest_algorithms),
            tlv(SEQUENCE, &[oid(self.content_type), content].concat()),
            tlv(0xa0, certificate.der()),
            tlv(SET, &signer_info.repeat(self.signer_infos)),
        ];
        let signed_data = tlv(0xa0, &tlv(SEQUENCE, &signed_data.concat()));
        tlv(SEQUENCE, &[oid("1.2.840.113549.1.7.2"), signed_data].concat())
    }
}

fn attribute(kind: &str, value: &[u8]) -> Vec<u8> {
    tlv(SEQUENCE, &[oid(kind), tlv(SET, value)].concat())
}

fn identifier(algorithm: &str) -> Vec<u8> {
    tlv(SEQUENCE, &oid(algorithm))
}

fn oid(dotted: &str) -> Vec<u8> {
    write::oid(dotted.parse().unwrap())
}

fn tlv(tag: u8, value: &[u8]) -> Vec<u8> {
    write::element(tag, &[value])
}

#[test]
fn a_plain_message_passes() {
    assert_eq!(crate::laboratory::rules(&plain().sealed()), [""; 0]);
}

#[test]
fn c1_two_signers_content_of_its_own_and_another_content_type() {
    expect_alone(&plain().with(|message| message.signer_infos = 2).sealed(), &["C1"]);
    expect_alone(&plain().with(|message| message.content = Some(b"other".to_vec())).sealed(), &["C1"]);
    let other = plain().with(|message| message.content_type = "1.2.840.113549.1.9.16.1.4").sealed();
    expect_alone(&other, &["C1"]);
    expect(&plain().with(|message| message.message_digest = false).sealed(), &["C1"]);
    let nothing = Laboratory::new().resealed_with(|_| {}, |_| vec![0x30, 0x03, 0x02, 0x01, 0x01]);
    assert!(crate::laboratory::rules(&nothing).contains(&"C1"));
}

#[test]
fn c3_what_pades_baseline_forbids() {
    let signing_time = attribute("1.2.840.113549.1.9.5", &tlv(0x17, b"261124090000Z"));
    expect_told(&plain().with(|message| message.attributes.push(signing_time)).sealed(), "C3");
    let commitment = tlv(SEQUENCE, &oid("1.2.840.113549.1.9.16.6.1"));
    let commitment = attribute("1.2.840.113549.1.9.16.2.16", &commitment);
    expect_told(&plain().with(|message| message.attributes.push(commitment)).sealed(), "C3");
    let lab = Laboratory::new();
    expect_told(&lab.resealed(|pdf| overwrite(pdf, "/M (D:", "/X (D:")), "C3");
    expect_told(&lab.resealed(|pdf| overwrite(pdf, "/Name (A)", "/Cert (A)")), "C3");
}

#[test]
fn c4_attributes_out_of_order() {
    expect_told(&plain().with(|message| message.reverse = true).sealed(), "C4");
}

#[test]
fn c5_algorithms_that_disagree() {
    let unannounced = plain().with(|message| message.digest_algorithms = identifier(SHA_384)).sealed();
    expect_alone(&unannounced, &["C5"]);
    let other_digest = SignatureAlgorithm { digest: DigestAlgorithm::Sha384, ..algorithm() };
    let over_another = plain().with(|message| message.signature_algorithm = other_digest.algorithm_identifier_der());
    expect(&over_another.sealed(), &["C5"]);
    let rsa = plain().with(|message| {
        message.signature_algorithm = tlv(SEQUENCE, &[oid("1.2.840.113549.1.1.1"), vec![5, 0]].concat())
    });
    expect(&rsa.sealed(), &["C5"]);
    let protection = |digest: &str| {
        let signature = algorithm().algorithm_identifier_der();
        let value = [identifier(digest), [&[0xa1], &signature[1..]].concat()].concat();
        let protection = attribute("1.2.840.113549.1.9.52", &tlv(SEQUENCE, &value));
        plain().with(|message| message.attributes.push(protection)).sealed()
    };
    expect_alone(&protection(SHA_384), &["C5"]);
    assert_eq!(crate::laboratory::rules(&protection("2.16.840.1.101.3.4.2.1")), [""; 0]);
    assert_eq!(oid::CMS_ALGORITHM_PROTECTION.to_string(), "1.2.840.113549.1.9.52");
}
