use std::collections::hash_map::RandomState;
use std::fmt;
use std::future::Future;
use std::hash::{BuildHasher, Hasher};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread::Thread;
use std::time::{Duration, Instant};

use time::OffsetDateTime;

/// A wait that a [`Clock`] measures: see the example there.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Where the time comes from: a setting, so that a test can wind it by hand.
///
/// Expirations are compared with [`now`](Self::now); pauses and ages are measured with [`monotonic`](Self::monotonic),
/// which no correction of the system's clock can turn back.
///
/// ```
/// use std::time::Duration;
///
/// use credential_core::{Clock, Sleep, SystemClock};
/// use time::OffsetDateTime;
///
/// /// The system's clock, an hour ahead.
/// #[derive(Debug)]
/// struct Ahead;
///
/// impl Clock for Ahead {
///     fn now(&self) -> OffsetDateTime {
///         SystemClock.now() + Duration::from_secs(3600)
///     }
///
///     fn monotonic(&self) -> Duration {
///         SystemClock.monotonic()
///     }
///
///     fn sleep(&self, duration: Duration) -> Sleep {
///         SystemClock.sleep(duration)
///     }
/// }
///
/// assert!(Ahead.now() > SystemClock.now());
/// ```
pub trait Clock: fmt::Debug + Send + Sync {
    /// The time of day.
    fn now(&self) -> OffsetDateTime;

    /// The time since some fixed start; it never goes back.
    fn monotonic(&self) -> Duration;

    /// A future that is ready once `duration` has passed. Dropping it ends the wait.
    fn sleep(&self, duration: Duration) -> Sleep;
}

impl<C: Clock + ?Sized> Clock for Arc<C> {
    fn now(&self) -> OffsetDateTime {
        (**self).now()
    }

    fn monotonic(&self) -> Duration {
        (**self).monotonic()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        (**self).sleep(duration)
    }
}

/// The system's clock, under any executor: a sleep is a parked thread, ended early when the future is dropped.
///
/// Inside tokio, `TokioClock` of `credential-runtime` sleeps on the runtime's timer instead.
///
/// ```
/// use credential_core::{Clock, SystemClock};
///
/// let before = SystemClock.monotonic();
/// assert!(SystemClock.monotonic() >= before);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

#[expect(
    clippy::disallowed_methods,
    reason = "this is the door that the rule points to"
)]
impl Clock for SystemClock {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
    }

    fn monotonic(&self) -> Duration {
        static START: OnceLock<Instant> = OnceLock::new();
        START.get_or_init(Instant::now).elapsed()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        Box::pin(ThreadSleep {
            duration,
            state: None,
        })
    }
}

/// A sleep on a thread of its own, started at the first poll.
struct ThreadSleep {
    duration: Duration,
    state: Option<(Arc<Mutex<Alarm>>, Thread)>,
}

#[derive(Default)]
struct Alarm {
    rung: bool,
    cancelled: bool,
    waker: Option<Waker>,
}

fn lock(alarm: &Mutex<Alarm>) -> MutexGuard<'_, Alarm> {
    alarm.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Future for ThreadSleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if let Some((alarm, _)) = &self.state {
            let mut alarm = lock(alarm);
            if alarm.rung {
                return Poll::Ready(());
            }
            alarm.waker = Some(context.waker().clone());
            return Poll::Pending;
        }
        let alarm = Arc::new(Mutex::new(Alarm {
            waker: Some(context.waker().clone()),
            ..Alarm::default()
        }));
        let (theirs, duration) = (Arc::clone(&alarm), self.duration);
        let thread = std::thread::Builder::new()
            .name("credential-sleep".into())
            .spawn(move || {
                let start = SystemClock.monotonic();
                loop {
                    let passed = SystemClock.monotonic().saturating_sub(start);
                    if passed >= duration || lock(&theirs).cancelled {
                        break;
                    }
                    #[expect(
                        clippy::disallowed_methods,
                        reason = "this is the door that the rule points to"
                    )]
                    std::thread::park_timeout(duration.saturating_sub(passed));
                }
                let waker = {
                    let mut alarm = lock(&theirs);
                    alarm.rung = true;
                    alarm.waker.take()
                };
                if let Some(waker) = waker {
                    waker.wake();
                }
            });
        match thread {
            Ok(handle) => {
                self.state = Some((alarm, handle.thread().clone()));
                Poll::Pending
            }
            // No thread to be had: the wait cannot be measured, and a wait without an end is worse than none.
            Err(_) => Poll::Ready(()),
        }
    }
}

impl Drop for ThreadSleep {
    fn drop(&mut self) {
        if let Some((alarm, thread)) = &self.state {
            {
                let mut alarm = lock(alarm);
                alarm.cancelled = true;
                alarm.waker = None;
            }
            thread.unpark();
        }
    }
}

