use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};

use tests_support::ManualClock;
use tokio::sync::Semaphore;

use super::*;

const LIMIT: Duration = Duration::from_secs(60);

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

    async fn share(&self, task: &SharedTask<usize>, clock: &ManualClock) -> Result<usize, Missed> {
        task.share(clock, LIMIT, || self.future()).await
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

async fn is_pending(future: Pin<&mut impl Future>) -> bool {
    let mut future = future;
    poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_pending())).await
}

#[tokio::test]
async fn callers_at_the_same_time_share_and_later_ones_do_not() {
    let (task, work, clock) = (Arc::new(SharedTask::default()), Work::new(0), ManualClock::new());
    let callers: Vec<_> = (0..5)
        .map(|_| {
            let (task, work, clock) = (Arc::clone(&task), work.clone(), clock.clone());
            tokio::spawn(async move { work.share(&task, &clock).await })
        })
        .collect();
    tokio::task::yield_now().await;
    work.gate.add_permits(2);
    for caller in callers {
        assert_eq!(caller.await.unwrap(), Ok(1));
    }
    // The task has to end before nobody joins it.
    tokio::task::yield_now().await;
    assert_eq!(work.share(&task, &clock).await, Ok(2));
}

#[tokio::test]
async fn work_outlives_the_callers() {
    let (task, work, clock) = (SharedTask::default(), Work::new(0), ManualClock::new());
    assert!(is_pending(pin!(work.share(&task, &clock))).await);
    tokio::task::yield_now().await;
    // A later caller gets the result of what was begun.
    work.gate.add_permits(1);
    assert_eq!(work.share(&task, &clock).await, Ok(1));
}

#[tokio::test]
async fn a_program_that_ends_can_wait_for_work_that_nobody_waits_for() {
    let (task, work, clock) = (SharedTask::default(), Work::new(0), ManualClock::new());
    assert!(is_pending(pin!(work.share(&task, &clock))).await);
    tokio::task::yield_now().await;
    let mut settled = pin!(crate::settled(&clock, LIMIT));
    assert!(is_pending(settled.as_mut()).await);
    work.gate.add_permits(1);
    assert!(settled.await);
    assert_eq!(work.gate.available_permits(), 0);
}

#[tokio::test]
async fn a_late_caller_goes_and_nobody_joins_what_stands_still() {
    let (task, work, clock) = (SharedTask::default(), Work::new(0), ManualClock::new());
    let mut first = pin!(work.share(&task, &clock));
    assert!(is_pending(first.as_mut()).await);
    clock.advance(LIMIT / 2);
    let mut second = pin!(work.share(&task, &clock));
    assert!(is_pending(second.as_mut()).await);

    clock.advance(LIMIT / 2);
    assert_eq!(first.await, Err(Missed::Late));
    // One for the task that stands still, who is first in the queue.
    work.gate.add_permits(2);
    assert_eq!(work.share(&task, &clock).await, Ok(2));
    assert_eq!(second.await, Ok(1));
}

#[tokio::test]
async fn what_stands_still_is_not_joined_though_nobody_waited_to_the_end() {
    let (task, work, clock) = (SharedTask::default(), Work::new(0), ManualClock::new());
    assert!(is_pending(pin!(work.share(&task, &clock))).await);
    clock.advance(LIMIT);
    work.gate.add_permits(2);
    assert_eq!(work.share(&task, &clock).await, Ok(2));
}

#[tokio::test]
async fn work_that_panics_is_begun_anew_once() {
    let (task, clock) = (SharedTask::<usize>::default(), ManualClock::new());
    let begun = AtomicUsize::new(0);
    let outcome = task.share(&clock, LIMIT, || {
        let turn = begun.fetch_add(1, Ordering::Relaxed);
        async move {
            assert!(turn != 0, "on purpose");
            turn
        }
    });
    assert_eq!(outcome.await, Ok(1));
    let outcome = task.share(&clock, LIMIT, || async { panic!("on purpose") }).await;
    assert_eq!(outcome, Err(Missed::CutOff));
}

#[test]
fn work_of_a_runtime_that_is_gone_is_begun_anew() {
    let (task, work, clock) = (SharedTask::default(), Work::new(0), ManualClock::new());
    let runtime = || tokio::runtime::Builder::new_current_thread().build().unwrap();
    let first = runtime();
    assert!(first.block_on(is_pending(pin!(work.share(&task, &clock)))));
    drop(first);
    work.gate.add_permits(1);
    let outcome = runtime().block_on(work.share(&task, &clock));
    assert_eq!(outcome, Ok(2));
}

#[test]
fn outside_a_runtime_nothing_is_begun() {
    let (task, work, clock) = (SharedTask::default(), Work::new(1), ManualClock::new());
    let polled = pin!(work.share(&task, &clock)).poll(&mut Context::from_waker(Waker::noop()));
    assert_eq!(polled, Poll::Ready(Err(Missed::CutOff)));
    assert_eq!(work.begun.load(Ordering::Relaxed), 0);
}
