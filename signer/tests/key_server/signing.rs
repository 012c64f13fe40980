//! Signatures over both dialects, verified by RustCrypto.

use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use p256::pkcs8::DecodePublicKey;
use pki::{Digest, DigestAlgorithm, KeyKind};
use proptest::prelude::*;
use rsa::sha2::Sha256;
use serde_json::json;
use signer::{Scal, Signer};
use world::World;

use crate::support::{Bench, ECDSA_SHA256, RSA_ENCRYPTION, RSA_PSS, RSA_SHA256, SHA256, base64, digests};

async fn verify_p256(bench: &Bench, key: &signer::KeyId, digest: &Digest, signature: &[u8]) {
    let spki = bench.signer.public_key(key).await.unwrap();
    let key = p256::ecdsa::VerifyingKey::from_public_key_der(spki.spki_der()).unwrap();
    let signature = p256::ecdsa::DerSignature::from_bytes(signature).unwrap();
    key.verify_prehash(digest.as_bytes(), &signature).unwrap();
}

async fn rsa_public(bench: &Bench, key: &signer::KeyId) -> rsa::PublicKey {
    rsa::PublicKey::from_public_key_der(bench.signer.public_key(key).await.unwrap().spki_der()).unwrap()
}

#[tokio::test]
async fn a_seal_is_made_with_the_names_of_v2_and_others_verify_it() {
    let bench = Bench::new().await;
    let key = bench.credential("ec", KeyKind::P256, Scal::Two, 10).await;
    let digests = digests(3);
    let sad = bench.authorized("ec", &digests).await;
    for (digest, signature) in digests.iter().zip(bench.signed("ec", &sad, ECDSA_SHA256, &digests).await) {
        verify_p256(&bench, &key, digest, &signature).await;
    }
}

#[tokio::test]
async fn the_names_of_v1_are_taken_on_both_paths() {
    let bench = Bench::new().await;
    let key = bench.credential("rsa", KeyKind::Rsa { bits: 2048 }, Scal::Two, 10).await;
    let digests = digests(2);
    for path in ["/csc/v1", "/csc/v2"] {
        let body = json!({ "credentialID": "rsa", "numSignatures": 2, "hash": base64(&digests), "clientData": null });
        let (status, body) = bench.call(&format!("{path}/credentials/authorize"), body).await;
        assert_eq!((status, &body["expiresIn"]), (StatusCode::OK, &json!(300)), "{body}");
        let body = json!({ "credentialID": "rsa", "SAD": body["SAD"], "hash": base64(&digests), "hashAlgo": SHA256,
            "signAlgo": RSA_ENCRYPTION, "clientData": null });
        let (status, body) = bench.call(&format!("{path}/signatures/signHash"), body).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        for (digest, signature) in digests.iter().zip(body["signatures"].as_array().unwrap()) {
            let signature = STANDARD.decode(signature.as_str().unwrap()).unwrap();
            let public = rsa_public(&bench, &key).await;
            public.verify(rsa::Pkcs1v15Sign::new::<Sha256>(), digest.as_bytes(), &signature).unwrap();
        }
    }
}

#[tokio::test]
async fn pss_is_made_with_exactly_the_salt_that_was_asked_for() {
    let bench = Bench::new().await;
    let key = bench.credential("rsa", KeyKind::Rsa { bits: 2048 }, Scal::Two, 10).await;
    let digest = digests(1);
    for salt in [0usize, 20, 32, 100, 222] {
        let sad = bench.authorized("rsa", &digest).await;
        let body = json!({ "credentialID": "rsa", "SAD": sad, "hashes": base64(&digest), "signAlgo": RSA_PSS,
            "signAlgoParams": STANDARD.encode(pss_parameters(salt)) });
        let (status, body) = bench.call("/csc/v2/signatures/signHash", body).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        let signature = STANDARD.decode(body["signatures"][0].as_str().unwrap()).unwrap();
        let padding = rsa::Pss::<Sha256>::new_with_salt(salt);
        rsa_public(&bench, &key).await.verify(padding, digest[0].as_bytes(), &signature).unwrap();
    }
}

