//! The token endpoint: client credentials (RFC 6749 clause 4.4) and revocation (RFC 7009), as the CSC API uses them.
//! In: a form, with the client's name and secret in it or as HTTP Basic. Out: a bearer token, or an OAuth error.

use std::collections::BTreeMap;

use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::{Service, not_stored};
use crate::Signer;
use crate::client::TOKEN_LIFE;
use crate::refusal::Refusal;

/// The parameters of a form, each at most once (RFC 6749 clause 3.2).
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
    if form.0.get("scope").is_some_and(|scope| !scope.is_empty() && scope != "service") {
        return Err(Refusal::InvalidScope);
    }
    let token = service.signer.issue_token(&client).await?;
    let life = TOKEN_LIFE.as_secs();
    Ok(not_stored(json!({ "access_token": token, "token_type": "Bearer", "expires_in": life, "scope": "service" })))
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

/// The client that proved by its secret who it is.
async fn authenticated(signer: &Signer, headers: &HeaderMap, form: &OAuthForm) -> Result<String, Refusal> {
    let (client, secret) = match headers.get(header::AUTHORIZATION) {
        Some(header) => basic(header.as_bytes()).ok_or(Refusal::MalformedAuthorizationHeader)?,
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

/// Name and secret of HTTP Basic (RFC 7617). Both are made of characters that form encoding leaves as they are.
fn basic(header: &[u8]) -> Option<(String, String)> {
    let (scheme, encoded) = std::str::from_utf8(header).ok()?.split_once(' ')?;
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (client, secret) = decoded.split_once(':')?;
    scheme.eq_ignore_ascii_case("basic").then(|| (client.to_owned(), secret.to_owned()))
}

impl OAuthForm {
    fn required(&self, name: &'static str) -> Result<&str, Refusal> {
        let value = self.0.get(name).map(String::as_str);
        value.filter(|text| !text.is_empty()).ok_or(Refusal::MissingFormParameter(name))
    }
}

impl FromRequest<Service> for OAuthForm {
    type Rejection = Refusal;

    async fn from_request(request: Request, service: &Service) -> Result<OAuthForm, Refusal> {
        let form = Form::<Vec<(String, String)>>::from_request(request, service).await;
        let Form(pairs) = form.map_err(|rejection: FormRejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Refusal::TooLarge,
            _ => Refusal::FormMalformed,
        })?;
        let mut members = BTreeMap::new();
        for (name, value) in pairs {
            if members.insert(name.clone(), value).is_some() {
                return Err(Refusal::FormRepeats(name));
            }
        }
        Ok(OAuthForm(members))
    }
}
