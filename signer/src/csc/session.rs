//! The client behind the bearer token of a request (RFC 6750 clause 2.1).

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};

use super::Service;
use super::refusal::Refusal;
use crate::client::Session;

/// A client that has an access token.
pub(super) struct Client(Arc<Session>);

impl Client {
    pub(super) fn name(&self) -> &Arc<str> {
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
pub(super) fn authorization(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    match (values.next(), value.to_str()) {
        (Some(_), _) => Err(Refusal::TwoAuthentications),
        (None, text) => text.map(Some).map_err(|_| Refusal::MalformedAuthorizationHeader),
    }
}
