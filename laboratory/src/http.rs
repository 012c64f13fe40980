//! The laboratory's own addresses: clock, journal, description, and health. Never mixed with the services.

use std::sync::LazyLock;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::{Extension, Json};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use world::clock::{self, Clock, ClockState};
use world::problem::{ApiJson, ApiQuery, Problem};
use world::server::Secure;

use crate::api::{
    ClockAction, ClockAnswer, ClockChange, CrossingsAnswer, CrossingsQuery, HealthAnswer, JournalPage, JournalQuery,
    MarkAnswer, PlanOfWorld, RenewalAnswer, RenewalRequest,
};
use crate::{Error, Laboratory, metrics};

/// A random word by which this process is recognised.
pub static MARK: LazyLock<String> = LazyLock::new(|| hex::encode(world::random::bytes::<16>()));

/// When an ill testbed may be asked again, in seconds.
const HEALTH_MAY_TAKE: u32 = 10;

/// The laboratory's addresses, to be given a laboratory.
pub(crate) fn routes() -> OpenApiRouter<Laboratory> {
    OpenApiRouter::new()
        .routes(routes!(show_clock, change_clock))
        .routes(routes!(renew))
        .routes(routes!(plan))
        .routes(routes!(journal))
        .routes(routes!(crossings))
        .routes(routes!(mark))
        .routes(routes!(health))
        .routes(routes!(metrics))
        .routes(routes!(document))
}

/// The world's time.
#[utoipa::path(
    get,
    path = "/testbed/api/clock",
    tag = "laboratory",
    responses((status = OK, description = "the clock, and what has ended or not begun at its time", body = ClockAnswer)),
)]
async fn show_clock(State(laboratory): State<Laboratory>) -> Result<Json<ClockAnswer>, Problem> {
    Ok(Json(clock_answer(&laboratory).await?))
}

/// What the world was made from.
#[utoipa::path(
    get,
    path = "/testbed/api/plan",
    tag = "laboratory",
    responses((status = OK, description = "its plan", body = PlanOfWorld)),
)]
async fn plan(State(laboratory): State<Laboratory>) -> Json<PlanOfWorld> {
    Json(PlanOfWorld { plan: laboratory.plan().to_toml(), world: laboratory.world.name.clone() })
}

/// The clock, and what has ended or not begun at its time.
async fn clock_answer(laboratory: &Laboratory) -> Result<ClockAnswer, Problem> {
    let ClockState { time, mode, offset_seconds, renew, .. } = laboratory.world.clock.state();
    let out_of_time = laboratory.out_of_time().await.map_err(Problem::internal)?;
    let warnings = out_of_time.iter().map(ToString::to_string).collect();
    let (not_renewed, renewed, warning) = (None, None, None);
    Ok(ClockAnswer { mode, not_renewed, offset_seconds, out_of_time, renew, renewed, time, warning, warnings })
}

/// Moves the clock, and renews what has ended by then, so that sealing and stamping go on.
#[utoipa::path(
    post,
    path = "/testbed/api/clock",
    tag = "laboratory",
    request_body(content = ClockChange, examples(
        ("advance" = (value = json!({ "action": "advance", "by": "400d" }))),
        ("set" = (value = json!({ "action": "set", "time": "2030-01-01T00:00:00Z" }))),
        ("run" = (value = json!({ "action": "run" }))),
        ("freeze" = (value = json!({ "action": "freeze" }))),
        ("reset" = (value = json!({ "action": "reset" }))),
    )),
    responses((status = OK, description = "the clock as it is now", body = ClockAnswer)),
)]
async fn change_clock(
    State(laboratory): State<Laboratory>,
    ApiJson(change): ApiJson<ClockChange>,
) -> Result<Json<ClockAnswer>, Problem> {
    let clock = laboratory.world.clock.clone();
    world::to_the_end(async move { move_and_say(&clock, change).await }).await?;
    let renewed = laboratory.renew_expired().await;
    let mut answer = clock_answer(&laboratory).await?;
    match renewed {
        Ok(renewed) => {
            if !renewed.is_empty() {
                answer.warning = laboratory.ca.warning(None).await?;
            }
            answer.renewed = Some(renewed);
        }
        Err(error) => answer.not_renewed = Some(error.to_string()),
    }
    if let Err(error @ ca::Error::IssuerNotValid { .. }) = laboratory.ca.check_issues(None).await {
        answer.not_renewed = Some(error.to_string());
    }
    Ok(Json(answer))
}

