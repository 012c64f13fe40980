//! The CMS inside /Contents, rules C1–C6 of strict PDF checking and EN 319 102-1 clause 5.2.7. In: /Contents and the signed
//! bytes. Out: facts about the message, and about the time-stamps over its signature value. Messages in BER, or with something
//! after them, are against the format and read all the same. Certificates are taken as they are embedded; whether to trust
//! them is not asked here.

use jiff::Timestamp;
use pki::cms::SignedData;
use pki::tsp::TimeStampToken;
use pki::{Certificate, Digest, DigestAlgorithm, Error, ObjectIdentifier, oid};

use super::{Fact, Fault, TimeStampIntegrity};

/// What is so about one message.
pub(super) struct Facts {
    pub(super) format_valid: Fact,
    pub(super) hash_intact: Fact,
    pub(super) signature_intact: Fact,
    pub(super) certificate_reference: Fact,
    pub(super) signer_certificate: Option<Certificate>,
    pub(super) certificates: Vec<Certificate>,
    pub(super) time: Option<Timestamp>,
    pub(super) time_stamps: Vec<TimeStampIntegrity>,
}

/// The detached signature that came before PAdES; its cryptography is the same.
pub(super) const LEGACY_DETACHED: &str = "adbe.pkcs7.detached";

/// The signature over a SHA-1 digest that it carries as its content (ISO 32000-1, table 257).
pub(super) const LEGACY_ENVELOPED: &str = "adbe.pkcs7.sha1";

/// A signature whose content is the SHA-1 digest of the signed bytes.
pub(super) fn enveloped_digest(contents: &[u8], signed: Option<[&[u8]; 2]>) -> Facts {
    let message = match SignedData::from_ber(contents) {
        Ok(message) => message,
        Err(error) => return Facts::unread(&unreadable(&error)),
    };
    let mut facts = Facts::of(&message, oid::DATA);
    let content = message.content().map(|content| -> [&[u8]; 2] { [content, &[]] });
    if message.signed_attributes_der().is_none() {
        facts.without_signed_attributes(&message, content);
    } else {
        facts.hash_intact = message_digest(&message, content);
    }
    if let (Fact::Holds, Some(parts)) = (&facts.hash_intact, signed) {
        let computed = DigestAlgorithm::Sha1.digest_parts(parts);
        if message.content() != Some(computed.as_bytes()) {
            let signed = message.content().and_then(|content| Digest::new(DigestAlgorithm::Sha1, content).ok());
            facts.hash_intact = Fact::Fails(Fault::Digest { computed, signed });
        }
    }
    facts
}

/// A detached signature over the signed bytes.
pub(super) fn seal(contents: &[u8], signed: Option<[&[u8]; 2]>) -> Facts {
    let message = match SignedData::from_ber(contents) {
        Ok(message) => message,
        Err(error) => return Facts::unread(&unreadable(&error)),
    };
    let mut facts = Facts::of(&message, oid::DATA);
    facts.hash_intact = message_digest(&message, signed);
    if message.signed_attributes_der().is_none() {
        facts.without_signed_attributes(&message, signed);
    }
    for token in message.signature_time_stamps() {
        let token_facts = Facts::of_token(&token, Some([message.signature_value(), &[]]));
        facts.certificates.extend(token_facts.certificates.iter().cloned());
        facts.time_stamps.push(token_facts.into_time_stamp());
    }
    let unreadable_tokens = message.unreadable_time_stamps();
    facts.time_stamps.extend(unreadable_tokens.iter().map(|error| Facts::unread(&unreadable(error)).into_time_stamp()));
    facts
}

/// A time-stamp token over the signed bytes.
pub(super) fn document_time_stamp(contents: &[u8], signed: Option<[&[u8]; 2]>) -> Facts {
    match TimeStampToken::from_ber(contents) {
        Ok(token) => Facts::of_token(&token, signed),
        Err(error) => Facts::unread(&unreadable(&error)),
    }
}

