use std::time::Duration;

use credential_core::ErrorKind;
use time::OffsetDateTime;

/// How a refreshing provider is doing, at one instant: to print, to export as metrics, to alarm on.
///
/// It holds no secret. Counters start at zero when the provider is made and are shared by its clones.
///
/// ```
/// use credential_core::AwsCredentials;
/// use credential_refresh::AutoRefreshingProvider;
///
/// let provider = AutoRefreshingProvider::new(AwsCredentials::new("AKIDEXAMPLE", "secret"));
/// assert_eq!(provider.health().fetches, 0, "nobody has asked yet");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Health {
    /// The access key ID of the credentials that are kept; `None` before the first success.
    pub access_key_id: Option<String>,
    /// The source of the credentials that are kept.
    pub source: Option<String>,
    /// The expiration that the source gave, also while the credentials are used past it.
    pub expiration: Option<OffsetDateTime>,
    /// The time since they were fetched.
    pub age: Option<Duration>,
    /// The time until they expire: zero once they have, `None` when they never do.
    pub remaining: Option<Duration>,
    /// The time until the source is asked next, if a caller comes by then: zero when the next caller makes it happen,
    /// `None` when nothing is planned.
    pub next_refresh: Option<Duration>,
    /// Whether the source is being asked right now.
    pub refreshing: bool,
    /// Failures since the last success.
    pub consecutive_failures: u64,
    /// The whole report of the last failure; `None` after a success.
    pub last_error: Option<String>,
    /// How often the source was asked.
    pub fetches: u64,
    /// How often it did not give usable credentials, by kind.
    pub failures: FailureCounts,
    /// How often a fetch was given up unfinished, since the runtime it ran in was gone or since it came too late.
    pub abandoned: u64,
    /// How often credentials were handed out while the last attempt to renew them had failed.
    pub served_while_failing: u64,
    /// How often a caller had to wait for the source.
    pub waits: u64,
    /// How often credentials were kept in use past their expiration, five to ten minutes each time.
    pub extensions: u64,
}

/// Failures by kind.
///
/// ```
/// let counts = credential_refresh::FailureCounts::default();
/// assert_eq!(counts.total(), 0);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FailureCounts {
    /// The source was no longer set up.
    pub not_configured: u64,
    /// The source was set up wrongly.
    pub invalid_configuration: u64,
    /// The source did not work, or what it gave could not be used.
    pub failed: u64,
    /// The source took too long.
    pub timed_out: u64,
    /// A person has to sign in again.
    pub login_required: u64,
}

impl FailureCounts {
    /// All of them together.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.not_configured + self.invalid_configuration + self.failed + self.timed_out + self.login_required
    }

    pub(crate) fn count(&mut self, kind: ErrorKind) {
        let counter = match kind {
            ErrorKind::NotConfigured => &mut self.not_configured,
            ErrorKind::InvalidConfiguration => &mut self.invalid_configuration,
            ErrorKind::TimedOut => &mut self.timed_out,
            ErrorKind::LoginRequired => &mut self.login_required,
            _ => &mut self.failed,
        };
        *counter += 1;
    }
}
