//! A small PKI with fixed dates, and documents that are sealed, stored and stamped with it at chosen times: what a scenario is
//! built of.

#![allow(
    dead_code,
    clippy::allow_attributes,
    clippy::unwrap_used,
    reason = "each test program uses its own part, and what cannot be set up fails the test"
)]

pub(crate) mod message;
pub(crate) mod pair;

use jiff::{SignedDuration, Timestamp};
use pades::{Placement, SealKind, security_store};
use pki::{
    Accuracy, Certificate, CertificateId, CertificateStatus, CertificateTemplate, Crl, CrlTemplate, DigestAlgorithm,
    Extension, KeyKind, KeyUsageBit, Name, OcspResponse, OcspTemplate, RevocationReason, RevokedEntry, SerialNumber,
    SingleResponse, SuccessfulOcspResponse, TimeStampToken, TokenAssembler, TokenContent, oid,
};
use validation::report::Report;
use validation::{Anchor, Input, Pdf, Policy};

use message::Message;
use pair::Pair;

/// When documents are sealed.
pub(crate) const SEALED: &str = "2026-11-24T09:00:00Z";

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn sealed() -> Timestamp {
    time(SEALED)
}

pub(crate) fn seconds(count: i64) -> SignedDuration {
    SignedDuration::from_secs(count)
}

pub(crate) fn hours(count: i64) -> SignedDuration {
    SignedDuration::from_hours(count)
}

pub(crate) fn days(count: i64) -> SignedDuration {
    hours(24 * count)
}

/// Somebody with a key and a certificate.
#[derive(Clone)]
pub(crate) struct Holder {
    pub(crate) pair: Pair,
    pub(crate) certificate: Certificate,
}

/// The parts of a certificate that differ from one to another.
pub(crate) struct NewCertificate<'w> {
    pub(crate) name: &'w str,
    pub(crate) key: KeyKind,
    pub(crate) valid: (&'w str, &'w str),
    pub(crate) extensions: Vec<Extension>,
}

impl NewCertificate<'_> {
    pub(crate) fn new<'w>(name: &'w str, valid: (&'w str, &'w str), extensions: Vec<Extension>) -> NewCertificate<'w> {
        NewCertificate { name, key: KeyKind::P256, valid, extensions }
    }
}

pub(crate) fn year(year: &str) -> String {
    format!("{year}-01-01T00:00:00Z")
}

impl Holder {
    pub(crate) fn root(name: &str, key: KeyKind) -> Holder {
        let pair = Pair::generate(key);
        let order = NewCertificate { name, key, valid: ("2020", "2050"), extensions: ca() };
        let certificate = certify(&pair, self::name(name), &pair, order);
        Holder { pair, certificate }
    }

    pub(crate) fn issue(&self, order: NewCertificate<'_>) -> Holder {
        let pair = Pair::generate(order.key);
        let certificate = certify(&self.pair, self.certificate.subject().clone(), &pair, order);
        Holder { pair, certificate }
    }

    /// Another certificate for the name and key of a CA, by this one.
    pub(crate) fn certify_again(&self, other: &Holder) -> Certificate {
        let name = other.certificate.subject().common_name().unwrap();
        let order = NewCertificate::new(&name, ("2024", "2040"), ca());
        certify(&self.pair, self.certificate.subject().clone(), &other.pair, order)
    }

    /// An OCSP answer by this holder.
    pub(crate) fn ocsp(&self, about: &Holder, issuer: &Holder, at: Timestamp, status: CertificateStatus) -> Vec<u8> {
        self.ocsp_shaped(about, issuer, at, |one| one.status = status)
    }

    pub(crate) fn ocsp_shaped(
        &self,
        about: &Holder,
        issuer: &Holder,
        at: Timestamp,
        shape: impl FnOnce(&mut SingleResponse),
    ) -> Vec<u8> {
        self.ocsp_produced(about, issuer, at, at, shape)
    }

