//! Integrity of every seal and document time-stamp in a PDF: EN 319 102-1 clauses 5.2.2 (format), 5.2.3 (signed certificate
//! reference) and 5.2.7 (cryptographic verification), and rules U1–U6 and G1–G8 of strict PDF checking. In: the bytes of a
//! PDF. Out: one set of facts per signature. Nothing here asks who the signer is or whether to trust it, and nothing depends
//! on a time.

mod byte_range;
mod cms;
mod fact;

use jiff::Timestamp;
use pades::{Document, Signature, SignatureFields, SignatureKind, SignatureValue};
use pki::Certificate;

pub use fact::{Fact, Fault};

use crate::Error;

/// What is so about one seal or document time-stamp.
#[derive(Clone, Debug)]
pub struct SealIntegrity {
    /// The name of its field.
    pub field: String,
    /// Seal or document time-stamp; `None` when its dictionary cannot be read.
    pub kind: Option<SignatureKind>,
    /// The revision that holds it, counted from 0.
    pub revision: Option<usize>,
    /// The signed ranges as the file states them.
    pub byte_range: Option<[u64; 4]>,
    /// Whether nothing follows the signed revision. `false` is usual for a seal with long-term material.
    pub covers_whole_file: bool,
    /// The ranges start at 0, leave out exactly this signature's /Contents token and end where a revision ends.
    pub byte_range_valid: Fact,
    /// /Contents is what PAdES allows: one DER structure, zero padding, one signer, no content of its own.
    pub format_valid: Fact,
    /// The signed ranges have the digest that was signed: message-digest of a seal, imprint of a time-stamp.
    pub hash_intact: Fact,
    /// The signature value was made over the signed attributes with the signer certificate's key.
    pub signature_intact: Fact,
    /// The signed reference (ESSCertID, ESSCertIDv2) is to the certificate that was used.
    pub certificate_reference: Fact,
    /// The certificate that the signature names, if it is embedded.
    pub signer_certificate: Option<Certificate>,
    /// Every certificate inside /Contents, those of its time-stamps included.
    pub certificates: Vec<Certificate>,
    /// The time of a document time-stamp; `None` for a seal.
    pub time: Option<Timestamp>,
    /// The time-stamps over the signature value of a seal.
    pub time_stamps: Vec<TimeStampIntegrity>,
}

/// What is so about one time-stamp over the signature value of a seal.
#[derive(Clone, Debug)]
pub struct TimeStampIntegrity {
    /// TSTInfo.genTime; `None` when the token cannot be read.
    pub time: Option<Timestamp>,
    /// It is a token: one DER structure, one signer.
    pub format_valid: Fact,
    /// Its imprint is that of the seal's signature value (rule C6).
    pub hash_intact: Fact,
    /// Its signature was made over the signed attributes with the signer certificate's key.
    pub signature_intact: Fact,
    /// Its signed reference is to the certificate that was used.
    pub certificate_reference: Fact,
    /// The time-stamping unit's certificate, if it is embedded.
    pub signer_certificate: Option<Certificate>,
}

impl SealIntegrity {
    /// The facts of the signature itself, then those of its time-stamps, each with its name in reports.
    pub fn facts(&self) -> impl Iterator<Item = (&'static str, &Fact)> {
        let own = [
            ("byte_range_valid", &self.byte_range_valid),
            ("format_valid", &self.format_valid),
            ("hash_intact", &self.hash_intact),
            ("signature_intact", &self.signature_intact),
            ("certificate_reference", &self.certificate_reference),
        ];
        own.into_iter().chain(self.time_stamps.iter().flat_map(TimeStampIntegrity::facts))
    }

    /// Whether every fact holds, those of its time-stamps included.
    pub fn is_intact(&self) -> bool {
        self.facts().all(|(_, fact)| *fact == Fact::Holds)
    }

    /// Rule U5: a signature that cannot be read is an invalid one, and `fault` is why.
    fn unread(field: &str, fault: &Fault) -> SealIntegrity {
        let unknown = || Fact::Undetermined(fault.clone());
        SealIntegrity {
            field: field.into(),
            kind: None,
            revision: None,
            byte_range: None,
            covers_whole_file: false,
            byte_range_valid: Fact::Fails(fault.clone()),
            format_valid: Fact::Fails(fault.clone()),
            hash_intact: unknown(),
            signature_intact: unknown(),
            certificate_reference: unknown(),
            signer_certificate: None,
            certificates: Vec::new(),
            time: None,
            time_stamps: Vec::new(),
        }
    }
}

