//! The JSON error body of every JSON API here: `{"error": CODE, "error_description": TEXT}`, the form of OAuth 2.0
//! (RFC 6749 clause 5.2) and of the CSC API, and the extractors that answer with it.

use std::fmt::Display;

use axum::Json;
use axum::body::Body;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use http_body::{Body as _, Frame};
use http_body_util::BodyExt;
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

use crate::Tampered;
use crate::metrics::Refused;
use crate::seldom::Seldom;
use crate::text::visible;

/// An answer that says what was wanted and what was found. In JSON it has the members `error` and `error_description`, and
/// perhaps `error_description_ja`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// The HTTP status.
    #[serde(skip)]
    pub status: StatusCode,
    /// A code that programs compare.
    #[schema(example = "invalid_request")]
    pub error: &'static str,
    /// A sentence that people read: what was wanted, what was found.
    #[serde(rename = "error_description")]
    pub description: String,
    /// The same in Japanese, where whoever refuses says it.
    #[serde(rename = "error_description_ja", skip_serializing_if = "Option::is_none")]
    pub description_ja: Option<String>,
    /// After how many seconds it may be tried again (Retry-After, RFC 9110 clause 10.2.3): with 503 and 429 always.
    #[serde(skip)]
    pub retry_after: Option<u32>,
}

/// When nothing better is known: a client waits at least so many seconds.
const A_MOMENT: u32 = 1;

/// What a client is told while the world's database cannot be written.
const DATABASE_AWAY: &str = "PostgreSQL, which keeps this world, does not answer now";

/// The same if it answers that it has too little of something.
const DATABASE_FULL: &str = "PostgreSQL, which keeps this world, has no room for it now";

/// The same in Japanese.
const DATABASE_AWAY_JA: &str = "このワールドを保存している PostgreSQL が、いま応答しません";

/// The same if it has too little.
const DATABASE_FULL_JA: &str = "このワールドを保存している PostgreSQL に、いま余裕がありません";

/// How both end in Japanese.
const LATER_JA: &str = "。何も実行していません。しばらくしてからもう一度お試しください";

/// How both end.
const LATER: &str = ", so nothing is done; try again later";

/// What a client is told of a world whose tables are gone.
const DELETED: &str = "the world was deleted, or made anew, by another server";

/// The same in Japanese.
const DELETED_JA: &str = "このワールドは、別のサーバーにより削除されたか、作り直されました";

/// What a client is told whose text a database does not take.
const NOT_TAKEN: &str = "wanted texts without the character U+0000, which cannot be stored in PostgreSQL";

/// The same in Japanese.
const NOT_TAKEN_JA: &str = "文字列に U+0000 は使えません（PostgreSQL に保存できません）";

/// The same of a disk that is full, in Japanese.
const NOTHING_WRITTEN_JA: &str = "いまは何も書き込めません（ディスクに空きはありますか）。何も実行していません。しばらくしてからもう一度お試しください";

const NOTHING_WRITTEN: &str =
    "nothing can be written down now (is the disk full?), so nothing is done; try again later";

/// When that may be tried again: somebody has to make room.
const ROOM_MAY_TAKE: u32 = 10;

/// The code of an answer that is refused since what is stored was changed by somebody else.
pub const TAMPERED: &str = "tampered";

/// When that may be tried again: somebody has to look.
const A_PERSON_MAY_TAKE: u32 = 60;

// Each request meets them as long as they last.
static CHANGED: Seldom = Seldom::new(|times, cause| tracing::error!(times, %cause, "nothing is done in this world"));
static AWAY: Seldom = Seldom::new(|times, cause| tracing::error!(times, %cause, "the database does not answer"));
static UNWRITTEN: Seldom =
    Seldom::new(|times, cause| tracing::error!(times, %cause, "nothing can be written down now"));

