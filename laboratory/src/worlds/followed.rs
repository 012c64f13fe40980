//! What other servers do to the worlds of a database is followed here: a world that one of them deleted or made anew is closed, and one
//! that was made is learnt of. Worlds in files are one server's.

use std::time::Duration;

use axum::response::{IntoResponse, Response};
use tokio::time::{MissedTickBehavior, interval};
use world::problem::Problem;

use super::Worlds;
use super::place::exists;
use crate::registry::{RegistryError, bring_in_line, is_in_line, names};

/// After how many seconds it is asked again where somebody has to mend something.
const A_PERSON_MAY_TAKE: u32 = 60;

/// How often it is looked.
const LOOK: Duration = Duration::from_secs(1);

impl Worlds {
    /// Follows what other servers do as long as it is waited for.
    pub async fn follow(&self) {
        if self.home().database.is_none() {
            return std::future::pending().await;
        }
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut told = false;
        loop {
            looks.tick().await;
            let followed = self.follow_now().await;
            if let Err(error) = &followed
                && !told
            {
                tracing::warn!(%error, "it is not known what other servers do to worlds");
            }
            told = followed.is_err();
        }
    }

    /// Looks once.
    ///
    /// # Errors
    /// If the database cannot be asked, or a folder not be changed.
    pub async fn follow_now(&self) -> Result<(), RegistryError> {
        let Some(database) = &self.home().database else { return Ok(()) };
        let listed = database.worlds().await?;
        for name in names(self.data()).iter().chain(listed.keys()) {
            if !is_in_line(self.data(), name, listed.get(name).map(String::as_str))? {
                self.follow_one(name).await?;
            }
        }
        Ok(())
    }

    /// The same of one world; gives whether it is there.
    pub(super) async fn follow_one(&self, name: &str) -> Result<bool, RegistryError> {
        let Some(database) = &self.home().database else { return Ok(exists(self.data(), name)) };
        let listed = database.worlds().await?;
        if is_in_line(self.data(), name, listed.get(name).map(String::as_str))? {
            return Ok(listed.contains_key(name));
        }
        // Whoever makes or deletes it here has its folder in line at the end.
        let Some(_alone) = self.alone_now_with(name) else { return Ok(exists(self.data(), name)) };
        let listed = database.worlds().await?;
        let schema = listed.get(name).map(String::as_str);
        self.let_go(name, async { bring_in_line(self.data(), name, schema) }).await?;
        if schema.is_none() {
            self.forget_join_code(name);
        }
        Ok(schema.is_some())
    }

    /// Whether the database still lists the world that is known here.
    async fn is_as_listed(&self, name: &str) -> bool {
        let Some(database) = &self.home().database else { return false };
        let Ok(listed) = database.worlds().await else { return false };
        let schema = listed.get(name).map(String::as_str);
        schema.is_some() && is_in_line(self.data(), name, schema).unwrap_or(false)
    }

    /// The answer of a world that was found gone: it is there no more, or another is there in a moment.
    pub(super) async fn gone(&self, name: String, said: String) -> Response {
        if self.is_as_listed(&name).await {
            tracing::error!(world = name, said, "the database lists the world, and its tables cannot be found");
            let problem = format!(
                "the database lists the world {name}, and its tables cannot be found there, or the testbed's user may not use their schema: {said}"
            );
            return Problem::unavailable(problem, A_PERSON_MAY_TAKE).into_response();
        }
        let worlds = self.clone();
        let followed = tokio::spawn(async move { worlds.follow_one(&name).await.map(|there| (there, name)) });
        match followed.await {
            Ok(Ok((false, name))) => Problem::not_found(format!("there is no world named {name}")).into_response(),
            Ok(Err(error)) => Problem::from(error).into_response(),
            Ok(Ok((true, _))) | Err(_) => {
                Problem::unavailable("another server made this world anew just now", 1).into_response()
            }
        }
    }
}

#[cfg(test)]
mod tests;
