use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use credential_core::{AwsCredentials, Clock, CredentialsFuture, ProvideAwsCredentials, Random};

use crate::engine::Engine;
use crate::health::Health;
use crate::settings::{Reread, Settings, StaticStability};
use crate::window::Lead;

/// Keeps the credentials of another provider and renews them in time.
///
/// While the credentials are fresh, asking for them takes a short lock and allocates nothing. They are renewed ahead of
/// their expiration, in the background where there is a tokio runtime, and callers go on with what they have until it
/// dies. However many callers ask, the source is asked once at a time; an error is never kept.
///
/// A clone is the same provider: both see the same credentials. Dropping the last one ends a refresh under way. Share
/// one among all the clients that use the same identity.
///
/// ```
/// use credential_core::{AwsCredentials, ProvideAwsCredentials};
/// use credential_refresh::AutoRefreshingProvider;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), credential_core::CredentialsError> {
/// let provider = AutoRefreshingProvider::new(AwsCredentials::new("AKIDEXAMPLE", "secret"));
/// assert_eq!(provider.credentials().await?.access_key_id(), "AKIDEXAMPLE");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct AutoRefreshingProvider(Arc<Engine>);

impl AutoRefreshingProvider {
    /// Keeps and renews what this provider gives. The source is not asked before somebody asks for credentials.
    pub fn new(provider: impl ProvideAwsCredentials + 'static) -> Self {
        Self(Engine::new(Arc::new(provider), Settings::default()))
    }

    /// Takes the time from here. Default: the system's clock, with tokio's timer inside a tokio runtime.
    #[must_use]
    pub fn with_clock(self, clock: impl Clock + 'static) -> Self {
        self.with(|settings| settings.clock = Arc::new(clock))
    }

    /// Takes the randomness of schedules from here. Default: seeded by the operating system.
    #[must_use]
    pub fn with_random(self, random: impl Random + 'static) -> Self {
        self.with(|settings| settings.random = Arc::new(random))
    }

    /// Limits the time that one load may take, all its retries included. Default: 30 seconds.
    ///
    /// Make it longer for a provider that may need longer by its own limits: one that waits for a person's code, runs a
    /// command, or assumes one role after the other.
    #[must_use]
    pub fn with_load_timeout(self, limit: Duration) -> Self {
        self.with(|settings| settings.load_timeout = Some(limit))
    }

    /// Sets no limit to a load: for a provider whose own limits are enough. Default:
    /// [30 seconds](Self::with_load_timeout).
    #[must_use]
    pub fn without_load_timeout(self) -> Self {
        self.with(|settings| settings.load_timeout = None)
    }

    /// Renews this long before the expiration, or at half of the lifetime if that is later. Default: a sixth of the
    /// lifetime, from one to ten minutes.
    ///
    /// The first renewal happens anywhere between a tenth of the lifetime and this lead, and the later ones up to five
    /// minutes (or a tenth of the lifetime) before it, so that processes started together do not ask together.
    #[must_use]
    pub fn with_lead(self, lead: Duration) -> Self {
        self.with(|settings| settings.lead = Lead::Fixed(lead))
    }

    /// Renews at the times that the newest AWS SDKs share: 5 minutes before the expiration for lifetimes up to 20
    /// minutes, 15 minutes below 90 minutes, else 60 minutes; half of the lifetime at most, and without any spread.
    ///
    /// The default schedule is kinder to STS: processes started together stay in step under this one.
    #[must_use]
    pub fn with_sdk_windows(self) -> Self {
        self.with(|settings| settings.lead = Lead::Sdk)
    }

    /// Says whose credentials stay in use past their expiration while their source has trouble. Default:
    /// [`StaticStability::FromSource`].
    #[must_use]
    pub fn with_static_stability(self, policy: StaticStability) -> Self {
        self.with(|settings| settings.static_stability = policy)
    }

    /// Looks at the source again after this long where the provider asks for that or where the credentials do not
    /// expire. Default: what the provider says, ten minutes for the environment and files. At least a second.
    #[must_use]
    pub fn with_reread_interval(self, interval: Duration) -> Self {
        self.with(|settings| settings.reread = Reread::Every(interval))
    }

    /// Never looks at the source again while the credentials are good: a changed file is not seen. Default: it
    /// [looks](Self::with_reread_interval) where the provider asks for that.
    #[must_use]
    pub fn without_reread(self) -> Self {
        self.with(|settings| settings.reread = Reread::Never)
    }

    /// Waits a random time up to this before the source is asked for the first time. Default: none.
    ///
    /// For fleets of batch jobs that start in the same minute: refreshes are spread by themselves, first fetches cannot
    /// be. The delay does not count against the [load timeout](Self::with_load_timeout).
    #[must_use]
    pub fn with_start_delay(self, at_most: Duration) -> Self {
        self.with(|settings| settings.start_delay = at_most)
    }

    /// How it is doing: what is kept, when it is renewed next, what failed, and counters.
    #[must_use]
    pub fn health(&self) -> Health {
        self.0.health()
    }

    /// A provider with changed settings starts with nothing kept; clones made before stay what they were.
    fn with(self, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = self.0.settings.clone();
        change(&mut settings);
        Self(Engine::new(Arc::clone(&self.0.source), settings))
    }
}

impl ProvideAwsCredentials for AutoRefreshingProvider {
    fn credentials(&self) -> CredentialsFuture<'_> {
        match self.0.at_once() {
            Some(answer) => CredentialsFuture::ready(answer),
            None => CredentialsFuture::new(self.0.in_time()),
        }
    }

    fn invalidate(&self, credentials: &AwsCredentials) {
        self.0.invalidate(credentials);
    }

    fn name(&self) -> &str {
        self.0.source.name()
    }
}

impl fmt::Debug for AutoRefreshingProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
