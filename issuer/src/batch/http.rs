//! Batches over HTTP.

use std::convert::Infallible;
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream::{self, Stream};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use world::problem::{ApiBytes, ApiPath, ApiQuery, Problem};

use super::options::{LONGEST_NAME, Options, may_stand_in_a_name};
use super::results::File;
use super::store::Noted;
use super::{archive, results, store};
use crate::api::{Batch, BatchQuery, BatchRows, BatchState, Batches, BatchesQuery, RegisterQuery, RowsQuery};
use crate::error::Error;
use crate::http::{BatchId, FileQuery, UnknownBatch, Upload};
use crate::issue::Issuer;
use crate::register;
use crate::repeats;

/// The largest file.
const LARGEST_FILE: u64 = 128 << 20;

/// How many rows are listed if nothing is said, and at most.
const LISTED: u32 = 100;
const MOST_LISTED: u32 = 1000;

/// How often it is looked how far a batch is.
const LOOK: Duration = Duration::from_millis(500);

/// The addresses of batches.
pub(crate) fn routes() -> OpenApiRouter<Issuer> {
    OpenApiRouter::new()
        .routes(routes!(take, list))
        .routes(routes!(show))
        .routes(routes!(rows))
        .routes(routes!(events))
        .routes(routes!(result_csv))
        .routes(routes!(result_json))
        .routes(routes!(manifest))
        .routes(routes!(files))
        .routes(routes!(pause))
        .routes(routes!(resume))
        .routes(routes!(cancel))
        .routes(routes!(retry))
}

/// Issues many certificates from one file.
///
/// Once it is answered, every row is on disk: the batch goes on after a crash. A file that comes again issues only what is missing.
#[utoipa::path(
    post,
    path = "/issuer/api/batches",
    tag = "issuer",
    params(
        BatchQuery,
        ("Idempotency-Key" = Option<String>, Header, description = "by which a repeated request is known, which gets the first batch: 1 to 255 visible ASCII characters, in quotation marks or without"),
    ),
    request_body(content_type = "application/octet-stream", description = "CSV, XLSX, a JSON array or JSON Lines, of at most 128 MiB; or a form (multipart/form-data) with the file as `file`, and in `mapping` which column is which member, in TOML"),
    responses(
        (status = ACCEPTED, description = "it is taken, and worked on", body = Batch, headers(("location" = String, description = "its address"))),
        (status = BAD_REQUEST, description = "an option is none", body = Problem),
        (status = CONFLICT, description = "a request with the same Idempotency-Key is being answered", body = Problem),
        (status = UNSUPPORTED_MEDIA_TYPE, description = "a body that is packed", body = Problem),
        (status = UNPROCESSABLE_ENTITY, description = "the file cannot be read as a whole, the credential's certificate is not for seals, or the Idempotency-Key came with other content before", body = Problem),
    ),
)]
async fn take(
    State(issuer): State<Issuer>,
    ApiQuery(query): ApiQuery<BatchQuery>,
    headers: HeaderMap,
    ApiBytes(body): ApiBytes<LARGEST_FILE>,
) -> Result<Response, Problem> {
    let asked_by = repeats::asked_by(&headers)?;
    let upload = Upload::of(&headers, body, query.name.as_deref()).await?;
    let batch = issuer.begin_batch(upload, &query, asked_by).await?;
    let headers = [(header::LOCATION, batch.address.clone())];
    Ok((StatusCode::ACCEPTED, headers, Json(batch)).into_response())
}

