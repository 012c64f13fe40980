//! Messages of learning platforms over HTTP (Standard Webhooks), and the secret for them.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use world::problem::{ApiBytes, Problem};

use super::LARGEST_COMPLETION;
use crate::api::{CompletionAnswer, CompletionMessage, WebhookSecret};
use crate::error::Error;
use crate::issue::Issuer;
use crate::likeness;
use crate::webhook::{MessageError, SignedMessage};

pub(super) fn routes() -> OpenApiRouter<Issuer> {
    OpenApiRouter::new().routes(routes!(receive)).routes(routes!(secret)).routes(routes!(rotate))
}

/// Takes the message of a learning platform that somebody has completed something, and issues the certificate.
///
/// Signed as Standard Webhooks say. A message that comes again, by its id, is answered with the certificate that was issued then.
#[utoipa::path(
    post,
    path = "/issuer/api/completions",
    operation_id = "receive_completion",
    tag = "issuer",
    params(
        ("webhook-id" = String, Header, description = "the message's own id, the same whenever it is sent: 1 to 255 visible ASCII characters without a dot", example = "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W"),
        ("webhook-timestamp" = String, Header, description = "seconds since 1970; at most five minutes from the world's time", example = "1795510800"),
        ("webhook-signature" = String, Header, description = "`v1,` and HMAC-SHA256 over ID.TIME.BODY in base64; several with blanks between", example = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
    ),
    request_body(content = CompletionMessage, description = "a message, of at most 4 MiB"),
    responses(
        (status = OK, description = "the certificate", body = CompletionAnswer),
        (status = BAD_REQUEST, description = "a header or the body cannot be read, or the message is not from now", body = Problem),
        (status = UNAUTHORIZED, description = "it was not signed, or not with the secret", body = Problem),
        (status = CONFLICT, description = "its id was that of another message; evidence for the level is lacking", body = Problem),
        (status = UNPROCESSABLE_ENTITY, description = "it is of another type, or a member cannot be certified or printed", body = Problem),
        (status = BAD_GATEWAY, description = "key server or time-stamping authority did not do their part", body = Problem),
        (status = SERVICE_UNAVAILABLE, description = "it is being worked on, or too many documents are", body = Problem),
    ),
)]
async fn receive(
    State(issuer): State<Issuer>,
    headers: HeaderMap,
    ApiBytes(body): ApiBytes<LARGEST_COMPLETION>,
) -> Result<Json<CompletionAnswer>, Problem> {
    let place = issuer.world.pools.documents.enter()?;
    let work = async move {
        let value = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let (id, time, signatures) = (value("webhook-id"), value("webhook-timestamp"), value("webhook-signature"));
        let issued = issuer.receive(&SignedMessage::new(id, time, signatures, &body)?).await?;
        Ok::<_, Error>((likeness::beside(&issuer, &issued).await?, issued.summary))
    };
    let (also, summary) = place.run(work).await??;
    Ok(Json(CompletionAnswer { address: summary.address, also, number: summary.number, pdf: summary.pdf }))
}

/// The secret with which learning platforms sign their messages.
#[utoipa::path(
    get,
    path = "/issuer/api/webhook",
    operation_id = "webhook_secret",
    tag = "issuer",
    responses((status = OK, description = "the secret that counts now", body = WebhookSecret)),
)]
async fn secret(State(issuer): State<Issuer>) -> Result<Json<WebhookSecret>, Problem> {
    Ok(Json(issuer.webhook_secret().await?))
}

/// Another secret for messages. The one before it counts for a day more.
#[utoipa::path(
    post,
    path = "/issuer/api/webhook/rotate",
    operation_id = "rotate_webhook_secret",
    tag = "issuer",
    responses((status = OK, description = "the secret that counts now", body = WebhookSecret)),
)]
async fn rotate(State(issuer): State<Issuer>) -> Result<Json<WebhookSecret>, Problem> {
    Ok(Json(issuer.rotate_webhook_secret().await?))
}

/// What a platform is told whose message is not taken.
pub(super) fn refusal(error: MessageError) -> Problem {
    match error {
        MessageError::Header { .. }
        | MessageError::OutOfTime { .. }
        | MessageError::TwoLevels { .. }
        | MessageError::Timestamp { .. } => Problem::bad_request(error),
        MessageError::Signature | MessageError::Unsigned => {
            Problem::new(StatusCode::UNAUTHORIZED, "invalid_signature", error)
        }
        MessageError::IdTaken { .. } => Problem::conflict(error),
        MessageError::UnknownType { .. } => Problem::unprocessable(error),
    }
}
