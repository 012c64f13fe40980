//! A line of the log that strangers can multiply: told at once when it happens, and then once a minute with how often it happened again.
//!
//! In: that it happened, and to whom last. Out: lines, few.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;

/// How far apart the lines are.
const APART: Duration = Duration::from_secs(60);

/// What happens so seldom or so often as others like. For a `static`, beside the place where it happens.
#[derive(Debug)]
pub struct Seldom {
    /// Writes the line: how often it happened since the last one, and what is told of the last time.
    tell: fn(u64, &str),
    since: Mutex<Since>,
}

/// Since the last line.
#[derive(Debug, Default)]
struct Since {
    /// A line was written less than a minute ago, and somebody waits for the minute to end.
    is_waited: bool,
    times: u64,
    last: String,
}

impl Seldom {
    /// One whose lines `tell` writes.
    pub const fn new(tell: fn(u64, &str)) -> Seldom {
        Seldom { tell, since: Mutex::new(Since { is_waited: false, times: 0, last: String::new() }) }
    }

    /// It happened.
    pub fn happened(&'static self, last: impl ToString) {
        let last = last.to_string();
        if !self.is_told_now(&last) {
            return;
        }
        (self.tell)(1, &last);
        match Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(self.told_later())),
            Err(_) => self.since().is_waited = false, // nobody can wait: each is told
        }
    }

    /// Whether the line is due; if not, it is counted.
    fn is_told_now(&self, last: &str) -> bool {
        let mut since = self.since();
        if since.is_waited {
            since.times += 1;
            last.clone_into(&mut since.last);
            return false;
        }
        since.is_waited = true;
        true
    }

    async fn told_later(&'static self) {
        loop {
            #[expect(clippy::disallowed_methods, reason = "the minute is the event")]
            tokio::time::sleep(APART).await;
            let Some((times, last)) = self.counted() else { return };
            (self.tell)(times, &last);
        }
    }

    /// What came together in a minute; after a quiet one the next is told at once again.
    fn counted(&self) -> Option<(u64, String)> {
        let mut since = self.since();
        if since.times == 0 {
            since.is_waited = false;
            return None;
        }
        Some((std::mem::take(&mut since.times), std::mem::take(&mut since.last)))
    }

    fn since(&self) -> MutexGuard<'_, Since> {
        self.since.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_is_told_and_what_follows_in_a_minute_is_counted() {
        let line = Seldom::new(|_, _| {});
        assert!(line.is_told_now("192.0.2.1"));
        for _ in 0..11_393 {
            assert!(!line.is_told_now("192.0.2.2"));
        }
        assert_eq!(line.counted(), Some((11_393, "192.0.2.2".into())));
        assert!(!line.is_told_now("192.0.2.3"), "a minute has not gone by since the last line");
        assert_eq!(line.counted(), Some((1, "192.0.2.3".into())));
        assert_eq!(line.counted(), None);
        assert!(line.is_told_now("192.0.2.1"), "after a quiet minute");
    }

    #[test]
    fn without_a_runtime_each_is_told() {
        static LINE: Seldom = Seldom::new(|_, _| {});
        LINE.happened("a");
        assert!(LINE.is_told_now("b"));
    }
}
