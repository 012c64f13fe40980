//! Registers over HTTP: what would come of a file before it is issued.

use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use sealing::Level;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use world::problem::{ApiBytes, ApiQuery, Problem};

use super::level_of;
use crate::anew::{Anew, about};
use crate::api::{DryRun, PreviewQuery, RegisterQuery, TemplateFiles};
use crate::issue::Issuer;
use crate::register::{Format, Mapping, Options, RegisterError, UnknownColumns};
use crate::repeats;
use crate::trial::{File, Sample, Trial, archive};

/// The largest register, and the largest mapping beside it.
const LARGEST_REGISTER: u64 = 128 << 20;
const LARGEST_MAPPING: usize = 1 << 20;

/// The most rows that one request tries: some ten seconds of work.
const MOST_TRIED: u64 = 1000;

/// Of how many rows samples are made if nothing is said, and at most.
const SAMPLES: u32 = 3;
const MOST_SAMPLES: u32 = 20;

pub(super) fn routes() -> OpenApiRouter<Issuer> {
    OpenApiRouter::new().routes(routes!(dry_run)).routes(routes!(preview))
}

/// Tells what would come of each row of a register, and issues nothing.
///
/// The file is the body, or `file` of a form, beside which `mapping` may say in TOML which column is which member, and `template` may be a
/// template that is not registered. Every page is laid out, so that characters without a glyph and texts without room are told too.
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
        (status = OK, description = "its columns, and what would come of each row; with `whole` line by line", content(
            (DryRun = "application/json"),
            (String = "application/jsonl"),
        )),
        (status = UNSUPPORTED_MEDIA_TYPE, description = "a body that is packed", body = Problem),
        (status = UNPROCESSABLE_ENTITY, description = "the file cannot be read as a whole, or the mapping", body = Problem),
    ),
)]
async fn dry_run(
    State(issuer): State<Issuer>,
    ApiQuery(query): ApiQuery<RegisterQuery>,
    headers: HeaderMap,
    ApiBytes(body): ApiBytes<LARGEST_REGISTER>,
) -> Result<Response, Problem> {
    let upload = Upload::of(&headers, body, query.name.as_deref()).await?;
    if query.whole != Some(true) {
        return Ok(Json(issuer.dry_run(upload, &query).await?).into_response());
    }
    if query.after.is_some() || query.limit.is_some() {
        return Err(Problem::bad_request("whole: wanted without after and limit, which are for pages"));
    }
    let (trial, file) = issuer.trial(upload, &query).await?;
    let lines = Body::from_stream(trial.whole(file).await?);
    Ok(([(header::CONTENT_TYPE, "application/jsonl")], lines).into_response())
}

/// Samples of the first rows of a register: their pages with 見本 / SAMPLE, not sealed and without a number.
///
/// Of one row a PDF; of several a ZIP with `line-2.pdf` and so on, called by the lines of the file, and for a row that cannot be printed
/// `line-2.json` with what is wrong with it.
#[utoipa::path(
    post,
    path = "/issuer/api/registers/preview",
    operation_id = "preview_register",
    tag = "issuer",
    params(PreviewQuery),
    request_body(content((String = "text/csv"), (String = "application/jsonl"), (RegisterForm = "multipart/form-data")), description = "a register, as for a dry run"),
    responses(
        (status = OK, description = "the samples", content((Vec<u8> = "application/zip"), (Vec<u8> = "application/pdf"))),
        (status = UNSUPPORTED_MEDIA_TYPE, description = "a body that is packed", body = Problem),
        (status = UNPROCESSABLE_ENTITY, description = "the file cannot be read as a whole, or the mapping; the one row cannot be printed", body = Problem),
    ),
)]
async fn preview(
    State(issuer): State<Issuer>,
    ApiQuery(query): ApiQuery<PreviewQuery>,
    headers: HeaderMap,
    ApiBytes(body): ApiBytes<LARGEST_REGISTER>,
) -> Result<Response, Problem> {
    let upload = Upload::of(&headers, body, query.name.as_deref()).await?;
    let rows = query.rows.unwrap_or(SAMPLES);
    if !(1..=MOST_SAMPLES).contains(&rows) {
        return Err(Problem::bad_request(format!("rows: wanted 1 to {MOST_SAMPLES}, found {rows}")));
    }
    let (trial, file) = issuer.trial(upload, &query.into()).await?;
    let samples = trial.preview(file, rows as usize).await?;
    let (media_type, octets) = match samples.as_slice() {
        [Sample { line, pages: Err(errors) }] if rows == 1 => {
            let told = errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
            return Err(Problem::unprocessable(format!("line {line}: {told}")));
        }
        [Sample { pages: Ok(pdf), .. }] if rows == 1 => ("application/pdf", pdf.clone()),
        [] => return Err(RegisterError::Empty.into()),
        samples => ("application/zip", archive(samples)?),
    };
    Ok(([(header::CONTENT_TYPE, media_type)], octets).into_response())
}

