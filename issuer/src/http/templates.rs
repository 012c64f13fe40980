//! Templates over HTTP: those that there are, those of a world's own, and a sample of what one makes.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use world::problem::Problem;
use world::problem::{ApiBytes, ApiPath, ApiQuery, JsonFromPages};

use super::LARGEST_COMPLETION;
use crate::api::{TemplateEntry, TemplateFiles, TemplatePreviewQuery, TemplateQuery, Templates};
use crate::completion::{Completion, CompletionData};
use crate::error::Error;
use crate::issue::Issuer;
use crate::register::words::{Words, unreadable};

pub(super) fn routes() -> OpenApiRouter<Issuer> {
    OpenApiRouter::new().routes(routes!(templates)).routes(routes!(template, add_template)).routes(routes!(preview))
}

/// The templates of certificates.
#[utoipa::path(
    get,
    path = "/issuer/api/templates",
    tag = "issuer",
    responses((status = OK, description = "those that come along first", body = Templates)),
)]
async fn templates(State(issuer): State<Issuer>) -> Result<Json<Templates>, Problem> {
    Ok(Json(Templates { templates: issuer.templates().await? }))
}

/// The files of a template.
///
/// Every version of a world's own that was ever registered is there, since a certificate keeps by which one it was made.
#[utoipa::path(
    get,
    path = "/issuer/api/templates/{id}",
    tag = "issuer",
    params(("id" = String, Path, description = "its id", example = "learning"), TemplateQuery),
    responses(
        (status = OK, description = "TOML and pictures", body = TemplateFiles),
        (status = NOT_FOUND, description = "none has that id or version; the answer lists those there are", body = Problem),
    ),
)]
async fn template(
    State(issuer): State<Issuer>,
    ApiPath(id): ApiPath<String>,
    ApiQuery(TemplateQuery { version }): ApiQuery<TemplateQuery>,
) -> Result<Json<TemplateFiles>, Problem> {
    Ok(Json(TemplateFiles::of(&issuer.template_in(&id, version).await.map_err(missing)?)))
}

/// Keeps a template of the world's own.
///
/// The same one again is welcome. Another content needs a higher version; certificates that were made by an earlier one stay as they are.
#[utoipa::path(
    put,
    path = "/issuer/api/templates/{id}",
    tag = "issuer",
    params(("id" = String, Path, description = "the file's own id", example = "my-certificate")),
    request_body(content = TemplateFiles, description = "TOML and pictures, of at most 4 MiB"),
    responses(
        (status = OK, description = "it is kept", body = TemplateEntry),
        (status = CONFLICT, description = "one of that id comes along, or that version is kept with other content", body = Problem),
        (status = UNPROCESSABLE_ENTITY, description = "all that is wrong with it, each with line and column", body = Problem),
    ),
)]
async fn add_template(
    State(issuer): State<Issuer>,
    ApiPath(id): ApiPath<String>,
    _: JsonFromPages,
    ApiBytes(body): ApiBytes<LARGEST_COMPLETION>,
) -> Result<Json<TemplateEntry>, Problem> {
    let files: TemplateFiles = world::json::read(&body).map_err(|problem| {
        let Words { en, ja } = unreadable(&problem);
        Problem::bad_request(en).in_japanese(ja)
    })?;
    Ok(Json(issuer.add_template(&id, &files).await?))
}

/// A sample of what a template makes of completion data.
///
/// It is not sealed, has no number, and says 見本 / SAMPLE on each page. Nothing is kept.
#[utoipa::path(
    post,
    path = "/issuer/api/templates/{id}/preview",
    operation_id = "preview_template",
    tag = "issuer",
    params(("id" = String, Path, description = "its id", example = "learning"), TemplatePreviewQuery),
    request_body(content = CompletionData, description = "completion data, of at most 4 MiB"),
    responses(
        (status = OK, description = "the pages", content_type = "application/pdf"),
        (status = BAD_REQUEST, description = "the data are not the JSON that is wanted, or there is no such organization", body = Problem),
        (status = NOT_FOUND, description = "none has that id or version; the answer lists those there are", body = Problem),
        (status = UNPROCESSABLE_ENTITY, description = "a member cannot be certified or printed, or the data name another template", body = Problem),
        (status = SERVICE_UNAVAILABLE, description = "too many documents are worked on now", body = Problem),
    ),
)]
async fn preview(
    State(issuer): State<Issuer>,
    ApiPath(id): ApiPath<String>,
    ApiQuery(query): ApiQuery<TemplatePreviewQuery>,
    _: JsonFromPages,
    ApiBytes(body): ApiBytes<LARGEST_COMPLETION>,
) -> Result<Response, Problem> {
    let place = issuer.world.pools.documents.enter()?;
    let template = issuer.template_in(&id, query.version).await.map_err(missing)?;
    let completion = Completion::from_json(&body)?.by_template(Some(&id))?;
    let worker = issuer.in_the_name_of(query.organization.as_deref())?;
    let rendered = place.run(async move { worker.preview_by(&template, &completion) }).await??;
    let disposition = format!("inline; filename=\"{id}-sample.pdf\"");
    let headers = [(header::CONTENT_TYPE, "application/pdf".to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    Ok((headers, rendered.pdf).into_response())
}

/// A template that is asked for by its address.
fn missing(error: Error) -> Problem {
    match error {
        Error::UnknownTemplate { .. } | Error::UnknownTemplateVersion { .. } => {
            let japanese = error.in_japanese();
            Problem::not_found(error).in_japanese(japanese)
        }
        error => error.into(),
    }
}
