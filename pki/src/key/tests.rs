use p256::ecdsa::signature::hazmat::PrehashSigner;
use proptest::prelude::*;

use super::*;
use crate::testing::Key;

#[test]
fn every_kind_verifies_what_it_signed_and_nothing_else() {
    for kind in [KeyKind::P256, KeyKind::P384, KeyKind::P521, KeyKind::Rsa { bits: 2048 }] {
        let key = Key::generate(kind);
        let algorithm = key.algorithm();
        let digest = algorithm.digest.digest(b"message");
        let signature = key.sign(algorithm, &digest);
        key.public.verify(algorithm, &digest, &signature).unwrap();
        let other = algorithm.digest.digest(b"another");
        assert!(matches!(key.public.verify(algorithm, &other, &signature), Err(Error::SignatureInvalid { .. })));
        assert!(key.public.verify(algorithm, &digest, &signature[1..]).is_err());
    }
}

#[test]
fn rsa_schemes_are_told_apart() {
    let key = Key::generate(KeyKind::Rsa { bits: 2048 });
    for digest in [DigestAlgorithm::Sha256, DigestAlgorithm::Sha384, DigestAlgorithm::Sha512] {
        let pkcs1 = SignatureAlgorithm::new(Scheme::RsaPkcs1, digest);
        let pss = SignatureAlgorithm::new(Scheme::RsaPss, digest);
        let digest = digest.digest(b"message");
        let signature = key.sign(pss, &digest);
        key.public.verify(pss, &digest, &signature).unwrap();
        assert!(key.public.verify(pkcs1, &digest, &signature).is_err());
    }
}

#[test]
fn a_scheme_that_does_not_fit_the_key_is_refused() {
    let key = Key::generate(KeyKind::P256).public;
    let algorithm = SignatureAlgorithm::new(Scheme::RsaPkcs1, DigestAlgorithm::Sha256);
    let digest = DigestAlgorithm::Sha256.digest(b"");
    assert!(matches!(key.verify(algorithm, &digest, &[]), Err(Error::KeyUnfit { .. })));
    let error = key.verify(key.kind().default_signature_algorithm(), &DigestAlgorithm::Sha384.digest(b""), &[]);
    assert!(matches!(error, Err(Error::DigestAlgorithmMismatch { .. })));
}

#[test]
fn signatures_of_another_library_verify() {
    let signing = p256::ecdsa::SigningKey::from_bytes(&[7; 32].into()).unwrap();
    let point = signing.verifying_key().to_sec1_point(false);
    let algorithm = crate::encode::algorithm_identifier(oid::EC_PUBLIC_KEY, &crate::encode::oid(oid::P_256));
    let spki = crate::encode::sequence(&[&algorithm, &crate::encode::bit_string(point.as_bytes())]);
    let key = PublicKey::from_spki_der(&spki).unwrap();
    let digest = DigestAlgorithm::Sha256.digest(b"message");
    let signature: p256::ecdsa::DerSignature = signing.sign_prehash(digest.as_bytes()).unwrap();
    key.verify(KeyKind::P256.default_signature_algorithm(), &digest, signature.as_bytes()).unwrap();
}

#[test]
fn the_key_identifier_is_that_of_the_other_library() {
    let pair = rcgen::KeyPair::generate().unwrap();
    let key = PublicKey::from_spki_der(&rcgen::PublicKeyData::subject_public_key_info(&pair)).unwrap();
    assert_eq!(key.key_octets(), rcgen::PublicKeyData::der_bytes(&pair));
    assert_eq!(PublicKey::from_pem(&key.to_pem()).unwrap(), key);
}

#[test]
fn names_of_kinds_come_back() {
    for (text, kind) in [("p256", KeyKind::P256), ("P-384", KeyKind::P384), ("rsa-3072", KeyKind::Rsa { bits: 3072 })] {
        assert_eq!(text.parse::<KeyKind>().unwrap(), kind);
        assert_eq!(kind.to_string().parse::<KeyKind>().unwrap(), kind);
    }
    for text in ["", "rsa1", "rsa512", "ed25519", "p-224"] {
        assert!(text.parse::<KeyKind>().is_err(), "{text}");
    }
}

proptest! {
    #[test]
    fn mutated_keys_and_signatures_never_panic(
        index in any::<prop::sample::Index>(), byte in any::<u8>(), signature in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        static KEYS: std::sync::LazyLock<[Key; 2]> =
            std::sync::LazyLock::new(|| [KeyKind::P256, KeyKind::Rsa { bits: 2048 }].map(Key::generate));
        for key in &*KEYS {
            let mut spki = key.public.spki_der().to_vec();
            let index = index.index(spki.len());
            spki[index] = byte;
            if let Ok(read) = PublicKey::from_spki_der(&spki) {
                let algorithm = read.kind().default_signature_algorithm();
                prop_assert!(read.verify(algorithm, &algorithm.digest.digest(b"m"), &signature).is_err());
                let _ = (format!("{read:?}"), read.to_pem());
            }
        }
    }
}
