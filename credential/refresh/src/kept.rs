use std::time::Duration;

use credential_core::AwsCredentials;

use crate::decision::Phase;
use crate::moment::{Moment, Now};
use crate::settings::Settings;
use crate::window;

/// Credentials, and when to do what about them.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) credentials: AwsCredentials,
    /// By the monotonic clock.
    pub(crate) fetched: Duration,
    /// When to renew in the background; `None`: not at all.
    pub(crate) soft: Option<Moment>,
    /// From when on callers wait; `None`: not before the end.
    pub(crate) mandatory: Option<Moment>,
    /// Since when a source cannot be re-read whose credentials carry no expiration.
    pub(crate) unread_since: Option<Duration>,
    /// Until when they are used past their end.
    pub(crate) extended_until: Option<Duration>,
}

impl Kept {
    /// What was just fetched. `same`: what was kept before, if the source has nothing newer yet. `first`: the first of
    /// this process.
    pub(crate) fn fetched(
        now: Now,
        settings: &Settings,
        credentials: AwsCredentials,
        same: Option<&Self>,
        first: bool,
    ) -> Self {
        // Nobody bothers a person ahead of time.
        let end = credentials
            .expiration()
            .filter(|_| !credentials.renewal().interactive);
        let remaining = end.map(|end| now.until(end));
        let renewal = remaining.map(|remaining| match same {
            // Asking again at once would be asking at every call.
            Some(_) => window::same_again_delay(remaining),
            None => window::soft_delay(remaining, settings.lead, first, &*settings.random),
        });
        let reread = settings.reread_after(&credentials);
        let mandatory = match same {
            Some(same) => same.mandatory,
            None => remaining
                .map(|remaining| now.after(remaining.saturating_sub(window::mandatory_window(remaining)))),
        };
        Self {
            credentials,
            fetched: now.monotonic,
            soft: match (renewal, reread) {
                (Some(renewal), Some(reread)) => Some(now.after(renewal.min(reread))),
                (renewal, reread) => renewal.or(reread).map(|delay| now.after(delay)),
            },
            mandatory,
            unread_since: None,
            extended_until: None,
        }
    }

    /// What was just fetched and is past its expiration.
    pub(crate) fn dead(now: Now, credentials: AwsCredentials) -> Self {
        Self {
            credentials,
            fetched: now.monotonic,
            soft: None,
            mandatory: None,
            unread_since: None,
            extended_until: None,
        }
    }

    pub(crate) fn phase(&self, now: Now) -> Phase {
        if self.credentials.is_expired_at(now.wall) || self.is_distrusted(now, Duration::ZERO) {
            Phase::Expired
        } else if self.mandatory.is_some_and(|moment| moment.has_come(now)) {
            Phase::Mandatory
        } else if self.soft.is_some_and(|moment| moment.has_come(now)) {
            Phase::Soft
        } else {
            Phase::Fresh
        }
    }

    /// Whether the source has been unreadable for too long, and for this much longer.
    fn is_distrusted(&self, now: Now, by: Duration) -> bool {
        self.credentials.expiration().is_none()
            && self
                .unread_since
                .is_some_and(|since| now.monotonic >= since + window::REREAD_PATIENCE + by)
    }

    /// Whether they may be used past their end, as things are now.
    pub(crate) fn outlives_its_end(&self, now: Now, settings: &Settings) -> bool {
        settings.outlives_its_end(&self.credentials)
            && !self.is_distrusted(now, window::LONGEST_EXTENSION)
            && !self
                .credentials
                .expiration()
                .is_some_and(|end| now.is_past(end, window::LONGEST_EXTENSION))
    }

    /// Whether a source that rotates on its own time answered with these once more.
    pub(crate) fn is_same(&self, credentials: &AwsCredentials) -> bool {
        credentials.expiration().is_some()
            && self.credentials.expiration() == credentials.expiration()
            && self.credentials.access_key_id() == credentials.access_key_id()
    }
}
