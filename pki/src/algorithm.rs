//! Digest and signature algorithms, RFC 5754, RFC 5758, RFC 8017, RFC 4055. In: AlgorithmIdentifiers. Out: enums and digests.

use std::fmt;
use std::str::FromStr;

use crate::asn1::{self, Element, INTEGER, NULL, OID, Reader, SEQUENCE, context_constructed};
use crate::{Error, ObjectIdentifier, encode, oid};

/// A hash function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DigestAlgorithm {
    /// For reading old signatures and for key identifiers; nothing new is signed with it.
    Sha1,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// The output of a hash function, with the function that made it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest {
    algorithm: DigestAlgorithm,
    /// Unused octets at the end are zero.
    bytes: [u8; 64],
}

/// How a digest is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// ECDSA; the signature value is the DER of `ECDSA-Sig-Value`.
    Ecdsa,
    /// RSASSA-PKCS1-v1_5.
    RsaPkcs1,
    /// RSASSA-PSS with MGF1 over the same digest and a salt as long as the digest.
    RsaPss,
}

/// A scheme with the digest that it signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SignatureAlgorithm {
    /// How the digest is signed.
    pub scheme: Scheme,
    /// How the message is hashed.
    pub digest: DigestAlgorithm,
}

impl DigestAlgorithm {
    /// Octets of a digest.
    pub const fn length(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// Its identifier (RFC 5754 §2).
    pub const fn oid(self) -> ObjectIdentifier {
        match self {
            Self::Sha1 => oid::SHA_1,
            Self::Sha256 => oid::SHA_256,
            Self::Sha384 => oid::SHA_384,
            Self::Sha512 => oid::SHA_512,
        }
    }

    /// The algorithm with this identifier.
    pub fn from_oid(identifier: ObjectIdentifier) -> Result<Self, Error> {
        [Self::Sha1, Self::Sha256, Self::Sha384, Self::Sha512]
            .into_iter()
            .find(|algorithm| algorithm.oid() == identifier)
            .ok_or(Error::UnsupportedAlgorithm { role: "digest algorithm", oid: identifier })
    }

    /// Hashes `message`.
    pub fn digest(self, message: &[u8]) -> Digest {
        self.digest_parts([message])
    }

    /// Hashes `parts` as if they stood one after the other, as the two sides of a ByteRange do.
    pub fn digest_parts<'a>(self, parts: impl IntoIterator<Item = &'a [u8]>) -> Digest {
        fn run<'a, H: sha2::Digest>(parts: impl IntoIterator<Item = &'a [u8]>, out: &mut [u8]) {
            let mut hasher = H::new();
            parts.into_iter().for_each(|part| hasher.update(part));
            out.copy_from_slice(&hasher.finalize());
        }
        let mut bytes = [0; 64];
        let out = &mut bytes[..self.length()];
        match self {
            Self::Sha1 => run::<sha1::Sha1>(parts, out),
            Self::Sha256 => run::<sha2::Sha256>(parts, out),
            Self::Sha384 => run::<sha2::Sha384>(parts, out),
            Self::Sha512 => run::<sha2::Sha512>(parts, out),
        }
        Digest { algorithm: self, bytes }
    }

    /// AlgorithmIdentifier without parameters, which RFC 5754 §2 asks for. RFC 3370 asks for NULL with SHA-1.
    pub fn algorithm_identifier_der(self) -> Vec<u8> {
        let parameters = if self == Self::Sha1 { encode::null() } else { Vec::new() };
        encode::algorithm_identifier(self.oid(), &parameters)
    }

    /// Reads an AlgorithmIdentifier; parameters may be absent or NULL, both are seen.
    pub fn from_algorithm_identifier_der(der: &[u8]) -> Result<Self, Error> {
        Self::read(&asn1::single(der, SEQUENCE, "AlgorithmIdentifier")?)
    }

    pub(crate) fn read(element: &Element<'_>) -> Result<Self, Error> {
        let (identifier, parameters) = algorithm_identifier(element)?;
        match parameters {
            None => {}
            Some(parameters) if parameters.tag == NULL => {}
            Some(parameters) => {
                let found = format!("tag {:02x}", parameters.tag);
                return Err(Error::UnsupportedParameters { oid: identifier, wanted: "NULL or none", found });
            }
        }
        Self::from_oid(identifier)
    }

    /// An error for SHA-1, which signs nothing new.
    pub(crate) fn strong(self) -> Result<Self, Error> {
        if self == Self::Sha1 { Err(Error::WeakDigest { found: self }) } else { Ok(self) }
    }
}

