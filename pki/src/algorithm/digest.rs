//! Hash functions, RFC 5754, RFC 3370, NIST FIPS 202, ISO/IEC 10118-3. In: AlgorithmIdentifiers and octets. Out: digests.

use std::fmt;
use std::str::FromStr;

use super::algorithm_identifier;
use crate::asn1::write;
use crate::asn1::{self, Element, NULL, SEQUENCE};
use crate::{Error, ObjectIdentifier, oid};

/// A hash function. Only those of SHA-2 from 256 bits [sign anything new](Self::is_for_new_signatures); the others are for
/// reading what others signed, and whether one was acceptable at some time is for a policy to judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DigestAlgorithm {
    /// MD5, RFC 1321.
    Md5,
    /// SHA-1, FIPS 180-4; also for key identifiers.
    Sha1,
    /// RIPEMD-160, ISO/IEC 10118-3.
    Ripemd160,
    /// WHIRLPOOL, ISO/IEC 10118-3.
    Whirlpool,
    /// SHA-224.
    Sha224,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
    /// SHA3-256, FIPS 202.
    Sha3_256,
    /// SHA3-384.
    Sha3_384,
    /// SHA3-512.
    Sha3_512,
}

/// The output of a hash function, with the function that made it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest {
    algorithm: DigestAlgorithm,
    /// Unused octets at the end are zero.
    bytes: [u8; 64],
}

impl DigestAlgorithm {
    /// All of them, the weakest first.
    pub const ALL: [Self; 11] = [
        Self::Md5,
        Self::Sha1,
        Self::Ripemd160,
        Self::Whirlpool,
        Self::Sha224,
        Self::Sha256,
        Self::Sha384,
        Self::Sha512,
        Self::Sha3_256,
        Self::Sha3_384,
        Self::Sha3_512,
    ];

    /// Octets of a digest.
    pub const fn length(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 | Self::Ripemd160 => 20,
            Self::Sha224 => 28,
            Self::Sha256 | Self::Sha3_256 => 32,
            Self::Sha384 | Self::Sha3_384 => 48,
            Self::Sha512 | Self::Sha3_512 | Self::Whirlpool => 64,
        }
    }

    /// Its identifier (RFC 5754 §2).
    pub const fn oid(self) -> ObjectIdentifier {
        match self {
            Self::Md5 => oid::MD5,
            Self::Sha1 => oid::SHA_1,
            Self::Ripemd160 => oid::RIPEMD_160,
            Self::Whirlpool => oid::WHIRLPOOL,
            Self::Sha224 => oid::SHA_224,
            Self::Sha256 => oid::SHA_256,
            Self::Sha384 => oid::SHA_384,
            Self::Sha512 => oid::SHA_512,
            Self::Sha3_256 => oid::SHA3_256,
            Self::Sha3_384 => oid::SHA3_384,
            Self::Sha3_512 => oid::SHA3_512,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA-1",
            Self::Ripemd160 => "RIPEMD-160",
            Self::Whirlpool => "WHIRLPOOL",
            Self::Sha224 => "SHA-224",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
            Self::Sha3_256 => "SHA3-256",
            Self::Sha3_384 => "SHA3-384",
            Self::Sha3_512 => "SHA3-512",
        }
    }

    /// The algorithm with this identifier.
    ///
    /// # Errors
    /// [`Error::UnsupportedAlgorithm`] if it is not offered here.
    pub fn from_oid(identifier: ObjectIdentifier) -> Result<Self, Error> {
        Self::ALL
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
            Self::Md5 => run::<md5::Md5>(parts, out),
            Self::Sha1 => run::<sha1::Sha1>(parts, out),
            Self::Ripemd160 => run::<ripemd::Ripemd160>(parts, out),
            Self::Whirlpool => run::<whirlpool::Whirlpool>(parts, out),
            Self::Sha224 => run::<sha2::Sha224>(parts, out),
            Self::Sha256 => run::<sha2::Sha256>(parts, out),
            Self::Sha384 => run::<sha2::Sha384>(parts, out),
            Self::Sha512 => run::<sha2::Sha512>(parts, out),
            Self::Sha3_256 => run_provider(&aws_lc_rs::digest::SHA3_256, parts, out),
            Self::Sha3_384 => run_provider(&aws_lc_rs::digest::SHA3_384, parts, out),
            Self::Sha3_512 => run_provider(&aws_lc_rs::digest::SHA3_512, parts, out),
        }
        Digest { algorithm: self, bytes }
    }

    /// AlgorithmIdentifier without parameters, which RFC 5754 §2 asks for. RFC 3370 asks for NULL with MD5 and SHA-1.
    pub fn algorithm_identifier_der(self) -> Vec<u8> {
        let parameters = if matches!(self, Self::Md5 | Self::Sha1) { write::null() } else { Vec::new() };
        write::algorithm_identifier(self.oid(), &parameters)
    }

    /// Reads an AlgorithmIdentifier; parameters may be absent or NULL, both are seen.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::UnsupportedAlgorithm`].
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
                return Err(Error::UnsupportedParameters { oid: identifier, expected: "NULL or none", found });
            }
        }
        Self::from_oid(identifier)
    }

    /// Whether something new may be signed with it here: SHA-256, SHA-384 and SHA-512.
    pub const fn is_for_new_signatures(self) -> bool {
        matches!(self, Self::Sha256 | Self::Sha384 | Self::Sha512)
    }

    /// An error for a digest that signs nothing new.
    pub(crate) fn strong(self) -> Result<Self, Error> {
        if self.is_for_new_signatures() { Ok(self) } else { Err(Error::WeakDigest { found: self }) }
    }
}

