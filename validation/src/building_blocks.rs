//! The results of the building blocks on one signature, and the one place that joins them (EN 319 102-1 clauses 5.3, 5.5.4 and
//! 5.6.3). In: what each block came to. Out: a conclusion.
//!
//! Conclusions only sink: the result is that of the first block, in the order of clause 5.3, that did not pass. The later
//! processes may replace the results of two blocks, since these are the ones that depend on the time at which one asks: that for
//! the certificate path (5.5.4 steps 4, 6 and 7; 5.6.2.4) and that for the algorithms of the signature (5.5.4 steps 4 c and 8;
//! 5.6.3 step 7). Everything else stands: form, identity, digest, signature value, attributes, what a token says. So acceptance
//! is checked again in full whenever another block is lifted (5.5.4 step 8).
//!
//! A pass is only made of a signature that was [`Verified`] and of a [`ValidPath`].

use pki::path::ValidPath;

use crate::certificate_path::PathResult;
use crate::conclusion::{Conclusion, Reason};
use crate::cryptographic_verification::Verified;

/// What the blocks came to, in the order in which clause 5.3 asks them.
#[derive(Clone, Debug)]
pub(crate) struct BuildingBlocks {
    /// 5.2.2.
    pub(crate) format: Conclusion,
    /// 5.4: whether the imprint of a time-stamp is that of the stamped data. A seal has none.
    pub(crate) imprint: Conclusion,
    /// 5.2.3.
    pub(crate) identification: Conclusion,
    /// 5.2.7.
    pub(crate) verification: Result<Verified, Conclusion>,
    /// 5.4: what a time-stamp says of itself. A seal says nothing.
    pub(crate) statement: Conclusion,
    /// 5.2.6, with the content time-stamps of step 4; `None`: without a certificate nothing was looked for.
    pub(crate) path: Option<Conclusion>,
    /// 5.2.8 without the algorithms.
    pub(crate) acceptance: Conclusion,
    /// 5.2.8, the algorithms of signature value, digests and imprint.
    pub(crate) algorithms: Conclusion,
}

impl BuildingBlocks {
    /// The conclusion at the validation time: clause 5.3.
    pub(crate) fn joined(&self, path: Option<&PathResult>) -> Conclusion {
        let of_path = self.path.unwrap_or(Conclusion::Indeterminate(Reason::NoSigningCertificateFound));
        self.with(of_path, self.algorithms, path)
    }

    /// The conclusion with other results for path and algorithms, which a process came to with proofs of existence.
    pub(crate) fn lifted(&self, of_path: Conclusion, algorithms: Conclusion, path: Option<&PathResult>) -> Conclusion {
        self.with(of_path, algorithms, path)
    }

    fn with(&self, of_path: Conclusion, algorithms: Conclusion, path: Option<&PathResult>) -> Conclusion {
        let verification = self.verification.as_ref().err().copied().unwrap_or(Conclusion::Passed);
        // An algorithm that cannot be computed is a matter of cryptographic constraints, which stand behind the path (5.3).
        let (certain, unknown) = match verification {
            Conclusion::Indeterminate(Reason::CryptoConstraintsFailureNoPoe) => (Conclusion::Passed, verification),
            other => (other, Conclusion::Passed),
        };
        let in_order = [
            self.format,
            self.imprint,
            self.identification,
            certain,
            self.statement,
            of_path,
            unknown,
            self.acceptance,
            algorithms,
        ];
        match in_order.into_iter().find(|one| !one.is_passed()) {
            Some(conclusion) => conclusion,
            None => pass(self.verification.as_ref().ok(), path.and_then(|path| path.path.as_ref())),
        }
    }
}

/// A pass needs both; without one of them something is wrong in the steps before, and nothing is known.
fn pass(verified: Option<&Verified>, path: Option<&ValidPath>) -> Conclusion {
    match (verified, path) {
        (Some(_), Some(_)) => Conclusion::Passed,
        (None, _) => Conclusion::Indeterminate(Reason::CryptoConstraintsFailureNoPoe),
        (Some(_), _) => Conclusion::Indeterminate(Reason::NoCertificateChainFound),
    }
}

/// The first that did not pass.
pub(crate) fn first(conclusions: impl IntoIterator<Item = Conclusion>) -> Conclusion {
    conclusions.into_iter().find(|one| !one.is_passed()).unwrap_or(Conclusion::Passed)
}
