//! `eseal world new`: one world, or those of a class. In: names. Out: a line each, in their order; whatever is made is whole.

use std::sync::Arc;

use ::world::pool::processors;
use anyhow::Result;
use http::StatusCode;
use laboratory::Opening;
use laboratory::api::{MadeWorld, WorldList, WorldToMake};
use laboratory::registry::{Home, RegistryError};
use laboratory::worlds;
use serde::Serialize;
use tokio::sync::Semaphore;

use super::{Place, WORLDS, place, plan};
use crate::cli::{Common, NewWorlds};
use crate::host::{self, Host};
use crate::language::in_words;
use crate::output::{Failure, Output};
use crate::refused::Refused;

/// A world that was made, or is left as it is.
struct Told {
    world: MadeWorld,
    /// It was made by another plan than the one that was given.
    has_another_plan: bool,
}

/// A world that was made, or why not.
#[derive(Serialize)]
struct NewWorld<'a> {
    #[serde(flatten)]
    world: &'a MadeWorld,
    #[serde(flatten)]
    failure: Option<Failure<'a>>,
}

/// Where worlds are made.
enum Maker {
    Running(Box<Host>, WorldToMake),
    Here { home: Home, base: String, opening: Opening },
}

pub(super) async fn run(common: &Common, args: &NewWorlds, output: Output) -> Result<u8> {
    let names = args.names()?;
    let plan = args.plan.as_deref().map(plan::read).transpose()?; // before anything is made
    let (opening, text) = plan.map_or_else(Default::default, |(plan, text)| (Opening::from(plan), Some(text)));
    let (maker, _hold) = match place(common).await? {
        Place::Running(host) => (Maker::Running(host, WorldToMake { plan: text }), None),
        Place::Held(hold) => {
            let home = common.home();
            let base = host::default_base(&home).await;
            (Maker::Here { home, base, opening }, Some(hold))
        }
    };
    let maker = Arc::new(maker);
    let bar = output.progress(names.len());
    let turns = Arc::new(Semaphore::new(processors())); // as many as the server makes at a time
    let births: Vec<_> =
        names.iter().map(|name| tokio::spawn(made(maker.clone(), name.clone(), turns.clone()))).collect();
    let mut code = 0;
    for (name, birth) in names.iter().zip(births) {
        bar.set_message(name.clone());
        let told = birth.await?;
        bar.suspend(|| match told {
            Ok(world) => code = code.max(tell(&world, output)),
            Err(error) => code = code.max(output.error(Some(name), &error)),
        });
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(code)
}

async fn made(maker: Arc<Maker>, name: String, turns: Arc<Semaphore>) -> Result<Told> {
    let _turn = turns.acquire_owned().await?;
    match &*maker {
        Maker::Running(host, world) => match host.post(&format!("{WORLDS}/{name}"), world).await {
            Err(error) if is_of_another_plan(&error) => {
                let list: WorldList = host.get(WORLDS).await?;
                left(
                    name.clone(),
                    list.worlds.into_iter().find(|world| world.world == name).and_then(|world| world.base),
                )
            }
            made => made.map(|world: MadeWorld| world.into()),
        },
        Maker::Here { home, base, opening } => made_here(home, name, base, opening.clone()).await,
    }
}

async fn made_here(home: &Home, name: String, base: &str, opening: Opening) -> Result<Told> {
    let (laboratory, made) = match worlds::make(home, &name, base, opening).await {
        Err(RegistryError::OtherPlan { .. }) => return left(name.clone(), home.recorded_base(&name).await),
        made => made?,
    };
    laboratory.close().await?;
    Ok(MadeWorld { world: name, base: laboratory.world.base.clone(), made }.into())
}

impl From<MadeWorld> for Told {
    fn from(world: MadeWorld) -> Told {
        Told { world, has_another_plan: false }
    }
}

/// A world that is there by another plan, and stays as it is.
fn left(world: String, base: Option<String>) -> Result<Told> {
    Ok(Told { world: MadeWorld { base: base.unwrap_or_default(), made: false, world }, has_another_plan: true })
}

fn is_of_another_plan(error: &anyhow::Error) -> bool {
    error.downcast_ref::<Refused>().is_some_and(|refused| refused.status == StatusCode::CONFLICT)
}

/// Gives the exit code.
fn tell(Told { world, has_another_plan }: &Told, output: Output) -> u8 {
    let name = &world.world;
    let (by, in_japanese, way, way_in_japanese) = match has_another_plan {
        true => (
            ", made by another plan",
            "（別の設計によるもの）",
            ": give another name, or delete it first",
            "。別の名前にするか、先に削除してください",
        ),
        false => ("", "", "", ""),
    };
    let problem = format!("there is a world named {name} already{by}, and it is left as it is{way}");
    let failure = (!world.made).then_some(Failure { error: "exists", error_description: &problem, input: Some(name) });
    output.result(&NewWorld { world, failure }, || format!("{name}  {}", world.base));
    if !world.made {
        output.say(in_words!(
            "there is a world named {name} already{by}, and it is left as it is{way}",
            "ワールド {name} は既にあります{in_japanese}。そのまま残しました{way_in_japanese}"
        ));
    }
    u8::from(!world.made)
}
