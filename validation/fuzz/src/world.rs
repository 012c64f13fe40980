//! A fixed world: one CA, one seal, one time-stamping unit, with keys of the folder `keys` that are worth nothing. In: nothing.
//! Out: who is trusted, what the CA says of both, and signatures over what was mutated, so that what lies behind a valid
//! signature is reached too.

use std::sync::LazyLock;

use aws_lc_rs::digest::{Digest as ModuleDigest, SHA256};
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use jiff::{SignedDuration, Timestamp};
use pki::SignatureMemory;
use pki::{
    Accuracy, Certificate, CertificateId, CertificateStatus, CertificateTemplate, Crl, CrlTemplate, Digest,
    DigestAlgorithm, Extension, KeyUsageBit, Name, OcspResponse, OcspTemplate, PublicKey, Scheme, SerialNumber,
    SignatureAlgorithm, SignedAttributes, SingleResponse, SuccessfulOcspResponse, TimeStampToken, TokenAssembler,
    TokenContent, oid,
};
use validation::{Anchor, Input, Pdf, Policy};

/// The world.
pub static WORLD: LazyLock<World> = LazyLock::new(World::new);

const FIXED: &str = "the keys of the folder are those that the certificates were made for";

/// RSA signs the same octets the same way: the certificates of every run are the same.
const BY_CA: SignatureAlgorithm = SignatureAlgorithm::new(Scheme::RsaPkcs1, DigestAlgorithm::Sha256);
const BY_HOLDER: SignatureAlgorithm = SignatureAlgorithm::new(Scheme::Ecdsa, DigestAlgorithm::Sha256);

/// Somebody with a key and a certificate.
pub struct Holder {
    key: EcdsaKeyPair,
    /// Its certificate.
    pub certificate: Certificate,
}

/// Who is there.
pub struct World {
    /// The CA: the only anchor.
    pub ca: Certificate,
    /// Seals documents.
    pub seal: Holder,
    /// Stamps them.
    pub unit: Holder,
    /// What the CA says.
    pub crl: Crl,
    /// What it says of the seal.
    pub answer: SuccessfulOcspResponse,
    /// After the seal nothing but long-term material.
    pub strict: Policy,
    /// Whatever came after the seal.
    pub lenient: Policy,
    anchors: Vec<Anchor>,
    known: Vec<Certificate>,
    assembler: TokenAssembler,
    memory: SignatureMemory,
}

/// When documents are sealed and stamped.
pub fn sealed_at() -> Timestamp {
    "2026-11-24T09:00:00Z".parse().expect(FIXED)
}

/// When they are validated.
pub fn validated_at() -> Timestamp {
    sealed_at() + SignedDuration::from_mins(10)
}

impl World {
    fn new() -> World {
        let pair = RsaKeyPair::from_pkcs8(&key(include_str!("../keys/root.pkcs8.hex"))).expect(FIXED);
        let authority = Authority { public: public(pair.public_key().as_der().expect(FIXED).as_ref()), pair };
        let ca = authority.certify("Fuzz CA", &authority.public, 1, ca());
        let holder = |name, text, number, extensions| {
            let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &key(text)).expect(FIXED);
            let public = public(key.public_key().as_der().expect(FIXED).as_ref());
            Holder { certificate: authority.certify(name, &public, number, extensions), key }
        };
        let seal = holder("Fuzz Seal", include_str!("../keys/seal.pkcs8.hex"), 2, for_seals());
        let unit = holder("Fuzz TSU", include_str!("../keys/unit.pkcs8.hex"), 3, for_stamps());
        let policy = oid::TESTBED_TSA_POLICY;
        let assembler = TokenAssembler::new(&unit.certificate, &[], BY_HOLDER, policy, Accuracy::seconds(1));
        World {
            crl: authority.crl(&ca),
            answer: authority.answer(&ca, &seal.certificate),
            strict: Policy::strict(),
            lenient: Policy::any_later_changes(),
            anchors: vec![Anchor::from(ca.clone())],
            known: vec![ca.clone(), seal.certificate.clone(), unit.certificate.clone()],
            assembler: assembler.expect(FIXED),
            memory: SignatureMemory::default(),
            ca,
            seal,
            unit,
        }
    }

    /// The question about a file, with all that is known in this world.
    pub fn question<'a>(&'a self, pdf: Pdf<'a>, policy: &'a Policy) -> Input<'a> {
        Input {
            pdf,
            anchors: &self.anchors,
            certificates: &self.known,
            crls: std::slice::from_ref(&self.crl),
            ocsp_responses: std::slice::from_ref(&self.answer),
            policy,
            memory: &self.memory,
        }
    }

    /// A seal over the parts, stamped.
    pub fn seal(&self, parts: [&[u8]; 2]) -> Vec<u8> {
        let content = DigestAlgorithm::Sha256.digest_parts(parts);
        let attributes = SignedAttributes::new(&content, &self.seal.certificate, BY_HOLDER).expect(FIXED);
        let signature = self.seal.sign(&attributes.digest());
        let stamp = TimeStampToken::from_der(&self.stamp([&signature, &[]])).expect("a token made here is one");
        attributes.assemble(&signature, &[self.seal.certificate.clone()], Some(&stamp))
    }

    /// A time-stamp over the parts.
    pub fn stamp(&self, parts: [&[u8]; 2]) -> Vec<u8> {
        let imprint = DigestAlgorithm::Sha256.digest_parts(parts);
        let serial = SerialNumber::from_bytes(&[7]).expect(FIXED);
        self.stamp_with(TokenContent {
            imprint: &imprint,
            serial: &serial,
            time: sealed_at(),
            nonce: None,
            certificates: true,
        })
    }

    /// A time-stamp with this content.
    pub fn stamp_with(&self, content: TokenContent<'_>) -> Vec<u8> {
        let pending = self.assembler.prepare(content);
        let signature = self.unit.sign(&pending.digest());
        pending.assemble(&signature)
    }
}

