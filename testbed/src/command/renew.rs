//! `eseal renew`: a new key and certificate for a credential or time-stamping unit.

use anyhow::Result;
use laboratory::api::{RenewalAnswer, RenewalRequest};

use crate::host::Host;
use crate::language::in_words;
use crate::output::Output;

pub(super) async fn run(host: &Host, name: &str, output: Output) -> Result<u8> {
    let answer: RenewalAnswer = host.post("/testbed/api/renewals", &RenewalRequest { name: name.into() }).await?;
    output.result(&answer, || {
        in_words!("{}  {}  valid until {}", "{}  {}  有効期限 {}", answer.name, answer.serial, answer.not_after)
    });
    if let Some(warning) = &answer.warning {
        output.say(in_words!("warning: {warning}", "警告: {warning}"));
    }
    Ok(0)
}
