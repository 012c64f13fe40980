//! The files that are forged: one page with text, a link, and the prepared fields `Seal` and `ArchiveTimeStamp`; sealed,
//! with validation material, archived.

use std::path::PathBuf;
use std::sync::LazyLock;

use pades::{Document, Placement, SealKind, security_store};
use pki::{
    Accuracy, Digest, DigestAlgorithm, SerialNumber, SignedAttributes, TimeStampToken, TokenAssembler, TokenContent,
    oid,
};
use validation::format_check::{self, SignatureFormat};
use validation::report::Outcome;
use validation::{Conclusion, ConstraintLevel, Failure, Input, LaterChangesAllowed, Pdf, Policy, StructureConstraints};

use crate::support::{Holder, algorithm, at, root, seal_extensions, time_stamping_extensions};

pub(crate) struct Laboratory {
    pub(crate) root: Holder,
    pub(crate) seal: Holder,
    pub(crate) unit: Holder,
}

/// Room for a seal with its time-stamp, in bytes.
const RESERVED: usize = 6000;

impl Laboratory {
    pub(crate) fn new() -> &'static Laboratory {
        static LABORATORY: LazyLock<Laboratory> = LazyLock::new(|| {
            let root = root("TESTBED Root");
            let seal = root.issue("Learning Platform Seal", seal_extensions(), |_| {});
            let unit = root.issue("TESTBED TSU", time_stamping_extensions(), |_| {});
            Laboratory { root, seal, unit }
        });
        &LABORATORY
    }

    pub(crate) fn sealed(&self) -> Vec<u8> {
        self.seal_in(&unsealed(), "Seal", true)
    }

    pub(crate) fn sealed_without_stamp(&self) -> Vec<u8> {
        self.seal_in(&unsealed(), "Seal", false)
    }

    /// A file without a form.
    pub(crate) fn sealed_foreign(&self) -> Vec<u8> {
        let foreign = write(&[
            "<< /Type /Catalog /Pages 2 0 R >>",
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 842 595] >>",
        ]);
        self.seal_in(&foreign, "Seal", true)
    }

    pub(crate) fn seal_in(&self, pdf: &[u8], field: &str, stamped: bool) -> Vec<u8> {
        let kind = SealKind::Seal { at: at(), name: Some("A"), reason: Some("Certificate"), location: None };
        let prepared =
            pades::prepare(&Document::parse(pdf).unwrap(), Placement::ExistingOrNew(field), kind, RESERVED).unwrap();
        let digest = DigestAlgorithm::Sha256.digest_parts(prepared.signed_parts());
        prepared.embed(&self.message(&digest, stamped)).unwrap()
    }

    pub(crate) fn message(&self, digest: &Digest, stamped: bool) -> Vec<u8> {
        let attributes = SignedAttributes::new(digest, &self.seal.certificate, algorithm()).unwrap();
        let signature = self.seal.sign(&attributes.digest());
        let token = TimeStampToken::from_der(&self.token(&DigestAlgorithm::Sha256.digest(&signature))).unwrap();
        let chain = [self.seal.certificate.clone(), self.root.certificate.clone()];
        attributes.assemble(&signature, &chain, stamped.then_some(&token))
    }

    fn token(&self, imprint: &Digest) -> Vec<u8> {
        let (unit, chain) = (&self.unit.certificate, [self.root.certificate.clone()]);
        let policy = oid::TESTBED_TSA_POLICY;
        let assembler = TokenAssembler::new(unit, &chain, algorithm(), policy, Accuracy::seconds(1)).unwrap();
        let serial = SerialNumber::from_bytes(&[7]).unwrap();
        let pending =
            assembler.prepare(TokenContent { imprint, serial: &serial, time: at(), nonce: None, certificates: true });
        let signature = self.unit.sign(&pending.digest());
        pending.assemble(&signature)
    }

    /// With the material of the newest signature.
    pub(crate) fn stored(&self, pdf: &[u8]) -> Vec<u8> {
        let material = security_store::Material {
            certificates: [&self.root, &self.seal, &self.unit].map(|one| one.certificate.der().to_vec()).to_vec(),
            crls: vec![self.root.crl(Vec::new(), |_| {})],
            ocsp_responses: vec![self.root.ocsp(&self.seal, &self.root, |_| {})],
        };
        let document = Document::parse(pdf).unwrap();
        let signatures = document.signatures();
        let newest = signatures.iter().max_by_key(|signature| signature.revision).unwrap();
        security_store::append(&document, &material, &[&newest.contents]).unwrap()
    }

    /// With a document time-stamp in `ArchiveTimeStamp`, or in a new field if that is taken.
    pub(crate) fn stamped(&self, pdf: &[u8]) -> Vec<u8> {
        let document = Document::parse(pdf).unwrap();
        let taken = document.signatures().iter().any(|one| one.field == "ArchiveTimeStamp");
        let place =
            if taken { Placement::NewInvisible { name: None } } else { Placement::ExistingOrNew("ArchiveTimeStamp") };
        let prepared = pades::prepare(&document, place, SealKind::DocumentTimeStamp, RESERVED).unwrap();
        let token = self.token(&DigestAlgorithm::Sha256.digest_parts(prepared.signed_parts()));
        prepared.embed(&token).unwrap()
    }

    /// What a forger who has the key makes of a sealed file: changed before it was signed. The numbers in /ByteRange are
    /// hashed as they stand after the change.
    pub(crate) fn resealed(&self, change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
        self.resealed_with(change, |digest| self.message(digest, true))
    }

    pub(crate) fn resealed_with(
        &self,
        change: impl FnOnce(&mut Vec<u8>),
        message: impl FnOnce(&Digest) -> Vec<u8>,
    ) -> Vec<u8> {
        let mut pdf = sealed();
        change(&mut pdf);
        let ranges = numbers(&pdf);
        let digest = DigestAlgorithm::Sha256
            .digest_parts([&pdf[ranges[0]..ranges[0] + ranges[1]], &pdf[ranges[2]..ranges[2] + ranges[3]]]);
        let start = find(&pdf, b"/Contents <") + 11;
        let digits: Vec<u8> = message(&digest).iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect();
        let end = start + find(&pdf[start..], b">");
        pdf[start..end].fill(b'0');
        pdf[start..start + digits.len()].copy_from_slice(&digits);
        pdf
    }
}

