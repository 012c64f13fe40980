//! A branch: a world that is a copy of another as it is now, and goes on by itself from there.

use std::path::Path;

use signer::BrokenAudit;
use world::{World, archive};

use super::database::check_in_file;
use super::nameless::{MAKING, Nameless};
use super::{BESIDE, RegistryError, WORLDS};
use crate::TABLES;
use crate::api::BranchedWorld;
use crate::worlds::place::{exists, folder, world_base};

/// Which address a branch has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BranchAddress<'a> {
    /// One of its own, below the address of the testbed that is given.
    Own(&'a str),
    /// The one that its parent has.
    Parents,
}

/// Makes a world of that name that is a copy of `parent` as it is now, also while that is served: keys, numbers, records, audit chain
/// and clock. Until it is whole it has no name.
///
/// # Errors
/// If there is no such parent, there is a world of that name, or the parent's audit chain is broken.
pub async fn branch(
    data: &Path,
    parent: &str,
    name: &str,
    address: BranchAddress<'_>,
) -> Result<BranchedWorld, RegistryError> {
    check_in_file(data, parent)?;
    let target = folder(data, name);
    let there = || RegistryError::WorldExists { name: name.into(), data: data.into() };
    if !exists(data, parent) {
        return Err(RegistryError::no_world(parent, data));
    }
    if target.exists() {
        return Err(there());
    }
    let draft = Nameless::new(&data.join(WORLDS), MAKING)?;
    let made = draft.path.join(name);
    let own = match address {
        BranchAddress::Own(base) => Some(world_base(base, name)),
        BranchAddress::Parents => None,
    };
    match archive::branch(&folder(data, parent), &BESIDE, &made, &TABLES, own.as_deref()).await {
        Err(_) if !exists(data, parent) => return Err(RegistryError::no_world(parent, data)), // deleted meanwhile
        copied => copied?,
    }
    let world = World::open(&made, name, "").await?;
    let examined = signer::examine(&world, BrokenAudit::Refuse).await;
    let (base, also_known_as) = (world.base.clone(), world.network.also_known_as());
    world.close().await?;
    examined?;
    std::fs::rename(&made, &target).map_err(|_| there())?; // an empty folder would be replaced, a world is not
    Ok(BranchedWorld { also_known_as, base, branch_of: parent.into(), warning: None, world: name.into() })
}
