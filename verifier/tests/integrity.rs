//! Seals made with the project's own parts, and every way of damaging them: each damage gives its exact fact.

#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

mod support;

use pades::{Placement, SealKind, SignatureKind, security_store};
use pki::cms::SignedAttributes;
use pki::tsp::{Accuracy, TimeStampToken, TokenAssembler, TokenContent};
use pki::{Digest, DigestAlgorithm, SerialNumber, oid};
use support::{Holder, algorithm, at, root, seal_extensions, time, time_stamping_extensions};
use verifier::integrity::{Fact, Fault, SealIntegrity, check};

struct Lab {
    root: Holder,
    seal: Holder,
    unit: Holder,
}

fn lab() -> Lab {
    let root = root("TESTBED Root");
    let seal = root.issue("Learning Platform Seal", seal_extensions(), |_| {});
    let unit = root.issue("TESTBED TSU", time_stamping_extensions(), |_| {});
    Lab { seal, unit, root }
}

impl Lab {
    /// A B-T seal over the whole of `pdf`.
    fn sealed(&self, pdf: &[u8]) -> Vec<u8> {
        self.sealed_with(pdf, |signature| self.token(signature))
    }

    fn sealed_with(&self, pdf: &[u8], token: impl FnOnce(&[u8]) -> TimeStampToken) -> Vec<u8> {
        let kind = SealKind::Seal { at: at(), name: None, reason: None, location: None };
        let prepared = pades::prepare(pdf, Placement::ExistingOrNew("Seal"), kind, 8192).unwrap();
        let digest = DigestAlgorithm::Sha256.digest_parts(prepared.signed_parts());
        let attributes = SignedAttributes::new(&digest, &self.seal.certificate, algorithm()).unwrap();
        let signature = self.seal.sign(&attributes.digest());
        let chain = [self.root.certificate.clone()];
        let cms = attributes.assemble(&signature, &chain, Some(&token(&signature)));
        prepared.embed(&cms).unwrap()
    }

    fn token(&self, stamped: &[u8]) -> TimeStampToken {
        TimeStampToken::from_der(&self.token_der(&DigestAlgorithm::Sha256.digest(stamped))).unwrap()
    }

    fn token_der(&self, imprint: &Digest) -> Vec<u8> {
        let policy = oid::TESTBED_TSA_POLICY;
        let chain = [self.root.certificate.clone()];
        let unit = &self.unit.certificate;
        let assembler = TokenAssembler::new(unit, &chain, algorithm(), policy, Accuracy::seconds(1)).unwrap();
        let serial = SerialNumber::from_bytes(&[7]).unwrap();
        let pending =
            assembler.prepare(TokenContent { imprint, serial: &serial, time: at(), nonce: None, certificates: true });
        let signature = self.unit.sign(&pending.digest());
        pending.assemble(&signature)
    }

    fn stamped(&self, pdf: &[u8]) -> Vec<u8> {
        let place = Placement::NewInvisible { name: Some("ArchiveTimeStamp") };
        let prepared = pades::prepare(pdf, place, SealKind::DocumentTimeStamp, 8192).unwrap();
        let token = self.token_der(&DigestAlgorithm::Sha256.digest_parts(prepared.signed_parts()));
        prepared.embed(&token).unwrap()
    }
}

/// One blank page.
fn pdf() -> Vec<u8> {
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 842 595] >>",
    ];
    let (mut file, mut offsets) = (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec(), Vec::new());
    for (number, object) in (1..).zip(objects) {
        offsets.push(file.len());
        file.extend(format!("{number} 0 obj\n{object}\nendobj\n").bytes());
    }
    let start = file.len();
    file.extend(b"xref\n0 4\n0000000000 65535 f \n");
    offsets.iter().for_each(|offset| file.extend(format!("{offset:010} 00000 n \n").bytes()));
    let id = "00112233445566778899aabbccddeeff";
    let trailer = format!("trailer\n<< /Size 4 /Root 1 0 R /ID [<{id}> <{id}>] >>\nstartxref\n{start}\n%%EOF\n");
    file.extend(trailer.bytes());
    file
}

