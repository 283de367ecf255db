use std::time::Duration;

use credential_core::CredentialsError;

/// What there is to tell about a fetch: made under the lock, told after it.
#[derive(Debug)]
pub(crate) enum Note {
    /// First credentials.
    Got,
    /// New ones for old ones, or none newer yet.
    Renewed { same: bool },
    /// It failed, and what is kept goes on being used.
    Served { error: CredentialsError, loud: bool },
    /// It failed, and what is kept is used past its end.
    Extended {
        error: CredentialsError,
        pause: Duration,
        past: Option<Duration>,
    },
    /// It failed, and what is kept is dead.
    Dead { error: CredentialsError },
    /// It failed, and there is nothing.
    Empty {
        error: CredentialsError,
        withdrawn: bool,
    },
    /// It was answered after it had been given up.
    Late,
}

impl Note {
    pub(crate) fn renewed(had_some: bool, same: bool) -> Self {
        if had_some {
            Self::Renewed { same }
        } else {
            Self::Got
        }
    }

    pub(crate) fn tell(&self, provider: &str) {
        match self {
            Self::Got => tracing::debug!(provider, "got credentials"),
            Self::Renewed { same: false } => tracing::debug!(provider, "renewed credentials"),
            Self::Renewed { same: true } => {
                tracing::debug!(provider, "the source has no newer credentials yet");
            }
            Self::Served { error, loud: true } => tracing::warn!(
                provider,
                error = %error.report(),
                "renewing credentials failed; the ones at hand are still good"
            ),
            Self::Served { error, loud: false } => {
                tracing::debug!(provider, error = %error.report(), "renewing credentials failed again");
            }
            Self::Extended { error, pause, past } => tracing::warn!(
                provider,
                error = %error.report(),
                minutes = pause.as_secs().div_ceil(60),
                seconds_past_expiration = past.map(|past| past.as_secs()),
                "credentials are past their end and their source has trouble; using them for some minutes more"
            ),
            Self::Dead { error } => {
                tracing::warn!(provider, error = %error.report(), "credentials have expired and renewing them failed");
            }
            Self::Empty {
                error,
                withdrawn: true,
            } => tracing::warn!(
                provider,
                error = %error.report(),
                "the credentials were taken away from their source"
            ),
            Self::Empty {
                error,
                withdrawn: false,
            } => {
                tracing::debug!(provider, error = %error.report(), "no credentials");
            }
            Self::Late => tracing::debug!(provider, "an answer came after its fetch had been given up"),
        }
    }
}
