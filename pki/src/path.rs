//! Building certificate paths, RFC 4158. In: a certificate, what else is known, and trust anchors. Out: paths whose
//! names and signatures hold. Validity, constraints, policies and revocation are judged elsewhere.

use crate::certificate::Certificate;

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
        self.found.dedup();
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
    named.dedup();
    named.into_iter()
}

/// The same name with the same key twice is a loop, also through another certificate (RFC 4158 §2.4.1).
fn repeats(path: &[Certificate], issuer: &Certificate) -> bool {
    path.iter().any(|earlier| earlier.subject() == issuer.subject() && earlier.public_key() == issuer.public_key())
}
