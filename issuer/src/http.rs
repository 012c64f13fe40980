//! The issuer over HTTP: certificates from completion data, seals on any PDF, what was issued, and what a badge refers to.

mod described;
mod language;
mod message;
mod registers;
mod standing;
mod templates;
mod unknown_members;

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use pades::{Document, Permission, Placement};
use sealing::{EarlierSeals, Level, SealOptions, Source, check_reason};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use world::conditional::Representation;
use world::guard::Stranger;
use world::problem::Problem;
use world::problem::{ApiBytes, ApiJson, ApiPath, ApiQuery, JsonFromPages};

use crate::api::{
    Gap, Gaps, GapsQuery, GiveUp, IssueQuery, IssuedAnswer, IssuedCertificates, IssuedDetails, IssuedSummary,
    IssuerProfile, JsonWebKey, ListQuery, ListedCertificate, OrganizationEntry, Organizations, SealQuery,
};
use crate::batch;
use crate::completion::{Completion, CompletionData};
use crate::error::Error;
use crate::issue::Issuer;
use crate::likeness;
use crate::number::CertificateNumber;
use crate::repeats;
use crate::seal_header::{self, SEAL_HEADER};
use crate::settings::Settings;
use crate::standing::check_words;
use crate::store::{Beside, Issued};

use described::{CertificateId, FileCode, UnknownCertificate};

pub(crate) use described::{BatchId, UnknownBatch};
pub(crate) use language::FileQuery;
pub use registers::Upload;

/// The largest PDF that is sealed.
const LARGEST_PDF: u64 = 128 << 20;

/// The largest completion data: a badge picture of its own, and texts.
const LARGEST_COMPLETION: u64 = 4 << 20;

/// The most certificates that are listed.
const MOST_LISTED: u32 = 1000;

/// The issuer's addresses.
pub fn router(issuer: Issuer) -> OpenApiRouter {
    unknown_members::refused(routes()).with_state(issuer)
}

fn routes() -> OpenApiRouter<Issuer> {
    OpenApiRouter::new()
        .merge(batch::routes())
        .merge(registers::routes())
        .routes(routes!(issue, list))
        .routes(routes!(show))
        .routes(routes!(pdf))
        .routes(routes!(badge))
        .merge(standing::routes())
        .merge(message::routes())
        .routes(routes!(gaps))
        .routes(routes!(give_up))
        .merge(templates::routes())
        .routes(routes!(seal))
        .routes(routes!(profile))
        .routes(routes!(organizations))
        .routes(routes!(organization_profile))
        .routes(routes!(key))
        .routes(routes!(picture))
}

/// Issues a certificate.
///
/// Issuing it again after a failure, also with data that was corrected, keeps its number. A request that is repeated with the same
/// `Idempotency-Key` gets the certificate of the first one, also if the server was killed in between.
#[utoipa::path(
    post,
    path = "/issuer/api/certificates",
    tag = "issuer",
    params(
        IssueQuery,
        ("Idempotency-Key" = Option<String>, Header, description = "by which a repeated request is known: 1 to 255 visible ASCII characters, in quotation marks or without"),
    ),
    request_body(content = CompletionData, description = "completion data, of at most 4 MiB"),
    responses(
        (status = CREATED, description = "it is sealed, checked and kept", body = IssuedAnswer, headers(("location" = String, description = "its address"))),
        (status = CONFLICT, description = "evidence for the level is lacking, a certificate that the seal needs is revoked, on hold or not valid now, or a request with the same Idempotency-Key is being answered", body = Problem),
        (status = UNPROCESSABLE_ENTITY, description = "a member cannot be certified or printed, or the Idempotency-Key came with other content before", body = Problem),
        (status = BAD_GATEWAY, description = "key server or time-stamping authority did not do their part", body = Problem),
        (status = SERVICE_UNAVAILABLE, description = "too many documents are worked on now", body = Problem),
    ),
)]
async fn issue(
    State(issuer): State<Issuer>,
    ApiQuery(query): ApiQuery<IssueQuery>,
    _: JsonFromPages,
    headers: HeaderMap,
    ApiBytes(body): ApiBytes<LARGEST_COMPLETION>,
) -> Result<Created<IssuedAnswer>, Problem> {
    let asked_by = repeats::asked_by(&headers)?;
    let place = issuer.world.pools.documents.enter()?;
    let completion = Completion::from_json(&body)?.by_template(query.template.as_deref())?;
    let level = level(query.level.as_deref(), completion.level())?;
    let worker = issuer.in_the_name_of(query.organization.as_deref())?;
    let work = async move {
        let credential = query.credential.as_deref();
        let issued = match asked_by {
            None => worker.issue(&completion, level, credential).await?,
            Some(asked_by) => {
                let content = repeats::content(&query, &body);
                let issue = worker.issue_beside(&completion, level, credential, Some(Beside::Repeatable(&asked_by)));
                repeats::once(&worker, &asked_by, &content, issue).await?
            }
        };
        let also = likeness::beside(&worker, &issued).await?;
        Ok::<_, Error>(IssuedAnswer { also, summary: issued.summary })
    };
    let answer = place.run(work).await??;
    Ok((StatusCode::CREATED, [location(&issuer, &answer.summary.number)], Json(answer)))
}

