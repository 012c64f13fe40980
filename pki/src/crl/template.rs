//! Writing CRLs, RFC 5280 §5. In: entries and times. Out: a TBSCertList. Entries are written by hand, one after the other:
//! a million of them take a tenth of a second.

use jiff::Timestamp;

use super::{RevocationReason, RevokedEntry};
use crate::algorithm::SignatureAlgorithm;
use crate::asn1::write;
use crate::asn1::{ENUMERATED, SEQUENCE};
use crate::extension::Extension;
use crate::name::Name;
use crate::signed::ToBeSigned;
use crate::{Error, oid};

/// What a new CRL shall say.
#[derive(Debug, Clone)]
pub struct CrlTemplate {
    /// The subject name of the CA's certificate.
    pub issuer: Name,
    /// The *subject* key identifier of the CA's certificate: readers compare the two.
    pub authority_key_identifier: Vec<u8>,
    /// cRLNumber: higher than that of the list before.
    pub number: u64,
    /// thisUpdate; whole seconds are written, here and below.
    pub this_update: Timestamp,
    /// nextUpdate.
    pub next_update: Option<Timestamp>,
    /// What is revoked. The reason unspecified is left out (RFC 5280 §5.3.1).
    pub entries: Vec<RevokedEntry>,
    /// expiredCertsOnCRL: certificates that expired after this time stay on the list.
    pub expired_certificates_since: Option<Timestamp>,
}

impl CrlTemplate {
    /// A version 2 TBSCertList that waits for its signature.
    ///
    /// # Errors
    /// [`Error::WeakDigest`] for SHA-1.
    pub fn to_be_signed(&self, algorithm: SignatureAlgorithm) -> Result<ToBeSigned, Error> {
        algorithm.digest.strong()?;
        let head = [
            write::unsigned(1),
            algorithm.algorithm_identifier_der(),
            self.issuer.to_der(),
            write::x509_time(self.this_update),
            self.next_update.map(write::x509_time).unwrap_or_default(),
        ]
        .concat();
        let entries = encode_entries(&self.entries);
        let extensions = write::explicit(0, &write::sequence_of(&self.extensions()));
        // An empty list must be absent (RFC 5280 §5.1.2.6).
        let entries_header = if entries.is_empty() { 0 } else { write::header_length(entries.len()) };
        let length = head.len() + entries_header + entries.len() + extensions.len();
        let mut tbs = Vec::with_capacity(write::header_length(length) + length);
        write::header(&mut tbs, SEQUENCE, length);
        tbs.extend_from_slice(&head);
        if !entries.is_empty() {
            write::header(&mut tbs, SEQUENCE, entries.len());
            tbs.extend_from_slice(&entries);
        }
        tbs.extend_from_slice(&extensions);
        Ok(ToBeSigned::new(tbs, algorithm))
    }

    fn extensions(&self) -> Vec<Vec<u8>> {
        let mut extensions = vec![
            Extension::authority_key_identifier(&self.authority_key_identifier),
            Extension::new(oid::CRL_NUMBER, false, write::unsigned(self.number)),
        ];
        if let Some(since) = self.expired_certificates_since {
            extensions.push(Extension::new(oid::EXPIRED_CERTS_ON_CRL, false, write::generalized_time(since)));
        }
        extensions.iter().map(Extension::to_der).collect()
    }
}

/// Time and reason repeat from entry to entry: their octets are kept until they change.
fn encode_entries(entries: &[RevokedEntry]) -> Vec<u8> {
    let mut out = Vec::with_capacity(entries.len() * 56);
    let mut tail = Vec::new();
    let mut tail_of = None;
    for entry in entries {
        let facts = (entry.since, entry.reason, entry.invalidity_date);
        if tail_of != Some(facts) {
            tail = encode_tail(entry);
            tail_of = Some(facts);
        }
        write::header(&mut out, SEQUENCE, entry.serial.encoded_length() + tail.len());
        entry.serial.encode_to(&mut out);
        out.extend_from_slice(&tail);
    }
    out
}

fn encode_tail(entry: &RevokedEntry) -> Vec<u8> {
    let reason = entry
        .reason
        .filter(|reason| *reason != RevocationReason::Unspecified)
        .map(|reason| Extension::new(oid::CRL_REASON, false, write::element(ENUMERATED, &[&[reason.code()]])).to_der());
    let invalidity_date = entry
        .invalidity_date
        .map(|date| Extension::new(oid::INVALIDITY_DATE, false, write::generalized_time(date)).to_der());
    let extensions: Vec<_> = reason.into_iter().chain(invalidity_date).collect();
    let extensions = if extensions.is_empty() { Vec::new() } else { write::sequence_of(&extensions) };
    [write::x509_time(entry.since), extensions].concat()
}
