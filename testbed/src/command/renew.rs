//! `eseal renew`: a new key and certificate for a credential or time-stamping unit.

use anyhow::Result;
use serde_json::json;

use crate::host::Host;
use crate::output::Output;

pub(super) async fn run(host: &Host, name: &str, output: Output) -> Result<u8> {
    let body = json!({ "name": name }).to_string();
    let told = host.json("POST", "/testbed/api/renewals", "application/json", body.into()).await?;
    output.result(&told, || {
        let text = |name: &str| told[name].as_str().unwrap_or_default().to_owned();
        format!("{}  {}  valid until {}", text("name"), text("serial"), text("not_after"))
    });
    if let Some(warning) = told["warning"].as_str() {
        output.say(format!("warning: {warning}"));
    }
    Ok(0)
}
