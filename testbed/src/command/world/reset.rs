//! `eseal world reset`: a world made anew from its plan.

use anyhow::Result;
use bytes::Bytes;
use laboratory::api::ResetWorld;
use laboratory::{Opening, registry, worlds};
use world::pool::Pools;

use super::{Place, WORLDS, in_our_words, place};
use crate::cli::Common;
use crate::folder;
use crate::host;
use crate::language::in_words;
use crate::no_world::NoWorld;
use crate::output::Output;

pub(super) async fn run(common: &Common, name: &str, output: Output) -> Result<u8> {
    if common.url.is_none() && !folder::is_used(&common.data) && common.found.is_none() {
        return Err(NoWorld::in_folder(name, &common.data).into());
    }
    let reset = match place(common).await? {
        Place::Running(host) => {
            let names = host.worlds().await?;
            if !names.iter().any(|other| other == name) {
                return Err(NoWorld::at(name, host.base(), common.url.as_deref(), &names).into());
            }
            host.json("POST", &format!("{WORLDS}/{name}/reset"), "", Bytes::new()).await?
        }
        Place::Held(_hold) => in_folder(common, name).await?,
    };
    output.result(&reset, || in_words!("{name}  {}  made anew", "{name}  {}  作り直しました", reset.base));
    if let Some(documents) = &reset.documents {
        output.say(in_words!(
            "what was issued and sealed in the one before is kept in {documents}",
            "以前のワールドで発行・シールされた文書は {documents} に残っています"
        ));
    }
    Ok(0)
}

async fn in_folder(common: &Common, name: &str) -> Result<ResetWorld> {
    let data = &common.data;
    if !worlds::exists(data, name) {
        return Err(NoWorld::in_folder(name, data).into());
    }
    let home = common.home();
    let base = host::default_base(&home).await;
    let before = worlds::open(&home, name, &base, Opening::default()).await?;
    let opening = before.opening_anew();
    before.close().await?;
    let successor = registry::successor(&home, name, &base, opening, &Pools::default()).await?;
    let removed = successor.take_over().await.map_err(|error| in_our_words(error, data))?;
    registry::wipe(&removed)?;
    Ok(removed.reset(name, &worlds::world_base(&base, name)))
}
