//! Worlds with batches that are not at their end are opened when a server starts, without being asked for: whoever works on their rows
//! is in a world that is open. The others stay closed: it is looked into their databases, and nothing else.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use super::Worlds;
use super::place::folder;
use crate::Opening;
use crate::registry::names;

/// How often it is looked for batches that another server took and left.
const LOOK: Duration = Duration::from_secs(30);

impl Worlds {
    /// Goes on with the batches of all worlds as long as it is waited for. In files only this server takes any: then one look is enough.
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

    /// Opens the worlds with unfinished batches that are not open, one after the other; gives their names.
    pub async fn go_on_with_batches_now(&self) -> Vec<String> {
        let mut opened = Vec::new();
        for name in names(self.data()) {
            let place = folder(self.data(), &name);
            if self.is_open(&name) || !issuer::has_unfinished_batch(&place, self.home().database.as_ref()).await {
                continue;
            }
            match self.made(&name, Opening::default()).await {
                Ok(_) => {
                    tracing::info!(world = name, "opened: it has a batch that is not at its end");
                    opened.push(name);
                }
                Err(error) => tracing::warn!(world = name, %error, "its batches wait: it cannot be opened"),
            }
        }
        opened
    }
}

#[cfg(test)]
mod tests;
