//! A world in memory with a root, a time-stamping unit and a client that speaks to the router without a socket.

#![allow(dead_code, clippy::allow_attributes, reason = "each test program uses its own part")]
#![expect(clippy::unwrap_used, reason = "what cannot be set up fails the test")]

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, StatusCode, header};
use jiff::Timestamp;
use pki::{
    Certificate, CertificateTemplate, Digest, DigestAlgorithm, Extension, KeyKind, KeyUsageBit, Name, PublicKey,
    SerialNumber, TimeStampFailure, TimeStampRequest, TimeStampResponse, TimeStampToken, oid,
};
use signer::{KeyId, Signer};
use tower::ServiceExt;
use tsa::{NewUnit, Tsa};
use world::World;

pub(crate) const AT: &str = "2026-11-24T09:00:00.75Z";
pub(crate) const QUERY: &str = "application/timestamp-query";

pub(crate) struct Lab {
    pub(crate) world: World,
    pub(crate) signer: Signer,
    pub(crate) tsa: Tsa,
    pub(crate) router: Router,
    pub(crate) root: Certificate,
    root_key: KeyId,
}

/// A lab with one unit, `p256`.
pub(crate) async fn lab() -> Lab {
    let world = World::in_memory("http://127.0.0.1:8700", time(AT)).await.unwrap();
    let lab = lab_in(world).await;
    lab.add("p256", KeyKind::P256).await;
    lab
}

/// A lab without units.
pub(crate) async fn lab_in(world: World) -> Lab {
    let signer = Signer::open(&world).await.unwrap();
    let tsa = Tsa::open(&world, signer.clone()).await.unwrap();
    let root_key = signer.create_key(KeyKind::P256, "root").await.unwrap();
    let public_key = signer.public_key(&root_key).await.unwrap();
    let extensions = vec![
        Extension::basic_constraints(true, None),
        Extension::key_usage(&[KeyUsageBit::KeyCertSign, KeyUsageBit::CrlSign]),
        Extension::subject_key_identifier(&public_key),
    ];
    let template = template("TESTBED Root", "TESTBED Root", &public_key, extensions);
    let root = sign(&signer, &root_key, template).await;
    Lab { router: tsa::router(tsa.clone()).into(), world, signer, tsa, root, root_key }
}

impl Lab {
    pub(crate) async fn add(&self, name: &str, kind: KeyKind) {
        let (key, chain) = self.enrol(name, kind, Vec::new()).await;
        self.tsa.add_unit(NewUnit::new(name.parse().unwrap(), key, chain)).await.unwrap();
    }

    /// A unit whose settings differ from those of a new one.
    pub(crate) async fn add_with(&self, name: &str, kind: KeyKind, settings: impl FnOnce(&mut NewUnit)) {
        let (key, chain) = self.enrol(name, kind, Vec::new()).await;
        let mut unit = NewUnit::new(name.parse().unwrap(), key, chain);
        settings(&mut unit);
        self.tsa.add_unit(unit).await.unwrap();
    }

    /// A key and its chain, valid from 2026 to 2037.
    pub(crate) async fn enrol(&self, name: &str, kind: KeyKind, further: Vec<Extension>) -> (KeyId, Vec<Certificate>) {
        let key = self.signer.create_key(kind, name).await.unwrap();
        let public_key = self.signer.public_key(&key).await.unwrap();
        let mut extensions = vec![
            Extension::authority_key_identifier(&self.root.subject_key_identifier().unwrap()),
            Extension::subject_key_identifier(&public_key),
            Extension::key_usage(&[KeyUsageBit::DigitalSignature]),
            Extension::extended_key_usage(&[oid::TIME_STAMPING], true),
        ];
        extensions.extend(further);
        let mut template = template("TESTBED Root", &format!("TESTBED TSU {name}"), &public_key, extensions);
        (template.not_before, template.not_after) = (time("2026-01-01T00:00:00Z"), time("2037-01-31T00:00:00Z"));
        let certificate = sign(&self.signer, &self.root_key, template).await;
        (key, vec![certificate, self.root.clone()])
    }

