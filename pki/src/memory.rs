//! Signatures that were found to hold, so that none is computed twice: of the dozen in a sealed file most were seen in the
//! file before it. In: key, algorithm, digest and signature value. Out: whether just these held before.
//!
//! Only what held is kept, under a SHA-256 of all that decides it, so that an answer out of it is the answer that the
//! computation gives. Nothing is kept of what failed: it would be for the sender to choose how much. The crate keeps no memory
//! of its own: whoever verifies again and again holds one, and lends it with
//! [`Certificate::recalling`](crate::Certificate::recalling).

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard};

use crate::algorithm::{Digest, DigestAlgorithm, SignatureAlgorithm};
use crate::asn1::write;

/// How many are kept, in 1 MB; then the memory begins anew.
const CAPACITY: usize = 16_384;

/// Signatures that held. Clones share what they know; a service holds one for each world, a question that is asked once a fresh
/// one or none.
///
/// ```
/// use pki::{Certificate, SignatureMemory};
/// fn holds(list: &[Certificate], issuer: &Certificate) -> bool {
///     let memory = SignatureMemory::default();
///     list.iter().all(|one| one.verify_issued_by(issuer.recalling(&memory)).is_ok())
/// }
/// ```
#[derive(Clone, Default)]
pub struct SignatureMemory(Arc<Mutex<HashSet<Fingerprint>>>);

impl SignatureMemory {
    /// Forgets all signatures, so that every one is computed again: to measure what that takes.
    pub fn forget(&self) {
        self.held().clear();
    }

    pub(crate) fn knows(&self, fingerprint: &Fingerprint) -> bool {
        self.held().contains(fingerprint)
    }

    pub(crate) fn keep(&self, fingerprint: Fingerprint) {
        let mut held = self.held();
        if held.len() >= CAPACITY {
            held.clear();
        }
        held.insert(fingerprint);
    }

    fn held(&self) -> MutexGuard<'_, HashSet<Fingerprint>> {
        self.0.lock().expect("no code panics while it holds the memory")
    }
}

impl fmt::Debug for SignatureMemory {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SignatureMemory({} signatures)", self.held().len())
    }
}

/// A signature with all that decides whether it holds.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Fingerprint([u8; 32]);

impl Fingerprint {
    pub(crate) fn of(key: &[u8], algorithm: SignatureAlgorithm, digest: &Digest, signature: &[u8]) -> Fingerprint {
        let identifier = algorithm.algorithm_identifier_der();
        let hash = write::oid(digest.algorithm().oid());
        // Some pairs share an identifier: scheme and digest are there by themselves. Key, identifier and digest tell their own
        // lengths: no two different parts make the same whole.
        let parts = [key, &[algorithm.scheme as u8], &identifier, &hash, digest.as_bytes(), signature];
        let hash = DigestAlgorithm::Sha256.digest_parts(parts);
        Fingerprint(hash.as_bytes().try_into().expect("SHA-256 has 32 octets"))
    }
}

#[cfg(test)]
mod tests {
    use super::SignatureMemory;
    use crate::algorithm::DigestAlgorithm;
    use crate::key::KeyKind;
    use crate::testing::Party;

    #[test]
    fn what_held_once_holds_again_and_nothing_else_does() {
        let (party, other) = (Party::root(KeyKind::P256), Party::root(KeyKind::P256));
        let digest = |text: &str| DigestAlgorithm::Sha256.digest(text.as_bytes());
        let algorithm = KeyKind::P256.default_signature_algorithm();
        let signature = party.key.sign(algorithm, &digest("sealed"));
        let mut changed = signature.clone();
        *changed.last_mut().unwrap() ^= 1;
        let memory = SignatureMemory::default();
        let (holder, stranger) = (party.certificate.recalling(&memory), other.certificate.recalling(&memory));
        for _ in 0..2 {
            assert!(holder.verify(algorithm, &digest("sealed"), &signature, "test").is_ok());
            assert!(holder.verify(algorithm, &digest("forged"), &signature, "test").is_err());
            assert!(holder.verify(algorithm, &digest("sealed"), &changed, "test").is_err());
            assert!(stranger.verify(algorithm, &digest("sealed"), &signature, "test").is_err());
            assert_eq!(format!("{memory:?}"), "SignatureMemory(1 signatures)");
        }
        memory.forget();
        assert!(holder.verify(algorithm, &digest("sealed"), &signature, "test").is_ok());
    }

    #[test]
    fn clones_share_what_they_know_and_fresh_memories_know_nothing() {
        let root = Party::root(KeyKind::P256);
        let (memory, fresh) = (SignatureMemory::default(), SignatureMemory::default());
        root.certificate.verify_issued_by(root.certificate.recalling(&memory.clone())).unwrap();
        assert_eq!((memory.held().len(), fresh.held().len()), (1, 0));
    }
}
