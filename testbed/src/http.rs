//! The laboratory's own addresses: clock, journal, and health. Never mixed with the services.

use std::sync::LazyLock;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use world::clock::ClockState;
use world::problem::{ApiJson, ApiQuery};
use world::{Clock, Problem};

use scenarios::{Laboratory, laboratory};

/// A random word by which this process is recognised.
pub(crate) static MARK: LazyLock<String> =
    LazyLock::new(|| world::random::bytes::<16>().iter().map(|byte| format!("{byte:02x}")).collect());

/// When an ill testbed may be asked again, in seconds.
const HEALTH_MAY_TAKE: u32 = 10;

/// The laboratory's addresses.
pub(crate) fn router(laboratory: &Laboratory) -> Router {
    Router::new()
        .route("/testbed/api/clock", get(clock).post(change_clock))
        .route("/testbed/api/renewals", axum::routing::post(renew))
        .route("/testbed/api/journal", get(journal))
        .route("/testbed/api/mark", get(mark))
        .route("/healthz", get(health))
        .with_state(laboratory.clone())
}

async fn clock(State(laboratory): State<Laboratory>) -> Json<ClockState> {
    Json(laboratory.world.clock.state())
}

/// What to do with the clock.
#[derive(Deserialize)]
#[serde(tag = "action", rename_all = "lowercase", deny_unknown_fields)]
enum Change {
    Set { time: String },
    Advance { by: String },
    Run,
    Freeze,
}

/// Moves the clock, and renews what has ended by then, so that sealing and stamping go on.
async fn change_clock(
    State(laboratory): State<Laboratory>,
    ApiJson(change): ApiJson<Change>,
) -> Result<Json<Value>, Problem> {
    let state = changed(&laboratory.world.clock, change).await?;
    let mut told = serde_json::to_value(state).map_err(Problem::internal)?;
    match laboratory.renew_expired().await {
        Ok(renewed) => told["renewed"] = renewed.into(),
        Err(error) => told["not_renewed"] = error.to_string().into(), // such as after the end of the authorities
    }
    Ok(Json(told))
}

/// What to renew.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Renewal {
    name: String,
}

async fn renew(
    State(laboratory): State<Laboratory>,
    ApiJson(renewal): ApiJson<Renewal>,
) -> Result<Json<Value>, Problem> {
    let certificate = laboratory.renew(&renewal.name).await.map_err(|error| match error {
        laboratory::Error::NothingToRenew { .. } => Problem::not_found(error),
        laboratory::Error::Ca(error) => Problem::from(error),
        error => Problem::failed(&error),
    })?;
    Ok(Json(json!({
        "name": renewal.name,
        "serial": certificate.serial().to_string(),
        "not_before": certificate.not_before(),
        "not_after": certificate.not_after(),
    })))
}

async fn changed(clock: &Clock, change: Change) -> Result<ClockState, Problem> {
    let state = match change {
        Change::Set { time } => {
            let time = world::time::parse(&time, clock.now()).map_err(Problem::bad_request)?;
            clock.set(time).await
        }
        Change::Advance { by } => clock.advance(by.parse().map_err(Problem::bad_request)?).await,
        Change::Run => clock.run().await,
        Change::Freeze => clock.freeze().await,
    };
    state.map_err(|error| match error {
        world::Error::OutOfRange(_) => Problem::bad_request(error),
        error => Problem::failed(&error),
    })
}

#[derive(Deserialize)]
struct Window {
    #[serde(default)]
    after: i64,
    limit: Option<u32>,
}

async fn journal(
    State(laboratory): State<Laboratory>,
    ApiQuery(window): ApiQuery<Window>,
) -> Result<Json<Value>, Problem> {
    let limit = window.limit.unwrap_or(100).min(10_000);
    let exchanges = laboratory.world.journal.exchanges(window.after, limit).await.map_err(Problem::internal)?;
    Ok(Json(json!({ "exchanges": exchanges })))
}

async fn mark() -> Json<Value> {
    Json(json!({ "mark": *MARK }))
}

/// A real signature and a real time-stamp, or what failed. They are thrown away: nothing is left of a health check.
async fn health(State(laboratory): State<Laboratory>) -> Response {
    match laboratory.probe().await {
        Ok(()) => Json(json!({ "status": "ok", "time": laboratory.world.clock.now() })).into_response(),
        Err(error) => Problem::unavailable(error, HEALTH_MAY_TAKE).into_response(),
    }
}