/// The answer to whoever had a certificate made, with the address of that.
type Created<T> = (StatusCode, [(HeaderName, String); 1], Json<T>);

/// Where a certificate is.
fn location(issuer: &Issuer, number: &CertificateNumber) -> (HeaderName, String) {
    (header::LOCATION, format!("{}/issuer/api/certificates/{number}", issuer.world.base))
}

/// The newest certificates, or a page of those that are looked for.
#[utoipa::path(
    get,
    path = "/issuer/api/certificates",
    tag = "issuer",
    params(ListQuery),
    responses(
        (status = OK, description = "newest first", body = IssuedCertificates),
        (status = BAD_REQUEST, description = "a member cannot be looked for: it is empty, or a number is mistyped", body = Problem),
    ),
)]
async fn list(
    State(issuer): State<Issuer>,
    ApiQuery(query): ApiQuery<ListQuery>,
) -> Result<Json<IssuedCertificates>, Problem> {
    if query != ListQuery::default() {
        return Ok(Json(issuer.search(&query).await?));
    }
    let bare = |summary| ListedCertificate { summary, state: None, superseded_by: None };
    let certificates = issuer.newest(MOST_LISTED).await?.into_iter().map(bare).collect();
    Ok(Json(IssuedCertificates { certificates, next: None }))
}

/// One certificate.
#[utoipa::path(
    get,
    path = "/issuer/api/certificates/{number}",
    tag = "issuer",
    params(CertificateId),
    responses(
        (status = OK, description = "what is known of it, and what it counts for", body = IssuedDetails),
        UnknownCertificate,
    ),
)]
async fn show(
    State(issuer): State<Issuer>,
    ApiPath(CertificateId { number }): ApiPath<CertificateId>,
) -> Result<Json<IssuedDetails>, Problem> {
    let (issued, standing) = (issuer.find(&number).await?, issuer.standing(&number).await?);
    Ok(Json(IssuedDetails { summary: issued.summary, standing }))
}

/// The sealed file of a certificate.
///
/// At a server that others reach, whoever has shown no token gives the confirmation code that is printed on it: numbers count up, and
/// would lead to everybody's file.
#[utoipa::path(
    get,
    path = "/issuer/api/certificates/{number}/pdf",
    tag = "issuer",
    params(CertificateId, FileCode),
    responses(
        (status = OK, description = "the file", content_type = "application/pdf"),
        (status = FORBIDDEN, description = "the confirmation code is wanted, at a server that others reach", body = Problem),
        UnknownCertificate,
    ),
)]
async fn pdf(
    State(issuer): State<Issuer>,
    ApiPath(CertificateId { number }): ApiPath<CertificateId>,
    ApiQuery(FileCode { code }): ApiQuery<FileCode>,
    stranger: Option<Extension<Stranger>>,
) -> Result<Response, Problem> {
    let Issued { summary, pdf, .. } = issuer.find(&number).await?;
    confirmed(stranger, code, &summary)?;
    let disposition = format!("inline; filename=\"{}.pdf\"", summary.number);
    let headers = [(header::CONTENT_TYPE, "application/pdf".to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, pdf).into_response())
}

/// Refuses strangers who do not give the confirmation code.
fn confirmed(
    stranger: Option<Extension<Stranger>>,
    code: Option<String>,
    summary: &IssuedSummary,
) -> Result<(), Problem> {
    let Some(Extension(stranger)) = stranger else { return Ok(()) };
    let given = code.filter(|code| !code.trim().is_empty());
    if let Some(code) = given
        && stranger.shows(&code, |code| summary.is_confirmed_by(code))?
    {
        return Ok(());
    }
    let problem =
        "this file is for whoever shows the confirmation code that is printed on it, or a token: ?code=XXXX-XXXX-XXXX";
    let japanese =
        "この原本は、証明書に印刷された確認コード、またはトークンを示した人だけが開けます（?code=XXXX-XXXX-XXXX）";
    Err(Problem::new(StatusCode::FORBIDDEN, "confirmation_code", problem).in_japanese(japanese.to_owned()))
}

