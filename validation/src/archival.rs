//! Validation of signatures that provide long-term availability and integrity, EN 319 102-1 clause 5.6.3. In: the time-stamps of
//! a file with what each covers, and the result of the process with time (5.5). Out: proofs of existence, and the conclusion that
//! they lead to.
//!
//! The proofs do not depend on the seal that is asked about: they are gathered once for a file.

use jiff::Timestamp;

use crate::acceptance;
use crate::basic::Basic;
use crate::certificate_path::Role;
use crate::check::CheckId;
use crate::conclusion::{Conclusion, Reason};
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

/// A token that does not pass now may have been good when it is proven to have existed.
fn past(material: &Material<'_>, existence: &Existence, witness: &Witness<'_>, checks: &mut Vec<Check>) -> Conclusion {
    let (object, basic) = (&witness.object, witness.basic);
    let question = PastQuestion { role: Role::TimeStamp(witness.time), object, basic, status: basic.conclusion };
    let conclusion = past_signature::validate(material, existence, &question, checks);
    match conclusion {
        Conclusion::Passed => acceptance::check_algorithms(&basic.uses, existence.earliest(object), checks),
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

/// Steps 3, 6 and 7 for one seal or time-stamp. `status`: what 5.5 came to.
pub(crate) fn validate(
    material: &Material<'_>,
    proofs: &Proofs,
    object: &Object,
    basic: &Basic,
    status: Conclusion,
    checks: &mut Vec<Check>,
) -> Conclusion {
    let check = CheckId::ProofsDecide;
    if !continues(status) {
        checks.push(Check::ignored(check, format!("not needed, or of no use, after {status}")));
        return status;
    }
    let question = PastQuestion { role: Role::Seal, object, basic, status };
    let conclusion = past_signature::validate(material, &proofs.existence, &question, checks);
    let first = proofs.existence.earliest(object);
    let conclusion = match conclusion {
        Conclusion::Passed => acceptance::check_algorithms(&basic.uses, first, checks),
        other => other,
    };
    checks.push(match conclusion {
        Conclusion::Passed => Check::passed(check, format!("it was good at {first}")),
        _ => Check::failed(check, format!("{status} before, {conclusion} with them")),
    });
    conclusion
}