impl Problem {
    /// Any status and code.
    pub fn new(status: StatusCode, error: &'static str, description: impl Display) -> Problem {
        let later = matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS);
        let retry_after = later.then_some(A_MOMENT);
        Problem { status, error, description: description.to_string(), description_ja: None, retry_after }
    }

    /// The same, also told in Japanese.
    #[must_use]
    pub fn in_japanese(self, description: String) -> Problem {
        Problem { description_ja: Some(description), ..self }
    }

    /// 400 `invalid_request`.
    pub fn bad_request(description: impl Display) -> Problem {
        Problem::new(StatusCode::BAD_REQUEST, "invalid_request", description)
    }

    /// 404 `not_found`.
    pub fn not_found(description: impl Display) -> Problem {
        Problem::new(StatusCode::NOT_FOUND, "not_found", description)
    }

    /// 409 `conflict`: the request is well-formed, but the state of things forbids it.
    pub fn conflict(description: impl Display) -> Problem {
        Problem::new(StatusCode::CONFLICT, "conflict", description)
    }

    /// 409 `conflict` that passes by itself: it may be tried again after so many seconds.
    pub fn conflict_for_now(description: impl Display, retry_after: u32) -> Problem {
        Problem { retry_after: Some(retry_after), ..Problem::conflict(description) }
    }

    /// 422 `unprocessable`: the request was understood, but its content cannot be used.
    pub fn unprocessable(description: impl Display) -> Problem {
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "unprocessable", description)
    }

    /// 413 `too_large`.
    pub fn too_large(description: impl Display) -> Problem {
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", description)
    }

    /// 503 `temporarily_unavailable`: it may be tried again after so many seconds.
    pub fn unavailable(description: impl Display, retry_after: u32) -> Problem {
        let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", description);
        Problem { retry_after: Some(retry_after), ..problem }
    }

    /// 502 `upstream_failed`: another service, asked to fulfil the request, did not.
    pub fn upstream(description: impl Display) -> Problem {
        Problem::new(StatusCode::BAD_GATEWAY, "upstream_failed", description)
    }

    /// 500 `server_error`. The cause is logged and never sent.
    pub fn internal(cause: impl Display) -> Problem {
        tracing::error!(%cause, "a request failed inside");
        Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "the server failed; its log has the cause")
    }

    /// A failure inside: 503 if nothing can be written down now, such as on a full disk, or if what is stored was changed by
    /// somebody else, else 500. What is not written down is not done, so that it may be tried again.
    pub fn failed(cause: &(dyn std::error::Error + 'static)) -> Problem {
        let mut causes = std::iter::successors(Some(cause), |error| error.source());
        if let Some(tampered) = causes.find_map(|error| error.downcast_ref::<Tampered>()) {
            CHANGED.happened(cause);
            return Problem { error: TAMPERED, ..Problem::unavailable(tampered, A_PERSON_MAY_TAKE) };
        }
        if crate::store::is_gone(cause) {
            return Problem::not_found(DELETED).in_japanese(DELETED_JA.into());
        }
        if crate::store::is_not_taken(cause) {
            return Problem::bad_request(NOT_TAKEN).in_japanese(NOT_TAKEN_JA.into());
        }
        if !crate::store::cannot_be_written(cause) {
            return Problem::internal(cause);
        }
        if crate::store::is_away(cause) {
            AWAY.happened(cause);
            return match crate::store::lacks(cause) {
                Some(said) => Problem::unavailable(format!("{DATABASE_FULL} (it says: {said}){LATER}"), A_MOMENT)
                    .in_japanese(format!("{DATABASE_FULL_JA}（{said}）{LATER_JA}")),
                None => Problem::unavailable(format!("{DATABASE_AWAY}{LATER}"), A_MOMENT)
                    .in_japanese(format!("{DATABASE_AWAY_JA}{LATER_JA}")),
            };
        }
        UNWRITTEN.happened(cause);
        Problem::unavailable(NOTHING_WRITTEN, ROOM_MAY_TAKE).in_japanese(NOTHING_WRITTEN_JA.into())
    }

    /// What a router answers for an address that it does not have.
    pub async fn no_such_address(address: Uri) -> Problem {
        let path = address.path();
        Problem::not_found(format!("there is nothing at {path}")).in_japanese(format!("{path} には何もありません"))
    }

    /// What a router answers for a method that an address does not take.
    pub async fn no_such_method(method: axum::http::Method, address: Uri) -> Problem {
        let path = address.path();
        Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", format!("{path} does not take {method}"))
            .in_japanese(format!("{path} では {method} を使えません"))
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(&self)).into_response();
        crate::guard::headers::protect_refusal(response.headers_mut());
        response.extensions_mut().insert(Refused(self.error));
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// The parameters of a path; what cannot be read, such as broken percent-encoding, is answered with a [`Problem`].
#[derive(Clone, Debug)]
pub struct ApiPath<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for ApiPath<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::from_request_parts(parts, state).await;
        path.map(|Path(value)| ApiPath(value)).map_err(|rejection| {
            let (english, japanese) = unread_path(&rejection);
            Problem::bad_request(english).in_japanese(japanese)
        })
    }
}