/// The Open Badge of a certificate.
///
/// That of a revoked certificate is gone. The header `eseal-certificate-state` tells what the certificate counts for. At a server that others
/// reach, whoever has shown no token gives the confirmation code of the certificate, as for its file: the badge says what was achieved.
#[utoipa::path(
    get,
    path = "/issuer/api/certificates/{number}/badge",
    tag = "issuer",
    params(CertificateId, FileCode),
    responses(
        (status = OK, description = "a VC-JWT, compact (Open Badges 3.0, clause 8.2)", content_type = "text/plain", body = String,
            headers(("eseal-certificate-state" = String, description = "`valid`, `suspended`, `superseded` or `expired`"))),
        (status = FORBIDDEN, description = "the confirmation code is wanted, at a server that others reach", body = Problem),
        (status = NOT_FOUND, description = "none has that number, it is mistyped, or its template has no badge", body = Problem),
        (status = GONE, description = "its certificate was revoked, since when and why", body = Problem),
    ),
)]
async fn badge(
    State(issuer): State<Issuer>,
    ApiPath(CertificateId { number }): ApiPath<CertificateId>,
    ApiQuery(FileCode { code }): ApiQuery<FileCode>,
    stranger: Option<Extension<Stranger>>,
) -> Result<Response, Problem> {
    let Issued { summary, badge, .. } = issuer.find(&number).await?;
    if badge.is_empty() {
        let problem =
            format!("{} has no badge: its template, {}, certifies no achievement", summary.number, summary.template);
        return Err(Problem::not_found(problem));
    }
    let state = standing::of_badge(&issuer.standing(&number).await?)?;
    confirmed(stranger, code, &summary)?;
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8"), state], badge).into_response())
}

/// Numbers without a certificate.
#[utoipa::path(
    get,
    path = "/issuer/api/numbers/gaps",
    tag = "issuer",
    params(GapsQuery),
    responses(
        (status = OK, description = "each with what is to become of it, and where those that follow begin", body = Gaps),
        (status = BAD_REQUEST, description = "a limit or a number that is none", body = Problem),
    ),
)]
async fn gaps(State(issuer): State<Issuer>, ApiQuery(query): ApiQuery<GapsQuery>) -> Result<Json<Gaps>, Problem> {
    Ok(Json(issuer.gaps_page(&query).await?))
}

/// Gives a number up that waits for its certificate.
#[utoipa::path(
    post,
    path = "/issuer/api/numbers/{number}/give-up",
    tag = "issuer",
    params(CertificateId),
    request_body = GiveUp,
    responses(
        (status = OK, description = "no certificate will have it", body = Gap),
        (status = NOT_FOUND, description = "it is mistyped", body = Problem),
        (status = CONFLICT, description = "it does not wait for a certificate", body = Problem),
    ),
)]
async fn give_up(
    State(issuer): State<Issuer>,
    ApiPath(CertificateId { number }): ApiPath<CertificateId>,
    ApiJson(GiveUp { reason }): ApiJson<GiveUp>,
) -> Result<Json<Gap>, Problem> {
    check_words(&reason, None)?;
    Ok(Json(issuer.give_up(&number, &reason).await?))
}

/// Seals any PDF.
///
/// The file stays here: what goes to key server and time-stamping authority are digests.
#[utoipa::path(
    post,
    path = "/issuer/api/seals",
    tag = "issuer",
    params(SealQuery),
    request_body(content_type = "application/pdf", description = "The PDF, of at most 128 MiB; its media type is not asked for."),
    responses(
        (status = OK, description = "the sealed file, which has passed its own check", content_type = "application/pdf",
            headers(("eseal-seal" = String, description = "what was sealed, as JSON in ASCII: a SealSummary"))),
        (status = CONFLICT, description = "evidence for the level is lacking, or a certificate is not valid now", body = Problem),
        (status = UNPROCESSABLE_ENTITY, description = "it cannot be sealed safely, or an earlier seal would suffer", body = Problem),
        (status = BAD_GATEWAY, description = "key server or time-stamping authority did not do their part", body = Problem),
        (status = SERVICE_UNAVAILABLE, description = "too many documents are worked on now", body = Problem),
    ),
)]
async fn seal(
    State(issuer): State<Issuer>,
    ApiQuery(query): ApiQuery<SealQuery>,
    ApiBytes(body): ApiBytes<LARGEST_PDF>,
) -> Result<Response, Problem> {
    let (level, certify) = (level(query.level.as_deref(), None)?, query.certify()?);
    query.reason.as_deref().map_or(Ok(()), check_reason).map_err(Problem::bad_request)?;
    let worker = issuer.clone();
    let work = async move {
        let document = Document::parse(body)?;
        worker.sealer.seal(&document, &query.options(&worker, level, certify)).await
    };
    let sealed = issuer.world.pools.documents.run(work).await??;
    let media_type = HeaderValue::from_static("application/pdf");
    let headers = [(header::CONTENT_TYPE, media_type), (SEAL_HEADER, seal_header::value(&sealed))];
    Ok((headers, sealed.pdf).into_response())
}