impl Issuer {
    /// What would come of some rows of a register; nothing is issued.
    ///
    /// # Errors
    /// 400 if the query says something that is none; 422 if the file cannot be read as a whole, or its mapping.
    pub async fn dry_run(&self, upload: Upload, query: &RegisterQuery) -> Result<DryRun, Problem> {
        let limit = query.limit.unwrap_or(MOST_TRIED);
        if !(1..=MOST_TRIED).contains(&limit) {
            return Err(Problem::bad_request(format!("limit: wanted 1 to {MOST_TRIED}, found {limit}")));
        }
        let after = usize::try_from(query.after.unwrap_or(0)).unwrap_or(usize::MAX);
        let (trial, file) = self.trial(upload, query).await?;
        trial.page(file, after, limit as usize).await
    }

    /// How rows would be issued, and the file that they are in.
    async fn trial(&self, upload: Upload, query: &RegisterQuery) -> Result<(Trial, File), Problem> {
        let mut options = upload.options(query, self).await?;
        let own = match &upload.template {
            Some(files) => Some(Arc::new(self.to_be_tried(query.template.as_deref(), files).await?)),
            None => None,
        };
        if let Some(own) = &own {
            (options.columns, options.template) = (self.columns_beside(own).await?, Some(own.id().to_owned()));
        }
        let level: Option<Level> = query.level.as_deref().map(level_of).transpose()?;
        let issuer = self.in_the_name_of(query.organization.as_deref())?.remembering();
        let file = File { octets: upload.octets.into(), name: upload.name, options };
        let anew = Anew {
            changed: query.reissue == Some(true),
            revoked: query.reissue_revoked == Some(true),
            another: about(query.another.as_deref().unwrap_or_default(), query.reissue == Some(true))?,
        };
        Ok((Trial { issuer, level, anew, own }, file))
    }
}

impl From<PreviewQuery> for RegisterQuery {
    fn from(query: PreviewQuery) -> RegisterQuery {
        let PreviewQuery {
            name, format, encoding, delimiter, sheet, key, strict, level, organization, template, ..
        } = query;
        let of_pages = RegisterQuery::default();
        RegisterQuery {
            name,
            format,
            encoding,
            delimiter,
            sheet,
            key,
            strict,
            level,
            organization,
            template,
            ..of_pages
        }
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
    /// A template by which rows are tried that name none, as it would be registered; it is not.
    template: Option<TemplateFiles>,
}

/// A register as it was sent.
pub struct Upload {
    pub(crate) octets: Bytes,
    /// What it is called where it comes from.
    pub(crate) name: Option<String>,
    mapping: Option<String>,
    /// A template that is tried, and not kept.
    pub(crate) template: Option<TemplateFiles>,
    format: Option<Format>,
}

impl Upload {
    /// A file of that name, and in TOML which column is which member.
    pub fn new(octets: Bytes, name: Option<String>, mapping: Option<String>) -> Upload {
        Upload { octets, name, mapping, template: None, format: None }
    }

    /// The body, or what a form holds. `name` is what the query says.
    pub(crate) async fn of(headers: &HeaderMap, body: Bytes, name: Option<&str>) -> Result<Upload, Problem> {
        check_not_packed(headers)?;
        let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let upload = Upload {
            octets: body,
            name: name.map(str::to_owned),
            mapping: None,
            template: None,
            format: Format::of_media_type(media_type),
        };
        match media_type.trim_start().to_ascii_lowercase().starts_with("multipart/form-data") {
            true => upload.fill(media_type).await,
            false => Ok(upload),
        }
    }

