//! The verifier over HTTP: a PDF in, the report out.

use std::sync::Arc;

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use bytes::Bytes;
use serde::Deserialize;
use world::problem::{ApiBytes, ApiQuery};
use world::{Problem, World};

use pades::Document;
use validation::{Anchor, Input, Pdf, Policy, Report};

use crate::Error;
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
}

impl Verifier {
    /// A verifier that trusts those anchors.
    pub fn new(world: &World, anchors: Vec<Anchor>) -> Verifier {
        let policy = Arc::new(Policy::default());
        Verifier { world: world.clone(), anchors: Arc::new(anchors), policy }
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
        let asked = at.min(self.world.clock.now());
        let parsed = Document::parse(pdf);
        let pdf = Pdf::of(pdf, &parsed);
        let known = Input { pdf, anchors: &self.anchors, certificates: &[], crls: &[], ocsp_responses: &[], policy };
        Ok(judge(&self.world.network, &known, at, asked, online).await?.report)
    }
}

/// The verifier's addresses.
pub fn router(verifier: Verifier) -> Router {
    Router::new().route("/verifier/api/validations", post(validations)).with_state(verifier)
}

/// Members of the query.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// The validation time: RFC 3339, a date, `+400d`; else the world's now.
    at: Option<String>,
    /// Whether evidence may be fetched; it may, if nothing is said.
    online: Option<bool>,
    /// The policy that is asked for by name; else `default`.
    policy: Option<String>,
}

async fn validations(
    State(verifier): State<Verifier>,
    ApiQuery(wanted): ApiQuery<Wanted>,
    ApiBytes(pdf): ApiBytes<LARGEST_PDF>,
) -> Result<Json<Report>, Problem> {
    let now = verifier.world.clock.now();
    let at = wanted.at.map(|text| world::time::parse(&text, now)).transpose().map_err(Problem::bad_request)?;
    let online = if wanted.online == Some(false) { Online::Never } else { Online::Allowed };
    let policy = wanted.policy.map(|name| policy(&name)).transpose()?;
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
