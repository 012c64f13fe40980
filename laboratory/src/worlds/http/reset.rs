//! Resetting a world over HTTP.

use axum::Json;
use axum::extract::State;
use world::problem::{ApiPath, Problem};

use super::known;
use crate::Opening;
use crate::api::ResetWorld;
use crate::registry::{RegistryError, wipe};
use crate::worlds::Worlds;

/// Makes a world anew from its plan: other keys, no records, numbers from one.
///
/// The one before is gone for good; what was issued and sealed in it is put aside.
#[utoipa::path(
    post,
    path = "/testbed/api/worlds/{name}/reset",
    tag = "worlds",
    params(("name" = String, Path, description = "its name", pattern = "^[a-z0-9][a-z0-9-]{0,39}$")),
    responses(
        (status = OK, description = "it is made anew", body = ResetWorld),
        (status = NOT_FOUND, description = "there is no such world", body = Problem),
        (status = SERVICE_UNAVAILABLE, description = "too many worlds are being made already", body = Problem),
    ),
)]
pub(super) async fn reset(
    State(worlds): State<Worlds>,
    ApiPath(name): ApiPath<String>,
) -> Result<Json<ResetWorld>, Problem> {
    let name = known(&worlds, &name).await?;
    let alone = worlds.alone_with(&name).await;
    known(&worlds, &name).await?; // another may have deleted it meanwhile
    let reset = world::to_the_end(async move {
        let _alone = alone;
        let successor = worlds.successor(&name).await?;
        let removed = worlds.closed_for(&name, successor.take_over()).await?;
        wipe(&removed)?;
        let laboratory = worlds.made(&name, Opening::default()).await?;
        Ok::<_, RegistryError>(removed.reset(&name, &laboratory.world.base))
    });
    Ok(Json(reset.await?))
}