/// What is wrong with the parameters of a path, in English and in Japanese.
fn unread_path(rejection: &PathRejection) -> (String, String) {
    use axum::extract::path::ErrorKind::{InvalidUtf8InPathParam, ParseError, ParseErrorAtKey};
    let PathRejection::FailedToDeserializePathParams(failed) = rejection else {
        return ("the path cannot be read".into(), "アドレスを読み取れません。".into());
    };
    match failed.kind() {
        InvalidUtf8InPathParam { .. } => (
            "the path is not UTF-8 when its percent-encoding is undone".into(),
            "アドレスに、文字として読み取れない部分があります。".into(),
        ),
        ParseErrorAtKey { value, .. } | ParseError { value, .. } => (
            format!("a part of the path is not what is wanted there: found {value:?}"),
            format!("アドレスの「{}」は、そこに必要なもの（番号など）ではありません。", visible(value)),
        ),
        _ => (
            "a part of the path is not what is wanted there".into(),
            "アドレスの一部が、そこに必要なものではありません。".into(),
        ),
    }
}

/// The members of a query; what cannot be read is answered with a [`Problem`] that names the member.
#[derive(Clone, Debug)]
pub struct ApiQuery<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for ApiQuery<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::from_request_parts(parts, state).await;
        query.map(|Query(value)| ApiQuery(value)).map_err(|rejection| {
            let told = unread_query(&rejection);
            let japanese = query_in_japanese(&told);
            Problem::bad_request(told).in_japanese(japanese)
        })
    }
}

/// What is wrong with a query, as JSON's reader says it of an object, without the decoder's own introduction.
fn unread_query(rejection: &QueryRejection) -> String {
    let cause = std::error::Error::source(rejection).map(ToString::to_string).unwrap_or_default();
    let name = |rest: &str| rest.split('`').next().unwrap_or_default().to_owned();
    if let Some(rest) = cause.split("duplicate field `").nth(1) {
        format!("the query has the member `{}` more than once", name(rest))
    } else if let Some((_, rest)) = cause.split_once("unknown field `") {
        let known = rest.split_once("`, ").map(|(_, known)| format!(", {known}")).unwrap_or_default();
        format!("the query has an unknown field `{}`{known}", visible(&name(rest)))
    } else if let Some(rest) = cause.split("missing field `").nth(1) {
        format!("the query has no member `{}`, which is wanted", name(rest))
    } else {
        match cause.split_once(": ") {
            Some((member, why)) => {
                let why = match why {
                    "invalid digit found in string" | "cannot parse integer from empty string" => {
                        "wanted a whole number"
                    }
                    why if why.starts_with("number too ") => "the number is too large",
                    why => why,
                };
                format!("the query's member `{}` cannot be read: {}", visible(member), visible(why))
            }
            None => "the query cannot be read".into(),
        }
    }
}