/// The numbers of the first /ByteRange.
pub(crate) fn numbers(pdf: &[u8]) -> [usize; 4] {
    let start = find(pdf, b"/ByteRange [") + 12;
    let end = start + find(&pdf[start..], b"]");
    let text = std::str::from_utf8(&pdf[start..end]).unwrap();
    text.split_whitespace().map(|number| number.parse().unwrap()).collect::<Vec<_>>().try_into().unwrap()
}

/// Other numbers in the first /ByteRange, in the same room.
pub(crate) fn set_numbers(pdf: &mut [u8], text: &str) {
    let start = find(pdf, b"/ByteRange [") + 12;
    let end = start + find(&pdf[start..], b"]");
    let room = &mut pdf[start..end];
    assert!(text.len() <= room.len(), "the room for /ByteRange has {} bytes", room.len());
    room.fill(b' ');
    room[..text.len()].copy_from_slice(text.as_bytes());
}

/// B-T, always the same file.
pub(crate) fn sealed() -> Vec<u8> {
    static FILE: LazyLock<Vec<u8>> = LazyLock::new(|| Laboratory::new().sealed());
    FILE.clone()
}

/// B-LTA, always the same file.
pub(crate) fn archived() -> Vec<u8> {
    static FILE: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let lab = Laboratory::new();
        lab.stamped(&lab.stored(&sealed()))
    });
    FILE.clone()
}

