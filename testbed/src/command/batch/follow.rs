//! A batch that is waited for, with a bar that has its rate and the time left.

use std::time::Duration;

use anyhow::Result;
use issuer::api::{Batch, BatchState};
use tokio::time::timeout;
use validation::Language;

use super::show;
use crate::host::Host;
use crate::language::{in_words, language};
use crate::output::Output;

/// How often it is looked how far it is.
const LOOK: Duration = Duration::from_millis(200);

/// Waits until nothing goes on any more; gives the batch as it is then.
pub(super) async fn follow(host: &Host, id: i64, output: Output) -> Result<Batch> {
    let first = show(host, id).await?;
    let bar = output.progress(usize::try_from(first.rows.all()).unwrap_or(usize::MAX));
    let mut told: Option<String> = None;
    loop {
        let batch = show(host, id).await?;
        bar.set_position(batch.rows.done());
        bar.set_message(message(&batch));
        if batch.state != BatchState::Running {
            bar.finish_and_clear();
            return Ok(batch);
        }
        if batch.problem.is_some() && told != batch.problem {
            bar.suspend(|| output.say(batch.problem_in(language() == Language::Japanese).unwrap_or_default()));
            told.clone_from(&batch.problem);
        }
        // The batch itself cannot be waited for: a server may be any number of processes away from who works on it.
        let _over = timeout(LOOK, std::future::pending::<()>()).await;
    }
}

fn message(batch: &Batch) -> String {
    let Some((rate, left)) = batch.rate.zip(batch.seconds_left) else { return String::new() };
    let (minutes, seconds) = (left / 60, left % 60);
    in_words!("{rate}/s, {minutes}:{seconds:02} left", "{rate} 件/秒、残り {minutes}:{seconds:02}")
}