/// The same in Japanese.
fn query_in_japanese(told: &str) -> String {
    let name = told.split('`').nth(1).unwrap_or_default();
    if told.ends_with("more than once") {
        return format!("クエリに項目 `{name}` が 2 つ以上あります");
    }
    if told.contains("an unknown field") {
        let known = told.split_once("expected ").map(|(_, known)| known.trim_start_matches("one of "));
        let known = known.map(|known| format!("（あるのは {}）", known.replace(" or ", ", "))).unwrap_or_default();
        return format!("クエリに不明な項目 `{name}` があります{known}");
    }
    if told.ends_with("which is wanted") {
        return format!("クエリに項目 `{name}` が必要です");
    }
    let why = match told.split_once("cannot be read: ").map(|(_, why)| why) {
        Some("wanted a whole number") => "。整数が必要です",
        Some("the number is too large") => "。数が大きすぎます",
        Some(why) if why.contains("`true` or `false`") => "。true か false が必要です",
        _ => "",
    };
    match name {
        "" => "クエリを読み取れません".to_owned(),
        name => format!("クエリの項目 `{name}` を読み取れません{why}"),
    }
}

/// A JSON object ([`crate::json`]), whatever its media type says unless a page sends it; what cannot be read is answered with a
/// [`Problem`] that names the place.
#[derive(Clone, Debug)]
pub struct ApiJson<T, const LIMIT: u64 = { 64 << 10 }>(pub T);

impl<S: Send + Sync, T: DeserializeOwned, const LIMIT: u64> FromRequest<S> for ApiJson<T, LIMIT> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        JsonFromPages::check(request.headers())?;
        let ApiBytes(bytes) = ApiBytes::<LIMIT>::from_request(request, state).await?;
        let wrong = |fault| Problem::bad_request(format!("the body is not the JSON that is wanted: {fault}"));
        crate::json::read(&bytes).map(ApiJson).map_err(wrong)
    }
}

/// Passes if the request is from a program, or says that its body is JSON: 415 for a page that sends something else. A form can
/// be made to look like JSON, and is sent without asking the server first; JSON that says so is not (Fetch clause 2.2.2,
/// CORS-safelisted Content-Type).
#[derive(Clone, Copy, Debug)]
pub struct JsonFromPages;

impl JsonFromPages {
    /// The same for whoever answers in another form.
    ///
    /// # Errors
    /// 415 for a page that sends something else.
    pub fn check(headers: &HeaderMap) -> Result<(), Problem> {
        let media_types = headers.get_all(header::CONTENT_TYPE).iter().map(|value| value.to_str().unwrap_or_default());
        let media_type = media_types.collect::<Vec<_>>().join(", "); // of two, a reader may take either
        let essence = if media_type.contains(',') { "" } else { media_type.split(';').next().unwrap_or_default() };
        if !headers.contains_key(header::ORIGIN) || essence.trim().eq_ignore_ascii_case("application/json") {
            return Ok(());
        }
        let description = format!("a page sends JSON as application/json; found {media_type:?}");
        Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", description))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for JsonFromPages {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        JsonFromPages::check(&parts.headers).map(|()| JsonFromPages)
    }
}

/// A body of at most `LIMIT` bytes.
#[derive(Clone, Debug)]
pub struct ApiBytes<const LIMIT: u64>(pub Bytes);

impl<S: Send + Sync, const LIMIT: u64> FromRequest<S> for ApiBytes<LIMIT> {
    type Rejection = Problem;

