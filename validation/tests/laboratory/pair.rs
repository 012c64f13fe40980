//! Keys of all kinds that sign digests.

use std::sync::Arc;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use pki::testing::Key;
use pki::{Digest, DigestAlgorithm, KeyKind, PublicKey, Scheme, SignatureAlgorithm};
use rsa::pkcs8::{DecodePrivateKey, EncodePublicKey};

/// A key pair.
#[derive(Clone)]
pub(crate) enum Pair {
    Usual(Key),
    /// 1024 bits, which the other module does not sign with any more.
    SmallRsa(Arc<rsa::PrivateKey>),
    Ed25519(Arc<Ed25519KeyPair>),
}

/// id-Ed25519, RFC 8410.
pub(crate) const ED25519: &str = "1.3.101.112";

impl Pair {
    pub(crate) fn generate(kind: KeyKind) -> Pair {
        match kind {
            KeyKind::Rsa { bits: 1024 } => {
                let key = hex::decode(include_str!("rsa-1024.pkcs8.hex").trim()).unwrap();
                Pair::SmallRsa(Arc::new(rsa::PrivateKey::from_pkcs8_der(&key).unwrap()))
            }
            KeyKind::Other(_) => Pair::Ed25519(Arc::new(Ed25519KeyPair::generate().unwrap())),
            usual => Pair::Usual(Key::generate(usual)),
        }
    }

    pub(crate) fn public(&self) -> PublicKey {
        let spki = match self {
            Pair::Usual(key) => return key.public.clone(),
            Pair::SmallRsa(pair) => pair.to_public_key().to_public_key_der().unwrap().as_bytes().to_vec(),
            Pair::Ed25519(pair) => {
                [&[0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 0x21, 0][..], pair.public_key().as_ref()].concat()
            }
        };
        PublicKey::from_spki_der(&spki).unwrap()
    }

    pub(crate) fn algorithm(&self) -> SignatureAlgorithm {
        match self {
            Pair::Usual(key) => key.algorithm(),
            Pair::Ed25519(_) => SignatureAlgorithm::new(Scheme::Ecdsa, DigestAlgorithm::Sha256),
            Pair::SmallRsa(_) => SignatureAlgorithm::new(Scheme::RsaPkcs1, DigestAlgorithm::Sha256),
        }
    }

    pub(crate) fn sign(&self, digest: &Digest) -> Vec<u8> {
        match self {
            Pair::Usual(key) => key.sign(key.algorithm(), digest),
            Pair::SmallRsa(pair) => {
                // DigestInfo of SHA-256, RFC 8017 §9.2.
                let prefix = hex::decode("3031300d060960864801650304020105000420").unwrap();
                let padded = [&prefix, digest.as_bytes()].concat();
                pair.sign(rsa::Pkcs1v15Sign::new_unprefixed(), &padded).unwrap()
            }
            Pair::Ed25519(pair) => pair.sign(digest.as_bytes()).as_ref().to_vec(),
        }
    }
}
