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
        let what = self.words();
        let (error, loud, pause, past) = match self {
            Self::Got | Self::Renewed { .. } | Self::Late => {
                return tracing::debug!(provider, "{what}");
            }
            Self::Served { error, loud } => (error, *loud, None, None),
            Self::Extended { error, pause, past } => (error, true, Some(*pause), *past),
            Self::Dead { error } => (error, true, None, None),
            Self::Empty { error, withdrawn } => (error, *withdrawn, None, None),
        };
        if loud {
            tracing::warn!(
                provider,
                error = %error.report(),
                minutes = pause.map(|pause| pause.as_secs().div_ceil(60)),
                seconds_past_expiration = past.map(|past| past.as_secs()),
                "{what}"
            );
        } else {
            tracing::debug!(provider, error = %error.report(), "{what}");
        }
    }

    fn words(&self) -> &'static str {
        match self {
            Self::Got => "got credentials",
            Self::Renewed { same: false } => "renewed credentials",
            Self::Renewed { same: true } => "the source has no newer credentials yet",
            Self::Served { loud: true, .. } => "renewing credentials failed; the ones at hand are still good",
            Self::Served { loud: false, .. } => "renewing credentials failed again",
            Self::Extended { .. } => {
                "credentials are past their end and their source has trouble; using them for some minutes more"
            }
            Self::Dead { .. } => "credentials have expired and renewing them failed",
            Self::Empty { withdrawn: true, .. } => "the credentials were taken away from their source",
            Self::Empty { withdrawn: false, .. } => "no credentials",
            Self::Late => "an answer came after its fetch had been given up",
        }
    }
}
