//! When to renew, and how long to pause after a failure: pure functions of times and a random number.

use std::time::Duration;

use credential_core::Random;

const MINUTE: Duration = Duration::from_secs(60);

/// Longer than any credentials live, short enough for any sum of times.
const FOREVER: Duration = Duration::from_secs(60 * 60 * 24 * 365 * 100);

/// How long before the expiration a renewal begins.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Lead {
    /// A sixth of the lifetime, from one to ten minutes, with renewals spread before it.
    #[default]
    Spread,
    /// This much, with renewals spread before it.
    Fixed(Duration),
    /// The windows that the newest AWS SDKs share, without spread.
    Sdk,
}

impl Lead {
    /// The lead for credentials that live this much longer: never more than half of it.
    pub(crate) fn of(self, lifetime: Duration) -> Duration {
        let wanted = match self {
            Self::Spread => (lifetime / 6).clamp(MINUTE, 10 * MINUTE),
            Self::Fixed(lead) => lead,
            Self::Sdk if lifetime <= 20 * MINUTE => 5 * MINUTE,
            Self::Sdk if lifetime < 90 * MINUTE => 15 * MINUTE,
            Self::Sdk => 60 * MINUTE,
        };
        wanted.min(lifetime / 2)
    }
}

/// How long after a fetch the credentials are renewed in the background, when they live this much longer.
///
/// The first fetch of a process is followed by a renewal anywhere in the lifetime, so that processes that started
/// together part at once; a little jitter keeps them apart from then on.
pub(crate) fn soft_delay(lifetime: Duration, lead: Lead, first: bool, random: &dyn Random) -> Duration {
    let lifetime = lifetime.min(FOREVER);
    let latest = lifetime.saturating_sub(lead.of(lifetime));
    let earliest = (lifetime / 10).min(latest);
    match lead {
        Lead::Sdk => latest,
        _ if lifetime < 2 * MINUTE => lifetime / 2,
        _ if first => draw(random, earliest, latest),
        _ => {
            let jitter = (5 * MINUTE).max(lifetime / 10);
            draw(random, latest.saturating_sub(jitter).max(earliest), latest)
        }
    }
}

/// How long before the expiration callers begin to wait for a renewal, so that nothing is signed with credentials that
/// die on the way.
pub(crate) fn mandatory_window(lifetime: Duration) -> Duration {
    MINUTE.min(lifetime / 10)
}

/// How long after a fetch that brought the same credentials once more the source is worth asking again.
pub(crate) fn same_again_delay(remaining: Duration) -> Duration {
    (remaining.min(FOREVER) / 2).max(MINUTE)
}

/// The pause after the source was asked too early.
pub(crate) const SAME_AGAIN_PAUSE: Duration = MINUTE;

/// The pause after a failed re-read of a source whose credentials carry no expiration.
pub(crate) const REREAD_PAUSE: Duration = MINUTE;

/// How long re-reading may go on failing before the credentials are no longer trusted.
pub(crate) const REREAD_PATIENCE: Duration = Duration::from_secs(10 * 60);

/// How long callers wait for a renewal while they could go on with what is kept.
pub(crate) const WAIT_AT_MOST: Duration = Duration::from_secs(5);

/// How long an error is answered from memory when there is nothing else to answer.
pub(crate) const ERROR_MEMORY: Duration = Duration::from_secs(1);

/// How much time there must be between two invalidations that have an effect.
pub(crate) const INVALIDATION_PAUSE: Duration = Duration::from_secs(5);

/// How long past their end credentials are used at most.
pub(crate) const LONGEST_EXTENSION: Duration = Duration::from_secs(24 * 60 * 60);

/// The pause after this many failed renewals in a row (from 0) while there is time: 30 to 60 seconds, doubling up to
/// 150 to 300 seconds.
pub(crate) fn soft_pause(failures: u32, random: &dyn Random) -> Duration {
    let factor = 1_u32 << failures.min(8);
    let low = (Duration::from_secs(30) * factor).min(Duration::from_secs(150));
    let high = (Duration::from_secs(60) * factor).min(Duration::from_secs(300));
    draw(random, low, high)
}

/// The pause after this many failed renewals in a row (from 0) when it is urgent: 1 second, doubling up to 30, with
/// half as much again for jitter.
pub(crate) fn urgent_pause(failures: u32, random: &dyn Random) -> Duration {
    let factor = 1_u32 << failures.min(8);
    let low = (Duration::from_secs(1) * factor).min(Duration::from_secs(20));
    draw(random, low, low + low / 2)
}

/// How long credentials are used past their end before the source is asked again: five to ten minutes.
pub(crate) fn extension(random: &dyn Random) -> Duration {
    draw(random, 5 * MINUTE, 10 * MINUTE)
}

/// A duration between the two, whatever the source of randomness answers.
pub(crate) fn draw(random: &dyn Random, low: Duration, high: Duration) -> Duration {
    let fraction = random.fraction();
    let fraction = if (0.0..=1.0).contains(&fraction) {
        fraction
    } else {
        0.5
    };
    let span = high.saturating_sub(low).min(FOREVER);
    low.saturating_add(span.mul_f64(fraction))
}

#[cfg(test)]
mod tests;
