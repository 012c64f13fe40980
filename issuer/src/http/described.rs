//! What the descriptions of several operations have in common: the numbers in their addresses, and what is answered where none has one.

use std::collections::BTreeMap;

use serde::Deserialize;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::{ContentBuilder, Ref, RefOr};
use utoipa::{IntoParams, IntoResponses, ToSchema};
use world::problem::Problem;

/// What stands in the addresses of a batch.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct BatchId {
    /// the batch
    pub(crate) id: i64,
}

/// What stands in the addresses of a certificate.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct CertificateId {
    /// the number of the certificate
    #[param(example = "TBU-2026-000001-N")]
    pub(crate) number: String,
}

/// What shows that somebody has a certificate before them. Links to a file are sent on, and what mail and networks append to them is
/// passed over, as by the certificate's page.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FileCode {
    /// The confirmation code that is printed on it (確認コード); hyphens, blanks and capitals do not count.
    #[param(example = "7QF2-M8KD-0VXA")]
    pub(crate) code: Option<String>,
}

/// There is no such batch.
pub(crate) struct UnknownBatch;

impl IntoResponses for UnknownBatch {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        not_found("none has that number")
    }
}

/// There is no such certificate.
pub(crate) struct UnknownCertificate;

impl IntoResponses for UnknownCertificate {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        not_found("none has that number, or it is mistyped")
    }
}

fn not_found(description: &str) -> BTreeMap<String, RefOr<Response>> {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(Problem::name()))).build();
    let response = ResponseBuilder::new().description(description).content("application/json", content).build();
    BTreeMap::from([("404".to_owned(), response.into())])
}
