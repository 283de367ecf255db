use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use credential_core::Clock;
use tests_support::ManualClock;
use tokio::sync::Semaphore;

use super::*;

fn forever() -> Sleep {
    ManualClock::new().sleep(Duration::from_secs(60))
}

/// Work that waits for a permit and counts how often it was begun.
#[derive(Clone)]
struct Work {
    begun: Arc<AtomicUsize>,
    gate: Arc<Semaphore>,
}

impl Work {
    fn new(permits: usize) -> Self {
        Self {
            begun: Arc::default(),
            gate: Arc::new(Semaphore::new(permits)),
        }
    }

    fn future(&self) -> impl Future<Output = usize> + Send + 'static {
        let (number, gate) = (
            self.begun.fetch_add(1, Ordering::Relaxed) + 1,
            Arc::clone(&self.gate),
        );
        async move {
            gate.acquire().await.unwrap().forget();
            number
        }
    }
}

#[tokio::test]
async fn callers_at_the_same_time_share_and_later_ones_do_not() {
    let (standing, work) = (Arc::new(Standing::default()), Work::new(0));
    let callers: Vec<_> = (0..5)
        .map(|_| {
            let (standing, work) = (Arc::clone(&standing), work.clone());
            tokio::spawn(async move { standing.share(forever(), || work.future()).await })
        })
        .collect();
    tokio::task::yield_now().await;
    work.gate.add_permits(2);
    for caller in callers {
        assert_eq!(caller.await.unwrap(), Ok(1));
    }
    // The task has to end before nobody joins it.
    tokio::task::yield_now().await;
    assert_eq!(standing.share(forever(), || work.future()).await, Ok(2));
}

#[tokio::test]
async fn work_outlives_the_callers() {
    let (standing, work) = (Standing::default(), Work::new(0));
    {
        let mut share = Box::pin(standing.share(forever(), || work.future()));
        let polled =
            std::future::poll_fn(|context| std::task::Poll::Ready(share.as_mut().poll(context).is_pending()));
        assert!(polled.await);
    }
    tokio::task::yield_now().await;
    // A later caller gets the result of what was begun.
    work.gate.add_permits(1);
    assert_eq!(standing.share(forever(), || work.future()).await, Ok(1));
}

#[tokio::test]
async fn a_late_caller_goes_and_nobody_joins_what_stands_still() {
    let (standing, work) = (Standing::default(), Work::new(0));
    let over = || Box::pin(std::future::ready(())) as Sleep;
    assert_eq!(standing.share(over(), || work.future()).await, Err(Missed::Late));
    work.gate.add_permits(2);
    assert_eq!(standing.share(forever(), || work.future()).await, Ok(2));
}

#[tokio::test]
async fn work_that_panics_is_begun_anew_once() {
    let standing = Standing::<usize>::default();
    let begun = AtomicUsize::new(0);
    let outcome = standing
        .share(forever(), || {
            let turn = begun.fetch_add(1, Ordering::Relaxed);
            async move {
                assert!(turn != 0, "on purpose");
                turn
            }
        })
        .await;
    assert_eq!(outcome, Ok(1));
    let outcome = standing.share(forever(), || async { panic!("on purpose") }).await;
    assert_eq!(outcome, Err(Missed::CutOff));
}

#[test]
fn work_of_a_runtime_that_is_gone_is_begun_anew() {
    let (standing, work) = (Standing::default(), Work::new(0));
    let runtime = || tokio::runtime::Builder::new_current_thread().build().unwrap();
    let first = runtime();
    first.block_on(async {
        let mut share = Box::pin(standing.share(forever(), || work.future()));
        std::future::poll_fn(|context| std::task::Poll::Ready(share.as_mut().poll(context).is_pending()))
            .await
    });
    drop(first);
    work.gate.add_permits(1);
    let outcome = runtime().block_on(standing.share(forever(), || work.future()));
    assert_eq!(outcome, Ok(2));
}

#[test]
fn outside_a_runtime_nothing_is_begun() {
    let (standing, work) = (Standing::default(), Work::new(1));
    let mut share = Box::pin(standing.share(forever(), || work.future()));
    let polled = share
        .as_mut()
        .poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
    assert_eq!(polled, std::task::Poll::Ready(Err(Missed::CutOff)));
    assert_eq!(work.begun.load(Ordering::Relaxed), 0);
}