    fn ocsp_produced(
        &self,
        about: &Holder,
        issuer: &Holder,
        at: Timestamp,
        produced_at: Timestamp,
        shape: impl FnOnce(&mut SingleResponse),
    ) -> Vec<u8> {
        let id = CertificateId::for_certificate(about.certificate.serial(), &issuer.certificate, DigestAlgorithm::Sha1);
        let mut response = SingleResponse {
            id,
            status: CertificateStatus::Good,
            this_update: at,
            next_update: Some(at + days(1)),
            archive_cutoff: None,
            certificate_hash: None,
        };
        shape(&mut response);
        let template = OcspTemplate {
            responder_key_identifier: self.certificate.public_key().key_identifier(),
            produced_at,
            responses: vec![response],
            nonce: None,
        };
        let pending = template.to_be_signed(self.pair.algorithm()).unwrap();
        let signature = self.pair.sign(&pending.digest());
        pending.signed(&signature, std::slice::from_ref(&self.certificate))
    }

    /// A CRL that is fresh from an hour before `at` on.
    pub(crate) fn crl(&self, entries: Vec<RevokedEntry>, at: Timestamp) -> Vec<u8> {
        self.crl_shaped(entries, at, |_| {})
    }

    pub(crate) fn crl_shaped(
        &self,
        entries: Vec<RevokedEntry>,
        at: Timestamp,
        shape: impl FnOnce(&mut CrlTemplate),
    ) -> Vec<u8> {
        let mut template = CrlTemplate {
            issuer: self.certificate.subject().clone(),
            authority_key_identifier: self.certificate.subject_key_identifier().unwrap(),
            number: 1,
            this_update: at - hours(1),
            next_update: Some(at + hours(23)),
            entries,
            expired_certificates_since: None,
        };
        shape(&mut template);
        let to_be_signed = template.to_be_signed(self.pair.algorithm()).unwrap();
        let signature = self.pair.sign(&to_be_signed.digest());
        to_be_signed.signed(&signature)
    }

    /// A time-stamp over the parts.
    pub(crate) fn stamp(&self, parts: [&[u8]; 2], at: Timestamp, hash: DigestAlgorithm) -> Vec<u8> {
        let imprint = hash.digest_parts(parts);
        let (policy, accuracy) = (oid::TESTBED_TSA_POLICY, Accuracy::seconds(1));
        let assembler = TokenAssembler::new(&self.certificate, &[], self.pair.algorithm(), policy, accuracy).unwrap();
        let serial = SerialNumber::from_bytes(&[7]).unwrap();
        let content = TokenContent { imprint: &imprint, serial: &serial, time: at, nonce: None, certificates: true };
        let pending = assembler.prepare(content);
        let signature = self.pair.sign(&pending.digest());
        pending.assemble(&signature)
    }
}

fn certify(issuer: &Pair, issuer_name: Name, pair: &Pair, order: NewCertificate<'_>) -> Certificate {
    let public_key = pair.public();
    let mut extensions = vec![
        Extension::authority_key_identifier(&issuer.public().key_identifier()),
        Extension::subject_key_identifier(&public_key),
    ];
    extensions.extend(order.extensions);
    let date = |text: &str| if text.len() == 4 { time(&year(text)) } else { time(text) };
    let template = CertificateTemplate {
        serial: SerialNumber::from_bytes(&public_key.key_identifier()[..16]).unwrap(),
        issuer: issuer_name,
        subject: name(order.name),
        public_key,
        not_before: date(order.valid.0),
        not_after: date(order.valid.1),
        extensions,
    };
    let to_be_signed = template.to_be_signed(issuer.algorithm()).unwrap();
    let signature = issuer.sign(&to_be_signed.digest());
    Certificate::from_der(&to_be_signed.signed(&signature)).unwrap()
}

fn name(common_name: &str) -> Name {
    let base = Name::builder().country("JP").organization("TESTBED — NOT QUALIFIED");
    base.organization_identifier("NTRJP-9234567890123").common_name(common_name).build()
}

pub(crate) fn ca() -> Vec<Extension> {
    vec![
        Extension::basic_constraints(true, None),
        Extension::key_usage(&[KeyUsageBit::KeyCertSign, KeyUsageBit::CrlSign]),
    ]
}

pub(crate) fn for_seals() -> Vec<Extension> {
    vec![Extension::key_usage(&[KeyUsageBit::NonRepudiation])]
}

pub(crate) fn for_stamps() -> Vec<Extension> {
    vec![
        Extension::key_usage(&[KeyUsageBit::DigitalSignature]),
        Extension::extended_key_usage(&[oid::TIME_STAMPING], true),
    ]
}

pub(crate) fn for_answers() -> Vec<Extension> {
    vec![Extension::extended_key_usage(&[oid::OCSP_SIGNING], true), Extension::ocsp_nocheck()]
}

