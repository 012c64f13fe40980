//! The SIGNED{} shape of certificates and CRLs, X.509 clause 6.2.1. In: a signed part. Out: its digest, then the whole.

use crate::Error;
use crate::algorithm::{Digest, SignatureAlgorithm};
use crate::asn1::write;
use crate::asn1::{self, BIT_STRING, Element, SEQUENCE};
use crate::key::PublicKey;
use crate::name::Name;

/// A certificate or CRL that waits for its signature. Only [`digest`](Self::digest) has to leave for the key server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToBeSigned {
    tbs: Vec<u8>,
    algorithm: SignatureAlgorithm,
}

impl ToBeSigned {
    pub(crate) fn new(tbs: Vec<u8>, algorithm: SignatureAlgorithm) -> Self {
        Self { tbs, algorithm }
    }

    /// TBSCertificate or TBSCertList.
    pub fn tbs_der(&self) -> &[u8] {
        &self.tbs
    }

    /// How it is to be signed.
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// What is to be signed.
    pub fn digest(&self) -> Digest {
        self.algorithm.digest.digest(&self.tbs)
    }

    /// The whole certificate or CRL, as DER.
    pub fn signed(self, signature: &[u8]) -> Vec<u8> {
        let algorithm = self.algorithm.algorithm_identifier_der();
        write::sequence(&[&self.tbs, &algorithm, &write::bit_string(signature)])
    }
}

/// ```text
/// SIGNED{T} ::= SEQUENCE { toBeSigned T, algorithmIdentifier AlgorithmIdentifier, encrypted BIT STRING }
/// ```
pub(crate) struct Signed<'a> {
    pub(crate) tbs: Element<'a>,
    pub(crate) algorithm: Element<'a>,
    pub(crate) signature: Element<'a>,
}

impl<'a> Signed<'a> {
    pub(crate) fn read(der: &'a [u8], structure: &'static str) -> Result<Self, Error> {
        let mut reader = asn1::single(der, SEQUENCE, structure)?.reader();
        let tbs = reader.expect(SEQUENCE, "the part that is signed")?;
        let algorithm = reader.expect(SEQUENCE, "signature algorithm")?;
        let signature = reader.expect(BIT_STRING, "signature")?;
        signature.bit_octets()?;
        reader.finish()?;
        Ok(Self { tbs, algorithm, signature })
    }

    /// Verifies over the octets as they came, with the key that the structure itself carries.
    pub(crate) fn verify_by_own_key(&self, key: &PublicKey, signed: &'static str, subject: &Name) -> Result<(), Error> {
        let algorithm = SignatureAlgorithm::read(&self.algorithm)?;
        let result = key.verify_message(algorithm, self.tbs.raw, self.signature.bit_octets()?);
        result.map_err(|error| error.named(signed, subject))
    }
}