pub(crate) fn unsealed() -> Vec<u8> {
    let text = "BT /F1 24 Tf 72 400 Td (Certificate) Tj ET";
    let packet = "<x:xmpmeta xmlns:x='adobe:ns:meta/'/>";
    write(&[
        "<< /Type /Catalog /Pages 2 0 R /AcroForm 4 0 R /Names 12 0 R /Metadata 14 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 842 595] /Contents 10 0 R \
         /Resources << /Font << /F1 11 0 R >> >> /Annots [6 0 R 8 0 R 9 0 R] >>",
        "<< /Fields [5 0 R 7 0 R] /SigFlags 3 >>",
        "<< /FT /Sig /T (Seal) /TU (Seal of the school) /Kids [6 0 R] >>",
        "<< /Type /Annot /Subtype /Widget /F 132 /Rect [0 0 0 0] /P 3 0 R /Parent 5 0 R >>",
        "<< /FT /Sig /T (ArchiveTimeStamp) /TU (Archive) /Kids [8 0 R] >>",
        "<< /Type /Annot /Subtype /Widget /F 132 /Rect [0 0 0 0] /P 3 0 R /Parent 7 0 R >>",
        "<< /Type /Annot /Subtype /Link /Rect [10 10 90 30] /Border [0 0 0] /Dest [3 0 R /Fit] >>",
        &format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        "<< /Dests << /Names [(a) [3 0 R /Fit]] >> >>",
        "<< /Title (Certificate) >>",
        &format!("<< /Type /Metadata /Subtype /XML /Length {} >>\nstream\n{packet}\nendstream", packet.len()),
    ])
}

/// Objects from 1 on as a file with a table; object 13, if there, is /Info.
pub(crate) fn write(objects: &[&str]) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (number, object) in (1..).zip(objects) {
        table.push_str(&format!("{:010} 00000 n \n", file.len()));
        file.extend(format!("{number} 0 obj\n{object}\nendobj\n").bytes());
    }
    let (start, size) = (file.len(), objects.len() + 1);
    let info = if size > 13 { "/Info 13 0 R " } else { "" };
    let id = "00112233445566778899aabbccddeeff";
    file.extend(table.bytes());
    file.extend(
        format!("trailer\n<< /Size {size} /Root 1 0 R {info}/ID [<{id}> <{id}>] >>\nstartxref\n{start}\n%%EOF\n")
            .bytes(),
    );
    file
}

pub(crate) fn find(bytes: &[u8], wanted: &[u8]) -> usize {
    bytes.windows(wanted.len()).position(|window| window == wanted).expect("it is there")
}

/// Overwrites the first occurrence of `old` by `new` of the same length.
pub(crate) fn overwrite(pdf: &mut [u8], old: &str, new: &str) {
    assert_eq!(old.len(), new.len());
    let place = find(pdf, old.as_bytes());
    pdf[place..place + new.len()].copy_from_slice(new.as_bytes());
}

pub(crate) fn formats(pdf: &[u8]) -> Vec<SignatureFormat> {
    formats_under(pdf, &Policy { later_changes: LaterChangesAllowed::LongTermOnly, ..Policy::default() })
}

fn formats_under(pdf: &[u8], policy: &Policy) -> Vec<SignatureFormat> {
    keep(pdf);
    match Document::parse(pdf) {
        Ok(document) => format_check::examine(&document, policy),
        Err(problem) => format_check::examine_unreadable(pdf, &problem, policy),
    }
}

/// The rules that the oldest signature breaks where the signature covers everything and yet nothing may be odd.
pub(crate) fn strict(pdf: &[u8]) -> Vec<&'static str> {
    formats_under(pdf, &Policy::strict()).first().map(failed).unwrap_or_default()
}

/// The rules of which the oldest signature is told, each once.
pub(crate) fn told(pdf: &[u8]) -> Vec<&'static str> {
    let format = formats(pdf).remove(0);
    let told = format.checks.iter().filter(|check| check.outcome == Outcome::Warning);
    let mut rules: Vec<&str> = told.filter_map(|check| check.rule()).collect();
    rules.dedup();
    rules
}