/// An entry of a CRL.
pub(crate) fn revoked(holder: &Holder, since: Timestamp, reason: Option<RevocationReason>) -> RevokedEntry {
    RevokedEntry { serial: holder.certificate.serial().clone(), since, reason, invalidity_date: None }
}

/// Root over an issuing CA (seal, OCSP responder), and another root over the time-stamping units.
#[derive(Clone)]
pub(crate) struct Lab {
    pub(crate) root: Holder,
    pub(crate) issuing: Holder,
    /// 2026 to 2027.
    pub(crate) responder: Holder,
    /// 2026 to 2029.
    pub(crate) seal: Holder,
    /// Another root, of the time-stamping units.
    pub(crate) stamping: Holder,
    /// 2025 to 2040.
    pub(crate) unit: Holder,
    /// 2025 to 2040, of the same CA.
    pub(crate) other_unit: Holder,
}

impl Lab {
    pub(crate) fn new() -> Lab {
        Lab::with_keys(KeyKind::P256)
    }

    /// `key`: that of root, issuing CA, responder and seal.
    pub(crate) fn with_keys(key: KeyKind) -> Lab {
        let root = Holder::root("TESTBED Root", key);
        let issuing =
            root.issue(NewCertificate { key, ..NewCertificate::new("TESTBED Issuing", ("2024", "2040"), ca()) });
        let stamping = Holder::root("TESTBED Stamping", KeyKind::P256);
        let unit = stamping.issue(NewCertificate::new("TESTBED TSU 1", ("2025", "2040"), for_stamps()));
        let other_unit = stamping.issue(NewCertificate::new("TESTBED TSU 2", ("2025", "2040"), for_stamps()));
        let responder = issuing
            .issue(NewCertificate { key, ..NewCertificate::new("TESTBED OCSP", ("2026", "2027"), for_answers()) });
        let seal =
            issuing.issue(NewCertificate { key, ..NewCertificate::new("Example Seal", ("2026", "2029"), for_seals()) });
        Lab { root, issuing, responder, seal, stamping, unit, other_unit }
    }

    pub(crate) fn good(&self, about: &Holder, at: Timestamp) -> Vec<u8> {
        self.responder.ocsp(about, &self.issuing, at, CertificateStatus::Good)
    }

    /// Another responder of the issuing CA.
    pub(crate) fn responder_of(&self, valid: (&str, &str)) -> Holder {
        self.issuing.issue(NewCertificate::new("TESTBED OCSP 2", valid, for_answers()))
    }

    /// "Good" of a time, produced at another.
    pub(crate) fn produced(&self, about: &Holder, at: Timestamp, produced_at: Timestamp) -> Vec<u8> {
        self.responder.ocsp_produced(about, &self.issuing, at, produced_at, |_| {})
    }

    /// A seal without a time-stamp.
    pub(crate) fn bb(&self) -> Document {
        self.document(Message::of(&self.seal))
    }

    /// A seal that the unit stamped five seconds later.
    pub(crate) fn bt(&self) -> Document {
        self.document(Message::of(&self.seal).stamped(&self.unit, sealed() + seconds(5)))
    }

    /// The same with evidence of a minute later: OCSP for the seal, CRLs for the CA and the unit.
    pub(crate) fn blt(&self) -> Document {
        let at = sealed() + seconds(60);
        self.bt().stored(&self.certificates(), &self.crls(at), &[self.good(&self.seal, at)])
    }

    pub(crate) fn certificates(&self) -> Vec<Vec<u8>> {
        [&self.root, &self.issuing, &self.responder, &self.stamping].map(|one| one.certificate.der().to_vec()).into()
    }

    /// CRLs of root and stamping CA.
    pub(crate) fn crls(&self, at: Timestamp) -> Vec<Vec<u8>> {
        vec![self.root.crl(Vec::new(), at), self.stamping.crl(Vec::new(), at)]
    }

    pub(crate) fn document(&self, message: Message) -> Document {
        Document { bytes: message.seal(&pdf()), lab: self.clone() }
    }

    /// Somebody else's file under a seal without a time-stamp.
    pub(crate) fn sealed_file(&self, pdf: &[u8]) -> Document {
        Document { bytes: Message::of(&self.seal).seal(pdf), lab: self.clone() }
    }
}

/// A document on its way.
#[derive(Clone)]
pub(crate) struct Document {
    pub(crate) bytes: Vec<u8>,
    pub(crate) lab: Lab,
}