impl Issuer {
    /// Takes a register as a batch. Once this has returned, every row is on disk, and is worked on. `asked_by`: the key of a request
    /// that may be repeated.
    ///
    /// # Errors
    /// 400 if an option is none; 422 if the file cannot be read as a whole, or its mapping, or the key came with another file before; 409
    /// while that is being taken.
    pub async fn begin_batch(
        &self,
        upload: Upload,
        query: &BatchQuery,
        asked_by: Option<String>,
    ) -> Result<Batch, Problem> {
        if upload.template.is_some() {
            let problem =
                "template: it is tried with a dry run; to issue by it, register it: PUT /issuer/api/templates/ID";
            return Err(Problem::bad_request(problem));
        }
        let (options, mut name) = Options::of(query, self)?;
        self.check_credential(options.credential.as_deref()).await?;
        let reading = upload.options(&reading(query), self).await?;
        if name.is_empty() {
            name = upload
                .name
                .iter()
                .flat_map(|name| name.chars())
                .filter(|one| may_stand_in_a_name(*one))
                .take(LONGEST_NAME)
                .collect();
        }
        let (worker, asked) = (self.clone(), query.clone());
        // To its end, also if whoever asks goes meanwhile: a batch that is half read is none.
        let id = world::to_the_end(async move {
            let content = upload.content(&asked);
            let key = asked_by.as_deref();
            let take = async {
                let register = register::read(upload.octets, upload.name.as_deref(), &reading)?;
                Ok::<i64, Problem>(worker.take_batch(&name, &options, register, key).await?)
            };
            match key {
                Some(key) => repeats::batch_once(&worker, key, &content, take).await,
                None => take.await,
            }
        });
        Ok(self.batch(id.await?).await?)
    }

    /// Refuses a credential that the key server does not know, or whose certificate is not for seals, once for all rows. A key server that does
    /// not answer now is asked again when they are sealed.
    async fn check_credential(&self, credential: Option<&str>) -> Result<(), Problem> {
        let Some(credential) = credential else { return Ok(()) };
        match self.sealer.key_server().credential(credential).await {
            Err(refused @ sealing::Error::ServiceRefused { status: 400..=404, .. }) => Err(Problem::bad_request(
                format!("credential: wanted one that the key server has, found {credential:?}: {refused}"),
            )),
            Ok(found) if !found.is_for_seals() => Err(Problem::unprocessable(format!(
                "credential: wanted one whose certificate is for seals, found {credential:?}, whose certificate is not ({})",
                found.chain[0].subject().common_name().unwrap_or_default()
            ))),
            _ => Ok(()),
        }
    }

    /// Rows of a batch, in the order of the file.
    ///
    /// # Errors
    /// 404 if no batch has that number; 400 for a limit that is none.
    pub async fn batch_rows(&self, id: i64, query: &RowsQuery) -> Result<BatchRows, Problem> {
        self.batch(id).await?;
        let limit = query.limit.unwrap_or(LISTED);
        if !(1..=MOST_LISTED).contains(&limit) {
            return Err(Problem::bad_request(format!("limit: wanted 1 to {MOST_LISTED}, found {limit}")));
        }
        let (store, after) = (&self.world.store, query.after.unwrap_or(0));
        let noted = if query.noted == Some(true) { Noted::Only } else { Noted::OrNot };
        let rows = store::rows(store, &self.organizations[0], id, (query.state, noted), after, limit).await?;
        let rows = self.with_standings(rows).await?;
        let next = rows.last().filter(|_| rows.len() as u32 == limit).map(|row| row.row);
        Ok(BatchRows { next, rows })
    }
}

/// How the file is read.
fn reading(query: &BatchQuery) -> RegisterQuery {
    let BatchQuery { name, format, encoding, delimiter, sheet, key, strict, organization, template, .. } =
        query.clone();
    let of_pages = RegisterQuery::default();
    RegisterQuery { name, format, encoding, delimiter, sheet, key, strict, organization, template, ..of_pages }
}

/// The batches of the world.
#[utoipa::path(
    get,
    path = "/issuer/api/batches",
    tag = "issuer",
    params(BatchesQuery),
    responses((status = OK, description = "newest first, and where older ones begin", body = Batches)),
)]
async fn list(State(issuer): State<Issuer>, ApiQuery(query): ApiQuery<BatchesQuery>) -> Result<Json<Batches>, Problem> {
    Ok(Json(issuer.batches(&query).await?))
}

/// One batch, and how far it is.
#[utoipa::path(
    get,
    path = "/issuer/api/batches/{id}",
    tag = "issuer",
    params(BatchId),
    responses(
        (status = OK, description = "how far it is", body = Batch),
        UnknownBatch,
    ),
)]
async fn show(State(issuer): State<Issuer>, ApiPath(BatchId { id }): ApiPath<BatchId>) -> Result<Json<Batch>, Problem> {
    Ok(Json(issuer.batch(id).await?))
}