impl Holder {
    fn sign(&self, digest: &Digest) -> Vec<u8> {
        self.key.sign_digest(&imported(digest)).expect("a key of this kind signs SHA-256").as_ref().to_vec()
    }
}

struct Authority {
    pair: RsaKeyPair,
    public: PublicKey,
}

impl Authority {
    fn sign(&self, digest: &Digest) -> Vec<u8> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair.sign_digest(&RSA_PKCS1_SHA256, &imported(digest), &mut signature).expect("RSA signs SHA-256");
        signature
    }

    fn certify(&self, common_name: &str, key: &PublicKey, number: u8, extensions: Vec<Extension>) -> Certificate {
        let identifiers = [
            Extension::authority_key_identifier(&self.public.key_identifier()),
            Extension::subject_key_identifier(key),
        ];
        let template = CertificateTemplate {
            serial: SerialNumber::from_bytes(&[number]).expect(FIXED),
            issuer: name("Fuzz CA"),
            subject: name(common_name),
            public_key: key.clone(),
            not_before: "2020-01-01T00:00:00Z".parse().expect(FIXED),
            not_after: "2049-01-01T00:00:00Z".parse().expect(FIXED),
            extensions: identifiers.into_iter().chain(extensions).collect(),
        };
        let to_be_signed = template.to_be_signed(BY_CA).expect(FIXED);
        let signature = self.sign(&to_be_signed.digest());
        Certificate::from_der(&to_be_signed.signed(&signature)).expect(FIXED)
    }

    fn crl(&self, ca: &Certificate) -> Crl {
        let template = CrlTemplate {
            issuer: ca.subject().clone(),
            authority_key_identifier: self.public.key_identifier().to_vec(),
            number: 1,
            this_update: sealed_at() + SignedDuration::from_mins(1),
            next_update: Some(sealed_at() + SignedDuration::from_hours(24)),
            entries: Vec::new(),
            expired_certificates_since: None,
        };
        let to_be_signed = template.to_be_signed(BY_CA).expect(FIXED);
        let signature = self.sign(&to_be_signed.digest());
        Crl::from_der(&to_be_signed.signed(&signature)).expect(FIXED)
    }

    fn answer(&self, ca: &Certificate, about: &Certificate) -> SuccessfulOcspResponse {
        let at = sealed_at() + SignedDuration::from_mins(1);
        let response = SingleResponse {
            id: CertificateId::for_certificate(about.serial(), ca, DigestAlgorithm::Sha1),
            status: CertificateStatus::Good,
            this_update: at,
            next_update: Some(at + SignedDuration::from_hours(24)),
            archive_cutoff: None,
            certificate_hash: None,
        };
        let template = OcspTemplate {
            responder_key_identifier: self.public.key_identifier(),
            produced_at: at,
            responses: vec![response],
            nonce: None,
        };
        let pending = template.to_be_signed(BY_CA).expect(FIXED);
        let signature = self.sign(&pending.digest());
        OcspResponse::from_der(&pending.signed(&signature, &[])).and_then(OcspResponse::into_successful).expect(FIXED)
    }
}

fn key(hexadecimal: &str) -> Vec<u8> {
    let digits: String = hexadecimal.split_ascii_whitespace().collect();
    hex::decode(digits).expect(FIXED)
}

fn public(spki: &[u8]) -> PublicKey {
    PublicKey::from_spki_der(spki).expect(FIXED)
}

fn imported(digest: &Digest) -> ModuleDigest {
    ModuleDigest::import_less_safe(digest.as_bytes(), &SHA256).expect("a digest of SHA-256")
}

fn name(common_name: &str) -> Name {
    let base = Name::builder().country("JP").organization("TESTBED — NOT QUALIFIED");
    base.organization_identifier("NTRJP-9234567890123").common_name(common_name).build()
}

fn ca() -> Vec<Extension> {
    vec![
        Extension::basic_constraints(true, None),
        Extension::key_usage(&[KeyUsageBit::KeyCertSign, KeyUsageBit::CrlSign]),
    ]
}

fn for_seals() -> Vec<Extension> {
    vec![Extension::key_usage(&[KeyUsageBit::NonRepudiation])]
}

fn for_stamps() -> Vec<Extension> {
    vec![
        Extension::key_usage(&[KeyUsageBit::DigitalSignature]),
        Extension::extended_key_usage(&[oid::TIME_STAMPING], true),
    ]
}
