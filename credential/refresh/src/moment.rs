use std::time::Duration;

use credential_core::Clock;
use time::OffsetDateTime;

/// What both clocks show at one instant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Now {
    pub(crate) wall: OffsetDateTime,
    pub(crate) monotonic: Duration,
}

impl Now {
    pub(crate) fn of(clock: &dyn Clock) -> Self {
        Self {
            wall: clock.now(),
            monotonic: clock.monotonic(),
        }
    }

    /// The moment when this much time has passed.
    pub(crate) fn after(self, delay: Duration) -> Moment {
        Moment {
            wall: time::Duration::try_from(delay)
                .ok()
                .and_then(|delay| self.wall.checked_add(delay)),
            monotonic: self.monotonic.saturating_add(delay),
        }
    }

    /// The time of day's distance to this instant; zero when it is reached or past.
    pub(crate) fn until(self, instant: OffsetDateTime) -> Duration {
        Duration::try_from(instant - self.wall).unwrap_or(Duration::ZERO)
    }

    /// Whether the time of day is this long past an instant.
    pub(crate) fn is_past(self, instant: OffsetDateTime, by: Duration) -> bool {
        Duration::try_from(self.wall - instant).is_ok_and(|past| past >= by)
    }
}

/// An instant for doing something ahead of time: it has come as soon as *either* clock says so.
///
/// The time of day sees a machine that slept; the monotonic clock sees that time went by although somebody turned the
/// time of day back. Being early costs one fetch, being late could cost the credentials.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    wall: Option<OffsetDateTime>,
    monotonic: Duration,
}

impl Moment {
    pub(crate) fn has_come(self, now: Now) -> bool {
        self.until(now).is_zero()
    }

    pub(crate) fn until(self, now: Now) -> Duration {
        let monotonic = self.monotonic.saturating_sub(now.monotonic);
        self.wall.map_or(monotonic, |wall| now.until(wall).min(monotonic))
    }
}
