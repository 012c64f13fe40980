//! `info` (CSC API 2.0.0.2 clause 11.1): what the service offers, to anybody.

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use pki::KeyKind;
use world::server::Secure;

use super::api::{Info, InfoRequest, SignAlgorithms, SignatureFormats};
use super::dialect::Dialect;
use super::refusal::{Refusal, Refusals};
use super::request::RequestBody;
use super::sign_algorithm::offered;
use super::{Service, TAG};

/// What the service offers.
#[utoipa::path(post, path = "/info", tag = TAG, request_body = InfoRequest,
    responses((status = OK, description = "what the service offers", body = Info), Refusals))]
// The addresses are those by which it was asked: a client that was given an https one follows no other.
pub(super) async fn info(
    State(service): State<Service>,
    secure: Option<Extension<Secure>>,
    headers: HeaderMap,
    _: RequestBody<InfoRequest>,
) -> Result<Json<Info>, Refusal> {
    let path = match service.dialect {
        Dialect::V1 => "v1",
        Dialect::V2 => "v2",
    };
    let world = &service.signer.shared.world;
    let base = world.base_asked(secure.is_some(), &headers);
    let base = format!("{base}/csc/{path}/");
    let answer = Info {
        auth_type: ["oauth2client"],
        description: "Signs digests with keys of an e-seal testbed. For testing only: nothing here is to be trusted.",
        lang: "en-US",
        logo: format!("{base}logo.png"),
        methods: service.methods.to_vec(),
        name: "eseal key server",
        oauth2: base,
        region: "JP",
        sign_algorithms: sign_algorithms(),
        specs: "1.0.4.0",
        asynchronous_operation_mode: None,
        conformance_levels: None,
        signature_formats: None,
        supported_hash_types: None,
        supports_rar: None,
        validation_info: None,
    };
    Ok(Json(in_dialect(answer, service.dialect)))
}

fn in_dialect(v1: Info, dialect: Dialect) -> Info {
    match dialect {
        Dialect::V1 => v1,
        Dialect::V2 => Info {
            specs: "2.2.0.0",
            asynchronous_operation_mode: Some(false),
            conformance_levels: Some([]),
            signature_formats: Some(SignatureFormats { formats: [] }),
            supported_hash_types: Some(["dtbsr"]),
            supports_rar: Some(false),
            validation_info: Some(false),
            ..v1
        },
    }
}

fn sign_algorithms() -> SignAlgorithms {
    let kinds = [KeyKind::Rsa { bits: 2048 }, KeyKind::P256];
    SignAlgorithms { algos: kinds.into_iter().flat_map(offered).map(|oid| oid.to_string()).collect() }
}

/// The service's logo.
#[utoipa::path(get, path = "/logo.png", tag = TAG,
    responses((status = OK, description = "a picture", content_type = "image/png")))]
pub(super) async fn logo() -> Response {
    let headers = [(header::CONTENT_TYPE, "image/png")];
    (headers, include_bytes!("logo.png").as_slice()).into_response()
}
