use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::Poll;

use credential_core::Sleep;
use tokio::sync::OnceCell;

/// Work that callers who come at the same time share: one does it, all get its result, and nothing is kept after.
///
/// When the caller at work is dropped or panics, the next one starts anew.
///
/// ```
/// use credential_core::Clock;
/// use credential_runtime::{Flight, TokioClock};
/// use std::time::Duration;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let flight = Flight::default();
/// let limit = TokioClock.sleep(Duration::from_secs(10));
/// assert_eq!(flight.share(limit, || async { "one answer for all" }).await, Some("one answer for all"));
/// # }
/// ```
pub struct Flight<T>(Mutex<Weak<OnceCell<T>>>);

impl<T> Default for Flight<T> {
    fn default() -> Self {
        Self(Mutex::new(Weak::new()))
    }
}

impl<T> fmt::Debug for Flight<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Flight")
    }
}

impl<T: Clone> Flight<T> {
    /// The shared result, or `None` when `limit` ends first: then whoever is at work is not even being polled, and
    /// later callers do not join it.
    pub async fn share<F>(&self, limit: Sleep, work: impl FnOnce() -> F) -> Option<T>
    where
        F: Future<Output = T>,
    {
        let cell = self.join();
        let result = within(limit, cell.get_or_init(work)).await.cloned();
        if result.is_none() {
            let mut current = self.current();
            if current.ptr_eq(&Arc::downgrade(&cell)) {
                *current = Weak::new();
            }
        }
        result
    }

    fn join(&self) -> Arc<OnceCell<T>> {
        let mut current = self.current();
        match current.upgrade() {
            Some(cell) if !cell.initialized() => cell,
            _ => {
                let cell = Arc::default();
                *current = Arc::downgrade(&cell);
                cell
            }
        }
    }

    fn current(&self) -> MutexGuard<'_, Weak<OnceCell<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What `work` gives, or `None` when `limit` ends first; work that is done in the same moment counts.
pub async fn within<T>(mut limit: Sleep, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    poll_fn(|context| {
        if let Poll::Ready(done) = work.as_mut().poll(context) {
            return Poll::Ready(Some(done));
        }
        limit.as_mut().poll(context).map(|()| None)
    })
    .await
}

#[cfg(test)]
mod tests;