/// Where randomness for pauses comes from: a setting, so that a test can fix it. Not for keys.
///
/// ```
/// use std::time::Duration;
///
/// use credential_core::Random;
///
/// /// Always the middle.
/// #[derive(Debug)]
/// struct Middle;
///
/// impl Random for Middle {
///     fn fraction(&self) -> f64 {
///         0.5
///     }
/// }
///
/// let pause = Middle.between(Duration::from_secs(1), Duration::from_secs(3));
/// assert_eq!(pause, Duration::from_secs(2));
/// ```
pub trait Random: fmt::Debug + Send + Sync {
    /// A number from 0 up to, but not including, 1.
    fn fraction(&self) -> f64;

    /// A duration from `low` up to `high`.
    fn between(&self, low: Duration, high: Duration) -> Duration {
        between(low, high, self.fraction())
    }
}

/// Apart from the trait, whose methods are compiled anew in each crate.
fn between(low: Duration, high: Duration, fraction: f64) -> Duration {
    low + high.saturating_sub(low).mul_f64(fraction.clamp(0.0, 1.0))
}

impl<R: Random + ?Sized> Random for Arc<R> {
    fn fraction(&self) -> f64 {
        (**self).fraction()
    }
}

/// Randomness seeded by the operating system for each process, never by the clock: processes that start in the same
/// second still differ, and so do a process and its fork.
///
/// ```
/// use credential_core::{ProcessRandom, Random};
/// use std::time::Duration;
///
/// let pause = ProcessRandom.between(Duration::from_secs(1), Duration::from_secs(2));
/// assert!(pause >= Duration::from_secs(1) && pause <= Duration::from_secs(2));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct ProcessRandom;

impl Random for ProcessRandom {
    fn fraction(&self) -> f64 {
        // The standard library keys its hash maps from the operating system's source. A fork inherits these keys, so
        // the process's ID goes into the hash.
        let mut hasher = RandomState::new().build_hasher();
        hasher.write_u32(std::process::id());
        let bits = hasher.finish() >> 11;
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit an f64 exactly")]
        let fraction = bits as f64 / (1_u64 << 53) as f64;
        fraction
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_fractions_fill_the_range_from_zero_to_one() {
        let drawn: Vec<f64> = (0..2000).map(|_| ProcessRandom.fraction()).collect();
        assert!(drawn.iter().all(|f| (0.0..1.0).contains(f)));
        for tenth in 0..10 {
            let low = f64::from(tenth) / 10.0;
            assert!(
                drawn.iter().any(|f| (low..low + 0.1).contains(f)),
                "none from {low}"
            );
        }
    }

    #[test]
    #[ignore = "the next one runs it, in processes of its own"]
    fn tell_a_draw() {
        println!("drawn: {}", ProcessRandom.fraction());
    }

    #[test]
    fn processes_that_start_together_draw_differently() {
        let start = || {
            let test = std::env::current_exe().unwrap();
            std::process::Command::new(test)
                .args(["--exact", "clock::tests::tell_a_draw", "--ignored", "--nocapture"])
                .output()
                .unwrap()
        };
        let drawn: std::collections::HashSet<String> = (0..3)
            .map(|_| {
                let said = String::from_utf8(start().stdout).unwrap();
                let draw = said.lines().find_map(|line| line.split_once("drawn: "));
                draw.expect("a draw").1.to_owned()
            })
            .collect();
        assert_eq!(drawn.len(), 3, "{drawn:?}");
    }

    #[test]
    fn a_sleep_of_nothing_ends() {
        let (sender, receiver) = std::sync::mpsc::channel();
        struct Tell(std::sync::mpsc::Sender<()>);
        impl std::task::Wake for Tell {
            fn wake(self: Arc<Self>) {
                let _ = self.0.send(());
            }
        }
        let waker = Waker::from(Arc::new(Tell(sender)));
        let mut sleep = SystemClock.sleep(Duration::ZERO);
        let mut context = Context::from_waker(&waker);
        while sleep.as_mut().poll(&mut context).is_pending() {
            receiver.recv().unwrap();
        }
    }

    #[test]
    fn a_dropped_sleep_lets_its_thread_go() {
        let mut sleep = ThreadSleep {
            duration: Duration::from_secs(3600),
            state: None,
        };
        let mut context = Context::from_waker(Waker::noop());
        assert!(Pin::new(&mut sleep).poll(&mut context).is_pending());
        let alarm = Arc::clone(&sleep.state.as_ref().unwrap().0);
        drop(sleep);
        // The thread holds the other reference until it ends.
        while Arc::strong_count(&alarm) > 1 {
            std::thread::yield_now();
        }
    }
}
