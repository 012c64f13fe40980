//! A world with a key server, one client, and credentials certified by a CA of one test.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::BodyExt;
use pki::{Certificate, CertificateTemplate, Digest, DigestAlgorithm, Extension, KeyKind, Name, SerialNumber};
use serde_json::{Value, json};
use signer::{KeyId, NewCredential, Scal, Signer, WhenRevoked};
use tower::ServiceExt;
use world::World;

pub(crate) const SHA256: &str = "2.16.840.1.101.3.4.2.1";
pub(crate) const SHA512: &str = "2.16.840.1.101.3.4.2.3";
pub(crate) const ECDSA_SHA256: &str = "1.2.840.10045.4.3.2";
pub(crate) const RSA_SHA256: &str = "1.2.840.113549.1.1.11";
pub(crate) const RSA_ENCRYPTION: &str = "1.2.840.113549.1.1.1";
pub(crate) const RSA_PSS: &str = "1.2.840.113549.1.1.10";

/// Everything that a test speaks to.
pub(crate) struct Bench {
    pub(crate) world: World,
    pub(crate) signer: Signer,
    pub(crate) router: Router,
    pub(crate) secret: String,
    pub(crate) token: String,
}

impl Bench {
    /// A world in memory at 2026-11-24 with the client `issuer`, its token and the P-256 credential `seal` (SCAL 2, ten
    /// signatures).
    pub(crate) async fn new() -> Bench {
        let at = "2026-11-24T09:00:00Z".parse().unwrap();
        let bench = Bench::over(World::in_memory("http://127.0.0.1:8700", at).await.unwrap()).await;
        bench.credential("seal", KeyKind::P256, Scal::Two, 10).await;
        bench
    }

    /// The client and its token over any world.
    pub(crate) async fn over(world: World) -> Bench {
        let signer = Signer::open(&world).await.unwrap();
        let secret = signer.register_client("issuer").await.unwrap();
        let mut bench =
            Bench { world, router: signer::router(signer.clone()).into(), signer, secret, token: String::new() };
        bench.token = bench.new_token("issuer", &bench.secret).await;
        bench
    }

    pub(crate) async fn new_token(&self, client: &str, secret: &str) -> String {
        let form = format!("grant_type=client_credentials&client_id={client}&client_secret={secret}");
        let (status, body) = self.form("/csc/v2/oauth2/token", &form, None).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        body["access_token"].as_str().unwrap().to_owned()
    }

    /// Registers a credential of the client `issuer`, valid for a year, that signs with a good certificate only.
    pub(crate) async fn credential(&self, id: &str, kind: KeyKind, scal: Scal, multisign: u32) -> KeyId {
        self.credential_that(id, kind, scal, multisign, WhenRevoked::Refuse).await
    }

    pub(crate) async fn credential_that(
        &self,
        id: &str,
        kind: KeyKind,
        scal: Scal,
        multisign: u32,
        when_revoked: WhenRevoked,
    ) -> KeyId {
        let key = self.signer.create_key(kind, id).await.unwrap();
        let chain = self.chain(&key).await;
        let (client, description) = ("issuer".into(), "A seal".into());
        let (id, key_of) = (id.into(), key.clone());
        let new = NewCredential { id, key: key_of, chain, client, description, scal, multisign, when_revoked };
        self.signer.register_credential(new).await.unwrap();
        key
    }

    /// A certificate for a key and the root that issued it, valid for the year from November 2026 on.
    pub(crate) async fn chain(&self, key: &KeyId) -> Vec<Certificate> {
        self.chain_in(key, 2026).await
    }

    /// The same for the year from November of `year` on.
    pub(crate) async fn chain_in(&self, key: &KeyId, year: i16) -> Vec<Certificate> {
        let root_key = self.signer.create_key(KeyKind::P256, "root").await.unwrap();
        let root = Name::builder().country("JP").organization("Test CA").common_name("Root").build();
        let subject = Name::builder().country("JP").organization("Testbed").common_name("Seal").build();
        let leaf = self.certificate((&root_key, root.clone()), subject, key, year, false).await;
        vec![leaf, self.certificate((&root_key, root.clone()), root, &root_key, year, true).await]
    }

