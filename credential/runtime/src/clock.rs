use std::time::Duration;

use credential_core::{Clock, Sleep, SystemClock};
use time::OffsetDateTime;

use crate::in_runtime;

/// The system's clock, sleeping on the timer of the tokio runtime it is polled in, or on a parked thread outside one.
///
/// A sleep belongs to the runtime in which it was made.
///
/// ```
/// use std::time::Duration;
///
/// use credential_core::Clock;
/// use credential_runtime::TokioClock;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let before = TokioClock.monotonic();
/// TokioClock.sleep(Duration::from_millis(1)).await;
/// assert!(TokioClock.monotonic() > before);
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct TokioClock;

impl Clock for TokioClock {
    fn now(&self) -> OffsetDateTime {
        SystemClock.now()
    }

    fn monotonic(&self) -> Duration {
        SystemClock.monotonic()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        if in_runtime() {
            // A runtime built without its timer makes tokio panic here, and nothing else tells: the thread serves then.
            #[expect(
                clippy::disallowed_methods,
                reason = "this is the door that the rule points to"
            )]
            if let Ok(sleep) = std::panic::catch_unwind(|| tokio::time::sleep(duration)) {
                return Box::pin(sleep);
            }
        }
        SystemClock.sleep(duration)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_runtime_without_a_timer_sleeps_all_the_same() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async { TokioClock.sleep(Duration::from_millis(1)).await });
    }
}