impl Document {
    pub(crate) fn stored(&self, certificates: &[Vec<u8>], crls: &[Vec<u8>], answers: &[Vec<u8>]) -> Document {
        let material = security_store::Material {
            certificates: certificates.to_vec(),
            crls: crls.to_vec(),
            ocsp_responses: answers.to_vec(),
        };
        let bytes = security_store::append(&self.parsed(), &material, &[]).unwrap();
        Document { bytes, lab: self.lab.clone() }
    }

    pub(crate) fn parsed(&self) -> pades::Document {
        pades::Document::parse(self.bytes.as_slice()).unwrap()
    }

    /// A document time-stamp.
    pub(crate) fn stamped(&self, unit: &Holder, at: Timestamp) -> Document {
        let place = Placement::NewInvisible { name: None };
        let prepared = pades::prepare(&self.parsed(), place, SealKind::DocumentTimeStamp, 8192).unwrap();
        let token = unit.stamp(prepared.signed_parts(), at, DigestAlgorithm::Sha256);
        Document { bytes: prepared.embed(&token).unwrap(), lab: self.lab.clone() }
    }

    /// What is asked about it, with nothing known from elsewhere.
    pub(crate) fn offline(&self) -> Case {
        let lab = &self.lab;
        let anchors = [&lab.root, &lab.stamping].map(|one| Anchor::from(one.certificate.clone())).into();
        let certificates = [&lab.issuing, &lab.stamping].map(|one| one.certificate.clone()).into();
        let policy = Policy::default();
        Case { pdf: self.bytes.clone(), anchors, certificates, crls: Vec::new(), answers: Vec::new(), policy }
    }

    /// With CRLs of all CAs of that time.
    pub(crate) fn online(&self, at: Timestamp) -> Case {
        self.online_with(at, Vec::new())
    }

    /// The same, the issuing CA's with these entries.
    pub(crate) fn online_with(&self, at: Timestamp, entries: Vec<RevokedEntry>) -> Case {
        let mut case = self.offline().with_crl(self.lab.issuing.crl(entries, at));
        for crl in self.lab.crls(at) {
            case = case.with_crl(crl);
        }
        case
    }
}

/// A question to the verifier.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) pdf: Vec<u8>,
    pub(crate) anchors: Vec<Anchor>,
    pub(crate) certificates: Vec<Certificate>,
    pub(crate) crls: Vec<Crl>,
    pub(crate) answers: Vec<SuccessfulOcspResponse>,
    pub(crate) policy: Policy,
}

impl Case {
    pub(crate) fn with_crl(mut self, der: Vec<u8>) -> Case {
        self.crls.push(Crl::from_der(&der).unwrap());
        self
    }

    pub(crate) fn with_answer(mut self, der: Vec<u8>) -> Case {
        match OcspResponse::from_der(&der).unwrap() {
            OcspResponse::Successful(answer) => self.answers.push(answer),
            OcspResponse::Refused(refusal) => panic!("{refusal}"),
        }
        self
    }

    pub(crate) fn with_policy(mut self, change: impl FnOnce(&mut Policy)) -> Case {
        change(&mut self.policy);
        self
    }

    /// From that time on the root is not trusted any more.
    pub(crate) fn with_sunset(mut self, at: Timestamp) -> Case {
        self.anchors[0].sunset = Some(at);
        self
    }

    pub(crate) fn with_pdf(mut self, change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Case {
        self.pdf = change(self.pdf);
        self
    }

    pub(crate) fn validate(&self, at: Timestamp) -> Report {
        self.ask(at).unwrap()
    }

    pub(crate) fn ask(&self, at: Timestamp) -> Result<Report, validation::Error> {
        let parsed = pades::Document::parse(self.pdf.as_slice());
        let input = Input {
            pdf: Pdf::of(&self.pdf, &parsed),
            anchors: &self.anchors,
            certificates: &self.certificates,
            crls: &self.crls,
            ocsp_responses: &self.answers,
            policy: &self.policy,
            memory: &pki::SignatureMemory::default(),
        };
        validation::validate(&input, at)
    }
}

/// A token over the parts.
pub(crate) fn token(der: &[u8]) -> TimeStampToken {
    TimeStampToken::from_der(der).unwrap()
}

/// One blank page.
pub(crate) fn pdf() -> Vec<u8> {
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
