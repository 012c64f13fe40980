//! What services did, as numbers for whoever watches a testbed: counts, durations, what was refused and for what reason.
//!
//! In: each exchange, when its answer is ready. Out: a [`Page`] in the text format of Prometheus, version 0.0.4. Counting costs
//! a request three additions; only what was refused is looked up by its name. Numbers are of this process, in real time: the
//! world's clock has no part in them.

mod page;
mod process;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

pub use page::{Family, Kind, MEDIA_TYPE, Page};
pub use process::write_process;

/// Services by the first segment of their paths. Everything else, pages and what is not there, is `other`.
const SERVICES: [&str; 11] =
    ["ca", "csc", "dss", "healthz", "issuer", "metrics", "testbed", "tsa", "verifier", "x", "other"];

/// The place of `other`.
const OTHER: usize = SERVICES.len() - 1;

/// By the first digit of the status; an answer that was withheld has none.
const CLASSES: [&str; 6] = ["none", "1xx", "2xx", "3xx", "4xx", "5xx"];

/// Upper ends of the classes of durations, in microseconds: a signature takes some tenths of a millisecond, a seal some.
const BUCKETS: [u64; 13] =
    [250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000, 2_500_000, 10_000_000];

/// How many reasons are counted by name.
const REASONS: usize = 200;

/// Goes along with an answer that refuses: the word for the reason, as the service's protocol has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused(pub &'static str);

/// What one world's services did since it was opened.
#[derive(Debug, Default)]
pub struct Traffic {
    services: [Service; SERVICES.len()],
    refused: Mutex<BTreeMap<(usize, &'static str), u64>>,
}

#[derive(Debug, Default)]
struct Service {
    statuses: [AtomicU64; CLASSES.len()],
    /// One more than [`BUCKETS`]: what took longer.
    durations: [AtomicU64; BUCKETS.len() + 1],
    microseconds: AtomicU64,
    faults: AtomicU64,
}

/// One exchange, as it is counted.
pub(crate) struct Counted<'a> {
    /// The first segment of its path.
    pub(crate) service: &'a str,
    /// 0 if no answer was given.
    pub(crate) status: u16,
    pub(crate) microseconds: u64,
    /// Why it was refused.
    pub(crate) refused: Option<&'static str>,
    /// Whether a fault rule changed it.
    pub(crate) faulty: bool,
}

impl Traffic {
    pub(crate) fn count(&self, exchange: &Counted<'_>) {
        let place = SERVICES.iter().position(|name| *name == exchange.service).unwrap_or(OTHER);
        let service = &self.services[place];
        let class = usize::from(exchange.status / 100);
        service.statuses[if class < CLASSES.len() { class } else { 0 }].fetch_add(1, Relaxed);
        let duration = BUCKETS.iter().position(|end| exchange.microseconds <= *end).unwrap_or(BUCKETS.len());
        service.durations[duration].fetch_add(1, Relaxed);
        service.microseconds.fetch_add(exchange.microseconds, Relaxed);
        if exchange.faulty {
            service.faults.fetch_add(1, Relaxed);
        }
        if let Some(reason) = exchange.refused {
            let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
            let is_known = refused.len() < REASONS || refused.contains_key(&(place, reason));
            *refused.entry((place, if is_known { reason } else { "other" })).or_default() += 1;
        }
    }

    /// Writes what this world's services did.
    pub fn write(&self, world: &str, page: &mut Page) {
        for (name, service) in SERVICES.iter().zip(&self.services) {
            let counts = service.durations.each_ref().map(|count| count.load(Relaxed));
            let total: u64 = counts.iter().sum();
            if total == 0 {
                continue; // nobody asked it
            }
            let labels = [("world", world), ("service", name)];
            for (class, count) in CLASSES.iter().zip(&service.statuses) {
                let count = count.load(Relaxed);
                if count > 0 {
                    page.sample(&REQUESTS, &[labels[0], labels[1], ("status", class)], count);
                }
            }
            let buckets: Vec<(u64, u64)> = BUCKETS.into_iter().zip(counts).collect();
            page.histogram(&DURATIONS, &labels, &buckets, total, service.microseconds.load(Relaxed));
            page.sample(&FAULTS, &labels, service.faults.load(Relaxed));
        }
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        for ((place, reason), count) in refused.iter() {
            page.sample(&REFUSED, &[("world", world), ("service", SERVICES[*place]), ("error", reason)], *count);
        }
    }
}

const REQUESTS: Family = Family {
    name: "eseal_requests_total",
    kind: Kind::Counter,
    help: "Requests that were answered, by service and class of HTTP status, also those between services of the world.",
};
const DURATIONS: Family = Family {
    name: "eseal_request_duration_seconds",
    kind: Kind::Histogram,
    help: "How long the services took, in real time.",
};
const FAULTS: Family = Family {
    name: "eseal_faults_total",
    kind: Kind::Counter,
    help: "Requests that a fault rule of the world changed.",
};
const REFUSED: Family = Family {
    name: "eseal_refused_total",
    kind: Kind::Counter,
    help: "Requests that were refused, by the error's code in the protocol of the service.",
};

/// What the server of this process did before any world is asked: its connections, and whom it sent away.
#[derive(Debug, Default)]
pub struct Door {
    taken: AtomicU64,
    ended: AtomicU64,
    full: AtomicU64,
    strangers: [AtomicU64; STRANGERS.len()],
}

