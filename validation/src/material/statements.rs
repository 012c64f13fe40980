//! What all revocation data at hand states about a certificate, RFC 5280 §6.3.3 and RFC 6960 §3.2. In: a certificate, its issuer.
//! Out: statements that count, the newest first, and why the others do not.
//!
//! A complete list is one answer; with a delta list of the same key and scope it is another, newer one. Lists of some reasons only
//! say that a certificate is good when all reasons are there; that it is revoked, each says by itself.

use std::cmp::Reverse;

use jiff::Timestamp;
use pki::{Certificate, Crl, GeneralName, Reasons};

use super::signers;
use super::{Accepted, Material, RevocationData, Statements};
use crate::revocation_data::{self, CLOCK_TOLERANCE, Rejection, Standing, Statement};

/// Octets of a list that are read in one unit of work.
const OCTETS_A_UNIT: u64 = 1_000;

/// A list that counts, for some reasons.
struct Listed {
    accepted: Accepted,
    reasons: Reasons,
}

/// `pending`: certificates whose status is looked for because they signed data, the last one first in need of this answer.
pub(super) fn judge_all(
    material: &Material<'_>,
    certificate: &Certificate,
    issuer: &Certificate,
    pending: &mut Vec<Certificate>,
) -> Statements {
    let before = material.certificates.budget().refusals();
    let mut statements = Statements::default();
    let may_read = |place: usize| {
        let octets = material.revocation[place].der().len() as u64;
        material.certificates.budget().spend(1 + octets / OCTETS_A_UNIT)
    };
    for place in material.ocsp_answers.get(certificate.serial()).into_iter().flatten().filter(|place| may_read(**place))
    {
        match judge_ocsp(material, *place, certificate, issuer, pending) {
            Ok(accepted) => statements.accepted.push(accepted),
            Err(problem) => statements.reject(*place, problem),
        }
    }
    let mut listed: Vec<Listed> = Vec::new();
    let (deltas, complete): (Vec<_>, Vec<_>) = lists(material, certificate)
        .into_iter()
        .filter(|(place, _)| may_read(*place))
        .partition(|(_, crl)| crl.is_delta());
    for (place, crl) in complete {
        match judge_crl(material, place, crl, certificate, issuer, pending) {
            Ok(base) => {
                let combined = deltas
                    .iter()
                    .filter_map(|(place, delta)| with_delta(material, &base, crl, *place, delta, certificate));
                let combined: Vec<Listed> = combined.collect();
                listed.extend(combined);
                listed.push(base);
            }
            Err(problem) => statements.reject(place, problem),
        }
    }
    for (place, _) in
        deltas.iter().filter(|(place, _)| !listed.iter().any(|one| one.accepted.all_data().any(|one| one == *place)))
    {
        statements.reject(*place, Rejection::DeltaWithoutBase);
    }
    take_lists(listed, &mut statements);
    date_revocations(&mut statements);
    statements
        .accepted
        .sort_by_key(|one| (Reverse(one.statement.this_update), one.statement.standing == Standing::Good, one.data));
    if material.certificates.budget().refusals() > before {
        statements.exhausted = true;
        statements.accepted.retain(|one| one.statement.standing != Standing::Good);
    }
    statements
}

impl Statements {
    fn reject(&mut self, place: usize, problem: Rejection) {
        if problem != Rejection::NotCovered {
            self.rejected.push((place, problem));
        }
    }
}

/// The lists of the certificate's issuer, and of those who issue lists for it (cRLIssuer).
fn lists<'m>(material: &'m Material<'_>, certificate: &Certificate) -> Vec<(usize, &'m Crl)> {
    let points = certificate.distribution_points().unwrap_or_default();
    let named = points.iter().flat_map(|point| &point.crl_issuer).filter_map(|name| match name {
        GeneralName::Directory(name) => Some(name.canonical().to_vec()),
        _ => None,
    });
    let mut issuers: Vec<Vec<u8>> = named.chain([certificate.issuer().canonical().to_vec()]).collect();
    issuers.sort_unstable();
    issuers.dedup();
    let places = issuers.iter().filter_map(|issuer| material.crls.get(issuer)).flatten();
    let list = |place: &usize| match &material.revocation[*place] {
        RevocationData::Crl(crl) => Some((*place, crl)),
        RevocationData::Ocsp(_) => None,
    };
    places.filter_map(list).collect()
}

fn judge_ocsp(
    material: &Material<'_>,
    place: usize,
    certificate: &Certificate,
    issuer: &Certificate,
    pending: &mut Vec<Certificate>,
) -> Result<Accepted, Rejection> {
    let RevocationData::Ocsp(response) = &material.revocation[place] else { return Err(Rejection::NotCovered) };
    let verify = || signers::of_ocsp(material, place, response, issuer);
    let statement = revocation_data::ocsp_statement(response, certificate, issuer, verify)?;
    let accepted = Accepted { data: place, together_with: Vec::new(), statement, signer_path: None };
    check_begun(material, &accepted.statement)?;
    check_begun_at(material, response.produced_at())?;
    if accepted.statement.signer != *issuer {
        signers::check_responder(material, &accepted.statement.signer, issuer, pending)?;
    }
    Ok(accepted)
}

