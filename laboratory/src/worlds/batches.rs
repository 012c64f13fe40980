//! Worlds with batches that are not at their end are opened when a server starts, without being asked for: whoever works on their rows
//! is in a world that is open. The others stay closed: it is looked into their databases, and nothing else.
//!
//! In files only this server takes batches. Those that another server over a database took are found with one question for all worlds.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval};

use super::Worlds;
use super::place::folder;
use crate::Opening;
use crate::registry::{RegistryError, names};

/// How often it is looked for batches that another server took.
const LOOK: Duration = Duration::from_secs(2);

/// After how long it is tried again to open a world that could not be opened.
const AGAIN: Duration = Duration::from_secs(30);

/// A world whose batches wait: when it could not be opened, and why.
pub(super) type Unopened = (Instant, String);

impl Worlds {
    /// Goes on with the batches of all worlds as long as it is waited for.
    pub async fn go_on_with_batches(&self) {
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            looks.tick().await;
            self.go_on_with_batches_now().await;
            if self.home().database.is_none() {
                return std::future::pending().await;
            }
        }
    }

    /// Opens the worlds with unfinished batches that are not open, one after the other; gives their names. Those that are open are told.
    pub async fn go_on_with_batches_now(&self) -> Vec<String> {
        let mut opened = Vec::new();
        for name in self.with_unfinished_batches().await.unwrap_or_default() {
            if let Some(laboratory) = self.cells().get(&name).and_then(|cell| cell.laboratory()) {
                laboratory.issuer.look_for_work();
            } else if self.is_known(&name) && !self.was_tried(&name) {
                match self.made(&name, Opening::default()).await {
                    Ok(_) => {
                        tracing::info!(world = name, "opened: it has a batch that is not at its end");
                        self.unopened().remove(&name);
                        opened.push(name);
                    }
                    Err(error) => self.stays_unopened(name, &error),
                }
            }
        }
        opened
    }

    /// Whoever follows what other servers do tells that a database is away.
    async fn with_unfinished_batches(&self) -> Result<BTreeSet<String>, world::Error> {
        if let Some(database) = &self.home().database {
            return issuer::with_unfinished_batches(database).await;
        }
        let mut found = BTreeSet::new();
        for name in names(self.data()) {
            if issuer::has_unfinished_batch(&folder(self.data(), &name)).await {
                found.insert(name);
            }
        }
        Ok(found)
    }

    fn was_tried(&self, name: &str) -> bool {
        self.unopened().get(name).is_some_and(|(tried, _)| tried.elapsed() < AGAIN)
    }

    /// It is told once why.
    fn stays_unopened(&self, name: String, error: &RegistryError) {
        let why = error.to_string();
        let mut unopened = self.unopened();
        if unopened.get(&name).is_none_or(|(_, told)| *told != why) {
            tracing::warn!(world = name, %error, "its batches wait: it cannot be opened");
        }
        unopened.insert(name, (Instant::now(), why));
    }
}

#[cfg(test)]
mod tests;