    /// The same world with the authority opened again, as after a restart.
    pub(crate) async fn reopened(self) -> Lab {
        let tsa = Tsa::open(&self.world, self.signer.clone()).await.unwrap();
        Lab { router: tsa::router(tsa.clone()).into(), tsa, ..self }
    }

    pub(crate) async fn post(&self, path: &str, request: impl Into<Body>) -> TimeStampResponse {
        let answer = self.send("POST", path, Some(QUERY), request).await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/timestamp-reply");
        TimeStampResponse::from_der(&body(answer).await).unwrap()
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        content_type: Option<&str>,
        request: impl Into<Body>,
    ) -> Response<Body> {
        let mut builder = Request::builder().method(method).uri(path);
        if let Some(content_type) = content_type {
            builder = builder.header(header::CONTENT_TYPE, content_type);
        }
        self.router.clone().oneshot(builder.body(request.into()).unwrap()).await.unwrap()
    }

    pub(crate) async fn json(&self, path: &str) -> (StatusCode, serde_json::Value) {
        let answer = self.send("GET", path, None, Body::empty()).await;
        (answer.status(), serde_json::from_slice(&body(answer).await).unwrap())
    }
}

pub(crate) async fn body(answer: Response<Body>) -> Vec<u8> {
    to_bytes(answer.into_body(), usize::MAX).await.unwrap().to_vec()
}

pub(crate) fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn request() -> TimeStampRequest {
    request_with(DigestAlgorithm::Sha256)
}

pub(crate) fn request_with(algorithm: DigestAlgorithm) -> TimeStampRequest {
    let imprint: Digest = algorithm.digest(b"a certificate of completion");
    TimeStampRequest {
        imprint,
        hash_parameters: pki::HashParameters::Absent,
        policy: None,
        nonce: Some(vec![0x01, 0xe2, 0x40]),
        certificate_requested: true,
    }
}

pub(crate) fn granted(response: TimeStampResponse) -> TimeStampToken {
    match response {
        TimeStampResponse::Granted { token, with_modifications: false } => token,
        other => panic!("wanted a token, found {other:?}"),
    }
}

pub(crate) fn refused(response: TimeStampResponse) -> (TimeStampFailure, String) {
    match response {
        TimeStampResponse::Refused { status: 2, text: Some(text), failure: Some(failure) } => (failure, text),
        other => panic!("wanted a refusal with its reason, found {other:?}"),
    }
}

fn template(issuer: &str, subject: &str, key: &PublicKey, extensions: Vec<Extension>) -> CertificateTemplate {
    let name = |common_name| {
        let name = Name::builder().country("JP").organization("TESTBED — NOT QUALIFIED").common_name(common_name);
        name.build()
    };
    CertificateTemplate {
        serial: SerialNumber::from_bytes(&key.key_identifier()[..16]).unwrap(),
        issuer: name(issuer),
        subject: name(subject),
        public_key: key.clone(),
        not_before: time("2020-01-01T00:00:00Z"),
        not_after: time("2050-01-01T00:00:00Z"),
        extensions,
    }
}

async fn sign(signer: &Signer, key: &KeyId, template: CertificateTemplate) -> Certificate {
    let algorithm = signer.public_key(key).await.unwrap().kind().default_signature_algorithm();
    let to_be_signed = template.to_be_signed(algorithm).unwrap();
    let signature = signer.sign_digest(key, algorithm, &to_be_signed.digest()).await.unwrap();
    Certificate::from_der(&to_be_signed.signed(&signature)).unwrap()
}

pub(crate) fn is_granted(response: &TimeStampResponse) -> bool {
    matches!(response, TimeStampResponse::Granted { .. })
}
