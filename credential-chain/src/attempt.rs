use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use credential_core::{AwsCredentials, CredentialsError, ErrorKind, Report, Words, format_timestamp};
use time::OffsetDateTime;

/// One place that a chain asked: what it said, and how long it took.
///
/// `Display` gives the line that errors and logs show; it never holds a secret.
///
/// ```
/// use credential_chain::{ChainProvider, CredentialsError, CredentialsFuture, ProvideAwsCredentials};
///
/// #[derive(Debug)]
/// struct Vault;
///
/// impl ProvideAwsCredentials for Vault {
///     fn credentials(&self) -> CredentialsFuture<'_> {
///         CredentialsFuture::ready(Err(CredentialsError::not_configured("Vault", "no vault on this machine")))
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let chain = ChainProvider::of([("Vault", Vault)]);
/// assert!(chain.credentials().await.is_err());
/// assert_eq!(chain.attempts()[0].to_string(), "vault: no vault on this machine");
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Attempt {
    provider: Cow<'static, str>,
    outcome: Outcome,
    duration: Duration,
}

/// What a success leaves behind: nothing that signs.
#[derive(Clone, Debug)]
enum Outcome {
    Found {
        access_key_id: String,
        expiration: Option<OffsetDateTime>,
    },
    Nothing(CredentialsError),
}

impl Attempt {
    pub(crate) fn new(
        provider: Cow<'static, str>,
        answer: &Result<AwsCredentials, CredentialsError>,
        duration: Duration,
    ) -> Self {
        let outcome = match answer {
            Ok(credentials) => Outcome::Found {
                access_key_id: credentials.access_key_id().to_owned(),
                expiration: credentials.expiration(),
            },
            Err(error) => Outcome::Nothing(error.clone()),
        };
        Self {
            provider,
            outcome,
            duration,
        }
    }

    /// The name that the provider has in its chain, as `Environment` or `InstanceMetadata`.
    #[must_use]
    pub fn provider(&self) -> &str {
        &self.provider
    }

    /// Why it gave no credentials; `None` when it did.
    #[must_use]
    pub fn error(&self) -> Option<&CredentialsError> {
        match &self.outcome {
            Outcome::Nothing(error) => Some(error),
            Outcome::Found { .. } => None,
        }
    }

    /// The access key ID that it gave; `None` when it gave none.
    #[must_use]
    pub fn access_key_id(&self) -> Option<&str> {
        match &self.outcome {
            Outcome::Found { access_key_id, .. } => Some(access_key_id),
            Outcome::Nothing(_) => None,
        }
    }

    /// How long it took, by the chain's clock.
    #[must_use]
    pub fn duration(&self) -> Duration {
        self.duration
    }

    /// The provider's name as people read it.
    pub(crate) fn place(&self) -> Words<'_> {
        Words(&self.provider)
    }

    /// What it said, without its name: the reason with its causes, or what it gave.
    pub(crate) fn said(&self) -> Said<'_> {
        Said(&self.outcome)
    }

    /// What kind of failure it was, where that is more than absence.
    pub(crate) fn trouble(&self) -> Option<&'static str> {
        match self.error()?.kind() {
            ErrorKind::NotConfigured => None,
            ErrorKind::InvalidConfiguration => Some("configured wrongly"),
            ErrorKind::TimedOut => Some("took too long"),
            ErrorKind::LoginRequired => Some("needs a new login"),
            _ => Some("failed"),
        }
    }
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.place())?;
        if let Some(trouble) = self.trouble() {
            write!(f, " ({trouble})")?;
        }
        write!(f, ": {}", self.said())
    }
}

pub(crate) struct Said<'a>(&'a Outcome);

impl fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Outcome::Nothing(error) => f.write_str(&indent(&Report::of(error.cause()).to_string())),
            Outcome::Found {
                access_key_id,
                expiration,
            } => {
                write!(f, "access key ID {access_key_id}")?;
                match expiration {
                    Some(expiration) => write!(f, ", until {}", format_timestamp(*expiration)),
                    None => f.write_str(", no expiration"),
                }
            }
        }
    }
}

/// A message of several lines (a chain inside a chain) stays under its own heading.
fn indent(text: &str) -> String {
    text.trim_end().replace('\n', "\n  ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use tests_support::canary;

    #[test]
    fn a_success_is_kept_without_its_secrets() {
        let secret = canary("attempt");
        let credentials = AwsCredentials::new("AKIDEXAMPLE", &*secret)
            .with_session_token(&*secret)
            .with_expiration(OffsetDateTime::UNIX_EPOCH);
        let attempt = Attempt::new("Profile".into(), &Ok(credentials), Duration::ZERO);
        assert_eq!(
            attempt.to_string(),
            "profile: access key ID AKIDEXAMPLE, until 1970-01-01T00:00:00Z"
        );
        assert!(!tests_support::leaks(&format!("{attempt:?}")));
    }

    #[test]
    fn a_source_that_is_set_up_and_broken_says_so_beside_its_name() {
        for (error, line) in [
            (
                CredentialsError::not_configured("P", "nothing here"),
                "instance metadata: nothing here",
            ),
            (
                CredentialsError::invalid_configuration("P", "no such mode"),
                "instance metadata (configured wrongly): no such mode",
            ),
            (
                CredentialsError::failed("P", "refused"),
                "instance metadata (failed): refused",
            ),
            (
                CredentialsError::timed_out("P", "over 5 s"),
                "instance metadata (took too long): over 5 s",
            ),
            (
                CredentialsError::login_required("P", "the session ended"),
                "instance metadata (needs a new login): the session ended",
            ),
        ] {
            let attempt = Attempt::new("InstanceMetadata".into(), &Err(error), Duration::ZERO);
            assert_eq!(attempt.to_string(), line);
        }
    }
}
