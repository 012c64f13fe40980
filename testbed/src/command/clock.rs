//! `eseal clock`: the world's time.

use anyhow::Result;
use serde_json::json;

use crate::cli::ClockAction;
use crate::host::Host;
use crate::output::Output;

pub(super) async fn run(host: &Host, action: &ClockAction, output: Output) -> Result<u8> {
    let change = match action {
        ClockAction::Get => None,
        ClockAction::Set { time } => Some(json!({ "action": "set", "time": time })),
        ClockAction::Advance { duration } => Some(json!({ "action": "advance", "by": duration.to_string() })),
        ClockAction::Run => Some(json!({ "action": "run" })),
        ClockAction::Freeze => Some(json!({ "action": "freeze" })),
    };
    let (method, body) = match change {
        None => ("GET", String::new()),
        Some(change) => ("POST", change.to_string()),
    };
    let state = host.json(method, "/testbed/api/clock", "application/json", body.into()).await?;
    output.result(&state, || {
        let text = |name: &str| state[name].as_str().unwrap_or_default().to_owned();
        format!("{}  ({}, {:+} s from the system's clock)", text("time"), text("mode"), state["offset_seconds"])
    });
    Ok(0)
}