fn only(pdf: &[u8]) -> SealIntegrity {
    let mut seals = check(pdf).unwrap();
    assert_eq!(seals.len(), 1);
    seals.remove(0)
}

/// The file with the first occurrence of `old` overwritten by `new`.
fn overwrite(pdf: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let place = find(pdf, old);
    let mut changed = pdf.to_vec();
    changed[place..place + new.len()].copy_from_slice(new);
    changed
}

fn find(bytes: &[u8], wanted: &[u8]) -> usize {
    bytes.windows(wanted.len()).position(|window| window == wanted).expect("it is there")
}

/// The file with /Contents of its only signature replaced, from `change` of the decoded bytes.
fn with_contents(pdf: &[u8], change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Vec<u8> {
    let signature = pades::Document::parse(pdf).unwrap().signatures().remove(0);
    let (length, start) = (signature.contents.len(), signature.contents_offset.start + 1);
    let mut contents = change(signature.contents);
    contents.resize(length, 0);
    let digits: Vec<u8> = contents.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect();
    let mut changed = pdf.to_vec();
    changed[start..start + digits.len()].copy_from_slice(&digits);
    changed
}

fn failing(seal: &SealIntegrity) -> Vec<&'static str> {
    seal.facts().filter(|(_, fact)| **fact != Fact::Holds).map(|(name, _)| name).collect()
}

#[test]
fn a_file_without_seals_has_no_facts() {
    assert!(check(&pdf()).unwrap().is_empty());
    assert!(matches!(check(b"not a PDF"), Err(verifier::Error::Pdf(_))));
}

#[test]
fn a_fresh_seal_is_intact() {
    let lab = lab();
    let seal = only(&lab.sealed(&pdf()));
    assert!(seal.is_intact(), "{:?}", failing(&seal));
    assert_eq!((seal.field.as_str(), seal.kind, seal.revision), ("Seal", Some(SignatureKind::Seal), Some(1)));
    assert!(seal.covers_whole_file);
    assert_eq!(seal.signer_certificate, Some(lab.seal.certificate.clone()));
    assert_eq!(seal.time_stamps.len(), 1);
    assert_eq!(seal.time_stamps[0].time, Some(at()));
    for holder in [&lab.seal, &lab.unit, &lab.root] {
        assert!(seal.certificates.contains(&holder.certificate));
    }
}

#[test]
fn a_seal_with_long_term_material_and_document_time_stamp_is_intact() {
    let lab = lab();
    let sealed = lab.sealed(&pdf());
    let certificates = vec![lab.root.certificate.der().to_vec()];
    let material = security_store::Material { certificates, ..security_store::Material::default() };
    let contents = pades::Document::parse(sealed.as_slice()).unwrap().signatures()[0].contents.clone();
    let long_term = security_store::append(&sealed, &material, &[&contents]).unwrap();
    let archived = lab.stamped(&long_term);
    let seals = check(&archived).unwrap();
    assert_eq!(seals.len(), 2);
    assert!(seals.iter().all(SealIntegrity::is_intact), "{:?}", seals.iter().map(failing).collect::<Vec<_>>());
    assert!(!seals[0].covers_whole_file && seals[1].covers_whole_file);
    assert_eq!(seals[1].kind, Some(SignatureKind::DocumentTimeStamp));
    assert_eq!((seals[0].time, seals[1].time), (None, Some(at())));

    let changed = overwrite(&archived, b"/MediaBox [0 0 842", b"/MediaBox [0 0 843");
    for seal in check(&changed).unwrap() {
        assert_eq!(failing(&seal), ["hash_intact"], "{}", seal.field);
    }
}

