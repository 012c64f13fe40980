//! The verifier over HTTP: a PDF in, the report out.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use bytes::Bytes;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use world::problem::{ApiBytes, ApiQuery};
use world::{World, problem::Problem};

use pades::Document;
use pki::SignatureMemory;
use validation::report::Report;
use validation::{Anchor, Input, Pdf, Policy};

use crate::Error;
use crate::api::ValidationQuery;
use crate::evidence::Online;
use crate::judgement::judge;

/// The largest PDF that is judged.
const LARGEST_PDF: u64 = 128 << 20;

/// The verifier of one world: its anchors and its policy.
#[derive(Clone)]
pub struct Verifier {
    world: World,
    anchors: Arc<Vec<Anchor>>,
    policy: Arc<Policy>,
    memory: SignatureMemory,
}

impl Verifier {
    /// A verifier that trusts those anchors.
    pub fn new(world: &World, anchors: Vec<Anchor>) -> Verifier {
        let policy = Arc::new(Policy::default());
        Verifier { world: world.clone(), anchors: Arc::new(anchors), policy, memory: SignatureMemory::default() }
    }

    /// The signatures that held in the files of this world so far.
    pub fn memory(&self) -> &SignatureMemory {
        &self.memory
    }

    /// Judges a file at a time, the world's if none is given, with evidence from the network if that is allowed.
    ///
    /// A verdict is worked out in the world's pool for verdicts: what a hostile file costs is no other request's time.
    ///
    /// # Errors
    /// [`Error::Busy`] if the pool has no room; if the file cannot be judged.
    pub async fn judge(&self, pdf: Bytes, at: Option<jiff::Timestamp>, online: Online) -> Result<Report, Error> {
        self.judge_by(self.policy.clone(), pdf, at, online).await
    }

    /// The same by another policy.
    ///
    /// # Errors
    /// As [`Verifier::judge`].
    pub async fn judge_by(
        &self,
        policy: Arc<Policy>,
        pdf: Bytes,
        at: Option<jiff::Timestamp>,
        online: Online,
    ) -> Result<Report, Error> {
        let verifier = self.clone();
        self.world.pools.verdicts.run(async move { verifier.work_out(&policy, &pdf, at, online).await }).await?
    }

    async fn work_out(
        &self,
        policy: &Policy,
        pdf: &[u8],
        at: Option<jiff::Timestamp>,
        online: Online,
    ) -> Result<Report, Error> {
        let at = at.unwrap_or_else(|| world::time::whole_seconds(self.world.clock.now()));
        let evidence_time = at.min(self.world.clock.now());
        let parsed = Document::parse(pdf);
        let known = Input {
            pdf: Pdf::of(pdf, &parsed),
            anchors: &self.anchors,
            certificates: &[],
            crls: &[],
            ocsp_responses: &[],
            policy,
            memory: &self.memory,
        };
        Ok(judge(&self.world.network, &known, at, evidence_time, online).await?.report)
    }
}

/// The verifier's addresses.
pub fn router(verifier: Verifier) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(validations)).with_state(verifier)
}

/// Judges the seals and document time-stamps of a PDF.
///
/// The verdict is in the answer, whatever it is: a seal that is not good is no error.
#[utoipa::path(
    post,
    path = "/verifier/api/validations",
    tag = "verifier",
    params(ValidationQuery),
    request_body(content_type = "application/pdf", description = "The PDF, of at most 128 MiB; its media type is not asked for."),
    responses(
        (status = OK, description = "every check with its clause, and what it comes to", body = Report),
        (status = UNPROCESSABLE_ENTITY, description = "it is no PDF that can be judged", body = Problem),
        (status = SERVICE_UNAVAILABLE, description = "too many files are judged now", body = Problem),
    ),
)]
async fn validations(
    State(verifier): State<Verifier>,
    ApiQuery(query): ApiQuery<ValidationQuery>,
    ApiBytes(pdf): ApiBytes<LARGEST_PDF>,
) -> Result<Json<Report>, Problem> {
    let now = verifier.world.clock.now();
    let at = query.at.map(|text| world::time::parse(&text, now)).transpose().map_err(Problem::bad_request)?;
    let online = if query.online == Some(false) { Online::Never } else { Online::Allowed };
    let policy = query.policy.map(|name| policy(&name)).transpose()?;
    let policy = policy.map_or_else(|| verifier.policy.clone(), Arc::new);
    Ok(Json(verifier.judge_by(policy, pdf, at, online).await?))
}

/// A policy that comes along. Files stay with the command line: nobody sends the verifier a policy of his own.
fn policy(name: &str) -> Result<Policy, Problem> {
    let names = Policy::NAMES.join(", ");
    Policy::named(name).ok_or_else(|| Problem::bad_request(format!("wanted policy one of {names}; found {name:?}")))
}

impl From<Error> for Problem {
    fn from(error: Error) -> Problem {
        match error {
            Error::Validation(_) | Error::TooManyCertificates { .. } => Problem::unprocessable(error),
            Error::Busy(busy) => busy.into(),
        }
    }
}