/// Gives a credential or time-stamping unit a new key and certificate, whatever the old one's state.
#[utoipa::path(
    post,
    path = "/testbed/api/renewals",
    tag = "laboratory",
    request_body(content = RenewalRequest, example = json!({ "name": "seal-p256" })),
    responses(
        (status = OK, description = "its new certificate", body = RenewalAnswer),
        (status = NOT_FOUND, description = "there is nothing of that name", body = Problem),
        (status = CONFLICT, description = "the CA is not valid at the world's time", body = Problem),
    ),
)]
async fn renew(
    State(laboratory): State<Laboratory>,
    ApiJson(renewal): ApiJson<RenewalRequest>,
) -> Result<Json<RenewalAnswer>, Problem> {
    let warning = laboratory.ca.warning(None).await?; // before anything is renewed, which then is told
    let certificate = laboratory.renew(&renewal.name).await.map_err(|error| match error {
        Error::NothingToRenew { .. } => Problem::not_found(error),
        Error::Ca(error) => Problem::from(error),
        error => Problem::failed(&error),
    })?;
    Ok(Json(RenewalAnswer {
        name: renewal.name,
        not_after: certificate.not_after(),
        not_before: certificate.not_before(),
        serial: certificate.serial().to_string(),
        warning,
    }))
}

/// Moves the clock, and says whether what has ended is renewed: that it is not before it ends, and that it is afterwards. No request
/// in between renews what somebody wants to see end.
async fn move_and_say(clock: &Clock, change: ClockChange) -> Result<(), Problem> {
    let say = async |renewal| clock.set_renewal(renewal).await.map_err(|error| Problem::failed(&error));
    let (renew, before) = (change.renew, clock.renewal());
    if renew == Some(false) {
        say(clock::Renewal::ByHand).await?;
    }
    let moved = move_clock(clock, change).await;
    match (&moved, renew) {
        (Ok(()), Some(true)) => say(clock::Renewal::Automatic).await?,
        (Err(_), Some(false)) => say(before).await?, // nothing of the change is done
        _ => {}
    }
    moved
}

async fn move_clock(clock: &Clock, change: ClockChange) -> Result<(), Problem> {
    let moved = match (change.action, change.time, change.by) {
        (ClockAction::Set, Some(time), None) => {
            clock.set(world::time::parse(&time, clock.now()).map_err(Problem::bad_request)?).await
        }
        (ClockAction::Advance, None, Some(by)) => clock.advance(by.parse().map_err(Problem::bad_request)?).await,
        (ClockAction::Run, None, None) => clock.run().await,
        (ClockAction::Freeze, None, None) => clock.freeze().await,
        (ClockAction::Reset, None, None) => clock.reset().await,
        _ => {
            return Err(Problem::bad_request(
                "wanted a time with set, by with advance, neither with run, freeze and reset",
            ));
        }
    };
    match moved {
        Ok(_) => Ok(()),
        Err(error @ world::Error::OutOfRange(_)) => Err(Problem::bad_request(error)),
        Err(error) => Err(Problem::failed(&error)),
    }
}

/// Who asked which service for what, and what came back.
#[utoipa::path(
    get,
    path = "/testbed/api/journal",
    tag = "laboratory",
    params(JournalQuery),
    responses((status = OK, description = "a part of the journal, oldest first", body = JournalPage)),
)]
async fn journal(
    State(laboratory): State<Laboratory>,
    ApiQuery(window): ApiQuery<JournalQuery>,
) -> Result<Json<JournalPage>, Problem> {
    let limit = window.limit.unwrap_or(100).min(10_000);
    let exchanges = laboratory.world.journal.exchanges(window.after, limit).await.map_err(Problem::internal)?;
    Ok(Json(JournalPage { exchanges }))
}

/// What the key server was sent for a certificate, or for a batch: each request, and which of its octets are digests.
#[utoipa::path(
    get,
    path = "/testbed/api/crossings",
    tag = "laboratory",
    params(CrossingsQuery),
    responses(
        (status = OK, description = "every request, with its body", body = CrossingsAnswer),
        (status = NOT_FOUND, description = "there is no such number, or nothing was sent for such a batch", body = Problem),
    ),
)]
async fn crossings(
    State(laboratory): State<Laboratory>,
    ApiQuery(query): ApiQuery<CrossingsQuery>,
) -> Result<Json<CrossingsAnswer>, Problem> {
    Ok(Json(laboratory.crossings(&query).await?))
}

