//! Waiting no longer than is right.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use credential_core::{Clock, Sleep};

/// What the future gives, or the limit when it takes longer. An answer that is ready at once starts no timer.
pub(crate) async fn within<T>(
    limit: Duration,
    clock: &dyn Clock,
    future: impl Future<Output = T>,
) -> Result<T, Duration> {
    let mut future = pin!(future);
    let mut alarm: Option<Sleep> = None;
    poll_fn(|context| {
        if let Poll::Ready(answer) = future.as_mut().poll(context) {
            return Poll::Ready(Ok(answer));
        }
        let alarm = alarm.get_or_insert_with(|| clock.sleep(limit));
        alarm.as_mut().poll(context).map(|()| Err(limit))
    })
    .await
}
