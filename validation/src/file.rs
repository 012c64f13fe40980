//! The signatures and time-stamps of a file, and what each time-stamp covers. In: the results of format checking and the bytes.
//! Out: messages, tokens and objects; every certificate and all revocation data of the file go into the material.
//!
//! What a document time-stamp covers is a matter of bytes: what lies in its byte range, and the security store of the revision
//! that it signs (EN 319 142-1 clause 5.4). Nothing in a later revision is covered, whatever its time.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use pades::{Document, Signature, SignatureKind, security_store};
use pki::{Certificate, SignedData, TimeStampToken, X509RsaSignature, oid};

use crate::cryptographic_verification::Content;
use crate::existence::Object;
use crate::format_check::SignatureFormat;
use crate::material::Material;
use crate::report::{Kind, TimestampKind};

/// The two signed parts of a file.
pub(crate) type Parts<'a> = [&'a [u8]; 2];

/// A signature of the file.
pub(crate) struct Entry {
    pub(crate) format: SignatureFormat,
    pub(crate) kind: Kind,
    /// What /Contents holds, if it can be read.
    pub(crate) message: Option<SignedData>,
    /// What it holds instead under `adbe.x509.rsa_sha1`, with the certificates of /Cert.
    pub(crate) bare: Option<(X509RsaSignature, Vec<Certificate>)>,
    /// /M.
    pub(crate) claimed_time: Option<Timestamp>,
    /// Tokens of this entry: those in a seal, or the one that a document time-stamp is.
    pub(crate) tokens: Vec<usize>,
    /// What lies in its /Contents: certificates and tokens.
    embedded: Vec<Object>,
}

/// A time-stamp of the file.
pub(crate) struct Token {
    pub(crate) kind: TimestampKind,
    /// The entry that it is part of.
    pub(crate) entry: usize,
    /// The token, or why it cannot be read.
    pub(crate) token: Result<TimeStampToken, String>,
    /// What it proves to exist.
    pub(crate) covers: Vec<Object>,
}

/// Octets that are hashed for one file, whatever its length: a second of work.
const HASHED_AT_LEAST: u64 = 1 << 30;

/// How often a file is hashed as a whole: seals and archive time-stamps of a century of renewals, of a small one many more.
const HASHED_TIMES: u64 = 16;

/// See the module.
pub(crate) struct File<'a> {
    bytes: &'a [u8],
    /// Octets that may still be hashed.
    to_hash: Cell<u64>,
    pub(crate) entries: Vec<Entry>,
    pub(crate) tokens: Vec<Token>,
}