/// The organizations that issue in this world.
#[utoipa::path(
    get,
    path = "/issuer/organizations",
    tag = "issuer",
    responses((status = OK, description = "the one that issues when none is named, first", body = Organizations)),
)]
async fn organizations(State(issuer): State<Issuer>) -> Json<Organizations> {
    let entry = |settings: &Arc<Settings>| {
        let organization = settings.organization().clone();
        OrganizationEntry {
            badge_credential: organization.badge_credential,
            default: Arc::ptr_eq(settings, &issuer.organizations[0]),
            id: organization.id,
            name_en: organization.name_en,
            name_ja: organization.name_ja,
            number_prefix: organization.number_prefix,
            profile: settings.profile_address(),
            seal_credential: organization.seal_credential,
            signatory_en: organization.signatory_en,
            signatory_ja: organization.signatory_ja,
        }
    };
    Json(Organizations { organizations: issuer.organizations.iter().map(entry).collect() })
}

/// An organization, as its badges name it.
#[utoipa::path(
    get,
    path = "/issuer/organizations/{id}/profile",
    tag = "issuer",
    params(("id" = String, Path, description = "its id", example = "tbu")),
    responses(
        (status = OK, description = "its profile (Open Badges 3.0, clause B.1.20)", body = IssuerProfile),
        (status = NOT_FOUND, description = "none has that id; the answer lists those there are", body = Problem),
    ),
)]
async fn organization_profile(
    State(issuer): State<Issuer>,
    ApiPath(id): ApiPath<String>,
) -> Result<Json<IssuerProfile>, Problem> {
    let issuer = issuer.in_the_name_of(Some(&id)).map_err(Problem::not_found)?;
    Ok(Json(crate::badge::issuer_profile(&issuer.settings)))
}

/// The issuer, as badges name it: the organization that issues when none is named.
#[utoipa::path(
    get,
    path = "/issuer/profile",
    tag = "issuer",
    responses((status = OK, description = "its profile (Open Badges 3.0, clause B.1.20)", body = IssuerProfile)),
)]
async fn profile(State(issuer): State<Issuer>) -> Json<IssuerProfile> {
    Json(crate::badge::issuer_profile(&issuer.settings))
}

/// The public key of a badge.
#[utoipa::path(
    get,
    path = "/issuer/keys/{name}",
    tag = "issuer",
    params(("name" = String, Path, description = "its thumbprint (RFC 7638), or the id of the credential that signs badges now")),
    responses(
        (status = OK, description = "the key", body = JsonWebKey),
        (status = NOT_FOUND, description = "no badge was signed with such a key", body = Problem),
    ),
)]
async fn key(State(issuer): State<Issuer>, ApiPath(name): ApiPath<String>) -> Result<Json<JsonWebKey>, Problem> {
    let key = issuer.badge_key(&name).await?;
    key.map(Json).ok_or_else(|| Problem::not_found(format!("there is no badge key named {name}")))
}

/// The picture that a badge shows.
#[utoipa::path(
    get,
    path = "/issuer/pictures/{name}",
    tag = "issuer",
    params(("name" = String, Path, description = "its SHA-256 in lower hex and `.png`")),
    responses(
        (status = OK, description = "the picture", content_type = "image/png"),
        (status = NOT_MODIFIED, description = "whoever asks has it already"),
        (status = NOT_FOUND, description = "no badge shows it", body = Problem),
    ),
)]
async fn picture(
    State(issuer): State<Issuer>,
    ApiPath(name): ApiPath<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let picture = issuer.picture(name.trim_end_matches(".png")).await?;
    let picture = picture.ok_or_else(|| Problem::not_found(format!("there is no badge picture {name}")))?;
    Ok(Representation::new("image/png", picture).answer(&headers))
}