/// By what this process and this world are recognised.
#[utoipa::path(
    get,
    path = "/testbed/api/mark",
    tag = "laboratory",
    responses((status = OK, description = "a word and an address", body = MarkAnswer)),
)]
async fn mark(State(laboratory): State<Laboratory>) -> Json<MarkAnswer> {
    let also_known_as = laboratory.world.network.also_known_as();
    Json(MarkAnswer { also_known_as, base: laboratory.world.base.clone(), mark: MARK.clone() })
}

/// A real signature and a real time-stamp, or what failed.
///
/// They are thrown away: nothing is left of a health check.
#[utoipa::path(
    get,
    path = "/healthz",
    tag = "laboratory",
    responses(
        (status = OK, description = "all is well", body = HealthAnswer),
        (status = SERVICE_UNAVAILABLE, description = "what failed", body = Problem),
    ),
)]
async fn health(State(laboratory): State<Laboratory>) -> Result<Json<HealthAnswer>, Problem> {
    match laboratory.probe().await {
        Ok(()) => Ok(Json(HealthAnswer { status: "ok".into(), time: laboratory.world.clock.now() })),
        Err(error) => Err(Problem::unavailable(error, HEALTH_MAY_TAKE)),
    }
}

/// What the services of this world did, as numbers for Prometheus (text format 0.0.4).
///
/// At the root of a server of several worlds: those of all that are open, each under its name, and of the server. Asking leaves
/// nothing in the journal.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "laboratory",
    responses((status = OK, description = "families of samples", body = String, content_type = "text/plain; version=0.0.4; charset=utf-8")),
)]
async fn metrics(State(laboratory): State<Laboratory>) -> Response {
    metrics::answer(&[laboratory], None).await
}

/// This description.
#[utoipa::path(
    get,
    path = "/openapi.json",
    tag = "laboratory",
    responses((status = OK, description = "an OpenAPI 3.1 document", body = Object, content_type = "application/json")),
)]
// Its addresses are those by which it was asked: clients that are made from it go on there.
async fn document(
    State(laboratory): State<Laboratory>,
    secure: Option<Extension<Secure>>,
    headers: HeaderMap,
) -> Json<OpenApi> {
    Json(laboratory.document(&laboratory.world.base_asked(secure.is_some(), &headers)))
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use world::World;

    use crate::Opening;

    use super::*;

    fn change(json: &str) -> ClockChange {
        serde_json::from_str(json).unwrap()
    }

    #[tokio::test]
    async fn a_change_that_is_refused_leaves_clock_and_renewal_as_they_were() {
        let world = World::in_memory("http://127.0.0.1:8700", "2026-11-24T09:00:00Z".parse().unwrap()).await.unwrap();
        let clock = &world.clock;
        for renew in [false, true] {
            let refused = format!(r#"{{"action":"advance","by":"9999y","renew":{renew}}}"#);
            let before = clock.renewal();
            assert!(move_and_say(clock, change(&refused)).await.is_err());
            assert_eq!(clock.renewal(), before);
            let moved =
                format!(r#"{{"action":"set","time":"2027-01-0{}T00:00:00Z","renew":{renew}}}"#, 1 + u8::from(renew));
            move_and_say(clock, change(&moved)).await.unwrap();
            assert_eq!(clock.renewal() == clock::Renewal::Automatic, renew);
        }
    }

    #[tokio::test]
    async fn nothing_is_renewed_by_requests_that_come_while_the_clock_is_moved_by_somebody_who_wants_none() {
        let world = World::in_memory("http://127.0.0.1:8700", "2026-11-24T09:00:00Z".parse().unwrap()).await.unwrap();
        let laboratory = Laboratory::open(&world, Opening::default(), |_| Router::new()).await.unwrap();
        let units = laboratory.tsa.units();
        let moving = change(r#"{"action":"set","time":"2034-05-01T00:00:00Z","renew":false}"#);
        let mut moving = Box::pin(move_and_say(&world.clock, moving));
        loop {
            let waker = std::task::Waker::noop();
            if moving.as_mut().poll(&mut std::task::Context::from_waker(waker)).is_ready() {
                break;
            }
            laboratory.renew_expired().await.unwrap();
        }
        assert_eq!(units.len(), laboratory.tsa.units().len());
        assert_eq!(units[0].key_use(), laboratory.tsa.units()[0].key_use(), "it has its old certificate");
        assert!(!laboratory.out_of_time().await.unwrap().is_empty());
    }
}
