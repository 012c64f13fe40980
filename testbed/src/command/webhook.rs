//! `eseal webhook`: where learning platforms send their messages, and with what they sign them.

use anyhow::Result;
use issuer::api::WebhookSecret;

use crate::cli::WebhookAction;
use crate::host::Host;
use crate::language::in_words;
use crate::output::Output;

/// Where it is asked for.
const PATH: &str = "/issuer/api/webhook";

pub(super) async fn run(host: &Host, action: &WebhookAction, output: Output) -> Result<u8> {
    let told: WebhookSecret = match action {
        WebhookAction::Secret => host.get(PATH).await?,
        WebhookAction::Rotate => host.post(&format!("{PATH}/rotate"), &serde_json::json!({})).await?,
    };
    output.result(&told, || told.secret.clone());
    output.say(in_words!("messages are sent to {}", "メッセージの送り先: {}", told.address));
    if let Some(until) = told.earlier_until {
        output.say(in_words!(
            "the secret before it is taken until {until}",
            "前のシークレットも {until} まで受け付けます"
        ));
    }
    Ok(0)
}