impl<'a> File<'a> {
    /// Reads the messages of all signatures, and the security stores.
    pub(crate) fn read(
        bytes: &'a [u8],
        document: Option<&Document>,
        formats: Vec<SignatureFormat>,
        material: &mut Material<'_>,
    ) -> File<'a> {
        let to_hash = Cell::new(HASHED_AT_LEAST.max(HASHED_TIMES * bytes.len() as u64));
        let mut file = File { bytes, to_hash, entries: Vec::new(), tokens: Vec::new() };
        formats.into_iter().for_each(|format| file.add(format, material));
        let stores = document.map(|document| stores(document, &file.entries, material)).unwrap_or_default();
        for place in 0..file.tokens.len() {
            file.tokens[place].covers = file.covered_by(place, &stores);
        }
        file
    }

    fn add(&mut self, format: SignatureFormat, material: &mut Material<'_>) {
        let kind = format.kind.unwrap_or(Kind::Seal);
        let claim = format.signature.as_ref().and_then(|signature| signature.signing_time_claim.as_deref());
        let bare = format.signature.as_ref().and_then(|signature| bare(signature, material));
        let mut entry = Entry {
            kind,
            message: format.message.clone().filter(|_| bare.is_none()),
            bare,
            claimed_time: claim.and_then(pdf_date),
            tokens: Vec::new(),
            embedded: Vec::new(),
            format,
        };
        let tokens = match (kind, &entry.message) {
            (Kind::DocumentTimestamp, _) => {
                let token = contents_token(&entry);
                vec![(TimestampKind::Document, token)]
            }
            (Kind::Seal, Some(message)) => tokens_of(message),
            (Kind::Seal, None) => Vec::new(),
        };
        if let Some(message) = &entry.message {
            entry.embedded.extend(certificates(message.certificates(), material));
            entry.embedded.extend(revocation_data(message, material));
        }
        for (kind, token) in tokens {
            let place = self.tokens.len();
            if let Ok(token) = &token {
                entry.embedded.extend(certificates(token.certificates(), material));
                entry.embedded.extend(revocation_data(token.signed_data(), material));
            }
            entry.embedded.push(Object::TimeStamp(place));
            entry.tokens.push(place);
            self.tokens.push(Token { kind, entry: self.entries.len(), token, covers: Vec::new() });
        }
        self.entries.push(entry);
    }

    /// The signed parts of an entry, if its byte range lies in the file.
    pub(crate) fn parts(&self, entry: usize) -> Option<Parts<'a>> {
        let [first, first_length, second, second_length] = self.entries[entry].format.signature.as_ref()?.byte_range;
        let slice = |start: u64, length: u64| {
            let (start, length) = (usize::try_from(start).ok()?, usize::try_from(length).ok()?);
            self.bytes.get(start..start.checked_add(length)?)
        };
        Some([slice(first, first_length)?, slice(second, second_length)?])
    }

    /// The same, if so much may still be hashed: each of many signatures is over everything before it.
    pub(crate) fn parts_to_hash(&self, entry: usize) -> Option<Parts<'a>> {
        let parts = self.parts(entry)?;
        let length: u64 = parts.iter().map(|part| part.len() as u64).sum();
        self.to_hash.set(self.to_hash.get().checked_sub(length)?);
        Some(parts)
    }

    /// What the message of an entry is over.
    pub(crate) fn content(&self, entry: usize) -> Option<Content<'a>> {
        let parts = self.parts_to_hash(entry)?;
        let sub_filter = self.entries[entry].format.signature.as_ref().map(|signature| &signature.kind);
        Some(match sub_filter {
            Some(SignatureKind::Other(name)) if name == "adbe.pkcs7.sha1" => Content::Sha1Inside(parts),
            _ => Content::Parts(parts),
        })
    }

    /// The parts that a token should be over.
    pub(crate) fn stamped(&self, token: usize) -> Option<Parts<'_>> {
        let Token { kind, entry, .. } = &self.tokens[token];
        match kind {
            TimestampKind::Signature => {
                self.entries[*entry].message.as_ref().map(|message| [message.signature_value(), &[][..]])
            }
            TimestampKind::Document | TimestampKind::Content => self.parts_to_hash(*entry),
        }
    }

    /// The document time-stamps whose byte range has an entry inside, oldest first.
    pub(crate) fn document_stamps_over(&self, entry: usize) -> impl Iterator<Item = usize> {
        let candidates = self.tokens.iter().enumerate().filter(|(_, token)| token.kind == TimestampKind::Document);
        candidates
            .filter(move |(_, token)| token.entry != entry && self.covers(token.entry, entry))
            .map(|(place, _)| place)
    }

    fn covers(&self, outer: usize, inner: usize) -> bool {
        let (Some(outer), Some(inner)) = (&self.entries[outer].format.signature, &self.entries[inner].format.signature)
        else {
            return false;
        };
        let (start, end) = (inner.contents_offset.start as u64, inner.contents_offset.end as u64);
        let [first, first_length, second, second_length] = outer.byte_range;
        let within = |from: u64, length: u64| start >= from && end <= from.saturating_add(length);
        within(first, first_length) || within(second, second_length)
    }

    fn covered_by(&self, place: usize, stores: &HashMap<usize, Vec<Object>>) -> Vec<Object> {
        let Token { kind, entry, .. } = &self.tokens[place];
        match kind {
            TimestampKind::Content => Vec::new(),
            TimestampKind::Signature => {
                // The signature is over a reference with the hash of the signing certificate.
                let message = self.entries[*entry].message.as_ref();
                let signer = message.and_then(SignedData::signer_certificate);
                let referred = signer
                    .filter(|signer| message.is_some_and(|message| message.check_signing_certificate(signer).is_ok()));
                let referred = referred.map(|signer| Object::Certificate(signer.clone()));
                referred.into_iter().chain([Object::Signature(*entry)]).collect()
            }
            TimestampKind::Document => {
                let mut objects = HashSet::new();
                let inside = (0..self.entries.len()).filter(|inner| inner != entry && self.covers(*entry, *inner));
                for inner in inside {
                    objects.insert(Object::Signature(inner));
                    objects.extend(self.entries[inner].embedded.iter().cloned());
                }
                let revision = self.entries[*entry].format.covered_revision;
                objects.extend(revision.and_then(|revision| stores.get(&revision)).into_iter().flatten().cloned());
                objects.into_iter().collect()
            }
        }
    }
}

