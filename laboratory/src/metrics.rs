//! The numbers of worlds and of their server, for `/metrics`: [`world::metrics`] counts, here is what the laboratory knows beside.

use std::time::Duration;

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures_util::future::join_all;
use jiff::Timestamp;
use tokio::time::timeout;
use world::clock::{ClockState, Mode};
use world::metrics::{DOOR, Family, Kind, MEDIA_TYPE, Page, write_process};
use world::pool::{Pool, Pools};

use crate::api::{OutOfTime, OutOfTimeKind};
use crate::worlds::Worlds;
use crate::{Error, Laboratory, registry};

const fn gauge(name: &'static str, help: &'static str) -> Family {
    Family { name, kind: Kind::Gauge, help }
}

const fn counter(name: &'static str, help: &'static str) -> Family {
    Family { name, kind: Kind::Counter, help }
}

const BUILD: Family = gauge("eseal_build_info", "The version of the testbed that answers.");
const STARTED: Family = gauge("process_start_time_seconds", "Start time of the process since unix epoch in seconds.");
const WORLDS: Family =
    gauge("eseal_worlds", "Worlds of the server's folder: open, or idle until one is asked for something.");
const WORK: Family = gauge("eseal_pool_work", "Pieces of long work (verdicts, documents) that are done or wait.");
const PLACES: Family = gauge("eseal_pool_places", "How many pieces of long work are taken at a time.");
const TURNED_AWAY: Family = counter("eseal_pool_turned_away_total", "Pieces of long work that found no room.");
const TIME: Family = gauge("eseal_clock_seconds", "The world's time since unix epoch in seconds.");
const OFFSET: Family = gauge("eseal_clock_offset_seconds", "World time minus system time.");
const RUNNING: Family = gauge("eseal_clock_running", "1 if the world's clock runs, 0 if it stands still.");
const DAYS: Family = gauge(
    "eseal_certificate_days_left",
    "Days until the end of a certificate, by the world's clock; of a time-stamping unit until the end of its key's period.",
);
const JOURNAL: Family =
    counter("eseal_journal_exchanges_total", "Exchanges that were written into the world's journal.");
const WAITING: Family = gauge("eseal_journal_waiting", "Exchanges that are not written down yet.");

const READABLE: Family = gauge("eseal_world_readable", "1 if the world's database could be read for these numbers.");

/// The page of those worlds, with what the process says of itself; `server` if they are all that it has open.
pub(crate) async fn answer(laboratories: &[Laboratory], server: Option<&Worlds>) -> Response {
    let mut page = Page::default();
    page.sample(&BUILD, &[("version", env!("CARGO_PKG_VERSION"))], 1);
    if let Some(worlds) = server {
        let idle = registry::names(worlds.data()).len().saturating_sub(laboratories.len());
        page.sample(&STARTED, &[], seconds(worlds.started()));
        page.sample(&WORLDS, &[("state", "open")], laboratories.len());
        page.sample(&WORLDS, &[("state", "idle")], idle);
    }
    write_process(&mut page);
    DOOR.write(&mut page);
    if let Some(first) = laboratories.first() {
        let Pools { verdicts, documents, .. } = &first.world.pools; // which the worlds of a process share
        pool(&mut page, "verdicts", verdicts);
        pool(&mut page, "documents", documents);
    }
    let kept = join_all(laboratories.iter().map(kept_in_time)).await;
    for (laboratory, kept) in laboratories.iter().zip(kept) {
        of_world(laboratory, kept, &mut page);
    }
    ([(CONTENT_TYPE, MEDIA_TYPE), (CACHE_CONTROL, "no-store")], page.to_string()).into_response()
}

fn pool(page: &mut Page, name: &str, pool: &Pool) {
    let labels = [("pool", name)];
    page.sample(&WORK, &labels, pool.taken());
    page.sample(&PLACES, &labels, pool.places());
    page.sample(&TURNED_AWAY, &labels, pool.turned_away());
}

fn of_world(laboratory: &Laboratory, kept: Option<Kept>, page: &mut Page) {
    let world = &laboratory.world;
    let labels = [("world", world.name.as_str())];
    let ClockState { time, mode, offset_seconds, .. } = world.clock.state();
    page.sample(&TIME, &labels, seconds(time));
    page.sample(&OFFSET, &labels, offset_seconds);
    page.sample(&RUNNING, &labels, u8::from(mode == Mode::Running));
    page.sample(&WAITING, &labels, world.journal.waiting());
    world.journal.traffic().write(&world.name, page);
    page.sample(&READABLE, &labels, u8::from(kept.is_some()));
    let Some(Kept { periods, exchanges }) = kept else { return };
    for period in periods {
        let kind = match period.kind {
            OutOfTimeKind::Authority => "authority",
            OutOfTimeKind::Credential => "credential",
            OutOfTimeKind::TimeStampingUnit => "time-stamping-unit",
        };
        let days = (seconds(period.not_after) - seconds(period.at)) / 86_400.0;
        page.sample(&DAYS, &[labels[0], ("kind", kind), ("name", &period.name)], format_args!("{days:.3}"));
    }
    page.sample(&JOURNAL, &labels, exchanges);
}

/// What stands in a world's database.
struct Kept {
    periods: Vec<OutOfTime>,
    exchanges: i64,
}

/// How long the numbers of a world are waited for: who watches asks again soon, and wants those that are there.
const PATIENCE: Duration = Duration::from_secs(2);

/// Nothing if it cannot be read now.
async fn kept_in_time(laboratory: &Laboratory) -> Option<Kept> {
    let problem = match timeout(PATIENCE, kept(laboratory)).await {
        Ok(Ok(kept)) => return Some(kept),
        Ok(Err(error)) => error.to_string(),
        Err(late) => late.to_string(),
    };
    tracing::debug!(world = laboratory.world.name, problem, "a world's numbers could not be read");
    None
}

async fn kept(laboratory: &Laboratory) -> Result<Kept, Error> {
    laboratory.world.store.catch_up().await?; // also the time of its clock
    Ok(Kept { periods: laboratory.periods().await?, exchanges: laboratory.world.journal.newest().await? })
}

fn seconds(time: Timestamp) -> f64 {
    time.as_millisecond() as f64 / 1e3
}