fn run_provider<'a>(
    algorithm: &'static aws_lc_rs::digest::Algorithm,
    parts: impl IntoIterator<Item = &'a [u8]>,
    out: &mut [u8],
) {
    let mut context = aws_lc_rs::digest::Context::new(algorithm);
    parts.into_iter().for_each(|part| context.update(part));
    out.copy_from_slice(context.finish().as_ref());
}

impl fmt::Display for DigestAlgorithm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for DigestAlgorithm {
    type Err = Error;

    /// `SHA-256`, `sha256`, `SHA3-256` …
    fn from_str(name: &str) -> Result<Self, Error> {
        let plain = |name: &str| name.to_ascii_lowercase().replace(['-', '_'], "");
        Self::ALL.into_iter().find(|algorithm| plain(algorithm.name()) == plain(name)).ok_or_else(|| {
            Error::UnknownName {
                expected: "SHA-1, SHA-256, SHA-384, SHA-512 or another digest by its name",
                found: name.to_owned(),
            }
        })
    }
}

impl Digest {
    /// A digest that was computed elsewhere; its length must be that of the algorithm.
    ///
    /// # Errors
    /// [`Error::DigestLength`].
    pub fn new(algorithm: DigestAlgorithm, digest: impl Into<Vec<u8>>) -> Result<Self, Error> {
        let digest = digest.into();
        if digest.len() != algorithm.length() {
            return Err(Error::DigestLength { algorithm, expected: algorithm.length(), found: digest.len() });
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_match_the_published_vectors() {
        let abc = [
            (DigestAlgorithm::Md5, "900150983cd24fb0d6963f7d28e17f72"),
            (DigestAlgorithm::Sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (DigestAlgorithm::Ripemd160, "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc"),
            (DigestAlgorithm::Sha224, "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"),
            (DigestAlgorithm::Sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (DigestAlgorithm::Sha3_256, "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"),
            (
                DigestAlgorithm::Whirlpool,
                "4e2448a4c6f486bb16b6562c73b4020bf3043e3a731bce721ae1b303d97e6d4c\
                 7181eebdb6c57e277d0e34957114cbd6c797fc9d95d8b582d225292076d4eef5",
            ),
        ];
        for (algorithm, expected) in abc {
            assert_eq!(algorithm.digest(b"abc").to_string(), expected.replace(' ', ""));
            assert_eq!(algorithm.digest_parts([&b"a"[..], b"", b"bc"]).to_string(), expected.replace(' ', ""));
        }
    }

    #[test]
    fn every_digest_has_its_length_name_and_identifier() {
        for algorithm in DigestAlgorithm::ALL {
            assert_eq!(algorithm.digest(b"").as_bytes().len(), algorithm.length());
            assert_eq!(algorithm.to_string().parse::<DigestAlgorithm>().unwrap(), algorithm);
            let der = algorithm.algorithm_identifier_der();
            assert_eq!(DigestAlgorithm::from_algorithm_identifier_der(&der).unwrap(), algorithm);
        }
        assert!("sha".parse::<DigestAlgorithm>().is_err());
    }

    #[test]
    fn an_unknown_digest_or_one_with_parameters_is_undetermined() {
        let unknown = write::algorithm_identifier(oid::DATA, &[]);
        assert!(DigestAlgorithm::from_algorithm_identifier_der(&unknown).unwrap_err().is_undetermined());
        let odd = write::algorithm_identifier(oid::SHA_256, &write::octet_string(&[1]));
        assert!(DigestAlgorithm::from_algorithm_identifier_der(&odd).unwrap_err().is_undetermined());
    }

    #[test]
    fn a_digest_of_the_wrong_length_is_refused() {
        assert!(Digest::new(DigestAlgorithm::Sha256, [0; 32]).is_ok());
        let error = Digest::new(DigestAlgorithm::Sha256, vec![0; 31]).unwrap_err();
        assert_eq!(error.to_string(), "a SHA-256 digest has 32 octets, found 31");
    }
}
