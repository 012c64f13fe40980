//! What a clock was set to, as the store keeps it, and what it shows by that at a moment of the system's clock, which is read here.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::LAST;

/// How the clock moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// With the system's clock, at a distance.
    Running,
    /// Not at all.
    Fixed,
}

/// What the clock was last set to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    pub(crate) mode: Mode,
    pub(crate) world_time: Timestamp,
    pub(crate) system_time: Timestamp,
}

impl Setting {
    /// What the clock shows when the system's clock shows `system`.
    pub(super) fn at(&self, system: Timestamp) -> Timestamp {
        match self.mode {
            Mode::Fixed => self.world_time,
            Mode::Running => {
                let elapsed: SignedDuration = system.duration_since(self.system_time);
                let time = self.world_time.saturating_add(elapsed);
                time.expect("adding a duration saturates and never fails").min(LAST)
            }
        }
    }
}

/// The system's time, for a command that works without any world.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the system clock")]
pub fn system_time() -> Timestamp {
    Timestamp::now()
}
