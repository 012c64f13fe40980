//! Which signature is asked for: `signAlgo`, `signAlgoParams` and `hashAlgorithmOID` (CSC API 2.0.0.2 clause 11.10), and
//! what a key offers (`key.algo`). In: three texts and a kind of key. Out: an algorithm, or the refusal.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use pki::{DigestAlgorithm, KeyKind, ObjectIdentifier, Scheme, SignatureAlgorithm, oid};

use super::dialect::Dialect;
use super::refusal::Refusal;
use crate::keys::key_pair::longest_salt;

/// Digests that are signed.
const DIGESTS: [DigestAlgorithm; 3] = [DigestAlgorithm::Sha256, DigestAlgorithm::Sha384, DigestAlgorithm::Sha512];

/// DER NULL, the parameters of RSA signatures by PKCS #1.
const NULL: [u8; 2] = [0x05, 0x00];

/// Finds the algorithm by which a request wants a key to sign. `digest` is the hash algorithm that the request names, if any.
pub(crate) fn algorithm(
    kind: KeyKind,
    sign_algo: &str,
    parameters: Option<&str>,
    digest: Option<DigestAlgorithm>,
    dialect: Dialect,
) -> Result<SignatureAlgorithm, Refusal> {
    let invalid = || Refusal::InvalidParameter("signAlgo");
    let identifier = ObjectIdentifier::new(sign_algo).map_err(|_| invalid())?;
    if !offered(kind).contains(&identifier) {
        return Err(invalid());
    }
    let decode = |text: &str| STANDARD.decode(text).map_err(|_| Refusal::InvalidParameter("signAlgoParams"));
    let parameters = parameters.map(decode).transpose()?;
    if identifier == oid::RSASSA_PSS {
        let parameters = parameters.ok_or(Refusal::MissingString("signAlgoParams"))?;
        return consistent(pss(kind, &parameters)?, digest);
    }
    if parameters.is_some_and(|parameters| parameters != NULL) {
        return Err(Refusal::InvalidParameter("signAlgoParams"));
    }
    let algorithm = if identifier == oid::RSA_ENCRYPTION {
        let digest = digest.ok_or(Refusal::MissingString(dialect.hash_algorithm()))?;
        SignatureAlgorithm::new(Scheme::RsaPkcs1, digest)
    } else {
        SignatureAlgorithm::from_oid_and_parameters(identifier, None).map_err(|_| invalid())?
    };
    consistent(algorithm, digest)
}

/// The identifiers that a key of that kind offers.
pub(crate) fn offered(kind: KeyKind) -> Vec<ObjectIdentifier> {
    let with_digests = |scheme| DIGESTS.map(|digest| SignatureAlgorithm::new(scheme, digest).oid());
    match kind {
        KeyKind::Rsa { .. } => {
            [&[oid::RSA_ENCRYPTION][..], &with_digests(Scheme::RsaPkcs1), &[oid::RSASSA_PSS]].concat()
        }
        _ => with_digests(Scheme::Ecdsa).to_vec(),
    }
}

fn consistent(algorithm: SignatureAlgorithm, digest: Option<DigestAlgorithm>) -> Result<SignatureAlgorithm, Refusal> {
    match digest.is_none_or(|digest| digest == algorithm.digest) {
        true => Ok(algorithm),
        false => Err(Refusal::HashContradictsSignAlgo),
    }
}

