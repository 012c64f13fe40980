//! `eseal openapi`: the description of every HTTP API of a world, OpenAPI 3.1. No world is opened for it, but one that is named has to be
//! there.

use anyhow::Result;
use serde::Serialize;

use crate::cli::{Common, OpenapiArgs};
use crate::files;
use crate::host;
use crate::no_world::NoWorld;
use crate::output::Output;
use laboratory::worlds::{self, world_base};

/// Where the description lies.
#[derive(Serialize)]
struct Written {
    file: String,
}

pub(super) async fn run(common: &Common, args: &OpenapiArgs, output: Output) -> Result<u8> {
    let output = output.beside(args.out.as_deref())?;
    if common.url.is_none() && common.world != "default" && !worlds::exists(&common.data, &common.world) {
        return Err(NoWorld::in_folder(&common.world, &common.data).into());
    }
    let base = match &common.url {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => host::default_base(&common.home()).await,
    };
    let document = laboratory::openapi(&world_base(&base, &common.world)).await?;
    let text = document.to_pretty_json()? + "\n";
    match &args.out {
        Some(file) => {
            files::write(file, text.as_bytes(), args.overwrite.existing())?;
            let written = Written { file: file.display().to_string() };
            output.result(&written, || written.file.clone());
        }
        None => output.screen(&document, || text.trim_end().to_owned()),
    }
    Ok(0)
}
