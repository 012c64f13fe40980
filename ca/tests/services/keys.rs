//! What is certified is a key, of a kind that the documentation names.

use axum::http::StatusCode;
use ca::Profile;
use pki::KeyKind;
use pki::asn1::write;
use serde_json::json;

use super::fixture::*;
use super::openssl::outside;

const RSA_ENCRYPTION: &str = "300d06092a864886f70d0101010500";
const P_256: &str = "301306072a8648ce3d020106082a8648ce3d030107";
const P_384: &str = "301006072a8648ce3d020106052b81040022";

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    write::element(tag, &[content])
}

/// A `PUBLIC KEY` block of that algorithm around those octets.
fn pem(algorithm: &str, key: &[u8]) -> String {
    use base64::Engine;
    let bits = tlv(3, &[&[0], key].concat());
    let der = tlv(0x30, &[hex::decode(algorithm).unwrap(), bits].concat());
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"))
}

fn rsa(modulus: &[u8], exponent: &[u8]) -> String {
    pem(RSA_ENCRYPTION, &tlv(0x30, &[tlv(2, modulus), tlv(2, exponent)].concat()))
}

impl Testbed {
    /// What the CA says to a key for that profile.
    async fn offer(&self, profile: Profile, key: &str) -> (StatusCode, String) {
        let body = json!({
            "profile": profile.name(),
            "public_key_pem": key,
            "subject": {
                "organization": "Example University",
                "organization_identifier": "NTRJP-9234567890123",
                "common_name": "Platform",
            },
        });
        let (status, answer) = self.post_json("/ca/api/certificates", &body).await;
        (status, answer["error_description"].as_str().unwrap_or_default().to_owned())
    }

    async fn refuses(&self, profile: Profile, key: &str, why: &str) {
        let (status, text) = self.offer(profile, key).await;
        assert!(status == StatusCode::UNPROCESSABLE_ENTITY && text.contains(why), "{profile}: {status} {text}: {why}");
    }
}

#[tokio::test]
async fn points_that_are_none_are_not_certified() {
    let testbed = Testbed::new().await;
    let key = testbed.signer.create_key(KeyKind::P256, "point").await.unwrap();
    let spki = testbed.signer.public_key(&key).await.unwrap().spki_der().to_vec();
    let point = &spki[spki.len() - 65..];
    assert_eq!(testbed.offer(Profile::Seal, &pem(P_256, point)).await.0, StatusCode::CREATED);
    let compressed = [&[2 | point[64] & 1], &point[1..33]].concat();
    assert_eq!(testbed.offer(Profile::Seal, &pem(P_256, &compressed)).await.0, StatusCode::CREATED);
    let mut beside = point.to_vec();
    beside[64] ^= 1;
    let hybrid = [&[6 | point[64] & 1], &point[1..]].concat();
    let (shape, curve) = ("each as long as the curve's field", "not on the curve");
    for (algorithm, octets, why) in [
        (P_256, &beside[..], curve),
        (P_256, &[0], shape),
        (P_256, &[], shape),
        (P_256, &point[..64], shape),
        (P_256, &[point, &[0]].concat(), shape),
        (P_256, &hybrid, shape),
        (P_256, &[4; 65], curve),
        (P_256, &[[4].as_slice(), &[0xff; 64]].concat(), curve),
        (P_256, &[4; 97], shape),
        (P_384, point, shape),
    ] {
        for profile in [Profile::Seal, Profile::TimeStamping] {
            testbed.refuses(profile, &pem(algorithm, octets), why).await;
        }
    }
}

