use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use credential_core::Clock;
use tokio::sync::watch;

use crate::unfinished::Unfinished;
use crate::{Runtime, within};

/// Work that callers share and that none of them can undo: it runs on a task of its own, and goes on to its end though
/// all who wait for it are dropped. A spent refresh token would otherwise be lost with its answer.
///
/// A program that ends waits for it with [`settled`](crate::settled).
///
/// Whoever comes while it is under way gets its result; nothing is kept after. When its runtime is shut down, or it
/// panics, a caller begins it anew.
///
/// ```
/// use std::time::Duration;
///
/// use credential_runtime::{SharedTask, TokioClock};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let task = SharedTask::default();
/// let result = task.share(&TokioClock, Duration::from_secs(10), || async { "one answer for all" });
/// assert_eq!(result.await, Ok("one answer for all"));
/// # }
/// ```
pub struct SharedTask<T>(Mutex<Underway<T>>);

/// Why a [`SharedTask`] gave no result.
///
/// ```
/// use credential_runtime::{Missed, SharedTask, TokioClock};
/// use std::time::Duration;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let task: SharedTask<()> = SharedTask::default();
/// let endless = || std::future::pending();
/// assert_eq!(task.share(&TokioClock, Duration::from_millis(1), endless).await, Err(Missed::Late));
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missed {
    /// The caller's limit ended first.
    Late,
    /// The task ended halfway: its runtime is gone, or it panicked. Or there is no runtime to begin it in.
    CutOff,
}

struct Underway<T> {
    /// By the monotonic clock.
    began: Duration,
    /// Held by the task alone.
    sender: Weak<watch::Sender<Option<T>>>,
}

/// A task that ends halfway is begun anew so many times by one caller.
const MOST_STARTS: usize = 2;

impl<T> Default for SharedTask<T> {
    fn default() -> Self {
        Self(Mutex::new(Underway {
            began: Duration::ZERO,
            sender: Weak::new(),
        }))
    }
}

impl<T> fmt::Debug for SharedTask<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedTask")
    }
}

impl<T: Clone + Send + Sync + 'static> SharedTask<T> {
    /// The result of the work that is under way, or of this work, begun now.
    ///
    /// Nobody waits longer than `limit`, and nobody joins what was begun so long ago: a task on a runtime that is no
    /// longer driven would never end.
    ///
    /// # Errors
    /// [`Missed`]. Outside a tokio runtime nothing can be begun.
    pub async fn share<F>(
        &self,
        clock: &dyn Clock,
        limit: Duration,
        work: impl Fn() -> F,
    ) -> Result<T, Missed>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let result = within(clock.sleep(limit), async {
            for _ in 0..MOST_STARTS {
                let Some(mut receiver) = self.join(clock.monotonic(), limit, &work) else {
                    break;
                };
                if let Ok(result) = receiver.wait_for(Option::is_some).await
                    && let Some(result) = &*result
                {
                    return Ok(result.clone());
                }
            }
            Err(Missed::CutOff)
        });
        result.await.unwrap_or(Err(Missed::Late))
    }

    fn join<F>(
        &self,
        now: Duration,
        limit: Duration,
        work: impl Fn() -> F,
    ) -> Option<watch::Receiver<Option<T>>>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let mut underway = self.underway();
        if now.saturating_sub(underway.began) < limit
            && let Some(sender) = underway.sender.upgrade()
        {
            return Some(sender.subscribe());
        }
        let runtime = Runtime::current()?;
        let (sender, receiver) = watch::channel(None);
        let sender = Arc::new(sender);
        *underway = Underway {
            began: now,
            sender: Arc::downgrade(&sender),
        };
        let (work, unfinished) = (work(), Unfinished::begin());
        let task = async move {
            let _unfinished = unfinished;
            let result = work.await;
            // Nobody may be waiting any more.
            let _ = sender.send(Some(result));
        };
        runtime.spawn(Box::pin(task));
        Some(receiver)
    }

    fn underway(&self) -> MutexGuard<'_, Underway<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
