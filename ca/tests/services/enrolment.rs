use axum::body::Body;
use axum::http::{Request, StatusCode};
use ca::Profile;
use pki::{Certificate, KeyKind, KeyUsageBit, oid};
use serde_json::json;

use super::fixture::*;

fn body(profile: &str) -> serde_json::Value {
    json!({
        "profile": profile,
        "subject": {
            "organization": "Example University",
            "organization_identifier": "NTRJP-9234567890123",
            "common_name": "Platform",
        },
    })
}

/// A request of OpenSSL's shape for a fresh P-256 key, and its public key.
fn request(common_name: &str) -> (String, String) {
    let mut parameters = rcgen::CertificateParams::default();
    let mut name = rcgen::DistinguishedName::new();
    name.push(rcgen::DnType::CountryName, "JP");
    name.push(rcgen::DnType::OrganizationName, "Example University");
    name.push(rcgen::DnType::CustomDnType(vec![2, 5, 4, 97]), "NTRJP-9234567890123");
    name.push(rcgen::DnType::CommonName, common_name);
    parameters.distinguished_name = name;
    let key = rcgen::KeyPair::generate().unwrap();
    let request = parameters.serialize_request(&key).unwrap();
    (
        request.pem().unwrap(),
        rcgen::PublicKeyData::subject_public_key_info(&key).iter().map(|b| format!("{b:02x}")).collect(),
    )
}

#[tokio::test]
async fn a_seal_has_the_fields_of_its_profile() {
    let testbed = Testbed::new().await;
    let seal = testbed.enrol(Profile::Seal).await.remove(0);
    let usage = seal.key_usage().unwrap();
    assert!(usage.contains(KeyUsageBit::NonRepudiation) && !usage.contains(KeyUsageBit::DigitalSignature));
    assert!(seal.extended_key_usage().is_empty(), "NSS knows no use for documentSigning");
    assert!(!seal.has_extension(oid::QC_STATEMENTS) && !seal.has_extension(oid::OCSP_NOCHECK));
    assert_eq!(seal.policies(), [oid::TESTBED_SEAL_LEVEL_1_POLICY]);
    assert_eq!(seal.crl_urls(), [format!("{BASE}/ca/crl/issuing.crl")]);
    assert_eq!(seal.ocsp_urls(), [format!("{BASE}/ca/ocsp")]);
    assert_eq!(seal.ca_issuer_urls(), [format!("{BASE}/ca/certs/issuing.cer")]);
    assert_eq!((seal.not_before(), seal.not_after()), (time(START), time("2029-11-24T08:59:59Z")));
    assert_eq!(seal.subject().common_name().unwrap(), "TESTBED Learning Platform (NOT QUALIFIED)");
}

#[tokio::test]
async fn a_time_stamping_unit_is_valid_for_eleven_years_and_does_nothing_else() {
    let testbed = Testbed::new().await;
    let unit = testbed.enrol(Profile::TimeStamping).await.remove(0);
    assert_eq!(unit.extended_key_usage(), [oid::TIME_STAMPING]);
    assert_eq!(unit.not_after(), time("2037-11-24T08:59:59Z"));
    assert!(unit.has_extension(oid::PRIVATE_KEY_USAGE_PERIOD));
    assert_eq!(unit.policies(), [oid::TESTBED_TSA_POLICY]);
}

#[tokio::test]
async fn a_badge_key_is_an_rsa_key() {
    let testbed = Testbed::new().await;
    let badge = testbed.enrol_kind(Profile::Badge, KeyKind::Rsa { bits: 2048 }).await.remove(0);
    assert!(badge.key_usage().unwrap().contains(KeyUsageBit::DigitalSignature));
    let key = testbed.signer.create_key(KeyKind::P256, "test").await.unwrap();
    let public_key = testbed.signer.public_key(&key).await.unwrap();
    let refused = testbed.ca.enrol(Profile::Badge, &subject("Badge"), &public_key).await.unwrap_err();
    assert_eq!(refused.to_string(), "the profile badge takes RSA from 2048 to 16384 bits, not P-256");
}

#[tokio::test]
async fn a_certification_request_is_answered_with_certificate_and_chain() {
    let testbed = Testbed::new().await;
    let (csr, key) = request("Platform");
    let (status, answer) = testbed.post_json("/ca/api/certificates", &json!({ "profile": "seal", "csr": csr })).await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");
    let certificate = Certificate::from_pem(answer["certificate_pem"].as_str().unwrap()).unwrap();
    assert_eq!(answer["serial"], certificate.serial().to_string());
    assert_eq!(hex::encode(certificate.public_key().spki_der()), key);
    assert_eq!(certificate.subject().common_name().unwrap(), "TESTBED Platform (NOT QUALIFIED)");
    let chain = Certificate::from_pem_bundle(answer["chain_pem"].as_str().unwrap()).unwrap();
    assert_eq!(chain.len(), 3);
    chain[0].verify_issued_by(&chain[1]).unwrap();
}

