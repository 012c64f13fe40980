//! Branching a world over HTTP.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, StatusCode};
use world::problem::{ApiJson, ApiPath, Problem};

use super::{known, location};
use crate::api::{BranchRequest, BranchedWorld};
use crate::registry::{BranchAddress, RegistryError, branch};
use crate::worlds::Worlds;
use crate::worlds::place::{exists, world_name};

/// Makes a world that is a copy of another as it is now: keys, numbers, records, audit chain, clock.
///
/// Inside the branch the addresses in what its parent certified mean the branch.
#[utoipa::path(
    post,
    path = "/testbed/api/worlds/{name}/branch",
    tag = "worlds",
    params(("name" = String, Path, description = "the name of the world that is copied", pattern = "^[a-z0-9][a-z0-9-]{0,39}$")),
    request_body = BranchRequest,
    responses(
        (status = CREATED, description = "it is there now", body = BranchedWorld, headers(("location" = String, description = "where its pages are"))),
        (status = NOT_FOUND, description = "there is no such world", body = Problem),
        (status = CONFLICT, description = "there is a world of the branch's name", body = Problem),
    ),
)]
pub(super) async fn branch_here(
    State(worlds): State<Worlds>,
    ApiPath(parent): ApiPath<String>,
    ApiJson(BranchRequest { name, take_address }): ApiJson<BranchRequest>,
) -> Result<(StatusCode, [(HeaderName, String); 1], Json<BranchedWorld>), Problem> {
    let name = world_name(&name).map_err(Problem::bad_request)?;
    let parent = known(&worlds, &parent).await?;
    let alone = worlds.alone_with(&name).await;
    if exists(worlds.data(), &name) {
        return Err(Problem::conflict(format!("there is a world named {name} already")));
    }
    let location = location(&worlds, &name);
    let branched = world::to_the_end(async move {
        let _alone = alone;
        worlds.flush(&parent).await?;
        let address = if take_address { BranchAddress::Parents } else { BranchAddress::Own(worlds.base()) };
        let mut branched = branch(worlds.home(), &parent, &name, address).await?;
        branched.warning = worlds.warning_of(&branched.base);
        Ok::<_, RegistryError>(branched)
    });
    match branched.await {
        Err(error @ RegistryError::NoWorld { .. }) => Err(Problem::not_found(error)),
        Err(error @ RegistryError::WorldExists { .. }) => Err(Problem::conflict(error)),
        branched => Ok((StatusCode::CREATED, [location], Json(branched?))),
    }
}
