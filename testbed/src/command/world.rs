//! `eseal world`: the worlds of a folder, or of a running testbed.
//!
//! What reads only (`list`, `save`) and what makes something new whole or not at all (`restore`) is done in the folder,
//! whoever works there. Making and deleting is left to the testbed that runs over it.

mod branch;
mod join_code;
mod new;
mod plan;
mod reset;

use std::path::Path;

use ::world::guard::Guard;
use anyhow::{Error, Result, bail};
use bytes::Bytes;
use laboratory::api::{DeletedWorld, RestoredWorld, SavedWorld, WorldList};
use serde::de::DeserializeOwned;
use signer::BrokenAudit;

use crate::cli::{Common, WorldAction};
use crate::files::{self, Existing, Workshop};
use crate::folder::{self, Hold, Taken, Work};
use crate::host::Host;
use crate::language::in_words;
use crate::no_world::NoWorld;
use crate::output::Output;
use laboratory::registry::{self, RegistryError};
use laboratory::worlds;

/// Where a running testbed tells of its worlds.
const WORLDS: &str = "/testbed/api/worlds";

/// Where the worlds are.
enum Place {
    /// A testbed that answers.
    Running(Box<Host>),
    /// The folder, which nobody else works in.
    Held(Hold),
}

pub(super) async fn run(common: &Common, action: &WorldAction, output: Output) -> Result<u8> {
    match action {
        WorldAction::List => list(common, output).await,
        WorldAction::New(args) => new::run(common, args, output).await,
        WorldAction::Plan(args) => plan::run(common, args, output).await,
        WorldAction::Delete { name } => delete(common, name, output).await,
        WorldAction::Reset { name } => reset::run(common, name, output).await,
        WorldAction::Branch { name, take_address } => branch::run(common, name, *take_address, output).await,
        WorldAction::JoinCode { name, new, none } => {
            join_code::run(common, name.as_deref(), (*new, *none), output).await
        }
        WorldAction::Save { file, overwrite } => save(common, file, overwrite.existing(), output).await,
        WorldAction::Restore { file, despite_broken_audit } => {
            let broken = if *despite_broken_audit { BrokenAudit::Accept } else { BrokenAudit::Refuse };
            restore(common, file, broken, output).await
        }
    }
}

async fn list(common: &Common, output: Output) -> Result<u8> {
    let listed = match &common.url {
        Some(url) => Host::by_url(url, common)?.get::<WorldList>(WORLDS).await?.worlds,
        None => match registry::learn(&common.home()).await {
            Ok(()) => registry::listed(&common.home()).await,
            Err(error) => match folder::serving(&common.data).await {
                Some(running) => Host::of(&running).get::<WorldList>(WORLDS).await?.worlds, // it has the address
                None => return Err(error.into()),
            },
        },
    };
    for world in &listed {
        output.result(world, || {
            let megabytes = world.bytes as f64 / 1e6;
            format!("{:<20} {megabytes:>8.1} MB  {}", world.world, world.base.as_deref().unwrap_or("?"))
        });
    }
    if listed.is_empty() {
        output.say(in_words!(
            "there are no worlds; `eseal up` makes the default one, `eseal world new NAME` others",
            "ワールドはありません。`eseal up` で既定のもの、`eseal world new 名前` で他のものを作ります"
        ));
    }
    Ok(0)
}

async fn delete(common: &Common, name: &str, output: Output) -> Result<u8> {
    if common.url.is_none() && !folder::is_used(&common.data) && common.found.is_none() {
        return Err(NoWorld::in_folder(name, &common.data).into());
    }
    let deleted: DeletedWorld = match running_or_held(common).await? {
        Place::Running(host) => {
            let names = host.worlds().await?;
            if !names.iter().any(|other| other == name) {
                return Err(NoWorld::at(name, host.base(), common.url.as_deref(), &names).into());
            }
            answer_of(&host, "DELETE", name).await?
        }
        Place::Held(_hold) => {
            // One in a file is taken out of a folder that has also such in a database, and out of one whose worlds are to be in a database.
            if !registry::is_in_file(&common.data, name) {
                registry::learn(&common.home()).await?;
                registry::delete_tables(&common.home(), name).await?;
            }
            let removed = registry::remove(&common.data, name).map_err(|error| in_our_words(error, &common.data))?;
            registry::wipe(&removed)?;
            removed.deleted(name)
        }
    };
    output.result(&deleted, || in_words!("{name}  deleted", "{name}  削除しました"));
    if let Some(documents) = &deleted.documents {
        output.say(in_words!(
            "what was issued and sealed in it is kept in {documents}",
            "発行・シールされた文書は {documents} に残っています"
        ));
    }
    Ok(0)
}

