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
        let time = state["time"].as_str().and_then(|time| time.parse().ok()).map(world::time::whole_seconds);
        let time = time.map_or_else(|| "?".into(), |time| time.to_string());
        let mode = state["mode"].as_str().unwrap_or_default();
        format!(
            "{time}  ({mode}, {:+} s from the system's clock)",
            state["offset_seconds"].as_i64().unwrap_or_default()
        )
    });
    if let Some(problem) = state["not_renewed"].as_str() {
        output.say(format!("warning: certificates that have ended could not be renewed: {problem}"));
    }
    let renewed: Vec<&str> =
        state["renewed"].as_array().into_iter().flatten().filter_map(|name| name.as_str()).collect();
    if !renewed.is_empty() {
        output.say(format!("renewed, since their time has ended: {}", renewed.join(", ")));
    }
    Ok(0)
}
