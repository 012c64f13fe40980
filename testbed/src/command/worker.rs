//! `eseal worker`: works on the batches of all worlds of a PostgreSQL database, beside servers and other workers, until it is stopped.
//! It listens nowhere.

use std::sync::Arc;

use anyhow::{Result, bail};
use laboratory::Opening;
use laboratory::registry;
use laboratory::worlds::{self, Idle, Surroundings, Worlds};
use serde::Serialize;

use crate::cli::Common;
use crate::folder::{self, Taken, Work};
use crate::host;
use crate::invalid::Invalid;
use crate::language::in_words;
use crate::no_world::NoWorld;
use crate::output::Output;

/// What it says of itself.
#[derive(Serialize)]
struct Begun<'a> {
    pid: u32,
    worlds: &'a [String],
}

pub(super) async fn run(common: &Common, output: Output) -> Result<u8> {
    let home = common.home();
    if home.database.is_none() {
        let problem = "a worker works over a PostgreSQL database: --database postgres://… (a world in a file has its server's own)";
        bail!(Invalid::new("--database", problem));
    }
    let stopped = super::up::stop_signal()?; // also while it begins
    let _hold = match folder::take(&common.data, Work::Batches).await? {
        Taken::Held(hold) => hold,
        Taken::Serving(running) => bail!(
            "a testbed runs over {} at {} and works on batches itself; give the worker another --data",
            common.data.display(),
            running.base
        ),
    };
    registry::learn(&home).await?;
    for name in ["default", common.world.as_str()] {
        if !worlds::exists(&common.data, name) {
            return Err(NoWorld::in_folder(name, &common.data).into());
        }
    }
    let base = host::default_base(&home).await;
    let surroundings =
        Surroundings { works_on_batches: true, pages: Arc::new(|_| Default::default()), ..Surroundings::default() };
    let (worlds, _) = Worlds::open(&home, &base, "default", Opening::default(), surroundings).await?;
    let begun = Begun { pid: std::process::id(), worlds: &registry::names(&common.data) };
    output.result(&begun, || {
        in_words!("at work on batches; stop with Ctrl-C", "一括発行を処理しています。Ctrl-C で停止します")
    });
    tokio::select! {
        () = worlds.follow() => {}
        () = worlds.go_on_with_batches() => {}
        () = worlds.close_idle(Idle::default()) => {}
        () = stopped => {}
    }
    super::up::end(&worlds).await?;
    output.say(in_words!("stopped", "停止しました"));
    Ok(0)
}
