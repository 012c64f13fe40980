//! Signature algorithms, RFC 5754, RFC 5758, RFC 8017, RFC 8410, BSI TR-03111, NIST's register of SHA-3 identifiers.
//! In: AlgorithmIdentifiers. Out: a scheme, its digest and its parameters.

use std::fmt;

use super::DigestAlgorithm::{
    self, Md5, Ripemd160, Sha1, Sha3_256, Sha3_384, Sha3_512, Sha224, Sha256, Sha384, Sha512,
};
use super::{PssParameters, algorithm_identifier};
use crate::asn1::write;
use crate::asn1::{self, Element, NULL, SEQUENCE};
use crate::{Error, ObjectIdentifier, oid};

/// How a digest is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// ECDSA; the signature value is the DER of `ECDSA-Sig-Value`.
    Ecdsa,
    /// ECDSA; the signature value is r and s one after the other (BSI TR-03111 §5.2.1).
    EcdsaPlain,
    /// RSASSA-PKCS1-v1_5.
    RsaPkcs1,
    /// RSASSA-PSS with the [parameters](SignatureAlgorithm::pss_parameters) of the algorithm.
    RsaPss,
    /// DSA, FIPS 186-4.
    Dsa,
    /// Ed25519 in its pure form (RFC 8410, RFC 8419): it signs the message itself. The digest of the algorithm is the one
    /// that a CMS message has beside it, in all else SHA-512.
    Ed25519,
}

/// A scheme with the digest that it signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SignatureAlgorithm {
    /// How the digest is signed.
    pub scheme: Scheme,
    /// How the message is hashed.
    pub digest: DigestAlgorithm,
    /// The other parameters of RSASSA-PSS; of other schemes the usual ones, which then mean nothing.
    pub pss: PssParameters,
}

/// Schemes with the digest in their identifiers. The first identifier of a pair is the one that is written.
const NAMED: [(ObjectIdentifier, Scheme, DigestAlgorithm); 35] = [
    (oid::ECDSA_WITH_SHA1, Scheme::Ecdsa, Sha1),
    (oid::ECDSA_WITH_SHA224, Scheme::Ecdsa, Sha224),
    (oid::ECDSA_WITH_SHA256, Scheme::Ecdsa, Sha256),
    (oid::ECDSA_WITH_SHA384, Scheme::Ecdsa, Sha384),
    (oid::ECDSA_WITH_SHA512, Scheme::Ecdsa, Sha512),
    (oid::ECDSA_WITH_SHA3_256, Scheme::Ecdsa, Sha3_256),
    (oid::ECDSA_WITH_SHA3_384, Scheme::Ecdsa, Sha3_384),
    (oid::ECDSA_WITH_SHA3_512, Scheme::Ecdsa, Sha3_512),
    (oid::ECDSA_PLAIN_SHA1, Scheme::EcdsaPlain, Sha1),
    (oid::ECDSA_PLAIN_SHA224, Scheme::EcdsaPlain, Sha224),
    (oid::ECDSA_PLAIN_SHA256, Scheme::EcdsaPlain, Sha256),
    (oid::ECDSA_PLAIN_SHA384, Scheme::EcdsaPlain, Sha384),
    (oid::ECDSA_PLAIN_SHA512, Scheme::EcdsaPlain, Sha512),
    (oid::ECDSA_PLAIN_RIPEMD160, Scheme::EcdsaPlain, Ripemd160),
    (oid::MD5_WITH_RSA, Scheme::RsaPkcs1, Md5),
    (oid::SHA1_WITH_RSA, Scheme::RsaPkcs1, Sha1),
    (oid::SHA1_WITH_RSA_OIW, Scheme::RsaPkcs1, Sha1),
    (oid::RIPEMD160_WITH_RSA, Scheme::RsaPkcs1, Ripemd160),
    (oid::SHA224_WITH_RSA, Scheme::RsaPkcs1, Sha224),
    (oid::SHA256_WITH_RSA, Scheme::RsaPkcs1, Sha256),
    (oid::SHA384_WITH_RSA, Scheme::RsaPkcs1, Sha384),
    (oid::SHA512_WITH_RSA, Scheme::RsaPkcs1, Sha512),
    (oid::RSA_WITH_SHA3_256, Scheme::RsaPkcs1, Sha3_256),
    (oid::RSA_WITH_SHA3_384, Scheme::RsaPkcs1, Sha3_384),
    (oid::RSA_WITH_SHA3_512, Scheme::RsaPkcs1, Sha3_512),
    (oid::DSA_WITH_SHA1, Scheme::Dsa, Sha1),
    (oid::DSA_WITH_SHA224, Scheme::Dsa, Sha224),
    (oid::DSA_WITH_SHA256, Scheme::Dsa, Sha256),
    (oid::DSA_WITH_SHA384, Scheme::Dsa, Sha384),
    (oid::DSA_WITH_SHA512, Scheme::Dsa, Sha512),
    (oid::DSA_WITH_SHA1_OIW, Scheme::Dsa, Sha1),
    (oid::DSA_WITH_SHA3_256, Scheme::Dsa, Sha3_256),
    (oid::DSA_WITH_SHA3_384, Scheme::Dsa, Sha3_384),
    (oid::DSA_WITH_SHA3_512, Scheme::Dsa, Sha3_512),
    (oid::ED25519, Scheme::Ed25519, Sha512),
];

