//! Validation of signatures that provide long-term availability and integrity, EN 319 102-1 clause 5.6.3. In: the time-stamps of
//! a file with what each covers, and the result of the process with time (5.5). Out: proofs of existence, and the conclusion that
//! they lead to.
//!
//! The proofs do not depend on the seal that is asked about: they are gathered once for a file.

use jiff::Timestamp;
use pki::Certificate;

use crate::acceptance;
use crate::basic::Basic;
use crate::certificate_path::SignatureRole;
use crate::check::CheckId;
use crate::conclusion::{Conclusion, Failure, Reason};
use crate::existence::{Existence, Object};
use crate::material::Material;
use crate::past_signature::{self, PastQuestion};
use crate::report::Check;

/// A time-stamp of the file with its validation at the validation time.
pub(crate) struct Witness<'w> {
    pub(crate) object: Object,
    pub(crate) time: Timestamp,
    /// The order of tokens with the same time: higher is newer.
    pub(crate) order: usize,
    pub(crate) basic: &'w Basic,
    /// What it proves to exist.
    pub(crate) covers: &'w [Object],
    /// How long the hash of its imprint is reliable is among `basic.uses`.
    pub(crate) imprint_intact: bool,
}

/// The proofs, and what each token came to.
pub(crate) struct Proofs {
    pub(crate) existence: Existence,
    /// In the order of the witnesses: the conclusion with proofs of existence, and the checks that led to it.
    pub(crate) conclusions: Vec<(Conclusion, Vec<Check>)>,
}

/// Steps 2 to 5: takes the tokens from the newest to the oldest.
pub(crate) fn gather(material: &Material<'_>, witnesses: &[Witness<'_>]) -> Proofs {
    let mut existence = Existence::at(material.at);
    let mut conclusions: Vec<_> = witnesses.iter().map(|one| (one.basic.conclusion, Vec::new())).collect();
    let mut order: Vec<usize> = (0..witnesses.len()).collect();
    order.sort_by_key(|place| std::cmp::Reverse((witnesses[*place].time, witnesses[*place].order)));
    for place in order {
        let witness = &witnesses[place];
        let (conclusion, checks) = &mut conclusions[place];
        if continues(*conclusion) {
            *conclusion = past(material, &existence, witness, checks);
        }
        if conclusion.is_passed() && witness.imprint_intact {
            let proves = witness.covers.iter().filter(|object| **object != witness.object);
            proves.for_each(|object| existence.add(object, witness.time));
        }
    }
    Proofs { existence, conclusions }
}

/// A token that does not pass now may have been good when it is proven to have existed (step 5).
fn past(material: &Material<'_>, existence: &Existence, witness: &Witness<'_>, checks: &mut Vec<Check>) -> Conclusion {
    let (object, basic) = (&witness.object, witness.basic);
    let question =
        PastQuestion { role: SignatureRole::TimeStamp(witness.time), object, basic, status: basic.conclusion };
    let of_path = past_signature::validate(material, existence, &question, checks);
    accept(basic, of_path, existence.earliest(object), checks)
}

/// Acceptance again, with the time at which the signature is proven to have existed (steps 5 and 7).
fn accept(basic: &Basic, of_path: Conclusion, first: Timestamp, checks: &mut Vec<Check>) -> Conclusion {
    match of_path {
        Conclusion::Passed => {
            let then = acceptance::check_algorithms(&basic.uses, first, checks);
            basic.blocks.lifted(of_path, then, basic.path.as_ref())
        }
        other => other,
    }
}

/// With which results proofs of existence can help.
fn continues(conclusion: Conclusion) -> bool {
    use Reason::{
        CryptoConstraintsFailureNoPoe, NoCertificateChainFoundNoPoe, OutOfBoundsNoPoe, OutOfBoundsNotRevoked,
        RevocationOutOfBoundsNoPoe, RevokedCaNoPoe, RevokedNoPoe, TryLater,
    };
    match conclusion {
        Conclusion::Passed | Conclusion::Failed(_) => false,
        Conclusion::Indeterminate(reason) => matches!(
            reason,
            RevokedNoPoe
                | RevokedCaNoPoe
                | OutOfBoundsNoPoe
                | OutOfBoundsNotRevoked
                | CryptoConstraintsFailureNoPoe
                | RevocationOutOfBoundsNoPoe
                | NoCertificateChainFoundNoPoe
                | TryLater
        ),
    }
}

/// What clause 5.5 came to for a seal.
pub(crate) struct OutcomeWithTime<'s> {
    pub(crate) object: &'s Object,
    pub(crate) basic: &'s Basic,
    pub(crate) conclusion: Conclusion,
}

/// Steps 3, 6 and 7 for one seal. `constraints`: what is asked of its time-stamps, those that passed with proofs of existence
/// included (5.5.4 steps 4 e and 5).
pub(crate) fn validate(
    material: &Material<'_>,
    proofs: &Proofs,
    status: &OutcomeWithTime<'_>,
    constraints: impl FnOnce(&mut Vec<Check>) -> Conclusion,
    checks: &mut Vec<Check>,
) -> Conclusion {
    let check = CheckId::ProofsDecide;
    let OutcomeWithTime { object, basic, conclusion: before } = *status;
    let first = proofs.existence.earliest(object);
    if before.is_passed() {
        // Tokens that pass with proofs alone may tell of another order, or of a time before the certificate was valid.
        let conclusion = check_beginning(basic, first, checks);
        return if conclusion.is_passed() { constraints(checks) } else { conclusion };
    }
    // The standard lets SIG_CONSTRAINTS_FAILURE go on. Of what leads to it, proofs can only supply a time-stamp that is asked for.
    let is_required = before == Conclusion::Indeterminate(Reason::SigConstraintsFailure);
    if !continues(before) && !is_required || basic.blocks.verification.is_err() {
        checks.push(Check::ignored(check, format!("not needed, or of no use, after {before}")));
        return before;
    }
    let of_path = match is_required && basic.path.as_ref().is_some_and(|path| path.conclusion.is_passed()) {
        true => Conclusion::Passed,
        false => {
            let question = PastQuestion { role: SignatureRole::Seal, object, basic, status: before };
            past_signature::validate(material, &proofs.existence, &question, checks)
        }
    };
    let conclusion = match accept(basic, of_path, first, checks) {
        Conclusion::Passed => match check_beginning(basic, first, checks) {
            Conclusion::Passed => constraints(checks),
            untimely => untimely,
        },
        other => other,
    };
    checks.push(match conclusion {
        Conclusion::Passed => Check::passed(check, format!("it was good at {first}")),
        _ => Check::failed(check, format!("{before} before, {conclusion} with them")),
    });
    conclusion
}

/// Nothing is proven to have existed before its certificate was valid (5.5.4 step 4).
fn check_beginning(basic: &Basic, first: Timestamp, checks: &mut Vec<Check>) -> Conclusion {
    let Some(from) = basic.signer.as_ref().map(Certificate::not_before).filter(|from| first < *from) else {
        return Conclusion::Passed;
    };
    checks.push(Check::failed(CheckId::ExistedInValidity, format!("it existed at {first}; valid from {from}")));
    Conclusion::Failed(Failure::NotYetValid)
}
