//! Opaque random texts (client secrets, access tokens, signature activation data) and their hashes, all that is kept.

use aws_lc_rs::{constant_time, rand};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::Error;

/// The SHA-256 of a secret or a name: what is stored, compared and audited in its place.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Hash(pub(crate) [u8; 32]);

impl Hash {
    pub(crate) fn of(text: impl AsRef<[u8]>) -> Hash {
        Hash(Sha256::digest(text.as_ref()).into())
    }

    /// Compares in constant time.
    pub(crate) fn is_of(&self, text: &str) -> bool {
        constant_time::verify_slices_are_equal(&self.0, &Hash::of(text).0).is_ok()
    }

    pub(crate) fn to_hex(self) -> String {
        hex::encode(self.0)
    }
}

/// So many bytes from the module's random generator.
pub(crate) fn random<const N: usize>() -> Result<Zeroizing<[u8; N]>, Error> {
    let mut bytes = Zeroizing::new([0; N]);
    rand::fill(&mut *bytes).map_err(|_| Error::Module { doing: "drawing random bytes" })?;
    Ok(bytes)
}

/// 256 random bits as 43 characters that need no escaping in headers, forms and JSON.
pub(crate) fn random_text() -> Result<String, Error> {
    Ok(URL_SAFE_NO_PAD.encode(*random::<32>()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_knows_its_text_and_no_other() {
        let text = random_text().unwrap();
        assert_eq!(text.len(), 43);
        assert!(Hash::of(&text).is_of(&text));
        assert!(!Hash::of(&text).is_of("another"));
        assert_ne!(text, random_text().unwrap());
    }
}