    async fn certificate(
        &self,
        (issuer_key, issuer): (&KeyId, Name),
        subject: Name,
        key: &KeyId,
        year: i16,
        ca: bool,
    ) -> Certificate {
        let algorithm = KeyKind::P256.default_signature_algorithm();
        let template = CertificateTemplate {
            serial: SerialNumber::from_bytes(&[0x4a, 0x01, if ca { 1 } else { 2 }]).unwrap(),
            issuer,
            subject,
            public_key: self.signer.public_key(key).await.unwrap(),
            not_before: format!("{year}-11-24T00:00:00Z").parse().unwrap(),
            not_after: format!("{}-11-24T00:00:00Z", year + 1).parse().unwrap(),
            extensions: vec![Extension::basic_constraints(ca, None)],
        };
        let pending = template.to_be_signed(algorithm).unwrap();
        let signature = self.signer.sign_digest(issuer_key, algorithm, &pending.digest()).await.unwrap();
        Certificate::from_der(&pending.signed(&signature)).unwrap()
    }

    /// Calls a method with the bench's token.
    pub(crate) async fn call(&self, path: &str, body: Value) -> (StatusCode, Value) {
        self.call_with(path, Some(&self.token), body.to_string()).await
    }

    pub(crate) async fn call_with(&self, path: &str, token: Option<&str>, body: String) -> (StatusCode, Value) {
        let mut request = Request::post(path).header("content-type", "application/json");
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        read(self.send(request.body(Body::from(body)).unwrap()).await).await
    }

    pub(crate) async fn form(&self, path: &str, form: &str, basic: Option<&str>) -> (StatusCode, Value) {
        let mut request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
        if let Some(basic) = basic {
            request = request.header("authorization", format!("Basic {}", STANDARD.encode(basic)));
        }
        read(self.send(request.body(Body::from(form.to_owned())).unwrap()).await).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Response<Body> {
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// A SAD of the credential `credential` for these digests.
    pub(crate) async fn authorized(&self, credential: &str, digests: &[Digest]) -> String {
        let body = json!({ "credentialID": credential, "numSignatures": digests.len(), "hashes": base64(digests) });
        let (status, body) = self.call("/csc/v2/credentials/authorize", body).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        body["SAD"].as_str().unwrap().to_owned()
    }

    /// The signatures of a signHash call that must succeed.
    pub(crate) async fn signed(
        &self,
        credential: &str,
        sad: &str,
        sign_algo: &str,
        digests: &[Digest],
    ) -> Vec<Vec<u8>> {
        let (status, body) = self.sign(credential, sad, sign_algo, digests).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        let decode = |text: &Value| STANDARD.decode(text.as_str().unwrap()).unwrap();
        body["signatures"].as_array().unwrap().iter().map(decode).collect()
    }

    pub(crate) async fn sign(
        &self,
        credential: &str,
        sad: &str,
        sign_algo: &str,
        digests: &[Digest],
    ) -> (StatusCode, Value) {
        let body = json!({ "credentialID": credential, "SAD": sad, "hashes": base64(digests), "signAlgo": sign_algo });
        self.call("/csc/v2/signatures/signHash", body).await
    }
}

pub(crate) async fn read(response: Response<Body>) -> (StatusCode, Value) {
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let body = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap() };
    (status, body)
}

/// SHA-256 digests that differ.
pub(crate) fn digests(count: usize) -> Vec<Digest> {
    (0..count).map(|n| DigestAlgorithm::Sha256.digest(format!("document {n}").as_bytes())).collect()
}

pub(crate) fn base64(digests: &[Digest]) -> Vec<String> {
    digests.iter().map(|digest| STANDARD.encode(digest.as_bytes())).collect()
}

/// Status, code and text of a refusal.
pub(crate) fn refusal((status, body): (StatusCode, Value)) -> (u16, String, String) {
    let text = |name: &str| body[name].as_str().unwrap_or_else(|| panic!("{status} {body}")).to_owned();
    (status.as_u16(), text("error"), text("error_description"))
}

pub(crate) fn refused(status: u16, error: &str, description: &str) -> (u16, String, String) {
    (status, error.into(), description.into())
}
