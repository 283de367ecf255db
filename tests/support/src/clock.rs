use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use credential_core::{Clock, Random, Sleep};
use time::OffsetDateTime;

/// A clock that stands still until a test winds it. A clone is the same clock.
///
/// ```
/// use credential_core::Clock;
/// use std::time::Duration;
///
/// let clock = tests_support::ManualClock::new();
/// let before = clock.now();
/// clock.advance(Duration::from_secs(60));
/// assert_eq!(clock.now() - before, Duration::from_secs(60));
/// ```
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    wall: OffsetDateTime,
    monotonic: Duration,
    sleepers: Vec<(u64, Duration, Waker)>,
    next: u64,
}

impl ManualClock {
    /// A clock at noon on the first of January 2030, UTC.
    #[must_use]
    pub fn new() -> Self {
        Self::at(OffsetDateTime::UNIX_EPOCH + Duration::from_secs(1_893_499_200))
    }

    /// A clock at this time.
    #[must_use]
    pub fn at(wall: OffsetDateTime) -> Self {
        crate::trace::listen();
        let monotonic = Duration::from_secs(1000);
        Self(Arc::new(Mutex::new(State {
            wall,
            monotonic,
            sleepers: Vec::new(),
            next: 0,
        })))
    }

    /// Lets time pass, and wakes whoever has slept long enough.
    pub fn advance(&self, duration: Duration) {
        let mut state = self.state();
        state.wall += duration;
        state.monotonic += duration;
        let now = state.monotonic;
        let (due, rest) = std::mem::take(&mut state.sleepers)
            .into_iter()
            .partition(|(_, at, _)| *at <= now);
        state.sleepers = rest;
        drop(state);
        let due: Vec<(u64, Duration, Waker)> = due;
        for (_, _, waker) in due {
            waker.wake();
        }
    }

    /// Moves the time of day alone, as a person or a time server does.
    pub fn set_wall(&self, wall: OffsetDateTime) {
        self.state().wall = wall;
    }

    /// How many sleeps are under way.
    #[must_use]
    pub fn sleepers(&self) -> usize {
        self.state().sleepers.len()
    }

    /// How long until the next sleep ends; `None` when nobody sleeps.
    #[must_use]
    pub fn next_wake(&self) -> Option<Duration> {
        let state = self.state();
        state
            .sleepers
            .iter()
            .map(|(_, at, _)| at.saturating_sub(state.monotonic))
            .min()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for ManualClock {
    fn now(&self) -> OffsetDateTime {
        self.state().wall
    }

    fn monotonic(&self) -> Duration {
        self.state().monotonic
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        let mut state = self.state();
        let id = state.next;
        state.next += 1;
        let until = state.monotonic.saturating_add(duration);
        drop(state);
        Box::pin(ManualSleep {
            clock: self.clone(),
            id,
            until,
        })
    }
}

struct ManualSleep {
    clock: ManualClock,
    id: u64,
    until: Duration,
}

impl Future for ManualSleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut state = self.clock.state();
        if state.monotonic >= self.until {
            return Poll::Ready(());
        }
        state.sleepers.retain(|(id, _, _)| *id != self.id);
        state
            .sleepers
            .push((self.id, self.until, context.waker().clone()));
        Poll::Pending
    }
}

impl Drop for ManualSleep {
    fn drop(&mut self) {
        self.clock.state().sleepers.retain(|(id, _, _)| *id != self.id);
    }
}

/// Randomness that is always the same fraction.
#[derive(Clone, Copy, Debug)]
pub struct FixedRandom(
    /// The fraction, from 0 up to 1.
    pub f64,
);

impl Random for FixedRandom {
    fn fraction(&self) -> f64 {
        self.0
    }
}