#[test]
fn a_changed_byte_is_a_wrong_digest_and_nothing_else() {
    let sealed = lab().sealed(&pdf());
    let changed = overwrite(&sealed, b"/MediaBox [0 0 842", b"/MediaBox [0 0 843");
    let seal = only(&changed);
    assert_eq!(failing(&seal), ["hash_intact"]);
    let Fact::Fails(Fault::Digest { computed, signed: Some(signed) }) = &seal.hash_intact else {
        panic!("{:?}", seal.hash_intact)
    };
    let [_, first, second, length] = seal.byte_range.unwrap().map(|number| number as usize);
    let parts = [&changed[..first], &changed[second..second + length]];
    assert_eq!(*computed, DigestAlgorithm::Sha256.digest_parts(parts));
    let parts = [&sealed[..first], &sealed[second..second + length]];
    assert_eq!(*signed, DigestAlgorithm::Sha256.digest_parts(parts));
    assert_eq!(seal.hash_intact.as_bool(), Some(false));
}

#[test]
fn a_changed_signature_value_breaks_the_signature_and_its_time_stamp() {
    let lab = lab();
    let sealed = lab.sealed(&pdf());
    let changed = with_contents(&sealed, |mut contents| {
        let value = pki::cms::SignedData::from_der(&contents).unwrap().signature_value().to_vec();
        let place = find(&contents, &value);
        contents[place + value.len() - 1] ^= 1;
        contents
    });
    let seal = only(&changed);
    assert_eq!(failing(&seal), ["signature_intact", "time_stamp_hash_intact"]);
    assert!(matches!(seal.signature_intact, Fact::Fails(Fault::Signature { .. })));
    assert!(matches!(seal.time_stamps[0].hash_intact, Fact::Fails(Fault::Digest { .. })));
}

#[test]
fn a_time_stamp_of_other_data_is_found() {
    let lab = lab();
    let seal = only(&lab.sealed_with(&pdf(), |_| lab.token(b"another signature")));
    assert_eq!(failing(&seal), ["time_stamp_hash_intact"]);
}

#[test]
fn a_time_stamp_with_a_changed_time_or_signature_is_not_genuine() {
    let lab = lab();
    let with_token = |change: fn(&mut Vec<u8>)| {
        let sealed = lab.sealed_with(&pdf(), |signature| {
            let mut token = lab.token(signature).der().to_vec();
            change(&mut token);
            TimeStampToken::from_der(&token).unwrap()
        });
        only(&sealed)
    };
    let moved = with_token(|token| {
        let place = find(token, b"20261124090000Z");
        token[place + 3] = b'5';
    });
    assert_eq!(failing(&moved), ["time_stamp_signature_intact"]);
    assert!(matches!(moved.time_stamps[0].signature_intact, Fact::Fails(Fault::Digest { .. })), "TSTInfo was changed");
    assert_eq!(moved.time_stamps[0].time, Some(time("2025-11-24T09:00:00Z")));
    let forged = with_token(|token| *token.last_mut().unwrap() ^= 1);
    assert_eq!(failing(&forged), ["time_stamp_signature_intact"]);
    assert!(matches!(forged.time_stamps[0].signature_intact, Fact::Fails(Fault::Signature { .. })));
}

#[test]
fn a_substituted_certificate_of_the_same_key_is_found_by_the_signed_reference() {
    let lab = lab();
    let original = &lab.seal.certificate;
    let sealed = lab.sealed(&pdf());
    let twin = loop {
        let twin = lab.root.issue_again(original, |template| template.not_after = time("2039-01-01T00:00:00Z"));
        if twin.der().len() == original.der().len() {
            break twin; // ECDSA signatures differ in length by a byte or two
        }
    };
    let substituted = with_contents(&sealed, |contents| overwrite(&contents, original.der(), twin.der()));
    let seal = only(&substituted);
    assert_eq!(failing(&seal), ["certificate_reference"]);
    assert!(matches!(seal.certificate_reference, Fact::Fails(Fault::Reference { .. })));
    assert_eq!(seal.signer_certificate, Some(twin));
}