#[tokio::test]
async fn numbers_that_no_rsa_key_can_have_are_not_certified() {
    let testbed = Testbed::new().await;
    let key = testbed.signer.create_key(KeyKind::Rsa { bits: 2048 }, "numbers").await.unwrap();
    let key = testbed.signer.public_key(&key).await.unwrap();
    let modulus = [&[0], key.rsa_components().unwrap().0].concat();
    let (good, f4) = (&modulus[..], &[1, 0, 1][..]);
    assert_eq!(testbed.offer(Profile::Seal, &rsa(good, f4)).await.0, StatusCode::CREATED);
    let mut even = modulus.clone();
    even[256] &= 0xfe;
    let huge = [&[0], &[0xff; 2049][..]].concat();
    let prime = [&[7], &[0xff; 275][..]].concat(); // 2^2203 - 1
    for (modulus, exponent, why) in [
        (&even[..], f4, "an odd modulus"),
        (&good[1..], f4, "positive"),
        (&[&[0], &[0xff; 256][..]].concat(), f4, "small number"),
        (&prime, f4, "prime or a power"),
        (&huge, f4, "from 2048 to 16384 bits"),
        (good, &[1], "exponent 0x01"),
        (good, &[1, 0, 0], "exponent 0x010000"),
        (good, &[0xfe, 0xff, 0xff], "positive"),
        (good, good, "exponent 0x"),
    ] {
        for profile in [Profile::Seal, Profile::TimeStamping, Profile::Badge] {
            testbed.refuses(profile, &rsa(modulus, exponent), why).await;
        }
    }
    let numbers = tlv(0x30, &[tlv(2, good), tlv(2, f4)].concat());
    testbed.refuses(Profile::Seal, &pem("300b06092a864886f70d010101", &numbers), "NULL").await;
    let only_for_pss = pem("300b06092a864886f70d01010a", &numbers);
    assert_eq!(testbed.offer(Profile::Seal, &only_for_pss).await.0, StatusCode::CREATED);
    testbed.refuses(Profile::Badge, &only_for_pss, "could not sign RS256").await;
}

/// Keys as OpenSSL makes them, by public key and by certification request.
#[tokio::test]
async fn kinds_that_are_not_offered_are_not_certified_for_any_profile() {
    if !outside::can_be_asked("openssl") {
        return;
    }
    let testbed = Testbed::new().await;
    let folder = tempfile::tempdir().unwrap();
    let openssl = |arguments: &str| {
        let mut command = outside::at_world_time("openssl", testbed.world.clock.now());
        let output = command.current_dir(&folder).args(arguments.split(' ')).output().unwrap();
        assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    openssl("genpkey -genparam -algorithm DSA -pkeyopt dsa_paramgen_bits:2048 -out parameters.pem");
    for make in [
        "-algorithm X25519",
        "-algorithm ED25519",
        "-algorithm ED448",
        "-paramfile parameters.pem",
        "-algorithm EC -pkeyopt ec_paramgen_curve:secp256k1",
        "-algorithm EC -pkeyopt ec_paramgen_curve:brainpoolP256r1",
        "-algorithm EC -pkeyopt ec_paramgen_curve:P-224",
        "-algorithm EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit",
        "-algorithm RSA -pkeyopt rsa_keygen_bits:1024",
    ] {
        openssl(&format!("genpkey {make} -out key.pem"));
        let key = openssl("pkey -in key.pem -pubout");
        for profile in [Profile::Seal, Profile::TimeStamping, Profile::Badge] {
            testbed.refuses(profile, &key, &format!("the profile {profile} takes")).await;
        }
        if make.contains("X25519") {
            continue; // it signs no request
        }
        let csr =
            openssl("req -new -key key.pem -subj /O=Example/organizationIdentifier=NTRJP-9234567890123/CN=Platform");
        let (status, answer) =
            testbed.post_json("/ca/api/certificates", &json!({ "profile": "seal", "csr": csr })).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{make}: {answer}");
    }
}

#[tokio::test]
async fn a_request_signed_over_a_broken_digest_proves_nothing() {
    if !outside::can_be_asked("openssl") {
        return;
    }
    let testbed = Testbed::new().await;
    let folder = tempfile::tempdir().unwrap();
    for (digest, wanted) in [("md5", 422), ("sha1", 422), ("sha224", 422), ("sha256", 201), ("sha3-256", 201)] {
        let mut command = outside::at_world_time("openssl", testbed.world.clock.now());
        let subject = "/O=Example/organizationIdentifier=NTRJP-9234567890123/CN=Platform";
        let arguments = ["req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-subj", subject];
        let output = command.current_dir(&folder).args(arguments).arg(format!("-{digest}")).output().unwrap();
        let csr = String::from_utf8(output.stdout).unwrap();
        let (status, answer) =
            testbed.post_json("/ca/api/certificates", &json!({ "profile": "seal", "csr": csr })).await;
        assert_eq!(status.as_u16(), wanted, "{digest}: {answer}");
    }
}