impl fmt::Display for DigestAlgorithm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        })
    }
}

impl FromStr for DigestAlgorithm {
    type Err = Error;

    /// `SHA-256`, `sha256`, …
    fn from_str(name: &str) -> Result<Self, Error> {
        match name.to_ascii_lowercase().replace(['-', '_'], "").as_str() {
            "sha1" => Ok(Self::Sha1),
            "sha256" => Ok(Self::Sha256),
            "sha384" => Ok(Self::Sha384),
            "sha512" => Ok(Self::Sha512),
            _ => Err(Error::UnknownName { wanted: "SHA-1, SHA-256, SHA-384 or SHA-512", found: name.to_owned() }),
        }
    }
}

impl Digest {
    /// A digest that was computed elsewhere; its length must be that of the algorithm.
    pub fn new(algorithm: DigestAlgorithm, digest: impl Into<Vec<u8>>) -> Result<Self, Error> {
        let digest = digest.into();
        if digest.len() != algorithm.length() {
            return Err(Error::DigestLength { algorithm, wanted: algorithm.length(), found: digest.len() });
        }
        let mut bytes = [0; 64];
        bytes[..digest.len()].copy_from_slice(&digest);
        Ok(Self { algorithm, bytes })
    }

    /// Which function made it.
    pub const fn algorithm(&self) -> DigestAlgorithm {
        self.algorithm
    }

    /// Its octets, `algorithm().length()` of them.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.algorithm.length()]
    }
}

/// Lower-case hexadecimal.
impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {self}", self.algorithm)
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Ecdsa => "ECDSA",
            Self::RsaPkcs1 => "RSASSA-PKCS1-v1_5",
            Self::RsaPss => "RSASSA-PSS",
        })
    }
}

impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} with {}", self.scheme, self.digest)
    }
}

impl SignatureAlgorithm {
    /// The pair.
    pub const fn new(scheme: Scheme, digest: DigestAlgorithm) -> Self {
        Self { scheme, digest }
    }

    /// Its identifier. RSASSA-PSS has one for all digests: they are in its parameters.
    pub const fn oid(self) -> ObjectIdentifier {
        use DigestAlgorithm::{Sha1, Sha256, Sha384, Sha512};
        match (self.scheme, self.digest) {
            (Scheme::Ecdsa, Sha1) => oid::ECDSA_WITH_SHA1,
            (Scheme::Ecdsa, Sha256) => oid::ECDSA_WITH_SHA256,
            (Scheme::Ecdsa, Sha384) => oid::ECDSA_WITH_SHA384,
            (Scheme::Ecdsa, Sha512) => oid::ECDSA_WITH_SHA512,
            (Scheme::RsaPkcs1, Sha1) => oid::SHA1_WITH_RSA,
            (Scheme::RsaPkcs1, Sha256) => oid::SHA256_WITH_RSA,
            (Scheme::RsaPkcs1, Sha384) => oid::SHA384_WITH_RSA,
            (Scheme::RsaPkcs1, Sha512) => oid::SHA512_WITH_RSA,
            (Scheme::RsaPss, _) => oid::RSASSA_PSS,
        }
    }

    /// AlgorithmIdentifier for certificates, CRLs and OCSP answers: ECDSA without parameters (RFC 5758 §3.2),
    /// PKCS #1 with NULL (RFC 4055 §5), PSS with all of its parameters.
    pub fn algorithm_identifier_der(self) -> Vec<u8> {
        let parameters = match self.scheme {
            Scheme::Ecdsa => Vec::new(),
            Scheme::RsaPkcs1 => encode::null(),
            Scheme::RsaPss => self.pss_parameters(),
        };
        encode::algorithm_identifier(self.oid(), &parameters)
    }

    /// SignerInfo.signatureAlgorithm. For PKCS #1 it is rsaEncryption with NULL and not, say, sha256WithRSAEncryption:
    /// RFC 5754 §3.2 obliges every reader to know the former, older NSS (poppler) and OpenSSL look the digest up in
    /// digestAlgorithm only, and OpenSSL and EU DSS write it themselves; pyHanko reads both.
    pub(crate) fn cms_algorithm_identifier_der(self) -> Vec<u8> {
        match self.scheme {
            Scheme::RsaPkcs1 => encode::algorithm_identifier(oid::RSA_ENCRYPTION, &encode::null()),
            Scheme::Ecdsa | Scheme::RsaPss => self.algorithm_identifier_der(),
        }
    }

