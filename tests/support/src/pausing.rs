use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use credential_core::{Clock, Sleep};
use time::OffsetDateTime;

use crate::ManualClock;

/// A manual clock on which pauses pass at once and are noted; limits of time, which are longer, pass when a test winds
/// the clock. A clone is the same clock.
///
/// ```
/// use std::time::Duration;
///
/// use credential_core::Clock;
/// use tests_support::PausingClock;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let clock = PausingClock::default();
/// clock.sleep(Duration::from_secs(2)).await;
/// assert_eq!(clock.pauses(), [Duration::from_secs(2)]);
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct PausingClock {
    /// The clock to wind.
    pub manual: ManualClock,
    shortest_limit: Duration,
    pauses: Arc<Mutex<Vec<Duration>>>,
}

impl PausingClock {
    /// A clock for tests in which every pause is shorter than this, and no limit is.
    #[must_use]
    pub fn of(manual: &ManualClock, shortest_limit: Duration) -> Self {
        Self {
            manual: manual.clone(),
            shortest_limit,
            pauses: Arc::default(),
        }
    }

    /// The pauses so far.
    #[must_use]
    pub fn pauses(&self) -> Vec<Duration> {
        let pauses = self.pauses.lock();
        pauses.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Default for PausingClock {
    /// A clock at noon on the first of January 2030, for limits of 5 seconds or more.
    fn default() -> Self {
        Self::of(&ManualClock::new(), Duration::from_secs(5))
    }
}

impl Clock for PausingClock {
    fn now(&self) -> OffsetDateTime {
        self.manual.now()
    }

    fn monotonic(&self) -> Duration {
        self.manual.monotonic()
    }

    fn sleep(&self, duration: Duration) -> Sleep {
        if duration >= self.shortest_limit {
            return self.manual.sleep(duration);
        }
        let mut pauses = self.pauses.lock().unwrap_or_else(PoisonError::into_inner);
        pauses.push(duration);
        drop(pauses);
        self.manual.advance(duration);
        Box::pin(std::future::ready(()))
    }
}
