//! What PostgreSQL took back because another came between is done again at once: that is no outage, and costs no row an attempt.

use crate::error::Error;

/// More than that in a row do not meet by chance.
const ATTEMPTS: u32 = 10;

/// How often something was tried.
#[derive(Default)]
pub(super) struct Attempts(u32);

impl Attempts {
    /// Whether it is to be done again.
    pub(super) fn again(&mut self, failed: &Error) -> bool {
        self.0 += 1;
        self.0 < ATTEMPTS && world::store::came_between(failed)
    }
}