    /// Reads an AlgorithmIdentifier of a signature.
    pub fn from_algorithm_identifier_der(der: &[u8]) -> Result<Self, Error> {
        Self::read(&asn1::single(der, SEQUENCE, "AlgorithmIdentifier")?)
    }

    /// The algorithm with this identifier; `parameters` is the whole DER element, if there is one.
    pub fn from_oid_and_parameters(identifier: ObjectIdentifier, parameters: Option<&[u8]>) -> Result<Self, Error> {
        use DigestAlgorithm::{Sha1, Sha256, Sha384, Sha512};
        if identifier == oid::RSASSA_PSS {
            return read_pss(parameters);
        }
        let algorithm = [Scheme::Ecdsa, Scheme::RsaPkcs1]
            .into_iter()
            .flat_map(|scheme| [Sha1, Sha256, Sha384, Sha512].map(|digest| Self { scheme, digest }))
            .find(|algorithm| algorithm.oid() == identifier)
            .ok_or(Error::UnsupportedAlgorithm { role: "signature algorithm", oid: identifier })?;
        // Some writers put NULL after ECDSA, some leave it out after RSA; neither changes the meaning.
        match parameters {
            None | Some([NULL, 0]) => Ok(algorithm),
            Some(other) => Err(Error::UnsupportedParameters {
                oid: identifier,
                wanted: "NULL or none",
                found: format!("{} octets", other.len()),
            }),
        }
    }

    /// Reads SignerInfo.signatureAlgorithm, where the identifier may be the key's and the digest stands beside it.
    pub(crate) fn read_cms(element: &Element<'_>, digest: DigestAlgorithm) -> Result<Self, Error> {
        let (identifier, _) = algorithm_identifier(element)?;
        match identifier {
            oid::RSA_ENCRYPTION => Ok(Self { scheme: Scheme::RsaPkcs1, digest }),
            oid::EC_PUBLIC_KEY => Ok(Self { scheme: Scheme::Ecdsa, digest }),
            _ => Self::read(element),
        }
    }

    pub(crate) fn read(element: &Element<'_>) -> Result<Self, Error> {
        let (identifier, parameters) = algorithm_identifier(element)?;
        Self::from_oid_and_parameters(identifier, parameters.map(|parameters| parameters.raw))
    }

    /// ```text
    /// RSASSA-PSS-params ::= SEQUENCE {
    ///    hashAlgorithm    [0] HashAlgorithm    DEFAULT sha1,
    ///    maskGenAlgorithm [1] MaskGenAlgorithm DEFAULT mgf1SHA1,
    ///    saltLength       [2] INTEGER          DEFAULT 20,
    ///    trailerField     [3] TrailerField     DEFAULT trailerFieldBC }
    /// ```
    /// The hashes inside have NULL parameters: RFC 4055 §2.1 lets a reader see both, and older readers only know this.
    fn pss_parameters(self) -> Vec<u8> {
        let hash = encode::algorithm_identifier(self.digest.oid(), &encode::null());
        let mask = encode::algorithm_identifier(oid::MGF1, &hash);
        let salt = encode::unsigned(self.digest.length() as u64);
        encode::sequence(&[&encode::explicit(0, &hash), &encode::explicit(1, &mask), &encode::explicit(2, &salt)])
    }
}

