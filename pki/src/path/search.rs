//! The search for paths, RFC 4158: depth first, from the leaf up. In: what is known. Out: paths whose names and signatures hold,
//! the shortest first; what could not be verified on the way; whether the work that is allowed sufficed.

use super::budget::STEP;
use super::known::{AnchorSet, Issued, Known};
use crate::certificate::Certificate;

/// Longest path; the longest in the PKITS suite has 7 certificates.
const MAX_LENGTH: usize = 10;

/// Most paths that are given.
const MAX_PATHS: usize = 16;

/// Most things that could not be verified which are told.
const MAX_REPORTED: usize = 4;

/// Certificates from a leaf to an anchor, of which each names and is signed by the next. Whether any of them may is another
/// question: [`Candidate::validate`](super::Candidate::validate).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate(pub(super) Vec<Certificate>);

impl Candidate {
    /// The leaf first, the anchor last; at least one.
    pub fn certificates(&self) -> &[Certificate] {
        &self.0
    }

    /// The certificate of the anchor.
    pub fn anchor(&self) -> &Certificate {
        self.0.last().expect("a path has at least its leaf")
    }
}

/// A signature that is no part of a path, because nobody can tell here whether it holds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("whether `{issuer}` signed the certificate of `{subject}` cannot be verified here: {why}")]
pub struct Unverifiable {
    /// Whose certificate.
    pub subject: String,
    /// Whose key.
    pub issuer: String,
    /// Why not.
    pub why: crate::Error,
}

/// What a search found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// The shortest first. A leaf that is an anchor is a path by itself.
    pub paths: Vec<Candidate>,
    /// Signatures that could not be verified, some of them.
    pub unverifiable: Vec<Unverifiable>,
    /// The work that is allowed had ended before everything was tried: there may be other paths.
    pub exhausted: bool,
}

pub(super) fn run(known: &Known, leaf: &Certificate, set: AnchorSet) -> Search {
    let before = known.budget().refusals();
    let mut found = Search::default();
    extend(known, set, &mut vec![leaf.clone()], &mut found);
    found.paths.sort_by_key(|path| path.0.len());
    found.exhausted = known.budget().refusals() > before;
    found
}

fn extend(known: &Known, set: AnchorSet, path: &mut Vec<Certificate>, found: &mut Search) {
    let last = path[path.len() - 1].clone();
    if known.is_anchor(&last, set) {
        found.paths.push(Candidate(path.clone()));
        return;
    }
    if path.len() == MAX_LENGTH {
        return;
    }
    for issuer in known.namesakes_of_issuer(&last, set) {
        if found.paths.len() >= MAX_PATHS {
            return;
        }
        if repeats(path, &issuer) {
            continue;
        }
        if !known.budget().spend(STEP) {
            return;
        }
        match known.issued(&last, &issuer) {
            Issued::Yes => {
                path.push(issuer);
                extend(known, set, path, found);
                path.pop();
            }
            Issued::CannotBeVerified(why) => tell(&last, &issuer, why, found),
            Issued::No(_) => {}
            Issued::NotTried => return,
        }
    }
}

fn tell(last: &Certificate, issuer: &Certificate, why: crate::Error, found: &mut Search) {
    let (subject, issuer) = (last.subject().to_string(), issuer.subject().to_string());
    let one = Unverifiable { subject, issuer, why };
    if found.unverifiable.len() < MAX_REPORTED && !found.unverifiable.contains(&one) {
        found.unverifiable.push(one);
    }
}

/// The same name with the same key twice is a loop, also through another certificate (RFC 4158 §2.4.1).
fn repeats(path: &[Certificate], issuer: &Certificate) -> bool {
    let key = issuer.public_key();
    path.iter().any(|earlier| earlier.subject().matches(issuer.subject()) && earlier.public_key() == key)
}
