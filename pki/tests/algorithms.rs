//! Signatures that OpenSSL makes with every algorithm, verified by this crate, and each of them changed.

#![expect(clippy::unwrap_used, reason = "a test, also in its helpers")]

use std::process::Command;

use pki::{DigestAlgorithm, Error, PssParameters, PublicKey, Scheme, SignatureAlgorithm, Verification};

const MESSAGE: &[u8] = b"the signed attributes";

/// A folder with a message and a key in it; `None` where there is no OpenSSL, a failure where witnesses are required.
struct OpenSsl(tempfile::TempDir);

impl OpenSsl {
    fn new() -> Option<Self> {
        if Command::new("openssl").arg("version").output().is_err() {
            assert!(std::env::var("REQUIRE_WITNESSES").as_deref() != Ok("1"), "openssl not found");
            println!("skipped: openssl not found");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("message"), MESSAGE).unwrap();
        Some(Self(folder))
    }

    fn run(&self, words: &str) {
        let output = Command::new("openssl").args(words.split(' ')).current_dir(self.0.path()).output().unwrap();
        assert!(output.status.success(), "openssl {words}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.0.path().join(name)).unwrap()
    }

    /// A new key by the words of `genpkey`.
    fn key(&self, words: &str) -> PublicKey {
        self.run(&format!("genpkey {words} -out key.pem"));
        self.public_key()
    }

    fn public_key(&self) -> PublicKey {
        self.run("pkey -in key.pem -pubout -out public.pem");
        PublicKey::from_pem(&String::from_utf8(self.read("public.pem")).unwrap()).unwrap()
    }

    /// The key's signature over the message, by the words of `dgst`.
    fn sign(&self, words: &str) -> Vec<u8> {
        self.run(&format!("dgst {words} -sign key.pem -out signature message"));
        self.read("signature")
    }
}

/// The name that OpenSSL has for a digest.
fn name(digest: DigestAlgorithm) -> String {
    let name = digest.to_string().to_lowercase();
    if name.starts_with("sha3") { name } else { name.replace('-', "") }
}

/// The digests that OpenSSL has without its legacy provider.
const DIGESTS: [DigestAlgorithm; 10] = [
    DigestAlgorithm::Md5,
    DigestAlgorithm::Sha1,
    DigestAlgorithm::Ripemd160,
    DigestAlgorithm::Sha224,
    DigestAlgorithm::Sha256,
    DigestAlgorithm::Sha384,
    DigestAlgorithm::Sha512,
    DigestAlgorithm::Sha3_256,
    DigestAlgorithm::Sha3_384,
    DigestAlgorithm::Sha3_512,
];

/// The signature holds over the message, and does not over another, nor changed, shortened or empty.
fn check(key: &PublicKey, algorithm: SignatureAlgorithm, signature: &[u8]) {
    let verify = |message: &[u8], signature: &[u8]| key.verify(algorithm, &algorithm.digest.digest(message), signature);
    verify(MESSAGE, signature).unwrap_or_else(|error| panic!("{algorithm}, {}: {error}", key.kind()));
    let mut changed = signature.to_vec();
    let middle = changed.len() / 2 + 3;
    changed[middle] ^= 1;
    for (message, signature) in [
        (&b"another"[..], signature),
        (MESSAGE, &changed),
        (MESSAGE, &signature[..signature.len() - 1]),
        (MESSAGE, &[signature, &[0]].concat()),
        (MESSAGE, &[]),
    ] {
        let outcome = Verification::from(verify(message, signature));
        assert!(
            matches!(outcome, Verification::DoesNotHold(Error::SignatureInvalid { .. })),
            "{algorithm}, {}: {outcome:?}",
            key.kind()
        );
    }
}

#[test]
fn ecdsa_with_every_digest_on_every_curve_holds() {
    let Some(openssl) = OpenSsl::new() else { return };
    for curve in ["P-256", "P-384", "P-521", "secp256k1", "brainpoolP256r1", "brainpoolP384r1"] {
        let key = openssl.key(&format!("-algorithm EC -pkeyopt ec_paramgen_curve:{curve}"));
        for digest in DIGESTS {
            if digest == DigestAlgorithm::Md5 {
                continue; // OpenSSL refuses it with ECDSA
            }
            check(&key, SignatureAlgorithm::new(Scheme::Ecdsa, digest), &openssl.sign(&format!("-{}", name(digest))));
        }
    }
}

#[test]
fn ecdsa_with_a_compressed_key_holds() {
    let Some(openssl) = OpenSsl::new() else { return };
    for curve in ["P-256", "P-521", "secp256k1", "brainpoolP256r1", "brainpoolP384r1"] {
        openssl.key(&format!("-algorithm EC -pkeyopt ec_paramgen_curve:{curve}"));
        openssl.run("ec -in key.pem -pubout -conv_form compressed -out public.pem");
        let key = PublicKey::from_pem(&String::from_utf8(openssl.read("public.pem")).unwrap()).unwrap();
        check(&key, SignatureAlgorithm::new(Scheme::Ecdsa, DigestAlgorithm::Sha256), &openssl.sign("-sha256"));
    }
}

/// r and s one after the other.
fn plain(signature: &[u8], length: usize) -> Vec<u8> {
    use der::Decode;
    let numbers = Vec::<der::asn1::Uint>::from_der(signature).unwrap();
    let padded =
        |number: &der::asn1::Uint| [vec![0; length - number.as_bytes().len()], number.as_bytes().to_vec()].concat();
    numbers.iter().flat_map(padded).collect()
}

#[test]
fn ecdsa_in_plain_form_holds() {
    let Some(openssl) = OpenSsl::new() else { return };
    for (curve, length) in [("P-256", 32), ("P-384", 48), ("P-521", 66), ("secp256k1", 32), ("brainpoolP256r1", 32)] {
        let key = openssl.key(&format!("-algorithm EC -pkeyopt ec_paramgen_curve:{curve}"));
        let plain = plain(&openssl.sign("-sha256"), length);
        check(&key, SignatureAlgorithm::new(Scheme::EcdsaPlain, DigestAlgorithm::Sha256), &plain);
    }
}

#[test]
fn rsa_pkcs1_with_every_digest_and_size_holds() {
    let Some(openssl) = OpenSsl::new() else { return };
    for bits in [768, 1024, 1025, 1031, 2048] {
        let key = openssl.key(&format!("-algorithm RSA -pkeyopt rsa_keygen_bits:{bits}"));
        assert_eq!(key.bits(), Some(bits));
        for digest in DIGESTS {
            let algorithm = SignatureAlgorithm::new(Scheme::RsaPkcs1, digest);
            check(&key, algorithm, &openssl.sign(&format!("-{}", name(digest))));
        }
    }
}

#[test]
fn rsa_with_a_large_modulus_or_exponent_holds() {
    let Some(openssl) = OpenSsl::new() else { return };
    for words in [
        "rsa_keygen_bits:2048 -pkeyopt rsa_keygen_pubexp:3",
        "rsa_keygen_bits:2048 -pkeyopt rsa_keygen_pubexp:18446744073709551557",
    ] {
        let key = openssl.key(&format!("-algorithm RSA -pkeyopt {words}"));
        let algorithm = SignatureAlgorithm::new(Scheme::RsaPkcs1, DigestAlgorithm::Sha256);
        check(&key, algorithm, &openssl.sign("-sha256"));
    }
}

#[test]
fn rsa_pss_with_any_legal_salt_hash_and_mask_holds() {
    let Some(openssl) = OpenSsl::new() else { return };
    for bits in [1024, 1025, 1032, 2048] {
        let key = openssl.key(&format!("-algorithm RSA -pkeyopt rsa_keygen_bits:{bits}"));
        for (digest, mask_digest) in [
            (DigestAlgorithm::Sha256, DigestAlgorithm::Sha256),
            (DigestAlgorithm::Sha1, DigestAlgorithm::Sha1),
            (DigestAlgorithm::Sha256, DigestAlgorithm::Sha1),
            (DigestAlgorithm::Sha384, DigestAlgorithm::Sha512),
            (DigestAlgorithm::Sha3_256, DigestAlgorithm::Sha3_512),
        ] {
            let longest = (bits as usize - 1).div_ceil(8) - digest.length() - 2;
            for salt in [0, 1, 20, digest.length(), longest] {
                let words = format!(
                    "-{} -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:{salt} -sigopt rsa_mgf1_md:{}",
                    name(digest),
                    name(mask_digest)
                );
                let parameters = PssParameters { mask_digest, salt_length: salt as u32 };
                let signature = openssl.sign(&words);
                check(&key, SignatureAlgorithm::pss(digest, parameters), &signature);
                let others = [
                    PssParameters { salt_length: salt as u32 + 1, ..parameters },
                    PssParameters { salt_length: u32::MAX, ..parameters },
                    PssParameters { mask_digest: DigestAlgorithm::Sha224, ..parameters },
                ];
                for other in others {
                    let algorithm = SignatureAlgorithm::pss(digest, other);
                    let outcome = Verification::from(key.verify(algorithm, &digest.digest(MESSAGE), &signature));
                    assert!(matches!(outcome, Verification::DoesNotHold(_)), "{algorithm}");
                }
            }
        }
    }
}

#[test]
fn a_key_for_rsa_pss_makes_nothing_else() {
    let Some(openssl) = OpenSsl::new() else { return };
    let key = openssl.key(
        "-algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_pss_keygen_md:sha256 \
         -pkeyopt rsa_pss_keygen_mgf1_md:sha256 -pkeyopt rsa_pss_keygen_saltlen:32"
            .trim(),
    );
    let digest = DigestAlgorithm::Sha256;
    for salt in [32, 40] {
        let signature = openssl.sign(&format!("-sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:{salt}"));
        let parameters = PssParameters { mask_digest: digest, salt_length: salt };
        check(&key, SignatureAlgorithm::pss(digest, parameters), &signature);
        for unfit in [
            SignatureAlgorithm::new(Scheme::RsaPkcs1, digest),
            SignatureAlgorithm::new(Scheme::RsaPss, DigestAlgorithm::Sha512),
            SignatureAlgorithm::pss(digest, PssParameters { mask_digest: digest, salt_length: 31 }),
            SignatureAlgorithm::pss(digest, PssParameters { mask_digest: DigestAlgorithm::Sha1, salt_length: 32 }),
        ] {
            let error = key.verify(unfit, &unfit.digest.digest(MESSAGE), &signature).unwrap_err();
            assert!(matches!(error, Error::KeyUnfit { .. }) && !error.is_undetermined(), "{unfit}: {error}");
        }
    }
    let free = openssl.key("-algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048");
    let signature = openssl.sign("-sha384 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:10");
    let parameters = PssParameters { mask_digest: DigestAlgorithm::Sha384, salt_length: 10 };
    check(&free, SignatureAlgorithm::pss(DigestAlgorithm::Sha384, parameters), &signature);
}

#[test]
fn dsa_with_every_digest_holds() {
    let Some(openssl) = OpenSsl::new() else { return };
    for (bits, order) in [(1024, 160), (2048, 224), (2048, 256)] {
        openssl.run(&format!(
            "genpkey -genparam -algorithm DSA -pkeyopt dsa_paramgen_bits:{bits} -pkeyopt dsa_paramgen_q_bits:{order} -out dsa.pem"
        ));
        let key = openssl.key("-paramfile dsa.pem");
        assert_eq!(key.bits(), Some(bits));
        for digest in [DigestAlgorithm::Sha1, DigestAlgorithm::Sha224, DigestAlgorithm::Sha256, DigestAlgorithm::Sha512]
        {
            check(&key, SignatureAlgorithm::new(Scheme::Dsa, digest), &openssl.sign(&format!("-{}", name(digest))));
        }
    }
}

#[test]
fn ed25519_signs_the_message_itself() {
    let Some(openssl) = OpenSsl::new() else { return };
    let key = openssl.key("-algorithm ED25519");
    openssl.run("pkeyutl -sign -inkey key.pem -rawin -in message -out signature");
    let signature = openssl.read("signature");
    let algorithm = SignatureAlgorithm::new(Scheme::Ed25519, DigestAlgorithm::Sha512);
    key.verify_message(algorithm, MESSAGE, &signature).unwrap();
    let error = key.verify_message(algorithm, b"another", &signature).unwrap_err();
    assert!(matches!(error, Error::SignatureInvalid { .. }), "{error}");
    let unknown = key.verify(algorithm, &DigestAlgorithm::Sha512.digest(b"another"), &signature).unwrap_err();
    assert!(unknown.is_undetermined(), "{unknown}");
    let unfit =
        key.verify_message(SignatureAlgorithm::new(Scheme::Ecdsa, DigestAlgorithm::Sha256), MESSAGE, &signature);
    assert!(matches!(unfit, Err(Error::KeyUnfit { .. })));
}

#[test]
fn keys_that_are_not_offered_leave_everything_open() {
    let Some(openssl) = OpenSsl::new() else { return };
    let ecdsa = SignatureAlgorithm::new(Scheme::Ecdsa, DigestAlgorithm::Sha256);
    for words in [
        "-algorithm EC -pkeyopt ec_paramgen_curve:brainpoolP512r1",
        "-algorithm EC -pkeyopt ec_paramgen_curve:brainpoolP320r1",
        "-algorithm EC -pkeyopt ec_paramgen_curve:secp224r1",
        "-algorithm EC -pkeyopt ec_paramgen_curve:sect283k1",
        "-algorithm EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit",
        "-algorithm ED448",
        "-algorithm X25519",
    ] {
        let key = openssl.key(words);
        for signature in [&b"random octets"[..], &[0x30, 6, 2, 1, 1, 2, 1, 1]] {
            let outcome = Verification::from(key.verify(ecdsa, &DigestAlgorithm::Sha256.digest(MESSAGE), signature));
            assert!(matches!(outcome, Verification::CannotBeVerified(_)), "{words}: {outcome:?}");
        }
    }
    let brainpool = openssl.key("-algorithm EC -pkeyopt ec_paramgen_curve:brainpoolP512r1");
    let rsa = SignatureAlgorithm::new(Scheme::RsaPkcs1, DigestAlgorithm::Sha256);
    let outcome = Verification::from(brainpool.verify(rsa, &DigestAlgorithm::Sha256.digest(MESSAGE), &[1; 64]));
    assert!(matches!(outcome, Verification::DoesNotHold(Error::KeyUnfit { .. })), "{outcome:?}");
}
