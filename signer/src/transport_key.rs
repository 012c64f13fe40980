//! A key of a TLS connection's end: of the testbed's server, which lives as long as the process, or of a client, which takes it away. It signs nothing
//! that lasts, and is none of the key server's: no id, no credential, no entry in the audit chain.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
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

    /// The same as PEM (RFC 7468 clause 10).
    pub fn to_pem(&self) -> Zeroizing<String> {
        let text = Zeroizing::new(STANDARD.encode(self.pkcs8()));
        let mut pem = Zeroizing::new(String::from("-----BEGIN PRIVATE KEY-----\n"));
        for line in text.as_bytes().chunks(64) {
            pem.extend(line.iter().map(|character| char::from(*character)));
            pem.push('\n');
        }
        pem.push_str("-----END PRIVATE KEY-----\n");
        pem
    }

    /// What a certificate is made for.
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }
}
