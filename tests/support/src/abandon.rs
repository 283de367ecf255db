use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

/// Polls a future at most so often, and drops it then; what it gave, if it came to its end.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use tests_support::abandon;
///
/// assert_eq!(abandon(async { 7 }, 0).await, None);
/// assert_eq!(abandon(async { 7 }, 1).await, Some(7));
/// # }
/// ```
pub async fn abandon<T>(future: impl Future<Output = T>, mut polls: usize) -> Option<T> {
    let mut future = pin!(future);
    poll_fn(|context| {
        if polls == 0 {
            return Poll::Ready(None);
        }
        polls -= 1;
        future.as_mut().poll(context).map(Some)
    })
    .await
}