#[test]
fn without_the_signer_certificate_nothing_is_said_about_the_signature() {
    let lab = lab();
    let sealed = lab.sealed(&pdf());
    let without = with_contents(&sealed, |contents| {
        let certificate = lab.seal.certificate.der();
        let start = find(&contents, certificate);
        let serial = start + find(certificate, lab.seal.certificate.serial().as_bytes());
        let mut changed = contents;
        changed[serial + 5] ^= 1; // now it is the certificate of somebody else
        changed
    });
    let seal = only(&without);
    assert_eq!(failing(&seal), ["signature_intact", "certificate_reference"]);
    assert_eq!(seal.signature_intact, Fact::Undetermined(Fault::NoSignerCertificate));
    assert_eq!(seal.signature_intact.as_bool(), None);
}

#[test]
fn a_second_signer_is_refused() {
    let sealed = lab().sealed(&pdf());
    let seal = only(&with_contents(&sealed, |contents| with_second_signer(&contents)));
    assert_eq!(seal.format_valid, Fact::Fails(Fault::Signers { found: 2 }));
}

#[test]
fn contents_must_be_one_structure_and_zeros() {
    let sealed = lab().sealed(&pdf());
    let padded = with_contents(&sealed, |mut contents| {
        *contents.last_mut().unwrap() = 1;
        contents
    });
    let seal = only(&padded);
    assert_eq!(failing(&seal), ["format_valid"]);
    assert_eq!(seal.format_valid, Fact::Fails(Fault::Padding { octets: 1 }));
    for (name, changed) in [
        ("no structure", with_contents(&sealed, |_| vec![0x30, 0x03, 0x02, 0x01])),
        ("nothing", with_contents(&sealed, |_| Vec::new())),
    ] {
        let seal = only(&changed);
        assert!(matches!(seal.format_valid, Fact::Fails(Fault::Unreadable { .. })), "{name}: {}", seal.format_valid);
        assert!(matches!(seal.hash_intact, Fact::Undetermined(_)), "{name}");
        assert_eq!(seal.byte_range_valid, Fact::Holds, "{name}");
    }
}

#[test]
fn white_space_in_contents_is_found_at_its_offset() {
    let mut sealed = lab().sealed(&pdf());
    let end = pades::Document::parse(sealed.as_slice()).unwrap().signatures()[0].contents_offset.end;
    sealed[end - 3..end - 1].copy_from_slice(b"  ");
    let seal = only(&sealed);
    assert_eq!(seal.byte_range_valid, Fact::Fails(Fault::ContentsToken { offset: end - 3 }));
}

#[test]
fn a_wrong_byte_range_is_told_with_what_was_compared() {
    let sealed = lab().sealed(&pdf());
    let signature = pades::Document::parse(sealed.as_slice()).unwrap().signatures().remove(0);
    let token = signature.contents_offset.clone();
    let [_, first, second, length] = signature.byte_range;
    let (file, end) = (sealed.len(), second + length);
    let with = |numbers: [u64; 4]| {
        let place = signature.byte_range_token.clone();
        let text = format!("[{} {} {} {}", numbers[0], numbers[1], numbers[2], numbers[3]);
        let mut changed = sealed.clone();
        changed[place.start..place.end - 1].fill(b' ');
        changed[place.start..place.start + text.len()].copy_from_slice(text.as_bytes());
        only(&changed).byte_range_valid
    };
    assert_eq!(with([0, first, second, length]), Fact::Holds, "only its spacing may differ");
    assert_eq!(with([1, first - 1, second, length]), Fact::Fails(Fault::FirstRange { found: 1 }));
    let gap = Fault::Gap { token: token.clone(), found: first - 1..second };
    assert_eq!(with([0, first - 1, second, length]), Fact::Fails(gap));
    let gap = Fault::Gap { token, found: first..second + 1 };
    assert_eq!(with([0, first, second + 1, length - 1]), Fact::Fails(gap));
    let beyond = Fault::BeyondFile { end: end + 1, length: file };
    assert_eq!(with([0, first, second, length + 1]), Fact::Fails(beyond));
    let beyond = Fault::BeyondFile { end: i64::MAX as u64 + second, length: file };
    assert_eq!(with([0, first, second, i64::MAX as u64]), Fact::Fails(beyond));
    assert!(matches!(with([0, first, second, u64::MAX]), Fact::Fails(Fault::Dictionary { .. })));
    assert!(matches!(with([0, first, second, length - 9]), Fact::Fails(Fault::NotARevisionEnd { end: found, .. })
        if found == end - 9));
}