/// Rows of a batch, in the order of the file.
#[utoipa::path(
    get,
    path = "/issuer/api/batches/{id}/rows",
    tag = "issuer",
    params(BatchId, RowsQuery),
    responses(
        (status = OK, description = "some rows, and where the next ones begin", body = BatchRows),
        UnknownBatch,
    ),
)]
async fn rows(
    State(issuer): State<Issuer>,
    ApiPath(BatchId { id }): ApiPath<BatchId>,
    ApiQuery(query): ApiQuery<RowsQuery>,
) -> Result<Json<BatchRows>, Problem> {
    Ok(Json(issuer.batch_rows(id, &query).await?))
}

/// How far a batch is, told as it goes on.
///
/// Server-sent events: each `batch` has the JSON of the batch; the last one when nothing is left to do.
#[utoipa::path(
    get,
    path = "/issuer/api/batches/{id}/events",
    tag = "issuer",
    params(BatchId),
    responses(
        (status = OK, description = "an event whenever something has changed", content_type = "text/event-stream"),
        UnknownBatch,
    ),
)]
async fn events(State(issuer): State<Issuer>, ApiPath(BatchId { id }): ApiPath<BatchId>) -> Result<Response, Problem> {
    issuer.batch(id).await?;
    Ok(Sse::new(told(issuer, id)).keep_alive(KeepAlive::default()).into_response())
}

fn told(issuer: Issuer, id: i64) -> impl Stream<Item = Result<Event, Infallible>> + Send + 'static {
    let looks = tokio::time::interval(LOOK);
    stream::unfold(Some((issuer, looks, None)), move |state| async move {
        let (issuer, mut looks, before) = state?;
        loop {
            tokio::select! {
                _ = looks.tick() => {}
                () = issuer.works.settled.notified() => {}
            }
            let batch = issuer.batch(id).await.ok()?; // the world is closed, or its database away: whoever listens comes again
            if before.as_ref() == Some(&batch) {
                continue;
            }
            let data = serde_json::to_string(&batch).expect("texts and numbers can be written as JSON");
            let over = matches!(batch.state, BatchState::Done | BatchState::Cancelled);
            let more = (!over).then_some((issuer, looks, Some(batch)));
            return Some((Ok(Event::default().event("batch").data(data)), more));
        }
    })
}

/// What came of a batch, as CSV.
///
/// UTF-8 with a byte order mark, so that spreadsheets read it; a row of the file a line.
#[utoipa::path(
    get,
    path = "/issuer/api/batches/{id}/result.csv",
    tag = "issuer",
    params(BatchId, FileQuery),
    responses(
        (status = OK, description = "row, line, state, number, address, file, level, sha256, key, problem, given_key, recipient, identifier, standing, note", content_type = "text/csv", body = String),
        UnknownBatch,
    ),
)]
async fn result_csv(
    State(issuer): State<Issuer>,
    ApiPath(BatchId { id }): ApiPath<BatchId>,
    ApiQuery(query): ApiQuery<FileQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    issuer.batch(id).await?;
    let japanese = query.is_japanese(&headers);
    Ok(sent("text/csv; charset=utf-8", &format!("batch-{id}.csv"), results::csv(issuer, id, (File::Address, japanese))))
}

/// What came of a batch, as a JSON array of its rows.
#[utoipa::path(
    get,
    path = "/issuer/api/batches/{id}/result.json",
    tag = "issuer",
    params(BatchId),
    responses(
        (status = OK, description = "its rows", body = Vec<crate::api::BatchRow>),
        UnknownBatch,
    ),
)]
async fn result_json(
    State(issuer): State<Issuer>,
    ApiPath(BatchId { id }): ApiPath<BatchId>,
) -> Result<Response, Problem> {
    issuer.batch(id).await?;
    Ok(sent("application/json", &format!("batch-{id}.json"), results::json(issuer, id)))
}

/// The same lines as CSV beside the files: each is called by its name, NUMBER.pdf.
#[utoipa::path(
    get,
    path = "/issuer/api/batches/{id}/manifest.csv",
    tag = "issuer",
    params(BatchId, FileQuery),
    responses(
        (status = OK, description = "row, line, state, number, address, file, level, sha256, key, problem, given_key, recipient, identifier, standing, note", content_type = "text/csv", body = String),
        UnknownBatch,
    ),
)]
async fn manifest(
    State(issuer): State<Issuer>,
    ApiPath(BatchId { id }): ApiPath<BatchId>,
    ApiQuery(query): ApiQuery<FileQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    issuer.batch(id).await?;
    let japanese = query.is_japanese(&headers);
    Ok(sent("text/csv; charset=utf-8", "manifest.csv", results::csv(issuer, id, (File::Name, japanese))))
}

