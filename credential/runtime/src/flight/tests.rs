use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use credential_core::Clock;
use tests_support::ManualClock;
use tokio::sync::Semaphore;

use super::*;

/// Work that waits for a permit and then tells how often it was begun.
struct Work {
    flight: Flight<u32>,
    clock: ManualClock,
    begun: AtomicU32,
    gate: Semaphore,
}

impl Work {
    fn new() -> Self {
        Self {
            flight: Flight::default(),
            clock: ManualClock::new(),
            begun: AtomicU32::new(0),
            gate: Semaphore::new(0),
        }
    }

    async fn share(&self) -> Option<u32> {
        let limit = self.clock.sleep(Duration::from_secs(10));
        let work = || async {
            let number = self.begun.fetch_add(1, Ordering::Relaxed) + 1;
            self.gate.acquire().await.unwrap().forget();
            number
        };
        self.flight.share(limit, work).await
    }
}

async fn poll_once<T>(future: &mut (impl Future<Output = T> + Unpin)) -> Poll<T> {
    poll_fn(|context| Poll::Ready(std::pin::Pin::new(&mut *future).poll(context))).await
}

#[tokio::test]
async fn callers_at_the_same_time_share_one_work() {
    let work = Work::new();
    let (mut one, mut two) = (Box::pin(work.share()), Box::pin(work.share()));
    assert!(poll_once(&mut one).await.is_pending() && poll_once(&mut two).await.is_pending());

    work.gate.add_permits(1);

    assert_eq!((one.await, two.await), (Some(1), Some(1)));
}

#[tokio::test]
async fn nothing_is_kept_for_later_callers() {
    let work = Work::new();
    work.gate.add_permits(2);

    assert_eq!((work.share().await, work.share().await), (Some(1), Some(2)));
}

#[tokio::test]
async fn when_the_one_at_work_is_dropped_the_next_begins_anew() {
    let work = Work::new();
    let (mut one, mut two) = (Box::pin(work.share()), Box::pin(work.share()));
    assert!(poll_once(&mut one).await.is_pending() && poll_once(&mut two).await.is_pending());

    drop(one);
    work.gate.add_permits(1);

    assert_eq!(two.await, Some(2));
}

#[tokio::test]
async fn when_a_waiter_is_dropped_nobody_notices() {
    let work = Work::new();
    let (mut one, mut two) = (Box::pin(work.share()), Box::pin(work.share()));
    assert!(poll_once(&mut one).await.is_pending() && poll_once(&mut two).await.is_pending());

    drop(two);
    work.gate.add_permits(1);

    assert_eq!(one.await, Some(1));
}

#[tokio::test]
async fn one_who_holds_the_work_and_never_polls_it_stalls_nobody_for_ever() {
    let work = Work::new();
    let (mut one, mut two) = (Box::pin(work.share()), Box::pin(work.share()));
    assert!(poll_once(&mut one).await.is_pending() && poll_once(&mut two).await.is_pending());

    work.clock.advance(Duration::from_secs(10));
    assert_eq!(two.await, None);

    // One for the stalled, who was first in the queue.
    work.gate.add_permits(2);
    assert_eq!(
        work.share().await,
        Some(2),
        "later callers do not join the stalled one"
    );
    drop(one);
}