#[tokio::test]
async fn whoever_had_a_certificate_issued_is_told_its_address() {
    let testbed = Testbed::new().await;
    let body = json!({ "profile": "seal", "csr": request("Platform").0 }).to_string();
    let asked = Request::post("/ca/api/certificates").header("content-type", "application/json");
    let answer = testbed.send(asked.body(Body::from(body)).unwrap()).await;
    let place = answer.headers()["location"].to_str().unwrap().to_owned();
    let (_, serial) = place.rsplit_once('/').unwrap();
    assert!(place.starts_with("http") && place.ends_with(&format!("/ca/api/certificates/{serial}")), "{place}");
    let (status, details) = testbed.get_json(&format!("/ca/api/certificates/{serial}")).await;
    assert_eq!((status, &details["serial"]), (StatusCode::OK, &json!(serial)));
}

#[tokio::test]
async fn the_subject_of_the_body_overrides_the_one_of_the_request() {
    let testbed = Testbed::new().await;
    let mut body = body("seal");
    body["csr"] = json!(request("Something else").0);
    let (status, answer) = testbed.post_json("/ca/api/certificates", &body).await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");
    let certificate = Certificate::from_pem(answer["certificate_pem"].as_str().unwrap()).unwrap();
    assert_eq!(certificate.subject().common_name().unwrap(), "TESTBED Platform (NOT QUALIFIED)");
}

#[tokio::test]
async fn a_public_key_with_a_subject_is_enough() {
    let testbed = Testbed::new().await;
    let key = testbed.signer.create_key(KeyKind::P256, "test").await.unwrap();
    let mut body = body("seal");
    body["public_key_pem"] = json!(testbed.signer.public_key(&key).await.unwrap().to_pem());
    let (status, answer) = testbed.post_json("/ca/api/certificates", &body).await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");
}

#[tokio::test]
async fn a_request_signed_with_another_key_is_refused() {
    let testbed = Testbed::new().await;
    let (csr, _) = request("Platform");
    // The last base64 characters are inside the signature.
    let end = csr.find("-----END").unwrap();
    let place = csr[..end].trim_end().trim_end_matches('=').len() - 4;
    let other = if &csr[place..=place] == "A" { "B" } else { "A" };
    let forged = format!("{}{other}{}", &csr[..place], &csr[place + 1..]);
    let (status, answer) =
        testbed.post_json("/ca/api/certificates", &json!({ "profile": "seal", "csr": forged })).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{answer}");
    assert!(answer["error_description"].as_str().unwrap().contains("possession"), "{answer}");
}

#[tokio::test]
async fn enrolments_that_lack_something_say_what() {
    let testbed = Testbed::new().await;
    let post = async |body: serde_json::Value| {
        let (status, answer) = testbed.post_json("/ca/api/certificates", &body).await;
        (status.as_u16(), answer["error_description"].as_str().unwrap().to_owned())
    };
    let (status, text) = post(body("seal")).await;
    assert!(status == 400 && text.contains("csr or public_key_pem"), "{text}");
    let (status, text) = post(body("qualified")).await;
    assert!(status == 400 && text.contains("wanted seal, time-stamping, badge or tls-client"), "{text}");
    let (status, text) = post(json!({ "profile": "seal", "csr": "nonsense" })).await;
    assert!(status == 400 && text.contains("PEM"), "{text}");
    let (status, text) = post(json!({ "profile": "root", "csr": request("Root").0 })).await;
    assert!(status == 422 && text.contains("not enrolled for"), "{text}");
    let mut wrong = body("seal");
    wrong["subject"]["organization_identifier"] = json!("NTRJP-1234567890123");
    wrong["csr"] = json!(request("Platform").0);
    let (status, text) = post(wrong).await;
    assert!(status == 422 && text.contains("corporate number"), "{text}");
    let (status, text) = post(json!({ "profile": "seal", "csr": request("").0 })).await;
    assert!(status == 422 && text.contains("common_name: wanted a name"), "{text}");
}