    /// Reads the form that the octets are.
    async fn fill(self, media_type: &str) -> Result<Upload, Problem> {
        let mut upload = self;
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
                    let text = mapping_of(field.bytes().await.map_err(unread)?)?;
                    upload.mapping = Some(text).filter(|text| !text.trim().is_empty());
                }
                Some("template") if upload.template.is_none() => {
                    let files = world::json::read(&field.bytes().await.map_err(unread)?);
                    upload.template = Some(files.map_err(|fault| Problem::bad_request(format!("template: {fault}")))?);
                }
                name => {
                    let found = name.unwrap_or("one without a name").to_owned();
                    let problem = format!(
                        "the form: wanted one file, at most one mapping and one template, found also {found:?}"
                    );
                    return Err(Problem::bad_request(problem));
                }
            }
        }
        upload.octets = file.ok_or_else(|| Problem::bad_request("the form has no field named file"))?;
        Ok(upload)
    }

    /// A digest of it and of what is asked for.
    pub(crate) fn content(&self, query: &impl serde::Serialize) -> String {
        let beside = (query, &self.name, &self.mapping, self.format.map(|format| format.to_string()));
        repeats::content(&beside, &self.octets)
    }

    /// How it is read.
    pub(crate) async fn options(&self, query: &RegisterQuery, issuer: &Issuer) -> Result<Options, Problem> {
        let format = query.format.as_deref().map(str::parse).transpose();
        let format = format.map_err(|problem| Problem::bad_request(format!("format: {problem}")))?;
        let delimiter = query.delimiter.as_deref().map(delimiter).transpose()?;
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
            columns: issuer.columns(query.template.as_deref().filter(|_| self.template.is_none())).await?,
            template: query.template.clone(),
            organization: issuer.in_the_name_of(query.organization.as_deref())?.settings.organization().id.clone(),
        })
    }
}

/// What is between cells: a character, or the word for one that is hard to type.
fn delimiter(text: &str) -> Result<char, Problem> {
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some(one), None) => Ok(one),
        _ if text.eq_ignore_ascii_case("tab") || text == "\\t" => Ok('\t'),
        _ => {
            let found = crate::error::shortened(text);
            let problem = format!("delimiter: wanted one character, such as ; or , or the word tab, found {found:?}");
            let japanese =
                format!("delimiter: 区切り文字は ; や , のような 1 文字か tab で指定します（{found:?} です）");
            Err(Problem::bad_request(problem).in_japanese(japanese))
        }
    }
}

/// Refuses a body that was packed on the way: nobody unpacks it here, and it would be read as a text in some encoding.
fn check_not_packed(headers: &HeaderMap) -> Result<(), Problem> {
    let codings = headers.get_all(header::CONTENT_ENCODING).iter();
    let codings: Vec<_> = codings.map(|coding| String::from_utf8_lossy(coding.as_bytes())).collect();
    let found = codings.join(", ");
    if found.split(',').all(|coding| matches!(coding.trim().to_ascii_lowercase().as_str(), "" | "identity")) {
        return Ok(());
    }
    let description = format!("Content-Encoding: wanted none, found {found:?}; send the file as it is");
    let japanese = format!("Content-Encoding {found:?} には対応していません。ファイルをそのまま送ってください");
    let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
    Err(Problem::new(status, "unsupported_media_type", description).in_japanese(japanese))
}

fn mapping_of(octets: Bytes) -> Result<String, Problem> {
    if octets.len() > LARGEST_MAPPING {
        return Err(Problem::too_large("mapping: wanted at most 1 MiB"));
    }
    String::from_utf8(octets.into()).map_err(|_| Problem::bad_request("mapping: wanted TOML, which is UTF-8"))
}

impl From<RegisterError> for Problem {
    fn from(error: RegisterError) -> Problem {
        let japanese = error.in_japanese();
        let problem = match error {
            RegisterError::UnknownEncoding { .. } | RegisterError::Delimiter { .. } => Problem::bad_request(error),
            error => Problem::unprocessable(error),
        };
        problem.in_japanese(japanese)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_that_was_packed_on_the_way_is_refused_by_the_name_of_its_coding() {
        for (codings, taken) in [("gzip", false), ("identity, br", false), ("Identity", true), ("", true)] {
            let headers = HeaderMap::from_iter([(header::CONTENT_ENCODING, codings.parse().unwrap())]);
            match Upload::of(&headers, Bytes::from_static(b"a,b\n"), Some("a.csv")).await {
                Ok(_) => assert!(taken, "{codings}"),
                Err(problem) => {
                    assert!(!taken && problem.description.contains(codings), "{}", problem.description);
                    assert_eq!((problem.status.as_u16(), problem.error), (415, "unsupported_media_type"));
                }
            }
        }
    }
}
