//! `eseal batch`: how far batches are, what came of them, and what is to be done about them.

mod files;
mod follow;
mod issue;

use std::path::Path;

use anyhow::Result;
use bytes::Bytes;
use issuer::api::{Batch, BatchRow, BatchRows, BatchState, Batches, RowState};
use validation::Language;
use world::store::Dialect;

use crate::cli::BatchAction;
use crate::files as places;
use crate::host::{self, Host, query_member};
use crate::language::{in_words, language};
use crate::output::Output;

pub(super) use issue::issue;

use follow::follow;

/// How many rows are asked for at a time.
const PAGE: usize = 1000;

pub(super) async fn run(host: &Host, action: &BatchAction, output: Output) -> Result<u8> {
    match action {
        BatchAction::List => {
            let (mut before, mut any) = (String::new(), false);
            loop {
                let Batches { batches, next } = host.get(&format!("/issuer/api/batches{before}")).await?;
                for batch in &batches {
                    output.result(batch, || line(batch));
                }
                any |= !batches.is_empty();
                let Some(next) = next else { break };
                before = format!("?before={next}");
            }
            if !any {
                output.say(in_words!(
                    "there are no batches yet: `eseal issue --batch FILE`",
                    "一括発行はまだありません: `eseal issue --batch FILE`"
                ));
            }
            Ok(0)
        }
        BatchAction::Show { id, wait } => match wait {
            true => waited_for(host, *id, output).await,
            false => told(&show(host, *id).await?, output),
        },
        BatchAction::Rows { id, state, after, limit } => {
            let mut left = limit.unwrap_or(usize::MAX);
            let mut after = after.unwrap_or(0);
            while left > 0 {
                let BatchRows { next, rows } = rows(host, *id, (*state, false), after, left.min(PAGE)).await?;
                left -= rows.len();
                rows.iter().for_each(|row| output.result(row, || row_line(row)));
                let Some(next) = next else { break };
                after = next;
            }
            Ok(0)
        }
        BatchAction::Pause { id } => done(&changed(host, *id, "pause").await?, output),
        BatchAction::Cancel { id } => done(&changed(host, *id, "cancel").await?, output),
        BatchAction::Resume { id } => go_on(host, *id, "resume", output).await,
        BatchAction::Retry { id } => go_on(host, *id, "retry", output).await,
        BatchAction::Result { id, out, overwrite } => {
            let out = out.as_deref().unwrap_or(Path::new("-"));
            places::check_result_name(out)?;
            let output = output.beside([out])?;
            places::check_free(out, overwrite.existing())?;
            save_result(host, *id, out, overwrite.existing()).await?;
            let batch = show(host, *id).await?;
            Ok(code_of_all(&batch, output))
        }
        BatchAction::Files(args) => {
            let batch = show(host, args.id).await?;
            files::save(host, args.id, &args.out, args.overwrite.existing(), output).await?;
            output.result(&batch, || line(&batch));
            Ok(code_of_all(&batch, output))
        }
    }
}

/// The batch as it is now.
pub(super) async fn show(host: &Host, id: i64) -> Result<Batch> {
    host.get(&format!("/issuer/api/batches/{id}")).await
}

async fn changed(host: &Host, id: i64, act: &str) -> Result<Batch> {
    host.json("POST", &format!("/issuer/api/batches/{id}/{act}"), "", Bytes::new()).await
}

/// `noted`: only those with a note.
async fn rows(
    host: &Host,
    id: i64,
    (state, noted): (Option<RowState>, bool),
    after: i64,
    limit: usize,
) -> Result<BatchRows> {
    let mut query = vec![query_member("after", &after.to_string()), query_member("limit", &limit.to_string())];
    if let Some(state) = state {
        query.push(query_member("state", &word(&state)));
    }
    if noted {
        query.push("noted=true".to_owned());
    }
    host.get(&format!("/issuer/api/batches/{id}/rows?{}", query.join("&"))).await
}

/// When whoever works on it is done with it. Without a server only workers may, and over a file there are none.
async fn waited_for(host: &Host, id: i64, output: Output) -> Result<u8> {
    if let Some(laboratory) = host.laboratory() {
        let batch = show(host, id).await?;
        let has_workers = laboratory.world.store.dialect() == Dialect::Postgres;
        match batch.state {
            BatchState::Running if has_workers => output.say(in_words!(
                "no testbed is running here: waiting for what `eseal worker` does; Ctrl-C ends the waiting, and `eseal batch resume {id}` works on it here",
                "ここではテストベッドが動いていません。`eseal worker` の処理を待ちます。Ctrl-C で待つのをやめられます。`eseal batch resume {id}` でここで処理します"
            )),
            BatchState::Running => {
                output.result(&batch, || line(&batch));
                output.say(in_words!(
                    "nobody works on it: no testbed is running; `eseal batch resume {id}` goes on with it here, `eseal up` with all",
                    "テストベッドが動いていないので、だれも処理していません。`eseal batch resume {id}` でここで、`eseal up` ですべてを続けます"
                ));
                return Ok(1);
            }
            _ => {}
        }
    }
    told(&follow(host, id, output).await?, output)
}