/// RSASSA-PSS-params with SHA-256, as pyHanko writes them.
fn pss_parameters(salt: usize) -> Vec<u8> {
    let head = "a00f300d06096086480165030402010500a11c301a06092a864886f70d010108300d06096086480165030402010500";
    let number = if salt < 128 { format!("a2030201{salt:02x}") } else { format!("a204020200{salt:02x}") };
    let content = hex::decode(head.to_owned() + &number).unwrap();
    [&[0x30, content.len() as u8][..], &content].concat()
}

#[tokio::test]
async fn info_tells_what_is_offered() {
    let bench = Bench::new().await;
    for (path, specs) in [("/csc/v1/info", "1.0.4.0"), ("/csc/v2/info", "2.2.0.0")] {
        for body in ["", "{}", "{\"lang\": \"ja\"}"] {
            let (status, info) = bench.call_with(path, None, body.into()).await;
            assert_eq!((status, &info["specs"]), (StatusCode::OK, &json!(specs)));
            assert_eq!(info["authType"], json!(["oauth2client"]));
            assert_eq!(info["oauth2"], format!("http://127.0.0.1:8700{}/", path.trim_end_matches("/info")));
            let algorithms = info["signAlgorithms"]["algos"].as_array().unwrap();
            assert!([ECDSA_SHA256, RSA_SHA256, RSA_PSS].iter().all(|oid| algorithms.contains(&json!(oid))));
            for method in info["methods"].as_array().unwrap() {
                let address = format!("{}/{}", path.trim_end_matches("/info"), method.as_str().unwrap());
                let (status, _) = bench.call(&address, json!({})).await;
                assert!(status.as_u16() < 404, "{address} is offered, but answers {status}");
            }
        }
    }
}

#[tokio::test]
async fn two_slashes_between_base_and_method_are_one() {
    let bench = Bench::new().await;
    for method in ["info", "credentials/list", "credentials/info", "signatures/timestamp", "no/method"] {
        let one = bench.call(&format!("/csc/v2/{method}"), json!({})).await;
        let two = bench.call(&format!("/csc/v2//{method}"), json!({})).await;
        assert_eq!(one, two, "{method}");
    }
    assert_eq!(bench.call("/csc/v2///info", json!({})).await.0, StatusCode::NOT_FOUND, "nor more than two");
}

#[tokio::test]
async fn a_credential_is_described_flat_on_v1_and_with_an_object_on_v2() {
    let bench = Bench::new().await;
    let body = json!({ "credentialID": "seal", "certificates": "chain", "certInfo": true, "authInfo": true });
    let (_, v1) = bench.call("/csc/v1/credentials/info", body.clone()).await;
    let (_, v2) = bench.call("/csc/v2/credentials/info", body).await;
    assert_eq!((&v1["authMode"], v1.get("auth")), (&json!("implicit"), None));
    assert_eq!((&v2["auth"], v2.get("authMode")), (&json!({ "mode": "explicit", "objects": [] }), None));
    for answer in [v1, v2] {
        assert_eq!((&answer["SCAL"], &answer["multisign"]), (&json!("2"), &json!(10)));
        let key = json!({ "status": "enabled", "len": 256, "curve": "1.2.840.10045.3.1.7",
            "algo": [ECDSA_SHA256, "1.2.840.10045.4.3.3", "1.2.840.10045.4.3.4"] });
        assert_eq!(answer["key"], key);
        let certificate = &answer["cert"];
        assert_eq!(certificate["status"], "valid");
        assert_eq!(certificate["serialNumber"], "4a0102");
        assert_eq!(certificate["validFrom"], "20261124000000Z");
        assert_eq!(certificate["validTo"], "20271124000000Z");
        assert!(certificate["subjectDN"].as_str().unwrap().contains("CN=Seal"));
        assert!(certificate["issuerDN"].as_str().unwrap().contains("CN=Root"));
        let certificates = certificate["certificates"].as_array().unwrap();
        assert_eq!(certificates.len(), 2);
        pki::Certificate::from_der(&STANDARD.decode(certificates[0].as_str().unwrap()).unwrap()).unwrap();
    }
}

