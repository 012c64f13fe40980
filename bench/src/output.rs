//! The table, or JSON lines.

use serde_json::json;

use crate::case::Case;
use crate::limit::{Beside, Limit};
use crate::measure::Measured;

/// Where results go.
pub(crate) struct Output {
    pub(crate) json: bool,
}

/// One result.
pub(crate) struct Line<'a> {
    name: &'a str,
    what: &'a str,
    measured: Measured,
    beside: Beside,
    limit: f64,
    /// How many times as fast we are, if it is somebody else who was measured.
    advantage: Option<f64>,
    /// The least ratio to the limit, or the least advantage.
    goal: Option<f64>,
}

impl<'a> Line<'a> {
    pub(crate) fn of(case: &'a Case, measured: Measured, limit: Limit) -> Line<'a> {
        let limit = limit.of(case.beside);
        Line {
            name: case.name,
            what: case.what,
            measured,
            beside: case.beside,
            limit,
            advantage: None,
            goal: case.goal,
        }
    }

    /// A peer's figure; `ours`: how many of the same we make in a second, if that was measured in this run.
    pub(crate) fn of_peer(
        name: &'a str,
        what: &'a str,
        measured: Measured,
        limit: Limit,
        ours: Option<f64>,
        goal: Option<f64>,
    ) -> Line<'a> {
        let (beside, limit) = (Beside::P256, limit.of(Beside::P256));
        let advantage = ours.map(|ours| ours / measured.per_second());
        Line { name, what, measured, beside, limit, advantage, goal: goal.filter(|_| ours.is_some()) }
    }

    fn ratio(&self) -> f64 {
        self.measured.per_second() / self.limit
    }

    fn met(&self) -> Option<bool> {
        self.goal.map(|goal| self.advantage.unwrap_or(self.ratio()) >= goal)
    }

    fn processor_microseconds(&self) -> f64 {
        (self.measured.own + self.measured.server).as_secs_f64() * 1e6 / self.measured.operations.max(1) as f64
    }
}

impl Output {
    pub(crate) fn begin(&self) {
        if !self.json {
            println!(
                "| {:<26} | {:>9} | {:>10} | {:>10} | {:>8} | {:>7} | {:>8} | {:>4} | {:<3} |",
                "case", "per s", "µs each", "processor", "openssl", "ratio", "ours", "goal", "met"
            );
            println!(
                "|{:-<28}|{:->11}|{:->12}|{:->12}|{:->10}|{:->9}|{:->10}|{:->6}|{:-<5}|",
                "", ":", ":", ":", ":", ":", ":", ":", ""
            );
        }
    }

    pub(crate) fn line(&self, line: &Line<'_>) {
        if self.json {
            println!("{}", as_json(line));
            return;
        }
        let per_second = line.measured.per_second();
        println!(
            "| {:<26} | {:>9} | {:>10.1} | {:>10.1} | {:>8.0} | {:>7} | {:>8} | {:>4} | {:<3} |",
            line.name,
            short(per_second),
            1e6 / per_second,
            line.processor_microseconds(),
            line.limit,
            short(line.ratio()),
            line.advantage.map(|times| format!("{} ×", short(times))).unwrap_or_default(),
            line.goal.map(|goal| goal.to_string()).unwrap_or_default(),
            match line.met() {
                Some(true) => "yes",
                Some(false) => "no",
                None => "",
            },
        );
    }

    /// A remark for people.
    pub(crate) fn remark(&self, text: &str) {
        eprintln!("{text}");
    }
}

fn as_json(line: &Line<'_>) -> serde_json::Value {
    json!({
        "name": line.name,
        "what": line.what,
        "operations": line.measured.operations,
        "seconds": line.measured.elapsed.as_secs_f64(),
        "per_second": line.measured.per_second(),
        "own_processor_seconds": line.measured.own.as_secs_f64(),
        "server_processor_seconds": line.measured.server.as_secs_f64(),
        "beside": match line.beside { Beside::P256 => "openssl ecdsap256", Beside::Rsa2048 => "openssl rsa2048" },
        "beside_per_second": line.limit,
        "ratio": line.ratio(),
        "advantage": line.advantage,
        "goal": line.goal,
        "met": line.met(),
    })
}

/// Three significant digits, or all of a whole number.
fn short(number: f64) -> String {
    match number {
        n if n >= 100.0 => format!("{n:.0}"),
        n if n >= 10.0 => format!("{n:.1}"),
        n if n >= 1.0 => format!("{n:.2}"),
        n if n >= 0.1 => format!("{n:.3}"),
        n => format!("{n:.4}"),
    }
}