impl fmt::Display for Scheme {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Ecdsa => "ECDSA",
            Self::EcdsaPlain => "plain ECDSA",
            Self::RsaPkcs1 => "RSASSA-PKCS1-v1_5",
            Self::RsaPss => "RSASSA-PSS",
            Self::Dsa => "DSA",
            Self::Ed25519 => "Ed25519",
        })
    }
}

impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} with {}", self.scheme, self.digest)?;
        match self.pss_parameters() {
            Some(pss) if pss != PssParameters::usual(self.digest) => {
                write!(formatter, " (MGF1 with {}, {} octets of salt)", pss.mask_digest, pss.salt_length)
            }
            _ => Ok(()),
        }
    }
}

impl SignatureAlgorithm {
    /// The pair; RSASSA-PSS with the usual parameters, MGF1 with the same digest and a salt as long as it.
    pub const fn new(scheme: Scheme, digest: DigestAlgorithm) -> Self {
        Self { scheme, digest, pss: PssParameters::usual(digest) }
    }

    /// RSASSA-PSS with these parameters.
    pub const fn pss(digest: DigestAlgorithm, parameters: PssParameters) -> Self {
        Self { scheme: Scheme::RsaPss, digest, pss: parameters }
    }

    /// The parameters of RSASSA-PSS; nothing for other schemes.
    pub fn pss_parameters(self) -> Option<PssParameters> {
        (self.scheme == Scheme::RsaPss).then_some(self.pss)
    }

    /// Its identifier. RSASSA-PSS has one for all digests: they are in its parameters. A pair that has no identifier of its
    /// own, as ECDSA with RIPEMD-160, has that of the key, as in CMS messages, where the digest stands beside it.
    pub fn oid(self) -> ObjectIdentifier {
        let named = NAMED.iter().find(|(_, scheme, digest)| (*scheme, *digest) == (self.scheme, self.digest));
        match (named, self.scheme) {
            (_, Scheme::RsaPss) => oid::RSASSA_PSS,
            (_, Scheme::Ed25519) => oid::ED25519,
            (Some((identifier, ..)), _) => *identifier,
            (None, Scheme::Ecdsa | Scheme::EcdsaPlain) => oid::EC_PUBLIC_KEY,
            (None, Scheme::RsaPkcs1) => oid::RSA_ENCRYPTION,
            (None, Scheme::Dsa) => oid::DSA,
        }
    }

    /// AlgorithmIdentifier for certificates, CRLs and OCSP answers: ECDSA without parameters (RFC 5758 §3.2),
    /// PKCS #1 with NULL (RFC 4055 §5), PSS with all of its parameters.
    pub fn algorithm_identifier_der(self) -> Vec<u8> {
        let parameters = match self.scheme {
            Scheme::RsaPkcs1 => write::null(),
            Scheme::RsaPss => self.pss.to_der(self.digest),
            Scheme::Ecdsa | Scheme::EcdsaPlain | Scheme::Dsa | Scheme::Ed25519 => Vec::new(),
        };
        write::algorithm_identifier(self.oid(), &parameters)
    }

    /// SignerInfo.signatureAlgorithm. For PKCS #1 it is rsaEncryption with NULL and not, say, sha256WithRSAEncryption:
    /// RFC 5754 §3.2 obliges every reader to know the former, older NSS (poppler) and OpenSSL look the digest up in
    /// digestAlgorithm only, and OpenSSL and EU DSS write it themselves; pyHanko reads both.
    pub(crate) fn cms_algorithm_identifier_der(self) -> Vec<u8> {
        match self.scheme {
            Scheme::RsaPkcs1 => write::algorithm_identifier(oid::RSA_ENCRYPTION, &write::null()),
            _ => self.algorithm_identifier_der(),
        }
    }

    /// Reads an AlgorithmIdentifier of a signature.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::UnsupportedAlgorithm`], [`Error::UnsupportedParameters`].
    pub fn from_algorithm_identifier_der(der: &[u8]) -> Result<Self, Error> {
        Self::read(&asn1::single(der, SEQUENCE, "AlgorithmIdentifier")?)
    }

