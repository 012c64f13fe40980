//! The CSC API over HTTP, `/csc/v1` and `/csc/v2`. In: POST with a JSON body of at most 64 KiB. Out: JSON, or the
//! API's error form.
//!
//! A method is a handler in the file of its subject, the types of its body and answer in [`api`], and a line in [`methods`].

mod api;
mod credentials;
mod description;
mod dialect;
mod info;
mod member;
mod oauth;
mod refusal;
mod request;
mod session;
mod sign_algorithm;
mod signatures;

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, Uri, header};
use axum::middleware::map_response;
use axum::response::Response;
use tower::ServiceExt;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{OpenApi, RefOr, Required};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};
use utoipa_axum::routes;

use self::dialect::Dialect;
use self::refusal::Refusal;
use crate::Signer;

/// Only digests cross the wire: 1,300 of them in one request.
const LARGEST_BODY: u64 = 64 << 10;

/// Under which the document lists the methods.
const TAG: &str = "key server";

/// The name of an access token in the document.
const TOKEN: &str = "csc_access_token";

/// The API of a key server, on absolute paths under `/csc/v1` and `/csc/v2`.
pub fn router(signer: Signer) -> OpenApiRouter {
    let (v1, v2) = (version(&signer, Dialect::V1), version(&signer, Dialect::V2));
    OpenApiRouter::with_openapi(authentication()).nest("/csc/v1", v1).nest("/csc/v2", v2)
}

/// Every method that a client may call, in the order in which `info` names them.
fn methods() -> [UtoipaMethodRouter<Service>; 6] {
    [
        routes!(oauth::token),
        routes!(oauth::revoke),
        routes!(credentials::list),
        routes!(credentials::info),
        routes!(signatures::authorize),
        routes!(signatures::sign_hash),
    ]
}

/// Methods of the API, from 1.0 to 2.2, that this service does not have. Documents in particular never reach it.
const NOT_OFFERED: [&str; 13] = [
    "auth/login",
    "auth/revoke",
    "credentials/authorizeCheck",
    "credentials/getChallenge",
    "credentials/sendOTP",
    "credentials/extendTransaction",
    "signatures/signDoc",
    "signatures/signPolling",
    "signatures/timestamp",
    "oauth2/authorize",
    "oauth2/pushed_authorize",
    "credentials/create",
    "credentials/delete",
];

/// Methods that can be called without a body: every member of it has a value of its own if it is not there.
const WITHOUT_BODY: [&str; 2] = ["/info", "/credentials/list"];

/// What the methods of one version share.
#[derive(Clone)]
struct Service {
    signer: Signer,
    dialect: Dialect,
    /// What `info` names.
    methods: Arc<[String]>,
}

fn version(signer: &Signer, dialect: Dialect) -> OpenApiRouter {
    let methods = methods();
    let paths = methods.iter().flat_map(|(_, paths, _)| paths.paths.keys());
    let names = paths.map(|path| path.trim_start_matches('/').to_owned()).collect();
    let service = Service { signer: signer.clone(), dialect, methods: names };
    let always = OpenApiRouter::new().routes(routes!(info::info)).routes(routes!(info::logo));
    let (router, mut document) = methods.into_iter().fold(always, OpenApiRouter::routes).split_for_parts();
    for method in WITHOUT_BODY {
        let asked = document.paths.paths.get_mut(method).and_then(|path| path.post.as_mut());
        if let Some(RefOr::T(body)) = asked.and_then(|operation| operation.request_body.as_mut()) {
            body.required = Some(Required::False);
        }
    }
    let router = router.fallback(not_a_method).method_not_allowed_fallback(method_not_allowed).with_state(service);
    // A base that ends with a slash, as in the examples of the API, put together with a method that begins with one: so do clients, such
    // as the EU wallet's. What is left of that address without the version's prefix has one slash, and is looked for once more.
    let known = router.clone();
    let router = router.fallback(move |request: Request| known.oneshot(request));
    described(router.layer(map_response(not_stored)), document)
}

/// A router with the document that was made together with it.
fn described(router: Router, document: OpenApi) -> OpenApiRouter {
    let mut described = OpenApiRouter::from(router);
    *described.get_openapi_mut() = document;
    described
}

/// How clients authenticate, for those who read the document.
fn authentication() -> OpenApi {
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("a token of oauth2/token"));
    let mut document = OpenApi::default();
    document.components.get_or_insert_default().add_security_scheme(TOKEN, SecurityScheme::Http(bearer.build()));
    document
}

async fn not_a_method(address: Uri) -> Refusal {
    let name = address.path().trim_start_matches('/');
    match NOT_OFFERED.contains(&name) {
        true => Refusal::NotOffered(name.into()),
        false => Refusal::UnknownMethod(name.into()),
    }
}

async fn method_not_allowed(method: Method) -> Refusal {
    match method {
        Method::POST => Refusal::OnlyRead, // every other address takes it
        other => Refusal::MethodNotAllowed(other.to_string()),
    }
}

/// Tokens, SADs, signatures, and what is refused in their place: nobody on the way is to keep it (RFC 6749 clause 5.1).
async fn not_stored(mut answer: Response) -> Response {
    let headers = answer.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    answer
}