/// The sealed files of a batch, as a ZIP.
///
/// `manifest.csv` has a line for each row, with the name and SHA-256 of its file.
#[utoipa::path(
    get,
    path = "/issuer/api/batches/{id}/files.zip",
    tag = "issuer",
    params(BatchId, FileQuery),
    responses(
        (status = OK, description = "what is issued by now", content_type = "application/zip"),
        UnknownBatch,
    ),
)]
async fn files(
    State(issuer): State<Issuer>,
    ApiPath(BatchId { id }): ApiPath<BatchId>,
    ApiQuery(query): ApiQuery<FileQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    issuer.batch(id).await?;
    Ok(sent("application/zip", &format!("batch-{id}.zip"), archive::zip(issuer, id, query.is_japanese(&headers))))
}

/// An answer that is made while it is sent; one that cannot be ended breaks off.
fn sent(media_type: &str, name: &str, octets: impl Stream<Item = Result<Bytes, Error>> + Send + 'static) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers: [(HeaderName, String); 2] =
        [(header::CONTENT_TYPE, media_type.to_owned()), (header::CONTENT_DISPOSITION, disposition)];
    (headers, Body::from_stream(octets)).into_response()
}

/// Pauses a batch: rows in hand are finished, no others are begun.
#[utoipa::path(
    post,
    path = "/issuer/api/batches/{id}/pause",
    tag = "issuer",
    params(BatchId),
    responses(
        (status = OK, description = "it is paused", body = Batch),
        UnknownBatch,
        (status = CONFLICT, description = "it is not at work", body = Problem),
    ),
)]
async fn pause(
    State(issuer): State<Issuer>,
    ApiPath(BatchId { id }): ApiPath<BatchId>,
) -> Result<Json<Batch>, Problem> {
    Ok(Json(issuer.pause_batch(id).await?))
}

/// Goes on with a batch that was paused or stopped; one that waits for a service tries it at once.
#[utoipa::path(
    post,
    path = "/issuer/api/batches/{id}/resume",
    tag = "issuer",
    params(BatchId),
    responses(
        (status = OK, description = "it goes on", body = Batch),
        UnknownBatch,
        (status = CONFLICT, description = "it is over", body = Problem),
    ),
)]
async fn resume(
    State(issuer): State<Issuer>,
    ApiPath(BatchId { id }): ApiPath<BatchId>,
) -> Result<Json<Batch>, Problem> {
    Ok(Json(issuer.resume_batch(id).await?))
}

/// Ends a batch: what is not issued yet will not be by it.
#[utoipa::path(
    post,
    path = "/issuer/api/batches/{id}/cancel",
    tag = "issuer",
    params(BatchId),
    responses(
        (status = OK, description = "it is cancelled; numbers that were taken for its rows are given up", body = Batch),
        UnknownBatch,
        (status = CONFLICT, description = "it is over", body = Problem),
    ),
)]
async fn cancel(
    State(issuer): State<Issuer>,
    ApiPath(BatchId { id }): ApiPath<BatchId>,
) -> Result<Json<Batch>, Problem> {
    Ok(Json(issuer.cancel_batch(id).await?))
}

/// Tries the rows of a batch again that failed for a reason that may be gone.
#[utoipa::path(
    post,
    path = "/issuer/api/batches/{id}/retry",
    tag = "issuer",
    params(BatchId),
    responses(
        (status = OK, description = "they are queued again", body = Batch),
        UnknownBatch,
        (status = CONFLICT, description = "it was cancelled, or no row failed for a reason that may be gone", body = Problem),
    ),
)]
async fn retry(
    State(issuer): State<Issuer>,
    ApiPath(BatchId { id }): ApiPath<BatchId>,
) -> Result<Json<Batch>, Problem> {
    Ok(Json(issuer.retry_batch(id).await?))
}