    /// The algorithm with this identifier; `parameters` is the whole DER element, if there is one.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::UnsupportedAlgorithm`], [`Error::UnsupportedParameters`].
    pub fn from_oid_and_parameters(identifier: ObjectIdentifier, parameters: Option<&[u8]>) -> Result<Self, Error> {
        if identifier == oid::RSASSA_PSS {
            return PssParameters::read(parameters).map(|(digest, parameters)| Self::pss(digest, parameters));
        }
        let (_, scheme, digest) = NAMED
            .iter()
            .find(|(named, ..)| *named == identifier)
            .ok_or(Error::UnsupportedAlgorithm { role: "signature algorithm", oid: identifier })?;
        // Some writers put NULL after ECDSA, some leave it out after RSA; neither changes the meaning.
        match parameters {
            None | Some([NULL, 0]) => Ok(Self::new(*scheme, *digest)),
            Some(other) => Err(Error::UnsupportedParameters {
                oid: identifier,
                expected: "NULL or none",
                found: format!("{} octets", other.len()),
            }),
        }
    }

    /// Reads SignerInfo.signatureAlgorithm, where the identifier may be the key's and the digest stands beside it.
    pub(crate) fn read_cms(element: &Element<'_>, digest: DigestAlgorithm) -> Result<Self, Error> {
        let (identifier, _) = algorithm_identifier(element)?;
        match identifier {
            oid::RSA_ENCRYPTION => Ok(Self::new(Scheme::RsaPkcs1, digest)),
            oid::EC_PUBLIC_KEY => Ok(Self::new(Scheme::Ecdsa, digest)),
            oid::DSA => Ok(Self::new(Scheme::Dsa, digest)),
            oid::ED25519 => Self::read(element).map(|_| Self::new(Scheme::Ed25519, digest)),
            _ => Self::read(element),
        }
    }

    pub(crate) fn read(element: &Element<'_>) -> Result<Self, Error> {
        let (identifier, parameters) = algorithm_identifier(element)?;
        Self::from_oid_and_parameters(identifier, parameters.map(|parameters| parameters.raw))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_signature_algorithm_survives_a_round_trip() {
        let named = NAMED.map(|(_, scheme, digest)| SignatureAlgorithm::new(scheme, digest));
        let pss = DigestAlgorithm::ALL.map(|digest| SignatureAlgorithm::new(Scheme::RsaPss, digest));
        for algorithm in named.into_iter().chain(pss) {
            let der = algorithm.algorithm_identifier_der();
            assert_eq!(SignatureAlgorithm::from_algorithm_identifier_der(&der).unwrap(), algorithm);
            let theirs: spki::AlgorithmIdentifierOwned = der::Decode::from_der(&der).unwrap();
            assert_eq!(theirs.oid.to_string(), algorithm.oid().to_string());
        }
    }

    #[test]
    fn no_identifier_stands_for_two_algorithms() {
        for (index, (identifier, ..)) in NAMED.iter().enumerate() {
            assert!(NAMED[index + 1..].iter().all(|(other, ..)| other != identifier), "{identifier}");
        }
    }

    #[test]
    fn unknown_algorithms_and_parameters_are_undetermined() {
        for der in [
            write::algorithm_identifier(oid::DATA, &[]),
            write::algorithm_identifier(oid::ECDSA_WITH_SHA256, &write::octet_string(&[1])),
            write::algorithm_identifier(oid::RSA_ENCRYPTION, &write::null()),
        ] {
            let error = SignatureAlgorithm::from_algorithm_identifier_der(&der).unwrap_err();
            assert!(error.is_undetermined(), "{error}");
        }
    }

    #[test]
    fn cms_takes_the_digest_from_beside_the_identifier_of_a_key() {
        for (identifier, scheme) in
            [(oid::RSA_ENCRYPTION, Scheme::RsaPkcs1), (oid::EC_PUBLIC_KEY, Scheme::Ecdsa), (oid::DSA, Scheme::Dsa)]
        {
            let der = write::algorithm_identifier(identifier, &write::null());
            let element = asn1::single(&der, SEQUENCE, "test").unwrap();
            let read = SignatureAlgorithm::read_cms(&element, Sha3_384).unwrap();
            assert_eq!(read, SignatureAlgorithm::new(scheme, Sha3_384));
        }
    }

    proptest! {
        #[test]
        fn mutated_identifiers_never_panic(index in 0usize..60, byte in any::<u8>()) {
            let mut der = SignatureAlgorithm::new(Scheme::RsaPss, DigestAlgorithm::Sha256).algorithm_identifier_der();
            let index = index % der.len();
            der[index] = byte;
            let _ = SignatureAlgorithm::from_algorithm_identifier_der(&der);
            let _ = DigestAlgorithm::from_algorithm_identifier_der(&der);
        }
    }
}
