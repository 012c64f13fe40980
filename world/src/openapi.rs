//! What the descriptions of all HTTP APIs have in common (OpenAPI 3.1). In: the document that the routers of all services made,
//! operation by operation. Out: the same document with what holds for each of them.
//!
//! A handler says what is its own: `#[utoipa::path]` above it, and `routes!` puts it into router and document at once. Its wire
//! types derive `ToSchema`, the members of its query `IntoParams`. What [`crate::problem::ApiQuery`], `ApiPath`, `ApiJson` and
//! `ApiBytes` refuse, and what is refused before any handler is asked, is described here.

use utoipa::PartialSchema;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Components, ContentBuilder, OpenApi, Ref};

use crate::guard::kind::{Kind, Need};
use crate::problem::Problem;

/// The name of the schema of every refusal.
const PROBLEM: &str = "Problem";

/// What the answer says that is not among an operation's own.
const REFUSED: &str = "What was wanted and what was found: the request cannot be read (400) or is for another host (421), a page \
    of another origin may not send it (403), the body is too large (413), or it may be tried again after `Retry-After` (429, 503)";

/// What an exposed server wants to be shown; another asks for nothing.
const SECURITY: [(&str, &str); 2] = [
    (
        "server_token",
        "The token of a server that others reach (`eseal up --expose`). A server on loopback asks nobody for it",
    ),
    ("join_code", "The join code of the world, on a server that others reach (`eseal world join-code`)"),
];

/// Gives every operation a name that no other has, the answer that is not among its own, a [`Problem`], and what an exposed
/// server wants to be shown for it. Paths are written as
/// OpenAPI has them: `{file}` also where a router takes several segments by `{*file}`.
pub fn complete(document: &mut OpenApi) {
    let components = document.components.get_or_insert_with(Components::new);
    components.schemas.insert(PROBLEM.into(), Problem::schema());
    for (name, description) in SECURITY {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(description));
        components.add_security_scheme(name, SecurityScheme::Http(scheme.build()));
    }
    for (path, mut item) in std::mem::take(&mut document.paths.paths) {
        let path = path.replace("{*", "{");
        for (method, operation) in operations(&mut item) {
            operation.operation_id = Some(name(method, &path));
            if operation.security.is_none() {
                operation.security = security(method, &path);
            }
            operation.responses.responses.entry("default".into()).or_insert_with(|| {
                let problem = ContentBuilder::new().schema(Some(Ref::from_schema_name(PROBLEM))).build();
                ResponseBuilder::new().description(REFUSED).content("application/json", problem).build().into()
            });
        }
        document.paths.paths.insert(path, item);
    }
}

/// One of these has to be shown, or nothing where the server is not exposed: that is the empty one. Where nobody has to show anything,
/// nothing is said.
fn security(method: &str, path: &str) -> Option<Vec<SecurityRequirement>> {
    let method = method.to_ascii_uppercase().parse().ok()?;
    let shown = match Kind::of(path).need(&method) {
        Need::Nothing => return None,
        Need::World => &SECURITY[..],
        Need::Server => &SECURITY[..1],
    };
    let shown = shown.iter().map(|(name, _)| SecurityRequirement::new(*name, [] as [&str; 0]));
    Some(shown.chain([SecurityRequirement::default()]).collect())
}

/// The operations of a path with their methods.
fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    [
        ("get", &mut item.get),
        ("head", &mut item.head),
        ("post", &mut item.post),
        ("put", &mut item.put),
        ("patch", &mut item.patch),
        ("delete", &mut item.delete),
        ("options", &mut item.options),
    ]
    .into_iter()
    .filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// `get_ca_api_certificates_by_serial`: as unique as method and path together, and the same however a handler is called.