#[test]
fn what_is_no_pades_signature_is_reported_not_passed_over() {
    let sealed = lab().sealed(&pdf());
    let legacy = only(&overwrite(&sealed, b"ETSI.CAdES.detached", b"adbe.pkcs7.detached"));
    assert_eq!(failing(&legacy), ["format_valid", "hash_intact"], "its dictionary is part of what was sealed");
    assert_eq!(legacy.format_valid, Fact::Fails(Fault::SubFilter { found: "adbe.pkcs7.detached".into() }));
    let unknown = only(&overwrite(&sealed, b"ETSI.CAdES.detached", b"XTSI.CAdES.detached"));
    assert!(matches!(unknown.signature_intact, Fact::Undetermined(Fault::SubFilter { .. })));
    let unusable = only(&overwrite(&sealed, b"/Contents <", b"/Contentz <"));
    assert!(!unusable.is_intact());
    assert!(matches!(unusable.format_valid, Fact::Fails(Fault::Dictionary { .. })));
    assert_eq!(unusable.kind, None);
}

#[test]
fn every_fault_is_a_sentence() {
    let sealed = lab().sealed(&pdf());
    let changed = overwrite(&sealed, b"/MediaBox [0 0 842", b"/MediaBox [0 0 843");
    let sentence = only(&changed).hash_intact.to_string();
    assert!(sentence.starts_with("fails: the SHA-256 of the bytes is "), "{sentence}");
}

/// The message with its only SignerInfo twice; the lengths of the structures around it are written anew.
fn with_second_signer(contents: &[u8]) -> Vec<u8> {
    fn element(bytes: &[u8]) -> (u8, &[u8], &[u8]) {
        let long = usize::from(bytes[1] & 0x7f);
        let (head, length) = match bytes[1] {
            short @ 0..0x80 => (2, usize::from(short)),
            _ => (2 + long, bytes[2..2 + long].iter().fold(0, |length, byte| length << 8 | usize::from(*byte))),
        };
        (bytes[0], &bytes[head..head + length], &bytes[head + length..])
    }
    fn wrap(tag: u8, value: &[u8]) -> Vec<u8> {
        [&[tag, 0x82, (value.len() >> 8) as u8, value.len() as u8], value].concat()
    }
    let (_, content_info, _) = element(contents);
    let (_, content_type, content) = element(content_info);
    let (_, explicit, _) = element(content);
    let (_, signed_data, _) = element(explicit);
    let (mut rest, mut last) = (signed_data, signed_data);
    while !rest.is_empty() {
        (last, rest) = (rest, element(rest).2);
    }
    let before = &signed_data[..signed_data.len() - last.len()];
    let (tag, signer_info, _) = element(last);
    let signers = wrap(tag, &[signer_info, signer_info].concat());
    let signed_data = wrap(0x30, &[before, &signers].concat());
    let identifier = [&[0x06, content_type.len() as u8], content_type].concat();
    wrap(0x30, &[identifier, wrap(0xa0, &signed_data)].concat())
}
