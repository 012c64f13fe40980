//! The join code of a world: what lets a group into it, and into nothing else, when the server is exposed.

use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use world::guard::JoinCode;
use world::problem::{ApiPath, Problem};

use super::Worlds;
use super::http::known;
use super::place::world_base;
use crate::api::JoinCodeAnswer;
use crate::registry::{RegistryError, join_codes, set_join_code};

impl Worlds {
    /// Those that are kept count from now on.
    pub(super) fn take_join_codes(&self) -> Result<(), RegistryError> {
        let guard = &self.shared.surroundings.guard;
        if guard.is_exposed() {
            join_codes(self.data())?.iter().for_each(|(world, code)| guard.set_join_code(world, Some(code)));
        }
        Ok(())
    }

    /// Keeps the code of a world, or that it has none; it counts from now on.
    fn change_join_code(&self, world: &str, code: Option<&JoinCode>) -> Result<(), RegistryError> {
        set_join_code(self.data(), world, code)?;
        self.shared.surroundings.guard.set_join_code(world, code);
        Ok(())
    }

    /// Forgets what let into a world that is gone.
    pub(super) fn forget_join_code(&self, world: &str) {
        self.shared.surroundings.guard.set_join_code(world, None);
    }

    fn join_code_answer(&self, world: String, code: Option<String>) -> JoinCodeAnswer {
        let page = format!("{}/join", world_base(&self.shared.base, &world));
        JoinCodeAnswer { code, exposed: self.shared.surroundings.guard.is_exposed(), page, world }
    }
}

pub(super) fn routes() -> OpenApiRouter<Worlds> {
    OpenApiRouter::new().routes(routes!(show, change, take_back))
}

/// The join code of a world.
#[utoipa::path(
    get,
    path = "/testbed/api/worlds/{name}/join-code",
    tag = "worlds",
    params(("name" = String, Path, description = "its name", pattern = "^[a-z0-9][a-z0-9-]{0,39}$")),
    responses(
        (status = OK, description = "the code, if it has one", body = JoinCodeAnswer),
        (status = NOT_FOUND, description = "there is no such world", body = Problem),
    ),
)]
async fn show(State(worlds): State<Worlds>, ApiPath(name): ApiPath<String>) -> Result<Json<JoinCodeAnswer>, Problem> {
    let name = known(&worlds, &name).await?;
    let code = join_codes(worlds.data())?.get(&name).map(ToString::to_string);
    Ok(Json(worlds.join_code_answer(name, code)))
}

/// Gives a world a new join code.
///
/// An earlier one counts no more, and the cookies that were given for it neither.
#[utoipa::path(
    post,
    path = "/testbed/api/worlds/{name}/join-code",
    tag = "worlds",
    params(("name" = String, Path, description = "its name", pattern = "^[a-z0-9][a-z0-9-]{0,39}$")),
    responses(
        (status = OK, description = "the new code", body = JoinCodeAnswer),
        (status = NOT_FOUND, description = "there is no such world", body = Problem),
    ),
)]
async fn change(State(worlds): State<Worlds>, ApiPath(name): ApiPath<String>) -> Result<Json<JoinCodeAnswer>, Problem> {
    let _alone = worlds.alone_with(&name).await; // it is not deleted meanwhile
    let name = known(&worlds, &name).await?;
    let code = JoinCode::random();
    worlds.change_join_code(&name, Some(&code))?;
    Ok(Json(worlds.join_code_answer(name, Some(code.to_string()))))
}

/// Takes the join code of a world back.
#[utoipa::path(
    delete,
    path = "/testbed/api/worlds/{name}/join-code",
    tag = "worlds",
    params(("name" = String, Path, description = "its name", pattern = "^[a-z0-9][a-z0-9-]{0,39}$")),
    responses(
        (status = OK, description = "it has none now", body = JoinCodeAnswer),
        (status = NOT_FOUND, description = "there is no such world", body = Problem),
    ),
)]
async fn take_back(
    State(worlds): State<Worlds>,
    ApiPath(name): ApiPath<String>,
) -> Result<Json<JoinCodeAnswer>, Problem> {
    let _alone = worlds.alone_with(&name).await;
    let name = known(&worlds, &name).await?;
    worlds.change_join_code(&name, None)?;
    Ok(Json(worlds.join_code_answer(name, None)))
}
