//! A world with a CA, and requests to its router.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use ca::{Ca, Profile, Subject};
use http_body_util::BodyExt;
use jiff::Timestamp;
use pki::{
    Certificate, CertificateId, Crl, DigestAlgorithm, KeyKind, OcspRequest, OcspResponse, SerialNumber,
    SuccessfulOcspResponse,
};
use serde_json::Value;
use signer::Signer;
use tower::ServiceExt;
use world::World;

/// When the worlds of these tests begin.
pub(crate) const START: &str = "2026-11-24T09:00:00Z";

/// Hosts under example.com are what linters take for public ones.
pub(crate) const BASE: &str = "http://ca.testbed.example.com";

pub(crate) struct Testbed {
    pub(crate) world: World,
    pub(crate) signer: Signer,
    pub(crate) ca: Ca,
    pub(crate) router: Router,
}

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn subject(common_name: &str) -> Subject {
    Subject {
        organization: "Example University".into(),
        organization_identifier: "NTRJP-9234567890123".into(),
        common_name: common_name.into(),
        country: "JP".into(),
    }
}

impl Testbed {
    /// A world without a hierarchy.
    pub(crate) async fn bare() -> Testbed {
        let world = World::in_memory(BASE, time(START)).await.unwrap();
        let signer = Signer::open(&world).await.unwrap();
        let ca = Ca::open(&world, signer.clone()).await.unwrap();
        let router = ca::router(ca.clone()).into();
        Testbed { world, signer, ca, router }
    }

    pub(crate) async fn with_hierarchy(kind: KeyKind) -> Testbed {
        let testbed = Testbed::bare().await;
        testbed.ca.create_hierarchy(kind).await.unwrap();
        testbed
    }

    pub(crate) async fn new() -> Testbed {
        Testbed::with_hierarchy(KeyKind::P256).await
    }

    /// Leaf, issuing CA, root for a fresh P-256 key.
    pub(crate) async fn enrol(&self, profile: Profile) -> Vec<Certificate> {
        self.enrol_kind(profile, KeyKind::P256).await
    }

    pub(crate) async fn enrol_kind(&self, profile: Profile, kind: KeyKind) -> Vec<Certificate> {
        let key = self.signer.create_key(kind, "test").await.unwrap();
        let public_key = self.signer.public_key(&key).await.unwrap();
        self.ca.enrol(profile, &subject("Learning Platform"), &public_key).await.unwrap()
    }

    pub(crate) async fn advance(&self, duration: &str) {
        self.world.clock.advance(duration.parse().unwrap()).await.unwrap();
    }

    pub(crate) async fn set(&self, at: &str) {
        self.world.clock.set(time(at)).await.unwrap();
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Response {
        self.router.clone().oneshot(request).await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, String, Vec<u8>) {
        read(self.send(Request::get(path).body(Body::empty()).unwrap()).await).await
    }

    pub(crate) async fn get_json(&self, path: &str) -> (StatusCode, Value) {
        let (status, _, body) = self.get(path).await;
        (status, serde_json::from_slice(&body).unwrap())
    }

    pub(crate) async fn post_json(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
        let (status, _, body) = read(self.send(request.body(Body::from(body.to_string())).unwrap()).await).await;
        (status, serde_json::from_slice(&body).unwrap())
    }

    /// Posts a request to the OCSP responder; HTTP status and media type are always those of RFC 6960 appendix A.2.
    pub(crate) async fn post_ocsp(&self, der: &[u8]) -> Vec<u8> {
        let request = Request::post("/ca/ocsp").header(header::CONTENT_TYPE, "application/ocsp-request");
        let answer = read(self.send(request.body(Body::from(der.to_vec())).unwrap()).await).await;
        assert_eq!((answer.0, answer.1.as_str()), (StatusCode::OK, "application/ocsp-response"));
        answer.2
    }

    /// Asks the responder about one certificate of that issuer and checks the answer's signature.
    pub(crate) async fn ocsp(&self, serial: &SerialNumber, issuer: &Certificate) -> SuccessfulOcspResponse {
        let request = ocsp_request(&[serial], issuer, Some(b"0123456789abcdef"));
        let response = answered(&self.post_ocsp(&request).await);
        response.verify(issuer, self.world.clock.now()).unwrap();
        response
    }

    pub(crate) async fn crl(&self, name: &str) -> Crl {
        let (status, media_type, body) = self.get(&format!("/ca/crl/{name}.crl")).await;
        assert_eq!((status, media_type.as_str()), (StatusCode::OK, "application/pkix-crl"));
        Crl::from_der(&body).unwrap()
    }
}

pub(crate) fn ocsp_request(serials: &[&SerialNumber], issuer: &Certificate, nonce: Option<&[u8]>) -> Vec<u8> {
    let id = |serial: &&SerialNumber| CertificateId::for_certificate(serial, issuer, DigestAlgorithm::Sha1);
    let request = OcspRequest { certificate_ids: serials.iter().map(id).collect(), nonce: nonce.map(<[u8]>::to_vec) };
    request.to_der()
}

/// The signed answer.
pub(crate) fn answered(der: &[u8]) -> SuccessfulOcspResponse {
    OcspResponse::from_der(der).unwrap().into_successful().unwrap()
}

pub(crate) async fn read(response: Response) -> (StatusCode, String, Vec<u8>) {
    let status = response.status();
    let media_type = response.headers().get(header::CONTENT_TYPE);
    let media_type = media_type.map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
    (status, media_type, response.into_body().collect().await.unwrap().to_bytes().to_vec())
}
