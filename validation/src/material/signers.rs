//! Who signed revocation data, and whether they may. In: a list or an answer, and the issuer of the certificate it is about. Out: the
//! signer, with a path of its own if it is not that issuer.
//!
//! OCSP, RFC 6960 §4.2.2.2: the CA, or a responder with a certificate by that very key. CRL, RFC 5280 §6.3.3 (f), (g): the CA, or
//! somebody with the name of the list's issuer, with cRLSign, and a path of their own to an anchor of the CA: another key of the CA
//! (key rollover), or the issuer of an indirect list. The status of whoever is not the CA is looked up like any other, but never in
//! what they signed themselves.

use pki::path::{Dates, Issued, ValidPath};
use pki::{Certificate, Crl, Error, GeneralName, KeyUsageBit, SuccessfulOcspResponse, oid};

use super::{Accepted, Material, statements};
use crate::certificate_path::Purpose;
use crate::revocation_data::{Rejection, Standing};

/// A responder whose certificate another responder vouches for, and so on: no honest CA goes further.
const MAX_DEPTH: usize = 3;

/// Most certificates that are tried for one list or answer.
const MAX_TRIES: usize = 50;

/// Whoever signed a list.
pub(super) struct CrlSigner {
    pub(super) certificate: Certificate,
    /// Not the CA itself.
    pub(super) path: Option<ValidPath>,
}

pub(super) fn of_crl(
    material: &Material<'_>,
    place: usize,
    crl: &Crl,
    certificate: &Certificate,
    issuer: &Certificate,
    pending: &mut Vec<Certificate>,
) -> Result<CrlSigner, Rejection> {
    let by_ca = crl_signature(material, place, crl, issuer);
    let Err(failure) = by_ca else { return Ok(CrlSigner { certificate: issuer.clone(), path: None }) };
    let mut problem = Rejection::Signature(failure.to_string());
    for candidate in others(material, crl, issuer) {
        if crl_signature(material, place, crl, &candidate).is_err() {
            continue;
        }
        match own_path(material, &candidate, certificate, issuer, pending) {
            Ok(path) => return Ok(CrlSigner { certificate: candidate, path: Some(path) }),
            Err(rejection) => problem = rejection,
        }
    }
    Err(problem)
}

/// Certificates with the name of the list's issuer and another key than the CA's; the one that the list names comes first.
fn others(material: &Material<'_>, crl: &Crl, issuer: &Certificate) -> Vec<Certificate> {
    let is_other = |one: &&Certificate| {
        one.public_key() != issuer.public_key()
            && one.key_usage().is_some_and(|usage| usage.contains(KeyUsageBit::CrlSign))
    };
    let key_identifier = crl.authority_key_identifier();
    let mut found: Vec<&Certificate> = material.certificates.named(crl.issuer()).filter(is_other).collect();
    found.sort_by_cached_key(|one| key_identifier.is_some() && one.subject_key_identifier() != key_identifier);
    found.into_iter().take(MAX_TRIES).cloned().collect()
}

/// A valid path to an anchor to which the CA leads too, on which nobody is known to be revoked, and everybody is known to be good.
fn own_path(
    material: &Material<'_>,
    signer: &Certificate,
    certificate: &Certificate,
    issuer: &Certificate,
    pending: &mut Vec<Certificate>,
) -> Result<ValidPath, Rejection> {
    let named = || signer.subject().to_string();
    if signer == certificate && !names_itself(signer) {
        return Err(Rejection::SelfVouching);
    }
    let of_ca = material.paths(issuer, Purpose::Any);
    let mut problem = Rejection::SignerWithoutPath { signer: named() };
    for candidate in &material.paths(signer, Purpose::Any).paths {
        if !of_ca.paths.iter().any(|path| path.anchor() == candidate.anchor()) {
            continue;
        }
        match candidate.validate(Dates::Any) {
            Err(fault) => problem = Rejection::SignerRule { signer: named(), fault: fault.to_string() },
            Ok(path) => {
                let good = path
                    .links()
                    .all(|(one, above)| one == certificate || is_good(material, one, above, signer, pending));
                if good {
                    return Ok(path);
                }
                problem = Rejection::Responder { responder: named() };
            }
        }
    }
    Err(problem)
}

