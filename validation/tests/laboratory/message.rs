//! Seals written octet by octet, so that every part can be left out, doubled or replaced.

use std::rc::Rc;

use jiff::Timestamp;
use pades::{Placement, SealKind};
use pki::asn1::{SEQUENCE, SET, write};
use pki::{Certificate, DigestAlgorithm};

use super::Holder;
use super::pair::Pair;

/// A token over the signature value, made when that is known.
type Stamp = Rc<dyn Fn(&[u8]) -> Vec<u8>>;

/// What a seal consists of.
#[derive(Clone)]
pub(crate) struct Message {
    signer: Holder,
    /// /M.
    pub(crate) claimed: Timestamp,
    /// In the place of the signer's certificate; `None`: none.
    pub(crate) embedded: Option<Certificate>,
    /// The certificate that is referred to; `None`: the attribute is missing.
    pub(crate) referred: Option<Certificate>,
    pub(crate) signer_infos: usize,
    stamps: Vec<Stamp>,
    content_stamps: Vec<(Holder, Timestamp)>,
}

impl Message {
    pub(crate) fn of(signer: &Holder) -> Message {
        let certificate = Some(signer.certificate.clone());
        Message {
            signer: signer.clone(),
            claimed: super::sealed(),
            embedded: certificate.clone(),
            referred: certificate,
            signer_infos: 1,
            stamps: Vec::new(),
            content_stamps: Vec::new(),
        }
    }

    pub(crate) fn with(mut self, change: impl FnOnce(&mut Message)) -> Message {
        change(&mut self);
        self
    }

    /// With a time-stamp over the signature value.
    pub(crate) fn stamped(self, unit: &Holder, at: Timestamp) -> Message {
        self.stamped_by(unit, at, DigestAlgorithm::Sha256)
    }

    pub(crate) fn stamped_by(self, unit: &Holder, at: Timestamp, hash: DigestAlgorithm) -> Message {
        let unit = unit.clone();
        self.with_token(move |signature| unit.stamp([signature, &[]], at, hash))
    }

    pub(crate) fn with_token(mut self, token: impl Fn(&[u8]) -> Vec<u8> + 'static) -> Message {
        self.stamps.push(Rc::new(token));
        self
    }

    /// With a time-stamp over the content, made before the signature.
    pub(crate) fn after(mut self, unit: &Holder, at: Timestamp) -> Message {
        self.content_stamps.push((unit.clone(), at));
        self
    }

    /// Seals a file.
    pub(crate) fn seal(&self, pdf: &[u8]) -> Vec<u8> {
        let kind = SealKind::Seal { at: self.claimed, name: None, reason: None, location: None };
        let prepared =
            pades::prepare(&pades::Document::parse(pdf).unwrap(), Placement::ExistingOrNew("Seal"), kind, 16384)
                .unwrap();
        let message = self.encode(prepared.signed_parts());
        prepared.embed(&message).unwrap()
    }

    fn encode(&self, parts: [&[u8]; 2]) -> Vec<u8> {
        let mut attributes = self.attributes(parts);
        attributes.sort();
        let attributes = attributes.concat();
        let signed = tlv(SET, &attributes);
        let signature = match &self.signer.pair {
            Pair::Ed25519(pair) => pair.sign(&signed).as_ref().to_vec(), // RFC 8419 3.1: not a digest of them
            pair => pair.sign(&DigestAlgorithm::Sha256.digest(&signed)),
        };
        let certificate = &self.signer.certificate;
        let sid = tlv(SEQUENCE, &[certificate.issuer().as_der(), &serial(certificate)].concat());
        let signer_info = [
            vec![2, 1, 1],
            sid,
            sha256(),
            tlv(0xa0, &attributes),
            self.algorithm(),
            tlv(4, &signature),
            self.unsigned(&signature),
        ];
        let signer_info = tlv(SEQUENCE, &signer_info.concat());
        let certificates = self.embedded.as_ref().map(|one| tlv(0xa0, one.der())).unwrap_or_default();
        let signed_data = [
            vec![2, 1, 1],
            tlv(SET, &sha256()),
            tlv(SEQUENCE, &oid("1.2.840.113549.1.7.1")),
            certificates,
            tlv(SET, &signer_info.repeat(self.signer_infos)),
        ];
        let content = tlv(0xa0, &tlv(SEQUENCE, &signed_data.concat()));
        tlv(SEQUENCE, &[oid("1.2.840.113549.1.7.2"), content].concat())
    }

    fn attributes(&self, parts: [&[u8]; 2]) -> Vec<Vec<u8>> {
        let digest = DigestAlgorithm::Sha256.digest_parts(parts);
        let mut attributes = vec![
            attribute("1.2.840.113549.1.9.3", &[oid("1.2.840.113549.1.7.1")]),
            attribute("1.2.840.113549.1.9.4", &[tlv(4, digest.as_bytes())]),
        ];
        if let Some(referred) = &self.referred {
            let hash = DigestAlgorithm::Sha256.digest(referred.der());
            let reference = tlv(SEQUENCE, &tlv(4, hash.as_bytes()));
            let value = tlv(SEQUENCE, &tlv(SEQUENCE, &reference));
            attributes.push(attribute("1.2.840.113549.1.9.16.2.47", &[value]));
        }
        if !self.content_stamps.is_empty() {
            let stamp = |(unit, at): &(Holder, Timestamp)| unit.stamp(parts, *at, DigestAlgorithm::Sha256);
            let tokens: Vec<_> = self.content_stamps.iter().map(stamp).collect();
            attributes.push(attribute("1.2.840.113549.1.9.16.2.20", &tokens));
        }
        attributes
    }

    fn unsigned(&self, signature: &[u8]) -> Vec<u8> {
        if self.stamps.is_empty() {
            return Vec::new();
        }
        let tokens: Vec<_> = self.stamps.iter().map(|stamp| stamp(signature)).collect();
        tlv(0xa1, &attribute("1.2.840.113549.1.9.16.2.14", &tokens))
    }

    fn algorithm(&self) -> Vec<u8> {
        match &self.signer.pair {
            Pair::Ed25519(_) => tlv(SEQUENCE, &oid(super::pair::ED25519)),
            pair => pair.algorithm().algorithm_identifier_der(),
        }
    }
}

fn sha256() -> Vec<u8> {
    DigestAlgorithm::Sha256.algorithm_identifier_der()
}

fn serial(certificate: &Certificate) -> Vec<u8> {
    let octets = certificate.serial().as_bytes();
    let positive = if octets[0] < 0x80 { octets.to_vec() } else { [&[0], octets].concat() };
    tlv(2, &positive)
}

fn attribute(kind: &str, values: &[Vec<u8>]) -> Vec<u8> {
    let mut values = values.to_vec();
    values.sort();
    tlv(SEQUENCE, &[oid(kind), tlv(SET, &values.concat())].concat())
}

fn oid(dotted: &str) -> Vec<u8> {
    write::oid(dotted.parse().unwrap())
}

fn tlv(tag: u8, value: &[u8]) -> Vec<u8> {
    write::element(tag, &[value])
}
