use std::sync::Arc;
use std::time::Duration;

use credential_core::{AwsCredentials, Clock, ProcessRandom, Random, Renewal};
use credential_runtime::TokioClock;

use crate::window::Lead;

/// Whether credentials stay in use past their expiration while their source has trouble.
///
/// AWS goes on honouring the credentials of instance metadata and of containers while the service that issues them has
/// an outage, and its SDKs therefore keep using them. The true expiration stays readable on the credentials.
///
/// ```
/// use credential_core::AwsCredentials;
/// use credential_refresh::{AutoRefreshingProvider, StaticStability};
///
/// # let source = AwsCredentials::new("AKIDEXAMPLE", "a secret");
/// let strict = AutoRefreshingProvider::new(source).with_static_stability(StaticStability::Off);
/// ```
///
/// AWS: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-static-credentials.html>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum StaticStability {
    /// Those credentials alone whose provider says so ([`Renewal::static_stability`]). The default.
    #[default]
    FromSource,
    /// None: once they are expired and cannot be renewed, callers get the error.
    Off,
    /// All of them, wherever they come from.
    All,
}

/// When to look again at a source whose credentials carry no end.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Reread {
    #[default]
    AsTheSourceSays,
    Every(Duration),
    Never,
}

#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) load_timeout: Option<Duration>,
    pub(crate) start_delay: Duration,
    pub(crate) lead: Lead,
    pub(crate) static_stability: StaticStability,
    pub(crate) reread: Reread,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            clock: Arc::new(TokioClock),
            random: Arc::new(ProcessRandom),
            load_timeout: Some(Duration::from_secs(30)),
            start_delay: Duration::ZERO,
            lead: Lead::default(),
            static_stability: StaticStability::default(),
            reread: Reread::default(),
        }
    }
}

impl Settings {
    /// How long to wait before looking at the source again, whatever the expiration says.
    pub(crate) fn reread_after(&self, credentials: &AwsCredentials) -> Option<Duration> {
        /// Asking at every call would be no keeping at all.
        const SHORTEST: Duration = Duration::from_secs(1);
        let Renewal {
            reread_after,
            interactive,
            ..
        } = credentials.renewal();
        let interval = match self.reread {
            _ if interactive => None,
            Reread::Never => None,
            Reread::Every(interval) => {
                (reread_after.is_some() || credentials.expiration().is_none()).then_some(interval)
            }
            Reread::AsTheSourceSays => reread_after,
        };
        interval.map(|interval| interval.max(SHORTEST))
    }

    /// Whether these stay in use past their end.
    pub(crate) fn outlives_its_end(&self, credentials: &AwsCredentials) -> bool {
        match self.static_stability {
            StaticStability::FromSource => credentials.renewal().static_stability,
            StaticStability::Off => false,
            StaticStability::All => true,
        }
    }
}