/// The signature without a message that /Contents is under `adbe.x509.rsa_sha1`.
fn bare(signature: &Signature, material: &mut Material<'_>) -> Option<(X509RsaSignature, Vec<Certificate>)> {
    if !matches!(&signature.kind, SignatureKind::Other(name) if name == "adbe.x509.rsa_sha1") {
        return None;
    }
    let value = X509RsaSignature::from_ber(&signature.contents).ok()?;
    let stated = match signature.dictionary.get("Cert") {
        Some(pades::Object::Array(elements)) => elements.as_slice(),
        Some(one) => std::slice::from_ref(one),
        None => &[],
    };
    let octets = stated.iter().filter_map(pades::Object::as_string);
    let certificates = octets.filter_map(|octets| material.add_certificate_der(&octets.bytes)).collect();
    Some((value, certificates))
}

fn contents_token(entry: &Entry) -> Result<TimeStampToken, String> {
    let signature = entry.format.signature.as_ref().ok_or("its dictionary cannot be read")?;
    TimeStampToken::from_ber(&signature.contents).map_err(|error| error.to_string())
}

/// Signature time-stamps and content time-stamps of a seal.
fn tokens_of(message: &SignedData) -> Vec<(TimestampKind, Result<TimeStampToken, String>)> {
    let of = |attributes: &[pki::Attribute], identifier, kind| {
        let found: Vec<_> = attributes.iter().filter(|attribute| attribute.oid == identifier).collect();
        let values = found.into_iter().flat_map(|attribute| attribute.values.iter().cloned()).collect::<Vec<_>>();
        values.into_iter().map(move |value| (kind, TimeStampToken::from_der(&value).map_err(|error| error.to_string())))
    };
    let content = of(message.signed_attributes(), oid::CONTENT_TIME_STAMP, TimestampKind::Content);
    let signature = of(message.unsigned_attributes(), oid::SIGNATURE_TIME_STAMP, TimestampKind::Signature);
    content.chain(signature).collect()
}

fn certificates(found: &[Certificate], material: &mut Material<'_>) -> Vec<Object> {
    found.iter().map(|one| Object::Certificate(material.add_certificate(one))).collect()
}

fn revocation_data(message: &SignedData, material: &mut Material<'_>) -> Vec<Object> {
    let found = message.revocation_data();
    let crls: Vec<_> = found.crls.iter().filter_map(|der| material.add_crl_der(der)).collect();
    let answers = found.ocsp_responses.iter().filter_map(|der| material.add_ocsp_der(der));
    crls.into_iter().chain(answers).map(Object::Revocation).collect()
}

/// The content of the security store in the newest revision and in those that document time-stamps sign.
fn stores(document: &Document, entries: &[Entry], material: &mut Material<'_>) -> HashMap<usize, Vec<Object>> {
    let stamped = entries.iter().filter(|entry| entry.kind == Kind::DocumentTimestamp);
    let mut revisions: Vec<usize> = stamped.filter_map(|entry| entry.format.covered_revision).collect();
    revisions.push(document.revisions().len() - 1);
    revisions.sort_unstable();
    revisions.dedup();
    let stores = revisions.into_iter().map(|revision| (revision, store(document, revision, material))).collect();
    add_dropped(document, material);
    stores
}