/// The one of this process.
pub static DOOR: Door = Door {
    taken: AtomicU64::new(0),
    ended: AtomicU64::new(0),
    full: AtomicU64::new(0),
    strangers: [const { AtomicU64::new(0) }; STRANGERS.len()],
};

/// Why a request does not come to the services.
const STRANGERS: [&str; 8] = [
    "misdirected_request",
    "foreign_page",
    "unauthorized",
    "invalid_token",
    "insufficient_scope",
    "too_many_attempts",
    "invalid_request",
    "other",
];

impl Door {
    /// Counts a connection, which ends with the value.
    pub(crate) fn enter(&'static self) -> impl Drop {
        self.taken.fetch_add(1, Relaxed);
        Inside(self)
    }

    /// Counts a connection for which there was no place.
    pub(crate) fn turn_away(&self) {
        self.full.fetch_add(1, Relaxed);
    }

    /// Counts a request that the guard refused with that error.
    pub(crate) fn refuse(&self, error: &str) {
        let place = STRANGERS.iter().position(|known| *known == error).unwrap_or(STRANGERS.len() - 1);
        self.strangers[place].fetch_add(1, Relaxed);
    }

    /// Writes what the server did.
    pub fn write(&self, page: &mut Page) {
        let taken = self.taken.load(Relaxed);
        page.sample(&CONNECTIONS, &[], taken.saturating_sub(self.ended.load(Relaxed)));
        page.sample(&TAKEN, &[], taken);
        page.sample(&FULL, &[], self.full.load(Relaxed));
        for (reason, count) in STRANGERS.iter().zip(&self.strangers) {
            page.sample(&AT_DOOR, &[("error", reason)], count.load(Relaxed));
        }
    }
}

struct Inside(&'static Door);

impl Drop for Inside {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Relaxed);
    }
}

const CONNECTIONS: Family =
    Family { name: "eseal_connections", kind: Kind::Gauge, help: "Connections that are open now." };
const TAKEN: Family =
    Family { name: "eseal_connections_total", kind: Kind::Counter, help: "Connections that were taken." };
const FULL: Family = Family {
    name: "eseal_connections_turned_away_total",
    kind: Kind::Counter,
    help: "Connections that found no place.",
};
const AT_DOOR: Family = Family {
    name: "eseal_guard_refused_total",
    kind: Kind::Counter,
    help: "Requests that were refused before they came to a world: another host, a foreign page, no token or a wrong one.",
};

#[cfg(test)]
mod tests {
    use super::*;

    fn counted<'a>(service: &'a str, status: u16, microseconds: u64, refused: Option<&'static str>) -> Counted<'a> {
        Counted { service, status, microseconds, refused, faulty: false }
    }

    #[test]
    fn requests_are_counted_by_service_status_duration_and_reason() {
        let traffic = Traffic::default();
        traffic.count(&counted("tsa", 200, 400, None));
        traffic.count(&counted("tsa", 200, 20_000_000, Some("badAlg")));
        traffic.count(&counted("no-service-of-ours", 404, 10, Some("not_found")));
        traffic.count(&Counted { faulty: true, ..counted("ca", 0, 10, None) });
        let mut page = Page::default();
        traffic.write("class", &mut page);
        let text = page.to_string();
        for line in [
            r#"eseal_requests_total{world="class",service="tsa",status="2xx"} 2"#,
            r#"eseal_requests_total{world="class",service="other",status="4xx"} 1"#,
            r#"eseal_requests_total{world="class",service="ca",status="none"} 1"#,
            r#"eseal_request_duration_seconds_bucket{world="class",service="tsa",le="0.00025"} 0"#,
            r#"eseal_request_duration_seconds_bucket{world="class",service="tsa",le="0.0005"} 1"#,
            r#"eseal_request_duration_seconds_bucket{world="class",service="tsa",le="10"} 1"#,
            r#"eseal_request_duration_seconds_bucket{world="class",service="tsa",le="+Inf"} 2"#,
            r#"eseal_request_duration_seconds_count{world="class",service="tsa"} 2"#,
            r#"eseal_request_duration_seconds_sum{world="class",service="tsa"} 20.0004"#,
            r#"eseal_refused_total{world="class",service="tsa",error="badAlg"} 1"#,
            r#"eseal_refused_total{world="class",service="other",error="not_found"} 1"#,
            r#"eseal_faults_total{world="class",service="ca"} 1"#,
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
        assert!(!text.contains("issuer"), "what nobody asked has no lines");
    }

    #[test]
    fn families_stay_together_over_several_worlds() {
        let (one, other, mut page) = (Traffic::default(), Traffic::default(), Page::default());
        one.count(&counted("tsa", 200, 1, None));
        other.count(&counted("ca", 200, 1, None));
        one.write("one", &mut page);
        other.write("other", &mut page);
        let text = page.to_string();
        assert_eq!(text.matches("# TYPE eseal_requests_total counter").count(), 1);
        let lines: Vec<usize> = (0..)
            .zip(text.lines())
            .filter(|(_, line)| line.starts_with("eseal_requests_total"))
            .map(|(number, _)| number)
            .collect();
        assert_eq!(lines, [lines[0], lines[0] + 1]);
    }
}
