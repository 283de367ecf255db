use std::fmt;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use credential_core::{Clock, ProvideAwsCredentials};
use credential_runtime::Runtime;

use crate::error::Error;
use crate::seats::{Role, Seat, Seats};
use crate::state::Answer;
use crate::window;

type Load = Pin<Box<dyn Future<Output = Answer> + Send>>;

/// Why a flight began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// To renew in the background: nobody needs it yet.
    Soft,
    /// A caller waits for it.
    Urgent,
}

/// How a flight ended.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    /// With this for everybody who waited.
    Answer(Answer),
    /// Given up: decide anew.
    Again,
}

/// Where a future is polled: in this tokio runtime, or in none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place(pub(crate) Option<Runtime>);

impl Place {
    pub(crate) fn here() -> Self {
        Self(Runtime::current())
    }
}

/// One fetch under way, carried on by whoever takes part and is polled.
///
/// The future lies here between two polls. Whoever polls takes it out, so no lock is held while the provider's code
/// runs, and a poll that panics leaves everything usable.
pub(crate) struct Flight {
    pub(crate) need: Need,
    pub(crate) home: Place,
    /// By the monotonic clock.
    pub(crate) began: Duration,
    /// When it is given up; the load bounds itself too, but only while somebody polls it.
    pub(crate) deadline: Option<Duration>,
    provider: String,
    pub(crate) seats: Arc<Seats>,
    work: Mutex<Work>,
}

struct Work {
    load: Option<Load>,
    outcome: Option<Outcome>,
}

/// How long a load may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) start_delay: Duration,
    pub(crate) load_timeout: Option<Duration>,
}

impl Flight {
    pub(crate) fn new(
        source: &Arc<dyn ProvideAwsCredentials>,
        clock: &Arc<dyn Clock>,
        need: Need,
        home: Place,
        limits: Limits,
    ) -> Arc<Self> {
        let began = clock.monotonic();
        let provider = source.name().to_owned();
        Arc::new(Self {
            need,
            home,
            began,
            deadline: limits
                .load_timeout
                .and_then(|limit| began.checked_add(limits.start_delay)?.checked_add(limit)),
            provider,
            seats: Seats::new(),
            work: Mutex::new(Work {
                load: Some(Box::pin(load(Arc::clone(source), Arc::clone(clock), limits))),
                outcome: None,
            }),
        })
    }

    /// Sits down at it: a caller at home drives, a caller elsewhere waits.
    pub(crate) fn board(&self, here: &Place) -> Seat {
        self.seats.take(if self.home == *here {
            Role::Caller
        } else {
            Role::Stranger
        })
    }

    pub(crate) fn outcome(&self) -> Option<Outcome> {
        self.lock().outcome.clone()
    }

    pub(crate) fn is_over(&self) -> bool {
        self.lock().outcome.is_some()
    }

    /// Whether somebody drives it.
    pub(crate) fn is_driven(&self) -> bool {
        let taken = self.seats.taken();
        taken.callers + taken.tasks > 0
    }

    /// Whether callers who have something to fall back on have waited long enough for it. Nobody has waited for one in
    /// the background: it is replaced as soon as somebody needs one.
    pub(crate) fn is_late(&self, monotonic: Duration) -> bool {
        self.need == Need::Urgent && monotonic >= self.began.saturating_add(window::WAIT_AT_MOST)
    }

    /// Carries the work on, if it can go on and nobody else is at it. What the source answered, once.
    pub(crate) fn advance(&self) -> Option<Answer> {
        let mut load = {
            let mut work = self.lock();
            if work.load.is_none() || !self.seats.take_work() {
                return None;
            }
            work.load.take()?
        };
        let waker = Waker::from(Arc::clone(&self.seats));
        let polled = catch_unwind(AssertUnwindSafe(|| {
            load.as_mut().poll(&mut Context::from_waker(&waker))
        }));
        match polled {
            Ok(Poll::Pending) => {
                let mut work = self.lock();
                if work.outcome.is_some() {
                    drop(work);
                    discard(load);
                } else {
                    work.load = Some(load);
                    drop(work);
                    // Woken while the future was out: those who were polled meanwhile found nothing to do.
                    if self.seats.work_waits() {
                        self.seats.wake_all();
                    }
                }
                None
            }
            Ok(Poll::Ready(answer)) => {
                discard(load);
                Some(answer)
            }
            Err(panic) => {
                discard(load);
                discard(panic);
                Some(Err(Error::Panicked.of(&self.provider)))
            }
        }
    }

    /// Ends it for all who take part; the first end counts. The rest of the work is handed back to be
    /// [released](Self::release) when no lock is held.
    pub(crate) fn end(&self, outcome: Outcome) -> Leftover {
        let mut work = self.lock();
        work.outcome.get_or_insert(outcome);
        Leftover(work.load.take())
    }

    /// Drops what is left of the work and wakes all who wait.
    pub(crate) fn release(&self, leftover: Leftover) {
        if let Some(load) = leftover.0 {
            discard(load);
        }
        self.seats.wake_all();
    }

    fn lock(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Work that nobody will finish: its drop may run anybody's code.
#[must_use = "release it when no lock is held"]
pub(crate) struct Leftover(Option<Load>);

impl Drop for Flight {
    /// A task that drives this must learn that there is nothing left to drive.
    fn drop(&mut self) {
        self.seats.wake_all();
    }
}

impl fmt::Debug for Flight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flight")
            .field("need", &self.need)
            .field("taken", &self.seats.taken())
            .finish_non_exhaustive()
    }
}

async fn load(source: Arc<dyn ProvideAwsCredentials>, clock: Arc<dyn Clock>, limits: Limits) -> Answer {
    if !limits.start_delay.is_zero() {
        clock.sleep(limits.start_delay).await;
    }
    let mut answer = pin!(source.credentials());
    let Some(limit) = limits.load_timeout else {
        return answer.await;
    };
    let mut sleep = clock.sleep(limit);
    poll_fn(|context| {
        if let Poll::Ready(answer) = answer.as_mut().poll(context) {
            return Poll::Ready(answer);
        }
        sleep
            .as_mut()
            .poll(context)
            .map(|()| Err(Error::TimedOut { limit }.of(source.name())))
    })
    .await
}

/// Drops what may panic on its way out.
fn discard<T>(value: T) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| drop(value))) {
        // The drop of a panic's payload may panic too; a leak of a few bytes is the smaller evil.
        std::mem::forget(panic);
    }
}
