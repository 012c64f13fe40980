//! The token endpoint: client credentials (RFC 6749 clause 4.4) and revocation (RFC 7009), as the CSC API uses them.
//! In: a form, with the client's name and secret in it or as HTTP Basic. Out: a bearer token, or an OAuth error.

use std::collections::BTreeMap;

use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Form, Json};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use world::problem::ApiBytes;

use super::refusal::Refusal;
use super::{LARGEST_BODY, Service, authorization};
use crate::Signer;
use crate::client::TOKEN_LIFE;

/// The parameters of a form, each at most once; one without a value is left out (RFC 6749 clause 3.2).
pub(crate) struct OAuthForm(BTreeMap<String, String>);

pub(crate) async fn token(
    State(service): State<Service>,
    headers: HeaderMap,
    form: OAuthForm,
) -> Result<Response, Refusal> {
    match form.required("grant_type")? {
        "client_credentials" => {}
        _ => return Err(Refusal::UnsupportedGrantType),
    }
    let client = authenticated(&service.signer, &headers, &form).await?;
    if form.0.get("scope").is_some_and(|scope| scope != "service") {
        return Err(Refusal::InvalidScope);
    }
    let token = service.signer.issue_token(&client).await?;
    let life = TOKEN_LIFE.as_secs();
    let body = json!({ "access_token": token, "token_type": "Bearer", "expires_in": life, "scope": "service" });
    Ok(Json(body).into_response())
}

pub(crate) async fn revoke(
    State(service): State<Service>,
    headers: HeaderMap,
    form: OAuthForm,
) -> Result<Response, Refusal> {
    let client = authenticated(&service.signer, &headers, &form).await?;
    service.signer.revoke_token(&client, form.required("token")?).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The client that proved by its secret who it is. It does so in one way: two are refused whatever they say (RFC 6749
/// clause 2.3), but it may name itself in the body too, by the same name.
async fn authenticated(signer: &Signer, headers: &HeaderMap, form: &OAuthForm) -> Result<String, Refusal> {
    let asserts = ["client_assertion", "client_assertion_type"].iter().any(|name| form.0.contains_key(*name));
    let has_secret = form.0.contains_key("client_secret");
    let (client, secret) = match authorization(headers)? {
        Some(_) if has_secret || asserts => return Err(Refusal::TwoAuthentications),
        Some(header) => {
            let (client, secret) = basic(header)?;
            if form.0.get("client_id").is_some_and(|name| *name != client) {
                return Err(Refusal::TwoAuthentications);
            }
            (client, secret)
        }
        None if has_secret && asserts => return Err(Refusal::TwoAuthentications),
        None if asserts => return Err(Refusal::ClientAuthorizationRequired), // RFC 7521: a method that is not offered
        None => {
            let client = form.required("client_id")?;
            let secret = form.0.get("client_secret").ok_or(Refusal::ClientAuthorizationRequired)?;
            (client.to_owned(), secret.clone())
        }
    };
    match signer.knows_secret(&client, &secret).await? {
        Some(true) => Ok(client),
        Some(false) => Err(Refusal::InvalidClient("client_secret")),
        None => Err(Refusal::InvalidClient("client_id")),
    }
}

/// Name and secret of HTTP Basic (RFC 7617), each form-encoded before (RFC 6749 clause 2.3.1). Another scheme is a method of
/// authentication that is not offered.
fn basic(header: &str) -> Result<(String, String), Refusal> {
    let (scheme, encoded) = header.split_once(' ').unwrap_or((header, ""));
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(Refusal::ClientAuthorizationRequired);
    }
    let malformed = || Refusal::MalformedBasic;
    let decoded = STANDARD.decode(encoded.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let decoded = decoded.ok_or_else(malformed)?;
    let (client, secret) = decoded.split_once(':').ok_or_else(malformed)?;
    Ok((form_decoded(client).ok_or_else(malformed)?, form_decoded(secret).ok_or_else(malformed)?))
}

/// What stands for itself in a form, `%` with two hexadecimal digits, and `+` for a space.
fn form_decoded(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    let mut pieces = spaced.split('%');
    let mut bytes = pieces.next()?.as_bytes().to_vec();
    for piece in pieces {
        let (digits, rest) = piece.split_at_checked(2)?;
        bytes.extend(hex::decode(digits).ok()?);
        bytes.extend(rest.as_bytes());
    }
    String::from_utf8(bytes).ok()
}

impl OAuthForm {
    fn required(&self, name: &'static str) -> Result<&str, Refusal> {
        self.0.get(name).map(String::as_str).ok_or(Refusal::MissingFormParameter(name))
    }
}

impl FromRequest<Service> for OAuthForm {
    type Rejection = Refusal;

    async fn from_request(request: Request, service: &Service) -> Result<OAuthForm, Refusal> {
        let (head, body) = request.into_parts();
        // Read by our own extractor first: it lets a client that is still sending hear that it sends too much.
        let body = ApiBytes::<LARGEST_BODY>::from_request(Request::from_parts(head.clone(), body), service).await;
        let ApiBytes(body) = body.map_err(|problem| match problem.status {
            StatusCode::PAYLOAD_TOO_LARGE => Refusal::TooLarge,
            _ => Refusal::FormMalformed,
        })?;
        let form = Form::<Vec<(String, String)>>::from_request(Request::from_parts(head, body.into()), service).await;
        let Form(pairs) = form.map_err(|_| Refusal::FormMalformed)?;
        let mut members = BTreeMap::new();
        for (name, value) in pairs {
            if members.insert(name.clone(), value).is_some() {
                return Err(Refusal::FormRepeats(name));
            }
        }
        members.retain(|_, value| !value.is_empty());
        Ok(OAuthForm(members))
    }
}
