//! Whose world is made when. In: how much the keys of a world weigh. Out: its turn, or that too many wait already.
//!
//! As many worlds are made at a time as there are processors, the others wait: a key that a world which is there needs waits for a few others,
//! not for those of a whole class. A world with many large keys leaves a turn to those that are made at once, so that whoever sends such
//! plans, and goes away, stops nobody.

use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout;
use world::pool::processors;

/// How many worlds wait to be made: a class of forty, and those who come late.
const WAITING: usize = 64;

/// How long one waits at most: half of what a request may take, the rest is for making it.
const PATIENCE: Duration = Duration::from_secs(60);

/// What weighs more than this takes many seconds ([`crate::plan::WorldPlan::weight`]); the default plan weighs 13.
const HEAVY: usize = 64;

/// When there is probably room again, in seconds.
pub(crate) const SOON: u32 = 10;

/// Too many worlds wait, or the turn of one did not come in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many worlds are being made already, and nothing was made; try again in {SOON} seconds")]
pub struct Crowded;

/// Who is making a world.
pub(super) struct Births {
    turns: Semaphore,
    /// Held besides by who makes one that takes long.
    heavy: Semaphore,
    places: Semaphore,
    patience: Duration,
}

/// Held while a world is made.
pub(super) struct Turn<'a> {
    _alone_among_heavy: Option<SemaphorePermit<'a>>,
    _turn: SemaphorePermit<'a>,
}

impl Default for Births {
    fn default() -> Births {
        Births::new(processors().max(2), WAITING, PATIENCE)
    }
}

impl Births {
    fn new(turns: usize, waiting: usize, patience: Duration) -> Births {
        let [turns, heavy, places] = [turns, (turns / 2).max(1), waiting].map(Semaphore::new);
        Births { turns, heavy, places, patience }
    }

    /// Waits for the turn of a world whose keys weigh so much.
    ///
    /// # Errors
    /// [`Crowded`].
    pub(super) async fn turn(&self, weight: usize) -> Result<Turn<'_>, Crowded> {
        const NEVER_CLOSED: &str = "the semaphore is never closed";
        let _place = self.places.try_acquire().map_err(|_| Crowded)?;
        let turn = async {
            let among_heavy = match weight > HEAVY {
                true => Some(self.heavy.acquire().await.expect(NEVER_CLOSED)),
                false => None,
            };
            Turn { _alone_among_heavy: among_heavy, _turn: self.turns.acquire().await.expect(NEVER_CLOSED) }
        };
        timeout(self.patience, turn).await.map_err(|_| Crowded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_makes_large_keys_leaves_a_turn_to_the_others() {
        let births = Births::new(2, 8, Duration::ZERO);
        let heavy = births.turn(HEAVY + 1).await.unwrap();
        assert_eq!(births.turn(HEAVY + 1).await.err(), Some(Crowded), "its turn does not come in time");
        let small = births.turn(HEAVY).await.unwrap();
        assert_eq!(births.turn(1).await.err(), Some(Crowded));
        drop((heavy, small));
        assert!(births.turn(HEAVY + 1).await.is_ok(), "turns and places come back");
    }

    #[tokio::test]
    async fn more_than_can_wait_are_refused_at_once_and_told_when_to_come_again() {
        let births = Births::new(1, 1, PATIENCE);
        let turn = births.turn(1).await.unwrap();
        let mut waits = Box::pin(births.turn(1));
        let waker = std::task::Waker::noop();
        assert!(waits.as_mut().poll(&mut std::task::Context::from_waker(waker)).is_pending());
        assert_eq!(births.turn(1).await.err(), Some(Crowded));
        let problem = world::problem::Problem::from(crate::registry::RegistryError::from(Crowded));
        assert_eq!((problem.status.as_u16(), problem.retry_after), (503, Some(SOON)));
        drop(turn);
        assert!(waits.await.is_ok());
    }
}
