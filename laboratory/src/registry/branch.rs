//! A branch: a world that is a copy of another as it is now, and goes on by itself from there.

use std::path::Path;

use signer::BrokenAudit;
use world::store::postgres::Birth;
use world::{World, archive};

use super::home::{moved_in, named, or_given_up};
use super::nameless::{MAKING, Nameless};
use super::{Home, RegistryError, examined};
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
    home: &Home,
    parent: &str,
    name: &str,
    address: BranchAddress<'_>,
) -> Result<BranchedWorld, RegistryError> {
    let (data, target) = (&home.data, folder(&home.data, name));
    let there = || RegistryError::WorldExists { name: name.into(), data: data.clone() };
    if !exists(data, parent) {
        return Err(RegistryError::no_world(parent, data));
    }
    if exists(data, name) || (home.database.is_none() && target.exists()) {
        return Err(there());
    }
    signer::check_root_key(&folder(data, parent), home.database.as_ref()).await?;
    let own = match address {
        BranchAddress::Own(base) => Some(world_base(base, name)),
        BranchAddress::Parents => None,
    };
    let birth = home.birth(name).await?;
    let done = branched_in_draft(home, parent, name, own.as_deref(), birth.as_ref()).await;
    let (draft, birth) = or_given_up(done, birth).await?;
    let made = draft.path.join(name);
    let (base, also_known_as) = addresses(home, &made).await?;
    match named(&made, &target, birth).await {
        Err(_) if home.database.is_none() && target.exists() => return Err(there()), // an empty folder would be replaced, a world is not
        named => named?,
    }
    Ok(BranchedWorld { also_known_as, base, branch_of: parent.into(), warning: None, world: name.into() })
}

/// Makes a copy of a world, which has no name yet.
async fn branched_in_draft(
    home: &Home,
    parent: &str,
    name: &str,
    own_base: Option<&str>,
    birth: Option<&Birth>,
) -> Result<Nameless, RegistryError> {
    let data = &home.data;
    let draft = Nameless::new(&home.worlds(), MAKING)?;
    let made = draft.path.join(name);
    match archive::branch(home.original(&folder(data, parent)), &made, own_base).await {
        Err(_) if !exists(data, parent) => return Err(RegistryError::no_world(parent, data)), // deleted meanwhile
        copied => copied?,
    }
    moved_in(&made, birth).await?;
    examined(home.database.as_ref(), name, &made, BrokenAudit::Refuse).await?;
    Ok(draft)
}

/// The address of a world, and those that mean itself to it.
async fn addresses(home: &Home, folder: &Path) -> Result<(String, Vec<String>), RegistryError> {
    let world = World::open_over(home.database.as_ref(), folder, "", "").await?;
    let addresses = (world.base.clone(), world.network.also_known_as());
    world.close().await?;
    Ok(addresses)
}