/// A server works on it; without one this process does, to the end.
async fn go_on(host: &Host, id: i64, act: &str, output: Output) -> Result<u8> {
    let batch = changed(host, id, act).await?;
    match host.laboratory() {
        Some(laboratory) => {
            laboratory.issuer.begin_work();
            told(&follow(host, id, output).await?, output)
        }
        None => {
            output.result(&batch, || line(&batch));
            let failed = batch.rows.failed;
            let is_incomplete = act == "retry" && failed > 0;
            if is_incomplete {
                output.say(in_words!(
                    "{failed} rows failed for what they say, and are not tried again: `eseal batch rows {id} --state failed`",
                    "内容のために失敗した {failed} 件は再試行しません: `eseal batch rows {id} --state failed`"
                ));
            }
            Ok(u8::from(is_incomplete))
        }
    }
}

/// What was wanted is done, whatever is left of the batch.
fn done(batch: &Batch, output: Output) -> Result<u8> {
    output.result(batch, || line(batch));
    Ok(0)
}

/// Writes a result file, all of it or nothing.
pub(super) async fn save_result(host: &Host, id: i64, out: &Path, existing: places::Existing) -> Result<()> {
    let kind = if out.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json")) { "json" } else { "csv" };
    let language = language().code();
    let path = match kind {
        "csv" => format!("/issuer/api/batches/{id}/result.csv?lang={language}"),
        _ => format!("/issuer/api/batches/{id}/result.json"),
    };
    let answer = host.send("GET", &path, "", Bytes::new()).await?;
    Ok(places::write(out, host::accepted(answer)?.body(), existing)?)
}

/// Tells how far it is; gives the exit code.
pub(super) fn told(batch: &Batch, output: Output) -> Result<u8> {
    output.result(batch, || line(batch));
    Ok(code(batch, output))
}

/// Whether every row has its certificate: one that is being worked on is not asked yet, and one at rest with rows left has not.
fn code(batch: &Batch, output: Output) -> u8 {
    let (id, left) = (batch.id, batch.rows.left());
    let rests = batch.state != BatchState::Running;
    if let Some(problem) = batch.problem_in(language() == Language::Japanese) {
        output.say(in_words!("{problem}; {left} rows are left", "{problem}（残り {left} 件）"));
    }
    if rests && left > 0 {
        output.say(in_words!(
            "{left} rows are left: `eseal batch resume {id}` goes on with them",
            "残り {left} 件: `eseal batch resume {id}` で続けます"
        ));
    }
    let incomplete = batch.rows.failed + batch.rows.changed + batch.rows.cancelled > 0;
    u8::from(incomplete || rests && left > 0 || batch.state == BatchState::Stopped)
}

/// The same where all of its rows were wanted: one that is still worked on has not all.
fn code_of_all(batch: &Batch, output: Output) -> u8 {
    let (id, left) = (batch.id, batch.rows.left());
    if batch.state == BatchState::Running && left > 0 {
        output.say(in_words!(
            "{left} rows are still being worked on: `eseal batch show {id} --wait` waits for them",
            "{left} 件はまだ処理中です: `eseal batch show {id} --wait` で待てます"
        ));
        return 1;
    }
    code(batch, output)
}

/// A state as JSON has it.
fn word(state: &impl serde::Serialize) -> String {
    let value = serde_json::to_value(state).ok();
    value.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default().to_owned()
}

fn line(batch: &Batch) -> String {
    let rows = &batch.rows;
    let places = [
        (rows.left(), in_words!("left", "残り")),
        (rows.delivered, in_words!("issued", "発行")),
        (rows.unchanged, in_words!("issued before", "発行済み")),
        (rows.changed, in_words!("changed since", "内容変更")),
        (rows.failed, in_words!("failed", "失敗")),
        (rows.cancelled, in_words!("cancelled", "中止")),
    ];
    let places = places.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
    let (state, name) = (state_word(batch.state), &batch.name);
    format!("{}  {state}  {}  {name}", batch.id, places.collect::<Vec<_>>().join(", ")).trim_end().to_owned()
}

fn state_word(state: BatchState) -> String {
    match state {
        BatchState::Running => in_words!("running", "処理中"),
        BatchState::Paused => in_words!("paused", "一時停止"),
        BatchState::Stopped => in_words!("stopped", "停止"),
        BatchState::Cancelled => in_words!("cancelled", "中止"),
        BatchState::Done => in_words!("done", "完了"),
    }
}

fn row_line(row: &BatchRow) -> String {
    let number = row.number.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string);
    let level = row.level.map(|level| level.to_string()).unwrap_or_default();
    let japanese = language() == Language::Japanese;
    let told: Vec<&str> = row.problem_in(japanese).into_iter().chain(row.note_in(japanese)).collect();
    let line = in_words!("line {}", "{} 行目", row.line);
    format!("{line}  {}  {number}  {level}  {}", word(&row.state), told.join(" / ")).trim_end().to_owned()
}