    async fn from_request(request: Request<Body>, _: &S) -> Result<Self, Problem> {
        let mut body = request.into_body();
        if body.size_hint().lower() > LIMIT {
            return Err(too_large());
        }
        let Some(first) = next(&mut body).await? else { return Ok(ApiBytes(Bytes::new())) };
        if body.is_end_stream() && first.len() as u64 <= LIMIT {
            return Ok(ApiBytes(first)); // as it came, without a copy
        }
        let mut whole = BytesMut::new();
        let mut part = Some(first);
        while let Some(more) = part {
            // Room for as much again, but not beyond what is announced: so a large body is not held twice, and an announcement
            // alone takes no memory.
            let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
            if whole.capacity() - whole.len() < more.len() {
                whole.reserve(more.len().saturating_add(announced.min(whole.len())));
            }
            whole.extend_from_slice(&more);
            if whole.len() as u64 > LIMIT {
                return Err(too_large());
            }
            part = next(&mut body).await?;
        }
        Ok(ApiBytes(whole.freeze()))
    }
}

fn too_large() -> Problem {
    Problem::too_large("the body is larger than this address takes")
}

/// The next part of a body; `None` at its end.
async fn next(body: &mut Body) -> Result<Option<Bytes>, Problem> {
    while let Some(frame) = body.frame().await {
        match frame.map(Frame::into_data) {
            Ok(Ok(part)) => return Ok(Some(part)),
            Ok(Err(_trailers)) => {}
            Err(_) => return Err(Problem::bad_request("the body could not be read to its end")),
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize, Debug)]
    struct Wanted {
        #[serde(rename = "serial")]
        _serial: String,
    }

    #[tokio::test]
    async fn malformed_json_is_answered_with_the_place_of_the_fault() {
        let request = Request::post("/").body(Body::from("{\"serial\": 1,")).unwrap();
        let problem = ApiJson::<Wanted>::from_request(request, &()).await.unwrap_err();
        assert_eq!((problem.status, problem.error), (StatusCode::BAD_REQUEST, "invalid_request"));
        assert!(problem.description.contains("line 1 column"), "{}", problem.description);
    }

    #[tokio::test]
    async fn a_page_sends_json_as_json_and_a_program_as_it_likes() {
        for (origin, media_type, read) in [
            (None, "application/x-www-form-urlencoded", true),
            (Some("http://127.0.0.1:8700"), "application/json; charset=utf-8", true),
            (Some("http://127.0.0.1:8700"), "text/plain", false),
            (Some("http://127.0.0.1:8700"), "application/json-seq", false),
        ] {
            let mut request = Request::post("/").header("content-type", media_type);
            if let Some(origin) = origin {
                request = request.header("origin", origin);
            }
            let answer =
                ApiJson::<Wanted>::from_request(request.body(Body::from("{\"serial\":\"1\"}")).unwrap(), &()).await;
            let status = answer.map_or_else(|problem| problem.status.as_u16(), |_| 200);
            assert_eq!(status == 200, read, "{origin:?} {media_type}: {status}");
            assert!(read || status == 415);
        }
    }

    #[tokio::test]
    async fn a_path_that_cannot_be_read_is_answered_in_json() {
        use axum::{Router, routing::get};
        use tower::ServiceExt;
        let router = Router::new().route("/{number}", get(|ApiPath(_): ApiPath<u32>| async { "read" }));
        for (path, status) in [("/1", 200), ("/one", 400), ("/%FF", 400)] {
            let answer = router.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
            assert_eq!(answer.status(), status, "{path}");
        }
        let answer = router.oneshot(Request::get("/%FF").body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(answer.headers()["content-type"], "application/json");
    }

    #[test]
    fn a_refusal_says_by_itself_that_it_is_what_its_type_says_and_nobody_else_s_to_read() {
        let refusal = Problem::too_large("too much").into_response(); // as the server gives it, before the guard
        assert_eq!(refusal.headers()["x-content-type-options"], "nosniff");
        assert_eq!(refusal.headers()["cross-origin-resource-policy"], "same-origin");
    }

    #[tokio::test]
    async fn a_query_or_path_that_cannot_be_read_is_told_in_our_own_words() {
        use axum::{Router, routing::get};
        use tower::ServiceExt;
        #[derive(serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Members {
            #[serde(rename = "at")]
            _at: String,
            #[serde(rename = "limit")]
            _limit: Option<u32>,
        }
        let router = Router::new()
            .route("/", get(|ApiQuery(_): ApiQuery<Members>| async { "read" }))
            .route("/p/{number}", get(|ApiPath(_): ApiPath<u32>| async { "read" }));
        for (address, beginning) in [
            ("/?at=1&at=2", "the query has the member `at` more than once"),
            ("/?at=1&polcy=strict", "the query has an unknown field `polcy`, expected `at` or `limit`"),
            ("/?at=1&%1b%60=x", "the query has an unknown field `\\u{1b}`"),
            ("/?limit=1", "the query has no member `at`, which is wanted"),
            ("/?at=1&limit=many", "the query's member `limit` cannot be read: wanted a whole number"),
            ("/?at=1&limit=9999999999", "the query's member `limit` cannot be read: the number is too large"),
            ("/p/%FF", "the path is not UTF-8 when its percent-encoding is undone"),
            ("/p/one", "a part of the path is not what is wanted there: found \"one\""),
        ] {
            let answer = router.clone().oneshot(Request::get(address).body(Body::empty()).unwrap()).await.unwrap();
            let body = answer.into_body().collect().await.unwrap().to_bytes();
            let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
            let found = body["error_description"].as_str().unwrap();
            assert!(found.starts_with(beginning) && !found.contains("eserialize"), "{address}: {found}");
            let japanese = body["error_description_ja"].as_str();
            assert_eq!(
                japanese.is_some_and(|told| told.starts_with("クエリ")),
                address.starts_with("/?"),
                "{address}: {japanese:?}"
            );
        }
    }

    #[test]
    fn whoever_is_told_to_come_again_is_told_when() {
        let later = |problem: Problem| problem.into_response().headers().get("retry-after").cloned();
        assert_eq!(later(Problem::unavailable("no room", 7)).unwrap(), "7");
        assert_eq!(later(Problem::new(StatusCode::TOO_MANY_REQUESTS, "slow_down", "too fast")).unwrap(), "1");
        assert_eq!(later(Problem::not_found("nothing")), None);
    }

    #[tokio::test]
    async fn a_body_over_the_limit_is_answered_with_413() {
        use axum::{Router, routing::post};
        use tower::ServiceExt;
        let router = Router::new().route("/", post(|_: ApiBytes<10>| async { "read" }));
        for (length, status) in [(10, StatusCode::OK), (11, StatusCode::PAYLOAD_TOO_LARGE)] {
            for body in [Body::from(vec![0; length]), in_parts([vec![0; 4], vec![0; length - 6], vec![], vec![0; 2]])] {
                let answer = router.clone().oneshot(Request::post("/").body(body).unwrap()).await.unwrap();
                assert_eq!(answer.status(), status, "{length}");
            }
        }
    }

    #[tokio::test]
    async fn a_body_in_parts_is_put_together() {
        let parts = [vec![1; 3], Vec::new(), vec![2; 100], vec![3; 5]];
        let channel = in_parts(parts.clone());
        let read = async |body| ApiBytes::<200>::from_request(Request::post("/").body(body).unwrap(), &()).await;
        let ApiBytes(whole) = read(channel).await.unwrap();
        assert_eq!(whole, parts.concat());
        let ApiBytes(none) = read(Body::empty()).await.unwrap();
        assert!(none.is_empty());
    }

    /// A body that comes part by part.
    fn in_parts(parts: [Vec<u8>; 4]) -> Body {
        struct Parts(std::vec::IntoIter<Vec<u8>>);
        impl http_body::Body for Parts {
            type Data = Bytes;
            type Error = std::convert::Infallible;
            fn poll_frame(
                mut self: std::pin::Pin<&mut Self>,
                _: &mut std::task::Context<'_>,
            ) -> std::task::Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
                std::task::Poll::Ready(self.0.next().map(|part| Ok(Frame::data(part.into()))))
            }
        }
        Body::new(Parts(Vec::from(parts).into_iter()))
    }
}
