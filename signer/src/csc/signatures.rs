//! `credentials/authorize` and `signatures/signHash` (CSC API 2.0.0.2 clauses 11.6 and 11.10): hashes are authorized, then
//! signed.

use axum::Json;
use axum::extract::State;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::api::{Authorization, AuthorizeRequest, SignHashRequest, Signatures};
use super::refusal::{Refusal, Refusals};
use super::request::{RequestBody, algorithm_by_length, digests};
use super::session::Client;
use super::sign_algorithm::algorithm;
use super::{Service, TAG};
use crate::signing::{AuthorizationRequest, SAD_LIFE, SigningRequest, WithWarning};

/// Signature activation data for signatures over these hashes.
#[utoipa::path(post, path = "/credentials/authorize", tag = TAG, security(("csc_access_token" = [])), request_body = AuthorizeRequest,
    responses((status = OK, description = "the authorization", body = Authorization), Refusals))]
pub(super) async fn authorize(
    State(service): State<Service>,
    client: Client,
    RequestBody(request): RequestBody<AuthorizeRequest>,
) -> Result<Json<Authorization>, Refusal> {
    let credential = service.credential(&client, &request.credential_id).await?;
    let request = authorization_request(&request, &service)?;
    let granted = service.signer.authorize(client.name(), &credential, request).await;
    let WithWarning { value: sad, warning } =
        granted.map_err(|refusal| Refusal::of_signing(refusal, service.dialect, credential.certificate()))?;
    Ok(Json(Authorization { sad, expires_in: SAD_LIFE.as_secs(), warning }))
}

fn authorization_request(request: &AuthorizeRequest, service: &Service) -> Result<AuthorizationRequest, Refusal> {
    let number = request.num_signatures.required_number("numSignatures")?;
    request.check_nothing_authenticates()?;
    request.check_description()?;
    let named = request.hash_algorithm(service.dialect)?;
    let digests = match request.hashes()? {
        Some(hashes) => Some(digests(named.map_or_else(|| algorithm_by_length(&hashes), Ok)?, hashes)?),
        None => None,
    };
    Ok(AuthorizationRequest { number, digests })
}

/// Signatures over hashes that were authorized: over all of them, or none.
#[utoipa::path(post, path = "/signatures/signHash", tag = TAG, security(("csc_access_token" = [])), request_body = SignHashRequest,
    responses((status = OK, description = "the signatures", body = Signatures), Refusals))]
pub(super) async fn sign_hash(
    State(service): State<Service>,
    client: Client,
    RequestBody(request): RequestBody<SignHashRequest>,
) -> Result<Json<Signatures>, Refusal> {
    let credential = service.credential(&client, &request.credential_id).await?;
    let request = signing_request(&request, credential.kind, &service)?;
    let signed = service.signer.sign_authorized(client.name(), &credential, request).await;
    let WithWarning { value, warning } =
        signed.map_err(|refusal| Refusal::of_signing(refusal, service.dialect, credential.certificate()))?;
    let signatures = value.iter().map(|signature| STANDARD.encode(signature)).collect();
    Ok(Json(Signatures { signatures, warning }))
}

fn signing_request<'a>(
    request: &'a SignHashRequest,
    kind: pki::KeyKind,
    service: &Service,
) -> Result<SigningRequest<'a>, Refusal> {
    let sad = request.sad.required_text("SAD")?;
    let hashes = request.required_hashes()?;
    let sign_algo = request.sign_algo.required_text("signAlgo")?;
    let parameters = request.sign_algo_params.text("signAlgoParams")?;
    let named = request.hash_algorithm(service.dialect)?;
    request.check_synchronous()?;
    let algorithm = algorithm(kind, sign_algo, parameters, named, service.dialect)?;
    let digests = digests(algorithm.digest, hashes)?;
    Ok(SigningRequest { sad, algorithm, digests })
}
