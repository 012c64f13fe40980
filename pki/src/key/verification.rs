//! Verifying a signature value with a key of any kind. In: key, algorithm, what was signed, value. Out: it holds, it does
//! not, or it cannot be verified here ([`Error::is_undetermined`]).
//!
//! Weak combinations are verified too: whether SHA-1 or 1024 bits were acceptable at some time is for a policy to judge.

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};

use super::{KeyKind, PublicKey, dsa, ecdsa, rsa};
use crate::algorithm::{Digest, Scheme, SignatureAlgorithm};
use crate::memory::{Fingerprint, SignatureMemory};
use crate::{Error, oid};

/// Longest signature value that is looked at: that of the largest RSA key. Longer ones are of no key.
const MAX_SIGNATURE: usize = rsa::MAX_BITS as usize / 8;

/// What was signed.
#[derive(Clone, Copy)]
pub(super) enum Signed<'a> {
    Digest(&'a Digest),
    /// The message itself, for schemes that hash it in a way of their own.
    Message(&'a [u8]),
}

/// Whether the value is that of the key; an error if that cannot be told. What the memory knows is not computed again.
pub(super) fn verify(
    key: &PublicKey,
    memory: Option<&SignatureMemory>,
    algorithm: SignatureAlgorithm,
    signed: Signed<'_>,
    signature: &[u8],
) -> Result<(), Error> {
    let hashed = match signed {
        Signed::Digest(digest) => digest.clone(),
        Signed::Message(message) => algorithm.digest.digest(message),
    };
    if hashed.algorithm() != algorithm.digest {
        return Err(Error::DigestAlgorithmMismatch { expected: algorithm.digest, found: hashed.algorithm() });
    }
    let invalid = || Error::SignatureInvalid { signed: "digest", signer: format!("a {} key", key.kind()) };
    check_fit(key, algorithm)?;
    if signature.len() > MAX_SIGNATURE {
        return Err(invalid());
    }
    let remembered = memory.map(|memory| (memory, Fingerprint::of(key.spki_der(), algorithm, &hashed, signature)));
    if remembered.as_ref().is_some_and(|(memory, fingerprint)| memory.knows(fingerprint)) {
        return Ok(());
    }
    let holds = match (algorithm.scheme, signed) {
        (Scheme::RsaPkcs1 | Scheme::RsaPss, _) => rsa::holds(key, algorithm, &hashed, signature)?,
        (Scheme::Ecdsa | Scheme::EcdsaPlain, _) => ecdsa::holds(key, algorithm.scheme, &hashed, signature)?,
        (Scheme::Dsa, _) => dsa::holds(key, &hashed, signature)?,
        (Scheme::Ed25519, Signed::Message(message)) => {
            UnparsedPublicKey::new(&ED25519, key.key_octets()).verify(message, signature).is_ok()
        }
        (Scheme::Ed25519, Signed::Digest(_)) => {
            let (expected, found) = ("the message itself, which Ed25519 signs", "its digest only".to_owned());
            return Err(Error::UnsupportedParameters { oid: oid::ED25519, expected, found });
        }
    };
    if !holds {
        return Err(invalid());
    }
    if let Some((memory, fingerprint)) = remembered {
        memory.keep(fingerprint);
    }
    Ok(())
}

/// A scheme that is not of the key's family was not made by the key, whatever the key is: that is known. A key of a family
/// that is not offered here leaves everything open.
fn check_fit(key: &PublicKey, algorithm: SignatureAlgorithm) -> Result<(), Error> {
    use Scheme::{Dsa, Ecdsa, EcdsaPlain, Ed25519, RsaPkcs1, RsaPss};
    let fits = match key.kind() {
        KeyKind::P256 | KeyKind::P384 | KeyKind::P521 => matches!(algorithm.scheme, Ecdsa | EcdsaPlain),
        KeyKind::Rsa { .. } => matches!(algorithm.scheme, RsaPkcs1 | RsaPss),
        KeyKind::Other(oid::DSA) => algorithm.scheme == Dsa,
        KeyKind::Other(oid::ED25519) => algorithm.scheme == Ed25519,
        KeyKind::Other(_) if key.is_elliptic() => matches!(algorithm.scheme, Ecdsa | EcdsaPlain),
        KeyKind::Other(identifier) => {
            return Err(Error::UnsupportedAlgorithm { role: "key algorithm", oid: identifier });
        }
    };
    match fits {
        true => Ok(()),
        false => {
            let (scheme, digest) = (algorithm.scheme, algorithm.digest);
            Err(Error::KeyUnfit { scheme, digest, kind: key.kind() })
        }
    }
}
