//! `eseal worker`: works on the batches of all worlds of a PostgreSQL database, beside servers and other workers, until it is stopped.
//! It listens nowhere.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, bail};
use laboratory::Opening;
use laboratory::registry;
use laboratory::worlds::{self, Surroundings, Worlds};
use serde::Serialize;
use tokio::time::{MissedTickBehavior, interval};

use crate::cli::Common;
use crate::folder::{self, Taken, Work};
use crate::host;
use crate::invalid::Invalid;
use crate::language::in_words;
use crate::no_world::NoWorld;
use crate::output::Output;

/// How often it is looked for worlds that others made.
const LOOK: Duration = Duration::from_secs(5);

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
    let _hold = match folder::take(&common.data, Work::Command).await? {
        Taken::Held(hold) => hold,
        Taken::Serving(running) => bail!(
            "a testbed runs over {} at {} and works on batches itself; give the worker another --data",
            common.data.display(),
            running.base
        ),
    };
    registry::learn(&home).await?;
    if !worlds::exists(&common.data, "default") {
        return Err(NoWorld::in_folder("default", &common.data).into());
    }
    let base = host::default_base(&home).await;
    let surroundings =
        Surroundings { works_on_batches: true, pages: Arc::new(|_| Default::default()), ..Surroundings::default() };
    let (worlds, _) = Worlds::open(&home, &base, "default", Opening::default(), surroundings).await?;
    open_all(&worlds).await;
    let begun = Begun { pid: std::process::id(), worlds: &registry::names(&common.data) };
    output.result(&begun, || {
        in_words!("at work on batches; stop with Ctrl-C", "一括発行を処理しています。Ctrl-C で停止します")
    });
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        if let Err(error) = registry::learn(&home).await {
            tracing::warn!(%error, "the worker waits for the database");
        }
        open_all(&worlds).await;
    }
}

/// Opens the worlds that are not open: each is worked in from then on.
async fn open_all(worlds: &Worlds) {
    for name in registry::names(worlds.data()) {
        if !worlds.is_open(&name)
            && let Err(error) = worlds.made(&name, Opening::default()).await
        {
            tracing::warn!(world = name, %error, "the worker cannot work in this world");
        }
    }
}
