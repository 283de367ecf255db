use std::sync::{Arc, LazyLock};
use std::time::Duration;

use credential_core::Clock;
use tokio::sync::watch;

use crate::within;

/// Waits until all work of the process that no end of a caller can undo has come to its own: a [`SharedTask`]'s, as the
/// renewal of a token whose refresh token is good for one use. A program does so before it ends its runtime, and with it
/// whatever is under way.
///
/// `false` when the limit is over first. The tasks have to be driven meanwhile: on a runtime of one thread, await this
/// there.
///
/// ```
/// use std::time::Duration;
///
/// use credential_runtime::{TokioClock, settled};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// assert!(settled(&TokioClock, Duration::from_secs(30)).await);
/// # }
/// ```
///
/// [`SharedTask`]: crate::SharedTask
pub async fn settled(clock: &dyn Clock, limit: Duration) -> bool {
    OF_THE_PROCESS.settled(clock, limit).await
}

static OF_THE_PROCESS: LazyLock<Count> = LazyLock::new(Count::default);

/// How much work is unfinished.
#[derive(Clone, Debug, Default)]
struct Count(Arc<watch::Sender<usize>>);

/// One piece of it, until it is dropped.
#[derive(Debug)]
pub(crate) struct Unfinished(Count);

impl Unfinished {
    pub(crate) fn begin() -> Self {
        OF_THE_PROCESS.begin()
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        self.0.0.send_modify(|count| *count = count.saturating_sub(1));
    }
}

impl Count {
    fn begin(&self) -> Unfinished {
        self.0.send_modify(|count| *count = count.saturating_add(1));
        Unfinished(self.clone())
    }

    async fn settled(&self, clock: &dyn Clock, limit: Duration) -> bool {
        let mut count = self.0.subscribe();
        let nothing_left = count.wait_for(|count| *count == 0);
        matches!(within(clock.sleep(limit), nothing_left).await, Some(Ok(_)))
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use tests_support::ManualClock;

    use super::*;

    const LIMIT: Duration = Duration::from_secs(30);

    #[test]
    fn all_work_has_to_end() {
        let (count, clock) = (Count::default(), ManualClock::new());
        let mut context = Context::from_waker(Waker::noop());
        assert_eq!(
            pin!(count.settled(&clock, LIMIT)).poll(&mut context),
            Poll::Ready(true)
        );
        let (one, other) = (count.begin(), count.begin());
        let mut settled = pin!(count.settled(&clock, LIMIT));
        assert_eq!(settled.as_mut().poll(&mut context), Poll::Pending);
        drop(one);
        assert_eq!(settled.as_mut().poll(&mut context), Poll::Pending);
        drop(other);
        assert_eq!(settled.as_mut().poll(&mut context), Poll::Ready(true));
    }

    #[test]
    fn what_never_ends_is_waited_for_no_longer_than_the_limit() {
        let (count, clock) = (Count::default(), ManualClock::new());
        let mut context = Context::from_waker(Waker::noop());
        let _work = count.begin();
        let mut settled = pin!(count.settled(&clock, LIMIT));
        assert_eq!(settled.as_mut().poll(&mut context), Poll::Pending);
        clock.advance(LIMIT);
        assert_eq!(settled.as_mut().poll(&mut context), Poll::Ready(false));
    }
}
