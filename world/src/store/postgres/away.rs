//! Whether the database is known to be away: whoever finds it so spares the others of the process from waiting for it too.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// For how long nobody looks again.
const PAUSE: Duration = Duration::from_millis(500);

/// What this process knows.
#[derive(Clone, Debug, Default)]
pub(super) struct Away(Arc<Mutex<Option<Instant>>>);

impl Away {
    /// Whether somebody found it away a moment ago.
    pub(super) fn is_known(&self) -> bool {
        self.was_known(Instant::now())
    }

    fn was_known(&self, at: Instant) -> bool {
        let since = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        since.is_some_and(|since| at.saturating_duration_since(since) < PAUSE)
    }

    /// Notes a failure that means that nobody answers there.
    pub(super) fn noticed(&self, failure: sqlx::Error) -> sqlx::Error {
        if matches!(failure, sqlx::Error::PoolTimedOut | sqlx::Error::Io(_)) {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        }
        failure
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_finds_it_away_spares_the_others_for_a_moment() {
        let away = Away::default();
        away.noticed(sqlx::Error::RowNotFound);
        assert!(!away.is_known(), "an answer is an answer");
        away.noticed(sqlx::Error::PoolTimedOut);
        assert!(away.clone().is_known());
        assert!(!away.was_known(Instant::now() + PAUSE), "then it is looked for again");
    }
}