/// What a store had once and a later one does not list any more: nobody takes back what an authority has said.
fn add_dropped(document: &Document, material: &mut Material<'_>) {
    let mut seen = HashSet::new();
    for revision in (0..document.revisions().len()).rev() {
        let Some(view) = document.at(revision) else { continue };
        let Ok(elements) = security_store::elements(view) else { continue };
        for (kind, reference) in elements {
            let Some((written, _)) = view.entry(reference.number) else { continue };
            if !seen.insert((reference, written)) || revision + 1 == document.revisions().len() {
                continue;
            }
            let Ok(pades::Object::Stream(stream)) = view.resolve(&pades::Object::Reference(reference)) else {
                continue;
            };
            let Ok(der) = view.decode(&stream) else { continue };
            match kind {
                security_store::Kind::Certificate => _ = material.add_certificate_der(&der),
                security_store::Kind::Crl => _ = material.add_crl_der(&der),
                security_store::Kind::OcspResponse => _ = material.add_ocsp_der(&der),
            }
        }
    }
}

/// A store that cannot be read has nothing; format checking tells why (rule M6).
fn store(document: &Document, revision: usize, material: &mut Material<'_>) -> Vec<Object> {
    let store = document.at(revision).and_then(|view| security_store::read(view).ok().flatten());
    let Some(content) = store.map(|store| store.material) else { return Vec::new() };
    let mut objects = Vec::new();
    for der in &content.certificates {
        objects.extend(material.add_certificate_der(der).map(Object::Certificate));
    }
    for der in &content.crls {
        objects.extend(material.add_crl_der(der).map(Object::Revocation));
    }
    for der in &content.ocsp_responses {
        objects.extend(material.add_ocsp_der(der).map(Object::Revocation));
    }
    objects
}

/// A date of ISO 32000-1 clause 7.9.4, such as `D:20260401180000+09'00'`; without an offset it is taken as UTC.
pub(crate) fn pdf_date(text: &str) -> Option<Timestamp> {
    let text = text.strip_prefix("D:").unwrap_or(text);
    let digits: &str = &text[..text.bytes().take_while(u8::is_ascii_digit).count()];
    let part = |from: usize, to: usize, absent: i16| match digits.get(from..to) {
        Some(part) => part.parse::<i16>().ok(),
        None => Some(absent),
    };
    let small = |value: Option<i16>| i8::try_from(value?).ok();
    let year = digits.get(..4)?.parse::<i16>().ok()?;
    let (month, day) = (small(part(4, 6, 1))?, small(part(6, 8, 1))?);
    let (hour, minute, second) = (small(part(8, 10, 0))?, small(part(10, 12, 0))?, small(part(12, 14, 0))?);
    let moment = DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
    let offset = offset(&text[digits.len()..])?;
    offset.to_timestamp(moment).ok()
}

/// `Z`, or sign, hours and minutes with apostrophes.
fn offset(text: &str) -> Option<Offset> {
    let sign = match text.as_bytes().first() {
        None | Some(b'Z') => return Some(Offset::UTC),
        Some(b'+') => 1,
        Some(b'-') => -1,
        Some(_) => return None,
    };
    let mut numbers = text[1..].split('\'').filter(|part| !part.is_empty()).map(str::parse::<i32>);
    let hours = numbers.next()?.ok()?;
    let minutes = numbers.next().transpose().ok()?.unwrap_or(0);
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_pdf_are_read_with_their_offset() {
        for (text, expected) in [
            ("D:20260401090000Z", "2026-04-01T09:00:00Z"),
            ("D:20260401180000+09'00'", "2026-04-01T09:00:00Z"),
            ("D:20260401180000+09'00", "2026-04-01T09:00:00Z"),
            ("D:202604", "2026-04-01T00:00:00Z"),
            ("20260401090000", "2026-04-01T09:00:00Z"),
        ] {
            assert_eq!(pdf_date(text), Some(expected.parse().unwrap()), "{text}");
        }
        for text in ["", "D:", "yesterday", "D:20261301", "D:20260401090000X"] {
            assert_eq!(pdf_date(text), None, "{text}");
        }
    }
}
