use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use time::OffsetDateTime;

/// The server's own clock: everything that ends, rotates or is too late does so by it. A clone is the same clock.
///
/// It starts as the system's clock. [`advance`](Self::advance) moves it and lets it run on, [`freeze`](Self::freeze)
/// and [`set`](Self::set) make it stand still. No test needs to sleep.
///
/// ```
/// use std::time::Duration;
///
/// let mock = mock_imds::MockImds::builder().start_blocking();
/// let before = mock.clock().now();
/// mock.clock().advance(Duration::from_secs(3600));
/// assert!(mock.clock().now() - before >= Duration::from_secs(3600));
/// ```
#[derive(Clone, Debug)]
pub struct MockClock(Arc<Mutex<Hands>>);

#[derive(Clone, Copy, Debug)]
enum Hands {
    Running { ahead: time::Duration },
    Still { at: OffsetDateTime },
}

impl MockClock {
    pub(crate) fn running() -> Self {
        Self(Arc::new(Mutex::new(Hands::Running {
            ahead: time::Duration::ZERO,
        })))
    }

    /// What time the server thinks it is, UTC.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        self.hands().now()
    }

    /// Lets this much time pass at once. A running clock runs on from there, one that stands still goes on standing.
    pub fn advance(&self, duration: Duration) {
        let mut hands = self.hands();
        *hands = match *hands {
            Hands::Running { ahead } => Hands::Running {
                ahead: ahead.saturating_add(signed(duration)),
            },
            Hands::Still { at } => Hands::Still {
                at: at.saturating_add(signed(duration)),
            },
        };
    }

    /// Makes the clock stand still at this time.
    pub fn set(&self, time: OffsetDateTime) {
        *self.hands() = Hands::Still { at: time };
    }

    /// Makes the clock stand still where it is.
    pub fn freeze(&self) {
        let mut hands = self.hands();
        *hands = Hands::Still { at: hands.now() };
    }

    fn hands(&self) -> MutexGuard<'_, Hands> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hands {
    fn now(self) -> OffsetDateTime {
        match self {
            Self::Running { ahead } => system_now().saturating_add(ahead),
            Self::Still { at } => at,
        }
    }
}

fn signed(duration: Duration) -> time::Duration {
    time::Duration::try_from(duration).unwrap_or(time::Duration::MAX)
}

#[expect(
    clippy::disallowed_methods,
    reason = "the mock stands apart from credential-core: this is its one door to the clock"
)]
fn system_now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

/// So much later; past the end of the calendar there is its end.
pub(crate) fn after(time: OffsetDateTime, duration: Duration) -> OffsetDateTime {
    time.saturating_add(signed(duration))
}

/// `2030-01-01T12:00:00Z`: whole seconds, as AWS writes times.
pub(crate) fn rfc3339(time: OffsetDateTime) -> String {
    let time = time.to_offset(time::UtcOffset::UTC);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        time.year(),
        u8::from(time.month()),
        time.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
}

/// `2030-01-01T12:00:00.123456789Z`, as the EKS agent writes them.
pub(crate) fn rfc3339_nanoseconds(time: OffsetDateTime) -> String {
    let seconds = rfc3339(time);
    format!("{}.{:09}Z", seconds.trim_end_matches('Z'), time.nanosecond())
}

/// `2030-01-01T12:00:00.000Z`, as EC2 writes them.
pub(crate) fn rfc3339_milliseconds(time: OffsetDateTime) -> String {
    let seconds = rfc3339(time);
    format!("{}.{:03}Z", seconds.trim_end_matches('Z'), time.millisecond())
}

/// `Tue, 01 Jan 2030 12:00:00 GMT`.
pub(crate) fn http_date(time: OffsetDateTime) -> String {
    let time = time.to_offset(time::UtcOffset::UTC);
    let weekday = time.weekday().to_string();
    let month = time.month().to_string();
    format!(
        "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
        weekday.get(..3).unwrap_or_default(),
        time.day(),
        month.get(..3).unwrap_or_default(),
        time.year(),
        time.hour(),
        time.minute(),
        time.second()
    )
}

/// The last whole second before `time`: what can be written without a fraction.
pub(crate) fn whole_second(time: OffsetDateTime) -> OffsetDateTime {
    time.replace_nanosecond(0).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noon() -> OffsetDateTime {
        OffsetDateTime::UNIX_EPOCH + Duration::from_secs(1_893_499_200)
    }

    #[test]
    fn times_are_written_as_the_services_write_them() {
        let time = noon() + Duration::from_nanos(123_456_789);
        assert_eq!(rfc3339(time), "2030-01-01T12:00:00Z");
        assert_eq!(rfc3339_milliseconds(time), "2030-01-01T12:00:00.123Z");
        assert_eq!(rfc3339_nanoseconds(time), "2030-01-01T12:00:00.123456789Z");
        assert_eq!(http_date(time), "Tue, 01 Jan 2030 12:00:00 GMT");
    }

    #[test]
    fn a_clock_that_stands_still_moves_only_when_told() {
        let clock = MockClock::running();
        clock.set(noon());
        clock.advance(Duration::from_secs(5));
        assert_eq!(clock.now(), noon() + Duration::from_secs(5));
    }
}
