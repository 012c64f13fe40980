//! Every refusal of the methods, with the text that clients compare.

use axum::body::Body;
use axum::http::Request;
use pki::{DigestAlgorithm, KeyKind};
use serde_json::{Value, json};
use signer::Scal;

use crate::support::{
    Bench, ECDSA_SHA256, RSA_ENCRYPTION, RSA_PSS, RSA_SHA256, SHA256, SHA512, base64, digests, read, refusal, refused,
};

/// A body with some members changed; `null` removes one.
fn with(mut body: Value, changes: Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

#[tokio::test]
async fn authorize_refuses_with_the_texts_of_the_api() {
    let bench = Bench::new().await;
    let good = json!({ "credentialID": "seal", "numSignatures": 2, "hashes": base64(&digests(2)) });
    for (changes, text) in [
        (json!({ "credentialID": null }), "Missing (or invalid type) string parameter credentialID"),
        (json!({ "credentialID": 1 }), "Missing (or invalid type) string parameter credentialID"),
        (json!({ "credentialID": "nobody" }), "Invalid parameter credentialID"),
        (json!({ "numSignatures": null }), "Missing (or invalid type) integer parameter numSignatures"),
        (json!({ "numSignatures": "2" }), "Missing (or invalid type) integer parameter numSignatures"),
        (json!({ "numSignatures": 0 }), "Invalid value for parameter numSignatures"),
        (json!({ "numSignatures": 1 }), "Invalid value for parameter numSignatures"),
        (json!({ "numSignatures": 11 }), "Numbers of signatures is too high"),
        (json!({ "hashes": null }), "Missing (or invalid type) array parameter hash"),
        (json!({ "hashes": "AAAA" }), "Missing (or invalid type) array parameter hash"),
        (json!({ "hashes": [] }), "Empty hash array"),
        (json!({ "hashes": ["AAAA", "!"] }), "Invalid Base64 hash string parameter"),
        (json!({ "hashes": ["AAAA", 1] }), "Invalid Base64 hash string parameter"),
        (json!({ "hashes": ["AAAA", "AAAA"] }), "Invalid digest value length"),
        (json!({ "hashAlgorithmOID": SHA512 }), "Invalid digest value length"),
        (json!({ "hashAlgorithmOID": "1.3.14.3.2.26" }), "Invalid parameter hashAlgorithmOID"),
        (json!({ "hashAlgorithmOID": 1 }), "Missing (or invalid type) string parameter hashAlgorithmOID"),
        (json!({ "hash": base64(&digests(1)) }), "Parameters hashes and hash have different values"),
    ] {
        let answer = bench.call("/csc/v2/credentials/authorize", with(good.clone(), changes.clone())).await;
        assert_eq!(refusal(answer), refused(400, "invalid_request", text), "{changes}");
    }
    let data = with(good.clone(), json!({ "authData": [{ "id": "PIN", "value": "1234" }] }));
    let invalid = refused(400, "invalid_authentication_data", "The authentication data is invalid");
    assert_eq!(refusal(bench.call("/csc/v2/credentials/authorize", data).await), invalid);
    for (changes, code, text) in [
        (json!({ "PIN": "1234" }), "invalid_pin", "The PIN is invalid"),
        (json!({ "OTP": "123456" }), "invalid_otp", "The OTP is invalid"),
        (json!({ "OTP": 7 }), "invalid_request", "Missing (or invalid type) string parameter OTP"),
        (json!({ "PIN": [] }), "invalid_request", "Missing (or invalid type) string parameter PIN"),
        (json!({ "authData": {} }), "invalid_request", "Missing (or invalid type) array parameter authData"),
        (json!({ "authData": "" }), "invalid_request", "Missing (or invalid type) array parameter authData"),
        (json!({ "description": "語".repeat(501) }), "invalid_request", "Invalid parameter description"),
        (json!({ "description": 1 }), "invalid_request", "Missing (or invalid type) string parameter description"),
        (json!({ "clientData": {} }), "invalid_request", "Missing (or invalid type) string parameter clientData"),
    ] {
        for path in ["/csc/v1/credentials/authorize", "/csc/v2/credentials/authorize"] {
            let answer = bench.call(path, with(good.clone(), changes.clone())).await;
            assert_eq!(refusal(answer), refused(400, code, text), "{path}");
        }
    }
    let none = with(
        good.clone(),
        json!({ "PIN": "", "OTP": null, "authData": [],
        "description": "語".repeat(500), "clientData": "" }),
    );
    assert_eq!(bench.call("/csc/v2/credentials/authorize", none).await.0, 200);
    let v1 = with(good, json!({ "hashAlgo": "1.3.14.3.2.26" }));
    let invalid = refused(400, "invalid_request", "Invalid parameter hashAlgo");
    assert_eq!(refusal(bench.call("/csc/v1/credentials/authorize", v1).await), invalid);
}

/// The 64 digits of a SHA-256 are the Base64 of 48 bytes, as many as a SHA-384 has.
#[tokio::test]
async fn hexadecimal_digests_are_refused_whatever_they_could_be_decoded_to() {
    let bench = Bench::new().await;
    let text = "Invalid Base64 hash string parameter: these are hexadecimal digits, wanted Base64";
    for algorithm in [DigestAlgorithm::Sha256, DigestAlgorithm::Sha384, DigestAlgorithm::Sha512] {
        let hexadecimal = algorithm.digest(b"document").to_string();
        for hash in [hexadecimal.to_lowercase(), hexadecimal.to_uppercase()] {
            let body = json!({ "credentialID": "seal", "numSignatures": 1, "hashes": [hash] });
            let answer = bench.call("/csc/v2/credentials/authorize", body).await;
            assert_eq!(refusal(answer), refused(400, "invalid_request", text));
        }
    }
    let zeros = pki::Digest::new(DigestAlgorithm::Sha384, vec![0; 48]).unwrap();
    bench.authorized("seal", &[zeros]).await;
}

#[tokio::test]
async fn sign_hash_refuses_with_the_texts_of_the_api_and_uses_nothing_up() {
    let bench = Bench::new().await;
    let digest = digests(1);
    let sad = bench.authorized("seal", &digest).await;
    let good = json!({ "credentialID": "seal", "SAD": sad, "hashes": base64(&digest), "signAlgo": ECDSA_SHA256 });
    for (changes, text) in [
        (json!({ "credentialID": null }), "Missing (or invalid type) string parameter credentialID"),
        (json!({ "credentialID": "nobody" }), "Invalid parameter credentialID"),
        (json!({ "SAD": null }), "Missing (or invalid type) string parameter SAD"),
        (json!({ "SAD": ["x"] }), "Missing (or invalid type) string parameter SAD"),
        (json!({ "SAD": "x" }), "Invalid parameter SAD"),
        (json!({ "hashes": null }), "Missing (or invalid type) array parameter hash"),
        (json!({ "hashes": {} }), "Missing (or invalid type) array parameter hash"),
        (json!({ "hashes": [] }), "Empty hash array"),
        (json!({ "hashes": ["~"] }), "Invalid Base64 hash string parameter"),
        (json!({ "hashes": ["AAAA"] }), "Invalid digest value length"),
        (json!({ "hashes": base64(&digests(3)[2..]) }), "Hash is not authorized by the SAD"),
        (json!({ "signAlgo": null }), "Missing (or invalid type) string parameter signAlgo"),
        (json!({ "signAlgo": 5 }), "Missing (or invalid type) string parameter signAlgo"),
        (json!({ "signAlgo": "ES256" }), "Invalid parameter signAlgo"),
        (json!({ "signAlgo": RSA_SHA256 }), "Invalid parameter signAlgo"),
        (json!({ "signAlgoParams": 5 }), "Missing (or invalid type) string parameter signAlgoParams"),
        (json!({ "signAlgoParams": "AAAA" }), "Invalid parameter signAlgoParams"),
        (
            json!({ "hashAlgorithmOID": SHA512 }),
            "String parameter hashAlgorithmOID contradicts with signAlgo parameter",
        ),
        (json!({ "hashAlgorithmOID": "1.2.3" }), "Invalid parameter hashAlgorithmOID"),
        (
            json!({ "hashAlgorithmOID": SHA256, "hashAlgo": SHA512 }),
            "Parameters hashAlgorithmOID and hashAlgo have different values",
        ),
        (json!({ "operationMode": "A" }), "Invalid parameter operationMode"),
        (json!({ "validity_period": "soon" }), "Invalid parameter validity_period"),
        (json!({ "responseURI": 1 }), "Invalid parameter response_uri"),
    ] {
        let answer = bench.call("/csc/v2/signatures/signHash", with(good.clone(), changes.clone())).await;
        assert_eq!(refusal(answer), refused(400, "invalid_request", text), "{changes}");
    }
    let tolerated = json!({ "operationMode": "S", "clientData": null, "validityPeriod": 1000, "signAlgoParams": "BQA=",
        "hash": base64(&digest), "hashAlgo": SHA256, "hashAlgorithmOID": null });
    let (status, body) = bench.call("/csc/v2/signatures/signHash", with(good, tolerated)).await;
    assert_eq!(status, 200, "{body}");
}

#[tokio::test]
async fn rsa_refuses_a_missing_hash_algorithm_missing_parameters_and_a_salt_without_room() {
    let bench = Bench::new().await;
    bench.credential("rsa", KeyKind::Rsa { bits: 2048 }, Scal::Two, 10).await;
    let digest = digests(1);
    let sad = bench.authorized("rsa", &digest).await;
    let good = json!({ "credentialID": "rsa", "SAD": sad, "hashes": base64(&digest), "signAlgo": RSA_PSS });
    let missing = "Missing (or invalid type) string parameter";
    let encryption = json!({ "signAlgo": RSA_ENCRYPTION });
    for (path, changes, text) in [
        ("v2", encryption.clone(), format!("{missing} hashAlgorithmOID")),
        ("v1", encryption, format!("{missing} hashAlgo")),
        ("v2", json!({}), format!("{missing} signAlgoParams")),
        ("v2", json!({ "signAlgoParams": "not base64" }), "Invalid parameter signAlgoParams".into()),
    ] {
        let answer = bench.call(&format!("/csc/{path}/signatures/signHash"), with(good.clone(), changes)).await;
        assert_eq!(refusal(answer), refused(400, "invalid_request", &text));
    }
    let of_223 = "MDWgDzANBglghkgBZQMEAgEFAKEcMBoGCSqGSIb3DQEBCDANBglghkgBZQMEAgEFAKIEAgIA3w==";
    let answer = bench.call("/csc/v2/signatures/signHash", with(good, json!({ "signAlgoParams": of_223 }))).await;
    let (status, error, text) = refusal(answer);
    assert_eq!((status, &*error), (400, "invalid_request"));
    assert!(text.contains("a salt of at most 222 bytes") && text.ends_with("found 223"), "{text}");
}

#[tokio::test]
async fn list_and_info_refuse_with_the_texts_of_the_api() {
    let bench = Bench::new().await;
    for (method, body, text) in [
        ("list", json!({ "userID": "somebody" }), "Invalid parameter userID"),
        ("list", json!({ "userID": 7 }), "Invalid parameter userID"),
        ("list", json!({ "pageToken": "?" }), "Invalid parameter pageToken"),
        ("list", json!({ "pageToken": 7 }), "Invalid parameter pageToken"),
        ("list", json!({ "credentialInfo": true, "certificates": "all" }), "Invalid parameter certificates"),
        ("list", json!({ "maxResults": 0 }), "Invalid parameter maxResults"),
        ("list", json!({ "maxResults": "5" }), "Invalid parameter maxResults"),
        ("list", json!({ "maxResults": 1.5 }), "Invalid parameter maxResults"),
        ("list", json!({ "certificates": 1 }), "Invalid parameter certificates"),
        ("list", json!({ "certInfo": 1 }), "Invalid parameter certInfo"),
        ("list", json!({ "lang": 1 }), "Missing (or invalid type) string parameter lang"),
        ("info", json!({}), "Missing (or invalid type) string parameter credentialID"),
        ("info", json!({ "credentialID": "nobody" }), "Invalid parameter credentialID"),
        ("info", json!({ "credentialID": "seal", "certificates": "all" }), "Invalid parameter certificates"),
        ("info", json!({ "credentialID": "seal", "certInfo": "yes" }), "Invalid parameter certInfo"),
    ] {
        let answer = bench.call(&format!("/csc/v2/credentials/{method}"), body.clone()).await;
        assert_eq!(refusal(answer), refused(400, "invalid_request", text), "{body}");
    }
    let (status, _) = bench.call("/csc/v2/credentials/list", json!({ "userID": null, "clientData": null })).await;
    assert_eq!(status, 200);
    let (_, own) = bench.call("/csc/v2/credentials/list", json!({ "userID": "issuer" })).await;
    assert_eq!(own["credentialIDs"], json!(["seal"]));
}

#[tokio::test]
async fn what_is_not_offered_or_does_not_exist_is_answered_in_the_form_of_the_api() {
    let bench = Bench::new().await;
    for (path, status, text) in [
        ("/csc/v2/signatures/signDoc", 501, "signatures/signDoc is not offered by this service"),
        ("/csc/v1/signatures/timestamp", 501, "signatures/timestamp is not offered by this service"),
        ("/csc/v2/credentials/destroy", 404, "There is no method credentials/destroy"),
    ] {
        assert_eq!(refusal(bench.call(path, json!({})).await), refused(status, "invalid_request", text));
    }
    for method in [
        "auth/login",
        "auth/revoke",
        "credentials/authorizeCheck",
        "credentials/getChallenge",
        "credentials/sendOTP",
        "credentials/extendTransaction",
        "credentials/create",
        "credentials/delete",
        "signatures/signPolling",
        "oauth2/authorize",
        "oauth2/pushed_authorize",
    ] {
        let text = format!("{method} is not offered by this service");
        for version in ["v1", "v2"] {
            let path = format!("/csc/{version}/{method}");
            let text = format!("csc/{version}/{text}");
            let by_a_browser = bench.send(Request::get(&path).body(Body::empty()).unwrap()).await;
            for answer in [bench.call(&path, json!({})).await, read(by_a_browser).await] {
                let (status, error, told) = refusal(answer);
                assert_eq!((status, &*error), (501, "invalid_request"), "{path}");
                assert!(text.ends_with(&told), "{told}");
            }
        }
    }
    let answer = bench.send(Request::get("/csc/v2/info").body(Body::empty()).unwrap()).await;
    let posted = refused(405, "invalid_request", "Methods of this API are called by POST, not by GET");
    assert_eq!(refusal(read(answer).await), posted);
    let logo = bench.call("/csc/v2/logo.png", json!({})).await;
    assert_eq!(refusal(logo), refused(405, "invalid_request", "This address is read, by GET"));
}

#[tokio::test]
async fn malformed_and_oversized_bodies_are_refused() {
    let bench = Bench::new().await;
    let twice = r#"{"credentialID": "seal", "credentialID": "nobody"}"#;
    let twice_inside = r#"{"credentialID": "seal", "more": [{"a": 1, "a": 2}]}"#;
    for body in ["{", "[]", "null", "{\"credentialID\": seal}", twice, twice_inside] {
        let answer = bench.call_with("/csc/v2/credentials/info", Some(&bench.token), body.into()).await;
        let (status, error, text) = refusal(answer);
        assert_eq!((status, &*error), (400, "invalid_request"));
        assert!(text.starts_with("The body is not a JSON object"), "{text}");
    }
    let large = json!({ "credentialID": "x".repeat(64 << 10) }).to_string();
    let too_large = refused(413, "invalid_request", "The body is too large: only digests are taken, never documents");
    let answer = bench.call_with("/csc/v2/signatures/signHash", Some(&bench.token), large.clone()).await;
    assert_eq!(refusal(answer), too_large);
    assert_eq!(refusal(bench.form("/csc/v2/oauth2/token", &large, None).await), too_large);
}
