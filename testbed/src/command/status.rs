//! `eseal status`: whether a testbed runs over a folder, or at an address; where it answers, its worlds and their clocks.

use anyhow::Result;
use laboratory::api::{DatabaseState, ServedWorld, ServerStatus};
use serde::Serialize;
use world::clock::Mode;

use crate::cli::Common;
use crate::folder;
use crate::host::Host;
use crate::language::in_words;
use crate::output::Output;

/// Whether a testbed runs, and what it says of itself.
#[derive(Serialize)]
struct Status {
    /// The folder that was looked into; none with `--url`.
    data: Option<String>,
    /// Its process holds the folder. It may not answer yet, or not any more.
    pid: Option<u32>,
    /// It answers.
    running: bool,
    /// What holds the folder is a worker: it works on batches, and answers nobody.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    worker: bool,
    #[serde(flatten)]
    server: Option<ServerStatus>,
}

pub(super) async fn run(common: &Common, output: Output) -> Result<u8> {
    let host = match &common.url {
        Some(url) => Some(Host::by_url(url, common)?),
        None => folder::serving(&common.data).await.map(|running| Host::of(&running)),
    };
    let server = match &host {
        Some(host) => Some(host.get::<ServerStatus>("/testbed/api/status").await?),
        None => None,
    };
    let held_by = if host.is_none() { folder::server(&common.data).await } else { None };
    let pid = server.as_ref().map(|server| server.pid).or(held_by);
    let data = common.url.is_none().then(|| common.data.display().to_string());
    let worker = host.is_none() && folder::worker(&common.data).is_some();
    let status = Status { data, pid, running: server.is_some(), worker, server };
    output.screen(&status, || screen(&status));
    Ok(u8::from(!status.running))
}

fn screen(status: &Status) -> String {
    let folder = status.data.as_deref().unwrap_or_default();
    match (&status.server, status.pid) {
        (Some(server), _) => serving(server, folder),
        (None, Some(pid)) if status.worker => in_words!(
            "worker: process {pid} works on batches in {folder}, and answers nobody; `eseal stop` ends it",
            "ワーカー: プロセス {pid} が {folder} で一括発行を処理しています（応答はしません）。`eseal stop` で終了できます"
        ),
        (None, Some(pid)) => in_words!(
            "not answering: process {pid} holds {folder}; it starts, or is busy, or hangs",
            "応答なし: プロセス {pid} が {folder} を使用中です（起動中、処理中、または停止した状態）"
        ),
        (None, None) => in_words!(
            "not running: no testbed serves {folder}; `eseal up` starts one",
            "停止中: {folder} のテストベッドは動いていません。`eseal up` で起動します"
        ),
    }
}

fn serving(server: &ServerStatus, folder: &str) -> String {
    let ServerStatus { base, database, pid, version, uptime_seconds, worlds, .. } = server;
    let uptime = duration(*uptime_seconds);
    let mut lines = vec![
        in_words!(
            "running        for {uptime}, process {pid}, version {version}",
            "動作中         {uptime}、プロセス {pid}、バージョン {version}"
        ),
        in_words!("address        {base}", "アドレス       {base}"),
    ];
    if !folder.is_empty() {
        lines.push(in_words!("folder         {folder}", "フォルダー     {folder}"));
    }
    if let Some(DatabaseState { address, problem }) = database {
        lines.push(in_words!("database       {address}", "データベース   {address}"));
        lines.extend(problem.iter().map(|problem| {
            in_words!("               does not answer: {problem}", "               応答なし: {problem}")
        }));
    }
    let label = in_words!("worlds         ", "ワールド       ");
    let continued = " ".repeat(15);
    let rows = worlds.iter().map(world_line);
    lines.extend(rows.enumerate().map(|(row, line)| format!("{}{line}", if row == 0 { &label } else { &continued })));
    lines.join("\n")
}

fn world_line(served: &ServedWorld) -> String {
    let name = &served.world;
    let Some(clock) = &served.clock else {
        if let Some(closed) = served.closed {
            return in_words!(
                "{name:<20} closed since {closed}: nobody asked",
                "{name:<20} {closed} から休止中（要求がありません）"
            );
        }
        return in_words!(
            "{name:<20} not open: nobody has asked it for anything",
            "{name:<20} 未使用（まだ開かれていません）"
        );
    };
    let time = world::time::whole_seconds(clock.time);
    let offset = clock.offset_seconds;
    match clock.mode {
        Mode::Running => in_words!(
            "{name:<20} {time}  running, {offset:+} s from the system's clock",
            "{name:<20} {time}  進行中、システム時刻との差 {offset:+} 秒"
        ),
        Mode::Fixed => in_words!(
            "{name:<20} {time}  fixed, {offset:+} s from the system's clock",
            "{name:<20} {time}  固定、システム時刻との差 {offset:+} 秒"
        ),
    }
}

/// Days, hours, minutes and seconds, without leading ones that are zero.
fn duration(seconds: u64) -> String {
    let parts = [(seconds / 86400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")];
    let shown: Vec<String> = parts
        .iter()
        .skip_while(|(count, unit)| *count == 0 && *unit != "s")
        .map(|(count, unit)| format!("{count}{unit}"))
        .collect();
    shown.join(" ")
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_duration_has_no_leading_zeros() {
        for (seconds, shown) in [(0, "0s"), (59, "59s"), (60, "1m 0s"), (86_400 + 61, "1d 0h 1m 1s")] {
            assert_eq!(super::duration(seconds), shown);
        }
    }
}