/// Reads RSASSA-PSS-params (RFC 4055 clause 3.1). They are honoured exactly or refused: SHA-2 for hash and MGF1, and any salt
/// for which the modulus has room (RFC 8017 clause 9.1.1).
fn pss(kind: KeyKind, parameters: &[u8]) -> Result<SignatureAlgorithm, Refusal> {
    let requested = SignatureAlgorithm::from_oid_and_parameters(oid::RSASSA_PSS, Some(parameters))
        .map_err(|error| Refusal::PssParameters(error.to_string()))?;
    let (digest, mask, salt) = (requested.digest, requested.pss.mask_digest, requested.pss.salt_length);
    if !digest.is_for_new_signatures() || !mask.is_for_new_signatures() {
        let found = format!("wanted SHA-256, SHA-384 or SHA-512 for hash and MGF1; found {digest} and {mask}");
        return Err(Refusal::PssParameters(found));
    }
    match longest_salt(kind, digest) {
        Some(longest) if salt as usize <= longest => Ok(requested),
        longest => {
            let longest = longest.unwrap_or(0);
            let found = format!("wanted a salt of at most {longest} bytes with {digest} and {kind}; found {salt}");
            Err(Refusal::PssParameters(found))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pki::asn1::write;

    const RSA: KeyKind = KeyKind::Rsa { bits: 2048 };

    /// The DER of RSASSA-PSS-params with one hash for message and mask; `hash` and `mask` are the parameters of its two
    /// identifiers, NULL or nothing, both of which RFC 4055 clause 2.1 allows.
    fn pss_parameters(digest: DigestAlgorithm, hash: &[u8], mask: &[u8], salt: usize) -> Vec<u8> {
        let identifier = |parameters: &[u8]| write::sequence(&[&write::oid(digest.oid()), parameters]);
        let generator = write::sequence(&[&write::oid(oid::MGF1), &identifier(mask)]);
        let salt = write::unsigned(salt as u64);
        write::sequence(&[
            &write::explicit(0, &identifier(hash)),
            &write::explicit(1, &generator),
            &write::explicit(2, &salt),
        ])
    }

    fn ask(
        kind: KeyKind,
        identifier: ObjectIdentifier,
        parameters: Option<&[u8]>,
        digest: Option<DigestAlgorithm>,
    ) -> Result<SignatureAlgorithm, Refusal> {
        let parameters = parameters.map(|bytes| STANDARD.encode(bytes));
        algorithm(kind, &identifier.to_string(), parameters.as_deref(), digest, Dialect::V2)
    }

    #[test]
    fn an_identifier_that_names_its_hash_needs_no_other_and_contradicts_another() {
        let requested = ask(KeyKind::P256, oid::ECDSA_WITH_SHA384, None, None).unwrap();
        assert_eq!(requested.digest, DigestAlgorithm::Sha384);
        let refused = ask(RSA, oid::SHA256_WITH_RSA, Some(&NULL), Some(DigestAlgorithm::Sha512));
        assert!(matches!(refused, Err(Refusal::HashContradictsSignAlgo)));
    }

    #[test]
    fn rsa_encryption_needs_the_hash_algorithm() {
        let requested = ask(RSA, oid::RSA_ENCRYPTION, None, Some(DigestAlgorithm::Sha512)).unwrap();
        assert_eq!(requested.oid(), oid::SHA512_WITH_RSA);
        let refused = ask(RSA, oid::RSA_ENCRYPTION, None, None);
        assert!(matches!(refused, Err(Refusal::MissingString("hashAlgorithmOID"))));
    }

    #[test]
    fn identifiers_of_another_kind_of_key_and_of_sha_1_are_refused() {
        for (kind, identifier) in [
            (KeyKind::P256, oid::SHA256_WITH_RSA),
            (RSA, oid::ECDSA_WITH_SHA256),
            (RSA, oid::SHA1_WITH_RSA),
            (RSA, oid::SHA_256),
        ] {
            assert!(matches!(ask(kind, identifier, None, None), Err(Refusal::InvalidParameter("signAlgo"))));
        }
        let refused = ask(RSA, oid::SHA256_WITH_RSA, Some(b"\x30\x00"), None);
        assert!(matches!(refused, Err(Refusal::InvalidParameter("signAlgoParams"))));
    }

    #[test]
    fn pss_takes_any_salt_that_the_modulus_has_room_for() {
        let digest = DigestAlgorithm::Sha256;
        let of = |salt| ask(RSA, oid::RSASSA_PSS, Some(&pss_parameters(digest, &NULL, &[], salt)), None);
        for salt in [0, 20, 32, 100, 222] {
            let requested = of(salt).unwrap();
            assert_eq!(
                (requested.digest, requested.pss.mask_digest, requested.pss.salt_length as usize),
                (digest, digest, salt)
            );
        }
        let refused = of(223).unwrap_err().to_string();
        assert!(refused.contains("at most 222 bytes with SHA-256 and RSA-2048; found 223"), "{refused}");
        let defaults = ask(RSA, oid::RSASSA_PSS, Some(b"\x30\x00"), None).unwrap_err().to_string();
        assert!(defaults.contains("found SHA-1 and SHA-1"), "{defaults}");
        assert!(matches!(ask(RSA, oid::RSASSA_PSS, None, None), Err(Refusal::MissingString("signAlgoParams"))));
    }

    #[test]
    fn pss_parameters_are_the_bytes_that_others_write() {
        let (algorithm, identifier) =
            (SignatureAlgorithm::new(Scheme::RsaPss, DigestAlgorithm::Sha256), oid::RSASSA_PSS);
        let written = algorithm.algorithm_identifier_der();
        let own = pss_parameters(DigestAlgorithm::Sha256, &NULL, &NULL, 32);
        assert!(written.ends_with(&own) && written.len() == own.len() + 4 + identifier.as_bytes().len());
    }
}