impl TimeStampIntegrity {
    /// The facts, each with its name in reports.
    pub fn facts(&self) -> impl Iterator<Item = (&'static str, &Fact)> {
        [
            ("time_stamp_format_valid", &self.format_valid),
            ("time_stamp_hash_intact", &self.hash_intact),
            ("time_stamp_signature_intact", &self.signature_intact),
            ("time_stamp_certificate_reference", &self.certificate_reference),
        ]
        .into_iter()
    }
}

/// Examines every signature of the file, in the order of the fields. An empty list: the file has none. A field whose value
/// is no usable signature is an invalid signature, not an unsigned field.
///
/// # Errors
/// If the file cannot be read, or if no signature was found but damage or encryption may hide one.
pub fn check(pdf: &[u8]) -> Result<Vec<SealIntegrity>, Error> {
    let document = Document::parse(pdf)?;
    let SignatureFields { fields, problems, .. } = document.signature_fields();
    let signatures: Vec<&Signature> = fields.iter().filter_map(|field| signature_of(&field.value)).collect();
    let seals = fields.iter().filter_map(|field| match &field.value {
        SignatureValue::Empty => None,
        SignatureValue::Signed(signature) => Some(examine(&document, signature, &signatures)),
        SignatureValue::Unusable { problem, .. } => {
            let fault = Fault::Dictionary { detail: problem.to_string() };
            Some(SealIntegrity::unread(&field.name, &fault))
        }
    });
    let seals: Vec<SealIntegrity> = seals.collect();
    let hidden = problems
        .first()
        .or_else(|| document.irregularities().iter().map(|found| &found.problem).find(|_| document.is_encrypted()));
    match hidden {
        Some(problem) if seals.is_empty() => Err(Error::Pdf(problem.clone())),
        _ => Ok(seals),
    }
}

/// The facts about one signature of a file, as one of its revisions shows it; its byte range is compared with the file alone.
pub fn examine_one(document: &Document, signature: &Signature) -> SealIntegrity {
    examine(document, signature, &[])
}

fn signature_of(value: &SignatureValue) -> Option<&Signature> {
    match value {
        SignatureValue::Signed(signature) => Some(signature),
        SignatureValue::Empty | SignatureValue::Unusable { .. } => None,
    }
}

fn examine(document: &Document, signature: &Signature, all: &[&Signature]) -> SealIntegrity {
    let signed = byte_range::signed_parts(document.bytes(), signature.byte_range);
    let cms = match &signature.kind {
        SignatureKind::Seal => cms::seal(&signature.contents, signed),
        SignatureKind::DocumentTimeStamp => cms::document_time_stamp(&signature.contents, signed),
        SignatureKind::Other(sub_filter) => {
            let fault = Fault::SubFilter { found: sub_filter.clone() };
            match sub_filter.as_str() {
                cms::LEGACY_DETACHED => {
                    let facts = cms::seal(&signature.contents, signed);
                    cms::Facts { format_valid: Fact::Fails(fault), ..facts }
                }
                cms::LEGACY_ENVELOPED => {
                    let facts = cms::enveloped_digest(&signature.contents, signed);
                    cms::Facts { format_valid: Fact::Fails(fault), ..facts }
                }
                _ => cms::Facts::unread(&fault),
            }
        }
    };
    let [_, _, start, length] = signature.byte_range;
    SealIntegrity {
        field: signature.field.clone(),
        kind: Some(signature.kind.clone()),
        revision: Some(signature.revision),
        byte_range: Some(signature.byte_range),
        covers_whole_file: start.checked_add(length) == Some(document.bytes().len() as u64),
        byte_range_valid: byte_range::check(document, signature, all),
        format_valid: cms.format_valid,
        hash_intact: cms.hash_intact,
        signature_intact: cms.signature_intact,
        certificate_reference: cms.certificate_reference,
        signer_certificate: cms.signer_certificate,
        certificates: cms.certificates,
        time: cms.time,
        time_stamps: cms.time_stamps,
    }
}
