//! `eseal stop`: asks the server of a folder to end, and waits until it has.

use std::time::Duration;

use anyhow::{Result, bail};
use serde::Serialize;

use crate::cli::Common;
use crate::folder;
use crate::invalid::Invalid;
use crate::language::in_words;
use crate::output::{Output, about};

/// A server ends within five seconds: see docs/server.md.
const PATIENCE: Duration = Duration::from_secs(6);

/// What became of the server.
#[derive(Serialize)]
struct Stopped {
    data: String,
    /// The process that was asked to end; none ran if it is null.
    pid: Option<u32>,
    /// Whether one ran, and has ended.
    stopped: bool,
}

pub(super) async fn run(common: &Common, output: Output) -> Result<u8> {
    if let Some(url) = &common.url {
        bail!(Invalid::new(url, "a testbed is stopped where its folder is: give --data instead of --url"));
    }
    let data = common.data.display().to_string();
    let Some(pid) = folder::server(&common.data).await else {
        output.result(&Stopped { data: data.clone(), pid: None, stopped: false }, || {
            in_words!("no testbed runs over {data}", "{data} で動いているテストベッドはありません")
        });
        return Ok(0);
    };
    let ended = folder::end(&common.data, pid, PATIENCE).await;
    let stopped = ended.map_err(anyhow::Error::new).map_err(about(&data))?;
    output.result(&Stopped { data, pid: Some(pid), stopped }, || match stopped {
        true => in_words!("stopped (process {pid})", "停止しました（プロセス {pid}）"),
        false => in_words!(
            "process {pid} was asked to end and has not ended within {} seconds; `kill -9 {pid}` ends it, and what it acknowledged is kept",
            "プロセス {pid} に終了を求めましたが、{} 秒以内に終わりませんでした。`kill -9 {pid}` で終了できます（応答済みの内容は保存されています）",
            PATIENCE.as_secs()
        ),
    });
    Ok(u8::from(!stopped))
}
