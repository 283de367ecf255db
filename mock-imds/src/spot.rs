use std::fmt;
use std::time::Duration;

use time::OffsetDateTime;

use crate::clock::{after, whole_second};

/// What becomes of a spot instance that EC2 wants back.
///
/// ```
/// use std::time::Duration;
/// use mock_imds::{MockImds, SpotAction};
///
/// let mock = MockImds::builder()
///     .spot_interruption(SpotAction::Terminate, Duration::from_secs(600))
///     .start_blocking();
/// mock.clock().advance(Duration::from_secs(601)); // the notice is there: two minutes are left
/// ```
///
/// AWS: <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SpotAction {
    /// It is terminated two minutes after the notice.
    Terminate,
    /// It is stopped two minutes after the notice.
    Stop,
    /// It hibernates as soon as there is a notice.
    Hibernate,
}

/// As it stands in the notice.
impl fmt::Display for SpotAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Terminate => "terminate",
            Self::Stop => "stop",
            Self::Hibernate => "hibernate",
        })
    }
}

/// What EC2 has in mind for the machine.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SpotPlan {
    pub(crate) interruption: Option<Interruption>,
    /// When a recommendation to move elsewhere goes out.
    pub(crate) rebalance: Option<OffsetDateTime>,
}

/// An interruption: its times are fixed once, so that the end comes nearer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Interruption {
    pub(crate) action: SpotAction,
    pub(crate) notice: OffsetDateTime,
}

/// How far an interruption has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Running,
    Noticed,
    Over,
}

impl Interruption {
    pub(crate) fn new(action: SpotAction, notice: OffsetDateTime) -> Self {
        Self {
            action,
            notice: whole_second(notice),
        }
    }

    pub(crate) fn end(self) -> OffsetDateTime {
        match self.action {
            SpotAction::Terminate | SpotAction::Stop => after(self.notice, Duration::from_secs(120)),
            SpotAction::Hibernate => self.notice,
        }
    }

    pub(crate) fn phase(self, now: OffsetDateTime) -> Phase {
        if now < self.notice {
            Phase::Running
        } else if now < self.end() {
            Phase::Noticed
        } else {
            Phase::Over
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interruption_is_over_two_minutes_after_its_notice() {
        let start = OffsetDateTime::UNIX_EPOCH;
        let later = |seconds| start + Duration::from_secs(seconds);
        let interruption = Interruption::new(SpotAction::Stop, later(10) + Duration::from_millis(900));
        for (seconds, phase) in [
            (9, Phase::Running),
            (10, Phase::Noticed),
            (129, Phase::Noticed),
            (130, Phase::Over),
        ] {
            assert_eq!(interruption.phase(later(seconds)), phase, "{seconds} s");
        }
        let hibernation = Interruption::new(SpotAction::Hibernate, later(10));
        assert_eq!(hibernation.phase(later(10)), Phase::Over, "it does not wait");
    }
}
