//! Registers over HTTP: what would come of a file before it is issued.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use bytes::Bytes;
use sealing::Level;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use world::problem::{ApiBytes, ApiQuery, Problem};

use crate::api::{DryRun, RegisterQuery};
use crate::issue::Issuer;
use crate::register::{Format, Mapping, Options, RegisterError, UnknownColumns};
use crate::trial::Trial;

/// The largest register, and the largest mapping beside it.
const LARGEST_REGISTER: u64 = 128 << 20;
const LARGEST_MAPPING: usize = 1 << 20;

/// The most rows that one request tries: some ten seconds of work.
const MOST_TRIED: u64 = 1000;

pub(super) fn routes() -> OpenApiRouter<Issuer> {
    OpenApiRouter::new().routes(routes!(dry_run))
}

/// Tells what would come of each row of a register, and issues nothing.
///
/// The file is the body, or `file` of a form, beside which `mapping` may say in TOML which column is which member. Every row is rendered, so that
/// characters without a glyph and texts without room are told too.
#[utoipa::path(
    post,
    path = "/issuer/api/registers/dry-run",
    tag = "issuer",
    params(RegisterQuery),
    request_body(
        content(
            (String = "text/csv"),
            (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            (String = "application/jsonl"),
            (RegisterForm = "multipart/form-data"),
        ),
        description = "CSV, XLSX, a JSON array or JSON Lines, of at most 128 MiB"
    ),
    responses(
        (status = OK, description = "its columns, and what would come of each row", body = DryRun),
        (status = UNPROCESSABLE_ENTITY, description = "the file cannot be read as a whole, or the mapping", body = Problem),
    ),
)]
async fn dry_run(
    State(issuer): State<Issuer>,
    ApiQuery(query): ApiQuery<RegisterQuery>,
    headers: HeaderMap,
    ApiBytes(body): ApiBytes<LARGEST_REGISTER>,
) -> Result<Json<DryRun>, Problem> {
    let upload = Upload::of(&headers, body, query.name.as_deref()).await?;
    Ok(Json(issuer.dry_run(upload, &query).await?))
}

impl Issuer {
    /// What would come of each row of a register; nothing is issued.
    ///
    /// # Errors
    /// 400 if the query says something that is none; 422 if the file cannot be read as a whole, or its mapping.
    pub async fn dry_run(&self, upload: Upload, query: &RegisterQuery) -> Result<DryRun, Problem> {
        let limit = query.limit.unwrap_or(MOST_TRIED);
        if !(1..=MOST_TRIED).contains(&limit) {
            return Err(Problem::bad_request(format!("limit: wanted 1 to {MOST_TRIED}, found {limit}")));
        }
        let options = upload.options(query)?;
        let level: Option<Level> = query.level.as_deref().map(str::parse).transpose().map_err(Problem::bad_request)?;
        let issuer = self.in_the_name_of(query.organization.as_deref())?;
        let after = usize::try_from(query.after.unwrap_or(0)).unwrap_or(usize::MAX);
        let trial = Trial { issuer, level, after, limit: limit as usize };
        Ok(trial.run(upload.octets.into(), upload.name, options).await?)
    }
}

/// The form with a register.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it describes what a form has")]
struct RegisterForm {
    /// The file.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// A mapping in TOML.
    mapping: Option<String>,
}

/// A register as it was sent.
pub struct Upload {
    pub(crate) octets: Bytes,
    /// What it is called where it comes from.
    pub(crate) name: Option<String>,
    mapping: Option<String>,
    format: Option<Format>,
}

impl Upload {
    /// A file of that name, and in TOML which column is which member.
    pub fn new(octets: Bytes, name: Option<String>, mapping: Option<String>) -> Upload {
        Upload { octets, name, mapping, format: None }
    }

    /// The body, or what a form holds. `name` is what the query says.
    pub(crate) async fn of(headers: &HeaderMap, body: Bytes, name: Option<&str>) -> Result<Upload, Problem> {
        let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let mut upload = Upload {
            octets: body,
            name: name.map(str::to_owned),
            mapping: None,
            format: Format::of_media_type(media_type),
        };
        if !media_type.trim_start().to_ascii_lowercase().starts_with("multipart/form-data") {
            return Ok(upload);
        }
        let unread = |error: multer::Error| Problem::bad_request(format!("the form cannot be read: {error}"));
        let boundary = multer::parse_boundary(media_type).map_err(unread)?;
        let body = std::mem::take(&mut upload.octets);
        let mut form = multer::Multipart::new(Body::from(body).into_data_stream(), boundary);
        let mut file = None;
        while let Some(field) = form.next_field().await.map_err(unread)? {
            match field.name() {
                Some("file") if file.is_none() => {
                    upload.format = field.content_type().and_then(|kind| Format::of_media_type(kind.as_ref()));
                    let called = field.file_name().map(str::to_owned).filter(|called| !called.is_empty());
                    upload.name = upload.name.or(called);
                    file = Some(field.bytes().await.map_err(unread)?);
                }
                Some("mapping") if upload.mapping.is_none() => {
                    let text = field.bytes().await.map_err(unread)?;
                    if text.len() > LARGEST_MAPPING {
                        return Err(Problem::too_large("mapping: wanted at most 1 MiB"));
                    }
                    let text = String::from_utf8(text.into());
                    let text = text.map_err(|_| Problem::bad_request("mapping: wanted TOML, which is UTF-8"))?;
                    upload.mapping = Some(text).filter(|text| !text.trim().is_empty());
                }
                name => {
                    let found = name.unwrap_or("one without a name").to_owned();
                    let problem = format!("the form: wanted one file and at most one mapping, found also {found:?}");
                    return Err(Problem::bad_request(problem));
                }
            }
        }
        upload.octets = file.ok_or_else(|| Problem::bad_request("the form has no field named file"))?;
        Ok(upload)
    }

    /// How it is read.
    pub(crate) fn options(&self, query: &RegisterQuery) -> Result<Options, Problem> {
        let format = query.format.as_deref().map(str::parse).transpose();
        let format = format.map_err(|problem| Problem::bad_request(format!("format: {problem}")))?;
        let delimiter = match query.delimiter.as_deref().map(|text| text.chars().collect::<Vec<_>>()).as_deref() {
            None => None,
            Some([one]) => Some(*one),
            Some(_) => return Err(Problem::bad_request("delimiter: wanted one character, such as ; or ,")),
        };
        let unknown_columns =
            if query.strict == Some(true) { UnknownColumns::Refused } else { UnknownColumns::Ignored };
        Ok(Options {
            format: format.or(self.format),
            encoding: query.encoding.clone(),
            delimiter,
            sheet: query.sheet.clone(),
            mapping: self.mapping.as_deref().map(Mapping::from_toml).transpose()?,
            key: query.key.clone(),
            unknown_columns,
            columns: None,
        })
    }
}

impl From<RegisterError> for Problem {
    fn from(error: RegisterError) -> Problem {
        match error {
            RegisterError::UnknownEncoding { .. } => Problem::bad_request(error),
            error => Problem::unprocessable(error),
        }
    }
}
