//! Work that must not be left half done: a request whose client has gone, or took too long, is dropped wherever it waits.

use std::future::Future;

/// Does work to its end, also when nobody waits for it any more. What is written and then made known belongs into one such work.
///
/// # Panics
/// If the work does.
pub async fn to_the_end<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    match tokio::spawn(work).await {
        Ok(done) => done,
        Err(failed) => match failed.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => std::future::pending().await, // the runtime ends, and this with it
        },
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use tokio::sync::Notify;

    use super::*;

    #[tokio::test]
    async fn work_that_was_begun_ends_though_nobody_waits() {
        let (go, ended, done) = (Arc::new(Notify::new()), Arc::new(Notify::new()), Arc::new(AtomicBool::new(false)));
        let work = {
            let (go, ended, done) = (go.clone(), ended.clone(), done.clone());
            to_the_end(async move {
                go.notified().await;
                done.store(true, Ordering::Release);
                ended.notify_one();
            })
        };
        let mut work = Box::pin(work);
        let waker = std::task::Waker::noop();
        assert!(work.as_mut().poll(&mut std::task::Context::from_waker(waker)).is_pending());
        drop(work);
        go.notify_one();
        ended.notified().await;
        assert!(done.load(Ordering::Acquire));
    }

    #[tokio::test]
    async fn a_panic_is_its_callers() {
        let fails = tokio::spawn(to_the_end(async { assert!(std::hint::black_box(false), "a fault") }));
        assert!(fails.await.unwrap_err().is_panic());
    }
}
