//! Building certificate paths, RFC 4158. In: a certificate, what else is known, and trust anchors. Out: paths whose
//! names and signatures hold. [`check`] judges what RFC 5280 §6.1 asks of a path apart from times; validity and revocation
//! are judged elsewhere.

use crate::certificate::Certificate;

mod name_constraints;
mod policies;
mod rules;

pub use rules::{Fault, check, unknown_critical_extension};

/// Longest path; the longest in the PKITS suite has 7 certificates.
const MAX_LENGTH: usize = 10;

/// Most signatures that are tried for one question, so that a pool of many same-named certificates costs no more.
const MAX_VERIFICATIONS: usize = 200;

/// Most paths that are given.
const MAX_PATHS: usize = 16;

/// A path from `leaf` (first) to one of `anchors` (last), or `None`. A leaf that is an anchor is a path by itself.
pub fn chain(leaf: &Certificate, pool: &[Certificate], anchors: &[Certificate]) -> Option<Vec<Certificate>> {
    Search::new(pool, anchors, 1).run(leaf).into_iter().next()
}

/// Every path from `leaf` to one of `anchors`, the shortest to try first; at most 16.
pub fn chains(leaf: &Certificate, pool: &[Certificate], anchors: &[Certificate]) -> Vec<Vec<Certificate>> {
    Search::new(pool, anchors, MAX_PATHS).run(leaf)
}

/// `leaf` and its issuers as far as they are known, whether or not an anchor is reached; at least `leaf` itself.
pub fn longest(leaf: &Certificate, pool: &[Certificate]) -> Vec<Certificate> {
    let mut path = vec![leaf.clone()];
    while path.len() < MAX_LENGTH {
        let last = &path[path.len() - 1];
        let issuer =
            candidates(last, pool).find(|issuer| !path.contains(issuer) && last.verify_issued_by(issuer).is_ok());
        match issuer.cloned() {
            Some(issuer) => path.push(issuer),
            None => break,
        }
    }
    path
}

struct Search<'a> {
    pool: &'a [Certificate],
    anchors: &'a [Certificate],
    most: usize,
    verifications: usize,
    found: Vec<Vec<Certificate>>,
}

impl<'a> Search<'a> {
    fn new(pool: &'a [Certificate], anchors: &'a [Certificate], most: usize) -> Self {
        Self { pool, anchors, most, verifications: MAX_VERIFICATIONS, found: Vec::new() }
    }

    fn run(mut self, leaf: &Certificate) -> Vec<Vec<Certificate>> {
        self.extend(&mut vec![leaf.clone()]);
        self.found.sort_by_key(Vec::len);
        self.found
    }

    /// Depth first, at most [`MAX_LENGTH`] deep. Anchors are tried before the pool.
    fn extend(&mut self, path: &mut Vec<Certificate>) {
        let last = path[path.len() - 1].clone();
        if self.anchors.contains(&last) {
            self.found.push(path.clone());
            return;
        }
        if path.len() == MAX_LENGTH {
            return;
        }
        let (pool, anchors) = (self.pool, self.anchors);
        let from_pool = candidates(&last, pool).filter(|candidate| !anchors.contains(candidate));
        for issuer in candidates(&last, anchors).chain(from_pool) {
            if self.found.len() >= self.most || self.verifications == 0 {
                return;
            }
            if repeats(path, issuer) {
                continue;
            }
            self.verifications -= 1;
            if last.verify_issued_by(issuer).is_ok() {
                path.push(issuer.clone());
                self.extend(path);
                path.pop();
            }
        }
    }
}

/// Certificates with the issuer's name; those whose key identifier is the one wanted come first, because with it the
/// first signature that is tried is nearly always the right one.
fn candidates<'a>(of: &Certificate, among: &'a [Certificate]) -> impl Iterator<Item = &'a Certificate> + use<'a> {
    let wanted = of.authority_key_identifier();
    let mut named: Vec<_> = among.iter().filter(|candidate| of.issuer().matches(candidate.subject())).collect();
    named.sort_by_key(|candidate| wanted.is_some() && candidate.subject_key_identifier() != wanted);
    let mut seen = std::collections::HashSet::new();
    named.retain(|candidate| seen.insert(candidate.der()));
    named.into_iter()
}

/// The same name with the same key twice is a loop, also through another certificate (RFC 4158 §2.4.1).
fn repeats(path: &[Certificate], issuer: &Certificate) -> bool {
    path.iter().any(|earlier| earlier.subject() == issuer.subject() && earlier.public_key() == issuer.public_key())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::KeyKind;
    use crate::testing::Party;

    #[test]
    fn a_path_goes_from_the_leaf_to_the_anchor() {
        let root = Party::root(KeyKind::P256);
        let ca = root.authority(KeyKind::P256, "TESTBED CA", "02");
        let seal = ca.seal(KeyKind::P256, "03");
        let pool = [seal.certificate.clone(), root.certificate.clone(), ca.certificate.clone()];
        let wanted = [&seal, &ca, &root].map(|party| party.certificate.clone());
        let anchors = [root.certificate.clone()];
        assert_eq!(chain(&seal.certificate, &pool, &anchors).unwrap(), wanted);
        assert_eq!(chains(&seal.certificate, &pool, &anchors), [wanted.to_vec()]);
        assert_eq!(longest(&seal.certificate, &pool), wanted);
        assert_eq!(chain(&root.certificate, &[], &anchors).unwrap(), anchors);
    }

    #[test]
    fn without_issuer_or_anchor_there_is_no_path() {
        let root = Party::root(KeyKind::P256);
        let ca = root.authority(KeyKind::P256, "TESTBED CA", "02");
        let seal = ca.seal(KeyKind::P256, "03");
        let anchors = [root.certificate.clone()];
        assert_eq!(chain(&seal.certificate, &[], &anchors), None);
        assert_eq!(chain(&seal.certificate, &[ca.certificate.clone(), root.certificate.clone()], &[]), None);
        assert_eq!(longest(&seal.certificate, &[]), [seal.certificate]);
    }

    #[test]
    fn namesakes_of_the_issuer_are_passed_over() {
        let root = Party::root(KeyKind::P256);
        let namesakes: Vec<_> = (0..5).map(|_| Party::root(KeyKind::P256).certificate).collect();
        let seal = root.seal(KeyKind::P256, "03");
        let path = chain(&seal.certificate, &namesakes, std::slice::from_ref(&root.certificate)).unwrap();
        assert_eq!(path, [seal.certificate, root.certificate]);
    }

    #[test]
    fn cross_certified_authorities_give_several_paths_and_no_loop() {
        let (one, other) = (Party::root(KeyKind::P256), Party::root(KeyKind::P384));
        let ca = one.authority(KeyKind::P256, "TESTBED CA", "02");
        let crossed = other.certify_again(&ca, "03");
        let seal = ca.seal(KeyKind::P256, "04");
        let pool = [ca.certificate.clone(), crossed.clone(), ca.certificate.clone()];
        let anchors = [one.certificate.clone(), other.certificate.clone()];
        let found = chains(&seal.certificate, &pool, &anchors);
        assert_eq!(found.len(), 2);
        assert!(found.iter().any(|path| path[1] == ca.certificate && path[2] == one.certificate));
        assert!(found.iter().any(|path| path[1] == crossed && path[2] == other.certificate));
    }
}