fn name(method: &str, path: &str) -> String {
    let words = path.replace('{', "by_").replace('}', "");
    let letters = words.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' });
    method.chars().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::{Request, StatusCode};
    use serde::{Deserialize, Serialize};
    use tower::ServiceExt;
    use utoipa::{IntoParams, ToSchema};
    use utoipa_axum::router::OpenApiRouter;
    use utoipa_axum::routes;

    use super::*;
    use crate::problem::{ApiBytes, ApiJson, ApiPath, ApiQuery};

    /// What is to be enrolled.
    #[derive(Deserialize, ToSchema)]
    struct Enrolment {
        /// The profile.
        profile: String,
    }

    #[derive(Serialize, ToSchema)]
    struct Enrolled {
        serial: String,
        at: jiff::Timestamp,
    }

    #[derive(Deserialize, IntoParams)]
    #[into_params(parameter_in = Query)]
    struct Listing {
        /// How many at most.
        limit: Option<u32>,
    }

    /// Enrols.
    #[utoipa::path(post, path = "/ca/api/certificates", tag = "ca", request_body = Enrolment,
        responses((status = CREATED, description = "the certificate", body = Enrolled)))]
    async fn enrol(ApiJson(body): ApiJson<Enrolment>) -> (StatusCode, axum::Json<Enrolled>) {
        (StatusCode::CREATED, axum::Json(Enrolled { serial: body.profile, at: jiff::Timestamp::UNIX_EPOCH }))
    }

    /// Lists.
    #[utoipa::path(get, path = "/ca/api/certificates", tag = "ca", params(Listing),
        responses((status = OK, description = "all", body = [Enrolled])))]
    async fn list(ApiQuery(listing): ApiQuery<Listing>) -> String {
        format!("{:?}", listing.limit)
    }

    /// Gives a file.
    #[utoipa::path(put, path = "/ca/files/{*file}", tag = "ca", params(("file" = String, Path, description = "its name")),
        request_body(content_type = "application/pdf", description = "a PDF"),
        responses((status = OK, description = "the file", content_type = "application/pdf"),
            (status = NOT_FOUND, description = "there is none", body = Problem)))]
    async fn file(ApiPath(file): ApiPath<String>, ApiBytes(body): ApiBytes<10>) -> String {
        format!("{file} {}", body.len())
    }

    fn described() -> (axum::Router, serde_json::Value) {
        let router = OpenApiRouter::new().routes(routes!(enrol, list)).routes(routes!(file));
        let (router, mut document) = router.split_for_parts();
        complete(&mut document);
        (router, serde_json::to_value(document).unwrap())
    }

    #[test]
    fn every_operation_has_its_own_name_and_says_what_a_refusal_is() {
        let (_, document) = described();
        let paths = &document["paths"];
        assert_eq!(paths["/ca/api/certificates"]["post"]["operationId"], "post_ca_api_certificates");
        assert_eq!(paths["/ca/files/{file}"]["put"]["operationId"], "put_ca_files_by_file");
        for operation in [&paths["/ca/api/certificates"]["get"], &paths["/ca/files/{file}"]["put"]] {
            let schema = &operation["responses"]["default"]["content"]["application/json"]["schema"];
            assert_eq!(schema["$ref"], "#/components/schemas/Problem");
        }
    }

    #[tokio::test]
    async fn a_problem_is_described_as_it_is_answered() {
        let (router, document) = described();
        let request = Request::post("/ca/api/certificates").body(Body::from("[]")).unwrap();
        let answer = router.oneshot(request).await.unwrap();
        let body = axum::body::to_bytes(answer.into_body(), 1000).await.unwrap();
        let body: serde_json::Map<_, _> = serde_json::from_slice(&body).unwrap();
        let schema = &document["components"]["schemas"]["Problem"];
        assert!(body.keys().all(|member| schema["properties"].get(member).is_some()), "{schema}");
        assert!(body.keys().eq(schema["required"].as_array().unwrap()), "{schema}");
    }

    #[test]
    fn wire_types_are_described_by_what_they_are() {
        let (_, document) = described();
        let (schemas, paths) = (&document["components"]["schemas"], &document["paths"]);
        assert_eq!(schemas["Enrolled"]["properties"]["at"]["format"], "date-time");
        assert_eq!(schemas["Enrolment"]["description"], "What is to be enrolled.");
        let limit = &paths["/ca/api/certificates"]["get"]["parameters"][0];
        assert_eq!((&limit["in"], &limit["required"]), (&"query".into(), &false.into()));
        let body = &paths["/ca/files/{file}"]["put"]["requestBody"]["content"];
        assert!(body["application/pdf"].is_object(), "octets have a media type and no schema: {body}");
    }
}
