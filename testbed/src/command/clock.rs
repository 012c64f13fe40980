//! `eseal clock`: the world's time.

use anyhow::Result;
use serde_json::{Value, json};

use crate::cli::{ClockAction, RenewalArgs};
use crate::host::Host;
use crate::output::{Invalid, Output};

pub(super) async fn run(host: &Host, action: &ClockAction, output: Output) -> Result<u8> {
    if let ClockAction::Set { time, .. } = action {
        world::time::parse(time, host.time().await?).map_err(|error| Invalid::new(time, error))?;
    }
    let (change, renewal) = match action {
        ClockAction::Get => (None, None),
        ClockAction::Set { time, renewal } => (Some(json!({ "action": "set", "time": time })), Some(renewal)),
        ClockAction::Advance { duration, renewal } => {
            (Some(json!({ "action": "advance", "by": duration.to_string() })), Some(renewal))
        }
        ClockAction::Run { renewal } => (Some(json!({ "action": "run" })), Some(renewal)),
        ClockAction::Freeze { renewal } => (Some(json!({ "action": "freeze" })), Some(renewal)),
        ClockAction::Reset { renewal } => (Some(json!({ "action": "reset" })), Some(renewal)),
    };
    let (method, body) = match change {
        None => ("GET", String::new()),
        Some(mut change) => {
            if let Some(renew) = renewal.and_then(RenewalArgs::renew) {
                change["renew"] = renew.into();
            }
            ("POST", change.to_string())
        }
    };
    let state = host.json(method, "/testbed/api/clock", "application/json", body.into()).await?;
    output.result(&state, || line(&state));
    tell(&state, output);
    Ok(0)
}

fn line(state: &Value) -> String {
    let time = state["time"].as_str().and_then(|time| time.parse().ok()).map(world::time::whole_seconds);
    let time = time.map_or_else(|| "?".into(), |time| time.to_string());
    let mode = state["mode"].as_str().unwrap_or_default();
    let offset = state["offset_seconds"].as_i64().unwrap_or_default();
    let renewal = if state["renew"] == false { "; what ends is not renewed" } else { "" };
    format!("{time}  ({mode}, {offset:+} s from the system's clock{renewal})")
}

/// What a person should know besides: what was renewed, and what has ended or not begun.
fn tell(state: &Value, output: Output) {
    let texts = |name: &str| -> Vec<String> {
        let texts = state[name].as_array().into_iter().flatten();
        texts.filter_map(|text| text.as_str().map(Into::into)).collect()
    };
    let renewed = texts("renewed");
    if !renewed.is_empty() {
        output.say(format!("renewed, since their time has ended: {}", renewed.join(", ")));
    }
    if let Some(warning) = state["warning"].as_str() {
        output.say(format!("warning: {warning}"));
    }
    let warnings = texts("warnings");
    warnings.iter().for_each(|warning| output.say(format!("warning: {warning}")));
    if let Some(problem) = state["not_renewed"].as_str() {
        output.say(format!("warning: nothing is renewed: {problem}"));
    } else if !warnings.is_empty() {
        output.say(REMEDY);
    }
}

/// How a world whose clock shows a time without valid certificates comes back.
pub(super) const REMEDY: &str = "set the clock to a time of theirs (`eseal clock reset`, `eseal clock set TIME`), or, while the CAs are \
    valid, renew them (`eseal renew NAME`)";