impl Facts {
    /// Nothing can be said, and why.
    pub(super) fn unread(fault: &Fault) -> Facts {
        let unknown = || Fact::Undetermined(fault.clone());
        Facts {
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

    fn of_token(token: &TimeStampToken, stamped: Option<[&[u8]; 2]>) -> Facts {
        let message = token.signed_data();
        let mut facts = Facts::of(message, oid::TST_INFO);
        facts.time = Some(token.time());
        facts.hash_intact = imprint(token, stamped);
        // The signature is over the digest of TSTInfo: both must hold for the token to be genuine.
        let content = message_digest(message, message.content().map(|content| [content, &[]]));
        if content != Fact::Holds {
            facts.signature_intact = content;
        }
        facts
    }

    /// All but the digest of what was signed.
    fn of(message: &SignedData, content_type: ObjectIdentifier) -> Facts {
        let signer = message.signer_certificate();
        let with_signer = |check: &dyn Fn(&Certificate) -> Fact| match signer {
            Some(certificate) => check(certificate),
            None => Fact::Undetermined(Fault::NoSignerCertificate),
        };
        Facts {
            format_valid: format(message, content_type),
            hash_intact: Fact::Holds, // replaced by the caller, who knows what was signed
            signature_intact: with_signer(&|signer| signature(message, signer)),
            certificate_reference: with_signer(&|signer| reference(message, signer)),
            signer_certificate: signer.cloned(),
            certificates: message.certificates().to_vec(),
            time: None,
            time_stamps: Vec::new(),
        }
    }

    /// RFC 5652 clause 5.4: then the digest of the content is signed itself, and no other digest stands beside it.
    fn without_signed_attributes(&mut self, message: &SignedData, signed: Option<[&[u8]; 2]>) {
        self.hash_intact = Fact::Undetermined(Fault::NoSignedAttributes);
        let (Some(signer), Some(parts), Ok(algorithm)) = (&self.signer_certificate, signed, message.digest_algorithm())
        else {
            return;
        };
        self.signature_intact =
            fact(message.verify_content_signature(signer, &algorithm.digest_parts(parts)), |detail| Fault::Signature {
                detail,
            });
        if self.signature_intact == Fact::Holds {
            self.hash_intact = Fact::Holds;
        }
    }

    fn into_time_stamp(self) -> TimeStampIntegrity {
        TimeStampIntegrity {
            time: self.time,
            format_valid: self.format_valid,
            hash_intact: self.hash_intact,
            signature_intact: self.signature_intact,
            certificate_reference: self.certificate_reference,
            signer_certificate: self.signer_certificate,
        }
    }
}

/// C1, C4, C5, G7: DER and nothing but zeros after it, one signer, content where it belongs, attributes in DER order, the
/// digest algorithm announced.
fn format(message: &SignedData, content_type: ObjectIdentifier) -> Fact {
    let detached = content_type == oid::DATA;
    let fault = if message.was_ber() {
        Fault::NotDer
    } else if message.trailing_octets() > 0 {
        Fault::Padding { octets: message.trailing_octets() }
    } else if message.signer_count() != 1 {
        Fault::Signers { found: message.signer_count() }
    } else if message.has_econtent() == detached {
        Fault::Content { wanted: !detached }
    } else if message.content_type() != content_type || message.content_type_attribute() != Ok(content_type) {
        Fault::ContentType { wanted: content_type }
    } else if !message.signed_attributes_sorted() {
        Fault::AttributeOrder
    } else if !message.digest_algorithms().contains(&message.digest_algorithm_oid()) {
        Fault::DigestNotAnnounced { found: message.digest_algorithm_oid() }
    } else {
        return Fact::Holds;
    };
    Fact::Fails(fault)
}

fn message_digest(message: &SignedData, signed: Option<[&[u8]; 2]>) -> Fact {
    let Some(parts) = signed else { return Fact::Undetermined(Fault::NoSignedBytes) };
    let computed = match message.digest_algorithm() {
        Ok(algorithm) => algorithm.digest_parts(parts),
        Err(error) => return Fact::Undetermined(Fault::Algorithm { detail: error.to_string() }),
    };
    match message.message_digest() {
        Ok(signed) if signed == computed => Fact::Holds,
        Ok(signed) => Fact::Fails(Fault::Digest { computed, signed: Some(signed) }),
        Err(_) => Fact::Fails(Fault::Digest { computed, signed: None }),
    }
}

fn imprint(token: &TimeStampToken, stamped: Option<[&[u8]; 2]>) -> Fact {
    let Some(parts) = stamped else { return Fact::Undetermined(Fault::NoSignedBytes) };
    let signed = &token.info().imprint;
    let computed = signed.algorithm().digest_parts(parts);
    if computed == *signed {
        return Fact::Holds;
    }
    Fact::Fails(Fault::Digest { computed, signed: Some(signed.clone()) })
}

fn signature(message: &SignedData, signer: &Certificate) -> Fact {
    fact(message.verify_signature(signer), |detail| Fault::Signature { detail })
}

/// Clause 5.2.3, rule C2.
fn reference(message: &SignedData, signer: &Certificate) -> Fact {
    fact(message.check_signing_certificate(signer), |detail| Fault::Reference { detail })
}

/// An algorithm that is not offered here says nothing about the signature.
fn fact(outcome: Result<(), Error>, fault: impl FnOnce(String) -> Fault) -> Fact {
    match outcome {
        Ok(()) => Fact::Holds,
        Err(error @ (Error::UnsupportedAlgorithm { .. } | Error::UnsupportedParameters { .. })) => {
            Fact::Undetermined(Fault::Algorithm { detail: error.to_string() })
        }
        Err(error) => Fact::Fails(fault(error.to_string())),
    }
}

fn unreadable(error: &Error) -> Fault {
    Fault::Unreadable { detail: error.to_string() }
}
