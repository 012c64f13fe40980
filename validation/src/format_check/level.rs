//! Rule C7: the PAdES baseline level by structure, EN 319 142-1 clause 6, whatever the validity. In: a document, its
//! signatures, and one of them. Out: the level.
//!
//! B-T: a signature time-stamp, or a document time-stamp over the seal. B-LT: a security store with certificates and revocation
//! data for the chains of seal and signature time-stamps. B-LTA: a document time-stamp over such a store.

use pades::{Document, SignatureKind, View, security_store};
use pki::{Certificate, Crl, OcspResponse, SignedData, SuccessfulOcspResponse, oid};

use super::SignatureFormat;
use crate::report::{Kind, Level, Outcome};

/// The level of one of the signatures that [`super::examine`] found.
pub fn level(document: &Document, all: &[SignatureFormat], one: &SignatureFormat) -> Level {
    level_by(document, all, one, &Readers { certificate: &certificate, response: &response })
}

/// How the material of a store is read.
pub(crate) struct Readers<'r> {
    pub(crate) certificate: &'r dyn Fn(&[u8]) -> Option<Certificate>,
    pub(crate) response: &'r dyn Fn(&[u8]) -> Option<SuccessfulOcspResponse>,
}

fn certificate(der: &[u8]) -> Option<Certificate> {
    Certificate::from_der(der).ok()
}

fn response(der: &[u8]) -> Option<SuccessfulOcspResponse> {
    OcspResponse::from_der(der).and_then(OcspResponse::into_successful).ok()
}

/// The same by somebody who may have read some of it before.
pub(crate) fn level_by(
    document: &Document,
    all: &[SignatureFormat],
    one: &SignatureFormat,
    readers: &Readers<'_>,
) -> Level {
    let Some(message) = baseline_message(one) else { return Level::NotBaseline };
    let stamps: Vec<usize> = all.iter().filter_map(|other| stamp_over(other, one)).collect();
    if message.signature_time_stamps().is_empty() && stamps.is_empty() {
        return Level::BB;
    }
    let Some(newest) = stored(document.latest()).filter(|stored| is_complete(stored.clone(), &message, readers)) else {
        return Level::BT;
    };
    let mut covered = stamps.iter().filter_map(|covered| stored(document.at(*covered)?));
    let archived = covered.any(|stored| stored == newest || is_complete(stored, &message, readers));
    if archived { Level::BLTA } else { Level::BLT }
}

/// The message of a seal that has what B-B asks for.
fn baseline_message(one: &SignatureFormat) -> Option<SignedData> {
    const DEMANDED: [&str; 6] = ["U3", "U4", "U6", "G7", "C1", "C3"];
    one.signature.as_ref().filter(|signature| signature.kind == SignatureKind::Seal)?;
    let broken = |rule: Option<&str>| rule.is_some_and(|rule| DEMANDED.contains(&rule));
    if one
        .checks
        .iter()
        .any(|check| matches!(check.outcome, Outcome::Failed | Outcome::Warning) && broken(check.rule()))
    {
        return None;
    }
    let message = one.message.clone()?;
    message.signing_certificate_references().ok()?;
    message.signer_certificate()?;
    Some(message)
}

/// The revision that a document time-stamp covers, if it covers the seal.
fn stamp_over(stamp: &SignatureFormat, seal: &SignatureFormat) -> Option<usize> {
    let covered = stamp.covered_revision.filter(|_| stamp.kind == Some(Kind::DocumentTimestamp))?;
    let own = seal.covered_revision.or(seal.revision)?;
    (covered > own && stamp.facts.byte_range_valid).then_some(covered)
}

/// What the security store of a revision holds.
fn stored(view: View<'_>) -> Option<security_store::Material> {
    Some(security_store::read(view).ok()??.material)
}

/// Whether a store has certificates and revocation data for the chains of the seal and its time-stamps.
fn is_complete(stored: security_store::Material, message: &SignedData, readers: &Readers<'_>) -> bool {
    let store = Store::read(&stored, readers);
    let tokens = message.signature_time_stamps();
    let mut ends =
        message.signer_certificate().into_iter().chain(tokens.iter().filter_map(|one| one.signer_certificate()));
    let embedded: Vec<Certificate> =
        message.certificates().iter().chain(tokens.iter().flat_map(|token| token.certificates())).cloned().collect();
    ends.all(|end| store.covers_chain(end, &embedded))
}

/// The readable content of a security store.
struct Store {
    certificates: Vec<Certificate>,
    crls: Vec<Crl>,
    ocsp_responses: Vec<SuccessfulOcspResponse>,
}

/// Longest chain that is followed; the longest in PKITS has 7 certificates.
const MAX_CHAIN: usize = 10;

impl Store {
    fn read(material: &security_store::Material, readers: &Readers<'_>) -> Store {
        Store {
            certificates: material.certificates.iter().filter_map(|der| (readers.certificate)(der)).collect(),
            crls: material.crls.iter().filter_map(|der| Crl::from_der(der).ok()).collect(),
            ocsp_responses: material.ocsp_responses.iter().filter_map(|der| (readers.response)(der)).collect(),
        }
    }

    /// Every certificate from `end` up to a self-issued one, or to one whose issuer is nowhere, has revocation data, or says
    /// itself that there is none. Issuers are known by name and key identifier: this is structure, signatures are judged with
    /// the path.
    fn covers_chain(&self, end: &Certificate, embedded: &[Certificate]) -> bool {
        let mut certificate = end.clone();
        for _ in 0..MAX_CHAIN {
            if certificate.issuer().matches(certificate.subject()) {
                return true;
            }
            let mut known = self.certificates.iter().chain(embedded);
            let issuer = known.find(|candidate| is_named_issuer(candidate, &certificate)).cloned();
            if !self.has_revocation_data(&certificate, issuer.as_ref()) {
                return false;
            }
            match issuer {
                Some(issuer) => certificate = issuer,
                None => return true, // the anchor need not be embedded
            }
        }
        false
    }

    fn has_revocation_data(&self, certificate: &Certificate, issuer: Option<&Certificate>) -> bool {
        let exempt = [oid::NO_REV_AVAIL, oid::VALIDITY_ASSURED_SHORT_TERM];
        exempt.into_iter().any(|extension| certificate.has_extension(extension))
            || self.crls.iter().any(|crl| crl.issuer() == certificate.issuer())
            || self.ocsp_responses.iter().any(|response| match issuer {
                Some(issuer) => response.response_for(certificate, issuer).is_some(),
                None => response.responses().iter().any(|single| single.id.serial() == certificate.serial()),
            })
    }
}

fn is_named_issuer(candidate: &Certificate, of: &Certificate) -> bool {
    let same_key = match (of.authority_key_identifier(), candidate.subject_key_identifier()) {
        (Some(expected), Some(found)) => expected == found,
        _ => true,
    };
    same_key && of.issuer().matches(candidate.subject())
}