/// Whether the CA said in the certificate that whoever holds it also signs the list that it is on (cRLIssuer, PKITS 4.14.30).
fn names_itself(certificate: &Certificate) -> bool {
    let points = certificate.distribution_points().unwrap_or_default();
    let itself =
        |name: &GeneralName| matches!(name, GeneralName::Directory(name) if name.matches(certificate.subject()));
    points.iter().flat_map(|point| &point.crl_issuer).any(itself)
}

/// Whether `one` is known to be good by data that `signer`, whose own standing is asked about, did not sign.
fn is_good(
    material: &Material<'_>,
    one: &Certificate,
    above: &Certificate,
    signer: &Certificate,
    pending: &mut Vec<Certificate>,
) -> bool {
    if !material.policy.require_revocation_data || crate::certificate_path::exemption(one).is_some() {
        return true;
    }
    if pending.len() >= MAX_DEPTH || pending.contains(one) {
        return false;
    }
    pending.push(one.clone());
    let stated = statements::judge_all(material, one, above, pending);
    pending.pop();
    let good = |accepted: &&Accepted| accepted.statement.standing == Standing::Good;
    let may_vouch = |accepted: &Accepted| accepted.statement.signer != *signer || names_itself(one);
    let mut counting = stated.accepted.iter().filter(|accepted| !good(accepted) || may_vouch(accepted));
    !stated.exhausted && counting.next().as_ref().is_some_and(good)
}

/// Whether the key of `signer` signed the list, and may sign lists.
pub(super) fn crl_signature(
    material: &Material<'_>,
    place: usize,
    crl: &Crl,
    signer: &Certificate,
) -> Result<(), Error> {
    once(material, place, signer, || crl.verify_issued_by(material.holder(signer)))
}

/// Each signature is verified once for each key that is tried.
fn once(
    material: &Material<'_>,
    place: usize,
    signer: &Certificate,
    verify: impl FnOnce() -> Result<(), Error>,
) -> Result<(), Error> {
    let key = (place, signer.clone());
    if let Some(known) = material.signatures.borrow().get(&key) {
        return known.clone();
    }
    if !material.certificates.budget().may_verify(&signer.public_key()) {
        return Err(Error::SignatureInvalid { signed: "revocation data", signer: signer.subject().to_string() });
    }
    let outcome = verify();
    material.signatures.borrow_mut().insert(key, outcome.clone());
    outcome
}

pub(super) fn of_ocsp(
    material: &Material<'_>,
    place: usize,
    response: &SuccessfulOcspResponse,
    issuer: &Certificate,
) -> Result<Certificate, Error> {
    let named = |candidate: &&Certificate| response.responder().names(candidate);
    let embedded = std::iter::once(issuer).chain(response.certificates()).filter(named);
    let mut candidates: Vec<&Certificate> = embedded.take(MAX_TRIES).collect();
    if candidates.is_empty() {
        candidates = material.certificates().filter(named).collect();
        candidates.sort_by_cached_key(|one| one.fingerprint().as_bytes().to_vec());
        candidates.truncate(MAX_TRIES);
    }
    let offered = response.certificates().len();
    let mut failure = Error::ResponderUnknown { responder: response.responder().to_string(), offered };
    for candidate in candidates {
        let authorized = check_delegated(material, candidate, issuer, response);
        let signed = || once(material, place, candidate, || response.verify_signature(material.holder(candidate)));
        match authorized.and_then(|()| signed()) {
            Ok(()) => return Ok(candidate.clone()),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

fn check_delegated(
    material: &Material<'_>,
    responder: &Certificate,
    issuer: &Certificate,
    response: &SuccessfulOcspResponse,
) -> Result<(), Error> {
    if responder == issuer {
        return Ok(());
    }
    match material.certificates.issued(responder, issuer) {
        Issued::Yes => responder.check_ocsp_responder(response.produced_at()),
        Issued::No(error) | Issued::CannotBeVerified(error) => Err(error),
        Issued::NotTried => {
            Err(Error::SignatureInvalid { signed: "certificate", signer: issuer.subject().to_string() })
        }
    }
}

/// A delegated responder is looked up like any certificate, unless the CA says that it need not be.
pub(super) fn check_responder(
    material: &Material<'_>,
    responder: &Certificate,
    issuer: &Certificate,
    pending: &mut Vec<Certificate>,
) -> Result<(), Rejection> {
    let exempt = responder.has_extension(oid::OCSP_NOCHECK);
    match exempt || is_good(material, responder, issuer, responder, pending) {
        true => Ok(()),
        false => Err(Rejection::Responder { responder: responder.subject().to_string() }),
    }
}