#[tokio::test]
async fn certificates_are_left_out_or_alone_as_asked() {
    let bench = Bench::new().await;
    for (wanted, count) in [(json!(null), Some(1)), (json!("single"), Some(1)), (json!("none"), None)] {
        let body = json!({ "credentialID": "seal", "certificates": wanted });
        let (_, answer) = bench.call("/csc/v2/credentials/info", body).await;
        assert_eq!(answer["cert"]["certificates"].as_array().map(Vec::len), count);
        assert_eq!(answer["cert"].get("subjectDN"), None);
    }
    bench.world.clock.advance("2y".parse().unwrap()).await.unwrap();
    let token = bench.new_token("issuer", &bench.secret).await;
    let body = json!({ "credentialID": "seal" }).to_string();
    let (_, answer) = bench.call_with("/csc/v2/credentials/info", Some(&token), body).await;
    assert_eq!(answer["cert"]["status"], "expired");
}

#[tokio::test]
async fn a_list_has_pages_and_only_a_clients_own_credentials() {
    let bench = Bench::new().await;
    for id in ["b", "a", "c"] {
        bench.credential(id, KeyKind::P256, Scal::Two, 1).await;
    }
    let (_, first) = bench.call("/csc/v2/credentials/list", json!({ "maxResults": 2 })).await;
    assert_eq!(first["credentialIDs"], json!(["a", "b"]));
    let rest = json!({ "maxResults": 2, "pageToken": first["nextPageToken"] });
    let (_, second) = bench.call("/csc/v1/credentials/list", rest).await;
    assert_eq!(second, json!({ "credentialIDs": ["c", "seal"] }));
    let described = json!({ "credentialInfo": true, "certificates": "none", "certInfo": true, "onlyValid": true });
    let (_, described) = bench.call("/csc/v2/credentials/list", described).await;
    assert_eq!(described["onlyValid"], true);
    assert_eq!(described["credentialInfos"][3]["credentialID"], "seal");
    assert!(described["credentialInfos"][3]["cert"]["subjectDN"].is_string());
    let secret = bench.signer.register_client("stranger").await.unwrap();
    let token = bench.new_token("stranger", &secret).await;
    let (_, nothing) = bench.call_with("/csc/v2/credentials/list", Some(&token), "{}".into()).await;
    assert_eq!(nothing, json!({ "credentialIDs": [] }));
}

#[tokio::test]
async fn a_renewed_credential_signs_with_its_new_key() {
    let bench = Bench::new().await;
    let key = bench.signer.create_key(KeyKind::P384, "renewed").await.unwrap();
    bench.signer.replace_chain("seal", &key, &bench.chain(&key).await).await.unwrap();
    let digest = [DigestAlgorithm::Sha384.digest(b"document")];
    let sad = bench.authorized("seal", &digest).await;
    let signatures = bench.signed("seal", &sad, "1.2.840.10045.4.3.3", &digest).await;
    let public = bench.signer.public_key(&key).await.unwrap();
    public.verify(KeyKind::P384.default_signature_algorithm(), &digest[0], &signatures[0]).unwrap();
}

