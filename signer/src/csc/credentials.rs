//! `credentials/list` and `credentials/info` (CSC API 2.0.0.2 clauses 11.4 and 11.5): a client's own credentials.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;

use super::api::{self, CredentialList, CredentialRequest, ListRequest};
use super::description::{Extent, State as CertificateState, describe};
use super::member::Member;
use super::refusal::{Refusal, Refusals};
use super::request::RequestBody;
use super::session::Client;
use super::{Service, TAG};
use crate::credential::Credential;
use crate::standing::Standing;

/// How many credentials one page of a list has at most.
const LARGEST_PAGE: u64 = 1_000;

/// The client's credentials, by name.
#[utoipa::path(post, path = "/credentials/list", tag = TAG, security(("csc_access_token" = [])), request_body = ListRequest,
    responses((status = OK, description = "the client's credentials, or a page of them", body = CredentialList), Refusals))]
pub(super) async fn list(
    State(service): State<Service>,
    client: Client,
    RequestBody(request): RequestBody<ListRequest>,
) -> Result<Json<CredentialList>, Refusal> {
    check_user(&request, &client)?;
    let (page, only_valid) = (page(&request)?, request.only_valid.flag("onlyValid")?);
    if !page.after.is_empty() && service.own(&client, &page.after).await?.is_none() {
        return Err(Refusal::InvalidParameter("pageToken")); // no page ended there
    }
    let mut ids = service.signer.shared.store.credential_ids(client.name(), &page.after, page.length + 1).await?;
    let more = ids.len() as i64 > page.length;
    ids.truncate(page.length as usize);
    let next_page_token = ids.last().filter(|_| more).map(|last| URL_SAFE_NO_PAD.encode(last));
    let answer = service.listed(ids, &request, only_valid).await?;
    Ok(Json(CredentialList { next_page_token, ..answer }))
}

/// One credential.
#[utoipa::path(post, path = "/credentials/info", tag = TAG, security(("csc_access_token" = [])), request_body = CredentialRequest,
    responses((status = OK, description = "the credential", body = api::Credential), Refusals))]
pub(super) async fn info(
    State(service): State<Service>,
    client: Client,
    RequestBody(request): RequestBody<CredentialRequest>,
) -> Result<Json<api::Credential>, Refusal> {
    let credential = service.credential(&client, &request.credential_id).await?;
    let extent = Extent::of(&request.auth_info, &request.certificates, &request.cert_info)?;
    Ok(Json(service.described(&credential, extent).await?))
}

/// A client that logs in with its own secret may say whose credentials it means (clause 11.4): its own are all it has.
fn check_user(request: &ListRequest, client: &Client) -> Result<(), Refusal> {
    let user = request.user_id.text_or_invalid("userID")?;
    match user.is_none_or(|user| user == &**client.name()) {
        true => Ok(()),
        false => Err(Refusal::InvalidParameter("userID")),
    }
}

struct Page {
    after: String,
    length: i64,
}

/// The page that a request asks for: a page token is the last name of the page before.
fn page(request: &ListRequest) -> Result<Page, Refusal> {
    let token = request.page_token.text_or_invalid("pageToken")?.unwrap_or_default();
    let after = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let length = request.max_results.number("maxResults")?.unwrap_or(LARGEST_PAGE).min(LARGEST_PAGE);
    Ok(Page { after: after.ok_or(Refusal::InvalidParameter("pageToken"))?, length: length as i64 })
}

impl Service {
    /// The credential that a request names, if it is this client's.
    pub(super) async fn credential(&self, client: &Client, id: &Member) -> Result<Arc<Credential>, Refusal> {
        let id = id.required_text("credentialID")?;
        self.own(client, id).await?.ok_or(Refusal::InvalidParameter("credentialID"))
    }

    /// A credential of this client.
    async fn own(&self, client: &Client, id: &str) -> Result<Option<Arc<Credential>>, Refusal> {
        Ok(self.signer.credential(id).await?.filter(|credential| credential.client == **client.name()))
    }

    async fn described(&self, credential: &Credential, extent: Extent) -> Result<api::Credential, Refusal> {
        let at = self.signer.shared.world.clock.now();
        let standing = self.signer.standing(credential.certificate(), at).await?;
        Ok(describe(self.dialect, credential, extent, CertificateState { standing, at }))
    }

    /// Whether what it signs now can be valid, also if it would sign in any case.
    async fn is_valid(&self, credential: &Credential, at: Timestamp) -> Result<bool, Refusal> {
        let usable = credential.check_usable(at).is_ok();
        Ok(usable && self.signer.standing(credential.certificate(), at).await? == Standing::Good)
    }

    /// A list: names, and descriptions if they are asked for.
    async fn listed(
        &self,
        ids: Vec<String>,
        request: &ListRequest,
        only_valid: bool,
    ) -> Result<CredentialList, Refusal> {
        let with_infos = request.credential_info.flag("credentialInfo")?;
        let extent = Extent::of(&request.auth_info, &request.certificates, &request.cert_info)?;
        let at = self.signer.shared.world.clock.now();
        let (mut credential_ids, mut infos) = (Vec::new(), Vec::new());
        for id in ids {
            let Some(credential) = self.signer.credential(&id).await? else { continue };
            if only_valid && !self.is_valid(&credential, at).await? {
                continue;
            }
            if with_infos {
                let described = self.described(&credential, extent).await?;
                infos.push(api::Credential { credential_id: Some(id.clone()), ..described });
            }
            credential_ids.push(id);
        }
        let credential_infos = with_infos.then_some(infos);
        Ok(CredentialList { credential_ids, credential_infos, next_page_token: None, only_valid })
    }
}
