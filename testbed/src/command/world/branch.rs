//! `eseal world branch`: a world that is a copy of another as it is now.

use anyhow::Result;
use bytes::Bytes;
use laboratory::api::{BranchRequest, BranchedWorld};
use laboratory::registry::{self, BranchAddress};
use serde::Serialize;

use super::{Place, WORLDS, in_our_words, place};
use crate::cli::Common;
use crate::folder;
use crate::host;
use crate::language::in_words;
use crate::no_world::NoWorld;
use crate::output::{Failure, Output};

/// A branch that was not made, since there is a world of its name.
#[derive(Serialize)]
struct Taken<'a> {
    world: &'a str,
    #[serde(flatten)]
    failure: Failure<'a>,
}

pub(super) async fn run(common: &Common, name: &str, take_address: bool, output: Output) -> Result<u8> {
    let parent = &common.world;
    if common.url.is_none() && !folder::is_used(&common.data) && common.found.is_none() {
        return Err(NoWorld::in_folder(parent, &common.data).into());
    }
    let place = place(common).await?;
    let names = match &place {
        Place::Running(host) => host.worlds().await?,
        Place::Held(_) => registry::names(&common.data),
    };
    if names.iter().any(|other| other == name) {
        let problem = format!("there is a world named {name} already, and it is left as it is");
        let failure = Failure { error: "exists", error_description: &problem, input: Some(name) };
        output.result(&Taken { world: name, failure }, || name.to_owned());
        output.say(in_words!(
            "there is a world named {name} already, and it is left as it is",
            "ワールド {name} は既にあるため、そのまま残しました"
        ));
        return Ok(1);
    }
    let branched: BranchedWorld = match place {
        Place::Running(host) => {
            if !names.contains(parent) {
                return Err(NoWorld::at(parent, host.base(), common.url.as_deref(), &names).into());
            }
            let request = serde_json::to_vec(&BranchRequest { name: name.into(), take_address })?;
            let path = format!("{WORLDS}/{parent}/branch");
            host.json("POST", &path, "application/json", Bytes::from(request)).await?
        }
        Place::Held(_hold) => {
            let base = host::default_base(&common.home()).await;
            let address = if take_address { BranchAddress::Parents } else { BranchAddress::Own(&base) };
            let branched = registry::branch(&common.home(), parent, name, address).await;
            branched.map_err(|error| in_our_words(error, &common.data))?
        }
    };
    output.result(&branched, || format!("{name}  {}", branched.base));
    let parents = branched.also_known_as.first().unwrap_or(&branched.base);
    output.say(in_words!(
        "inside it {parents} means itself: its verifier asks it, not {parent}, about what was certified before; \
         whoever follows that address elsewhere reaches {parent}",
        "この中では {parents} は自分自身を指します。以前に発行された証明書については、検証は {parent} ではなくこのワールドに問い合わせます。\
         外からこのアドレスをたどると {parent} に着きます"
    ));
    Ok(0)
}
