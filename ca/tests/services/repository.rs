use axum::http::StatusCode;
use pki::Certificate;

use super::fixture::*;

#[tokio::test]
async fn ca_certificates_are_served_as_der_where_certificates_point() {
    let testbed = Testbed::new().await;
    for (name, expected) in
        [("root", testbed.ca.anchors().await.unwrap()), ("issuing", testbed.ca.intermediates().await.unwrap())]
    {
        let (status, media_type, body) = testbed.get(&format!("/ca/certs/{name}.cer")).await;
        assert_eq!((status, media_type.as_str()), (StatusCode::OK, "application/pkix-cert"));
        assert_eq!(Certificate::from_der(&body).unwrap(), expected[0]);
    }
    assert_eq!(testbed.get("/ca/certs/other.cer").await.0, StatusCode::NOT_FOUND);
    assert_eq!(testbed.get("/ca/certs/root.pem").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn anchors_and_intermediates_are_served_as_pem() {
    let testbed = Testbed::new().await;
    for (path, expected) in [
        ("/ca/trust.pem", testbed.ca.anchors().await.unwrap()),
        ("/ca/intermediates.pem", testbed.ca.intermediates().await.unwrap()),
    ] {
        let (status, media_type, body) = testbed.get(path).await;
        assert_eq!((status, media_type.as_str()), (StatusCode::OK, "application/pem-certificate-chain"));
        assert_eq!(Certificate::from_pem_bundle(&String::from_utf8(body).unwrap()).unwrap(), expected);
    }
}
