//! Worlds that nobody asks for are closed, and opened again by the next who asks: forty worlds of a class take the memory of those that
//! are used. In: how long a world stays open unused, and how many at most. Out: the others are closed, with everything on disk.
//!
//! The default world stays open as long as the server runs.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval};

use super::Worlds;
use super::cell::Cell;

/// When worlds are closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Idle {
    /// How long nobody asked for it, in real time.
    pub after: Duration,
    /// How many stay open at most, beside those in which something is under way: of more, those that were not asked for longest
    /// are closed earlier.
    pub at_most: usize,
}

impl Default for Idle {
    /// Ten minutes, and a class.
    fn default() -> Idle {
        Idle { after: Duration::from_secs(600), at_most: 48 }
    }
}

/// How often it is looked for them.
const LOOK: Duration = Duration::from_secs(1);

impl Worlds {
    /// Closes idle worlds as long as it is waited for.
    pub async fn close_idle(&self, idle: Idle) {
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let now = looks.tick().await;
            let worlds = self.clone();
            // To its end: a world that is half closed is opened by nobody.
            world::to_the_end(async move { worlds.close_idle_at(idle, now).await }).await;
        }
    }

    /// Closes those that are idle at that moment; gives their names.
    pub async fn close_idle_at(&self, idle: Idle, now: Instant) -> Vec<String> {
        let _one_after_another = self.shared.closing.lock().await;
        let mut open: Vec<(String, Arc<Cell>)> =
            self.cells().iter().map(|(name, cell)| (name.clone(), cell.clone())).collect();
        open.retain(|(name, cell)| name != "default" && cell.is_open());
        open.sort_by_key(|(_, cell)| std::cmp::Reverse(cell.used()));
        let mut closed = Vec::new();
        for (place, (name, cell)) in open.into_iter().enumerate() {
            let too_many = place + 1 >= idle.at_most; // the default world is one
            let until = if too_many { Some(now) } else { now.checked_sub(idle.after) };
            let Some(until) = until else { continue };
            match cell.close_unused_since(until).await {
                Ok(true) => {
                    tracing::info!(world = name, "closed: nobody asked for it");
                    closed.push(name);
                }
                Ok(false) => {}
                Err(error) => tracing::warn!(world = name, %error, "it stays open: not everything could be written"),
            }
        }
        closed
    }
}

#[cfg(test)]
mod tests;
