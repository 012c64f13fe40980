//! Members of a query that an operation does not have. In: the issuer's routes with their description. Out: the same, which answer 400 where
//! a query has a member and the operation none: whoever wrote it means something by it.
//!
//! Operations that have members read them themselves, and refuse others. What badges refer to (`/issuer/profile`, keys, pictures) is fetched
//! by programs of others, and given whatever they append.

use std::collections::HashSet;
use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use utoipa::openapi::RefOr;
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa_axum::router::OpenApiRouter;
use world::problem::Problem;

use crate::issue::Issuer;

/// Where the operations are of which nothing may be asked that they do not know.
const BEGIN: &str = "/issuer/api/";

/// Operations without members of a query, by method and path.
type Bare = Arc<HashSet<(Method, String)>>;

pub(super) fn refused(routes: OpenApiRouter<Issuer>) -> OpenApiRouter<Issuer> {
    let bare: Bare = Arc::new(bare(&routes));
    routes.layer(middleware::from_fn_with_state(bare, check))
}

fn bare(routes: &OpenApiRouter<Issuer>) -> HashSet<(Method, String)> {
    let has_none = |operation: &Operation| {
        let mut parameters = operation.parameters.iter().flatten();
        parameters.all(|parameter| match parameter {
            RefOr::T(parameter) => parameter.parameter_in != ParameterIn::Query,
            RefOr::Ref(_) => false, // it reads its members itself
        })
    };
    let paths = routes.get_openapi().paths.paths.iter().filter(|(path, _)| path.starts_with(BEGIN));
    let operations = paths.flat_map(|(path, item)| {
        let methods =
            [(Method::GET, &item.get), (Method::HEAD, &item.get), (Method::POST, &item.post), (Method::PUT, &item.put)];
        methods.into_iter().filter_map(|(method, operation)| Some((method, path.clone(), operation.as_ref()?)))
    });
    let bare = operations.filter(|(.., operation)| has_none(operation));
    bare.map(|(method, path, _)| (method, path)).collect()
}

async fn check(State(bare): State<Bare>, path: MatchedPath, request: Request, next: Next) -> Response {
    let name = request.uri().query().and_then(|query| query.split(['&', '=']).find(|part| !part.is_empty()));
    let Some(name) = name else { return next.run(request).await };
    // Another world is served below a path of its own.
    let path = path.as_str().find(BEGIN).map_or("", |begin| &path.as_str()[begin..]);
    match bare.contains(&(request.method().clone(), path.to_owned())) {
        true => {
            let name = world::text::visible(name);
            let problem = format!("the query has an unknown field `{name}`; nothing can be said there");
            let japanese = format!("クエリに不明な項目 `{name}` があります（この操作にクエリの項目はありません）");
            Problem::bad_request(problem).in_japanese(japanese).into_response()
        }
        false => next.run(request).await,
    }
}
