//! What stands in the address of a page, in its path and behind `?`. What cannot be read is answered in words of our own, in
//! Japanese too.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use world::problem::{ApiPath, ApiQuery};

use crate::problem::{PageProblem, UNREADABLE_QUERY};

/// The query of a page.
pub(crate) struct PageQuery<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for PageQuery<T> {
    type Rejection = PageProblem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, PageProblem> {
        let read = ApiQuery::from_request_parts(parts, state).await;
        read.map(|ApiQuery(members)| PageQuery(members))
            .map_err(|problem| PageProblem { problem, japanese: Some(UNREADABLE_QUERY) })
    }
}

/// The parameters in the path of a page.
pub(crate) struct PagePath<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for PagePath<T> {
    type Rejection = PageProblem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, PageProblem> {
        let ApiPath(value) = ApiPath::from_request_parts(parts, state).await?;
        Ok(PagePath(value))
    }
}

/// The query of pages that others link to. What else stands there, such as the marks that mail programs add, changes nothing.
#[derive(Deserialize)]
pub(crate) struct OpenQuery {
    pub(crate) lang: Option<String>,
}

/// The query of a verdict, which is what it is: nothing changes it any more.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct VerdictQuery {
    pub(crate) lang: Option<String>,
}
