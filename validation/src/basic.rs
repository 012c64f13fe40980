//! Validation of basic signatures, EN 319 102-1 clause 5.3: the building blocks in their order, at the validation time. In: a
//! message with what it is over. Out: a conclusion with every finding that the later processes start from.
//!
//! The result for the certificate is remembered, not returned: a changed document fails for its digest, whatever became of the
//! certificate.

use jiff::Timestamp;
use pki::{Certificate, DigestAlgorithm, SignedData};

use crate::acceptance;
use crate::building_blocks::{BuildingBlocks, first};
use crate::certificate_path::{self, PathResult, SignatureRole, Use};
use crate::check::CheckId;
use crate::conclusion::{Conclusion, Failure, Reason};
use crate::cryptographic_verification::{self, Content};
use crate::existence::Object;
use crate::material::Material;
use crate::report::Check;
use crate::signing_certificate;

/// What is asked about.
pub(crate) struct Question<'q> {
    pub(crate) role: SignatureRole,
    /// Its place among the objects of the file.
    pub(crate) object: Object,
    pub(crate) message: &'q SignedData,
    /// What is signed, if it can be found.
    pub(crate) content: Option<Content<'q>>,
    /// What format checking came to (5.2.2).
    pub(crate) format: Conclusion,
    /// /M.
    pub(crate) claimed_time: Option<Timestamp>,
    /// Times of content time-stamps that passed: the signature was made after them.
    pub(crate) made_after: &'q [Timestamp],
}

/// What it came to.
#[derive(Clone, Debug)]
pub(crate) struct Basic {
    pub(crate) conclusion: Conclusion,
    /// What each building block came to.
    pub(crate) blocks: BuildingBlocks,
    pub(crate) signer: Option<Certificate>,
    /// The remembered result of 5.2.6.
    pub(crate) path: Option<PathResult>,
    /// Algorithms of the signature value and the signed digests.
    pub(crate) uses: Vec<Use>,
    pub(crate) hash_intact: Option<bool>,
    pub(crate) signature_intact: Option<bool>,
    pub(crate) checks: Vec<Check>,
}

/// The basic process. The facts about digest and signature are found out even if the verdict is known before.
pub(crate) fn validate(material: &Material<'_>, question: &Question<'_>) -> Basic {
    let mut checks = Vec::new();
    let message = question.message;
    let identified = identify(material, question, &mut checks);
    let signer = identified.as_ref().ok().or(message.signer_certificate());
    let mut verified = Vec::new();
    let verification = cryptographic_verification::verify(
        message,
        question.content,
        signer.map(|one| material.holder(one)),
        &mut verified,
    );
    let blocks = BuildingBlocks {
        format: question.format,
        imprint: Conclusion::Passed,
        identification: identified.as_ref().err().copied().unwrap_or(Conclusion::Passed),
        verification: verification.outcome,
        statement: Conclusion::Passed,
        path: None,
        acceptance: Conclusion::Passed,
        algorithms: Conclusion::Passed,
    };
    let mut basic = Basic {
        conclusion: blocks.joined(None),
        blocks,
        signer: signer.cloned(),
        path: None,
        uses: Vec::new(),
        hash_intact: verification.hash_intact,
        signature_intact: verification.signature_intact,
        checks,
    };
    let Ok(signer) = identified else {
        basic.checks.extend(verified);
        return basic;
    };
    let path = certificate_path::validate(material, &signer, question.role);
    basic.checks.push(Check::passed(CheckId::SignaturePolicy, material.policy.name.clone()));
    basic.checks.extend(path.checks.iter().cloned());
    basic.checks.extend(verified);
    basic.blocks.path = Some(made_too_late(&path, &signer, question.made_after, &mut basic.checks));
    accept(material, question, &signer, &path, &mut basic);
    basic.conclusion = basic.blocks.joined(Some(&path));
    basic.path = Some(path);
    basic
}

/// Step 2. A seal brings its certificate along; that of a time-stamp may come from the security store.
fn identify(
    material: &Material<'_>,
    question: &Question<'_>,
    checks: &mut Vec<Check>,
) -> Result<Certificate, Conclusion> {
    match question.role {
        SignatureRole::Seal => signing_certificate::identify(question.message, std::iter::empty(), checks),
        SignatureRole::TimeStamp(_) => signing_certificate::identify(question.message, material.certificates(), checks),
    }
}

/// Steps 6 and 7.
fn accept(
    material: &Material<'_>,
    question: &Question<'_>,
    signer: &Certificate,
    path: &PathResult,
    basic: &mut Basic,
) {
    let (message, at, suite) = (question.message, material.at, &material.policy.suite);
    basic.uses = acceptance::uses(message, signer, &question.object, suite);
    if let Some(Content::Sha1Inside(_)) = question.content {
        // What binds the file to the message is this digest, whatever the others are.
        let (object, reliability) = (question.object.clone(), suite.digest(DigestAlgorithm::Sha1));
        basic.uses.push(Use { object, what: "the digest of the file in the message: SHA-1".into(), reliability });
    }
    let attributes = acceptance::check_attributes(message, &path.chain, &mut basic.checks);
    let claimed = match question.role {
        SignatureRole::Seal => {
            let is_required = material.policy.claimed_time_in_validity;
            acceptance::check_claimed_time(question.claimed_time, signer, is_required, &mut basic.checks)
        }
        SignatureRole::TimeStamp(_) => Conclusion::Passed,
    };
    let reference = acceptance::check_reference_digest(message, question.role, suite, at, &mut basic.checks);
    let algorithms = acceptance::check_algorithms(&basic.uses, at, &mut basic.checks);
    basic.blocks.acceptance = first([attributes, claimed, reference]);
    basic.blocks.algorithms = weak_when_made(algorithms, &basic.uses, question.made_after);
}

/// Step 4: only a content time-stamp proves that a signature was made after some time.
fn made_too_late(
    path: &PathResult,
    signer: &Certificate,
    made_after: &[Timestamp],
    checks: &mut Vec<Check>,
) -> Conclusion {
    use Reason::{OutOfBoundsNoPoe, OutOfBoundsNotRevoked, RevokedNoPoe};
    let check = CheckId::MadeInTime;
    let Some(latest) = made_after.iter().max() else { return path.conclusion };
    let failure = match path.conclusion {
        Conclusion::Indeterminate(RevokedNoPoe)
            if path.revocations.iter().any(|one| one.of_leaf && *latest > one.since) =>
        {
            Failure::Revoked
        }
        Conclusion::Indeterminate(OutOfBoundsNotRevoked | OutOfBoundsNoPoe) if *latest > signer.not_after() => {
            Failure::Expired
        }
        other => {
            checks.push(Check::passed(check, format!("it was made after {latest}")));
            return other;
        }
    };
    checks.push(Check::failed(check, format!("it was made after {latest}")));
    Conclusion::Failed(failure)
}

/// Step 6: the algorithm was weak already when the signature was made.
fn weak_when_made(algorithms: Conclusion, uses: &[Use], made_after: &[Timestamp]) -> Conclusion {
    let weak_then = made_after.iter().any(|time| uses.iter().any(|one| !one.reliability.at(*time)));
    match algorithms {
        Conclusion::Indeterminate(Reason::CryptoConstraintsFailureNoPoe) if weak_then => {
            Conclusion::Indeterminate(Reason::CryptoConstraintsFailure)
        }
        other => other,
    }
}