#[tokio::test]
async fn the_key_and_chain_of_the_worlds_time_count_when_the_clock_goes_forth_and_back() {
    let bench = Bench::new().await;
    let shown = async |at: &str| {
        bench.world.clock.set(at.parse().unwrap()).await.unwrap();
        let token = bench.new_token("issuer", &bench.secret).await;
        let body = json!({ "credentialID": "seal", "certInfo": true });
        let (_, info) = bench.call_with("/csc/v2/credentials/info", Some(&token), body.to_string()).await;
        let cert = &info["cert"];
        let text = |name: &str| cert[name].as_str().unwrap_or("left out").to_owned();
        (text("validFrom")[..4].to_owned(), text("status"))
    };
    let told = |year: &str, status: &str| (year.to_owned(), status.to_owned());
    for year in [2027, 2029] {
        bench.world.clock.set(format!("{year}-12-01T00:00:00Z").parse().unwrap()).await.unwrap();
        let key = bench.signer.create_key(KeyKind::P256, "renewed").await.unwrap();
        bench.signer.replace_chain("seal", &key, &bench.chain_in(&key, year).await).await.unwrap();
    }
    for _ in 0..2 {
        assert_eq!(shown("2030-01-01T00:00:00Z").await, told("2029", "valid"));
        assert_eq!(shown("2027-01-01T00:00:00Z").await, told("2026", "valid"));
        assert_eq!(shown("2028-01-01T00:00:00Z").await, told("2027", "valid"));
        assert_eq!(shown("2029-01-01T00:00:00Z").await, told("2027", "expired"), "nothing is valid: the last that was");
        assert_eq!(shown("2035-01-01T00:00:00Z").await, told("2029", "expired"));
        assert_eq!(
            shown("1960-01-01T00:00:00Z").await,
            told("2026", "left out"),
            "nothing has begun: the first that will"
        );
    }
}

#[tokio::test]
async fn what_was_authorized_before_a_renewal_is_signed_with_the_key_of_that_time() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::open(folder.path(), "default", "http://127.0.0.1:8700").await.unwrap();
    world.clock.freeze().await.unwrap();
    world.clock.set("2026-11-24T09:00:00Z".parse().unwrap()).await.unwrap();
    let mut bench = Bench::over(world).await;
    bench.credential("seal", KeyKind::P256, Scal::Two, 10).await;
    let digest = digests(2);
    let first = bench.signer.chain("seal").await.unwrap().unwrap()[0].public_key();
    let sad = bench.authorized("seal", &digest).await;
    let key = bench.signer.create_key(KeyKind::P256, "renewed").await.unwrap();
    bench.signer.replace_chain("seal", &key, &bench.chain(&key).await).await.unwrap();
    let algorithm = KeyKind::P256.default_signature_algorithm();
    for digest in digest.chunks(1) {
        let signatures = bench.signed("seal", &sad, ECDSA_SHA256, digest).await;
        first.verify(algorithm, &digest[0], &signatures[0]).unwrap();
        // The second is read from the store, as a server that was started anew does.
        bench.router = signer::router(Signer::open(&bench.world).await.unwrap()).into();
    }
    let sad = bench.authorized("seal", &digest).await;
    let signatures = bench.signed("seal", &sad, ECDSA_SHA256, &digest).await;
    bench.signer.public_key(&key).await.unwrap().verify(algorithm, &digest[0], &signatures[0]).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn signatures_come_in_the_order_of_the_hashes(order in Just((0..12).collect::<Vec<usize>>()).prop_shuffle(),
                                                   kind in prop::sample::select(vec!["ec", "rsa"])) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let bench = Bench::new().await;
            let (kind, sign_algo) = match kind {
                "ec" => (KeyKind::P256, ECDSA_SHA256),
                _ => (KeyKind::Rsa { bits: 2048 }, RSA_SHA256),
            };
            let key = bench.credential("ordered", kind, Scal::Two, 12).await;
            let digests = digests(12);
            let sad = bench.authorized("ordered", &digests).await;
            let asked: Vec<Digest> = order.iter().map(|index| digests[*index].clone()).collect();
            let public = bench.signer.public_key(&key).await.unwrap();
            for (digest, signature) in asked.iter().zip(bench.signed("ordered", &sad, sign_algo, &asked).await) {
                public.verify(kind.default_signature_algorithm(), digest, &signature).unwrap();
            }
        });
    }
}
