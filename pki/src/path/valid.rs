//! A path that passed, RFC 5280 §6.1 without revocation. In: a [`Candidate`] and whether dates count. Out: a [`ValidPath`], or the
//! rule that is broken.

use jiff::Timestamp;

use super::known::Known;
use super::rules::{self, BrokenRule};
use super::search::{Candidate, Unverifiable};
use crate::certificate::Certificate;

/// Whether the dates of certificates count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dates {
    /// Every certificate below the anchor must be valid at that time (§6.1.3 (a) (2)).
    At(Timestamp),
    /// They are judged elsewhere, as EN 319 102-1 clauses 5.2.6 and 5.6.2.1 do.
    Any,
}

/// A path from a leaf to an anchor: names chain, every signature was computed and holds, and no rule is broken that does not
/// depend on revocation. Only this crate makes one, after it has checked all that.
///
/// ```compile_fail
/// let unchecked = pki::path::ValidPath { certificates: Vec::new(), dates: pki::path::Dates::Any };
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValidPath {
    certificates: Vec<Certificate>,
    dates: Dates,
}

impl ValidPath {
    /// The leaf first, the anchor last; at least one.
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// All but the anchor: those for which somebody must vouch.
    pub fn below_anchor(&self) -> &[Certificate] {
        &self.certificates[..self.certificates.len() - 1]
    }

    /// Each certificate below the anchor with the one that signed it, from the leaf up.
    pub fn links(&self) -> impl DoubleEndedIterator<Item = (&Certificate, &Certificate)> + ExactSizeIterator {
        self.certificates.windows(2).map(|pair| (&pair[0], &pair[1]))
    }

    /// What the path is for.
    pub fn leaf(&self) -> &Certificate {
        &self.certificates[0]
    }

    /// Who is trusted.
    pub fn anchor(&self) -> &Certificate {
        &self.certificates[self.certificates.len() - 1]
    }

    /// Which dates were checked.
    pub fn dates(&self) -> Dates {
        self.dates
    }
}

impl Candidate {
    /// Checks every rule of RFC 5280 §6.1 that does not depend on revocation.
    ///
    /// # Errors
    /// The first rule that a certificate breaks, from the anchor down.
    pub fn validate(&self, dates: Dates) -> Result<ValidPath, BrokenRule> {
        rules::check(&self.0)?;
        if let Dates::At(at) = dates {
            let below = &self.0[..self.0.len() - 1];
            if let Some(outside) = below.iter().rev().find(|one| !one.valid_at(at)) {
                let (not_before, not_after) = (outside.not_before(), outside.not_after());
                let subject = outside.subject().to_string();
                return Err(BrokenRule::NotValidAt { subject, not_before, not_after, at });
            }
        }
        Ok(ValidPath { certificates: self.0.clone(), dates })
    }
}

/// Why there is no valid path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Nothing leads to an anchor.
    #[error("no path leads from `{subject}` to a trust anchor; its issuer is `{issuer}`{}", explanation(.unverifiable, *.exhausted))]
    NoPath {
        /// Whose certificate.
        subject: String,
        /// Who issued it.
        issuer: String,
        /// Signatures that cannot be verified here.
        unverifiable: Vec<Unverifiable>,
        /// Not everything was tried.
        exhausted: bool,
    },
    /// The shortest path breaks this rule, and each other one some rule.
    #[error(transparent)]
    Rule(#[from] BrokenRule),
}

fn explanation(unverifiable: &[Unverifiable], exhausted: bool) -> String {
    let mut text: String = unverifiable.iter().map(|one| format!("; {one}")).collect();
    if exhausted {
        text.push_str("; not everything was tried, because it would take too much work");
    }
    text
}

/// The first valid path of a leaf.
///
/// # Errors
/// [`Failure`]: no path, or the rule that the shortest one breaks.
pub fn build(leaf: &Certificate, known: &Known, dates: Dates) -> Result<ValidPath, Failure> {
    let search = known.paths(leaf);
    let mut first = None;
    for candidate in &search.paths {
        match candidate.validate(dates) {
            Ok(path) => return Ok(path),
            Err(fault) => first = first.or(Some(fault)),
        }
    }
    let none = || Failure::NoPath {
        subject: leaf.subject().to_string(),
        issuer: leaf.issuer().to_string(),
        unverifiable: search.unverifiable.clone(),
        exhausted: search.exhausted,
    };
    Err(first.map_or_else(none, Failure::Rule))
}