/// The level of the query, else that of the data, else B-LTA; the two do not contradict each other.
fn level(query: Option<&str>, data: Option<Level>) -> Result<Level, Problem> {
    let query: Option<Level> = query.map(level_of).transpose()?;
    match (query, data) {
        (Some(query), Some(data)) if query != data => {
            let problem = format!(
                "completion data, at level: they say {data}, and {query} is asked for; leave one of the two out"
            );
            let japanese = format!(
                "修了データの level は {data} ですが、{query} が指定されています。どちらか一方だけにしてください"
            );
            Err(Problem::bad_request(problem).in_japanese(japanese))
        }
        _ => Ok(query.or(data).unwrap_or(Level::BLTA)),
    }
}

/// A level of the query.
pub(crate) fn level_of(text: &str) -> Result<Level, Problem> {
    text.parse::<Level>().map_err(|error| {
        let found = crate::error::shortened(text);
        let japanese = format!("レベル {found:?} はありません（あるのは B-B、B-T、B-LT、B-LTA）");
        Problem::bad_request(error).in_japanese(japanese)
    })
}

impl SealQuery {
    fn certify(&self) -> Result<Option<Permission>, Problem> {
        let Some(number) = self.certify else { return Ok(None) };
        let permission = Permission::from_number(number);
        permission.map(Some).ok_or_else(|| Problem::bad_request(format!("certify: wanted 1, 2 or 3, found {number}")))
    }

    /// How somebody's PDF is sealed.
    fn options<'a>(&'a self, issuer: &'a Issuer, level: Level, certify: Option<Permission>) -> SealOptions<'a> {
        SealOptions {
            placement: self.field.as_deref().map_or(Placement::NewInvisible { name: None }, Placement::Field),
            level,
            credential: self.credential.as_deref().unwrap_or(&issuer.settings.organization().seal_credential),
            reason: self.reason.as_deref(),
            certify,
            source: Source::Stranger,
            earlier_seals: if self.force == Some(true) { EarlierSeals::MayBreak } else { EarlierSeals::MustStand },
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Problem {
        let japanese = error.told_in_japanese();
        let problem = of_kind(error);
        match japanese {
            Some(japanese) => problem.in_japanese(japanese),
            None => problem,
        }
    }
}

/// An error by its kind.
fn of_kind(error: Error) -> Problem {
    match error {
        Error::Sealing(error) => Problem::from(error),
        Error::CompletionUnreadable { .. }
        | Error::UnknownOrganization { .. }
        | Error::UnknownTemplate { .. }
        | Error::UnknownTemplateVersion { .. } => Problem::bad_request(error),
        Error::CompletionInvalid { .. }
        | Error::MissingGlyph { .. }
        | Error::Font { .. }
        | Error::TextTooLong { .. }
        | Error::PageFull { .. }
        | Error::TooManyPages { .. }
        | Error::SealPlace { .. }
        | Error::Template(_)
        | Error::TemplatePicture { .. }
        | Error::Picture { .. }
        | Error::AddressTooLong { .. }
        | Error::BadgePicture { .. }
        | Error::ReissuedAbout { .. } => Problem::unprocessable(error),
        Error::NumberMalformed { .. } | Error::NumberCheck { .. } | Error::NumberUnknown { .. } => {
            Problem::not_found(error)
        }
        Error::NotWaiting { .. }
        | Error::TemplateKept { .. }
        | Error::NotPossible { .. }
        | Error::NotIssuedYet { .. }
        | Error::BatchState { .. }
        | Error::NothingToRetry { .. } => Problem::conflict(error),
        Error::IdempotencyKeyInUse { .. } => Problem::conflict_for_now(error, 1),
        Error::UnknownBatch { .. } => Problem::not_found(error),
        Error::IdempotencyKey { .. } => Problem::bad_request(error),
        Error::IdempotencyKeyReused { .. } => Problem::unprocessable(error),
        Error::InHand { .. } => Problem::unavailable(error, 1),
        Error::ReasonMissing { .. }
        | Error::NameUnusable { .. }
        | Error::SinceOutOfRange { .. }
        | Error::SinceUnreadable { .. }
        | Error::SearchUnusable { .. } => Problem::bad_request(error),
        Error::Message(error) => message::refusal(error),
        error => Problem::failed(&error),
    }
}

#[cfg(test)]
mod tests;
