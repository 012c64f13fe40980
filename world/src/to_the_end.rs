//! Work that must not be left half done: a request whose client has gone, or took too long, is dropped wherever it waits.

use std::any::Any;
use std::future::Future;
use std::sync::Arc;

use futures_util::future::Either;

/// Whatever is given back when the last work that holds it has ended.
type Held = Arc<dyn Any + Send + Sync>;

tokio::task_local! {
    /// What the work of this task holds.
    static HELD: Held;
}

/// Does work that holds something until it has ended, and with it everything that it began by [`to_the_end`] or in a pool: so that
/// it can be known whether something is under way, also of requests whose clients have gone.
pub async fn holding<T>(held: Arc<dyn Any + Send + Sync>, work: impl Future<Output = T>) -> T {
    HELD.scope(held, work).await
}

/// Work that goes on in another task, with what this one holds.
pub(crate) fn holding_on<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
    match HELD.try_with(Held::clone) {
        Ok(held) => Either::Left(HELD.scope(held, work)),
        Err(_) => Either::Right(work),
    }
}

/// Does work to its end, also when nobody waits for it any more. What is written and then made known belongs into one such work.
///
/// # Panics
/// If the work does.
pub async fn to_the_end<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    match tokio::spawn(holding_on(work)).await {
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
    async fn what_work_holds_is_given_back_when_all_that_it_began_has_ended() {
        let (go, held) = (Arc::new(Notify::new()), Arc::new(()));
        let (begun, pool) = (go.clone(), crate::pool::Pool::new(1, 1));
        let began = holding(held.clone(), async {
            let mut work = Box::pin(to_the_end(async move { pool.run(async move { begun.notified().await }).await }));
            std::future::poll_fn(|cx| std::task::Poll::Ready(work.as_mut().poll(cx).is_pending())).await
        });
        assert!(began.await, "its client has gone, and the work goes on");
        assert_eq!(Arc::strong_count(&held), 2);
        go.notify_one();
        while Arc::strong_count(&held) > 1 {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn a_panic_is_its_callers() {
        let fails = tokio::spawn(to_the_end(async { assert!(std::hint::black_box(false), "a fault") }));
        assert!(fails.await.unwrap_err().is_panic());
    }
}
