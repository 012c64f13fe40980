//! Signatures that were found to hold, so that none is computed twice: of the dozen in a sealed file most were seen in the
//! file before it. In: key, algorithm, digest and signature value. Out: whether just these held before.
//!
//! Only what held is kept, under a SHA-256 of all that decides it, so that an answer out of it is the answer that the
//! computation gives. Nothing is kept of what failed: it would be for the sender to choose how much.

use std::collections::HashSet;
use std::sync::{LazyLock, Mutex};

use crate::algorithm::{Digest, DigestAlgorithm, SignatureAlgorithm};
use crate::encode;

/// How many are kept, in 1 MB; then the memory begins anew.
const CAPACITY: usize = 16_384;

static HELD: LazyLock<Mutex<HashSet<Fingerprint>>> = LazyLock::new(Mutex::default);

/// A signature with all that decides whether it holds.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Fingerprint([u8; 32]);

impl Fingerprint {
    pub(crate) fn of(key: &[u8], algorithm: SignatureAlgorithm, digest: &Digest, signature: &[u8]) -> Fingerprint {
        let identifier = algorithm.algorithm_identifier_der();
        let hash = encode::oid(digest.algorithm().oid());
        // Some pairs share an identifier: scheme and digest are there by themselves. Key, identifier and digest tell their own
        // lengths: no two different parts make the same whole.
        let parts = [key, &[algorithm.scheme as u8], &identifier, &hash, digest.as_bytes(), signature];
        let hash = DigestAlgorithm::Sha256.digest_parts(parts);
        Fingerprint(hash.as_bytes().try_into().expect("SHA-256 has 32 octets"))
    }

    pub(crate) fn is_known(&self) -> bool {
        HELD.lock().expect("no code panics while it holds the memory").contains(self)
    }

    pub(crate) fn keep(self) {
        let mut held = HELD.lock().expect("no code panics while it holds the memory");
        if held.len() >= CAPACITY {
            held.clear();
        }
        held.insert(self);
    }
}

/// Forgets all signatures, so that every one is computed again: to measure what that takes.
pub fn forget_signatures() {
    HELD.lock().expect("no code panics while it holds the memory").clear();
}

#[cfg(test)]
mod tests {
    use crate::KeyKind;
    use crate::algorithm::DigestAlgorithm;
    use crate::testing::Party;

    #[test]
    fn what_held_once_holds_again_and_nothing_else_does() {
        let (party, other) = (Party::root(KeyKind::P256), Party::root(KeyKind::P256));
        let digest = |text: &str| DigestAlgorithm::Sha256.digest(text.as_bytes());
        let (algorithm, signature) = (
            KeyKind::P256.default_signature_algorithm(),
            party.key.sign(KeyKind::P256.default_signature_algorithm(), &digest("sealed")),
        );
        let (key, other_key) = (party.certificate.public_key(), other.certificate.public_key());
        let mut changed = signature.clone();
        *changed.last_mut().unwrap() ^= 1;
        for _ in 0..2 {
            assert!(key.verify(algorithm, &digest("sealed"), &signature).is_ok());
            assert!(key.verify(algorithm, &digest("forged"), &signature).is_err());
            assert!(key.verify(algorithm, &digest("sealed"), &changed).is_err());
            assert!(other_key.verify(algorithm, &digest("sealed"), &signature).is_err());
        }
        super::forget_signatures();
        assert!(key.verify(algorithm, &digest("sealed"), &signature).is_ok());
    }
}
