//! Parameters of RSASSA-PSS, RFC 4055 §3.1 and RFC 8017 appendix A.2.3. In: DER. Out: hashes and salt, and back.

use super::{DigestAlgorithm, algorithm_identifier};
use crate::asn1::write;
use crate::asn1::{self, INTEGER, SEQUENCE, context_constructed};
use crate::{Error, oid};

/// What RSASSA-PSS needs beside the digest of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PssParameters {
    /// The hash inside MGF1.
    pub mask_digest: DigestAlgorithm,
    /// Octets of salt.
    pub salt_length: u32,
}

impl PssParameters {
    /// The usual ones: MGF1 with the digest of the message, and a salt as long as it.
    pub const fn usual(digest: DigestAlgorithm) -> Self {
        Self { mask_digest: digest, salt_length: digest.length() as u32 }
    }

    /// Those that RFC 4055 §3.1 gives where nothing is written.
    const DEFAULT: (DigestAlgorithm, Self) =
        (DigestAlgorithm::Sha1, Self { mask_digest: DigestAlgorithm::Sha1, salt_length: 20 });

    /// ```text
    /// RSASSA-PSS-params ::= SEQUENCE {
    ///    hashAlgorithm    [0] HashAlgorithm    DEFAULT sha1,
    ///    maskGenAlgorithm [1] MaskGenAlgorithm DEFAULT mgf1SHA1,
    ///    saltLength       [2] INTEGER          DEFAULT 20,
    ///    trailerField     [3] TrailerField     DEFAULT trailerFieldBC }
    /// ```
    /// The hashes inside have NULL parameters: RFC 4055 §2.1 lets a reader see both, and older readers only know this.
    pub(crate) fn to_der(self, digest: DigestAlgorithm) -> Vec<u8> {
        let identifier = |digest: DigestAlgorithm| write::algorithm_identifier(digest.oid(), &write::null());
        let mask = write::algorithm_identifier(oid::MGF1, &identifier(self.mask_digest));
        let salt = write::unsigned(self.salt_length.into());
        write::sequence(&[
            &write::explicit(0, &identifier(digest)),
            &write::explicit(1, &mask),
            &write::explicit(2, &salt),
        ])
    }

    /// Any legal parameters, of which each may be left out; `None`, no parameters at all, is not legal with a signature
    /// (RFC 4055 §3.1), but was written before, and means the defaults.
    pub(crate) fn read(parameters: Option<&[u8]>) -> Result<(DigestAlgorithm, Self), Error> {
        let Some(parameters) = parameters else { return Ok(Self::DEFAULT) };
        let mut reader = asn1::single(parameters, SEQUENCE, "RSASSA-PSS parameters").map_err(refused)?.reader();
        let (mut digest, mut result) = Self::DEFAULT;
        if let Some(hash) = reader.optional(context_constructed(0)).map_err(refused)? {
            digest = DigestAlgorithm::read(&hash.explicit(SEQUENCE, "hash algorithm").map_err(refused)?)?;
        }
        if let Some(mask) = reader.optional(context_constructed(1)).map_err(refused)? {
            let mask = mask.explicit(SEQUENCE, "mask generator").map_err(refused)?;
            let (generator, hash) = algorithm_identifier(&mask).map_err(refused)?;
            match hash {
                Some(hash) if generator == oid::MGF1 && hash.tag == SEQUENCE => {
                    result.mask_digest = DigestAlgorithm::read(&hash)?;
                }
                _ => return Err(unsupported(format!("mask generator {generator}"))),
            }
        }
        if let Some(salt) = reader.optional(context_constructed(2)).map_err(refused)? {
            let salt = salt.explicit(INTEGER, "salt length").and_then(|salt| salt.unsigned()).map_err(refused)?;
            result.salt_length = u32::try_from(salt).map_err(|_| unsupported(format!("a salt of {salt} octets")))?;
        }
        if let Some(trailer) = reader.optional(context_constructed(3)).map_err(refused)? {
            let trailer = trailer.explicit(INTEGER, "trailer field").and_then(|field| field.unsigned());
            if trailer.map_err(refused)? != 1 {
                return Err(unsupported("another trailer field".to_owned()));
            }
        }
        reader.finish().map_err(refused)?;
        Ok((digest, result))
    }
}

/// Parameters that cannot be read say nothing about the signature.
fn refused(error: Error) -> Error {
    unsupported(error.to_string())
}

fn unsupported(found: String) -> Error {
    Error::UnsupportedParameters {
        oid: oid::RSASSA_PSS,
        expected: "known hashes, MGF1, a salt length, trailer 1",
        found,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_parameter_may_be_left_out_and_then_means_sha1() {
        let sha1 = (DigestAlgorithm::Sha1, PssParameters::usual(DigestAlgorithm::Sha1));
        assert_eq!(PssParameters::read(None).unwrap(), sha1);
        assert_eq!(PssParameters::read(Some(&write::sequence(&[]))).unwrap(), sha1);
        let salt = write::sequence(&[&write::explicit(2, &write::unsigned(0))]);
        assert_eq!(PssParameters::read(Some(&salt)).unwrap().1.salt_length, 0);
        let hash = write::sequence(&[&write::explicit(0, &DigestAlgorithm::Sha256.algorithm_identifier_der())]);
        let (digest, rest) = PssParameters::read(Some(&hash)).unwrap();
        assert_eq!((digest, rest), (DigestAlgorithm::Sha256, sha1.1));
    }

    #[test]
    fn other_hashes_and_salts_survive_a_round_trip() {
        for (digest, mask_digest, salt_length) in [
            (DigestAlgorithm::Sha256, DigestAlgorithm::Sha1, 20),
            (DigestAlgorithm::Sha3_256, DigestAlgorithm::Sha512, 222),
            (DigestAlgorithm::Sha512, DigestAlgorithm::Sha512, 0),
        ] {
            let parameters = PssParameters { mask_digest, salt_length };
            assert_eq!(PssParameters::read(Some(&parameters.to_der(digest))).unwrap(), (digest, parameters));
        }
    }

    #[test]
    fn what_is_not_known_or_cannot_be_read_is_undetermined() {
        let trailer = write::sequence(&[&write::explicit(3, &write::unsigned(2))]);
        let mask = write::algorithm_identifier(oid::DATA, &write::sequence(&[]));
        let mask = write::sequence(&[&write::explicit(1, &mask)]);
        let huge = write::sequence(&[&write::explicit(2, &write::unsigned(u64::MAX))]);
        let negative = write::sequence(&[&write::explicit(2, &[2, 1, 0xff])]);
        let hash = write::sequence(&[&write::explicit(0, &write::algorithm_identifier(oid::DATA, &[]))]);
        for odd in [trailer, mask, huge, negative, hash, write::null(), vec![0x30, 5], Vec::new()] {
            assert!(PssParameters::read(Some(&odd)).unwrap_err().is_undetermined(), "{odd:02x?}");
        }
    }
}
