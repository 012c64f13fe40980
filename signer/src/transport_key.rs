//! A key of a TLS connection's end: of the testbed's server, which lives as long as the process, or of a client, which takes it away. It signs nothing
//! that lasts, and is none of the key server's: no id, no credential, no entry in the audit chain.

use pki::{KeyKind, PublicKey};
use zeroize::Zeroizing;

use crate::keys::key_pair::KeyPair;
use crate::{Error, KeyId};

/// A key outside the key server.
pub struct TransportKey {
    pkcs8: Zeroizing<Vec<u8>>,
    public: PublicKey,
}

impl TransportKey {
    /// Makes one. RSA takes up to seconds: not among tasks that answer requests.
    ///
    /// # Errors
    /// If the cryptographic module fails, or makes no keys of that kind.
    pub fn generate(kind: KeyKind) -> Result<TransportKey, Error> {
        let pkcs8 = KeyPair::generate(kind)?;
        let public = KeyPair::from_pkcs8(&KeyId::random()?, kind, &pkcs8)?.public;
        Ok(TransportKey { pkcs8, public })
    }

    /// PKCS #8 (RFC 5958).
    pub fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    /// What a certificate is made for.
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }
}