async fn save(common: &Common, file: &Path, existing: Existing, output: Output) -> Result<u8> {
    by_folder(common)?;
    let output = output.beside([file])?;
    if !registry::look_for(&common.home(), &common.world).await? {
        return Err(NoWorld::in_folder(&common.world, &common.data).into());
    }
    let workshop = Workshop::of(file, existing)?;
    let saved = registry::save(&common.home(), &common.world, &workshop.file()).await;
    saved.map_err(|error| in_our_words(error, &common.data))?;
    let bytes = std::fs::metadata(workshop.file()).map_or(0, |found| found.len());
    workshop.finish()?;
    let saved = SavedWorld { world: common.world.clone(), file: file.display().to_string(), bytes };
    output.result(&saved, || format!("{}  {}", common.world, file.display()));
    match registry::has_root_key(&common.data, &common.world) {
        true => output.say(in_words!(
            "whoever has this file has the world's keys: keep it as you would keep those",
            "このファイルにはワールドの鍵が含まれています。鍵と同じように保管してください"
        )),
        false => output.say(in_words!(
            "its keys are protected by the passphrase ESEAL_KEY_PASSPHRASE, which is needed to restore it",
            "鍵はパスフレーズ ESEAL_KEY_PASSPHRASE で保護されており、復元にはそれが必要です"
        )),
    }
    Ok(0)
}

/// What went wrong with a folder's worlds, as commands say it.
fn in_our_words(error: RegistryError, data: &Path) -> Error {
    match error {
        RegistryError::NoWorld { name, .. } => NoWorld::in_folder(&name, data).into(),
        RegistryError::Unreadable { file, source } => files::Error::Unreadable { file, source }.into(),
        error => error.into(),
    }
}

async fn restore(common: &Common, file: &Path, broken: BrokenAudit, output: Output) -> Result<u8> {
    by_folder(common)?;
    let restored = registry::restore(&common.home(), &common.world, file, broken).await;
    if let Some(verdict) = restored.map_err(|error| in_our_words(error, &common.data))? {
        output.say(in_words!(
            "warning: {verdict}; the world is served with --despite-broken-audit only",
            "警告: {verdict}。このワールドは --despite-broken-audit を付けた場合にだけ提供されます"
        ));
    }
    let base = common.home().recorded_base(&common.world).await.unwrap_or_default();
    let restored = RestoredWorld { world: common.world.clone(), base: Some(base.clone()), warning: None };
    output.result(&restored, || format!("{}  {base}", common.world));
    output.say(in_words!(
        "its certificates say {base}: clients that follow the addresses in them look for it there",
        "証明書には {base} と書かれています。証明書内のアドレスをたどるクライアントはそこを探します"
    ));
    if let Some(host) = Guard::new(0).refused_host(&base) {
        let problem = worlds::not_answered(&host);
        output.say(in_words!(
            "warning: {problem}",
            "警告: 証明書に書かれた {host} にこのテストベッドは応答しません: eseal up --allow-host {host}"
        ));
    }
    Ok(0)
}

/// A saved world holds its keys, which no address gives away.
fn by_folder(common: &Common) -> Result<()> {
    match &common.url {
        None => Ok(()),
        Some(url) => bail!(
            "a world is saved and restored where its folder is: give --data instead of --url; \
             POST {url}/testbed/api/worlds/{}/save saves it there",
            common.world
        ),
    }
}

async fn place(common: &Common) -> Result<Place> {
    let place = running_or_held(common).await?;
    if let Place::Held(_) = &place {
        registry::learn(&common.home()).await?;
    }
    Ok(place)
}

async fn running_or_held(common: &Common) -> Result<Place> {
    if let Some(url) = &common.url {
        return Ok(Place::Running(Box::new(Host::by_url(url, common)?)));
    }
    Ok(match folder::take(&common.data, Work::Command).await? {
        Taken::Serving(running) => Place::Running(Box::new(Host::of(&running))),
        Taken::Held(hold) => {
            registry::tidy(&common.data);
            Place::Held(hold)
        }
    })
}

/// Asks a running testbed to do something with a world.
async fn answer_of<T: DeserializeOwned>(host: &Host, method: &str, name: &str) -> Result<T> {
    host.json(method, &format!("{WORLDS}/{name}"), "", Bytes::new()).await
}
