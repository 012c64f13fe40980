//! The CSC API over HTTP, `/csc/v1` and `/csc/v2`. In: POST with a JSON body of at most 64 KiB. Out: JSON, or the
//! API's error form.

mod answer;
mod dialect;
mod oauth;
mod parameters;
mod refusal;
mod sign_algorithm;

use std::sync::Arc;

use axum::extract::{FromRequest, FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use world::problem::{ApiBytes, JsonFromPages};

use self::dialect::Dialect;
use self::parameters::{Certificates, Parameters, algorithm_by_length, digests};
use self::refusal::Refusal;
use crate::Signer;
use crate::client::Session;
use crate::credential::Credential;
use crate::signing::{AuthorizationRequest, Given, SAD_LIFE, SigningRequest};
use crate::standing::Standing;

/// Only digests cross the wire: 1,300 of them in one request.
const LARGEST_BODY: u64 = 64 << 10;

/// How many credentials one page of a list has at most.
const LARGEST_PAGE: u64 = 1_000;

/// The API of a key server, on absolute paths under `/csc/v1` and `/csc/v2`.
pub fn router(signer: Signer) -> Router {
    let dialect = |dialect| methods().with_state(Service { signer: signer.clone(), dialect });
    Router::new().nest("/csc/v1", dialect(Dialect::V1)).nest("/csc/v2", dialect(Dialect::V2))
}

fn methods() -> Router<Service> {
    let offered = Router::new()
        .route("/info", post(info))
        .route("/logo.png", get(logo))
        .route("/oauth2/token", post(oauth::token))
        .route("/oauth2/revoke", post(oauth::revoke))
        .route("/credentials/list", post(list))
        .route("/credentials/info", post(credential_info))
        .route("/credentials/authorize", post(authorize))
        .route("/signatures/signHash", post(sign_hash));
    let methods = NOT_OFFERED.iter().fold(offered, |router, path| router.route(path, any(not_offered)));
    methods.fallback(unknown_method).method_not_allowed_fallback(method_not_allowed).layer(map_response(not_stored))
}

/// Methods of the API, from 1.0 to 2.2, that this service does not have. Documents in particular never reach it.
const NOT_OFFERED: [&str; 13] = [
    "/auth/login",
    "/auth/revoke",
    "/credentials/authorizeCheck",
    "/credentials/getChallenge",
    "/credentials/sendOTP",
    "/credentials/extendTransaction",
    "/signatures/signDoc",
    "/signatures/signPolling",
    "/signatures/timestamp",
    "/oauth2/authorize",
    "/oauth2/pushed_authorize",
    "/credentials/create",
    "/credentials/delete",
];

/// What the methods of one path share.
#[derive(Clone)]
pub(crate) struct Service {
    pub(crate) signer: Signer,
    dialect: Dialect,
}

async fn info(State(service): State<Service>, _: Parameters) -> Json<Value> {
    Json(answer::info(service.dialect, &service.signer.shared.world.base))
}

async fn logo() -> Response {
    let headers = [(header::CONTENT_TYPE, "image/png")];
    (headers, include_bytes!("csc/logo.png").as_slice()).into_response()
}

async fn list(State(service): State<Service>, client: Client, parameters: Parameters) -> Result<Json<Value>, Refusal> {
    // A client that logs in with its own secret may say whose credentials it means (clause 11.4): its own are all it has.
    let user = parameters.string("userID").map_err(|_| Refusal::InvalidParameter("userID"))?;
    if user.is_some_and(|user| user != client.name()) {
        return Err(Refusal::InvalidParameter("userID"));
    }
    let (page, only_valid) = (page(&parameters)?, parameters.flag("onlyValid")?);
    if !page.after.is_empty() && service.own(&client, &page.after).await?.is_none() {
        return Err(Refusal::InvalidParameter("pageToken")); // no page ended there
    }
    let mut ids = service.signer.shared.store.credential_ids(client.name(), &page.after, page.length + 1).await?;
    let more = ids.len() as i64 > page.length;
    ids.truncate(page.length as usize);
    let next = ids.last().filter(|_| more).map(|last| json!({ "nextPageToken": URL_SAFE_NO_PAD.encode(last) }));
    let mut answer = service.described(ids, &parameters, only_valid).await?;
    answer.extend(next.iter().filter_map(Value::as_object).flatten().map(|(k, v)| (k.clone(), v.clone())));
    Ok(Json(Value::Object(answer)))
}

async fn credential_info(
    State(service): State<Service>,
    client: Client,
    parameters: Parameters,
) -> Result<Json<Value>, Refusal> {
    let credential = service.credential(&client, &parameters).await?;
    Ok(Json(service.describe(&credential, Wanted::of(&parameters)?).await?))
}

async fn authorize(
    State(service): State<Service>,
    client: Client,
    parameters: Parameters,
) -> Result<Json<Value>, Refusal> {
    let credential = service.credential(&client, &parameters).await?;
    let number = parameters.number_of_signatures()?;
    parameters.check_nothing_authenticates()?;
    parameters.check_description()?;
    let named = parameters.hash_algorithm(service.dialect)?;
    let digests = match parameters.hashes()? {
        Some(hashes) => Some(digests(named.map_or_else(|| algorithm_by_length(&hashes), Ok)?, hashes)?),
        None => None,
    };
    let request = AuthorizationRequest { number, digests };
    let granted = service.signer.authorize(&client.0.client, &credential, request).await;
    let granted = granted.map_err(|refusal| Refusal::of_signing(refusal, service.dialect, credential.certificate()))?;
    Ok(warned(json!({ "SAD": granted.value, "expiresIn": SAD_LIFE.as_secs() }), granted.warning))
}

async fn sign_hash(
    State(service): State<Service>,
    client: Client,
    parameters: Parameters,
) -> Result<Json<Value>, Refusal> {
    let credential = service.credential(&client, &parameters).await?;
    let sad = parameters.required_string("SAD")?;
    let hashes = parameters.hashes()?.ok_or(Refusal::MissingArray("hash"))?;
    let sign_algo = parameters.required_string("signAlgo")?;
    let sign_parameters = parameters.string("signAlgoParams")?;
    let named = parameters.hash_algorithm(service.dialect)?;
    parameters.check_synchronous()?;
    let algorithm = sign_algorithm::algorithm(credential.kind, sign_algo, sign_parameters, named, service.dialect)?;
    let digests = digests(algorithm.digest, hashes)?;
    let request = SigningRequest { sad, algorithm, digests };
    let signed = service.signer.sign_authorized(client.name(), &credential, request).await;
    let Given { value, warning } =
        signed.map_err(|refusal| Refusal::of_signing(refusal, service.dialect, credential.certificate()))?;
    let signatures: Vec<String> = value.iter().map(|signature| STANDARD.encode(signature)).collect();
    Ok(warned(json!({ "signatures": signatures }), warning))
}

/// An answer with its warning, if there is one: a member beside those of the API.
fn warned(mut answer: Value, warning: Option<String>) -> Json<Value> {
    if let Some(warning) = warning {
        answer["warning"] = json!(warning);
    }
    Json(answer)
}

async fn not_offered(address: Uri) -> Refusal {
    Refusal::NotOffered(address.path().trim_start_matches('/').into())
}

async fn unknown_method(address: Uri) -> Refusal {
    Refusal::UnknownMethod(address.path().trim_start_matches('/').into())
}

async fn method_not_allowed(method: Method) -> Refusal {
    Refusal::MethodNotAllowed(method.to_string())
}

impl Service {
    /// The credential that a request names, if it is this client's.
    async fn credential(&self, client: &Client, parameters: &Parameters) -> Result<Arc<Credential>, Refusal> {
        let id = parameters.required_string("credentialID")?;
        self.own(client, id).await?.ok_or(Refusal::InvalidParameter("credentialID"))
    }

    /// A credential of this client.
    async fn own(&self, client: &Client, id: &str) -> Result<Option<Arc<Credential>>, Refusal> {
        Ok(self.signer.credential(id).await?.filter(|credential| credential.client == client.name()))
    }

    async fn describe(&self, credential: &Credential, wanted: Wanted) -> Result<Value, Refusal> {
        let at = self.signer.shared.world.clock.now();
        let standing = self.signer.standing(credential.certificate(), at).await?;
        let state = answer::State { standing, at };
        Ok(answer::credential(self.dialect, credential, wanted.certificates, wanted.details, state))
    }

    /// Whether what it signs now can be valid, also if it would sign in any case.
    async fn is_valid(&self, credential: &Credential, at: Timestamp) -> Result<bool, Refusal> {
        let usable = credential.check_usable(at).is_ok();
        Ok(usable && self.signer.standing(credential.certificate(), at).await? == Standing::Good)
    }

    /// The body of a list: names, and descriptions if they are asked for.
    async fn described(
        &self,
        ids: Vec<String>,
        parameters: &Parameters,
        only_valid: bool,
    ) -> Result<Map<String, Value>, Refusal> {
        let (with_infos, wanted) = (parameters.flag("credentialInfo")?, Wanted::of(parameters)?);
        let at = self.signer.shared.world.clock.now();
        let (mut listed, mut infos) = (Vec::new(), Vec::new());
        for id in ids {
            let Some(credential) = self.signer.credential(&id).await? else { continue };
            if only_valid && !self.is_valid(&credential, at).await? {
                continue;
            }
            if with_infos {
                let mut info = self.describe(&credential, wanted).await?;
                info["credentialID"] = json!(id);
                infos.push(info);
            }
            listed.push(id);
        }
        let mut body = Map::from_iter([("credentialIDs".to_owned(), json!(listed))]);
        if with_infos {
            body.insert("credentialInfos".into(), json!(infos));
        }
        if only_valid {
            body.insert("onlyValid".into(), json!(true));
        }
        Ok(body)
    }
}

/// What a request wants to be told of a credential.
#[derive(Clone, Copy)]
struct Wanted {
    certificates: Certificates,
    details: bool,
}

impl Wanted {
    fn of(parameters: &Parameters) -> Result<Wanted, Refusal> {
        parameters.flag("authInfo")?; // what it asks for is always told
        Ok(Wanted { certificates: parameters.certificates()?, details: parameters.flag("certInfo")? })
    }
}

struct Page {
    after: String,
    length: i64,
}

/// The page that a request asks for: a page token is the last name of the page before.
fn page(parameters: &Parameters) -> Result<Page, Refusal> {
    let invalid = || Refusal::InvalidParameter("pageToken");
    let token = parameters.string("pageToken").map_err(|_| invalid())?.unwrap_or_default();
    let after = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let length = parameters.maximum_results()?.unwrap_or(LARGEST_PAGE).min(LARGEST_PAGE);
    Ok(Page { after: after.ok_or_else(invalid)?, length: length as i64 })
}

/// The client behind the bearer token of a request.
pub(crate) struct Client(Arc<Session>);

impl Client {
    fn name(&self) -> &str {
        &self.0.client
    }
}

impl FromRequestParts<Service> for Client {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, service: &Service) -> Result<Client, Refusal> {
        let header = authorization(&parts.headers).map_err(|refusal| match refusal {
            Refusal::TwoAuthentications => Refusal::TwoTokens,
            other => other,
        })?;
        let header = header.ok_or(Refusal::MissingToken)?;
        let (scheme, token) = header.split_once(' ').ok_or(Refusal::MalformedAuthorizationHeader)?;
        if !scheme.eq_ignore_ascii_case("bearer") || token.trim().is_empty() {
            return Err(Refusal::MalformedAuthorizationHeader);
        }
        service.signer.session(token.trim()).await?.map(Client).ok_or(Refusal::InvalidToken)
    }
}

/// The Authorization header, of which a request has at most one.
fn authorization(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    match (values.next(), value.to_str()) {
        (Some(_), _) => Err(Refusal::TwoAuthentications),
        (None, text) => text.map(Some).map_err(|_| Refusal::MalformedAuthorizationHeader),
    }
}

impl FromRequest<Service> for Parameters {
    type Rejection = Refusal;

    async fn from_request(request: Request, service: &Service) -> Result<Parameters, Refusal> {
        JsonFromPages::check(request.headers()).map_err(|problem| Refusal::MediaType(problem.description))?;
        match ApiBytes::<LARGEST_BODY>::from_request(request, service).await {
            Ok(ApiBytes(body)) => Parameters::read(&body),
            Err(problem) if problem.status == StatusCode::PAYLOAD_TOO_LARGE => Err(Refusal::TooLarge),
            Err(problem) => Err(Refusal::MalformedJson(problem.description)),
        }
    }
}

/// Tokens, SADs, signatures, and what is refused in their place: nobody on the way is to keep it (RFC 6749 clause 5.1).
async fn not_stored(mut answer: Response) -> Response {
    let headers = answer.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    answer
}