const RSA_1024: &str = "\
-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDGzSNDYgV4eSr8c0uo8clB6Red
V/2SKAT4ujpbriyrCfh3MK/rrzTDmdv2tezeTJ2XzYUn/b0lLwO5k7NQS8IF6D9k
zsJMogo8kNfQ+SMzMu5hIEZjS1jgjokWA2mPXdXRvgHo2AKccVUKUMuvaZQ5qfpS
JdKZITGbPW9+aYXaRwIDAQAB
-----END PUBLIC KEY-----
";

const RSA_WITH_EXPONENT_3: &str = "\
-----BEGIN PUBLIC KEY-----
MIIBIDANBgkqhkiG9w0BAQEFAAOCAQ0AMIIBCAKCAQEAwwRP9k09PjVFo1Xbmi3H
rJGWoO40xardgMhfbwdc2cQpeM2EBI9oiCJJbK84XuOLl666IzAx45XHh/cTbuqp
gUQOt1d8xxDgkcPPXNqbpRmKaPs03auef7btO5DPm6xRDqAm4w/ugz0eY3bDlwgi
aVnMDcjIsL4We6l5fpEkF3b4rNGCcbnTOaw8ng6/ENEVV7Y8M2h6pmYE3koexoR3
c6gGh90wDxVLYVTpcqdlvnW3C+kVCIxwp8Bv3kEdsJOf6KezegpiFD3ByFvbRqX3
BK/XxXY0TIALrHwdqg5AvLi60al9iMxbk6xHREMM1blm6hGtM1FHsSAtD5mA91QZ
BQIBAw==
-----END PUBLIC KEY-----
";

#[tokio::test]
async fn weak_rsa_keys_are_refused() {
    let testbed = Testbed::new().await;
    for (key, part) in
        [(RSA_1024, "RSA from 2048 to 16384 bits, not RSA-1024"), (RSA_WITH_EXPONENT_3, "found the exponent 0x03")]
    {
        let mut body = body("seal");
        body["public_key_pem"] = json!(key);
        let (status, answer) = testbed.post_json("/ca/api/certificates", &body).await;
        let text = answer["error_description"].as_str().unwrap();
        assert!(status == StatusCode::UNPROCESSABLE_ENTITY && text.contains(part), "{status} {text}");
    }
}

#[tokio::test]
async fn certificates_are_listed_newest_first_with_their_status() {
    let testbed = Testbed::new().await;
    let seal = testbed.enrol(Profile::Seal).await.remove(0);
    let unit = testbed.enrol(Profile::TimeStamping).await.remove(0);
    let (_, all) = testbed.get_json("/ca/api/certificates").await;
    let lines = all["certificates"].as_array().unwrap();
    assert_eq!(lines.len(), 6, "root, issuing CA, two responders, and two end certificates");
    assert_eq!(lines[0]["serial"], unit.serial().to_string());
    let (_, seals) = testbed.get_json("/ca/api/certificates?profile=seal").await;
    let line = &seals["certificates"][0];
    assert_eq!(line["serial"], seal.serial().to_string());
    assert_eq!((line["status"].as_str(), line["validity"].as_str()), (Some("good"), Some("valid")));
    assert_eq!(line["subject"]["organization_identifier"], "NTRJP-9234567890123");
    let (_, one) = testbed.get_json(&format!("/ca/api/certificates/{}", seal.serial())).await;
    assert_eq!(Certificate::from_pem(one["certificate_pem"].as_str().unwrap()).unwrap(), seal);
    testbed.advance("4y").await;
    let (_, one) = testbed.get_json(&format!("/ca/api/certificates/{}", seal.serial())).await;
    assert_eq!((one["status"].as_str(), one["validity"].as_str()), (Some("good"), Some("expired")));
}

#[tokio::test]
async fn an_unknown_or_malformed_serial_number_is_told_apart() {
    let testbed = Testbed::new().await;
    assert_eq!(testbed.get_json("/ca/api/certificates/0badc0de").await.0, StatusCode::NOT_FOUND);
    for path in ["/ca/api/certificates/xyz", "/ca/api/certificates?limit=many", "/ca/api/certificates?profile=x"] {
        let (status, answer) = testbed.get_json(path).await;
        assert_eq!((status, answer["error"].as_str()), (StatusCode::BAD_REQUEST, Some("invalid_request")), "{path}");
    }
}

#[tokio::test]
async fn without_a_hierarchy_nothing_is_enrolled() {
    let testbed = Testbed::bare().await;
    let (status, answer) =
        testbed.post_json("/ca/api/certificates", &json!({ "profile": "seal", "csr": request("x").0 })).await;
    assert_eq!((status, answer["error"].as_str()), (StatusCode::SERVICE_UNAVAILABLE, Some("no_hierarchy")));
}
