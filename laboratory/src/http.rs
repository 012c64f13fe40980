//! The laboratory's own addresses: clock, journal, audit, and health. Never mixed with the services.

use std::sync::LazyLock;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use world::clock;
use world::problem::{ApiJson, ApiQuery};
use world::{Clock, Problem};

use crate::{Error, Laboratory};

/// A random word by which this process is recognised.
pub static MARK: LazyLock<String> =
    LazyLock::new(|| world::random::bytes::<16>().iter().map(|byte| format!("{byte:02x}")).collect());

/// When an ill testbed may be asked again, in seconds.
const HEALTH_MAY_TAKE: u32 = 10;

/// The laboratory's addresses.
pub(crate) fn router(laboratory: &Laboratory) -> Router {
    Router::new()
        .route("/testbed/api/clock", get(show_clock).post(change_clock))
        .route("/testbed/api/renewals", post(renew))
        .route("/testbed/api/journal", get(journal))
        .route("/testbed/api/mark", get(mark))
        .route("/healthz", get(health))
        .with_state(laboratory.clone())
        .merge(signer::audit_router(laboratory.signer.clone()))
}

async fn show_clock(State(laboratory): State<Laboratory>) -> Result<Json<Value>, Problem> {
    Ok(Json(told(&laboratory).await?))
}

/// The clock, and what has ended or not begun at its time.
async fn told(laboratory: &Laboratory) -> Result<Value, Problem> {
    let mut told = serde_json::to_value(laboratory.world.clock.state()).map_err(Problem::internal)?;
    let out_of_time = laboratory.out_of_time().await.map_err(Problem::internal)?;
    told["warnings"] = out_of_time.iter().map(ToString::to_string).collect();
    told["out_of_time"] = serde_json::to_value(out_of_time).map_err(Problem::internal)?;
    Ok(told)
}

/// What to do with the clock, and whether what has ended is renewed from now on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    action: Action,
    time: Option<String>,
    by: Option<String>,
    renew: Option<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Action {
    Set,
    Advance,
    Run,
    Freeze,
    Reset,
}

/// Moves the clock, and renews what has ended by then, so that sealing and stamping go on.
async fn change_clock(
    State(laboratory): State<Laboratory>,
    ApiJson(change): ApiJson<Change>,
) -> Result<Json<Value>, Problem> {
    let clock = laboratory.world.clock.clone();
    world::to_the_end(async move { move_and_say(&clock, change).await }).await?;
    let renewed = laboratory.renew_expired().await;
    let mut told = told(&laboratory).await?;
    match renewed {
        Ok(renewed) => {
            if let (false, Some(warning)) = (renewed.is_empty(), laboratory.ca.warning(None).await?) {
                told["warning"] = warning.into();
            }
            told["renewed"] = renewed.into();
        }
        Err(error) => told["not_renewed"] = error.to_string().into(),
    }
    if let Err(error @ ca::Error::IssuerNotValid { .. }) = laboratory.ca.check_issues().await {
        told["not_renewed"] = error.to_string().into();
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
    let warning = laboratory.ca.warning(None).await?; // before anything is renewed, which then is told
    let certificate = laboratory.renew(&renewal.name).await.map_err(|error| match error {
        Error::NothingToRenew { .. } => Problem::not_found(error),
        Error::Ca(error) => Problem::from(error),
        error => Problem::failed(&error),
    })?;
    let mut answer = json!({
        "name": renewal.name,
        "serial": certificate.serial().to_string(),
        "not_before": certificate.not_before(),
        "not_after": certificate.not_after(),
    });
    if let Some(warning) = warning {
        answer["warning"] = warning.into();
    }
    Ok(Json(answer))
}

/// Moves the clock, and says whether what has ended is renewed: that it is not before it ends, and that it is afterwards. No request
/// in between renews what somebody wants to see end.
async fn move_and_say(clock: &Clock, change: Change) -> Result<(), Problem> {
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

async fn move_clock(clock: &Clock, change: Change) -> Result<(), Problem> {
    let moved = match (change.action, change.time, change.by) {
        (Action::Set, Some(time), None) => {
            clock.set(world::time::parse(&time, clock.now()).map_err(Problem::bad_request)?).await
        }
        (Action::Advance, None, Some(by)) => clock.advance(by.parse().map_err(Problem::bad_request)?).await,
        (Action::Run, None, None) => clock.run().await,
        (Action::Freeze, None, None) => clock.freeze().await,
        (Action::Reset, None, None) => clock.reset().await,
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

async fn mark(State(laboratory): State<Laboratory>) -> Json<Value> {
    Json(json!({ "mark": *MARK, "base": laboratory.world.base }))
}

/// A real signature and a real time-stamp, or what failed. They are thrown away: nothing is left of a health check.
async fn health(State(laboratory): State<Laboratory>) -> Response {
    match laboratory.probe().await {
        Ok(()) => Json(json!({ "status": "ok", "time": laboratory.world.clock.now() })).into_response(),
        Err(error) => Problem::unavailable(error, HEALTH_MAY_TAKE).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use crate::Opening;
    use world::World;

    use super::*;

    fn change(json: &str) -> Change {
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
