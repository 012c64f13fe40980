use crypto_bigint::{BoxedUint, ConcatenatingMul};
use p256::ecdsa::signature::hazmat::PrehashSigner;
use proptest::prelude::*;

use super::*;
use crate::asn1::write;
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
    let algorithm = crate::asn1::write::algorithm_identifier(oid::EC_PUBLIC_KEY, &crate::asn1::write::oid(oid::P_256));
    let spki = crate::asn1::write::sequence(&[&algorithm, &crate::asn1::write::bit_string(point.as_bytes())]);
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
    for text in ["", "rsa1", "rsa512", "ed448", "p-224"] {
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

/// An RSA key of these numbers; both are positive if they say so themselves.
fn rsa(modulus: &[u8], exponent: &[u8]) -> PublicKey {
    let integer = |content: &[u8]| crate::asn1::write::element(INTEGER, &[content]);
    let key = crate::asn1::write::sequence(&[&integer(modulus), &integer(exponent)]);
    let algorithm = crate::asn1::write::algorithm_identifier(oid::RSA_ENCRYPTION, &crate::asn1::write::null());
    PublicKey::from_spki_der(&crate::asn1::write::sequence(&[&algorithm, &crate::asn1::write::bit_string(&key)]))
        .unwrap()
}

/// A modulus of so many octets: odd, its highest bit set.
fn modulus(octets: usize) -> Vec<u8> {
    [&[0, 0xc5], &vec![0x5a; octets - 2][..], &[0x77]].concat()
}

fn outcome(key: &PublicKey, signature: &[u8]) -> crate::Verification {
    let algorithm = SignatureAlgorithm::new(Scheme::RsaPkcs1, DigestAlgorithm::Sha256);
    key.verify(algorithm, &DigestAlgorithm::Sha256.digest(b"m"), signature).into()
}

#[test]
fn rsa_keys_that_are_no_keys_or_of_absurd_sizes_leave_everything_open() {
    let usual = [1, 0, 1];
    let mut even = modulus(256);
    *even.last_mut().unwrap() = 0x78;
    for key in [
        rsa(&modulus(63), &usual),
        rsa(&modulus(2049), &usual),
        rsa(&modulus(1_000_000), &usual),
        rsa(&even, &usual),
        rsa(&modulus(256)[1..], &usual),
        rsa(&modulus(256), &[1]),
        rsa(&modulus(256), &[0]),
        rsa(&modulus(256), &[4]),
        rsa(&modulus(256), &[0xff, 0x01]),
        rsa(&modulus(256), &modulus(300)),
        rsa(&modulus(513), &[0x03, 0, 0, 0, 1]),
        rsa(&modulus(512), &modulus(33)),
    ] {
        for signature in [vec![1; 256], vec![1; 512]] {
            let outcome = outcome(&key, &signature);
            assert!(matches!(outcome, crate::Verification::CannotBeVerified(_)), "{key:?}: {outcome:?}");
        }
    }
}

#[test]
fn the_largest_rsa_key_and_the_largest_exponents_take_no_seconds() {
    for key in
        [rsa(&modulus(2048), &[1, 0xff, 0xff, 0xff, 0xff]), rsa(&modulus(512), &modulus(32)), rsa(&modulus(64), &[3])]
    {
        let octets = key.bits().unwrap() as usize / 8;
        for signature in [vec![1; octets], vec![0xff; octets], vec![0; octets], vec![1; octets - 1], vec![1; 3_000_000]]
        {
            let outcome = outcome(&key, &signature);
            assert!(matches!(outcome, crate::Verification::DoesNotHold(_)), "{key:?}: {outcome:?}");
        }
    }
}

#[test]
fn keys_of_dsa_without_parameters_or_with_absurd_ones_leave_everything_open() {
    let integer = |octets: &[u8]| crate::asn1::write::positive_integer(octets);
    let key = |parameters: &[u8]| {
        let algorithm = crate::asn1::write::algorithm_identifier(oid::DSA, parameters);
        let key = crate::asn1::write::bit_string(&integer(&[5]));
        PublicKey::from_spki_der(&crate::asn1::write::sequence(&[&algorithm, &key])).unwrap()
    };
    let of =
        |p: &[u8], q: &[u8], g: &[u8]| key(&crate::asn1::write::sequence(&[&integer(p), &integer(q), &integer(g)]));
    let algorithm = SignatureAlgorithm::new(Scheme::Dsa, DigestAlgorithm::Sha256);
    let signature = crate::asn1::write::sequence(&[&integer(&[1]), &integer(&[1])]);
    for key in [
        key(&[]),
        key(&crate::asn1::write::null()),
        of(&modulus(128), &modulus(33), &[2]),
        of(&modulus(600), &modulus(20), &[2]),
        of(&modulus(128), &[2], &[2]),
        of(&modulus(128), &modulus(20), &[1]),
        of(&modulus(128), &modulus(20), &modulus(129)),
        of(&[7], &modulus(20), &[2]),
    ] {
        let error = key.verify(algorithm, &DigestAlgorithm::Sha256.digest(b"m"), &signature).unwrap_err();
        assert!(error.is_undetermined(), "{key:?}: {error}");
    }
    let error = of(&modulus(512), &modulus(32), &[2])
        .verify(algorithm, &DigestAlgorithm::Sha256.digest(b"m"), &signature)
        .unwrap_err();
    assert!(matches!(error, Error::SignatureInvalid { .. }), "{error}");
}

#[test]
fn no_digest_is_mistaken_for_another_of_the_same_length() {
    let key = Key::generate(KeyKind::P256);
    let digest = DigestAlgorithm::Sha256.digest(b"message");
    let algorithm = SignatureAlgorithm::new(Scheme::Ecdsa, DigestAlgorithm::Sha256);
    let signature = key.sign(algorithm, &digest);
    key.public.verify(algorithm, &digest, &signature).unwrap();
    let other = SignatureAlgorithm::new(Scheme::Ecdsa, DigestAlgorithm::Sha3_256);
    let error = key.public.verify(other, &digest, &signature).unwrap_err();
    assert!(matches!(error, Error::DigestAlgorithmMismatch { .. }), "{error}");
    assert!(key.public.verify(other, &DigestAlgorithm::Sha3_256.digest(b"message"), &signature).is_err());
}

/// An RSA key of rsaEncryption with these numbers, whatever they are.
fn rsa_key(modulus: &BoxedUint, exponent: &[u8]) -> PublicKey {
    let modulus = modulus.to_be_bytes_trimmed_vartime();
    let modulus = [if modulus[0] < 0x80 { &[][..] } else { &[0] }, &modulus].concat();
    let numbers = write::sequence(&[&write::element(INTEGER, &[&modulus]), &write::element(INTEGER, &[exponent])]);
    let algorithm = write::algorithm_identifier(oid::RSA_ENCRYPTION, &write::null());
    PublicKey::from_spki_der(&write::sequence(&[&algorithm, &write::bit_string(&numbers)])).unwrap()
}

#[test]
fn a_prime_and_its_powers_are_no_modulus() {
    let mersenne =
        |bits: u32| BoxedUint::from_be_slice_vartime(&[&[1 << (bits % 8)][..], &vec![0; bits as usize / 8]].concat());
    let prime = |bits: u32| mersenne(bits).wrapping_sub(BoxedUint::one());
    let one = prime(1279);
    let (square, cube) = (one.concatenating_mul(&one), one.concatenating_mul(&one).concatenating_mul(&one));
    for modulus in [prime(2203), square.clone(), cube, square.concatenating_mul(&square)] {
        let fault = rsa_key(&modulus, &[1, 0, 1]).check().unwrap_err().to_string();
        assert!(fault.contains("a prime or a power"), "{fault}");
    }
    let product = one.concatenating_mul(&prime(2203)); // of two primes, though of a form that nobody draws
    assert_eq!(rsa_key(&product, &[1, 0, 1]).check(), Ok(()));
}