fn judge_crl(
    material: &Material<'_>,
    place: usize,
    crl: &Crl,
    certificate: &Certificate,
    issuer: &Certificate,
    pending: &mut Vec<Certificate>,
) -> Result<Listed, Rejection> {
    let reasons = revocation_data::check_scope(crl, certificate)?;
    let signer = signers::of_crl(material, place, crl, certificate, issuer, pending)?;
    let statement = revocation_data::crl_statement(crl, certificate, signer.certificate.clone())?;
    check_begun(material, &statement)?;
    let accepted = Accepted { data: place, together_with: Vec::new(), statement, signer_path: signer.path };
    Ok(Listed { accepted, reasons })
}

fn check_begun(material: &Material<'_>, statement: &Statement) -> Result<(), Rejection> {
    check_begun_at(material, statement.this_update)
}

fn check_begun_at(material: &Material<'_>, made: Timestamp) -> Result<(), Rejection> {
    match made.duration_since(material.at) > CLOCK_TOLERANCE {
        true => Err(Rejection::NotYet { this_update: made, at: material.at }),
        false => Ok(()),
    }
}

/// Of several dates for one revocation the earliest counts: whoever relies on a later one may rely on a mistake.
fn date_revocations(statements: &mut Statements) {
    let since = |one: &Accepted| match one.statement.standing {
        Standing::Revoked { since, .. } => Some(since),
        _ => None,
    };
    let Some(earliest) = statements.accepted.iter().filter_map(since).min() else { return };
    for one in &mut statements.accepted {
        if let Standing::Revoked { since, .. } = &mut one.statement.standing {
            *since = earliest;
        }
    }
}

/// A base with what a delta list changed (§5.2.4, §6.3.3 (c), (h) to (k)): of the same issuer, scope and key, and made for this
/// base or an older one.
fn with_delta(
    material: &Material<'_>,
    base: &Listed,
    crl: &Crl,
    place: usize,
    delta: &Crl,
    certificate: &Certificate,
) -> Option<Listed> {
    let (number, delta_number, from) = (crl.number()?, delta.number()?, delta.base_number()?);
    let fits = from <= number && number < delta_number;
    let same_scope = crl.issuing_distribution_point() == delta.issuing_distribution_point();
    let same_key = crl.authority_key_identifier() == delta.authority_key_identifier();
    if !(fits && same_scope && same_key && crl.issuer().matches(delta.issuer())) {
        return None;
    }
    revocation_data::check_scope(delta, certificate).ok()?;
    let signer = &base.accepted.statement.signer;
    signers::crl_signature(material, place, delta, signer).ok()?;
    let changed = revocation_data::crl_statement(delta, certificate, signer.clone()).ok()?;
    check_begun(material, &changed).ok()?;
    let listed = delta.entry_for(certificate).is_some();
    let lifted = changed.standing == Standing::Good; // removeFromCRL: the end of a hold, never of a revocation (§5.3.1)
    let revoked = matches!(base.accepted.statement.standing, Standing::Revoked { .. });
    let listed = listed && !(lifted && revoked);
    let standing = if listed { changed.standing.clone() } else { base.accepted.statement.standing.clone() };
    let invalidity_date = if listed { changed.invalidity_date } else { base.accepted.statement.invalidity_date };
    let statement = Statement { standing, invalidity_date, ..changed };
    let accepted = Accepted {
        data: place,
        together_with: vec![base.accepted.data],
        statement,
        signer_path: base.accepted.signer_path.clone(),
    };
    Some(Listed { accepted, reasons: base.reasons })
}

/// Revocations count, and lists of all reasons. Of lists of some reasons the newest for each set count together, if no reason is
/// missing (§6.3.3, the last step); together they are as old as the oldest of them.
fn take_lists(listed: Vec<Listed>, statements: &mut Statements) {
    let (whole, mut parts): (Vec<Listed>, Vec<Listed>) =
        listed.into_iter().partition(|one| one.reasons.is_all() || one.accepted.statement.standing != Standing::Good);
    statements.accepted.extend(whole.into_iter().map(|one| one.accepted));
    parts.sort_by_key(|one| (Reverse(one.accepted.statement.this_update), one.accepted.data));
    let mut covered = Reasons::NONE;
    let mut used: Vec<Listed> = Vec::new();
    for part in parts {
        let wider = covered.union(part.reasons);
        if wider != covered {
            covered = wider;
            used.push(part);
        }
    }
    let Some(oldest) = used.pop() else { return };
    if !covered.is_all() {
        let places = used.iter().chain([&oldest]).map(|one| one.accepted.data);
        statements.rejected.extend(places.map(|place| (place, Rejection::SomeReasons)));
        return;
    }
    let mut accepted = oldest.accepted;
    for part in used {
        accepted.together_with.extend(part.accepted.all_data());
        let ends = [accepted.statement.next_update, part.accepted.statement.next_update];
        accepted.statement.next_update = ends[0].zip(ends[1]).map(|(one, other)| one.min(other));
    }
    statements.accepted.push(accepted);
}
