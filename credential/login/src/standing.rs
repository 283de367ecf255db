use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use credential_core::Sleep;
use credential_runtime::within;
use tokio::runtime::Handle;
use tokio::sync::watch;

/// Work that callers share and that none of them can undo: it runs on a task of its own, and goes on to its end though
/// all who wait for it are dropped. A spent refresh token would otherwise be lost with its answer.
#[derive(Debug)]
pub(crate) struct Standing<T>(Mutex<Weak<Sender<T>>>);

type Sender<T> = watch::Sender<Option<T>>;
/// Which work it is, and how its result comes.
type Joined<T> = (Weak<Sender<T>>, watch::Receiver<Option<T>>);

/// Why there is no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missed {
    /// The caller's limit ended first; later callers do not join that work.
    Late,
    /// The task ended halfway: its runtime is gone, or it panicked. Or there is no runtime to begin it in.
    CutOff,
}

/// A task that ends halfway is begun anew so many times by one caller.
const MOST_STARTS: usize = 2;

impl<T> Default for Standing<T> {
    fn default() -> Self {
        Self(Mutex::new(Weak::new()))
    }
}

impl<T: Clone + Send + Sync + 'static> Standing<T> {
    /// The result of the work that is under way, or of this work, begun now.
    ///
    /// Outside a tokio runtime nothing can be begun.
    pub(crate) async fn share<F>(&self, limit: Sleep, work: impl Fn() -> F) -> Result<T, Missed>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let mut joined = Weak::new();
        let result = within(limit, async {
            for _ in 0..MOST_STARTS {
                let Some((weak, mut receiver)) = self.join(&work) else {
                    break;
                };
                joined = weak;
                if let Ok(result) = receiver.wait_for(Option::is_some).await
                    && let Some(result) = &*result
                {
                    return Ok(result.clone());
                }
            }
            Err(Missed::CutOff)
        })
        .await;
        result.unwrap_or_else(|| {
            let mut current = self.current();
            if current.ptr_eq(&joined) {
                *current = Weak::new();
            }
            Err(Missed::Late)
        })
    }

    fn join<F>(&self, work: impl Fn() -> F) -> Option<Joined<T>>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let mut current = self.current();
        if let Some(sender) = current.upgrade() {
            return Some((Arc::downgrade(&sender), sender.subscribe()));
        }
        let runtime = Handle::try_current().ok()?;
        let (sender, receiver) = watch::channel(None);
        let sender = Arc::new(sender);
        *current = Arc::downgrade(&sender);
        let work = work();
        runtime.spawn(async move {
            let result = work.await;
            let _ = sender.send(Some(result));
        });
        Some((Weak::clone(&current), receiver))
    }

    fn current(&self) -> MutexGuard<'_, Weak<Sender<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