fn read_pss(parameters: Option<&[u8]>) -> Result<SignatureAlgorithm, Error> {
    let refused = |found: String| Error::UnsupportedParameters {
        oid: oid::RSASSA_PSS,
        wanted: "SHA-2 for hash and MGF1, the salt as long as the digest",
        found,
    };
    let parameters = parameters.ok_or_else(|| refused("none, which means SHA-1".to_owned()))?;
    let mut reader = asn1::single(parameters, SEQUENCE, "RSASSA-PSS parameters")?.reader();
    let hash = reader.optional(context_constructed(0))?;
    let mask = reader.optional(context_constructed(1))?;
    let salt = reader.optional(context_constructed(2))?;
    let trailer = reader.optional(context_constructed(3))?;
    reader.finish()?;
    let (Some(hash), Some(mask), Some(salt)) = (hash, mask, salt) else {
        return Err(refused("defaults, which mean SHA-1".to_owned()));
    };
    let digest = DigestAlgorithm::read(&hash.explicit(SEQUENCE, "hash algorithm")?)?;
    let (generator, mask_hash) = algorithm_identifier(&mask.explicit(SEQUENCE, "mask generator")?)?;
    let mask_digest = match mask_hash {
        Some(element) if generator == oid::MGF1 && element.tag == SEQUENCE => DigestAlgorithm::read(&element)?,
        _ => return Err(refused(format!("mask generator {generator}"))),
    };
    let salt = salt.explicit(INTEGER, "salt length")?.unsigned()?;
    if digest == DigestAlgorithm::Sha1 || mask_digest != digest || salt != digest.length() as u64 {
        return Err(refused(format!("{digest}, MGF1 with {mask_digest}, salt of {salt} octets")));
    }
    if let Some(trailer) = trailer
        && trailer.explicit(INTEGER, "trailer field")?.unsigned()? != 1
    {
        return Err(refused("another trailer field".to_owned()));
    }
    Ok(SignatureAlgorithm { scheme: Scheme::RsaPss, digest })
}

/// ```text
/// AlgorithmIdentifier ::= SEQUENCE { algorithm OBJECT IDENTIFIER, parameters ANY OPTIONAL }
/// ```
pub(crate) fn algorithm_identifier<'a>(
    element: &Element<'a>,
) -> Result<(ObjectIdentifier, Option<Element<'a>>), Error> {
    let mut reader: Reader<'a> = element.reader();
    let identifier = reader.expect(OID, "algorithm identifier")?.oid()?;
    let parameters = if reader.at_end() { None } else { Some(reader.element()?) };
    reader.finish()?;
    Ok((identifier, parameters))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn digests_match_the_published_vectors() {
        let abc = [
            (DigestAlgorithm::Sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (DigestAlgorithm::Sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ];
        for (algorithm, wanted) in abc {
            assert_eq!(algorithm.digest(b"abc").to_string(), wanted);
            assert_eq!(algorithm.digest_parts([&b"a"[..], b"", b"bc"]).to_string(), wanted);
        }
        assert_eq!(DigestAlgorithm::Sha384.digest(b"").as_bytes().len(), 48);
    }

    #[test]
    fn a_digest_of_the_wrong_length_is_refused() {
        assert!(Digest::new(DigestAlgorithm::Sha256, [0; 32]).is_ok());
        let error = Digest::new(DigestAlgorithm::Sha256, vec![0; 31]).unwrap_err();
        assert_eq!(error.to_string(), "a SHA-256 digest has 32 octets, found 31");
    }

    #[test]
    fn every_signature_algorithm_survives_a_round_trip() {
        for scheme in [Scheme::Ecdsa, Scheme::RsaPkcs1, Scheme::RsaPss] {
            for digest in [DigestAlgorithm::Sha256, DigestAlgorithm::Sha384, DigestAlgorithm::Sha512] {
                let algorithm = SignatureAlgorithm { scheme, digest };
                let der = algorithm.algorithm_identifier_der();
                assert_eq!(SignatureAlgorithm::from_algorithm_identifier_der(&der).unwrap(), algorithm);
                let theirs: spki::AlgorithmIdentifierOwned = der::Decode::from_der(&der).unwrap();
                assert_eq!(theirs.oid.to_string(), algorithm.oid().to_string());
            }
        }
    }

    #[test]
    fn pss_without_parameters_is_refused_because_it_means_sha1() {
        let der = encode::algorithm_identifier(oid::RSASSA_PSS, &[]);
        assert!(matches!(
            SignatureAlgorithm::from_algorithm_identifier_der(&der),
            Err(Error::UnsupportedParameters { .. })
        ));
    }

    #[test]
    fn cms_rsa_takes_its_digest_from_beside() {
        let der = SignatureAlgorithm::new(Scheme::RsaPkcs1, DigestAlgorithm::Sha384).cms_algorithm_identifier_der();
        let element = asn1::single(&der, SEQUENCE, "test").unwrap();
        let read = SignatureAlgorithm::read_cms(&element, DigestAlgorithm::Sha384).unwrap();
        assert_eq!(read, SignatureAlgorithm::new(Scheme::RsaPkcs1, DigestAlgorithm::Sha384));
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
