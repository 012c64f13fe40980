//! The token endpoint: client credentials (RFC 6749 clause 4.4) and revocation (RFC 7009), as the CSC API uses them.
//! In: a form, with the client's name and secret in it or as HTTP Basic. Out: a bearer token, or an OAuth error.

use std::collections::BTreeMap;

use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::{Form, Json};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;
use serde::de::value::{Error as FormError, MapDeserializer};
use world::problem::ApiBytes;

use super::api::{ClientAuthentication, RevokeRequest, Token, TokenRequest};
use super::refusal::{Refusal, Refusals};
use super::session::authorization;
use super::{LARGEST_BODY, Service, TAG};
use crate::Signer;
use crate::client::TOKEN_LIFE;

/// A form whose parameters are there at most once each; one without a value is as good as none (RFC 6749 clause 3.2).
pub(super) struct OAuthForm<T>(T);

/// An access token for a client that proves who it is.
#[utoipa::path(post, path = "/oauth2/token", tag = TAG,
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses((status = OK, description = "an access token", body = Token), Refusals))]
pub(super) async fn token(
    State(service): State<Service>,
    headers: HeaderMap,
    OAuthForm(form): OAuthForm<TokenRequest>,
) -> Result<Json<Token>, Refusal> {
    match required("grant_type", &form.grant_type)? {
        "client_credentials" => {}
        _ => return Err(Refusal::UnsupportedGrantType),
    }
    let client = authenticated(&service.signer, &headers, &form.client).await?;
    if !matches!(&*form.scope, "" | "service") {
        return Err(Refusal::InvalidScope);
    }
    let (access_token, expires_in) = (service.signer.issue_token(&client).await?, TOKEN_LIFE.as_secs());
    Ok(Json(Token { access_token, expires_in, scope: "service", token_type: "Bearer" }))
}

/// Revokes an access token of the client; another's, or an unknown one, is left as it is.
#[utoipa::path(post, path = "/oauth2/revoke", tag = TAG,
    request_body(content = RevokeRequest, content_type = "application/x-www-form-urlencoded"),
    responses((status = NO_CONTENT, description = "the token is of no use any more"), Refusals))]
pub(super) async fn revoke(
    State(service): State<Service>,
    headers: HeaderMap,
    OAuthForm(form): OAuthForm<RevokeRequest>,
) -> Result<StatusCode, Refusal> {
    let client = authenticated(&service.signer, &headers, &form.client).await?;
    service.signer.revoke_token(&client, required("token", &form.token)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The client that proved by its secret who it is. It does so in one way: two are refused whatever they say (RFC 6749
/// clause 2.3), but it may name itself in the body too, by the same name.
async fn authenticated(signer: &Signer, headers: &HeaderMap, form: &ClientAuthentication) -> Result<String, Refusal> {
    let asserts = !form.client_assertion.is_empty() || !form.client_assertion_type.is_empty();
    let has_secret = !form.client_secret.is_empty();
    let (client, secret) = match authorization(headers)? {
        Some(_) if has_secret || asserts => return Err(Refusal::TwoAuthentications),
        Some(header) => {
            let (client, secret) = basic(header)?;
            if !form.client_id.is_empty() && form.client_id != client {
                return Err(Refusal::TwoAuthentications);
            }
            (client, secret)
        }
        None if has_secret && asserts => return Err(Refusal::TwoAuthentications),
        None if asserts => return Err(Refusal::ClientAuthorizationRequired), // RFC 7521: a method that is not offered
        None => {
            let client = required("client_id", &form.client_id)?;
            if !has_secret {
                return Err(Refusal::ClientAuthorizationRequired);
            }
            (client.to_owned(), form.client_secret.clone())
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
    let is_digit = |byte: &u8| byte.is_ascii_hexdigit();
    let coded = |piece: &str| piece.as_bytes().get(..2).is_some_and(|digits| digits.iter().all(is_digit));
    let text = text.split('%').skip(1).all(coded).then(|| text.replace('+', " "))?;
    percent_decode_str(&text).decode_utf8().ok().map(Into::into)
}

fn required<'a>(name: &'static str, value: &'a str) -> Result<&'a str, Refusal> {
    if value.is_empty() { Err(Refusal::MissingFormParameter(name)) } else { Ok(value) }
}

impl<T: DeserializeOwned> FromRequest<Service> for OAuthForm<T> {
    type Rejection = Refusal;

    async fn from_request(request: Request, service: &Service) -> Result<OAuthForm<T>, Refusal> {
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
        let form = T::deserialize(MapDeserializer::<_, FormError>::new(members.into_iter()));
        form.map(OAuthForm).map_err(|_| Refusal::FormMalformed)
    }
}