/// An anomaly that the oldest signature covers: told in the default policy, a failure in the strict one.
pub(crate) fn expect_told(pdf: &[u8], rule: &str) {
    assert_eq!(rules(pdf), [""; 0]);
    assert!(told(pdf).contains(&rule), "{:?}", told(pdf));
    assert_eq!(strict(pdf), [rule]);
}

/// Every file that is judged here goes into the folder that ESEAL_KEEP_FORGERIES names, with its anchor: `witnesses/raster.py`
/// lets viewers draw them.
pub(crate) fn keep(pdf: &[u8]) {
    let Some(folder) = std::env::var_os("ESEAL_KEEP_FORGERIES").map(PathBuf::from) else { return };
    let test = std::thread::current().name().unwrap_or_default().replace("::", "-");
    let digest = DigestAlgorithm::Sha256.digest(pdf);
    let name: String = digest.as_bytes()[..6].iter().map(|byte| format!("{byte:02x}")).collect();
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("root.pem"), Laboratory::new().root.certificate.to_pem()).unwrap();
    std::fs::write(folder.join(format!("{test}-{name}.pdf")), pdf).unwrap();
}

/// The rules that failed, each once, in their order.
pub(crate) fn failed(format: &SignatureFormat) -> Vec<&'static str> {
    let failed = format.checks.iter().filter(|check| check.outcome == Outcome::Failed);
    let mut rules: Vec<&str> = failed.filter_map(|check| check.rule()).collect();
    rules.dedup();
    rules
}

/// The rules that the oldest signature breaks.
pub(crate) fn rules(pdf: &[u8]) -> Vec<&'static str> {
    formats(pdf).first().map(failed).unwrap_or_default()
}

/// What says what is signed at all always counts, whatever a policy says of its rules.
fn expect_under_any_policy(pdf: &[u8], rules: &[&str]) {
    if StructureConstraints::ESSENTIAL_RULES
        .iter()
        .any(|essential| rules.contains(&essential.rule().unwrap_or_default()))
    {
        let mut lax = Policy::any_later_changes();
        lax.structure.covered = ConstraintLevel::Ignore;
        lax.structure.rules = validation::CheckId::ALL.iter().map(|id| (*id, ConstraintLevel::Ignore)).collect();
        assert!(!formats_under(pdf, &lax)[0].conclusion.is_passed(), "{rules:?} under a policy that ignores them");
    }
}

/// The oldest signature fails with FORMAT_FAILURE, for these rules and no others.
pub(crate) fn expect(pdf: &[u8], rules: &[&str]) {
    expect_under_any_policy(pdf, rules);
    let formats = formats(pdf);
    let oldest = formats.first().expect("the signature is seen");
    let details = oldest
        .checks
        .iter()
        .filter(|check| check.outcome == Outcome::Failed)
        .map(|check| format!("\n{} at {:?}: {}", check.rule().unwrap_or_default(), check.offset, check.detail));
    assert_eq!(failed(oldest), rules, "{}", details.collect::<String>());
    assert_eq!(oldest.conclusion, Conclusion::Failed(Failure::FormatFailure));
}

/// The same, and the cryptography of the oldest signature holds: without the rule the file would pass.
pub(crate) fn expect_alone(pdf: &[u8], rules: &[&str]) {
    expect(pdf, rules);
    let policy = Policy::strict();
    let document = Document::parse(pdf).unwrap();
    let pdf = Pdf::Read(&document);
    let input = Input {
        pdf,
        anchors: &[],
        certificates: &[],
        crls: &[],
        ocsp_responses: &[],
        policy: &policy,
        memory: &pki::SignatureMemory::default(),
    };
    let facts = validation::validate(&input, at()).unwrap().signatures[0].facts;
    assert_eq!((facts.hash_intact, facts.signature_intact), (Some(true), Some(true)));
}
